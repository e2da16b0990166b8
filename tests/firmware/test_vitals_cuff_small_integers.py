"""30 bits are enough for the cuff, whatever the pressures: it is run with integers that refuse to be longer."""

from __future__ import annotations

import random

import pytest

from tests.firmware.cuff_on_arm import Case, OnArm
from tests.firmware.small_integers import Small, small_array
from vitals import cuff_envelope, cuff_pulses
from vitals.cuff import Cuff
from vitals.cuff_cycle import BLEEDING
from vitals.cuff_kinds import KINDS
from vitals.cuff_pulses import ROOM

LOWEST, HIGHEST = -2_000 - 1_000, 33_000 + 1_000  # what the sensor's driver lets pass, and a zero


@pytest.fixture(autouse=True)
def _lists_of_small(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (cuff_pulses, cuff_envelope):
        monkeypatch.setattr(module, "array", small_array)


def made(kind: int = 0) -> Cuff:
    """A cuff all of whose states are Small."""
    cuff = Cuff(kind)
    record = cuff.record
    own = (cuff._rise, cuff._valve, cuff.limits, cuff._zero, cuff._target, cuff.times)
    for part in (cuff, record, record.pulses, record.envelope, record._judge, *own):
        for name, value in vars(part).items():
            if type(value) is int:
                setattr(part, name, Small(value))
    return cuff


def test_ordinary_determinations() -> None:
    for kind, case in ((0, Case(200, 120, 160)), (0, Case(70, 40, 40)), (1, Case(100, 60, 120))):
        on = OnArm(case)
        on.cuff = cuff = made(kind)
        sample = cuff.sample
        on.cuff.sample = lambda ticks, pressure, sample=sample: sample(Small(ticks), Small(pressure))  # type: ignore
        on.measure()
        assert on.signal == "ok"


def test_whatever_the_sensor_says_in_whichever_state_and_however_late(seed: int, soak: bool) -> None:
    rng = random.Random(seed)
    for _ in range(400 if soak else 40):
        cuff = made(rng.randrange(len(KINDS)))
        cuff.times.repeat(Small(60))
        ticks = rng.randrange(1 << 30)
        level = 0.0
        cuff.start()
        for _ in range(3000):
            ticks = (ticks + rng.choice((0, 1, 20, 20, 20, 20, 200, 70_000))) & 0x3FFFFFFF
            if rng.random() < 0.01:
                level = rng.choice((0, 0, 0, LOWEST, 5_000, 16_500, HIGHEST))
            if cuff.pump:
                level += 100
            pressure = min(max(int(level + rng.gauss(0, rng.choice((1, 50, 3_000)))), LOWEST), HIGHEST)
            if rng.random() < 0.02:
                cuff.nothing(Small(ticks))
            else:
                cuff.sample(Small(ticks), Small(pressure))


def test_the_longest_record_of_the_highest_pulses_is_worked_out() -> None:
    for apart in (0, 1, 15, -15):
        cuff = made()
        record = cuff.record
        record.start(Small(250), Small(57), Small(70))
        pulses = record.pulses
        for i in range(ROOM):
            pulses.pressures[i] = Small(3300 - apart * i)
            pulses.heights[i] = Small(4000 - 30 * abs(i - 100))
            pulses.intervals[i] = Small(3000)
        pulses.count = Small(ROOM)
        record.end()
        while not record.work():
            pass


def test_pulses_of_the_whole_range_while_it_bleeds() -> None:
    for period in (13, 40, 140):
        cuff = made()
        cuff.state = BLEEDING
        record = cuff.record
        record.start(Small(250), Small(57), Small(70))
        for n in range(5000):
            pressure = HIGHEST if n % period < period // 2 else LOWEST
            record.step(Small(pressure), Small(20))
            cuff._valve.step(Small(pressure), Small(20))
        record.end()
        while not record.work():
            pass
