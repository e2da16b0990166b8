"""A target on the whole firmware in virtual time: what the plunger has given never passes it, and without its host the
board does what was programmed."""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from assuage.bedside.picture import Label
from assuage.bedside.targeting import Targeting
from assuage.errors import Refused
from assuage.link.messages import PumpStatus
from assuage.record.recorder import Unrecorded
from assuage_rig.bench import Bench
from assuage_rig.requirements import req
from assuage_rig.wirehost import WireHost
from assuage_wire import schema
from tests.host.beds import FakeBed
from tests.host.titrating import FAST, ORDER, aimed, approve

TO_RATE = schema.CHANGES.index("rate")
LEASE_MS = 3000


class Followed:
    """The board of a bench, with the target of a bed that hears it: `orders` of that bed."""

    def __init__(self, host: WireHost, **more: Any) -> None:
        more = {"volume": "40 mL", **more}  # play, when it is taken up, leaves less than the whole syringe
        self.host, self.typed = host, {**ORDER, **more}
        self.aim = aimed(**more)
        self.fake = FakeBed()
        self.targeting = Targeting(self.fake.bed, Unrecorded(), approve)
        bed: Any = self.fake.bed
        bed.orders, self.acting = self, self
        self.changes = 0
        self.truth, self.moved = self.aim.body.system.empty, host.bench.plunger_nl
        self.highest = 0.0

    @asynccontextmanager
    async def act(self, *_: Any, **__: Any) -> Any:
        yield

    async def programme(self, order: Any, clinical: Any, meant: Any) -> dict[str, Any]:
        host = self.host
        host.programme += 1
        back = host.ask("Programme", *order.programme(host.programme, LEASE_MS).values())
        assert back.get("token"), back
        self.fake.bed.set_label(Label(host.programme, order.drug, order.syringe.name, {"mode": "tci"}))
        self.token = back["token"]
        return {"programme": host.programme, "vtbi_nl": back["vtbi"], "steps": back["steps"]}

    async def follow(self, programme: int, flow: int) -> None:
        back = self.host.ask("Change", programme, TO_RATE, flow, 0)
        if "token" not in back:
            raise Refused(schema.STATUSES[back["status"]], "The board refused.")
        self.host.order("Apply", programme, back["token"])
        self.changes += 1

    async def begin(self) -> None:
        self.host.run(0.5)
        self.host.identify()
        self.fake.live()
        await self.targeting.programme(self.typed)
        self.hear()
        await self.targeting.look()
        self.host.begin(self.token)
        self.moved = self.host.bench.plunger_nl - self.host.last("PumpStatus")["delivered"]

    def hear(self) -> None:
        self.fake.now = self.host.bench.now_us / 1e6
        self.fake.say(PumpStatus(**self.host.last("PumpStatus")))

    async def second(self) -> None:
        """One more, by the plunger's own account of it."""
        self.host.run(1.0)
        self.hear()
        await self.targeting.look()
        nl, self.moved = self.host.bench.plunger_nl - self.moved, self.host.bench.plunger_nl
        system = self.aim.body.system
        inputs = system.empty
        inputs[0] = nl * self.aim.solution.amount.approximate("mg/mL") / 1e6 * 60
        self.truth = system.after(self.truth, inputs, 1 / 60)
        site = system.site(self.truth) if self.aim.site == "effect" else None
        self.level = 1000 * (system.plasma(self.truth) if site is None else site)
        self.highest = max(self.highest, self.level)


@pytest.fixture
def host() -> Iterator[WireHost]:
    with Bench() as bench:
        yield WireHost(bench, keep=False)


@req("KIN-007")
async def test_the_emulated_plunger_brings_a_target_and_never_passes_it(host: WireHost, seed: int, soak: bool) -> None:
    lasts, site = (3 * 3600, "effect") if soak else (1000, ("plasma", "effect")[seed % 2])
    b = Followed(host, site=site, **FAST)
    await b.begin()
    for second in range(lasts):
        await b.second()
        assert not b.targeting.doubt()
        if second == 500:
            host.order("Pause", host.programme)
        if second == 600:
            host.resume()
    assert host.state == "infusing" and b.changes > 10
    assert b.highest <= 100 * 1.01
    assert b.level == pytest.approx(100, rel=0.01)
    told = b.fake.bed.snapshot()["target"]["predicted"][site]
    assert float(told.split()[0]) == pytest.approx(b.level, abs=1.0)


@req("KIN-008")
@pytest.mark.parametrize("on_loss", ["stop", "kvo"])
async def test_the_board_falls_back_by_itself_when_the_host_of_a_target_is_gone(host: WireHost, on_loss: str) -> None:
    """While it loads, at the highest rate of all."""
    fallback = {"on_loss": on_loss, **({"kvo_ml_h": "1"} if on_loss == "kvo" else {})}
    b = Followed(host, **FAST, **fallback)
    await b.begin()
    for _ in range(20):
        await b.second()
    assert host.last("PumpStatus")["set_rate"] == 583_333
    host.hush()
    before = host.bench.plunger_nl
    host.run(LEASE_MS / 1000 + 1)
    assert host.bench.plunger_nl - before <= 583_333 * (LEASE_MS / 1000 + 0.5) / 60
    stands = host.bench.plunger_nl
    host.run(60)
    assert host.state == ("stopped" if on_loss == "stop" else "kvo")
    more = host.bench.plunger_nl - stands
    assert more == 0 if on_loss == "stop" else math.isclose(more, 16_667, rel_tol=0.05)
    b.hear()
    await b.targeting.look()
    assert b.fake.bed.snapshot()["target"]["over"]
