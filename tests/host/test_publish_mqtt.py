"""Records reach an independent consumer in order and without loss, whatever the broker does; status tells the truth."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Any, TypeVar

import pytest

from assuage.config import Config
from assuage.publish import mqtt, presence
from assuage.publish.broker import broker_url
from assuage.publish.mqtt import Publisher
from assuage.publish.topics import BY_NAME, Topics
from assuage.store import Store
from assuage_rig.requirements import req
from tests.host.brokers import KINDS, LONG, BrokerProcess, consumer, settings, start_broker
from tests.host.kept_records import history

T = TypeVar("T")
TOPICS = Topics("Ward 3", "Bed 1", "board-1")
LIVE = {"link": "live", "link_since": "2026-01-01T00:00:00.000Z", "sentence": "The board answers."}


@pytest.fixture(params=KINDS)
def running(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[tuple[BrokerProcess, Config]]:
    process, config = start_broker(request.param, tmp_path, monkeypatch)
    yield process, config
    process.end()


@contextlib.asynccontextmanager
async def publishing(config: Config) -> AsyncIterator[tuple[Store, Publisher]]:
    """A store and a publisher at work; at the end it is cancelled as the daemon does."""
    async with await Store.open(config.store.path) as store:
        publisher = Publisher(broker_url(config), TOPICS, store)
        publisher.tell(LIVE, {"board": None})
        task = asyncio.create_task(publisher.run())
        try:
            yield store, publisher
        finally:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task


async def blocking(call: Callable[..., T], *arguments: Any, **keys: Any) -> T:
    """Waits in a thread, so that the publisher goes on."""
    return await asyncio.to_thread(call, *arguments, **keys)


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(LONG):
        while not condition():  # noqa: ASYNC110 what is waited for has no event
            await asyncio.sleep(0.01)


def append(store: Store, first: int, last: int) -> None:
    for n in range(first, last):
        store.append("numerics", TOPICS.of("numerics"), {"n": n})


# -- records -----------------------------------------------------------------------------------------------------------


async def test_records_arrive_once_in_order_exactly_as_stored_and_are_then_acknowledged(
    running: tuple[BrokerProcess, Config],
) -> None:
    process, config = running
    with consumer(process.port, TOPICS.of("numerics")) as heard:
        async with publishing(config) as (store, _):
            append(store, 0, 500)
            await blocking(heard.until_topic, "numerics", n=499)
            assert [one.payload["rec"] for one in heard.collect()] == list(range(1, 501))
            assert {one.payload["store"] for one in heard.collect()} == {store.id}
            assert heard.heard[7].text == (await history(store, "numerics"))[7].payload
            await until(lambda: store.waiting == 0)
            assert not any(one.retained for one in heard.heard)


@req("REC-006")
async def test_what_was_stored_while_there_was_no_broker_is_published_when_it_comes(
    running: tuple[BrokerProcess, Config],
) -> None:
    process, config = running
    process.kill()
    async with publishing(config) as (store, publisher):
        append(store, 0, 1000)
        await store.flush()
        await until(lambda: "cannot be reached" in publisher.sentence)
        assert not publisher.up and store.waiting == 1000
        await blocking(process.start)
        await until(lambda: publisher.up and store.waiting == 0)


async def test_after_a_broker_is_killed_publishing_goes_on_by_itself_without_loss(
    running: tuple[BrokerProcess, Config],
) -> None:
    process, config = running
    async with publishing(config) as (store, publisher):
        await until(lambda: publisher.up)
        append(store, 0, 50)
        await until(lambda: store.waiting == 0)
        await blocking(process.kill)
        await until(lambda: not publisher.up)
        append(store, 50, 100)
        await store.flush()
        await blocking(process.start)
        await until(lambda: publisher.up and store.waiting == 0)


async def test_a_broker_that_hangs_is_noticed_and_holds_no_connection_of_ours(
    running: tuple[BrokerProcess, Config], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mqtt, "TIMEOUT_S", 0.3)
    process, config = running

    def connections() -> int:
        return sum("socket:" in os.readlink(f"/proc/self/fd/{fd}") for fd in _descriptors())

    async with publishing(config) as (store, publisher):
        await until(lambda: publisher.up)
        before = connections()
        process.signal(signal.SIGSTOP)
        append(store, 0, 10)
        await until(lambda: "does not answer" in publisher.sentence)
        # Further attempts are accepted by the machine and never answered by the broker.
        for _ in range(4):
            await publisher._connect_once()
        assert connections() <= before + 2  # no more than those under way
        process.signal(signal.SIGCONT)
        await until(lambda: publisher.up and store.waiting == 0)


def _descriptors() -> list[str]:
    return [fd for fd in os.listdir("/proc/self/fd") if os.path.islink(f"/proc/self/fd/{fd}")]


async def test_a_record_too_big_for_any_broker_is_left_out_and_blocks_nothing(
    running: tuple[BrokerProcess, Config],
) -> None:
    process, config = running
    with consumer(process.port, TOPICS.of("numerics")) as heard:
        async with publishing(config) as (store, _):
            store.append("numerics", TOPICS.of("numerics"), {"n": 0, "fill": "x" * 500_000})
            append(store, 1, 3)
            await blocking(heard.until_topic, "numerics", n=2)
            assert [one.payload["n"] for one in heard.collect()] == [1, 2]
            await until(lambda: store.waiting == 0)


# -- status and birth --------------------------------------------------------------------------------------------------


async def test_a_late_consumer_finds_who_the_board_is_and_that_the_daemon_is_online(
    running: tuple[BrokerProcess, Config],
) -> None:
    process, config = running
    async with publishing(config) as (store, publisher):
        await until(lambda: publisher.up)
        board = {"uid": "00ff", "boot": 3}
        publisher.tell(LIVE, {"board": board})
        with consumer(process.port) as first:
            await blocking(first.until_topic, "birth", board=board)
        with consumer(process.port) as late:
            birth = await blocking(late.until_topic, "/birth")
            assert birth.retained and birth.payload["board"] == board
        with consumer(process.port) as late:
            status = await blocking(late.until_topic, "/status")
            assert status.retained and status.payload["state"] == "online" and status.payload["link"] == "live"
            assert status.payload["store"] == store.id and status.payload["since"]


async def test_a_lost_board_is_told_apart_from_a_daemon_that_is_gone(running: tuple[BrokerProcess, Config]) -> None:
    process, config = running
    with consumer(process.port) as heard:
        async with publishing(config) as (_, publisher):
            await blocking(heard.until_topic, "/status", state="online", link="live")
            publisher.tell({**LIVE, "link": "lost", "sentence": "The board is silent."}, {"board": None})
            lost = await blocking(heard.until_topic, "/status", link="lost")
            assert lost.payload["state"] == "online" and lost.payload["why"] == "The board is silent."
        goodbye = await blocking(heard.until_topic, "/status", state="offline")
        assert goodbye.payload["why"] == presence.GOODBYE and goodbye.payload["since"]
        assert goodbye.payload["ttl_s"] is None and goodbye.payload["dropped"] == 0


async def test_status_and_birth_are_told_anew_after_a_broker_has_forgotten_everything(
    running: tuple[BrokerProcess, Config], tmp_path: Path
) -> None:
    process, config = running
    async with publishing(config) as (_, publisher):
        await until(lambda: publisher.up)
        await blocking(process.kill)
        for file in (tmp_path / "mosquitto").glob("*"):
            file.unlink()
        await blocking(process.start)
        with consumer(process.port) as heard:
            await blocking(heard.until_topic, "/birth")
            await blocking(heard.until_topic, "/status", state="online")


async def test_an_online_status_is_said_again_before_it_grows_old_however_often_the_same_is_told(
    running: tuple[BrokerProcess, Config], monkeypatch: pytest.MonkeyPatch
) -> None:
    ttl_s = BY_NAME["status"].ttl_s
    assert ttl_s is not None and ttl_s > mqtt.REFRESH_S + mqtt.TIMEOUT_S
    monkeypatch.setattr(mqtt, "REFRESH_S", 0.2)
    process, config = running
    with consumer(process.port, TOPICS.of("status")) as heard:
        async with publishing(config) as (_, publisher):

            async def keep_telling() -> None:
                while True:
                    publisher.tell(LIVE, {"board": None})
                    await asyncio.sleep(0.01)

            telling = asyncio.create_task(keep_telling())
            first, again = [(await blocking(heard.until_topic, "/status")).payload for _ in range(2)]
            telling.cancel()
    assert first["ttl_s"] == ttl_s and first["t"] < again["t"]
    assert {**again, "t": first["t"]} == first


async def test_being_told_the_same_again_is_not_published(running: tuple[BrokerProcess, Config]) -> None:
    process, config = running
    with consumer(process.port, TOPICS.of("status")) as heard:
        async with publishing(config) as (_, publisher):
            await blocking(heard.until_topic, "/status", link="live")
            for _ in range(5):
                publisher.tell(LIVE, {"board": None})
                await until(lambda: not publisher._news.is_set())
            publisher.tell({**LIVE, "link": "lost"}, {"board": None})
            await blocking(heard.until_topic, "/status", link="lost")
            assert [one.payload["link"] for one in heard.collect()] == ["live", "lost"]


# -- how it fails ------------------------------------------------------------------------------------------------------


async def test_attempts_are_fast_at_first_and_never_further_apart_than_a_second(tmp_path: Path) -> None:
    async with await Store.open(tmp_path / "x.sqlite") as store:
        publisher = Publisher(broker_url(settings(tmp_path)), TOPICS, store)
        delays = []
        for _ in range(10):
            await publisher._connect_once()
            delays.append(publisher._delay)
        assert delays[0] <= 0.1 and max(delays) == mqtt.LONGEST_DELAY_S == 1.0


async def test_a_broker_that_refuses_is_told_in_a_sentence_without_the_password(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    process, _ = start_broker("mosquitto", tmp_path, monkeypatch)
    process.end()
    conf = tmp_path / "mosquitto.conf"
    conf.write_text(conf.read_text().replace("allow_anonymous true", "allow_anonymous false"))
    process.start()
    monkeypatch.setenv("ASSUAGE_MQTT_USERNAME", "joe")
    monkeypatch.setenv("ASSUAGE_MQTT_PASSWORD", "sesame-7731")
    config = settings(tmp_path, mqtt={"url": f"mqtt://127.0.0.1:{process.port}"})
    try:
        async with await Store.open(config.store.path) as store:
            publisher = Publisher(broker_url(config), TOPICS, store, credentials=config.mqtt.credentials)
            await publisher._connect_once()
            assert "refuses us" in publisher.sentence and "sesame" not in publisher.sentence
            assert json.dumps(publisher.sentence).isascii()
    finally:
        process.end()


async def test_a_connection_ends_even_when_its_end_coincides_with_an_acknowledgement(tmp_path: Path) -> None:
    """wait_for before Python 3.12 forgets a cancelling that comes together with the result; aiomqtt uses it."""

    class Coinciding:
        async def publish(self, *_: object, **__: object) -> None:
            with contextlib.suppress(asyncio.CancelledError):
                await asyncio.sleep(LONG)

    async with await Store.open(tmp_path / "x.sqlite") as store:
        publisher = Publisher("mqtt://127.0.0.1:1", TOPICS, store)
        saying = asyncio.create_task(publisher._say(Coinciding()))  # type: ignore[arg-type]
        await asyncio.sleep(0)
        saying.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asyncio.wait_for(saying, LONG / 2)


async def test_certificates_that_are_none_are_told_and_tried_again(tmp_path: Path) -> None:
    (tmp_path / "ca.pem").write_text("no certificate")
    async with await Store.open(tmp_path / "x.sqlite") as store:
        publisher = Publisher("mqtts://127.0.0.1:1", TOPICS, store, ca_file=tmp_path / "ca.pem")
        await publisher._connect_once()
        assert "ca.pem cannot be used as certificates" in publisher.sentence
