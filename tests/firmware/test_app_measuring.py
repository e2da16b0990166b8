"""Blood pressure on demand, at intervals and stopped; the cuff's state and the CO2 wave, out of the wire."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import pytest

from assuage_rig.bench import Bench
from assuage_rig.patientside import PatientSide
from assuage_rig.requirements import req
from assuage_rig.wirehost import WireHost
from assuage_wire import schema

START, STOP, EVERY = (schema.MEASURES.index(name) for name in ("start", "stop", "every"))


class Bedside:
    """A board with all sensors, a host in session, and what they are plugged into."""

    def __init__(self, bench: Bench) -> None:
        assert bench.circuit.side is not None
        self.bench = bench
        self.side: PatientSide = bench.circuit.side
        self.host = WireHost(bench)
        self.host.identify()

    def ask(self, what: int, minutes: int = 0) -> str:
        """The status of the answer."""
        return schema.STATUSES[self.host.ask("Measure", what, minutes)["status"]]

    @property
    def cuff(self) -> dict[str, Any]:
        """As the board told it last; state and last by name."""
        told = self.host.last("Cuff")
        return {**told, "state": schema.CUFF_STATES[told["state"]], "last": schema.SIGNALS[told["last"]]}

    def until(self, state: str, seconds: float) -> bool:
        """Lives on until the cuff is told to be so."""
        return self.bench.run_until(lambda: self.cuff["state"] == state, seconds, 0.25)


@pytest.fixture
def bed() -> Any:
    """At rest; the first automatic measurement is five minutes away."""
    with Bench(bedside=True) as bench:
        yield Bedside(bench)


@req("VIT-020")
def test_a_pressure_that_is_asked_for_is_measured_now(bed: Bedside) -> None:
    bed.side.pressures = (135.0, 85.0)
    assert bed.ask(START) == "ok"
    assert bed.until("inflating", 5) and bed.ask(START) == "bad-state"
    assert bed.until("resting", 90)
    bed.bench.run(6)
    assert bed.cuff["last"] == "ok"
    assert bed.host.vital("systolic").value == pytest.approx(135, abs=12)
    assert bed.host.vital("diastolic").value == pytest.approx(85, abs=12)


def test_while_it_measures_the_pressure_is_told_four_times_a_second_and_else_every_five(bed: Bedside) -> None:
    bed.bench.run(30)
    told = bed.host.all("Cuff")
    assert 6 <= len(told) <= 7 and bed.cuff["next"] == pytest.approx(270, abs=8)
    bed.ask(START)
    assert bed.until("bleeding", 30)
    before = len(bed.host.all("Cuff"))
    bed.bench.run(10)
    told = [m["ticks"] for m in bed.host.all("Cuff")[before:]]
    assert 38 <= len(told) <= 42
    assert max(b - a for a, b in pairwise(told)) <= 280
    assert bed.cuff["pressure"] / 10 == pytest.approx(bed.side.cuff.bladder(), abs=4)


@req("VIT-022")
@pytest.mark.parametrize("state", ["zeroing", "inflating", "bleeding", "venting"])
def test_a_stop_has_opened_the_valve_before_it_is_answered(bed: Bedside, state: str) -> None:
    bed.ask(START)
    assert bed.until(state, 90)
    bed.bench.run(1)
    assert bed.ask(STOP) == "ok"
    assert not bed.side.cuff.held
    bed.bench.run(0.2)
    assert bed.cuff["state"] in ("venting", "resting") and bed.cuff["last"] == "ended"
    bed.bench.run(8)
    assert bed.side.cuff.bladder() < 5
    assert bed.ask(STOP) == "ok", "the arm rests, and nothing is to come"
    assert bed.until("idle", 40) and bed.ask(STOP) == "bad-state"


@req("VIT-021")
def test_it_measures_every_so_many_minutes_whether_or_not_a_host_is_there(bed: Bedside) -> None:
    assert bed.ask(EVERY, 2) == "ok"
    bed.bench.fault("link", "cut")
    begins = []
    was = False
    for n in range(800):
        bed.bench.run(0.5)
        inflated = bed.side.cuff.bladder() > 30
        if inflated and not was:
            begins.append(n / 2)
        was = inflated
    assert len(begins) == 3
    assert [b - a for a, b in pairwise(begins)] == [pytest.approx(120, abs=2)] * 2


@req("VIT-020")
def test_a_board_without_a_cuff_says_so_and_tells_nothing_of_one() -> None:
    with Bench() as bench:
        host = WireHost(bench)
        host.identify()
        for what in (START, STOP, EVERY):
            assert schema.STATUSES[host.ask("Measure", what, 5)["status"]] == "unsupported"
        bench.run(10)
        assert not host.all("Cuff") and not host.all("Capnogram")


def test_the_wave_of_the_gas_comes_without_a_hole_and_is_the_airways(bed: Bedside) -> None:
    bed.side.airway.set(rate=12, etco2=42)
    bed.bench.run(45)
    frames = bed.host.all("Capnogram")[-50:]
    assert len(frames) == 50
    assert {(f["hz"], f["signal"]) for f in frames} == {(25, 0)}
    assert [f["index"] for f in frames] == list(range(frames[0]["index"], frames[0]["index"] + 500, 10))
    wave = [sample / 10 for f in frames for sample in f["samples"]]
    assert max(wave) == pytest.approx(42, abs=2) and min(wave) < 1.5
    rises = sum(a < 20 <= b for a, b in pairwise(wave))
    assert rises == pytest.approx(4, abs=1), "12 a minute, over 20 s"


def test_a_gas_sensor_that_falls_silent_tells_no_wave(bed: Bedside) -> None:
    bed.bench.run(20)
    bed.bench.fault("capnometer", "silent")
    bed.bench.run(3)
    before = len(bed.host.all("Capnogram"))
    bed.bench.run(5)
    assert len(bed.host.all("Capnogram")) == before
