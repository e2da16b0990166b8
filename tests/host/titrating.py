"""A bed in made-up time whose pump follows a target: it moves by whole steps, answers late or not at all, and stands
when a test says so. What it has really given is judged by the exact course of the chosen model."""

from __future__ import annotations

import random
from collections.abc import Mapping
from contextlib import asynccontextmanager
from typing import Any

from assuage.bedside import judging
from assuage.bedside.following import Had
from assuage.bedside.judging import Approved
from assuage.bedside.ordering import Ordering
from assuage.bedside.picture import Label
from assuage.bedside.target import Aim, Approve, aim
from assuage.bedside.targeting import Targeting
from assuage.errors import NoAnswer, Refused
from assuage.link.events import Link, LinkChanged
from assuage.pharmacy.library import own
from assuage.pharmacy.syringes import SYRINGES
from assuage.record.intake import Intake
from assuage.record.recorder import Unrecorded
from assuage_wire import schema
from tests.host.beds import PUMP, FakeBed

STEP_NL = 175.0  # of a 50 mL syringe, 1 mm of lead and 3200 steps
LATE = (0.0, 0.05, 0.25)  # s; few, so that the models' matrices are reckoned once
NUMBER = 77
ORDER: dict[str, Any] = {
    "drug": "ketamine", "area": "acute", "weight": "70 kg", "age": "40 years", "concentration": "2 mg/mL",
    "label_drug": "ketamine", "label_concentration": "2 mg/mL", "rate": "0.4 mg/kg/h", "volume": "50 mL",
    "duration": "12 h", "model": "domino", "site": "plasma", "target": "100 ng/mL", "syringe": "BD 50 mL",
}  # fmt: skip
FAST = {
    "loading": "1 mg/kg/h",
    "overrides": [{"finding": "highest rate:soft-high:mg/kg/h=1 mg/kg/h", "reason": "a first level at once"}],
}


def approve(typed: Any, reasons: object) -> tuple[dict[str, Any], Approved]:
    """For somebody who has had nothing, and weighs what is typed."""
    patient = {"patient": "Ann Example", "weight": typed["weight"]}
    return dict(typed), judging.approve(typed, reasons, own(), Intake(), patient, "Dr Test", 0)


def lenient(typed: Any, _: object) -> tuple[dict[str, Any], Approved]:
    """Everything that may be overridden is."""
    at = own(), Intake()
    found = judging.judge(typed, *at, typed["weight"], 0).checked.findings
    reasons = [{"finding": judging.name_of(each), "reason": "a sweep"} for each in found]
    known = {"patient": "Ann Example", "weight": typed["weight"]}
    return dict(typed), judging.approve(typed, reasons, *at, known, "Dr B", 0)


def aimed(approve: Approve = approve, **more: Any) -> Aim:
    return aim({**ORDER, **more}, approve, SYRINGES)


class Kept(Unrecorded):
    """A record in memory."""

    def __init__(self) -> None:
        super().__init__()
        self.events: list[Any] = []

    def note(self, event: Any) -> None:
        self.events.append(event)
        super().note(event)

    async def keep(self, event: Any) -> None:
        self.events.append(event)
        await super().keep(event)


class Pump:
    """What the board has: a flow, and steps. `orders` of the bed, as far as a target takes them."""

    def __init__(self, rng: random.Random, past: Had | None = None, approve: Approve = approve, **more: Any) -> None:
        self.rng, self.aim = rng, aimed(approve, **more)
        self.fake = FakeBed()
        self.fake.live()
        self.state, self.flow, self.exact = "armed", self.aim.least, 0.0
        self.refuses_more = self.silent = self.deaf = self.held_up = False
        self.flows: list[int] = []
        self.record = Kept()
        self.targeting = Targeting(self.fake.bed, self.record, approve, past=past)
        self.acting = self
        bed: Any = self.fake.bed
        bed.orders, bed.targeting = self, self.targeting
        bed.set_label(Label(NUMBER, self.aim.order.drug, "BD 50 mL", {"mode": "tci"}))
        self.seconds: list[float] = []  # nL that came in each
        self.truth = self.aim.body.system.empty

    @asynccontextmanager
    async def act(self, what: str, *_: Any, **details: Any) -> Any:
        self.record.events.append((what, details))
        yield

    compared = staticmethod(Ordering.compared)

    def tell(self, error: Exception) -> None:
        self.record.events.append(error)

    async def programme(self, order: Any, clinical: Any, meant: Any) -> Mapping[str, Any]:
        return {"programme": NUMBER, "vtbi_nl": 50_000_000, "steps": round(50_000_000 / STEP_NL)}

    async def offered(self) -> None:
        await self.targeting.programme({**ORDER, **self.typed})

    typed: dict[str, Any] = {}  # noqa: RUF012 - replaced, never changed

    async def follow(self, programme: int, flow: int) -> None:
        assert programme == NUMBER and self.state == "infusing"
        assert self.aim.least <= flow <= self.aim.order.most
        if self.silent:
            if not self.deaf and self.rng.random() < 0.5:
                self.flow = flow
            raise NoAnswer("The board did not answer.")
        if self.refuses_more and flow > self.flow:
            raise Refused("guard", "SpO2 is 88 %.")
        self.move(self.rng.choice(LATE))
        self.flow = flow
        self.flows.append(flow)

    @property
    def delivered(self) -> int:
        return int(self.exact // STEP_NL * STEP_NL)

    def move(self, seconds: float) -> None:
        self.fake.now += seconds
        if self.state == "infusing":
            self.exact = min(self.exact + self.flow * seconds / 60, self.aim.order.course.vtbi)

    def say(self) -> None:
        flow = self.flow if self.state == "infusing" else 0
        self.fake.say(
            PUMP._replace(
                state=schema.STATES.index(self.state), rate=flow, set_rate=self.flow, delivered=self.delivered,
                programme=NUMBER,
            )
        )  # fmt: skip

    async def second(self) -> None:
        """One more. The truth takes what came in it as it came, step by step, second by second."""
        before, end = self.delivered, self.fake.now + 1
        self.move(self.rng.choice(LATE))
        if self.fake.bed.picture.link is Link.LIVE:
            self.say()
        if not self.held_up:
            await self.targeting.look()
        self.move(max(0.0, end - self.fake.now))
        nl = self.delivered - before
        self.seconds.append(nl)
        system = self.aim.body.system
        inputs = system.empty
        inputs[0] = nl * self.aim.solution.amount.approximate("mg/mL") / 1e6 * 60
        self.truth = system.after(self.truth, inputs, 1 / 60)

    @property
    def level(self) -> float:
        """ng/mL of what is regulated, of what was really given."""
        system = self.aim.body.system
        site = system.site(self.truth) if self.aim.site == "effect" else None
        return 1000 * (system.plasma(self.truth) if site is None else site)

    def unplugged(self, out: bool) -> None:
        state, sentence = (Link.LOST, "The cable is out.") if out else (Link.LIVE, "The board answers.")
        self.fake.tell(LinkChanged(state, sentence, self.fake.now))
