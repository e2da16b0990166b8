"""Every slip of the pen or the pick list in an order that was usual is stopped: refused, or not without a reason."""

from __future__ import annotations

import os
import random
from collections import Counter
from collections.abc import Iterator
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest

from assuage.errors import BadInput
from assuage.pharmacy import dosing, prescription, weights
from assuage.pharmacy.library_rules import band
from assuage.pharmacy.prescription import Patient
from assuage.pharmacy.quantities import Age, Concentration, DosePerWeight, Mass, Weight
from assuage.pharmacy.substances import Solution
from assuage_rig.requirements import req
from tests.host.prescribing import (
    ADULTS,
    CHILDREN,
    LIBRARY,
    SHARES,
    UNITS,
    Typed,
    check,
    ketamine,
    stopped,
    typed,
    usual,
    whole,
)

POUND = Decimal("0.45359237")
SEED, SOAK = int(os.environ["ASSUAGE_SEED"]), os.environ.get("ASSUAGE_SOAK") == "1"


def scaled(text: str, times: Decimal) -> str:
    number, unit = text.split()
    made = format(Decimal(number) * times, "f")
    return f"{made.rstrip('0').rstrip('.') if '.' in made else made} {unit}"


def swapped(unit: str) -> Iterator[tuple[str, str]]:
    """The unit that stands there instead, with the name of the slip."""
    for one, other in (("mg", "mcg"), ("mcg", "mg")):
        if unit.split("/")[0] == one:
            yield f"{one} for {other}", "/".join([other, *unit.split("/")[1:]])
    for one, other in (("/h", "/min"), ("/min", "/h")):
        if unit.endswith(one):
            yield f"{one} for {other}", unit[: -len(one)] + other
    for one, other in (("min", "h"), ("min", "s")):
        if unit == one:
            yield f"{one} for {other}", other


def of_a_number(text: str) -> Iterator[tuple[str, str]]:
    """(slip, the number as it is then typed)."""
    number, unit = text.split()
    for name, times in (("x10", 10), ("x100", 100), ("/10", Decimal("0.1")), ("/100", Decimal("0.01"))):
        yield name, scaled(text, Decimal(times))
    if "." in number:
        yield "point lost", f"{number.replace('.', '').lstrip('0')} {unit}"
    if number.strip("0.").__len__() and "." not in number and len(number) > 1:
        yield "point gained", f"{number[:-1]}.{number[-1]} {unit}"
    for name, other in swapped(unit):
        yield name, f"{number} {other}"


def of_a_weight(text: str) -> Iterator[tuple[str, str]]:
    number, unit = text.split()
    yield "kg for lb", f"{number} {'lb' if unit == 'kg' else 'kg'}"
    yield "lb's number", f"{(Decimal(number) / POUND).quantize(Decimal('0.1'))} {unit}"
    yield "kg's number", f"{(Decimal(number) * POUND).quantize(Decimal('0.1'))} {unit}"
    yield "weight x10", scaled(text, Decimal(10))
    yield "weight /10", scaled(text, Decimal("0.1"))


def changed(data: Typed, key: str, text: str) -> Typed:
    if data["mode"] == "steps" and key == "rate":
        first, *rest = data["steps"]
        return {**data, "steps": [{**first, "rate": text}, *rest]}
    return {**data, key: text}


def slips(key: str, data: Typed) -> Iterator[tuple[str, Typed]]:
    """Every slip of this order."""
    number = data["steps"][0]["rate"] if data["mode"] == "steps" and key == "rate" else data[key]
    for name, text in of_a_number(number):
        yield name, changed(data, key, text)
    for name, text in of_a_weight(data["weight"]):
        yield name, {**data, "weight": text}
    for name, text in of_a_number(data["lockout"]) if "lockout" in data else ():
        yield f"lockout {name}", {**data, "lockout": text}
    drug = LIBRARY.content.drug[data["drug"]]
    for strength in {str(vial.concentration) for vial in drug.vials} | {"1 mg/mL", "2 mg/mL", "5 mg/mL"}:
        if strength != data["concentration"]:
            yield "wrong strength ordered", {**data, "concentration": strength}
            yield "wrong syringe taken", {**data, "label_concentration": strength}
    for other in LIBRARY.content.drug:
        if other != data["drug"]:
            yield "another drug's syringe", {**data, "label_drug": other}


@pytest.fixture(scope="module")
def orders() -> list[tuple[str, Typed]]:
    """All that are usual in a soak; usually a drawn part of them."""
    every = list(usual())
    chosen = every if SOAK else random.Random(SEED).sample(every, 4000)
    return [(key, data) for key, data in chosen if not stopped(data)]


def test_what_is_usual_in_every_drug_area_mode_and_unit_needs_no_reason(orders: list[tuple[str, Typed]]) -> None:
    seen = {(data["drug"], data["area"], data["mode"]) for _, data in orders}
    wanted = {
        (drug, area, mode)
        for drug, entry in LIBRARY.content.drug.items()
        for area, place in entry.areas.items()
        for mode in (place.routes["iv"].modes if "iv" in place.routes else ())
    }
    assert seen == wanted
    units = Counter(
        (key, (data["steps"][0]["rate"] if data["mode"] == "steps" else data[key]).split()[1]) for key, data in orders
    )
    assert {unit for key, unit in units if key == "rate"} == set(UNITS["rate"])
    assert {unit for key, unit in units if key == "dose"} == set(UNITS["dose"])


@req("PHA-003")
def test_every_slip_in_every_usual_order_is_stopped(orders: list[tuple[str, Typed]], seed: int, soak: bool) -> None:
    """All of them in a soak; usually a drawn part."""
    chosen = orders if soak else random.Random(seed).sample(orders, 300)
    tried: Counter[str] = Counter()
    for key, data in chosen:
        for name, slip in slips(key, data):
            assert stopped(slip), f"{name} passes: {slip} where {data} was meant"
            tried[name] += 1
    for name in ("x10", "/10", "mg for mcg", "mcg for mg", "/h for /min", "/min for /h", "kg for lb", "point lost",
                 "wrong strength ordered", "wrong syringe taken", "another drug's syringe",
                 "lockout x10", "lockout min for h"):  # fmt: skip
        assert tried[name], f"{name} was never tried"


@req("PHA-003")
def test_every_slip_in_a_dose_by_hand_is_found() -> None:
    tried = 0
    for drug, entry in LIBRARY.content.drug.items():
        for area, place in entry.areas.items():
            for route, way in place.routes.items():
                for age, weight in CHILDREN if area == "paediatric" else ADULTS:
                    for share in SHARES:
                        (low, high), *_ = band(way, "dose") or [(None, None)]
                        if low is None or high is None:
                            continue
                        mass = whole(low, share, high, Weight.parse(weight))
                        for unit in UNITS["dose"]:
                            tried += _by_hand(drug, area, route, age, weight, mass, unit, way.concentrations[-1])
    assert tried > 1000


def _by_hand(
    drug: str, area: str, route: str, age: str, weight: str, mass: Any, unit: str, strength: Concentration
) -> int:
    solution = Solution(LIBRARY.substance(drug), strength)

    def found(dose: str, kilograms: str) -> bool:
        try:
            asked = prescription.dose({"dose": dose}, "dose")
            patient = Patient(Age.parse(age), Weight.parse(kilograms, "weight"))
        except BadInput:
            return True
        return bool(dosing.by_hand(drug, area, route, asked, patient, solution, LIBRARY)[1])

    kilograms = Weight.parse(weight)
    asked = mass / strength if unit == "mL" else mass / kilograms if "/kg" in unit else mass
    text = typed(asked, unit)
    if text is None or found(text, weight):
        return 0
    for name, slip in of_a_number(text):
        assert found(slip, weight), f"{name} passes: {slip} of {drug}, {area}, {route} where {text} was meant"
    for name, slip in of_a_weight(weight):
        assert found(text, slip), f"{name} passes: {slip} where {weight} was meant"
    return 1


@req("PHA-003")
def test_no_weight_is_plausible_in_pounds_and_in_kilograms() -> None:
    content = LIBRARY.content
    for row in content.weight:
        for kilograms in range(int(row.weight.number("kg") / 2), int(row.weight.number("kg") * 2) + 1):
            if not kilograms:
                continue
            age = Age(row.low.base, row.low.unit)
            both = [Weight.of(kilograms, unit) for unit in ("kg", "lb")]
            holds = [weights.expected(Patient(age, weight), LIBRARY).holds(weight) for weight in both]
            assert sum(holds) <= 1, (row, kilograms)
    band_ = content.plausible_bmi
    assert band_.high / band_.low < Fraction(1) / Fraction(POUND)


def test_a_finding_says_limit_source_and_the_same_in_other_units() -> None:
    (finding,) = check(ketamine(rate="0.5 mg/kg/h")).findings
    assert finding.code == "rate:soft-high:mg/kg/h" and not finding.hard
    assert finding.sentence == (
        "Rate 0.5 mg/kg/h is above the usual most of 0.4 mg/kg/h; source: summaries of guidelines for analgesic "
        "ketamine: 0.1 to 0.2, at most 0.4 mg/kg/h; bolus from 0.1 mg/kg; unverified. It is the same as "
        "about 8.333 mcg/kg/min, 35 mg/h, 17.5 mL/h."
    )
    assert DosePerWeight.parse("1 mg/kg") * Weight.parse("70 kg") == Mass.parse("70 mg")
