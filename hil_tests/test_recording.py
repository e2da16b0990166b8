"""What a recording holds is what went on: the motor's position and the line's messages, read back from its files."""

from __future__ import annotations

import io
import re
from typing import Any

import pytest
from vcd.reader import TokenKind, tokenize

from assuage_rig.evidence import Collector
from assuage_rig.measuring import Measure
from assuage_rig.requirements import req
from assuage_rig.wirehost import WireHost

BEFORE_S, WITH_S, AFTER_S = 20.0, 15.0, 5.0
ML_H = 60.0

FAULTS = (
    "link cut", "link corrupt", "link duplicate", "motor stall", "motor slip", "line occlusion", "encoder dead",
    "board freeze", "board killed", "power cut",
)  # fmt: skip

_HEARD = re.compile(r" *[\d.]+  <  (host)? +\d+ \w")
"""A good message at the host's end; where both ends had the same, it stands without a name."""


def _position(dump: str) -> int:
    """Where the motor is by the dump alone: a rising step counts, forward or backward, while there is current."""
    names: dict[str, str] = {}
    levels: dict[str, str] = {}
    position = 0
    for token in tokenize(io.BytesIO(dump.encode())):
        if token.kind is TokenKind.VAR:
            names[token.var.id_code] = token.var.reference
        elif token.kind is TokenKind.CHANGE_SCALAR:
            name, level = names[token.scalar_change.id_code], token.scalar_change.value
            if (name, levels.get(name), level) == ("step", "0", "1") and levels["enabled"] == "1":
                position += 1 if levels["forward"] == "1" else -1
            levels[name] = level
    return position


@req("SYS-090")
@pytest.mark.parametrize("fault", FAULTS)
def test_a_run_with_a_fault_in_it_can_be_followed_afterwards(
    dut: Any, measure: Measure, evidence: Collector, fault: str
) -> None:
    """An infusion at 60 mL/h, a fault in its middle, mended again: the recording has every step and every message."""
    board = dut()
    board.take()  # what it said when it booted, before anybody recorded
    recorder = evidence.record(board)
    host = WireHost(board)
    host.infuse(ml_h=ML_H, ml=20)
    recorder.every(0.1)
    host.run(BEFORE_S)
    part, kind = fault.split()
    board.fault(part, kind)
    host.run(WITH_S)
    board.mend(part, kind)
    host.run(AFTER_S)
    files = recorder.files()
    measure("SYS-090", "steps off", board.drive.turned - _position(files["steps.vcd"]), where=fault)
    if fault != "link corrupt":
        measure("SYS-090", "messages not understood", files["wire.log"].count("(refused: "), where=fault)
    heard = sum(bool(_HEARD.match(line)) for line in files["wire.log"].splitlines())
    measure("SYS-090", "messages missed", len(host.said) - heard, where=fault)
    last = recorder.samples[-1]
    evidence.note(
        f"{fault}: the shaft did {last.shaft_nl / 1000:.1f} µL, the patient got {last.patient_nl / 1000:.1f} µL."
    )
