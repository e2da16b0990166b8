"""Blood pressure by the cuff, over simulated arms: mean error within 5 mmHg and standard deviation within 8.

The bounds are those of ISO 81060-2, first criterion. The arms are drawn without regard to the firmware's ratios; see
cuff_on_arm.drawn(). With ASSUAGE_BLAND_ALTMAN=file, the pairs (true, measured) of each pressure are written there.
"""

from __future__ import annotations

import json
import os
import random
from dataclasses import dataclass, field
from pathlib import Path
from statistics import mean, pstdev

import pytest

from assuage_rig.plant.arm import Tissue
from assuage_rig.plant.cuff import SMALL
from vitals.cuff_kinds import PAEDIATRIC

from .cuff_on_arm import Case, OnArm, WithSensor, drawn

BIAS, SPREAD = 5.0, 8.0
pytestmark = pytest.mark.timeout(600)  # 13 s of a processor, which many may share
NAMES = ("systolic", "map", "diastolic", "pulse")


@dataclass
class Found:
    """Pairs (true, measured) by name; withheld: signals of those without numbers."""

    pairs: dict[str, list[tuple[float, float]]] = field(default_factory=lambda: {name: [] for name in NAMES})
    withheld: list[str] = field(default_factory=list)

    def errors(self, name: str) -> list[float]:
        """Measured less true."""
        return [measured - true for true, measured in self.pairs[name]]


def determined(count: int, seed: int) -> Found:
    """So many patients, one attempt each."""
    rng = random.Random(seed)
    found = Found()
    for _ in range(count):
        on = OnArm(drawn(rng)).measure()
        cuff, case = on.cuff, on.case
        if on.signal != "ok":
            found.withheld.append(on.signal)
            continue
        truth = (case.systolic, on.arm.mean(0), case.diastolic, case.bpm)
        measured = (cuff.systolic / 10, cuff.map / 10, cuff.diastolic / 10, cuff.pulse / 10)
        for name, true, value in zip(NAMES, truth, measured, strict=True):
            found.pairs[name].append((true, value))
    return found


@pytest.fixture(scope="module")
def found() -> Found:
    soak = os.environ.get("ASSUAGE_SOAK") == "1"
    found = determined(2_000 if soak else 220, int(os.environ["ASSUAGE_SEED"]))
    if path := os.environ.get("ASSUAGE_BLAND_ALTMAN"):
        Path(path).write_text(json.dumps(found.pairs))
    return found


def test_at_least_200_of_220_arms_at_rest_bring_numbers_at_the_first_attempt(found: Found) -> None:
    shown = len(found.pairs["systolic"])
    assert shown >= 200 and len(found.withheld) <= 0.04 * shown, found.withheld


@pytest.mark.parametrize("name", NAMES[:3])
def test_the_mean_error_and_its_spread_are_within_the_standards_bounds(found: Found, name: str) -> None:
    errors = found.errors(name)
    assert abs(mean(errors)) <= BIAS and pstdev(errors) <= SPREAD, (mean(errors), pstdev(errors))


@pytest.mark.parametrize("name", NAMES[:3])
def test_nearly_all_are_within_15_mmhg(found: Found, name: str) -> None:
    errors = found.errors(name)
    assert sum(abs(error) <= 15 for error in errors) >= 0.98 * len(errors), sorted(errors)


def test_the_pulse_rate_is_within_2_a_minute(found: Found) -> None:
    assert max(map(abs, found.errors("pulse"))) <= 2


def test_the_corners_of_the_promised_range_bring_numbers_with_margin() -> None:
    for systolic, diastolic in ((70, 40), (90, 60), (120, 80), (160, 90), (200, 120)):
        for bpm in (40, 70, 110, 160):
            on = OnArm(Case(systolic, diastolic, bpm)).measure()
            assert on.signal == "ok", (systolic, diastolic, bpm)
            assert max(map(abs, on.errors())) <= 10, (systolic, diastolic, bpm, on.errors())


def test_an_arm_that_is_quite_unlike_the_ratios_is_off_as_far_as_theory_says() -> None:
    """0.11 and 0.03 /mmHg: at 120/80 the ratios would be 0.35 and 0.90, the maximum at 88.6 (closed form)."""
    on = OnArm(Case(tissue=Tissue(0.11, 0.03, 0.03), breathing=0.0)).measure()
    systolic, mean_, diastolic = on.cuff.systolic / 10, on.cuff.map / 10, on.cuff.diastolic / 10
    # the envelope is 0.57 at 113.8 and 0.70 at 69.5: interpolated from the closed form
    assert abs(systolic - 113.8) < 3.5 and abs(diastolic - 69.5) < 3.5 and abs(mean_ - 88.6) < 3.5


def test_the_same_with_the_sensor_and_its_driver_in_between() -> None:
    for systolic, diastolic in ((95, 55), (130, 85), (175, 105)):
        on = WithSensor(Case(systolic, diastolic)).measure()
        assert on.signal == "ok" and max(map(abs, on.errors())) <= 8


def test_a_childs_arm_and_cuff() -> None:
    for systolic, diastolic in ((80, 45), (95, 60), (110, 70)):
        case = Case(systolic, diastolic, 110, Tissue(c0=0.008))
        on = OnArm(case, kind=PAEDIATRIC, size=SMALL).measure()
        assert on.signal == "ok" and max(map(abs, on.errors())) <= 10


def test_the_bleed_falls_by_two_to_three_mmhg_a_second_once_it_has_settled() -> None:
    on = OnArm(Case(150, 60))
    assert on.cuff.start()
    on.reach("bleeding").run(6)
    while on.state == "bleeding":
        before = on.air.bladder()
        on.run(10)
        if on.state == "bleeding":
            assert 2 <= (before - on.air.bladder()) / 10 <= 3
