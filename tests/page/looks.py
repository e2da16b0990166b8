"""What is asked of the face in the browser: each of these returns what is wrong, and nothing when all is well."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from playwright.sync_api import Page

ARTEFACTS = Path(__file__).resolve().parents[2] / "build" / "page"

# Text whose box is cut off by itself or by an ancestor, and pairs of texts that lie over each other.
FAULTS = """() => {
    const seen = e => e.checkVisibility({visibilityProperty: true, opacityProperty: true});
    const name = e => (e.id ? '#' + e.id : e.tagName.toLowerCase()) + ' "' + e.textContent.trim().slice(0, 30) + '"';
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    const texts = [];
    const inset = 0.22; // of the height: a line's box is taller than its letters
    while (walker.nextNode()) {
        const node = walker.currentNode, e = node.parentElement;
        if (!node.textContent.trim() || !seen(e) || e.closest('.sr, datalist, option, noscript, script')) continue;
        const range = document.createRange();
        range.selectNodeContents(node);
        const scrolled = e.closest('#bar-list, .order .body, .scroll'); // what is beyond is not seen
        const list = scrolled?.getBoundingClientRect();
        const [least, most] = list ? [list.top, list.bottom] : [-Infinity, Infinity];
        for (const {left, right, top, bottom, height} of range.getClientRects()) {
            const r = {left, right, top: top + inset * height, bottom: bottom - inset * height};
            [r.top, r.bottom] = [Math.max(least, r.top), Math.min(most, r.bottom)];
            if (r.top < r.bottom) texts.push({e, r});
        }
    }
    const faults = [];
    for (const {e, r} of texts) {
        for (let a = e; a && a !== document.body; a = a.parentElement) {
            const b = a.getBoundingClientRect(), s = getComputedStyle(a);
            if (s.overflowY === 'auto' || s.position === 'fixed') break;
            if (s.overflowX === 'visible' && s.overflowY === 'visible') continue;
            if (r.left < b.left - 1 || r.right > b.right + 1 || r.top < b.top - 1 || r.bottom > b.bottom + 1)
                faults.push('clipped: ' + name(e));
        }
        const card = e.closest('.note') ? null : e.closest('.card, .bar, #stop');
        const scrolls = card?.matches('.programme') && card.scrollHeight > card.clientHeight;
        if (card && !scrolls) {
            const b = card.getBoundingClientRect();
            if (r.left < b.left - 1 || r.right > b.right + 1 || r.top < b.top - 1 || r.bottom > b.bottom + 1)
                faults.push('out of its card: ' + name(e));
        }
    }
    for (let i = 0; i < texts.length; i++) for (let j = i + 1; j < texts.length; j++) {
        const a = texts[i], b = texts[j];
        if (a.e === b.e || (a.e.closest('.programme') !== b.e.closest('.programme'))) continue; // it lies over them
        const pinned = scrollY ? '.stopping, .note, .bar' : '.stopping, .note';
        if (Boolean(a.e.closest(pinned)) !== Boolean(b.e.closest(pinned))) continue;
        const x = Math.min(a.r.right, b.r.right) - Math.max(a.r.left, b.r.left);
        const y = Math.min(a.r.bottom, b.r.bottom) - Math.max(a.r.top, b.r.top);
        if (x > 1 && y > 1) faults.push('overlap: ' + name(a.e) + ' and ' + name(b.e));
    }
    return faults;
}"""

# Contrast of each text with what lies behind it (WCAG 2.1, 1.4.3).
CONTRAST = """() => {
    const rgb = s => { const m = s.match(/[\\d.]+/g).map(Number); return {c: m.slice(0, 3), a: m[3] ?? 1}; };
    const lin = v => (v /= 255) <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4;
    const lum = c => 0.2126 * lin(c[0]) + 0.7152 * lin(c[1]) + 0.0722 * lin(c[2]);
    const under = e => {
        const layers = [];
        for (let a = e; a; a = a.parentElement) {
            const {c, a: alpha} = rgb(getComputedStyle(a).backgroundColor);
            if (alpha > 0) layers.push([c, alpha]);
            if (alpha === 1) break;
        }
        return layers.reverse().reduce((u, [c, alpha]) => u.map((v, i) => v * (1 - alpha) + c[i] * alpha), [0, 0, 0]);
    };
    const low = [];
    for (const e of document.querySelectorAll('body *')) {
        const own = [...e.childNodes].some(n => n.nodeType === 3 && n.textContent.trim());
        if (!own && !['INPUT', 'SELECT'].includes(e.tagName)) continue;
        if (!e.checkVisibility({visibilityProperty: true}) || e.closest('option, .sr')) continue;
        const [a, b] = [lum(rgb(getComputedStyle(e).color).c), lum(under(e))];
        const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
        if (ratio < 4.5) low.push((e.id || e.className || e.tagName) + ' ' + ratio.toFixed(2));
    }
    return low;
}"""

SCROLLS = """() => {
    const root = document.documentElement;
    return [...document.querySelectorAll('*')].filter(e => {
        const s = getComputedStyle(e), y = e === root || ['auto', 'scroll'].includes(s.overflowY);
        return (y && e.scrollHeight > e.clientHeight + 1) || (y && e.scrollWidth > e.clientWidth + 1);
    }).map(e => e.id || e.tagName);
}"""


def through(page: Page, sizes: Iterable[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """The page in windows of these sizes, one after another, each laid out and drawn; then as it was."""
    before = page.viewport_size
    for width, height in sizes:
        page.set_viewport_size({"width": width, "height": height})
        page.wait_for_function(f"innerWidth === {width} && innerHeight === {height}")
        page.evaluate("new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")
        yield width, height
    if before:
        page.set_viewport_size(before)
