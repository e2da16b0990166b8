"""Accuracy of an infusion after IEC 60601-2-24, and the floor that physics puts under its figures.

    floor = Floor.of(syringe, mechanism, tubing, rate_nl_min)
    least, greatest = trumpet(volumes, rate_nl_min, 2)       # %, one point of a trumpet curve; see plant.balance
    limit = max(5.0, floor.percent(2))

The standard itself is known second hand here (facts of pumps' manuals): half-minute samples, a start-up period of two
hours, windows of 2, 5, 11, 19 and 31 minutes after it.

The floor knows nothing of firmware: a perfect drive that makes each microstep at its due time, on this screw, behind
this seal. Over a window it errs by at most
- a step: a window holds a whole number of them, and what the seal still carries of the last one;
- the screw's error between two places: 2 a |sin(pi x / lead)| over a travel of x;
- a slug: a plunger that is pushed more slowly than it can creep stands until the seal carries the stick force too, then
  slides at once. What the seal gathers meanwhile, its compliance times that force over the area, comes or does not.
All at their worst at once are the floor. The first two belong to the drive, the third to the syringe.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import expm1, pi, sin

from assuage_rig.plant.balance import flows
from assuage_rig.plant.line import Tubing
from assuage_rig.plant.mechanics import Mechanism, seal_of
from assuage_rig.plant.syringe import LEAD_NM, Syringe

START_UP_MIN = 120
"""The start-up period; trumpet curves begin after it."""

WINDOWS_MIN = (2, 5, 11, 19, 31)


def nl_min(ml_h: float) -> float:
    """mL/h in nL/min."""
    return ml_h * 1e6 / 60


@dataclass(frozen=True)
class Floor:
    """What a perfect drive may still be off at this rate, in nL and nL a turn; screw_nl is the error's amplitude."""

    rate_nl_min: float
    turn_nl: float
    step_nl: float
    screw_nl: float
    slug_nl: float

    @classmethod
    def of(cls, syringe: Syringe, mechanism: Mechanism, tubing: Tubing, rate_nl_min: float) -> "Floor":
        """Of what reaches the patient."""
        sticks = slowest_um_s(syringe, mechanism, tubing, rate_nl_min) <= mechanism.creep_um_s
        seal = seal_of(syringe, mechanism)
        return cls(
            rate_nl_min,
            LEAD_NM / 1000 * syringe.area_mm2,
            syringe.nl_per_step,
            mechanism.screw_error_um * syringe.area_mm2,
            seal.seal * (seal.restick - seal.kinetic) if sticks else 0.0,
        )

    @classmethod
    def of_shaft(cls, syringe: Syringe, rate_nl_min: float) -> "Floor":
        """Of the shaft's own turning: steps and nothing else."""
        return cls(rate_nl_min, LEAD_NM / 1000 * syringe.area_mm2, syringe.nl_per_step, 0.0, 0.0)

    def volume_nl(self, minutes: float) -> float:
        """Greatest error of the volume in a window."""
        screw = 2 * self.screw_nl * abs(sin(pi * self.rate_nl_min * minutes / self.turn_nl))
        return self.step_nl + screw + self.slug_nl

    def percent(self, minutes: float) -> float:
        """The same in % of what is due in it."""
        return 100 * self.volume_nl(minutes) / (self.rate_nl_min * minutes)

    def told(self, minutes: float) -> str:
        """What the floor is made of, for the reader of a report."""
        parts = {
            f"a step of {self.step_nl:.0f} nL": self.step_nl,
            f"a screw error of {self.screw_nl:.0f} nL": self.screw_nl,
            f"a stick-slip of {self.slug_nl:.0f} nL": self.slug_nl,
        }
        made_of = " and ".join(name for name, nl in parts.items() if nl)
        return f"floor {self.percent(minutes):.3g} %: {made_of} in {self.rate_nl_min * minutes / 1000:.4g} uL"


def slowest_um_s(syringe: Syringe, mechanism: Mechanism, tubing: Tubing, rate_nl_min: float) -> float:
    """Speed of the plunger right before a step, if it slid on between steps; below the creep it will not.

    A step comes at once and goes out through the line's resistance, e-fold in tau = R (C + S), where the seal (S) gives
    back what the pressure falls by; the plunger makes S / (C + S) of what flows.
    """
    seal = seal_of(syringe, mechanism)
    open_nl_pa = seal.barrel + tubing.compliance
    both = open_nl_pa + seal.seal
    nl_s = rate_nl_min / 60
    steps_tau = syringe.nl_per_step / nl_s / (tubing.resistance * both)
    ripple = steps_tau / expm1(min(steps_tau, 700.0))
    return nl_s / syringe.area_mm2 * ripple * seal.seal / both


def mean_error(volumes: Sequence[float], rate_nl_min: float, every_s: float) -> float:
    """Error of the mean flow between the first and the last sample, %. Raises ValueError for less than two."""
    if len(volumes) < 2:
        raise ValueError(f"{len(volumes)} samples have no mean flow")
    due = rate_nl_min * (len(volumes) - 1) * every_s / 60
    return 100 * (volumes[-1] - volumes[0] - due) / due


def steady_from_min(volumes: Sequence[float], rate_nl_min: float, within: float, every_s: float, of: int = 4) -> float:
    """Minutes from the first sample until the mean flow of `of` samples stays within that share of the rate.

    The number of all minutes when it never does.
    """
    found = flows(volumes, every_s)
    means = [sum(found[i : i + of]) / of for i in range(len(found) - of + 1)]
    wrong = [i for i, mean in enumerate(means) if abs(mean - rate_nl_min) > within * rate_nl_min]
    return (wrong[-1] + 1 if wrong else 0) * every_s / 60


def burst_nl(syringe: Syringe, mechanism: Mechanism) -> float:
    """What a rested plunger gives at once when it breaks away: the seal lets go what it holds beyond the friction."""
    seal = seal_of(syringe, mechanism)
    return seal.seal * (seal.breakaway - seal.kinetic)
