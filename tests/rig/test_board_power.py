"""Supply and crystal failing under a running board process: what it lives through, and what the shaft does."""

from __future__ import annotations

import pytest

from .conftest import ToldBench


def test_a_power_cut_ends_the_board_and_its_memory_and_comes_back_by_itself(bench: ToldBench) -> None:
    bench.run(1.0)
    bench.circuit.retained.set(0, 77)
    bench.fault("power", "cut", s=0.4)
    bench.run(0.3999)
    assert not bench.board_runs and bench.starts == 1
    bench.run(0.001)
    assert bench.board_runs and bench.starts == 2
    assert bench.circuit.retained.words[0] == 0
    assert [(one.name, one.at_us, one.ended_us) for one in bench.made] == [("power cut", 1_000_000, 1_400_000)]
    assert bench.take().split() == [b"boot", b"1", b"0", b"boot", b"1", b"1400000"]  # both times after a power-on


def test_a_sag_above_what_the_regulator_needs_is_only_measured(bench: ToldBench) -> None:
    bench.fault("power", "brown-out", volts=3.2, ms=100)
    whole = round(5.0 / 3 / 3.3 * 65535)
    lowest = round(3.2 / 3 / 3.3 * 65535)
    readings = []
    for _ in range(100):
        bench.run(0.001)
        readings.append(bench.circuit.analogue.get(0))
    assert min(readings) == pytest.approx(lowest, abs=2)
    assert readings.index(min(readings)) == 49
    assert readings[24] == pytest.approx((whole + lowest) / 2, abs=2)  # down in a straight line, and up again
    assert readings[74] == pytest.approx((whole + lowest) / 2, abs=2)
    assert readings[99] == whole
    assert bench.starts == 1 and bench.board_runs


def test_a_sag_below_it_resets_the_board_for_as_long_as_it_lasts(bench: ToldBench) -> None:
    began_us = bench.now_us
    bench.fault("power", "brown-out", volts=1.0, ms=80)  # 5 V to 1 V in 40 ms: at 3 V after 20
    bench.run(0.0199)
    assert bench.board_runs
    bench.run(0.0002)
    assert not bench.board_runs
    bench.run(0.0397)
    assert not bench.board_runs
    bench.run(0.0003)
    assert bench.board_runs and bench.starts == 2
    bench.run(0.1)
    assert bench.made[0].ended_us == began_us + 80_000
    assert bench.starts == 2


def test_mending_brings_the_power_back_at_once(bench: ToldBench) -> None:
    bench.fault("power", "cut", s=3000)
    bench.run(1.0)
    assert not bench.board_runs
    bench.mend("power")
    bench.run(0.001)
    assert bench.board_runs and bench.starts == 2


@pytest.mark.parametrize("s", [3600.0, -30.0])
def test_a_leap_of_the_boards_clock_is_seen_by_the_board_alone(bench: ToldBench, s: float) -> None:
    bench.run(60.0)
    before = int(bench.tell("now")[0])
    bench.fault("clock", "jump", s=s)
    assert int(bench.tell("now")[0]) - before == round(s * 1e6)
    assert bench.now_us == 60_000_000
    bench.run(2.0)
    assert int(bench.tell("now")[0]) - before == round((s + 2) * 1e6)
    bench.kill_board(0.0)
    bench.run(0.1)
    bench.take()
    assert int(bench.tell("now")[0]) == bench.now_us  # a restarted timer knows nothing of it


def test_a_clock_cannot_leap_back_beyond_its_start(bench: ToldBench) -> None:
    bench.run(5.0)
    bench.fault("clock", "jump", s=-100)
    assert int(bench.tell("now")[0]) == 0


def test_a_stopped_crystal_stops_board_drive_and_watchdog_and_the_world_goes_on(bench: ToldBench) -> None:
    bench.tell("enable 1")
    bench.tell("push 100 10000")  # a second of steps
    bench.run(0.305)
    now = int(bench.tell("now")[0])
    assert bench.shaft.steps == 30
    bench.fault("clock", "stop", s=5.0)
    bench.send(b"now\n")
    bench.run(4.9)
    assert bench.take() == b""  # it hears nothing, and what it was told is lost
    assert bench.shaft.steps == 30
    bench.run(0.1)
    assert int(bench.tell("now")[0]) == now  # all this time was none to the board
    bench.run(0.6949)
    assert bench.shaft.steps == 99
    bench.run(0.0002)
    assert bench.shaft.steps == 100
    assert bench.starts == 1


def test_a_stopped_crystal_stops_the_watchdog_too(bench: ToldBench) -> None:
    bench.circuit.watchdog.start(1000)
    bench.run(0.5)
    bench.fault("clock", "stop", s=5.0)
    bench.run(5.4999)
    assert bench.starts == 1 and bench.board_runs
    bench.run(0.0002)
    assert not bench.board_runs


def test_a_wrong_syringe_is_in_until_it_is_mended(bench: ToldBench) -> None:
    circuit = bench.circuit
    right = circuit.shaft.syringe
    bench.fault("syringe", "wrong", bore_um=15_900, ml=10)
    assert (circuit.shaft.syringe.bore_um, circuit.shaft.syringe.capacity_nl) == (15_900, 10_000_000)
    bench.fault("syringe", "wrong", bore_um=20_000, ml=20)
    bench.mend("syringe", "wrong")
    assert circuit.shaft.syringe == right
