"""A model of what PioSteps runs on: RAM, two DMA channels, the state machine with its FIFO and pin, and time.

The state machine is an emulator that others wrote (pio.py). The DMA channels are written here after the RP2040's
datasheet (2.5): a trigger with the reloaded count, a null trigger, chaining, pacing by room in the FIFO, read addresses
that wrap in a ring, aborts. It is our idea of them, checked against nothing else. One transfer is a step; while the
CPU looks from one register to the next the PIO makes some cycles and the DMA at least MEANWHILE of its steps, of which
a bus cycle of 8 ns makes about one, and MicroPython some hundred between two lines.
"""

from __future__ import annotations

import dataclasses
import importlib
import random
import sys
from array import array
from typing import Any

import pioemu

from tests.firmware.pio import Machine, stand_ins

MEANWHILE = 4
FIFO = 8
_TXF0, _FDEBUG, _STALLED = 0x50200010, 0x50200008, 1 << 24
_DMA, _COUNT_TRIGGER = 0x50000000, 0x1C
_PERMANENT = 0x3F


@dataclasses.dataclass
class Channel:
    """One DMA channel, as rp2.DMA shows it."""

    hardware: Hardware
    channel: int
    read: int = 0
    write: int = 0
    reload: int = 0
    left: int = 0
    ctrl: dict[str, int] = dataclasses.field(default_factory=dict)

    def pack_ctrl(self, **fields: int) -> Any:
        return {"inc_write": 1, "ring_size": 0, "treq_sel": _PERMANENT, "chain_to": self.channel, **fields}

    def config(
        self,
        read: int,
        write: Any = None,
        count: int | None = None,
        ctrl: dict[str, int] | None = None,
        trigger: bool = False,
    ) -> None:
        self.hardware.meanwhile()
        self.read = read
        if write is not None and count is not None and ctrl is not None:
            assert not self.left, "set up while it runs"
            self.write = _TXF0 if isinstance(write, StateMachine) else write
            self.reload, self.ctrl = count, ctrl
            assert not ctrl["inc_write"], "it would write behind the register"
        if trigger:
            self.trigger()

    def active(self, value: int | None = None) -> bool:
        self.hardware.meanwhile()
        if value:
            self.trigger()
        elif value is not None:
            self.left = 0
            self.hardware.spurious(self)
        return self.left > 0

    def trigger(self) -> None:
        if not self.left:
            self.left = self.reload

    def ready(self) -> bool:
        if not self.left:
            return False
        return self.ctrl["treq_sel"] == _PERMANENT or len(self.hardware.fifo) < FIFO

    def transfer(self) -> None:
        hardware = self.hardware
        hardware.store(self.write, hardware.load(self.read))
        mask = (1 << self.ctrl["ring_size"]) - 1
        self.read = self.read & ~mask | self.read + 4 & mask
        self.left -= 1
        if not self.left and self.ctrl["chain_to"] != self.channel:
            hardware.channels[self.ctrl["chain_to"]].trigger()


class Watched(Channel):
    """A channel whose address costs the CPU time to look at."""

    def __getattribute__(self, name: str) -> Any:
        if name == "read" and sys._getframe(1).f_globals["__name__"] == "boards.pio_steps":
            object.__getattribute__(self, "hardware").meanwhile()
        return super().__getattribute__(name)


class Ram:
    """What the firmware writes, in whose time the rest goes on."""

    def __init__(self, hardware: Hardware, words: array[int]) -> None:
        self._hardware, self._words = hardware, words

    def __setitem__(self, at: int, value: int) -> None:
        self._words[at] = value
        self._hardware.meanwhile()


class StateMachine:
    """rp2.StateMachine: 0 runs its program on the emulator, 1 counts the edges of its pin as `tally` was shown to."""

    def __init__(self, hardware: Hardware, number: int, program: Any) -> None:
        self._hardware, self._number = hardware, number
        self._count: list[int] = []
        if number == 0:
            hardware.machine = Machine(program, pioemu.State())
            hardware.machine.pulled = hardware.settle

    def active(self, on: int) -> None:
        self._hardware.meanwhile()
        if self._number == 0:
            self._hardware.running = bool(on)

    def exec(self, instruction: str) -> None:
        hardware = self._hardware
        hardware.meanwhile()
        if instruction == "pull(noblock)":
            assert not hardware.running, "its own word would be lost"
            if hardware.fifo:
                hardware.fifo.popleft()
            hardware.settle()
        elif instruction == "set(pins, 0)":
            state = hardware.machine.state
            if state.pin_values & 1:
                hardware.machine.falls.append(state.clock)
            hardware.machine.state = dataclasses.replace(state, pin_values=0)
        elif instruction == "mov(isr, invert(x))":
            self._count.append(len(hardware.machine.rises) if hardware.machine else 0)
        else:
            assert instruction in ("push(noblock)", "mov(x, invert(null))")

    def get(self) -> int:
        self._hardware.meanwhile()
        return self._count.pop()

    def tx_fifo(self) -> int:
        self._hardware.meanwhile()
        return len(self._hardware.fifo)

    def restart(self) -> None:
        machine = self._hardware.machine
        machine.state = dataclasses.replace(machine.state, program_counter=0)


class Level:
    """An output."""

    def __init__(self) -> None:
        self.level = -1

    def value(self, level: int) -> None:
        self.level = level


class Hardware:
    """All of it. drive: the firmware's PioSteps, on it. cycles are the PIO's, of a fifth of a microsecond."""

    machine: Machine

    def __init__(self, chance: random.Random) -> None:
        self.chance = chance
        self.channels: list[Channel] = []
        self.running = False
        self._memory: list[tuple[int, array[int]]] = []
        self._stalled = False
        self._busy = True  # the firmware's own start takes no time
        self.step, self.direction, self.enable = Level(), Level(), Level()
        rp2 = {"StateMachine": self._machine, "DMA": self._channel, "asm_pio_encode": lambda text, _sideset: text}
        for name in ("boards.pio_steps", "boards.pio_program"):
            sys.modules.pop(name, None)
        with stand_ins_of(rp2, self):
            self.drive = importlib.import_module("boards.pio_steps").PioSteps(self.step, self.direction, self.enable)
        self.drive._ram = Ram(self, self.drive._ram)
        self._busy = False

    @property
    def fifo(self) -> Any:
        return self.machine.state.transmit_fifo

    @property
    def clock(self) -> int:
        return self.machine.state.clock

    def run(self, cycles: int) -> None:
        """Lets PIO and DMA work by themselves, as they do when the firmware is frozen."""
        self.settle()
        until = self.clock + cycles
        if self.running:
            self.machine.advance(until)
            self._stalled |= self.machine.waiting
        else:
            self.machine.state = dataclasses.replace(self.machine.state, clock=until)

    def settle(self) -> None:
        """The DMA goes as far as it can."""
        while self._transfer():
            pass

    def meanwhile(self) -> None:
        """What happens while the CPU gets from one register to the next."""
        if self._busy:
            return
        for _ in range(self.chance.randint(MEANWHILE, 4 * MEANWHILE)):
            self._transfer()
        if self.running and self.chance.random() < 0.5:
            self.run(self.chance.randint(1, 40))

    def spurious(self, channel: Channel) -> None:
        """RP2040-E13: an abort may be followed by a completion, here with all that a completion brings."""
        if channel.ctrl["chain_to"] != channel.channel:
            self.channels[channel.ctrl["chain_to"]].trigger()
            self.settle()

    def load(self, address: int) -> int:
        for base, words in self._memory:
            if base <= address < base + 4 * len(words):
                return words[(address - base) // 4]
        raise AssertionError(f"the DMA reads {address:#x}")

    def store(self, address: int, value: int) -> None:
        if address == _TXF0:
            assert len(self.fifo) < FIFO
            self.fifo.append(value)
            return
        number, register = divmod(address - _DMA, 64)
        assert register == _COUNT_TRIGGER, f"the DMA writes {address:#x}"
        channel = self.channels[number]
        channel.reload = value
        if value:
            channel.trigger()

    # mem32
    def __getitem__(self, address: int) -> int:
        assert address == _FDEBUG
        self.meanwhile()
        stalled = self._stalled or (self.running and self.machine.waiting)
        return _STALLED if stalled else 0

    def __setitem__(self, address: int, value: int) -> None:
        assert (address, value) == (_FDEBUG, _STALLED)
        self.meanwhile()
        self._stalled = False

    def address_of(self, words: array[int]) -> int:
        self._memory.append((0x20001230, words))
        return 0x20001230

    def _transfer(self) -> bool:
        for channel in self.channels:
            if channel.ready():
                channel.transfer()
                return True
        return False

    def _machine(self, number: int, program: Any, **_settings: Any) -> StateMachine:
        return StateMachine(self, number, program)

    def _channel(self) -> Channel:
        self.channels.append(Watched(self, len(self.channels)))
        return self.channels[-1]


def stand_ins_of(rp2: dict[str, Any], hardware: Hardware) -> Any:
    """The modules that PioSteps imports, with this hardware behind them."""
    return stand_ins(rp2=rp2, machine={"mem32": hardware}, uctypes={"addressof": hardware.address_of})
