"""A figure against its limits, as a small bar."""

from __future__ import annotations

from assuage_rig.report.markup import Html, tag
from assuage_rig.runrecord import Row

WIDTH, HEIGHT = 120, 14
_FROM, _TO = 18, 102


def bar(row: Row) -> Html:
    """Shaded: what is allowed. Strokes: its limits. Dot: the figure, at the very edge when it is far outside."""
    if row.value is None:
        return tag("span", "no number", class_="none")
    lo, hi, value = row.lo, row.hi, row.value
    if lo is not None and hi is not None and lo < hi:
        scale, begin = (_TO - _FROM) / (hi - lo), lo
    elif lo is not None and hi is not None:
        scale, begin = (_TO - _FROM) / (2 * (abs(lo) or 1.0)), lo - (abs(lo) or 1.0)
    elif hi is not None:
        begin = min(0.0, value, hi - abs(hi))
        scale = (_TO - _FROM) / ((hi - begin) or 1.0)
    else:
        begin = lo or 0.0
        scale = (_TO - _FROM) / (max(abs(begin), value - begin) or 1.0)
    at = min(WIDTH - 4.0, max(4.0, _FROM + (value - begin) * scale))
    limits = [_FROM + (limit - begin) * scale for limit in (lo, hi) if limit is not None]
    left = limits[0] if lo is not None else 0.0
    right = limits[-1] if hi is not None else float(WIDTH)
    return tag(
        "svg",
        tag("rect", x=f"{left:.0f}", y=3, width=f"{max(1.0, right - left):.0f}", height=HEIGHT - 6, class_="allowed"),
        tag("path", d="".join(f"M{x:.0f} 1V{HEIGHT - 1}" for x in limits), class_="edge"),
        tag("circle", cx=f"{at:.1f}", cy=HEIGHT // 2, r=3.5, class_="value" if row.passed else "value out"),
        viewBox=f"0 0 {WIDTH} {HEIGHT}", class_="bar", aria_hidden="true",
    )  # fmt: skip
