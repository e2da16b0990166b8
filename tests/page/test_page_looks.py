"""The face: nothing scrolls, nothing is clipped or overlaps, all can be read, STOP is the only red button."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.page.conftest import LOW, PHONE, SMALL, WIDE, Daemon, fill
from tests.page.looks import ARTEFACTS, CONTRAST, FAULTS, SCROLLS, through

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


def scene(page: Page, daemon: Daemon, name: str) -> None:
    """Brings the bed to where the scene is."""
    calls, shown = SCENES[name]
    for call, args in calls:
        daemon.call(call, **args)
    expect(page.locator(shown)).to_be_visible()
    page.evaluate("document.fonts.ready")


@pytest.mark.parametrize("name", SCENES)
def test_nothing_scrolls_or_is_clipped(page: Page, daemon: Daemon, name: str) -> None:
    """At both sizes of a bedside screen; a picture of each is kept."""
    scene(page, daemon, name)
    ARTEFACTS.mkdir(parents=True, exist_ok=True)
    for width, height in through(page, [WIDE, SMALL]):
        assert page.evaluate(SCROLLS) == [], (width, height)
        assert page.evaluate(FAULTS) == [], (width, height)
        page.screenshot(path=ARTEFACTS / f"{name}-{width}.png")


@pytest.mark.parametrize("name", ["long", "unsupervised", "stopped", "restarted"])
def test_nothing_is_cut_off_in_a_low_window_while_stop_is_not_confirmed(page: Page, daemon: Daemon, name: str) -> None:
    """The window of an ordinary browser, with every row of the pump and the longest that STOP has to say."""
    daemon.set(stop_answers=False)
    scene(page, daemon, name)
    for _ in through(page, [*LOW, SMALL]):
        assert page.evaluate(FAULTS) == []
    page.click("#stop")
    expect(page.locator("#stop-said")).to_contain_text("The board has not answered the stop yet. Still trying.")
    ARTEFACTS.mkdir(parents=True, exist_ok=True)
    for width, height in through(page, [*LOW, SMALL]):
        assert page.evaluate(SCROLLS) == [], (width, height)
        assert page.evaluate(FAULTS) == [], (width, height)
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
