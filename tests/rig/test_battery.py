"""The cell: charge is load times time, voltage its curve less its resistance, and a board dies when both are gone."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from assuage_rig.chips.stepdrive import StepDrive
from assuage_rig.clock import NEVER, Clock
from assuage_rig.plant.battery import Battery, open_circuit_v

from .conftest import ToldBench

HOUR_US = 3_600_000_000


class OnCell:
    """A cell of 1000 mAh without mains; the board draws 100 mA, the motor 400."""

    def __init__(self, percent: float = 100.0) -> None:
        self.clock = Clock()
        self.drive = StepDrive(self.clock)
        self.battery = Battery(self.clock, self.drive, capacity_mah=1000, ohm=0.2, board_ma=100, motor_ma=400)
        self.battery.faults.make("low", percent=percent)
        self.battery.mains.faults.make("off")

    def pass_hours(self, hours: float) -> None:
        """Rig time."""
        self.clock.now_us += round(hours * HOUR_US)


def test_the_curve_is_that_of_the_data_sheet_and_straight_in_between() -> None:
    """NCR18650BF as read by Zephyr: 2.502 V empty, 3.602 half full, 4.032 full."""
    assert [open_circuit_v(c) for c in (0, 0.5, 1)] == [2.502, 3.602, 4.032]
    assert open_circuit_v(0.05) == pytest.approx((2.502 + 3.146) / 2)
    assert open_circuit_v(-1) == 2.502
    assert open_circuit_v(2) == 4.032


def test_the_charge_is_what_board_and_motor_have_drawn() -> None:
    on = OnCell()
    on.pass_hours(1)
    assert on.battery.charge() == pytest.approx(0.9)
    on.drive.enable(True)
    on.pass_hours(0.5)
    assert on.battery.charge() == pytest.approx(0.9 - 0.25)
    on.drive.enable(False)
    on.pass_hours(1)
    assert on.battery.charge() == pytest.approx(0.55)
    assert on.battery.charge_percent() == pytest.approx(55)


def test_the_charge_does_not_depend_on_looking() -> None:
    seldom, often = OnCell(), OnCell()
    for i in range(600):
        for on in (seldom, often):
            on.drive.enable(i % 3 == 0)
            on.pass_hours(0.002)
        assert often.battery.voltage() > 0
    assert seldom.battery.charge() == pytest.approx(often.battery.charge(), abs=1e-9)
    assert seldom.battery.charge() == pytest.approx(1 - 1.2 * 0.1 - 0.4 * 0.4)


def test_the_voltage_sags_by_current_times_resistance() -> None:
    on = OnCell(50.0)
    assert on.battery.voltage() == pytest.approx(3.602 - 0.1 * 0.2)
    on.drive.enable(True)
    assert on.battery.voltage() == pytest.approx(3.602 - 0.5 * 0.2)
    assert on.battery.cell_mv() == pytest.approx(3502)
    assert on.battery.supply_v() == on.battery.voltage()
    assert on.battery.supply_counts() == pytest.approx(3.502 / 3 / 3.3 * 65535, abs=1)


def test_on_mains_the_cell_is_charged_until_it_is_full_and_the_board_does_not_draw_from_it() -> None:
    on = OnCell(50.0)
    on.battery.mains.faults.mend()
    on.drive.enable(True)
    assert on.battery.supply_v() == 5.0
    assert on.battery.voltage() == pytest.approx(3.602 + 0.5 * 0.2)
    on.pass_hours(0.5)
    assert on.battery.charge() == pytest.approx(0.75)
    on.pass_hours(9)
    assert on.battery.charge() == 1.0
    assert on.battery.voltage() == 4.032


def test_a_dead_cell_carries_nothing_but_does_no_harm_on_mains() -> None:
    on = OnCell()
    on.battery.faults.make("dead")
    assert on.battery.voltage() == 0
    assert not on.battery.alive()
    on.battery.mains.faults.mend()
    assert on.battery.alive()
    on.pass_hours(1)
    on.battery.faults.mend()
    assert on.battery.charge() == 1.0


def test_a_cell_gives_in_where_its_loaded_voltage_falls_below_the_cut_off() -> None:
    on = OnCell(20.0)
    checks = 0
    while on.battery.alive():
        assert on.battery.check_us > on.clock.now_us
        on.clock.now_us = on.battery.check_us
        checks += 1
    hours = on.clock.now_us / HOUR_US
    # open circuit 3.02 V at 100 mA and 0.2 ohm: between 2.502 and 3.146 at (3.02 - 2.502) / 6.44
    left = (3.0 + 0.02 - 2.502) / (3.146 - 2.502) / 10
    assert hours == pytest.approx((0.2 - left) * 10, rel=0.01)
    assert checks < 600
    on.battery.board_on(False)
    assert on.battery.voltage() > 3.0
    assert not on.battery.alive()  # relieved of its load, it is still as empty
    on.battery.faults.make("low", percent=40.0)
    assert on.battery.alive()


def test_with_mains_nobody_needs_to_check() -> None:
    clock = Clock()
    battery = Battery(clock, StepDrive(clock))
    assert battery.check_us == NEVER
    assert battery.alive()
    assert battery.check_us == NEVER
    battery.mains.faults.make("off")
    assert battery.check_us == clock.now_us


# -- with a board on it ---------------------------------------------------------------------------------------------
def test_a_board_whose_cell_is_empty_goes_off_and_comes_back_with_the_mains(bench: ToldBench) -> None:
    assert bench.starts == 1
    bench.fault("mains", "off")
    bench.run(60)
    assert bench.board_runs
    bench.fault("battery", "low", percent=8.0)
    bench.run(3600)
    assert not bench.board_runs
    assert 0.0 < bench.battery.charge() < 0.08
    left = bench.battery.charge()
    bench.run(3600)
    assert bench.battery.charge() == left  # nothing draws any more
    bench.mend("mains", "off")
    bench.run(1)
    assert bench.board_runs
    assert bench.starts == 2


def test_a_dead_cell_takes_the_board_along_at_once_without_mains(open_bench: Callable[..., ToldBench]) -> None:
    bench = open_bench()
    bench.fault("battery", "dead")
    bench.run(1)
    assert bench.board_runs
    bench.fault("mains", "off")
    bench.run(0)
    assert not bench.board_runs


def test_switching_it_on_without_supply_does_not_help(open_bench: Callable[..., ToldBench]) -> None:
    bench = open_bench()
    bench.fault("battery", "dead")
    bench.fault("mains", "off")
    bench.run(1)
    bench.power_cycle(1)
    bench.run(1)
    assert not bench.board_runs
    bench.mend("battery", "dead")
    bench.run(1)
    assert bench.board_runs


def test_a_board_that_was_switched_off_stays_off_when_the_mains_comes_back(
    open_bench: Callable[..., ToldBench],
) -> None:
    bench = open_bench()
    bench.fault("mains", "off")
    bench.run(1)
    bench.at(0.5, lambda: bench.mend("mains"))
    starts = bench.starts
    bench.power_cycle(1)
    assert bench.starts == starts + 1
