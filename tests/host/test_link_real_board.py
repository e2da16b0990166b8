"""The host's side against the shipped firmware, so that the scripted board of the other tests is no fiction."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from assuage.bedside import journal_words
from assuage.bedside.archive import Archive
from assuage.errors import Refused
from assuage.link.events import Link
from assuage.store import Store
from assuage.store.board_journal import read
from assuage_wire.codec import SCHEMA_ID
from tests.host.bedside import KETAMINE, Bedside, MemoryStore
from tests.host.eventually import until

ROOT = Path(__file__).resolve().parents[2]


class RealBoard:
    """The rig in real time, as a process: emulated chips, and the firmware on MicroPython."""

    path = ""

    def __init__(self, folder: Path) -> None:
        self.path = str(folder / "board")
        self._folder = folder
        self.board = None

    async def start(self) -> None:
        paths = os.pathsep.join(str(ROOT / name) for name in ("hil_tests", "protocol"))
        self.process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "assuage_rig", "serve", "--pty", self.path),
            *("--control", str(self._folder / "rig.sock"), "--die-with-parent"),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.DEVNULL,
            env={**os.environ, "PYTHONPATH": paths},
        )

    async def ask(self, line: bytes) -> bytes:
        """One request on the rig's control socket."""
        reader, writer = await asyncio.open_unix_connection(str(self._folder / "rig.sock"))
        writer.write(line + b"\n")
        answer = await reader.readline()
        writer.close()
        return answer

    async def end(self) -> None:
        if self.process.returncode is None:
            self.process.send_signal(signal.SIGTERM)
        await self.process.wait()


@pytest.fixture
async def rig(tmp_path: Path) -> AsyncIterator[RealBoard]:
    found = RealBoard(tmp_path)
    await found.start()
    yield found
    await found.end()


async def _ready(b: Bedside, rig: RealBoard) -> None:
    """The syringe is in, the pump has tested itself and knows its force's zero: else it is put in anew, for that."""
    await until(lambda: (d := b.bed.snapshot()["drive"]) and d["fitted"] == "fitted" and not d["untested"])
    if b.bed.snapshot()["drive"]["force_is"] == "untared":
        assert b"true" in await rig.ask(b'{"do": "take_out", "for_s": 1.0}')
    await until(lambda: (d := b.bed.snapshot()["drive"]) and (d["fitted"], d["force_is"]) == ("fitted", "good"))


async def test_a_real_board_is_identified_ordered_stopped_and_taken_up_again(rig: RealBoard) -> None:
    store = MemoryStore()
    b = Bedside(rig, store)  # type: ignore[arg-type]
    await b.live()
    assert b.bed.snapshot()["board"]["schema"] == f"{SCHEMA_ID:08x}"
    await until(lambda: b.bed.picture.vitals and b.bed.picture.health and b.bed.pleth.position)

    with pytest.raises(Refused) as refused:
        await b.orders.programme({**KETAMINE, "syringe": "BD 3 mL", "vtbi_ml": "2", "rate_ml_h": 1200})
    assert (refused.value.status, refused.value.by) == ("rate-limit", "board")
    assert refused.value.limit is not None and refused.value.limit.endswith(" mL/h")

    await _ready(b, rig)
    await b.infusing(rate_ml_h=120)
    await until(lambda: b.shown["delivered_ml"] and b.shown["delivered_ml"] > 0.3)
    await until(lambda: b.shown["lease_ms"] and b.shown["lease_ms"] > 1000)
    assert (await b.orders.stop())["state"] == "stopped"
    await until(lambda: b.shown["state"] == "stopped")

    programme = await b.infusing(on_loss="continue", vtbi_ml=20)
    await b.end()
    again = Bedside(rig, MemoryStore(store.programme))  # type: ignore[arg-type]
    await again.live()
    await until(lambda: again.shown["state"] == "infusing" and again.shown["lease_ms"])
    assert (again.shown["programme"], again.shown["drug"]) == (programme, KETAMINE["drug"])

    assert b"true" in await rig.ask(b'{"do": "kill_board"}')
    await until(lambda: (h := again.bed.picture.hello) is not None and h.boot == 2)
    await until(lambda: again.shown["state"] == "unconfirmed")
    assert again.shown["was"]["programme"] == programme
    await again.orders.clear("reset")
    await until(lambda: again.shown["state"] == "standby")
    await again.end()
    assert again.bed.picture.link is Link.LOST


async def test_what_a_real_board_has_written_is_in_the_store_after_a_loss_of_power_too(
    rig: RealBoard, tmp_path: Path
) -> None:
    """Its own numbers, whole and in order; and the board is told."""
    path = tmp_path / "store.sqlite"
    async with await Store.open(path) as store:
        b = Bedside(rig, MemoryStore())  # type: ignore[arg-type]
        archive = Archive(b.client, store)
        b.client.listen(archive.handle)
        fetching = asyncio.create_task(archive.run())
        await b.live()
        await until(lambda: b.bed.picture.vitals and b.bed.picture.health and b.bed.pleth.position)
        await _ready(b, rig)
        programme = await b.infusing(rate_ml_h=120)
        await until(lambda: b.shown["delivered_ml"] and b.shown["delivered_ml"] > 0.1)
        assert b"true" in await rig.ask(b'{"do": "power_cycle"}')
        await until(lambda: b.shown and b.shown["state"] == "unconfirmed")
        low, high = b.shown["was"]["low_ml"], b.shown["was"]["high_ml"]
        await b.orders.clear("reset")
        await until(lambda: any(journal_words.kind(e) == "cleared" for e in read(path)))
        fetching.cancel()
        await b.end()
    entries = read(path)
    kinds = [journal_words.kind(e) for e in entries]
    assert {"sector", "boot", "state", "begun", "ordered", "ahead", "found", "cleared"} <= set(kinds)
    assert [e.number for e in entries] == sorted({e.number for e in entries}) and {e.epoch for e in entries} == {1}
    cleared = entries[kinds.index("cleared")]
    assert (cleared.x, cleared.y / 1e6) == (programme, pytest.approx(low, abs=1e-4))
    assert cleared.z / 1e6 == pytest.approx(high, abs=1e-4) and high > 0.1
