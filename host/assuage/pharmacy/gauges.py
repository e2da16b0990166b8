"""Where each number of an order lies between its limits, for a picture that grows as somebody types.

A gauge is one number: what was typed, the same in the other units, and its place on a scale from nothing to a little
more than its highest limit (0 to 1), with each limit's own place. Whether a number is beyond a limit is told by exact
arithmetic; only places are rounded. What cannot be reckoned yet, because weight or strength are missing, is left out.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any, Final

from assuage.errors import BadInput
from assuage.pharmacy import guidance, prescription, totals
from assuage.pharmacy.dosing import FINE, WINDOWS
from assuage.pharmacy.library import Library
from assuage.pharmacy.library_schema import Limit
from assuage.pharmacy.prescription import DOSES, RATES, Prescription
from assuage.pharmacy.quantities import (
    Concentration,
    DosePerWeight,
    DoseRate,
    DoseRatePerWeight,
    Flow,
    Mass,
    Quantity,
    Time,
    Volume,
    Weight,
    parse_one_of,
)

Typed = Mapping[str, Any]
Gauge = dict[str, Any]
Amount = Mass | DoseRate | Time

ROOM: Final = Fraction(5, 4)  # of a scale, for its highest limit
ALONE: Final = Fraction(4)  # the same where there is only a lowest one
ZONES: Final = {"soft-low": "low", "soft-high": "high", "hard-high": "beyond"}
TOGETHER: Final = {"hour": "in any hour", "four-hours": "in any four hours", "day": "in any day"}


def gauges(typed: Typed, library: Library, had: Mapping[str, Mass]) -> list[Gauge]:
    """Of what has been typed so far; never raises for that. had: what was given before, by its window."""
    try:
        weight = Weight.parse(typed.get("weight", ""))
        limits = library.route(str(typed.get("drug", "")), str(typed.get("area", "")), "iv").limits
    except BadInput:
        return []
    solution = _read(typed.get("concentration"), (Concentration,))
    made = []
    for what, key, name, text in _parts(typed):
        asked = _read(text, (Time,) if what in ("over", "lockout") else RATES if what in ("rate", "basal") else DOSES)
        amount = None if asked is None else _whole(asked, weight, solution)
        known = asked if amount is not None else None  # else its limits alone are shown
        same = [] if amount is None else _same(amount, weight, solution)
        if known is not None or any(limit.what == what for limit in limits):
            made.append(_gauge(what, key, name, str(known or ""), amount, same, limits, weight, library))
    return made + _together(typed, limits, weight, had, library)


def _parts(typed: Typed) -> list[tuple[str, str, str, Any]]:
    """What limits it, the field that it stands in, its name, and what was typed there."""
    pca = typed.get("mode") == "pca"
    rows = [
        ("demand" if pca else "dose", "dose", "demand dose" if pca else "dose"),
        ("over", "over", "time of the dose"),
        ("basal" if pca else "rate", "rate", "basal rate" if pca else "rate"),
        ("rate", "highest", "highest rate"),
        ("dose", "extra", "largest bolus"),
        ("lockout", "lockout", "lockout"),
    ]
    keys = set().union(*prescription.MODES.get(str(typed.get("mode")), ())) | {"highest", "extra"}
    made = [(what, key, name, typed.get(key)) for what, key, name in rows if key in keys]
    steps = typed.get("steps") if "steps" in keys else None
    for number, step in enumerate(steps if isinstance(steps, list) else (), 1):
        if isinstance(step, Mapping):
            made.append(("rate", f"step-{number}", f"rate of step {number}", step.get("rate")))
    return made


def _together(
    typed: Typed, limits: Sequence[Limit], weight: Weight, had: Mapping[str, Mass], library: Library
) -> list[Gauge]:
    """What was given before, and with the most that the order can give where it is whole."""
    try:
        p = Prescription.from_input(typed, library)
    except BadInput:
        p = None
    made = []
    for what, window in WINDOWS.items():
        if any(limit.what == what for limit in limits):
            before = had.get(what, Mass.of(0, "mg"))
            total = before if p is None else before + totals.within(p, window)
            if not total.base:
                continue
            shown = total.to("mcg" if total < FINE else "mg")
            same = [str((total / weight).to("mcg/kg" if total < FINE else "mg/kg"))]
            gauge = _gauge(what, what, TOGETHER[what], str(shown), total, same, limits, weight, library)
            top = _top(what, limits, weight)
            gauge["had"] = {"amount": str(before), "at": _place(before.base, top)}
            gauge["whole"] = p is not None
            made.append(gauge)
    return made


def _gauge(
    what: str, key: str, name: str, asked: str, amount: Amount | None, same: list[str], limits: Sequence[Limit],
    weight: Weight, library: Library,
) -> Gauge:  # fmt: skip
    rows = [limit for limit in limits if limit.what == what]
    top = _top(what, limits, weight)
    marks = [
        {
            "bound": row.bound, "value": str(row.value), "patient": guidance.patients(row.value, weight),
            "at": None if _base(row.value, weight) > top else _place(_base(row.value, weight), top),
            "source": library.source(row), "note": row.note, "mark": _mark(row, library),
        }
        for row in rows
    ]  # fmt: skip
    zone = "" if amount is None else _zone(rows, amount, weight)
    return {
        "what": what, "key": key, "name": name, "asked": asked, "same": [each for each in same if each != asked],
        "at": None if amount is None else _place(amount.base, top),
        "over": bool(amount is not None and top and amount.base > top), "zone": zone if rows else "unlimited",
        "marks": marks,
    }  # fmt: skip


def _zone(rows: Sequence[Limit], amount: Amount, weight: Weight) -> str:
    """The worst that it is in."""
    passed = {row.bound for row in rows if _beyond(row, amount, weight)}
    return next((ZONES[bound] for bound in ("hard-high", "soft-high", "soft-low") if bound in passed), "usual")


def _beyond(row: Limit, amount: Amount, weight: Weight) -> bool:
    limit = _base(row.value, weight)
    return amount.base < limit if row.bound == "soft-low" else amount.base > limit


def _mark(row: Limit, library: Library) -> str:
    if library.content.sources[row.source].example:
        return "example"
    return "" if row.verified else "unverified"


def _base(value: Quantity, weight: Weight) -> Fraction:
    """Of the whole patient, in mg, mg/h or min."""
    return value.base * weight.base if isinstance(value, DosePerWeight | DoseRatePerWeight) else value.base


def _top(what: str, limits: Sequence[Limit], weight: Weight) -> Fraction:
    """Where the scale ends: beyond the first limit that refuses, and all that want a reason."""
    by_bound: dict[str, list[Fraction]] = {bound: [] for bound in ZONES}
    for row in limits:
        if row.what == what:
            by_bound[row.bound].append(_base(row.value, weight))
    highest = [*by_bound["soft-high"], *sorted(by_bound["hard-high"])[:1]]
    return max(highest) * ROOM if highest else max(by_bound["soft-low"], default=Fraction(0)) * ALONE


def _place(base: Fraction, top: Fraction) -> float | None:
    return round(float(min(base / top, Fraction(1))), 4) if top else None


def _whole(asked: Quantity, weight: Weight, solution: Concentration | None) -> Amount | None:
    """For the whole patient; None where the syringe's strength is missing for it."""
    made: Any = None
    if isinstance(asked, DoseRatePerWeight | DosePerWeight):
        made = asked * weight
    elif isinstance(asked, Mass | DoseRate | Time):
        made = asked
    elif isinstance(asked, Flow | Volume) and solution is not None:
        made = asked * solution
    assert made is None or isinstance(made, Mass | DoseRate | Time)
    return made


def _same(amount: Amount, weight: Weight, solution: Concentration | None) -> list[str]:
    """In all, for each kilogram, and as the syringe's."""
    if isinstance(amount, Time):
        return []
    rate = isinstance(amount, DoseRate)
    mass = "mcg" if amount.base < 1 else "mg"
    per: Quantity = amount / weight
    units = (f"{mass}/kg/h", f"{mass}/h") if rate else (f"{mass}/kg", mass)
    made: list[Quantity] = [amount.to(units[1]), per.to(units[0])]
    if rate:
        made.append(per.to("mcg/kg/min"))
    if solution is not None:
        made.append(amount / solution)
    return [str(each) for each in made]


def _read(text: object, kinds: tuple[type[Quantity], ...]) -> Any:
    """None for what cannot be read yet."""
    try:
        return parse_one_of(text, kinds, "it") if text else None
    except BadInput:
        return None
