"""What must hold of a library beyond its form, so that its limits can catch what they are for.

The one that matters most: whatever is usual lies between a soft lower and a soft higher limit less than ten times
apart. Then no usual dose is still usual when it is ten times too much or too little, a thousand times (mg for mcg), or
sixty times (an hour for a minute). And of a weight in kilograms and the same number in pounds, at most one is
plausible.
"""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from typing import Final

from assuage.pharmacy.library_schema import WHATS, Content, Limit, Route, Table
from assuage.pharmacy.quantities import Concentration, Quantity, Weight

TENFOLD: Final = 10
STRENGTHS_APART: Final = 5  # vials that far apart are one slip of the pick list away from an overdose

NEEDS: Final = {
    "continuous": ("rate",), "ramp": ("rate",), "steps": ("rate",), "loading": ("rate", "dose"), "bolus": ("dose",),
    "pca": ("demand", "lockout"),
}  # fmt: skip

Place = tuple[str | int, ...]
Mistake = tuple[Place, str]


def mistakes(content: Content) -> list[Mistake]:
    """Every rule that is broken: where, and a sentence."""
    return [*_sources(content), *_general(content), *_drugs(content)]


def notes(content: Content) -> list[str]:
    """What is allowed and worth a look, one sentence each."""
    found = []
    for key, drug in content.drug.items():
        strengths = sorted(vial.concentration for vial in drug.vials)
        if strengths[-1] / strengths[0] >= STRENGTHS_APART:
            found.append(f"{key}: vials from {strengths[0]} to {strengths[-1]} are on the shelf.")
        for area, place in drug.areas.items():
            for route, way in place.routes.items():
                for what in {what for mode in way.modes for what in NEEDS[mode] if what != "lockout"}:
                    if not any(limit.what == what and limit.bound == "hard-high" for limit in way.limits):
                        found.append(f"{key}, {area}, {route}: no hard limit for a {what}; any can be overridden.")
    return found


def tally(content: Content) -> tuple[int, int, int]:
    """How many limits there are, how many of them are unverified, and how many of those are examples."""
    limits = [
        limit
        for drug in content.drug.values()
        for area in drug.areas.values()
        for route in area.routes.values()
        for limit in route.limits
    ]
    unverified = [limit for limit in limits if not limit.verified]
    return len(limits), len(unverified), sum(content.sources[limit.source].example for limit in unverified)


def _sources(content: Content) -> Iterator[Mistake]:
    """Each number has a source that is listed; an example is not verified by anything."""

    def walk(value: object, place: Place) -> Iterator[Mistake]:
        source = getattr(value, "source", None)
        if isinstance(source, str):
            if source not in content.sources:
                yield (*place, "source"), f"there is no source {source!r} in [sources]."
            elif content.sources[source].example and getattr(value, "verified", False):
                yield (*place, "verified"), "an example cannot be verified; name the publication."
        if isinstance(value, dict):
            for key, each in value.items():
                yield from walk(each, (*place, key))
        elif isinstance(value, tuple):
            for number, each in enumerate(value):
                yield from walk(each, (*place, number))
        elif isinstance(value, Table):
            for name in type(value).model_fields:
                yield from walk(getattr(value, name), (*place, name))

    yield from walk(content, ())


def _general(content: Content) -> Iterator[Mistake]:
    for name in ("plausible_weight", "plausible_bmi"):
        band = getattr(content, name)
        if not band.low < band.high < band.low / Weight.of(1, "lb").number("kg"):
            yield (name,), "high must be above low and less than 2.2046 times as much, or pounds pass for kilograms."
    ages = [row.low for row in content.weight]
    if ages != sorted(set(ages)):
        yield ("weight",), "the rows must be in the order of their ages, each age once."
    for number, each in enumerate(content.conversion):
        for key in (each.of, each.to):
            if key not in content.drug:
                yield ("conversion", number), f"there is no drug {key!r}."


def _drugs(content: Content) -> Iterator[Mistake]:
    for key, drug in content.drug.items():
        for other in drug.not_to_be_taken_for:
            if other not in content.drug or other == key:
                yield ("drug", key, "not_to_be_taken_for"), f"there is no other drug {other!r}."
        strongest = max(vial.concentration for vial in drug.vials)
        for area, place in drug.areas.items():
            if place.ages.low >= place.ages.high:
                yield ("drug", key, "areas", area, "ages"), "low must be below high."
            for route, way in place.routes.items():
                for where, sentence in _route(way, strongest):
                    yield ("drug", key, "areas", area, "routes", route, *where), sentence


def _route(way: Route, strongest: Concentration) -> Iterator[Mistake]:
    for number, concentration in enumerate(way.concentrations):
        if concentration > strongest:
            yield ("syringes", number), f"{concentration} is stronger than any vial ({strongest})."
    rows: dict[tuple[str, str, str], Limit] = {}
    for number, limit in enumerate(way.limits):
        if not isinstance(limit.value, WHATS[limit.what]):
            units = ", ".join(unit for kind in WHATS[limit.what] for unit in kind.UNITS)
            yield ("limits", number, "value"), f"{limit.value} is no {limit.what}; the units are {units}."
        if limit.key in rows:
            yield ("limits", number), f"{limit.what} {limit.bound} stands there twice."
        rows[limit.key] = limit
    for (what, bound, kind), limit in rows.items():
        above = [rows[key] for b in ("soft-high", "hard-high") if (key := (what, b, kind)) in rows and b != bound]
        if bound == "soft-low" and any(other.value <= limit.value for other in above):
            yield ("limits",), f"{what}: soft-low {limit.value} must be below the limits above it."
        if bound == "soft-high" and any(other.value < limit.value for other in above):
            yield ("limits",), f"{what}: soft-high {limit.value} is above the hard limit."
    for what in sorted({what for mode in way.modes for what in NEEDS[mode]} | _banded(rows)):
        bands = band(way, what)
        if not bands:
            yield ("limits",), f"{what} needs a soft-low and a soft-high of one kind: a slip to less is one too."
        for low, high in bands:
            if ratio(low, high) >= TENFOLD:
                yield (
                    ("limits",),
                    f"{what}: soft-low {low} and soft-high {high} must be less than ten times apart, or a misplaced "
                    f"decimal point passes.",
                )


def _banded(rows: dict[tuple[str, str, str], Limit]) -> set[str]:
    """What else is limited from below and from above."""
    return {what for what, bound, _ in rows if what == "basal" and bound == "soft-low"}


def band(way: Route, what: str) -> list[tuple[Quantity, Quantity]]:
    """The soft limits of one thing, from below and from above, by kind."""
    rows = {limit.key: limit.value for limit in way.limits}
    return [
        (low, rows[what, "soft-high", kind])
        for (name, bound, kind), low in rows.items()
        if name == what and bound == "soft-low" and (what, "soft-high", kind) in rows
    ]


def ratio(low: Quantity, high: Quantity) -> Fraction:
    """How many times the one is the other, of one kind."""
    return high.base / low.base
