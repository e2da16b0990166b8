"""Sweeps: what raw counts say is what the oximeter says, over all fingers that are promised, with margin.

Required: SpO2 within 2 over 70 to 100 %, pulse within 3 over 40 to 180 /min. Held here: 1 and 1.
"""

from __future__ import annotations

import math
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import pytest

from assuage_rig.requirements import req
from assuage_wire.schema import SIGNALS
from tests.firmware.ppg_signal import SECONDS_FIXED, Finger, Signal
from vitals.oximeter import Oximeter

CURVE = (110_000, -25_000, 0)
SECONDS = 20
PROMISED: dict[str, Sequence[object]] = {
    "bpm": (40, 50, 60, 72, 90, 110, 140, 180),
    "spo2": (70, 75, 80, 85, 90, 95, 97, 100),
    "perfusion": (0.5, 1, 2, 5, 10),
    "shape": ("excellent", "three", SECONDS_FIXED),
    "red": (20_000, 60_000, 200_000),
    "ir": (20_000, 100_000, 200_000),
    "snr": (30, 33, 36, 40),
    "wander_hz": (0.05, 0.1, 0.15),
    "breaths": (8, 15, 24),
}


@dataclass
class Found:
    """Errors of every number shown; first: second of the first one, 99 for none; withheld: seconds without after it."""

    spo2: list[float] = field(default_factory=list)
    pulse: list[float] = field(default_factory=list)
    perfusion: list[float] = field(default_factory=list)
    first: int = 99
    withheld: int = 0

    def add(self, other: Found) -> None:
        self.spo2 += other.spo2
        self.pulse += other.pulse
        self.perfusion += other.perfusion


def rms(errors: Sequence[float]) -> float:
    """Root of the mean square."""
    return math.sqrt(sum(e * e for e in errors) / len(errors))


def worst(errors: Sequence[float]) -> float:
    """Largest size."""
    return max(map(abs, errors))


def measure(finger: Finger, seed: int) -> Found:
    """Shows a fresh oximeter the finger and reads it once a second."""
    meter, found = Oximeter(CURVE), Found()
    for n, (red, ir) in enumerate(Signal(finger, seed)):
        if n == SECONDS * 100:
            break
        meter.sample(red, ir)
        if n % 100 != 99:
            continue
        if SIGNALS[meter.signal] == "ok":
            found.first = min(found.first, n // 100 + 1)
            found.spo2.append(meter.spo2 / 10 - finger.spo2)
            found.pulse.append(meter.pulse / 10 - finger.bpm)
            found.perfusion.append(meter.perfusion / 100 / finger.perfusion - 1)
        elif found.spo2:
            found.withheld += 1
    return found


def fingers(count: int, seed: int, **instead: Sequence[object]) -> Iterator[tuple[Finger, int]]:
    """Random picks from what is promised, or from `instead`, each with a seed for its noise."""
    rng = random.Random(seed)
    choices = {**PROMISED, **instead}
    for _ in range(count):
        yield Finger(**{name: rng.choice(values) for name, values in choices.items()}), rng.randrange(1 << 30)  # type: ignore[arg-type]


def sweep(count: int, seed: int, latest: int = 8, **instead: Sequence[object]) -> Found:
    """All errors together, after checking that each finger's numbers came by second `latest` and stayed."""
    found = Found()
    for finger, noise in fingers(count, seed, **instead):
        one = measure(finger, noise)
        assert one.first <= latest, finger
        assert one.withheld == 0, finger
        found.add(one)
    return found


@req("VIT-001")
def test_every_promised_finger_is_read_within_half_of_what_is_required(seed: int, soak: bool) -> None:
    found = sweep(2000 if soak else 100, seed)
    assert worst(found.spo2) <= 1 and rms(found.spo2) <= 0.1
    assert worst(found.pulse) <= 1 and rms(found.pulse) <= 0.15
    assert worst(found.perfusion) <= 0.3


@pytest.mark.parametrize(
    ("instead", "spo2", "pulse"),
    [
        pytest.param({"shape": ("acceptable",)}, 1, 1.5, id="a rounder pulse"),
        pytest.param({"bpm": (30, 35, 200, 220)}, 1, 1.5, id="slower and faster than required"),
        pytest.param({"snr": (20,)}, 1.5, 2, id="ten times the noise"),
        pytest.param({"snr": (0,), "floor": (3,)}, 1, 1.5, id="noise of the converter"),
        pytest.param({"exponential": (True,), "perfusion": (0.5, 1, 2, 5)}, 1, 1, id="light after Beer and Lambert"),
        pytest.param({"wander_dc": (0.02,), "perfusion": (2, 5, 10)}, 1, 1, id="the finger's pressure wanders"),
        pytest.param({"sinus": (3,)}, 1, 3, id="the rate breathes by 3 to each side"),
    ],
)
def test_beyond_the_promise_the_errors_stay_small(
    instead: dict[str, Sequence[object]], spo2: float, pulse: float, seed: int, soak: bool
) -> None:
    found = sweep(300 if soak else 15, seed, latest=11, **instead)
    assert worst(found.spo2) <= spo2
    assert worst(found.pulse) <= pulse


def test_the_vector_of_a_plain_sine(seed: int) -> None:
    """1.2 Hz, infrared 100 000, red 80 000, perfusion 2 %, R 0.5: SpO2 97.5, pulse 72, perfusion 2.00."""
    meter = Oximeter(CURVE)
    for n in range(1500):
        wave = math.sin(2 * math.pi * 1.2 * n / 100)
        meter.sample(round(80_000 * (1 - 0.005 * wave)), round(100_000 * (1 - 0.01 * wave)))
    assert abs(meter.spo2 - 975) <= 1
    assert abs(meter.pulse - 720) <= 2
    assert abs(meter.perfusion - 200) <= 4
