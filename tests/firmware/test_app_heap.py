"""The whole firmware lives in the heap that it is given, and its steady loop allocates nothing."""

from __future__ import annotations

from pathlib import Path

import pytest

from assuage_rig.bench import Bench
from assuage_rig.requirements import req
from assuage_rig.targets.linux import HEAP, LinuxTarget
from assuage_rig.wirehost import WireHost
from assuage_wire import schema
from tests.bench.memory import HEAP_LIMIT, lives_in

ENTRIES = Path(__file__).parent / "entries"
TURNS = 10_000


@req("SYS-006")
@pytest.mark.timeout(300)
def test_ten_thousand_turns_while_infusing_with_all_telemetry_allocate_nothing(tmp_path: Path) -> None:
    log = tmp_path / "board.log"
    target = LinuxTarget(entry=ENTRIES / "locked.py", arguments=(str(TURNS),), output=log)
    with Bench(target=target) as bench:
        host = WireHost(bench)
        host.infuse(ml_h=30.0, ml=50.0)
        host.run(0.5)
        began = bench.now_us // 1000
        bench.circuit.pins.put("silence", 0)  # a key that seems to stick is an alarm
        bench.at(60, lambda: bench.circuit.pins.put("silence", 1))
        while "times locked" not in (told := log.read_text()):
            host.run(5.0)
            assert host.state == "infusing", f"{host.reason}: {told}"
            assert bench.now_us // 1000 - began < 600_000, "the turns do not come to an end"
        assert f"turned {TURNS} times locked; bytes taken: 0" in told
        assert "dead" not in told and "died" not in told, told
        seconds = (bench.now_us // 1000 - began) / 1000
        # it was the whole loop that turned: every message kept its rate, and the plunger moved
        for name, hz in (("PumpStatus", 5), ("Vitals", 1), ("Pleth", 10), ("Health", 1)):
            assert abs(sum(m["ticks"] > began for m in host.all(name)) - hz * seconds) <= 1, name
        assert bench.plunger_nl > 0.99 * 30e6 / 3600 * seconds
        assert host.vital("spo2").quality == "good", "numbers, not only frames"
        told_states = {schema.ALARM_STATES[m["state"]] for m in host.all("Alarm") if m["ticks"] > began}
        assert {"idle", "active"} <= told_states, "an alarm came, sounded and went meanwhile"


@req("SYS-006")
@pytest.mark.timeout(300)
def test_with_all_sensors_too_and_a_blood_pressure_among_the_turns(tmp_path: Path) -> None:
    log = tmp_path / "board.log"
    target = LinuxTarget(entry=ENTRIES / "locked.py", arguments=(str(TURNS), "bedside"), output=log)
    with Bench(target=target, bedside=True) as bench:
        host = WireHost(bench, keep=False)
        host.infuse(ml_h=30.0, ml=50.0)
        inflated = False
        while "times locked" not in (told := log.read_text()):
            host.run(5.0)
            assert host.state == "infusing", f"{host.reason}: {told}"
            assert bench.now_us < 600e6, "the turns do not come to an end"
            assert bench.circuit.side is not None
            inflated |= bench.circuit.side.cuff.bladder() > 50
        assert f"turned {TURNS} times locked; bytes taken: 0" in told
        assert "dead" not in told and "died" not in told, told
        assert inflated, "no cuff was at work meanwhile"
        host.run(20.0)
        names = ("spo2", "resp", "temperature", "heart", "map")
        assert {name: host.vital(name).quality for name in names} == dict.fromkeys(names, "good")


@req("SYS-006")
def test_the_whole_firmware_lives_in_288_kib_with_a_tenth_to_spare() -> None:
    assert HEAP_LIMIT == 288 * 1024
    assert lives_in(HEAP_LIMIT * 9 // 10) == ""


def test_a_heap_that_is_too_small_is_noticed() -> None:
    """Else the test above, and the figure of `make bench`, would say nothing."""
    assert "MemoryError" in lives_in(48 * 1024)


def test_every_other_test_gives_the_board_that_heap(tmp_path: Path) -> None:
    with Bench(target=LinuxTarget(output=tmp_path / "board.log")) as bench:
        host = WireHost(bench)
        host.run(1.5)
        assert HEAP == "288k"
        assert host.last("Health")["heap_free"] < HEAP_LIMIT
