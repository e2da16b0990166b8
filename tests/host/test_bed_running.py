"""Orders to an infusion that runs: pause and resume, another rate, a bolus; each compared before it is made."""

from __future__ import annotations

from typing import Any

import pytest

from assuage.errors import BadInput, NoAnswer, Refused
from assuage_rig.requirements import req
from tests.host.bedside import bedside
from tests.host.eventually import until
from tests.host.test_order_courses import BASE, DOSES, EACH, LOADING, PCA, RAMP, STEPS


@pytest.mark.parametrize("mode", EACH)
async def test_each_way_of_infusing_is_read_back_confirmed_and_started(mode: str) -> None:
    order = {**BASE, **EACH[mode]}
    async with bedside() as b:
        back = await b.orders.programme(order)
        assert back["mode"] == mode and back["token"]
        await b.orders.confirm(back["programme"], back["token"])
        await b.orders.start(back["programme"])
        await until(lambda: b.shown["state"] == "infusing")
        assert b.shown["terms"]["mode"] == mode
        assert b.board.carried_out.count("Leg") == len(back["legs"]) == len(b.board.legs)


async def test_what_a_pca_was_ordered_with_is_known_to_a_daemon_that_starts_again() -> None:
    async with bedside() as b:
        await b.infusing(**PCA)
        kept = (b.store.programme or {})["terms"]
    assert (kept["dose_ml"], kept["lockout_s"], kept["hour_ml"], kept["four_hours_ml"]) == (0.5, 480, 3.0, 8.0)


@pytest.mark.parametrize(("order", "tamper"), [
    (LOADING, {"volume": 2_000_001}), (RAMP, {"end": 200_001}), (STEPS, {"begin": 99_999}), (DOSES, {"seconds": 1681}),
    (RAMP, {"finish": 100_000}), (STEPS, {"missing": 3}), (PCA, {"lockout": 479}), (PCA, {"limit_hour": 3_000_001}),
    (PCA, {"dose": 500_001}), (DOSES, {"loop": 1}),
])  # fmt: skip
async def test_a_course_that_is_read_back_otherwise_is_never_offered(
    order: dict[str, Any], tamper: dict[str, int]
) -> None:
    async with bedside() as b:
        b.board.tamper = tamper
        with pytest.raises(Refused, match="Do not use this pump") as error:
            await b.orders.programme({**BASE, **order})
        assert error.value.by == "host"
        assert b.bed.snapshot()["readback"] is None


async def test_a_step_that_the_board_refuses_ends_the_order_with_its_reason() -> None:
    async with bedside() as b:
        b.board.refuse = {"Leg": ("leg", 1)}
        with pytest.raises(Refused, match="cannot deliver step 2"):
            await b.orders.programme({**BASE, **STEPS})
        assert b.bed.snapshot()["readback"] is None


async def test_a_paused_infusion_goes_on_under_a_new_permission() -> None:
    async with bedside() as b:
        programme = await b.infusing()
        await b.orders.pause(programme)
        await until(lambda: b.shown["state"] == "paused")
        assert (b.store.programme or {})["stage"] == "running", "it has not ended"
        await b.orders.resume(programme)
        await until(lambda: b.shown["state"] == "infusing")
        grants = len(b.board.received("Lease"))
        await until(lambda: len(b.board.received("Lease")) > grants + 4)


async def test_a_resume_that_the_syringe_cannot_finish_says_what_to_do_and_leaves_it_paused() -> None:
    async with bedside() as b:
        programme = await b.infusing()
        await b.orders.pause(programme)
        await until(lambda: b.shown["state"] == "paused")
        b.board.refuse = {"Resume": ("syringe", 41_900_000)}
        with pytest.raises(Refused, match=r"which is 41\.90 mL\. Press STOP, then order what is left anew") as error:
            await b.orders.resume(programme)
        assert error.value.limit == "41.90 mL"
        assert b.bed.snapshot()["refusal"]["sentence"] == error.value.sentence
        assert b.shown["state"] == "paused"


async def test_a_resume_without_an_answer_is_stopped() -> None:
    async with bedside() as b:
        programme = await b.infusing()
        await b.orders.pause(programme)
        await until(lambda: b.shown["state"] == "paused")
        b.board.lose_sent = lambda name: name == "Reply" and b.board.state == "infusing"
        with pytest.raises(NoAnswer, match="STOP is being sent"):
            await b.orders.resume(programme)
        b.board.lose_sent = lambda name: False
        await until(lambda: b.board.state == "stopped")


@req("PMP-019")
async def test_another_rate_is_made_only_when_its_read_back_was_compared() -> None:
    async with bedside() as b:
        programme = await b.infusing(highest_ml_h="60")
        back = await b.orders.change({"programme": programme, "rate_ml_h": "20"})
        assert (back["change"], back["rate_ml_h"], back["rate_nl_min"]) == ("rate", 20.0, 333_333)
        assert b.board.rate == 166_667
        with pytest.raises(Refused, match="order it again"):
            await b.orders.apply(programme, back["token"] + 1)
        await b.orders.apply(programme, back["token"])
        await until(lambda: b.shown["set_rate_ml_h"] == 20.0)
        with pytest.raises(Refused, match="order it again"):
            await b.orders.apply(programme, back["token"])


async def test_a_bolus_is_given_as_it_was_read_back() -> None:
    async with bedside() as b:
        programme = await b.infusing(highest_ml_h="60", bolus_ml="2")
        back = await b.orders.change({"programme": programme, "ml": "1.5", "ml_h": "60"})
        assert (back["change"], back["volume_ml"], back["rate_ml_h"]) == ("bolus", 1.5, 60.0)
        await b.orders.apply(programme, back["token"])
        await until(lambda: b.shown["state"] == "bolus")


@pytest.mark.parametrize(("change", "says"), [
    ({"rate_ml_h": "60.01"}, "60.00 mL/h"), ({"ml": "2.5", "ml_h": "60"}, "2.00 mL"),
    ({"rate_ml_h": "1300"}, "1200.00"),
])  # fmt: skip
async def test_a_change_beyond_what_was_ordered_is_refused_with_its_limit(change: dict[str, str], says: str) -> None:
    async with bedside() as b:
        programme = await b.infusing(highest_ml_h="60", bolus_ml="2")
        with pytest.raises(Refused, match=says):
            await b.orders.change({"programme": programme, **change})


async def test_the_flow_beside_doses_is_never_changed_to_that_of_a_dose() -> None:
    async with bedside() as b:
        programme = await b.infusing(**PCA)
        assert b.board.programme["limit_rate"] == 1_000_000
        with pytest.raises(Refused, match=r"agreed when this infusion was ordered, which is 1\.00 mL/h") as error:
            await b.orders.change({"programme": programme, "rate_ml_h": "60"})
        assert error.value.by == "host"
        assert "Change" not in b.board.carried_out


@pytest.mark.parametrize("change", [{"rate_ml_h": ".5"}, {"ml": "1"}, {}, {"rate_ml_h": "5", "vtbi_ml": "3"}])
async def test_a_change_that_cannot_be_used_never_reaches_the_board(change: dict[str, str]) -> None:
    async with bedside() as b:
        programme = await b.infusing()
        with pytest.raises(BadInput):
            await b.orders.change({"programme": programme, **change})
        assert "Change" not in b.board.carried_out


async def test_a_change_that_is_read_back_otherwise_cannot_be_applied() -> None:
    async with bedside() as b:
        programme = await b.infusing()
        b.board.tamper = {"rate": 83_334}
        with pytest.raises(Refused, match="Do not use this pump"):
            await b.orders.change({"programme": programme, "rate_ml_h": "5"})
        with pytest.raises(Refused, match="order it again"):
            await b.orders.apply(programme, 555)
        assert "Apply" not in b.board.carried_out


async def test_a_change_whose_outcome_nobody_knows_is_said_so_and_not_given_again() -> None:
    async with bedside() as b:
        programme = await b.infusing(highest_ml_h="60", bolus_ml="2")
        back = await b.orders.change({"programme": programme, "ml": "1.5", "ml_h": "60"})
        b.board.lose_sent = lambda name: name == "Reply"
        with pytest.raises(NoAnswer, match="Look at its rate and volume"):
            await b.orders.apply(programme, back["token"])
        b.board.lose_sent = lambda name: False
        assert b.board.carried_out.count("Apply") == 1, "however often it was repeated"
        with pytest.raises(Refused):
            await b.orders.apply(programme, back["token"])


@req("PMP-019")
async def test_another_hosts_infusion_is_neither_paused_nor_changed() -> None:
    async with bedside() as b:
        programme = await b.infusing()
        for order in (b.orders.pause(programme + 1), b.orders.resume(programme + 1)):
            with pytest.raises(Refused, match="another programme"):
                await order
        with pytest.raises(Refused, match="another programme"):
            await b.orders.change({"programme": programme + 1, "rate_ml_h": "5"})
