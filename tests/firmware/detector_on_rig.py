"""The shipped detector of occlusions behind the bench's mechanics, without a board: what days of an infusion need.

Force and Pressure are firmware's own, on CPython, and see what they see on the board: a conversion each 50 ms with the
converter's noise, a look each 100 ms with the volume that the shaft has turned meanwhile and the programmed flow.
Plunger, screw, seal and line are the bench's. What a board adds (loop, bus, converter's registers) is left out.
"""

from __future__ import annotations

import math
import random

from assuage_rig.chips.stepdrive import StepDrive
from assuage_rig.clock import Clock
from assuage_rig.plant.infusion import Infusion
from assuage_rig.plant.mechanics import Mechanism
from assuage_rig.plant.syringe import SYRINGES, Shaft
from pump.force import GOOD, Force
from pump.pressure import CLEAR, Pressure

COUNTS_PER_N = 42_950
NOISE_N = 0.0025
"""The NAU7802's 150 nV at 80 conversions a second, of a cell that gives 60 nV per mN (chips/nau7802.py, circuit.py)."""
DRIFT_N = 0.2
"""Of the cell over a day."""

_CONVERSION_US = 50_000
_LOOK = 2  # conversions
_DAY_S = 86_400


class Watched:
    """An infusion that is looked at as on the board. noise: times the converter's."""

    def __init__(
        self, name: str, mechanism: Mechanism, rng: random.Random, level: int = 300, noise: float = 1.0
    ) -> None:
        self.clock = Clock()
        self.drive = StepDrive(self.clock)
        self.drive.enable(True)
        self.shaft = Shaft(self.drive, SYRINGES[name])
        self.infusion = Infusion(self.clock, self.shaft, mechanism)
        self.force = Force(COUNTS_PER_N, 1, 110_000, 0)
        self.pressure = Pressure()
        assert self.pressure.prepare(SYRINGES[name].bore_um, level)
        self._name = name
        self._gauss = rng.gauss
        self._noise = noise * NOISE_N * COUNTS_PER_N
        self._drift = DRIFT_N * COUNTS_PER_N
        self._due_us = 0.0  # of the next step
        self._period_us = 0.0
        self._flow = 0
        self._turned = 0
        self._conversion = 0

    def take_up(self) -> None:
        """Play and seal are taken up, quickly, until something flows; nobody looks."""
        self.set_rate(100)
        while self.infusion.patient_nl < 10_000:
            self._turn()
        self.drive.advance()
        self._turned = self.drive.consumed

    def refill(self) -> None:
        """A full syringe of the same kind is put in, and its play taken up; the detector begins anew."""
        flow = self._flow
        self.shaft.fit(SYRINGES[self._name])
        before = self.infusion.patient_nl
        self.set_rate(100)
        while self.infusion.patient_nl < before + 10_000:
            self._turn()
        self._turned = self.drive.consumed
        self.set_rate(flow * 60 / 1e6)
        self.pressure.begin()

    def set_rate(self, ml_h: float) -> None:
        """From now on."""
        self._flow = round(ml_h * 1e6 / 60)
        self._period_us = self.shaft.syringe.nl_per_step / self._flow * 60e6
        self._due_us = self.clock.now_us + self._period_us

    def second(self) -> int:
        """One more second: the first that the detector says but CLEAR."""
        clock, infusion, force, gauss = self.clock, self.infusion, self.force, self._gauss
        drift = self._drift * math.sin(clock.now_us / 1e6 / _DAY_S * 2 * math.pi)
        why = CLEAR
        for _ in range(1_000_000 // _CONVERSION_US):
            self._turn()
            force.wait(_CONVERSION_US // 1000)
            force.read(round(infusion.force_mn() * COUNTS_PER_N / 1000 + gauss(drift, self._noise)))
            self._conversion += 1
            if self._conversion % _LOOK == 0:
                why = why or self._look()
        return why

    def _look(self) -> int:
        assert self.force.quality == GOOD
        made = self.drive.consumed
        moved = round((made - self._turned) * self.shaft.syringe.nl_per_step)
        self._turned = made
        return int(self.pressure.look(_LOOK * _CONVERSION_US // 1000, self.force.mn, moved, self._flow))

    def _turn(self) -> None:
        """Time until the next conversion, with the steps that are due in it."""
        now = self.clock.now_us
        end = now + _CONVERSION_US
        due, period = self._due_us, self._period_us
        if due <= end:
            self.drive.push(1, max(1, round(due) - now))
            more = int((end - due) // period)
            if more:
                self.drive.push(more, int(period))
            self._due_us = due + (1 + more) * period
        self.clock.now_us = end
