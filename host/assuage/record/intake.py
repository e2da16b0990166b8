"""What a patient was given in the last day, of every substance and by every route, as far as the record tells.

Volumes that the pump gave are told by its programme's number; what was in the syringe, by the check that the programme
came of. A bound, never too little: a stretch that the record tells in part counts whole.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from fractions import Fraction
from typing import Final, NamedTuple

from assuage.record.events import Chart, Clinical, Converted, Discharge, Entry, Event, Given, Outcome, Pump, Struck

HOUR_MS: Final = 3_600_000
KEEP_MS: Final = 25 * HOUR_MS  # a day, and one hour for what was entered late
APART_MS: Final = 15_000  # between two samples of one programme that are kept
NG_PER_NL: Final = Fraction(1, 1_000_000)  # of 1 ng/mL

_KINDS: Final = (Clinical, Given, Struck, Converted, Pump, Chart, Outcome, Discharge)


class Had(NamedTuple):
    """An amount of one substance. substance: as the record names it, "" where nobody has said what was in the syringe.
    ng: exact; nl: of what the pump gave."""

    substance: str
    ng: Fraction
    nl: int
    route: str


class Sample(NamedTuple):
    """nL that a programme had given at that time, Unix ms."""

    at: int
    programme: int
    nl: int


@dataclasses.dataclass(slots=True)
class Hand:
    """A dose by hand. at: Unix ms. number: of its entry, 0 until it has one."""

    at: int
    given: Given
    number: int = 0


@dataclasses.dataclass(slots=True)
class Intake:
    """Follows the record. checked: by programme; started: those of them that were, in order."""

    checked: dict[int, Clinical] = dataclasses.field(default_factory=dict)
    started: list[int] = dataclasses.field(default_factory=list)
    hands: list[Hand] = dataclasses.field(default_factory=list)
    converted: list[tuple[int, Converted]] = dataclasses.field(default_factory=list)
    samples: list[Sample] = dataclasses.field(default_factory=list)
    _before: Intake | None = None  # as it was before the last discharge

    def take(self, event: Event, at: int, number: int = 0) -> None:
        """Follows an event of that time, Unix ms. number: of its entry, 0 before it has one; a dose is struck only by
        what has one, for till then it may yet be refused by the disk."""
        match event:
            case Clinical():
                self.checked[event.programme] = event
            case Outcome(what="start", result="done") if event.programme not in self.started:
                self.started.append(event.programme)
            case Given():
                self.hands.append(Hand(at, event, number))
            case Struck() if number:
                self.hands = [hand for hand in self.hands if hand.number != event.number]
            case Discharge():
                self._new_patient()
            case Converted():
                self.converted.append((at, event))
            case Pump() | Chart() if event.programme:
                self.heard(event.programme, event.delivered_nl, at)

    def take_entry(self, entry: Entry) -> None:
        """Follows an entry of the record."""
        for kind in _KINDS:
            event: Event | None = entry.event(kind)
            if event is not None:
                self.take(event, entry.when, entry.number)

    def kept(self, event: Event, number: int) -> None:
        """What was taken is in the record, as the entry of this number."""
        for hand in self.hands:
            if hand.given is event:
                hand.number = number
        if isinstance(event, Struck):
            self.take(event, 0, number)

    def forget(self, event: Event) -> None:
        """What was taken is not in the record after all: the disk has refused it."""
        if isinstance(event, Discharge) and self._before is not None:
            self._become(self._before)
        self.hands = [hand for hand in self.hands if hand.given is not event]
        self.converted = [each for each in self.converted if each[1] is not event]

    def heard(self, programme: int, nl: int, at: int) -> None:
        """What a pump has said of a programme that is under way."""
        mine = [sample for sample in self.samples[-3:] if sample.programme == programme]
        if mine and nl <= mine[-1].nl:
            return
        if len(mine) > 1 and mine[-1].at - mine[-2].at < APART_MS:
            self.samples.remove(mine[-1])  # its volume is in the newer one, and the older one bounds it from below
        self.samples.append(Sample(at, programme, nl))
        if self.samples[0].at < at - 2 * KEEP_MS:
            self.samples = [sample for sample in self.samples if sample.at >= at - KEEP_MS]

    def know(self, programme: int, substance: str, ng_per_ml: int) -> None:
        """What was in the syringe, of a programme whose check was entered too long ago."""
        self.checked.setdefault(programme, Clinical(programme=programme, substance=substance, ng_per_ml=ng_per_ml))

    def since(self, start: int) -> Iterator[Had]:
        """What was given from then on, Unix ms."""
        for hand in self.hands:
            if hand.at >= start:
                yield Had(hand.given.substance, Fraction(hand.given.mass_ng), 0, hand.given.route)
        first: dict[int, int] = {}
        last: dict[int, int] = {}
        for at, programme, nl in self.samples:
            where = last if at >= start else first
            where[programme] = max(nl, where.get(programme, 0))
        for programme, nl in last.items():
            gave = max(0, nl - first.get(programme, 0))
            check = self.checked.get(programme)
            if gave:
                substance, per_ml = ("", 0) if check is None else (check.substance, check.ng_per_ml)
                yield Had(substance, gave * per_ml * NG_PER_NL, gave, "iv")

    def newest(self, substance: str) -> Clinical | None:
        """By what this substance was given last by the pump; None where it was not, as far as is known."""
        for programme in reversed(self.started):
            check = self.checked.get(programme)
            if check is not None and check.substance == substance:
                return check
        return None

    def _new_patient(self) -> None:
        """The bed is empty: nothing of what was counts for who comes next."""
        self._before = dataclasses.replace(self, _before=None)
        self._become(Intake())

    def _become(self, other: Intake) -> None:
        self.checked, self.started = other.checked, other.started
        self.hands, self.converted, self.samples = other.hands, other.converted, other.samples


def may_tell(text: str) -> bool:
    """Whether the text of an entry may be of a kind that counts here; cheaper than reading it."""
    return any(f'"kind":"{kind.KIND}"' in text for kind in _KINDS)
