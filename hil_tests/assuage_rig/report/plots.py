"""Curves as SVG that stands in the page: text stays text, colours come from the page's style, so dark and print work.

Own code and not a library: matplotlib would bring 40 MB and numpy for curves of this kind, draws text as outlines,
takes a third of a second each and knows one set of colours; the others want JavaScript in the page.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby
from typing import NamedTuple

from assuage_rig.report.axes import Axis, linear, logarithmic
from assuage_rig.report.markup import Html, esc, tag
from assuage_rig.runrecord import Evidence

_LEFT, _RIGHT, _TOP, _BOTTOM = 70, 18, 14, 48
STYLES = 8
"""Series that can be told apart by colour and dashes; more begin anew."""

DOTS = 40
"""A curve of no more points shows them."""

NAMED = 12
"""Moments of a plot that have their name beside them."""

DENSE = 600
"""A curve of more is drawn thin and without dashes, which noise would hide anyhow."""

Point = tuple[float, float]


class Sheet(NamedTuple):
    """What is drawn on, in pixels of the page."""

    width: int
    height: int

    @property
    def right(self) -> int:
        """End of the frame."""
        return self.width - _RIGHT

    @property
    def bottom(self) -> int:
        """Likewise."""
        return self.height - _BOTTOM


FULL, SMALL = Sheet(640, 330), Sheet(430, 260)


def plot(item: Evidence, sheet: Sheet = FULL, of: str = "") -> Html:
    """One figure with caption and legend. of: whose it is, where several have the same title."""
    series = {name: _pairs(xs, ys, item.log_x) for name, (xs, ys) in item.series.items()}
    xs = [x for runs in series.values() for run in runs for x, _ in run]
    ys = [y for runs in series.values() for run in runs for _, y in run]
    title = f"{of}: {item.title}" if of and of not in item.title else item.title
    caption = tag("figcaption", title)
    if not xs:
        return tag("figure", caption, tag("p", "Nothing to draw: no point of it is a number.", class_="none"))
    if item.log_x:
        across = logarithmic(xs, _LEFT, sheet.right - _LEFT)
    else:
        across = linear([*xs, *item.marks.values()], _LEFT, sheet.right - _LEFT, pad=0.01, wanted=sheet.width // 75)
    up = linear([*ys, *item.lines.values()], sheet.bottom, _TOP - sheet.bottom, wanted=6)
    draw = _cloud if item.scatter else _curve
    drawing = [
        *_grid(across, up, sheet),
        *(tag("path", d=f"M{_LEFT} {up.px(level):.1f}H{sheet.right}", class_="limit") for level in item.lines.values()),
        *(part for i, runs in enumerate(series.values()) for part in draw(runs, i, across, up)),
        *_levels(item.lines, up, sheet),
        *_happenings(item.marks, across, sheet),
        tag("rect", x=_LEFT, y=_TOP, width=sheet.right - _LEFT, height=sheet.bottom - _TOP, class_="frame"),
        tag("text", item.x, x=(_LEFT + sheet.right) / 2, y=sheet.height - 8, class_="axis"),
        tag("text", item.y, class_="axis", transform=f"translate(15 {(_TOP + sheet.bottom) / 2:.0f}) rotate(-90)"),
    ]
    said = f"{title}: {item.y} over {item.x}, of {', '.join(item.series)}"
    svg = tag("svg", drawing, viewBox=f"0 0 {sheet.width} {sheet.height}", class_="plot", role="img", aria_label=said)
    return tag("figure", caption, svg, _legend(list(series), item.scatter))


def _pairs(xs: Sequence[float | None], ys: Sequence[float | None], log_x: bool) -> list[list[Point]]:
    """Points, in runs between what is no number (or no logarithm)."""
    pairs = list(zip(xs, ys, strict=True))
    runs = groupby(pairs, lambda p: p[0] is not None and p[1] is not None and (not log_x or p[0] > 0))
    return [[(x, y) for x, y in run if x is not None and y is not None] for good, run in runs if good]


def thin(run: Sequence[Point], across: Axis) -> list[Point]:
    """At most four points a pixel column: first, least, greatest and last, so that no spike is lost."""
    out: list[Point] = []
    for _, column in groupby(run, lambda p: math.floor(across.px(p[0]))):
        points = list(column)
        if len(points) > 4:
            some = {0, len(points) - 1}
            some.add(min(range(len(points)), key=lambda i: points[i][1]))
            some.add(max(range(len(points)), key=lambda i: points[i][1]))
            points = [points[i] for i in sorted(some)]
        out += points
    return out


def _curve(runs: list[list[Point]], which: int, across: Axis, up: Axis) -> Iterable[Html]:
    points_in_all = sum(len(run) for run in runs)
    dots = points_in_all <= DOTS
    style = f"s{which % STYLES}" + (" dense" if points_in_all > DENSE else "")
    for run in runs:
        points = [(across.px(x), up.px(y)) for x, y in thin(run, across)]
        if len(points) > 1:
            yield tag("polyline", points=" ".join(f"{x:.1f},{y:.1f}" for x, y in points), class_=f"curve {style}")
        if dots or len(points) == 1:
            yield from (tag("circle", cx=f"{x:.1f}", cy=f"{y:.1f}", r=3, class_=f"dot {style}") for x, y in points)


def _cloud(runs: list[list[Point]], which: int, across: Axis, up: Axis) -> Iterable[Html]:
    """Points alone; those that would cover each other are drawn once."""
    places = {(round(across.px(x)), round(up.px(y))): (x, y) for run in runs for x, y in run}
    for x, y in places.values():
        yield tag("circle", cx=f"{across.px(x):.1f}", cy=f"{up.px(y):.1f}", r=2.2, class_=f"dot s{which % STYLES}")


def _grid(across: Axis, up: Axis, sheet: Sheet) -> Iterable[Html]:
    bottom, right = sheet.bottom, sheet.right
    down = "".join(f"M{across.px(t):.1f} {_TOP}V{bottom}" for t in across.ticks)
    along = "".join(f"M{_LEFT} {up.px(t):.1f}H{right}" for t in up.ticks)
    yield tag("path", d=down + along, class_="grid")
    for tick in across.ticks:
        yield tag("text", across.label(tick), x=f"{across.px(tick):.1f}", y=bottom + 16, class_="tick mid")
    for tick in up.ticks:
        yield tag("text", up.label(tick), x=_LEFT - 6, y=f"{up.px(tick) + 4:.1f}", class_="tick end")


def _levels(lines: Mapping[str, float], up: Axis, sheet: Sheet) -> Iterable[Html]:
    for name, level in lines.items():
        y = up.px(level)
        below = y < _TOP + 14
        where = y + 12 if below else y - 4
        yield tag("text", name, x=sheet.right - 5, y=f"{where:.1f}", class_="limit-name end")


def _happenings(marks: Mapping[str, float], across: Axis, sheet: Sheet) -> Iterable[Html]:
    """Moments; with very many of them nothing could be read, so that only the first are named."""
    for i, (name, x) in enumerate(marks.items()):
        at = across.px(x)
        late = at > sheet.width * 0.6
        yield tag("path", d=f"M{at:.1f} {_TOP}V{sheet.bottom}", class_="happening")
        if i >= NAMED:
            continue
        yield tag(
            "text", name, x=f"{at - 4 if late else at + 4:.1f}", y=_TOP + 13 + 13 * (i % 4),
            class_="happening-name end" if late else "happening-name",
        )  # fmt: skip


def _legend(names: list[str], scatter: bool) -> Html:
    def key(i: int) -> Html:
        if scatter:
            sample = tag("circle", cx=14, cy=6, r=3, class_=f"dot s{i % STYLES}")
        else:
            sample = tag("path", d="M1 6H27", class_=f"curve s{i % STYLES}")
        return tag("svg", sample, viewBox="0 0 28 12", class_="key", aria_hidden="true")

    return tag("ul", [tag("li", key(i), esc(name)) for i, name in enumerate(names)], class_="legend")
