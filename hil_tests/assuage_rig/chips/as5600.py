"""AS5600 magnetic rotary encoder at register level, datasheet v1-06.

Where the datasheet is silent or contradicts itself the behaviour is an attribute, so that a test can show that a driver
does not depend on it: `pair_repeats`, `narrow_rescales`.
"""

from collections.abc import Callable

from assuage_rig.bus import Forbidden, Nack
from assuage_rig.clock import Clock
from assuage_rig.faults import Faults, Kind
from assuage_rig.measured import Measured, kinds
from assuage_rig.noise import gauss, key, mix

ADDRESS = 0x36
ZPOS, MPOS, MANG, CONF, STATUS, RAW_ANGLE, ANGLE, AGC, MAGNITUDE, BURN = 1, 3, 5, 7, 0x0B, 0x0C, 0x0E, 0x1A, 0x1B, 0xFF

_VALID = frozenset((*range(0x09), *range(0x0B, 0x10), 0x1A, 0x1B, 0x1C, BURN))
_WRITABLE = {1: 0x0F, 2: 0xFF, 3: 0x0F, 4: 0xFF, 5: 0x0F, 6: 0xFF, 7: 0x3F, 8: 0xFF}
_PAIRS = (RAW_ANGLE, ANGLE, MAGNITUDE)
_MD, _ML, _MH = 0x20, 0x10, 0x08
_UNDEFINED_STATUS = 0x47  # undefined bits are set on good sensors in the field: STATUS reads 0x67
_NOISE = (0.171, 0.239, 0.341, 0.489)  # counts rms by CONF.SF: 0.015, 0.021, 0.030, 0.043 degrees
_PERIOD_US = (150, 5_000, 20_000, 100_000)  # how often the angle is renewed, by CONF.PM
_SETTLE_US = 1_000  # a new setting acts this long after the write
_WATCHDOG_US, _WATCHDOG_WINDOW = 60_000_000, 4

_KINDS = {
    "nack": Kind("does not acknowledge its address"),
    "zeros": Kind("acknowledges, but every byte reads 0: analogue part without supply"),
    "frozen": Kind("the angle never changes: shaft decoupled from the magnet"),
    "no_magnet": Kind(
        "no magnet: MD clear, ML set; the angle is noise (stale=0) or stays (stale=1)", {"stale": (0, 0, 1)}
    ),
    "weak": Kind("field too weak: ML set, angle still good"),
    "strong": Kind("field too strong: MH set, angle still good"),
    "outlier": Kind(
        "the next reads of the angle are off by so many counts", {"counts": (700, -4095, 4095), "reads": (1, 1, 1000)}
    ),
    "torn": Kind("the high byte comes from one reading before the low byte"),
    "junk": Kind("the undefined upper nibble of angles is set"),
    "slow": Kind("updates only every period_ms, as in a low-power mode", {"period_ms": (100, 1, 10_000)}),
}


class AS5600:
    """angle: the true shaft angle now, in 1/256 counts (4096 counts a turn), not wrapped. supply: 5 or 3 volts."""

    def __init__(self, clock: Clock, angle: Callable[[], int], seed: int = 0, supply: int = 5) -> None:
        self._clock = clock
        self._true = angle
        self._noise = key(seed, "as5600")
        self._agc_max = 255 if supply == 5 else 128
        self.pair_repeats = True  # more than two bytes from an angle: high, low, high, low ...
        self.narrow_rescales = True  # a narrowed range is spread over all 4096 counts
        self._registers = bytearray(9)
        self._pointer = 0
        self._conf = 0  # what acts; the register may be ahead by a millisecond
        self._conf_us = 0
        self._slot = -1
        self._raw = 0
        self._before = 0
        self._angle = 0
        self._still = (0, 0)  # count around which the shaft has stood, and since when
        brownout = Kind("supply dip: all settings are as after power-on", act=self.power_on)
        self.faults = Faults("encoder", {**_KINDS, **kinds("counts", 100.0, 4095.0), "brownout": brownout})
        self._sensed = Measured(self.faults, clock, lambda t_us: self._true() / 256, seed, "as5600 fault")

    def power_on(self) -> None:
        """Settings as the unprogrammed fuses say: all 0."""
        self._registers = bytearray(9)
        self._pointer = 0
        self._conf = 0
        self._conf_us = 0
        self._slot = -1

    def write(self, data: bytes) -> None:
        """One write transaction. Raises Nack at an invalid register, Forbidden at the fuses."""
        if "nack" in self.faults.active:
            raise Nack
        self._renew()
        pointer = data[0]
        self._pointer = pointer
        if pointer not in _VALID:
            raise Nack
        for value in data[1:]:
            if pointer == BURN:
                raise Forbidden(f"0x{value:02X} written to the AS5600's BURN register 0xFF: that is for ever")
            if pointer not in _VALID:
                raise Nack
            mask = _WRITABLE.get(pointer)
            if mask is not None:
                self._registers[pointer] = value & mask
                if pointer >= CONF:
                    self._conf_us = self._clock.now_us + _SETTLE_US
            pointer = pointer + 1 & 0xFF
        self._pointer = pointer

    def read(self, n: int) -> bytes:
        """One read transaction from the pointer on, which stays on the high byte of an angle."""
        active = self.faults.active
        if "nack" in active:
            raise Nack
        self._renew()
        if "outlier" in active and self._pointer in (RAW_ANGLE, ANGLE):
            self._spend_outlier()
        out = bytearray(n)
        pointer = self._pointer
        held = -1
        for i in range(n):
            out[i] = self._byte(pointer)
            if pointer in _PAIRS:
                held = pointer
                pointer += 1
            elif held >= 0 and self.pair_repeats:
                pointer = held
            else:
                held = -1
                pointer = pointer + 1 & 0xFF
        self._pointer = held if held >= 0 else pointer
        return bytes(n) if "zeros" in active else bytes(out)

    def keep(self) -> Callable[[], None]:
        """See foresight.Keeper."""
        was = self._pointer, self._conf, self._slot, self._raw, self._before, self._angle, self._still

        def back() -> None:
            self._pointer, self._conf, self._slot, self._raw, self._before, self._angle, self._still = was

        return back

    def _byte(self, register: int) -> int:
        if register < 9:
            return self._registers[register]
        if register == STATUS:
            return self._status()
        if register == AGC:
            return self._gain()
        if register in (MAGNITUDE, MAGNITUDE + 1):
            value = 12 if "no_magnet" in self.faults.active else 1800
        elif register in (RAW_ANGLE, RAW_ANGLE + 1):
            value = self._before if register == RAW_ANGLE and "torn" in self.faults.active else self._raw
        elif register in (ANGLE, ANGLE + 1):
            value = self._angle
        else:
            return 0
        if register in _PAIRS:
            return value >> 8 | (0xF0 if "junk" in self.faults.active else 0)
        return value & 0xFF

    def _status(self) -> int:
        active = self.faults.active
        if "no_magnet" in active:
            return _UNDEFINED_STATUS | _ML
        field = (_ML if "weak" in active else 0) | (_MH if "strong" in active else 0)
        return _UNDEFINED_STATUS | _MD | field

    def _gain(self) -> int:
        active = self.faults.active
        if "weak" in active or "no_magnet" in active:
            return self._agc_max
        return 0 if "strong" in active else self._agc_max // 2

    def _renew(self) -> None:
        """Takes a new angle once the chip's sampling period has passed."""
        now = self._clock.now_us
        active = self.faults.active
        if now >= self._conf_us:
            self._conf = self._registers[CONF] << 8 | self._registers[CONF + 1]
        mode = self._conf & 3
        if self._conf & 0x2000 and now - self._still[1] >= _WATCHDOG_US:
            mode = 3
        period = self.faults.integer("slow", "period_ms") * 1000 if "slow" in active else _PERIOD_US[mode]
        slot = now // period
        if slot == self._slot or "frozen" in active:
            return
        self._slot = slot
        self._before = self._raw
        if "no_magnet" in active:
            if not self.faults.integer("no_magnet", "stale"):
                self._raw = mix(self._noise, slot) & 0xFFF
        else:
            rms = _NOISE[0 if mode else self._conf >> 8 & 3]
            true = self._sensed.at(now) * 256 if active else self._true()
            self._raw = int(true + 256 * rms * gauss(self._noise, slot)) >> 8 & 0xFFF
        if abs((self._raw - self._still[0] + 2048 & 0xFFF) - 2048) > _WATCHDOG_WINDOW:
            self._still = (self._raw, now)
        self._angle = self._scaled(self._raw)

    def _scaled(self, raw: int) -> int:
        """ANGLE: ZPOS taken off, range narrowed, hysteresis; near the seam it sticks for 10 counts."""
        r = self._registers
        zero, stop, span = r[1] << 8 | r[2], r[3] << 8 | r[4], r[5] << 8 | r[6]
        angle = raw - zero & 0xFFF
        if stop and not span:
            span = stop - zero & 0xFFF
        if span:
            angle = min(angle, span)
            if self.narrow_rescales:
                angle = min(angle * 4096 // span, 4095)
        last = self._angle
        if (last > 2048 and angle < 10) or (last < 2048 and angle > 4085):
            return last
        hysteresis = self._conf >> 2 & 3
        if abs(angle - last) <= hysteresis:
            return last
        return angle

    def _spend_outlier(self) -> None:
        fault = self.faults.active["outlier"]
        self._raw = self._raw + int(fault["counts"]) & 0xFFF
        self._angle = self._scaled(self._raw)
        self._slot = -1  # the next read takes a true angle again
        fault["reads"] = int(fault["reads"]) - 1
        if int(fault["reads"]) <= 0:
            self.faults.over("outlier")
