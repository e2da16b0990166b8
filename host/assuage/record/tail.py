"""What a daemon must know of a record that it continues: where it ends, what is open, who is in the bed.

Each daemon enters that with its beginning (events.Opened), so the entries since the last of those are all it reads.
"""

from __future__ import annotations

import dataclasses
import sqlite3
from pathlib import Path
from typing import Any, Final

from assuage.record import anchors, file
from assuage.record.events import Admission, Discharge, Entry, Event, Intent, Opened, Outcome, entry_of
from assuage.record.file import Row

PAGE: Final = 500  # entries that are read at once

CUT: Final = "The last {} entries of this record are missing: it had {} and has {}; look with `assuage record verify`."
OTHER: Final = "Entry {} of this record is not the one that was written then; look with `assuage record verify`."
BROKEN: Final = "Entry {} of this record has been altered since it was written; look with `assuage record verify`."


@dataclasses.dataclass(slots=True)
class State:
    """Of a record as far as it goes. open: acts without an outcome, by their names. started: the programme that was
    started last. patient: body of the Admission."""

    open: dict[str, Intent] = dataclasses.field(default_factory=dict)
    started: int = 0
    patient: dict[str, Any] = dataclasses.field(default_factory=dict)

    def take(self, event: Event) -> bool:
        """Follows an event. False: it is the outcome of an act that has one, and must not be entered."""
        if isinstance(event, Intent):
            self.open[event.act] = event
        elif isinstance(event, Outcome):
            if self.open.pop(event.act, None) is None:
                return False
            if (event.what, event.result) == ("start", "done"):
                self.started = event.programme
        elif isinstance(event, Admission):
            self.patient = event.body()
        elif isinstance(event, Discharge):
            self.patient = {}
        return True

    def take_entry(self, entry: Entry) -> None:
        """Follows an entry."""
        opened = entry.event(Opened)
        if opened is not None:
            self.patient, self.started = opened.patient, opened.started
            self.open = {body["act"]: _intent(body) for body in opened.open}
        for kind in (Intent, Outcome, Admission, Discharge):
            event: Event | None = entry.event(kind)
            if event is not None:
                self.take(event)

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
    number, digest = (rows[-1].number, rows[-1].hash) if rows else (0, file.ZERO)
    return Tail(number, digest, state, doubt or _against(heads, db, number))


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
