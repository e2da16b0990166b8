"""What a board reads back, told in clinical words: reckoned back exactly, and refused where it is another dose."""

from __future__ import annotations

import random
from fractions import Fraction
from typing import Any

import pytest

from assuage.bedside.order import Order
from assuage.bedside.readback import shown
from assuage.errors import BadInput, Refused
from assuage.link.messages import LegBack, Readback
from assuage.pharmacy import backwards, dosing
from assuage.pharmacy.prescription import Prescription
from assuage.pharmacy.quantities import Concentration, DosePerWeight, DoseRatePerWeight, Weight, parse_one_of
from assuage_rig.requirements import req
from tests.host.prescribing import LIBRARY, ketamine, usual

SYRINGE = {"syringe": "BD 50 mL"}


def read_back(p: Prescription) -> dict[str, Any]:
    """As a board does that has understood all of it."""
    made = dosing.check(p, LIBRARY).input
    order = Order.from_input({**made, **SYRINGE})
    sent = order.programme(7, 3000)
    known = {name: sent.get(name, 0) for name in Readback._fields}
    legs = [LegBack(**{name: leg.get(name, 0) for name in LegBack._fields}) for leg in order.legs(7)]
    return shown(order, Readback(**known), legs)


def every(seed: int, count: int) -> list[Prescription]:
    """So many usual prescriptions, drawn of all; all where there are no more."""
    all_of_them = list(usual())
    drawn = random.Random(seed).sample(all_of_them, min(count, len(all_of_them)))
    return [Prescription.from_input(typed, LIBRARY) for _, typed in drawn]


def possible(p: Prescription) -> dict[str, Any] | None:
    """Its read-back; None where the syringe is too small for it, or the clock too coarse."""
    try:
        return read_back(p)
    except (BadInput, Refused):
        return None


@req("PHA-010", "PHA-002")
def test_whatever_is_prescribed_is_told_back_within_a_nanolitre(seed: int, soak: bool) -> None:
    seen = set()
    for p in every(seed, 20_000 if soak else 800):
        back = possible(p)
        if back is None:
            continue
        told = backwards.numbers(p, back)
        seen.add(p.mode)
        for number in told:
            if number["asked"].endswith(("/kg/h", "/kg")):
                asked = parse_one_of(number["asked"], (DoseRatePerWeight, DosePerWeight), "it")
                got = parse_one_of(number["per_weight"], (type(asked),), "it")
                assert abs(got.base / asked.base - 1) < Fraction(1, 500), (number, p)
    assert seen == {"continuous", "loading", "bolus", "ramp", "steps", "pca"}


def places(back: dict[str, Any]) -> list[tuple[Any, str]]:
    """Every number of a read-back that says how much or how fast."""
    found = [(back, name) for name in ("rate_nl_min", "vtbi_nl", "dose_nl", "dose_rate_nl_min", "lockout_s", "hour_nl",
             "four_hours_nl", "bolus_nl", "most_nl_min") if back[name]]  # fmt: skip
    return found + [
        (leg, name) for leg in back["legs"] for name in ("begin_nl_min", "volume_nl", "seconds") if leg[name]
    ]


ORDERS = {
    "continuous": ketamine(duration="2 h", highest="0.3 mg/kg/h", extra="10 mg"),
    "bolus": ketamine(mode="bolus", rate=None, duration=None, dose="0.2 mg/kg", over="10 min"),
    "loading": ketamine(mode="loading", dose="0.2 mg/kg", over="10 min", duration="2 h"),
    "ramp": ketamine(mode="ramp", up="10 min", down="10 min", duration="2 h"),
    "steps": ketamine(mode="steps", rate=None, duration=None,
                      steps=[{"rate": "0.2 mg/kg/h", "duration": "30 min"}, {"rate": "9 mg/h", "duration": "1 h"}]),
    "pca": ketamine(mode="pca", dose="2 mg", over="2 min", lockout="10 min", hour="10 mg", four_hours="30 mg",
                    volume="40 mL", duration="24 h", rate="0.1 mg/kg/h"),
}  # fmt: skip

# What of a read-back no number of the prescription stands behind, by mode: the flow that follows from the others.
FOLLOWS = {
    "loading": {"rate_nl_min"}, "ramp": {"volume_nl", "begin_nl_min"}, "steps": {"rate_nl_min", "vtbi_nl"},
    "bolus": {"most_nl_min"}, "pca": {"most_nl_min"}, "continuous": set(),
}  # fmt: skip


@req("PHA-010")
@pytest.mark.parametrize("mode", ORDERS)
def test_any_number_that_is_two_off_is_another_dose_and_refused(mode: str) -> None:
    p = Prescription.from_input(ORDERS[mode], LIBRARY)
    assert backwards.numbers(p, read_back(p))
    judged = set()
    for number, (_, name) in enumerate(places(read_back(p))):
        for off in (-2, 2):
            back = read_back(p)
            where, _ = places(back)[number]
            where[name] += off
            try:
                backwards.numbers(p, back)
            except Refused as error:
                assert error.status == "readback-differs"
                judged.add((number, off))
            else:
                follows = FOLLOWS[mode] | {"most_nl_min"} if p.highest is None else FOLLOWS[mode]
                assert name in follows, (name, off)
    assert len(judged) >= 4


def test_words_are_in_the_unit_that_was_typed_and_small_masses_in_micrograms() -> None:
    solution, weight = Concentration.parse("50 mcg/mL"), Weight.parse("70 kg")
    told = backwards.rate("rate", 16_667, solution, weight)
    assert (told.board, told.means, told.per_weight) == ("1 mL/h", "50 mcg/h", "0.7143 mcg/kg/h")
    asked = backwards.rate("rate", 16_667, solution, weight, "0.05 mg/h")
    assert asked.means == "0.05 mg/h"
    assert backwards.dose("dose", 1_500_000, Concentration.parse("2 mg/mL"), weight).means == "3 mg"
