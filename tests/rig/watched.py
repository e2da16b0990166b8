"""All that a board can see of itself, in channels, every 10 ms and without a processor: for comparing a broken one with
a whole one of the same seed, to which the same is done."""

from __future__ import annotations

import struct
from collections import defaultdict
from collections.abc import Callable
from functools import partial

from assuage_rig.boardlink import BoardLink
from assuage_rig.bus import Nack
from assuage_rig.chips.norflash import PowerCut
from assuage_rig.chips.tmc2209 import crc8
from assuage_rig.circuit import Circuit
from assuage_rig.clock import Clock
from assuage_rig.patientside import CUFF_BLEED, CUFF_CLOSED, CUFF_FEED, CUFF_PUMP
from assuage_rig.plant.patient import Patient

from .driving import STRAIGHT

TICK_US = 10_000
_SEEN = struct.Struct("<QIIBHBB4HB")
_PIN_NAMES = ("silence", "demand", "barrel", "plunger", "flange", "stop")


class Watched:
    """One board, set up: motor turning, syringe in, each key pressed now and then, bytes both ways, flash written, the
    cuff being inflated."""

    def __init__(self, seed: int = 1) -> None:
        self.fault_target = "linux"
        self.clock = Clock()
        self.circuit = c = Circuit(self.clock, Patient(), seed=seed, mechanism=STRAIGHT, bedside=True)
        assert c.side is not None
        self._side = c.side
        self.deaths = 0
        self.cuts = 0
        c.processor_dies = self._dies
        self.link = BoardLink(c, "/nv", 0, lambda sentence: None)
        self.seen: dict[str, list[object]] = defaultdict(list)
        self._host = b""
        c.uart.tx = self._hear
        self._tick = 0
        self._set_up()

    def fault(self, component: str, kind: str, **params: float) -> None:
        """As the bench's."""
        self.circuit.fault(component, kind, **params)

    def mend(self, component: str, kind: str | None = None) -> None:
        """As the bench's."""
        self.circuit.mend(component, kind)

    def run(self, seconds: float) -> None:
        """Lets time pass, and looks."""
        for _ in range(round(seconds * 1e6) // TICK_US):
            self._tick += 1
            self.clock.now_us += TICK_US
            self._do()
            self._look()

    # -- inside ------------------------------------------------------------------------------------------------------
    def _dies(self) -> None:
        self.deaths += 1

    def _hear(self, data: bytes) -> None:
        self._host += data

    def _set_up(self) -> None:
        c = self.circuit
        c.bridge.write(bytes((0x00, 0x02)))
        self.clock.now_us += 1_000
        c.bridge.write(bytes((0x00, 0x06, 0x07, 0x30)))
        c.bridge.write(bytes((0x00, 0x16)))
        c.encoder.write(bytes((0x07, 0x03, 0x00)))
        c.gauge.write(bytes((0x1A, 0x00, 0x00)))
        c.gauge.cell = lambda t_us: 3_700 + t_us / 20_000
        for channel, source in list(c.analogue.sources.items()):
            c.analogue.sources[channel] = partial(self._wandering, source)
        c.oximeter.write(bytes((0x08, 0x10, 0x03, 0x27, 0x00, 0x24, 0x24)))
        c.buses[1].write(0x48, bytes((0x01, 0x00, 0x00)))  # a conversion every 16 ms
        side = self._side
        side.thermometer.probe = lambda t_us: side.probe.celsius(t_us) + t_us / 1e6
        side.airway.set(rate=90)
        limiter = side.cuff.limiter  # in the time of a run it ends by time, is let go, and ends by pressure
        limiter.hold_us, limiter.longest_us, limiter.trip_mmhg = 100_000, 700_000, 20.0
        self._driver_says(0x6C, 0x14030053)
        c.enable_drive(True)
        self._ask_for_time()

    def _wandering(self, source: Callable[[], float]) -> float:
        """Every input moves, so that one that stands can be told."""
        return source() + self._tick % 100 * 20

    def _driver_says(self, register: int, value: int) -> None:
        data = bytes((0x05, self._address, register | 0x80)) + value.to_bytes(4, "big")
        self.circuit.driver_line.transmit(data + bytes((crc8(data),)))

    @property
    def _address(self) -> int:
        ms1, ms2 = self.circuit.stepper.pins
        return ms1 | ms2 << 1

    def _ask_for_time(self) -> None:
        """The board waits for two ticks of its own time."""
        until = self.circuit.board_us + 2 * TICK_US
        self.link.receive(struct.pack("<BBHQ", 0x02, 0, 8, until))

    def _do(self) -> None:
        c, tick = self.circuit, self._tick
        while c.drive.room > 5:
            c.drive.push(80, 260)  # 1.2 turns a second, so that plunger and line answer within tenths of a second
        if tick % 20 == 0:
            c.pins.put("stop", tick // 20 % 2)
            for name in _PIN_NAMES[:-1]:
                c.pins.put(name, tick // 20 % 2)
            c.pins.set(2, tick // 20 % 2)
        c.uart.receive(bytes((1 + tick % 255, 0)))
        c.uart.transmit(bytes((1 + tick % 255, 0)))
        if c.uart.due_us <= self.clock.now_us:
            c.uart.advance()
        if tick % 20 == 5:
            self._write_flash()
        if tick % 20 == 15:
            self._side.gas.transmit(b"Q\r\n")
        self._inflate()
        if tick % 10 == 0:
            request = bytes((0x05, self._address, (0x6F, 0x6C, 0x01)[tick // 10 % 3]))
            c.driver_line.transmit(request + bytes((crc8(request),)))

    def _inflate(self) -> None:
        """Pumps but for a moment, feeds the limiter but for a while, and in the end lets the cuff off."""
        tick, side = self._tick, self._side
        on = int(tick < 150)
        side.output(CUFF_PUMP, int(on and not 62 <= tick < 66))
        side.output(CUFF_BLEED, 30)
        side.output(CUFF_CLOSED, on)
        if on and not 85 <= tick < 97:
            side.output(CUFF_FEED, tick & 1)

    def _write_flash(self) -> None:
        try:
            self.circuit.flash.erase(0)
            self.circuit.flash.program(0, bytes(self._tick + i & 0x7F for i in range(256)))
        except PowerCut:
            self.cuts += 1
        except Nack:
            pass

    def _look(self) -> None:
        c, seen = self.circuit, self.seen
        seen["angle"].append(self._read(0, 0x36, 0x0C, 2))
        seen["magnet"].append(self._read(0, 0x36, 0x0B, 1))
        seen["encoder settings"].append(self._read(0, 0x36, 0x07, 2))
        seen["force"].append(self._read(0, 0x2A, 0x12, 3))
        seen["light"].append(self._read(1, 0x57, 0x07, 6))
        seen["cell"].append(self._read(1, 0x36, 0x02, 2))
        seen["gauge settings"].append((self._read(1, 0x36, 0x0C, 2), self._read(1, 0x36, 0x1A, 2)))
        seen["temperature"].append(self._read(1, 0x48, 0x00, 2))
        seen["gas"].append(self._side.gas.take(256))
        seen["ecg"].append(self._side.sampled())
        seen["cuff pressure"].append(self._pressure())
        seen["cuff"].append(round(self._side.cuff.bladder(), 3))
        for i, name in enumerate(("supply", "barrel", "air", "sounder")):
            seen[f"{name} input"].append(c.analogue.get(i))
        for index, name in zip((8, 9, 10, 11, 12, 0), _PIN_NAMES, strict=True):
            seen[name].append(c.pins.get(index))
        seen["sound"].append(c.sounder.sounds)
        seen["to board"].append(c.uart.take(4096))
        seen["to host"].append(self._host)
        self._host = b""
        seen["driver"].append(c.driver_line.take(64))
        seen["shaft"].append(c.shaft.steps)
        seen["patient"].append(round(c.infusion.patient_nl / 10))
        seen["supplied"].append(c.battery.alive())
        seen["deaths"].append((self.deaths, self.cuts))
        seen["flash"].append(self._flash())
        seen["time"].append(self._time())

    def _read(self, bus: int, address: int, register: int, n: int) -> object:
        try:
            return self.circuit.buses[bus].mem_read(address, register, n)
        except Nack:
            return "nack"

    def _pressure(self) -> object:
        """The conversion that was begun a tick ago; the next one is."""
        bus = self.circuit.buses[1]
        try:
            told = bus.read(0x18, 4)
            bus.write(0x18, bytes((0xAA, 0x00, 0x00)))
        except Nack:
            return "nack"
        return told

    def _flash(self) -> object:
        try:
            return self.circuit.flash.read(0, 256)
        except Nack:
            return "nack"

    def _time(self) -> object:
        """What the board is told when its wait is over; None while it is not."""
        if self.link.due_us > self.clock.now_us:
            return None
        answer = self.link.answer()
        self._ask_for_time()
        return _SEEN.unpack_from(answer, 3)[0]


def differing(broken: Watched, whole: Watched, since: int = 0) -> set[str]:
    """Channels in which they differ from the given tick on."""
    end = len(broken.seen["time"])
    return {name for name in whole.seen if broken.seen[name][since:] != whole.seen[name][since:end]}
