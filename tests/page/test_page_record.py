"""The record on the page: newest first, by kind, page by page, and whether it is whole."""

from __future__ import annotations

import re
from typing import Any

from playwright.sync_api import Locator, Page, expect

from assuage_rig.requirements import req
from tests.page.charting import charted
from tests.page.conftest import Daemon

MANY = [[90 - n / 2, {"nrs": str(n % 11)}] for n in range(160)]


def shown(page: Page, daemon: Daemon, **past: Any) -> Locator:
    """Opens the record of that past at its lines."""
    charted(page, daemon, **past)
    page.click("#charting-open")
    page.click("#tab-record")
    lines = page.locator("#record-lines li")
    expect(lines.first).to_be_visible()
    return lines


def test_the_record_is_told_newest_first_by_whom_and_by_kind(page: Page, daemon: Daemon) -> None:
    lines = shown(page, daemon, given=[[50, {}]])
    times = page.locator("#record-lines time").evaluate_all("all => all.map(e => e.dateTime)")
    assert times == sorted(times, reverse=True) and len(times) > 4
    page.click("[data-group=doses]")
    expect(lines).to_have_count(1)
    expect(lines).to_contain_text("Given by hand: ketamine 25 mg IV, left forearm.")
    expect(lines.locator("small")).to_contain_text("by Nurse A · entered late")
    page.click("[data-group=assessments]")
    expect(lines).to_have_count(2)
    page.click("[data-group=alarms]")
    expect(lines.first).to_contain_text("overdue")


def test_pages_go_back_to_the_first_entry(page: Page, daemon: Daemon) -> None:
    lines = shown(page, daemon, assessed=MANY)
    before = lines.count()
    while page.locator("#record-older").is_visible():
        page.click("#record-older")
        expect(lines).not_to_have_count(before)
        before = lines.count()
    expect(lines.last).to_contain_text("Admitted: M. Curie")
    page.click("[data-group=assessments]")
    expect(lines).to_have_count(100)
    page.click("#record-older")
    expect(lines).to_have_count(160)
    expect(page.locator("#record-older")).to_be_hidden()


@req("REC-023")
def test_entries_of_a_kind_are_found_however_many_others_are_newer(page: Page, daemon: Daemon) -> None:
    shown(page, daemon, assessed=MANY)
    expect(page.locator("#record-lines [data-kind=checked]")).to_have_count(0)
    page.click("[data-group=orders]")
    expect(page.locator("#record-lines [data-kind=checked]")).to_have_count(1)
    page.click("[data-group=board]")
    expect(page.locator("#charting")).to_contain_text("The record holds no such entry.")


@req("REC-020", "REC-023")
def test_it_says_whether_the_chain_is_whole_and_links_the_report(page: Page, daemon: Daemon) -> None:
    charted(page, daemon)
    page.click("#charting-open")
    page.click("#tab-record")
    chain = page.locator("#record-chain")
    expect(chain).to_have_text(re.compile(r"^The record is whole: \d+ entries, chain ends in [0-9a-f]{12}\.$"))
    page.select_option("[aria-label='Length of the report']", "24")
    expect(page.locator("#record-report")).to_have_attribute("href", "/api/report?hours=24")
    told = page.request.get(page.url.rstrip("/") + "/api/report?hours=24")
    assert told.ok and "M. Curie" in told.text()
    daemon.call("damage")
    page.click("#record-verify")
    expect(chain).to_contain_text("The record is NOT whole.")
    expect(chain).to_have_attribute("data-whole", "no")
