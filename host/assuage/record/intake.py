"""What a patient was given in the last day, of every substance and by every route, as far as the record tells.

Volumes that the pump gave are told by its programme's number; what was in the syringe, by the check that the programme
came of. A bound, never too little: a stretch that the record tells in part counts whole.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from fractions import Fraction
from typing import Final, NamedTuple

from assuage.record.account import Account, Sample
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


@dataclasses.dataclass(slots=True)
class Intake:
    """Follows the record. account: with samples some time apart; started: programmes that were checked and started, in
    order."""

    account: Account = dataclasses.field(default_factory=Account)
    started: list[int] = dataclasses.field(default_factory=list)
    converted: list[tuple[int, Converted]] = dataclasses.field(default_factory=list)
    _before: Intake | None = None  # as it was before the last discharge

    def take(self, event: Event, at: int, number: int = 0) -> None:
        """Follows an event of that time, Unix ms. number: as in Account.take."""
        match event:
            case Outcome(what="start", result="done") if event.programme not in self.started:
                self.started.append(event.programme)
            case Discharge():
                self._new_patient()
            case Converted():
                self.converted.append((at, event))
            case Pump() | Chart() if event.programme:
                self.heard(event.programme, event.delivered_nl, at)
            case _:
                self.account.take(event, at, number)

    def take_entry(self, entry: Entry) -> None:
        """Follows an entry of the record."""
        for kind in _KINDS:
            event: Event | None = entry.event(kind)
            if event is not None:
                self.take(event, entry.when, entry.number)

    def kept(self, event: Event, number: int) -> None:
        """What was taken is in the record, as the entry of this number."""
        self.account.kept(event, number)

    def forget(self, event: Event) -> None:
        """What was taken is not in the record after all: the disk has refused it."""
        if isinstance(event, Discharge) and self._before is not None:
            self._become(self._before)
        self.account.forget(event)
        self.converted = [each for each in self.converted if each[1] is not event]

    def heard(self, programme: int, nl: int, at: int) -> None:
        """What a pump has said of a programme that is under way."""
        samples = self.account.samples
        mine = [sample for sample in samples[-3:] if sample.programme == programme]
        if mine and nl <= mine[-1].nl:
            return
        if len(mine) > 1 and mine[-1].at - mine[-2].at < APART_MS:
            samples.remove(mine[-1])  # its volume is in the newer one, and the older one bounds it from below
        samples.append(Sample(at, programme, nl))
        if samples[0].at < at - 2 * KEEP_MS:
            self.account.samples = [sample for sample in samples if sample.at >= at - KEEP_MS]

    def know(self, programme: int, substance: str, ng_per_ml: int) -> None:
        """What was in the syringe, of a programme whose check was entered too long ago."""
        check = Clinical(programme=programme, substance=substance, ng_per_ml=ng_per_ml)
        self.account.checked.setdefault(programme, check)

    def since(self, start: int) -> Iterator[Had]:
        """What was given from then on, Unix ms."""
        for given in self.account.by_hand(start):
            yield Had(given.substance, Fraction(given.mass_ng), 0, given.route)
        for programme, gave in self.account.pumped(start).items():
            check = self.account.checked.get(programme)
            if gave:
                substance, per_ml = ("", 0) if check is None else (check.substance, check.ng_per_ml)
                yield Had(substance, gave * per_ml * NG_PER_NL, gave, "iv")

    def newest(self, substance: str) -> Clinical | None:
        """By what this substance was given last by the pump; None where it was not, as far as is known."""
        for programme in reversed(self.started):
            check = self.account.checked.get(programme)
            if check is not None and check.substance == substance:
                return check
        return None

    def _new_patient(self) -> None:
        """The bed is empty: nothing of what was counts for who comes next."""
        self._before = dataclasses.replace(self, _before=None)
        self._become(Intake())

    def _become(self, other: Intake) -> None:
        self.account, self.started, self.converted = other.account, other.started, other.converted


def may_tell(text: str) -> bool:
    """Whether the text of an entry may be of a kind that counts here; cheaper than reading it."""
    return any(f'"kind":"{kind.KIND}"' in text for kind in _KINDS)
