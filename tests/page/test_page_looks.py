"""The face: nothing scrolls, nothing is clipped or overlaps, all can be read, STOP is the only red button."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.page.conftest import LOW, PHONE, SMALL, WIDE, Daemon, fill

ARTEFACTS = Path(__file__).resolve().parents[2] / "build" / "page"

# What a scene does, and what shows that it is there.
SCENES = {
    "standby": ([], "#pump-state[data-state=standby]"),
    "infusing": ([("infuse", {})], "#pump-state[data-state=infusing]"),
    "restarted": ([("infuse", {}), ("restart", {})], "#pump-state[data-state=unconfirmed]"),
    "fault": ([("infuse", {}), ("fault", {})], "#pump-state[data-state=fault]"),
    "stopped": (
        [("infuse", {}), ("stand", {"state": "stopped", "reason": "lease-lapsed"})],
        "#pump-state[data-state=stopped]",
    ),
    "alarms": (
        [("infuse", {}), ("fault", {}), ("raise_alarms", {})],
        "#alarm-silence:not([hidden])",
    ),
    "unsupervised": ([("infuse", {}), ("disown", {})], "#pump-sentence:has-text('did not start it')"),
    "long": (
        [
            (
                "infuse",
                {"drug": "Hydromorphone hydrochloride in NaCl 0.9 %, 0.2 mg/mL", "rate_ml_h": 599.25, "ml": 0},
            )
        ],
        "#pump-state[data-state=infusing]",
    ),
}

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
        for (const {left, right, top, bottom, height} of range.getClientRects())
            texts.push({e, r: {left, right, top: top + inset * height, bottom: bottom - inset * height}});
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
        if (Boolean(a.e.closest('.stopping, .note')) !== Boolean(b.e.closest('.stopping, .note'))) continue; // pinned
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


def scene(page: Page, daemon: Daemon, name: str) -> None:
    """Brings the bed to where the scene is."""
    calls, shown = SCENES[name]
    for call, args in calls:
        daemon.call(call, **args)
    expect(page.locator(shown)).to_be_visible()
    page.evaluate("document.fonts.ready")


@pytest.mark.parametrize("name", SCENES)
@pytest.mark.parametrize("size", [WIDE, SMALL])
def test_nothing_scrolls_or_is_clipped(page: Page, daemon: Daemon, name: str, size: tuple[int, int]) -> None:
    """At both sizes of a bedside screen; a picture of each is kept."""
    scene(page, daemon, name)
    assert page.evaluate(SCROLLS) == []
    assert page.evaluate(FAULTS) == []
    ARTEFACTS.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=ARTEFACTS / f"{name}-{size[0]}.png")


@pytest.mark.parametrize("name", ["long", "unsupervised", "stopped", "restarted"])
@pytest.mark.parametrize("size", [*LOW, SMALL])
def test_nothing_is_cut_off_in_a_low_window_while_stop_is_not_confirmed(page: Page, daemon: Daemon, name: str) -> None:
    """The window of an ordinary browser, with every row of the pump and the longest that STOP has to say."""
    daemon.set(stop_answers=False)
    scene(page, daemon, name)
    assert page.evaluate(FAULTS) == []
    page.click("#stop")
    expect(page.locator("#stop-said")).to_contain_text("The board has not answered the stop yet. Still trying.")
    assert page.evaluate(SCROLLS) == []
    assert page.evaluate(FAULTS) == []
    ARTEFACTS.mkdir(parents=True, exist_ok=True)
    width, height = page.viewport_size.values()  # type: ignore[union-attr]
    page.screenshot(path=ARTEFACTS / f"{name}-stop-{width}x{height}.png")


@pytest.mark.parametrize("size", [WIDE, SMALL])
def test_the_programme_fits(page: Page, size: tuple[int, int]) -> None:
    """Each step of the dialogue, with its mistakes told."""

    def check(step: str) -> None:
        assert page.evaluate(SCROLLS) == [], step
        assert page.evaluate(FAULTS) == [], step

    fill(page, rate=".5", vtbi="5.0")
    page.click("#programme-send")
    check("mistakes")
    page.fill("#programme-form [name=rate_ml_h]", "1000")
    page.fill("#programme-form [name=vtbi_ml]", "5")
    page.click("#programme-send")
    expect(page.locator("#refusal")).to_be_visible()
    check("refused")
    page.fill("#programme-form [name=rate_ml_h]", "10")
    page.locator("#programme-form [name=on_loss]").select_option("kvo")
    page.click("#programme-send")
    expect(page.locator("#confirm")).to_be_enabled()
    check("compare")
    page.click("#confirm")
    expect(page.locator("#start")).to_be_enabled()
    check("start")


@pytest.mark.parametrize("size", [WIDE, SMALL])
def test_the_other_dialogues_and_the_longest_form_fit(page: Page, daemon: Daemon) -> None:
    """A form of many fields may scroll in itself; nothing is cut off, lies over another, or is too faint."""
    fill(page)
    page.select_option("#programme-form [name=mode]", "pca")
    page.click("#more summary")
    assert page.evaluate(FAULTS) == []
    assert page.evaluate(CONTRAST) == []
    page.click("#programme-close")
    page.click("#filling-open")
    assert page.evaluate(FAULTS) == []
    page.click("#filling [data-do=close]")
    daemon.call("infuse")
    page.click("#running-open")
    assert page.evaluate(FAULTS) == []
    assert page.evaluate(CONTRAST) == []


@pytest.mark.parametrize("size", [SMALL])
def test_lost_contact_fits(page: Page, daemon: Daemon) -> None:
    """The longest words of the bar and of the pump."""
    daemon.call("infuse")
    daemon.set(silent=True)
    expect(page.locator("#bar-title")).to_have_text("Board link lost")
    assert page.evaluate(FAULTS) == []
    daemon.kill()
    expect(page.locator("#bar-title")).to_have_text("Contact with the daemon lost")
    page.click("#stop")
    expect(page.locator("#bar-title")).to_have_text("STOP not confirmed")
    assert page.evaluate(SCROLLS) == []
    assert page.evaluate(FAULTS) == []


@pytest.mark.parametrize("size", [PHONE])
def test_a_phone_has_the_same_in_the_same_order(page: Page, daemon: Daemon) -> None:
    """It may scroll down, never sideways."""
    scene(page, daemon, "infusing")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert page.evaluate(FAULTS) == []
    tops = page.evaluate("['#bar', '#waves', '#spo2-tile', '#pulse-tile', '#pump', '#trend'].map(s => "
                         "Math.round(document.querySelector(s).getBoundingClientRect().top))")  # fmt: skip
    assert tops == sorted(tops)
    ARTEFACTS.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=ARTEFACTS / "infusing-phone.png")


@pytest.mark.parametrize("name", ["infusing", "fault", "restarted"])
@pytest.mark.parametrize("theme", ["dark", "light"])
def test_all_can_be_read(page: Page, daemon: Daemon, theme: str, name: str) -> None:
    """Contrast of at least 4.5 : 1 in both themes, also in the dialogue."""
    if theme == "light":
        page.click("#theme")
    expect(page.locator("html")).to_have_attribute("data-theme", theme)
    scene(page, daemon, name)
    assert page.evaluate(CONTRAST) == []
    if name == "infusing":
        daemon.call("reset_all")
        expect(page.locator("#programme-open")).to_be_enabled()
        fill(page, rate=".5")
        page.click("#programme-send")
        assert page.evaluate(CONTRAST) == []


def test_stop_is_the_only_red_button(page: Page, daemon: Daemon) -> None:
    """Red means one thing to press."""
    scene(page, daemon, "fault")
    red = page.evaluate("""() => [...document.querySelectorAll('button')].filter(b => {
        const [r, g, b2] = getComputedStyle(b).backgroundColor.match(/\\d+/g).map(Number);
        return r > 120 && g < 90 && b2 < 90;
    }).map(b => b.id)""")
    assert red == ["stop"]


@pytest.mark.parametrize("size", [WIDE, PHONE])
def test_it_says_what_it_is_not(page: Page) -> None:
    """Always there, small."""
    note = page.get_by_text("Research and bench platform. Not a medical device; not a primary alarm.")
    expect(note).to_be_in_viewport()


def test_the_focus_can_be_seen(page: Page) -> None:
    """Each thing that can be reached by Tab shows that it has been."""
    reached = []
    for _ in range(12):
        page.keyboard.press("Tab")
        found: Any = page.evaluate("""() => {
            const e = document.activeElement;
            return [e.id || e.textContent, e === document.body || getComputedStyle(e).outlineStyle !== 'none'];
        }""")
        reached.append(found[0])
        assert found[1], f"{found[0]} has no visible focus"
    assert {"theme", "programme-open", "stop"} <= set(reached)


def test_the_theme_is_kept(page: Page) -> None:
    """By this browser."""
    page.click("#theme")
    page.reload()
    expect(page.locator("html")).to_have_attribute("data-theme", "light")
