"""A limit that is told is true: who types it is not refused again, by the board's own check, for every syringe."""

from __future__ import annotations

import math
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assuage.bedside import sentences
from assuage.bedside.order import Order
from assuage.errors import Refused
from assuage.pharmacy.syringes import SYRINGES
from assuage.pharmacy.units import MlPerH
from assuage_wire import schema
from assuage_wire.codec import BY_NAME
from boards.reference import DATA
from pump.checks import check
from pump.programme import Programme
from tests.host.bedside import KETAMINE

FIELDS = tuple(f[0] for f in BY_NAME["Programme"].fields[2:])
COARSE: dict[str, Any] = {**DATA, "lead_nm": 5_500_000, "steps_per_rev": 200}  # its slowest rate can be typed
LIMITS: dict[str, int] = dict(DATA["limits"])


def answer(board: dict[str, Any], limits: dict[str, int], **changes: Any) -> tuple[str, str, str | None]:
    """Status, sentence and limit that a person sees after this order, from the board's own check."""
    sent = Order.from_input({**KETAMINE, **changes}).programme(1, 3000)
    programme = Programme()
    programme.load([sent[name] for name in FIELDS], 0, board["steps_per_rev"], board["lead_nm"])
    status, detail = check(programme, limits, board["steps_per_rev"])
    name = schema.STATUSES[status]
    return (name, *sentences.refusal(name, detail, sent["rate"]))


def number(limit: str | None, unit: str) -> Decimal:
    """Of a limit as told."""
    assert limit is not None and limit.endswith(f" {unit}")
    return Decimal(limit.removesuffix(f" {unit}"))


def _fast(syringe: str) -> bool:
    return answer(DATA, LIMITS, syringe=syringe, vtbi_ml="0.5", rate_ml_h="1200")[0] == "ok"


def test_the_fastest_order_there_can_be_is_for_wide_syringes_only() -> None:
    assert 3 <= sum(_fast(syringe) for syringe in SYRINGES) <= len(SYRINGES) - 3
    assert all(SYRINGES[syringe].bore_mm > 10 for syringe in SYRINGES if _fast(syringe))


@pytest.mark.parametrize("syringe", [syringe for syringe in SYRINGES if not _fast(syringe)])
def test_the_highest_rate_that_is_told_is_accepted_and_the_next_is_not(syringe: str) -> None:
    status, sentence, limit = answer(DATA, LIMITS, syringe=syringe, vtbi_ml="0.5", rate_ml_h="1200")
    assert status == "rate-limit" and "above" in sentence
    told = number(limit, "mL/h")
    assert answer(DATA, LIMITS, syringe=syringe, vtbi_ml="0.5", rate_ml_h=told)[0] == "ok"
    assert answer(DATA, LIMITS, syringe=syringe, vtbi_ml="0.5", rate_ml_h=told + Decimal("0.01"))[2] == limit


@pytest.mark.parametrize("syringe", [name for name, s in SYRINGES.items() if s.bore_mm > 8])
def test_the_lowest_rate_that_is_told_is_accepted_and_the_next_is_not(syringe: str) -> None:
    status, sentence, limit = answer(COARSE, LIMITS, syringe=syringe, vtbi_ml="0.5", rate_ml_h="0.01")
    assert status == "rate-limit" and "slowest" in sentence
    told = number(limit, "mL/h")
    assert answer(COARSE, LIMITS, syringe=syringe, vtbi_ml="0.5", rate_ml_h=told)[0] == "ok"
    assert answer(COARSE, LIMITS, syringe=syringe, vtbi_ml="0.5", rate_ml_h=told - Decimal("0.01"))[2] == limit


@given(nl_per_min=st.integers(167, 20_000_000))
def test_a_limit_of_any_rate_is_told_as_the_last_that_can_be_typed(nl_per_min: int) -> None:
    step = Decimal("0.01")
    highest, lowest = MlPerH.highest(nl_per_min), MlPerH.lowest(nl_per_min)
    assert highest.nl_per_min <= nl_per_min < MlPerH(highest.value + step).nl_per_min
    assert MlPerH(lowest.value - step).nl_per_min < nl_per_min <= lowest.nl_per_min


@given(max_volume=st.integers(10_000, 49_999_999))
def test_the_highest_volume_that_is_told_is_accepted_and_the_next_is_not(max_volume: int) -> None:
    limits = {**LIMITS, "max_volume": max_volume}
    status, _, limit = answer(DATA, limits, vtbi_ml="50")
    assert status == "volume-limit"
    told = number(limit, "mL")
    assert told == Decimal(max_volume // 1000) / 1000
    assert answer(DATA, limits, vtbi_ml=told)[0] == "ok"
    assert answer(DATA, limits, vtbi_ml=told + Decimal("0.001"))[2] == limit


def test_a_long_infusion_that_ends_well_within_the_pumps_limit_is_accepted() -> None:
    assert answer(DATA, LIMITS, rate_ml_h="0.3", vtbi_ml="48.4")[0] == "ok", "161.3 h of 168"


@given(ul=st.integers(45_000, 50_000))
def test_an_infusion_refused_for_its_length_would_last_longer_with_the_spare_time_that_is_named(ul: int) -> None:
    status, sentence, limit = answer(DATA, LIMITS, rate_ml_h="0.29", vtbi_ml=Decimal(ul) / 1000)
    takes_s = math.ceil(Fraction(ul * 1000 * 60, MlPerH.parse("0.29").nl_per_min))
    assert (status == "time-limit") == (takes_s + 3600 > 168 * 3600)
    if status == "time-limit":
        assert limit == "168.0 h" and "spare time of up to an hour" in sentence


def test_the_hosts_own_limit_of_time_names_the_spare_time_too() -> None:
    with pytest.raises(Refused, match=r"spare time of up to an hour .* 30 days") as error:
        Order.from_input({**KETAMINE, "rate_ml_h": "0.01", "vtbi_ml": "7.21"}).programme(1, 3000)
    assert (error.value.status, error.value.limit) == ("time-limit", "30 days")
    programme = Order.from_input({**KETAMINE, "rate_ml_h": "0.01", "vtbi_ml": "7.2"}).programme(1, 3000)
    assert programme["duration"] * programme["rate"] > programme["vtbi"] * 60
