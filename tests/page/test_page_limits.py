"""Alarm limits on the page: beside the numbers, in an editor, and as the colour of a tile whose value is beyond one."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.page.conftest import LOWEST, PHONE, SMALL, WIDE, Daemon, module, until
from tests.page.looks import ARTEFACTS, CONTRAST, FAULTS, SCROLLS


def limited(page: Page, daemon: Daemon) -> None:
    """All signs, and the board's limits, are on the page."""
    daemon.call("watch_all")
    daemon.call("limit")
    expect(page.locator("#heart-q")).to_have_text("50–140")


def test_each_number_has_its_limits_beside_it(page: Page, daemon: Daemon) -> None:
    """Where there is one; what the number lacks comes first."""
    limited(page, daemon)
    told = {
        "spo2": "good signal · ≥ 90", "pulse": "50–140", "resp": "10–30", "etco2": "15–50", "temperature": "35–39",
        "nibp": "4 min ago · 90–160",
    }  # fmt: skip
    for tile, text in told.items():
        expect(page.locator(f"#{tile}-q")).to_have_text(text)
    daemon.set(doubt=["heart"])
    expect(page.locator("#heart-q")).to_have_text("doubtful")
    daemon.set(silent=True)
    expect(page.locator("#limits-open")).to_be_hidden()


def test_a_value_beyond_its_limit_colours_its_tile_and_the_bar_names_it_with_the_limit(
    page: Page, daemon: Daemon
) -> None:
    """Until it is well; that somebody has acknowledged it is no reason."""
    limited(page, daemon)
    daemon.set(spo2=86.0)
    expect(page.locator("#spo2")).to_have_text("86")
    daemon.set(alarms={"spo2-low": ["high", "active", 7], "diastolic-high": ["medium", "active", 6]})
    expect(page.locator("#bar-title")).to_have_text("Spo2 low")
    expect(page.locator("#bar-why")).to_contain_text("SpO2 86 % is below 90 %; look at the patient")
    expect(page.locator("#spo2-tile")).to_have_attribute("data-alarm", "high")
    expect(page.locator("#nibp-tile")).to_have_attribute("data-alarm", "medium")
    expect(page.locator("#pulse-tile")).to_have_attribute("data-alarm", "none")
    width = "getComputedStyle(document.querySelector('#spo2-tile')).outlineStyle"
    assert page.evaluate(width) == "solid"
    daemon.set(alarms={"spo2-low": ["high", "acknowledged", 7]})
    expect(page.locator("#nibp-tile")).to_have_attribute("data-alarm", "none")
    expect(page.locator("#spo2-tile")).to_have_attribute("data-alarm", "high")
    daemon.set(alarms={"spo2-low": ["high", "latched", 7]})
    expect(page.locator("#spo2-tile")).to_have_attribute("data-alarm", "none")


def test_what_a_sensor_has_lost_is_told_once(page: Page, daemon: Daemon) -> None:
    """By the board's alarm, once there is one, with the sensor's own words."""
    limited(page, daemon)
    daemon.call("withhold", temperature="sensor-lost")
    expect(page.locator("#bar-title")).to_have_text("Thermometer does not answer")
    daemon.set(alarms={"temperature-missing": ["medium", "active", 3]})
    expect(page.locator("#bar-title")).to_have_text("Temperature missing")
    expect(page.locator("#bar-why")).to_have_text("The thermometer does not answer; check its cable.")
    expect(page.locator("#bar-more")).to_be_hidden()


def test_limits_are_set_row_by_row_and_only_those_that_were_changed(page: Page, daemon: Daemon) -> None:
    """And the numbers show them as soon as the board holds them."""
    limited(page, daemon)
    page.click("#limits-open")
    form = page.locator("#limits form")
    expect(form.locator("[name=spo2-low]")).to_have_value("90")
    expect(form.locator("[name=spo2-high]")).to_have_value("")
    expect(form.locator("[name=temperature-high]")).to_have_value("39")
    form.locator("[name=spo2-low]").fill("92.5")
    form.locator("[name=resp-delay_s]").fill("5")
    page.click("#limits-send")
    expect(page.locator("#limits")).to_be_hidden()
    assert daemon.get("calls") == ["limit spo2 92.5  10", "limit resp 10 30 5"]
    expect(page.locator("#spo2-q")).to_have_text("good signal · ≥ 92.5")


def test_what_cannot_be_typed_is_said_beside_it_and_what_the_board_refuses_above(page: Page, daemon: Daemon) -> None:
    """In one sentence that names the value; what was typed stays."""
    limited(page, daemon)
    page.click("#limits-open")
    low, delay = (page.locator(f"#limits [name=spo2-{side}]") for side in ("low", "delay_s"))
    low.fill("9o")
    delay.fill("31")
    page.click("#limits-send")
    said = page.locator("#limits-rows tr").first.locator("small[role=alert]")
    expect(said.nth(0)).to_have_text("Enter a plain number, such as 12.5.")
    expect(said.nth(2)).to_have_text("At most 30 s.")
    expect(low).to_be_focused()
    low.fill("80")
    delay.fill("10")
    page.click("#limits-send")
    expect(page.locator("#limits [data-is=refusal]")).to_have_text("SpO2: 85 % is as far as a limit may go.")
    expect(low).to_have_value("80")
    assert daemon.get("calls") == ["limit spo2 80  10"]


def test_another_patient_begins_with_limits_of_his_own(page: Page, daemon: Daemon) -> None:
    """In the rows too, whatever was typed."""
    limited(page, daemon)
    page.click("#limits-open")
    pulse = page.locator("#limits [name=pulse-low]")
    pulse.fill("44")
    page.select_option("#limits-patient", "child")
    page.click("#limits-anew")
    page.click("#limits [data-do=anew]")
    expect(pulse).to_have_value("75")
    assert daemon.get("calls") == ["patient child"]
    page.keyboard.press("Escape")
    expect(page.locator("#limits")).to_be_hidden()


def test_before_limits_begin_anew_it_is_asked_and_said_how_many_that_were_set_are_lost(
    page: Page, daemon: Daemon
) -> None:
    """Also of those that are set while the question stands; and whoever says no, or goes away, has lost nothing."""
    limited(page, daemon)
    page.click("#limits-open")
    page.click("#limits-anew")
    question, lost = page.locator("#limits-question"), page.locator("#limits-lost")
    expect(question).to_have_text("A new patient: begin anew with an adult's limits?")
    expect(lost).to_have_text("No limit differs from an adult's defaults: nothing that was set is lost.")
    daemon.call("move", parameter="spo2", low=940)
    expect(lost).to_have_text("What was set for 1 value differs from an adult's defaults and will be lost: SpO2.")
    page.click("#limits [data-do=back]")
    expect(question).to_be_hidden()
    expect(page.locator("#limits [name=spo2-low]")).to_have_value("94")
    daemon.call("move", parameter="resp", low=80, delay=20)
    page.select_option("#limits-patient", "child")
    page.click("#limits-anew")
    expect(question).to_have_text("A new patient: begin anew with a child's limits?")
    expect(lost).to_have_text(
        "What was set for 2 values differs from an adult's defaults and will be lost: SpO2, Respiration."
    )
    page.keyboard.press("Escape")
    page.click("#limits-open")
    expect(question).to_be_hidden()
    assert daemon.get("calls") == []
    page.click("#limits-anew")
    daemon.set(silent=True)
    expect(page.locator("#limits [data-do=anew]")).to_be_disabled()


def test_a_limit_that_was_moved_elsewhere_is_followed_but_for_what_is_being_typed(page: Page, daemon: Daemon) -> None:
    limited(page, daemon)
    page.click("#limits-open")
    page.locator("#limits [name=pulse-low]").fill("44")
    daemon.call("limit", patient=1)
    expect(page.locator("#limits [name=heart-low]")).to_have_value("75")
    expect(page.locator("#limits [name=pulse-low]")).to_have_value("44")


@pytest.mark.parametrize(("low", "high", "text"), [
    (50, 140, "50–140"), (90, "null", "≥ 90"), ("null", 8.5, "≤ 8.5"), ("null", "null", ""),
])  # fmt: skip
def test_limits_are_written_as_a_monitor_writes_them(js: Page, low: object, high: object, text: str) -> None:
    assert module(js, "limits", f"return m.beside({{low: {low}, high: {high}, digits: 1, delay_s: 3}})") == text


@pytest.mark.parametrize("size", [WIDE, SMALL, *LOWEST, PHONE])
def test_limits_and_their_editor_fit(page: Page, daemon: Daemon, size: tuple[int, int]) -> None:
    """Nothing is cut off or lies over another; all can be read, and STOP stays in reach."""
    ARTEFACTS.mkdir(parents=True, exist_ok=True)
    daemon.call("infuse")
    limited(page, daemon)
    page.evaluate("document.fonts.ready")

    def check(what: str, scrolls: bool) -> None:
        assert page.evaluate(FAULTS) == [], what
        assert page.evaluate(CONTRAST) == [], what
        assert scrolls or size == PHONE or page.evaluate(SCROLLS) == [], what
        page.screenshot(path=ARTEFACTS / f"limits-{what}-{size[0]}x{size[1]}.png")

    check("numbers", scrolls=False)
    page.locator("#limits-open").click()
    expect(page.locator("#limits")).to_be_visible()
    check("editor", scrolls=True)  # a low screen scrolls the editor, and nothing else
    assert set(page.evaluate(SCROLLS)) <= {"limits", "HTML"}
    daemon.call("move", parameter="spo2", low=940)
    page.locator("#limits-anew").click()
    check("question", scrolls=False)
    until(page, lambda: bool(page.locator("#stop").is_visible()))
