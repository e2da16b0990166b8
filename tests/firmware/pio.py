"""PIO programs of the firmware without an RP2040: what they say becomes text, and the text opcodes for an emulator.

Assembler (adafruit-circuitpython-pioasm) and emulator (rp2040-pio-emulator) are other people's, so that a wrong idea of
ours about the PIO does not confirm itself.
"""

from __future__ import annotations

import dataclasses
import sys
import types
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import adafruit_pioasm
import pioemu

_PULL = 0x80A0
_JMP_Y_DEC = 0x0080


class Machine:
    """One state machine with its pin. rises, falls: cycles in which the pin changed. pulled: called after each pull.

    skip: idle turns of a delay loop and of a wait for the FIFO are left out, which changes nothing but the time that
    the emulation takes; a turn of a loop that is one instruction is one cycle.
    """

    def __init__(self, program: adafruit_pioasm.Program, state: pioemu.State, skip: bool = True) -> None:
        self.state = state
        self.rises: list[int] = []
        self.falls: list[int] = []
        self.pulled: Callable[[], None] = lambda: None
        self._opcodes = list(program.assembled)
        self._wraps = {"wrap_target": program.pio_kwargs["wrap_target"], "wrap_top": program.pio_kwargs["wrap"]}
        self._skip = skip

    def advance(self, until: int) -> None:
        """Runs until that cycle, or the end of the instruction that is under way then."""
        while self.state.clock < until:
            for before, after in pioemu.emulate(
                self._opcodes,
                initial_state=self.state,
                stop_when=lambda opcode, now: now.clock >= until or self._idle(opcode, now),
                set_count=1,
                **self._wraps,
            ):
                if after.pin_values & 1 and not before.pin_values & 1:
                    self.rises.append(before.clock)
                elif before.pin_values & 1 and not after.pin_values & 1:
                    self.falls.append(before.clock)
                self.state = after
                if before.program_counter != after.program_counter and self._pulls(before):
                    self.pulled()
            if self.state.clock < until:
                self._pass(until)

    @property
    def waiting(self) -> bool:
        """Whether it stands still in front of an empty FIFO."""
        return self._pulls(self.state) and not self.state.transmit_fifo

    def _pulls(self, state: pioemu.State) -> bool:
        return self._opcodes[state.program_counter] == _PULL

    def _idle(self, opcode: int, now: pioemu.State) -> bool:
        if not self._skip:
            return False
        if opcode == _PULL:
            return not now.transmit_fifo
        return opcode == _JMP_Y_DEC | now.program_counter and now.y_register > 1

    def _pass(self, until: int) -> None:
        now = self.state
        if self._opcodes[now.program_counter] == _PULL:
            self.state = dataclasses.replace(now, clock=until)
        else:
            turns = min(now.y_register - 1, until - now.clock)
            self.state = dataclasses.replace(now, clock=now.clock + turns, y_register=now.y_register - turns)


class _Line:
    """One instruction; [n] delays it by n cycles."""

    def __init__(self, lines: list[str], text: str) -> None:
        self._lines = lines
        lines.append(text)

    def __getitem__(self, delay: int) -> _Line:
        self._lines[-1] += f" [{delay}]"
        return self


def _words(lines: list[str]) -> dict[str, Any]:
    """What a PIO program of MicroPython may say, as far as ours do."""

    def jmp(condition: str, target: str | None = None) -> _Line:
        return _Line(lines, f"jmp {condition}" if target is None else f"jmp {condition}, {target}")

    return {
        "wrap_target": lambda: lines.append(".wrap_target"),
        "wrap": lambda: lines.append(".wrap"),
        "label": lambda name: lines.append(f"{name}:"),
        "pull": lambda how: _Line(lines, f"pull {how}"),
        "mov": lambda to, source: _Line(lines, f"mov {to}, {source}"),
        "set": lambda to, value: _Line(lines, f"set {to}, {value}"),
        "wait": lambda level, source, index: _Line(lines, f"wait {level} {source} {index}"),
        "jmp": jmp,
        **{name: name for name in ("block", "noblock", "x", "y", "osr", "isr", "pins", "pin")},
        "x_dec": "x--",
        "y_dec": "y--",
        "not_x": "!x",
    }


def _asm_pio(**_settings: Any) -> Callable[[Callable[[], None]], adafruit_pioasm.Program]:
    def assemble(function: Callable[[], None]) -> adafruit_pioasm.Program:
        lines: list[str] = []
        spoken = types.FunctionType(function.__code__, _words(lines))
        spoken()
        return adafruit_pioasm.Program("\n".join(lines))

    return assemble


@contextmanager
def stand_ins(**more: dict[str, Any]) -> Iterator[None]:
    """While this lasts, `rp2` and `machine` can be imported and make Programs of PIO programs. more: what else these
    and other modules have."""
    names: dict[str, dict[str, Any]] = {
        "rp2": {"asm_pio": _asm_pio, "PIO": types.SimpleNamespace(OUT_LOW=2, JOIN_TX=1)},
        "machine": {"Pin": None, "mem32": None},
    }
    before = {name: sys.modules.get(name) for name in names | more}
    for name in names | more:
        sys.modules[name] = types.ModuleType(name)
        sys.modules[name].__dict__.update(names.get(name, {}) | more.get(name, {}))
    try:
        yield
    finally:
        for name, module in before.items():
            if module is None:
                del sys.modules[name]
            else:
                sys.modules[name] = module
