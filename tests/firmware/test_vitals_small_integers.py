"""30 bits are enough for the oximeter, whatever the counts: it is run with integers that refuse to be longer."""

from __future__ import annotations

import math
import random
from collections.abc import Iterator
from itertools import islice

import pytest

from tests.firmware.ppg_signal import Finger, Signal
from tests.firmware.small_integers import Small, small_array
from vitals import beats, pleth, saturation
from vitals.oximeter import Oximeter
from vitals.saturation import ratio_of_ratios, spo2_of

FULL = 0x3FFF7  # the largest count that is not saturated
CURVE = (110_000, -25_000, 0)
STEEPEST = (-500_000, 10_000, -60_000)  # as far as check_curve() goes


@pytest.fixture(autouse=True)
def _lists_of_small(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (beats, pleth, saturation):
        monkeypatch.setattr(module, "array", small_array)


def meter(curve: tuple[int, int, int] = CURVE) -> Oximeter:
    """An oximeter all of whose states are Small."""
    made = Oximeter(tuple(Small(c) for c in curve))
    for part in (made, made._pleth, made._red_split, made._ir_split, made._beats, made._saturation):
        for name, value in vars(part).items():
            if type(value) is int:
                setattr(part, name, Small(value))
    return made


def feed(meter: Oximeter, counts: Iterator[tuple[float, float]]) -> None:
    """Samples, with everything that an app asks for in between."""
    frame = [0] * 15
    for red, ir in counts:
        meter.sample(Small(min(max(round(red), 0), 0x3FFFF)), Small(min(max(round(ir), 0), 0x3FFFF)))
        while meter.pleth_ready():
            meter.fill_pleth(frame, 1, 2)


def test_the_numbers_of_this_test_do_refuse() -> None:
    with pytest.raises(AssertionError):
        Small(1 << 20) * 1024
    with pytest.raises(AssertionError):
        3_000_000 * small_array("i", [1000])[0]


def test_ordinary_fingers_at_both_ends_of_the_range() -> None:
    for finger in (
        Finger(bpm=180, spo2=70, perfusion=10, red=200_000, ir=240_000),
        Finger(bpm=40, spo2=100, perfusion=0.5, red=20_000, ir=20_000),
        Finger(bpm=40, spo2=70, perfusion=20, red=150_000, ir=220_000),
    ):
        made = meter()
        feed(made, islice(Signal(finger, 1), 1500))
        assert made.signal == 0, "numbers were shown"


WAVES = {
    "sine": lambda phase: math.sin(2 * math.pi * phase),
    "ramp": lambda phase: 4 * abs(phase - 0.5) - 1,
    "square": lambda phase: 1 if phase < 0.5 else -1,
}


def swings(hz: float, shape: str, size: float) -> Iterator[tuple[float, float]]:
    """A wave below the top of the range, over the part `size` of it; some of them jump, some pass as a pulse."""
    for n in range(1000):
        level = FULL * (1 - size / 2 + size / 2 * WAVES[shape](n / 100 * hz % 1))
        yield level, level


@pytest.mark.parametrize("shape", WAVES)
def test_swings_through_the_whole_range(shape: str) -> None:
    for hz in (0.1, 0.3, 0.5, 0.7, 1, 2, 5, 12.5):
        for size in (0.1, 0.12, 0.3, 0.6, 0.9):
            feed(meter(), swings(hz, shape, size))


def test_red_and_infrared_at_opposite_ends() -> None:
    for red, ir in ((FULL, 5_000), (5_000, FULL), (FULL, FULL), (5_000, 5_000)):
        dip = [1 - 0.05 * (math.sin(n / 13) + 1) for n in range(1500)]
        feed(meter(STEEPEST), iter([(red * d, ir * d) for d in dip]))


def test_random_levels_gaps_and_losses(seed: int, soak: bool) -> None:
    rng = random.Random(seed)
    made = meter(STEEPEST)
    for _ in range(1000 if soak else 60):
        low, high = sorted(rng.choice((0, 128, 4_000, 5_000, 20_000, 200_000, FULL)) for _ in range(2))
        slow = rng.choice((0.0, 0.9, 0.99))
        level = [float(high), float(high)]

        def counts(low=low, high=high, slow=slow, level=level) -> Iterator[tuple[float, float]]:
            for _ in range(rng.randrange(600)):
                for i in range(2):
                    level[i] = slow * level[i] + (1 - slow) * rng.uniform(low, high)
                yield level[0], level[1]

        feed(made, counts())
        rng.choice((made.lost, lambda: made.gap(Small(rng.randrange(1 << 29))), lambda: None))()


def test_the_ratio_and_the_curve_at_their_limits() -> None:
    ends = (0, 1, 4095, 16_384, (1 << 20) - 1, 1 << 25, (1 << 30) - 1)
    for red_ac in ends:
        for red_dc in ends[1:]:
            for ir_ac in ends:
                for ir_dc in ends[1:]:
                    r = ratio_of_ratios(*map(Small, (red_ac, red_dc, ir_ac, ir_dc)))
                    assert 0 <= r <= 4000
    for r in range(0, 4001, 50):
        for curve in (CURVE, STEEPEST, (500_000, 250_000, 0), (-500_000, -250_000, 0), (0, 0, 62_500), (0, 0, -62_500)):
            assert -1 <= spo2_of(tuple(map(Small, curve)), Small(r)) <= 1000
