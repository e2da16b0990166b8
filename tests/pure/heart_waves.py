"""Electrocardiograms for the plain tests of the heart rate: codes of a 12-bit converter, 250 a second.

A beat is a sum of Gaussians around its R wave: (height, seconds, deviation in seconds), at an interval of a second.
"""

import math
from array import array

from vitals_waves import Noise

MV = 1365  # codes
_QRS = ((-0.10, -0.028, 0.009), (1.0, 0.0, 0.011), (-0.20, 0.028, 0.011))
_P = (0.12, -0.16, 0.022)
_T = (0.28, 0.045)


class Chest:
    """next() is a code. bpm, mv (of R), t (of T over R), noise (codes) may be changed; 0 bpm is asystole.

    intervals: factors that the intervals have in turn. hum: codes, at hum_hz. spike: mV of a pacemaker's before each R.
    """

    def __init__(self, bpm=72, mv=1.0, t=0.25, noise=2, width=1.0, seed=1):
        self.bpm = bpm
        self.mv = mv
        self.t = t
        self.noise = noise
        self.width = width
        self.hum = 0
        self.hum_hz = 50
        self.spike = 0
        self.intervals = (1.0,)
        self.middle = 2048
        self._noise = Noise(seed)
        self._n = 0
        self._beats = []  # (time, interval)
        self._at = 0.4
        self._turn = 0

    def _draw(self, until):
        while self.bpm and self._at < until:
            interval = 60 / self.bpm * self.intervals[self._turn % len(self.intervals)]
            self._turn += 1
            self._beats.append((self._at, 60 / self.bpm))
            self._at += interval
        while len(self._beats) > 1 and self._beats[0][0] < until - 2:
            self._beats.pop(0)
        if not self.bpm:
            self._at = until + 0.3

    def next(self):
        t = self._n / 250
        self._n += 1
        self._draw(t + 0.4)
        mv = 0.0
        for at, interval in self._beats:
            dt = t - at
            if not -0.35 < dt < 0.7:
                continue
            root = math.sqrt(interval)
            for height, centre, deviation in _QRS:
                mv += _gauss(height, dt - centre * self.width, deviation * self.width)
            mv += _gauss(_P[0], dt - _P[1] * root, _P[2])
            mv += _gauss(self.t, dt - _T[0] * root, _T[1] * root)
            if self.spike and -0.038 < dt <= -0.030:  # two samples
                mv += self.spike / self.mv
        code = self.middle + mv * self.mv * MV + self.noise * self._noise.next()
        if self.hum:
            code += self.hum * math.sin(2 * math.pi * self.hum_hz * t)
        return max(0, min(4095, int(code + 0.5)))


def _gauss(height, dt, deviation):
    x = dt / deviation
    return height * math.exp(-0.5 * x * x) if -4 < x < 4 else 0.0


def watch(meter, chest, seconds):
    """Feeds seconds to a Heart, in blocks of 25; the (signal, number) after each of them."""
    buffer = array("H", [0] * 25)
    seen = []
    for n in range(int(seconds * 10)):
        for i in range(25):
            buffer[i] = chest.next()
        meter.take(buffer, 25)
        if n % 10 == 9:
            seen.append((meter.signal, meter.heart))
    return seen
