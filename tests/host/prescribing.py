"""Prescriptions for tests: usual patients, and usual doses of every drug, area, route and mode, typed as people do.

A usual one is of the middle or near an edge of what the library calls usual, and the library finds nothing about it.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from fractions import Fraction
from typing import Any

from assuage.errors import BadInput
from assuage.pharmacy import dosing
from assuage.pharmacy.library import Library, own
from assuage.pharmacy.library_rules import band
from assuage.pharmacy.prescription import Prescription
from assuage.pharmacy.quantities import (
    Concentration,
    DosePerWeight,
    DoseRate,
    DoseRatePerWeight,
    Flow,
    Mass,
    Quantity,
    Volume,
    Weight,
)

Typed = dict[str, Any]

LIBRARY = own()
ADULTS = (("40 years", "70 kg"), ("30 years", "52 kg"), ("60 years", "98 kg"))
CHILDREN = (("6 years", "25 kg"), ("3 years", "12 kg"), ("10 years", "40 kg"))
WHAT = {"rate": "rate", "dose": "dose", "demand": "dose", "basal": "rate"}
UNITS = {
    "rate": (*DoseRatePerWeight.UNITS, *DoseRate.UNITS, *Flow.UNITS),
    "dose": (*DosePerWeight.UNITS, "mg", "mcg", "g", "mL"),
}


def typed(quantity: Quantity, unit: str) -> str | None:
    """Three digits that count and at most four after the point; None when that says nothing near it."""
    exact = quantity.number(unit)
    rounded = Decimal(f"{float(exact):.2e}")
    places = Decimal(1).scaleb(-4)
    down, up = rounded.quantize(places, ROUND_FLOOR), rounded.quantize(places, ROUND_CEILING)
    best = min((down, up), key=lambda each: abs(Fraction(each) - exact))
    if not best or abs(Fraction(best) - exact) > exact / 20 or best >= 10**7:
        return None
    text = format(best, "f").rstrip("0").rstrip(".")
    return f"{text} {unit}"


def ketamine(**changes: Any) -> Typed:
    """An infusion that nobody has to say anything about; a change to None leaves the key out."""
    data: Typed = {
        "drug": "ketamine", "area": "acute", "mode": "continuous", "age": "40 years", "weight": "70 kg",
        "concentration": "2 mg/mL", "label_drug": "ketamine", "label_concentration": "2 mg/mL",
        "rate": "0.2 mg/kg/h", "duration": "4 h",
    }  # fmt: skip
    data.update(changes)
    return {key: value for key, value in data.items() if value is not None}


def check(data: Typed, library: Library = LIBRARY) -> dosing.Checked:
    """What the library finds."""
    return dosing.check(Prescription.from_input(data, library), library)


def stopped(data: Typed, library: Library = LIBRARY) -> bool:
    """Whether an order cannot go through without a person who gives a reason: it is not understood, or it is found."""
    try:
        return bool(check(data, library).findings)
    except BadInput:
        return True


def per_weight(low: Quantity) -> bool:
    """Of which kind a band is."""
    return isinstance(low, DosePerWeight | DoseRatePerWeight)


def whole(low: Quantity, share: Fraction, high: Quantity, weight: Weight) -> Any:
    """So far from the lower to the higher limit, for the whole patient."""
    value = type(low)(low.base + (high.base - low.base) * share, low.unit)
    return value * weight if per_weight(low) else value


SHARES = (Fraction(1, 50), Fraction(1, 2), Fraction(49, 50))


def usual(library: Library = LIBRARY) -> Iterator[tuple[str, Typed]]:
    """Every drug, area, mode and unit with a few usual values, for a few patients: (the key that holds the number in
    that unit, the order). By the pump."""
    for drug, entry in library.content.drug.items():
        for area, place in entry.areas.items():
            for mode in place.routes["iv"].modes if "iv" in place.routes else ():
                for age, weight in CHILDREN if area == "paediatric" else ADULTS:
                    for concentration in place.routes["iv"].concentrations:
                        base = {
                            "drug": drug, "area": area, "mode": mode, "age": age, "weight": weight,
                            "concentration": str(concentration), "label_drug": drug,
                            "label_concentration": str(concentration),
                        }  # fmt: skip
                        yield from _filled(base, place.routes["iv"], mode, concentration)


def _filled(base: Typed, way: Any, mode: str, concentration: Concentration) -> Iterator[tuple[str, Typed]]:
    weight = Weight.parse(base["weight"])
    rates = {"continuous": "rate", "loading": "rate", "ramp": "rate", "steps": "rate", "pca": "basal"}
    doses = {"loading": "dose", "bolus": "dose", "pca": "demand"}
    middle = Fraction(2, 5)
    parts: dict[str, tuple[str, Quantity, Quantity]] = {}
    for key, what in (("rate", rates.get(mode)), ("dose", doses.get(mode))):
        for low, high in band(way, what)[:1] if what else ():
            parts[key] = (what or "", low, high)
    for key in parts:
        for share in SHARES:
            for unit in UNITS[key]:
                made = {}
                for other, (_, least, most) in parts.items():
                    amount = whole(least, share if other == key else middle, most, weight)
                    made[other] = typed(_as(amount, concentration, weight, unit if other == key else ""),
                                        unit if other == key else amount.UNITS[0])  # fmt: skip
                if all(made.values()):
                    yield key, {**base, **_frame(mode, made)}


def _as(amount: Any, concentration: Concentration, weight: Weight, unit: str) -> Quantity:
    """The same as the kind that has this unit."""
    if unit in (*Flow.UNITS, *Volume.UNITS):
        made: Quantity = amount / concentration
        return made
    if "/kg" in unit:
        made = amount / weight
        return made
    assert isinstance(amount, Mass | DoseRate)
    return amount


def _frame(mode: str, made: Typed) -> Typed:
    """What a mode wants beside its rate and dose."""
    rate, dose = made.get("rate"), made.get("dose")
    match mode:
        case "continuous":
            return {"rate": rate, "duration": "1 h"}
        case "loading":
            return {"rate": rate, "dose": dose, "over": "15 min", "duration": "1 h"}
        case "bolus":
            return {"dose": dose, "over": "15 min"}
        case "ramp":
            return {"rate": rate, "up": "10 min", "duration": "1 h"}
        case "steps":
            return {"steps": [{"rate": rate, "duration": "30 min"}, {"rate": rate, "duration": "30 min"}]}
    several = {"hour": _multiple(dose, 4), "four_hours": _multiple(dose, 8)}
    beside = {"rate": rate} if rate else {}
    times = {"over": "2 min", "lockout": "8 min", "duration": "24 h"}
    return {"dose": dose, "volume": "30 mL", **times, **several, **beside}


def _multiple(text: Any, times: int) -> str:
    number, unit = str(text).split()
    return f"{Decimal(number) * times:f} {unit}"
