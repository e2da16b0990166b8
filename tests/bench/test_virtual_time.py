"""The figure of virtual time is of boards that infuse, the quiet one without a sensor and the usual one with all."""

from __future__ import annotations

import pytest

from tests.bench import virtual_time


@pytest.mark.parametrize("quiet", [False, True])
def test_a_stretch_is_measured_while_the_board_infuses(quiet: bool) -> None:
    ratios = virtual_time.stretches(quiet, seconds=5.0, rounds=2)
    assert len(ratios) == 2 and min(ratios) > 0


def test_the_rows_are_against_the_wall_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(virtual_time, "stretches", lambda quiet, seconds: [600.0, 700.0, 650.0] if quiet else [50.0])
    rows = virtual_time.measure()
    assert [(r["name"], r["value"], r["peer"], r["peer_value"], r["ratio"]) for r in rows] == [
        ("virtual_time_ratio", 50.0, "wall clock", 1.0, 50.0),
        ("virtual_time_ratio_quiet", 650.0, "wall clock", 1.0, 650.0),
    ]
