"""A target on the bed, over the wire: ordered within the library, compared, followed, and left to the board without its
host."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from assuage.bedside import targeting
from assuage.bedside.acting import WHO
from assuage.bedside.target import aim
from assuage.bedside.targeting import Targeting
from assuage.errors import BadInput, Refused
from assuage.pharmacy.syringes import SYRINGES
from assuage_rig.requirements import req
from tests.host.bedside import Bedside, MemoryStore
from tests.host.eventually import until
from tests.host.fake_board import PtyBoard
from tests.host.titrating import FAST, ORDER, aimed, approve


class Followed(Bedside):
    """A bedside that follows targets, a second a period."""

    def __init__(self, pty: Any, store: MemoryStore, period_s: float = 1.0) -> None:
        super().__init__(pty, store)
        self.targeting = Targeting(self.bed, self.orders.acting.record, approve, period_s=period_s)
        self.bed.orders, self.bed.targeting = self.orders, self.targeting
        self._tasks.append(asyncio.get_running_loop().create_task(self.targeting.run()))

    @property
    def unwell(self) -> str:
        return self.targeting.doubt()

    @unwell.setter
    def unwell(self, why: str) -> None:
        assert not why

    async def following(self, **more: Any) -> int:
        back = await self.targeting.programme({**ORDER, **more})
        await self.orders.confirm(back["programme"], back["token"], "Nurse C")
        await self.orders.start(back["programme"])
        await until(lambda: self.shown["state"] == "infusing")
        return int(back["programme"])


@pytest.fixture(autouse=True)
def somebody() -> Iterator[None]:
    """Who gives orders."""
    named = WHO.set("Dr B")
    yield
    WHO.reset(named)


@asynccontextmanager
async def followed(store: MemoryStore | None = None, pty: PtyBoard | None = None) -> AsyncIterator[Followed]:
    own_pty = pty or PtyBoard()
    if pty is None:
        own_pty.plug()
    found = Followed(own_pty, store or MemoryStore())
    await found.live()
    try:
        yield found
    finally:
        await found.end()
        if pty is None:
            own_pty.unplug()


@req("KIN-010")
async def test_a_target_is_read_back_confirmed_started_and_followed() -> None:
    async with followed() as b:
        back = await b.targeting.programme({**ORDER, **FAST})
        assert (back["mode"], back["most_nl_min"], back["duration_s"]) == ("tci", 583_333, 43_200)
        told = back["target"]
        assert (told["target"], told["model"], told["rate"], told["loading"]) == (
            "100 ng/mL", "domino", "28 mg/h", "70 mg/h",
        )  # fmt: skip
        assert told["source"] and told["doubts"] and told["seen"]
        assert b.bed.snapshot()["readback"] == back
        assert b.board.programme["rate"] == 167
        clinical = back["clinical"]
        assert (clinical["patient"], clinical["mode"], clinical["ng_per_ml"]) == ("Ann Example", "tci", 2_000_000)
        assert [(n["name"], n["means"]) for n in clinical["numbers"]][:2] == [
            ("volume", "100 mg"), ("highest rate", "70 mg/h"),
        ]  # fmt: skip
        assert clinical["alerts"] and not back["unchecked"]
        with pytest.raises(Refused, match="A second person has to compare"):
            await b.orders.confirm(back["programme"], back["token"])
        await b.orders.confirm(back["programme"], back["token"], "Nurse C")
        await b.orders.start(back["programme"])
        await until(lambda: b.board.rate == 583_333)
        await until(lambda: b.bed.snapshot()["target"]["predicted"]["plasma"] != "0.0 ng/mL")
        assert b.shown["terms"]["mode"] == "tci"
        with pytest.raises(Refused, match="set another target"):
            await b.orders.change({"programme": back["programme"], "rate_ml_h": "5"})
        assert b.bed.snapshot()["refusal"]["status"] == "unsupported"
        await b.orders.stop()
        await until(lambda: "stopped" in b.bed.snapshot()["target"]["over"])


@req("KIN-010")
async def test_another_target_holds_when_a_person_has_compared_it() -> None:
    async with followed() as b:
        programme = await b.following()
        await until(lambda: b.bed.snapshot()["target"])
        back = await b.targeting.offer(programme, "120 ng/mL")
        assert (back["target"], back["was"], back["alerts"]) == ("120 ng/mL", "100 ng/mL", [])
        assert b.bed.snapshot()["target"]["target"] == "100 ng/mL"
        with pytest.raises(Refused, match="set it again"):
            await b.targeting.confirm(programme, back["token"] + 1)
        await b.targeting.confirm(programme, back["token"])
        await until(lambda: b.bed.snapshot()["target"]["target"] == "120 ng/mL")
        with pytest.raises(Refused, match="set it again"):
            await b.targeting.confirm(programme, back["token"])
        with pytest.raises(Refused, match="set a lower target"):
            await b.targeting.offer(programme, "1000 ng/mL")
        with pytest.raises(Refused, match="order one first"):
            await b.targeting.offer(programme + 1, "100 ng/mL")


@pytest.mark.parametrize(("typed", "says"), [
    ({"rate": "1.2 mg/kg/h"}, "above the limit of 1 mg/kg/h"),
    ({"rate": "0.5 mg/kg/h"}, "give a reason and a name"),
    ({"loading": "0.5 mg/kg/h"}, "give a reason and a name"),
    ({"target": "1000 ng/mL"}, "set a lower target"),
    ({"model": "herd"}, "found at ages of 1 to 14 years"),
    ({"model": "clements", "site": "effect"}, "has no effect site"),
    ({"label_concentration": "10 mg/mL"}, "Take the right syringe"),
    ({"target": "40 ng/mL", "on_loss": "kvo", "kvo_ml_h": "5"}, "set a higher target"),
    ({"rate": "4 mg/kg/h"}, "above the limit"),
])  # fmt: skip
@req("KIN-010")
def test_a_target_beyond_the_library_the_model_or_its_own_order_is_refused(typed: dict[str, Any], says: str) -> None:
    with pytest.raises(Refused, match=says):
        aim({**ORDER, **typed}, approve, SYRINGES)


@pytest.mark.parametrize(("typed", "says"), [
    ({"on_loss": "continue"}, "a target cannot go on"),
    ({"target": "100"}, "the unit is missing"),
    ({"target": "100 mg/h"}, "is not its unit"),
    ({"model": ""}, "of those that fit there are domino"),
    ({"site": "brain"}, "plasma or of the effect site"),
    ({"duration": ""}, "Duration is missing"),
    ({"loading": "0.2 mg/kg/h"}, "cannot be below"),
    ({"bolus_ml": "2"}, "A target has no"),
    ({"drug": "morphine", "label_drug": "morphine"}, "no model of 'morphine'"),
])  # fmt: skip
def test_a_target_that_was_typed_wrongly_says_what_to_do(typed: dict[str, Any], says: str) -> None:
    with pytest.raises((BadInput, Refused), match=says):
        aim({**ORDER, **typed}, approve, SYRINGES)


@req("KIN-010")
def test_the_board_s_own_limits_bound_a_target_whatever_its_host_asks_for() -> None:
    order = aimed(**FAST, on_loss="kvo", kvo_ml_h="0.5").order
    sent = order.programme(1, 3000)
    assert sent["limit_rate"] == 583_333  # 70 mg/h of 2 mg/mL, rounded down
    assert (sent["vtbi"], sent["limit_volume"], sent["duration"]) == (50_000_000, 50_000_000, 43_200)
    assert sent["limit_hour"] == 26_250_000  # 0.75 mg/kg of 70 kg
    assert (sent["rate"], sent["kvo"]) == (8_333, 8_333)
    assert order.most == 583_333


@req("KIN-008")
async def test_a_killed_host_leaves_the_programme_s_fallback_and_the_next_one_does_not_follow() -> None:
    pty, store = PtyBoard(), MemoryStore()
    pty.plug()
    try:
        async with followed(store, pty) as b:
            await b.following(**FAST)
            await until(lambda: pty.board.rate > 500_000)
        assert pty.board.state == "infusing", "its permission has not ended yet"
        async with followed(store, pty) as again:
            assert again.supervision.active is not None and again.supervision.active.stage == "running"
            await until(lambda: again.shown["unsupervised"] == targeting.NOT_FOLLOWED)
            grants = len(pty.board.received("Lease"))
            await until(lambda: pty.board.state == "stopped")
            assert pty.board.reason == "lease-lapsed"
            assert len(pty.board.received("Lease")) == grants
            assert again.bed.snapshot()["target"] is None
            with pytest.raises(Refused, match="order one first"):
                await again.targeting.offer(again.shown["programme"], "100 ng/mL")
    finally:
        pty.unplug()


@req("KIN-008")
async def test_a_host_whose_target_is_stuck_while_its_link_lives_lets_the_permission_end() -> None:
    async with followed() as b:
        await b.following(**FAST)
        await until(lambda: b.board.rate > 500_000)
        b._tasks.pop().cancel()  # who follows; the link goes on
        await until(lambda: b.board.state == "stopped")
        assert b.board.reason == "lease-lapsed"


async def test_a_paused_target_goes_on_at_once_when_it_is_resumed() -> None:
    async with followed() as b:
        programme = await b.following()
        await until(lambda: b.board.rate == 233_333)
        await b.orders.pause(programme)
        await until(lambda: b.shown["state"] == "paused")
        assert b.targeting.doubt() == ""
        await b.orders.resume(programme)
        await until(lambda: b.shown["state"] == "infusing")
        changes = b.board.carried_out.count("Change")
        await until(lambda: b.shown["lease_ms"] and b.bed.snapshot()["target"]["phase"] == "holding")
        assert b.board.carried_out.count("Change") >= changes
