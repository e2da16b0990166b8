"""An assessment as it was typed: what of it stops a pump, and, checked, its entry for the record."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from assuage.bedside.assessments import rules
from assuage.bedside.assessments.rules import Advice
from assuage.bedside.assessments.scales import Book
from assuage.bedside.charting import entries
from assuage.bedside.charting.entries import Input
from assuage.errors import BadInput
from assuage.pharmacy.units import MlPerH
from assuage.record.events import Assessment

DONE: Final = "done"
_KEYS: Final = frozenset({"at", "late_reason", "note", "values", "effects", "done"})


def urgent(book: Book, data: Input) -> tuple[Advice, ...]:
    """Whatever of it stops an infusion, however wrong the rest of the form may be."""
    values, effects = data.get("values"), data.get("effects")
    readable: dict[str, str] = {}
    for name, value in values.items() if isinstance(values, Mapping) else ():
        try:
            readable |= book.found({str(name): value}, ())[0]
        except BadInput:
            continue
    told = [each for each in effects if isinstance(each, str)] if isinstance(effects, list) else []
    return tuple(each for each in rules.advise(book, readable, told) if each.rule.action == "stop")


def read(book: Book, data: Input, by: str, now: int, rate: MlPerH | None) -> tuple[Assessment, tuple[Advice, ...]]:
    """The entry, and what follows from it. now: Unix ms. rate: that flows. Raises BadInput."""
    entries.known(data, _KEYS)
    values, effects, done = data.get("values", {}), data.get("effects", []), data.get("done", [])
    if not isinstance(values, Mapping):
        raise BadInput("values", "Give the values by the names of their scales.")
    for key, typed in (("effects", effects), ("done", done)):
        if not isinstance(typed, list) or not all(isinstance(each, str) for each in typed):
            raise BadInput(key, f"{key.capitalize()} is a list of names.")
    found, told = book.found({str(name): value for name, value in values.items()}, effects)
    note = entries.noted(data)
    if not found and not told and not done and not note:
        raise BadInput("values", "Nothing is entered; give at least one value, side effect or note.")
    advice = rules.advise(book, found, told, rate)
    entry = Assessment(
        by=by,
        when=entries.moment(data, now),
        values={**found, **dict.fromkeys(_tasks(book, done), DONE)},
        effects=tuple(dict.fromkeys(told)),
        advice=tuple(each.sentence for each in advice),
        note=note,
    )
    return entry, advice


def _tasks(book: Book, done: list[str]) -> list[str]:
    """Things that are not scored, only done: cadences without scales."""
    tasks = [cadence.name for cadence in book.cadence if not cadence.of]
    for each in done:
        if each not in tasks:
            raise BadInput("done", f"{each[:40]!r} is nothing that is only done; there is {', '.join(tasks)}.")
    return done


def shown(advice: Advice) -> dict[str, Any]:
    """For a screen. lowest, highest: the rates that a reduction comes to, with their unit."""
    rule = advice.rule
    return {
        "action": rule.action,
        "sentence": advice.sentence,
        "lowest": None if advice.lowest is None else str(advice.lowest),
        "highest": None if advice.highest is None else str(advice.highest),
        "source": rule.source,
        "verified": rule.verified,
    }


def heeded(book: Book, entry: Assessment) -> tuple[Advice, ...]:
    """What of an entry in the record stopped the pump."""
    values = {name: str(value) for name, value in entry.values.items()}
    return tuple(each for each in rules.advise(book, values, entry.effects) if each.rule.action == "stop")
