"""An emulated heart on an emulated front end, read as the board reads it, and what the rate should have been."""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from assuage_rig.chips.ad8232 import AD8232
from assuage_rig.clock import Clock
from assuage_rig.plant.heart import Heart as Plant
from assuage_wire.schema import NONE16, SIGNALS
from vitals.heart import Heart

LATE = tuple(0.06 * n for n in range(1, 16))
"""How long before now, s, a window of the reference may end: a beat is known 0.3 s late, an early one with its pause"""
BLOCK = 25


@dataclass
class Seen:
    """Of all determinations: errors of those shown as good and of those marked as irregular, /min.

    signals: how many seconds each; first: second of the first good number, 99 for none. trace: (second, signal, rate).
    """

    good: list[float] = field(default_factory=list)
    irregular: list[float] = field(default_factory=list)
    signals: Counter[str] = field(default_factory=Counter)
    first: int = 99
    trace: list[tuple[float, str, float]] = field(default_factory=list)

    def add(self, other: Seen) -> None:
        self.good += other.good
        self.irregular += other.irregular
        self.signals += other.signals

    def within(self, bound: float) -> float:
        """Percentage of the good ones that are within it; 100 of none."""
        return 100 * sum(error <= bound for error in self.good) / len(self.good) if self.good else 100.0

    @property
    def shown(self) -> float:
        """Percentage of the time in which the number is good."""
        return 100 * self.signals["ok"] / self.signals.total()


def truth(beats: Sequence[float], now_s: float, found: float, window_s: float = 8.0) -> float | None:
    """Mean rate of the last intervals, 16 at most, that ended in the last 8 s: what the number is meant to be.

    Of the windows that LATE allows, the one nearest to found.

    None where there is no interval.
    """
    rates = []
    for late in LATE:
        ended = [b - a for a, b in pairwise(beats) if now_s - late - window_s < b <= now_s - late][-16:]
        if ended:
            rates.append(60 * len(ended) / sum(ended))
    return min(rates, key=lambda rate: abs(rate - found), default=None)


def read(
    code: Callable[[int], int],
    clock: Clock,
    beats: Callable[[int], Sequence[float]],
    seconds: float,
    scored: Callable[[float], bool] = lambda t: True,
) -> Seen:
    """Samples at 250 /s from `code`, with its clock, and judges each determination by the beats up to then."""
    meter, seen = Heart(), Seen()
    buffer = array("H", [0] * BLOCK)
    count = 0
    for n in range(round(seconds * 10)):
        for i in range(BLOCK):
            clock.now_us += 4000
            buffer[i] = code(clock.now_us)
        meter.take(buffer, BLOCK)
        now = clock.now_us / 1e6
        signal = SIGNALS[meter.signal]
        rate = -1.0 if meter.heart == NONE16 else meter.heart / 10
        assert (rate >= 0) == (signal in ("ok", "irregular"))
        if n % 10 == 9 and scored(now):
            seen.signals[signal] += 1
            seen.trace.append((now, signal, rate))
        if meter.count == count:
            continue
        count = meter.count
        if signal == "ok":
            seen.first = min(seen.first, round(now))
        recent = [t for t in beats(clock.now_us) if t > now - 13]
        true = truth(recent, now, rate)
        if scored(now):
            error = 999.0 if true is None else abs(rate - true)
            (seen.good if signal == "ok" else seen.irregular).append(error)
    return seen


def watch(seed: int, seconds: float = 20, change: Callable[[Plant, float], None] | None = None, **heart: float) -> Seen:
    """A heart with these settings; change(plant, second) may alter them on the way."""
    clock = Clock()
    plant = Plant()
    plant.attach(clock, seed)
    plant.set(**heart)
    chip = AD8232(clock, plant.mv, seed)
    second = 0

    def code(t_us: int) -> int:
        nonlocal second
        if change and t_us >= second * 1_000_000:
            change(plant, second)
            second += 1
        return chip.code(t_us)

    return read(code, clock, plant.beats, seconds)
