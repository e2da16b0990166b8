"""The interlock over MQTT: what is true of it now, and an event at each trip and release, of both boards of a bed."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from assuage.bedside.guarding import ADULT
from assuage.bedside.picture import Label
from assuage.link.events import Identified, Link, LinkChanged, Periodic, Telemetry
from assuage.publish import telemetry
from assuage.publish.topics import BY_NAME, ENVELOPE, Topics
from assuage.store import Store
from tests.host.beds import HELLO, INTERLOCK, LOW, PLETH, PUMP, VITALS, FakeBed
from tests.host.kept_records import history

TOPICS = Topics("ward", "Bed 1", "board-1")
SIGNS = HELLO._replace(board=bytes.fromhex("a1a2a3a4a5a6a7a8"), boot=3)


class Chain(FakeBed):
    """A bed whose telemetry goes into a store."""

    def __init__(self, store: Store, signs_port: str = "") -> None:
        super().__init__(signs_port)
        self.store = store
        self.telemetry = telemetry.Telemetry(self.bed, store, TOPICS)
        self.listeners.append(self.telemetry.handle)
        self.signs_listeners.append(self.telemetry.handle_signs)

    def both_live(self) -> None:
        self.live()
        self.tell_signs(LinkChanged(Link.LIVE, "The board answers.", self.now))
        self.tell_signs(Identified(SIGNS, True, self.now))

    def sign(self, message: Periodic) -> None:
        """The second board says this now."""
        self.tell_signs(Telemetry(message, self.now, self.now))

    async def told(self, name: str) -> list[dict[str, Any]]:
        await self.store.flush()
        return [json.loads(record.payload) for record in await history(self.store, name)]

    async def events(self, *kinds: str) -> list[dict[str, Any]]:
        return [event for event in await self.told("event") if event["what"] in kinds]


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    async with await Store.open(tmp_path / "x.sqlite") as store:
        yield store


async def test_it_is_told_with_the_envelope_and_exactly_the_keys_of_the_table(store: Store) -> None:
    chain = Chain(store)
    chain.live()
    chain.say(PUMP)
    chain.say(LOW)
    [told] = await chain.told("interlock")
    envelope = {field.name for field in ENVELOPE}
    assert set(told) == envelope | {field.name for field in BY_NAME["interlock"].fields}
    assert told["ttl_s"] == 3.0
    assert (told["tripped"], told["read"], told["release"]) == (True, {"pump": 7}, False)


async def test_a_trip_and_its_release_are_events_with_what_was_seen_each_once(store: Store) -> None:
    chain = Chain(store)
    row = ADULT[0]
    terms = {"guards": [{"fields": list(row.fields()), "source": row.source}]}
    chain.bed.set_label(Label(77, "Ketamine", "BD 50 mL", terms))
    chain.live()
    chain.say(PUMP)
    for message in (INTERLOCK, LOW, LOW, LOW._replace(normal=1), INTERLOCK._replace(number=7), INTERLOCK):
        chain.say(message)
    tripped, released = await chain.events("tripped", "released")
    assert (tripped["what"], tripped["sentence"]) == ("tripped", "SpO2 86.1 % below 90 % for 15 s.")
    assert (tripped["part"], tripped["number"], tripped["cause"]["value"]) == ("pump", 7, 86.1)
    assert released["what"] == "released" and released["number"] == 7


async def test_a_trip_that_stood_when_the_host_came_is_no_event(store: Store) -> None:
    chain = Chain(store)
    chain.live()
    chain.say(LOW)
    assert await chain.events("tripped") == []


async def test_of_two_boards_each_record_names_its_own_and_the_pumps_own_vital_signs_are_nobodys(store: Store) -> None:
    chain = Chain(store, "/dev/second")
    chain.both_live()
    chain.say(VITALS)
    for n in range(5):
        chain.say(PLETH._replace(index=10 * n))
    assert await chain.told("numerics") == [] and await chain.told("wave/pleth") == []
    chain.sign(VITALS)
    for n in range(5):
        chain.sign(PLETH._replace(index=10 * n))
    [numerics], [wave] = await chain.told("numerics"), await chain.told("wave/pleth")
    for record in (numerics, wave):
        assert (record["board"], record["boot"]) == (SIGNS.board.hex(), 3)
    assert numerics["spo2"] == 97.1
    chain.say(PUMP)
    assert (await chain.told("pump"))[0]["board"] == HELLO.board.hex()


async def test_both_boards_trips_are_told_apart_and_so_is_the_loss_of_the_second(store: Store) -> None:
    chain = Chain(store, "/dev/second")
    chain.both_live()
    for say in (chain.say, chain.sign):
        say(INTERLOCK)
        say(LOW)
    assert [event["part"] for event in await chain.events("tripped")] == ["pump", "guardian"]
    chain.tell_signs(LinkChanged(Link.LOST, "The board is silent.", chain.now))
    assert (await chain.events("signs-link"))[-1]["link"] == "lost"
    assert len(await chain.told("link")) == 1, "of the pump's board alone"
    chain.sign(VITALS)
    assert await chain.told("numerics") == []
