"""Plots of a shift as SVG text to be put into a page: no script, no file from elsewhere, black enough for a printer."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import tzinfo
from typing import Final

from markupsafe import Markup, escape

from assuage.record.reading import local

WIDE, LEFT, RIGHT, TOP, BOTTOM = 720, 46, 18, 18, 16
GAP_MS: Final = 180_000  # three minutes without a number: no line is drawn across
STEPS_MS: Final = tuple(minutes * 60_000 for minutes in (1, 5, 15, 30, 60, 120, 240, 720, 1440))
DAY_MS: Final = STEPS_MS[-1]
TICKS: Final = 12
ROUND: Final = (1.0, 1.2, 1.6, 2.0, 2.4, 3.0, 4.0, 5.0, 6.0, 8.0, 10.0)  # spans whose half is read easily
INK: Final = ("#0b3d5c", "#b03a2e", "#3f6b2b")

Point = tuple[int, float]


@dataclass(frozen=True, slots=True)
class Panel:
    """One plot. lines: points by name. band: lowest and highest. low, high: of the axis at least. steps: a value holds
    until the next, the last until the time `until` (Unix ms; None: the end); dots: no line at all. marks: times to be
    seen, with a letter each."""

    title: str
    unit: str
    lines: Mapping[str, Sequence[Point]] = field(default_factory=dict)
    band: Sequence[tuple[int, float, float]] = ()
    low: float = 0.0
    high: float = 1.0
    steps: bool = False
    until: int | None = None
    dots: bool = False
    marks: Sequence[tuple[int, str]] = ()
    height: int = 96

    @property
    def empty(self) -> bool:
        """Nothing is to be seen in it."""
        return not self.band and not any(self.lines.values())


def svg(panel: Panel, start: int, end: int, zone: tzinfo | None = None) -> Markup:
    """A panel from start to end, Unix ms."""
    values = [v for points in panel.lines.values() for _, v in points]
    values += [v for _, *both in panel.band for v in both]
    low, high = axis(panel, values)
    span = max(1, end - start)
    tall = panel.height - TOP - BOTTOM

    def x(at: int) -> float:
        return round(LEFT + (at - start) / span * (WIDE - LEFT - RIGHT), 1)

    def y(value: float) -> float:
        return round(TOP + (high - value) / (high - low) * tall, 1)

    names = list(panel.lines)
    legend = " ".join(f'<tspan fill="{INK[i % len(INK)]}">{escape(name)}</tspan>' for i, name in enumerate(names))
    drawn = [
        f'<svg viewBox="0 0 {WIDE} {panel.height}" role="img" class="plot"><title>{escape(panel.title)}</title>',
        f'<text x="{LEFT}" y="12" class="t">{escape(panel.title)} ({escape(panel.unit)}) {legend}</text>',
    ]
    for value in (low, (low + high) / 2, high):
        drawn.append(f'<path d="M{LEFT} {y(value)}H{WIDE - RIGHT}" class="g"/>')
        drawn.append(f'<text x="{LEFT - 4}" y="{y(value) + 3}" class="a">{value:.4g}</text>')
    times = ticks(start, end)
    for at in times:
        drawn.append(f'<path d="M{x(at)} {TOP}V{TOP + tall}" class="g"/>')
        said = local(at, zone, "%H:%M" if times.step < DAY_MS else "%m-%d")
        drawn.append(f'<text x="{x(at)}" y="{panel.height - 4}" class="h">{said}</text>')
    if panel.band:
        edge = [f"{x(t)} {y(hi)}" for t, _, hi in panel.band] + [f"{x(t)} {y(lo)}" for t, lo, _ in panel.band[::-1]]
        drawn.append(f'<path d="M{"L".join(edge)}Z" class="b"/>')
    for i, name in enumerate(names):
        points = [(x(at), y(value), at) for at, value in panel.lines[name]]
        ink = INK[i % len(INK)]
        if panel.dots:
            drawn += [f'<circle cx="{px}" cy="{py}" r="3" fill="{ink}"/>' for px, py, _ in points]
        elif points:
            last = x(end if panel.until is None else panel.until)
            drawn.append(f'<path d="{_path(points, panel.steps, last)}" stroke="{ink}" class="l"/>')
    for at, letter in panel.marks:
        drawn.append(f'<path d="M{x(at)} {TOP}V{TOP + tall}" class="m"/>')
        drawn.append(f'<text x="{x(at) + 2}" y="{TOP + 8}" class="k">{escape(letter)}</text>')
    return Markup("".join(drawn) + "</svg>")  # all that a person has typed has been escaped above


def axis(panel: Panel, values: Sequence[float]) -> tuple[float, float]:
    """Lowest and highest of an axis that holds all values: the panel's own, or beyond them what reads easily."""
    low, high = panel.low, panel.high
    least, most = min([low, *values]), max([high, *values])
    if least < low:
        low = high - _round_up(high - least)
    if most > high:
        high = low + _round_up(most - low)
    return low, high if high > low else low + 1


def _round_up(span: float) -> float:
    ten = 10.0 ** math.floor(math.log10(span))
    return next(ten * step for step in ROUND if ten * step >= span * (1 - 1e-9))


def ticks(start: int, end: int) -> range:
    """Times for the axis: whole minutes or hours, a dozen at most."""
    days = STEPS_MS[-1] * max(1, (end - start) // (TICKS * STEPS_MS[-1]))
    step = next((s for s in STEPS_MS if (end - start) / s <= TICKS), days)
    return range(-(-start // step) * step, end + 1, step)


def _path(points: Sequence[tuple[float, float, int]], steps: bool, last: float) -> str:
    drawn = ""
    before: int | None = None
    for px, py, at in points:
        if before is None or (at - before > GAP_MS and not steps):
            drawn += f"M{px} {py}"
        else:
            drawn += f"H{px}V{py}" if steps else f"L{px} {py}"
        before = at
    return f"{drawn}H{last}" if steps else drawn
