"""Raw counts of an oximeter on a finger, for sweeps: made beat by beat in floating point, apart from firmware and rig.

A beat is a sum of Gaussians that starts with the beat and may run into the next; it cuts the light either linearly, so
that AC over DC is exact, or as Beer and Lambert have it. Sources of the shapes: Tang 2020 (two Gaussians over a beat's
phase, "excellent" and "acceptable"), and a three-Gaussian pulse of 70 /min with times in seconds.
"""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

Peaks = tuple[tuple[float, float, float], ...]

REST = 60 / 70


def _phase(*peaks: tuple[float, float, float]) -> Peaks:
    """Peaks given in radians from -pi to pi, in parts of a beat."""
    return tuple((a, (c + math.pi) / (2 * math.pi), s / (2 * math.pi)) for a, c, s in peaks)


SHAPES: dict[str, Peaks] = {
    "excellent": _phase((1.0, -1.5161, 0.6303), (0.1999, 0.8186, 1.0225)),
    "acceptable": _phase((0.7303, -1.5510, 0.7283), (0.5291, -0.2553, 1.2271)),
    "three": ((1.0, 0.16 / REST, 0.055 / REST), (0.35, 0.25 / REST, 0.045 / REST), (0.45, 0.40 / REST, 0.09 / REST)),
}
SECONDS_FIXED = "three in seconds"  # the same three, not stretched with the beat


@dataclass(frozen=True)
class Finger:
    """What is on the probe. perfusion: infrared AC peak to peak in % of DC; snr: of each channel's AC, dB, 0 for none.

    breathing: modulation of amplitude and of the baseline, parts of the pulse; sinus: rate modulation in /min;
    wander: parts of the pulse, peak to peak, which as tissue has the same size in both colours; wander_dc: the same in
    parts of the light. floor: deviation of the converter's own noise in counts. spread: of the intervals, as in
    fibrillation.
    """

    bpm: float = 72
    spo2: float = 97
    perfusion: float = 2
    shape: str = "excellent"
    red: float = 80_000
    ir: float = 100_000
    snr: float = 35
    breathing: float = 0.08
    breaths: float = 15
    sinus: float = 0
    wander: float = 0.10
    wander_dc: float = 0
    wander_hz: float = 0.1
    floor: float = 0
    spread: float = 0
    exponential: bool = False

    @property
    def ratio(self) -> float:
        """R by the emulated sensor's curve, 110 - 25 R."""
        return (110 - self.spo2) / 25


def _peaks(shape: str, beat: float) -> list[tuple[float, float, float]]:
    """Peaks as (height, seconds from the beat's start, deviation in seconds) for a beat of that length."""
    if shape == SECONDS_FIXED:
        return [(a, c * REST, s * REST) for a, c, s in SHAPES["three"]]
    return [(a, c * beat, s * beat) for a, c, s in SHAPES[shape]]


def _statistics(shape: str, beat: float) -> tuple[float, float, float]:
    """Mean, height and RMS of a train of such beats."""
    peaks = _peaks(shape, beat)
    wave = [
        sum(
            a * math.exp(-0.5 * ((i / 500 - turn) * beat - c) ** 2 / s**2) for a, c, s in peaks for turn in range(-3, 3)
        )
        for i in range(500)
    ]
    mean = sum(wave) / len(wave)
    return mean, max(wave) - min(wave), math.sqrt(sum((w - mean) ** 2 for w in wave) / len(wave))


@dataclass
class Signal:
    """Iterates over (red, ir). `finger` may be exchanged on the way, through a function of the time in seconds."""

    finger: Finger | Callable[[float], Finger]
    seed: int = 1
    time: float = 0
    _beats: list[tuple[float, float]] = field(default_factory=list)  # (start, length)

    def __iter__(self) -> Iterator[tuple[int, int]]:
        rng = random.Random(self.seed)
        breath, drift = rng.random() * 2 * math.pi, rng.random() * 2 * math.pi
        of = self.finger if callable(self.finger) else None
        finger = of(0) if of else self.finger
        assert isinstance(finger, Finger)
        start = -3.0 - rng.random() * 60 / finger.bpm
        known: dict[tuple[str, float], tuple[float, float, float]] = {}
        beats: list[tuple[float, list[tuple[float, float, float]]]] = []
        for n in range(1 << 30):
            self.time = t = n / 100
            if of:
                finger = of(t)
            key = (finger.shape, finger.bpm)
            if key not in known:
                known[key] = _statistics(finger.shape, 60 / finger.bpm)
            mean, height, rms = known[key]
            while start < t + 1:  # beats that may already be felt
                rate = finger.bpm + finger.sinus * math.sin(2 * math.pi * finger.breaths / 60 * start + breath)
                length = 60 / rate * min(1.7, max(0.6, rng.gauss(1, finger.spread)))
                beats.append((start, _peaks(finger.shape, length)))
                start += length
            while len(beats) > 3 and beats[2][0] < t - 3:
                del beats[0]
            wave = -mean
            for begin, peaks in beats:
                for a, c, s in peaks:
                    x = (t - begin - c) / s
                    if -6 < x < 6:
                        wave += a * math.exp(-0.5 * x * x)
            wave /= height
            breathing = math.sin(2 * math.pi * finger.breaths / 60 * t + breath)
            wave *= 1 + finger.breathing * breathing
            swing = math.sin(2 * math.pi * finger.wander_hz * t + drift) / 2
            tissue = finger.wander * swing + finger.breathing / 2 * breathing
            noise = rms / height * 10 ** (-finger.snr / 20) if finger.snr else 0
            part = finger.perfusion / 100
            counts = []
            for level, size in ((finger.red, part * finger.ratio), (finger.ir, part)):
                cut = size * (wave + rng.gauss(0, noise)) + part * tissue + finger.wander_dc * swing
                light = level * (math.exp(-cut) if finger.exponential else 1 - cut)
                if finger.floor:
                    light += rng.gauss(0, finger.floor)
                counts.append(max(0, min(0x3FFFF, round(light))))
            yield counts[0], counts[1]
