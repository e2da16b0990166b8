"""Steady patients one after the other before one board, drawn from all that is promised, and what it told of each.

A patient of one moment has a saturation, a pulse, a breath, a temperature; an arm and its pressures stay for a whole
interval of the cuff, which measures in the first and longest of its stages.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from math import exp
from typing import Any

from assuage_rig.bench import Bench
from assuage_rig.inbed import one_heart, side_of
from assuage_rig.plant.arm import Tissue
from assuage_rig.vital import vitals_in
from assuage_rig.wirehost import WireHost

FIRST_CUFF_S, EVERY_S = 300.0, 300.0
"""As the board's data have it."""

_BEFORE_S = 15.0  # an arm is there before its cuff begins
_WAITING_S = (75.0, 70.0, 70.0, 70.0)
_STAGES_S = (120.0, 60.0, 60.0, 60.0)
_LOOK_S = 12.0  # at a stage's end
SLOW = 9.0
"""A respiration below needs a long stage to be known, /min."""

_PROBE_LAG_S = 6.0
_LOOK_BACK_S = 6.4  # what the oximeter's pulse rests on: breathing makes a true one of a window


@dataclass(frozen=True)
class Moment:
    """What is true for a stage, in the units of the wire's names."""

    spo2: float
    pulse: float
    resp: float
    etco2: float
    temperature: float
    perfusion: float

    def truth(self) -> dict[str, float]:
        """By the names of the wire's PARAMETERS."""
        return {
            "spo2": self.spo2, "pulse": self.pulse, "resp": self.resp, "resp-pleth": self.resp, "etco2": self.etco2,
            "temperature": self.temperature, "heart": self.pulse,
        }  # fmt: skip


@dataclass(frozen=True)
class Told:
    """One number of one moment: errors of all that was told as good while it was looked at, of so many tellings."""

    name: str
    moment: Moment
    true: float
    errors: tuple[float, ...]
    tellings: int

    @property
    def worst(self) -> float:
        """The greatest error. ValueError where nothing was shown."""
        return max(self.errors, key=abs)


@dataclass(frozen=True)
class Cuffed:
    """One determination: what is true, mmHg and /min, and what was told, or why nothing was."""

    true: dict[str, float]
    told: dict[str, float]
    signal: str


class Spread:
    """Draws values that lie evenly over a range, in an order that is chance's."""

    def __init__(self, rng: random.Random, low: float, high: float, count: int, ratio: bool = False) -> None:
        self._cells = [(i + rng.random()) / count for i in range(count)]
        rng.shuffle(self._cells)
        self._of: Callable[[float], float] = lambda x: low * (high / low) ** x if ratio else low + (high - low) * x

    def next(self) -> float:
        """One of them."""
        return self._of(self._cells.pop())


def moments(rng: random.Random, lengths: Sequence[float]) -> list[Moment]:
    """One for each stage of such lengths: a long one has the pulse that a cuff is promised for, and the slow breath."""
    count = len(lengths)
    spo2, pulse = Spread(rng, 70, 100, count), Spread(rng, 30, 220, count)
    rates, gases = Spread(rng, 4, 60, count, ratio=True), Spread(rng, 15, 70, count)
    skin, perfusion = Spread(rng, 33, 41, count), Spread(rng, 0.6, 8, count, ratio=True)
    breaths = sorted(rates.next() for _ in lengths)
    slow_first = sorted(range(count), key=lambda i: -lengths[i])
    resp = dict(zip(slow_first, breaths, strict=True))
    return [
        Moment(
            spo2.next(),
            rng.uniform(42, 155) if lengths[i] == max(lengths) else pulse.next(),
            resp[i] if lengths[i] > 60 else max(resp[i], SLOW),
            gases.next(), skin.next(), perfusion.next(),
        )
        for i in range(count)
    ]  # fmt: skip


def arm(rng: random.Random) -> tuple[tuple[float, float], Tissue]:
    """Pressures of 70/40 to 200/120 in an arm whose stiffness spreads by a quarter about a published pair, see Arm."""
    while True:
        diastolic = rng.uniform(40, 120)
        systolic = diastolic + rng.uniform(25, 90)
        if 70 <= systolic <= 200:
            break
    a, b = (value * exp(0.25 * max(-2.0, min(2.0, rng.gauss(0, 1)))) for value in (0.055, 0.045))
    return (systolic, diastolic), Tissue(a, b, rng.uniform(0.015, 0.06), rng.uniform(0.52, 0.72))


def sit(bench: Bench, seed: int, cuffs: int) -> tuple[list[Told], list[Cuffed]]:
    """So many determinations of the cuff long; the bench has just begun."""
    rng = random.Random(seed)
    lengths = [*_WAITING_S, *_STAGES_S * cuffs]
    side, host = side_of(bench), WireHost(bench)
    side.probe.set(lag_s=_PROBE_LAG_S)
    side.airway.set(variability=0.0)
    one_heart(bench)
    told: list[Told] = []
    cuffed: list[Cuffed] = []
    for n, (seconds, moment) in enumerate(zip(lengths, moments(rng, lengths), strict=True)):
        begins = n >= len(_WAITING_S) and not (n - len(_WAITING_S)) % len(_STAGES_S)
        if begins:
            side.pressures, tissue = arm(rng)
            side.arm.become(tissue)
            side.arm.breathing = rng.uniform(1, 4)
            beating = moment.pulse
        _be(bench, moment)
        told += _looked_at(host, moment, seconds)
        last = host.said[-1].at
        host.said = [said for said in host.said if said.at > last - 2]  # a long sitting says much
        if n >= len(_WAITING_S) and (n - len(_WAITING_S)) % len(_STAGES_S) == len(_STAGES_S) - 1:
            cuffed.append(_cuffed(host, beating))
    return told, cuffed


def _be(bench: Bench, moment: Moment) -> None:
    side = side_of(bench)
    bench.patient.set(spo2=moment.spo2, pulse_bpm=moment.pulse, resp_rate=moment.resp, perfusion=moment.perfusion)
    side.airway.set(rate=moment.resp, etco2=moment.etco2)
    side.heart.set(rate=moment.pulse)
    side.probe.set(skin=moment.temperature)


def _looked_at(host: WireHost, moment: Moment, seconds: float) -> Iterator[Told]:
    host.run(seconds - _LOOK_S)
    since = host.bench.now_us / 1e6
    host.run(_LOOK_S)
    heard = [(said.at, vitals_in(said.values)) for said in host.said if said.name == "Vitals" and said.at >= since]
    for name, true in moment.truth().items():
        good = [(at, v[name].value) for at, v in heard if v[name].quality == "good"]
        errors = tuple(
            value - (_pulse(host, at) if name == "pulse" else true) for at, value in good if value is not None
        )
        yield Told(name, moment, true, errors, len(heard))


def _pulse(host: WireHost, at_s: float) -> float:
    """Of the finger, over the time that a number rests on, /min."""
    bench: Any = host.bench
    beats = [bench.patient.beats(round(second * 1e6)) for second in (at_s - _LOOK_BACK_S, at_s)]
    return float(60 * (beats[1] - beats[0]) / _LOOK_BACK_S)


def _cuffed(host: WireHost, bpm: float) -> Cuffed:
    bench: Any = host.bench
    side = side_of(bench)
    systolic, diastolic = side.pressures
    true = {"systolic": systolic, "map": side.arm.mean(bench.now_us), "diastolic": diastolic, "pulse-cuff": bpm}
    vitals = {name: host.vital(name) for name in true}
    shown = {name: vital.value for name, vital in vitals.items() if vital.value is not None and vital.age_s < EVERY_S}
    return Cuffed(true, shown, vitals["map"].signal)
