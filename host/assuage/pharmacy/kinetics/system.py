"""A linear system of compartments, and what becomes of it in a time: exactly, whatever the time.

The state is in mg, but for the effect site, which has no mass of its own and is in mg/L. What has left the body is a
compartment like the others, so that nothing is ever lost and the sum of all masses is what was given.

exp(A h) is reckoned by uniformisation (Jensen 1953): with q the largest rate of leaving, A + q I has no negative entry,
so its series is a sum of positive terms and its squarings lose no digit to cancellation. Equal and nearly equal
eigenvalues, which break an eigen-decomposition, need no care here.
"""

from __future__ import annotations

import functools
import math
from dataclasses import dataclass, field
from typing import Final

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

_TERMS: Final = 18  # of the series at q h <= 1/2: the rest is below 1e-22


def exponential(rates: Floats, minutes: float) -> Floats:
    """exp(rates * minutes) for a matrix that has no negative entry off its diagonal.

    Relative error of each entry below about 1e-16 * q * minutes: 1e-12 after a week of the fastest model here.
    """
    fastest = max(float(-rates.diagonal().min()), 1e-12)
    halvings = max(0, math.ceil(math.log2(max(fastest * minutes, 1e-300))) + 1)
    part = minutes / 2.0**halvings
    shifted = (rates + np.eye(len(rates)) * fastest) * part
    total = term = np.eye(len(rates))
    for k in range(1, _TERMS):
        term = term @ shifted / k
        total = total + term
    total = total * math.exp(-fastest * part)
    for _ in range(halvings):
        total = total @ total
    return total


@dataclass(frozen=True, eq=False)
class System:
    """names: of the states; rates: 1/min, from column to row; volume: of the central compartment in L; central,
    effect, gone: which state is which (effect is None without an effect site). The states from `gone` on have no mass
    that is in the body."""

    names: tuple[str, ...]
    rates: Floats
    volume: float
    gone: int
    effect: int | None = None
    central: int = 0
    _kept: dict[float, tuple[Floats, Floats]] = field(default_factory=dict, repr=False)

    @property
    def size(self) -> int:
        """States."""
        return len(self.names)

    @property
    def empty(self) -> Floats:
        """The state in which nothing was ever given."""
        return np.zeros(self.size)

    def step(self, minutes: float) -> tuple[Floats, Floats]:
        """(keeps, gets): after so long the state is keeps @ state + gets @ input, input in mg/min to each state."""
        found = self._kept.get(minutes)
        if found is None:
            if len(self._kept) >= 512:
                self._kept.clear()
            n = self.size
            both = np.zeros((2 * n, 2 * n))
            both[:n, :n], both[:n, n:] = self.rates, np.eye(n)
            made = exponential(both, minutes)
            found = self._kept[minutes] = (made[:n, :n], made[:n, n:])
        return found

    def after(self, state: Floats, inputs: Floats, minutes: float) -> Floats:
        """The state so long after, with a constant input in mg/min to each state."""
        if minutes <= 0:
            return state
        keeps, gets = self.step(minutes)
        return np.asarray(keeps @ state + gets @ inputs)

    def plasma(self, state: Floats) -> float:
        """mg/L."""
        return float(state[self.central]) / self.volume

    def site(self, state: Floats) -> float | None:
        """Of the effect site, mg/L; None when there is none."""
        return None if self.effect is None else float(state[self.effect])

    def steady_rate(self, concentration: float) -> float:
        """mg/min that holds this concentration in plasma (mg/L) in the long run."""
        return concentration / float(self._per_rate)

    @functools.cached_property
    def _per_rate(self) -> float:
        inside = self.rates[: self.gone, : self.gone]
        unit = np.zeros(self.gone)
        unit[self.central] = 1.0
        return float(np.linalg.solve(-inside, unit)[self.central]) / self.volume


def mass(system: System, state: Floats) -> float:
    """mg in the body, at the places of absorption and gone, together."""
    return float(state[: system.gone + 1].sum())
