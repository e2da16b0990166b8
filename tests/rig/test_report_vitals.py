"""The report's chapter on vital signs: clouds of points, of all tests together."""

from __future__ import annotations

import pytest

from assuage_rig.report.plots import plot
from assuage_rig.report.vitals import merged, vitals

from .report_runs import Page, case, curve, run


def test_points_are_drawn_without_a_line_and_once_where_they_cover_each_other() -> None:
    item = curve(series={"a": [[1.0, 1.0, 2.0, None], [5.0, 5.0, 6.0, 7.0]]}, scatter=True)
    page = Page(plot(item))
    assert not [name for name, _ in page.elements if name == "polyline"]
    assert len([a for name, a in page.elements if name == "circle" and "cx" in a and a["r"] == "2.2"]) == 2


def test_clouds_of_the_same_title_become_one_with_all_their_points() -> None:
    one = curve(series={"a": [[1.0], [2.0]]}, scatter=True)
    two = curve(series={"a": [[3.0], [4.0]], "b": [[5.0], [6.0]]}, scatter=True)
    [both] = merged([one, two])
    assert both.series == {"a": [[1.0, 3.0], [2.0, 4.0]], "b": [[5.0], [6.0]]}
    assert one.series == {"a": [[1.0], [2.0]]}, "what was recorded stays"


def test_the_table_tells_mean_spread_and_share_within_the_lines() -> None:
    item = curve(series={"a": [[1.0, 2.0, 3.0, 4.0], [1.0, -1.0, 3.0, 1.0]]}, lines={"+2": 2, "-2": -2}, scatter=True)
    page = Page(vitals(run(case(requirements=["VIT-001"], evidence=[item]))))
    [row] = [cells for _, cells in page.rows if cells and cells[0].startswith("Start-up")]
    assert row[1:] == ["4", "1", "1.414", "\N{MINUS SIGN}1", "3", "75.0 %"]


def test_what_else_the_tests_show_stands_below_and_of_other_rooms_nothing() -> None:
    shown = case("test_signs", requirements=["VIT-002"], evidence=[curve(title="A course")])
    other = case("test_flow", evidence=[curve(title="A flow")])
    page = Page(vitals(run(shown, other)))
    assert "A course" in page.text and "A flow" not in page.text


@pytest.mark.parametrize("record", [run(), run(case(evidence=[curve()]))])
def test_a_run_without_vital_signs_says_so(record: object) -> None:
    assert "No test of this run" in vitals(record)  # type: ignore[arg-type]
