"""The daemon's MQTT as a whole, from an event of the link to an independent consumer and to the bed's own services."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from assuage.bedside.snapshot import iso
from assuage.link.events import Identified, Link, LinkChanged
from assuage.publish.service import MqttService
from assuage.store import Store
from tests.host.beds import HELLO, PUMP, VITALS, FakeBed
from tests.host.brokers import KINDS, LONG, BrokerProcess, Consumer, Heard, consumer, start_broker


class Daemon:
    """What a test holds: the bed, the broker and a consumer that heard everything from the beginning."""

    def __init__(
        self, bed: FakeBed, store: Store, service: MqttService, broker: BrokerProcess, heard: Consumer
    ) -> None:
        self.bed, self.store, self.service, self.broker, self.heard = bed, store, service, broker, heard

    async def until_topic(self, name: str, **keys: object) -> dict[str, object]:
        return (await asyncio.to_thread(self.heard.until_topic, name, **keys)).payload  # type: ignore[no-any-return]


@pytest.fixture(params=KINDS)
async def daemon(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Daemon]:
    broker, config = start_broker(request.param, tmp_path, monkeypatch)
    bed = FakeBed()
    try:
        with consumer(broker.port) as heard:
            async with await Store.open(config.store.path) as store:
                service = MqttService(config, bed.bed, store)
                bed.listeners.append(service.handle)
                task = asyncio.create_task(service.run())
                try:
                    yield Daemon(bed, store, service, broker, heard)
                finally:
                    task.cancel()
                    with contextlib.suppress(asyncio.CancelledError):
                        await task
    finally:
        broker.end()


async def test_from_board_to_consumer_and_silence_after_the_board_is_lost(daemon: Daemon) -> None:
    bed = daemon.bed
    bed.live()
    await daemon.until_topic("/birth", board={**_board(), "boot": 42})
    bed.say(VITALS)
    bed.say(PUMP)
    assert (await daemon.until_topic("/numerics"))["spo2"] == 97.1
    assert (await daemon.until_topic("/pump"))["rate_ml_h"] == 10.0
    bed.lose()
    status = await daemon.until_topic("/status", link="lost")
    assert status["state"] == "online" and status["why"] == "The board is silent."
    heard = len(daemon.heard.collect())
    bed.say(VITALS)
    bed.say(PUMP)
    daemon.service.happened("marker", "Everything before this has been published.")
    await daemon.until_topic("/event", what="marker")
    late = [one.topic.rpartition("/")[2] for one in daemon.heard.collect()[heard:]]
    assert "numerics" not in late and "pump" not in late
    bed.live()
    await daemon.until_topic("/status", link="live")


async def test_the_link_is_as_it_is_since_its_state_changed_whatever_is_said_of_it(daemon: Daemon) -> None:
    bed = daemon.bed
    bed.lose()
    since = (await daemon.until_topic("/status", link="lost"))["link_since"]
    assert since == iso(bed.bed.unix(bed.now))
    bed.now += 3
    bed.tell(LinkChanged(Link.LOST, "The port has gone.", bed.now))
    assert (await daemon.until_topic("/status", why="The port has gone."))["link_since"] == since
    bed.live()
    assert (await daemon.until_topic("/status", link="live"))["link_since"] == iso(bed.bed.unix(bed.now)) != since


async def test_by_which_drug_library_this_bed_prescribes_is_in_its_status(daemon: Daemon) -> None:
    await daemon.until_topic("/status", library=None)
    daemon.bed.bed.set_service("library", {"state": "up", "sentence": "Prescriptions are checked.", "hash": "5e" * 32})
    assert (await daemon.until_topic("/status", library="5e" * 32))["state"] == "online"


async def test_a_board_that_has_restarted_is_announced_anew(daemon: Daemon) -> None:
    daemon.bed.live()
    await daemon.until_topic("/birth", board={**_board(), "boot": 42})
    daemon.bed.tell(Identified(HELLO._replace(boot=43, reset=2), True, daemon.bed.now))
    wanted = {"birth", "event"}  # in whichever order: one is retained, the other comes through the store

    def told(heard: Heard) -> bool:
        if heard.topic.endswith("/birth") and heard.payload["board"] == {**_board(), "boot": 43, "reset": "watchdog"}:
            wanted.discard("birth")
        if heard.topic.endswith("/event") and (heard.payload["what"], heard.payload["boot"]) == ("board-started", 43):
            wanted.discard("event")
        return not wanted

    await asyncio.to_thread(daemon.heard.until, told)


async def test_the_bed_shows_whether_publishing_works_and_what_waits(daemon: Daemon) -> None:
    services = daemon.bed.bed.picture.services

    async def until(name: str, **keys: object) -> None:
        async with asyncio.timeout(LONG):
            while any(services.get(name, {}).get(key) != value for key, value in keys.items()):  # noqa: ASYNC110
                await asyncio.sleep(0.02)

    await until("mqtt", state="up", queued=0)
    await until("store", state="up", records=0, dropped=0)
    assert services["mqtt"]["broker"] == f"mqtt://127.0.0.1:{daemon.broker.port}"
    await asyncio.to_thread(daemon.broker.kill)
    await until("mqtt", state="down")
    daemon.bed.live()  # link and board-started: two records
    await until("mqtt", state="down", queued=2)
    assert "records are kept" in services["mqtt"]["sentence"]
    await asyncio.to_thread(daemon.broker.start)
    await until("mqtt", state="up", queued=0)
    await until("store", records=2)


def _board() -> dict[str, object]:
    return {
        "uid": HELLO.board.hex(), "firmware": "0.1.2", "boot": 42, "reset": "power-on",
        "schema": f"{HELLO.schema:08x}", "schema_ok": True, "config": "00000007",
    }  # fmt: skip
