"""What is given and when: boluses, constant infusions and doses by other routes, of one substance.

Times count from one zero that the caller chooses; before it is negative.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from fractions import Fraction

from assuage.errors import BadInput
from assuage.pharmacy.kinetics.body import INTRAVENOUS
from assuage.pharmacy.quantities import DoseRate, Mass, Time
from assuage.pharmacy.substances import Substance

NOW = Time(Fraction(0), "min")


@dataclass(frozen=True, slots=True)
class Given:
    """A dose at once."""

    at: Time
    dose: Mass
    route: str = INTRAVENOUS


@dataclass(frozen=True, slots=True)
class Infusion:
    """A constant rate into the vein."""

    start: Time
    rate: DoseRate
    lasts: Time

    @property
    def end(self) -> Time:
        """When it is over."""
        return self.start + self.lasts


@dataclass(frozen=True, slots=True)
class Programme:
    """All that is given of a substance, in any order; infusions add where they overlap."""

    substance: Substance
    parts: tuple[Given | Infusion, ...] = ()

    @property
    def total(self) -> Mass:
        """Of all routes."""
        return sum((amount(part) for part in self.parts), Mass.of(0, "mg"))

    @property
    def end(self) -> Time:
        """When the last of it has been given; the zero when nothing is."""
        return max((ends(part) for part in self.parts), default=NOW)

    def until(self, time: Time) -> Programme:
        """What is given before this time alone."""
        kept: list[Given | Infusion] = []
        for part in self.parts:
            if isinstance(part, Given):
                kept += [part] if part.at < time else []
            elif part.start < time:
                kept.append(part if part.end <= time else replace(part, lasts=time - part.start))
        return Programme(self.substance, tuple(kept))

    def instead(self, time: Time, others: Iterable[Given | Infusion] = ()) -> Programme:
        """What if, from this time on, these were given in the place of what is planned; none: it is stopped.

        Raises BadInput for one that begins before.
        """
        after = tuple(others)
        if any((part.start if isinstance(part, Infusion) else part.at) < time for part in after):
            raise BadInput("from", f"What is given instead cannot begin before {time}, when the change is.")
        return Programme(self.substance, self.until(time).parts + after)


def amount(part: Given | Infusion) -> Mass:
    """All of it."""
    return part.rate * part.lasts if isinstance(part, Infusion) else part.dose


def ends(part: Given | Infusion) -> Time:
    """When it has been given."""
    return part.end if isinstance(part, Infusion) else part.at
