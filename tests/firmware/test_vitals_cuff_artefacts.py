"""What disturbs a cuff's record is withheld, with its reason, and of what is shown 99 % is within 15 mmHg.

15 mmHg: about the mean error and the spread that are allowed together, 5 + 8, and the widest class of the British
Hypertension Society's protocol.
"""

from __future__ import annotations

import random
from dataclasses import replace

import pytest

from .cuff_on_arm import Case, OnArm, drawn

pytestmark = pytest.mark.timeout(600)  # of a processor that many may share
WITHIN = 15.0


class Shown:
    """Counts what is shown, by whether it is right, and what is withheld, by its reason."""

    def __init__(self) -> None:
        self.right = 0
        self.wrong: list[tuple[Case, tuple[float, float, float]]] = []
        self.withheld: dict[str, int] = {}

    def add(self, on: OnArm) -> None:
        """One attempt is over."""
        if on.signal != "ok":
            self.withheld[on.signal] = self.withheld.get(on.signal, 0) + 1
        elif max(map(abs, on.errors())) <= WITHIN:
            self.right += 1
        else:
            self.wrong.append((on.case, on.errors()))


def test_of_what_is_shown_under_movement_99_of_100_are_within_15_mmhg(seed: int, soak: bool) -> None:
    rng = random.Random(seed)
    shown = Shown()
    for _ in range(1_500 if soak else 100):
        on = OnArm(drawn(rng))
        on.arm.faults.make("movement", ml=10 ** rng.uniform(-1.5, 1), part=rng.choice((0.1, 0.2, 0.5, 1.0)))
        shown.add(on.measure())
    assert sum(shown.withheld.values()) > 20, "movement that is seen"
    assert len(shown.wrong) <= max(1, 0.01 * (shown.right + len(shown.wrong))), shown.wrong


@pytest.mark.parametrize("ml", [1.0, 5.0])
def test_an_arm_that_keeps_moving_gives_no_numbers(ml: float) -> None:
    for seed in range(4):
        on = OnArm(Case(seed=seed))
        on.arm.faults.make("movement", ml=ml, part=1.0)
        on.determine()
        assert on.signal != "ok" and on.cuff.systolic == 0xFFFF and on.cuff.count == 0


def test_a_single_movement_is_left_out_and_the_numbers_are_right() -> None:
    right = 0
    for seed in range(8):
        on = OnArm(Case(seed=seed))
        assert on.cuff.start()
        on.reach("bleeding").run(6 + seed)
        on.arm.faults.make("movement", ml=0.5, part=1.0)
        on.run(0.5)
        on.arm.faults.mend()
        on.run(200, lambda on=on: on.fault != "measuring")
        if on.signal == "ok":
            right += 1
            assert max(map(abs, on.errors())) <= WITHIN
    assert right >= 3


def test_a_pulse_as_in_fibrillation_is_told_as_irregular_and_never_as_a_wrong_pressure(seed: int, soak: bool) -> None:
    rng = random.Random(seed)
    shown = Shown()
    for _ in range(300 if soak else 25):
        shown.add(OnArm(replace(drawn(rng), irregular=rng.uniform(0.18, 0.3))).measure())
    assert not shown.wrong and shown.right <= 2 + 0.05 * shown.right
    assert shown.withheld["irregular"] >= 0.6 * sum(shown.withheld.values())


@pytest.mark.parametrize("g", [0.02, 0.05, 0.1, 0.2, 0.4, 1.0, 5.0])
def test_a_leak_is_told_or_the_numbers_are_right(g: float) -> None:
    for systolic, diastolic in ((95, 60), (120, 80), (170, 95)):
        on = OnArm(Case(systolic, diastolic))
        on.air.faults.make("leak", g=g)
        on.measure()
        if on.signal == "ok":
            assert max(map(abs, on.errors())) <= WITHIN
        else:
            assert on.signal in ("leak", "motion")
        assert on.signal == "leak" or g < 0.4
        assert on.signal == "ok" or g > 0.1


def test_a_cuff_that_comes_off_or_bursts_is_a_leak() -> None:
    for state in ("inflating", "bleeding"):
        on = OnArm()
        assert on.cuff.start()
        on.reach(state).run(4)
        on.air.faults.make("off")
        on.run(200, lambda on=on: on.fault != "measuring")
        assert on.signal in ("leak", "no-pulse", "implausible", "kinked")
    on = OnArm()
    on.air.faults.make("off")
    assert on.measure().signal == "leak"


def test_a_pump_that_does_not_turn_or_a_valve_that_does_not_close_is_told_as_a_leak() -> None:
    for kind in ("pump-dead", "dump-open", "bleed-open"):
        on = OnArm()
        on.air.faults.make(kind)
        assert on.measure().signal == "leak"


@pytest.mark.parametrize("passes", [0.0, 0.005, 0.02])
def test_a_kinked_hose_is_told_as_it_is_inflated(passes: float) -> None:
    on = OnArm()
    on.air.faults.make("kink", passes=passes)
    assert on.measure().signal == "kinked"
    assert on.air.bladder() < 60


def test_a_hose_that_is_kinked_later_gives_no_numbers_and_is_told_when_it_empties_too_fast() -> None:
    for after_s in (2, 8, 14):
        on = OnArm()
        assert on.cuff.start()
        on.reach("bleeding").run(after_s)
        on.air.faults.make("kink")
        on.run(200, lambda on=on: on.fault != "measuring").run(5)
        assert on.signal == "kinked" and on.air.bladder() > 30


def test_without_a_pulse_there_are_no_numbers() -> None:
    on = OnArm()
    on.arm.faults.make("pulseless")
    on.measure()
    assert on.signal in ("no-pulse", "implausible") and on.cuff.pulse == 0xFFFF


def test_a_pulse_that_stops_midway_gives_no_numbers() -> None:
    on = OnArm()
    assert on.cuff.start()
    on.reach("bleeding").run(22)
    on.arm.faults.make("pulseless")
    on.run(200, lambda: on.fault != "measuring")
    assert on.signal != "ok"


def test_a_pressure_above_what_may_be_inflated_to_gives_no_numbers() -> None:
    on = OnArm(Case(275, 200)).measure()
    assert on.signal != "ok" and on.air.most < 285


def test_a_sensor_whose_zero_is_off_or_wanders_gives_no_numbers() -> None:
    on = OnArm()
    on.zero = 12.0
    assert on.measure().signal == "implausible" and on.air.most < 5
    on = OnArm()
    on.drift = 10.0
    assert on.measure().signal == "implausible"
    on = OnArm()
    on.zero = -9.0
    assert on.measure().signal == "ok" and max(map(abs, on.errors())) <= WITHIN


def test_a_high_pressure_is_found_by_inflating_higher() -> None:
    for systolic, diastolic in ((170, 100), (200, 120), (215, 110)):
        on = OnArm(Case(systolic, diastolic)).measure()
        assert on.signal == "ok" and max(map(abs, on.errors())) <= WITHIN
        assert on.air.most > systolic + 10
