"""The timing table that lamps and sounder are held against, and what of them it speaks of.

The bounds are second-hand, for nobody here has read IEC 60601-1-8: requirements/ALM.toml says from whom.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from assuage_rig.chips.pins import LED_RED, LED_YELLOW
from assuage_rig.edges import Pulse, gaps

Bounds = tuple[float | None, float | None]


@dataclass(frozen=True)
class Signal:
    """light: of which pin. hz: of its flashing, None for a steady one. pulses: in a burst. All else in s, or a share.

    spacing: between pulses, but for the gaps whose numbers (from 0) stand in `longer` and `middle`: the first are
    2x + pulse, the second within `pause`.
    """

    light: int
    other: int
    hz: Bounds | None
    duty: Bounds
    pulses: tuple[int, ...]
    pulse: Bounds
    spacing: Bounds
    between: Bounds
    longer: tuple[int, ...] = ()
    middle: tuple[int, ...] = ()
    pause: Bounds = (None, None)


TABLE = {
    "high": Signal(
        LED_RED, LED_YELLOW, (1.4, 2.8), (0.2, 0.6), (10,), (0.075, 0.2), (0.05, 0.125), (2.5, 15.0),
        longer=(2, 7), middle=(4,), pause=(0.35, 1.30),
    ),
    "medium": Signal(LED_YELLOW, LED_RED, (0.4, 0.8), (0.2, 0.6), (3,), (0.125, 0.25), (0.125, 0.25), (2.5, 30.0)),
    "low": Signal(LED_YELLOW, LED_RED, None, (1.0, 1.0), (1, 2), (0.125, 0.25), (0.125, 0.25), (15.0, None)),
}  # fmt: skip


def figures(signal: Signal, sound: list[list[Pulse]], light: list[Pulse]) -> Iterator[tuple[str, float, Bounds]]:
    """(what, value, bounds) of the least and the most of everything that the table speaks of, over whole bursts."""

    def both(what: str, values: list[float], bounds: Bounds) -> Iterator[tuple[str, float, Bounds]]:
        if values:
            yield f"{what}, least", min(values), bounds
            yield f"{what}, most", max(values), bounds

    apart = signal.longer + signal.middle
    plain = [gap for burst in sound for i, gap in enumerate(gaps(burst)) if i not in apart]
    yield from both("pulses in a burst", [float(len(b)) for b in sound], (min(signal.pulses), max(signal.pulses)))
    yield from both("pulse", [length for burst in sound for _, length in burst], signal.pulse)
    yield from both("spacing", plain, signal.spacing)
    for i in signal.longer:
        off = [gaps(burst)[i] - (2 * gaps(burst)[0] + burst[0][1]) for burst in sound if len(burst) > i + 1]
        yield from both(f"spacing {i + 1} to {i + 2} beyond 2x + pulse", off, (-1e-3, 1e-3))
    for i in signal.middle:
        yield from both(f"spacing {i + 1} to {i + 2}", [gaps(b)[i] for b in sound if len(b) > i + 1], signal.pause)
    yield from both("between bursts", [b[0][0] - sum(a[-1]) for a, b in pairwise(sound)], signal.between)
    if signal.hz:
        periods = [b[0] - a[0] for a, b in pairwise(light)]
        yield from both("light", [1 / period for period in periods], signal.hz)
        yield from both("light on", [on / period for (_, on), period in zip(light, periods, strict=False)], signal.duty)
