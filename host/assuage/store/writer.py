"""The one thread that touches the database: gathers what comes within 50 ms and commits it together.

A commit that fails never reaches the caller: its telemetry is dropped and counted, events and acknowledgements are held
back and tried again with the next. When the disk is full the oldest telemetry makes room for new, if that is possible.
A database that turns out to be damaged is not written any more, and the thread outlives its own mistakes to say so.
"""

from __future__ import annotations

import logging
import queue
import sqlite3
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

from assuage.errors import Reason
from assuage.store import database, retention
from assuage.store.database import Opened
from assuage.store.trouble import StoreError, damaged_in_use, failed, is_damage, sentence

log = logging.getLogger(__name__)

GATHER_S = 0.05  # a record waits at most this long for company
ACKNOWLEDGE_S = 1.0  # acknowledgements alone: losing some in a crash only repeats what consumers drop
BATCH = 2000  # records per commit
HELD = 1000  # events kept in memory while the disk refuses them
PRUNE_EVERY = 500  # records
PRUNE_EVERY_S = 60.0

INSERT = "INSERT INTO record (rec, kind, topic, payload, created, event) VALUES (?, ?, ?, ?, ?, ?)"
PUBLISHED = "UPDATE record SET published = 1 WHERE rec = ? AND published = 0"


class Record(NamedTuple):
    """One record: `payload` is the JSON text exactly as it is published to `topic`. created: Unix time, s."""

    rec: int
    kind: str
    topic: str
    payload: str
    created: float
    event: bool


class Ask(NamedTuple):
    """Something to be done with the database, after the records before it are committed; with settle, after the
    acknowledgements as well."""

    work: Callable[[sqlite3.Connection], Any]
    done: Callable[[Any, Exception | None], None]
    settle: bool


class Close(NamedTuple):
    """Ends the thread after everything before it is committed."""


Item = Record | Ask | Close


class Writer(threading.Thread):
    """committed: called in this thread with the highest `rec` after each commit that held records. ready: called in it
    once when it begins to take what is asked of it.

    given_up: why nothing is written any more until the next opening, a sentence, or "".
    """

    def __init__(
        self,
        opened: Opened,
        path: Path,
        keep_s: float,
        max_bytes: int,
        committed: Callable[[int], None],
        ready: Callable[[], None],
    ) -> None:
        super().__init__(name="store", daemon=True)
        self.items: queue.SimpleQueue[Item] = queue.SimpleQueue()
        self.acknowledged: queue.SimpleQueue[int] = queue.SimpleQueue()
        self.dropped = 0  # telemetry that never came into the database
        self.lost = 0  # telemetry removed for want of space before it was published
        self.given_up = ""
        self.kept = self.waiting = 0  # records in the database, and those of them not yet acknowledged
        self._db, self._path = opened.db, path
        self._checked = opened.checked
        self._fails = opened.fault  # why writing fails at present, a sentence
        self._marked = not opened.fault  # the database says that it is in use
        self._keep_s, self._max_bytes = keep_s, max_bytes
        self._committed, self._ready = committed, ready
        self._held: list[Record] = []
        self._unmarked: list[int] = []
        self._last: Item | None = None  # what ended the last gathering
        self._since_prune = PRUNE_EVERY  # look at once
        self._pruned_at = self._marked_at = time.monotonic()

    @property
    def fault(self) -> str:
        """Why nothing can be written, a sentence, or ""; from any thread."""
        return self.given_up or self._fails

    def run(self) -> None:
        """Until Close."""
        try:
            self._work()
        except BaseException as error:
            log.critical("the store has failed", exc_info=True)
            self.give_up(failed(error))
            self._refuse()
        database.close_database(self._db, sound=self._checked and not self.given_up)

    def _work(self) -> None:
        self._count()
        self._ready()
        while True:
            records, self._last = self._gather()
            if not self._marked:
                self._mark()
            if records or self._held or self._marks_are_due(self._last):
                self._write(records)
            if isinstance(self._last, Ask):
                self._answer(self._last)
            if isinstance(self._last, Close):
                return
            if self._since_prune >= PRUNE_EVERY or time.monotonic() - self._pruned_at > PRUNE_EVERY_S:
                self._prune()

    def _refuse(self) -> None:
        """All that is asked of a thread that has failed, until Close: whoever waits for it must not wait for ever."""
        self.dropped += len(self._held)
        while not isinstance(self._last, Close):
            if isinstance(self._last, Ask):
                self._last.done(None, StoreError(Reason.PART_FAILED, self.given_up))
            elif self._last is not None:
                self.dropped += 1
            self._last = self.items.get()

    def checked(self, wrong: str) -> None:
        """The whole file has been looked at; wrong: what is wrong with it, or "". From any thread."""
        if wrong:
            self.give_up(wrong)
        self._checked = True

    def give_up(self, why: str) -> None:
        """Nothing is written from here on. From any thread."""
        if not self.given_up:
            log.error(why)
            self.given_up = why

    def _note(self, error: Exception) -> None:
        if is_damage(error):
            self.give_up(damaged_in_use(self._path))

    def _mark(self) -> None:
        """Tries to say that the database is in use, for which there was no room when it was opened."""
        try:
            database.mark_open(self._db)
        except sqlite3.Error:
            self._rollback()
            return
        log.warning("the store can write")
        self._marked, self._fails = True, ""

    def _count(self) -> None:
        try:
            self.kept = int(self._db.execute("SELECT count(*) FROM record").fetchone()[0])
            self.waiting = int(self._db.execute("SELECT count(*) FROM record WHERE published = 0").fetchone()[0])
        except sqlite3.Error as error:
            self._note(error)
            self._fails = sentence(self._path, error)

    def _marks_are_due(self, last: Item | None) -> bool:
        """Whether acknowledgements must be written although there are no records to go with."""
        if not self._unmarked and self.acknowledged.empty():
            return False
        asked = isinstance(last, Close) or (isinstance(last, Ask) and last.settle)
        return asked or time.monotonic() - self._marked_at >= ACKNOWLEDGE_S

    def _gather(self) -> tuple[list[Record], Item | None]:
        """Records that belong into one commit, and what ended the gathering, if it was more than time."""
        records: list[Record] = []
        deadline = time.monotonic() + ACKNOWLEDGE_S
        while len(records) < BATCH:
            try:
                item = self.items.get(timeout=max(0.0, deadline - time.monotonic()))
            except queue.Empty:
                break
            if not isinstance(item, Record):
                return records, item
            if not records:
                deadline = time.monotonic() + GATHER_S
            records.append(item)
        return records, None

    def _write(self, records: list[Record]) -> None:
        """One commit. What cannot be written is dropped, or held when it is an event."""
        while not self.acknowledged.empty():
            self._unmarked.append(self.acknowledged.get())
        self._marked_at = time.monotonic()
        records, self._held = self._held + records, []
        if self.given_up:  # what goes into a damaged file makes it worse
            self.dropped += len(records)
            self._unmarked.clear()
            return
        error = self._commit(records)
        if getattr(error, "sqlite_errorname", "") == "SQLITE_FULL" and self._make_room():
            error = self._commit(records)
        if error is None:
            if self._fails:
                log.warning("the store writes again; %d records have been dropped", self.dropped)
            self._fails = ""
            self._since_prune += len(records)
            if records:
                self._committed(records[-1].rec)
            return
        if not self._fails:
            log.error("the store cannot write: %s", error)
        self._note(error)
        # Only the disk can get better; a record that the database itself refuses would be refused for ever.
        if isinstance(error, sqlite3.OperationalError):
            self._held = [record for record in records if record.event][-HELD:]
        self.dropped += len(records) - len(self._held)
        self._fails = f"{sentence(self._path, error)} Telemetry is dropped meanwhile, {self.dropped} records so far."

    def _commit(self, records: list[Record]) -> Exception | None:
        try:
            self._db.execute("BEGIN IMMEDIATE")
            self._db.executemany(INSERT, records)
            marked = self._db.executemany(PUBLISHED, [(rec,) for rec in self._unmarked]).rowcount
            self._db.execute("COMMIT")
        except Exception as error:  # whatever it is, this thread must live on
            self._rollback()
            return error
        self._unmarked = []
        self.kept += len(records)
        self.waiting += len(records) - max(0, marked)
        return None

    def _rollback(self) -> None:
        try:
            retention.rollback(self._db)
        except sqlite3.Error as error:
            log.warning("a failed commit could not be rolled back: %s", error)

    def _answer(self, ask: Ask) -> None:
        try:
            result = ask.work(self._db)
        except Exception as error:  # it belongs to the asker
            self._rollback()
            self._note(error)
            ask.done(None, error)
        else:
            ask.done(result, None)

    def _make_room(self) -> bool:
        """Removes the oldest telemetry; False when there is none or not even that can be written."""
        try:
            gone = retention.drop_oldest(self._db)
        except sqlite3.Error:
            self._rollback()
            return False
        self._forget(gone)
        return gone.removed > 0

    def _forget(self, gone: retention.Pruned) -> None:
        self.lost += gone.lost
        self.kept -= gone.removed
        self.waiting -= gone.lost

    def _prune(self) -> None:
        self._since_prune, self._pruned_at = 0, time.monotonic()
        if self.given_up:
            return
        try:
            gone = retention.prune(self._db, time.time() - self._keep_s, self._max_bytes)
        except sqlite3.Error as error:
            self._rollback()
            self._note(error)
            log.warning("old records could not be removed: %s", error)
            return
        self._forget(gone)
        if gone.lost:
            log.warning("the store is full: %d records were removed before they had been published", gone.lost)
