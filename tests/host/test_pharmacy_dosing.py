"""What the library finds, what refuses an order, what a reason lets through; what counts in an hour and a day."""

from __future__ import annotations

import json
import random
from fractions import Fraction
from typing import Any

import pytest

from assuage.bedside.order import Order
from assuage.errors import BadInput, Refused
from assuage.pharmacy import dosing, guidance, totals
from assuage.pharmacy.findings import Override
from assuage.pharmacy.prescription import Patient, Prescription
from assuage.pharmacy.quantities import Age, Concentration, DosePerWeight, Height, Mass, Time, Volume, Weight
from assuage.pharmacy.substances import Dose, Solution, WrongSubstance
from assuage_rig.requirements import req
from tests.host.prescribing import LIBRARY, Typed, check, ketamine

ADULT = Patient(Age.of(40, "years"), Weight.of(70, "kg"))
KETAMINE, ESKETAMINE = LIBRARY.substance("ketamine"), LIBRARY.substance("esketamine")


def vial(mg_ml: int) -> Solution:
    return Solution(KETAMINE, Concentration.of(mg_ml, "mg/mL"))


def codes(data: Typed, **more: Any) -> list[str]:
    return [finding.code for finding in check({**data, **more}).findings]


def mg(number: int) -> Dose:
    return Dose(KETAMINE, Mass.of(number, "mg"))


def test_a_usual_order_becomes_an_order_of_the_board_at_once() -> None:
    checked = check(ketamine())
    assert checked.findings == ()
    order = Order.from_input({**checked.order(), "syringe": "BD 50 mL"})
    programme = order.programme(1, 3000)
    assert (programme["rate"], programme["vtbi"]) == (116_667, 28_000_000)  # 14 mg/h of 2 mg/mL, for 4 h
    assert order.drug == "ketamine (racemic) 2 mg/mL"
    assert [str(each) for each in checked.rounded] == [
        "rate 7 mL/h is 116667 nL/min on the board, +0.33 nL/min",
        "volume 28 mL is 28000000 nL on the board, exactly",
    ]
    assert checked.library == LIBRARY.digest
    assert "active psychosis" in checked.contraindications
    assert checked.monitoring[0].every == Time.of(15, "min")


@pytest.mark.parametrize("rate", ["0.2 mg/kg/h", "200 mcg/kg/h", "14 mg/h", "14000 mcg/h", "7 mL/h"])
def test_the_same_rate_in_any_unit_is_the_same_programme(rate: str) -> None:
    assert check(ketamine(rate=rate)).input == check(ketamine()).input


@req("PHA-005")
def test_beyond_a_hard_limit_nothing_goes_whatever_is_said() -> None:
    checked = check(ketamine(rate="1.1 mg/kg/h"))
    overrides = tuple(Override(finding.code, "because I say so", "Dr A") for finding in checked.findings)
    with pytest.raises(Refused, match="is above the limit of 1 mg/kg/h") as refused:
        checked.order(overrides)
    assert (refused.value.limit, refused.value.by) == ("1 mg/kg/h", "host")


@req("PHA-005")
def test_each_soft_limit_wants_a_reason_and_a_name_of_its_own() -> None:
    data = ketamine(rate="0.5 mg/kg/h", weight="120 kg")
    checked = check(data)
    assert [finding.code for finding in checked.findings] == ["weight", "rate:soft-high:mg/kg/h"]
    with pytest.raises(Refused, match="Change the order, or give a reason"):
        checked.order()
    weighed = Override("weight", "weighed on the bed", "Nurse B")
    with pytest.raises(Refused, match="above the usual most"):
        checked.order((weighed,))
    with pytest.raises(BadInput, match="few words why"):
        checked.order((weighed, Override("rate:soft-high:mg/kg/h", "ok", "Dr A")))
    with pytest.raises(BadInput, match="who"):
        checked.order((weighed, Override("rate:soft-high:mg/kg/h", "tolerant to opioids", " ")))
    assert checked.order((weighed, Override("rate:soft-high:mg/kg/h", "tolerant to opioids", "Dr A")))


@req("PHA-005")
def test_what_was_given_by_every_route_counts() -> None:
    prescription = Prescription.from_input(ketamine(), LIBRARY)

    def found(hour: int, day: int) -> list[str]:
        given = dosing.Given(mg(hour), mg(hour), mg(day))
        return [finding.code for finding in dosing.check(prescription, LIBRARY, given).findings]

    assert found(0, 0) == [] == found(38, 600)
    assert found(39, 600) == ["total in one hour:soft-high:mg/kg"]  # with 14 mg/h more than 0.75 mg/kg
    assert found(87, 87) == ["total in one hour:soft-high:mg/kg", "total in one hour:hard-high:mg"]
    assert found(0, 690) == ["total in a day:soft-high:mg/kg"]
    other = dosing.Given(*(Dose(ESKETAMINE, Mass.of(1, "mg")) for _ in range(3)))
    with pytest.raises(WrongSubstance):
        dosing.check(prescription, LIBRARY, other)


@req("PHA-001")
def test_the_syringe_must_be_what_was_ordered_by_its_own_label() -> None:
    wrong = check(ketamine(label_drug="esketamine"))
    assert [(finding.code, finding.hard) for finding in wrong.findings] == [("substance", True)]
    assert "S-ketamine (esketamine), the order ketamine (racemic)" in wrong.findings[0].sentence
    strong = check(ketamine(label_concentration="10 mg/mL"))
    assert [(finding.code, finding.hard) for finding in strong.findings] == [("label", True)]
    assert "5 times as much" in strong.findings[0].sentence
    weak = check(ketamine(label_concentration="1 mg/mL"))
    assert [(finding.code, finding.hard) for finding in weak.findings] == [("label", True)]
    assert "half of it" in weak.findings[0].sentence
    assert codes(ketamine(concentration="50 mg/mL", label_concentration="50 mg/mL")) == ["concentration"]


def test_a_weight_in_pounds_is_recognised() -> None:
    (finding,) = check(ketamine(weight="154 kg", rate="10 mg/h")).findings[:1]
    assert finding.code == "weight" and finding.sentence.endswith("Were 154 lb meant?")
    assert codes(ketamine(weight="154 lb")) == []


def test_a_known_height_says_more_than_the_age() -> None:
    assert codes(ketamine(weight="110 kg", height="185 cm")) == []
    assert codes(ketamine(weight="50 kg", height="185 cm")) == ["weight"]
    assert Height.parse("1.85 m") == Height.parse("185 cm")


def test_a_weight_that_is_not_the_charts_wants_a_reason() -> None:
    """For those whose weight is far from what is expected, and plausible in the other unit."""
    prescription = Prescription.from_input(ketamine(weight="120 lb"), LIBRARY)
    assert dosing.check(prescription, LIBRARY).findings == ()
    (finding,) = dosing.check(prescription, LIBRARY, charted=Weight.of(120, "kg")).findings
    assert finding.sentence == "The order is for a weight of 120 lb, the chart has 120 kg."
    assert dosing.check(prescription, LIBRARY, charted=Weight.of(120, "lb")).findings == ()


def test_a_screen_gets_each_limit_for_this_patient_and_the_findings_as_text() -> None:
    rows = guidance.limits(LIBRARY, "ketamine", "acute", "iv", ADULT.weight)
    first = rows[0]
    assert (first.what, first.bound, first.value, first.patient) == ("rate", "soft-low", "0.1 mg/kg/h", "7 mg/h")
    assert not first.verified and first.source.endswith("unverified")
    assert all(row.patient == "" for row in guidance.limits(LIBRARY, "ketamine", "acute", "iv"))
    (low, *_) = guidance.limits(LIBRARY, "morphine", "paediatric", "iv", Weight.of(20, "kg"))
    assert (low.value, low.patient) == ("5 mcg/kg/h", "100 mcg/h")
    told = guidance.as_json(check(ketamine(rate="0.5 mg/kg/h")))
    assert json.loads(json.dumps(told)) == told and told["findings"][0]["limit"] == "0.4 mg/kg/h"


def test_the_highest_rate_for_a_patient_is_the_lowest_of_the_limits() -> None:
    assert str(guidance.most(LIBRARY, "ketamine", "acute", Weight.of(70, "kg"))) == "70 mg/h"
    assert str(guidance.most(LIBRARY, "ketamine", "acute", Weight.of(120, "kg"))) == "100 mg/h"
    assert str(guidance.most(LIBRARY, "ketamine", "acute", Weight.of(70, "kg"), "soft-high")) == "28 mg/h"
    assert guidance.most(LIBRARY, "fentanyl", "acute", Weight.of(70, "kg")) is None


def test_an_age_the_numbers_are_not_for_wants_a_reason() -> None:
    assert codes(ketamine(age="80 years")) == ["age"]


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"drug": "heroin"}, "no drug 'heroin'"), ({"area": "chronic pain"}, "no numbers for ketamine in 'chronic"),
        ({"rate": "0.2"}, "with its unit"), ({"rate": "0.2 mg"}, "not its unit"), ({"weight": "70"}, "unit is missing"),
        ({"volume": "20 mL"}, "not both"), ({"duration": None}, "not both"), ({"mode": "wave"}, "can be continuous"),
        ({"dose": "5 mg"}, "has no 'dose'"), ({"label_drug": None}, "Label drug is missing"),
        ({"age": None}, "missing"),
        ({"label_concentration": None}, "on the label is missing"), ({"rate": ".2 mg/kg/h"}, "zero before"),
        ({"mode": "steps", "rate": None, "duration": None}, "at least one step"),
    ],
)  # fmt: skip
def test_what_is_not_understood_is_told_in_a_sentence(changes: Typed, says: str) -> None:
    with pytest.raises(BadInput, match=says) as error:
        check(ketamine(**changes))
    assert error.value.sentence.endswith(".")


def test_what_the_library_has_no_numbers_for_cannot_be_ordered() -> None:
    pca = {
        "mode": "pca", "dose": "5 mg", "over": "2 min", "lockout": "8 min", "hour": "15 mg", "four_hours": "30 mg",
        "volume": "40 mL", "rate": None,
    }  # fmt: skip
    assert codes(ketamine(**pca, duration="24 h")) == []
    assert codes(ketamine(**{**pca, "lockout": "2 min"}, duration="24 h"))[0] == "lockout:soft-low:min"
    assert codes(ketamine(**{**pca, "area": "chronic"}, duration="24 h"))[0] == "mode"
    hydro = {**pca, "drug": "hydromorphone", "label_drug": "hydromorphone", "dose": "0.2 mg", "hour": "1 mg"}
    hydro |= {"four_hours": "4 mg", "concentration": "0.2 mg/mL", "label_concentration": "0.2 mg/mL"}
    assert codes(ketamine(**hydro, duration="24 h")) == []
    assert codes(ketamine(**{**hydro, "rate": "0.1 mg/h"}, duration="24 h")) == ["basal rate"]


def test_a_loading_dose_too_fast_is_found() -> None:
    loading = ketamine(mode="loading", dose="0.3 mg/kg", over="10 min")
    assert codes(loading) == []
    assert codes(loading, over="30 s") == ["time of the dose:soft-low:min"]
    assert codes(loading, highest="0.6 mg/kg/h", extra="40 mg") == [
        "highest rate:soft-high:mg/kg/h", "largest bolus:soft-high:mg/kg",
    ]  # fmt: skip


def test_ramps_longer_than_the_infusion_are_refused() -> None:
    with pytest.raises(BadInput, match="a part of the duration"):
        check(ketamine(mode="ramp", up="3 h", down="2 h"))


# -- by hand -----------------------------------------------------------------------------------------------------------


def test_a_dose_by_hand_is_checked_by_the_same_limits_and_stands() -> None:
    def found(asked: str, route: str, area: str = "procedural") -> list[str]:
        dose, findings = dosing.by_hand(
            "ketamine", area, route, DosePerWeight.parse(asked), ADULT, vial(50), LIBRARY
        )  # fmt: skip
        assert dose.amount == DosePerWeight.parse(asked) * ADULT.weight
        return [finding.code for finding in findings]

    assert found("4 mg/kg", "im") == []
    assert found("40 mg/kg", "im") == ["dose:soft-high:mg/kg", "dose:hard-high:mg/kg"]
    assert found("0.4 mg/kg", "im") == ["dose:soft-low:mg/kg"]
    assert found("0.4 mg/kg", "mesotherapy") == ["route"], "nobody has published a number for it"
    with pytest.raises(WrongSubstance):
        dosing.by_hand("esketamine", "emergency", "im", Volume.of(1, "mL"), ADULT, vial(50), LIBRARY)


# -- the most in a window ----------------------------------------------------------------------------------------------


def test_the_most_in_any_window_is_what_trying_every_minute_finds(seed: int) -> None:
    rng = random.Random(seed)
    for _ in range(60):
        steps = [{"rate": f"{rng.randint(1, 40)} mg/h", "duration": f"{rng.randint(1, 150)} min"}
                 for _ in range(rng.randint(1, 5))]  # fmt: skip
        data = ketamine(mode="steps", steps=steps, rate=None, duration=None)
        prescription = Prescription.from_input(data, LIBRARY)
        minutes: list[int] = []  # mg/h in each
        for step in steps:
            minutes += [int(step["rate"].split()[0])] * int(step["duration"].split()[0])
        for window in (60, 240):
            tried = max(sum(minutes[at : at + window]) for at in range(len(minutes)))
            assert totals.within(prescription, Time.of(window, "min")).number("mg") == Fraction(tried, 60)


def test_a_loading_dose_counts_in_its_hour() -> None:
    data = ketamine(mode="loading", dose="20 mg", over="10 min", rate="12 mg/h", duration="10 h")
    prescription = Prescription.from_input(data, LIBRARY)
    assert totals.within(prescription, Time.of(1, "h")) == Mass.of(30, "mg")
    assert totals.within(prescription, Time.of(24, "h")) == Mass.of(140, "mg")


def test_demands_count_as_often_as_lockout_and_limits_let_them() -> None:
    pca = {
        "mode": "pca", "dose": "2 mg", "over": "1 min", "lockout": "10 min", "hour": "10 mg", "four_hours": "30 mg",
        "volume": "40 mL", "duration": "24 h",
    }  # fmt: skip
    for changes, hour, day in (({}, 10, 180), ({"hour": "40 mg", "rate": "1 mg/h"}, 15, 180)):
        prescription = Prescription.from_input({**ketamine(rate=None), **pca, **changes}, LIBRARY)
        assert totals.within(prescription, Time.of(1, "h")) == Mass.of(hour, "mg")
        assert totals.within(prescription, Time.of(24, "h")) == Mass.of(day, "mg")
