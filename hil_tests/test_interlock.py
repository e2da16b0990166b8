"""An infusion that is guarded by the patient's vital signs stands when they are not normal, in time at every phase."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

import pytest

from assuage_rig.evidence import Collector
from assuage_rig.measuring import Measure
from assuage_rig.requirements import req
from assuage_rig.wirehost import Row, WireHost
from assuage_wire import schema

SOAK = os.environ.get("ASSUAGE_SOAK") == "1"
PHASES = 80 if SOAK else 10
PHASE_S = 0.053  # a number that shares no divisor with the loop's 25, 50 and 125 ms
SETTLE_S = 30.0
LOOK_S = 0.02
LOOP_S = 0.125  # the interlock looks so often: a breach may be so old when it is told
SPO2 = schema.PARAMETERS.index("spo2")
GOOD = schema.QUALITIES.index("good")
LOW: Row = ("spo2", "below", 900, 4_000, 20, 5_000, 6_000)


class Infusion:
    """On a board with all sensors, guarded by one row."""

    def __init__(self, board: Any, row: Row) -> None:
        self.board = board
        self.host = WireHost(board)
        self.host.run(45.0)
        self.host.identify()
        back = self.host.guarded((row,), ml_h=60.0, ml=50.0)
        self.host.begin(back["token"])
        self.host.run(5.0)

    @property
    def now(self) -> float:
        """Rig time, s."""
        return float(self.board.now_us) / 1e6

    def told(self) -> dict[str, Any]:
        """The newest Interlock message, by the names of its codes."""
        values = self.host.last("Interlock")
        return {**values, "parameter": schema.PARAMETERS[values["parameter"]], "kind": schema.GUARDS[values["kind"]]}

    def until_it_stands(self, most_s: float) -> tuple[float, float]:
        """(when the row was first told as not normal, when the shaft made its last step), rig time in s. It stands when
        it has made none for half a second. An oximeter that withholds its number while the saturation falls has no
        reading beyond the limit yet: then the time is when that was last told."""
        told = 0.0
        heard = -1
        drive = self.board.circuit.drive
        made, moved, granted = drive.consumed, self.now, self.now
        began = self.now
        while self.now - moved < 0.5:
            assert self.now - began < most_s, self.host.last("Interlock")
            self.board.run(LOOK_S)
            if self.now - granted >= 0.5:
                granted = self.now
                self.host.grant()
            if not told and self.host.last("Interlock")["row"] == 0:
                told = self.now
            vitals = self.host.last("Vitals")
            if vitals["ticks"] != heard:
                heard = vitals["ticks"]
                if told and vitals["qualities"][SPO2] != GOOD:
                    told = self.now
            if drive.consumed != made:
                made, moved = drive.consumed, self.now
        self.host.run(0.3)
        return told, moved

    def go_on(self) -> None:
        """A human has looked, released and resumed."""
        self.host.run(SETTLE_S)
        assert self.host.state == "paused", "it never goes on by itself"
        self.host.order("Release", self.told()["number"])
        self.host.resume()
        self.host.run(3.0)
        assert self.host.state == "infusing"


@req("ILK-004")
@pytest.mark.timeout(1800)
def test_a_saturation_that_falls_makes_the_shaft_stand_in_time_at_every_phase(
    dut: Any, measure: Measure, evidence: Collector
) -> None:
    bed = Infusion(dut(bedside=True), LOW)
    patient = bed.board.patient
    rows = []
    for phase in range(PHASES):
        bed.host.run(phase * PHASE_S)
        fell = bed.now
        patient.set(spo2=84.0)
        told, stood = bed.until_it_stands(40.0)
        seen = bed.told()
        assert (bed.host.state, bed.host.reason) == ("paused", "interlock")
        assert (seen["tripped"], seen["parameter"], seen["kind"]) == (1, "spo2", "below")
        assert seen["value"] < 900
        beyond = stood - told + LOOP_S - LOW[3] / 1000
        measure("ILK-004", "beyond the persistence", beyond, where=f"phase {phase * PHASE_S:.3f} s")
        rows.append((f"{phase * PHASE_S:.3f}", f"{told - fell:.2f}", f"{beyond:.2f}", f"{stood - fell:.2f}"))
        patient.set(spo2=97.0)
        bed.go_on()
    head = ("phase s", "saturation to reading s", "beyond persistence s", "saturation to standing s")
    evidence.table("From a saturation that falls to the shaft that stands", head, rows)


def _probe_off(board: Any) -> None:
    board.patient.set(probe_on=False)


def _oximeter_lost(board: Any) -> None:
    board.fault("oximeter", "nack")


@req("ILK-005")
@pytest.mark.parametrize("lose", [_probe_off, _oximeter_lost], ids=["probe off", "oximeter lost"])
def test_what_cannot_be_had_makes_the_shaft_stand_and_is_called_missing(
    dut: Any, measure: Measure, lose: Callable[[Any], None]
) -> None:
    bed = Infusion(dut(bedside=True), LOW)
    lost = bed.now
    lose(bed.board)
    _, stood = bed.until_it_stands(30.0)
    assert (bed.host.state, bed.host.reason) == ("paused", "vitals-missing")
    seen = bed.told()
    assert (seen["tripped"], seen["parameter"], seen["kind"]) == (1, "spo2", "missing")
    beyond = stood - lost - (LOW[5] + LOW[6]) / 1000
    measure("ILK-005", "beyond age and time to be missing", beyond)
