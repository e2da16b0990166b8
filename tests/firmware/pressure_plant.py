"""A syringe, its drive and its line in floating point, to judge the pump's integers by.

A massless plunger with static and kinetic friction on a seal that is a spring, a barrel that widens, a line with a
resistance that ends somewhere at some height, and a force cell with noise and drift. mm, N, uL, kPa and s. Of the
firmware it takes only what is under test at the end of the chain, and the ranges that it assumes for a size.
"""

from __future__ import annotations

import math
import random
from dataclasses import dataclass, field

from pump.force import GOOD, Force
from pump.pressure import CLEAR, Pressure, size_of

KPA_PER_MMHG = 0.133322
COUNTS_PER_N = 42_950  # 2 mV/V at 100 N, 3.0 V, gain 128: 4 294 967 counts of 24 bits at full load
BORES = {10: 14.5, 20: 19.13, 50: 26.7}  # mm, of one make
RESISTANCE = {"cannula": 0.2, "thin": 1.0}  # mmHg per mL/h


@dataclass
class Plant:
    """compliance: uL/kPa as the drive sees it, 0.12 of it the barrel's own. ripple: static less kinetic friction, N."""

    bore: float
    compliance: float
    friction: float
    ripple: float = 0.0
    wavy: float = 0.0  # share by which the friction changes along the barrel, with a period of some 7 mm
    play: float = 0.0  # mm until the drive touches the plunger
    resistance: float = 0.2  # mmHg per mL/h
    level: float = 0.0  # kPa where the line ends
    occluded: bool = False
    pressure: float = 0.0
    out: float = 0.0  # uL that left the line
    force: float = 0.0
    _drive: float = 0.0
    _plunger: float = field(default=0.0)

    def __post_init__(self) -> None:
        self.area = math.pi / 4 * self.bore**2
        self.barrel = 0.12 * self.compliance
        self.spring = self.area**2 * 1e-3 / (self.compliance - self.barrel)
        self._plunger = self.play
        self._pa = self.resistance * KPA_PER_MMHG * 3.6  # kPa per uL/s

    def relaxed(self, force: float) -> None:
        """The seal is compressed by this force already, N."""
        self._drive = self._plunger + force / self.spring
        self.force = force

    def move(self, volume: float, seconds: float) -> None:
        """The drive goes so many uL (of the barrel's area) further, backwards when negative."""
        parts = max(1, math.ceil(abs(volume) / (0.5 * self.barrel)))
        if not self.occluded and abs(self.force - self.friction - self.level * self.area * 1e-3) > 1.5:
            parts = max(parts, math.ceil(10 * seconds))  # something is about to flow quickly, one way or the other
        for _ in range(parts):
            self._part(volume / parts, seconds / parts)

    def _part(self, volume: float, seconds: float) -> None:
        self._drive += volume / self.area
        along = 1 + self.wavy * math.sin(0.9 * self._plunger)
        kinetic = (self.friction - self.ripple) * along
        static = kinetic + self.ripple
        force = max(0.0, self.spring * (self._drive - self._plunger))
        load = self.pressure * self.area * 1e-3
        stiff = self.spring + self.area**2 * 1e-3 / self.barrel  # the fluid is a spring as well
        slide = 0.0
        if force - load > static:
            slide = (force - load - kinetic) / stiff
        elif force - load < -static:
            slide = (force - load + kinetic) / stiff
        self._plunger += slide
        self.pressure += slide * self.area / self.barrel
        if not self.occluded:
            kept = math.exp(-seconds / (self._pa * self.barrel))
            gone = (self.pressure - self.level) * (1 - kept)
            self.pressure -= gone
            self.out += gone * self.barrel
        self.force = max(0.0, self.spring * (self._drive - self._plunger))


class Cell:
    """The force cell and its converter: white noise (N), a zero that drifts (N), and the firmware's Force behind it."""

    def __init__(self, rng: random.Random, noise: float = 0.02) -> None:
        self.rng = rng
        self.noise = noise
        self.drift = 0.0
        self.force = Force(COUNTS_PER_N, 1, 110_000, 0)

    def measure(self, newtons: float, ms: int = 100) -> int:
        """mN, as firmware has it after one more reading."""
        self.force.wait(ms)
        self.force.read(round((newtons + self.drift + self.rng.gauss(0, self.noise)) * COUNTS_PER_N))
        assert self.force.quality == GOOD
        return int(self.force.mn)

    def settled(self, newtons: float) -> int:
        """mN after the half second that a caller waits, at 20 readings a second."""
        for _ in range(10):
            mn = self.measure(newtons, 50)
        return mn


class Run:
    """An infusion on a Plant, measured and looked at by a Pressure `hertz` times a second."""

    def __init__(self, plant: Plant, rate: float, level: int = 300, seed: int = 1, hertz: int = 1) -> None:
        self.plant = plant
        self.hertz = hertz
        self._readings = max(1, 4 // hertz)  # the converter is quicker than a slow look
        self.cell = Cell(random.Random(seed))
        self.pressure = Pressure()
        assert self.pressure.prepare(round(plant.bore * 1000), level)
        self.pressure.begin()
        self.rate = rate
        self.seconds = 0
        self._part = 0.0

    def second(self) -> int:
        """One more second at the rate (mL/h): the first that the detector says but CLEAR."""
        self.seconds += 1
        flow = round(self.rate * 1e6 / 60)
        volume = self.rate / 3.6 / self.hertz
        for _ in range(self.hertz):
            self.plant.move(volume, 1 / self.hertz)
            self._part += volume * 1000
            nl = int(self._part)
            self._part -= nl
            for _ in range(self._readings):
                mn = self.cell.measure(self.plant.force)
            why = int(self.pressure.look(1000 // self.hertz, mn, nl, flow))
            if why != CLEAR:
                return why
        return CLEAR

    def until_flow(self, limit: int = 20_000) -> None:
        """Until the friction is known and the line flows as it should."""
        start = self.seconds
        while not (self.pressure.learned and self.plant.out > 2 * self.rate / 60):
            assert self.second() == CLEAR
            assert self.seconds - start < limit, "never flows"

    def until_alarm(self, limit: int) -> tuple[int, int]:
        """(seconds until it says so, what it says), or (limit, CLEAR)."""
        for second in range(1, limit + 1):
            why = self.second()
            if why != CLEAR:
                return second, why
        return limit, CLEAR


def compliances(bore_mm: float) -> tuple[float, float]:
    """uL/kPa, least and most, as pump.pressure has it for this bore."""
    row = size_of(round(bore_mm * 1000))
    return row[1] / 1000, row[2] / 1000


def frictions(bore_mm: float) -> tuple[float, float, float]:
    """N: least, most, stick-slip."""
    row = size_of(round(bore_mm * 1000))
    return row[3] / 1000, row[4] / 1000, row[5] / 1000
