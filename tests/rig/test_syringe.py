"""From steps to volume: the screw's lead and the barrel's bore, and what can go wrong in between."""

from __future__ import annotations

from itertools import pairwise
from math import pi

import pytest

from assuage_rig.chips.stepdrive import StepDrive
from assuage_rig.clock import Clock
from assuage_rig.plant.syringe import SYRINGES, Shaft


class Bench:
    def __init__(self, name: str = "BD 50") -> None:
        self.clock = Clock()
        self.drive = StepDrive(self.clock)
        self.drive.enable(True)
        self.shaft = Shaft(self.drive, SYRINGES[name])

    def step(self, count: int) -> None:
        self.drive.push(count, 10)
        self.clock.now_us += count * 10


def test_one_turn_is_the_lead_times_the_bores_area() -> None:
    bench = Bench()
    bench.step(3200)
    assert bench.shaft.turns == 1
    assert bench.shaft.plunger_nl == pytest.approx(pi / 4 * 26.70**2 * 1000)  # 1 mm of travel in a 26.70 mm bore
    assert bench.shaft.angle() == 4096 * 256


@pytest.mark.parametrize(
    ("name", "ul_per_mm"), [("BD 50", 559.9), ("BD 10", 165.1), ("Terumo 50", 692.8), ("Omnifix 20", 314.2)]
)
def test_syringes_differ_by_their_bore(name: str, ul_per_mm: float) -> None:
    assert SYRINGES[name].nl_per_step * 3200 / 1000 == pytest.approx(ul_per_mm, rel=1e-3)


def test_a_stalled_motor_consumes_steps_and_turns_nothing() -> None:
    bench = Bench()
    bench.step(100)
    bench.shaft.faults.make("stall")
    bench.step(100)
    bench.shaft.faults.mend("stall")
    bench.step(100)
    assert bench.drive.consumed == 300
    assert bench.shaft.steps == 200


def test_a_slipping_motor_loses_its_share_exactly_however_often_one_looks() -> None:
    seldom, often = Bench(), Bench()
    for bench in (seldom, often):
        bench.shaft.faults.make("slip", percent=12.5)
    for _ in range(1000):
        often.step(1)
        assert often.shaft.steps >= 0
    seldom.step(1000)
    assert seldom.shaft.steps == often.shaft.steps == 875


def test_a_fault_counts_from_the_moment_it_is_set() -> None:
    bench = Bench()
    bench.drive.push(1000, 10)
    bench.clock.now_us = 5_000
    bench.shaft.faults.make("stall")
    bench.clock.now_us = 10_000
    assert bench.shaft.steps == 500


def test_the_barrel_has_an_end() -> None:
    bench = Bench("BD 1")
    bench.step(2_000_000)
    assert bench.shaft.plunger_nl == pytest.approx(1_000_000, rel=1e-4)
    assert bench.shaft.plunger_nl <= 1_000_000


def test_a_new_syringe_is_full_and_the_shaft_stays_where_it_was() -> None:
    bench = Bench()
    bench.step(3200)
    bench.shaft.fit(SYRINGES["BD 10"])
    assert bench.shaft.plunger_nl == 0
    assert bench.shaft.turns == 1
    bench.step(3200)
    assert bench.shaft.plunger_nl == pytest.approx(165_130, rel=1e-3)


@pytest.mark.parametrize(("name", "outer_mm"), [("BD 10", 16.5), ("BD 20", 21.5), ("BD 50", 29.5)])
def test_a_barrel_has_the_outer_diameter_of_the_example_that_it_is_drawn_from(name: str, outer_mm: float) -> None:
    """Another pump's simulator has 16.5, 21.5 and 29.5 mm at bores of 14.5, 19.1 and 26.6 mm; not measured."""
    assert SYRINGES[name].outer_um / 1000 == pytest.approx(outer_mm, abs=0.15)


def test_sizes_of_one_make_differ_outside_by_more_than_a_clamp_errs() -> None:
    for make in ("BD", "Omnifix", "Terumo", "Monoject"):
        outer = [SYRINGES[f"{make} {ml}"].outer_um for ml in (1, 3, 5, 10, 20, 30, 50)]
        assert all(b - a > 1500 for a, b in pairwise(outer))


def test_a_reversed_phase_turns_the_shaft_back() -> None:
    bench = Bench()
    bench.step(100)
    bench.shaft.faults.make("reversed")
    bench.step(300)
    assert bench.drive.consumed == 400
    assert bench.shaft.steps == -200
    bench.drive.set_forward(False)
    bench.step(50)
    assert bench.shaft.steps == -150
    bench.drive.set_forward(True)
    bench.shaft.faults.make("slip", percent=50.0)
    bench.step(100)
    assert bench.shaft.steps == -200
    bench.shaft.faults.mend()
    bench.step(100)
    assert bench.shaft.steps == -100


def test_the_barrels_end_stops_a_slipping_shaft_too_and_lets_it_back() -> None:
    bench = Bench("BD 1")
    bench.shaft.faults.make("slip", percent=33.3)
    bench.step(3_000_000)
    assert 999_000 < bench.shaft.plunger_nl <= 1_000_000
    bench.drive.set_forward(False)
    bench.shaft.faults.mend()
    end = bench.shaft.steps
    bench.step(500)
    assert bench.shaft.steps == end - 500
