"""A bed with two boards: the vital signs are those of the one, and the pump of the other goes by its permission."""

from __future__ import annotations

import asyncio
import zlib

import pytest

from assuage.bedside import elsewhere, interlock
from assuage.bedside.guardian import pair_of
from assuage.errors import LinkDown, Refused
from assuage.link.events import Link, Telemetry
from assuage_wire.schema import S30
from tests.host.beds import CAPNOGRAM, CUFF
from tests.host.bedside import MemoryStore
from tests.host.eventually import until
from tests.host.fake_interlock import NOBODY
from tests.host.test_limits import LIMITS
from tests.host.two_boards import PUMP, SIGNS, TwoBoards, two_boards


async def test_the_vital_signs_are_those_of_the_board_that_measures_the_patient() -> None:
    async with two_boards() as b:
        await until(lambda: b.bed.snapshot()["vitals"]["spo2"] == 97.1)
        b.signs.mute = True
        p = b.bed.picture
        await until(lambda: p.signs is not None and p.signs.link is Link.LOST)
        told = b.bed.snapshot()
        assert told["vitals"]["spo2"] is None and told["link"]["state"] == "live"
        assert told["signs"]["link"]["state"] == "lost" and told["signs"]["board"]["uid"] == SIGNS.hex()


async def test_the_cuff_and_the_alarm_limits_are_those_of_the_board_that_measures_the_patient() -> None:
    async with two_boards() as b:
        await b.orders.measure()
        assert len(b.signs.received("Measure")) == 1 and not b.pump.received("Measure")
        p, now = b.bed.picture, b.bed.now()
        for told in (CUFF._replace(every=9), CAPNOGRAM, LIMITS):
            b.bed.handle(Telemetry(told, now, now))
        assert p.cuff is not None and p.cuff.message.every == 5, "of nobody"
        assert p.limits is None and b.bed.capnogram.since(0) == []
        for told in (CUFF, CAPNOGRAM, LIMITS):
            b.bed.handle_signs(Telemetry(told, now, now))
        shown = b.bed.snapshot()
        assert shown["cuff"]["every_min"] == 5 and shown["limits"]["patient"] == "adult"
        b.signs.mute = True
        await until(lambda: p.signs is not None and p.signs.link is Link.LOST)
        shown = b.bed.snapshot()
        assert (shown["cuff"], shown["limits"]) == (None, None)
        with pytest.raises(LinkDown):
            await b.orders.measure()


async def test_the_rows_go_to_the_board_that_watches_and_its_number_into_the_programme() -> None:
    async with two_boards() as b:
        programme = await b.confirmed()
        watch = b.signs.received("Watch")[0]
        assert (watch["programme"], watch["guards"]) == (programme, 1)
        assert watch["pump"] == zlib.crc32(PUMP) & S30
        sent = b.pump.programme
        assert (sent["guards"], sent["watch"], sent["bound"]) == (0, 1001, 2000)
        assert not b.pump.received("Guard")
        assert len(b.signs.interlock.rows) == 1
        active = b.supervision.active
        assert active is not None
        pair = pair_of(active)
        assert pair is not None and (pair.pump, pair.guardian, pair.watch) == (PUMP.hex(), SIGNS.hex(), 1001)


async def test_it_starts_and_goes_on_by_the_other_boards_permission() -> None:
    async with two_boards() as b:
        await b.infusing()
        asks = b.pump.interlock.nonce
        await until(lambda: b.pump.interlock.nonce >= asks + 5)
        assert b.state == "infusing" and b.interlock["verdict"] == "begins"
        assert b.interlock["trouble"] == ""


async def test_nothing_starts_that_the_other_board_does_not_permit() -> None:
    async with two_boards() as b:
        programme = await b.confirmed()
        await b.permitted()
        b.signs.interlock.normal = False
        await until(lambda: b.interlock["verdict"] == "runs")
        with pytest.raises(Refused) as refused:
            await b.orders.start(programme)
        assert refused.value.status == "elsewhere"


async def test_an_order_says_which_board_cannot_be_reached_or_has_refused() -> None:
    async with two_boards() as b:
        b.signs.refuse["Watch"] = ("bad-state", 0)
        with pytest.raises(Refused, match="The board that watches the patient refused"):
            await b.confirmed()
        b.signs.mute = True
        p = b.bed.picture
        await until(lambda: p.signs is not None and p.signs.link is Link.LOST)
        with pytest.raises(LinkDown, match="The board that watches the patient cannot be reached"):
            await b.confirmed()
        assert not b.pump.received("Programme")


async def trips(b: TwoBoards) -> None:
    b.signs.interlock.normal = False
    b.signs.interlock.trip()
    await until(lambda: b.state == "paused" and b.interlock["read"] == {"pump": 1, "guardian": 1})


async def test_a_trip_over_there_pauses_the_pump_and_both_are_released_in_their_order() -> None:
    async with two_boards() as b:
        programme = await b.infusing()
        await trips(b)
        assert b.interlock["sentence"] == "SpO2 86 % below 90 % for 15 s."
        assert not b.interlock["release"]
        with pytest.raises(Refused, match="Not all vital signs"):
            await b.orders.release(b.interlock["read"])
        b.signs.interlock.normal = True
        await until(lambda: b.interlock["release"])
        with pytest.raises(Refused, match="tripped again since"):
            await b.orders.release({"pump": 1})
        await b.orders.release({"pump": 1, "guardian": 1})
        assert not b.pump.interlock.tripped and not b.signs.interlock.tripped
        assert b.pump.state == "paused"
        await until(lambda: not b.interlock["tripped"])
        await b.orders.resume(programme)
        await until(lambda: b.state == "infusing")


async def test_a_pump_that_hears_nothing_stands_and_the_host_says_what_is_cut_off() -> None:
    async with two_boards() as b:
        await b.infusing()
        b.signs.mute = True
        await until(lambda: b.state == "paused")
        assert b.bed.snapshot()["pump"]["reason"] == "guardian-lost"
        assert b.pump.interlock.seen[0] == NOBODY
        await until(lambda: b.interlock["trouble"] == elsewhere.NO_GUARDIAN)
        assert b.interlock["lacks"] == [interlock.UNHEARD]
        b.signs.mute = False
        await until(lambda: b.interlock["release"] and b.interlock["trouble"] == "")
        await b.orders.release({"pump": 1})
        await until(lambda: not b.interlock["tripped"])


async def test_a_host_that_passes_nothing_lets_the_pump_stand() -> None:
    async with two_boards() as b:
        await b.infusing()
        b.cut = True
        await until(lambda: b.state == "paused")
        await until(lambda: b.interlock["trouble"] == elsewhere.NO_ASK)


async def test_a_board_that_has_started_anew_watches_nothing_and_that_is_said() -> None:
    async with two_boards() as b:
        await b.infusing()
        b.signs.restart(asyncio.get_running_loop().time())
        await until(lambda: b.state == "paused")
        await until(lambda: b.interlock["lacks"] == [interlock.NOT_WATCHED])
        assert not b.interlock["release"]


@pytest.mark.parametrize("how", ["stop", "complete"])
async def test_the_watching_ends_with_its_programme(how: str) -> None:
    async with two_boards() as b:
        await b.infusing()
        if how == "stop":
            await b.orders.stop()
        else:
            b.pump._halt("complete", "complete")
        await until(lambda: b.signs.interlock.watching == 0)
        assert len(b.signs.received("Unwatch")) == 1


async def test_an_order_without_guards_ends_the_watching_of_the_one_before() -> None:
    async with two_boards() as b:
        await b.confirmed()
        await until(lambda: b.signs.interlock.watching != 0 and b.interlock["watch"] != 0)
        p = b.bed.picture
        await until(
            lambda: p.signs is not None and p.signs.interlock is not None and p.signs.interlock.message.watching
        )
        await b.confirmed(guards=None)
        assert b.signs.interlock.watching == 0
        assert b.pump.programme["watch"] == 0


async def test_a_daemon_that_starts_again_goes_on_passing() -> None:
    async with two_boards() as b:
        await b.infusing()
        await b.end()
        again = TwoBoards(*b.ptys, MemoryStore(b.store.programme))
        await again.live()
        asks = b.pump.interlock.nonce
        await until(lambda: b.pump.interlock.nonce >= asks + 6)
        assert b.pump.state == "infusing"
        await again.end()


async def test_alarms_of_both_boards_stand_in_one_list_and_each_is_acknowledged_on_its_own() -> None:
    async with two_boards() as b:
        for board, alarm in ((b.pump, "guardian-lost"), (b.signs, "interlock")):
            board.alarm(alarm, occurrence=3)
        await until(lambda: len(b.bed.snapshot()["alarms"]["list"]) == 2)
        told = {alarm["alarm"]: alarm["board"] for alarm in b.bed.snapshot()["alarms"]["list"]}
        assert told == {"guardian-lost": "pump", "interlock": "guardian"}
        await b.orders.acknowledge(3, "guardian")
        assert (len(b.signs.received("Acknowledge")), len(b.pump.received("Acknowledge"))) == (1, 0)
        await b.orders.silence()
        assert (len(b.signs.received("Silence")), len(b.pump.received("Silence"))) == (1, 1)
