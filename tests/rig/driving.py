"""A drive, a syringe and a line without a board: driven at a rate, as words that follow each other without a gap."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from assuage_rig.chips.stepdrive import StepDrive
from assuage_rig.clock import Clock
from assuage_rig.plant.infusion import Infusion
from assuage_rig.plant.line import Tubing
from assuage_rig.plant.mechanics import REALISTIC, Mechanism
from assuage_rig.plant.syringe import SYRINGES, Shaft

STRAIGHT = Mechanism(backlash_um=0.0, screw_error_um=0.0, stick_n=0.0)
"""A straight screw without play; what is left is seal and friction."""

LOOSE = Mechanism(backlash_um=0.0, screw_error_um=0.0, stick_n=0.0, friction=0.0)
"""The same without friction."""


def nl_s(ml_h: float) -> float:
    """mL/h in nL/s."""
    return ml_h * 1e6 / 3600


@dataclass
class Compliances:
    """nL/Pa, worked out here from the sizes: (area in mm2)2 over stiffness in N/mm is mm3/MPa, or 0.001 nL/Pa."""

    seal: float
    barrel: float
    line: float

    @property
    def all(self) -> float:
        """Of all that gives way to pressure."""
        return self.seal + self.barrel + self.line


class Driven:
    """One on the table."""

    def __init__(self, syringe: str = "BD 50", mechanism: Mechanism = REALISTIC, tubing: Tubing | None = None) -> None:
        self.clock = Clock()
        self.drive = StepDrive(self.clock)
        self.drive.enable(True)
        self.shaft = Shaft(self.drive, SYRINGES[syringe])
        self.infusion = Infusion(self.clock, self.shaft, mechanism, tubing)
        self.line = self.infusion.line.faults

    @property
    def step_nl(self) -> float:
        """Volume of a step."""
        return self.shaft.syringe.nl_per_step

    @property
    def seconds(self) -> float:
        """Rig time."""
        return self.clock.now_us / 1e6

    def wait(self, seconds: float) -> None:
        """Nothing is pushed; what is in the queue goes on."""
        self.clock.now_us += round(seconds * 1e6)

    def run(self, ml_h: float, seconds: float, look: Callable[[], object] | None = None, word_s: float = 1.0) -> None:
        """Forward or, with a negative rate, backward, in whole steps; the queue is empty before and after."""
        assert not self.drive.moving
        self.drive.set_forward(ml_h > 0)
        period_us = round(self.step_nl / nl_s(abs(ml_h)) * 1e6)
        left = max(1, round(seconds * 1e6 / period_us))
        count = max(1, round(word_s * 1e6 / period_us))
        end_us = self.clock.now_us + left * period_us
        while self.clock.now_us < end_us:
            while left and self.drive.room:
                now = min(count, left)
                self.drive.push(now, period_us)
                left -= now
            self.clock.now_us = min(end_us, self.clock.now_us + count * period_us)
            if look:
                look()

    def run_until(self, ml_h: float, done: Callable[[], bool], limit_s: float, step_s: float = 1.0) -> float:
        """Seconds until it is done, to a step."""
        began = self.seconds
        while not done():
            assert self.seconds - began < limit_s, "never done"
            self.run(ml_h, step_s)
        return self.seconds - began
