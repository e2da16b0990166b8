"""Two faults within two seconds, while something is given: the patient gets nothing beyond the orders.

In a soak all pairs, else some that the seed draws. What is raised is not judged: which of two faults is found first is
a matter of moments. What a raised syringe lets out by gravity alone is measured by itself, in the same state at the
same rate, and taken off (docs/decisions/011). A failure names the pair, and the command repeats its board's runs.
"""

from __future__ import annotations

import os
from typing import Any

import pytest

from assuage_rig.evidence import Collector
from assuage_rig.measuring import Measure
from assuage_rig.requirements import req
from sweep import states
from sweep.expected import BLIND, TABLE
from sweep.faultrun import AFTER_S, Outcome, watch
from sweep.pairs import Pair, pairs
from sweep.wire import Bed

SOAK = os.environ.get("ASSUAGE_SOAK") == "1"
SHARES = 160 if SOAK else 4  # of a run, so that both cores have their part
WATCHED_S = 5.0

RAISED = "line height"
MOST_UL = 100.0

HEAD = ("pair", "raised (s)", "then", "reason", "patient over (µL)", "by height alone (µL)", "shaft over (µL)")


@req("FLT-006")
@pytest.mark.parametrize("share", range(SHARES))
@pytest.mark.timeout(3600)
def test_two_faults_give_the_patient_nothing_beyond_the_orders(
    dut: Any, measure: Measure, evidence: Collector, seed: int, share: int
) -> None:
    """The state, the rate and the time between them are drawn by the seed."""
    rows: list[tuple[object, ...]] = []
    wrong: list[str] = []
    over: dict[str, tuple[float, Pair]] = {}
    bench: Any = None
    for pair in pairs(seed, SOAK)[share::SHARES]:
        if bench is None:
            bench, host = _new(dut)
        try:
            out = _both(bench, host, pair)
            found = {"patient": host.ledger.over_nl / 1000, "shaft": host.ledger.shaft_over_nl / 1000}
            name = f"{pair.name}: one hides the other" if pair.hidden else pair.name
            row = [name, ", ".join(f"{r.condition} {r.after_s:.2f}" for r in out.raised), host.state, host.reason]
            if pair.stops_s is not None and (bench.drive.enabled or bench.drive.moving):
                wrong.append(f"{pair.name}: the motor still has current, {host.state} ({host.reason})")
            rested = states.rest(bench, host)
            by_height = 0.0
            if RAISED in (pair.first, pair.second):
                if not rested:
                    bench.close()
                    bench, host = _new(dut)
                by_height = _height_alone(bench, host, pair)
                rested = states.rest(bench, host)
        except states.NotThere as why:
            wrong.append(f"{pair.name}: {why}")
            bench.close()
            bench = None
            continue
        rows.append((*row, round(found["patient"], 1), round(by_height, 1), round(found["shaft"], 1)))
        found["patient"] -= by_height
        for whose, value in found.items():
            if whose not in over or value > over[whose][0]:
                over[whose] = value, pair
            if value > MOST_UL:
                wrong.append(f"{pair.name}: {whose} {value:.1f} µL beyond the orders")
        if not rested:
            bench.close()
            bench = None
    evidence.table(f"Pairs of faults, {share + 1} of {SHARES}", HEAD, rows)
    for whose, (value, pair) in sorted(over.items()):
        measure("FLT-006", f"unintended volume, {whose}", value, where=f"worst of {len(rows)}: {pair.name}")
    assert not wrong, "\n".join(wrong)


def _new(dut: Any) -> tuple[Any, Bed]:
    bench = dut(crash_is_failure=False)
    host = Bed(bench)
    host.run(0.5)
    host.identify()
    return bench, host


def _both(bench: Any, host: Bed, pair: Pair) -> Outcome:
    """Both faults, until either of them alone must have stopped the pump and both have come."""
    states.enter(bench, host, pair.state, pair.rate)
    host.run(pair.phase_s)
    component, kind = pair.second.split()
    bench.at(pair.apart_s, _later(bench, component, kind, dict(TABLE[pair.second].params)))
    component, kind = pair.first.split()
    seconds = max(WATCHED_S, (pair.stops_s or 0.0) + 0.5)
    out = watch(bench, host, component, kind, dict(TABLE[pair.first].params), seconds, pair.stops_s, None, BLIND)
    host.run(max(0.0, pair.come_s + AFTER_S - host.ledger.since_s))  # the first may have ended it before
    return out


def _height_alone(bench: Any, host: Bed, pair: Pair) -> float:
    """uL that the patient gets beyond the order when nothing but the height has changed, watched for as long."""
    states.enter(bench, host, pair.state, pair.rate)
    host.run(pair.phase_s + (pair.apart_s if pair.second == RAISED else 0.0))
    component, kind = RAISED.split()
    watch(bench, host, component, kind, dict(TABLE[RAISED].params), WATCHED_S, None)
    return float(host.ledger.over_nl) / 1000


def _later(bench: Any, component: str, kind: str, params: dict[str, Any]) -> Any:
    return lambda: bench.fault(component, kind, **params)
