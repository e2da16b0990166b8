"""How much work a call is, in steps of the interpreter, of which MicroPython makes about as many: no clock needed."""

from __future__ import annotations

import sys
from collections.abc import Callable
from types import FrameType
from typing import Any


def steps_of(call: Callable[..., object], *args: Any) -> int:
    """Bytecodes that it runs, its own and those of all that it calls."""
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
        call(*args)
    finally:
        sys.settrace(before)
    return steps
