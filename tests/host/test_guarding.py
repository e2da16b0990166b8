"""Which vital signs guard an order, what a human reads of them, and how a trip is released."""

from __future__ import annotations

from typing import Any

import pytest

from assuage.bedside import guarding
from assuage.bedside.guarding import ADULT, SETS, SHOWN, Latch, Step, compare_guard, guards, release
from assuage.errors import BadInput, Reason, Refused
from assuage_wire.schema import PARAMETERS
from interlock import guards as rows


def test_every_guard_of_every_set_is_a_row_that_a_board_takes() -> None:
    assert tuple(SHOWN) == PARAMETERS
    for chosen in SETS.values():
        table = rows.Guards()
        for guard in chosen:
            assert table.add(guard.fields()) == (rows.TAKEN, 0), guard
            assert guard.source
        assert table.count == len(chosen) == len({guard.name for guard in chosen})


def test_a_human_reads_limit_unit_and_times() -> None:
    assert [guard.sentence() for guard in ADULT] == [
        "SpO2 below 90 % for 15 s, or no good value of the last 5 s for 15 s.",
        "EtCO2 above 50 mmHg for 15 s, or no good value of the last 12 s for 20 s.",
        "No breath for 15 s, or no good value of the last 20 s for 20 s.",
        "Respiration below 8 /min for 30 s, or no good value of the last 20 s for 20 s.",
        "Pulse below 50 /min for 10 s, or no good value of the last 5 s for 15 s.",
        "Systolic pressure below 90 mmHg, or no good value of the last 20 min.",
    ]
    missing = guarding.Guard("pulse", "missing", 0, 0, 0, 5_000, 12_000)
    assert missing.sentence() == "Pulse: no good value of the last 5 s for 12 s."


def test_an_order_takes_a_set_leaves_rows_out_and_sets_limits_of_its_own() -> None:
    assert guards({"set": "adult"}) == ADULT
    chosen = guards(
        {
            "set": "adult",
            "rows": ["resp-apnoea", "spo2-below"],
            "limits": {"spo2-below": "92.5", "resp-apnoea": "12"},
        }
    )
    assert [(guard.name, guard.threshold, guard.source) for guard in chosen] == [
        ("spo2-below", 925, "the order"),
        ("resp-apnoea", 12_000, "the order"),
    ]


@pytest.mark.parametrize(
    ("data", "field"),
    [
        ({}, "set"),
        ({"set": "giant"}, "set"),
        ({"set": "adult", "other": 1}, "other"),
        ({"set": "adult", "rows": []}, "rows"),
        ({"set": "adult", "rows": ["mood-below"]}, "rows"),
        ({"set": "child", "rows": ["systolic-below"]}, "rows"),
        ({"set": "adult", "limits": {"mood-below": "1"}}, "rows"),
        ({"set": "adult", "rows": ["spo2-below"], "limits": {"pulse-below": "60"}}, "limits"),
        *(
            ({"set": "adult", "limits": {"spo2-below": limit}}, "limits")
            for limit in ("", "x", "NaN", "Infinity", "-90", "0", "92.55", "7000", "1e99")
        ),
        ({"set": "adult", "limits": {"etco2-above": "4"}}, "limits"),
    ],
)
def test_what_is_no_guard_is_refused_by_its_field(data: dict[str, Any], field: str) -> None:
    with pytest.raises(BadInput) as refused:
        guards(data)
    assert refused.value.field == field


def test_a_row_that_the_board_has_understood_otherwise_is_noticed_in_every_field() -> None:
    fields = ADULT[0].fields()
    compare_guard(ADULT[0], fields)
    for i in range(len(fields)):
        with pytest.raises(Refused) as refused:
            compare_guard(ADULT[0], (*fields[:i], fields[i] + 1, *fields[i + 1 :]))
        assert refused.value.reason is Reason.READBACK_DIFFERS


WELL, RELEASABLE, UNWELL = Latch(False, 3, True), Latch(True, 3, True), Latch(True, 3, False)


def test_one_board_alone_is_released_when_all_is_normal() -> None:
    read = {"pump": 3}
    assert release(read, RELEASABLE, None) == Step("pump", 3)
    assert release(read, UNWELL, None) == Step(sentence=guarding.NOT_NORMAL, over=True)
    assert release(read, WELL, None) == Step(sentence=guarding.RELEASED, over=True)


def test_the_board_that_watches_is_released_first_and_the_pump_when_its_permission_has_come() -> None:
    read = {"guardian": 3, "pump": 3}
    for pump in (RELEASABLE, UNWELL):
        assert release(read, pump, RELEASABLE) == Step("guardian", 3)
        assert release(read, pump, UNWELL) == Step(sentence=guarding.NOT_NORMAL, over=True)
    assert release(read, UNWELL, WELL) == Step(sentence=guarding.WAITS)
    assert release(read, RELEASABLE, WELL) == Step("pump", 3)
    assert release(read, UNWELL, WELL._replace(normal=False)) == Step(sentence=guarding.NOT_NORMAL, over=True)
    assert release(read, WELL, WELL) == Step(sentence=guarding.RELEASED, over=True)


def test_nobody_releases_a_trip_that_he_has_not_read_of() -> None:
    other = Step(sentence=guarding.OTHER_TRIP, over=True)
    for read in ({}, {"pump": 2}, {"pump": 4}, {"guardian": 3}):
        assert release(read, RELEASABLE, None) == other
        assert release(read, UNWELL, None) == other
    for read in ({"pump": 3}, {"pump": 3, "guardian": 2}):
        assert release(read, RELEASABLE, RELEASABLE) == other
    assert release({"guardian": 3}, RELEASABLE, WELL) == other, "the pump has tripped too"


def _seen(**values: tuple[float | None, str, float]) -> dict[str, Any]:
    told = {key: {"quality": how, "age_s": age, "sentence": "It is off."} for key, (_, how, age) in values.items()}
    return {**{key: value for key, (value, _, _) in values.items()}, "readings": told}


@pytest.mark.parametrize(
    ("value", "quality", "age", "says"),
    [
        (92.0, "good", 0.5, []),
        (91.9, "good", 0.5, ["SpO2 is 91.9 %; it must reach 92 %."]),
        (97.0, "doubtful", 0.5, ["There is no good value of SpO2. It is off."]),
        (97.0, "good", 5.1, ["There is no good value of SpO2. It is off."]),
        (None, "none", 0.5, ["There is no good value of SpO2. It is off."]),
    ],
)
def test_what_a_release_still_lacks_is_said_with_the_value_that_it_must_reach(
    value: float | None, quality: str, age: float, says: list[str]
) -> None:
    assert guarding.lacks([ADULT[0]], _seen(spo2=(value, quality, age))) == says


def test_a_value_that_is_too_high_must_fall_below_the_limit_by_the_hysteresis() -> None:
    assert guarding.lacks([ADULT[1]], _seen(etco2=(46.0, "good", 1))) == ["EtCO2 is 46 mmHg; it must fall to 45 mmHg."]
    assert guarding.lacks([ADULT[1]], _seen(etco2=(45.0, "good", 1))) == []


def test_a_row_of_the_wire_is_the_guard_that_was_sent() -> None:
    for guard in ADULT:
        assert guarding.Guard.of(guard.fields(), guard.source) == guard
