"""A daemon without its outside, at a board that a test drives: what the tests of orders share."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from typing import Any

from assuage.bedside.bed import Bed
from assuage.bedside.orders import Orders
from assuage.bedside.supervision import Supervision
from assuage.errors import AssuageError
from assuage.link.client import BoardClient
from assuage.link.events import Link
from tests.host.eventually import until
from tests.host.fake_board import PtyBoard

KETAMINE = {
    "drug": "Ketamine racemic 10 mg/mL", "rate_ml_h": 10, "vtbi_ml": "50", "syringe": "BD 50 mL", "on_loss": "stop",
}  # fmt: skip


class MemoryStore:
    """A ProgrammeStore that a test can break."""

    def __init__(self, programme: dict[str, Any] | None = None) -> None:
        self.programme = programme
        self.works = True  # else it takes what it is given and says that it has not
        self.keeps = True  # else it does not take it
        self.free = asyncio.Event()  # cleared: a disk that hangs
        self.free.set()

    async def set_programme(self, body: Mapping[str, Any] | None) -> bool:
        await self.free.wait()
        if self.keeps:
            self.programme = None if body is None else dict(body)
        await asyncio.sleep(0)
        return self.works and self.keeps


class Bedside:
    """A daemon without its outside: bed, client, supervision and orders, at a board on a pseudo-terminal."""

    def __init__(self, pty: PtyBoard, store: MemoryStore) -> None:
        loop = asyncio.get_running_loop()
        self.pty, self.board, self.store = pty, pty.board, store
        self.unwell = ""
        self.refused: list[AssuageError] = []
        self.bed = Bed("Bed 1", pty.path, clock=loop.time)
        self.client = BoardClient(pty.path)
        self.client.listen(self.bed.handle)
        self.supervision = Supervision(self.bed, self.client, store, loop.time, lambda: self.unwell)
        self.orders = Orders(self.bed, self.client, self.supervision, on_refused=self.refused.append)
        self._tasks = [loop.create_task(self.client.run()), loop.create_task(self.supervision.run())]

    async def end(self) -> None:
        for task in self._tasks:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task

    async def live(self) -> None:
        await until(lambda: self.bed.picture.link is Link.LIVE)

    async def confirmed(self, **changes: Any) -> int:
        back = await self.orders.programme({**KETAMINE, **changes})
        await self.orders.confirm(back["programme"], back["token"])
        return int(back["programme"])

    async def infusing(self, **changes: Any) -> int:
        programme = await self.confirmed(**changes)
        await self.orders.start(programme)
        await until(lambda: self.shown["state"] == "infusing")
        return programme

    async def moves_without_permission(self) -> None:
        """The board goes on by itself; the screens say so, and for longer than the time between two grants none comes.

        Told by the wave's time, not by a clock: six batches are more than half a second.
        """
        grants = len(self.board.received("Lease"))
        await until(lambda: self.shown["state"] == "infusing" and "Press STOP" in self.shown["sentence"])
        told = self.bed.pleth.position
        await until(lambda: self.bed.pleth.position > told + 6)
        assert self.board.state == "infusing"
        assert len(self.board.received("Lease")) == grants

    @property
    def shown(self) -> dict[str, Any]:
        pump = self.bed.snapshot()["pump"]
        assert isinstance(pump, dict)
        return pump


@asynccontextmanager
async def bedside(store: MemoryStore | None = None, pty: PtyBoard | None = None) -> AsyncIterator[Bedside]:
    own = pty or PtyBoard()
    if pty is None:
        own.plug()
    found = Bedside(own, store or MemoryStore())
    await found.live()
    try:
        yield found
    finally:
        await found.end()
        if pty is None:
            own.unplug()
