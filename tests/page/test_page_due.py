"""What is due, on the bed view: told, overdue as a notice, and one press away from the form."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from assuage_rig.requirements import req
from tests.page.charting import NARROW, charted
from tests.page.conftest import Daemon, module


def test_a_bed_without_a_record_has_no_charting_on_its_page(page: Page) -> None:
    expect(page.locator("#due")).to_be_hidden()
    expect(page.locator("#charting")).to_be_hidden()


@req("REC-024", "REC-026")
def test_what_is_due_is_on_the_bed_view_and_what_is_overdue_is_a_notice_of_low_priority(
    page: Page, daemon: Daemon
) -> None:
    charted(page, daemon)
    chips = page.locator("#due .chips .chip")
    expect(chips.nth(0)).to_have_text(re.compile(r"^(Assessment|Observations)overdue by \d+ min$|overdue by 1 h"))
    expect(page.locator("#due .chip", has_text="Infusion check")).to_contain_text("in 15 min")
    expect(chips.nth(0)).to_have_attribute("data-state", "overdue")
    expect(page.locator("#bar")).to_have_attribute("data-level", "low")
    expect(page.locator("#bar-title")).to_contain_text("Overdue: ")
    expect(page.locator("#alarm-acknowledge")).to_be_hidden()
    expect(page.locator("#alarm-silence")).to_be_hidden()


def test_without_an_infusion_nothing_is_due(page: Page, daemon: Daemon) -> None:
    charted(page, daemon, minutes=0)
    expect(page.locator("#due .nothing")).to_have_text("Nothing is due: no infusion runs.")
    expect(page.locator("#due-predicted")).to_be_hidden()


def test_when_the_page_has_lost_the_daemon_nobody_knows_what_is_due(page: Page, daemon: Daemon) -> None:
    charted(page, daemon)
    expect(page.locator("#due-predicted b")).to_have_text(re.compile(r"^\d+–\d+ ng/mL$"))
    daemon.kill()
    expect(page.locator("#due .chip").first.locator("span")).to_have_text("--")
    expect(page.locator("#due-predicted b")).to_have_text("-- ng/mL")


def test_a_press_on_what_is_due_opens_the_form_at_that_scale(page: Page, daemon: Daemon) -> None:
    charted(page, daemon)
    page.click("#due .chip:has-text('Infusion check')")
    expect(page.locator("#chart-assess [name=line]").first).to_be_focused()
    expect(page.locator("#chart-assess .scale[data-wanted=yes]")).to_have_count(3)
    page.keyboard.press("Escape")
    expect(page.locator("#charting")).to_be_hidden()
    page.click("#due .chip:has-text('Observations')")
    expect(page.locator("#chart-assess [name=task]")).to_be_focused()
    page.keyboard.press("Space")
    page.fill("#chart-assess [name=who]", "Nurse A")
    page.click("#assess-send")
    expect(page.locator("#chart-assess .entered")).to_contain_text("observations done")
    expect(page.locator("#due .chip:has-text('Observations')")).to_have_attribute("data-state", "later")


def test_a_fault_of_charting_is_told(page: Page, daemon: Daemon) -> None:
    charted(page, daemon, minutes=0)
    daemon.call("break_chart", why="What was charted cannot be read; look with `assuage record verify`.")
    expect(page.locator("#due .nothing")).to_contain_text("cannot be read")
    expect(page.locator("#bar-title")).to_have_text("Charting is not kept up")


@pytest.mark.parametrize("size", [NARROW])
def test_on_a_phone_a_press_on_what_is_due_leads_to_it_between_alarms_and_stop(page: Page, daemon: Daemon) -> None:
    """The strip is far below the panel there, and the bar may be tall; without a wish nothing is marked."""
    charted(page, daemon)
    page.click("#due .chip:has-text('Assessment')")
    pain = page.locator("#chart-assess .scale", has_text="Pain (NRS)")
    expect(pain).to_have_attribute("data-wanted", "yes")
    boxes = [page.locator(each).first.bounding_box() for each in ("#bar", "#chart-assess .scale legend", "#stop")]
    bar, legend, stop = [(box["y"], box["y"] + box["height"]) for box in boxes if box]
    assert bar[1] <= legend[0] and legend[1] < stop[0]
    page.click("#charting-close")
    page.click("#charting-open")
    expect(pain).to_have_attribute("data-wanted", "no")
    expect(page.locator("#charting-close")).to_be_in_viewport()


@pytest.mark.parametrize(("due", "now", "words"), [
    ("2026-01-01T10:12:00Z", "2026-01-01T10:00:00Z", "in 12 min"),
    ("2026-01-01T10:00:00Z", "2026-01-01T10:04:30Z", "due now"),
    ("2026-01-01T10:00:00Z", "none", "--"),
])  # fmt: skip
def test_when_it_is_due_is_said_in_words(js: Page, due: str, now: str, words: str) -> None:
    call = f"return m.dueWords({{due: '{due}', state: 'due'}}, Date.parse('{now}'))"
    assert module(js, "due", call) == words


def test_overdue_is_counted_in_minutes_and_then_in_hours(js: Page) -> None:
    call = "return [5, 99, 100].map(n => m.dueWords({due: '2026-01-01T10:00:00Z', state: 'overdue'}, "
    call += "Date.parse('2026-01-01T10:00:00Z') + n * 60000))"
    assert module(js, "due", call) == ["overdue by 5 min", "overdue by 99 min", "overdue by 1 h 40 min"]
