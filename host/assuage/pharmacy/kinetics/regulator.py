"""The rate for the next period that brings a concentration to its target and not beyond. Floats: mg, L, min.

Every concentration at a later time is a line in the rate of the next period, when nothing follows it: what there is
without it, plus the rate times what 1 mg/min would add. So the highest rate that never passes the target is the least
of (target - what there is) / (what 1 adds), over the times to come. In plasma those lie within the period, for what was
given acts at once; at the effect site they reach beyond the peak that is still to come, which is the condition of
Shafer and Gregg (J Pharmacokinet Biopharm 1992;20:147), who search for the time of that peak instead. Once the site is
within 1 % of the target, plasma is brought to it and both stay there.

A pump that cannot stand still without being stopped has a slowest rate: that goes on after the period, and is reckoned
with. Less than it is never asked for.
"""

from __future__ import annotations

from operator import le, mul
from typing import Final

import numpy as np

from assuage.pharmacy.kinetics.system import Floats, System

NEAR: Final = 0.99  # of the target: it counts as reached, and loading is over
_WITHIN: Final = (0.5, 1.0)  # of the period
_SHORT: Final = 1e-9  # of the target: below what is told apart
_MADE: Final = 256  # stretches of time whose matrices are kept
_LONGEST: Final = 240.0  # min of foresight


class Regulator:
    """Of one system with one period in min, for plasma or the effect site. States are lists, all but what is gone.
    least: the slowest rate, mg/min."""

    def __init__(self, system: System, period: float, effect: bool, least: float = 0.0) -> None:
        self.period, self.least = period, least
        self._system = system
        self._made: dict[float, tuple[Floats, Floats]] = {}
        self._kept = [n for n in range(system.size) if n != system.gone]
        self._site: int = len(self._kept) - 1 if effect else 0
        keeps, gets = self._of(period)
        self._keeps = [tuple(row) for row in keeps.tolist()]
        self._gets = tuple(gets.tolist())
        self._volume = system.volume
        self._lines: list[tuple[tuple[float, ...], float]] = [self._plasma_line(part * period) for part in _WITHIN]
        self._uniform = self._at_one()
        self._low: tuple[float, list[float]] = (0.0, [0.0] * len(self._kept))
        self._future: tuple[Floats, Floats, Floats] | None = self._ahead() if effect else None

    def every(self, period: float) -> Regulator:
        """The same with another period."""
        return Regulator(self._system, period, self._site > 0, self.least)

    def begin(self, state: Floats) -> list[float]:
        """A system's state as one of here."""
        return [float(state[n]) for n in self._kept]

    def level(self, state: list[float]) -> float:
        """What is regulated, in mg/L."""
        return state[self._site] if self._site else state[0] / self._volume

    def plasma(self, state: list[float]) -> float:
        """mg/L."""
        return state[0] / self._volume

    def after(self, state: list[float], rate: float) -> list[float]:
        """A period later, at this rate."""
        return [sum(map(mul, row, state)) + get * rate for row, get in zip(self._keeps, self._gets, strict=True)]

    def meanwhile(self, state: list[float], rate: float, minutes: float) -> list[float]:
        """So many minutes later, at this rate."""
        if minutes == self.period:
            return self.after(state, rate)
        keeps, gets = self._of(minutes)
        return [float(one) for one in keeps @ np.array(state) + gets * rate]

    def rate(self, state: list[float], target: float) -> float:
        """The highest that does not pass the target, in mg/min; never below the slowest."""
        return max(self.least, self._highest(state, target))

    def _highest(self, state: list[float], target: float) -> float:
        if self._future is None:
            return self._to_plasma(state, target)
        if self.level(state) < NEAR * target:
            return self._to_site(state, target)
        rate = self._to_plasma(state, target)
        # Where nothing in the body is above the target and plasma stays at it, nothing can come above it anywhere.
        if target != self._low[0]:
            self._low = (target, [target * one for one in self._uniform])
        return rate if all(map(le, state, self._low[1])) else min(rate, self._to_site(state, target))

    def _to_plasma(self, state: list[float], target: float) -> float:
        lines = self._lines
        if state[0] > target * self._volume * (1 + _SHORT):
            lines = lines[-1:]  # it comes down; where it is to be at the end of the period is all that can be asked
        lowest = min([(target - sum(map(mul, row, state))) / adds for row, adds in lines])
        return lowest if lowest > 0.0 else 0.0

    def _to_site(self, state: list[float], target: float) -> float:
        assert self._future is not None
        rows, adds, slow = self._future
        return max(0.0, float(((target - slow - rows @ state) / adds).min()))

    def _of(self, minutes: float) -> tuple[Floats, Floats]:
        found = self._made.get(minutes)
        if found is None:
            if len(self._made) >= _MADE:
                self._made.clear()
            keeps, gets = self._system.step(minutes)
            found = keeps[np.ix_(self._kept, self._kept)], gets[self._kept, self._system.central]
            self._made[minutes] = found
        return found

    def _plasma_line(self, minutes: float) -> tuple[tuple[float, ...], float]:
        keeps, gets = self._of(minutes)
        return tuple((keeps[0] / self._volume).tolist()), float(gets[0]) / self._volume

    def _at_one(self) -> list[float]:
        """mg in each compartment when there is 1 mg/L everywhere; where drug waits to be absorbed, none."""
        rates = self._system.rates
        out = [1.0 if n == self._system.effect else 0.0 for n in self._kept]
        out[0] = self._volume
        for place, n in enumerate(self._kept):
            if n and n != self._system.effect and rates[n, 0] > 0:
                out[place] = self._volume * float(rates[n, 0] / rates[0, n])
        return [one * (1 + _SHORT) for one in out]

    def _ahead(self) -> tuple[Floats, Floats, Floats]:
        """Of the effect site at times to come: what each state will be there, what 1 mg/min of the period adds, and
        what the slowest rate adds after it."""
        keeps, gets = self._of(self.period)
        within = [self._of(part * self.period) for part in _WITHIN]
        peak, beat = self._peak(gets), self.period / 2
        fine = np.arange(1, 61) * max(3 * peak, beat) / 60
        later = np.geomspace(fine[-1] * 1.1, max(_LONGEST, fine[-1] * 2), 24)
        rows, adds = [k[self._site] for k, _ in within], [float(g[self._site]) for _, g in within]
        slow = [0.0 for _ in within]
        for minutes in (*fine, *later):
            stays, comes = self._of(float(minutes))
            on = stays[self._site]
            rows.append(on @ keeps)
            adds.append(float(on @ gets))
            slow.append(self.least * float(comes[self._site]))
        return np.array(rows), np.array(adds), np.array(slow)

    def _peak(self, gets: Floats) -> float:
        """min after the period until what it has given is highest at the site."""
        grid = np.geomspace(0.05, 60.0, 40)
        values = [float(self._of(float(t))[0][self._site] @ gets) for t in grid]
        return float(grid[int(np.argmax(values))])
