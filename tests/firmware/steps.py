"""Work in steps of the interpreter, of which MicroPython makes about as many: no clock, no flicker.

A step takes an RP2040 about 1 us: 0.71 to 1.17 on an emulated one at 125 MHz, and 1.10 times that with its flash, see
docs/processor.md. So 1000 steps a second are 0.1 % of its time.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from types import FrameType
from typing import Any


def steps_of(call: Callable[[], object]) -> int:
    """Bytecodes that it runs."""
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
        call()
    finally:
        sys.settrace(before)
    return steps
