"""The interlock on the page: which vital signs guard an infusion, why it stands, and its release by a human."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.page.conftest import LOW, PHONE, SMALL, WIDE, Daemon, fill, until
from tests.page.looks import ARTEFACTS, CONTRAST, FAULTS, SCROLLS, through


def tripped(page: Page, daemon: Daemon) -> None:
    """An infusion that the interlock has stopped."""
    daemon.call("infuse")
    daemon.call("guard")
    expect(page.locator("#pump-guards")).to_have_text("SpO2 below 90 %, EtCO2 above 50 mmHg")
    daemon.call("trip")
    expect(page.locator("#next-title")).to_have_text("Interlock tripped")


def test_a_trip_says_why_what_was_seen_and_what_is_needed(page: Page, daemon: Daemon) -> None:
    tripped(page, daemon)
    expect(page.locator("#pump-word")).to_have_text("Paused")
    expect(page.locator("#next-why")).to_contain_text("SpO2 86 % below 90 % for 15 s.")
    expect(page.locator("#next-why")).to_contain_text("s ago.")
    expect(page.locator("#next-why")).to_contain_text("SpO2 is 86 %; it must reach 92 %.")
    expect(page.locator("#bar")).to_have_attribute("data-level", "high")
    expect(page.locator("#bar-title")).to_have_text("Interlock")
    expect(page.locator("#bar-why")).to_contain_text("SpO2 86 % below 90 % for 15 s.")
    expect(page.locator("#speak-now")).to_contain_text("SpO2 86 % below 90 % for 15 s.")


def test_the_words_of_a_trip_are_whole_beside_a_second_alarm_and_its_keys_can_be_reached(
    page: Page, daemon: Daemon
) -> None:
    tripped(page, daemon)
    daemon.set(alarms={"interlock": ["high", "active", 41], "battery-low": ["medium", "active", 2]})
    expect(page.locator("#alarm-acknowledge")).to_be_visible()
    expect(page.locator("#alarm-silence")).to_be_visible()
    expect(page.locator("#bar-more")).to_have_text("+1 more")
    for size in through(page, [*LOW, SMALL, WIDE, PHONE]):
        assert page.evaluate(FAULTS) == [], size
        assert page.evaluate(CONTRAST) == [], size
        boxes = [
            page.locator(name).bounding_box() for name in ("#bar", "#alarm-acknowledge", "#alarm-silence", "#bar-more")
        ]
        bar, *keys = [box for box in boxes if box]
        assert len(keys) == 3 and all(key["x"] + key["width"] <= size[0] for key in keys), size
        assert bar["height"] <= size[1] / 4, size
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), size
        if size == PHONE:
            assert all(key["height"] >= 44 for key in keys), size
        else:
            assert page.evaluate(SCROLLS) == [], size
        page.screenshot(path=ARTEFACTS / f"trip-two-alarms-{size[0]}x{size[1]}.png")


def test_nothing_is_released_while_a_vital_sign_is_not_normal_and_the_reason_is_said(
    page: Page, daemon: Daemon
) -> None:
    tripped(page, daemon)
    expect(page.locator("#release-open")).to_be_visible()
    expect(page.locator("#release-open")).to_be_disabled()
    expect(page.locator("#release-open")).to_have_attribute("aria-describedby", "next-why")
    expect(page.locator("#resume")).to_be_hidden()
    assert not [call for call in daemon.get("calls") if call.startswith("release")]


def test_it_is_released_after_a_question_and_resumed_by_an_act_of_its_own(page: Page, daemon: Daemon) -> None:
    tripped(page, daemon)
    daemon.call("recover")
    page.click("#release-open")
    expect(page.locator("#release-cause")).to_contain_text("SpO2 86 % below 90 % for 15 s.")
    expect(page.locator("#release-seen")).to_have_text("Seen then: 86 %, good, 0 s old.")
    expect(page.locator("#release-question")).to_have_text("Have you looked at the patient?")
    assert daemon.get("calls") == []
    page.get_by_role("button", name="Yes, I have looked at the patient: release it").click()
    until(page, lambda: daemon.get("calls") == ["release {'pump': 1}"])
    expect(page.locator("#release")).to_be_hidden()
    expect(page.locator("#next-title")).to_have_text("Infusion paused")
    assert daemon.get("state") == "paused"
    page.click("#resume")
    expect(page.locator("#pump-word")).to_have_text("Infusing")
    assert daemon.get("calls") == ["release {'pump': 1}", "resume"]


def test_the_keyboard_alone_is_enough_and_escape_leaves_all_as_it_is(page: Page, daemon: Daemon) -> None:
    tripped(page, daemon)
    daemon.call("recover")
    expect(page.locator("#release-open")).to_be_enabled()
    page.locator("#release-open").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#release-title")).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.locator("#release")).to_be_hidden()
    expect(page.locator("#release-open")).to_be_focused()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    expect(page.get_by_role("button", name="Yes, I have looked at the patient: release it")).to_be_focused()
    page.keyboard.press("Enter")
    until(page, lambda: daemon.get("calls") == ["release {'pump': 1}"])
    expect(page.locator("#pump")).to_be_focused()


def test_what_trips_while_the_question_stands_has_to_be_read_anew(page: Page, daemon: Daemon) -> None:
    tripped(page, daemon)
    daemon.call("recover")
    page.click("#release-open")
    expect(page.locator("#release")).to_be_visible()
    daemon.call("trip", value=850)
    expect(page.locator("#release")).to_be_hidden()
    assert daemon.get("calls") == []


def test_a_sign_that_goes_wrong_while_the_question_stands_takes_the_answer_away(page: Page, daemon: Daemon) -> None:
    tripped(page, daemon)
    daemon.call("recover")
    page.click("#release-open")
    yes = page.get_by_role("button", name="Yes, I have looked at the patient: release it")
    expect(yes).to_be_enabled()
    daemon.set(ppg="probe-off", interlock={"rows": 2, "tripped": 1, "number": 1, "parameter": 0, "kind": 0,
               "quality": 2, "value": 860, "age": 300, "normal": 0, "row": 0})  # fmt: skip
    expect(yes).to_be_disabled()
    expect(page.locator("#release-lacks")).to_contain_text("There is no good value of SpO2.")


def test_no_good_value_and_nothing_heard_are_told_apart_from_a_patient_who_is_unwell(
    page: Page, daemon: Daemon
) -> None:
    daemon.call("infuse")
    daemon.call("guard")
    daemon.call("trip", reason="vitals-missing", kind=2, value=970, age=15_200, quality=0)
    expect(page.locator("#next-why")).to_contain_text(
        "No good value of SpO2 for 15 s. The last value, 97 %, was 15.2 s"
    )
    daemon.call("reset_all")
    daemon.call("infuse")
    daemon.call("trip", reason="guardian-lost", parameter=255, kind=2, value=65535, age=2000, quality=0)
    expect(page.locator("#next-why")).to_contain_text("Nothing was heard for 2 s from the board that watches")


def test_a_trip_without_its_alarm_still_stands_in_the_bar(page: Page, daemon: Daemon) -> None:
    tripped(page, daemon)
    daemon.set(alarms={})
    expect(page.locator("#bar-title")).to_have_text("Interlock tripped")


def guarded(page: Page, daemon: Daemon) -> None:
    daemon.set(signs={"resp": 14, "etco2": 38})
    expect(page.locator("#etco2")).to_have_text("38")
    fill(page)
    page.click("#guarding summary")
    page.locator("#programme-form [name=guards]").select_option("adult")


def test_an_order_is_guarded_by_what_there_are_sensors_for_and_by_limits_of_its_own(page: Page, daemon: Daemon) -> None:
    guarded(page, daemon)
    expect(page.locator("#guarding-summary")).to_have_text("Guarded by 5 of 6 vital signs (adult)")
    cuff = page.locator("[data-name=systolic-below]")
    expect(cuff.locator("[type=checkbox]")).to_be_disabled()
    expect(cuff).to_contain_text("no sensor")
    page.get_by_label("EtCO2 above", exact=True).uncheck()
    page.get_by_label("SpO2 below, in %").fill("92")
    page.click("#programme-send")
    rows = page.locator("#readback-rows tr[data-long]")
    expect(rows).to_have_count(4)
    expect(rows.first).to_contain_text("SpO2 below 92 % for 15 s, or no good value of the last 5 s for 15 s.")
    expect(page.locator("#readback-also")).to_contain_text("guarded by this board")
    expect(page.locator("#confirm")).to_be_enabled()
    page.click("#confirm")
    expect(page.locator("#ready-what")).to_contain_text("Guarded: SpO2 below 92\u00a0%")
    page.click("#start")
    expect(page.locator("#pump-guards")).to_contain_text("SpO2 below 92 %")


def test_a_limit_that_is_no_number_is_said_at_its_place(page: Page, daemon: Daemon) -> None:
    guarded(page, daemon)
    page.get_by_label("SpO2 below, in %").fill(".9")
    page.click("#programme-send")
    expect(page.locator("[data-name=spo2-below] small")).to_have_text("Write 0.9, not .9.")
    expect(page.get_by_label("SpO2 below, in %")).to_be_focused()
    assert "programme" not in daemon.get("calls")


def test_a_row_that_was_not_asked_for_is_not_the_same(js: Page) -> None:
    row = {"name": "spo2-below", "label": "SpO2 below", "limit": "90", "unit": "%", "asked": "A.", "sentence": "A."}

    def same(asked: object, held: list[object]) -> list[bool]:
        found = js.evaluate(
            "async ([a, r]) => (await import('/static/readback.js')).rows(r, a).lines.filter((l) => l.long)",
            [{"guards": asked}, {"guards": held}],
        )
        return [line["same"] for line in found]

    assert same({"set": "adult", "rows": ["spo2-below"], "limits": {}}, [row]) == [True]
    assert same({"set": "adult", "rows": ["spo2-below"], "limits": {"spo2-below": "91"}}, [row]) == [False]
    assert same({"set": "adult", "rows": ["spo2-below"], "limits": {}}, [{**row, "sentence": "B."}]) == [False]
    assert same(None, [row]) == [False]
    assert same({"set": "adult", "rows": ["spo2-below"], "limits": {}}, []) == [False]


def test_no_start_is_offered_in_silence_while_a_sign_is_missing(page: Page, daemon: Daemon) -> None:
    guarded(page, daemon)
    page.click("#programme-send")
    page.click("#confirm")
    daemon.set(interlock={"rows": 5, "normal": 0, "row": 0}, ppg="probe-off")
    expect(page.locator("#next-why")).to_contain_text("There is no good value of SpO2.")


@pytest.mark.parametrize("size", [WIDE, SMALL])
def test_it_fits(page: Page, daemon: Daemon, size: tuple[int, int]) -> None:
    tripped(page, daemon)
    assert page.evaluate(SCROLLS) == []
    assert page.evaluate(FAULTS) == []
    assert page.evaluate(CONTRAST) == []
    ARTEFACTS.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=ARTEFACTS / f"tripped-{size[0]}.png")
    daemon.call("recover")
    page.click("#release-open")
    assert page.evaluate(FAULTS) == []
    assert page.evaluate(CONTRAST) == []
    page.screenshot(path=ARTEFACTS / f"release-{size[0]}.png")
    daemon.call("reset_all")
    expect(page.locator("#programme-open")).to_be_enabled()
    guarded(page, daemon)
    assert page.evaluate(FAULTS) == []
    assert page.evaluate(CONTRAST) == []
    page.screenshot(path=ARTEFACTS / f"guards-{size[0]}.png")
