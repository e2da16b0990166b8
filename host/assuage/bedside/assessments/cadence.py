"""When an assessment is due, from when an infusion began and when it was last assessed. Pure; times are Unix ms."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from assuage.bedside.assessments.scales import Cadence
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


def every(cadence: Cadence, since_min: float) -> int | None:
    """Minutes between two at so many minutes since the beginning; None: nothing is due then."""
    ends = 0
    for phase in cadence.phases:
        if phase.for_min is None or since_min < (ends := ends + phase.for_min):
            return phase.every_min
    raise ValueError("the last phase of a cadence has no end")


def next_due(cadence: Cadence, begun: int, last: int | None) -> int | None:
    """Unix ms; None: never again. Counted from the last one, or from the beginning; an early one moves the next."""
    before = begun if last is None or last < begun else last
    minutes = every(cadence, (before - begun) / MINUTE_MS)
    if minutes is not None:
        return before + minutes * MINUTE_MS
    start = begun
    for phase in cadence.phases:
        if phase.every_min is not None and start > before:
            return start + phase.every_min * MINUTE_MS
        start += (phase.for_min or 0) * MINUTE_MS
    return None


def due(cadence: Cadence, begun: int, last: int | None, now: int) -> Due | None:
    """How it stands now; None: it is not due any more."""
    at = next_due(cadence, begun, last)
    if at is None:
        return None
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
        if (entry.kind, entry.version) != (Assessment.KIND, Assessment.VERSION):
            continue
        values = entry.body.get("values", {})  # as it stands: there are hundreds, and this is looked at every second
        if (cadence.of and all(name in values for name in cadence.of)) or cadence.name in values:
            times.append(entry.when)
    return max(times, default=None)


def all_due(cadences: Iterable[Cadence], begun: int, entries: Iterable[Entry], now: int) -> list[Due]:
    """Of an infusion for which these hold; the most urgent first."""
    told = list(entries)
    found = [due(cadence, begun, last_done(cadence, told), now) for cadence in cadences]
    return sorted((each for each in found if each is not None), key=lambda each: (-STATES.index(each.state), each.at))
