"""Sweeps: of all rates that are shown as good, 99 % are within 2 a minute, whatever spoils the electrocardiogram."""

from __future__ import annotations

import random
from collections.abc import Sequence

import pytest

from assuage_rig.plant.heart import Heart as Plant
from tests.firmware.ecg_signal import Seen, watch

RATES = (30, 35, 40, 50, 60, 72, 90, 110, 130, 150, 170, 180, 200, 220)
CLEAN: dict[str, Sequence[float]] = {
    "rate": RATES,
    "amplitude": (0.5, 0.7, 1.0, 1.4, -0.8),
    "t_ratio": (0.1, 0.25, 0.4, -0.3),
    "width": (0.8, 1.0, 1.6),
    "wander": (0.0, 0.3, 1.0),
    "muscle": (0.0, 0.02, 0.05),
    "hum": (0.0, 0.1, 0.5),
    "hum_hz": (50.0, 60.0),
}


def sweep(count: int, seed: int, seconds: float = 20, **instead: Sequence[float]) -> Seen:
    """Random picks from CLEAN, or from `instead`."""
    rng = random.Random(seed)
    choices = {**CLEAN, **instead}
    found = Seen()
    for _ in range(count):
        heart = {name: rng.choice(values) for name, values in choices.items()}
        one = watch(rng.randrange(1 << 30), seconds, **heart)
        assert not one.good or max(one.good) < 100 or one.within(2) > 50, heart
        found.add(one)
        found.first = one.first if found.first == 99 else max(found.first, one.first)
    return found


def test_every_rate_is_read_within_one_and_comes_within_nine_seconds(seed: int, soak: bool) -> None:
    for rate in range(30, 221, 1 if soak else 10):
        one = watch(seed + rate, 16, rate=rate)
        assert one.first <= 9 and max(one.good) <= 1, rate


def test_every_promised_heart_is_read_within_two(seed: int, soak: bool) -> None:
    found = sweep(1000 if soak else 30, seed)
    assert found.within(2) == 100 and found.shown > 60 and found.first <= 15


@pytest.mark.parametrize(
    ("instead", "least"),
    [
        pytest.param({"t_ratio": (0.7, 0.9, 1.2, -0.9)}, 40, id="tall T waves"),
        pytest.param({"width": (2.0, 2.5, 3.0), "rate": RATES[:-3]}, 40, id="wide complexes"),
        pytest.param({"muscle": (0.1, 0.2, 0.3, 0.5)}, 5, id="muscle noise"),
        pytest.param({"motion": (0.5, 1.0, 2.0, 4.0)}, 5, id="electrodes that are tugged at"),
        pytest.param({"paced": (3.0, 10.0, 40.0), "rate": RATES[2:9]}, 30, id="a pacemaker"),
        pytest.param({"variability": (0.03, 0.06, 0.10)}, 20, id="a rate that breathes"),
        # not below 50 /min, where 97 to 99 % are: after a doubt the first three even beats of 30 /min are told as 30.0,
        # while of the last 8 s, which hold a pause too, 27.6 is the mean; a fourth would come after the promised 9 s
        pytest.param({"ectopic": (0.05, 0.15, 0.3, 1.0), "rate": RATES[3:]}, 2, id="ectopic beats"),
        pytest.param({"fibrillation": (0.05, 0.1, 0.2, 0.3)}, 0, id="fibrillation"),
        pytest.param({"amplitude": (0.2, 0.3, 2.0, 3.0)}, 10, id="too small and too tall"),
        pytest.param({"hum": (1.0, 1.4)}, 10, id="much hum"),
    ],
)
def test_what_spoils_the_signal_withholds_the_number(
    instead: dict[str, Sequence[float]], least: float, seed: int, soak: bool
) -> None:
    found = sweep(400 if soak else 8, seed, 30, **instead)
    assert found.within(2) >= 99 and found.shown >= least


def test_without_a_heart_no_number_is_good(seed: int, soak: bool) -> None:
    spoilt = {"muscle": (0.0, 0.05, 0.1, 0.3, 0.6), "motion": (0.0, 0.5, 2.0), "hum": (0.0, 0.5, 1.0)}
    found = sweep(400 if soak else 12, seed, 30, **{**spoilt, "rate": (0.0,)})
    assert found.signals["ok"] == 0 and found.signals["no-pulse"] > 0


def test_a_rate_that_changes_is_followed_and_never_wrong(seed: int, soak: bool) -> None:
    rng = random.Random(seed)
    found = Seen()
    for _ in range(200 if soak else 8):
        rates = [rng.choice(RATES) for _ in range(4)]

        def change(plant: Plant, second: float, rates: list[float] = rates) -> None:
            if second % 12 == 0 and second < 48:
                plant.set(rate=rates[int(second) // 12])

        found.add(watch(rng.randrange(1 << 30), 48, change, rate=rates[0]))
    assert found.within(2) >= 99 and found.shown > 20


@pytest.mark.parametrize("slope", [-1.0, -0.3, 0.3, 1.0])
def test_a_rate_that_drifts_is_read_within_two(slope: float, seed: int) -> None:
    def change(plant: Plant, second: float) -> None:
        plant.set(rate=100 + slope * second)

    found = watch(seed, 50, change, rate=100)
    assert found.within(2) >= 99 and found.shown > 60


def test_bursts_of_everything_give_few_wrong_numbers_and_pass(seed: int, soak: bool) -> None:
    rng = random.Random(seed)
    found = Seen()
    for _ in range(200 if soak else 8):
        start, end = 10, 10 + rng.randrange(2, 8)
        kind, size = rng.choice([("motion", 4.0), ("muscle", 1.0), ("hum", 1.4), ("wander", 4.0)])

        def change(
            plant: Plant, second: float, start: int = start, end: int = end, kind: str = kind, size: float = size
        ) -> None:
            if second == start:
                plant.set(**{kind: size})
            elif second == end:
                plant.set(**{kind: 0.0})

        one = watch(rng.randrange(1 << 30), end + 14, change, rate=rng.choice(RATES))
        assert one.trace[-1][1] in ("ok", "irregular"), (kind, one.trace)
        found.add(one)
    assert found.within(2) >= 99
