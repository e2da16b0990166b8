"""After a restart or a fault the pump stands, and the page says what had been delivered until that is acknowledged."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from assuage.bedside.supervision import NOT_OURS
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
    expect(page.locator("#next-error")).to_contain_text("read the new one, then clear again")
    expect(page.locator("#pump-state")).to_have_attribute("data-state", "fault")


def test_an_acknowledgement_that_fails_leaves_what_is_to_be_checked(page: Page, daemon: Daemon) -> None:
    """The bounds stay; the error stands beside them until the next attempt."""
    daemon.call("infuse")
    daemon.call("restart")
    expect(page.locator("#next-why")).to_contain_text("between 3.21 and 3.24 mL")
    error = '{"error": "The board did not answer the order in time."}'
    page.route("**/api/pump/clear", lambda route: route.fulfill(status=504, body=error))
    page.click("#clear")
    expect(page.locator("#next-error")).to_have_text("The board did not answer the order in time.")
    expect(page.locator("#next-why")).to_contain_text("between 3.21 and 3.24 mL")
    page.unroute("**/api/pump/clear")
    page.click("#clear")
    expect(page.locator("#next-error")).to_be_hidden()
    expect(page.locator("#pump-state")).to_have_attribute("data-state", "standby")


@pytest.mark.parametrize(("state", "reason"), [("stopped", "lease-lapsed"), ("complete", "complete")])
def test_an_infusion_that_has_ended_can_be_acknowledged(page: Page, daemon: Daemon, state: str, reason: str) -> None:
    """Its notice goes, and the next one is not hidden by it; a new programme needs no acknowledgement."""
    daemon.call("infuse")
    daemon.call("stand", state=state, reason=reason)
    expect(page.locator("#pump-state")).to_have_attribute("data-state", state)
    expect(page.locator("#bar")).not_to_have_attribute("data-level", "quiet")
    expect(page.locator("#programme-open")).to_be_enabled()
    page.get_by_role("button", name="Acknowledge").click()
    expect(page.locator("#bar")).to_have_attribute("data-level", "quiet")
    expect(page.locator("#pump-state")).to_have_attribute("data-state", "standby")


def test_an_infusion_that_nobody_supervises_is_a_notice(page: Page, daemon: Daemon) -> None:
    """Of a level that is not overlooked, with what to do."""
    daemon.call("infuse")
    expect(page.locator("#bar")).to_have_attribute("data-level", "quiet")
    daemon.call("disown")
    expect(page.locator("#bar")).to_have_attribute("data-level", "medium")
    expect(page.locator("#bar-title")).to_have_text("Infusion is not supervised")
    expect(page.locator("#bar-why")).to_have_text(NOT_OURS)


def test_a_state_that_this_page_does_not_know_is_a_notice(js: Page) -> None:
    """Of a newer board, for example."""
    pump = "{state: 'code 12', reason: 'none', sentence: 'The pump reports the state code 12.'}"
    picture = f"{{page: 'live', linked: true, link: 'live', readings: {{}}, pump: {{live: true, data: {pump}}}"
    found = module(js, "notices", f"return m.notices([{picture}, snapshot: {{link: {{}}, services: {{}}}}}}])")
    expected = {"level": "medium", "title": "State of the pump not known here"}
    assert found == [{**expected, "why": "The pump reports the state code 12."}]


def test_the_worst_comes_first_and_then_the_newest(js: Page) -> None:
    """An old notice does not hide a new one of its own level; nothing is new twice."""
    body = """
        const a = new m.Arrivals(), n = (level, title) => ({level, title, why: ''});
        const [low, old, fresh, high] = [n('low', 'L'), n('medium', 'A'), n('medium', 'B'), n('high', 'H')];
        const words = ({list, fresh}) => [list.map(x => x.title).join(''), fresh.map(x => x.title).join('')];
        return [[low, old], [low, old], [low, old, fresh], [old, low, fresh, high], [old], [old, fresh]]
            .map(x => words(a.take(x)));
    """
    assert module(js, "notices", body) == [
        ["AL", "AL"], ["AL", ""], ["BAL", "B"], ["HBAL", "H"], ["A", ""], ["BA", "B"],
    ]  # fmt: skip


def test_each_new_notice_is_spoken(page: Page, daemon: Daemon) -> None:
    """With its reason, also when an older one keeps the bar; the worst interrupts."""
    daemon.call("infuse")
    daemon.call("stand", state="stopped", reason="lease-lapsed")
    said = page.get_by_role("status").filter(has_text="Infusion stopped: no permission from the host.")
    expect(said).to_have_count(1)
    daemon.set(ppg="sensor-lost")
    expect(page.locator("#bar-title")).to_have_text("Oximeter does not answer")
    expect(page.locator("#speak")).to_have_text(
        "Oximeter does not answer. The oximeter does not answer; check its cable."
    )
    daemon.set(mqtt="down")
    expect(page.locator("#speak")).to_contain_text("MQTT is down.")
    expect(page.locator("#bar-title")).to_have_text("Oximeter does not answer")
    daemon.call("fault")
    expect(page.locator("#speak-now[role=alert]")).to_contain_text("Pump fault: encoder disagrees.")


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
