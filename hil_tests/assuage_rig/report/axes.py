"""Where the ticks of an axis stand, and where a value stands between its ends."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

from assuage_rig.report.markup import number


@dataclass(frozen=True)
class Axis:
    """From lo to hi, drawn from `at` over `length` pixels; a vertical one has a negative length."""

    lo: float
    hi: float
    log: bool
    at: float
    length: float
    ticks: tuple[float, ...]

    def px(self, value: float) -> float:
        """Where a value stands."""
        lo, hi = self.lo, self.hi
        if self.log:
            lo, hi, value = math.log10(lo), math.log10(hi), math.log10(value)
        return self.at + (value - lo) / (hi - lo) * self.length

    def label(self, tick: float) -> str:
        """A tick in words, with as many places as the ticks differ in."""
        if self.log or not self.ticks[1:]:
            return number(tick)
        step = self.ticks[1] - self.ticks[0]
        if abs(tick) < step / 1000:
            return "0"
        if step < 1e-4 or max(abs(self.lo), abs(self.hi)) >= 1e6:
            return number(tick)
        places = max(0, -math.floor(math.log10(step) + 1e-9))
        return f"{tick:.{places}f}".replace("-", "\N{MINUS SIGN}")


def linear(values: Iterable[float], at: float, length: float, pad: float = 0.05, wanted: int = 6) -> Axis:
    """An axis over all values. pad: room at the ends, as a share; the ends do not need to be ticks."""
    lo, hi = _ends(values)
    if lo == hi:
        room = abs(lo) * 0.1 or 1.0
        lo, hi = lo - room, hi + room
    room = (hi - lo) * pad
    lo, hi = lo - (room if lo != 0 else 0), hi + (room if hi != 0 else 0)
    step = _step((hi - lo) / wanted)
    first, last = math.ceil(lo / step - 1e-9), math.floor(hi / step + 1e-9)
    return Axis(lo, hi, False, at, length, tuple(i * step for i in range(first, last + 1)))


def logarithmic(values: Iterable[float], at: float, length: float) -> Axis:
    """Decades, with 2 and 5 between them when there are few. Values must be positive."""
    lo, hi = _ends(v for v in values if v > 0)
    if lo == hi:
        lo, hi = lo / 2, hi * 2
    lo, hi = lo / 1.12, hi * 1.12
    decades = range(math.floor(math.log10(lo)), math.ceil(math.log10(hi)) + 1)
    between = (1, 2, 5) if len(decades) <= 4 else (1,)
    ticks = (m * 10.0**d for d in decades for m in between)
    return Axis(lo, hi, True, at, length, tuple(t for t in ticks if lo <= t <= hi))


def _ends(values: Iterable[float]) -> tuple[float, float]:
    found = [v for v in values if math.isfinite(v)]
    return (min(found), max(found)) if found else (1.0, 1.0)


def _step(rough: float) -> float:
    """The next larger of 1, 2 or 5 times a power of ten."""
    power = 10.0 ** math.floor(math.log10(rough))
    return next(m * power for m in (1, 2, 5, 10) if m * power >= rough * 0.999)
