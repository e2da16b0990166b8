"""What an order is before the wire: the wire's units when it makes sense, a sentence when it does not."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assuage.bedside.order import Order
from assuage.errors import BadInput, Refused
from assuage.pharmacy.syringes import SYRINGES
from assuage_wire import schema
from assuage_wire.codec import BY_NAME
from tests.host.bedside import KETAMINE


def order(**changes: Any) -> Order:
    return Order.from_input({**KETAMINE, **changes})


def test_an_order_becomes_a_programme_in_the_wires_units() -> None:
    programme = order().programme(77, 2000)
    assert programme == {
        "programme": 77, "mode": 1, "rate": 166_667, "vtbi": 50_000_000, "duration": 18_960, "bore": 26_700,
        "capacity": 50_000_000, "limit_rate": 166_667, "limit_volume": 50_000_000, "on_loss": 0, "kvo": 0,
        "lease": 2000, "legs": 0, "loop": 255, "dose": 0, "dose_rate": 0, "lockout": 0, "bolus": 0,
        "limit_hour": 2**30 - 1, "limit_4h": 2**30 - 1, "on_end": 0,
        "level": 300, "outer": 0, "alike": 0, "contents": 50_000_000, "near_empty": 900,
        "guards": 0, "watch": 0, "bound": 0,
    }  # fmt: skip


@given(
    rate=st.integers(1, 120_000),
    vtbi=st.integers(10, 1000),
    name=st.sampled_from(sorted(SYRINGES)),
    on_loss=st.sampled_from(schema.ON_LOSS),
)
def test_every_acceptable_order_fits_the_wire_and_ends_after_its_volume(
    rate: int, vtbi: int, name: str, on_loss: str
) -> None:
    made = order(rate_ml_h=Decimal(rate) / 100, vtbi_ml=Decimal(vtbi) / 1000, syringe=name, on_loss=on_loss)
    programme = made.programme(1, 2000)
    for field in BY_NAME["Programme"].fields[2:]:
        assert field[3] <= programme[field[0]] <= field[4], field[0]
    assert programme["duration"] * programme["rate"] > programme["vtbi"] * 60
    assert programme["kvo"] <= programme["rate"]
    assert (programme["kvo"] > 0) == (on_loss == "kvo")


@pytest.mark.parametrize(
    ("changes", "field", "says"),
    [
        ({"drug": ""}, "drug", "missing"), ({"drug": "x" * 61}, "drug", "at most 60"),
        ({"drug": "a\x07b"}, "drug", "plain text"), ({"drug": 7}, "drug", "missing"),
        ({"rate_ml_h": ""}, "rate", "missing"), ({"rate_ml_h": "fast"}, "rate", "plain number"),
        ({"vtbi_ml": "0"}, "VTBI", "between"), ({"vtbi_ml": "60"}, "VTBI", "more than the syringe holds"),
        ({"syringe": "bucket"}, "syringe", "no syringe"), ({"on_loss": "panic"}, "on_loss", "kvo"),
        ({"on_loss": ["stop"]}, "on_loss", "kvo"), ({"weight": 70}, "weight", "no 'weight'"),
    ],
)  # fmt: skip
def test_an_order_that_makes_no_sense_is_refused_before_it_reaches_the_wire(
    changes: dict[str, Any], field: str, says: str
) -> None:
    with pytest.raises(BadInput, match=says) as error:
        order(**changes)
    assert error.value.field == field


def test_what_the_wire_cannot_carry_is_refused_with_its_limit() -> None:
    with pytest.raises(Refused) as fast:
        order(rate_ml_h=1200.01).programme(1, 2000)
    assert (fast.value.status, fast.value.limit, fast.value.by) == ("rate-limit", "1200.00 mL/h", "host")
    with pytest.raises(Refused) as slow:
        order(rate_ml_h="0.01", vtbi_ml=10).programme(1, 2000)
    assert (slow.value.status, slow.value.limit) == ("time-limit", "30 days")
