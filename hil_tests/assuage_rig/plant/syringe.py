"""From the motor's steps to the plunger: lead screw, barrel, end of travel, and a motor that slips or stalls."""

from dataclasses import dataclass
from math import pi

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


class Shaft:
    """The lead screw: follows the energised drive's steps, less what the motor slips, up to the end of the barrel."""

    def __init__(self, drive: StepDrive, syringe: Syringe) -> None:
        self._drive = drive
        self._seen = drive.turned
        self._carry = 0  # in thousandths of a step
        self._steps = 0
        self._start = 0
        self.syringe = syringe
        self.faults = Faults(
            "motor",
            {
                "stall": Kind("the motor is driven but its shaft stands"),
                "slip": Kind("the shaft loses this share of its steps", {"percent": (10.0, 0.0, 100.0)}),
            },
            settle=self._follow,
        )

    def _follow(self) -> None:
        turned = self._drive.turned
        moved = turned - self._seen
        if not moved:
            return
        self._seen = turned
        active = self.faults.active
        if "stall" in active:
            return
        self._carry += moved * (1000 - round(float(active["slip"]["percent"]) * 10) if "slip" in active else 1000)
        whole = self._carry // 1000
        self._carry -= whole * 1000
        end = self._start + int(self.syringe.capacity_nl / self.syringe.nl_per_step)
        self._steps = min(self._steps + whole, end)

    @property
    def steps(self) -> int:
        """Where the shaft really is, in microsteps since the rig began."""
        self._follow()
        return self._steps

    @property
    def turns(self) -> float:
        """The same in turns."""
        return self.steps / STEPS_PER_REV

    @property
    def plunger_nl(self) -> float:
        """Volume that the plunger has displaced since this syringe was fitted, nL."""
        return (self.steps - self._start) * self.syringe.nl_per_step

    def fit(self, syringe: Syringe) -> None:
        """Another, full syringe is put in; displaced volume begins at 0 again."""
        self._follow()
        self.syringe = syringe
        self._start = self._steps

    def angle(self) -> int:
        """The magnet's angle in 1/256 counts of the encoder, not wrapped."""
        return self.steps * (4096 * 256) // STEPS_PER_REV
