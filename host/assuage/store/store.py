"""The store as the event loop sees it: appending never waits and never fails, reading is awaited.

A record's number is given out in the event loop, so that its payload holds it, and written by the writer thread.
Numbers rise; a number that is missing is a record that was dropped. Only what is committed is handed to a publisher.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import sqlite3
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Self, TypeVar

from assuage.errors import Reason
from assuage.store import board_journal, database
from assuage.store.board_journal import Entry
from assuage.store.check import Check
from assuage.store.database import Opened
from assuage.store.trouble import StoreError, sentence
from assuage.store.writer import Ask, Close, Record, Writer

log = logging.getLogger(__name__)

T = TypeVar("T")
Listener = Callable[[int], None]

QUEUED = 20_000  # records in memory when the disk hangs; more are dropped
CLOSE_S = 5  # how long an orderly close waits for the disk

COLUMNS = "SELECT rec, kind, topic, payload, created, event FROM record"
PENDING = f"{COLUMNS} WHERE published = 0 AND rec > ? ORDER BY rec LIMIT ?"
SET_PROGRAMME = "INSERT INTO programme VALUES (1, ?) ON CONFLICT (id) DO UPDATE SET body = excluded.body"


class Store:
    """One database file. Made by `await Store.open(...)` in the event loop that uses it; `async with` closes it.

    id: hex id of the database. committed: the highest record number that is safe on disk.
    """

    def __init__(self, opened: Opened, lock: database.Lock, path: Path, keep_days: float, max_mb: float) -> None:
        self.path = path
        self.id = database.store_id(opened.db)
        self.committed = self._last = database.last_rec(opened.db)
        self._programme = database.programme(opened.db)
        self._lock = lock
        self._loop = asyncio.get_running_loop()
        self._listeners: list[Listener] = []
        self._dropped = 0
        self._closed = False
        self._writer = Writer(
            opened, path, keep_days * 86400, int(max_mb * 1_000_000), self._committed_in_thread, self._ready_in_thread
        )
        self._check = None if opened.checked else Check(path, self._writer.checked)

    @classmethod
    async def open(cls, path: Path, *, keep_days: float = 7.0, max_mb: float = 1500) -> Self:
        """Opens the database, making it when it is absent. Raises StoreError with a sentence when it cannot be used.

        A full disk, and damage that shows only when the whole file is read, are told by `fault` instead.
        """
        opened, lock = await asyncio.to_thread(database.open_database, path)
        try:
            store = cls(opened, lock, path, keep_days, max_mb)
            store._writer.start()
        except BaseException as error:
            opened.db.close()
            lock.release()
            if isinstance(error, sqlite3.Error):
                raise StoreError(Reason.PART_FAILED, sentence(path, error)) from None
            raise
        return store

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def close(self) -> None:
        """Commits what was appended and closes the file."""
        if self._closed:
            return
        self._closed = True
        if self._check is not None:
            await asyncio.to_thread(self._check.end, CLOSE_S)
        self._writer.items.put(Close())
        await asyncio.to_thread(self._writer.join, CLOSE_S)
        if self._writer.is_alive():
            log.error("the disk did not take the last records within %d s", CLOSE_S)
        self._lock.release()

    # -- writing -------------------------------------------------------------------------------------------------------

    def append(
        self, kind: str, topic: str, body: Mapping[str, Any], *, created: float | None = None, event: bool = False
    ) -> int | None:
        """Takes a record and returns its number, or None when it had to be dropped. Never waits for the disk.

        body: JSON-able; `store` and `rec` are put in front. event: kept longest and never dropped for telemetry.
        """
        if self._closed or (self._writer.items.qsize() >= QUEUED and not event):
            self._dropped += 1
            return None
        rec = self._last + 1
        payload = json.dumps({"store": self.id, "rec": rec, **body}, separators=(",", ":"), allow_nan=False)
        at = time.time() if created is None else created
        self._writer.items.put(Record(rec, kind, topic, payload, at, event))
        self._last = rec
        return rec

    def acknowledge(self, recs: Iterable[int]) -> None:
        """The broker has these; they stay as history. Reaches the disk within a second."""
        for rec in recs:
            self._writer.acknowledged.put(rec)

    async def flush(self) -> int:
        """Waits until everything appended so far is committed, or dropped; returns `committed`."""
        await self._ask(lambda db: None)
        return self.committed

    # -- reading -------------------------------------------------------------------------------------------------------

    async def pending(self, limit: int = 200, after: int = 0) -> list[Record]:
        """Committed records with a number above `after` that nobody has acknowledged, oldest first.

        With `after`, acknowledgements of the last second may not be counted yet; without it they are.
        """
        rows = await self._ask(lambda db: db.execute(PENDING, (after, limit)).fetchall(), settle=after == 0)
        return [Record(*row) for row in rows]

    # -- the active programme ------------------------------------------------------------------------------------------

    @property
    def programme(self) -> dict[str, Any] | None:
        """The programme that is on the pump as far as this host knows, as it was given to set_programme."""
        return self._programme

    async def set_programme(self, body: Mapping[str, Any] | None) -> bool:
        """Keeps the active programme, or that there is none. True: it is on disk and survives a kill."""
        self._programme = None if body is None else dict(body)
        text = None if body is None else json.dumps(body, separators=(",", ":"))
        try:
            await self._ask(
                lambda db: db.execute("DELETE FROM programme") if text is None else db.execute(SET_PROGRAMME, (text,))
            )
        except StoreError as error:
            log.error("the active programme is not on disk: %s", error.sentence)
            return False
        return not self._writer.given_up  # it may be on disk, and still not be found there again

    # -- boards' journals ----------------------------------------------------------------------------------------------

    async def keep_journal(self, entries: Sequence[Entry]) -> None:
        """Returns when they are safe on disk, each once. Raises StoreError."""
        await self._ask(lambda db: board_journal.keep(db, entries))
        self._be_sound()

    async def newest_of_journal(self, board: str, count: int) -> list[Entry]:
        """The newest records that are kept of a board (hex id), newest first. Raises StoreError, also for a file that
        is damaged: what is found there now may not be found again."""
        found = await self._ask(lambda db: board_journal.newest(db, board, count))
        self._be_sound()
        return found

    async def journal_tells(self, board: str, kind: int, programme: int) -> bool:
        """Whether a board's journal (hex id) has a record of this kind about this programme. Raises StoreError."""
        return await self._ask(lambda db: board_journal.began(db, board, kind, programme))

    def _be_sound(self) -> None:
        if self._writer.given_up:
            raise StoreError(Reason.PART_FAILED, self._writer.given_up)

    # -- state ---------------------------------------------------------------------------------------------------------

    @property
    def fault(self) -> str:
        """Why nothing can be written at present, one sentence; empty when all is well."""
        return self._writer.fault

    @property
    def dropped(self) -> int:
        """Records that were dropped since the start, before anybody had received them."""
        return self._dropped + self._writer.dropped + self._writer.lost

    @property
    def kept(self) -> int:
        """Records in the database."""
        return self._writer.kept

    @property
    def waiting(self) -> int:
        """Records that wait to be published and acknowledged; behind the truth by a second at most."""
        return self._writer.waiting

    def subscribe(self, listener: Listener) -> Callable[[], None]:
        """Calls `listener(committed)` in the event loop after each commit; returns what ends that."""
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)

    def _ready_in_thread(self) -> None:
        if self._check is not None and not self._closed:
            self._check.start()  # not before: both would read a cold disk, and orders wait for the writer

    def _committed_in_thread(self, rec: int) -> None:
        self._in_loop(self._on_commit, rec)

    def _on_commit(self, rec: int) -> None:
        self.committed = max(self.committed, rec)
        for listener in tuple(self._listeners):
            listener(self.committed)

    def _in_loop(self, call: Callable[..., None], *args: Any) -> None:
        with contextlib.suppress(RuntimeError):  # the loop has ended before us, and nobody waits any more
            self._loop.call_soon_threadsafe(call, *args)

    async def _ask(self, work: Callable[[sqlite3.Connection], T], settle: bool = True) -> T:
        """Runs `work` in the writer thread, after everything that was appended before. Raises StoreError."""
        if self._closed:
            raise StoreError(Reason.STOPPED, f"{self.path} has been closed.")
        answer: asyncio.Future[T] = self._loop.create_future()

        def done(result: Any, error: Exception | None) -> None:
            if answer.done():
                return
            if isinstance(error, sqlite3.Error):
                error = StoreError(Reason.PART_FAILED, sentence(self.path, error))
            if error is None:
                answer.set_result(result)
            else:
                answer.set_exception(error)

        self._writer.items.put(Ask(work, lambda result, error: self._in_loop(done, result, error), settle))
        return await answer
