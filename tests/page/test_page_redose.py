"""What runs from the library is changed in its own units, compared in clinical words, by two where that is wanted."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from assuage_rig.requirements import req
from tests.page.conftest import PHONE, SMALL, WIDE
from tests.page.looks import ARTEFACTS, CONTRAST, FAULTS
from tests.page.wards import Bed


def running(bed: Bed, rate: str = "0.2") -> None:
    """An infusion that may be changed up to twice its rate, with boluses of 8 mg."""
    bed.admit()
    bed.order(rate=rate)
    page = bed.page
    page.locator("#order details:has([name=highest]) > summary").click()
    bed.fill(highest="0.4", extra="8")
    bed.choose(**{"extra-unit": "mg"})
    bed.signed()
    bed.compared()
    page.click("#order-confirm")
    page.click("#order-start")
    expect(page.locator("#pump-state")).to_have_attribute("data-state", "infusing")
    page.click("#running-open")
    expect(page.locator("#redose")).to_be_visible()


@req("PHA-010")
def test_another_rate_is_typed_in_the_orders_unit_and_read_back_in_it(bed: Bed) -> None:
    running(bed)
    page = bed.page
    bed.fill("#redose", rate="0.3")
    expect(page.locator("#redose")).to_contain_text("= 21 mg/h · 5 mcg/kg/min · 10.5 mL/h · usual")
    page.click("#redose [type=submit]")
    cells = page.locator("#redose tbody tr").first.locator("td")
    expect(cells.nth(0)).to_have_text("0.3 mg/kg/h")
    expect(cells.nth(1)).to_have_text("0.3 mg/kg/h21 mg/h · 10.5 mL/h at the pump")
    page.click("#redose [data-do=confirm]")
    expect(page.locator("#redose")).to_be_hidden()
    expect(page.locator("#pump-rate")).to_have_text("0.3")


@req("PHA-010")
def test_a_rate_that_is_more_than_doubled_wants_a_second_person(bed: Bed) -> None:
    running(bed, rate="0.1")
    page = bed.page
    bed.fill("#redose", rate="0.3")
    page.click("#redose [type=submit]")
    expect(page.locator("#redose .two-people")).to_contain_text("more than twice")
    page.click("#redose [data-do=confirm]")
    expect(page.locator("#redose [name=second]")).to_be_focused()
    expect(page.locator("#pump-rate")).to_have_text("0.1")
    bed.fill("#redose", second="Nurse C")
    page.click("#redose [data-do=confirm]")
    expect(page.locator("#pump-rate")).to_have_text("0.3")


@req("PHA-005")
def test_beyond_what_was_agreed_the_change_is_refused_with_the_sentence(bed: Bed) -> None:
    running(bed)
    page = bed.page
    bed.fill("#redose", rate="0.9")
    expect(page.locator("#redose")).to_contain_text("above what is usual")
    finding = page.locator("#redose .finding[data-hard=yes]")
    expect(finding).to_contain_text("above what was agreed when this infusion was ordered")
    expect(page.locator("#redose [type=submit]")).to_be_disabled()
    assert page.locator("#redose .finding input:visible").count() == 0, "no reason helps"
    bed.fill("#redose", rate="0.3")
    expect(page.locator("#redose .finding")).to_have_count(0)
    expect(page.locator("#redose [type=submit]")).to_be_enabled()
    expect(page.locator("#pump-rate")).to_have_text("0.2")


@req("PHA-005", "PHA-010")
def test_what_is_beyond_usual_has_its_reason_beside_it_and_wants_a_second_person(bed: Bed) -> None:
    """As in the order: a reason for one number is none for another, and less than usual wants one too."""
    running(bed)
    page = bed.page
    bed.served.ask(given={"substance": "ketamine", "mass_ng": 45_000_000, "route": "im", "by": "Nurse C"})
    bed.fill("#redose", rate="0.02")
    low = page.locator("#redose .dose-row .finding")
    expect(low).to_contain_text("Rate 0.02 mg/kg/h is below the usual least of 0.1 mg/kg/h")
    low.locator("input").fill("being weaned off")
    bed.fill("#redose", rate="0.05")
    expect(low).to_contain_text("Rate 0.05 mg/kg/h")
    expect(low.locator("input")).to_have_value("")
    bed.fill("#redose", rate="0.3")
    total = page.locator("#redose .finding").filter(has_text="Total in one hour")
    expect(total).to_be_visible()
    expect(low).to_have_count(0)
    page.click("#redose [type=submit]")
    expect(total.locator("input")).to_be_focused()
    expect(page.locator("#redose .refusal")).to_be_hidden()
    total.locator("input").fill("a dressing is changed")
    for each in page.locator("#redose .finding input:visible").all():
        each.fill("a dressing is changed")
    page.click("#redose [type=submit]")
    expect(page.locator("#redose .two-people")).to_contain_text("Total in one hour")
    bed.fill("#redose", second="dr b")
    page.click("#redose [data-do=confirm]")
    expect(page.locator("#redose .second")).to_contain_text("cannot be the second person as well")
    bed.fill("#redose", second="Nurse C")
    page.click("#redose [data-do=confirm]")
    expect(page.locator("#redose")).to_be_hidden()
    expect(page.locator("#pump-rate")).to_have_text("0.3")


def test_a_bolus_is_given_over_a_time(bed: Bed) -> None:
    running(bed)
    page = bed.page
    bed.choose("#redose", what="bolus", **{"dose-unit": "mg"})
    bed.fill("#redose", dose="8", over="20")
    expect(page.locator("#redose .gauge:visible")).to_contain_text("usual")
    page.click("#redose [type=submit]")
    rows = page.locator("#redose tbody tr")
    expect(rows.nth(0).locator("td").nth(1)).to_contain_text("8 mg")
    expect(rows.nth(1).locator("td").nth(0)).to_have_text("over 20 min")
    page.click("#redose [data-do=confirm]")
    expect(page.locator("#pump-state")).to_have_attribute("data-state", "bolus")


@pytest.mark.parametrize("size", [WIDE, SMALL, PHONE])
def test_a_change_can_be_read(bed: Bed, size: tuple[int, int]) -> None:
    ARTEFACTS.mkdir(parents=True, exist_ok=True)
    running(bed, rate="0.1")
    page = bed.page
    bed.fill("#redose", rate="0.05")
    page.locator("#redose .finding input").fill("being weaned off")
    for what in ("soft", "enter", "compare"):
        if what == "enter":
            bed.fill("#redose", rate="0.3")
            expect(page.locator("#redose")).to_contain_text("10.5 mL/h · usual")
            expect(page.locator("#redose .finding")).to_have_count(0)
        assert page.evaluate(FAULTS) == [], what
        assert page.evaluate(CONTRAST) == [], what
        expect(page.locator("#stop")).to_be_in_viewport()
        page.screenshot(path=ARTEFACTS / f"redose-{what}-{size[0]}x{size[1]}.png")
        if what == "enter":
            page.click("#redose [type=submit]")
            expect(page.locator("#redose [data-do=confirm]")).to_be_enabled()


@req("KIN-009")
def test_another_target_is_set_and_compared_before_it_is_followed(bed: Bed) -> None:
    bed.admit()
    page = bed.page
    page.click("#programme-open")
    bed.choose(drug="ketamine", mode="target", concentration="2 mg/mL", label_drug="ketamine")
    bed.choose(label_concentration="2 mg/mL", syringe="BD 50 mL", model="domino")
    bed.fill(target="100", rate="0.3", volume="20", duration="2")
    bed.signed()
    bed.compared()
    page.click("#order-confirm")
    page.click("#order-start")
    expect(page.locator("#pump-state")).to_have_attribute("data-state", "infusing")
    page.click("#running-open")
    bed.fill("#redose", target="120")
    page.click("#redose [type=submit]")
    cells = page.locator("#redose tbody tr").first.locator("td")
    expect(cells.nth(0)).to_have_text("120 ng/mL")
    expect(cells.nth(1)).to_have_text("120 ng/mLwas 100 ng/mL")
    page.click("#redose [data-do=confirm]")
    expect(page.locator("#redose")).to_be_hidden()
    page.click("#running-open")
    expect(page.locator("#redose .hint").first).to_have_text("The target is 120 ng/mL now.")
