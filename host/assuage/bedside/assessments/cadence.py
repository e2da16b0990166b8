"""When an assessment is due, from when an infusion began and when it was last assessed. Pure; times are Unix ms."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from assuage.bedside.assessments.scales import Book, Cadence
from assuage.record.events import Assessment, Entry

MINUTE_MS: Final = 60_000
STATES: Final = ("later", "soon", "due", "overdue")


@dataclass(frozen=True, slots=True)
class Due:
    """at: when it is due. state: one of STATES; overdue is an advisory alarm. sentence: for a screen."""

    cadence: Cadence
    at: int
    state: str
    sentence: str


def every(cadence: Cadence, since_min: float) -> int:
    """Minutes between two at so many minutes since the beginning."""
    ends = 0
    for phase in cadence.phases:
        if phase.for_min is None or since_min < (ends := ends + phase.for_min):
            return phase.every_min
    raise ValueError("the last phase of a cadence has no end")


def next_due(cadence: Cadence, begun: int, last: int | None) -> int:
    """Unix ms. Counted from the last one, or from the beginning; an early one moves the next."""
    before = begun if last is None or last < begun else last
    return before + every(cadence, (before - begun) / MINUTE_MS) * MINUTE_MS


def due(cadence: Cadence, begun: int, last: int | None, now: int) -> Due:
    """How it stands now."""
    at = next_due(cadence, begun, last)
    left = at - now
    minutes = -(-abs(left) // MINUTE_MS)
    if left > cadence.remind_min * MINUTE_MS:
        return Due(cadence, at, "later", f"Next in {minutes} min: {cadence.title}.")
    if left > 0:
        return Due(cadence, at, "soon", f"Due in {minutes} min: {cadence.title}.")
    if -left <= cadence.grace_min * MINUTE_MS:
        return Due(cadence, at, "due", f"Due now: {cadence.title}.")
    return Due(cadence, at, "overdue", f"Overdue by {minutes} min: {cadence.title}; assess the patient and enter it.")


def last_done(cadence: Cadence, entries: Iterable[Entry]) -> int | None:
    """When it was last done, by the record: all its scales in one assessment, or its name among them."""
    times = []
    for entry in entries:
        found = entry.event(Assessment)
        if found is None:
            continue
        whole = cadence.of and set(cadence.of) <= set(found.values)
        if whole or cadence.name in found.values:
            times.append(entry.when)
    return max(times, default=None)


def all_due(book: Book, substance: str, area: str, begun: int, entries: Iterable[Entry], now: int) -> list[Due]:
    """Of an infusion of this substance in this care area; the most urgent first."""
    told = list(entries)
    found = [due(c, begun, last_done(c, told), now) for c in book.cadence if c.applies(substance, area)]
    return sorted(found, key=lambda each: (-STATES.index(each.state), each.at))
