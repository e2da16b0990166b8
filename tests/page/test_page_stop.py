"""STOP: always there and enabled, one click or key; asked until it is answered, never said to have worked unless so."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from assuage_rig.requirements import req
from tests.page.conftest import PHONE, SMALL, WIDE, Daemon, fill, until


def infuse(page: Page, daemon: Daemon) -> None:
    """An infusion is running and seen."""
    daemon.call("infuse")
    expect(page.locator("#pump-state")).to_have_attribute("data-state", "infusing")


def test_one_click_stops(page: Page, daemon: Daemon) -> None:
    """And the page says what the board said."""
    infuse(page, daemon)
    page.click("#stop")
    expect(page.locator("#stop-said")).to_contain_text(re.compile(r"^Stopped at \d\d:\d\d\. 12\.71 mL delivered\.$"))
    expect(page.locator("#pump-state")).to_have_attribute("data-state", "stopped")
    expect(page.locator("#pump-rate")).to_have_text("0")


@pytest.mark.parametrize("key", ["Enter", "Space"])
def test_the_focused_button_stops(page: Page, daemon: Daemon, key: str) -> None:
    """By keyboard."""
    infuse(page, daemon)
    page.focus("#stop")
    page.keyboard.press(key)
    expect(page.locator("#pump-state")).to_have_attribute("data-state", "stopped")


def test_the_shortcut_stops_from_anywhere(page: Page, daemon: Daemon) -> None:
    """Even while someone types into the programme dialogue."""
    fill(page)
    daemon.call("infuse")
    expect(page.locator("#pump-state")).to_have_attribute("data-state", "infusing")
    page.focus("#programme-form [name=drug]")
    page.keyboard.press("Control+.")
    expect(page.locator("#pump-state")).to_have_attribute("data-state", "stopped")


@req("PMP-004")
@pytest.mark.parametrize("size", [WIDE, SMALL, PHONE])
def test_it_is_in_reach_whatever_is_open(page: Page, daemon: Daemon) -> None:
    """Never disabled, never covered, never off the screen."""
    fill(page)
    for _ in range(2):
        page.wait_for_function("""() => {
            const stop = document.querySelector('#stop');
            const r = stop.getBoundingClientRect();
            const hit = ([x, y]) => document.elementFromPoint(r.x + x * r.width, r.y + y * r.height) === stop;
            const seen = r.top >= 0 && r.bottom <= innerHeight && r.left >= 0 && r.right <= innerWidth;
            return !stop.disabled && seen && [[.5, .5], [.02, .1], [.98, .9]].every(hit);
        }""")
        page.evaluate("scrollTo(0, document.documentElement.scrollHeight)")


def test_it_works_without_the_websocket(page: Page, daemon: Daemon) -> None:
    """It is a request of its own."""
    infuse(page, daemon)
    page.evaluate("() => { window.WebSocket.prototype.send = () => {}; }")
    page.route_web_socket("**/live", lambda ws: ws.close())
    page.reload()
    expect(page.locator("#bar-title")).to_have_text("No contact with the daemon")
    page.click("#stop")
    expect(page.locator("#stop-said")).to_contain_text("Stopped")
    assert daemon.get("state") == "stopped"


@pytest.mark.parametrize("name", ["main", "pump", "orders", "words"])
def test_it_works_without_the_rest_of_the_page(page: Page, daemon: Daemon, name: str) -> None:
    """Its file needs no other; and a page that does not get going does not look as if it did."""
    infuse(page, daemon)
    page.route(f"**/static/{name}.js", lambda route: route.abort())
    page.reload()
    expect(page.locator("#bar-why")).to_have_text("Nothing on this page is live yet. If this stays, reload it.")
    expect(page.locator("#spo2")).to_have_text("--")
    page.click("#stop")
    expect(page.locator("#stop-said")).to_contain_text("Stopped")
    assert daemon.get("state") == "stopped"


def test_a_stop_that_is_not_there_says_so(page: Page, daemon: Daemon) -> None:
    """Without its file the button is neither red nor enabled, and the page says what to use instead."""
    infuse(page, daemon)
    page.route("**/static/stop.js", lambda route: route.abort())
    page.reload()
    expect(page.locator("#stop-said")).to_have_text("STOP is not ready here: use the pump's own key.")
    expect(page.locator("#stop")).to_be_disabled()
    assert page.evaluate("getComputedStyle(document.querySelector('#stop')).backgroundColor") == "rgba(0, 0, 0, 0)"
    expect(page.locator("#bar-title")).to_have_text("STOP is not ready here")
    expect(page.locator("#bar")).to_have_attribute("data-level", "high")
    expect(page.locator("#spo2")).to_have_text("97")


@pytest.mark.parametrize("body", [
    "<html>Please log in to the guest network</html>", "", "{}", "[]", "null", '{"state": 7}',
    '{"state": "infusing", "delivered_ml": 1}', '{"state": "code 12"}',
])  # fmt: skip
def test_only_the_daemon_s_own_word_is_an_answer(page: Page, daemon: Daemon, body: str) -> None:
    """A network's login page answers 200 to anything; the stop goes on being asked for."""
    infuse(page, daemon)
    page.route("**/api/pump/stop", lambda route: route.fulfill(status=200, body=body))
    page.click("#stop")
    expect(page.locator("#stop-said")).to_contain_text("STOP NOT CONFIRMED")
    assert daemon.get("state") == "infusing"
    page.unroute("**/api/pump/stop")
    expect(page.locator("#stop-said")).to_contain_text("Stopped at")
    assert daemon.get("state") == "stopped"


def test_a_pump_that_is_seen_moving_contradicts_an_answer(page: Page, daemon: Daemon) -> None:
    """Red again, and asked until the pump is seen to stand."""
    infuse(page, daemon)
    body = '{"state": "stopped", "delivered_ml": 12.71}'
    page.route("**/api/pump/stop", lambda route: route.fulfill(status=200, content_type="application/json", body=body))
    page.click("#stop")
    expect(page.locator("#stop-said")).to_contain_text("STOP NOT CONFIRMED")
    expect(page.locator("#stop-said")).to_contain_text("The board answered, but the pump is still seen moving.")
    expect(page.locator("#bar-title")).to_have_text("STOP not confirmed")
    page.unroute("**/api/pump/stop")
    expect(page.locator("#stop-said")).to_contain_text("Stopped at")
    assert daemon.get("state") == "stopped"


def test_an_unconfirmed_stop_is_said_plainly_and_repeated(page: Page, daemon: Daemon) -> None:
    """Red, in words, with what to do; and when the board answers at last, that."""
    infuse(page, daemon)
    daemon.set(stop_answers=False)
    page.click("#stop")
    expect(page.locator("#stop-said")).to_contain_text("STOP NOT CONFIRMED")
    expect(page.locator("#stop-said")).to_contain_text("Stop the pump at its own key or clamp the line.")
    expect(page.locator("#bar")).to_have_attribute("data-level", "high")
    expect(page.locator("#bar-title")).to_have_text("STOP not confirmed")
    expect(page.locator("#pump-state")).to_have_attribute("data-state", "infusing")
    until(page, lambda: daemon.get("calls").count("stop") >= 3)
    daemon.set(stop_answers=True)
    expect(page.locator("#stop-said")).to_contain_text("Stopped")
    expect(page.locator("#bar")).to_have_attribute("data-level", "quiet")
    assert daemon.get("state") == "stopped"


def test_a_stop_pressed_while_the_daemon_is_dead_reaches_the_next_one(page: Page, daemon: Daemon) -> None:
    """It is asked until it is answered."""
    daemon.kill()
    page.click("#stop")
    expect(page.locator("#stop-said")).to_contain_text("STOP NOT CONFIRMED")
    expect(page.locator("#stop-said")).to_contain_text("cannot be reached")
    expect(page.locator("#stop")).to_be_enabled()
    daemon.start()
    expect(page.locator("#stop-said")).to_contain_text("STOP answered at")
    expect(page.locator("#stop-said")).to_contain_text("The board's state: standby.")
    assert "stop" in daemon.get("calls")


def test_what_stop_said_goes_when_the_pump_runs_again(page: Page, daemon: Daemon) -> None:
    """An old answer is no word about a new infusion."""
    infuse(page, daemon)
    page.click("#stop")
    expect(page.locator("#stop-said")).to_contain_text("Stopped")
    daemon.call("infuse", programme=18)
    expect(page.locator("#stop-said")).to_be_hidden()
    assert daemon.get("state") == "infusing"


def test_what_stop_said_goes_when_the_pump_is_out_of_sight(page: Page, daemon: Daemon) -> None:
    """It is no word about now."""
    infuse(page, daemon)
    page.click("#stop")
    expect(page.locator("#stop-said")).to_contain_text("Stopped at")
    expect(page.locator("#pump-state")).to_have_attribute("data-state", "stopped")
    daemon.set(silent=True)
    page.wait_for_function("() => document.querySelector('#pump-state').dataset.state === 'unknown'")
    assert page.locator("#stop-said").is_hidden()


def test_what_stop_said_does_not_stay(page: Page, daemon: Daemon) -> None:
    """Nor where nothing is seen of the pump at all."""
    infuse(page, daemon)
    page.route_web_socket("**/live", lambda ws: ws.close())
    page.reload()
    page.click("#stop")
    expect(page.locator("#stop-said")).to_contain_text("Stopped at")
    page.clock.run_for(16_000)
    expect(page.locator("#stop-said")).to_be_hidden()
