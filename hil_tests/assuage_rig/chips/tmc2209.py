"""TMC2209 stepper driver at register level, datasheet revision 1.09: its datagrams, and what becomes of its steps.

MSCNT follows the pulses that the energised drive has made, whatever the shaft does: it tells what was commanded.
StallGuard knows the load only at speed, as on the chip; at the speeds of an infusion SG_RESULT tells nothing.

Attributes where the sources are silent: `answers_write_only`, `counts_unmapped`, `sg_least_rpm`.
"""

from collections.abc import Callable

from assuage_rig.bus import Forbidden
from assuage_rig.chips.stepdrive import StepDrive
from assuage_rig.clock import Clock
from assuage_rig.faults import Faults, Kind
from assuage_rig.noise import key, mix

GCONF, GSTAT, IFCNT, NODECONF, OTP_PROG, OTP_READ, IOIN, FACTORY_CONF = range(8)
IHOLD_IRUN, TPOWERDOWN, TSTEP, TPWMTHRS, TCOOLTHRS, VACTUAL = 0x10, 0x11, 0x12, 0x13, 0x14, 0x22
SGTHRS, SG_RESULT, COOLCONF, MSCNT, MSCURACT, CHOPCONF = 0x40, 0x41, 0x42, 0x6A, 0x6B, 0x6C
DRV_STATUS, PWMCONF, PWM_SCALE, PWM_AUTO = 0x6F, 0x70, 0x71, 0x72
VERSION = 0x21
CLOCK_MHZ = 12

_RESET = {
    GCONF: 0x101, NODECONF: 0, FACTORY_CONF: 0, IHOLD_IRUN: 0x00011F10, TPOWERDOWN: 20, TPWMTHRS: 0, TCOOLTHRS: 0,
    VACTUAL: 0, SGTHRS: 0, COOLCONF: 0, CHOPCONF: 0x10000053, PWMCONF: 0xC10D0024,
}  # fmt: skip
_MASK = {
    GCONF: 0x3FF, NODECONF: 0xF00, FACTORY_CONF: 0x31F, IHOLD_IRUN: 0xF1F1F, TPOWERDOWN: 0xFF, TPWMTHRS: 0xFFFFF,
    TCOOLTHRS: 0xFFFFF, VACTUAL: 0xFFFFFF, SGTHRS: 0xFF, COOLCONF: 0xEF6F, CHOPCONF: 0xFFFFFFFF, PWMCONF: 0xFFFFFFFF,
}  # fmt: skip
_WRITE_ONLY = (NODECONF, IHOLD_IRUN, TPOWERDOWN, TPWMTHRS, TCOOLTHRS, VACTUAL, SGTHRS, COOLCONF, OTP_PROG)
_PIN_MICROSTEPS = {(0, 0): 8, (1, 0): 32, (0, 1): 64, (1, 1): 16}  # by (MS1, MS2)
_STANDSTILL_US = (1 << 20) / CLOCK_MHZ
_POWERDOWN_US = (1 << 18) / CLOCK_MHZ  # of one count of TPOWERDOWN
_FULL_STEPS = 200  # of the motor's turn

_KINDS = {
    "silent": Kind("no answer: motor supply off or the wire cut beyond the board's resistor"),
    "address": Kind("its address pins say something else", {"value": (1, 0, 3)}),
    "truncated": Kind("answers lose their last bytes", {"bytes": (3, 1, 8)}),
    "shifted": Kind("a byte 00 before each answer"),
    "crc": Kind("one bit flipped in every n-th answer", {"every": (1, 1, 1000)}),
    "deaf": Kind("writes are not accepted and the counter of writes stands"),
    "uv_cp": Kind("charge pump undervoltage: no current"),
    "otpw": Kind("too warm: a warning"),
    "ot": Kind("too hot: no current until it has cooled"),
    "short_ground": Kind("a coil shorted to ground (phase 0 = A, 1 = B): no current", {"phase": (0, 0, 1)}),
    "short_supply": Kind("a coil shorted to the supply: no current", {"phase": (0, 0, 1)}),
    "open_load": Kind("a coil is not connected: a flag only", {"phase": (0, 0, 1)}),
}


def _crc8_slowly(crc: int, byte: int) -> int:
    for _ in range(8):
        feed = (crc >> 7 ^ byte) & 1
        crc = (crc << 1 & 0xFF) ^ (7 if feed else 0)
        byte >>= 1
    return crc


_CRC_OF_BYTE = [_crc8_slowly(0, byte) for byte in range(256)]
_CRC_ON = [_crc8_slowly(crc, 0) for crc in range(256)]


def crc8(data: bytes) -> int:
    """The datagrams' CRC: polynomial 0x07, each byte's low bit first, the result not reflected."""
    crc = 0
    for byte in data:
        crc = _CRC_ON[crc] ^ _CRC_OF_BYTE[byte]
    return crc


class TMC2209:
    """load: the motor's load now, 0 .. 1 of what stalls it. pins: (MS1, MS2), which are also the address."""

    def __init__(
        self,
        clock: Clock,
        drive: StepDrive,
        load: Callable[[], float] = lambda: 0.2,
        pins: tuple[int, int] = (1, 1),
        seed: int = 0,
    ) -> None:
        self._clock = clock
        self._drive = drive
        self.load = load
        self.pins = pins
        self.settle_wire: Callable[[], None] = lambda: None
        self.answers_write_only = True  # with 0
        self.counts_unmapped = False
        self.sg_least_rpm = 23.0  # a strong motor's; derived from the datasheet's rule of thumb
        self._noise = key(seed, "tmc2209")
        self._answers = 0
        brownout = Kind("the motor's supply dips: all settings are as after power-on", act=self.power_on)
        self.faults = Faults("stepper", {**_KINDS, "brownout": brownout}, settle=self.advance)
        self._seen = drive.turned
        self._seen_us = 0
        self.power_on()

    def power_on(self) -> None:
        """Settings as after a reset, told by GSTAT."""
        self._registers = dict(_RESET)
        self._gstat = 1
        self.writes = 0
        self._datagram = b""
        self._deaf = False
        self._position = 0  # in 1/256 of a full step
        self._interval = 0.0  # us of one pulse
        self._internal = 0.0  # 1/256 steps made by VACTUAL, and what is left over
        self._seen = self._drive.turned
        self._seen_us = self._clock.now_us

    # -- what becomes of the steps -----------------------------------------------------------------------------------
    @property
    def microsteps(self) -> int:
        """Microsteps of a full step that one pulse is: by register if it was told so, otherwise by the pins."""
        self.settle_wire()
        if self._registers[GCONF] & 0x80:
            return max(1, 256 >> (self._registers[CHOPCONF] >> 24 & 0xF))
        return _PIN_MICROSTEPS[self.pins]

    @property
    def stage_on(self) -> bool:
        """Whether the coils have current: enabled, not switched off by TOFF, nothing that protects itself."""
        self.settle_wire()
        off = ("uv_cp", "ot", "short_ground", "short_supply")
        return (
            self._drive.enabled
            and self._registers[CHOPCONF] & 0xF != 0
            and not any(k in self.faults.active for k in off)
        )

    @property
    def ignores_steps(self) -> bool:
        """VACTUAL is not 0: the chip makes its own steps and is deaf to the pulses."""
        self.settle_wire()
        return self._registers[VACTUAL] != 0

    @property
    def standstill(self) -> bool:
        """No pulse for 2^20 clocks."""
        return not self.ignores_steps and self._clock.now_us - self._drive.last_step_us > _STANDSTILL_US

    @property
    def current(self) -> int:
        """CS_ACTUAL, 0 .. 31: IRUN while it turns, IHOLD some time after; IRUN for ever while the UART pin is idle-high
        and has not been told that it is no hold-current input."""
        self.settle_wire()
        run, hold = self._registers[IHOLD_IRUN] >> 8 & 0x1F, self._registers[IHOLD_IRUN] & 0x1F
        quiet = self._clock.now_us - self._drive.last_step_us - _STANDSTILL_US
        resting = self.standstill and quiet > self._registers[TPOWERDOWN] * _POWERDOWN_US
        return hold if resting and self._registers[GCONF] & 0x40 else run

    @property
    def diag(self) -> bool:
        """The DIAG pin: stall inside its window of speed, or an error."""
        self.settle_wire()
        self.advance()
        window = self._registers[TCOOLTHRS] >= self._tstep() > self._registers[TPWMTHRS]
        stall = window and self._sg_result() <= 2 * self._registers[SGTHRS]
        return bool(stall or self._gstat & 3 or "uv_cp" in self.faults.active or "ot" in self.faults.active)

    def advance(self) -> None:
        """Takes over the pulses made up to now. To be called before what a pulse means is changed."""
        now, turned = self._clock.now_us, self._drive.turned
        passed, pulses = now - self._seen_us, turned - self._seen
        if any(kind in self.faults.active for kind in ("ot", "short_ground", "short_supply")):
            self._gstat |= 2
        if self.ignores_steps:
            speed = self._registers[VACTUAL] - (1 << 24 if self._registers[VACTUAL] & 0x800000 else 0)
            self._internal += speed * CLOCK_MHZ * passed / (1 << 24)
            whole = int(self._internal)
            self._internal -= whole
            self._position += whole * 256 // self.microsteps
        elif pulses:
            self._position += pulses * (256 // self.microsteps)
            self._interval = passed / abs(pulses)
        self._seen, self._seen_us = turned, now

    def _tstep(self) -> int:
        if self.standstill or not self._interval:
            return 0xFFFFF
        return min(0xFFFFF, int(self._interval * CLOCK_MHZ * self.microsteps / 256))

    def _sg_result(self) -> int:
        rpm = 60e6 / (self._interval * _FULL_STEPS * self.microsteps) if self._interval else 0.0
        if self.standstill or rpm < self.sg_least_rpm:
            return (mix(self._noise, self._clock.now_us // 10_000) & 0x3F) & ~1
        return int(510 * (1.0 - min(1.0, max(0.0, self.load())))) & 0x1FE

    # -- the wire ----------------------------------------------------------------------------------------------------
    def receive(self, byte: int, idle_bits: float) -> tuple[int, bytes]:
        """One byte from the board, after so many idle bits; see singlewire.Listener. Raises Forbidden for OTP_PROG."""
        if idle_bits > 63:
            self._datagram = b""
        if self._deaf and idle_bits < 12:
            return 0, b""
        self._deaf = False
        if not self._datagram and byte & 0x0F != 5:
            self._deaf = True
            return 0, b""
        self._datagram += bytes((byte,))
        if len(self._datagram) < 4 or len(self._datagram) < (8 if self._datagram[2] & 0x80 else 4):
            return 0, b""
        datagram, self._datagram = self._datagram, b""
        if crc8(datagram[:-1]) != datagram[-1]:
            self._deaf = True
            return 0, b""
        if datagram[1] != self._address or "silent" in self.faults.active:
            return 0, b""
        self.advance()
        if datagram[2] & 0x80:
            self._store(datagram[2] & 0x7F, int.from_bytes(datagram[3:7], "big"))
            return 0, b""
        if datagram[2] in _WRITE_ONLY and not self.answers_write_only:
            return 0, b""
        delay = self._registers[NODECONF] >> 8
        return 8 * (delay | 1), self._answer(datagram[2])

    @property
    def _address(self) -> int:
        if "address" in self.faults.active:
            return self.faults.integer("address", "value")
        return self.pins[0] | self.pins[1] << 1

    def _answer(self, register: int) -> bytes:
        answer = bytes((0x05, 0xFF, register)) + self._load(register).to_bytes(4, "big")
        answer += bytes((crc8(answer),))
        active = self.faults.active
        self._answers += 1
        if "crc" in active and self._answers % self.faults.integer("crc", "every") == 0:
            wrong = bytearray(answer)
            wrong[3 + self._answers % 4] ^= 1 << (self._answers % 8)
            answer = bytes(wrong)
        if "truncated" in active:
            answer = answer[: -self.faults.integer("truncated", "bytes")]
        return (b"\0" if "shifted" in active else b"") + answer

    def _store(self, register: int, value: int) -> None:
        if register == OTP_PROG:
            raise Forbidden(f"0x{value:08X} written to the TMC2209's OTP_PROG register 0x04: that is for ever")
        if "deaf" in self.faults.active:
            return
        if register in _MASK:
            self._registers[register] = value & _MASK[register]
        elif register == GSTAT:
            self._gstat &= ~value
        elif not self.counts_unmapped:
            return
        self.writes = self.writes + 1 & 0xFF

    def _load(self, register: int) -> int:
        if register == GSTAT:
            return self._gstat | ("uv_cp" in self.faults.active) << 2
        if register == IFCNT:
            return self.writes
        if register == IOIN:
            ms1, ms2 = self.pins
            levels = (not self._drive.enabled) | ms1 << 2 | ms2 << 3 | self.diag << 4 | 1 << 6
            return VERSION << 24 | levels | (not self._drive.forward) << 9
        if register == TSTEP:
            return self._tstep()
        if register == SG_RESULT:
            return self._sg_result()
        if register == MSCNT:
            return self._position & 0x3FF
        if register == DRV_STATUS:
            return self._status()
        return 0 if register in _WRITE_ONLY else self._registers.get(register, 0)

    def _status(self) -> int:
        active = self.faults.active
        hot = "ot" in active
        value = (hot or "otpw" in active) | hot << 1 | self.standstill << 31 | (not self._registers[GCONF] & 4) << 30
        for kind, bit in (("short_ground", 2), ("short_supply", 4), ("open_load", 6)):
            if kind in active:
                value |= 1 << (bit + self.faults.integer(kind, "phase"))
        if hot or "otpw" in active:
            value |= 0x300 if hot else 0x100  # above 120 degC, and above 143
        return value | self.current << 16
