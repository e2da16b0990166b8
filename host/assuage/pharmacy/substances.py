"""Whose milligrams they are: a quantity of one substance, which never meets that of another unasked.

Racemic ketamine and S-ketamine are two substances: the same milligrams of the second do about twice as much. So a dose
of one neither adds to nor compares with a dose of the other, and is not drawn from a syringe of it. `convert` is the
only way across; it wants a factor with its source, a reason and a name, and gives a record of all that for the log.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any, Final, Generic, TypeVar

from assuage.errors import AssuageError, BadInput, Reason
from assuage.pharmacy.quantities import Concentration, DoseRate, Mass, Quantity

Q = TypeVar("Q", bound=Quantity)


@dataclass(frozen=True, slots=True)
class Substance:
    """key: its name in libraries and records; name: as it is shown."""

    key: str
    name: str = field(compare=False)

    def __str__(self) -> str:
        return self.name


KETAMINE: Final = Substance("ketamine", "ketamine (racemic)")
ESKETAMINE: Final = Substance("esketamine", "S-ketamine (esketamine)")


class WrongSubstance(AssuageError, TypeError):
    """Quantities of two substances were to be reckoned as if they were one."""

    def __init__(self, one: Substance, other: Substance) -> None:
        super().__init__(
            Reason.REFUSED,
            f"One is {one}, the other {other}: milligrams of the two are not the same; convert explicitly, or take the "
            f"right one.",
        )


@dataclass(frozen=True)
class Of(Generic[Q]):
    """So much of a substance. Sums, differences, comparisons and quotients are of the same substance, or refused with
    WrongSubstance."""

    substance: Substance
    amount: Q

    def __str__(self) -> str:
        return f"{self.amount} {self.substance}"

    def __add__(self, other: Of[Q]) -> Of[Q]:
        return Of(self.substance, self.amount + self._same(other))

    def __sub__(self, other: Of[Q]) -> Of[Q]:
        return Of(self.substance, self.amount - self._same(other))

    def __lt__(self, other: Of[Q]) -> bool:
        return bool(self.amount < self._same(other))

    def __le__(self, other: Of[Q]) -> bool:
        return bool(self.amount <= self._same(other))

    def __gt__(self, other: Of[Q]) -> bool:
        return bool(self.amount > self._same(other))

    def __ge__(self, other: Of[Q]) -> bool:
        return bool(self.amount >= self._same(other))

    def __mul__(self, other: Any) -> Any:
        """By a number, a weight, a time, a volume: of the same substance."""
        return Of(self.substance, self.amount * other)

    def __truediv__(self, other: Any) -> Any:
        """By another of the substance: what is left has none (dose / solution is a volume). By anything else: of it."""
        if isinstance(other, Of):
            return self.amount / self._same(other)
        return Of(self.substance, self.amount / other)

    def _same(self, other: Of[Any]) -> Any:
        if not isinstance(other, Of):
            raise TypeError(f"{other!r} is of no substance")
        if other.substance != self.substance:
            raise WrongSubstance(self.substance, other.substance)
        return other.amount


Dose = Of[Mass]
Solution = Of[Concentration]
Rate = Of[DoseRate]


@dataclass(frozen=True, slots=True)
class Equivalence:
    """How many mg of `to` do what 1 mg of `of` does, with where that is said."""

    of: Substance
    to: Substance
    factor: Fraction
    source: str
    verified: bool = False

    def inverse(self) -> Equivalence:
        """The same, read the other way."""
        return Equivalence(self.to, self.of, 1 / self.factor, self.source, self.verified)


@dataclass(frozen=True, slots=True)
class Conversion:
    """That a dose was converted, for the record."""

    given: Dose
    taken_as: Dose
    equivalence: Equivalence
    reason: str
    by: str

    def __str__(self) -> str:
        return f"{self.given} was taken as {self.taken_as} by {self.by}: {self.reason} ({self.equivalence.source})"


def convert(dose: Dose, to: Substance, factor: Equivalence, reason: str, by: str) -> tuple[Dose, Conversion]:
    """The dose of another substance that does about the same, and the record of it, which the caller logs.

    factor: of these two, in either direction. Raises BadInput without a reason or a name, WrongSubstance for a factor
    of other substances.
    """
    if not reason.strip():
        raise BadInput("reason", "Say why this dose is converted to another substance.")
    if not by.strip():
        raise BadInput("by", "Say who converts this dose to another substance.")
    if factor.of != dose.substance:
        factor = factor.inverse()
    if factor.of != dose.substance:
        raise WrongSubstance(dose.substance, factor.of)
    if factor.to != to:
        raise WrongSubstance(to, factor.to)
    made = Dose(to, dose.amount * factor.factor)
    return made, Conversion(dose, made, factor, reason.strip(), by.strip())
