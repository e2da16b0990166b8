"""A bed with two pumps on the page: which of them card and dialogues are of, and what is always of both."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from assuage_rig.requirements import req
from tests.host.two_pumps import GUARDS, KETAMINE, MORPHINE
from tests.page.wards import Bed

pytestmark = pytest.mark.parametrize("pumps", [2])

FIRST, SECOND = ".which button >> nth=0", ".which button >> nth=1"


def run(bed: Bed, base: str, order: dict[str, object]) -> None:
    """Started from another screen."""
    back = bed.served.post(f"{base}pump/programme", **order)["readback"]
    bed.served.post(f"{base}pump/confirm", programme=back["programme"], token=back["token"])
    bed.served.post(f"{base}pump/start", programme=back["programme"])


def both(bed: Bed) -> None:
    plain = {key: value for key, value in KETAMINE.items() if key != "guards"}
    run(bed, "", plain)
    run(bed, "second/", {key: value for key, value in MORPHINE.items() if key != "guards"})
    expect(bed.page.locator(FIRST)).to_contain_text("Infusing")
    expect(bed.page.locator(SECOND)).to_contain_text("Infusing")


def test_both_pumps_are_seen_at_once_and_one_of_them_is_looked_at(bed: Bed) -> None:
    both(bed)
    page = bed.page
    expect(page.locator(FIRST)).to_contain_text("Ketamine racemic")
    expect(page.locator(SECOND)).to_contain_text("Morphine")
    expect(page.locator(SECOND)).to_contain_text("2 mL/h")
    expect(page.locator("#drug-name")).to_have_text("Ketamine racemic")
    page.click(SECOND)
    expect(page.locator("#drug-name")).to_have_text("Morphine")
    expect(page.locator("#pump-syringe")).to_have_text("BD 20 mL")
    expect(page.locator("#stop")).to_have_text("STOP BOTH")


def test_what_is_ordered_goes_to_the_pump_that_is_chosen(bed: Bed) -> None:
    both(bed)
    bed.page.click(SECOND)
    bed.page.click("#pause")
    expect(bed.page.locator(SECOND)).to_contain_text("Paused")
    expect(bed.page.locator(FIRST)).to_contain_text("Infusing")
    assert bed.served.get("states") == ["infusing", "paused"]
    bed.page.click("#resume")
    expect(bed.page.locator(SECOND)).to_contain_text("Infusing")


@req("ILK-006")
def test_stop_stops_both_whichever_is_looked_at(bed: Bed) -> None:
    both(bed)
    bed.page.click(SECOND)
    bed.page.click("#stop")
    expect(bed.page.locator(FIRST)).to_contain_text("Stopped")
    expect(bed.page.locator(SECOND)).to_contain_text("Stopped")
    assert bed.served.get("states") == ["stopped", "stopped"]


def test_an_order_from_the_library_goes_to_the_second_pump_and_no_other_can_be_chosen_meanwhile(bed: Bed) -> None:
    bed.admit()
    page = bed.page
    page.click(SECOND)
    page.click("#programme-open")
    expect(page.locator(FIRST)).to_be_disabled()
    bed.choose(drug="morphine", mode="continuous", concentration="1 mg/mL", label_drug="morphine")
    bed.choose(label_concentration="1 mg/mL", syringe="BD 20 mL")
    bed.fill(rate="0.03", length="2")
    bed.signed()
    bed.compared()
    page.fill("#order [name=second]", "Nurse C")
    page.click("#order-confirm")
    page.click("#order-start")
    expect(page.locator(SECOND)).to_contain_text("Infusing")
    expect(page.locator(FIRST)).to_be_enabled()
    assert bed.served.get("states") == ["standby", "infusing"]


def test_a_notice_of_the_second_pump_says_so(bed: Bed) -> None:
    run(bed, "", {**KETAMINE, "guards": GUARDS})
    bed.served.post("second/pump/programme", **{**MORPHINE, "vtbi_ml": "20"})
    bed.served.post("second/pump/stop")
    bed.served.ask(trip=True)
    expect(bed.page.locator("#bar")).to_contain_text("nterlock")
    expect(bed.page.locator(FIRST)).to_contain_text("Paused")
