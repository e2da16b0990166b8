"""Assessments on the page, and what follows from them."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from assuage_rig.requirements import req
from tests.page.charting import assess, charted
from tests.page.conftest import Daemon, until


@req("REC-024", "REC-025")
def test_poss_3_is_entered_with_the_advice_and_the_rates_it_comes_to_and_changes_nothing(
    page: Page, daemon: Daemon
) -> None:
    charted(page, daemon)
    form = assess(page, nrs="7", poss="3")
    expect(form.locator(".warns")).to_have_text("")
    page.click("#assess-send")
    expect(form.locator(".entered")).to_have_text("Assessment: pain (NRS) 7, sedation (POSS) 3.")
    expect(form.locator(".advice p")).to_contain_text("From the present rate that is 0.69 mL/h to 1.04 mL/h.")
    expect(form.locator(".advice small")).to_contain_text("Source: POSS with interventions, Pasero")
    expect(page.locator("#pump-state")).to_have_attribute("data-state", "infusing")
    assert daemon.get("calls") == []


@req("REC-025")
@pytest.mark.parametrize(("name", "value", "title"), [
    ("poss", "4", "POSS 4"), ("effect", "seizure", "Seizure"), ("effect", "chest pain", "Chest pain"),
])  # fmt: skip
def test_what_stops_an_infusion_says_so_before_and_stops_the_pump(
    page: Page, daemon: Daemon, name: str, value: str, title: str
) -> None:
    charted(page, daemon)
    form = assess(page, **{name: value})
    expect(form.locator(".warns")).to_have_text("Entering this stops the pump.")
    expect(page.locator("#assess-send")).to_have_text("Stop and enter")
    page.click("#assess-send")
    expect(form.locator(".stopped")).to_contain_text(f"The pump has been stopped: {title}")
    expect(page.locator("#pump-state")).to_have_attribute("data-state", "stopped")
    assert daemon.get("calls") == ["stop"]
    expect(page.locator("#bar-title")).to_have_text("Pump stopped by an assessment")
    expect(page.locator("#bar-why")).to_contain_text(f"Entered by Nurse A. {title}")


@req("REC-025")
def test_what_stops_an_infusion_is_sent_whatever_is_missing(page: Page, daemon: Daemon) -> None:
    """The name can be typed later; the patient cannot wait."""
    charted(page, daemon)
    form = assess(page, who="", poss="4")
    page.click("#assess-send")
    expect(form.locator(".refusal")).to_contain_text("The pump has been stopped: POSS 4")
    expect(form.locator(".refusal")).to_contain_text("Then enter the assessment again")
    assert daemon.get("calls") == ["stop"]
    form.locator("[name=who]").fill("Nurse A")
    page.click("#assess-send")
    expect(form.locator(".entered")).to_contain_text("sedation (POSS) 4")


@req("REC-025")
def test_a_stop_that_the_pump_has_not_confirmed_is_never_shown_as_one(page: Page, daemon: Daemon) -> None:
    charted(page, daemon)
    daemon.set(stop_answers=False)
    form = assess(page, poss="4")
    page.click("#assess-send")
    expect(form.locator(".stopped")).to_have_attribute("data-kind", "unsure")
    expect(form.locator(".stopped")).to_contain_text("press the stop key on the pump now")


def test_half_typed_says_what_is_missing_and_is_no_error(page: Page, daemon: Daemon) -> None:
    charted(page, daemon)
    form = assess(page, who="")
    lacks = page.locator("#assess-lacks")
    expect(lacks).to_have_text("Still missing: at least one value, side effect or note, your name.")
    form.locator("[name=nrs][value='4']").check(force=True)
    expect(lacks).to_have_text("Still missing: your name.")
    page.click("#assess-send")
    expect(form.locator("[name=who]")).to_be_focused()
    expect(form.locator(".refusal")).to_be_hidden()
    form.locator("[name=who]").fill("Nurse A")
    expect(lacks).to_have_text("")


def test_a_second_press_takes_a_value_back(page: Page, daemon: Daemon) -> None:
    charted(page, daemon)
    page.click("#charting-open")
    four = page.locator("#chart-assess label.value", has=page.locator("[name=nrs][value='4']"))
    four.click()
    expect(four.locator("input")).to_be_checked()
    four.click()
    expect(four.locator("input")).not_to_be_checked()
    expect(page.locator("#assess-lacks")).to_contain_text("at least one value")


def test_each_scale_shows_its_last_value_and_its_source_on_demand(page: Page, daemon: Daemon) -> None:
    """One that nobody has read at its source is marked."""
    charted(page, daemon)
    page.click("#charting-open")
    pain = page.locator("#chart-assess .scale", has_text="Pain (NRS)")
    expect(pain.locator(".last")).to_have_text(re.compile(r"^last 4, \d\d:\d\d$"))
    expect(pain.locator(".mark")).to_have_text("unverified")
    expect(pain.locator(".told")).to_be_hidden()
    pain.locator(".mark").click()
    expect(pain.locator(".told")).to_contain_text("Unverified, to be set by the hospital. Source: 11-point numeric")
    expect(page.locator("#chart-assess .scale", has_text="Sedation (POSS)").locator(".mark")).to_have_text("source")


def test_what_is_more_than_a_day_old_wants_to_be_explained_and_what_is_refused_stays_typed(
    page: Page, daemon: Daemon
) -> None:
    charted(page, daemon)
    form = assess(page, nrs="4")
    expect(form.locator("[name=late_reason]")).to_be_hidden()
    form.locator("[name=at]").fill("2025-01-01T08:00")
    expect(form.locator("[name=late_reason]")).to_be_visible()
    page.click("#assess-send")
    expect(form.locator(".refusal")).to_contain_text("say why it is entered only now")
    expect(form.locator("[name=nrs][value='4']")).to_be_checked()


def test_the_name_is_typed_once_and_is_never_there_by_itself(page: Page, daemon: Daemon) -> None:
    """The same one in both forms; none after half an hour in which nobody has touched this screen."""
    charted(page, daemon)
    page.click("#charting-open")
    expect(page.locator("#chart-assess [name=who]")).to_have_value("")
    page.locator("#chart-assess [name=nrs][value='4']").check(force=True)
    page.fill("#chart-assess [name=who]", "Nurse A")
    page.click("#assess-send")
    page.click("#chart-assess .done .quiet")
    expect(page.locator("#chart-assess .who-named")).to_have_text("By Nurse A")
    expect(page.locator("#chart-assess [name=nrs]:checked")).to_have_count(0)
    page.click("#tab-given")
    expect(page.locator("#chart-given .who-named")).to_have_text("By Nurse A")
    page.clock.fast_forward(31 * 60_000)
    expect(page.locator("#chart-given .who-named")).to_be_hidden()
    page.click("#tab-assess")
    expect(page.locator("#chart-assess [name=who]")).to_have_value("")


def test_what_was_entered_before_is_not_shown_to_whoever_comes_next(page: Page, daemon: Daemon) -> None:
    charted(page, daemon)
    form = assess(page, nrs="4")
    page.click("#assess-send")
    expect(form.locator(".entered")).to_be_visible()
    page.keyboard.press("Escape")
    page.click("#charting-open")
    expect(form.locator(".entered")).to_be_hidden()
    expect(form.locator("[name=nrs]:checked")).to_have_count(0)


def test_stop_alarms_and_numbers_stay_in_sight_and_in_reach(page: Page, daemon: Daemon) -> None:
    charted(page, daemon)
    page.click("#charting-open")
    for tab in ("given", "predict", "record", "assess"):
        page.click(f"#tab-{tab}")
        for seen in ("#stop", "#bar", "#spo2", "#pulse", "#pump-rate"):
            box = page.locator(seen).bounding_box()
            assert box
            at = [box["x"] + box["width"] / 2, box["y"] + box["height"] / 2]
            over = "([x, y]) => document.elementFromPoint(x, y).closest('#charting') !== null"
            assert not page.evaluate(over, at), (tab, seen)
    page.click("#stop")
    until(page, lambda: bool(daemon.get("calls") == ["stop"]))
    expect(page.locator("#charting")).to_be_visible()


def test_all_of_it_can_be_reached_by_keyboard(page: Page, daemon: Daemon) -> None:
    charted(page, daemon)
    page.focus("#charting-open")
    page.keyboard.press("Enter")
    expect(page.locator("#tab-assess")).to_be_focused()
    expect(page.locator("#assess-send")).to_be_visible()
    for name in ("given", "totals", "predict", "record"):
        page.keyboard.press("ArrowRight")
        expect(page.locator(f"#tab-{name}")).to_be_focused()
        expect(page.locator(f"#chart-{name}")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("#charting-open")).to_be_focused()


def test_another_dialogue_is_not_hidden_below(page: Page, daemon: Daemon) -> None:
    charted(page, daemon)
    page.click("#charting-open")
    page.click("#running-open")
    expect(page.locator("#charting")).to_be_hidden()
    expect(page.locator("#running")).to_be_visible()
