"""Doses by hand on the page: checked as they are typed, entered with reasons, and counted with what the pump gave."""

from __future__ import annotations

from typing import Any

from playwright.sync_api import Page, expect

from assuage_rig.requirements import req
from tests.page.charting import USUAL, charted, typed
from tests.page.conftest import Daemon, until


def told(page: Page) -> list[dict[str, Any]]:
    """The doses in the record, as the page's own daemon tells it."""
    lines = page.request.get(page.url.rstrip("/") + "/api/record").json()["lines"]
    return [line for line in lines if line["kind"] == "given"]


@req("PHA-005")
def test_a_dose_is_checked_as_it_is_typed_and_entered_once(page: Page, daemon: Daemon) -> None:
    """With the totals of all routes before and after it; nothing stands in the record before it is entered."""
    charted(page, daemon)
    form = typed(page, site="left forearm")
    rows = form.locator(".sums tbody tr")
    expect(rows).to_have_count(3)
    expect(form.locator(".sums thead")).to_contain_text("ketamine (racemic), by all routesBeforeWith these 10 mg")
    before, after = (rows.nth(2).locator("td").nth(n).inner_text() for n in (0, 1))
    assert before.startswith("22.") and after.startswith("32.")  # 95 min of 14 mg/h
    expect(page.locator("#given-lacks")).to_have_text("")
    assert told(page) == []
    page.click("#given-send")
    expect(form.locator(".entered")).to_have_text("10 mg ketamine (racemic) IV, left forearm, by Nurse A")
    until(page, lambda: len(told(page)) == 1)
    assert told(page)[0]["sentence"].startswith("Given by hand: ketamine 10 mg IV, left forearm.")
    page.click("#chart-given .done .quiet")
    expect(form.locator("[name=dose]")).to_have_value("")
    expect(page.locator("#given-send")).to_be_disabled()


def test_half_a_dose_says_what_is_missing_and_is_no_error(page: Page, daemon: Daemon) -> None:
    """Neither drug nor unit nor route has a value before somebody has chosen one."""
    charted(page, daemon)
    form = typed(page, **dict.fromkeys(USUAL, ""))
    lacks = page.locator("#given-lacks")
    expect(lacks).to_have_text(
        "Still missing: the drug, what the label says, the dose, its unit, the route, your name."
    )
    form.locator("[name=unit]").select_option("mL")
    expect(lacks).to_contain_text("the concentration")
    form.locator("[name=drug]").select_option("esketamine")
    offered = form.locator("#given-strengths option").evaluate_all("all => all.map(e => e.value)")
    assert "25 mg/mL" in offered and "50 mg/mL" not in offered
    expect(form.locator(".refusal")).to_be_hidden()
    expect(page.locator("#given-send")).to_be_disabled()


@req("PHA-001")
def test_another_enantiomer_on_the_label_is_said_beside_it(page: Page, daemon: Daemon) -> None:
    charted(page, daemon)
    form = typed(page, label_drug="esketamine")
    label = form.locator("label", has=page.locator("[name=label_drug]"))
    expect(label.locator("small")).to_contain_text("enter what has really been given")
    expect(page.locator("#given-send")).to_be_disabled()
    form.locator("[name=label_drug]").select_option("ketamine")
    expect(label.locator("small")).to_have_text("")
    expect(page.locator("#given-send")).to_be_enabled()


@req("PHA-005", "PHA-003")
def test_what_is_found_wants_a_reason_and_beyond_a_hard_limit_a_second_name(page: Page, daemon: Daemon) -> None:
    charted(page, daemon)
    form = typed(page, dose="200")
    found = form.locator(".caution")
    expect(form.locator(".caution[data-hard=yes]").first).to_contain_text("Beyond a hard limit")
    lacks, send = page.locator("#given-lacks"), page.locator("#given-send")
    expect(lacks).to_have_text("Still missing: a reason for what was found, the name of a second person.")
    for n in range(found.count()):
        found.nth(n).locator("input").fill("as the doctor asked")
    form.locator("[name=second]").fill("Nurse A")
    expect(lacks).to_have_text("Still missing: somebody else as the second person.")
    expect(send).to_be_disabled()
    form.locator("[name=second]").fill("Nurse B")
    expect(send).to_be_enabled()
    page.click("#given-send")
    expect(form.locator(".entered")).to_contain_text("200 mg ketamine (racemic)")
    assert "as the doctor asked" in told(page)[0]["sentence"]
    assert "also looked at by Nurse B" in told(page)[0]["sentence"]


def test_a_reason_stays_while_the_dose_is_corrected_and_what_was_checked_is_what_is_entered(
    page: Page, daemon: Daemon
) -> None:
    charted(page, daemon)
    form = typed(page, route="im")
    reason = form.locator(".caution input").first
    reason.fill("no vein was found")
    form.locator("[name=dose]").fill("12")
    expect(page.locator("#given-send")).to_be_disabled()
    expect(form.locator(".sums thead")).to_contain_text("With these 12 mg")
    expect(form.locator(".caution input").first).to_have_value("no vein was found")
    expect(form.locator(".sums .hint")).to_contain_text("the prediction is too low by it")


def test_a_dose_that_was_just_entered_is_not_taken_for_another_one(page: Page, daemon: Daemon) -> None:
    charted(page, daemon)
    form = typed(page)
    page.click("#given-send")
    page.click("#chart-given .done .quiet")
    form = typed(page)
    expect(form.locator(".caution")).to_contain_text("was it given twice, or entered twice?")


def test_nobody_in_the_bed_is_said_before_anything_is_entered(page: Page, daemon: Daemon) -> None:
    daemon.call("chart", weight="")
    expect(page.locator("#due")).to_be_visible()
    form = typed(page)
    expect(form.locator(".refusal")).to_contain_text("admit the patient first")
    expect(page.locator("#given-send")).to_be_disabled()
