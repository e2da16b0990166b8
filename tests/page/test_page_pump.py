"""After a restart or a fault the pump stands, and the page says what had been delivered until that is acknowledged."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.page.conftest import Daemon, module


def test_after_a_restart(page: Page, daemon: Daemon) -> None:
    """Why the board restarted, between what volumes it had delivered, and a button to acknowledge."""
    daemon.call("infuse")
    expect(page.locator("#pump-state")).to_have_attribute("data-state", "infusing")
    daemon.call("restart")
    expect(page.locator("#pump-state")).to_have_attribute("data-state", "unconfirmed")
    expect(page.locator("#pump-rate")).to_have_text("0")
    expect(page.locator("#next-title")).to_have_text("Board restarted: watchdog")
    said = "The interrupted programme had delivered between 3.21 and 3.24 mL. Compare with the syringe."
    expect(page.locator("#next-why")).to_have_text(said)
    expect(page.locator("#programme-open")).to_be_hidden()
    page.click("#clear")
    expect(page.locator("#pump-state")).to_have_attribute("data-state", "standby")
    expect(page.locator("#programme-open")).to_be_enabled()
    assert daemon.get("calls") == ["clear"]


def test_a_fault(page: Page, daemon: Daemon) -> None:
    """Red with stars, a shape and words; cleared by the reason that was shown."""
    daemon.call("infuse")
    daemon.call("fault")
    expect(page.locator("#bar")).to_have_attribute("data-level", "high")
    expect(page.locator("#bar-stars")).to_have_text("***")
    expect(page.locator("#bar-title")).to_have_text("Pump fault: encoder disagrees")
    expect(page.locator("#pump-state")).to_have_attribute("data-state", "fault")
    page.click("#clear")
    expect(page.locator("#pump-state")).to_have_attribute("data-state", "standby")


def test_a_fault_that_changed_is_not_cleared_unseen(page: Page, daemon: Daemon) -> None:
    """The clear names what was on the screen; the board refuses when that is not so any more."""
    daemon.call("fault")
    expect(page.locator("#clear")).to_be_visible()
    page.route("**/api/pump/clear", lambda route: route.continue_(post_data='{"reason": "drive-fault"}'))
    page.click("#clear")
    expect(page.locator("#next-why")).to_contain_text("read the new one, then clear again")
    expect(page.locator("#pump-state")).to_have_attribute("data-state", "fault")


@pytest.mark.parametrize(("low", "high", "said"), [
    ("3.211", "3.238", "had delivered between 3.21 and 3.24 mL"), ("3.219", "3.211", "between 3.21 and 3.22 mL"),
    ("null", "3.2", "at most 3.20 mL"), ("3.2", "null", "at least 3.20 mL"), ("null", "null", "is not known"),
])  # fmt: skip
def test_bounds_are_rounded_outward(js: Page, low: str, high: str, said: str) -> None:
    """A bound that is rounded for the screen still holds."""
    assert said in module(js, "next", f"return m.given({{programme: 17, low_ml: {low}, high_ml: {high}}})")


@pytest.mark.parametrize(("steps", "encoder", "expected"), [
    ("12.714", "12.707", True), ("0", "0", True), ("0.02", "0.06", True), ("0.02", "0.08", False), ("10", "9.7", False),
    ("10", "null", None),
])  # fmt: skip
def test_the_encoder_agrees_or_not(js: Page, steps: str, encoder: str, expected: bool | None) -> None:
    """Within 2 % or 0.05 mL."""
    assert module(js, "pump", f"return m.agrees({steps}, {encoder})") is expected


@pytest.mark.parametrize(("call", "said"), [
    ("m.plain(10)", "10"), ("m.plain(0.5)", "0.5"), ("m.plain(10.000002, 2)", "10"), ("m.plain(1200)", "1200"),
    ("m.plain(null)", "--"), ("m.plain(-0.0001, 2)", "0"), ("m.fixed(12.7149, 2)", "12.71"), ("m.fixed(NaN, 2)", "--"),
    ("m.fixed(undefined, 0)", "--"), ("m.span(4.9)", "4 s"), ("m.span(130)", "2 min 10 s"),
    ("m.span(53400)", "14 h 50 min"), ("m.span(200000)", "2 d 7 h"),
    ("m.noData(4.2)", "no data for 4 s"), ("m.noData(null)", "no data yet"),
])  # fmt: skip
def test_numbers_and_times_in_words(js: Page, call: str, said: str) -> None:
    """As a dose is written, and as one says it."""
    assert module(js, "words", f"return {call}") == said


def test_what_is_not_measured_has_its_reason(page: Page, daemon: Daemon) -> None:
    """A probe that is off: `--` and why, in the tile and in the bar."""
    daemon.set(ppg="probe-off")
    expect(page.locator("#spo2")).to_have_text("--")
    expect(page.locator("#spo2-q")).to_have_text("probe off")
    expect(page.locator("#pulse")).to_have_text("--")
    expect(page.locator("#bar-title")).to_have_text("Oximeter probe is off")
    expect(page.locator("#bar-stars")).to_have_text("*")


def test_more_than_one_notice_can_be_read(page: Page, daemon: Daemon) -> None:
    """The worst in the bar, the rest one press away."""
    daemon.set(ppg="probe-off", mqtt="down")
    daemon.call("fault")
    expect(page.locator("#bar-more")).to_have_text("+2 more")
    page.click("#bar-more")
    expect(page.locator("#bar-list li")).to_have_count(3)
    expect(page.locator("#bar-list li").nth(0)).to_contain_text("Pump fault")
    page.keyboard.press("Escape")
    expect(page.locator("#bar-list")).to_be_hidden()
