"""The firmware freezes: what the drive still makes by itself is 0.02 mL at most, whatever the pump was doing.

A frozen firmware feeds nothing and commands nothing, while the drive goes on with what it holds. So at instants drawn
at random, between two turns of the loop and in the middle of one, a copy of the drive is left to itself until it
stands, and the shaft is looked at.
"""

from __future__ import annotations

import copy
import math
import os
import random
from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from assuage_rig.requirements import req
from assuage_wire.schema import STATES
from pump import codes
from pump.steps import QUEUE, bottom_flow, steps_ahead, top_flow
from pump.syringe import nl_per_rev
from tests.pure.pump_fakes import LEAD_NM, STEPS, Bed, Drive

BUDGET_NL = 20_000
FREEZES = 100_000 if os.environ.get("ASSUAGE_SOAK") == "1" else 10_000
FOREVER_US = 1 << 40
BORES = (1_000, 4_780, 8_660, 12_060, 14_500, 19_130, 26_700, 60_000)


class Frozen(Exception):
    """The firmware stands still in the middle of a turn."""


class FreezingDrive(Drive):
    """A drive in front of which the firmware freezes after so many more words. None: it does not."""

    def __init__(self) -> None:
        super().__init__()
        self.words_left: int | None = None

    def push(self, count: int, period_us: int) -> None:
        if self.words_left is not None:
            if self.words_left == 0:
                raise Frozen
            self.words_left -= 1
        super().push(count, period_us)


def _left_to_itself(drive: Drive) -> int:
    """Steps that the drive makes when nobody commands it any more."""
    alone = copy.deepcopy(drive)
    alone.pass_time(FOREVER_US)
    assert alone.room() == QUEUE and alone.queued() == 0
    return abs(alone.made - drive.made)


class Sweep:
    """Deliveries of every kind, one after the other, and the instants at which they freeze."""

    def __init__(self, seed: int) -> None:
        self.chance = random.Random(seed)
        self.drive = FreezingDrive()
        self.bed = Bed(drive=self.drive)
        self.v = 1
        self.most_nl = 0
        self.freezes: Counter[str] = Counter()

    def freeze(self, what: str) -> None:
        nl = -(-_left_to_itself(self.drive) * self.v // STEPS)
        assert nl <= BUDGET_NL, (what, nl, self.v)
        self.most_nl = max(self.most_nl, nl)
        self.freezes[what] += 1

    def turn(self) -> bool:
        """One turn of the loop, of the length that it has or a longer one; False when it froze in its middle."""
        chance, bed, drive = self.chance, self.bed, self.drive
        ms = chance.choice((20, 25, 25, 25, 30, 40, chance.randint(1, 300)))
        part = chance.randrange(1000 * ms)
        state = STATES[bed.pump.state]
        if chance.random() < 0.5:
            alone = copy.deepcopy(drive)
            alone.pass_time(part)
            self.drive = alone
            self.freeze(state)
            self.drive = drive
        if chance.random() < 0.02:
            drive.words_left = chance.randrange(QUEUE)
        try:
            bed.step(ms)
        except Frozen:
            self.freeze("in the middle of a turn")
            return False
        drive.words_left = None
        return True

    def deliver(self) -> None:
        """One delivery from its start to its end, or to a freeze in the middle of a turn."""
        chance = self.chance
        self.drive = FreezingDrive()
        self.bed = bed = Bed(drive=self.drive)
        bore = chance.choice(BORES)
        self.v = v = nl_per_rev(bore, LEAD_NM)
        slowest, fastest = bottom_flow(v, STEPS), min(20_000_000, top_flow(v, STEPS))

        def flow() -> int:
            drawn = round(math.exp(chance.uniform(math.log(slowest), math.log(fastest))))
            return min(max(chance.choice((drawn, fastest)), slowest), fastest)

        rate = flow()
        kvo = max(slowest, min(rate, 60_000))
        vtbi = min(max(2 * v // STEPS + 2, rate // chance.choice((6, 30, 120))), 100_000_000)
        dose = {"mode": codes.DEMAND, "dose": max(2 * v // STEPS + 2, vtbi // 4), "dose_rate": fastest, "lockout": 0}
        extra = chance.choice(({}, dose, {"bolus": vtbi}, {"on_end": codes.END_KVO}))
        on_loss = chance.choice((codes.LOSS_STOP, codes.LOSS_KVO))
        if chance.random() < 0.2:
            self.fill(bore, fastest)
            return
        if felt := chance.random() < 0.3:  # a start takes up play and seal, a line that closes is relieved
            bed.feel(gap=chance.randint(0, 600), stiff=chance.choice((2, 10, 40)))
        bed.infuse(bore=bore, rate=rate, vtbi=vtbi, kvo=kvo, capacity=100_000_000, on_loss=on_loss, **extra)
        held = chance.random() < 0.7
        for turn in range(chance.randint(10, 200)):
            if held:
                bed.grant(3000)
            if not self.turn():
                return
            pump = bed.pump
            what = chance.randrange(40)
            if what == 0 and pump.state == codes.INFUSING:
                pump.press()
            elif what == 1 and pump.state in (codes.INFUSING, codes.BOLUS):
                out = [0] * 7
                kind = chance.choice((codes.TO_RATE, codes.TO_BOLUS))
                if pump.change(7, kind, flow(), 0 if kind == codes.TO_RATE else vtbi // 2, out)[0] == codes.OK:
                    pump.apply(7, out[6])
            elif what == 2 and turn > 5:
                pump.pause(7)
            elif what in (4, 5) and felt and pump.state in (codes.INFUSING, codes.BOLUS):
                bed.pump.senses.force.press(30_000)  # type: ignore[attr-defined]
                bed.pump.occlude()
            elif what == 3 and pump.state == codes.PAUSED:
                until = bed.at(3000)
                pump.resume(7, until[0], until[1], bed.ticks, bed.wraps)
        bed.pump.stop(codes.WHY_HOST_STOP)
        self.freeze("after a stop")

    def fill(self, bore: int, fastest: int) -> None:
        """A line is filled."""
        rate = self.chance.randint(fastest // 100, min(fastest, 5_000_000))
        if self.bed.prime(bore=bore, rate=rate, volume=min(1_000_000, 10 * rate))[0] != codes.OK:
            return
        self.bed.run(100)
        assert self.bed.purge()[0] == codes.OK
        for _ in range(60):
            self.bed.grant(3000)
            if not self.turn():
                return


@req("PMP-007")
def test_a_freeze_at_any_instant_delivers_two_hundredths_of_a_ml_at_most(seed: int) -> None:
    sweep = Sweep(seed)
    while sweep.freezes.total() < FREEZES:
        sweep.deliver()
    aside = ("taking-up", "backing-off", "priming")
    for what in ("infusing", "bolus", "kvo", "paused", "complete", *aside, "after a stop", "in the middle of a turn"):
        assert sweep.freezes[what] >= FREEZES // 500, (what, sweep.freezes)
    assert sweep.most_nl > BUDGET_NL * 9 // 10, "the budget was never used: nothing was proved of it"


@req("REC-005")
@given(
    bore=st.integers(1_000, 60_000),
    share=st.floats(0, 1),
    turns=st.lists(st.sampled_from([20, 25, 40]), min_size=8, max_size=25),
)
def test_what_is_queued_keeps_its_volume_and_bridges_a_turn_of_40_ms(bore: int, share: float, turns: list[int]) -> None:
    v = nl_per_rev(bore, LEAD_NM)
    slowest, fastest = bottom_flow(v, STEPS), min(20_000_000, top_flow(v, STEPS))
    rate = min(fastest, round(math.exp(math.log(slowest) + share * (math.log(fastest) - math.log(slowest)))))
    bed = Bed()
    bed.infuse(bore=bore, rate=max(rate, slowest), vtbi=100_000_000, capacity=100_000_000)
    for ms in turns:
        assert bed.drive.queued() * v <= BUDGET_NL * STEPS
        assert bed.drive.queued_us() >= 40_000
        bed.step(ms)
        assert bed.pump.state == codes.INFUSING
    assert bed.drive.dry_runs() == 0


@given(per_rev=st.integers(1, 1 << 29), steps=st.sampled_from([200, 3200, 51_200]))
def test_a_syringe_of_which_one_step_is_more_than_the_budget_has_no_flow(per_rev: int, steps: int) -> None:
    too_much = per_rev > BUDGET_NL * steps
    assert (steps_ahead(per_rev, steps) == 0) == too_much == (top_flow(per_rev, steps) == 0)
    assert steps_ahead(per_rev, steps) * per_rev <= BUDGET_NL * steps
