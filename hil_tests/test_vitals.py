"""Pulse and saturation are those of the emulated patient, or there is no number."""

from __future__ import annotations

from typing import Any

import pytest

from assuage_rig.evidence import Collector
from assuage_rig.measuring import Measure
from assuage_rig.plant.patient import Patient
from assuage_rig.requirements import req
from assuage_rig.vital import Vital, vitals_in
from assuage_rig.wirehost import WireHost

SETTLE_S, LOOK_S = 20.0, 10.0
PATIENTS = [(97.0, 72.0), (92.0, 40.0), (88.0, 120.0), (82.0, 200.0), (75.0, 60.0), (70.0, 160.0)]


def heard(host: WireHost, since_s: float) -> list[dict[str, Vital]]:
    """What the board said of vital signs since then."""
    return [vitals_in(values) for values in host.all("Vitals", since_s)]


@req("VIT-001")
@pytest.mark.parametrize(("spo2", "bpm"), PATIENTS)
def test_numbers_are_the_patients(dut: Any, measure: Measure, evidence: Collector, spo2: float, bpm: float) -> None:
    board = dut(patient=Patient(spo2=spo2, pulse_bpm=bpm))
    host = WireHost(board)
    host.run(SETTLE_S)
    host.run(LOOK_S)
    told = heard(host, SETTLE_S)
    found = [(v["spo2"].value, v["pulse"].value) for v in told]
    errors = [(a - spo2, b - bpm) for a, b in found if a is not None and b is not None]
    assert len(errors) == len(told) >= LOOK_S - 1
    where = f"{spo2:g} %, {bpm:g} /min"
    measure("VIT-001", "saturation error", max((a for a, _ in errors), key=abs), where=where)
    measure("VIT-001", "pulse error", max((b for _, b in errors), key=abs), where=where)


@req("VIT-002")
@pytest.mark.parametrize(
    "verb", ["probe off", "oximeter dead", "oximeter open", "oximeter saturated", "oximeter short"]
)
def test_what_is_no_pulse_makes_no_number(dut: Any, measure: Measure, verb: str) -> None:
    board = dut()
    host = WireHost(board)
    host.run(SETTLE_S)
    assert heard(host, SETTLE_S - 2)[-1]["spo2"].value is not None
    if verb == "probe off":
        board.patient.probe_on = False
    else:
        board.fault(*verb.split(" ", 1))
    began = board.now_us / 1e6
    host.run(30.0)
    shown = [
        m.at
        for m in host.said
        if m.name == "Vitals"
        and m.at > began
        and any(vitals_in(m.values)[name].value is not None for name in ("spo2", "pulse"))
    ]
    measure("VIT-002", "numbers told on", (max(shown) - began) if shown else 0.0, where=verb)
