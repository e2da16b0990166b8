"""Figures against their limits."""

from __future__ import annotations

import math

import pytest

from assuage_rig.measuring import Measure, margin, told, worst
from assuage_rig.requirements import Book, Measurement, Requirement, RequirementError

ERROR = Measurement("error", "%", -1.0, 3.0)
DELAY = Measurement("delay", "s", None, 2.0)
SHARE = Measurement("share", "%", 90.0, None)
BOOK = Book({}, {i: Requirement(i, "t", "x", ("HAZ-01",), "", (), (ERROR, DELAY, SHARE)) for i in ("A-1", "A-2")})


@pytest.fixture
def measure() -> Measure:
    return Measure(BOOK, ["A-1"], "linux", 7)


@pytest.mark.parametrize(
    ("name", "value", "passed"),
    [
        ("error", -1.0, True), ("error", 3.0, True), ("error", -1.001, False), ("error", 3.001, False),
        ("delay", 2.0, True), ("delay", -99.0, True), ("delay", 2.001, False),
        ("share", 90.0, True), ("share", 1e9, True), ("share", 89.9, False),
        ("error", math.nan, False), ("delay", -math.inf, False), ("share", math.inf, False),
    ],
)  # fmt: skip
def test_a_figure_passes_within_its_limits_and_what_is_no_number_never(
    measure: Measure, name: str, value: float, passed: bool
) -> None:
    row = measure("A-1", name, value)
    assert row.passed is passed
    assert bool(measure.misses()) is not passed
    assert row.as_measurement().keys() == {
        "requirement", "name", "value", "unit", "lo", "hi", "passed", "target", "seed"
    }  # fmt: skip
    assert (row.value is None) is not math.isfinite(value)


def test_a_limit_is_only_replaced_with_a_note(measure: Measure) -> None:
    with pytest.raises(RequirementError, match="need a note"):
        measure("A-1", "error", 4.0, hi=5.0)
    row = measure("A-1", "error", 4.0, where="0.1 mL/h", hi=5.0, note="one step is 5 %")
    assert (row.passed, row.lo, row.hi, row.name) == (True, -1.0, 5.0, "error, 0.1 mL/h")


def test_what_nobody_declared_or_the_test_does_not_name_is_refused(measure: Measure) -> None:
    for requirement, name, sentence in (
        ("A-3", "error", "no requirement 'A-3'"),
        ("A-1", "speed", "A-1 declares no measurement 'speed'"),
        ("A-2", "error", "its @req must name it"),
    ):
        with pytest.raises(RequirementError, match=sentence):
            measure(requirement, name, 0.0)
    assert measure.rows == []


def test_the_worst_figure_is_the_one_nearest_to_its_limit(measure: Measure) -> None:
    assert worst(measure.rows) is None
    measure("A-1", "error", 1.0)
    measure("A-1", "delay", 1.9)
    measure("A-1", "share", 99.0)
    found = worst(measure.rows)
    assert found is not None and told(found) == "delay: 1.9 s, at most 2"
    assert margin(measure("A-1", "error", 1.0)) == 1.0 and margin(measure("A-1", "error", 3.0)) == 0.0
    measure("A-1", "error", math.nan)
    assert worst(measure.rows) is measure.rows[-1]
