"""Who is in the bed, and who orders: admitted, weighed and discharged on the page, by somebody who has a name."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from assuage_rig.requirements import req
from tests.page.conftest import LOWEST, PHONE, SMALL, WIDE
from tests.page.looks import ARTEFACTS, CONTRAST, FAULTS
from tests.page.wards import Bed


@req("PHA-010")
def test_a_patient_is_admitted_with_a_unit_that_was_chosen_by_somebody_who_was_named(bed: Bed) -> None:
    """Neither kilograms nor a name are taken for granted; what is missing is said where it is."""
    page = bed.page
    expect(page.locator("#patient-open")).to_contain_text("No patient")
    page.click("#patient-open")
    form = page.locator("#patient form:visible")
    expect(form.locator("[name=weight-unit]")).to_have_value("")
    expect(page.locator("#patient .who-name")).to_have_value("")
    bed.fill("#patient form:visible", patient="Ann Example", weight="154", age="40")
    bed.choose("#patient form:visible", area="acute")
    form.locator("[type=submit]").click()
    expect(form.locator("[name=weight-unit]")).to_be_focused()
    expect(form).to_contain_text("Choose the unit.")
    bed.choose("#patient form:visible", **{"weight-unit": "lb"})
    form.locator("[type=submit]").click()
    expect(page.locator("#patient .refusal")).to_contain_text("Say who orders this")
    assert bed.served.get("kinds").count("admission") == 0
    bed.signed("Nurse A", "#patient")
    form.locator("[type=submit]").click()
    expect(page.locator("#patient")).to_be_hidden()
    expect(page.locator("#patient-open")).to_have_text("Ann Example154 lb · 40 years")
    assert bed.served.get("kinds").count("admission") == 1


def test_what_the_daemon_cannot_use_is_said_at_its_field(bed: Bed) -> None:
    page = bed.page
    page.click("#patient-open")
    bed.signed("Nurse A", "#patient")
    bed.fill("#patient form:visible", patient="Ann", weight="7.0", age="0")
    bed.choose("#patient form:visible", area="acute", **{"weight-unit": "kg"})
    page.click("#patient form:visible [type=submit]")
    expect(page.locator("#patient")).to_contain_text("Write 7, not 7.0.")
    expect(page.locator("#patient [name=weight]").first).to_be_focused()


@req("PHA-010")
def test_a_weight_that_nobody_of_this_age_has_is_asked_about_before_it_is_entered(bed: Bed) -> None:
    """The question goes with the number that it was about; when that is another one, so is the reason."""
    page = bed.page
    page.click("#patient-open")
    bed.signed("Nurse A", "#patient")
    form = page.locator("#patient form:visible")
    reason = form.locator("[name=reason]")
    expect(reason).to_be_hidden()
    bed.fill("#patient form:visible", patient="Ann Example", weight="700", age="40")
    bed.choose("#patient form:visible", area="acute", **{"weight-unit": "kg"})
    form.locator("[type=submit]").click()
    expect(reason).to_be_focused()
    expect(form).to_contain_text("Weight 700 kg is not between")
    assert bed.served.get("kinds").count("admission") == 0
    form.locator("[name=weight]").fill("154")
    expect(reason).to_be_hidden()
    form.locator("[type=submit]").click()
    expect(form).to_contain_text("Were 154 lb meant?")
    reason.fill("weighed twice")
    assert page.evaluate(FAULTS) == [] and page.evaluate(CONTRAST) == []
    form.locator("[type=submit]").click()
    expect(page.locator("#patient-open")).to_have_text("Ann Example154 kg · 40 years")
    page.click("#patient-open")
    form.locator("[name=weight]").fill("7")
    form.locator("[name=weight-unit]").select_option("kg")
    form.locator("[type=submit]").click()
    expect(reason).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.locator("#patient-open")).to_contain_text("154 kg")


@req("PHA-010")
def test_another_weight_leaves_what_runs_as_it_is_and_says_so_at_the_head(bed: Bed) -> None:
    bed.admit()
    bed.run()
    page = bed.page
    page.click("#patient-open")
    stay = page.locator("#patient .stay")
    stay.locator("[name=weight]").fill("62")
    stay.locator("[name=weight-unit]").select_option("kg")
    stay.locator("[type=submit]").click()
    expect(page.locator("#patient-open")).to_contain_text("62 kg")
    sentence = "The programme was ordered for 70 kg; the chart has 62 kg now."
    expect(page.locator("#bar-why")).to_have_text(sentence)
    expect(page.locator("#bar")).to_have_attribute("data-level", "low")
    expect(stay).to_contain_text(sentence)
    expect(page.locator("#pump-rate")).to_have_text("0.2")


@req("PHA-010")
def test_a_discharge_is_asked_twice_and_refused_while_the_pump_runs(bed: Bed) -> None:
    bed.admit()
    bed.run()
    page = bed.page
    page.click("#patient-open")
    page.get_by_role("button", name="Discharge", exact=True).click()
    expect(page.locator("#patient .question")).to_have_text("Discharge Ann Example?")
    page.get_by_role("button", name="Yes, discharge").click()
    expect(page.locator("#patient .refusal")).to_contain_text("stop the infusion before the patient is discharged")
    page.click("#stop")
    expect(page.locator("#pump-state")).to_have_attribute("data-state", "stopped")
    page.get_by_role("button", name="Yes, discharge").click()
    expect(page.locator("#patient-open")).to_contain_text("No patient")


@req("PHA-010")
def test_a_name_is_typed_once_a_sitting_shown_changeable_and_forgotten_after_it(bed: Bed) -> None:
    """In every dialogue the same one; none after half an hour without a touch, nor on a page that is opened anew."""
    bed.admit()
    page = bed.page
    page.click("#programme-open")
    bed.signed("Dr B")
    page.locator("#order .who-name").press("Enter")
    expect(page.locator("#order .who-named")).to_have_text("By Dr B")
    page.click("#patient-open")
    expect(page.locator("#patient .who-named")).to_have_text("By Dr B")
    page.click("#patient .who-named")
    expect(page.locator("#patient .who-name")).to_be_focused()
    expect(page.locator("#order .who-named")).to_be_hidden()
    bed.signed("Dr D", "#patient")
    page.locator("#patient .who-name").press("Enter")
    expect(page.locator("#patient .who-named")).to_have_text("By Dr D")
    page.clock.fast_forward("31:00")
    page.keyboard.press("Shift")
    expect(page.locator("#patient .who-name")).to_be_visible()
    expect(page.locator("#patient .who-name")).to_have_value("")
    bed.signed("Dr E", "#patient")
    page.reload()
    page.click("#patient-open")
    expect(page.locator("#patient .who-name")).to_have_value("")


@pytest.mark.parametrize("size", [WIDE, SMALL, *LOWEST, PHONE])
def test_the_patient_fits_at_the_head_and_in_the_dialogue(bed: Bed, size: tuple[int, int]) -> None:
    """A long name too; nothing is cut off or too faint, and STOP is in reach."""
    ARTEFACTS.mkdir(parents=True, exist_ok=True)
    page = bed.page
    page.evaluate("document.fonts.ready")

    def check(what: str) -> None:
        faults = page.evaluate(FAULTS)
        assert [fault for fault in faults if "Wilhelmine" not in fault] == [], what
        assert page.evaluate(CONTRAST) == [], what
        expect(page.locator("#stop")).to_be_in_viewport()
        page.screenshot(path=ARTEFACTS / f"patient-{what}-{size[0]}x{size[1]}.png")

    page.click("#patient-open")
    page.click("#patient form:visible [type=submit]")
    check("admit")
    page.keyboard.press("Escape")
    bed.admit(patient="Wilhelmine von Hohenstaufen-Sonderburg, 19420314")
    page.click("#patient-open")
    check("stay")
