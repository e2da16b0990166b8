"""From the motor's steps to the lead screw, and the syringes it drives: a motor may slip, stall or run backwards.

The shaft ends where the barrel would: `plunger_nl` is the volume of an ideal drive, without play, seal and screw error.
What the patient gets is another matter, see infusion.py.
"""

from dataclasses import dataclass
from math import pi
from typing import Protocol

from assuage_rig.chips.stepdrive import StepDrive
from assuage_rig.faults import Faults, Kind

STEPS_PER_REV = 3200
"""Microsteps of one turn of the lead screw."""

LEAD_NM = 1_000_000
"""Travel of one turn, nm."""


@dataclass(frozen=True)
class Syringe:
    """A barrel: inner diameter in um, volume in nL."""

    bore_um: int
    capacity_nl: int

    @property
    def nl_per_step(self) -> float:
        """Volume of one microstep, nL: um of travel times um2 of area is 1e-6 nL."""
        return LEAD_NM / 1000 / STEPS_PER_REV * pi / 4 * self.bore_um**2 / 1e6

    @property
    def area_mm2(self) -> float:
        """Cross-section of the bore."""
        return pi / 4 * self.bore_um**2 / 1e6

    @property
    def outer_um(self) -> int:
        """Outer diameter of the barrel, which a pump feels with its clamp, um.

        An assumption: makers do not publish it. An open simulator's examples, not measured either, have walls of 1.0,
        1.2 and 1.45 mm at bores of 14.5, 19.1 and 26.6 mm, on which this straight line lies.
        """
        return self.bore_um + 2 * (460 + self.bore_um * 37 // 1000)


def _makes() -> dict[str, Syringe]:
    """Inner diameters in mm as in Harvard-style pump tables; makers revise them, so a real one is measured."""
    makes = {
        "BD": {1: 4.78, 3: 8.66, 5: 12.06, 10: 14.50, 20: 19.13, 30: 21.70, 50: 26.70},
        "Omnifix": {1: 4.69, 3: 9.65, 5: 12.50, 10: 15.90, 20: 20.00, 30: 22.50, 50: 29.20},
        "Terumo": {1: 4.70, 3: 9.00, 5: 13.00, 10: 15.80, 20: 20.10, 30: 23.10, 50: 29.70},
        "Monoject": {1: 4.67, 3: 8.86, 5: 12.65, 10: 15.72, 20: 20.12, 30: 23.67, 50: 26.64},
    }
    return {
        f"{make} {ml}": Syringe(round(mm * 1000), ml * 1_000_000)
        for make, sizes in makes.items()
        for ml, mm in sizes.items()
    }


SYRINGES = _makes()


class Follower(Protocol):
    """What the screw pushes. Positions in thousandths of a step since the rig began."""

    def moved(self, first_us: int, period_us: int, count: int, milli: int) -> None:
        """The shaft has made `count` moves of `milli` each, one every period_us."""

    def fitted(self, milli: int) -> None:
        """Another, full syringe is in, with the shaft there."""

    def reach(self, t_us: int, milli: int) -> int:
        """How far a shaft that is there at that time can surely turn before its load is too much for the motor."""


class Shaft:
    """The lead screw: follows the energised drive's steps, less what the motor slips, up to the end of the barrel."""

    def __init__(self, drive: StepDrive, syringe: Syringe) -> None:
        self._drive = drive
        drive.advance()
        drive.moved = self._turn
        self._milli = 0  # where it is, in thousandths of a step
        self._start = 0
        self._reach = 0  # how far the load surely lets it turn
        self.syringe = syringe
        self.follower: Follower | None = None
        self.faults = Faults(
            "motor",
            {
                "stall": Kind("the motor is driven but its shaft stands"),
                "slip": Kind("the shaft loses this share of its steps", {"percent": (10.0, 0.0, 100.0)}),
                "reversed": Kind("a phase of the motor is reversed: it turns the other way"),
            },
            settle=drive.advance,
        )

    def _turn(self, signed: int, first_us: int, period_us: int) -> None:
        active = self.faults.active
        if "stall" in active:
            return
        milli = 1000 - round(float(active["slip"]["percent"]) * 10) if "slip" in active else 1000
        if (signed < 0) != ("reversed" in active):
            milli = -milli
        count = abs(signed)
        if milli > 0:
            end = (self._start + int(self.syringe.capacity_nl / self.syringe.nl_per_step)) * 1000
            count = min(count, max(0, end - self._milli) // milli)
        if milli > 0 and self.follower is not None and self._milli + count * milli > self._reach:
            self._push(first_us, period_us, count, milli, self.follower)
        elif count and milli:
            self._move(first_us, period_us, count, milli)

    def _push(self, first_us: int, period_us: int, count: int, milli: int, load: Follower) -> None:
        """Forward into a load: a step that the motor cannot make is lost, and the shaft stands where it is."""
        made = 0
        while made < count:
            t_us = first_us + made * period_us
            free = (self._reach - self._milli) // milli
            if free < 1:
                self._reach = load.reach(t_us, self._milli)
                free = (self._reach - self._milli) // milli
            if free < 1:
                made += 1
                continue
            free = min(free, count - made)
            self._move(t_us, period_us, free, milli)
            made += free

    def _move(self, first_us: int, period_us: int, count: int, milli: int) -> None:
        self._milli += count * milli
        if self.follower is not None:
            self.follower.moved(first_us, period_us, count, milli)

    @property
    def steps(self) -> int:
        """Where the shaft really is, in microsteps since the rig began."""
        self._drive.advance()
        return self._milli // 1000

    @property
    def turns(self) -> float:
        """The same in turns."""
        return self.steps / STEPS_PER_REV

    @property
    def plunger_nl(self) -> float:
        """Volume that the plunger of an ideal drive has displaced since this syringe was fitted, nL."""
        return (self.steps - self._start) * self.syringe.nl_per_step

    def fit(self, syringe: Syringe) -> None:
        """Another, full syringe is put in; displaced volume begins at 0 again."""
        self._start = self.steps
        self._milli = self._reach = self._start * 1000
        self.syringe = syringe
        if self.follower is not None:
            self.follower.fitted(self._milli)

    def angle(self) -> int:
        """The magnet's angle in 1/256 counts of the encoder, not wrapped."""
        return self.steps * (4096 * 256) // STEPS_PER_REV
