"""A board for runs over days: exact, in the same states, seldom awake; and no board that is built can be one."""

from __future__ import annotations

import pytest

from assuage_rig.bench import Bench
from assuage_rig.targets import mpybuild
from assuage_rig.targets.linux import USUAL, LinuxTarget
from assuage_rig.wirehost import WireHost
from assuage_wire import schema
from boards.reference import DATA

PLANNED_NL = 20_000  # what a frozen firmware may deliver


def infusing(bench: Bench, ml_h: float, ml: float, **others: int) -> WireHost:
    host = WireHost(bench)
    host.infuse(ml_h=ml_h, ml=ml, **others)
    return host


@pytest.mark.parametrize(("ml_h", "ml", "minutes"), [(1.0, 0.05, 3.2), (50.0, 2.0, 2.6), (1200.0, 10.0, 0.7)])
def test_a_quiet_board_delivers_the_volume_exactly_and_ends_as_the_usual_one(
    ml_h: float, ml: float, minutes: float
) -> None:
    with Bench(quiet=True) as bench:
        host = infusing(bench, ml_h, ml, duration=3600)
        began = bench.plunger_nl
        host.run(minutes * 60)
        assert (host.state, host.reason) == ("complete", "complete")
        step_nl = bench.shaft.syringe.nl_per_step
        assert ml * 1e6 - 2 * step_nl <= bench.plunger_nl - began <= ml * 1e6
        assert host.last("PumpStatus")["delivered"] == pytest.approx(
            bench.plunger_nl - began, rel=1e-5
        )  # nL a turn are whole
        assert bench.drive.dry_runs <= 1, "the queue never ran dry but at the end"
        assert bench.starts == 1, "and the watchdog was fed"


def test_a_quiet_board_has_room_in_its_record_as_soon_as_the_usual_one() -> None:
    with Bench(quiet=True) as bench:
        infusing(bench, 100.0, 50.0)
        assert bench.now_us < 10e6


def test_a_quiet_board_delivers_evenly() -> None:
    with Bench(quiet=True) as bench:
        host = infusing(bench, 5.0, 2.0)
        host.run(10)
        for _ in range(10):
            before = bench.plunger_nl
            host.run(12)
            assert bench.plunger_nl - before == pytest.approx(5e6 / 300, abs=3 * bench.shaft.syringe.nl_per_step)


@pytest.mark.parametrize("ml_h", [20.0, 300.0, 1200.0])
def test_a_quiet_board_that_freezes_delivers_no_more_than_the_usual_one(ml_h: float) -> None:
    with Bench(quiet=True) as bench:
        host = infusing(bench, ml_h, 10.0)
        host.run(5)
        told = host.last("PumpStatus")["delivered"]
        late_nl = ml_h * 1e6 / 3600 * 1.1  # since it told that
        bench.fault("board", "freeze")
        bench.run(5)
        assert bench.starts == 2, "the watchdog has bitten"
        assert bench.plunger_nl - told <= PLANNED_NL + late_nl + bench.shaft.syringe.nl_per_step


def test_a_quiet_board_is_seldom_awake_but_while_an_alarm_stands() -> None:
    with Bench(quiet=True) as bench:
        host = infusing(bench, 5.0, 5.0)
        host.run(10)
        asked = bench.requests
        bench.run(1.5)  # the lease holds
        assert bench.requests - asked < 40
        bench.run(5)  # and lapses
        assert host.state == "stopped"
        asked = bench.requests
        bench.run(1)
        assert bench.requests - asked >= 40, "lamps and sounder are driven in time"


def test_a_quiet_board_says_which_one_it_is_and_what_it_lacks() -> None:
    told = []
    for quiet in (False, True):
        with Bench(quiet=quiet) as bench:
            host = WireHost(bench)
            host.run(0.5)
            told.append(host.identify()["config"])
            if quiet:
                host.run(12)
                drive = host.last("Drive")
                assert schema.FORCES[drive["force_is"]] == "none"
                assert host.vital("spo2").value is None, "no number"
    assert told[0] != told[1]
    with pytest.raises(ValueError, match="its own arguments"):
        Bench(quiet=True, target=LinuxTarget(arguments=USUAL))


def test_no_built_board_can_be_quiet() -> None:
    assert "periods" not in DATA and "word_us" not in DATA["limits"]
    assert "boards/rigquiet.mpy" not in mpybuild.sizes(mpybuild.build(mpybuild.RP2040))
    assert "periods" not in (mpybuild.ROOT / "firmware/boards/pico.py").read_text(encoding="utf-8")
