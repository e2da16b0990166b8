"""What was charted in error, struck from the record's list with a reason and a name: it stays there, struck through."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from assuage_rig.requirements import req
from tests.page.charting import charted, signed
from tests.page.conftest import Daemon, until


def lines(page: Page) -> list[dict[str, Any]]:
    """Of the record, as the page's own daemon tells it."""
    told: list[dict[str, Any]] = page.request.get(page.url.rstrip("/") + "/api/record?last=1000").json()["lines"]
    return told


def record(page: Page, group: str) -> Locator:
    """Opens the record at these entries."""
    page.click("#charting-open")
    page.click("#tab-record")
    page.click(f"[data-group={group}]")
    found = page.locator("#record-lines li")
    expect(found.first).to_be_visible()
    return found


@req("REC-027")
def test_a_dose_is_struck_with_a_reason_and_a_name_and_stays_in_the_list_struck_through(
    page: Page, daemon: Daemon
) -> None:
    charted(page, daemon, given=[[50, {}], [20, {"mass_ng": 10_000_000}]])
    rows = record(page, "doses")
    expect(rows).to_have_count(2)
    row, other = rows.filter(has_text="ketamine 25 mg IV"), rows.filter(has_text="ketamine 10 mg IV")
    row.get_by_role("button", name="Charted in error…").click()
    form, send, lacks = page.locator("#strike"), page.locator("#strike-send"), page.locator("#strike-lacks")
    expect(page.locator("#record-lines")).to_be_hidden()
    expect(form.locator(".entered")).to_contain_text("Given by hand: ketamine 25 mg IV, left forearm. By Nurse A.")
    expect(form.locator("[name=reason]")).to_be_focused()
    expect(lacks).to_have_text("Still missing: the reason, your name.")
    expect(send).to_be_disabled()
    form.locator("[name=reason]").fill("no")
    signed(form, "Nurse B")
    expect(lacks).to_have_text("Still missing: the reason.")
    assert not any(line["struck"] for line in lines(page)), "nothing is struck before it is sent"
    form.locator("[name=reason]").fill("other patient")
    send.click()
    expect(form).to_be_hidden()
    expect(row.locator("s")).to_have_text("Given by hand: ketamine 25 mg IV, left forearm.")
    expect(row.locator("strong")).to_have_text(
        re.compile(r"^Charted in error, \d\d:\d\d(:\d\d)?, by Nurse B: other patient$")
    )
    expect(row.locator("small")).to_contain_text("by Nurse A")
    expect(row.get_by_role("button")).to_have_count(0)
    expect(row).to_be_focused()
    expect(other.get_by_role("button")).to_have_count(1)
    expect(other.locator("s")).to_have_count(0)
    until(page, lambda: [line["struck"]["by"] for line in lines(page) if line["struck"]] == ["Nurse B"])
    page.click("[data-group=all]")
    expect(page.locator("#record-lines [data-kind=struck]")).to_contain_text("Charted in error: Given by hand")
    page.click("#tab-given")
    page.click("#tab-record")
    expect(page.locator("#record-lines [data-struck=yes]")).to_have_count(1)


@req("REC-027", "REC-026")
def test_an_assessment_that_is_struck_is_due_again(page: Page, daemon: Daemon) -> None:
    every = {"nrs": "4", "poss": "2", "line": "good", "rate": "as ordered", "volume": "agrees"}
    charted(page, daemon, assessed=[[80, {"nrs": "6"}], [3, every]])
    overdue = page.locator("#due .chip[data-state=overdue]")
    before = overdue.count()
    rows = record(page, "assessments")
    rows.filter(has_text="pain (NRS) 4").get_by_role("button").click()
    signed(page.locator("#strike"), "Nurse B")
    page.locator("#strike [name=reason]").fill("other patient")
    page.keyboard.press("Enter")
    expect(rows.filter(has_text="pain (NRS) 4").locator("s")).to_be_visible()
    expect(rows.filter(has_text="pain (NRS) 6").get_by_role("button")).to_have_count(1)
    until(page, lambda: overdue.count() > before)


@req("REC-027")
@pytest.mark.parametrize("how", ["button", "Escape"])
def test_what_is_left_as_it_is_is_not_struck_and_only_what_a_human_charted_can_be(
    page: Page, daemon: Daemon, how: str
) -> None:
    charted(page, daemon, given=[[50, {}]])
    record(page, "all")
    kinds = page.locator("#record-lines li:has(button)").evaluate_all("all => all.map(e => e.dataset.kind)")
    assert sorted(kinds) == ["assessment", "assessment", "given"]
    button = page.locator("#record-lines [data-kind=given] button")
    button.click()
    page.locator("#strike [name=reason]").fill("other patient")
    page.click("#strike-leave") if how == "button" else page.keyboard.press(how)
    expect(page.locator("#charting")).to_be_visible()
    expect(button).to_be_focused()
    assert not any(line["struck"] for line in lines(page))
    button.click()
    expect(page.locator("#strike [name=reason]")).to_have_value("")


@req("REC-027")
def test_what_another_screen_has_struck_meanwhile_is_told_and_shown(page: Page, daemon: Daemon) -> None:
    charted(page, daemon, given=[[50, {}]])
    rows = record(page, "doses")
    rows.get_by_role("button").click()
    (line,) = [each for each in lines(page) if each["kind"] == "given"]
    body = {"who": "Nurse C", "number": line["number"], "hash": line["hash"], "reason": "entered twice"}
    assert page.request.post(page.url.rstrip("/") + "/api/strike", data=body, headers={"Origin": page.url[:-1]}).ok
    page.locator("#strike [name=reason]").fill("other patient")
    signed(page.locator("#strike"), "Nurse B")
    page.click("#strike-send")
    expect(page.locator("#strike .refusal")).to_contain_text("was struck before, by Nurse C")
    page.click("#strike-leave")
    page.click("#tab-given")
    page.click("#tab-record")
    expect(rows.locator("strong")).to_contain_text("by Nurse C: entered twice")
    assert sum(each["kind"] == "struck" for each in lines(page)) == 1
