"""What the pump's own sensors see: readable, with its unit, and never older than it looks."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from assuage_wire import schema
from tests.page.conftest import Daemon, module


def test_pressure_syringe_and_battery_are_told_while_it_infuses(page: Page, daemon: Daemon) -> None:
    """The pressure with its alarm and the time until it, what is in the syringe, the battery and its time."""
    daemon.set(drive={"alarm_in": 1860})
    daemon.call("infuse")
    expect(page.locator("#pressure")).to_have_text("84 mmHg")
    expect(page.locator("#pressure-alarm")).to_have_text("alarm at 300, in 31 min if it rises on")
    expect(page.locator("#pressure-track")).to_have_attribute("aria-valuenow", "28")
    expect(page.locator("#sensed-syringe")).to_have_text("fitted")
    expect(page.locator("#sensed-barrel")).to_have_text("confirm by eye")
    expect(page.locator("#sensed-contents")).to_have_text("37.3 mL")
    expect(page.locator("#sensed-empty")).to_have_text("for 26 h 38 min")
    expect(page.locator("#sensed-battery")).to_have_text("82 %")
    expect(page.locator("#sensed-minutes")).to_have_text("4 h 10 min left")
    expect(page.locator("#sensed-air")).to_have_text("none seen")


def test_a_syringe_that_is_out_and_an_untared_force_are_said_before_anything_is_programmed(
    page: Page, daemon: Daemon
) -> None:
    """With what to do about it."""
    daemon.set(drive={"fitted": schema.FITTINGS.index("barrel-open"), "force_is": schema.FORCES.index("untared")})
    expect(page.locator("#sensed-syringe")).to_have_text("barrel open")
    expect(page.locator("#sensed-syringe")).to_have_attribute("data-mark", "differs")
    expect(page.locator("#sensed-why")).to_contain_text("take the syringe out, then fit it again")
    expect(page.locator("#pressure")).to_have_text("--")
    expect(page.locator("#pressure-alarm")).to_have_text("not measured")


def test_sensors_that_fall_silent_are_not_shown_as_live(page: Page, daemon: Daemon) -> None:
    """While all else goes on: no number is left standing."""
    daemon.call("infuse")
    expect(page.locator("#pressure")).to_have_text("84 mmHg")
    daemon.set(drive=None)
    for value in ("#pressure", "#sensed-syringe", "#sensed-contents", "#sensed-battery", "#sensed-air"):
        expect(page.locator(value)).to_have_text("--")
    expect(page.locator("#pressure-alarm")).to_contain_text("no data")
    expect(page.locator("#sensed-minutes")).to_have_text("")
    expect(page.locator("#pump-state")).to_have_attribute("data-state", "infusing")


def test_sensors_without_the_board_are_not_shown_as_live(page: Page, daemon: Daemon) -> None:
    """A cable that is cut."""
    daemon.call("infuse")
    expect(page.locator("#sensed-battery")).to_have_text("82 %")
    daemon.set(silent=True)
    expect(page.locator("#sensed-battery")).to_have_text("--")
    expect(page.locator("#pressure")).to_have_text("--")


DRIVE = """const d = {pressure_mmhg: 84, occlusion_mmhg: 300, alarm_in_s: null, watch: 'occlusion', force_is: 'good',
    outer_mm: 29.6, barrel: 'matches', fitted: 'fitted', air: 'clear', contents_ml: 20, empty_in_s: null,
    near_empty: false, driver: 'works', battery: 'fine', charge_percent: 82.4, battery_min: 250, untested: [],
    failed: [], sentence: ''};
    const p = {state: 'stopped', programme: 7};"""


@pytest.mark.parametrize(("change", "key", "said"), [
    ("{pressure_mmhg: null, watch: 'learning'}", "pressure-alarm", "learning the friction"),
    ("{pressure_mmhg: null, watch: 'standing'}", "pressure-alarm", "not watched while it stands"),
    ("{pressure_mmhg: null, force_is: 'stuck'}", "pressure-alarm", "not measured"),
    ("{pressure_mmhg: -6}", "pressure", "-6 mmHg"),
    ("{barrel: 'mismatch'}", "sensed-barrel", "another size"), ("{}", "sensed-barrel", "diameter matches"),
    ("{barrel: 'ambiguous'}", "sensed-barrel", "confirm by eye"),
    ("{barrel: 'none'}", "sensed-barrel", "confirm by eye"),
    ("{fitted: 'none'}", "sensed-syringe", "not sensed"), ("{air: 'none'}", "sensed-air", "not sensed"),
    ("{contents_ml: 0}", "sensed-empty", "end of travel"),
    ("{charge_percent: null, battery_min: null, battery: 'unknown'}", "sensed-battery", "--"),
    ("{charge_percent: null, battery_min: null, battery: 'unknown'}", "sensed-minutes", "not known"),
    ("{battery: 'none'}", "sensed-battery", "none"),
    ("{failed: ['sounder', 'keys']}", "sensed-why", "Self-test failed: sounder, keys."),
])  # fmt: skip
def test_what_cannot_be_measured_says_so(js: Page, change: str, key: str, said: str) -> None:
    """No zero stands for what nobody knows."""
    assert module(js, "sensed", f"{DRIVE} return m.words({{...d, ...{change}}}, p).texts['{key}']") == said


@pytest.mark.parametrize(("change", "marked"), [
    ("{}", []), ("{near_empty: true}", ["sensed-contents"]), ("{battery: 'low'}", ["sensed-battery"]),
    ("{air: 'air'}", ["sensed-air"]), ("{barrel: 'mismatch'}", ["sensed-barrel"]),
])  # fmt: skip
def test_what_is_wrong_is_marked(js: Page, change: str, marked: list[str]) -> None:
    """By more than a colour."""
    assert module(js, "sensed", f"{DRIVE} return m.words({{...d, ...{change}}}, p).marks") == marked
