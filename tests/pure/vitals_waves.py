"""Fingers on an oximeter for the plain tests of the vitals: counts of red and infrared, 100 a second.

Shapes of the pulse over one beat as (height, centre, width) of Gaussians, in parts of a beat: TWO after Tang 2020
("excellent"), THREE a resting pulse with a late systolic and a dicrotic wave.
"""

import math
from array import array

CURVE = (110_000, -25_000, 0)  # 110 - 25 R
TWO = ((1.0, 0.2587, 0.1003), (0.1999, 0.6303, 0.1627))
THREE = ((1.0, 0.187, 0.0642), (0.35, 0.292, 0.0525), (0.45, 0.467, 0.105))
_POINTS = 400
_tables = {}


def table(shape):
    """The pulse over one beat, upright, with mean 0 and height 1."""
    if shape not in _tables:
        wave = array("f", bytes(4 * _POINTS))
        for i in range(_POINTS):
            for height, centre, width in shape:
                for turn in (-1, 0, 1):
                    wave[i] += height * math.exp(-0.5 * ((i / _POINTS - centre + turn) / width) ** 2)
        mean = sum(wave) / _POINTS
        height = max(wave) - min(wave)
        for i in range(_POINTS):
            wave[i] = (wave[i] - mean) / height
        _tables[shape] = wave
    return _tables[shape]


class Noise:
    """Roughly Gaussian numbers of deviation 1, the same on every interpreter."""

    def __init__(self, seed=1):
        self._state = seed * 2654435761 & 0x7FFFFFFF

    def next(self):
        total = -4096
        for _ in range(4):
            self._state = (self._state * 1103515245 + 12345) & 0x7FFFFFFF
            total += self._state >> 20
        return total / 2364


class Finger:
    """next() sets red and ir. bpm, spo2, perfusion (infrared AC peak to peak in % of DC) and the levels may be changed.

    noise: deviation in counts, on each channel by itself. wander: of both levels, in % of them, at 0.1 Hz.
    """

    def __init__(self, bpm=72, spo2=97, perfusion=2.0, shape=TWO, levels=(80_000, 100_000), noise=0, wander=0, seed=1):
        self.bpm = bpm
        self.spo2 = spo2
        self.perfusion = perfusion
        self.levels = levels
        self.noise = noise
        self.wander = wander
        self.red = self.ir = 0
        self._table = table(shape)
        self._noise = Noise(seed)
        self._phase = self._noise.next() % 1
        self._samples = 0

    def next(self):
        pulse = self._table[int(self._phase * _POINTS)] * self.perfusion / 100
        self._phase = (self._phase + self.bpm / 6000) % 1
        drift = 1 + self.wander / 100 * math.sin(self._samples * 2 * math.pi * 0.1 / 100)
        self._samples += 1
        ratio = (110 - self.spo2) / 25
        red, ir = self.levels
        self.red = self._count(red * (drift - pulse * ratio))
        self.ir = self._count(ir * (drift - pulse))

    def _count(self, level):
        if self.noise:
            level += self.noise * self._noise.next()
        return max(0, min(0x3FFFF, int(level + 0.5)))


def watch(meter, finger, seconds):
    """Feeds `seconds` of a finger to an Oximeter."""
    for _ in range(int(seconds * 100)):
        finger.next()
        meter.sample(finger.red, finger.ir)
