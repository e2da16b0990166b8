"""Scenes on the rig's patient: a finger at rest, something that disturbs it, rest again; chip and driver in between.

What is shown as good is held against the patient: saturation against what was set, the pulse against the beats that
there were in the last 6.4 s, which is how long the rate looks back.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from assuage_rig.chips.max30102 import ADDRESS
from assuage_rig.chips.max30102 import MAX30102 as Chip
from assuage_rig.clock import Clock
from assuage_rig.plant.patient import Patient
from assuage_wire.schema import NONE16
from drivers.max30102 import MAX30102
from vitals.oximeter import Oximeter

CURVE = (110_000, -25_000, 0)
POLL_MS = 100
BOUND = 2.0
"""Of saturation in % and of the pulse in /min."""

_BEFORE_S = (8.0, 14.0)
_DISTURBED_S = (3.0, 15.0)
_AFTER_S = 8.0
_LOOK_BACK_US = 6_400_000

Draw = Callable[[random.Random], dict[str, float]]


def _between(rng: random.Random, low: float, high: float) -> float:
    """Evenly on a logarithmic scale."""
    return float(low * (high / low) ** rng.random())


def _one(name: str, low: float, high: float) -> Draw:
    return lambda rng: {name: _between(rng, low, high)}


KINDS: dict[str, Draw] = {
    "none": lambda rng: {},
    "motion": _one("motion", 0.05, 20),
    "tremor": _one("tremor", 0.05, 20),
    "jerks": _one("jerks", 0.2, 20),
    "shaking": lambda rng: {"shaking": _between(rng, 0.05, 20), "shaking_rate": rng.uniform(30, 250)},
    "shaking near the pulse": lambda rng: {"shaking": _between(rng, 0.05, 20), "near": rng.uniform(-15, 15)},
    "half off": _one("half_off", 5, 95),
    "venous pulse": _one("venous", 5, 100),
    "doubled pulse": _one("notch", 10, 75),
    "steady light": _one("ambient", 10, 1000),
    "lamp of 50 Hz mains": lambda rng: {
        "ambient": _between(rng, 1, 180), "flicker": rng.uniform(5, 50), "flicker_hz": 100 + rng.uniform(-1, 1),
    },
    "lamp of 60 Hz mains": lambda rng: {
        "ambient": _between(rng, 1, 180), "flicker": rng.uniform(5, 50), "flicker_hz": 120 + rng.uniform(-1.2, 1.2),
    },
    "light at mains frequency": lambda rng: {
        "ambient": _between(rng, 1, 180), "flicker": rng.uniform(5, 50),
        "flicker_hz": rng.choice((50, 60)) * rng.uniform(0.99, 1.01),
    },
    "perfusion changes": lambda rng: {"perfusion": _between(rng, 0.1, 10)},
    "probe off": lambda rng: {"probe_on": 0},
}  # fmt: skip


@dataclass
class Tally:
    """Values shown as good, those of them beyond the bound, and the moments that could have shown one."""

    shown: int = 0
    wrong: int = 0
    moments: int = 0
    worst: list[str] = field(default_factory=list)

    def add(self, other: Tally) -> None:
        """Takes another one's counts too."""
        self.shown += other.shown
        self.wrong += other.wrong
        self.moments += other.moments
        self.worst += other.worst

    @property
    def right(self) -> float:
        """Share of what is shown as good that is within the bounds, %."""
        return 100 * (1 - self.wrong / self.shown) if self.shown else 100.0


class Bedside:
    """A patient with the probe on, and what the firmware makes of it. run() yields at each second."""

    def __init__(self, patient: Patient, seed: int) -> None:
        self.clock = Clock()
        self.patient = patient
        patient.attach(self.clock, seed)
        self.chip = Chip(self.clock, patient.light, seed, patient.ambient_light)
        self.meter = Oximeter(CURVE)
        self._driver = MAX30102(self)

    def readfrom_mem_into(self, _address: int, register: int, buffer: memoryview) -> None:
        """machine.I2C's."""
        assert _address == ADDRESS
        self.chip.write(bytes((register,)))
        buffer[:] = self.chip.read(len(buffer))

    def writeto_mem(self, _address: int, register: int, buffer: memoryview) -> None:
        """machine.I2C's."""
        self.chip.write(bytes((register, *buffer)))

    def run(self, seconds: float) -> Iterator[float]:
        """Lets time pass; yields ten times a second, after the poll."""
        driver, meter = self._driver, self.meter
        end_us = self.clock.now_us + round(seconds * 1e6)
        while self.clock.now_us < end_us:
            self.clock.now_us += POLL_MS * 1000
            n = driver.poll(self.clock.now_us // 1000)
            if driver.bright:
                meter.bright()
            if n:
                if driver.lost:
                    meter.gap(driver.lost)
                for i in range(n):
                    meter.sample(driver.red[i], driver.ir[i])
            yield self.clock.now_us * 1e-6

    @property
    def shown(self) -> bool:
        """Whether there are numbers."""
        assert (self.meter.spo2 == NONE16) == (self.meter.pulse == NONE16) == (self.meter.signal != 0)
        return bool(self.meter.spo2 != NONE16)

    @property
    def errors(self) -> tuple[float, float]:
        """Of saturation in %, and of the pulse in /min."""
        now = self.clock.now_us
        beats = self.patient.beats(now) - self.patient.beats(now - _LOOK_BACK_US)
        bpm = beats * 60e6 / _LOOK_BACK_US
        return self.meter.spo2 / 10 - self.patient.spo2, self.meter.pulse / 10 - bpm


def scene(kind: str, rng: random.Random) -> Tally:
    """One scene of that kind: a drawn finger, disturbed by a drawn strength; judged at every second, all through."""
    bpm = rng.choice((rng.uniform(30, 220), rng.uniform(50, 110)))
    patient = Patient(
        pulse_bpm=bpm, spo2=rng.uniform(70, 100), perfusion=_between(rng, 0.3, 8), resp_rate=rng.uniform(6, 30)
    )
    bed = Bedside(patient, rng.randrange(1 << 30))
    tally = Tally()
    what = dict(KINDS[kind](rng))
    if "near" in what:
        what["shaking_rate"] = max(20.0, bpm + what.pop("near"))
    lasts = rng.uniform(*_DISTURBED_S)
    usual = vars(patient.settings)
    back = {name: usual[name] for name in what}
    for seconds, change in ((rng.uniform(*_BEFORE_S), what), (lasts, back), (_AFTER_S, {})):
        for n, at in enumerate(bed.run(seconds)):
            if n % 10:
                continue
            tally.moments += 1
            if bed.shown:
                tally.shown += 1
                spo2, pulse = bed.errors
                if abs(spo2) > BOUND or abs(pulse) > BOUND:
                    tally.wrong += 1
                    finger = f"{bpm:.0f} /min {patient.spo2:.0f} % {patient.perfusion:.2f} %"
                    tally.worst.append(
                        f"{kind} {what} for {lasts:.1f} s, {finger}, {at:.1f} s: {spo2:+.1f} {pulse:+.1f}"
                    )
        if change:
            patient.set(**{name: bool(v) if name == "probe_on" else v for name, v in change.items()})
    return tally
