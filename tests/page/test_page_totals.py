"""What the patient has had of every substance, and each opioid beside ketamine, on the page."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from assuage_rig.requirements import req
from tests.page.charting import NARROW, SEEN, charted
from tests.page.conftest import SMALL, WIDE, Daemon, module
from tests.page.looks import ARTEFACTS, CONTRAST, FAULTS, through

MORPHINE = {"substance": "morphine", "mass_ng": 5_000_000, "route": "im", "site": "left deltoid"}


@req("PHA-011")
def test_what_each_substance_comes_to_stands_together_and_an_opioid_beside_itself(page: Page, daemon: Daemon) -> None:
    charted(page, daemon, minutes=130, given=[[100, MORPHINE], [20, MORPHINE], [15, {"mass_ng": 10_000_000}]])
    page.click("#charting-open")
    page.click("#tab-totals")
    body = page.locator("#chart-totals")
    rows = body.locator("tbody tr")
    expect(rows).to_have_count(2)
    morphine = rows.filter(has_text="morphine").locator("td")
    expect(morphine).to_have_text(["5 mg", "10 mg", "10 mg"])
    ketamine = [float(text.split()[-2]) for text in rows.filter(has_text="ketamine").locator("td").all_inner_texts()]
    assert ketamine[0] >= 10 + 0.9 * 14 and ketamine[1] == ketamine[2] > ketamine[0], "by pump and by hand"
    beside = body.locator("[data-totals=beside] li")
    expect(beside).to_have_count(1)
    expect(beside).to_have_text(
        "morphine: What was given in the hours before ketamine is not in this record, so there is nothing to compare."
    )
    expect(body.locator("[data-totals=uncounted]")).to_be_hidden()
    for width, height in through(page, [NARROW, SMALL, WIDE]):
        assert page.evaluate(FAULTS) == [], (width, height)
        assert page.evaluate(CONTRAST) == [], (width, height)
        page.screenshot(path=ARTEFACTS / f"totals-{width}x{height}.png")


@pytest.mark.parametrize(
    ("amount", "read"),
    [("40.33729 mg", "40.3 mg"), ("about 24.0000 mg", "24 mg"), ("0.075 mg", "75 mcg"), ("1234.5 mg", "1235 mg"),
     ("5.256 mg", "5.26 mg"), ("0 mg", "0 mg"), ("--", "--"), ("0.00012 mg", "0.12 mcg"),
     ("0.99 mg", "990 mcg"), ("1 mg", "1 mg")],
)  # fmt: skip
def test_an_amount_is_read_with_the_digits_that_matter(js: Page, amount: str, read: str) -> None:
    assert module(js, "totals", f"return m.brief({amount!r})") == read


@req("PHA-011")
def test_nothing_given_is_said_and_what_no_library_knows_counts_all_the_same(page: Page, daemon: Daemon) -> None:
    charted(page, daemon, minutes=0, assessed=SEEN)
    page.click("#charting-open")
    page.click("#tab-totals")
    body = page.locator("#chart-totals")
    expect(body).to_contain_text("Nothing that was given is in this patient's record.")
    expect(body.locator("table")).to_be_hidden()
    charted(page, daemon, minutes=60, given=[[30, {"substance": "clonidine", "mass_ng": 75_000}]])
    page.click("#charting-open")
    page.click("#tab-totals")
    expect(body.locator(".hint")).to_be_hidden()
    expect(body.locator("tbody tr").filter(has_text="clonidine").locator("td")).to_have_text(["75 mcg"] * 3)


@req("PHA-011")
def test_a_record_that_cannot_be_read_is_not_said_to_hold_nothing(page: Page, daemon: Daemon) -> None:
    charted(page, daemon, minutes=60)
    page.click("#charting-open")
    page.click("#tab-totals")
    body = page.locator("#chart-totals")
    expect(body.locator("tbody")).to_contain_text("ketamine")
    daemon.call("break_chart", why="The record cannot be read any more.")
    expect(body.locator(".hint")).to_be_visible()
    expect(body.locator(".hint")).to_have_text("The record cannot be read any more.")
