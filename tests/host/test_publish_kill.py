"""kill -9 of the daemon or the broker, again and again: every durable record arrives, and counts once by its number."""

from __future__ import annotations

import asyncio
import json
import random
import signal
import sqlite3
import subprocess
import sys
import time
from datetime import datetime
from pathlib import Path

import pytest

from assuage.config import Config
from assuage.publish.broker import broker_url
from assuage.publish.mqtt import Publisher
from assuage.publish.presence import LOST
from assuage.publish.topics import Topics
from assuage.store import Store
from assuage_rig.requirements import req
from tests.host.brokers import KINDS, LONG, Consumer, Heard, consumer, environment, start_broker

CHILD = Path(__file__).parent / "children" / "publisher.py"
TOPICS = Topics("ward", "Bed 1", "board-1")


def write(config: Config, folder: Path) -> Path:
    file = folder / "bed.toml"
    file.write_text(
        f'[link]\nport = "/dev/null"\n[store]\npath = "{config.store.path}"\n[mqtt]\nport = {config.mqtt.port}\n'
    )
    return file


def run_and_kill(file: Path, log: Path, run: str, after: float) -> list[list[str]]:
    """A publishing process that is killed `after` seconds after its first commit; what it had said."""
    with log.open("wb") as out:
        child = subprocess.Popen([sys.executable, str(CHILD), str(file), run], stdout=out, env=environment())
    try:
        while b"c " not in log.read_bytes():
            assert child.poll() is None, "the publisher ended by itself"
            time.sleep(0.01)
        time.sleep(after)
    finally:
        child.send_signal(signal.SIGKILL)
        child.wait()
    return [line.split() for line in log.read_text().rpartition("\n")[0].splitlines() if line]


def durable(said: list[list[str]]) -> dict[int, str]:
    committed = max((int(words[1]) for words in said if words[0] == "c"), default=0)
    return {int(words[1]): words[2] for words in said if words[0] == "a" and int(words[1]) <= committed}


def without_repeats(heard: list[Heard]) -> dict[int, str]:
    """Records by number, as a consumer keeps them; a repeat must be equal to what it repeats."""
    kept: dict[tuple[str, int], str] = {}
    for one in heard:
        if one.topic.endswith("numerics"):
            key = (one.payload["store"], one.payload["rec"])
            assert kept.setdefault(key, one.text) == one.text, "a repeat differs from what it repeats"
    assert len({store for store, _ in kept}) <= 1
    return {rec: json.loads(text)["n"] for (_, rec), text in kept.items()}


async def drain(config: Config, heard: Consumer) -> str:
    """Lets a last daemon publish what is left, followed by a record that marks the end; returns the store's id."""
    async with await Store.open(config.store.path) as store:
        publisher = Publisher(broker_url(config), TOPICS, store)
        task = asyncio.create_task(publisher.run())
        store.append("numerics", TOPICS.of("numerics"), {"n": "end"})
        await asyncio.to_thread(heard.until_topic, "numerics", n="end")
        async with asyncio.timeout(LONG):
            while store.waiting:  # noqa: ASYNC110 there is no event for this
                await asyncio.sleep(0.02)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        return store.id


@req("REC-006")
@pytest.mark.timeout(1800)  # a soak takes long
@pytest.mark.parametrize("kind", KINDS)
async def test_a_daemon_killed_at_random_moments_publishes_every_durable_record_and_its_will_says_that_it_is_gone(
    kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, seed: int, soak: bool
) -> None:
    broker, config = start_broker(kind, tmp_path, monkeypatch)
    rng = random.Random(seed)
    stored: dict[int, str] = {}
    try:
        with consumer(broker.port) as heard:
            for kill in range(100 if soak else 5):
                said = await asyncio.to_thread(
                    run_and_kill, write(config, tmp_path), tmp_path / "said", f"{seed}-{kill}", rng.random() * 0.5
                )
                stored |= durable(said)
            gone = await asyncio.to_thread(heard.until_topic, "/status", state="offline")
            assert gone.payload["why"] == LOST and gone.payload["since"] is gone.payload["ttl_s"] is None
            await drain(config, heard)
            arrived = without_repeats(heard.collect())
    finally:
        broker.end()
    assert stored and {rec: arrived.get(rec) for rec in stored} == stored, "a durable record has not arrived"
    names = [name for name in arrived.values() if name != "end"]
    assert len(set(names)) == len(names), "one record has arrived under two numbers"
    with sqlite3.connect(config.store.path) as db:
        kept = {rec for (rec,) in db.execute("SELECT rec FROM record")}
    db.close()
    assert set(arrived) == kept, "what arrived is exactly what is stored"


@pytest.mark.parametrize("kind", KINDS)
async def test_a_daemon_that_hangs_is_told_gone_and_is_online_again_when_it_goes_on(
    kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    broker, config = start_broker(kind, tmp_path, monkeypatch)
    try:
        with consumer(broker.port) as heard:
            child = subprocess.Popen(  # noqa: ASYNC220 nothing else runs here yet
                [sys.executable, str(CHILD), str(write(config, tmp_path)), "hung"],
                stdout=subprocess.DEVNULL,
                env=environment(),
            )
            try:
                await asyncio.to_thread(heard.until_topic, "/status", state="online")
                child.send_signal(signal.SIGSTOP)
                gone = await asyncio.to_thread(heard.until_topic, "/status", state="offline")
                assert gone.payload["why"] == LOST
                child.send_signal(signal.SIGCONT)
                await asyncio.to_thread(heard.until_topic, "/status", state="online")
            finally:
                child.kill()
                child.wait()
    finally:
        broker.end()


async def saved(file: Path, what: bytes) -> None:
    """Waits until the broker has this on disk."""
    async with asyncio.timeout(LONG):
        while not file.exists() or what not in file.read_bytes():  # noqa: ASYNC110, ASYNC240 a small file
            await asyncio.sleep(0.05)


async def test_a_status_that_outlives_broker_and_daemon_says_until_when_it_may_be_believed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """mosquitto only: it keeps retained messages on disk, but no last will. amqtt keeps neither."""
    broker, config = start_broker("mosquitto", tmp_path, monkeypatch)
    try:
        child = subprocess.Popen(  # noqa: ASYNC220 nothing else runs here yet
            [sys.executable, str(CHILD), str(write(config, tmp_path)), "both"],
            stdout=subprocess.DEVNULL,
            env=environment(),
        )
        try:
            await saved(tmp_path / "mosquitto" / "mosquitto.db", b'"online"')
            broker.kill()
        finally:
            child.kill()
            child.wait()
        broker.start()
        with consumer(broker.port) as late:
            status = await asyncio.to_thread(late.until_topic, "/status")
    finally:
        broker.end()
    assert status.retained and status.payload["state"] == "online", "the will came back: ttl_s is no longer needed"
    said = datetime.fromisoformat(status.payload["t"]).timestamp()
    assert said <= time.time() and status.payload["ttl_s"] == 60


@req("REC-006")
@pytest.mark.timeout(1800)  # a soak takes long
async def test_a_broker_killed_at_random_moments_costs_a_consumer_that_the_broker_remembers_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, seed: int, soak: bool
) -> None:
    """mosquitto only: amqtt forgets the sessions of its consumers when it is killed."""
    broker, config = start_broker("mosquitto", tmp_path, monkeypatch)
    rng = random.Random(seed)
    try:
        with consumer(broker.port, TOPICS.of("numerics"), identifier="historian") as heard:
            async with await Store.open(config.store.path) as store:
                await saved(tmp_path / "mosquitto" / "mosquitto.db", b"historian")
                publisher = Publisher(broker_url(config), TOPICS, store)
                task = asyncio.create_task(publisher.run())
                n = 0
                for _ in range(60 if soak else 6):
                    until = time.monotonic() + rng.uniform(0.2, 0.8)
                    while time.monotonic() < until:
                        n += 1
                        store.append("numerics", TOPICS.of("numerics"), {"n": n})
                        await asyncio.sleep(rng.random() * 0.01)
                    await asyncio.to_thread(broker.kill)
                    await asyncio.to_thread(broker.start)
                    async with asyncio.timeout(LONG):
                        while not publisher.up:  # noqa: ASYNC110 there is no event for this
                            await asyncio.sleep(0.02)
                store.append("numerics", TOPICS.of("numerics"), {"n": "end"})
                await asyncio.to_thread(heard.until_topic, "numerics", n="end")
                task.cancel()
                await asyncio.gather(task, return_exceptions=True)
            arrived = without_repeats(heard.collect())
    finally:
        broker.end()
    assert {rec for rec, name in arrived.items() if name != "end"} == set(range(1, n + 1))
