"""Programme, compare, confirm, start: nothing runs that no human has compared; a refusal is shown with its reason."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from assuage_rig.requirements import req
from tests.page.conftest import SMALL, WIDE, Daemon, fill, module
from tests.page.fake_bed import KETAMINE


@pytest.mark.parametrize("size", [WIDE, SMALL])
def test_the_whole_way(page: Page, daemon: Daemon) -> None:
    """Enter, compare what was asked with what was read back, confirm, START; the pump infuses, the console is empty."""
    fill(page, rate="10", vtbi="20.5")
    page.click("#programme-send")
    rows = page.locator("#readback-rows tr")
    expect(rows).to_have_count(5)
    order = {"Drug": KETAMINE, "Rate": "10 mL/h", "VTBI": "20.5 mL", "Syringe": "BD 50 mL", "Lost link": "stops"}
    for row, (name, value) in enumerate(order.items()):
        expect(rows.nth(row).locator("th")).to_have_text(name)
        expect(rows.nth(row).locator("td").nth(0)).to_have_text(value)
        expect(rows.nth(row).locator("td").nth(1)).to_contain_text(value)
    assert daemon.get("state") == "programmed"
    expect(page.locator("#start")).to_be_hidden()
    page.click("#confirm")
    expect(page.locator("#start")).to_be_visible()
    assert daemon.get("state") == "confirmed"
    page.click("#start")
    expect(page.locator("#programme")).to_be_hidden()
    expect(page.locator("#pump-state")).to_have_attribute("data-state", "infusing")
    expect(page.locator("#pump-word")).to_have_text("Infusing")
    expect(page.locator("#pump-rate")).to_have_text("10")
    expect(page.locator("#drug")).to_contain_text("Ketamine racemic")
    expect(page.locator("#pump-vtbi")).to_have_text("20.5 mL")
    expect(page.locator("#encoder")).to_have_text("agrees")
    expect(page.locator("#pump-loss")).to_have_text("stops")
    expect(page.locator("#pump-syringe")).to_have_text("BD 50 mL")
    expect(page.locator("#programme-open")).to_be_disabled()
    assert daemon.get("calls") == ["programme", "confirm", "start"]
    assert page.watched.console == []  # type: ignore[attr-defined]


def test_by_keyboard_alone(page: Page, daemon: Daemon) -> None:
    """No step needs a mouse."""
    page.focus("#programme-open")
    page.keyboard.press("Enter")
    expect(page.locator("#programme-form [name=drug]")).to_be_focused()
    for text in ("Ketamine", "10", "20"):
        page.keyboard.type(text)
        page.keyboard.press("Tab")
    page.keyboard.type("BD 50")
    for _ in range(4):  # over the link's policy, the guards and what more there is
        page.keyboard.press("Tab")
    expect(page.locator("#programme-send")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#confirm")).to_be_enabled()
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    expect(page.locator("#confirm")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#start")).to_be_enabled()
    page.locator("#start").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#pump-state")).to_have_attribute("data-state", "infusing")
    expect(page.locator("#programme-open")).to_be_disabled()
    expect(page.locator("#pump")).to_be_focused()


def test_the_focus_is_taken_from_nobody(page: Page, daemon: Daemon) -> None:
    """Whoever is at STOP stays there when another screen confirms and starts."""
    fill(page)
    page.click("#programme-send")
    expect(page.locator("#confirm")).to_be_enabled()
    page.focus("#stop")
    daemon.set(state="confirmed")
    expect(page.locator("#start")).to_be_visible()
    expect(page.locator("#stop")).to_be_focused()
    daemon.set(state="infusing")
    expect(page.locator("#programme")).to_be_hidden()
    expect(page.locator("#stop")).to_be_focused()


def test_a_start_that_got_as_far_as_arming_can_be_repeated(page: Page, daemon: Daemon) -> None:
    """The page says that it is not started, and still offers START, also to a page that is opened anew."""
    fill(page)
    page.click("#programme-send")
    page.click("#confirm")
    expect(page.locator("#start")).to_be_enabled()
    error = '{"error": "The board has not confirmed the start."}'
    page.route("**/api/pump/start", lambda route: route.fulfill(status=504, body=error))
    daemon.set(state="armed")
    page.click("#start")
    expect(page.locator("#refusal")).to_have_text("The board has not confirmed the start.")
    expect(page.locator("#next-title")).to_have_text("Armed, not started")
    expect(page.locator("#next-why")).to_have_text("Press START or STOP.")
    expect(page.locator("#start")).to_be_focused()
    page.unroute("**/api/pump/start")
    page.reload()
    page.get_by_role("button", name="Go on").click()
    expect(page.locator("#ready-what")).to_contain_text("10 mL/h")
    page.click("#start")
    expect(page.locator("#pump-state")).to_have_attribute("data-state", "infusing")


@pytest.mark.parametrize(("text", "said"), [
    ("", "Enter a number."), (".5", "Write 0.5, not .5."), ("5.0", "Write 5, not 5.0."),
    ("5.50", "Write 5.5, not 5.50."), ("5.", "Write 5, not 5.."), ("05", "Write 5, not 05."),
    ("1,5", "Use a point, not a comma."), ("-1", "It cannot be negative."),
    ("1e3", "Enter a plain number, such as 12.5."),
    ("0", "It must be more than 0."), ("1.234", "At most 2 digits after the point."),
])  # fmt: skip
def test_numbers_that_are_read_wrong_are_not_taken(js: Page, text: str, said: str) -> None:
    """Leading zero yes, trailing zero no."""
    assert module(js, "entry", f"return m.number('{text}', 2)") == {"value": None, "error": said}


def test_a_wrong_number_is_told_at_its_field(page: Page, daemon: Daemon) -> None:
    """The first one has the focus, and nothing of the order reaches the daemon."""
    fill(page, rate="5", vtbi="5.0")
    page.click("#programme-send")
    expect(page.locator("#vtbi_ml-wrong")).to_have_text("Write 5, not 5.0.")
    expect(page.locator("#programme-form [name=vtbi_ml]")).to_be_focused()
    expect(page.locator("#programme-form [name=vtbi_ml]")).to_have_attribute("aria-invalid", "true")
    expect(page.locator("#rate_ml_h-wrong")).to_have_text("")
    assert daemon.get("calls") == []


@pytest.mark.parametrize("text", ["0.5", "5", "12.5", "1200", "0.01", "10", "100.25"])
def test_numbers_that_are_right_are_taken(js: Page, text: str) -> None:
    """As they were written."""
    assert module(js, "entry", f"return m.number('{text}', 2)") == {"value": text, "error": ""}


def test_a_refusal_shows_the_reason(page: Page, daemon: Daemon) -> None:
    """The board's own limit, in the dialogue and in the bar; the entry stays to be corrected."""
    fill(page, rate="1000")
    page.click("#programme-send")
    expect(page.locator("#refusal")).to_contain_text("600.00 mL/h")
    expect(page.locator("#bar-title")).to_have_text("Order refused")
    expect(page.locator("#bar-why")).to_contain_text("600.00 mL/h")
    expect(page.locator("#programme-form [name=rate_ml_h]")).to_have_value("1000")
    expect(page.locator("#readback")).to_be_hidden()
    page.fill("#programme-form [name=rate_ml_h]", "12")
    page.click("#programme-send")
    expect(page.locator("#confirm")).to_be_enabled()
    expect(page.locator("#bar")).to_have_attribute("data-level", "quiet")


def test_what_the_daemon_cannot_use_is_said_at_its_field(page: Page) -> None:
    """More than the syringe holds: the page does not know, the daemon does."""
    fill(page, vtbi="60")
    page.click("#programme-send")
    expect(page.locator("#vtbi_ml-wrong")).to_contain_text("more than the syringe holds")


ASKED = "const asked = {drug: 'K', rate_ml_h: '1.4', vtbi_ml: '20', syringe: 'BD 50 mL', on_loss: 'stop'};"
READ = "{...asked, rate_ml_h: 1.4, rate_nl_min: 23333, vtbi_ml: 20, vtbi_nl: 20000000}"


@req("PMP-001")
def test_a_read_back_that_differs_cannot_be_confirmed(js: Page) -> None:
    """Should it ever come this far, the page shows both numbers and does not let it pass."""
    differing = f"""
        {ASKED}
        const r = m.rows({{...{READ}, rate_nl_min: 24333, on_loss: 'kvo', kvo_ml_h: 1, lease_ms: 2000}}, asked);
        return [r.same, r.lines.filter(l => !l.same).map(l => [l.name, l.asked, l.read])];
    """
    said = module(js, "readback", differing)
    assert said == [False, [["Rate", "1.4 mL/h", "1.45998 mL/h"], ["Lost link", "stops", "falls to KVO"]]]


@pytest.mark.parametrize(("change", "said"), [
    ("{}", []),
    ("{rate_nl_min: 23334}", [["Rate", "1.40004 mL/h"]]), ("{rate_nl_min: 23332}", [["Rate", "1.39992 mL/h"]]),
    ("{rate_nl_min: 23338}", [["Rate", "1.40028 mL/h"]]), ("{vtbi_nl: 20000001}", [["VTBI", "20.000001 mL"]]),
    ("{rate_nl_min: undefined}", [["Rate", "--"]]), ("{vtbi_nl: null}", [["VTBI", "--"]]),
])  # fmt: skip
def test_no_two_whole_numbers_are_the_same(js: Page, change: str, said: list[list[str]]) -> None:
    """What the board works with is compared, not what is rounded for the screen."""
    body = f"{ASKED} const r = m.rows({{...{READ}, ...{change}}}, asked);"
    assert module(js, "readback", f"{body} return r.lines.filter(l => !l.same).map(l => [l.name, l.read])") == said
    assert module(js, "readback", f"{body} return r.same") is (said == [])


def test_what_was_asked_is_never_made_up(js: Page) -> None:
    """A read-back whose order is not known any more cannot be confirmed."""
    read = "{drug: 'K', rate_nl_min: 16667, vtbi_nl: 2000000, syringe: 'S', on_loss: 'stop'}"
    assert module(js, "readback", f"return m.rows({read}, null).same") is False


def test_another_screen_can_go_on(page: Page, daemon: Daemon) -> None:
    """A page opened anew finds the read-back and what was asked, and compares them."""
    fill(page, rate="7.5")
    page.click("#programme-send")
    expect(page.locator("#confirm")).to_be_enabled()
    page.reload()
    expect(page.locator("#next-title")).to_have_text("Read back, not confirmed")
    page.click("#programme-open")
    expect(page.locator("#readback-rows tr").nth(1).locator("td").nth(0)).to_have_text("7.5 mL/h")
    page.click("#confirm")
    expect(page.locator("#start")).to_be_enabled()
    page.reload()
    expect(page.locator("#next-title")).to_have_text("Confirmed, not started")
    page.click("#programme-open")
    expect(page.locator("#ready-what")).to_contain_text("7.5 mL/h")
    page.click("#start")
    expect(page.locator("#pump-state")).to_have_attribute("data-state", "infusing")


def test_a_programme_that_is_gone_is_not_left_standing(page: Page, daemon: Daemon) -> None:
    """The board restarts between read-back and confirmation."""
    fill(page)
    page.click("#programme-send")
    expect(page.locator("#confirm")).to_be_enabled()
    daemon.call("restart")
    expect(page.locator("#refusal")).to_contain_text("no longer holds this programme")
    expect(page.locator("#readback")).to_be_hidden()


def test_nothing_can_be_sent_without_the_board(page: Page, daemon: Daemon) -> None:
    """The dialogue's buttons wait for the link; what was typed stays."""
    fill(page)
    daemon.set(silent=True)
    expect(page.locator("#programme-send")).to_be_disabled()
    expect(page.locator("#programme-form [name=rate_ml_h]")).to_have_value("10")
    daemon.set(silent=False)
    expect(page.locator("#programme-send")).to_be_enabled()


def test_escape_closes_and_gives_the_focus_back(page: Page) -> None:
    """As a dialogue does."""
    fill(page)
    page.keyboard.press("Escape")
    expect(page.locator("#programme")).to_be_hidden()
    expect(page.locator("#programme-open")).to_be_focused()
