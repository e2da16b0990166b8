"""What must stop an infusion while its board cannot be reached: it is entered and told, and STOP gets there in the end.

STOP is repeated until the board answers it, by the next daemon too; and the permission is renewed no more, so that a
board which hears nothing does what its programme says of a lost host.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from assuage.bedside.charting.chart import Charting
from assuage.bedside.recording import Chronicle
from assuage.config import Config
from assuage.config import Link as Port
from assuage.link.events import Link
from assuage.monitor.app import build
from assuage.pharmacy import library
from assuage.record.events import Assessment, Intent, Outcome
from assuage.record.reading import read
from assuage.record.recorder import Recorder
from assuage_rig.requirements import req
from tests.host.bedside import Bedside, MemoryStore, bedside
from tests.host.eventually import until
from tests.host.fake_board import PtyBoard
from tests.host.ward import ask

SEIZURE = b'{"who": "Nurse A", "effects": ["seizure"]}'


class Charted:
    """`b` with a record that is kept and charted in, as in the daemon."""

    def __init__(self, b: Bedside, record: Recorder) -> None:
        self.b = b
        b.orders.acting.record = record
        b.bed.orders = b.orders
        self.charting = b.bed.charting = Charting(b.bed, record, library.own)
        b.client.listen(Chronicle(b.bed, record).handle)
        self._app = build(b.bed, Config(link=Port(port="/dev/null")))

    async def assess(self, body: bytes) -> tuple[int, Any]:
        return await ask(self._app, "POST", "/api/assess", body)

    async def shown(self) -> dict[str, Any]:
        """What stopped the pump, by the snapshot."""
        await self.charting.look()
        told = self.b.bed.snapshot()["charting"]["stopped"]
        assert isinstance(told, dict)
        return told


@asynccontextmanager
async def charted(folder: Path, store: MemoryStore, pty: PtyBoard) -> AsyncIterator[Charted]:
    async with bedside(store, pty) as b, await Recorder.open(folder / "bed.record.sqlite", "Bed 1") as record:
        yield Charted(b, record)


@pytest.fixture
async def pty() -> AsyncIterator[PtyBoard]:
    """A board."""
    made = PtyBoard()
    made.plug()
    yield made
    made.unplug()


async def out(c: Charted, pty: PtyBoard) -> None:
    """The cable comes out; the board goes on by itself."""
    pty.unplug()
    await until(lambda: c.b.bed.picture.link is not Link.LIVE)


@req("REC-025")
@pytest.mark.parametrize(
    ("on_loss", "meanwhile"),
    [("stop", "it stops by itself"), ("continue", "it infuses on"), ("kvo", "keep-vein-open")],
)
async def test_with_the_cable_out_the_finding_is_entered_and_stop_is_sent_as_soon_as_it_is_back(
    tmp_path: Path, pty: PtyBoard, on_loss: str, meanwhile: str
) -> None:
    async with charted(tmp_path, MemoryStore(), pty) as c:
        await c.b.infusing(on_loss=on_loss, **({"kvo_ml_h": 1} if on_loss == "kvo" else {}))
        await out(c, pty)
        status, told = await c.assess(SEIZURE)
        assert (status, told["stop"]["state"]) == (200, "unknown")
        said = told["stop"]["sentence"]
        assert "press the stop key on the pump now" in said and "STOP is sent as soon as" in said and meanwhile in said
        assert (await c.shown())["confirmed"] is False
        entered = read(tmp_path / "bed.record.sqlite")
        assert [e.kind for e in entered if e.kind == Assessment.KIND] == [Assessment.KIND]
        assert not pty.board.received("Stop")
        pty.plug()
        await until(lambda: pty.board.received("Stop"))
        await until(lambda: c.b.bed.picture.link is Link.LIVE and c.b.shown["state"] == "stopped")
        assert (await c.shown())["confirmed"] is True


@req("REC-025")
async def test_a_board_that_hears_no_more_stops_when_its_permission_ends(tmp_path: Path, pty: PtyBoard) -> None:
    async with charted(tmp_path, MemoryStore(), pty) as c:
        await c.b.infusing(on_loss="stop")
        pty.board.ignore.add("Stop")
        status, told = await c.assess(SEIZURE)
        assert (status, told["stop"]["state"]) == (200, "unknown")
        await until(lambda: pty.board.state == "stopped")
        assert pty.board.reason == "lease-lapsed"


@req("REC-025")
async def test_a_daemon_that_dies_before_the_board_is_back_leaves_the_stop_to_the_next(
    tmp_path: Path, pty: PtyBoard
) -> None:
    store = MemoryStore()
    async with charted(tmp_path, store, pty) as c:
        await c.b.infusing(on_loss="continue")
        await c.charting.look()
        await out(c, pty)
        assert (await c.assess(SEIZURE))[1]["stop"]["state"] == "unknown"
        await until(lambda: store.programme is not None and store.programme["stage"] == "ended")
    pty.plug()
    assert pty.board.state == "infusing"
    async with charted(tmp_path, store, pty) as c:
        await until(lambda: pty.board.state == "stopped")
        await until(lambda: c.b.shown["state"] == "stopped")
        assert "Seizure" in (await c.shown())["sentence"]
    told = read(tmp_path / "bed.record.sqlite")
    intent = next(e for e in told if e.kind == Intent.KIND and e.body["what"] == "stop")
    assert "Seizure" in intent.body["details"]["why"]
    assert not [e for e in told if e.kind == Outcome.KIND and e.body["act"] == intent.body["act"]]  # Resolving's to say
