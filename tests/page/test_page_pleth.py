"""The sweep: what it draws is what came; a loss is a gap; it settles on a scale; and it is wiped when nothing comes."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.page.conftest import Daemon, module

# A sweep on a canvas of its own, fed by the test, with a clock of the test.
RIG = """
    const section = document.createElement('section');
    const canvas = document.createElement('canvas');
    canvas.style.cssText = 'position:fixed;left:0;top:0;width:600px;height:200px';
    section.append(canvas);
    document.body.append(section);
    const p = new m.Sweep(canvas, section);
    await new Promise(r => requestAnimationFrame(() => requestAnimationFrame(r)));

    let now = 1000, index = 0;
    const beat = i => Math.round(1500 * Math.sin(i / 12));
    const run = (seconds, f = beat) => {
        for (let t = 0; t < seconds - 1e-9; t += 0.1) {
            p.add({hz: 100, index, samples: Array.from({length: 10}, (_, k) => f(index + k))}, now);
            index += 10;
            for (let k = 0; k < 5; k++) p.frame(now += 20, 0.02, true);
        }
    };
    const columns = () => { // for each column of pixels: whether the trace is there
        const d = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data;
        const cyan = i => d[i + 3] > 128 && d[i + 2] > 150 && d[i] < 120;
        const at = x => Array.from({length: canvas.height}, (_, y) => 4 * (y * canvas.width + x));
        return Array.from({length: canvas.width}, (_, x) => at(x).some(cyan));
    };
    const empty = () => columns().map(on => on ? 'x' : ' ').join('').match(/ +/g)?.map(gap => gap.length) ?? [];
"""


def sweep(js: Page, body: str) -> object:
    """Runs a body with a sweep of its own."""
    return module(js, "sweep", f"{RIG}\ntry {{ {body} }} finally {{ section.remove(); }}")


def test_after_one_sweep_only_the_erase_bar_is_empty(js: Page) -> None:
    """600 px at 25 mm/s is 6.3 s; after 8 s there is one gap, the bar ahead of the cursor."""
    (gap,) = sweep(js, "run(8); return empty();")  # type: ignore[misc]
    assert 20 <= gap <= 40


def test_the_cursor_moves_25_mm_a_second(js: Page) -> None:
    """CSS counts 96 px to the inch."""
    moved = sweep(
        js, "run(2); const a = p.at; run(2); return (p.at - a) / p.hz * (p.x(100) - p.x(0)) / 2 * (25.4 / 96);"
    )
    assert moved == pytest.approx(25, rel=0.03)


def test_a_loss_stays_a_gap(js: Page) -> None:
    """Half a second of lost samples is 47 px of nothing, beside the erase bar."""
    gaps = sweep(js, "run(3); index += 50; run(4.3); return empty().filter(g => g > 2);")
    assert sorted(round(g / 10) for g in gaps)[-1] == 5  # type: ignore[attr-defined]
    assert len(gaps) == 2  # type: ignore[arg-type]


def test_nothing_is_left_standing(js: Page) -> None:
    """A second after the last samples the trace is gone, and at once when the link is."""
    assert sweep(js, "run(5); return columns().some(Boolean);") is True
    silent = "run(5); p.frame(now + 1100, 0.02, true); return [columns().some(Boolean), section.dataset.live];"
    assert sweep(js, silent) == [False, "no"]
    assert sweep(js, "run(5); p.frame(now + 20, 0.02, false); return columns().some(Boolean);") is False


def test_a_board_that_starts_anew_starts_anew_here(js: Page) -> None:
    """Its index begins at 0 again; nothing of the old trace is joined to the new one."""
    assert sweep(js, "run(4); index = 0; run(1); return [p.end, columns().filter(Boolean).length < 130];") == [
        100,
        True,
    ]


def test_the_scale_settles(js: Page) -> None:
    """Within 3 s a steady wave has its scale and keeps it; a higher one gets its own at once, a lower one after 3 s."""
    body = """
        const range = () => p.gain.high - p.gain.low;
        run(3); const first = range(); run(6); const steady = range();
        run(1.5, i => 2.5 * beat(i)); const higher = range();
        run(1, i => beat(i) / 2); const soon = range();
        run(6, i => beat(i) / 2); const later = range();
        return [steady === first, higher > 2 * first, soon === higher, later < higher / 2];
    """
    assert sweep(js, body) == [True, True, True, True]


def test_noise_is_not_blown_up(js: Page) -> None:
    """A flat line with a count of noise stays a flat line."""
    body = """
        run(4, i => i % 2);
        const ys = Array.from({length: 100}, (_, i) => p.y(p.values[i]));
        return Math.max(...ys) - Math.min(...ys);
    """
    assert sweep(js, body) <= 3  # type: ignore[operator]


def test_it_is_as_sharp_as_the_screen(page: Page, daemon: Daemon) -> None:
    """A canvas pixel is a device pixel."""
    shape = page.evaluate("""() => {
        const c = document.querySelector('#pleth');
        const r = c.getBoundingClientRect();
        return [c.width / r.width / devicePixelRatio, c.height / r.height / devicePixelRatio];
    }""")
    assert shape == pytest.approx([1, 1], rel=0.01)


def test_the_wave_and_its_words_agree(page: Page, daemon: Daemon) -> None:
    """Without a sensor there is no wave, and the reason stands in its place."""
    daemon.set(ppg="sensor-lost")
    expect(page.locator("#waves")).to_have_attribute("data-live", "no")
    expect(page.locator("#pleth-none")).to_contain_text("sensor lost")
