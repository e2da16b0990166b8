"""30 bits are enough for the capnograph, whatever is sampled: it is run with integers that refuse to be longer."""

from __future__ import annotations

import random

import pytest

from assuage_wire.schema import NONE16
from tests.firmware.small_integers import Small, small_array
from vitals import breaths, frames
from vitals.capnogram import Capnogram


@pytest.fixture(autouse=True)
def _lists_of_small(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (breaths, frames):
        monkeypatch.setattr(module, "array", small_array)


def meter(period_us: int = 20_000, hz: int = 50) -> Capnogram:
    """A capnograph all of whose states are Small."""
    made = Capnogram(pressure=Small(8200), hz=Small(hz))
    made.period_us = period_us
    for part in (made, made.breaths, made._frames):
        for name, value in vars(part).items():
            if type(value) is int:
                setattr(part, name, Small(value))
    return made


@pytest.mark.parametrize("hz", [20, 50])
def test_swings_through_the_whole_range_and_slowest_breaths(hz: int) -> None:
    for period in (1, 3, 10, 50, 200, 700, 2500):
        made = meter(1_250_000 // hz, hz)
        for n in range(5000):
            made.sample(Small(9_999_900 if n // period % 2 else 0))
        made = meter(800_000 // hz, hz)
        for n in range(5000):
            made.sample(Small(180_000 if n // period % 2 else 0))


def test_random_levels_gaps_and_losses(seed: int, soak: bool) -> None:
    rng = random.Random(seed)
    made = meter()
    out = [0] * 15
    for _ in range(1000 if soak else 60):
        low, high = sorted(rng.choice((0, 400, 5_000, 50_000, 180_000, 9_999_900)) for _ in range(2))
        slow, level = rng.choice((0.0, 0.9, 0.99)), float(high)
        for _ in range(rng.randrange(900)):
            level = slow * level + (1 - slow) * rng.uniform(low, high)
            made.sample(Small(int(level)))
            while made.wave_ready():
                made.fill_wave(out, 0, 1)
        assert 0 <= made.resp <= 1500 or made.resp == NONE16
        assert 0 <= made.etco2 <= 1500 or made.etco2 == NONE16
        rng.choice((made.lost, made.flat, lambda: made.gap(Small(rng.randrange(1 << 20))), lambda: None))()
