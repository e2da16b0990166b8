"""What is timed is a day of target-controlled infusion, and does what it should."""

from __future__ import annotations

from assuage.pharmacy.kinetics.body import Patient, body
from assuage.pharmacy.kinetics.schema import models
from assuage.pharmacy.quantities import Age, Weight
from tests.bench.kinetics import day


def test_the_timed_day_has_every_period_and_comes_to_each_target() -> None:
    plan = day(body(models()["domino"], Patient(Weight.of(70, "kg"), Age.of(40, "years"))))
    assert len(plan.rates) == 24 * 360
    for hour, mg_l in ((7.9, 0.15), (11.9, 0.08), (23.9, 0.2)):
        assert abs(plan.level[round(hour * 360)] / mg_l - 1) < 0.01
