"""The rig's end of the socket to the board process: requests in, answers out, no I/O of its own.

A request is `op u8, a u8, n u16` and n bytes; ops below 0x80 are answered with `status u8, n u16` and n bytes, the
others are not and keep their order. An answer is padded to 64 bytes, and one that is longer follows 64 bytes of its own
head: so most of them cost one read. All integers little-endian.

WAIT is the board's only way to let time pass, and while it waits it sends nothing. Its answer tells all that can be
seen without asking a chip, for nothing of it changes before the next: `now u64`, the step drive's `steps u32, queued
u32, room u8, dry runs u16, flags u8`, the inputs' `levels u8` (the panel's, the stop key's and whether that was pressed
since) and four analogue `u16`, `n u8` and 24 bytes of which the driver has sent n (as many as `a` says there is room
for), and what the line brought.

A board that sends a ninth byte with WAIT also takes readings that the rig foresees (foresight.py): that byte says how
many it has taken in the turn that is over, TOOK so before any request after which they would no longer be true. The
answer then is padded to 256 bytes, and between what is seen and what the line brought come `m u8` and m bytes of them.
"""

import struct
from collections.abc import Callable

from assuage_rig.bus import Forbidden, Nack
from assuage_rig.chips.norflash import PowerCut
from assuage_rig.chips.pins import CHANNELS, DRIVE_ENABLE, PANEL_INPUTS
from assuage_rig.circuit import Circuit
from assuage_rig.clock import NEVER
from assuage_rig.foresight import Foresight
from assuage_rig.patientside import PatientSide

OK, NACK, BAD_REQUEST = range(3)
RX_PER_WAIT = 256
BLOCK, WAIT_BLOCK = 64, 256
_DRIVER_PER_WAIT = 24
_CHANNELS = range(len(CHANNELS))

BOOT, WAIT, NOW = 0x01, 0x02, 0x03
I2C_MEM_READ, I2C_MEM_WRITE, I2C_READ, I2C_WRITE = 0x10, 0x11, 0x12, 0x13
STEP_PUSH, STEP_ABORT, STEP_ENABLE, STEP_FORWARD = 0xA1, 0x22, 0xA3, 0xA4
UART_TX, WDT_START, WDT_FEED = 0xB0, 0xB1, 0xB2
DRIVER_TX, TOOK = 0xB9, 0xBA
RETAINED_GET, RETAINED_SET, PIN_GET, PIN_SET, RESET = 0x33, 0xB4, 0x35, 0xB6, 0xB8
PORT_READ, PORT_TX, BLOCK_READ, OUTPUT = 0x50, 0xBB, 0x51, 0xBC
FLASH_READ, FLASH_PROGRAM, FLASH_ERASE, FLASH_SIZE = 0x40, 0x41, 0x42, 0x43

_HEAD = struct.Struct("<BBH")
_ANSWER = struct.Struct("<BH")
_U32 = struct.Struct("<I")
_U64 = struct.Struct("<Q")
_WORD = struct.Struct("<II")
_BOOT = struct.Struct("<8sBQ")
_STATE = struct.Struct("<IIBHB")
_WORDS = struct.Struct("<7I")
_SEEN = struct.Struct("<QIIBHBB4HB24s")

_Handler = Callable[[int, bytes], bytes | None]


class BoardError(AssertionError):
    """The board asked for what no board may ask."""


class BoardLink:
    """One connection of one board process.

    complain: told of every malformed or forbidden request, in a sentence; it may raise. Otherwise such a request is
    refused if it wants an answer, and dropped if not. foresees: told readings are true for a turn, because the clock
    stands still in it.
    """

    STEPS_AT_BOOT = 0  # what the board's count of steps begins from; 32 bits of it are told

    def __init__(
        self, circuit: Circuit, nv_file: str, reset_cause: int, complain: Callable[[str], None], foresees: bool = False
    ) -> None:
        self._circuit = circuit
        self._foresight = Foresight(circuit.buses if foresees else ())
        self._takes = False  # the board that waits takes what is foreseen
        self._clock = circuit.clock
        self._nv_file = nv_file
        self._cause = reset_cause
        self._complain = complain
        self._pending = b""
        self._wait_until = 0
        self._driver_room = 0
        self.waiting = False
        self.booted = False
        self.reset_asked = False
        self.requests = 0
        self._table: list[_Handler | None] = [None] * 256
        for op, handler in {
            BOOT: self._boot, NOW: self._now,
            I2C_MEM_READ: self._mem_read, I2C_MEM_WRITE: self._write, I2C_READ: self._read, I2C_WRITE: self._write,
            STEP_PUSH: self._step_push, STEP_ABORT: self._step_abort,
            STEP_ENABLE: self._step_enable, STEP_FORWARD: self._step_forward,
            UART_TX: self._uart_tx, DRIVER_TX: self._driver_tx, TOOK: self._took,
            WDT_START: self._wdt_start, WDT_FEED: self._wdt_feed,
            RETAINED_GET: self._retained_get, RETAINED_SET: self._retained_set,
            PIN_GET: self._pin_get, PIN_SET: self._pin_set,
            RESET: self._reset,
            FLASH_READ: self._flash_read, FLASH_PROGRAM: self._flash_program, FLASH_ERASE: self._flash_erase,
            FLASH_SIZE: self._flash_size,
            PORT_READ: self._port_read, PORT_TX: self._port_tx, BLOCK_READ: self._block_read, OUTPUT: self._output,
        }.items():  # fmt: skip
            self._table[op] = handler

    @property
    def due_us(self) -> int:
        """When the waiting board is to be answered: now if bytes wait for it or the stop key was pressed, never if it
        hangs or is not waiting."""
        if not self.waiting or self._circuit.board_faults.active:
            return NEVER
        uart = self._circuit.uart
        if uart.rx or self._circuit.pins.pressed:
            return uart.stopped_until_us
        return self._wait_until - self._circuit.leap_us

    def receive(self, data: bytes) -> bytes:
        """Carries out the whole requests among the bytes so far and returns the answers. A wait not over is kept."""
        data = self._pending + data if self._pending else data
        out = b""
        at = 0
        end = len(data)
        while end - at >= 4:
            op, a, n = _HEAD.unpack_from(data, at)
            if end - at - 4 < n:
                break
            payload = data[at + 4 : at + 4 + n]
            at += 4 + n
            self.requests += 1
            try:
                out += self._wait(a, payload) if op == WAIT else self._carry_out(op, a, payload)
            except PowerCut:  # whatever else the board has asked for, it will never know
                self._circuit.power_fails()
                return b""
        self._pending = data[at:]
        return out

    def answer(self) -> bytes:
        """The answer to WAIT: all that the board sees without asking a chip."""
        self.waiting = False
        circuit = self._circuit
        uart, pins, analogue = circuit.uart, circuit.pins, circuit.analogue
        rx = uart.take(RX_PER_WAIT) if uart.rx else b""
        try:
            driver = circuit.driver_line.take(self._driver_room)
        except Forbidden as error:
            self._complain(str(error))
            driver = b""
        pressed = pins.take_press()
        stop = pins.stop() | pressed << 1
        levels = stop << len(PANEL_INPUTS) | pins.inputs()
        readings = [analogue.get(i) for i in _CHANNELS]
        seen = _SEEN.pack(circuit.board_us, *self._steps(), levels, *readings, len(driver), driver)
        if not self._takes:
            return self._answered(OK, seen + rx)
        told = self._foresight.tell(circuit.board_us, not rx and not pressed)
        return self._answered(OK, seen + bytes((len(told),)) + told + rx, WAIT_BLOCK)

    def close(self) -> None:
        """The board is gone, with all that it has not said."""
        self._foresight.undo()

    @staticmethod
    def _answered(status: int, answer: bytes = b"", block: int = BLOCK) -> bytes:
        head = _ANSWER.pack(status, len(answer))
        whole = head + answer
        return whole.ljust(block, b"\0") if len(whole) <= block else head.ljust(block, b"\0") + answer

    def _wait(self, room: int, payload: bytes) -> bytes:
        if not 8 <= len(payload) <= 9:
            self._complain(f"WAIT with {len(payload)} bytes instead of 8 or 9")
            return self._answered(BAD_REQUEST)
        self._takes = len(payload) == 9
        try:
            self._foresight.took(payload[8] if self._takes else 0)
        except ValueError as error:
            self._complain(str(error))
        self._foresight.undo()
        self._wait_until = _U64.unpack_from(payload)[0]
        self._driver_room = min(room, _DRIVER_PER_WAIT)
        self.waiting = True
        return self.answer() if self.due_us <= self._clock.now_us else b""

    def _carry_out(self, op: int, a: int, payload: bytes) -> bytes:
        handler = self._table[op]
        status, answer = OK, None
        try:
            if handler is None:
                raise ValueError("there is no such request")
            answer = handler(a, payload)
        except Nack:
            status = NACK
        except Forbidden as error:
            self._complain(str(error))
            status = NACK
        except (ValueError, IndexError, struct.error) as error:
            self._complain(f"request 0x{op:02X} a={a} with {payload.hex() or 'no bytes'}: {error}")
            status = BAD_REQUEST
        if op >= 0x80:
            return b""
        return self._answered(status, answer or b"")

    # -- start and time ----------------------------------------------------------------------------------------------
    def _boot(self, a: int, payload: bytes) -> bytes:
        if self.booted:
            raise ValueError("BOOT comes once")
        self.booted = True
        return _BOOT.pack(self._circuit.uid, self._cause, self._circuit.board_us) + self._nv_file.encode()

    def _now(self, a: int, payload: bytes) -> bytes:
        return _U64.pack(self._circuit.board_us)

    def _reset(self, a: int, payload: bytes) -> None:
        self.reset_asked = True

    # -- buses -------------------------------------------------------------------------------------------------------
    def _took(self, a: int, payload: bytes) -> None:
        self._foresight.took(a)

    def _mem_read(self, a: int, payload: bytes) -> bytes:
        address, register, n = payload
        self._foresight.asked(a, address, register, n)
        return self._circuit.buses[a].mem_read(address, register, n)

    def _read(self, a: int, payload: bytes) -> bytes:
        self._foresight.undo()
        return self._circuit.buses[a].read(*struct.unpack("<BB", payload))

    def _write(self, a: int, payload: bytes) -> None:
        if len(payload) < 2:
            raise ValueError("a write needs an address and a byte")
        self._foresight.undo()
        self._circuit.buses[a].write(payload[0], payload[1:])

    # -- step drive --------------------------------------------------------------------------------------------------
    def _steps(self) -> tuple[int, int, int, int, int]:
        drive = self._circuit.drive
        flags = (1 if drive.enabled else 0) | (2 if drive.forward else 0)
        consumed, queued, room, dry_runs = drive.state()
        return self.STEPS_AT_BOOT + consumed & 0xFFFFFFFF, queued, room, dry_runs & 0xFFFF, flags

    def _step_push(self, a: int, payload: bytes) -> None:
        self._circuit.drive.push(*_WORD.unpack(payload))

    def _step_abort(self, a: int, payload: bytes) -> bytes:
        self._foresight.undo()
        self._circuit.drive.abort()
        return _STATE.pack(*self._steps())

    def _step_enable(self, a: int, payload: bytes) -> None:
        self._foresight.undo()
        self._circuit.enable_drive(bool(a))

    def _step_forward(self, a: int, payload: bytes) -> None:
        self._foresight.undo()
        self._circuit.drive.set_forward(bool(a))

    # -- the rest ----------------------------------------------------------------------------------------------------
    def _uart_tx(self, a: int, payload: bytes) -> None:
        self._circuit.uart.transmit(payload)

    def _driver_tx(self, a: int, payload: bytes) -> None:
        self._circuit.driver_line.transmit(payload)

    def _wdt_start(self, a: int, payload: bytes) -> None:
        self._circuit.watchdog.start(_U32.unpack(payload)[0])

    def _wdt_feed(self, a: int, payload: bytes) -> None:
        self._circuit.watchdog.feed()

    def _retained_get(self, a: int, payload: bytes) -> bytes:
        return _WORDS.pack(*self._circuit.retained.words)

    def _retained_set(self, a: int, payload: bytes) -> None:
        self._circuit.retained.set(a, _U32.unpack(payload)[0])

    def _pin_get(self, a: int, payload: bytes) -> bytes:
        return bytes((self._circuit.pins.get(a),))

    def _pin_set(self, a: int, payload: bytes) -> None:
        if len(payload) != 1:
            raise ValueError("a level is one byte")
        if a == DRIVE_ENABLE:
            self._foresight.undo()
        self._circuit.set_pin(a, payload[0])

    # -- the patient's side ------------------------------------------------------------------------------------------
    def _side(self) -> PatientSide:
        side = self._circuit.side
        if side is None:
            raise ValueError("nothing is plugged in on the patient's side of this board")
        return side

    def _port_read(self, a: int, payload: bytes) -> bytes:
        return self._side().gas.take(RX_PER_WAIT)

    def _port_tx(self, a: int, payload: bytes) -> None:
        self._side().gas.transmit(payload)

    def _block_read(self, a: int, payload: bytes) -> bytes:
        return self._side().sampled()

    def _output(self, a: int, payload: bytes) -> None:
        if len(payload) != 1:
            raise ValueError("a level is one byte")
        self._foresight.undo()
        self._side().output(a, payload[0])

    # -- reserved flash ----------------------------------------------------------------------------------------------
    def _flash_size(self, a: int, payload: bytes) -> bytes:
        return _U32.pack(self._circuit.flash.size)

    def _flash_read(self, a: int, payload: bytes) -> bytes:
        return self._circuit.flash.read(*_WORD.unpack(payload))

    def _flash_program(self, a: int, payload: bytes) -> None:
        self._circuit.flash.program(_U32.unpack_from(payload)[0], payload[4:])

    def _flash_erase(self, a: int, payload: bytes) -> None:
        self._circuit.flash.erase(_U32.unpack(payload)[0])
