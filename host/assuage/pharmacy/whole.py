"""Exact quantities as the board's whole nL and nL/min: the one place where anything that is dosed is rounded.

A volume is rounded once, half to even, so it is at most half a nanolitre off. Volumes that follow one another are
rounded as their running sum is, so that their total is no further off than one of them. A rate is at most half a nL/min
off; what an infusion gives in all is reckoned from its exact rate and time, so it is not off by that.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from typing import Final

from assuage.pharmacy.quantities import Flow, Quantity, Volume
from assuage.pharmacy.units import Ml, MlPerH

NL: Final = 1_000_000


@dataclass(frozen=True, slots=True)
class Rounded:
    """What the board gets for what was asked; for people to see."""

    name: str
    exact: Quantity
    whole: int

    @property
    def off(self) -> Fraction:
        """By how many nL or nL/min, at most 1; of volumes in a row, half for the sum and half for the one before."""
        return self.whole - (nl(self.exact) if isinstance(self.exact, Volume) else nl_per_min(self.exact))

    def __str__(self) -> str:
        unit = "nL" if isinstance(self.exact, Volume) else "nL/min"
        how = "exactly" if not self.off else f"{float(self.off):+.2f} {unit}"
        return f"{self.name} {self.exact} is {self.whole} {unit} on the board, {how}"


def nl(volume: Quantity) -> Fraction:
    """Exact nanolitres."""
    return volume.number("mL") * NL


def nl_per_min(flow: Quantity) -> Fraction:
    """Exact nL/min."""
    return flow.number("mL/min") * NL


def volume(name: str, exact: Volume) -> tuple[Ml, Rounded]:
    """As an order takes it, and what was rounded."""
    whole = round(nl(exact))
    return Ml.from_nl(whole), Rounded(name, exact, whole)


def rate(name: str, exact: Flow) -> tuple[MlPerH, Rounded]:
    """As an order takes it, and what was rounded."""
    whole = round(nl_per_min(exact))
    return MlPerH.from_nl_per_min(whole), Rounded(name, exact, whole)


def volumes(name: str, exact: Iterable[Volume]) -> list[tuple[Ml, Rounded]]:
    """Volumes that follow one another."""
    made, total, before = [], Fraction(0), 0
    for number, each in enumerate(exact, 1):
        total += nl(each)
        upto = round(total)
        made.append((Ml.from_nl(upto - before), Rounded(f"{name} {number}", each, upto - before)))
        before = upto
    return made
