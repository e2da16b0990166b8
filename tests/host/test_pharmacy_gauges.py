"""What a form of an order shows: what can be chosen, and where what is typed lies between its limits."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from assuage.bedside.dosed import dosed
from assuage.pharmacy import dosing
from assuage.pharmacy.formulary import formulary
from assuage.pharmacy.gauges import gauges
from assuage.pharmacy.prescription import Prescription
from assuage.pharmacy.quantities import Mass
from assuage_rig.requirements import req
from tests.host.prescribing import LIBRARY, ketamine, usual
from tests.host.ward import ward

ZONE = {"soft-low": "low", "soft-high": "high", "hard-high": "beyond"}


def gauge(data: dict[str, Any], what: str, **had: str) -> dict[str, Any]:
    given = {name: Mass.parse(text) for name, text in had.items()}
    return next(one for one in gauges(data, LIBRARY, given) if one["what"] == what)


@req("PHA-005")
def test_a_picture_is_beyond_a_limit_exactly_where_the_check_finds_it() -> None:
    """Every drug, area, mode and unit of the library, slipped by ten either way."""
    looked = 0
    for key, data in list(usual())[::7]:
        for factor in (Fraction(1, 10), Fraction(1), Fraction(10)):
            text = data.get(key)
            if not isinstance(text, str):
                continue
            number, unit = text.split()
            shifted = {**data, key: f"{float(Fraction(number) * factor):.4f}".rstrip("0").rstrip(".") + f" {unit}"}
            if shifted[key].startswith("0 "):
                continue
            found = {f.code for f in dosing.check(Prescription.from_input(shifted, LIBRARY), LIBRARY).findings}
            for one in gauges(shifted, LIBRARY, {}):
                bounds = {code.split(":")[1] for code in found if code.split(":")[0] == one["name"] and ":" in code}
                if one["key"] == key:
                    worst = next((ZONE[b] for b in ("hard-high", "soft-high", "soft-low") if b in bounds), "usual")
                    assert one["zone"] == worst, (shifted, one)
                    looked += 1
                assert one["at"] is None or 0 <= one["at"] <= 1
    assert looked > 100


def test_a_number_is_shown_in_all_per_kilogram_and_as_the_syringes_flow() -> None:
    one = gauge(ketamine(), "rate")
    assert one["asked"] == "0.2 mg/kg/h" and one["same"] == ["14 mg/h", "about 3.333 mcg/kg/min", "7 mL/h"]
    without = gauge(ketamine(concentration=None), "rate")
    assert without["same"] == ["14 mg/h", "about 3.333 mcg/kg/min"], "no flow without a strength"


def test_what_was_given_before_stands_in_the_totals_and_half_typed_orders_have_a_picture() -> None:
    alone = gauge(ketamine(rate=None), "hour", hour="20 mg")
    assert (alone["asked"], alone["whole"]) == ("20 mg", False)
    both = gauge(ketamine(), "hour", hour="20 mg")
    assert (both["asked"], both["whole"], both["had"]["amount"]) == ("34 mg", True, "20 mg")
    assert both["had"]["at"] < both["at"]


@pytest.mark.parametrize("typed", [
    {}, {"weight": "70"}, {"drug": "x", "weight": "70 kg"}, {"drug": 7, "area": None, "weight": "70 kg"},
    ketamine(rate="0."), ketamine(rate="0.2 mg/"), ketamine(mode="x"), ketamine(steps="x", mode="steps"),
    ketamine(steps=[1, {"rate": 3}], mode="steps", rate=None),
])  # fmt: skip
def test_nothing_that_is_half_typed_is_an_error(typed: dict[str, Any]) -> None:
    assert isinstance(gauges(typed, LIBRARY, {}), list)


def test_a_form_offers_what_can_be_ordered_by_the_pump_and_the_librarys_own_unit_first() -> None:
    told = formulary(LIBRARY)
    names = {drug["key"]: drug["name"] for drug in told["drugs"]}
    assert (names["ketamine"], names["esketamine"]) == ("ketamine (racemic)", "S-ketamine (esketamine)")
    for drug in told["drugs"]:
        for area in drug["areas"].values():
            rates = {"continuous", "ramp", "steps"} & set(area["modes"])
            assert ("rate" in area["units"]) or not rates
            assert all(syringe["source"] for syringe in area["syringes"])
    ketamines = next(drug for drug in told["drugs"] if drug["key"] == "ketamine")
    assert ketamines["areas"]["acute"]["units"]["rate"] == ["mg/kg/h", "mg/h", "mcg/kg/min", "mL/h"]
    assert told["conversions"][0]["source"]


@req("PHA-010")
async def test_what_runs_is_changed_in_clinical_units_and_read_back_in_them(tmp_path: Path) -> None:
    async with ward(tmp_path / "x.record.sqlite") as w:
        back = await w.prescribe(highest="0.3 mg/kg/h", extra="8 mg")
        await w.infuse(back)
        number = back["programme"]
        told = (await w.good("prescribe/change", programme=number, rate="0.25 mg/kg/h"))["readback"]
        assert told["rate_nl_min"] == 145_833
        [rate] = told["clinical"]["numbers"]
        assert (rate["asked"], rate["means"], rate["per_weight"]) == ("0.25 mg/kg/h", "17.5 mg/h", "0.25 mg/kg/h")
        await w.good("pump/apply", programme=number, token=told["token"])
        told = (await w.good("prescribe/change", programme=number, dose="8 mg", over="40 min"))["readback"]
        assert (told["volume_nl"], told["rate_nl_min"]) == (4_000_000, 100_000)
        assert [each["asked"] for each in told["clinical"]["numbers"]] == ["8 mg", "over 40 min"]
        assert (await w.bad("prescribe/change", programme=number, rate="0.9 mg/kg/h"))["status"] == "rate-limit"
        assert (await w.bad("prescribe/change", programme=number, rate="0.2"))["field"] == "rate"
        assert (await w.bad("prescribe/change", programme=number, speed="0.2"))["field"] == "speed"
        assert (await w.bad("prescribe/change", programme=number + 1, rate="0.2 mg/kg/h"))["status"] == "unsupported"


@pytest.mark.parametrize(("weight", "asked", "rate", "delivered"), [
    ("70 kg", "0.2 mg/kg/h", ("0.2", "mg/kg/h"), ("14", "mg")),
    ("154 lb", "0.2 mg/kg/h", ("0.2004", "mg/kg/h"), ("14", "mg")),
    ("70 kg", "14 mg/h", ("14", "mg/h"), ("14", "mg")),
    ("70 kg", "3.333 mcg/kg/min", ("200", "mcg/kg/h"), ("14000", "mcg")),
    ("70 kg", "7 mL/h", ("14", "mg/h"), ("14", "mg")),
])  # fmt: skip
def test_what_flows_is_told_as_a_dose_in_the_size_in_which_it_was_ordered(
    weight: str, asked: str, rate: tuple[str, str], delivered: tuple[str, str]
) -> None:
    clinical = {"weight": weight, "ng_per_ml": 2_000_000, "concentration": "2 mg/mL", "numbers": [{"asked": asked}]}
    told = dosed(clinical, 116_667, 0, 7_000_000)
    assert tuple(told["rate"].values()) == rate and tuple(told["delivered"].values()) == delivered
    assert told["set"]["value"] == "0"
    little = dosed(clinical, 1, 58_333, 1000)
    assert {one["unit"] for one in little.values()} == {one["unit"] for one in told.values()}, "the unit never changes"
