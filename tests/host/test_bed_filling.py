"""Filling a line: only from standby, only when a human says that it is not connected, and never as a dose."""

from __future__ import annotations

import pytest

from assuage.errors import BadInput, NoAnswer, Refused
from assuage_rig.requirements import req
from tests.host.bedside import KETAMINE, Bedside, bedside
from tests.host.eventually import until

LINE = {"syringe": "BD 50 mL", "rate_ml_h": "600", "ml": "0.5"}


async def offered(b: Bedside, **changes: str) -> tuple[int, int]:
    back = await b.orders.prime({**LINE, **changes})
    return back["programme"], back["token"]


async def test_a_line_is_filled_under_a_permission_and_nothing_counts_as_delivered() -> None:
    async with bedside() as b:
        back = await b.orders.prime(LINE)
        assert (back["syringe"], back["volume_nl"], back["rate_nl_min"]) == ("BD 50 mL", 500_000, 10_000_000)
        assert "Purge" not in b.board.carried_out
        await b.orders.purge(back["programme"], back["token"], True)
        await until(lambda: b.shown["state"] == "priming" and b.shown["filling"]["ml"] > 0)
        assert (b.shown["filling"]["of_ml"], b.shown["drug"]) == (0.5, "Filling the line")
        assert (b.shown["delivered_ml"], b.shown["unsupervised"]) == (0.0, "")
        await until(lambda: b.shown["state"] == "standby")
        assert b.board.filled == 500_000
        assert b.shown["filling"] is None
        assert (b.supervision.active and b.supervision.active.stage) == "ended"


async def test_it_outlasts_its_first_permission_as_long_as_this_daemon_lives_and_no_longer() -> None:
    async with bedside() as b:
        await b.orders.purge(*await offered(b, ml="5"), True)
        await until(lambda: len(b.board.received("Lease")) > 3)
        await until(lambda: b.shown["state"] == "priming")
        assert b.store.programme is None, "what no other daemon shall go on with is not written down"
        b.unwell = "The monitor is down."
        await until(lambda: b.board.state == "standby")
        assert b.board.filled < 5_000_000


@req("PMP-012")
@pytest.mark.parametrize("disconnected", [False, 1, "true", None])
async def test_nobody_having_said_that_it_is_not_connected_nothing_moves(disconnected: object) -> None:
    async with bedside() as b:
        programme, token = await offered(b)
        with pytest.raises(Refused, match="not connected to the patient"):
            await b.orders.purge(programme, token, disconnected)  # type: ignore[arg-type]
        assert "Purge" not in b.board.carried_out


async def test_a_read_back_that_differs_or_is_an_older_one_fills_nothing() -> None:
    async with bedside() as b:
        old = await offered(b)
        new = await offered(b)
        with pytest.raises(Refused, match="no longer waits"):
            await b.orders.purge(*old, True)
        b.board.tamper = {"volume": 600_000}
        with pytest.raises(Refused, match="Do not use this pump"):
            await offered(b)
        with pytest.raises(Refused, match="no longer waits"):
            await b.orders.purge(*new, True)
        assert "Purge" not in b.board.carried_out


async def test_while_a_programme_is_there_no_line_is_filled() -> None:
    async with bedside() as b:
        await b.orders.programme(KETAMINE)
        with pytest.raises(Refused, match="while no programme is on the pump"):
            await offered(b)


async def test_a_filling_without_an_answer_is_stopped() -> None:
    async with bedside() as b:
        programme, token = await offered(b, ml="5")
        b.board.lose_sent = lambda name: name == "Reply"
        with pytest.raises(NoAnswer, match="STOP is being sent"):
            await b.orders.purge(programme, token, True)
        b.board.lose_sent = lambda name: False
        await until(lambda: b.board.state == "standby")


async def test_a_filling_that_the_board_refuses_is_not_permitted() -> None:
    async with bedside() as b:
        programme, token = await offered(b)
        b.board.refuse = {"Purge": ("unfitted", 1)}
        with pytest.raises(Refused, match="fit the syringe"):
            await b.orders.purge(programme, token, True)
        assert (b.supervision.active and b.supervision.active.stage) == "ended"
        assert b.board.state == "standby"


@pytest.mark.parametrize(("change", "field"), [
    ({"ml": ""}, "volume"), ({"rate_ml_h": "x"}, "rate"), ({"syringe": "bucket"}, "syringe"), ({"vtbi": "1"}, "vtbi"),
])  # fmt: skip
async def test_what_cannot_be_used_is_said_at_its_field(change: dict[str, str], field: str) -> None:
    async with bedside() as b:
        with pytest.raises(BadInput) as error:
            await offered(b, **change)
        assert error.value.field == field
