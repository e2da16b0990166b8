"""The Pico's own code with stand-ins for its peripherals: what needs no silicon to be right."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable, Iterator
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest

from assuage_rig.requirements import req

SCRATCH = [0x4005800C + offset for offset in (0, 4, 8, 12, 20, 24, 28)]  # RP2040 datasheet 4.7.6, without scratch 4


class Memory:
    """mem32. asked: the address objects themselves, in order."""

    def __init__(self) -> None:
        self.words: dict[int, int] = {}
        self.asked: list[int] = []

    def __getitem__(self, address: int) -> int:
        self.asked.append(address)
        return self.words.get(address, 0)

    def __setitem__(self, address: int, value: int) -> None:
        self.asked.append(address)
        self.words[address] = value


class Pin:
    """One pin, as machine.Pin. level: what is on it; fall(): a falling edge."""

    IN, OUT, PULL_UP, IRQ_FALLING = range(4)

    def __init__(self, number: int, mode: int = IN, pull: int | None = None, value: int = 1) -> None:
        self.number, self.level = number, value
        self.fall: Callable[[], None] = lambda: None
        self.hard = False

    def irq(self, handler: Callable[[Pin], None], trigger: int, hard: bool = False) -> None:
        assert trigger == self.IRQ_FALLING
        self.fall, self.hard = lambda: handler(self), hard

    def value(self) -> int:
        return self.level


@pytest.fixture
def pico(monkeypatch: pytest.MonkeyPatch) -> Iterator[SimpleNamespace]:
    """boards.pico as `module`, its memory as `mem32`, and what kbd_intr was told as `interrupts`."""
    memory, interrupts = Memory(), list[int]()
    nothing: Any = lambda *_args, **_named: SimpleNamespace()  # noqa: E731
    names = {"Pin": Pin, "mem32": memory, "unique_id": lambda: bytes(8), "reset": nothing, "idle": nothing}
    names |= dict.fromkeys(("ADC", "I2C", "UART", "WDT"), nothing)
    machine = ModuleType("machine")
    machine.__dict__.update(names)
    steps = ModuleType("boards.pio_steps")
    steps.__dict__["PioSteps"] = nothing
    flash = ModuleType("boards.rp2flash")
    flash.__dict__["Rp2Flash"] = nothing
    monkeypatch.setitem(sys.modules, "machine", machine)
    monkeypatch.setitem(sys.modules, "boards.pio_steps", steps)
    monkeypatch.setitem(sys.modules, "boards.rp2flash", flash)
    monkeypatch.setattr("micropython.kbd_intr", interrupts.append, raising=False)
    monkeypatch.delitem(sys.modules, "boards.pico", raising=False)
    module = importlib.import_module("boards.pico")
    yield SimpleNamespace(module=module, mem32=memory, interrupts=interrupts)
    sys.modules.pop("boards.pico", None)


@req("SYS-007")
def test_a_byte_on_usb_cannot_interrupt_the_firmware(pico: SimpleNamespace) -> None:
    pico.module.Board()
    assert pico.interrupts == [-1]


def test_a_press_of_the_stop_key_that_is_over_is_seen_once(pico: SimpleNamespace) -> None:
    pin = Pin(14)
    key = pico.module.StopKey(pin)
    assert pin.hard, "a soft interrupt waits for the interpreter"
    assert key.value() == 1
    pin.fall()
    pin.fall()
    assert [key.value() for _ in range(3)] == [0, 1, 1]
    pin.level = 0
    assert [key.value() for _ in range(3)] == [0, 0, 0], "held"


def test_the_boards_stop_key_is_the_one_that_latches(pico: SimpleNamespace) -> None:
    assert isinstance(pico.module.Board().pins["stop"], pico.module.StopKey)


def test_a_retained_word_is_reached_by_an_address_that_was_made_once(pico: SimpleNamespace) -> None:
    """Addresses are beyond 30 bits: one that were reckoned at each access would be garbage on the board's heap."""
    words = pico.module.Retained()
    for i in range(7):
        words.set(i, 1000 + i)
    assert pico.mem32.words == {address: 1000 + i for i, address in enumerate(SCRATCH)}
    assert [words.get(i) for i in range(7)] == list(range(1000, 1007))
    assert all(a is b for a, b in zip(pico.mem32.asked[:7], pico.mem32.asked[7:], strict=True))


def test_the_motor_has_no_current_from_the_moment_its_enable_is_an_output(pico: SimpleNamespace) -> None:
    enable = pico.module.Board().pins["drive_enable"]
    assert (enable.number, enable.level) == (12, 1), "active low"
