"""All that happens to a pump that follows a target, and the judge of what came of it."""

from __future__ import annotations

import itertools
import random
from collections.abc import Iterator, Sequence

import numpy as np

from assuage.pharmacy.kinetics.system import Floats
from tests.host.titrating import NUMBER, STEP_NL, Pump

OVER = 1.01  # of the target
ANSWERED = 2  # s, in which a target that was set has become a flow
HAPPENS = ("none", "pause", "refuse", "silent", "unplugged", "held-up", "target")


class Judge:
    """Whether what is regulated passes its target. After a target was lowered it may only come down; an effect site may
    rise first, as far as what is in plasma already takes it. One step of the plunger comes at once, and is allowed for:
    `quantum`, ng/mL."""

    def __init__(self, pump: Pump, target: float) -> None:
        self.pump, self.target, self.bound, self.worst, self.reached = pump, target, target, 0.0, 0
        at_once = 0.0 if pump.aim.site == "effect" else 1000 / pump.aim.body.system.volume
        self.quantum = STEP_NL * self.per_nl * at_once
        self.coming: Iterator[float] = iter(())

    @property
    def per_nl(self) -> float:
        """mg."""
        return self.pump.aim.solution.amount.approximate("mg/mL") / 1e6

    def set(self, target: float) -> None:
        self.bound, self.target = max(self.pump.level, target), target
        if self.pump.aim.site == "effect":
            self.coming = self._coasting(self.pump.truth, self.pump.flow)

    def _coasting(self, state: Floats, flow: int) -> Iterator[float]:
        """ng/mL of the effect site, second by second, should the pump give no more than it must from the next order
        on."""
        system, least = self.pump.aim.body.system, self.pump.aim.least
        for second in itertools.count():
            inputs = system.empty
            inputs[0] = (flow if second < ANSWERED else least) * self.per_nl
            state = system.after(state, inputs, 1 / 60)
            yield 1000 * (system.site(state) or 0.0)

    def look(self) -> None:
        level, coming = self.pump.level, next(self.coming, 0.0)
        self.worst = max(self.worst, (level - self.quantum) / max(self.bound, coming))
        if level <= self.target:
            self.bound = self.target
            self.coming = self.coming if coming > 0.99 * level else iter(())
        self.reached += 0.98 * self.target <= level <= OVER * self.target + self.quantum

    def within_limits(self) -> None:
        """Of what was given in all, and in any stretch; a step of the plunger may fall into it or not."""
        given = np.cumsum([0.0, *self.pump.seconds]) * self.per_nl
        step = STEP_NL * self.per_nl
        for mass, stretch in self.pump.aim.limits.within:
            n = int(stretch.approximate("s"))
            most = (given[n:] - given[:-n]).max(initial=given[-1] if len(given) <= n else 0)
            assert most <= mass.approximate("mg") + step
        total = self.pump.aim.limits.total
        assert total is None or given[-1] <= total.approximate("mg")


async def aims(pump: Pump, ng_ml: float) -> None:
    """A person sets another target."""
    back = await pump.targeting.offer(NUMBER, f"{ng_ml:g} ng/mL")
    await pump.targeting.confirm(NUMBER, back["token"], "Nurse C")


async def live(pump: Pump, judge: Judge, rng: random.Random, seconds: int, targets: Sequence[float]) -> None:
    """So long, with pauses, trips, refusals, silence, unplugged cables, late looks, and targets that people change."""
    limits = pump.aim.limits
    loading, rate = limits.loading.approximate("mg/h") * (1 + 1e-9), limits.rate.approximate("mg/h") * (1 + 1e-9)
    until = calm = 0
    for second in range(seconds):
        if second >= until:
            pump.refuses_more = pump.silent = pump.held_up = False
            pump.unplugged(False)
            pump.state = "infusing"
            until = second + rng.randint(60, 900)
            match rng.choice(HAPPENS):
                case "pause":
                    pump.state, until = "paused", second + rng.choice([5, 30, 600, 1800])
                case "refuse":
                    pump.refuses_more = True
                case "silent":
                    pump.silent, until = True, second + rng.randint(1, 10)
                case "unplugged":
                    pump.unplugged(True)
                    until = second + rng.randint(1, 3)
                case "held-up":
                    pump.held_up, until = True, second + rng.randint(1, 3)
                case "target" if not pump.targeting.doubt():
                    target = rng.choice(targets)
                    await aims(pump, target)
                    judge.set(target)
        await pump.second()
        judge.look()
        flow = pump.flow * judge.per_nl * 60
        assert flow <= loading
        told = pump.fake.bed.picture.target
        if told is not None and told.told["phase"] != "loading" and pump.state == "infusing" and not pump.silent:
            calm += 1
            assert calm < 5 or flow <= rate
        else:
            calm = 0
