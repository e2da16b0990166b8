"""Every single fault, in every state, at every rate: what the patient gets beyond the orders, and what is told of it.

Which fault, state and rate make a run is data (sweep/plan.py), drawn by the seed: one rate a state here, every rate
in a soak. What must come of it is data too (sweep/expected.py). The runs of one fault share a board: they mend, clear
and go on, and only what cannot be cleared costs a new one. A failure names its runs, and the command repeats all of
them exactly.
"""

from __future__ import annotations

from typing import Any

import pytest

from assuage_rig.evidence import Collector
from assuage_rig.measuring import Measure
from assuage_rig.requirements import req
from sweep import states
from sweep.expected import DEADLINE_S, ELSEWHERE, GROUP, TABLE, expected
from sweep.faultrun import watch
from sweep.judge import judge
from sweep.plan import Planned, plan
from sweep.signs import TABLE as SIGNS
from sweep.wire import Bed

ENOUGH = 6
"""Wrong runs of a fault, after which the rest is not tried: it would only take long."""

HEAD = ("state", "rate (mL/h)", "raised (s)", "then", "reason", "patient over (µL)", "shaft over (µL)", "")


@req("FLT-001", "FLT-002", "FLT-003")
@pytest.mark.parametrize("fault", sorted(TABLE))
@pytest.mark.timeout(3600)
def test_a_single_fault_gives_the_patient_nothing_and_is_told_by_its_name(
    dut: Any, measure: Measure, evidence: Collector, seed: int, soak: bool, fault: str
) -> None:
    """In every state, at a rate drawn by the seed (a soak: at every rate)."""
    component, kind = fault.split()
    rows: list[tuple[object, ...]] = []
    wrong: list[str] = []
    worst: tuple[float, Planned, list[tuple[float, float, float, float]]] | None = None
    bench: Any = None
    for run in plan(fault, seed, soak):
        if len(wrong) >= ENOUGH:
            wrong.append("the rest was not tried")
            break
        if bench is None:
            bench = dut(crash_is_failure=False)
            host = Bed(bench)
            host.run(0.5)
            host.identify()
        row = run.row
        must = expected(fault, run.state.name, run.state.told)
        try:
            states.enter(bench, host, run.state, run.rate)
        except states.NotThere as why:
            wrong.append(f"{run.name}: {why}")
            bench.close()
            bench = None
            continue
        host.run(run.phase_s)
        deadline = max(row.within_s, row.stops_s) if must.stops else None
        by_nl = row.by_nl if run.state.moves and must.must else None
        out = watch(bench, host, component, kind, dict(row.params), run.watched_s(soak), deadline, by_nl, row.beside)
        found = judge(run, out)
        wrong += found
        over = out.over_nl / 1000
        if worst is None or over > worst[0]:
            worst = over, run, host.ledger.rows
        measure("FLT-001", "unintended volume", over, where=run.name)
        if run.state.name != "taking-up":  # where the shaft moves before any dose, by design
            measure("FLT-001", "driven beyond the order", out.shaft_over_nl / 1000, where=run.name)
        for first in out.raised[:1]:
            if must.must and row.within_s == DEADLINE_S:
                measure("FLT-002", "alarm delay", first.due_s, where=run.name)
            elif must.must:
                measure("FLT-003", "alarm delay", first.due_s, where=run.name, hi=row.within_s, note=row.why)
        told = ", ".join(f"{r.condition} {r.after_s:.2f}" for r in out.raised)
        mark = "; ".join(found) or ("" if out.due else "not due in the time watched")
        shaft = out.shaft_over_nl / 1000
        rows.append((run.state.name, run.rate, told, out.state, out.reason, round(over, 1), round(shaft, 1), mark))
        if not states.rest(bench, host):
            bench.close()
            bench = None
    assert worst is not None, "\n".join(wrong)
    evidence.table(f"{fault}, in every state", HEAD, rows)
    evidence.note(f"Worst: {worst[1].name}, {worst[0]:.1f} µL. {TABLE[fault].why}")
    times, patient, shaft_nl, allowed = zip(*worst[2], strict=True)
    evidence.plot(
        f"Volume ledger: {worst[1].name}",
        x="time (s)",
        y="volume (µL)",
        series={
            "patient": (times, [v / 1000 for v in patient]),
            "shaft": (times, [v / 1000 for v in shaft_nl]),
            "allowed": (times, [v / 1000 for v in allowed]),
        },
    )
    assert not wrong, "\n".join(wrong)


@req("FLT-004")
def test_the_table_has_every_fault_of_the_bench_and_the_plan_every_state(
    dut: Any, measure: Measure, evidence: Collector, seed: int
) -> None:
    """No fault is left out unseen: a new one has no row, and this test says so."""
    bench = dut(bedside=True)
    known = {f"{name} {kind}" for name, faults in bench.circuit.faults.items() for kind in faults.kinds}
    assert known - TABLE.keys() - ELSEWHERE.keys() == set(), "faults without a row in sweep/expected.py"
    assert (TABLE.keys() | ELSEWHERE.keys() | SIGNS.keys()) - known == set(), "rows of no fault"
    oximeter = {fault for fault in known if fault.split()[0] == "oximeter"}
    assert oximeter - SIGNS.keys() == set(), "faults of the oximeter without a row in sweep/signs.py"
    assert GROUP.keys() == states.STATES.keys()
    measure("FLT-004", "runs of make hil", sum(len(plan(fault, seed, False)) for fault in TABLE))
    measure("FLT-004", "runs of make soak", sum(len(plan(fault, seed, True)) for fault in TABLE))
    columns = ("gives", "seeks", "fills", "backs", "held", "stands", "why")
    evidence.table(
        "What each fault must come to",
        ("fault", *columns),
        [(fault, *(getattr(row, column) for column in columns)) for fault, row in sorted(TABLE.items())],
    )
    if ELSEWHERE:
        evidence.table("Tried elsewhere", ("fault", "where"), sorted(ELSEWHERE.items()))
