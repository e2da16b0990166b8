"""The work of a look, in steps of the interpreter, of which MicroPython makes about as many: no clock, no flicker."""

from __future__ import annotations

import sys
from collections.abc import Callable
from types import FrameType
from typing import Any

from interlock.guards import ABOVE, APNOEA, BELOW
from tests.pure.interlock_ward import ETCO2, MAP, PULSE, RESP, SPO2, Ward

ROWS = (
    (SPO2, BELOW, 900, 15_000, 20, 5_000, 15_000),
    (ETCO2, ABOVE, 500, 15_000, 50, 12_000, 20_000),
    (RESP, APNOEA, 15_000, 0, 5_000, 20_000, 20_000),
    (RESP, BELOW, 80, 30_000, 10, 20_000, 20_000),
    (PULSE, BELOW, 500, 10_000, 30, 5_000, 15_000),
    (MAP, BELOW, 600, 0, 50, 1_200_000, 0),
)
LOOK = 1_300  # six rows and all readings' ages: some 1 % of an RP2040, at eight looks a second and 1 us a step
ASK = 120


def _steps(what: Callable[[], object]) -> int:
    steps = 0

    def count(frame: FrameType, event: str, _argument: Any) -> Any:
        nonlocal steps
        frame.f_trace_opcodes = True
        frame.f_trace_lines = False
        steps += event == "opcode"
        return count

    before = sys.gettrace()
    sys.settrace(count)
    try:
        what()
    finally:
        sys.settrace(before)
    return steps


def test_a_look_stays_within_its_share_of_the_processor() -> None:
    ward = Ward(ROWS)
    ward.well()
    ward.show(MAP, 900)
    assert ward.turn()
    usual = _steps(lambda: ward.gate.turn(125, True))
    assert ward.interlock.normal()
    ward.tell(SPO2, 850, 0)
    for p in (ETCO2, PULSE, MAP):
        ward.tell(p, 550, 1)
    worst = _steps(lambda: ward.gate.turn(20_125, True))
    assert ward.trip.tripped
    assert usual <= worst <= LOOK, (usual, worst)


def test_asking_elsewhere_costs_next_to_nothing() -> None:
    ward = Ward(())
    ward.asked.begin(5, 2_000, 0)
    ward.turn(0, False)
    assert _steps(lambda: ward.asked.poll(500, False)) <= ASK
    assert ward.asked.wants
