"""Ordering from the library: limits as one types, reasons, read-back in clinical words, two people, START."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from assuage_rig.requirements import req
from tests.page.conftest import PHONE, SMALL, WIDE, module
from tests.page.looks import ARTEFACTS, CONTRAST, FAULTS
from tests.page.wards import Bed


@req("PHA-010")
@pytest.mark.parametrize("size", [WIDE, SMALL])
def test_an_order_is_typed_compared_in_clinical_words_confirmed_and_started(bed: Bed) -> None:
    bed.admit()
    bed.order()
    page = bed.page
    expect(page.locator("#order")).to_contain_text("= 14 mg/h · about 3.333 mcg/kg/min · 7 mL/h · usual")
    expect(page.locator(".state-of-order")).to_have_text("Within what the library finds usual.")
    bed.signed()
    bed.compared()
    for name, asked, read, note in (
        ("Patient", "Ann Example, 70 kg", "Ann Example, 70 kg", ""),
        ("Drug", "ketamine (racemic) 2 mg/mL", "ketamine (racemic) 2 mg/mL", ""),
        ("Rate", "0.2 mg/kg/h", "0.2 mg/kg/h", "14 mg/h · 7 mL/h at the pump"),
        ("Syringe", "BD 50 mL", "BD 50 mL", ""),
        ("Lost link", "stops", "stops", ""),
    ):
        cells = bed.line(name).locator("td")
        expect(cells.nth(0)).to_have_text(asked)
        expect(cells.nth(1)).to_have_text(f"{read}{note}")
    expect(bed.line("All that is given").locator("td").nth(1)).to_contain_text("28 mg")
    expect(page.locator("#order [name=second]")).to_be_hidden()
    assert bed.served.get("state") == "programmed"
    page.click("#order-confirm")
    expect(page.locator("#order .big")).to_contain_text("Ann Example, 70\u00a0kg: ketamine (racemic)")
    assert bed.served.get("state") == "confirmed"
    page.click("#order-start")
    expect(page.locator("#order")).to_be_hidden()
    expect(page.locator("#pump-state")).to_have_attribute("data-state", "infusing")
    expect(page.locator("#pump .rate")).to_have_text("0.2mg/kg/h7 mL/h")
    expect(page.locator("#pump-delivered")).to_contain_text("mg")
    assert bed.served.get("state") == "infusing"


@req("PHA-010")
def test_what_is_half_typed_is_missing_and_no_error(bed: Bed) -> None:
    """And the limits are there before a number is."""
    bed.admit()
    page = bed.page
    page.click("#programme-open")
    state = page.locator(".state-of-order")
    expect(state).to_have_text("Choose the drug.")
    bed.choose(drug="ketamine", mode="continuous")
    expect(page.locator("#order [name=area]")).to_have_value("acute")
    expect(page.locator("#order .bounds").first).to_contain_text("usual 0.1 to 0.4 mg/kg/h · never above 1 mg/kg/h")
    expect(state).to_contain_text(
        "Still to be entered: Strength; Syringe's label: drug; Label: strength; Rate; and more."
    )
    for text in ("0", "0.", "0.2"):
        bed.fill(rate=text)
        expect(page.locator("#order [name=rate]")).not_to_have_attribute("aria-invalid", "true")
    expect(page.locator("#order")).to_contain_text("= 14 mg/h · about 3.333 mcg/kg/min · usual")
    assert page.locator("#order .finding[data-hard=yes]").count() == 0
    bed.fill(rate="0.20")
    bed.signed()
    page.click("#order-send")
    expect(page.locator("#order [name=concentration]")).to_be_focused()
    bed.choose(concentration="2 mg/mL", label_drug="ketamine")
    bed.choose(label_concentration="2 mg/mL", syringe="BD 50 mL")
    page.click("#order-send")
    expect(page.locator("#order")).to_contain_text("Write 0.2, not 0.20.")
    expect(page.locator("#order [name=rate]")).to_be_focused()
    bed.fill(rate="0.2", length="8")
    expect(state).to_have_text("VTBI 56 mL is more than the syringe holds (50 mL).")
    bed.fill(length="6")
    expect(state).to_have_text("Within what the library finds usual.")
    assert bed.served.get("state") == "standby"


@req("PHA-005")
def test_every_limit_is_shown_with_its_source_and_its_doubt_on_demand(bed: Bed) -> None:
    bed.admit()
    bed.order()
    page = bed.page
    row = page.locator("#order .dose-row:has([name=rate])")
    expect(row.locator(".bounds")).to_contain_text("unverified")
    expect(row.locator("ul")).to_be_hidden()
    row.locator(".bounds").click()
    expect(row.locator("li")).to_have_count(4)
    expect(row.locator("li").first).to_contain_text(
        "usually at least 0.1 mg/kg/h (7 mg/h in this patient): summaries of"
    )
    day = page.locator("#order .totals > div").last
    expect(day.locator(".bounds")).to_contain_text("example")
    bed.choose(concentration="1 mg/mL")
    expect(page.locator("#order")).to_contain_text("an example of ours, to be set by the hospital")


@req("PHA-005", "PHA-010")
def test_beyond_what_is_usual_each_number_wants_its_own_reason_and_a_second_person(bed: Bed) -> None:
    """A reason for one number is none for another, and nobody is the second person to himself."""
    bed.admit()
    bed.order(rate="0.5")
    page = bed.page
    finding = page.locator("#order .dose-row:has([name=rate]) .finding")
    expect(finding).to_contain_text("Rate 0.5 mg/kg/h is above the usual most of 0.4 mg/kg/h")
    expect(page.locator(".state-of-order")).to_have_text("A reason is wanted.")
    bed.signed()
    page.click("#order-send")
    expect(finding.locator("input")).to_be_focused()
    finding.locator("input").fill("rib fractures")
    expect(page.locator(".state-of-order")).to_have_text("A second person has to compare the read-back.")
    bed.fill(rate="0.6")
    expect(finding).to_contain_text("Rate 0.6 mg/kg/h")
    expect(finding.locator("input")).to_have_value("")
    finding.locator("input").fill("rib fractures")
    bed.compared()
    expect(page.locator("#order .two-people")).to_contain_text("It goes beyond what the library finds usual (rate).")
    expect(page.locator("#order .alerts")).to_contain_text("rate: rib fractures (Dr B)")
    page.click("#order-confirm")
    expect(page.locator("#order [name=second]")).to_be_focused()
    bed.fill(second="dr b")
    page.click("#order-confirm")
    expect(page.locator("#order .second")).to_contain_text("cannot be the second person as well")
    assert bed.served.get("state") == "programmed"
    bed.fill(second="Nurse C")
    page.click("#order-confirm")
    expect(page.locator("#order-start")).to_be_enabled()
    assert bed.served.get("state") == "confirmed"


@req("PHA-005")
def test_beyond_a_hard_limit_nothing_can_be_sent_whatever_is_said(bed: Bed) -> None:
    """And no reason is asked for."""
    bed.admit()
    bed.order(rate="2")
    page = bed.page
    expect(page.locator("#order .finding[data-hard=yes]").first).to_contain_text("is above the limit of 1 mg/kg/h")
    expect(page.locator(".state-of-order")).to_contain_text("Not possible as it is")
    expect(page.locator("#order-send")).to_be_disabled()
    assert page.locator("#order .finding input:visible").count() == 0
    assert bed.served.get("sent") == []
    bed.fill(rate="0.2")
    expect(page.locator("#order-send")).to_be_enabled()
    expect(page.locator("#order .finding")).to_have_count(0)


@req("PHA-003")
@pytest.mark.parametrize(("label", "strength", "said"), [
    ("esketamine", "1 mg/mL", "label says S-ketamine (esketamine), the order ketamine (racemic): not the same"),
    ("ketamine", "10 mg/mL", "The order is for 2 mg/mL, the syringe's label says 10 mg/mL: 5 times as much"),
])  # fmt: skip
def test_another_substance_or_strength_on_the_syringes_label_blocks(
    bed: Bed, label: str, strength: str, said: str
) -> None:
    """What the label says is chosen apart from the order and never filled in by the page."""
    bed.admit()
    bed.order()
    page = bed.page
    bed.choose(label_drug=label)
    expect(page.locator("#order [name=label_concentration]")).to_have_value("" if label == "esketamine" else "2 mg/mL")
    bed.choose(label_concentration=strength)
    expect(page.locator("#order .finding").filter(has_text=said)).to_be_visible()
    expect(page.locator("#order-send")).to_be_disabled()


@req("PHA-005")
def test_what_was_given_by_every_route_stands_in_the_totals(bed: Bed) -> None:
    bed.admit()
    bed.served.ask(given={"substance": "ketamine", "mass_ng": 40_000_000, "route": "im", "by": "Nurse C"})
    bed.order()
    page = bed.page
    hour = page.locator("#order .totals > div").first
    expect(hour).to_contain_text("In any hour, all routes")
    expect(hour).to_contain_text("54 mg, 40 mg of it given before · above what is usual")
    expect(page.locator("#order .finding").filter(has_text="Total in one hour 54 mg")).to_be_visible()


@req("PHA-001")
def test_a_conversion_is_asked_for_shown_with_its_source_recorded_and_taken_only_by_a_press(bed: Bed) -> None:
    bed.admit()
    page = bed.page
    page.click("#programme-open")
    bed.choose(drug="esketamine", mode="bolus", concentration="1 mg/mL")
    box = page.locator("#order .convert")
    box.locator("summary").click()
    expect(box.locator("summary")).to_have_text("Convert a dose of ketamine (racemic) into S-ketamine (esketamine)")
    box.locator("[name=convert-of]").select_option("ketamine")
    box.locator("[name=convert-dose]").fill("20")
    box.locator("button", has_text="Convert").first.click()
    expect(box).to_contain_text("Say why this dose is converted.")
    box.locator("[name=convert-reason]").fill("the racemate is out of stock")
    box.locator("button", has_text="Convert").first.click()
    expect(page.locator("#order > .refusal")).to_contain_text("Say who orders this")
    bed.signed()
    assert "converted" not in bed.served.get("kinds")
    box.locator("button", has_text="Convert").first.click()
    expect(box.locator(".converted")).to_contain_text("20 mg of ketamine (racemic) is taken as 10 mg of S-ketamine")
    expect(box.locator(".converted")).to_contain_text("summary of product characteristics")
    assert "converted" in bed.served.get("kinds")
    expect(page.locator("#order [name=dose]")).to_have_value("")
    page.click("text=Take this dose into the order")
    expect(page.locator("#order [name=dose]")).to_have_value("10")
    expect(page.locator("#order [name=dose-unit]")).to_have_value("mg")


def test_another_screen_goes_on_where_this_one_was(bed: Bed) -> None:
    """With the comparison, and after it with START."""
    bed.admit()
    bed.order()
    bed.signed()
    bed.compared()
    page = bed.page
    page.reload()
    page.click("#programme-open")
    expect(bed.line("Rate").locator("td").first).to_have_text("0.2 mg/kg/h")
    page.click("#order-confirm")
    expect(page.locator("#order > .refusal")).to_contain_text("Say who orders this")
    bed.signed("Dr D")
    page.click("#order-confirm")
    expect(page.locator("#order-start")).to_be_enabled()
    page.reload()
    page.click("#programme-open")
    expect(page.locator("#order .big")).to_contain_text("Rate 0.2\u00a0mg/kg/h")
    page.click("#order-start")
    expect(page.locator("#pump-state")).to_have_attribute("data-state", "infusing")


def test_an_order_that_a_library_does_not_check_is_still_possible_and_named_so(bed: Bed) -> None:
    """Also where nobody is admitted; the order from the library then says what is missing."""
    page = bed.page
    page.click("#programme-open")
    expect(page.locator("#order")).to_contain_text("Nobody is admitted to this bed.")
    expect(page.locator("#order-send")).to_be_disabled()
    page.click("text=Bench order, not checked against a library")
    expect(page.locator("#order")).to_be_hidden()
    form = page.locator("#programme-form")
    form.locator("[name=drug]").fill("Water")
    form.locator("[name=rate_ml_h]").fill("10")
    form.locator("[name=vtbi_ml]").fill("20")
    form.locator("[name=syringe]").select_option("BD 50 mL")
    page.click("#programme-send")
    page.click("#confirm")
    page.click("#start")
    expect(page.locator("#pump-state")).to_have_attribute("data-state", "infusing")


def test_by_keyboard_alone_and_escape_gives_the_focus_back(bed: Bed) -> None:
    bed.admit()
    page = bed.page
    page.focus("#programme-open")
    page.keyboard.press("Enter")
    expect(page.locator("#order-title")).to_be_focused()
    page.keyboard.press("Tab")
    page.keyboard.type("Dr B")
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    expect(page.locator("#order [name=drug]")).to_be_focused()
    for text in ("keta", "2 mg", "", "keta", "2 mg", "Cont"):
        page.keyboard.type(text)
        page.keyboard.press("Tab")
    expect(page.locator("#order [name=rate]")).to_be_focused()
    page.keyboard.type("0.2")
    expect(page.locator("#order")).to_contain_text("7 mL/h · usual")
    page.keyboard.press("Escape")
    expect(page.locator("#order")).to_be_hidden()
    expect(page.locator("#programme-open")).to_be_focused()


MODES: dict[str, dict[str, str]] = {
    "loading": {"dose": "0.2", "over": "15", "rate": "0.2", "duration": "1"},
    "bolus": {"dose": "0.2", "over": "15"},
    "ramp": {"rate": "0.2", "up": "10", "duration": "1"},
    "steps": {"step-1": "0.2", "step-1-for": "1", "step-2": "0.1", "step-2-for": "1"},
    "pca": {
        "dose": "3", "over": "2", "lockout": "8", "hour": "12", "four_hours": "24", "volume": "30", "duration": "24",
    },
}  # fmt: skip


@req("PHA-010")
@pytest.mark.parametrize("mode", MODES)
def test_every_way_of_giving_it_comes_through_to_the_board(bed: Bed, mode: str) -> None:
    """Whatever the library has to say of the numbers is given a reason."""
    bed.admit()
    page = bed.page
    page.click("#programme-open")
    bed.choose(drug="ketamine", mode=mode, concentration="2 mg/mL", label_drug="ketamine")
    bed.choose(label_concentration="2 mg/mL", syringe="BD 50 mL")
    bed.fill(**MODES[mode])
    expect(page.locator(".state-of-order")).not_to_contain_text("Still")
    for reason in page.locator("#order .finding input:visible").all():
        reason.fill("pain is not controlled")
    bed.signed()
    bed.compared()
    assert bed.served.get("state") == "programmed"
    assert page.locator("#order tr[data-same=no]").count() == 0


@req("KIN-009")
def test_a_target_is_ordered_with_its_model_its_bounds_and_what_is_not_certain(bed: Bed) -> None:
    bed.admit()
    page = bed.page
    page.click("#programme-open")
    bed.choose(drug="ketamine", mode="target", concentration="2 mg/mL", label_drug="ketamine")
    bed.choose(label_concentration="2 mg/mL", syringe="BD 50 mL", model="domino")
    bed.fill(target="100", rate="0.3", volume="20", duration="2")
    for reason in page.locator("#order .finding input:visible").all():
        reason.fill("pain is not controlled")
    bed.signed()
    bed.compared()
    cells = bed.line("Target").locator("td")
    expect(cells.nth(0)).to_have_text("100 ng/mL")
    expect(cells.nth(1)).to_contain_text("100 ng/mLplasma, by Domino")
    expect(bed.line("Volume in all").locator("td").nth(1)).to_have_text("20 mL")
    expect(page.locator("#order .alerts")).to_contain_text("Not certain")
    page.click("#order-confirm")
    page.click("#order-start")
    expect(page.locator("#pump-state")).to_have_attribute("data-state", "infusing")


# -- what the modules say by themselves --------------------------------------------------------------------------------


def mark(bound: str, value: str, at: float, doubt: str = "") -> dict[str, Any]:
    return {"bound": bound, "value": value, "at": at, "mark": doubt, "patient": "", "source": "s", "note": ""}


@pytest.mark.parametrize(("marks", "said"), [
    ([mark("soft-low", "0.1 mg/kg/h", 0.1), mark("soft-high", "0.4 mg/kg/h", 0.3), mark("hard-high", "1 mg/kg/h", 0.8)],
     "usual 0.1 to 0.4 mg/kg/h · never above 1 mg/kg/h"),
    ([mark("soft-low", "1 min", 0.3, "example")], "at least 1 min · example"),
    ([mark("soft-high", "5 mg", 0.5), mark("hard-high", "10 mg", 0.9, "unverified")],
     "usual up to 5 mg · never above 10 mg · unverified"),
])  # fmt: skip
def test_limits_are_said_in_a_line(js: Page, marks: list[dict[str, Any]], said: str) -> None:
    assert module(js, "gauge", f"return m.bounds({marks!r})".replace("None", "null")) == said


@pytest.mark.parametrize(("number", "read"), [
    ({"asked": "0.2 mg/kg/h", "board": "7 mL/h", "means": "14 mg/h", "per_weight": "0.2 mg/kg/h"}, "0.2 mg/kg/h"),
    ({"asked": "14 mg/h", "board": "7 mL/h", "means": "14 mg/h", "per_weight": "0.2 mg/kg/h"}, "14 mg/h"),
    ({"asked": "7 mL/h", "board": "7 mL/h", "means": "14 mg/h", "per_weight": "0.2 mg/kg/h"}, "7 mL/h"),
    ({"asked": "15 min", "board": "15 min", "means": "", "per_weight": ""}, "15 min"),
    ({"asked": "", "board": "14 mL", "means": "28 mg", "per_weight": "0.4 mg/kg"}, "28 mg"),
])  # fmt: skip
def test_a_number_is_read_back_in_the_words_in_which_it_was_asked(js: Page, number: dict[str, str], read: str) -> None:
    assert module(js, "clinical", f"return m.said({number!r}).read") == read


def test_a_read_back_of_another_patient_drug_or_syringe_cannot_be_confirmed(js: Page) -> None:
    body = """
        const clinical = {patient: 'Ann', weight: '70 kg', drug: 'ketamine', substance: 'K', concentration: '2 mg/mL',
                          numbers: [], library: 'abc', alerts: []};
        const r = {clinical, syringe: 'BD 50 mL', on_loss: 'stop', occlusion_mmhg: 300, guards: []};
        const asked = {prescription: {drug: 'ketamine', concentration: '2 mg/mL', weight: '70 kg'},
                       pump: {syringe: 'BD 50 mL', on_loss: 'stop'}};
        const same = (change, a = asked) => m.clinicalRows({...r, ...change}, a).same;
        return [same({}), same({clinical: {...clinical, drug: 'esketamine'}}), same({syringe: 'BD 20 mL'}),
                same({clinical: {...clinical, weight: '7 kg'}}), same({on_loss: 'kvo'}), same({}, null)];
    """
    assert module(js, "clinical", body) == [True, False, False, False, False, False]


# -- the face --------------------------------------------------------------------------------------------------------

SMALL_TARGETS = """() => [...document.querySelectorAll('#order :is(button, input, select, summary)')].filter(e => {
    if (!e.checkVisibility({visibilityProperty: true}) || e.type === 'checkbox') return false;
    return e.getBoundingClientRect().height < 43.5;
}).map(e => e.id || e.name || e.textContent)"""


@pytest.mark.parametrize("size", [WIDE, SMALL, (360, 740), PHONE])
def test_ordering_can_be_read_touched_and_never_covers_stop_alarms_or_numbers(bed: Bed, size: tuple[int, int]) -> None:
    """At a bedside's sizes and on a phone; a picture of each step is kept."""
    ARTEFACTS.mkdir(parents=True, exist_ok=True)
    bed.admit()
    page = bed.page
    page.evaluate("document.fonts.ready")

    def check(what: str) -> None:
        assert page.evaluate(FAULTS) == [], what
        assert page.evaluate(CONTRAST) == [], what
        assert page.evaluate(SMALL_TARGETS) == [], what
        expect(page.locator("#stop")).to_be_in_viewport()
        expect(page.locator("#bar")).to_be_in_viewport()
        if size[0] > 640:
            box = page.locator("#order").bounding_box()
            tile = page.locator("#spo2-tile").bounding_box()
            assert box and tile and box["x"] + box["width"] <= tile["x"]
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), what
        page.screenshot(path=ARTEFACTS / f"order-{what}-{size[0]}x{size[1]}.png")

    bed.order(rate="0.2")
    expect(page.locator("#order")).to_contain_text("7 mL/h · usual")
    check("usual")
    bed.fill(rate="2")
    expect(page.locator("#order .finding[data-hard=yes]").first).to_be_visible()
    check("hard")
    bed.fill(rate="0.5")
    expect(page.locator("#order .finding[data-hard=yes]")).to_have_count(0)
    page.locator("#order .finding input").first.fill("rib fractures, eight of ten")
    check("soft")
    page.locator("#order details:has([name=highest]) > summary").click()
    check("more")
    bed.signed()
    bed.compared()
    check("compare")
    bed.fill(second="Nurse C")
    page.click("#order-confirm")
    expect(page.locator("#order-start")).to_be_enabled()
    check("start")
