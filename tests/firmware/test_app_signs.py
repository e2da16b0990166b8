"""The board at a bed: every sign of the emulated body comes out of the wire, or is withheld with the reason."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

import pytest

from assuage_rig.bench import Bench
from assuage_rig.patientside import PatientSide
from assuage_rig.plant.patient import Patient
from assuage_rig.wirehost import WireHost
from assuage_wire import schema
from tests.bench.memory import HEAP_LIMIT

SETTLE_S = 45.0
OF_GAS = ("resp", "etco2", "fico2")
OF_LIGHT = ("spo2", "pulse", "perfusion")
OF_CUFF = ("systolic", "diastolic", "map", "pulse-cuff")


class Bedside:
    """A board with all sensors, a host that listens, and what they are plugged into."""

    def __init__(self, bench: Bench) -> None:
        assert bench.circuit.side is not None
        self.bench = bench
        self.side: PatientSide = bench.circuit.side
        self.host = WireHost(bench)

    def good(self) -> set[str]:
        """Which numbers are good now, but for the respiration from the pulse wave, which takes its time."""
        told = {name for name in schema.PARAMETERS if self.host.vital(name).quality == "good"}
        return told - {"resp-pleth"}


@pytest.fixture
def bed() -> Iterator[Bedside]:
    """At rest, 14 breaths and 72 beats a minute."""
    with Bench(bedside=True) as bench:
        yield Bedside(bench)


@pytest.mark.parametrize(("rate", "etco2", "bpm", "skin"), [(6, 55, 45, 35.2), (14, 38, 72, 36.6), (28, 30, 130, 38.9)])
def test_what_the_body_shows_is_what_the_board_tells(rate: float, etco2: float, bpm: float, skin: float) -> None:
    with Bench(patient=Patient(pulse_bpm=bpm), bedside=True) as bench:
        bed = Bedside(bench)
        bed.side.airway.set(rate=rate, etco2=etco2)
        bed.side.heart.set(rate=bpm)
        bed.side.probe.set(skin=skin)
        bench.run(150)
        said = {name: bed.host.vital(name) for name in schema.PARAMETERS}
        assert bed.good() >= {"resp", "etco2", *OF_LIGHT, "temperature", "heart"}, said
        assert said["resp"].value == pytest.approx(rate, abs=1)
        assert said["etco2"].value == pytest.approx(etco2, abs=2)
        assert said["heart"].value == pytest.approx(bpm, abs=2)
        assert said["temperature"].value == pytest.approx(skin, abs=0.1)
        assert {said[name].signal for name in OF_CUFF} == {"never"}
        health = bed.host.last("Health")
        assert (health["overruns"], health["rx_errors"]) == (0, 0)


@pytest.mark.parametrize(
    ("component", "kind", "lost"),
    [("capnometer", "silent", OF_GAS), ("thermometer", "nack", ("temperature",)), ("oximeter", "nack", OF_LIGHT)],
)
def test_a_sensor_that_falls_silent_costs_its_own_numbers_within_4_s_and_no_other(
    bed: Bedside, component: str, kind: str, lost: tuple[str, ...]
) -> None:
    bed.bench.run(SETTLE_S)
    before = bed.good()
    assert before >= set(lost)
    bed.bench.fault(component, kind)
    bed.bench.run(4)
    assert before - set(lost) <= bed.good() and not bed.good() & set(lost)
    assert {bed.host.vital(name).signal for name in lost} == {"sensor-lost"}
    bed.bench.mend(component)
    bed.bench.run(SETTLE_S)
    assert bed.good() >= before


def test_the_pulse_wave_tells_respiration_too_and_takes_a_minute_at_most(bed: Bedside) -> None:
    bed.bench.run(60)
    assert bed.host.vital("resp-pleth").value == pytest.approx(14, abs=1)
    bed.bench.patient.probe_on = False
    bed.bench.run(3)
    assert bed.host.vital("resp-pleth")[:3] == (None, "none", "probe-off")


def test_an_electrode_that_is_off_is_no_heart_that_stands_still(bed: Bedside) -> None:
    bed.bench.run(SETTLE_S)
    bed.bench.fault("ecg", "lead_off")
    bed.bench.run(2.5)
    assert bed.host.vital("heart") == (None, "none", "lead-off", pytest.approx(0, abs=0.2))
    bed.bench.mend("ecg")
    bed.side.heart.set(rate=0)
    bed.bench.run(12)
    assert bed.host.vital("heart").signal == "no-pulse"


def test_a_patient_who_does_not_breathe_is_told_within_23_s_and_as_no_breath(bed: Bedside) -> None:
    bed.bench.run(SETTLE_S)
    bed.side.airway.set(rate=0)
    bed.bench.run(12)
    assert bed.host.vital("resp").quality != "good", "the rate of before is no longer his"
    bed.bench.run(11)
    assert bed.host.vital("resp")[:3] == (0.0, "good", "no-breath")
    assert bed.host.vital("etco2").value is None


def test_the_cuff_measures_every_so_many_minutes_and_what_it_found_grows_old(bed: Bedside) -> None:
    bed.side.pressures = (135.0, 85.0)
    bed.bench.run(300)
    assert bed.bench.run_until(lambda: bed.host.vital("map").value is not None, 120, 1.0)
    assert bed.host.vital("systolic").value == pytest.approx(135, abs=12)
    assert bed.host.vital("diastolic").value == pytest.approx(85, abs=12)
    assert bed.host.vital("map").value == pytest.approx(bed.side.arm.mean(bed.bench.now_us), abs=8)
    assert bed.host.vital("pulse-cuff").value == pytest.approx(72, abs=3)
    age = bed.host.vital("map").age_s
    bed.bench.run(60)
    assert bed.host.vital("map").age_s == pytest.approx(age + 60, abs=1)
    assert bed.side.cuff.bladder() < 2, "and the arm is free"


def test_a_board_that_is_reset_with_the_cuff_inflated_lets_it_off(bed: Bedside) -> None:
    assert bed.bench.run_until(lambda: bed.side.cuff.bladder() > 100, 330, 0.5)
    bed.bench.fault("board", "freeze")
    bed.bench.run(0.6)
    began = bed.side.cuff.bladder()
    bed.bench.run(12)
    assert began > 50 > 15 > bed.side.cuff.bladder()


def test_the_longest_turn_and_the_free_heap_are_told_each_second_while_all_sensors_work(bed: Bedside) -> None:
    bed.host.infuse(ml_h=30, ml=40)
    bed.bench.patient.motion = 3.0
    while bed.side.cuff.bladder() < 100:
        bed.host.run(1)
        assert bed.bench.now_us < 330e6, "a cuff every five minutes"
    began = bed.bench.now_us / 1e6
    bed.host.run(10)
    told = bed.host.all("Health", began + 0.01)
    assert 9 <= len(told) <= 10 and bed.host.state == "infusing"
    assert {after["ticks"] - before["ticks"] for before, after in pairwise(told)} == {1000}
    for before, after in pairwise(told):
        assert 0 < before["collect_us"] < after["loop_us"], "the turn that collects is counted once it is over"
    free = [health["heap_free"] for health in told]
    assert HEAP_LIMIT // 10 < min(free) <= max(free) < HEAP_LIMIT
    assert max(free) - min(free) < 4096, "nothing is kept from second to second"
    assert {health["overruns"] for health in told} == {0}
