"""The cuff and the CO2 wave on the page: measured, deflated and repeated from it, by mouse and by keys."""

from __future__ import annotations

from typing import Any

from playwright.sync_api import Page, Route, expect

from tests.page.conftest import LOW, PHONE, SMALL, WIDE, Daemon, module, until
from tests.page.looks import FAULTS, SCROLLS, through

REST: dict[str, Any] = {"state": "idle", "pressure": 0, "every": 5, "next": 40, "last": "ok"}


def watched(page: Page, daemon: Daemon, **cuff: Any) -> None:
    """All signs are on the page, and the cuff is as it is said here."""
    daemon.call("watch_all")
    daemon.set(cuff=REST | cuff)
    expect(page.locator("#nibp")).to_have_text("138/84")
    expect(page.locator("#cuff")).to_be_visible()


def test_it_is_measured_and_deflated_by_one_button_that_says_what_it_does(page: Page, daemon: Daemon) -> None:
    watched(page, daemon)
    button = page.locator("#cuff-order")
    expect(button).to_have_text("Measure now")
    button.click()
    expect(button).to_have_text("Deflate")
    daemon.set(cuff=REST | {"state": "bleeding", "pressure": 1432, "last": "measuring"})
    expect(page.locator("#nibp-q")).to_have_text("cuff 143 mmHg · 4 min ago")
    expect(page.locator("#nibp")).to_have_text("138/84")
    button.click()
    expect(button).to_have_text("Measure now")
    expect(page.locator("#nibp-q")).to_have_text("4 min ago")
    assert daemon.get("calls") == ["measure", "deflate"]


def test_a_press_that_lets_the_cuff_off_waits_for_no_other_answer(page: Page, daemon: Daemon) -> None:
    """Nor does a second press of what is asked already ask it twice; and the focus stays."""
    held: list[Route] = []
    page.route("**/api/cuff/measure", lambda route: held.append(route))
    watched(page, daemon)
    button = page.locator("#cuff-order")
    button.press("Enter")
    button.press("Enter")
    until(page, lambda: len(held) > 0)
    daemon.set(cuff=REST | {"state": "bleeding", "pressure": 1432, "last": "measuring"})
    expect(button).to_have_text("Deflate")
    expect(button).to_be_focused()
    button.press("Enter")
    expect(button).to_have_text("Measure now")
    assert daemon.get("calls") == ["deflate"]
    assert len(held) == 1
    held[0].continue_()
    until(page, lambda: daemon.get("calls") == ["deflate", "measure"])


def test_keys_alone_do_it(page: Page, daemon: Daemon) -> None:
    """And the focus stays where it was."""
    watched(page, daemon)
    button = page.locator("#cuff-order")
    button.focus()
    page.keyboard.press("Enter")
    expect(button).to_have_text("Deflate")
    expect(button).to_be_focused()
    page.keyboard.press("Space")
    expect(button).to_have_text("Measure now")
    page.keyboard.press("Tab")
    expect(page.locator("#cuff-every")).to_be_focused()
    page.keyboard.press("ArrowDown")
    expect(page.locator("#cuff-every")).to_have_value("10")
    expect(page.locator("#cuff-next")).to_have_text("next in 10 min")
    assert daemon.get("calls") == ["measure", "deflate", "every 10"]


def test_the_interval_is_the_boards_and_none_is_on_demand(page: Page, daemon: Daemon) -> None:
    """One that the list has not is shown all the same."""
    watched(page, daemon, every=7, next=131)
    expect(page.locator("#cuff-every")).to_have_value("7")
    expect(page.locator("#cuff-next")).to_have_text("next in 2 min 11 s")
    page.select_option("#cuff-every", "0")
    expect(page.locator("#cuff-next")).to_have_text("on demand")
    assert daemon.get("cuff")["every"] == 0


def test_what_is_to_come_while_the_arm_rests_can_be_taken_back(page: Page, daemon: Daemon) -> None:
    watched(page, daemon, state="resting", next=25, last="motion")
    expect(page.locator("#cuff-order")).to_have_text("Cancel next")
    expect(page.locator("#cuff-next")).to_have_text("next in 25 s")
    daemon.set(cuff=REST | {"state": "resting", "next": 240})
    expect(page.locator("#cuff-order")).to_have_text("Measure now")


def test_a_cuff_that_does_not_empty_says_what_to_do(page: Page, daemon: Daemon) -> None:
    watched(page, daemon, state="stuck", pressure=900, last="blocked")
    expect(page.locator("#nibp-q")).to_contain_text("cuff stays full: take it off")


def test_a_board_without_a_cuff_has_no_button_and_no_gas_no_wave(page: Page, daemon: Daemon) -> None:
    daemon.set(signs={"temperature": 36.8})
    expect(page.locator("#temperature")).to_have_text("36.8")
    expect(page.locator("#cuff")).to_be_hidden()
    expect(page.locator("#gas")).to_be_hidden()


def test_without_the_board_nothing_can_be_ordered_of_it(page: Page, daemon: Daemon) -> None:
    """The buttons stay where they were, and can be used again when it is back."""
    watched(page, daemon)
    daemon.set(silent=True)
    expect(page.locator("#cuff-order")).to_be_disabled()
    expect(page.locator("#cuff-every")).to_be_disabled()
    expect(page.locator("#cuff-next")).to_have_text("")
    daemon.set(silent=False)
    expect(page.locator("#cuff-order")).to_be_enabled()


def test_a_refusal_is_told(page: Page, daemon: Daemon) -> None:
    """Where it was asked for, aloud, and in the bar."""
    watched(page, daemon)
    daemon.set(refuse_cuff="bad-state")
    page.click("#cuff-order")
    expect(page.locator("#cuff-next")).to_have_text("refused")
    expect(page.locator("#cuff-said")).to_contain_text("cannot do that")


def test_the_gas_is_drawn_under_the_pulse(page: Page, daemon: Daemon) -> None:
    """In its own colour, from the room's air at the foot to the end of a breath."""
    watched(page, daemon)
    expect(page.locator("#gas")).to_have_attribute("data-live", "yes")
    inked = """() => {
        const c = document.querySelector('#capnogram');
        const d = c.getContext('2d').getImageData(0, 0, c.width, c.height).data;
        const rows = new Set();
        for (let i = 0; i < d.length; i += 4)
            if (d[i + 3] > 200 && d[i] > 200 && d[i + 1] > 150 && d[i + 2] < 140) rows.add(Math.floor(i / 4 / c.width));
        return rows.size ? [Math.min(...rows) / c.height, Math.max(...rows) / c.height] : null;
    }"""
    page.wait_for_function(f"() => {{ const r = ({inked})(); return r && r[0] < 0.5 && r[1] > 0.85; }}")
    top = page.evaluate("id => document.querySelector(id).getBoundingClientRect().top", "#gas")
    assert top >= page.evaluate("id => document.querySelector(id).getBoundingClientRect().bottom", "#waves")


def test_without_breath_the_wave_is_flat_and_without_a_sensor_it_is_none(page: Page, daemon: Daemon) -> None:
    watched(page, daemon)
    daemon.call("withhold", resp="no-breath", etco2="no-breath", fico2="no-breath")
    daemon.set(co2_signal="no-breath")
    expect(page.locator("#etco2")).to_have_text("--")
    expect(page.locator("#etco2-q")).to_have_text("no breath")
    expect(page.locator("#gas")).to_have_attribute("data-live", "yes")
    daemon.call("withhold", resp="sensor-lost", etco2="sensor-lost", fico2="sensor-lost")
    daemon.set(co2_signal="sensor-lost")
    expect(page.locator("#gas")).to_have_attribute("data-live", "no")
    expect(page.locator("#gas-none")).to_have_text("No CO2 wave · sensor lost")
    expect(page.locator("#waves")).to_have_attribute("data-live", "yes")


def test_the_scale_of_the_gas_goes_by_rungs_and_begins_at_zero(js: Page) -> None:
    body = """
        const r = new m.Rungs(), values = new Float32Array(8192).fill(NaN), seen = [];
        const look = (end, top) => {
            for (let i = end - 300; i <= end; i++) values[i] = i % 100 < 50 ? top : 0;
            r.follow(values, 8192, end, 25);
            return [r.high, r.place(0), r.place(r.high)];
        };
        return [look(300, 380), look(700, 620), look(1100, 1400), look(1500, 380), look(1900, 3000)];
    """
    assert module(js, "gain", body) == [[rung, 0, 1] for rung in (500, 1000, 1500, 500, 1500)]


def test_the_widest_that_the_cuff_says_fits(page: Page, daemon: Daemon) -> None:
    sizes = [WIDE, SMALL, *LOW, PHONE]
    daemon.call("infuse")
    watched(page, daemon, state="bleeding", pressure=2793, every=60, last="measuring")
    daemon.set(doubt=["map"], why={"map": "implausible"})
    expect(page.locator("#nibp-q")).to_contain_text("cuff 279 mmHg · doubtful · implausible")
    for size in through(page, sizes):
        assert page.evaluate(FAULTS) == [], size
        assert size == PHONE or page.evaluate(SCROLLS) == [], size
    daemon.set(cuff=REST | {"every": 60, "next": 599})
    expect(page.locator("#cuff-next")).to_have_text("next in 9 min 59 s")
    for size in through(page, sizes):
        assert page.evaluate(FAULTS) == [], size
        box = page.locator("#cuff-order").bounding_box()
        assert box is not None and box["height"] >= 24 and box["width"] >= 100, size
