"""A daemon without its outside at two boards: one with the pump, one that measures the patient and watches for it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any

from assuage.bedside.bed import Bed
from assuage.bedside.guardian import Guardian
from assuage.bedside.orders import Orders
from assuage.bedside.supervision import Supervision
from assuage.link.client import BoardClient
from assuage.link.events import Event, Link
from tests.host.bedside import KETAMINE, MemoryStore
from tests.host.eventually import until
from tests.host.fake_board import FakeBoard, PtyBoard

GUARDS = {"set": "adult", "rows": ["spo2-below"]}
PUMP, SIGNS = b"PUMP\0\0\0\1", b"SIGN\0\0\0\2"


class TwoBoards:
    """`pump` and `signs` are the boards; what stands between them is a daemon's."""

    def __init__(self, pump: PtyBoard, signs: PtyBoard, store: MemoryStore, bound_ms: int = 2000) -> None:
        loop = asyncio.get_running_loop()
        self.ptys = pump, signs
        self.pump, self.signs, self.store = pump.board, signs.board, store
        self.cut = False  # what passes between the boards is lost
        self.bed = Bed("Bed 1", pump.path, signs_port=signs.path, clock=loop.time)
        self.client, self.other = BoardClient(pump.path), BoardClient(signs.path)
        self.supervision = Supervision(self.bed, self.client, store, loop.time)
        self.guardian = Guardian(self.bed, self.client, self.other, self.supervision, bound_ms)
        self.orders = Orders(self.bed, self.client, self.supervision, guardian=self.guardian)
        self.client.listen(self._on_pump)
        self.other.listen(self._on_signs)
        running = (self.client.run(), self.other.run(), self.supervision.run(), self.guardian.run())
        self._tasks = [loop.create_task(one) for one in running]

    def _on_pump(self, event: Event) -> None:
        if not self.cut:
            self.guardian.on_pump(event)
        self.bed.handle(event)

    def _on_signs(self, event: Event) -> None:
        if not self.cut:
            self.guardian.on_signs(event)
        self.bed.handle_signs(event)

    async def end(self) -> None:
        for task in self._tasks:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task

    async def live(self) -> None:
        p = self.bed.picture
        await until(lambda: p.link is Link.LIVE and p.signs is not None and p.signs.link is Link.LIVE)
        await until(lambda: p.interlock is not None and p.signs is not None and p.signs.interlock is not None)

    async def confirmed(self, **changes: Any) -> int:
        back = await self.orders.programme({**KETAMINE, "guards": GUARDS, **changes})
        await self.orders.confirm(back["programme"], back["token"])
        return int(back["programme"])

    async def infusing(self) -> int:
        programme = await self.confirmed()
        await self.permitted()
        await self.orders.start(programme)
        await until(lambda: self.state == "infusing")
        return programme

    async def permitted(self) -> None:
        """Until the other board's permission to begin has come, and has been told."""
        await until(lambda: self.interlock["normal"] and self.interlock["verdict"] == "begins")

    @property
    def state(self) -> str:
        return str(self.bed.snapshot()["pump"]["state"])

    @property
    def interlock(self) -> dict[str, Any]:
        told = self.bed.snapshot()["interlock"]
        assert isinstance(told, dict)
        return told


@asynccontextmanager
async def two_boards(store: MemoryStore | None = None) -> AsyncIterator[TwoBoards]:
    now = asyncio.get_running_loop().time()
    ptys = PtyBoard(FakeBoard(now, uid=PUMP)), PtyBoard(FakeBoard(now, uid=SIGNS, first_ms=77_000))
    for pty in ptys:
        pty.plug()
    found = TwoBoards(*ptys, store or MemoryStore())
    await found.live()
    try:
        yield found
    finally:
        await found.end()
        for pty in ptys:
            pty.unplug()
