"""What the board says becomes records with the envelope; what it no longer says is never told as if it were new."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from assuage.link.events import BoardStopped, Identified
from assuage.link.messages import Alarm, Stopped
from assuage.publish.telemetry import Telemetry
from assuage.publish.topics import BY_NAME, ENVELOPE, Topics
from assuage.store import Store
from assuage_wire import schema
from tests.host.beds import CAPNOGRAM, CUFF, HEALTH, HELLO, PLETH, PUMP, VITALS, FakeBed, said
from tests.host.kept_records import history
from tests.host.test_limits import told

TOPICS = Topics("ward", "Bed 1", "board-1")
ALARM = Alarm(5000, 0, schema.ALARMS.index("occlusion"), 3, schema.ALARM_STATES.index("active"), 1, 0, 0)


class Chain(FakeBed):
    """A bed whose telemetry goes into a store."""

    def __init__(self, store: Store) -> None:
        super().__init__()
        self.store = store
        self.telemetry = Telemetry(self.bed, store, TOPICS)
        self.listeners.append(self.telemetry.handle)

    async def told(self, name: str) -> list[dict[str, Any]]:
        """Payloads of a topic so far."""
        await self.store.flush()
        records = await history(self.store, name)
        assert {record.topic for record in records} <= {TOPICS.of(name)}
        return [json.loads(record.payload) for record in records]


@pytest.fixture
async def chain(tmp_path: Path) -> AsyncIterator[Chain]:
    async with await Store.open(tmp_path / "x.sqlite") as store:
        yield Chain(store)


# -- envelope ----------------------------------------------------------------------------------------------------------


async def test_every_record_has_the_envelope_and_exactly_the_keys_of_the_table(chain: Chain) -> None:
    chain.live()
    waves = [*(PLETH._replace(index=10 * n) for n in range(5)), *(CAPNOGRAM._replace(index=10 * n) for n in range(2))]
    for message in (VITALS, PUMP, HEALTH, ALARM, CUFF, *waves):
        chain.say(message)
    envelope = [field.name for field in ENVELOPE]
    for name in ("link", "numerics", "pump", "alarm", "wave/pleth", "wave/co2", "cuff", "health", "event"):
        told = await chain.told(name)
        assert told, f"nothing was told of {name}"
        for payload in told:
            keys = list(payload)
            assert keys[: len(envelope)] == envelope
            rest = {field.name for field in BY_NAME[name].fields}
            assert set(keys[len(envelope) :]) == rest or (name == "event" and rest < set(keys)), name
            assert payload["store"] == chain.store.id and payload["ttl_s"] == BY_NAME[name].ttl_s


async def test_an_alarm_is_recorded_at_each_of_its_changes_and_not_each_time_that_it_is_told(chain: Chain) -> None:
    chain.live()
    states = [schema.ALARM_STATES.index(name) for name in ("active", "active", "acknowledged", "acknowledged", "idle")]
    for seconds, state in enumerate(states):
        chain.say(ALARM._replace(state=state, seconds=seconds))
    chain.say(ALARM._replace(occurrence=2))
    told = [(each["state"], each["occurrence"]) for each in await chain.told("alarm")]
    assert told == [("active", 1), ("acknowledged", 1), ("idle", 1), ("active", 2)]
    first = (await chain.told("alarm"))[0]
    assert (first["alarm"], first["priority"]) == ("occlusion", "high")
    assert first["sentence"].startswith("The line is blocked")


async def test_limits_are_recorded_at_each_change_and_not_each_time_that_they_are_told(chain: Chain) -> None:
    chain.live()
    some = told(spo2=(900, schema.NONE16))
    for message in (some, some, told(spo2=(920, schema.NONE16)), some, told(1, spo2=(900, schema.NONE16))):
        chain.say(message)
    said_ = await chain.told("limits")
    assert [(each["patient"], each["list"][0]["low"]) for each in said_] == [
        ("adult", 90.0), ("adult", 92.0), ("adult", 90.0), ("child", 90.0),
    ]  # fmt: skip


async def test_a_record_says_when_its_data_was_measured_and_on_which_start_of_which_board(chain: Chain) -> None:
    chain.live()
    chain.say(said(0.3, ticks=5000)._replace(wraps=3))
    (numerics,) = await chain.told("numerics")
    assert numerics["board"] == HELLO.board.hex() and numerics["boot"] == HELLO.boot
    assert (numerics["ticks"], numerics["wraps"]) == (5000, 3)
    assert numerics["t"] == "2026-01-01T00:01:39.700Z", "reception at 100 s, newest sample 0.3 s before"


# -- numbers -----------------------------------------------------------------------------------------------------------


async def test_numerics_are_those_of_the_snapshot(chain: Chain) -> None:
    chain.live()
    chain.say(VITALS)
    (numerics,) = await chain.told("numerics")
    vitals = chain.bed.snapshot()["vitals"]
    assert (numerics["spo2"], numerics["pulse"], numerics["perfusion"]) == (97.1, 72.4, 2.15)
    assert all(numerics[key] == vitals[key] for key in ("spo2", "pulse", "perfusion", "quality", "ppg", "sentence"))


async def test_no_number_is_told_with_the_reason(chain: Chain) -> None:
    chain.live()
    chain.say(said(spo2=schema.NONE16, pulse=schema.NONE16, ppg="probe-off"))
    (numerics,) = await chain.told("numerics")
    assert numerics["spo2"] is None and numerics["ppg"] == "probe-off" and numerics["sentence"]


async def test_nothing_is_told_while_the_link_is_not_live(chain: Chain) -> None:
    chain.live()
    chain.say(VITALS)
    chain.say(PUMP)
    chain.say(HEALTH)
    chain.lose()
    for message in (VITALS, PUMP, HEALTH):
        chain.say(message)  # late words of a link that has been given up
    chain.now += 60
    assert [len(await chain.told(name)) for name in ("numerics", "pump", "health")] == [1, 1, 1]


async def test_the_link_is_told_at_each_change_as_an_event_that_is_not_dropped(chain: Chain) -> None:
    chain.live()
    chain.lose()
    assert [payload["link"] for payload in await chain.told("link")] == ["live", "lost"]
    assert all(record.event for record in await history(chain.store, "link"))


# -- the pump ----------------------------------------------------------------------------------------------------------


async def test_the_pump_is_told_once_a_second_and_at_once_when_it_changes(chain: Chain) -> None:
    chain.live()
    for n in range(26):  # five seconds at five per second
        chain.say(PUMP._replace(delivered=n))
        chain.now += 0.2
    assert 5 <= len(await chain.told("pump")) <= 6
    before = len(await chain.told("pump"))
    chain.say(PUMP._replace(state=7, reason=1, rate=0))
    chain.say(PUMP._replace(state=7, reason=1, rate=0))
    told = await chain.told("pump")
    assert len(told) == before + 1 and told[-1]["state"] == "stopped"


async def test_a_change_of_the_pump_is_an_event_with_what_it_was(chain: Chain) -> None:
    chain.live()
    chain.say(PUMP)
    chain.say(PUMP._replace(state=8, reason=6))
    event = (await chain.told("event"))[-1]
    assert event["what"] == "pump" and (event["was"], event["state"]) == ("infusing", "fault")
    assert event["reason"] == "encoder-disagrees" and event["sentence"]


async def test_an_interrupted_programme_is_told_after_a_restart_of_the_board(chain: Chain) -> None:
    chain.live()
    chain.say(PUMP)
    chain.tell(Identified(HELLO._replace(boot=43, reset=2), True, chain.now))
    chain.say(PUMP._replace(state=0, programme=0, was_programme=77, was_low=1_200_000, was_high=1_250_000))
    event = (await chain.told("event"))[-1]
    assert event["what"] == "board-started" and event["boot"] == 43 and event["reset"] == "watchdog"
    assert (await chain.told("pump"))[-1]["was"] == {"programme": 77, "low_ml": 1.2, "high_ml": 1.25}


async def test_an_answered_stop_and_what_the_daemon_knows_are_events(chain: Chain) -> None:
    chain.live()
    chain.tell(BoardStopped(Stopped(token=1, state=7, delivered=5), 0.0123, chain.now))
    chain.telemetry.happened("refused", "The board refuses 1300 mL/h.", status="rate-limit", limit="1200.00 mL/h")
    events = {event["what"]: event for event in await chain.told("event")}
    assert events["stop-answered"]["took_ms"] == 12.3 and events["stop-answered"]["state"] == "stopped"
    assert events["refused"]["limit"] == "1200.00 mL/h"


# -- the pulse wave ----------------------------------------------------------------------------------------------------


async def test_the_wave_is_told_in_batches_that_hold_every_sample_once_in_order(chain: Chain) -> None:
    chain.live()
    for n in range(20):
        chain.say(PLETH._replace(index=10 * n, samples=tuple(range(10 * n, 10 * n + 10))))
        chain.now += 0.1
    waves = await chain.told("wave/pleth")
    assert len(waves) == 4 and all(len(wave["samples"]) == 50 and wave["hz"] == 100 for wave in waves)
    assert [sample for wave in waves for sample in wave["samples"]] == list(range(200))
    assert [wave["index"] for wave in waves] == [0, 50, 100, 150]
    assert waves[1]["t"] == "2026-01-01T00:01:40.500Z", "the time of its first sample"


@pytest.mark.parametrize("change", [{"index": 30}, {"index": 20, "signal": 5}, {"index": 20, "hz": 50}, {"index": 0}])
async def test_a_batch_of_the_wave_never_spans_a_hole_a_restart_or_a_change(
    chain: Chain, change: dict[str, int]
) -> None:
    chain.live()
    chain.say(PLETH)
    chain.say(PLETH._replace(index=10))
    chain.say(PLETH._replace(**change))  # type: ignore[arg-type]
    (wave,) = await chain.told("wave/pleth")
    assert wave["index"] == 0 and len(wave["samples"]) == 20


async def test_what_is_left_of_the_wave_is_told_when_the_link_is_lost(chain: Chain) -> None:
    chain.live()
    chain.say(PLETH)
    chain.lose()
    (wave,) = await chain.told("wave/pleth")
    assert len(wave["samples"]) == 10


async def test_the_wave_of_the_gas_is_told_beside_that_of_the_pulse(chain: Chain) -> None:
    chain.live()
    for n in range(5):
        chain.say(PLETH._replace(index=10 * n))
        chain.say(CAPNOGRAM._replace(index=10 * n))
    waves = await chain.told("wave/co2")
    assert [(wave["index"], len(wave["samples"]), wave["hz"], wave["signal"]) for wave in waves] == [
        (0, 20, 25, "ok"), (20, 20, 25, "ok"),
    ]  # fmt: skip
    assert len(await chain.told("wave/pleth")) == 1
    chain.lose()
    assert len((await chain.told("wave/co2"))[-1]["samples"]) == 10


async def test_what_the_cuff_does_is_told_at_each_change_and_else_once_a_second(chain: Chain) -> None:
    chain.live()
    bleeding = schema.CUFF_STATES.index("bleeding")
    chain.say(CUFF)
    for n in range(12):
        chain.now += 0.25
        chain.say(CUFF._replace(state=bleeding, pressure=1500 - n, next=290))
    chain.say(CUFF._replace(state=bleeding, pressure=1488, next=290, every=10))
    told = await chain.told("cuff")
    assert [(one["state"], one["pressure_mmhg"], one["every_min"]) for one in told] == [
        ("idle", 0.0, 5), ("bleeding", 150.0, 5), ("bleeding", 149.6, 5), ("bleeding", 149.2, 5),
        ("bleeding", 148.8, 10),
    ]  # fmt: skip


# -- trouble -----------------------------------------------------------------------------------------------------------


async def test_telemetry_that_fails_disturbs_nobody(chain: Chain, monkeypatch: pytest.MonkeyPatch) -> None:
    chain.live()
    monkeypatch.setattr(chain.bed, "snapshot", lambda: 1 / 0)
    chain.say(VITALS)
    monkeypatch.undo()
    chain.say(VITALS)
    assert len(await chain.told("numerics")) == 1
