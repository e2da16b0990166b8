"""The board's alarms on the page: the most urgent leads, each is acknowledged by its number, a pause is for all."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.page.conftest import PHONE, SMALL, WIDE, Daemon
from tests.page.looks import ARTEFACTS, CONTRAST, FAULTS

LANDSCAPE, NARROW = (844, 390), (360, 640)

# What a finger cannot press: less than 44 px (WCAG 2.2, 2.5.5), out of sight, or something else lies over it.
OUT_OF_REACH = """() => [...document.querySelectorAll('#alarm-acknowledge, #alarm-silence, #bar-more, #stop')]
    .map(key => {
        const r = key.getBoundingClientRect();
        const hit = ([x, y]) => key.contains(document.elementFromPoint(r.x + x * r.width, r.y + y * r.height));
        const fits = r.left >= 0 && r.right <= innerWidth && r.top >= 0 && r.bottom <= innerHeight;
        const free = [[.5, .5], [.1, .5], [.9, .5], [.5, .1], [.5, .9]].every(hit);
        return r.width >= 44 && r.height >= 44 && fits && free ? '' : `${key.id} ${r.width} x ${r.height}`;
    }).filter(Boolean)"""


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


@pytest.mark.parametrize("theme", ["dark", "light"])
@pytest.mark.parametrize("size", [PHONE, NARROW, LANDSCAPE])
def test_on_a_phone_two_alarms_leave_every_key_in_a_fingers_reach_and_all_words_readable(
    page: Page, daemon: Daemon, theme: str, size: tuple[int, int]
) -> None:
    """Of any level, with the sound paused, with the list of them open, and when the page has been scrolled."""
    ARTEFACTS.mkdir(parents=True, exist_ok=True)
    if theme == "light":
        page.click("#theme")
    daemon.call("infuse")
    daemon.call("watch_all")
    daemon.call("limit")
    daemon.set(spo2=86.0)
    page.evaluate("document.fonts.ready")

    def check(what: str) -> None:
        assert page.evaluate(OUT_OF_REACH) == [], what
        assert page.evaluate(CONTRAST) == [], what
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), what

    for level, other in (("high", "medium"), ("medium", "low"), ("low", "low")):
        daemon.set(alarms={"spo2-low": [level, "active", 7], "diastolic-high": [other, "active", 6]}, pause=0)
        expect(page.locator("#bar")).to_have_attribute("data-level", level)
        expect(page.locator("#bar-more")).to_have_text("+1 more")
        expect(page.locator("#alarm-silence")).to_have_text("Pause sound")
        check(level)
        assert page.evaluate(FAULTS) == [], level
    daemon.set(pause=117)
    expect(page.locator("#alarm-silence")).to_have_text("Sound paused 117 s")
    check("paused")
    page.click("#bar-more")
    expect(page.locator("#bar-list li")).to_have_count(2)
    check("list")
    assert page.evaluate(FAULTS) == []
    page.screenshot(path=ARTEFACTS / f"two-alarms-{theme}-{size[0]}.png")
    page.mouse.wheel(0, 300)
    check("scrolled")


@pytest.mark.parametrize("size", [WIDE, SMALL])
def test_on_a_bedside_screen_two_alarms_fit_the_bar(page: Page, daemon: Daemon) -> None:
    daemon.call("infuse")
    daemon.set(alarms={"spo2-low": ["high", "active", 7], "diastolic-high": ["medium", "active", 6]})
    expect(page.locator("#bar-more")).to_have_text("+1 more")
    assert page.evaluate(FAULTS) == [] and page.evaluate(CONTRAST) == []
