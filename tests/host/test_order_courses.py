"""Each way of infusing: what it comes to on the wire, by hand, and that the board's own checks take it."""

from __future__ import annotations

from typing import Any

import pytest

from assuage.bedside import sentences
from assuage.bedside.order import Order
from assuage.errors import BadInput
from assuage_wire import schema
from assuage_wire.codec import BY_NAME
from boards.reference import DATA
from pump import checks
from pump.programme import Programme

FIELDS = tuple(f[0] for f in BY_NAME["Programme"].fields[2:])
BASE = {"drug": "Ketamine racemic 10 mg/mL", "syringe": "BD 50 mL", "on_loss": "stop"}

CONTINUOUS = {"mode": "continuous", "rate_ml_h": "10", "vtbi_ml": "20"}
LOADING = {"mode": "loading", "load_ml": "2", "load_ml_h": "120", "rate_ml_h": "6", "vtbi_ml": "8"}
RAMP = {"mode": "ramp", "rate_ml_h": "12", "vtbi_ml": "10", "up_min": "10", "down_min": "20"}
STEPS = {"mode": "steps", "steps": [{"rate_ml_h": "6", "ml": "1"}, {"rate_ml_h": "12", "ml": "4.5"}]}
DOSES = {
    "mode": "intermittent", "dose_ml": "2", "dose_ml_h": "60", "every_min": "30", "rate_ml_h": "0", "vtbi_ml": "20",
}  # fmt: skip
PCA = {
    "mode": "pca", "dose_ml": "0.5", "dose_ml_h": "60", "lockout_min": "8", "hour_ml": "3", "four_hours_ml": "8",
    "rate_ml_h": "1", "vtbi_ml": "40", "for_h": "24",
}  # fmt: skip
EACH = {order["mode"]: order for order in (CONTINUOUS, LOADING, RAMP, STEPS, DOSES, PCA)}


def made(order: dict[str, Any], **changes: Any) -> tuple[dict[str, int], list[tuple[int, ...]]]:
    """Fields of the Programme, and (begin, end, volume, seconds) of each leg."""
    asked = Order.from_input({**BASE, **order, **changes})
    legs = [(leg["begin"], leg["end"], leg["volume"], leg["seconds"]) for leg in asked.legs(1)]
    return asked.programme(1, 3000), legs


def answer(order: dict[str, Any], **changes: Any) -> tuple[str, str]:
    """Status and sentence, by the board's own checks of the programme and of its legs."""
    sent, legs = made(order, **changes)
    programme = Programme()
    programme.load([sent[name] for name in FIELDS], 0, DATA["steps_per_rev"], DATA["lead_nm"])
    status, detail = checks.check(programme, DATA["limits"], DATA["steps_per_rev"])
    if status == 0:
        for leg in legs:
            programme.add(leg)
        assert not programme.missing()
        status, detail = checks.legs(programme, DATA["steps_per_rev"])
    name = schema.STATUSES[status]
    return name, sentences.refusal(name, detail, sent["rate"])[0]


@pytest.mark.parametrize("mode", EACH)
@pytest.mark.parametrize("policy", [
    {}, {"on_loss": "kvo"}, {"on_end": "kvo", "contents_ml": "45"}, {"highest_ml_h": "150"}, {"bolus_ml": "2"},
    {"occlusion_mmhg": 150, "near_empty_min": 30},
])  # fmt: skip
def test_the_board_takes_each_of_them(mode: str, policy: dict[str, Any]) -> None:
    assert answer(EACH[mode], **policy) == ("ok", "")


def test_continuous_is_one_flow() -> None:
    sent, legs = made(CONTINUOUS)
    assert (sent["mode"], sent["rate"], sent["vtbi"], sent["legs"], legs) == (1, 166_667, 20_000_000, 0, [])


def test_a_loading_dose_comes_first_and_is_a_part_of_the_volume() -> None:
    sent, legs = made(LOADING)
    assert (sent["mode"], sent["rate"], sent["vtbi"], sent["legs"]) == (2, 2_000_000, 8_000_000, 2)
    assert legs == [(2_000_000, 2_000_000, 2_000_000, 0), (100_000, 100_000, 0, 0)]
    assert sent["duration"] == 60 + 3600 + 183 + 60, "the dose, the rest, a twentieth and a minute to spare"


def test_a_ramp_and_a_taper_are_straight_lines_and_the_whole_is_exact() -> None:
    sent, legs = made(RAMP)
    assert (sent["mode"], sent["rate"], sent["vtbi"]) == (2, 200_000, 10_000_000)
    # half of 12 mL/h for 10 min is 1 mL, for 20 min 2 mL; 7 mL are between
    assert legs == [(0, 200_000, 0, 600), (200_000, 200_000, 7_000_000, 0), (200_000, 0, 0, 1200)]
    assert made(RAMP, down_min="")[1] == [(0, 200_000, 0, 600), (200_000, 200_000, 0, 0)]
    assert made(RAMP, up_min="0")[1] == [(200_000, 200_000, 8_000_000, 0), (200_000, 0, 0, 1200)]


def test_steps_follow_each_other() -> None:
    sent, legs = made(STEPS)
    assert (sent["mode"], sent["rate"], sent["vtbi"]) == (2, 200_000, 5_500_000)
    assert legs == [(100_000, 100_000, 1_000_000, 0), (200_000, 200_000, 4_500_000, 0)]


def test_doses_at_intervals_go_round_until_the_volume_is_given() -> None:
    sent, legs = made(DOSES)
    assert (sent["mode"], sent["rate"], sent["loop"], sent["vtbi"]) == (2, 1_000_000, 0, 20_000_000)
    assert legs == [(1_000_000, 1_000_000, 2_000_000, 0), (0, 0, 0, 1680)]
    # 28 min at 1.5 mL/h are 0.7 mL
    assert made(DOSES, rate_ml_h="1.5")[1][1] == (25_000, 25_000, 700_000, 0)


def test_pca_has_its_dose_its_lockout_and_both_limits() -> None:
    sent, legs = made(PCA)
    assert (sent["mode"], sent["rate"], sent["dose"], sent["dose_rate"]) == (3, 16_667, 500_000, 1_000_000)
    assert (sent["lockout"], sent["limit_hour"], sent["limit_4h"]) == (480, 3_000_000, 8_000_000)
    assert (sent["duration"], sent["limit_rate"], legs) == (86_400, 1_000_000, [])
    assert made(PCA, rate_ml_h="0")[0]["rate"] == 0


def test_nothing_may_be_changed_beyond_the_order_unless_it_says_so() -> None:
    assert (made(CONTINUOUS)[0]["limit_rate"], made(CONTINUOUS)[0]["bolus"]) == (166_667, 0)
    allowed = made(CONTINUOUS, highest_ml_h="60", bolus_ml="1.5")[0]
    assert (allowed["limit_rate"], allowed["bolus"]) == (1_000_000, 1_500_000)


def test_a_vein_is_kept_open_at_the_typed_rate_and_never_above_the_slowest() -> None:
    assert made(CONTINUOUS, on_loss="kvo")[0]["kvo"] == 16_667
    assert made(CONTINUOUS, on_loss="kvo", kvo_ml_h="0.5")[0]["kvo"] == 8_333
    assert made(CONTINUOUS, on_loss="kvo", rate_ml_h="0.4")[0]["kvo"] == 6_667
    assert made(LOADING, on_loss="kvo", rate_ml_h="0.4")[0]["kvo"] == 6_667
    opened = made(CONTINUOUS, on_end="kvo", contents_ml="30")[0]
    assert (opened["on_end"], opened["kvo"], opened["limit_volume"]) == (1, 16_667, 30_000_000)
    assert opened["duration"] == 7200 + 360 + 60 + 12 * 3600


def test_when_the_syringe_is_nearly_empty_is_said_in_minutes() -> None:
    assert made(CONTINUOUS)[0]["near_empty"] == 900
    assert made(CONTINUOUS, near_empty_min="30")[0]["near_empty"] == 1800
    assert made(CONTINUOUS, near_empty_min="0")[0]["near_empty"] == 0


@pytest.mark.parametrize(
    ("order", "changes", "field", "says"),
    [
        (CONTINUOUS, {"mode": "guess"}, "mode", "can be continuous, loading"),
        (CONTINUOUS, {"dose_ml": "1"}, "dose_ml", "no 'dose_ml'"),
        (CONTINUOUS, {"mode": "pca"}, "dose", "missing"),
        (LOADING, {"load_ml": "8"}, "VTBI", "more than the loading dose"),
        (RAMP, {"up_min": "", "down_min": "0"}, "ramp up", "some minutes"),
        (RAMP, {"vtbi_ml": "3"}, "VTBI", "ramps alone give 3.000 mL"),
        (STEPS, {"steps": []}, "steps", "at least one step"), (STEPS, {"steps": "6"}, "steps", "at least one step"),
        (STEPS, {"steps": STEPS["steps"] * 9}, "steps", "16 steps at most"),
        (STEPS, {"steps": [{"rate_ml_h": "6"}]}, "volume of step 1", "missing"),
        (STEPS, {"steps": [{"rate_ml_h": "6", "ml": "51"}]}, "VTBI", "more than the syringe holds"),
        (DOSES, {"every_min": "2"}, "interval", "One dose takes 2 min"),
        (DOSES, {"dose_ml": "21"}, "VTBI", "less than one dose"),
        (PCA, {"lockout_min": ""}, "lockout", "at least 1 min"),
        (PCA, {"hour_ml": "0.4"}, "one-hour limit", "less than"),
        (PCA, {"four_hours_ml": "2"}, "four-hour limit", "less than the one-hour"),
        (PCA, {"hour_ml": ""}, "one-hour limit", "missing"),
        (PCA, {"for_h": ""}, "for_h", "how many hours"),
        (PCA, {"on_loss": "kvo", "rate_ml_h": "0"}, "on_loss", "Without a basal rate"),
        (CONTINUOUS, {"on_loss": "kvo", "kvo_ml_h": "11"}, "kvo", "cannot be above the slowest rate, 10 mL/h"),
        (CONTINUOUS, {"for_h": "1.9"}, "for_h", "takes 2.0 h"),
        (CONTINUOUS, {"highest_ml_h": "9"}, "highest rate", "below the rate of the order"),
        (CONTINUOUS, {"near_empty_min": "2000"}, "near-empty warning", "between"),
        (CONTINUOUS, {"on_end": "again"}, "on_end", "kvo"), (CONTINUOUS, {"bolus_ml": ".5"}, "largest bolus", "zero"),
    ],
)  # fmt: skip
def test_what_makes_no_sense_is_said_at_its_field(
    order: dict[str, Any], changes: dict[str, Any], field: str, says: str
) -> None:
    with pytest.raises(BadInput, match=says) as error:
        made(order, **changes)
    assert error.value.field == field


def test_a_step_that_the_pump_cannot_deliver_is_named() -> None:
    assert sentences.refusal("leg", 1)[0].startswith("The pump cannot deliver step 2")
