"""The bedside board's figures are of a board that infuses, and one that allocates has none."""

from __future__ import annotations

import pytest

from tests.bench import bedside


def test_both_boards_are_measured_in_turns_while_they_infuse_and_a_cuff_is_at_work() -> None:
    one, other = bedside.side_by_side(rounds=2, seconds=2.0)
    assert one.bench.circuit.side is not None and other.bench.circuit.side is None
    for bed in (one, other):
        assert len(bed.ratios) == 2 and min(bed.ratios) > 0
        assert all(len(values) == 2 and min(values) > 0 for values in bed.told.values())
    assert min(other.told["heap_free"]) > max(one.told["heap_free"]), "sensors take memory"


def test_a_turn_that_takes_memory_is_no_figure(monkeypatch: pytest.MonkeyPatch) -> None:
    nobody = bedside.Bed.__new__(bedside.Bed)
    nobody.told = {name: [1.0] for name in ("loop_us", "collect_us", "heap_free")}
    nobody.ratios = [1.0]
    monkeypatch.setattr(bedside, "side_by_side", lambda: (nobody, nobody))
    monkeypatch.setattr(bedside, "taken", lambda: 16)
    with pytest.raises(SystemExit, match="16 bytes"):
        bedside.measure()
    monkeypatch.setattr(bedside, "taken", lambda: 0)
    assert [row["name"] for row in bedside.measure()] == [
        "bedside_loop_us",
        "bedside_collect_us",
        "bedside_heap_free",
        "bedside_virtual_time_ratio",
        "bedside_turn_bytes",
    ]


def test_turns_of_the_bedside_board_take_nothing() -> None:
    assert bedside.taken(turns=300) == 0
