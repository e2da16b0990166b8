"""What a patient was given, as far as the record tells: by the pump, from what it said of its programmes, and by hand.

One account for whoever asks: what the next order is checked against (intake.py), what the patient has had by now
(bedside/charting/had.py) and what was given in a shift (shift.py). A dose that was charted in error is in none of them.
Times are ms of the caller's own count.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from typing import NamedTuple

from assuage.record.events import Chart, Clinical, Event, Given, Ordered, Pump, Struck


class Sample(NamedTuple):
    """nL that a programme had given in all at that time."""

    at: int
    programme: int
    nl: int


class Rise(NamedTuple):
    """nL that a programme gave between two times at which the pump was heard; both are the same for what was there when
    it was heard first."""

    begin: int
    end: int
    programme: int
    nl: int


@dataclasses.dataclass(slots=True)
class Hand:
    """A dose by hand. number: of its entry, 0 until it has one."""

    at: int
    given: Given
    number: int = 0


@dataclasses.dataclass(slots=True)
class Account:
    """Follows events in the order of the record. checked: what was in the syringe, by programme; labels: what the order
    called it; hands: without those that were charted in error, which are counted by struck."""

    checked: dict[int, Clinical] = dataclasses.field(default_factory=dict)
    labels: dict[int, str] = dataclasses.field(default_factory=dict)
    hands: list[Hand] = dataclasses.field(default_factory=list)
    samples: list[Sample] = dataclasses.field(default_factory=list)
    struck: int = 0

    def take(self, event: Event, at: int, number: int = 0) -> None:
        """Follows an event of that time. number: of its entry, 0 before it has one; a dose is struck only by what has
        one, for till then it may yet be refused by the disk."""
        match event:
            case Clinical():
                self.checked[event.programme] = event
            case Ordered():
                self.labels[event.programme] = str(event.readback.get("drug", ""))
            case Given():
                self.hands.append(Hand(at, event, number))
            case Struck() if number:
                self._strike(event.number)
            case Pump() | Chart() if event.programme:
                self.samples.append(Sample(at, event.programme, event.delivered_nl))

    def kept(self, event: Event, number: int) -> None:
        """What was taken is in the record, as the entry of this number."""
        for hand in self.hands:
            if hand.given is event:
                hand.number = number
        if isinstance(event, Struck):
            self._strike(event.number)

    def forget(self, event: Event) -> None:
        """What was taken is not in the record after all."""
        self.hands = [hand for hand in self.hands if hand.given is not event]

    def by_hand(self, start: int, end: int | None = None) -> Iterator[Given]:
        """Doses from start on, until before the end."""
        return (hand.given for hand in self.hands if hand.at >= start and (end is None or hand.at < end))

    def pumped(self, start: int, end: int | None = None) -> dict[int, int]:
        """nL of each programme that was heard from start on, until before the end. A stretch that began before start
        counts whole."""
        before: dict[int, int] = {}
        by_end: dict[int, int] = {}
        for at, programme, nl in self.samples:
            if end is None or at < end:
                where = by_end if at >= start else before
                where[programme] = max(nl, where.get(programme, 0))
        return {programme: max(0, nl - before.get(programme, 0)) for programme, nl in by_end.items()}

    def rises(self) -> Iterator[Rise]:
        """All that the pump gave, piece by piece."""
        seen: dict[int, tuple[int, int]] = {}
        for at, programme, nl in self.samples:
            before, so_far = seen.get(programme, (at, 0))
            if nl > so_far:
                yield Rise(min(before, at), at, programme, nl - so_far)
            seen[programme] = (at, max(nl, so_far))

    def copy(self) -> Account:
        """As it is now, for another thread."""
        return Account(dict(self.checked), dict(self.labels), list(self.hands), list(self.samples), self.struck)

    def _strike(self, number: int) -> None:
        left = [hand for hand in self.hands if hand.number != number]
        self.struck += len(self.hands) - len(left)
        self.hands = left
