"""Every single fault of the patient's side, on the bedside board while it infuses: what is told of which number, and
what the pump, the arm and all other numbers get of it.

What must come of each is data (sweep/signs.py). The faults of a component share a board: they are mended, and the next
one comes when all is shown again.
"""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import pytest

from assuage_rig.evidence import Collector
from assuage_rig.measuring import Measure
from assuage_rig.requirements import req
from assuage_rig.targets.linux import BEDSIDE, LinuxTarget
from sweep.signrun import RATE_ML_H, Outcome, good, wait_until_good, watch, watch_cuff
from sweep.signs import CUFF, CUFF_TABLE, GAS, HEART, LIGHT, SKIN, TABLE, Row, silence
from sweep.wire import Bed

ALWAYS = (*LIGHT, *GAS, *SKIN, *HEART)
SETTLE_S = 90.0
CUFF_BACK_S = 240.0
FEW = 2
OFTEN = Path(__file__).parents[1] / "tests" / "firmware" / "entries" / "often.py"
"""A blood pressure every minute instead of every five."""

HEAD = ("fault", "withheld (s)", "why", "lies", "others", "alarms", "back (s)", "")
CUFF_HEAD = ("fault", "told", "after (s)", "shown", "most (mmHg)", "inflated (s)", "alarms", "")


def components(table: dict[str, Row]) -> list[str]:
    """In the table's order."""
    return list(dict.fromkeys(fault.split()[0] for fault in table))


def drawn(component: str, seed: int, soak: bool) -> list[tuple[str, Row]]:
    """Of a component of the cuff: two faults, which take a determination each, or all in a soak."""
    rows = of(component, CUFF_TABLE)
    if soak or len(rows) <= FEW:
        return rows
    picked = random.Random(f"{seed} {component}").sample(range(len(rows)), FEW)
    return [rows[i] for i in sorted(picked)]


def of(component: str, table: dict[str, Row]) -> list[tuple[str, Row]]:
    """The faults of one component."""
    return [(fault, row) for fault, row in table.items() if fault.split()[0] == component]


def wrong_of(out: Outcome, row: Row) -> list[str]:
    """What is told otherwise than the row says; figures are measured."""
    wrong = [f"it says {signal}" for signal in sorted(out.signals - set(row.signals))]
    wrong += [f"{name} was raised" for name in out.alarms if name not in silence(row)]
    if out.state != "infusing":
        wrong.append(f"the pump is {out.state}")
    return wrong


@req("FLT-007", "FLT-008", "FLT-009", "FLT-010", "FLT-012")
@pytest.mark.parametrize("component", components(TABLE))
@pytest.mark.timeout(3600)
def test_a_fault_of_a_sensor_withholds_its_own_numbers_and_nothing_else(
    dut: Any, measure: Measure, evidence: Collector, component: str
) -> None:
    bench = dut(bedside=True)
    host = Bed(bench)
    host.infuse(ml_h=RATE_ML_H, ml=40.0)
    assert wait_until_good(bench, host, ALWAYS, SETTLE_S) <= SETTLE_S, "the numbers of a body at rest are not shown"
    rows: list[tuple[object, ...]] = []
    found: list[str] = []
    for fault, row in of(component, TABLE):
        watched = [name for name in ALWAYS if good(host, [name])]
        out = watch(bench, host, fault, row, watched)
        if row.must:
            note = row.why or "by the table"
            measure("FLT-007", "shown on", out.withheld_s, where=fault, hi=row.within_s, note=note)
        measure("FLT-008", "wrong and shown as good", len(out.wrong), where=fault, note="; ".join(out.wrong[:3]))
        measure("FLT-009", "numbers of others withheld", len(out.others), where=fault, note=", ".join(out.others))
        measure("FLT-010", "driven beside the order", out.beside_nl / 1000, where=fault)
        measure("FLT-010", "unintended volume", out.over_nl / 1000, where=fault)
        measure("FLT-012", "shown again after", out.back_s, where=fault, hi=row.back_s, note=row.why or "by the table")
        wrong = wrong_of(out, row)
        found += [f"{fault}: {what}" for what in wrong]
        told = ", ".join(sorted(out.signals)) or "-"
        lies = "; ".join(dict.fromkeys(what.split()[0] for what in out.lies))
        why = "; ".join([*wrong, *(f"{name}: {why}" for name, why in row.lies.items()), row.why])
        rows.append(
            (fault, round(out.withheld_s, 1), told, lies, ", ".join(sorted(out.others)), ", ".join(out.alarms),
             round(out.back_s, 1), why.strip("; "))
        )  # fmt: skip
        host.forget()
    health = host.last("Health")
    measure("FLT-010", "deadlines missed", health["overruns"], where=component)
    evidence.table(f"Faults: {component}", HEAD, rows)
    assert not found, "\n".join(found)


@req("FLT-007", "FLT-008", "FLT-010", "FLT-011", "FLT-012")
@pytest.mark.parametrize("component", components(CUFF_TABLE))
@pytest.mark.timeout(3600)
def test_whatever_fails_at_the_cuff_the_arm_is_let_go_and_no_wrong_pressure_is_shown(
    dut: Any, measure: Measure, evidence: Collector, seed: int, soak: bool, component: str
) -> None:
    bench = dut(bedside=True, target=LinuxTarget(entry=OFTEN, arguments=BEDSIDE))
    host = Bed(bench)
    host.infuse(ml_h=RATE_ML_H, ml=45.0)
    assert wait_until_good(bench, host, CUFF, 200.0) <= 200.0, "the pressure of an arm at rest is not shown"
    rows: list[tuple[object, ...]] = []
    found: list[str] = []
    for fault, row in drawn(component, seed, soak):
        out = watch_cuff(bench, host, fault, row)
        wrong = [f"{name} was raised" for name in out.alarms if name not in silence(row)]
        if out.state != "infusing":
            wrong.append(f"the pump is {out.state}")
        if row.must:
            shown = len(out.shown & set(row.must))
            measure("FLT-007", "shown after its determination", shown, where=fault)
            if out.signal not in row.signals:
                wrong.append(f"it says {out.signal}")
        measure("FLT-008", "wrong and shown as good", len(out.wrong), where=fault, note="; ".join(out.wrong))
        measure("FLT-011", "highest pressure", out.most, where=fault)
        measure("FLT-011", "inflated for", out.inflated_s, where=fault)
        measure("FLT-011", "pressure left", out.left, where=fault)
        found += [f"{fault}: {what}" for what in wrong]
        rows.append(
            (fault, out.signal, round(out.ended_s, 1), ", ".join(sorted(out.shown)), round(out.most), out.inflated_s,
             ", ".join(out.alarms), "; ".join([*wrong, row.why]).strip("; "))
        )  # fmt: skip
        host.forget()
    back_s = wait_until_good(bench, host, CUFF, CUFF_BACK_S)
    measure("FLT-012", "shown again after", back_s, where=component, hi=CUFF_BACK_S, note="the next determination")
    evidence.table(f"Faults: {component}", CUFF_HEAD, rows)
    measure("FLT-010", "unintended volume", host.ledger.over_nl / 1000, where=component)
    assert not found, "\n".join(found)
