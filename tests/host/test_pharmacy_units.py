"""Volumes, rates and syringes: what was typed is what is given, exactly, or a sentence says why not."""

from __future__ import annotations

import math
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assuage.errors import BadInput
from assuage.pharmacy.syringes import SYRINGES, syringe
from assuage.pharmacy.units import Ml, MlPerH, plain

cents = st.integers(1, 120_000).map(lambda n: Decimal(n) / 100)


@given(rate=cents, form=st.sampled_from([str, lambda d: d, float, lambda d: f" {d} "]))
def test_a_rate_is_kept_as_typed_and_rounded_once_to_whole_nl_per_min(rate: Decimal, form: Any) -> None:
    parsed = MlPerH.parse(form(rate))
    assert parsed.value == rate
    exact = rate * 1_000_000 / 60
    assert abs(parsed.nl_per_min - exact) <= Decimal("0.5")
    assert abs(MlPerH.from_nl_per_min(parsed.nl_per_min).value - rate) <= Decimal("0.00003")


@given(n=st.integers(10, 100_000))
def test_a_volume_is_exact_in_nl_both_ways(n: int) -> None:
    volume = Ml.parse(Decimal(n) / 1000)
    assert volume.nl == n * 1000
    assert Ml.from_nl(volume.nl) == volume


@given(nl_per_min=st.integers(0, 20_000_000))
def test_every_rate_of_the_wire_has_an_exact_value_that_leads_back(nl_per_min: int) -> None:
    assert MlPerH.from_nl_per_min(nl_per_min).nl_per_min == nl_per_min


@pytest.mark.parametrize(
    ("typed", "says"),
    [
        ("", "missing"), ("   ", "missing"), (None, "must be a number"), (True, "must be a number"),
        ([1], "must be a number"), ("-1", "negative"), (-0.5, "negative"), ("1,5", "not a comma"),
        (".5", "zero before"), ("5.", "plain number"), ("1e2", "plain number"), ("1 0", "plain number"),
        ("0x10", "plain number"), ("٣", "plain number"), ("007", "plain number"), ("9" * 400, "plain number"),
        (math.nan, "plain number"), (math.inf, "plain number"), (1e300, "plain number"), ("10 mL/h", "plain number"),
        ("0.001", "too many digits"), (0.1 + 0.2, "too many digits"), (1e-7, "too many digits"),
        ("0", "between"), ("10000", "between"),
    ],
)  # fmt: skip
def test_what_cannot_be_a_rate_is_refused_with_a_sentence(typed: object, says: str) -> None:
    with pytest.raises(BadInput, match=says) as error:
        MlPerH.parse(typed)
    assert error.value.field == "rate"
    assert error.value.sentence.startswith("Rate")
    assert error.value.sentence.endswith(".")
    assert len(error.value.sentence) < 120


@given(typed=st.text() | st.floats() | st.integers() | st.decimals(allow_nan=True))
def test_anything_at_all_is_a_rate_or_a_sentence(typed: Any) -> None:
    try:
        rate = MlPerH.parse(typed)
    except BadInput as error:
        assert error.sentence
    else:
        assert MlPerH.LO <= rate.value <= MlPerH.HI


def test_a_rate_and_a_volume_cannot_be_mixed_up() -> None:
    assert MlPerH.parse("5") != Ml.parse("5")
    with pytest.raises(TypeError):
        assert MlPerH.parse("5") < Ml.parse("6")  # type: ignore[operator]


@pytest.mark.parametrize(("value", "text"), [("10.00", "10"), ("0.50", "0.5"), ("1200", "1200"), ("1E+2", "100")])
def test_a_dose_is_written_without_trailing_zeros(value: str, text: str) -> None:
    assert plain(Decimal(value)) == text


def test_the_syringe_table_is_what_its_source_says_and_fits_the_wire() -> None:
    from assuage_wire.codec import BY_NAME

    bd50 = syringe("BD 50 mL")
    assert (bd50.bore_um, bd50.capacity.nl) == (26_700, 50_000_000)
    ranges = {f[0]: (f[3], f[4]) for f in BY_NAME["Programme"].fields}
    for each in SYRINGES.values():
        assert ranges["bore"][0] <= each.bore_um <= ranges["bore"][1]
        assert ranges["capacity"][0] <= each.capacity.nl <= ranges["capacity"][1]
        # The plunger's travel for the nominal volume is that of a syringe: 2 to 16 cm.
        travel_mm = each.capacity.nl / 1000 / (math.pi / 4 * float(each.bore_mm) ** 2)
        assert 20 < travel_mm < 160, each.name


@pytest.mark.parametrize("name", ["BD 51 mL", "", None, 50, ["BD 50 mL"]])
def test_an_unknown_syringe_is_refused(name: object) -> None:
    with pytest.raises(BadInput, match="no syringe"):
        syringe(name)
