"""What a screen shows while somebody orders: the limits that hold, as they are written and for this patient; and what
was found, as plain data. Every number is a text with its unit."""

from __future__ import annotations

from typing import Any, NamedTuple

from assuage.pharmacy.dosing import Checked
from assuage.pharmacy.findings import Finding
from assuage.pharmacy.library import Library
from assuage.pharmacy.library_schema import RATES, Limit
from assuage.pharmacy.library_words import monitoring
from assuage.pharmacy.quantities import DosePerWeight, DoseRate, DoseRatePerWeight, Quantity, Weight


class Row(NamedTuple):
    """One limit. patient: the same for this one's weight, or "" where it is not per weight."""

    what: str
    bound: str
    value: str
    patient: str
    source: str
    verified: bool
    note: str


def limits(library: Library, drug: str, area: str, route: str, weight: Weight | None = None) -> list[Row]:
    """Every limit of a drug by a route in an area. Raises BadInput for what is not in the library."""
    return [
        Row(
            each.what,
            each.bound,
            str(each.value),
            patients(each.value, weight),
            library.source(each),
            each.verified,
            each.note,
        )
        for each in library.route(drug, area, route).limits
    ]


def most(library: Library, drug: str, area: str, weight: Weight, bound: str = "hard-high") -> DoseRate | None:
    """The highest rate that this patient may have by the pump, None where the library sets none; what a controller of
    plasma targets must never ask beyond. bound: "soft-high" for what needs no reason. Raises BadInput."""
    rows = library.route(drug, area, "iv").limits
    found = [_rate(each, weight) for each in rows if each.what == "rate" and each.bound == bound]
    return min(found, default=None)


def as_json(checked: Checked) -> dict[str, Any]:
    """What a check found, for a screen or the record."""
    p = checked.prescription
    return {
        "drug": p.drug,
        "area": p.area,
        "mode": p.mode,
        "weight": str(p.patient.weight),
        "concentration": str(p.solution.amount),
        "library": checked.library,
        "findings": [finding(each) for each in checked.findings],
        "rounded": [str(each) for each in checked.rounded],
        "contraindications": list(checked.contraindications),
        "monitoring": [monitoring(each) for each in checked.monitoring],
    }


def finding(found: Finding) -> dict[str, Any]:
    """One finding as plain data."""
    return {
        "code": found.code,
        "hard": found.hard,
        "sentence": found.sentence,
        "source": found.source,
        "limit": "" if found.limit is None else str(found.limit),
        "asked": "" if found.asked is None else str(found.asked),
        "also": [str(each) for each in found.also],
    }


def patients(value: Quantity, weight: Weight | None) -> str:
    """A limit per weight for this one's; "" for any other."""
    if weight is None or not isinstance(value, DosePerWeight | DoseRatePerWeight):
        return ""
    made: Quantity = value * weight
    per = "mcg" if value.unit.startswith("mcg") else "mg"
    return str(made.to(next(unit for unit in made.UNITS if unit.split("/")[0] == per)))


def _rate(limit: Limit, weight: Weight) -> DoseRate:
    assert isinstance(limit.value, RATES)
    return limit.value * weight if isinstance(limit.value, DoseRatePerWeight) else limit.value
