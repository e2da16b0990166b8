"""The blood pressure cuff of a bed: what it does, for as long as that is known, and what may be ordered of it."""

from __future__ import annotations

import pytest

from assuage.errors import BadInput, LinkDown, Refused
from assuage_wire import schema
from tests.host.beds import CUFF, PUMP, FakeBed
from tests.host.bedside import bedside
from tests.host.eventually import until

BLEEDING = schema.CUFF_STATES.index("bleeding")


def told() -> FakeBed:
    """A bed whose board has just told of its cuff."""
    bed = FakeBed()
    bed.live()
    bed.say(CUFF)
    return bed


def test_a_board_that_tells_of_no_cuff_has_none() -> None:
    bed = FakeBed()
    bed.live()
    bed.say(PUMP)
    assert bed.bed.snapshot()["cuff"] is None


def test_what_it_does_is_shown_in_a_persons_units() -> None:
    bed = told()
    bed.say(CUFF._replace(state=BLEEDING, pressure=1432, last=schema.SIGNALS.index("measuring")))
    cuff = bed.bed.snapshot()["cuff"]
    assert (cuff["state"], cuff["pressure_mmhg"], cuff["every_min"], cuff["next_s"]) == ("bleeding", 143.2, 5, 171)
    bed.say(CUFF._replace(pressure=schema.NONE16, every=0, next=schema.NONE16, last=schema.SIGNALS.index("leak")))
    cuff = bed.bed.snapshot()["cuff"]
    assert (cuff["pressure_mmhg"], cuff["every_min"], cuff["next_s"], cuff["last"]) == (None, 0, None, "leak")
    assert "leak" in cuff["sentence"]


def test_the_time_until_the_next_one_goes_on_between_two_messages() -> None:
    bed = told()
    for _ in range(4):
        bed.now += 1
        bed.say(PUMP)
    assert bed.bed.snapshot()["cuff"]["next_s"] == 167


@pytest.mark.parametrize(("state", "lasts_s"), [("idle", 11.0), ("bleeding", 1.5), ("stuck", 1.5)])
def test_what_is_old_is_not_what_it_does(state: str, lasts_s: float) -> None:
    bed = told()
    bed.say(CUFF._replace(state=schema.CUFF_STATES.index(state)))
    bed.now += lasts_s - 0.1
    bed.say(PUMP)
    assert bed.bed.snapshot()["cuff"]["state"] == state
    bed.now += 0.2
    bed.say(PUMP)
    assert bed.bed.snapshot()["cuff"] is None


def test_of_a_lost_or_restarted_board_nothing_is_known() -> None:
    bed = told()
    bed.lose()
    assert bed.bed.snapshot()["cuff"] is None
    bed.live()
    assert bed.bed.snapshot()["cuff"] is None, "it said so before it started anew"


async def test_measured_now_let_off_and_repeated() -> None:
    async with bedside() as b:
        await b.orders.measure()
        await until(lambda: (b.bed.snapshot()["cuff"] or {}).get("state") == "inflating")
        with pytest.raises(Refused, match="measured already"):
            await b.orders.measure()
        await b.orders.deflate()
        await until(lambda: b.bed.snapshot()["cuff"]["state"] == "idle")
        with pytest.raises(Refused, match="No blood pressure is being measured"):
            await b.orders.deflate()
        for minutes in (0, 1, 60):
            await b.orders.repeat(minutes)
            await until(lambda minutes=minutes: b.bed.snapshot()["cuff"]["every_min"] == minutes)
        assert b.board.carried_out.count("Measure") == 7
        await until(lambda: b.shown["state"] == "standby")  # the pump has nothing to do with it


async def test_minutes_that_are_none_are_never_sent() -> None:
    async with bedside() as b:
        for minutes in (-1, 61, 5.0, "5", None, True):
            with pytest.raises(BadInput, match="1 to 60 minutes"):
                await b.orders.repeat(minutes)
        assert "Measure" not in b.board.carried_out


async def test_without_a_cuff_or_a_link_the_reason_is_told() -> None:
    async with bedside() as b:
        b.board.cuff = None
        with pytest.raises(Refused, match="has no blood pressure cuff"):
            await b.orders.measure()
        b.board.refuse["Measure"] = ("faulted", 0)
        with pytest.raises(Refused, match="take the cuff off the arm"):
            await b.orders.measure()
        b.board.mute = b.board.deaf = True
        await until(lambda: b.bed.picture.link.value == "lost")
        with pytest.raises(LinkDown):
            await b.orders.deflate()
