"""The prediction of an occlusion's alarm: its rule as the detector publishes it, compliance as the plant has it."""

from __future__ import annotations

import pytest

from assuage_rig.iec60601_2_24 import nl_min
from assuage_rig.occlusion import LATE_SLOTS, Rule, predict
from assuage_rig.plant.line import PATIENT, SYRINGE
from assuage_rig.plant.syringe import SYRINGES

from .driving import Driven


@pytest.mark.parametrize(("name", "minutes"), [("BD 50", 9.3), ("BD 20", 3.6), ("BD 10", 2.0)])
def test_the_softest_syringe_is_told_when_the_detector_says_so(name: str, minutes: float) -> None:
    """pump/pressure.py: "9.3 min at most at 1 mL/h ...; 3.6 min in 20 mL, 2 min in 10 mL", of other bores too."""
    rule = Rule.of(SYRINGES[name], 300)
    late = rule.volume_nl(rule.softest) + LATE_SLOTS * rule.slot_nl
    assert 0.85 * minutes <= late / nl_min(1) <= minutes


def test_it_asks_for_45_mmhg_in_50_ml() -> None:
    assert Rule.of(SYRINGES["BD 50"], 300).rise_pa / 133.322 == pytest.approx(45, abs=0.5)


def test_no_prediction_for_sizes_of_which_nothing_is_published_here() -> None:
    with pytest.raises(ValueError, match="no rule"):
        Rule.of(SYRINGES["BD 5"], 300)


@pytest.mark.parametrize("where", [PATIENT, 0.5, SYRINGE])
@pytest.mark.parametrize("name", ["BD 10", "BD 50"])
def test_the_compliance_is_what_the_plant_gives_way_by(name: str, where: float) -> None:
    d = Driven(name)
    d.run(5, 600)
    said = predict(d.infusion, Rule.of(SYRINGES[name], 300), nl_min(5), where, 600)
    d.line.make("occlusion", where=where)
    force, before = d.infusion.force_n(), d.shaft.plunger_nl
    d.run(5, 600)
    rise = (d.infusion.force_n() - force) / SYRINGES[name].area_mm2 * 1e6
    assert (d.shaft.plunger_nl - before) / rise == pytest.approx(said.compliance, rel=0.05)


def test_the_band_is_where_the_rise_is_and_a_low_level_comes_first() -> None:
    d = Driven("BD 50")
    wide = predict(d.infusion, Rule.of(SYRINGES["BD 50"], 300), nl_min(1), PATIENT, 600)
    # 11.5 nL/Pa and 5947 Pa, less an eighth of what 21 nL/Pa give: 73.4 uL
    assert wide.soonest_min < 73.4 / 16.667 < wide.latest_min < 1.3 * 73.4 / 16.667
    assert predict(d.infusion, Rule.of(SYRINGES["BD 50"], 300), nl_min(5), PATIENT, 0).latest_min * 5 > wide.latest_min
    low = Rule(rise_pa=5947, level_pa=3000, softest=21.0)
    assert predict(d.infusion, low, nl_min(1), PATIENT, 600).latest_min < wide.soonest_min
