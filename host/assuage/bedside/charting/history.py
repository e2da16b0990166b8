"""What the record tells of the patient in the bed: what flowed, was given and was found.

The record is read, not what was meant to be entered: so a daemon that starts again knows what its forerunner knew.
"""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import logging
import sqlite3
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final, NamedTuple

from assuage.bedside.charting.steady import Steady
from assuage.record import file
from assuage.record.account import Account
from assuage.record.events import (
    Admission,
    AlarmChanged,
    Assessment,
    Chart,
    Clinical,
    Discharge,
    Entry,
    Given,
    Ordered,
    Pump,
    Struck,
    entry_of,
)
from assuage.record.recorder import Recorder
from assuage.store.trouble import StoreError

log = logging.getLogger(__name__)

HOST: Final = "host"  # where a board's name stands, for alarms of the host itself
BACK_MS: Final = 14 * 24 * 3_600_000  # what is older does not count any more
FLOWS: Final = frozenset({"infusing", "bolus", "kvo"})
BETWEEN: Final = frozenset({"paused", "taking-up", "backing-off"})  # an infusion that goes on when it may

_SINCE: Final = "SELECT number, text, hash FROM entry WHERE number > ? ORDER BY number"
_BACK: Final = "SELECT number, text, hash FROM entry ORDER BY number DESC"
_KINDS: Final = frozenset(
    kind.KIND
    for kind in (Admission, AlarmChanged, Assessment, Chart, Clinical, Discharge, Given, Ordered, Pump, Struck)
)  # fmt: skip


class Infusion(NamedTuple):
    """One that has begun and not ended. begun: steady Unix ms."""

    programme: int
    begun: int


class Standing(NamedTuple):
    """The newest occurrence of an alarm of the host."""

    occurrence: int
    stands: bool


@dataclasses.dataclass(slots=True)
class Told:
    """Of one patient, in the order of the record; every time is steady Unix ms. assessments: without those that were
    charted in error, which are withdrawn. account: of what was given."""

    name: str = ""
    since: int = 0  # when the patient came
    assessments: list[Entry] = dataclasses.field(default_factory=list)
    withdrawn: list[Entry] = dataclasses.field(default_factory=list)
    account: Account = dataclasses.field(default_factory=Account)
    begun: dict[int, int] = dataclasses.field(default_factory=dict)
    infusions: dict[str, Infusion] = dataclasses.field(default_factory=dict)  # that go on, by pump
    flowing: frozenset[str] = frozenset()  # pumps
    set_off: int = 0  # number of the entry with which a pump began to flow last

    def substance(self, infusion: Infusion) -> str:
        """Of an infusion; "" where nobody has said."""
        meant = self.account.checked.get(infusion.programme)
        return "" if meant is None else meant.substance

    def withdraw(self, number: int) -> None:
        """The assessment that stands there was charted in error."""
        self.withdrawn += [entry for entry in self.assessments if entry.number == number]
        self.assessments = [entry for entry in self.assessments if entry.number != number]

    def copy(self) -> Told:
        """As it is now, for another thread."""
        return dataclasses.replace(
            self, assessments=list(self.assessments), withdrawn=list(self.withdrawn), account=self.account.copy(),
            begun=dict(self.begun), infusions=dict(self.infusions),
        )  # fmt: skip


class History:
    """Of one bed. revision: rises with what was read; alarms: of the host, which outlast the patient's stay."""

    def __init__(self, record: Recorder, steady: Steady) -> None:
        self._record, self._steady = record, steady
        self._read = 0
        self._one_at_a_time = asyncio.Lock()
        self.told = Told()
        self.alarms: dict[str, Standing] = {}
        self.revision = 0
        self.begun = False  # what was there before has been read
        self.fault = ""

    async def look(self) -> None:
        """Reads what has been entered since. What cannot be read is told by `fault`, and tried again."""
        async with self._one_at_a_time:
            if self._record.head.number > self._read or not self.begun:
                await self._look()

    async def _look(self) -> None:
        oldest = self._steady.wall(self._steady.now()) - BACK_MS
        try:
            number, entries = await asyncio.to_thread(_entries, self._record.path, self._read, oldest)
        except (StoreError, sqlite3.Error, ValueError, TypeError) as error:
            self.fault = f"What was charted cannot be read ({error}); look with `assuage record verify`."
            return
        self.fault = ""
        for entry in entries:
            self.take(entry)
        self._read, self.begun = number, True
        self.revision += 1

    def take(self, entry: Entry) -> None:
        """Follows one entry."""
        when = self._steady.of_wall(entry.when)
        told, event = self.told, _event(entry)
        match event:
            case Discharge():
                self.told = Told()
            case Admission():
                if event.patient != told.name:  # the same one, weighed again, has had what was given
                    keep = told if not told.name else Told()
                    keep.name, keep.since = event.patient, when
                    self.told = keep
            case Assessment():
                told.assessments.append(dataclasses.replace(entry, body={**entry.body, "when": when}))
            case Struck():
                told.withdraw(event.number)
            case AlarmChanged() if event.board == HOST:
                self.alarms[event.alarm] = Standing(event.occurrence, event.state != "over")
            case Pump() | Chart():
                self._pumped(event, when, entry.number)
            case _:
                pass
        if event is not None:
            self.told.account.take(event, when, entry.number)

    def _pumped(self, event: Pump | Chart, when: int, number: int) -> None:
        told, programme = self.told, event.programme
        if event.state in FLOWS:
            if event.pump not in told.flowing:
                told.set_off = number
            told.infusions[event.pump] = Infusion(programme, told.begun.setdefault(programme, when))
            told.flowing |= {event.pump}
        else:
            told.flowing -= {event.pump}
            if event.state not in BETWEEN:
                told.infusions.pop(event.pump, None)


def _event(entry: Entry) -> Any:
    for kind in (Pump, Chart, Assessment, Given, Struck, Clinical, Ordered, Admission, Discharge, AlarmChanged):
        found: Any = entry.event(kind)
        if found is not None:
            return found
    return None


def _entries(path: Path, after: int, oldest: int) -> tuple[int, Sequence[Entry]]:
    """The number of the last one, and those that count: after that number, or, from 0, as far back as may matter."""
    found: list[Entry] = []
    number = after
    with contextlib.closing(file.open_for_reading(path)) as db:
        for n, text, digest in db.execute(_SINCE, (after,)) if after else db.execute(_BACK):
            number = max(number, n)
            entry = entry_of(text, bytes(digest))
            if entry.kind in _KINDS:
                found.append(entry)
            if not after and (entry.at < oldest or entry.kind == Discharge.KIND):
                break
    return number, found if after else found[::-1]
