"""What a carbon dioxide sensor makes of an airway, for sweeps: the emulated airway, the line's lag, and noise."""

from __future__ import annotations

import random
from collections.abc import Iterator
from math import exp

from assuage_rig.clock import Clock
from assuage_rig.plant.airway import Airway
from assuage_wire.schema import SIGNALS
from vitals.capnogram import Capnogram

HZ = 50
NONE = -1.0


class Sampled:
    """Samples in ppm at 50 /s; `airway` may be changed on the way.

    cell_s: time constant of the measuring cell, 2.8 ml at 1 l/min. smooth: setting of the digital filter. noise: rms of
    one unfiltered sample, mmHg; step: ppm of the last digit.
    """

    def __init__(
        self, seed: int = 1, cell_s: float = 0.168, smooth: int = 4, noise: float = 0.4, **settings: float | bool
    ) -> None:
        self.airway = Airway(**settings)
        self.clock = Clock()
        self.airway.attach(self.clock, seed)
        self.noise = noise
        self._rng = random.Random(seed)
        self._mixed = 1 - exp(-1 / HZ / cell_s)
        self._pole = 1 / smooth
        self._cell = self._shown = 400.0
        self.step = 10

    def next(self) -> int:
        """One sample, 20 ms later."""
        self.clock.now_us += 1_000_000 // HZ
        self._cell += (self.airway.ppm(self.clock.now_us) - self._cell) * self._mixed
        raw = self._cell + self._rng.gauss(0, self.noise * 1e6 / 760)
        self._shown += (raw - self._shown) * self._pole
        return max(0, round(self._shown / self.step)) * self.step


Seen = tuple[float, str, float, float, float]


def watch(signal: Sampled, meter: Capnogram, seconds: float) -> Iterator[Seen]:
    """(time, signal, rate, EtCO2, FiCO2) twice a second; numbers are -1 where they are withheld."""
    for n in range(round(seconds * HZ)):
        meter.sample(signal.next())
        if n % 25 == 24:
            values = [NONE if v == 0xFFFF else v / 10 for v in (meter.resp, meter.etco2, meter.fico2)]
            yield signal.clock.now_us * 1e-6, SIGNALS[meter.signal], values[0], values[1], values[2]


def really(signal: Sampled) -> tuple[list[float], list[float]]:
    """When each expiration at the airway has ended, s, and how high its gas had risen, mmHg; whatever was sampled."""
    airway = signal.airway
    falls, tops, top = [], [], 0.0
    for us in range(0, signal.clock.now_us, 20_000):
        s = airway.settings_at(us)
        value = airway.exhaled(us)
        part = (value - s.fico2) / max(s.etco2 - s.fico2, 1)
        if part > 0.5:
            top = max(top, value)
        elif top and part < 0.4:
            falls.append(us * 1e-6)
            tops.append(top)
            top = 0.0
    return falls, tops
