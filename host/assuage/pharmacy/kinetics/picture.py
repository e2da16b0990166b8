"""A prediction as a picture: the band, each model's line, and what has been seen at which concentration. SVG, which a
page may hold as it is, and a page of its own around it."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from typing import Any, Final

from assuage.pharmacy.kinetics.predict import Prediction, Table
from assuage.pharmacy.kinetics.schema import Effect, value

# Told apart by those who do not see every colour (Okabe and Ito 2008), and by the dashes.
COLOURS: Final = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#000000", "#999933")
DASHES: Final = ("", "7 3", "2 3", "9 3 2 3", "4 4", "12 4", "1 2", "6 2 1 2")
NOT_ADVICE: Final = "Predictions of population models for research and the bench; nobody is that average. Not for care."

_LEFT, _RIGHT, _TOP, _BOTTOM = 64, 16, 16, 76
_NAME = 214  # px that a line's name takes; there is room for two rows of four
_STEPS = (1, 1.25, 1.5, 2, 2.5, 3, 4, 5, 6, 8, 10)
_LABEL = 165

STYLE = """\
body { font: 16px/1.45 Inter, system-ui, sans-serif; margin: 2rem auto; max-width: 60rem; padding: 0 1rem }
table { border-collapse: collapse } td, th { padding: .2rem .7rem; text-align: right; border-bottom: 1px solid #ddd }
small, .quiet { color: #555 } svg { width: 100%; height: auto }"""


def svg(
    table: Table, names: dict[str, str], effects: Sequence[Effect] = (), *, other: Table | None = None,
    notes: Sequence[str] = (), width: int = 900, height: int = 440,
) -> str:  # fmt: skip
    """names: of the models, by key. effects: shown as stripes. other: a band to compare with, what if. notes: what must
    be read with it."""
    peak = max([*table.high, *(other.high if other else ())])
    top = _nice(max(1.0, _usual(table), _usual(other) if other else 0.0) * 1.05)
    first, last = table.minutes[0], max(table.minutes[-1], table.minutes[0] + 1)

    def x(minute: float) -> float:
        return _LEFT + (minute - first) / (last - first) * (width - _LEFT - _RIGHT)

    def y(level: float) -> float:
        return height - _BOTTOM - min(level, top) / top * (height - _TOP - _BOTTOM)

    def points(minutes: Sequence[float], levels: Sequence[float]) -> str:
        return " ".join(f"{x(m):.1f},{y(v):.1f}" for m, v in zip(minutes, levels, strict=True))

    def band(of: Table, paint: str) -> str:
        there, back = points(of.minutes, of.high), points(of.minutes[::-1], of.low[::-1])
        return f'<polygon points="{there} {back}" {paint}/>'

    low, high = round(max(table.low)), round(max(table.high))
    out = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" role="img" font-size="12" '
        f'font-family="Inter, system-ui, sans-serif">',
        f"<title>Predicted concentration by {len(table.each)} models: peaks of {low} to {high} ng/mL</title>",
    ]
    for n, one in enumerate(effects):
        upper, lower = value(one.high, 70.0) * 1000, value(one.low, 70.0) * 1000
        if lower < top:
            tall = y(lower) - y(upper)
            out += [
                f'<rect x="{_LEFT}" y="{y(upper):.1f}" width="{width - _LEFT - _RIGHT}" height="{tall:.1f}" '
                f'fill="#000" opacity=".045"/>',
                f'<text x="{width - _RIGHT - 4 - _LABEL * n}" y="{y(lower) - 3:.1f}" text-anchor="end" fill="#555" '
                f'font-size="11">'
                f"{escape(one.name)}{'' if one.verified else ' (unverified)'}</text>",
            ]
    out += _axes(first, last, top, x, y, width, height)
    cut = [f"cut off: peaks up to {peak:.0f} ng/mL"] if peak > top else []
    for n, text in enumerate([*notes, *cut]):
        where = f'x="{width / 2:g}" y="{_TOP + 14 + 16 * n}" text-anchor="middle"'
        out.append(f'<text {where} fill="{"#b00020" if text in notes else "#555"}">{escape(text)}</text>')
    if other is not None:
        out.append(band(other, 'fill="#d55e00" opacity=".15"'))
    out.append(band(table, 'fill="#0072b2" opacity=".15"'))
    for n, (key, levels) in enumerate(table.each.items()):
        colour, dash = COLOURS[n % len(COLOURS)], DASHES[n % len(DASHES)]
        there, below = _LEFT + _NAME * (n % 4), height - _BOTTOM + 42 + 18 * (n // 4)
        out += [
            f'<polyline points="{points(table.minutes, levels)}" fill="none" stroke="{colour}" stroke-width="1.8" '
            f'stroke-dasharray="{dash}"/>',
            f'<line x1="{there}" x2="{there + 26}" y1="{below}" y2="{below}" stroke="{colour}" stroke-width="1.8" '
            f'stroke-dasharray="{dash}"/>',
            f'<text x="{there + 32}" y="{below + 4}">{escape(names.get(key, key))}</text>',
        ]
    return "\n".join([*out, "</svg>"])


def page(prediction: Prediction, picture: str, rows: Sequence[Sequence[str]], said: Sequence[str]) -> str:
    """A whole page: the picture, the table (its first row is the head), and what is to be said of it."""
    patient, programme = prediction.patient, prediction.programme
    head, *body = ("".join(f"<{tag}>{escape(cell)}</{tag}>" for cell in row) for tag, row in _tagged(rows))
    title = f"{programme.substance}: {programme.total} for {patient.weight}, {patient.age}"
    return "\n".join([
        '<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">',
        f"<title>{escape(title)}</title><style>{STYLE}</style>",
        f'<h1>{escape(title)}</h1><p class="quiet">{NOT_ADVICE}</p>', picture,
        *(f"<p>{escape(sentence)}</p>" for sentence in said),
        f"<table><tr>{head}</tr>", *(f"<tr>{row}</tr>" for row in body), "</table>",
        "<h2>Models</h2><ul>", *(f"<li>{escape(text)}</li>" for text in about(prediction)), "</ul></html>",
    ])  # fmt: skip


def about(prediction: Prediction) -> list[str]:
    """Each model with its source and its doubts, and those left out with the reason."""
    found = []
    for line in prediction.lines:
        model = line.body.model
        seen = "" if model.verified else " (unverified)"
        found.append(f"{model.name}{seen}: {model.source}; {model.population.said}. {model.doubts}".rstrip())
        if model.effect_site is not None:
            site = model.effect_site
            found.append(f"{model.name}, effect site{'' if site.verified else ' (unverified)'}: {site.source}.")
    return found + [f"Left out: {reason}" for reason in prediction.left_out]


def _tagged(rows: Sequence[Sequence[str]]) -> list[tuple[str, Sequence[str]]]:
    return [("td" if n else "th", row) for n, row in enumerate(rows)]


def _usual(table: Table) -> float:
    """What nearly all of the band is below: the first instants of a bolus would make the rest flat."""
    return sorted(table.high)[int(0.98 * (len(table.high) - 1))]


def _nice(highest: float) -> float:
    """The next round number."""
    power = 10.0 ** len(str(int(highest))) / 10
    return next(step * power for step in _STEPS if step * power >= highest)


def _ticks(first: float, last: float) -> list[tuple[float, str]]:
    span = last - first
    step = next(s for s in (5, 10, 15, 30, 60, 120, 240, 480, 1440, 10**9) if span / s <= 12)
    marks = [first + step * n for n in range(int(span / step) + 1)]
    return [(m, f"{m:g} min" if span <= 120 else f"{m / 60:g} h") for m in marks]


def _axes(first: float, last: float, top: float, x: Any, y: Any, width: int, height: int) -> list[str]:
    out = []
    for n in range(6):
        level = top * n / 5
        out += [
            f'<line x1="{_LEFT}" x2="{width - _RIGHT}" y1="{y(level):.1f}" y2="{y(level):.1f}" stroke="#ddd"/>',
            f'<text x="{_LEFT - 8}" y="{y(level) + 4:.1f}" text-anchor="end">{level:g}</text>',
        ]
    for minute, text in _ticks(first, last):
        out.append(f'<text x="{x(minute):.1f}" y="{height - _BOTTOM + 18}" text-anchor="middle">{text}</text>')
    middle = (height - _BOTTOM + _TOP) / 2
    out.append(f'<text x="14" y="{middle}" text-anchor="middle" transform="rotate(-90 14 {middle})">ng/mL</text>')
    return out
