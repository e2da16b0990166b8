"""From an order to motion and back: nothing starts that a human has not compared, and nothing goes on that is not
known."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assuage.bedside.active import Active
from assuage.bedside.bed import Bed
from assuage.bedside.order import Order
from assuage.bedside.orders import Orders
from assuage.bedside.supervision import Supervision
from assuage.errors import AssuageError, BadInput, LinkDown, NoAnswer, Reason, Refused, Stopped
from assuage.link.client import BoardClient
from assuage.link.events import Link
from assuage.pharmacy.syringes import SYRINGES
from assuage_wire import schema
from assuage_wire.codec import BY_NAME
from tests.host.eventually import until
from tests.host.fake_board import PtyBoard

KETAMINE = {
    "drug": "Ketamine racemic 10 mg/mL", "rate_ml_h": 10, "vtbi_ml": "50", "syringe": "BD 50 mL", "on_loss": "stop",
}  # fmt: skip


class MemoryStore:
    """A ProgrammeStore that a test can break."""

    def __init__(self, programme: dict[str, Any] | None = None) -> None:
        self.programme = programme
        self.works = True

    async def set_programme(self, body: Mapping[str, Any] | None) -> bool:
        self.programme = None if body is None else dict(body)
        await asyncio.sleep(0)
        return self.works


class Bedside:
    """A daemon without its outside: bed, client, supervision and orders, at a board on a pseudo-terminal."""

    def __init__(self, pty: PtyBoard, store: MemoryStore) -> None:
        loop = asyncio.get_running_loop()
        self.pty, self.board, self.store = pty, pty.board, store
        self.unwell = ""
        self.refused: list[AssuageError] = []
        self.bed = Bed("Bed 1", pty.path, clock=loop.time)
        self.client = BoardClient(pty.path)
        self.client.listen(self.bed.handle)
        self.supervision = Supervision(self.bed, self.client, store, loop.time, lambda: self.unwell)
        self.orders = Orders(self.bed, self.client, self.supervision, on_refused=self.refused.append)
        self._tasks = [loop.create_task(self.client.run()), loop.create_task(self.supervision.run())]

    async def end(self) -> None:
        for task in self._tasks:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task

    async def live(self) -> None:
        await until(lambda: self.bed.picture.link is Link.LIVE)

    async def confirmed(self, **changes: Any) -> int:
        back = await self.orders.programme({**KETAMINE, **changes})
        await self.orders.confirm(back["programme"], back["token"])
        return int(back["programme"])

    async def infusing(self, **changes: Any) -> int:
        programme = await self.confirmed(**changes)
        await self.orders.start(programme)
        await until(lambda: self.shown["state"] == "infusing")
        return programme

    @property
    def shown(self) -> dict[str, Any]:
        pump = self.bed.snapshot()["pump"]
        assert isinstance(pump, dict)
        return pump


@asynccontextmanager
async def bedside(store: MemoryStore | None = None, pty: PtyBoard | None = None) -> AsyncIterator[Bedside]:
    own = pty or PtyBoard()
    if pty is None:
        own.plug()
    found = Bedside(own, store or MemoryStore())
    await found.live()
    try:
        yield found
    finally:
        await found.end()
        if pty is None:
            own.unplug()


# -- an order ----------------------------------------------------------------------------------------------------------


def order(**changes: Any) -> Order:
    return Order.from_input({**KETAMINE, **changes})


def test_an_order_becomes_a_programme_in_the_wires_units() -> None:
    programme = order().programme(77, 2000)
    assert programme == {
        "programme": 77, "mode": 1, "rate": 166_667, "vtbi": 50_000_000, "duration": 18_960, "bore": 26_700,
        "capacity": 50_000_000, "limit_rate": 166_667, "limit_volume": 50_000_000, "on_loss": 0, "kvo": 0,
        "lease": 2000,
    }  # fmt: skip


@given(
    rate=st.integers(1, 120_000),
    vtbi=st.integers(10, 1000),
    name=st.sampled_from(sorted(SYRINGES)),
    on_loss=st.sampled_from(schema.ON_LOSS),
)
def test_every_acceptable_order_fits_the_wire_and_ends_after_its_volume(
    rate: int, vtbi: int, name: str, on_loss: str
) -> None:
    made = order(rate_ml_h=Decimal(rate) / 100, vtbi_ml=Decimal(vtbi) / 1000, syringe=name, on_loss=on_loss)
    programme = made.programme(1, 2000)
    for field in BY_NAME["Programme"].fields[2:]:
        assert field[3] <= programme[field[0]] <= field[4], field[0]
    assert programme["duration"] * programme["rate"] > programme["vtbi"] * 60
    assert programme["kvo"] <= programme["rate"]
    assert (programme["kvo"] > 0) == (on_loss == "kvo")


@pytest.mark.parametrize(
    ("changes", "field", "says"),
    [
        ({"drug": ""}, "drug", "missing"), ({"drug": "x" * 61}, "drug", "at most 60"),
        ({"drug": "a\x07b"}, "drug", "plain text"), ({"drug": 7}, "drug", "missing"),
        ({"rate_ml_h": ""}, "rate", "missing"), ({"rate_ml_h": "fast"}, "rate", "plain number"),
        ({"vtbi_ml": "0"}, "VTBI", "between"), ({"vtbi_ml": "60"}, "VTBI", "more than the syringe holds"),
        ({"syringe": "bucket"}, "syringe", "no syringe"), ({"on_loss": "panic"}, "on_loss", "kvo"),
        ({"on_loss": ["stop"]}, "on_loss", "kvo"), ({"weight": 70}, "weight", "no 'weight'"),
    ],
)  # fmt: skip
def test_an_order_that_makes_no_sense_is_refused_before_it_reaches_the_wire(
    changes: dict[str, Any], field: str, says: str
) -> None:
    with pytest.raises(BadInput, match=says) as error:
        order(**changes)
    assert error.value.field == field


def test_what_the_wire_cannot_carry_is_refused_with_its_limit() -> None:
    with pytest.raises(Refused) as fast:
        order(rate_ml_h=1200.01).programme(1, 2000)
    assert (fast.value.status, fast.value.limit, fast.value.by) == ("rate-limit", "1200.00 mL/h", "host")
    with pytest.raises(Refused) as slow:
        order(rate_ml_h="0.01", vtbi_ml=10).programme(1, 2000)
    assert (slow.value.status, slow.value.limit) == ("time-limit", "30 days")


# -- programme, read-back, confirm, start ------------------------------------------------------------------------------


async def test_an_order_is_read_back_compared_confirmed_armed_and_started() -> None:
    async with bedside() as b:
        back = await b.orders.programme(KETAMINE)
        assert (back["rate_ml_h"], back["vtbi_ml"], back["syringe"], back["bore_mm"]) == (10.0, 50.0, "BD 50 mL", 26.7)
        assert back["on_loss_sentence"] == "If the link is lost, the pump stops."
        assert b.bed.snapshot()["readback"] == back
        await b.orders.confirm(back["programme"], back["token"])
        assert b.bed.snapshot()["readback"] is None
        await b.orders.start(back["programme"])
        await until(lambda: b.shown["state"] == "infusing")
        assert b.board.carried_out == ["Programme", "Confirm", "Arm", "Start"]
        assert b.shown["drug"] == "Ketamine racemic 10 mg/mL"
        assert b.shown["sentence"] == "The infusion is running."


async def test_a_started_infusion_is_permitted_on_and_on() -> None:
    async with bedside() as b:
        programme = await b.infusing()
        await until(lambda: len(b.board.received("Lease")) >= 6)
        assert b.board.state == "infusing"
        assert {grant["programme"] for grant in b.board.received("Lease")} == {programme}


@pytest.mark.parametrize(
    "field", ["rate", "vtbi", "duration", "bore", "capacity", "on_loss", "lease", "limit_rate", "finish"]
)
async def test_a_read_back_that_differs_in_any_field_is_refused_by_the_host(field: str) -> None:
    async with bedside() as b:
        b.board.tamper = {field: 1 if field == "on_loss" else 1500 if field in ("lease", "bore") else 150_000}
        with pytest.raises(Refused) as error:
            await b.orders.programme(KETAMINE)
        assert (error.value.status, error.value.by) == ("readback-differs", "host")
        assert error.value.reason is Reason.READBACK_DIFFERS
        assert field in error.value.sentence
        assert b.bed.snapshot()["readback"] is None
        assert b.bed.snapshot()["refusal"]["status"] == "readback-differs"
        assert b.refused == [error.value]


async def test_what_the_board_refuses_is_shown_with_its_limit_until_an_order_succeeds() -> None:
    async with bedside() as b:
        b.board.refuse = {"Programme": ("rate-limit", 10_000_000)}
        with pytest.raises(Refused) as error:
            await b.orders.programme(KETAMINE)
        assert (error.value.status, error.value.limit, error.value.by) == ("rate-limit", "600.00 mL/h", "board")
        assert b.bed.snapshot()["refusal"]["limit"] == "600.00 mL/h"
        b.board.refuse = {}
        await b.orders.programme(KETAMINE)
        assert b.bed.snapshot()["refusal"] is None


async def test_only_the_read_back_that_waits_can_be_confirmed() -> None:
    async with bedside() as b:
        back = await b.orders.programme(KETAMINE)
        for programme, token in ((back["programme"], 1), (1, back["token"])):
            with pytest.raises(Refused, match="no longer waits"):
                await b.orders.confirm(programme, token)
        assert "Confirm" not in b.board.carried_out
        await b.orders.confirm(back["programme"], back["token"])
        with pytest.raises(Refused, match="no longer waits"):
            await b.orders.confirm(back["programme"], back["token"])


async def test_nothing_is_started_that_was_not_confirmed() -> None:
    async with bedside() as b:
        back = await b.orders.programme(KETAMINE)
        with pytest.raises(Refused):
            await b.orders.start(back["programme"])
        with pytest.raises(Refused):
            await b.orders.start(12345)
        assert b.board.carried_out == ["Programme"]


async def test_a_programme_of_an_earlier_start_of_the_board_cannot_be_started() -> None:
    async with bedside() as b:
        programme = await b.confirmed()
        b.board.restart(asyncio.get_running_loop().time())
        await until(lambda: (h := b.bed.picture.hello) is not None and h.boot == 2 and b.bed.picture.link is Link.LIVE)
        with pytest.raises(Refused) as error:
            await b.orders.start(programme)
        assert error.value.status == "wrong-programme"


async def test_a_start_that_cannot_be_written_down_is_not_sent() -> None:
    async with bedside() as b:
        programme = await b.confirmed()
        b.store.works = False
        with pytest.raises(Refused, match="written down"):
            await b.orders.start(programme)
        assert "Start" not in b.board.carried_out
        b.store.works = True
        await b.orders.start(programme)
        await until(lambda: b.shown["state"] == "infusing")


async def test_a_start_is_written_down_before_it_is_sent() -> None:
    async with bedside() as b:
        programme = await b.confirmed()
        stages: list[str] = []
        start = b.board._do_Start

        def spy(values: dict[str, Any]) -> tuple[str, int]:
            stages.append((b.store.programme or {})["stage"])
            return start(values)

        b.board._do_Start = spy  # type: ignore[method-assign]
        await b.orders.start(programme)
        assert stages == ["running"]


async def test_a_start_that_the_board_refuses_can_be_tried_again() -> None:
    async with bedside() as b:
        programme = await b.confirmed()
        b.board.refuse = {"Start": ("no-lease", 0)}
        with pytest.raises(Refused) as error:
            await b.orders.start(programme)
        assert error.value.status == "no-lease"
        b.board.refuse = {}
        await b.orders.start(programme)
        await until(lambda: b.shown["state"] == "infusing")
        assert b.board.carried_out.count("Arm") == 1, "it was armed already"


async def test_a_start_without_an_answer_is_stopped_and_never_permitted() -> None:
    async with bedside() as b:
        programme = await b.confirmed()
        b.board.lose_sent = lambda name: name == "Reply" and b.board.state == "infusing"
        with pytest.raises(NoAnswer, match="STOP is being sent"):
            await b.orders.start(programme)
        b.board.lose_sent = lambda name: False
        await until(lambda: b.board.state == "stopped")
        assert (b.store.programme or {})["stage"] == "ended"
        with pytest.raises(Refused):
            await b.orders.start(programme)


async def test_whoever_asked_for_a_start_and_left_leaves_a_pump_that_stands() -> None:
    async with bedside() as b:
        programme = await b.confirmed()
        b.board.ignore = {"Start"}
        asking = asyncio.create_task(b.orders.start(programme))
        await until(lambda: b.board.received("Start"))
        asking.cancel()
        with suppress(asyncio.CancelledError):
            await asking
        b.board.ignore = set()
        await until(lambda: b.board.state == "stopped")


# -- stop and clear ----------------------------------------------------------------------------------------------------


async def test_stop_ends_the_infusion_and_its_permission_for_good() -> None:
    async with bedside() as b:
        await b.infusing()
        answer = await b.orders.stop()
        assert answer["state"] == "stopped"
        assert answer["delivered_ml"] >= 0
        grants = len(b.board.received("Lease"))
        await until(lambda: b.shown["state"] == "stopped")
        assert (b.store.programme or {})["stage"] == "ended"
        assert len(b.board.received("Lease")) == grants
        assert "STOP was given" in b.shown["sentence"]


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


async def test_without_a_link_orders_are_refused_with_the_reason() -> None:
    async with bedside() as b:
        b.pty.unplug()
        await until(lambda: b.bed.picture.link is Link.LOST)
        with pytest.raises(LinkDown, match="has gone"):
            await b.orders.programme(KETAMINE)


async def test_one_order_at_a_time() -> None:
    async with bedside() as b:
        first, second = await asyncio.gather(b.orders.programme(KETAMINE), b.orders.programme(KETAMINE))
        assert first["programme"] != second["programme"]
        assert b.bed.snapshot()["readback"] == second
        with pytest.raises(Refused):
            await b.orders.confirm(first["programme"], first["token"])


# -- taking an infusion up again ---------------------------------------------------------------------------------------


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


@pytest.mark.parametrize("changed", [{"programme": 1}, {"board": "00" * 8}, {"boot": 9}, {"stage": "ended"}, None])
async def test_any_other_infusion_is_neither_permitted_nor_stopped_but_said(changed: dict[str, Any] | None) -> None:
    pty = PtyBoard()
    pty.plug()
    store = MemoryStore()
    async with bedside(store, pty) as b:
        await b.infusing(on_loss="continue")
    record = None if changed is None else {**(store.programme or {}), **changed}
    async with bedside(MemoryStore(record), pty) as b:
        grants = len(b.board.received("Lease"))
        await until(lambda: b.shown["state"] == "infusing" and "Press STOP" in b.shown["sentence"])
        told = b.bed.pleth.position
        await until(lambda: b.bed.pleth.position > told + 6)  # more than half a second, the time between two grants
        assert len(b.board.received("Lease")) == grants
        assert b.board.state == "infusing"
        assert (await b.orders.stop())["state"] == "stopped"
    pty.unplug()


async def test_a_host_that_is_unwell_stops_permitting_and_says_why() -> None:
    async with bedside() as b:
        await b.infusing()
        b.unwell = "The monitor is down."
        await until(lambda: "The monitor is down." in b.shown["sentence"])
        await until(lambda: b.board.state == "stopped")
        assert b.board.reason == "lease-lapsed"


async def test_an_infusion_that_ended_is_never_permitted_again() -> None:
    async with bedside() as b:
        await b.infusing()
        b.board.delivered = b.board.programme["vtbi"]
        await until(lambda: b.shown["state"] == "complete")
        assert (b.store.programme or {})["stage"] == "ended"


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
