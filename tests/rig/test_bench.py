"""The bench in virtual time, with a board that does what it is told."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest

from assuage_rig.bench import BoardDiedError, BoardHungError
from assuage_rig.boardlink import BoardError
from assuage_rig.chips.pins import LED
from assuage_rig.faults import UnknownFault

from .conftest import ToldBench

Open = Callable[..., ToldBench]


def words(bench: ToldBench) -> list[str]:
    return bench.take().decode().split()


def test_a_board_boots_at_time_zero_after_power_on(bench: ToldBench) -> None:
    assert words(bench) == ["boot", "1", "0"]
    assert bench.now_us == 0


def test_time_passes_as_much_as_asked_and_no_more(bench: ToldBench) -> None:
    bench.run(3600)
    assert bench.now_us == 3_600_000_000
    assert bench.tell("now") == ["3600000000"]


def test_words_pushed_turn_the_shaft_while_time_passes(bench: ToldBench) -> None:
    bench.tell("enable 1")
    bench.tell("push 3200 1000")
    bench.run(1.6)
    assert (bench.drive.consumed, bench.shaft.turns) == (1600, 0.5)
    assert bench.plunger_nl == pytest.approx(279_950, rel=1e-4)
    bench.run(5)
    assert bench.shaft.turns == 1
    assert bench.tell("state") == ["3200", "0", "8", "1", "3"]


def test_chips_are_read_through_the_bus(bench: ToldBench) -> None:
    assert bench.tell("mem 1 87 255 1") == ["0", "21"]
    bench.fault("oximeter", "nack")
    assert bench.tell("mem 1 87 255 1") == ["1"]
    bench.mend("oximeter")
    assert bench.tell("mem 1 87 255 1") == ["0", "21"]


def test_burning_fuses_fails_the_test(bench: ToldBench) -> None:
    with pytest.raises(BoardError, match="BURN"):
        bench.tell("write 0 54 255 128")


def test_a_request_that_there_is_not_fails_the_test(bench: ToldBench) -> None:
    with pytest.raises(BoardError, match="0x7F"):
        bench.tell("unknown")


def test_something_happens_at_its_time_to_the_microsecond(bench: ToldBench) -> None:
    bench.tell("enable 1")
    bench.tell("push 100000 100")
    seen = []
    bench.at(1.0001, lambda: seen.append((bench.now_us, bench.drive.consumed)))
    bench.at(0.5, lambda: seen.append((bench.now_us, bench.drive.consumed)))
    bench.run(2)
    assert seen == [(500_000, 5_000), (1_000_100, 10_001)]


def test_run_until(bench: ToldBench) -> None:
    bench.tell("enable 1")
    bench.tell("push 1000 1000")
    assert bench.run_until(lambda: bench.shaft.steps >= 500, 2.0)
    assert bench.now_us == 500_000
    assert not bench.run_until(lambda: bench.shaft.steps > 1000, 3.0)
    assert bench.now_us == 3_500_000


# -- ends and beginnings -----------------------------------------------------------------------------------------------
def outputs(bench: ToldBench) -> list[int]:
    """LED, buzzer and the drive's enable."""
    return bench.circuit.pins.levels[LED:]


def end_by_watchdog(bench: ToldBench) -> None:
    """It bites now."""
    bench.tell("watchdog 1")
    bench.run(0.001)


def test_a_killed_board_comes_back_after_half_a_second_with_its_words_and_its_file(bench: ToldBench) -> None:
    bench.tell("retain 3 77")
    bench.tell("keep 5")
    bench.run(0.1)
    bench.take()
    bench.kill_board()
    bench.run(0.499)
    assert not bench.board_runs
    assert words(bench) == []
    bench.run(0.001)
    assert words(bench) == ["boot", "5", "600000"]
    assert bench.tell("retained") == ["0", "0", "0", "77", "0", "0", "0"]
    assert bench.tell("kept") == ["5"]
    assert bench.starts == 2


@pytest.mark.parametrize(
    ("end", "begun_us"),
    [
        (lambda bench: bench.kill_board(), 100_000),
        (lambda bench: bench.send(b"reset\n"), 100_000),
        (end_by_watchdog, 101_000),
        (lambda bench: bench.power_cycle(0), 100_000),
    ],
    ids=["killed", "commanded", "watchdog", "power"],
)
def test_any_reset_stops_the_drive_at_once_and_lets_go_of_motor_and_outputs(
    bench: ToldBench, end: Callable[[ToldBench], object], begun_us: int
) -> None:
    for line in ("set 1 1", "set 2 1", "enable 1", "push 50 1000", "push 5000 1000"):
        bench.tell(line)
    assert outputs(bench) == [1, 1, 1]
    bench.run(0.1)
    end(bench)
    bench.run(0)
    assert outputs(bench) == [0, 0, 0]
    bench.run(0.4)
    made = begun_us // 1000
    assert (bench.shaft.steps, bench.drive.last_step_us) == (made, begun_us), "it stood while the board was reset"
    bench.run(0.2)
    assert bench.tell("state") == ["0", "0", "8", "0", "2"], "its counters begin anew, and it has let go"
    bench.tell("enable 1")
    bench.tell("push 30 1000")
    bench.run(10)
    assert bench.tell("state")[0] == "30"
    assert bench.shaft.steps == made + 30, "and where the shaft is goes on from where it stood"


def test_the_drive_of_a_frozen_board_goes_on_until_its_queue_is_dry_or_the_watchdog_bites(bench: ToldBench) -> None:
    bench.tell("enable 1")
    bench.tell("push 200 1000")
    bench.tell("watchdog 1000")
    bench.fault("board", "freeze")
    bench.run(0.9)
    assert (bench.shaft.steps, bench.drive.dry_runs, bench.drive.enabled) == (200, 1, True)
    bench.run(0.7)
    for line in ("enable 1", "push 5000 1000", "watchdog 1000"):
        bench.tell(line)
    bench.fault("board", "freeze")
    bench.run(5)
    assert (bench.shaft.steps, bench.drive.enabled) == (200 + 1000, False)


@pytest.mark.parametrize(
    "off", [lambda bench: bench.power_cycle(2), lambda bench: bench.kill_board()], ids=["without supply", "dead"]
)
def test_a_press_while_no_board_runs_is_seen_only_if_it_lasts(
    bench: ToldBench, off: Callable[[ToldBench], object]
) -> None:
    for held in (False, True):
        bench.at(0.2, lambda: bench.circuit.pins.press_stop(True))
        if not held:
            bench.at(0.3, lambda: bench.circuit.pins.press_stop(False))
        off(bench)
        bench.run(0.6)
        assert bench.tell("pin 0") == ["0" if held else "1"]


def test_a_press_that_the_board_has_not_looked_at_is_forgotten_by_a_reset(bench: ToldBench) -> None:
    bench.circuit.pins.press_stop(True)
    bench.circuit.pins.press_stop(False)
    bench.kill_board()
    bench.run(1)
    assert bench.tell("pin 0") == ["1"]


def test_a_kill_without_supply_does_not_bring_it_back(bench: ToldBench) -> None:
    bench.take()
    bench.at(0.2, bench.kill_board)
    bench.at(3.9, lambda: bench.send(b"now\n"))
    bench.power_cycle(off_s=4)
    assert words(bench) == ["boot", "1", "4000000"]
    bench.run(10)
    assert bench.starts == 2


def test_bytes_for_a_dead_board_are_lost(bench: ToldBench) -> None:
    bench.take()
    bench.kill_board()
    bench.send(b"now\n")
    bench.run(1)
    assert words(bench) == ["boot", "5", "500000"]


def test_a_deliberate_reset_is_told_as_commanded(bench: ToldBench) -> None:
    bench.tell("reset")
    bench.run(1)
    assert words(bench) == ["boot", "3", "500000"]


def test_power_loss_keeps_only_file_and_mechanics(bench: ToldBench) -> None:
    bench.tell("retain 3 77")
    bench.tell("keep 5")
    bench.tell("enable 1")
    bench.tell("push 4000 1000")
    bench.tell("write 1 87 12 36")
    bench.run(1.6)
    bench.take()
    bench.power_cycle(off_s=2)
    assert words(bench) == ["boot", "1", "3600000"]
    assert bench.shaft.turns == 0.5
    assert bench.tell("state") == ["0", "0", "8", "0", "2"]
    assert bench.tell("retained") == ["0"] * 7
    assert bench.tell("mem 1 87 12 1") == ["0", "0"]
    assert bench.tell("mem 1 87 0 1") == ["0", "1"]  # PWR_RDY
    assert bench.tell("kept") == ["5"]


def test_an_unfed_watchdog_resets_the_board_to_the_microsecond(bench: ToldBench) -> None:
    bench.tell("watchdog 2000")
    bench.run(1.5)
    bench.tell("feed")
    bench.run(1.9999)
    assert bench.board_runs
    bench.run(0.0001)
    assert not bench.board_runs
    bench.take()
    bench.run(0.5)
    assert words(bench) == ["boot", "2", "4000000"]
    bench.run(100)  # the watchdog is off until it is started again
    assert bench.starts == 2


def test_a_frozen_board_is_reset_by_its_watchdog(bench: ToldBench) -> None:
    bench.tell("tick 10000")
    bench.tell("watchdog 1000")
    bench.take()
    bench.fault("board", "freeze")
    bench.run(1.0)
    assert words(bench) == []
    bench.run(0.5)
    assert words(bench) == ["boot", "2", "1500000"]


def test_a_crash_fails_the_test_and_shows_what_the_board_said(bench: ToldBench) -> None:
    with pytest.raises(BoardDiedError, match="told to crash"):
        bench.tell("crash")


def test_a_crash_can_be_allowed_and_is_then_a_fault(open_bench: Open) -> None:
    bench = open_bench(crash_is_failure=False)
    bench.tell("crash")
    bench.take()
    bench.run(0.5)
    assert words(bench) == ["boot", "5", "500000"]


def test_a_board_that_asks_nothing_is_reported_as_hung(open_bench: Open) -> None:
    bench = open_bench(wall_s=1.0)
    with pytest.raises(BoardHungError, match="wall time"):
        bench.tell("hang")


def test_a_board_that_never_waits_is_reported_as_hung(bench: ToldBench) -> None:
    with pytest.raises(BoardHungError, match="without letting time pass"):
        bench.tell("restless")


def test_an_interpreter_that_cannot_start_the_board_is_reported_with_its_words(open_bench: Open, tmp_path) -> None:  # type: ignore[no-untyped-def]
    from assuage_rig.targets.linux import LinuxTarget

    target = LinuxTarget(entry=tmp_path / "missing.py", output=tmp_path / "log")
    with pytest.raises(BoardDiedError, match=r"missing\.py"):
        open_bench(target=target)


def test_unknown_components_and_syringes_are_refused_with_what_there_is(bench: ToldBench, open_bench: Open) -> None:
    with pytest.raises(UnknownFault, match="encoder, oximeter, finger, motor"):
        bench.fault("flux capacitor", "stall")
    with pytest.raises(ValueError, match="BD 50"):
        open_bench(syringe="BD 51")


# -- the same again ----------------------------------------------------------------------------------------------------
def life(bench: ToldBench, slices: int) -> tuple[bytes, float]:
    """Twenty seconds with a changing patient, steps, a kill and a fault; run in so many slices a second."""
    for line in (
        "write 1 87 10 39",
        "write 1 87 12 36 36",
        "write 1 87 9 3",
        "enable 1",
        "push 5000 1000",
        "tick 10000",
    ):
        bench.send(line.encode() + b"\n")
    bench.at(5, lambda: bench.patient.set(pulse_bpm=120, spo2=85))
    bench.at(8, lambda: bench.fault("encoder", "outlier", counts=300))
    bench.at(12, bench.kill_board)
    bench.at(13.001, lambda: bench.send(b"tick 20000\n"))
    for _ in range(20 * slices):
        bench.run(1 / slices)
    return bench.take(), bench.plunger_nl


def test_the_same_seed_gives_the_same_bytes_however_time_is_sliced(open_bench: Open) -> None:
    first, volume = life(open_bench(seed=7), 1)
    again, volume_again = life(open_bench(seed=7), 8)
    other, _ = life(open_bench(seed=8), 1)
    assert len(first) > 12_000
    assert first == again
    assert volume == volume_again > 0
    assert first != other


def test_in_real_time_it_never_runs_ahead_of_the_wall(open_bench: Open) -> None:
    start = time.monotonic()
    bench = open_bench(realtime=True)
    bench.run(0.3)
    assert time.monotonic() - start >= 0.3
