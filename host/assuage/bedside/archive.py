"""Brings a board's journal into the store, record by record, and tells the board what is safe there.

The board says once a second how far its journal goes. What is new is fetched, committed, and only then acknowledged: so
a kill, a lost link or a full disk at any moment costs a repeat and nothing else. Before the first record of a
connection, the newest one that is stored is asked for again: a board that has another there, or none, has another
journal, which gets an epoch of its own.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Sequence
from typing import Final

from assuage.errors import AssuageError, NoAnswer
from assuage.link.client import BoardClient
from assuage.link.clock import unwrapped
from assuage.link.events import Event, Identified, JournalTold
from assuage.link.messages import Hello, Journal, Record
from assuage.store import Store
from assuage.store.board_journal import Entry
from assuage_wire.schema import NONE32, RECORDS, STATUSES

log = logging.getLogger(__name__)

BATCH: Final = 50  # records that are committed together
PAUSE_S: Final = 0.5
PAUSE_MAX_S: Final = 30.0
LOOKED_AT: Final = 3  # stored records that are looked for, in case one of them has rotted on the board

_BEGUN: Final = RECORDS.index("begun")
_OK: Final = STATUSES.index("ok")


Fetched = Callable[[Sequence[Entry]], Awaitable[None]]


async def _nobody(_: Sequence[Entry]) -> None:
    """Is told of what was fetched."""


class Archive:
    """Listens to a client's events by `handle`, and fetches in `run`. fetched: awaited with each batch before it is
    stored; it may be told of a record twice. Raises StoreError to have it fetched again later."""

    def __init__(self, client: BoardClient, store: Store, fetched: Fetched = _nobody) -> None:
        self._client, self._store, self._fetched = client, store, fetched
        self._hello: Hello | None = None
        self._told: Journal | None = None
        self._told_at = 0.0
        self._place: tuple[int, int, int] | None = None  # epoch, next number, newest that is stored; None: to be asked
        self._check = 0  # of the newest that is stored
        self._news = asyncio.Event()

    def handle(self, event: Event) -> None:
        """Takes one event from the link."""
        if isinstance(event, Identified):
            self._hello, self._told, self._place = event.hello, None, None
        elif isinstance(event, JournalTold):
            self._told, self._told_at = event.message, event.at
            self._news.set()

    async def run(self) -> None:
        """Fetches until cancelled; what fails is tried again, later and later."""
        pause = PAUSE_S
        said = ""
        while True:
            await self._news.wait()
            self._news.clear()
            try:
                await self._catch_up()
                pause, said = PAUSE_S, ""
            except AssuageError as error:
                if error.sentence != said:
                    log.warning("the journal of the board is not fetched: %s", error.sentence)
                    said = error.sentence
                self._place = None
                await asyncio.sleep(pause)
                pause = min(2 * pause, PAUSE_MAX_S)

    def complete(self, since: float) -> bool | None:
        """Whether all that the board had written then (monotonic, s) is here; None: it has written nothing."""
        if self._told is None or self._told_at <= since:
            return False
        if self._told.newest == NONE32:
            return None
        return self._place is not None and self._place[1] > self._told.newest

    async def has_begun(self, programme: int) -> bool:
        """Whether what is here of the board's journal says that this programme began to be delivered. Raises
        StoreError."""
        return self._hello is not None and await self._store.journal_tells(self._hello.board.hex(), _BEGUN, programme)

    async def _catch_up(self) -> None:
        hello, told = self._hello, self._told
        if hello is None or told is None or told.newest == NONE32:
            return
        if self._place is None:
            self._place = await self._find(hello.board.hex(), told)
        epoch, number, stored = self._place
        entries: list[Entry] = []
        while number <= told.newest and self._client.conversation.unhurried:
            record = await self._fetch(number)
            if record is None:
                break
            entries.append(self._entry(hello, epoch, record))
            number = record.number + 1
            if len(entries) == BATCH:
                break
        if entries:
            await self._fetched(entries)  # first: what is stored is not fetched again
            await self._store.keep_journal(entries)
            stored, self._check = entries[-1].number, entries[-1].checked
        if hello is not self._hello:
            return  # it has started anew meanwhile, and may be another board
        self._place = (epoch, number, stored)
        if stored >= 0 and (entries or told.stored < stored):
            await self._acknowledge(stored)
        if len(entries) == BATCH:
            self._news.set()  # there is more

    async def _find(self, board: str, told: Journal) -> tuple[int, int, int]:
        kept = await self._store.newest_of_journal(board, LOOKED_AT)
        if not kept:
            return 1, 0, -1
        epoch, newest = kept[0].epoch, kept[0].number
        for entry in kept:
            if entry.epoch == epoch:
                record = await self._fetch(entry.number)
                if record is not None and record.number == entry.number and record.check == entry.checked:
                    self._check = entry.checked
                    return epoch, newest + 1, entry.number
        if newest < told.oldest != NONE32:
            return epoch, newest + 1, -1  # the board has erased them for want of room since: numbers only rise
        log.warning("the board %s has begun another journal: its flash was wiped or replaced", board)
        return epoch + 1, 0, -1

    async def _fetch(self, number: int) -> Record | None:
        answer = await self._client.command("Fetch", number=number)
        return answer if isinstance(answer, Record) else None

    async def _acknowledge(self, number: int) -> None:
        answer = await self._client.command("Stored", number=number, check=self._check)
        if getattr(answer, "status", _OK) != _OK:
            raise NoAnswer("The board does not know the record that was stored last; its journal is looked at anew.")

    def _entry(self, hello: Hello, epoch: int, r: Record) -> Entry:
        at = None
        heard = self._client.conversation.clock.to_host(unwrapped(r.ticks, r.wraps))
        if r.boot == hello.boot & 0xFFFF and heard is not None:
            at = round(time.time() - asyncio.get_running_loop().time() + heard, 3)
        numbers = (r.kind, r.a, r.b, r.c, r.x, r.y, r.z, r.boot, r.ticks, r.wraps, r.check)
        return Entry(hello.board.hex(), epoch, r.number, *numbers, at, round(time.time(), 3))
