"""What another library means at the bedside: which orders it lets pass that the old one stopped, and the reverse."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from typing import Final, Literal, NamedTuple

from assuage.pharmacy.library import Library
from assuage.pharmacy.library_schema import AREAS, Limit, Said
from assuage.pharmacy.library_words import ASKS, WHATS, monitoring
from assuage.pharmacy.quantities import Quantity

Turn = Literal["looser", "tighter", "other"]
HIGH: Final = ("soft-high", "hard-high")


class Change(NamedTuple):
    """where: drug, area and route, as far as they matter. turn: whether more orders pass than before."""

    where: str
    turn: Turn
    what: str


def changes(old: Library, new: Library) -> list[Change]:
    """Everything that matters clinically, looser first."""
    found = [*_drugs(old, new), *_limits(old, new), *_general(old, new)]
    order = {"looser": 0, "tighter": 1, "other": 2}
    return sorted(found, key=lambda change: order[change.turn])


def _drugs(old: Library, new: Library) -> Iterator[Change]:
    for key in [*old.content.drug, *(key for key in new.content.drug if key not in old.content.drug)]:
        before, after = old.content.drug.get(key), new.content.drug.get(key)
        if before is None or after is None:
            yield Change(key, "looser" if before is None else "tighter", f"the drug is {_there(after)}")
            continue
        yield from _listed(key, "vial", [str(v.concentration) for v in before.vials],
                           [str(v.concentration) for v in after.vials])  # fmt: skip
        yield from _texts(key, "contraindication", before.contraindications, after.contraindications)
        yield from _texts(key, "side effect to ask for", before.side_effects, after.side_effects)
        for area in {**before.areas, **after.areas}:
            one, other = before.areas.get(area), after.areas.get(area)
            where = f"{key}, {AREAS[area]}"
            if one is None or other is None:
                yield Change(where, "looser" if one is None else "tighter", f"the care area is {_there(other)}")
                continue
            if (one.ages.low, one.ages.high) != (other.ages.low, other.ages.high):
                said = f"for {other.ages.low} to {other.ages.high}, was {one.ages.low} to {one.ages.high}"
                yield Change(where, "other", said)
            yield from _texts(where, "contraindication", one.contraindications, other.contraindications)
            yield from _listed(where, "monitoring", [monitoring(m) for m in one.monitoring],
                               [monitoring(m) for m in other.monitoring])  # fmt: skip
            for route in {**one.routes, **other.routes}:
                way, anew = one.routes.get(route), other.routes.get(route)
                place = f"{where}, {route}"
                if way is None or anew is None:
                    yield Change(place, "looser" if way is None else "tighter", f"the route is {_there(anew)}")
                    continue
                yield from _listed(place, "mode", list(way.modes), list(anew.modes))
                yield from _listed(place, "syringe", [str(c) for c in way.concentrations],
                                   [str(c) for c in anew.concentrations])  # fmt: skip


def _limits(old: Library, new: Library) -> Iterator[Change]:
    """Limits of routes that both have."""
    before, after = _rows(old), _rows(new)
    shared = {key[:3] for key in before} & {key[:3] for key in after}
    for key in [*before, *(key for key in after if key not in before)]:
        if key[:3] not in shared:
            continue
        one, other = before.get(key), after.get(key)
        where = f"{key[0]}, {AREAS[key[1]]}, {key[2]}"
        if one is None or other is None:
            there = other or one
            assert there is not None
            name = f"{WHATS[there.what]} {ASKS[there.bound]}"
            yield Change(where, "tighter" if one is None else "looser", f"{name} {there.value} is {_there(other)}")
            continue
        name = f"{WHATS[one.what]} {ASKS[one.bound]}"
        if one.value != other.value:
            up = other.value > one.value
            turn: Turn = "looser" if up == (one.bound in HIGH) else "tighter"
            ratio = Fraction(other.value.base) / one.value.base
            yield Change(where, turn, f"{name} {other.value}, was {one.value} ({float(ratio - 1):+.0%})")
        elif old.source(one) != new.source(other):
            yield Change(where, "other", f"{name} {one.value} now by: {new.source(other)}; was: {old.source(one)}")


def _general(old: Library, new: Library) -> Iterator[Change]:
    one, other = old.content, new.content
    factors = [{(c.of, c.to): c.factor for c in content.conversion} for content in (one, other)]
    for key in {**factors[0], **factors[1]}:
        was, now = factors[0].get(key), factors[1].get(key)
        if was != now:
            yield Change(f"{key[0]} to {key[1]}", "other", f"factor {_number(now)}, was {_number(was)}")
    weights = [{str(row.low): row.weight for row in content.weight} for content in (one, other)]
    for age in {**weights[0], **weights[1]}:
        if weights[0].get(age) != weights[1].get(age):
            yield Change("weight", "other", f"from {age} {_weight(weights[1].get(age))}, was "
                                            f"{_weight(weights[0].get(age))}")  # fmt: skip
    for name in ("plausible_weight", "plausible_bmi"):
        was, now = getattr(one, name), getattr(other, name)
        if (was.low, was.high) != (now.low, now.high):
            said = f"{_number(now.low)} to {_number(now.high)}, was {_number(was.low)} to {_number(was.high)}"
            yield Change(name.replace("_", " "), "other", said)


def _rows(library: Library) -> dict[tuple[str, ...], Limit]:
    return {(drug, area, route, *limit.key): limit for drug, area, route, limit in library.limits()}


def _texts(where: str, name: str, before: tuple[Said, ...], after: tuple[Said, ...]) -> Iterator[Change]:
    yield from _listed(where, name, [said.text for said in before], [said.text for said in after])


def _listed(where: str, name: str, before: list[str], after: list[str]) -> Iterator[Change]:
    """What of a list is new and what is gone. More that may be ordered is looser, more to look at neither."""
    permits = name in ("mode", "syringe")
    for each in after:
        if each not in before:
            yield Change(where, "looser" if permits else "other", f"{name} {each} is new")
    for each in before:
        if each not in after:
            yield Change(where, "tighter" if permits else "other", f"{name} {each} is gone")


def _there(now: object) -> str:
    return "gone" if now is None else "new"


def _number(value: Fraction | None) -> str:
    return "none" if value is None else f"{float(value):g}"


def _weight(value: Quantity | None) -> str:
    return "none" if value is None else str(value)
