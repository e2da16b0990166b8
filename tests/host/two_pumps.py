"""The whole daemon of a bed with two pumps, at boards that a test drives, asked through the monitor's own routes."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from assuage.bedside.bed import Bed
from assuage.config import Config, Link, Monitor, Mqtt, Second
from assuage.config import Store as Kept
from assuage.daemon import Daemon
from assuage.link.events import Link as State
from assuage.monitor.app import build
from assuage.record.recorder import Recorder
from assuage.store import Store
from tests.host import asking
from tests.host.eventually import until
from tests.host.fake_board import FakeBoard, PtyBoard

FIRST, SECOND = b"PUMP\0\0\0\1", b"PUMP\0\0\0\2"
GUARDS = {"set": "adult", "rows": ["spo2-below"]}
KETAMINE = {
    "drug": "Ketamine racemic 10 mg/mL", "rate_ml_h": 1, "vtbi_ml": "50", "syringe": "BD 50 mL", "on_loss": "stop",
    "guards": GUARDS,
}  # fmt: skip
MORPHINE = {**KETAMINE, "drug": "Morphine 1 mg/mL", "rate_ml_h": 2, "syringe": "BD 20 mL", "vtbi_ml": "20"}


class TwoPumps:
    """`boards` are those of the pumps, `beds` what the daemon knows of each."""

    def __init__(self, daemon: Daemon, ptys: tuple[PtyBoard, PtyBoard], config: Config) -> None:
        self.daemon, self.ptys = daemon, ptys
        self.boards: tuple[FakeBoard, FakeBoard] = (ptys[0].board, ptys[1].board)
        first, second = daemon.channels
        self.beds: tuple[Bed, Bed] = (first.bed, second.bed)
        self.app = build(first.bed, config)

    async def live(self) -> None:
        for bed in self.beds:
            p = bed.picture
            await until(lambda p=p: p.link is State.LIVE and p.interlock is not None and p.pump is not None)  # type: ignore[misc]
        signs = self.beds[1].picture.signs
        await until(lambda: signs is not None and signs.link is State.LIVE and signs.interlock is not None)

    async def post(self, path: str, body: Mapping[str, Any]) -> tuple[int, Any]:
        """Status and JSON, as the page gets them."""
        return await asking.post(self.app, path, body)

    async def good(self, path: str, **body: Any) -> Any:
        """The answer to what must not be refused."""
        status, told = await self.post(path, body)
        assert status == 200, told
        return told

    async def confirmed(self, order: Mapping[str, Any], base: str = "") -> int:
        back = (await self.good(f"{base}pump/programme", **order))["readback"]
        await self.good(f"{base}pump/confirm", programme=back["programme"], token=back["token"])
        return int(back["programme"])

    async def infusing(self) -> tuple[int, int]:
        """Both of them; the programmes."""
        first = await self.confirmed(KETAMINE)
        await self.good("pump/start", programme=first)
        second = await self.confirmed(MORPHINE, "second/")
        await until(lambda: self.shown(1)["interlock"]["verdict"] == "begins")
        await self.good("second/pump/start", programme=second)
        await until(lambda: self.state == ("infusing", "infusing"))
        return first, second

    def shown(self, pump: int) -> Any:
        """The page's picture: of the bed, or, 1, of the second pump in it."""
        told = self.beds[0].snapshot()
        return told["beside"][0] if pump else told

    @property
    def state(self) -> tuple[str, str]:
        return self.shown(0)["pump"]["state"], self.shown(1)["pump"]["state"]


def configured(folder: Path, first: str, second: str) -> Config:
    return Config(
        link=Link(port=first), second=Second(port=second), store=Kept(path=folder / "store.sqlite"),
        monitor=Monitor(port=0), mqtt=Mqtt(url="mqtt://127.0.0.1:9"),
    )  # fmt: skip


@asynccontextmanager
async def two_pumps(folder: Path, ptys: tuple[PtyBoard, PtyBoard] | None = None) -> AsyncIterator[TwoPumps]:
    """A daemon, from its start to its end. ptys: boards that are there before and after it."""
    now = asyncio.get_running_loop().time()
    boards = ptys or (PtyBoard(FakeBoard(now, uid=FIRST)), PtyBoard(FakeBoard(now, uid=SECOND, first_ms=77_000)))
    if ptys is None:
        for pty in boards:
            pty.plug()
    config = configured(folder, boards[0].path, boards[1].path)
    async with (
        await Store.open(config.store.path) as store,
        await Store.open(config.of_second().store.path) as other,
        await Recorder.open(folder / "bed.record.sqlite", "Bed 1") as record,
    ):
        daemon = Daemon(config, [store, other], record, outside=False)
        running = asyncio.create_task(daemon.run())
        found = TwoPumps(daemon, boards, config)
        try:
            await found.live()
            yield found
        finally:
            running.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await running
    if ptys is None:
        for pty in boards:
            pty.unplug()
