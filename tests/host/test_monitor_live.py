"""The live stream: its shape, its pace, and that no page can hold up another."""

from __future__ import annotations

import asyncio
import itertools
import json
import struct
from collections.abc import AsyncIterator
from typing import Any

import pytest
from websockets.asyncio.client import ClientConnection, connect

from assuage.bedside.waves import WaveBatch
from assuage.monitor import live
from assuage.monitor.app import page_id
from assuage.monitor.live import CO2, PLETH, wave_message
from tests.host.monitor_server import Monitor, monitor
from tests.page.fake_bed import FakeBed


@pytest.fixture
async def site() -> AsyncIterator[Monitor]:
    """A monitor."""
    async with monitor() as running:
        yield running


def page(site: Monitor) -> connect:
    """A page's connection."""
    return connect(f"ws://{site.host}/live", origin=site.origin)  # type: ignore[arg-type]


async def next_text(socket: ClientConnection, kind: str = "snapshot") -> dict[str, Any]:
    """The next message of that kind."""
    async for message in socket:
        if isinstance(message, str) and (found := json.loads(message))["type"] == kind:
            return dict(found)
    raise AssertionError("the stream has ended")


async def test_it_begins_with_hello(site: Monitor) -> None:
    """Who serves, which page, and what a programme can be made of."""
    async with page(site) as socket:
        hello = json.loads(await socket.recv())
    assert hello["type"] == "hello"
    assert hello["page"] == page_id()
    assert isinstance(hello["pid"], int) and hello["started"].endswith("Z")
    syringe = next(syringe for syringe in hello["syringes"] if syringe["name"] == "BD 50 mL")
    assert syringe["bore_mm"] == 26.7 and syringe["source"]
    assert (hello["site"], hello["patient"], hello["on_loss"]) == ("Bench", "Emulated patient", "stop")


async def test_a_snapshot_is_the_bed_s_own(site: Monitor) -> None:
    """With the time at which it was sent, on the monotonic clock by which a page sees how late it is."""
    site.fake.infuse()
    async with page(site) as socket:
        first = await next_text(socket)
        while not (first["pump"]["state"] == "infusing" and first["vitals"]["spo2"]):
            first = await next_text(socket)
        second = await next_text(socket)
    assert set(site.fake.bed.snapshot()) <= set(first)
    assert second["sent"] > first["sent"]
    assert first["pump"]["syringe"] == "BD 50 mL"
    assert first["vitals"]["spo2"] == 97.0
    assert first["asked"] is None
    plain = (await site.ask("GET", "/api/snapshot")).json()
    assert set(plain) == set(first)


async def test_why_an_infusion_is_not_supervised_is_said_by_itself(site: Monitor) -> None:
    """Not only within the pump's sentence, so that a page can raise a notice of it; and only while the pump moves."""
    site.fake.infuse()
    site.fake.disown("Nobody here watches it.")
    async with page(site) as socket:
        while (pump := (await next_text(socket))["pump"])["state"] != "infusing":
            pass
        assert pump["unsupervised"] == "Nobody here watches it."
        site.fake.stand("stopped", "local-stop")
        while (pump := (await next_text(socket))["pump"])["state"] != "stopped":
            pass
        assert pump["unsupervised"] == ""


async def test_a_read_back_carries_the_board_s_whole_numbers(site: Monitor) -> None:
    """Beside those in a person's units, which are rounded."""
    order = {"drug": "Ketamine", "rate_ml_h": "1.4", "vtbi_ml": "20.5", "syringe": "BD 50 mL", "on_loss": "stop"}
    readback = (await site.order("programme", order)).json()["readback"]
    assert (readback["rate_nl_min"], readback["vtbi_nl"]) == (23_333, 20_500_000)


async def test_it_never_falls_silent_for_long(site: Monitor) -> None:
    """Twenty snapshots, none later than the page's limit of 1.5 s after the one before, by the sender's clock."""
    async with page(site) as socket:
        sent = [(await next_text(socket))["sent"] for _ in range(20)]
    assert max(b - a for a, b in itertools.pairwise(sent)) < 1.5


async def test_a_change_is_sent_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """It does not wait for the next period, which never comes here, nor for the board's next word: that is silent."""
    monkeypatch.setattr(live, "PERIOD", 1e6)
    async with asyncio.timeout(60), monitor() as site:
        site.fake.frozen = True
        async with page(site) as socket:
            await next_text(socket)
            site.fake.fault()
            await site.order("stop", {})  # tells the bed the new state
            while (await next_text(socket))["pump"]["state"] != "fault":
                pass


async def test_the_wave_comes_whole_and_in_order(site: Monitor) -> None:
    """Each batch begins where the one before ended."""
    batches = []
    async with page(site) as socket:
        async for message in socket:
            if isinstance(message, bytes):
                kind, hz, count, index, time = struct.unpack_from("<BBHId", message)
                samples = struct.unpack_from(f"<{count}h", message, 16)
                batches.append((kind, hz, index, time, samples))
            if len(batches) == 12:
                break
    assert {(kind, hz, len(samples)) for kind, hz, _, _, samples in batches} == {(1, 100, 10)}
    indexes = [index for _, _, index, _, _ in batches]
    assert indexes == list(range(indexes[0], indexes[0] + 120, 10))
    assert all(abs(time - site.fake.bed.unix(site.fake.at)) < 60 for _, _, _, time, _ in batches)


def test_a_wave_message_to_the_byte() -> None:
    """What static/live.js takes apart."""
    batch = WaveBatch(1, 70_000, 100, "ok", 1.5, (-32768, 0, 32767))
    assert wave_message(PLETH, batch).hex() == "01640300" + "70110100" + "000000000000f83f" + "0080" + "0000" + "ff7f"


async def test_the_waves_of_pulse_and_gas_come_apart_by_their_kind(site: Monitor) -> None:
    """Each with its own rate and its own numbers."""
    site.fake.watch_all()
    async with page(site) as socket:
        heads: dict[int, list[tuple[int, int]]] = {PLETH: [], CO2: []}
        while min(len(one) for one in heads.values()) < 3:
            message = await asyncio.wait_for(socket.recv(), 5)
            if isinstance(message, bytes):
                kind, hz, _count, index, _time = struct.unpack_from("<BBHId", message)
                heads[kind].append((hz, index))
    assert {hz for hz, _ in heads[PLETH]} == {100} and {hz for hz, _ in heads[CO2]} == {25}
    for one in heads.values():
        assert [index - one[0][1] for _, index in one] == list(range(0, 10 * len(one), 10))


async def test_what_was_asked_stands_beside_what_was_read_back(site: Monitor) -> None:
    """For any page, until it is confirmed."""
    order = {"drug": "Ketamine", "rate_ml_h": "7.5", "vtbi_ml": 20, "syringe": "BD 50 mL", "on_loss": "stop"}
    said = (await site.order("programme", order)).json()
    assert said["asked"] == order
    async with page(site) as socket:
        snapshot = await next_text(socket)
        assert snapshot["readback"]["token"] == said["readback"]["token"]
        assert snapshot["asked"] == order
        await site.order("confirm", {"programme": said["readback"]["programme"], "token": said["readback"]["token"]})
        while (snapshot := await next_text(socket))["readback"]:
            pass
        assert snapshot["asked"] is None


class Socket:
    """A page's end of the stream without a network: reads until `stuck`."""

    def __init__(self, stuck: bool) -> None:
        self.got: list[str | bytes] = []
        self.enough = asyncio.Event()
        self.stuck = stuck
        self.gone = asyncio.Event()

    async def accept(self) -> None:
        """As Starlette's."""

    async def receive(self) -> dict[str, str]:
        """Says nothing until it is gone."""
        await self.gone.wait()
        return {"type": "websocket.disconnect"}

    async def send_text(self, text: str) -> None:
        """Takes it, or waits for ever."""
        await self._take(text)

    async def send_bytes(self, data: bytes) -> None:
        """Takes it, or waits for ever."""
        await self._take(data)

    async def _take(self, message: str | bytes) -> None:
        if self.stuck and self.got:
            await asyncio.Event().wait()
        self.got.append(message)
        if len(self.got) >= 60:
            self.enough.set()


async def test_a_page_that_does_not_read_holds_up_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    """Another one gets its stream as ever; for the first a bounded backlog is kept, and after a while it is dropped."""
    monkeypatch.setattr(live, "SEND_LIMIT", 1.0)
    fake = FakeBed()
    stream = live.Live(fake.bed, {}, lambda programme: None)
    stuck, other = Socket(stuck=True), Socket(stuck=False)
    async with asyncio.timeout(60):
        tasks = [asyncio.create_task(work) for work in (fake.run(), stream.run())]
        reading = asyncio.create_task(stream.serve(other))  # type: ignore[arg-type]
        dropped = asyncio.create_task(stream.serve(stuck))  # type: ignore[arg-type]
        await other.enough.wait()
        await dropped
        other.gone.set()
        await reading
        for task in tasks:
            task.cancel()
    assert len(stuck.got) == 1
    assert stream.pages == 0


def test_the_backlog_is_bounded() -> None:
    """Three seconds of waves and the newest snapshot; nothing that grows with the time a page is stuck."""
    page = live.Page()
    for i in range(1000):
        page.put_wave(bytes([i % 256]))
        page.put_snapshot(str(i))
    assert (len(page.waves), page.snapshot) == (live.WAVES_KEPT, "999")


async def test_a_bed_that_cannot_be_read_is_not_shown_as_live(site: Monitor, monkeypatch: pytest.MonkeyPatch) -> None:
    """The stream falls silent, which pages show, and goes on when the bed can be read again."""
    async with page(site) as socket:
        await next_text(socket)
        broken = asyncio.Event()

        def snapshot(now: float | None = None) -> dict[str, Any]:
            broken.set()
            raise RuntimeError("a mistake")

        with monkeypatch.context() as patch:
            patch.setattr(site.fake.bed, "snapshot", snapshot)
            await broken.wait()
        await next_text(socket)


async def test_it_ends_with_the_daemon() -> None:
    """An open page does not keep the daemon from ending."""
    async with monitor() as site:
        socket = await page(site)
        await socket.recv()
    await socket.wait_closed()
