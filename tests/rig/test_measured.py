"""What every sensor can suffer, once at the helper that all share and then at each chip's registers."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from assuage_rig.chips import as5600, max17048, max30102
from assuage_rig.chips.max17048 import MAX17048
from assuage_rig.chips.nau7802 import NAU7802
from assuage_rig.clock import Clock
from assuage_rig.faults import Faults, UnknownFault
from assuage_rig.measured import Measured, kinds


class Ramp:
    """A quantity that is 1000 and rises by 10 each second."""

    def __init__(self, seed: int = 1) -> None:
        self.clock = Clock()
        self.faults = Faults("ramp", kinds("units", 50.0, 10_000.0, opened=9_999.0, shorted=0.0))
        self.measured = Measured(self.faults, self.clock, self.true, seed, "ramp")

    @staticmethod
    def true(t_us: int) -> float:
        return 1000 + t_us / 1e5

    def at(self, seconds: float) -> float:
        self.clock.now_us = round(seconds * 1e6)
        return self.measured.at(self.clock.now_us)


@pytest.fixture
def ramp() -> Ramp:
    return Ramp()


def test_an_offset_is_added(ramp: Ramp) -> None:
    ramp.faults.make("offset", by=-70)
    assert ramp.at(2.0) == pytest.approx(1020 - 70)


def test_drift_grows_from_when_it_began(ramp: Ramp) -> None:
    ramp.at(10.0)
    ramp.faults.make("drifting", per_min=60)
    assert ramp.at(10.0) == pytest.approx(1100)
    assert ramp.at(40.0) == pytest.approx(1400 + 30)


def test_noise_has_the_size_it_was_told_no_mean_and_comes_from_the_seed(ramp: Ramp) -> None:
    def errors(ramp: Ramp) -> list[float]:
        ramp.faults.make("noisy", rms=25)
        return [ramp.at(i * 0.01) - ramp.true(ramp.clock.now_us) for i in range(4000)]

    seen = errors(ramp)
    assert abs(sum(seen) / 4000) < 2
    assert (sum(e * e for e in seen) / 4000) ** 0.5 == pytest.approx(25, rel=0.05)
    assert errors(Ramp()) == seen != errors(Ramp(2))


def test_what_is_stuck_stays_as_it_was_when_it_got_stuck_not_when_somebody_looked_next(ramp: Ramp) -> None:
    ramp.clock.now_us = 3_000_000
    ramp.faults.make("offset", by=5)
    ramp.faults.make("stuck")
    assert ramp.at(60.0) == ramp.at(61.0) == pytest.approx(1030 + 5)


def test_what_is_late_stands_for_that_long_and_then_follows_by_as_much(ramp: Ramp) -> None:
    ramp.clock.now_us = 5_000_000
    ramp.faults.make("late", ms=2000)
    assert ramp.at(5.5) == ramp.at(6.9) == pytest.approx(1050)
    for tick in range(700, 2000):
        seen = ramp.at(tick / 100)
    assert seen == pytest.approx(1000 + 10 * (19.99 - 2.0))


def test_a_broken_or_shorted_wire_hides_everything_else(ramp: Ramp) -> None:
    for kind in ("stuck", "offset", "noisy"):
        ramp.faults.make(kind)
    ramp.faults.make("open", reads=7)
    assert ramp.at(1.0) == 7
    ramp.faults.mend("open")
    ramp.faults.make("short")
    assert ramp.at(2.0) == 0


@pytest.mark.parametrize("kind", ["offset", "drifting", "noisy", "stuck", "late", "open", "short"])
def test_mending_leaves_the_truth_and_nothing_of_the_fault(ramp: Ramp, kind: str) -> None:
    ramp.faults.make(kind)
    for tick in range(50):
        ramp.at(tick)
    ramp.faults.mend(kind)
    assert ramp.at(50.0) == ramp.true(50_000_000)
    ramp.faults.make(kind)  # and a second time it begins anew
    if kind in ("drifting", "late", "stuck"):
        assert ramp.at(50.0) == ramp.true(50_000_000)


def test_a_sensor_whose_chip_has_its_own_kinds_of_broken_wires_does_not_know_these() -> None:
    assert not {"open", "short"} & set(kinds("units", 1.0, 2.0))
    with pytest.raises(UnknownFault, match="rms must be"):
        Faults("x", kinds("units", 1.0, 2.0)).make("noisy", rms=-1)


# -- at the chips' registers ----------------------------------------------------------------------------------------
class Shown:
    """A chip beside a healthy one of the same seed, both looked at again and again. `true`: what they measure, in the
    unit of the faults; `unit`: what one of that is in the register."""

    unit: float
    tolerance: float
    step_s = 0.02

    def __init__(self) -> None:
        self.clock = Clock()
        self.true = 0.0
        self.chips = [self.build(), self.build()]
        self.faults = self.chips[0].faults

    def build(self):  # type: ignore[no-untyped-def]
        raise NotImplementedError

    def value(self, chip) -> float:  # type: ignore[no-untyped-def]
        raise NotImplementedError

    def look(self, seconds: float = 0.0) -> tuple[float, float]:
        """Fault and truth after some time, in the unit of the faults."""
        for _ in range(max(1, round(seconds / self.step_s))):
            self.clock.now_us += round(self.step_s * 1e6)
            seen = [self.value(chip) for chip in self.chips]
        return seen[0] / self.unit, seen[1] / self.unit


class Angle(Shown):
    """AS5600: RAW_ANGLE in counts."""

    unit, tolerance = 1.0, 3.0

    def build(self) -> as5600.AS5600:
        return as5600.AS5600(self.clock, lambda: int(self.true * 256), 1)

    def value(self, chip: as5600.AS5600) -> float:
        chip.write(bytes((0x0C,)))
        return int.from_bytes(chip.read(2), "big")


class Force(Shown):
    """NAU7802: 24-bit code at gain 128 of a 3.3 V reference: 2**24 * 128 / 3.3e6 counts a microvolt."""

    unit, tolerance = 2**24 * 128 / 3.3e6, 2.0

    def build(self) -> NAU7802:
        self.clock.now_us = 0
        chip = NAU7802(self.clock, lambda t_us: self.true, 1)
        chip.write(bytes((0x00, 0x02)))
        self.clock.now_us += 1_000
        chip.write(bytes((0x00, 0x06, 0x07, 0x30)))
        chip.write(bytes((0x00, 0x16)))
        self.clock.now_us += 600_000
        return chip

    def value(self, chip: NAU7802) -> float:
        chip.write(bytes((0x12,)))
        return int.from_bytes(chip.read(3), "big", signed=True) - chip.zero


class Cell(Shown):
    """MAX17048: VCELL in steps of 78.125 uV, a new one every 250 ms."""

    unit, tolerance = 12.8, 0.2

    def build(self) -> MAX17048:
        self.true = 3_700.0
        return MAX17048(self.clock, lambda t_us: self.true, lambda t_us: 50.0, 1)

    def value(self, chip: MAX17048) -> float:
        chip.write(bytes((max17048.VCELL,)))
        return int.from_bytes(chip.read(2), "big")

    step_s = 0.25


class Light(Shown):
    """MAX30102: infrared of the newest sample at 4096 nA full scale, LED at 7.2 mA: 64 counts an nA."""

    unit, tolerance = 64.0, 2.0

    def build(self) -> max30102.MAX30102:
        chip = max30102.MAX30102(self.clock, lambda t_us: (self.true / 7.2, self.true / 7.2), 1)
        chip.write(bytes((0x08, 0x10, 0x03, 0x27, 0x00, 0x24, 0x24)))
        return chip

    def value(self, chip: max30102.MAX30102) -> float:
        chip.advance()
        last = chip.fifo._memory[(chip.fifo.wr - 1) & 31]
        return int.from_bytes(last[3:], "big")


SHOWN = [Angle, Force, Cell, Light]


@pytest.mark.parametrize("make", SHOWN)
def test_offset_drift_and_noise_reach_the_registers_at_their_size(make: Callable[[], Shown]) -> None:
    shown = make()
    shown.true += 500.0
    shown.look(0.5)
    shown.faults.make("offset", by=150)
    seen, true = shown.look()
    assert seen - true == pytest.approx(150, abs=2 * shown.tolerance)
    shown.faults.mend()
    shown.faults.make("drifting", per_min=600)
    seen, true = shown.look(10.0)
    assert seen - true == pytest.approx(100, abs=3 + 2 * shown.tolerance)
    shown.faults.mend()
    shown.faults.make("noisy", rms=40)
    errors = [seen - true for seen, true in (shown.look() for _ in range(400))]
    assert (sum(e * e for e in errors) / 400) ** 0.5 == pytest.approx(40, rel=0.2)
    shown.faults.mend()
    seen, true = shown.look(0.5)
    assert seen == true


@pytest.mark.parametrize("make", SHOWN)
def test_what_is_stuck_or_late_does_not_follow_and_what_is_mended_does(make: Callable[[], Shown]) -> None:
    shown = make()
    shown.true += 100.0
    _, before = shown.look(0.5)
    shown.faults.make("stuck")
    shown.true += 400.0
    seen, true = shown.look(0.5)
    assert seen == pytest.approx(before, abs=2 * shown.tolerance)
    assert true == pytest.approx(before + 400, abs=2 * shown.tolerance)
    shown.faults.mend()
    seen, true = shown.look(0.5)
    assert seen == true
    shown.faults.make("late", ms=2000)
    shown.true += 300.0
    seen, true = shown.look(1.7)
    assert true - seen == pytest.approx(300, abs=2 * shown.tolerance)
    seen, true = shown.look(1.0)
    assert seen == pytest.approx(true, abs=2 * shown.tolerance)
