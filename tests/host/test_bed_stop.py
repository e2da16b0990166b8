"""STOP and clear: the end of an infusion and of its permission, and what a human must have seen before the next."""

from __future__ import annotations

import asyncio

import pytest

from assuage.errors import BadInput, NoAnswer, Refused, Stopped
from tests.host.bedside import bedside
from tests.host.eventually import until


async def test_stop_ends_the_infusion_and_its_permission_for_good() -> None:
    async with bedside() as b:
        await b.infusing(on_loss="continue")
        answer = await b.orders.stop()
        assert answer["state"] == "stopped"
        assert answer["delivered_ml"] >= 0
        grants = len(b.board.received("Lease"))
        await until(lambda: b.shown["state"] == "stopped")
        assert (b.store.programme or {})["stage"] == "ended"
        assert len(b.board.received("Lease")) == grants
        assert "STOP was given" in b.shown["sentence"]
        b.board.state = "infusing"  # should the board move again by itself
        await b.moves_without_permission()


async def test_stop_overtakes_an_order_that_waits_for_its_answer() -> None:
    async with bedside() as b:
        programme = await b.confirmed()
        b.board.ignore = {"Arm"}
        starting = asyncio.create_task(b.orders.start(programme))
        await until(lambda: b.board.received("Arm"))
        await b.orders.stop()
        with pytest.raises(Stopped):
            await starting
        assert "Start" not in b.board.carried_out


async def test_an_infusion_whose_stop_is_not_answered_is_permitted_no_more() -> None:
    async with bedside() as b:
        await b.infusing()
        b.board.ignore = {"Stop"}
        with pytest.raises(NoAnswer):
            await b.orders.stop(timeout=0.01)
        grants = len(b.board.received("Lease"))
        await until(lambda: b.board.state == "stopped")
        assert b.board.reason == "lease-lapsed"
        assert len(b.board.received("Lease")) == grants


async def test_clear_names_what_the_human_saw() -> None:
    async with bedside() as b:
        await b.infusing()
        b.board.restart(asyncio.get_running_loop().time())
        await until(lambda: b.shown["state"] == "unconfirmed" and b.shown["was"])
        with pytest.raises(Refused) as stale:
            await b.orders.clear("host-stop")
        assert stale.value.status == "stale-clear"
        with pytest.raises(BadInput):
            await b.orders.clear("whatever")
        await b.orders.clear("reset")
        await until(lambda: b.shown["state"] == "standby")
