"""The supply fails at every operation of the flash in start, run, pause, stop and configure of the real pump.

A life is played on the pump's own classes with a drive that steps in virtual time, and every program and erase is kept
with what was true at that moment. Each is then cut short on a copy of the flash as it was, with retained words and
without, with a drive that still runs its queue dry and with one that stood at once; a board starts on what is left, and
may be cut again while it does. It never moves by itself, and what it says has been delivered is true and close.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, replace

import pytest

from assuage_rig.bus import Nack
from assuage_rig.chips.norflash import AFTER, BEFORE, TORN, NorFlash, PowerCut
from assuage_rig.requirements import req
from assuage_wire.schema import NONE32, STATES
from journal import kinds
from journal.record import KIND, C
from pump import codes, states
from tests.pure.pump_fakes import LIMITS, STEPS, Bed, Drive, Words

V = 559_902  # nL a turn of a BD 50 mL syringe with a lead of 1 mm
NEAR_NL = 50_000
Op = tuple[str, int, bytes]


@dataclass(frozen=True)
class Truth:
    """What a start may say. programme: that was begun and has not ended yet, 0 for none. base: steps of the drive when
    it began. none: that nothing need be told, because no step was made yet or an end in order is being written.
    made, queued: steps of the drive. slip: of these the shaft did not follow so many. doubted: that they count no more
    is written. latches: reasons that may be told."""

    programme: int = 0
    base: int = 0
    none: bool = True
    made: int = 0
    queued: int = 0
    slip: int = 0
    doubted: bool = False
    latches: frozenset[int] = frozenset({codes.WHY_NONE})


class Chip:
    """The flash as a board sees it. told: called with every program and erase before it is done."""

    def __init__(self, nor: NorFlash, told: Callable[[Op], None] = lambda op: None) -> None:
        self.nor, self.size, self.told = nor, nor.size, told
        self.drive: Drive | None = None

    def read(self, at: int, buf: bytearray) -> None:
        buf[:] = self.nor.read(at, len(buf))

    def program(self, at: int, buf: bytearray) -> None:
        op = ("program", at, bytes(buf))
        self.told(op)
        apply(self.nor, op)

    def erase(self, at: int) -> None:
        assert self.drive is None or not self.drive.queued(), "an erase while the drive moves"
        self.told(("erase", at, b""))
        apply(self.nor, ("erase", at, b""))


def apply(nor: NorFlash, op: Op) -> None:
    what, at, data = op
    try:
        if what == "erase":
            nor.erase(at)
        else:
            nor.program(at, data)
    except Nack:
        raise OSError(5) from None


class Life:
    """A board on one flash. log: every operation with its truth and the retained words at that moment."""

    def __init__(self, seed: int, sectors: int, most: int) -> None:
        self.chance = random.Random(seed)
        self.nor = NorFlash(sectors, seed)
        self.limits = LIMITS | {"max_volume": most}
        self.truth = Truth()
        self.log: list[tuple[Op, Truth, list[int]]] = []
        self.programme = 0
        self.words = Words(Chip(self.nor, self.keep))
        self.drive = Drive()
        self.bed = Bed(drive=self.drive, words=self.words, limits=self.limits)

    def keep(self, op: Op) -> None:
        t = self.truth
        if hasattr(self, "drive"):
            made = self.drive.made - t.base if t.programme else 0
            none = t.none or (t.programme != 0 and not made and not self.drive.queued())
            slip = self.bed.slip if hasattr(self, "bed") else 0
            t = replace(t, made=self.drive.made, queued=self.drive.queued(), none=none, slip=slip)
            # a programme whose last step was made may end at any moment from here on
            if t.programme and made == self.steps:
                t = replace(t, none=True)
        self.log.append((op, t, list(self.words.words)))
        if op[0] == "program" and op[2][KIND] == kinds.AHEAD and op[2][C] == 1:
            self.truth = replace(self.truth, doubted=True)

    # -- what happens ------------------------------------------------------------------------------------------------

    def begin(self, vtbi: int, **order: int) -> None:
        """From offer to start."""
        bed = self.bed
        self.programme += 1
        self.steps = vtbi * STEPS // V
        assert bed.offer(programme=self.programme, vtbi=vtbi, capacity=100_000_000, **order) == (0, 0)
        self.run(self.chance.randrange(3))
        assert bed.confirm() == (0, 0)
        assert bed.arm() == (0, 0)
        self.truth = replace(self.truth, programme=self.programme, base=self.drive.made, none=False)
        while (outcome := bed.start()) != (0, 0):
            assert outcome[0] == codes.JOURNAL
            self.run(1)

    def run(self, turns: int, lease_ms: int = 3000) -> None:
        for _ in range(turns):
            if lease_ms:
                self.bed.grant(lease_ms)
            self.bed.step(self.chance.choice((20, 25, 25, 40)))

    def until(self, done: Callable[[], bool], lease_ms: int = 3000) -> None:
        for _ in range(20_000):
            if done():
                return
            self.run(1, lease_ms)
        raise AssertionError("it does not come to an end")

    def delivered(self, share: float) -> None:
        steps = int(self.steps * share)
        self.until(lambda: self.drive.made - self.truth.base >= steps or not states.running(self.bed.pump.state))

    def infuse(self, vtbi: int, share: float, rate: int) -> None:
        """A delivery up to a share of its volume, with a pause, a dose, another flow or nothing on the way."""
        way = self.chance.choice(("straight", "straight", "pause", "dose", "change", "reset"))
        more = {"mode": codes.DEMAND, "dose": vtbi // 3, "dose_rate": rate, "lockout": 0} if way == "dose" else {}
        if way == "dose" and vtbi < 3000:
            way, more = "straight", {}
        self.begin(vtbi, rate=rate, duration=100_000, **more)
        self.delivered(share / 2)
        pump = self.bed.pump
        if pump.state == codes.INFUSING:
            if way == "pause":
                pump.pause(self.programme)
                self.run(10)
                until = self.bed.at(3000)
                assert pump.resume(self.programme, *until, self.bed.ticks, self.bed.wraps) == (0, 0)
            elif way == "dose":
                pump.press()
            elif way == "change":
                out = [0] * 7
                if pump.change(self.programme, codes.TO_RATE, max(1000, rate // 2), 0, out) == (0, 0):
                    pump.apply(self.programme, out[6])
            elif way == "reset":
                self.reset()
                return
        self.delivered(share)

    def reset(self) -> None:
        """The board starts anew, without a loss of power; the drive may run its queue dry."""
        if self.chance.random() < 0.5:
            self.drive.pass_time(500_000)
        old = self.bed
        self.bed = Bed(drive=self.drive, words=self.words, limits=self.limits, ticks=old.ticks, boot=2)
        self.bed.slip = old.slip

    def latch(self, *reasons: int) -> None:
        self.truth = replace(self.truth, latches=self.truth.latches | frozenset(reasons))

    def end(self, how: str) -> None:
        """Ends what runs in one of the ways there are; then a human reads what is to be read."""
        pump, bed = self.bed.pump, self.bed
        if states.running(pump.state):
            if how == "complete":
                self.until(lambda: not states.running(pump.state))
            elif how == "stop":
                self.truth = replace(self.truth, none=True)
                pump.stop(codes.WHY_HOST_STOP)
            elif how == "lapse":
                self.latch(codes.WHY_LEASE_LAPSED)
                self.until(lambda: not states.running(pump.state), 0)
            elif how == "fault":
                self.latch(codes.WHY_TASK_OVERRUN)
                pump.fault(codes.WHY_TASK_OVERRUN)
            elif how == "astray":
                self.latch(codes.WHY_ENCODER_DISAGREES)
                bed.stalled = True
                self.until(lambda: not states.running(pump.state))
                bed.stalled = False
        self.run(self.chance.randrange(8))
        self.truth = replace(self.truth, none=True, latches=self.truth.latches | {codes.WHY_NONE})
        while pump.state not in (codes.STANDBY, codes.PROGRAMMED):
            if pump.state in (codes.COMPLETE, codes.STOPPED) and self.chance.random() < 0.3:
                self.programme += 1
                assert bed.offer(programme=self.programme, vtbi=1000) == (0, 0)  # the next programme settles it as well
            else:
                assert pump.clear(pump.reason) == (0, 0)
        self.truth = Truth(made=self.drive.made)
        bed.slip = 0
        if self.chance.random() < 0.3:
            self.bed.journal.configured(self.chance.getrandbits(32))
        self.run(self.chance.randrange(12))


# -- what a start says -----------------------------------------------------------------------------------------------


def check(bed: Bed, truth: Truth) -> None:
    """What a start has told against what is true. The drive has made all that it still could."""
    pump, was = bed.pump, bed.pump.was
    assert pump.state in (codes.STANDBY, codes.UNCONFIRMED, codes.FAULT), STATES[pump.state]
    latched = {pump.reason, was.why if was.unread else codes.WHY_NONE} - {codes.WHY_RESET}
    assert latched <= truth.latches | {codes.WHY_NONE}, f"told {latched}, may be {truth.latches}"
    if not was.unread:
        assert truth.none, "a programme that was running is forgotten"
        return
    assert truth.programme, "a programme that had ended came back"
    assert was.programme == truth.programme and was.low != NONE32
    least = (truth.made - truth.base) * V // STEPS
    most = -(-(truth.made + truth.queued - truth.base) * V // STEPS)
    if truth.slip:  # the shaft stood while the drive stepped: it has displaced less than the steps say
        shaft = (truth.made - truth.base - truth.slip) * V // STEPS
        assert was.low <= (max(0, shaft) if truth.doubted else least) and shaft - 1 <= was.high
        assert was.high <= most + max(most // 100, NEAR_NL)
        return
    assert was.low <= least and most <= was.high, f"{was.low} <= {least}..{most} <= {was.high}"
    assert was.high <= least + max(least // 100, NEAR_NL), f"{was.high} is not close to {least}"


class Again:
    """Starts a board on what a cut has left, with further cuts in its own recovery, and looks whether it stands."""

    def __init__(self, seed: int, limits: dict[str, int]) -> None:
        self.chance = random.Random(seed)
        self.limits = limits
        self.cuts = 0

    def start(self, nor: NorFlash, truth: Truth, words: list[int] | None, more: int) -> None:
        drive = Drive()
        drive.made = truth.made + (truth.queued if self.chance.random() < 0.5 else 0)
        kept = Words(Chip(nor))
        if words:
            kept.words[:] = type(kept.words)("l", words)
        while True:
            if more:
                nor.cut(self.chance.randrange(6), self.chance.choice((BEFORE, TORN, TORN, AFTER)))
            try:
                bed = Bed(drive=drive, words=kept, limits=self.limits, boot=9)
                check(bed, truth)
                self.stands(bed)
                break
            except PowerCut:
                self.cuts += 1
                kept.power_cut()
            more = max(0, more - 1)
        nor.cut(1 << 30)
        if self.chance.random() < 0.2:
            self.read(bed)

    def stands(self, bed: Bed) -> None:
        """It waits for a human, whatever it is granted."""
        made, state = bed.drive.made, bed.pump.state
        for _ in range(self.chance.randrange(12)):
            bed.grant(3000)
            bed.step(25)
            assert not bed.drive.energised and bed.drive.made == made and bed.pump.state == state
        if state != codes.STANDBY:
            assert bed.offer()[0] == codes.FAULTED

    def read(self, bed: Bed) -> None:
        """What a human has read is settled for good, and the pump can be used again."""
        while bed.pump.state != codes.STANDBY:
            assert bed.pump.clear(bed.pump.reason) == (0, 0)
        bed.run(300)
        bed.words.power_cut()
        again = Bed(drive=bed.drive, words=bed.words, limits=self.limits, boot=10)
        assert again.pump.state == codes.STANDBY and not again.pump.was.unread
        again.run(300)
        again.infuse(programme=1234, vtbi=60_000, rate=3_000_000)


def sweep(life: Life, seed: int, budget: int, torn: int) -> int:
    """Cuts a played life at each of its operations, or at as many as the budget allows; returns how many cuts."""
    again = Again(seed, life.limits)
    model = NorFlash(life.nor.size // 4096, seed)
    step = max(1, len(life.log) * (2 + torn) // budget)
    cuts = 0
    for at, (op, truth, words) in enumerate(life.log):
        if (at + seed) % step == 0:
            for variant in range(2 + torn):
                nor = model.copy(seed * 1_000_003 + at * 31 + variant)
                nor.cut(0, (BEFORE, AFTER, TORN)[min(variant, 2)])
                with pytest.raises(PowerCut):
                    apply(nor, op)
                cuts += 1
                survive = words if variant < 2 and again.chance.random() < 0.3 else None
                more = again.chance.choice((0, 0, 1, 2)) if survive is None else 0
                try:
                    again.start(nor, truth, survive, more)
                except AssertionError as error:
                    raise AssertionError(f"seed {seed}, operation {at} of {len(life.log)} {op}, {truth}") from error
        apply(model, op)
    return cuts + again.cuts


ENDS = ("complete", "stop", "lapse", "fault", "astray")


def played(seed: int, sectors: int, most: int, ends: int, rates: tuple[int, ...], volumes: tuple[int, ...]) -> Life:
    life = Life(seed, sectors, most)
    life.run(8)
    for i in range(ends):
        how = ENDS[i % len(ENDS)]
        vtbi = life.chance.choice(volumes)
        life.infuse(vtbi, 1 if how == "complete" else life.chance.random(), life.chance.choice(rates))
        life.end(how)
    return life


@req("PWR-001")
@pytest.mark.timeout(3600)
def test_a_cut_at_any_operation_of_the_pump_never_resumes_and_tells_what_is_true(seed: int, soak: bool) -> None:
    cuts = 0
    rates = (3_000_000, 20_000_000)
    for turn in range(45 if soak else 2):
        life = played(seed + turn, 4, 1_000_000, 40 if soak else 25, rates, (200, 3_000, 60_000, 300_000, 900_000))
        assert sum(op[0] == "erase" for op, _, _ in life.log) > 4, "the ring must have come round"
        cuts += sweep(life, seed + turn, 5_000 if soak else 800, 2 if soak else 1)
    for turn in range(6 if soak else 1):
        life = played(seed + turn, 8, 9_000_000, 3, rates[1:], (9_000_000,))
        cuts += sweep(life, seed + turn, 4_000 if soak else 300, 2 if soak else 1)
    assert cuts >= (100_000 if soak else 2_000)
