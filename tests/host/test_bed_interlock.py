"""The interlock of a bed with one board: its rows go with the order, its trips are told, only a human releases it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from assuage.bedside.guarding import ADULT
from assuage.errors import BadInput, Refused
from tests.host.bedside import Bedside, bedside
from tests.host.eventually import until
from tests.host.fake_interlock import LOW

GUARDS = {"set": "adult", "rows": ["spo2-below", "pulse-below"], "limits": {"spo2-below": "91"}}


@asynccontextmanager
async def heard() -> AsyncIterator[Bedside]:
    """A bed whose board has told of its interlock."""
    async with bedside() as b:
        await until(lambda: b.bed.snapshot()["interlock"] is not None)
        yield b


def shown(b: Bedside) -> dict[str, Any]:
    told = b.bed.snapshot()["interlock"]
    assert isinstance(told, dict)
    return told


async def tripped(b: Bedside) -> int:
    programme = await b.infusing(guards=GUARDS)
    b.board.interlock.normal = False
    b.board.interlock.trip()
    await until(lambda: b.shown["state"] == "paused" and shown(b)["tripped"])
    return programme


async def test_the_rows_follow_the_programme_and_each_is_read_back() -> None:
    async with heard() as b:
        back = await b.orders.programme({"drug": "Ketamine", "rate_ml_h": 10, "vtbi_ml": "50", **FORM})
        assert b.board.programme["guards"] == 2
        sent = [tuple(row.values())[2:] for row in b.board.interlock.rows]
        assert sent[0] == (*ADULT[0].fields()[:2], 910, *ADULT[0].fields()[3:])
        assert sent[1] == ADULT[4].fields()
        assert back["token"] == 4242
        assert [row["sentence"] for row in back["guards"]] == [row["asked"] for row in back["guards"]]
        assert back["guards"][0]["sentence"].startswith("SpO2 below 91 % for 15 s")
        await b.orders.confirm(back["programme"], back["token"])
        assert b.board.state == "confirmed"
        await until(lambda: shown(b)["guards"] == [row["sentence"] for row in back["guards"]])


async def test_the_rows_come_after_the_legs() -> None:
    async with heard() as b:
        order = {"mode": "loading", "load_ml": "2", "load_ml_h": "120", "rate_ml_h": "6", "vtbi_ml": "8"}
        back = await b.orders.programme({"drug": "Ketamine", **order, **FORM})
        sent = [name for name in b.board.carried_out if name != "Fetch"]
        assert sent[-5:] == ["Programme", "Leg", "Leg", "Guard", "Guard"]
        assert back["token"] == 4242


@pytest.mark.parametrize("field", ["threshold", "persistence", "max_age", "number", "lacking", "token"])
async def test_a_row_that_is_read_back_otherwise_is_noticed(field: str) -> None:
    async with heard() as b:
        b.board.tamper = {field: 7}
        with pytest.raises(Refused) as refused:
            await b.confirmed(guards=GUARDS)
        assert refused.value.status == "readback-differs"


async def test_a_row_that_the_board_finds_too_loose_is_named_with_what_is_looser() -> None:
    async with heard() as b:
        b.board.refuse["Guard"] = ("looser", 4)
        with pytest.raises(Refused) as refused:
            await b.confirmed(guards=GUARDS)
        assert refused.value.status == "looser"
        assert "SpO2 below 91 %" in refused.value.sentence and "by its persistence" in refused.value.sentence


async def test_what_is_no_guard_is_said_at_the_form() -> None:
    async with heard() as b:
        for wrong in ({"set": "giant"}, "adult", ["adult"], {"set": "adult", "rows": "spo2-below"}):
            with pytest.raises(BadInput):
                await b.confirmed(guards=wrong)


async def test_a_start_is_refused_with_what_is_not_normal() -> None:
    async with heard() as b:
        programme = await b.confirmed(guards={"set": "adult", "rows": ["spo2-below", "resp-below"]})
        b.board.interlock.normal = False
        await until(lambda: not shown(b)["normal"] and b.bed.picture.vitals is not None)
        with pytest.raises(Refused) as refused:
            await b.orders.start(programme)
        assert refused.value.status == "guard"
        assert "There is no good value of respiration. The CO2 sensor has not measured yet." in refused.value.sentence
        assert b.board.state == "armed"


async def test_a_trip_pauses_and_says_what_was_seen_below_which_limit() -> None:
    async with heard() as b:
        await tripped(b)
        told = shown(b)
        assert told["sentence"] == "SpO2 86 % below 91 % for 15 s."
        assert told["cause"] == {
            "parameter": "spo2", "kind": "below", "value": 86.0, "unit": "%", "quality": "good", "age_s": 0.3,
        }  # fmt: skip
        assert told["read"] == {"pump": 1}
        assert told["since_s"] is not None
        assert not told["release"]
        assert b.shown["reason"] == "interlock"


async def test_it_is_released_by_its_number_when_all_is_normal_and_nothing_resumes_by_that() -> None:
    async with heard() as b:
        programme = await tripped(b)
        with pytest.raises(Refused) as refused:
            await b.orders.release({"pump": 1})
        assert refused.value.status == "guard"
        with pytest.raises(Refused) as refused:
            await b.orders.resume(programme)
        assert refused.value.status == "interlock"
        b.board.interlock.normal = True
        await until(lambda: shown(b)["release"])
        for read in ({}, {"pump": 2}, {"guardian": 1}):
            with pytest.raises(Refused, match="tripped again since"):
                await b.orders.release(read)
        await b.orders.release({"pump": 1})
        await until(lambda: not shown(b)["tripped"])
        assert b.board.state == "paused"
        assert len(b.board.received("Resume")) == 1
        await b.orders.resume(programme)
        await until(lambda: b.shown["state"] == "infusing")


async def test_what_has_not_tripped_cannot_be_released() -> None:
    async with heard() as b:
        with pytest.raises(Refused) as refused:
            await b.orders.release({"pump": 0})
        assert refused.value.status == "bad-state"


async def test_a_trip_that_stood_before_this_host_has_no_time() -> None:
    async with heard() as b:
        b.board.interlock.tripped, b.board.interlock.number, b.board.interlock.seen = True, 5, LOW
        b.board.restart(b.board._now, reset="power-on")
        b.board.interlock.tripped, b.board.interlock.number, b.board.interlock.seen = True, 5, LOW
        await until(lambda: (b.bed.snapshot()["interlock"] or {}).get("read") == {"pump": 5})
        assert shown(b)["since_s"] is None
        assert shown(b)["sentence"] == "SpO2 86 %: below the board's own limit."


FORM: dict[str, Any] = {"syringe": "BD 50 mL", "on_loss": "stop", "guards": GUARDS}
