"""What a daemon permits that finds an infusion running: its own, and no other; and when it stops permitting."""

from __future__ import annotations

from typing import Any

import pytest

from assuage.bedside.active import Active
from assuage.errors import NoAnswer
from assuage_rig.requirements import req
from tests.host.bedside import KETAMINE, MemoryStore, bedside
from tests.host.eventually import until
from tests.host.fake_board import PtyBoard


@req("SYS-010")
async def test_a_daemon_that_starts_again_takes_its_own_infusion_up_and_never_starts_it_again() -> None:
    pty = PtyBoard()
    pty.plug()
    store = MemoryStore()
    async with bedside(store, pty) as b:
        programme = await b.infusing(on_loss="continue")
    # Its record is all that the next daemon has.
    async with bedside(MemoryStore(store.programme), pty) as b:
        await until(lambda: b.shown["lease_ms"])
        grants = len(b.board.received("Lease"))
        await until(lambda: len(b.board.received("Lease")) > grants + 4)
        assert b.board.state == "infusing"
        assert b.board.carried_out.count("Start") == 1
        assert (b.shown["programme"], b.shown["drug"]) == (programme, KETAMINE["drug"])
        assert b.shown["sentence"] == "The infusion is running."
        await b.orders.stop()
    pty.unplug()


@req("SYS-010")
@pytest.mark.parametrize("changed", [{"programme": 1}, {"board": "00" * 8}, {"boot": 9}, {"stage": "confirmed"}, None])
async def test_any_other_infusion_is_neither_permitted_nor_stopped_but_said(changed: dict[str, Any] | None) -> None:
    pty = PtyBoard()
    pty.plug()
    store = MemoryStore()
    async with bedside(store, pty) as b:
        await b.infusing(on_loss="continue")
    record = None if changed is None else {**(store.programme or {}), **changed}
    async with bedside(MemoryStore(record), pty) as b:
        await b.moves_without_permission()
        assert (await b.orders.stop())["state"] == "stopped"
    pty.unplug()


async def test_a_stop_that_never_reached_the_board_is_given_again_by_the_next_daemon() -> None:
    pty = PtyBoard()
    pty.plug()
    store = MemoryStore()
    async with bedside(store, pty) as b:
        await b.infusing(on_loss="continue")
        b.board.ignore = {"Stop"}
        with pytest.raises(NoAnswer):
            await b.orders.stop(timeout=0.01)
        await until(lambda: (store.programme or {})["stage"] == "ended")
    assert pty.board.state == "infusing"
    pty.board.ignore = set()
    async with bedside(MemoryStore(store.programme), pty) as b:
        await until(lambda: b.shown["state"] == "stopped")
        assert b.board.reason == "host-stop"
    pty.unplug()


async def test_an_end_that_the_disk_refuses_is_written_down_when_there_is_room_again() -> None:
    async with bedside() as b:
        await b.infusing()
        b.store.keeps = False
        await b.orders.stop()
        assert (b.store.programme or {})["stage"] == "running"
        b.store.keeps = True
        await until(lambda: (b.store.programme or {})["stage"] == "ended")


@req("SYS-015")
async def test_a_host_that_is_unwell_stops_permitting_and_says_why() -> None:
    async with bedside() as b:
        await b.infusing()
        b.unwell = "The monitor is down."
        await until(lambda: "The monitor is down." in b.shown["sentence"])
        await until(lambda: b.board.state == "stopped")
        assert b.board.reason == "lease-lapsed"


async def test_an_infusion_that_ended_is_never_permitted_again() -> None:
    async with bedside() as b:
        await b.infusing(on_loss="continue")
        b.board.delivered = b.board.programme["vtbi"]
        await until(lambda: b.shown["state"] == "complete")
        assert (b.store.programme or {})["stage"] == "ended"
        b.board.delivered = 0
        b.board.state = "infusing"  # should the board move again by itself
        await b.moves_without_permission()


@pytest.mark.parametrize(
    "garbage",
    [
        {},
        {"programme": 1},
        {"programme": "1", "board": "", "boot": 1, "stage": "", "drug": "", "syringe": "", "lease_ms": 1},
    ],
)
def test_a_record_that_is_not_understood_is_no_programme(garbage: dict[str, Any]) -> None:
    assert Active.from_dict(garbage) is None
    assert Active.from_dict(None) is None
