"""Raw signals of steady patients in, numbers over the wire out: what the whole board tells against what is true."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import Any

import pytest

from assuage_rig.evidence import Collector
from assuage_rig.inbed import side_of
from assuage_rig.measuring import Measure
from assuage_rig.requirements import req
from assuage_rig.sitting import Cuffed, Told, sit
from assuage_rig.vital import vitals_in
from assuage_rig.wirehost import WireHost

pytestmark = pytest.mark.timeout(3600)
SOAK = os.environ.get("ASSUAGE_SOAK") == "1"
BOARDS, CUFFS = (2, 100) if SOAK else (4, 2)

SIGNS = {
    "spo2": ("VIT-001", "saturation error", "SpO2", "%", 2.0),
    "pulse": ("VIT-001", "pulse error", "Pulse", "/min", 2.0),
    "resp": ("VIT-004", "respiration error", "Respiration from CO2", "/min", 1.0),
    "resp-pleth": ("VIT-006", "respiration error", "Respiration from the pulse wave", "/min", 1.0),
    "etco2": ("VIT-005", "EtCO2 error", "EtCO2", "mmHg", 2.0),
    "temperature": ("VIT-009", "temperature error", "Temperature", "°C", 0.1),
    "heart": ("VIT-010", "heart rate error", "Heart rate by ECG", "/min", 2.0),
}
"""Requirement, its measurement, title, unit and bound by the wire's name."""

ALWAYS = {"resp": ("VIT-004", "respiration shown"), "heart": ("VIT-010", "heart rate shown")}
CUFF_BOUND = 15.0
LOW_RATE = 25.0


@req("VIT-001", "VIT-004", "VIT-005", "VIT-006", "VIT-008", "VIT-009", "VIT-010")
@pytest.mark.parametrize("board", range(BOARDS))
def test_what_is_told_of_steady_patients_is_true(
    dut: Any, measure: Measure, evidence: Collector, board: int, seed: int
) -> None:
    """All signs at once, over all that is promised; the cuff at its intervals."""
    told, cuffed = sit(dut(bedside=True, seed=seed + board), seed * 1000 + board, CUFFS)
    where = f"board {board + 1}"
    for name, (requirement, what, title, unit, bound) in SIGNS.items():
        of = [one for one in told if one.name == name]
        shown = [one for one in of if one.errors]
        if shown:
            worst = max((one.worst for one in shown), key=abs)
            measure(requirement, what, worst, where=where)
        _cloud(evidence, title, unit, bound, shown)
        if name in ALWAYS:
            measure(*ALWAYS[name], _share(of), where=where)
    gases = [one for one in told if one.name == "etco2"]
    measure(
        "VIT-005", "EtCO2 shown up to 25 /min", _share([one for one in gases if one.moment.resp <= LOW_RATE]),
        where=where,
    )  # fmt: skip
    _pressures(measure, evidence, where, cuffed)


@req("VIT-005")
@pytest.mark.parametrize("gas", [25.0, 38.0, 60.0] if SOAK else [38.0, 60.0])
def test_etco2_is_shown_as_far_as_a_plateau_forms(dut: Any, measure: Measure, evidence: Collector, gas: float) -> None:
    """One patient breathes faster and faster; I:E 1:2, as the sampling line and the cell let it through."""
    board = dut(bedside=True)
    host, airway = WireHost(board), side_of(board).airway
    airway.set(variability=0.0)
    highest, rows, where = 0.0, [], f"{gas:g} mmHg"
    for rate in (10, 15, 20, 25, 30, 35, 40, 50, 60):
        airway.set(rate=rate, etco2=gas)
        host.run(30)
        since = board.now_us / 1e6
        host.run(8)
        heard = [vitals_in(values)["etco2"] for values in host.all("Vitals", since)]
        errors = [vital.value - gas for vital in heard if vital.value is not None and vital.quality == "good"]
        rows.append([rate, 100 * len(errors) / len(heard), max(errors, key=abs) if errors else "withheld"])
        if errors:
            highest = rate
            measure("VIT-005", "EtCO2 error", max(errors, key=abs), where=f"{where} at {rate} /min")
    measure("VIT-005", "highest rate of a shown EtCO2", highest, where=where)
    evidence.table(f"EtCO2 of {where} by rate", ["rate (/min)", "shown (%)", "worst error (mmHg)"], rows)


def _share(of: Sequence[Told]) -> float:
    """How much of what could have been told was told as good, %."""
    return 100 * sum(len(one.errors) for one in of) / sum(one.tellings for one in of)


def _cloud(evidence: Collector, title: str, unit: str, bound: float, shown: Sequence[Told]) -> None:
    points = [one.true for one in shown], [one.worst for one in shown]
    evidence.plot(
        f"{title}, whole board, steady patients", x=f"true ({unit})", y=f"worst told less true ({unit})",
        series={title: points}, lines={f"+{bound:g}": bound, f"-{bound:g}": -bound}, scatter=True,
    )  # fmt: skip


def _pressures(measure: Measure, evidence: Collector, where: str, cuffed: Sequence[Cuffed]) -> None:
    shown = [one for one in cuffed if one.told]
    measure("VIT-008", "determinations with numbers", 100 * len(shown) / len(cuffed), where=where)
    series: dict[str, tuple[list[float], list[float]]] = {}
    for name in ("systolic", "map", "diastolic", "pulse-cuff") if shown else ():
        errors = [one.told[name] - one.true[name] for one in shown]
        if name == "pulse-cuff":
            measure("VIT-008", "pulse error", max(errors, key=abs), where=where)
            continue
        measure("VIT-008", "pressure error", max(errors, key=abs), where=f"{name}, {where}")
        series[name] = [one.true[name] for one in shown], errors
    evidence.plot(
        "Blood pressure, whole board", x="true (mmHg)", y="told less true (mmHg)", series=series,
        lines={"+15": CUFF_BOUND, "-15": -CUFF_BOUND}, scatter=True,
    )  # fmt: skip
    evidence.table(
        "Determinations of the cuff", ["true", "mean", "told", "mean", "why"],
        [
            [
                f"{one.true['systolic']:.0f}/{one.true['diastolic']:.0f}", one.true["map"],
                f"{one.told['systolic']:.0f}/{one.told['diastolic']:.0f}" if one.told else "nothing",
                one.told.get("map", "nothing"), one.signal,
            ]
            for one in cuffed
        ],
    )  # fmt: skip
