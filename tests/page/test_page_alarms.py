"""The board's alarms on the page: the most urgent leads, each is acknowledged by its number, a pause is for all."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from tests.page.conftest import Daemon


def test_the_most_urgent_leads_the_bar_with_what_to_do_and_the_rest_are_listed(page: Page, daemon: Daemon) -> None:
    daemon.call("infuse")
    daemon.call("fault")
    daemon.call("raise_alarms")
    expect(page.locator("#bar")).to_have_attribute("data-level", "high")
    expect(page.locator("#bar-title")).to_have_text("Encoder disagrees")
    expect(page.locator("#bar-why")).to_contain_text("compare the volume with the syringe")
    expect(page.locator("#bar-more")).to_have_text("+3 more")
    page.locator("#bar-more").click()
    listed = page.locator("#bar-list li")
    expect(listed.nth(1)).to_contain_text("Link lost (over, not acknowledged)")
    expect(listed.nth(2)).to_contain_text("Battery low (acknowledged)")
    expect(listed.nth(3)).to_contain_text("Key stuck")


def test_acknowledging_names_the_occurrence_that_leads_the_bar(page: Page, daemon: Daemon) -> None:
    expect(page.locator("#alarm-acknowledge")).to_be_hidden()
    daemon.set(alarms={"occlusion": ["high", "active", 41], "key-stuck": ["low", "active", 40]})
    expect(page.locator("#bar-title")).to_have_text("Occlusion")
    page.locator("#alarm-acknowledge").click()
    expect(page.locator("#bar-title")).to_have_text("Occlusion (acknowledged)")
    expect(page.locator("#alarm-acknowledge")).to_be_hidden()
    assert daemon.get("calls") == ["acknowledge 41"]


def test_the_sound_is_paused_and_the_seconds_left_are_shown(page: Page, daemon: Daemon) -> None:
    daemon.set(alarms={"occlusion": ["high", "active", 41]})
    expect(page.locator("#alarm-silence")).to_have_text("Pause sound")
    page.locator("#alarm-silence").click()
    expect(page.locator("#alarm-silence")).to_have_text("Sound paused 120 s")
    assert daemon.get("calls") == ["silence"]
    daemon.set(pause=17)
    expect(page.locator("#alarm-silence")).to_have_text("Sound paused 17 s")
    expect(page.locator("#alarm-acknowledge")).to_be_visible()


def test_alarms_of_a_board_that_fell_silent_are_not_shown_as_present(page: Page, daemon: Daemon) -> None:
    daemon.set(alarms={"occlusion": ["high", "active", 41]})
    expect(page.locator("#bar-title")).to_have_text("Occlusion")
    daemon.set(silent=True)
    expect(page.locator("#bar-title")).to_contain_text("link lost")
    expect(page.locator("#alarm-acknowledge")).to_be_hidden()
    expect(page.locator("#alarm-silence")).to_be_hidden()
