"""Opioid beside ketamine and before it: compared with itself, over hours that are said, or not at all."""

from __future__ import annotations

import pytest

from assuage.bedside.charting.had import BY_PUMP, Had, Piece
from assuage.bedside.charting.sparing import HOUR_MS, NOT_BEFORE, NOT_LONG, sparing
from assuage.pharmacy.quantities import Mass
from assuage_rig.requirements import req

GROUPS = {"ketamine": "ketamine", "esketamine": "ketamine", "morphine": "opioid", "fentanyl": "opioid"}
H = HOUR_MS


def mg(begin: int, end: int, amount: str) -> Piece:
    return Piece(begin, end, Mass.of(amount, "mg"), BY_PUMP)


def had(**pieces: list[Piece]) -> Had:
    return Had(pieces, ())


@req("PHA-011")
def test_each_opioid_is_compared_with_itself_before_ketamine_began() -> None:
    told = sparing(
        had(
            ketamine=[mg(10 * H, 14 * H, "40")],
            morphine=[mg(0, 10 * H, "20"), mg(10 * H, 14 * H, "4.8")],
            fentanyl=[mg(11 * H, 12 * H, "0.1")],
        ),
        GROUPS, 0, 14 * H,
    )  # fmt: skip
    morphine, fentanyl = told
    assert (morphine["now"], morphine["now_h"], morphine["before"], morphine["before_h"]) == (
        "1.2 mg/h",
        4,
        "2 mg/h",
        10,
    )
    assert morphine["change_percent"] == -40 and morphine["sentence"].endswith(": 40 % less.")
    assert (fentanyl["now"], fentanyl["before"], fentanyl["change_percent"]) == ("25 mcg/h", "0 mg/h", None)
    assert fentanyl["sentence"] == "25 mcg/h in the last 4.0 h, with ketamine, 0 mg/h in 10.0 h before."


@pytest.mark.parametrize(
    ("since", "began", "now", "sentence"),
    [
        (0, 10 * H, 10 * H + 59 * 60_000, NOT_LONG),
        (9 * H + 60_001, 10 * H, 14 * H, NOT_BEFORE),
        (10 * H, 10 * H, 14 * H, NOT_BEFORE),
    ],
)
def test_less_than_an_hour_is_compared_with_nothing(since: int, began: int, now: int, sentence: str) -> None:
    (told,) = sparing(had(esketamine=[mg(began, now, "1")], morphine=[mg(since, now, "1")]), GROUPS, since, now)
    assert told["change_percent"] is None and told["sentence"] == sentence


def test_a_day_at_most_is_looked_at_on_either_side() -> None:
    (told,) = sparing(
        had(
            ketamine=[mg(100 * H, 160 * H, "60")],
            morphine=[
                mg(0, 76 * H, "760"), mg(76 * H, 100 * H, "24"),
                mg(100 * H, 136 * H, "360"), mg(136 * H, 160 * H, "24"),
            ],
        ),
        GROUPS, 0, 160 * H,
    )  # fmt: skip
    assert (told["now"], told["before"], told["now_h"], told["before_h"]) == ("1 mg/h", "1 mg/h", 24.0, 24.0)
    assert told["change_percent"] == 0 and told["sentence"].endswith(": the same.")


def test_without_ketamine_or_without_an_opioid_nothing_is_told() -> None:
    assert sparing(had(morphine=[mg(0, H, "1")]), GROUPS, 0, 2 * H) == []
    assert sparing(had(ketamine=[mg(0, H, "1")]), GROUPS, 0, 2 * H) == []
