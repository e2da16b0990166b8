"""From an order to motion: nothing starts that a human has not compared."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import Any

import pytest

from assuage.bedside import ordering
from assuage.errors import LinkDown, NoAnswer, Reason, Refused, Stopped
from assuage.link.events import Link
from assuage_rig.requirements import req
from tests.host.bedside import KETAMINE, bedside
from tests.host.eventually import until


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


async def test_a_start_waits_while_the_board_makes_room_for_its_record_and_not_for_ever() -> None:
    async with bedside() as b:
        b.board.refuse["Start"] = ("journal", 1)
        programme = await b.confirmed()
        starting = asyncio.create_task(b.orders.start(programme))
        await until(lambda: b.board.carried_out.count("Start") == 3)
        del b.board.refuse["Start"]
        await starting
        await until(lambda: b.shown["state"] == "infusing")
        await b.orders.stop()
        for detail, tries, words in (
            (1, ordering.ROOM_TRIES, "makes room"),
            (2, 1, "waits for the host"),
            (3, 1, "another"),
        ):
            b.board.refuse["Start"] = ("journal", detail)
            b.board.carried_out.clear()
            programme = await b.confirmed()
            with pytest.raises(Refused, match=words):
                await b.orders.start(programme)
            assert b.board.carried_out.count("Start") == tries


async def test_a_started_infusion_is_permitted_on_and_on() -> None:
    async with bedside() as b:
        programme = await b.infusing()
        await until(lambda: len(b.board.received("Lease")) >= 6)
        assert b.board.state == "infusing"
        assert {grant["programme"] for grant in b.board.received("Lease")} == {programme}


@req("PMP-001")
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


@req("PMP-001")
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


async def test_a_second_start_neither_starts_again_nor_takes_the_permission_of_the_first_away() -> None:
    async with bedside() as b:
        programme = await b.confirmed()
        b.board.lose_sent = lambda name: name == "PumpStatus"  # the picture stays "armed"
        outcomes = await asyncio.gather(b.orders.start(programme), b.orders.start(programme), return_exceptions=True)
        b.board.lose_sent = lambda name: False
        assert outcomes[0] is None
        assert isinstance(outcomes[1], Refused) and "started already" in outcomes[1].sentence
        assert (b.store.programme or {})["stage"] == "running"
        grants = len(b.board.received("Lease"))
        await until(lambda: len(b.board.received("Lease")) > grants + 4)
        assert b.board.state == "infusing"


async def test_a_start_that_waits_too_long_for_the_disk_is_never_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ordering, "WITHIN_S", 0.3)
    async with bedside() as b:
        programme = await b.confirmed()
        b.store.free.clear()
        with pytest.raises(Refused, match="slow or stuck"):
            await b.orders.start(programme)
        b.store.free.set()
        await until(lambda: (b.store.programme or {})["stage"] == "ended")
        assert "Start" not in b.board.carried_out
        with pytest.raises(Refused, match="has ended"):
            await b.orders.start(programme)


async def test_an_order_that_waited_too_long_behind_another_is_not_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    async with bedside() as b:
        b.board.ignore = {"Programme"}
        first = asyncio.create_task(b.orders.programme(KETAMINE))
        await until(lambda: b.board.received("Programme"))
        monkeypatch.setattr(ordering, "WITHIN_S", 0.0)
        with pytest.raises(NoAnswer, match="not sent at all"):
            await b.orders.programme(KETAMINE)
        with pytest.raises(NoAnswer, match="has not answered"):
            await first
        sent = {message["programme"] for message in b.board.received("Programme")}
        assert len(sent) == 1


async def test_stop_drops_the_orders_that_wait_behind_another_and_a_start_that_waits_for_the_disk() -> None:
    async with bedside() as b:
        programme = await b.confirmed()
        b.store.free.clear()
        starting = asyncio.create_task(b.orders.start(programme))
        await until(lambda: b.shown["state"] == "armed")
        waiting = asyncio.create_task(b.orders.programme(KETAMINE))
        stopping = asyncio.create_task(b.orders.stop())
        await stopping
        b.store.free.set()
        for order in (starting, waiting):
            with pytest.raises(Stopped):
                await order
        assert b.board.carried_out[:3] == ["Programme", "Confirm", "Arm"]
        assert not {"Start", "Programme"} & set(b.board.carried_out[3:])
        await until(lambda: (b.store.programme or {})["stage"] == "ended")


async def test_what_has_not_been_confirmed_is_told_so() -> None:
    async with bedside() as b:
        back = await b.orders.programme(KETAMINE)
        with pytest.raises(Refused, match="has not been confirmed yet"):
            await b.orders.start(back["programme"])


async def test_what_was_confirmed_in_another_session_is_to_be_compared_again() -> None:
    async with bedside() as b:
        programme = await b.confirmed()
        b.board.session = 9999
        with suppress(NoAnswer):
            await b.client.command("Probe")
        await b.live()
        with pytest.raises(Refused, match="compared again"):
            await b.orders.start(programme)


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
