"""The record as the event loop sees it, and the one thread that writes it.

`keep` returns when an event survives a power cut, and raises when it could not be written: nothing that moves a pump is
sent before. `note` never waits and never fails: what the disk refuses is held and tried again. Both keep their order.
"""

from __future__ import annotations

import asyncio
import contextlib
import functools
import logging
import queue
import secrets
import sqlite3
import threading
import time
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from typing import Final, NamedTuple, Protocol, Self

from assuage.errors import Reason
from assuage.record import anchors, file, tail
from assuage.record.anchors import Head
from assuage.record.events import Begun, Closed, Event, Opened, canonical, text_of
from assuage.record.file import Row
from assuage.record.tail import State
from assuage.store.database import Lock
from assuage.store.trouble import StoreError, refused, sentence

log = logging.getLogger(__name__)

AGAIN_S: Final = 1.0  # between two tries to write what is held
HELD: Final = 10_000  # events held while the disk refuses them
CLOSE_S: Final = 5.0


class Recording(Protocol):
    """What may be entered by whoever gives orders: Recorder, or Unrecorded."""

    state: State

    def note(self, event: Event) -> None:
        """Enters it as soon as possible. Never waits, never fails."""

    async def keep(self, event: Event) -> None:
        """Enters it; returns when it is on disk. Raises StoreError when it is not, and never will be."""


class Unrecorded:
    """No record: a bed on a bench, or a test of something else."""

    def __init__(self) -> None:
        self.state = State()

    def note(self, event: Event) -> None:
        """Forgets it."""
        self.state.take(event)

    async def keep(self, event: Event) -> None:
        """Forgets it."""
        self.state.take(event)


Done = Callable[[StoreError | None, int], None]  # with the number of the entry


class _Item(NamedTuple):
    at: int
    event: Event
    done: Done | None  # of `keep`


class Recorder:
    """Made by `await Recorder.open(...)` in the event loop that uses it; `async with` closes it.

    state: what is open, and who is in the bed. doubt: what was wrong with the record when it was opened, a sentence.
    """

    def __init__(self, path: Path, db: sqlite3.Connection, lock: Lock, found: tail.Tail) -> None:
        self.path, self.state, self.doubt = path, found.state, found.doubt
        self._lock = lock
        self._loop = asyncio.get_running_loop()
        self._writer = _Writer(path, db, found, self._in_loop)
        self._closed = False

    @classmethod
    async def open(cls, path: Path, bed: str) -> Self:
        """Opens the record, making it when it is absent, and enters that. Raises StoreError, but for a disk that is
        full only now: that is told by `fault`."""
        db, lock, found = await asyncio.to_thread(_open, path)
        recorder = cls(path, db, lock, found)
        recorder._writer.start()
        first: list[Event] = [] if found.number else [Begun(record=secrets.token_hex(8))]
        opened = Opened(
            bed=bed, version=version("assuage"), sqlite=_sqlite(), open=found.state.opened(),
            started=next(reversed(found.state.started), 0), before=found.state.started[:-1],
            patient=found.state.patient, doubt=found.doubt,
        )  # fmt: skip
        for event in (*first, opened):
            try:
                await recorder.keep(event)
            except StoreError:  # a full disk must not keep a bed from being watched; it is entered when there is room
                recorder.note(event)
        return recorder

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        if not self._closed:
            self.note(Closed())
        await self.close()

    async def close(self) -> None:
        """Writes what is held and closes the file."""
        if self._closed:
            return
        self._closed = True
        self._writer.items.put(None)
        await asyncio.to_thread(self._writer.join, CLOSE_S)
        self._lock.release()

    @property
    def head(self) -> Head:
        """The last entry on disk."""
        return self._writer.head

    @property
    def fault(self) -> str:
        """What is wrong at present, a sentence; "" when all is well."""
        return self._writer.fault or self.doubt

    def note(self, event: Event) -> None:
        """Enters it as soon as possible; the second outcome of an act is none. Never waits, never fails."""
        try:
            if self.state.take(event):
                self._put(event, None)
        except Exception:  # whoever made it has made a mistake, which must hold up nothing, least of all STOP
            log.exception("an event cannot be entered in the record: %r", event)

    async def keep(self, event: Event) -> None:
        """Enters it; returns when it is on disk. Raises StoreError when it is not, and never will be; ValueError or
        TypeError for what JSON has not."""
        patient = self.state.patient
        if not self.state.take(event):
            return
        if self._closed:
            raise StoreError(Reason.STOPPED, f"{self.path} has been closed.")
        answer: asyncio.Future[None] = self._loop.create_future()

        def done(error: StoreError | None, number: int) -> None:
            if error is not None:
                self.state.forget(event, patient)
            else:
                self.state.kept(event, number)
            if not answer.done():
                answer.set_result(None) if error is None else answer.set_exception(error)

        self._put(event, done)
        await answer

    def _put(self, event: Event, done: Done | None) -> None:
        canonical(event.body())
        self._writer.items.put(_Item(time.time_ns() // 1_000_000, event, done))

    def _in_loop(self, call: Callable[[], None]) -> None:
        with contextlib.suppress(RuntimeError):  # the loop has ended before us, and nobody waits any more
            self._loop.call_soon_threadsafe(call)


class _Writer(threading.Thread):
    def __init__(
        self, path: Path, db: sqlite3.Connection, found: tail.Tail, in_loop: Callable[[Callable[[], None]], None]
    ) -> None:
        super().__init__(name="record", daemon=True)
        self.items: queue.SimpleQueue[_Item | None] = queue.SimpleQueue()
        self.fault = ""
        self.head = Head(found.number, found.hash.hex(), 0)
        self._path, self._heads, self._db, self._in_loop = path, file.heads(path), db, in_loop
        self._held: list[_Item] = []

    def run(self) -> None:
        """Until None is put."""
        ended = False
        while not ended:
            ended = self._gather()
            self._write()
        self._db.close()

    def _gather(self) -> bool:
        """Takes all there is, waiting for the first; True: there will be no more."""
        try:
            item = self.items.get(timeout=AGAIN_S if self._held else None)
            while item is not None:
                self._held.append(item)
                item = self.items.get_nowait()
        except queue.Empty:
            return False
        return True

    def _write(self) -> None:
        if not self._held:
            return
        rows, number, digest = [], self.head.number, bytes.fromhex(self.head.hash)
        for item in self._held:
            number += 1
            text = text_of(number, item.at, item.event)
            digest = file.link(digest, text)
            rows.append(Row(number, text, digest))
        try:
            file.append(self._db, rows)
        except Exception as error:  # whatever it is, this thread must live on
            self._failed(error)
            return
        if self.fault:
            log.warning("the record is written again")
        self.fault = ""
        self.head = Head(number, digest.hex(), self._held[-1].at)
        try:
            anchors.append(self._heads, self.head)
        except OSError as error:
            self.fault = refused(self._heads, error)
        self._tell(None)

    def _failed(self, error: Exception) -> None:
        with contextlib.suppress(sqlite3.Error):
            self._db.execute("ROLLBACK")
        why = sentence(self._path, error) if isinstance(error, sqlite3.Error) else f"The record has failed ({error!r})."
        if not self.fault:
            log.error("the record cannot be written: %s", error)
        self.fault = f"{why} What happens is not recorded meanwhile."
        self._tell(StoreError(Reason.PART_FAILED, why))

    def _tell(self, error: StoreError | None) -> None:
        """Answers whoever waits. What nobody waits for is held until it can be written."""
        first = self.head.number - len(self._held) + 1
        waits = [(item.done, number) for number, item in enumerate(self._held, first) if item.done is not None]
        self._held = [] if error is None else [item for item in self._held if item.done is None][-HELD:]
        for done, number in waits:
            self._in_loop(functools.partial(done, error, number))


def _open(path: Path) -> tuple[sqlite3.Connection, Lock, tail.Tail]:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        lock = Lock(path)
    except OSError as error:
        raise StoreError(Reason.NO_PERMISSION, refused(path, error)) from None
    try:
        db = file.open_for_writing(path)
        try:
            return db, lock, tail.read(db, file.heads(path))
        except BaseException:
            db.close()
            raise
    except BaseException as error:
        lock.release()
        if isinstance(error, sqlite3.Error):
            raise StoreError(Reason.PART_FAILED, sentence(path, error)) from None
        if isinstance(error, OSError):
            raise StoreError(Reason.NO_PERMISSION, refused(path, error)) from None
        raise


def _sqlite() -> int:
    major, minor, patch = sqlite3.sqlite_version_info
    return major * 1_000_000 + minor * 1_000 + patch


def act() -> str:
    """A name for an act, of its own."""
    return secrets.token_hex(6)
