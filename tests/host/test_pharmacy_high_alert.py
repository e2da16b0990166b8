"""Which orders two people compare: each reason by itself, and none without one."""

from __future__ import annotations

import random
from fractions import Fraction

import pytest

from assuage.pharmacy import high_alert
from assuage.pharmacy.high_alert import Before
from assuage.pharmacy.prescription import Prescription
from assuage.pharmacy.quantities import Concentration, DoseRate
from assuage_rig.requirements import req
from tests.host.prescribing import LIBRARY, ketamine, usual

P = Prescription.from_input(ketamine(), LIBRARY)  # 14 mg/h of 2 mg/mL


@req("PHA-010")
def test_every_order_of_an_opioid_is_compared_by_two_and_a_usual_one_of_ketamine_by_one(seed: int) -> None:
    for _, typed in random.Random(seed).sample(list(usual()), 400):
        p = Prescription.from_input(typed, LIBRARY)
        opioid = LIBRARY.drug(p.drug).group == "opioid"
        assert bool(high_alert.alerts(p, (), LIBRARY, Before())) == opioid == high_alert.always(LIBRARY, p.drug), p.drug


@req("PHA-010")
@pytest.mark.parametrize(("overridden", "before", "says"), [
    (("rate:soft-high:mg/kg/h",), Before(), "beyond what the library finds usual"),
    ((), Before(rate=DoseRate.parse("6.99 mg/h")), "more than twice"),
    ((), Before(rate=DoseRate.parse("7 mg/h")), ""),
    ((), Before(rate=DoseRate.parse("80 mg/h")), ""),
    ((), Before(solution=Concentration.parse("1 mg/mL")), "the one before had 1 mg/mL"),
    ((), Before(solution=Concentration.parse("2000 mcg/mL")), ""),
    ((), Before(others=(LIBRARY.substance("esketamine"),)), "S-ketamine (esketamine) was given within the last day"),
    ((), Before(converted=True), "was converted into ketamine (racemic)"),
])  # fmt: skip
def test_each_reason_makes_two_compare_it_alone(overridden: tuple[str, ...], before: Before, says: str) -> None:
    told = high_alert.alerts(P, overridden, LIBRARY, before)
    assert [says in each for each in told] == ([True] if says else [])
    assert all(each.endswith(".") for each in told)


def test_the_highest_rate_of_steps_is_what_counts() -> None:
    steps = [{"rate": "0.2 mg/kg/h", "duration": "30 min"}, {"rate": "21 mg/h", "duration": "1 h"}]
    p = Prescription.from_input(ketamine(mode="steps", rate=None, duration=None, steps=steps), LIBRARY)
    rate = high_alert.highest(p)
    assert rate is not None and rate.number("mg/h") == Fraction(21)
    assert high_alert.alerts(p, (), LIBRARY, Before(rate=DoseRate.parse("10.4 mg/h")))
    assert not high_alert.alerts(p, (), LIBRARY, Before(rate=DoseRate.parse("10.5 mg/h")))
