"""What the library says about an order: findings, each a sentence with the limit, its source, and what was asked in
other units beside it, so that a slip is seen. Hard ones refuse the order; soft ones want a reason and a name."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from assuage.errors import BadInput, Refused
from assuage.pharmacy.library import Library
from assuage.pharmacy.library_schema import Limit
from assuage.pharmacy.quantities import DosePerWeight, DoseRate, DoseRatePerWeight, Mass, Quantity, Time, Weight

REASON_LEAST: Final = 3  # characters; "ok" is none


@dataclass(frozen=True, slots=True)
class Finding:
    """code: which it is, the same whenever the same limit is passed; an override names it. limit: as it is written in
    the library, or None. asked: what was ordered; also: the same in other units."""

    code: str
    hard: bool
    sentence: str
    source: str = ""
    limit: Quantity | None = None
    asked: Quantity | None = None
    also: tuple[Quantity, ...] = ()


@dataclass(frozen=True, slots=True)
class Override:
    """That somebody goes on in spite of a soft finding."""

    code: str
    reason: str
    by: str


@dataclass(frozen=True, slots=True)
class Part:
    """One number of an order. what: of library_schema.WHATS; name: the order's word for it; amount: what it comes to
    for the whole patient."""

    what: str
    name: str
    asked: Quantity
    amount: Mass | DoseRate | Time
    also: tuple[Quantity, ...] = ()


_ABOVE: Final = {
    "soft-high": "is above the usual most of",
    "hard-high": "is above the limit of",
    "soft-low": "is below the usual least of",
}


def check(part: Part, limits: Sequence[Limit], weight: Weight, library: Library) -> list[Finding]:
    """Every limit that this part passes."""
    return [
        _passed(part, limit, library) for limit in limits if limit.what == part.what and _beyond(part, limit, weight)
    ]


def _beyond(part: Part, limit: Limit, weight: Weight) -> bool:
    value, amount = limit.value, part.amount.base
    if isinstance(value, DosePerWeight | DoseRatePerWeight):
        amount = amount / weight.base  # both in mg and kg, or mg/h
    elif type(value) is not type(part.amount):
        raise TypeError(f"{part.name} is no {type(value).__name__}")
    return amount < value.base if limit.bound == "soft-low" else amount > value.base


def _passed(part: Part, limit: Limit, library: Library) -> Finding:
    source = library.source(limit)
    same = ", ".join(str(each) for each in part.also if str(each) != str(part.asked))
    sentence = (
        f"{part.name.capitalize()} {part.asked} {_ABOVE[limit.bound]} {limit.value}"
        f"{f' ({limit.note})' if limit.note else ''}; source: {source}."
        f"{f' It is the same as {same}.' if same else ''}"
    )
    return Finding(
        f"{part.name}:{limit.bound}:{limit.value.unit}",
        limit.bound == "hard-high",
        sentence,
        source,
        limit.value,
        part.asked,
        part.also,
    )


def refuse_hard(findings: Sequence[Finding]) -> None:
    """Raises Refused for the first hard finding."""
    hard = [finding for finding in findings if finding.hard]
    if hard:
        raise Refused("library-limit", hard[0].sentence, limit=_text(hard[0].limit), by="host")


def judge(findings: Sequence[Finding], overrides: Sequence[Override]) -> tuple[Override, ...]:
    """The overrides that were needed. Raises Refused for a hard finding, or a soft one that nobody overrides; BadInput
    for an override without a reason or a name."""
    refuse_hard(findings)
    given: Mapping[str, Override] = {override.code: override for override in overrides}
    for finding in findings:
        override = given.get(finding.code)
        if override is None:
            raise Refused(
                "library-override",
                f"{finding.sentence} Change the order, or give a reason and a name.",
                limit=_text(finding.limit),
                by="host",
            )
        if len(override.reason.strip()) < REASON_LEAST:
            raise BadInput("reason", "Say in a few words why the order goes beyond what is usual.")
        if not override.by.strip():
            raise BadInput("by", "Say who goes beyond what is usual.")
    return tuple(given[finding.code] for finding in findings)


def _text(limit: Quantity | None) -> str | None:
    return None if limit is None else str(limit)
