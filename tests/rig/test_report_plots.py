"""Curves and bars of the report: what stands where, and what is not drawn."""

from __future__ import annotations

import math
import re

import pytest

from assuage_rig.measuring import margin
from assuage_rig.report.axes import linear, logarithmic
from assuage_rig.report.bars import bar
from assuage_rig.report.markup import anchor, esc, number, seconds, tag
from assuage_rig.report.plots import FULL, SMALL, Sheet, plot, thin
from assuage_rig.runrecord import Evidence

from .report_runs import Page, curve, row


def polylines(item: Evidence, sheet: Sheet = FULL) -> list[list[tuple[float, float]]]:
    page = Page(plot(item, sheet))
    found = [a["points"] for name, a in page.elements if name == "polyline"]
    return [[(float(x), float(y)) for x, y in (pair.split(",") for pair in points.split())] for points in found]


@pytest.mark.parametrize("sheet", [FULL, SMALL])
@pytest.mark.parametrize("log", [False, True])
def test_points_stand_in_order_inside_the_frame(log: bool, sheet: Sheet) -> None:
    xs = [2.0, 5.0, 11.0, 19.0, 31.0]
    [points] = polylines(curve(series={"E": [xs, [4.0, 2.5, 1.0, 0.5, -0.2]]}, log_x=log), sheet)
    assert [x for x, _ in points] == sorted(x for x, _ in points)
    assert [y for _, y in points] == sorted(y for _, y in points)  # less is lower, which is more on a screen
    assert all(0 < x < sheet.width and 0 < y < sheet.height for x, y in points)


def test_a_logarithmic_axis_gives_equal_ratios_equal_room() -> None:
    axis = logarithmic([1, 1000], 0, 300)
    assert axis.px(10) - axis.px(1) == pytest.approx(axis.px(1000) - axis.px(100))
    assert set(axis.ticks) >= {1, 10, 100, 1000}


@pytest.mark.parametrize(
    ("values", "some"),
    [([0, 120], {0, 50, 100}), ([-5, 5], {-4, 0, 4}), ([0.0, 0.003], {0, 0.001}), ([3, 3], {3}), ([0, 0], {0})],
)
def test_ticks_are_round_and_the_values_are_inside(values: list[float], some: set[float]) -> None:
    axis = linear(values, 0, 100)
    assert axis.lo <= min(values) and axis.hi >= max(values)
    for tick in some:
        assert any(math.isclose(tick, t, abs_tol=1e-12) for t in axis.ticks)
    assert 3 <= len(axis.ticks) <= 12
    assert len({axis.label(t) for t in axis.ticks}) == len(axis.ticks)


def test_a_gap_in_the_figures_is_a_gap_in_the_curve() -> None:
    xs = [0.0, 1.0, 2.0, 3.0, 4.0]
    assert [len(run) for run in polylines(curve(series={"a": [xs, [1.0, 2.0, None, 2.0, 1.0]]}))] == [2, 2]


def test_what_has_no_logarithm_is_left_out() -> None:
    assert [len(run) for run in polylines(curve(series={"a": [[0.0, 1.0, 2.0], [1.0, 2.0, 3.0]]}, log_x=True))] == [2]


@pytest.mark.parametrize("series", [{}, {"a": [[], []]}, {"a": [[None], [1.0]]}, {"a": [[0.0], [None]]}])
def test_a_plot_of_nothing_says_so(series: dict[str, list[list[float | None]]]) -> None:
    assert "Nothing to draw" in Page(plot(curve(series=series))).text


def test_limits_marks_and_series_are_named_and_the_limits_are_in_sight() -> None:
    page = Page(plot(curve(lines={"alarm at 40 kPa": 40.0, "least": -3.0}, marks={"occluded": 4.0, "released": 60.0})))
    for words in ("alarm at 40 kPa", "least", "occluded", "released", "patient"):
        assert words in page.text
    levels = [a["d"] for _, a in page.elements if a.get("class") == "limit"]
    ys = [float(re.findall(r"M[\d.]+ ([\d.]+)H", d)[0]) for d in levels]
    assert len(ys) == 2 and all(0 < y < FULL.height for y in ys)


def test_a_long_curve_is_thinned_and_keeps_every_spike() -> None:
    points = [(float(i), 9.0 if i == 54_321 else -9.0 if i == 12_345 else math.sin(i)) for i in range(100_000)]
    axis = linear([x for x, _ in points], 70, 550)
    kept = thin(points, axis)
    assert len(kept) < 3000
    assert (54_321.0, 9.0) in kept and (12_345.0, -9.0) in kept
    assert kept[0] == points[0] and kept[-1] == points[-1]
    assert kept == sorted(kept)


# -- bars and margins --------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("value", "lo", "hi", "expected"),
    [
        (0.0, -1.0, 1.0, 1.0), (0.5, -1.0, 1.0, 0.5), (-1.0, -1.0, 1.0, 0.0), (1.5, -1.0, 1.0, -0.5),
        (25.0, None, 100.0, 0.75), (100.0, None, 100.0, 0.0), (150.0, None, 100.0, -0.5), (-5.0, None, 100.0, 1.0),
        (50.0, 100.0, None, -0.5), (150.0, 100.0, None, 0.5), (900.0, 100.0, None, 1.0),
        (0.0, None, 0.0, None), (1.0, None, 0.0, -1.0), (-1.0, None, 0.0, 1.0), (3.0, 3.0, 3.0, None),
        (4.0, 3.0, 3.0, -1.0), (None, 0.0, 1.0, -math.inf), (1000.0, None, 100.0, -9.0),
    ],
)  # fmt: skip
def test_a_margin_is_what_is_left_to_the_nearer_limit(
    value: float | None, lo: float | None, hi: float | None, expected: float | None
) -> None:
    assert margin(row(value=value, lo=lo, hi=hi)) == (None if expected is None else pytest.approx(expected))


@pytest.mark.parametrize(
    ("lo", "hi"), [(-1.0, 1.0), (None, 1.0), (-1.0, None), (0.0, 0.0), (None, 0.0), (0.0, None), (5, 5)]
)
@pytest.mark.parametrize("value", [-1e9, -1.0, -0.3, 0.0, 0.7, 1.0, 5.0, 1e9])
def test_a_dot_stands_between_the_limits_just_when_the_figure_does(
    value: float, lo: float | None, hi: float | None
) -> None:
    one = row(value=value, lo=lo, hi=hi)
    page = Page(bar(one))
    [edges] = [a["d"] for _, a in page.elements if a.get("class") == "edge"]
    strokes = [float(x) for x in re.findall(r"M(-?[\d.]+) 1V", edges)]
    [dot] = [a for name, a in page.elements if name == "circle"]
    at = float(dot["cx"])
    left = strokes[0] if lo is not None else -math.inf
    right = strokes[-1] if hi is not None else math.inf
    assert 0 < at < 120
    assert (left - 0.6 <= at <= right + 0.6) is one.passed
    assert ("out" in dot["class"]) is not one.passed


# -- words -------------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("value", "words"),
    [
        (0.123456, "0.1235"), (-2.5, "−2.5"), (100.0, "100"), (12345, "12\u202f345"), (0.0, "0"), (1e-7, "1e−7"),
        (None, "no number"), (2.10e-5, "2.1e−5"), (1e12, "1e12"),
    ],
)  # fmt: skip
def test_a_number_has_four_digits_that_say_something(value: float | None, words: str) -> None:
    assert number(value) == words


@pytest.mark.parametrize(
    ("value", "words"), [(0.0123, "12 ms"), (59.0, "59 s"), (600.0, "10 min"), (40_000, "11.1 h"), (2_592_000, "30 d")]
)
def test_a_duration_has_the_unit_that_reads_best(value: float, words: str) -> None:
    assert seconds(value) == words


def test_text_is_escaped_and_markup_is_not() -> None:
    assert tag("p", "<b>", tag("b", 1.5), ["&", None], title='"', hidden=True) == (
        '<p title="&quot;" hidden>&lt;b&gt;<b>1.5</b>&amp;</p>'
    )
    assert esc("\x00\x1b") == "��"
    assert anchor("req", "ACC-001") == "req-acc-001"
