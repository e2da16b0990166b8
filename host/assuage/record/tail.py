"""What a daemon must know of a record that it continues: where it ends, what is open, who is in the bed.

Each daemon enters that with its beginning (events.Opened), so the entries since the last of those are all it reads,
but for what the patient was given in the last day.
"""

from __future__ import annotations

import dataclasses
import sqlite3
import time
from pathlib import Path
from typing import Any, Final

from assuage.record import anchors, file
from assuage.record.events import Admission, Discharge, Entry, Event, Intent, Opened, Outcome, Weighed, entry_of
from assuage.record.file import Row
from assuage.record.intake import KEEP_MS, Intake, may_tell

STARTED: Final = 8  # programmes that are known to have been started: more than a bed has pumps
PAGE: Final = 500  # entries that are read at once
NEWEST_FIRST: Final = "SELECT number, text, hash FROM entry ORDER BY number DESC"

CUT: Final = "The last {} entries of this record are missing: it had {} and has {}; look with `assuage record verify`."
OTHER: Final = "Entry {} of this record is not the one that was written then; look with `assuage record verify`."
BROKEN: Final = "Entry {} of this record has been altered since it was written; look with `assuage record verify`."


@dataclasses.dataclass(slots=True)
class State:
    """Of a record as far as it goes. open: acts without an outcome, by their names. started: the programmes that were
    started last, in order. patient: body of the Admission, with the weight of the newest Weighed. intake: what the
    patient was given."""

    open: dict[str, Intent] = dataclasses.field(default_factory=dict)
    started: tuple[int, ...] = ()
    patient: dict[str, Any] = dataclasses.field(default_factory=dict)
    intake: Intake = dataclasses.field(default_factory=Intake)

    def take(self, event: Event) -> bool:
        """Follows an event. False: it is the outcome of an act that has one, and must not be entered."""
        if not self._take(event):
            return False
        self.intake.take(event, time.time_ns() // 1_000_000 if event.when is None else event.when)
        return True

    def _take(self, event: Event) -> bool:
        if isinstance(event, Intent):
            self.open[event.act] = event
        elif isinstance(event, Outcome):
            if self.open.pop(event.act, None) is None:
                return False
            if (event.what, event.result) == ("start", "done"):
                self.started = (*self.started, event.programme)[-STARTED:]
        elif isinstance(event, Admission):
            self.patient = event.body()
        elif isinstance(event, Weighed):
            self.patient = {**self.patient, "weight": event.weight}
        elif isinstance(event, Discharge):
            self.patient = {}
        return True

    def forget(self, event: Event, patient: dict[str, Any]) -> None:
        """What was taken is not in the record after all. patient: who was in the bed before it."""
        self.open.pop(getattr(event, "act", ""), None)
        if isinstance(event, Admission | Weighed | Discharge):
            self.patient = patient
        self.intake.forget(event)

    def kept(self, event: Event, number: int) -> None:
        """What was taken is in the record, as the entry of this number."""
        self.intake.kept(event, number)

    def take_entry(self, entry: Entry) -> None:
        """Follows an entry."""
        opened = entry.event(Opened)
        if opened is not None:
            self.patient, self.started = opened.patient, tuple(n for n in (*opened.before, opened.started) if n)
            self.open = {body["act"]: _intent(body) for body in opened.open}
        for kind in (Intent, Outcome, Admission, Weighed, Discharge):
            event: Event | None = entry.event(kind)
            if event is not None:
                self._take(event)

    def opened(self) -> tuple[dict[str, Any], ...]:
        """The open acts for an Opened."""
        return tuple(intent.body() for intent in self.open.values())


def _intent(body: dict[str, Any]) -> Intent:
    known = {f.name for f in dataclasses.fields(Intent)}
    return Intent(**{name: value for name, value in body.items() if name in known})


@dataclasses.dataclass(frozen=True, slots=True)
class Tail:
    """number, hash: of the last entry, 0 and zeros in an empty record. doubt: what is wrong with it, a sentence."""

    number: int
    hash: bytes
    state: State
    doubt: str


def read(db: sqlite3.Connection, heads: Path) -> Tail:
    """Raises sqlite3.Error or OSError. What is altered is told, and does not keep a bed from being recorded."""
    rows = _since_opened(db)
    state, doubt = State(), ""
    for before, row in zip([None, *rows], rows, strict=False):
        if before is not None and file.link(before.hash, row.text) != row.hash:
            doubt = doubt or BROKEN.format(row.number)
        try:
            state.take_entry(entry_of(row.text, row.hash))
        except (ValueError, TypeError, KeyError):
            doubt = doubt or BROKEN.format(row.number)
    _take_day(db, state.intake)
    number, digest = (rows[-1].number, rows[-1].hash) if rows else (0, file.ZERO)
    return Tail(number, digest, state, doubt or _against(heads, db, number))


def _take_day(db: sqlite3.Connection, intake: Intake) -> None:
    """All of the last day that tells what was given, in order. What is no entry any more is left out; `read` tells of
    what is altered."""
    since = time.time_ns() // 1_000_000 - KEEP_MS
    found: list[Entry] = []
    for _, text, digest in db.execute(NEWEST_FIRST):
        try:
            entry = entry_of(text, bytes(digest)) if may_tell(text) else None
        except (ValueError, TypeError, KeyError):
            continue
        if entry is not None and entry.at < since:
            break
        if entry is not None:
            found.append(entry)
    for entry in reversed(found):
        intake.take_entry(entry)


def _since_opened(db: sqlite3.Connection) -> list[Row]:
    """The last Opened, with the entry before it, and all that follows; in order."""
    count = PAGE
    while True:
        rows = file.last(db, count)
        opened = next((i for i, row in enumerate(rows) if '"kind":"opened"' in row.text), None)
        if opened is not None:
            return rows[: opened + 2][::-1]
        if len(rows) < count:
            return rows[::-1]
        count *= 4


def _against(heads: Path, db: sqlite3.Connection, number: int) -> str:
    if not heads.exists():
        return ""
    known, _ = anchors.read(heads)
    if not known:
        return ""
    newest = known[-1]
    if newest.number > number:
        return CUT.format(newest.number - number, newest.number, number)
    row = db.execute("SELECT hash FROM entry WHERE number = ?", (newest.number,)).fetchone()
    return "" if row and bytes(row[0]).hex() == newest.hash else OTHER.format(newest.number)
