"""MAX17048 fuel gauge at register level, datasheet 19-6171 rev 7 as its drivers and users quote it.

The gauge has no current sense: it infers the charge from the cell's voltage, at first as if the cell were at rest, and
comes nearer to the truth with time. A cell that is charging when the chip starts so looks fuller than it is. How fast
the estimate converges and the voltage curve are this file's own; the registers, flags and times are the chip's.
`seeds_early` is what the datasheet leaves open: whether SOC shows the first estimate before its first update.
"""

from collections.abc import Callable
from itertools import pairwise

from assuage_rig.bus import Nack
from assuage_rig.clock import Clock
from assuage_rig.faults import Faults, Kind
from assuage_rig.measured import Measured, kinds

ADDRESS = 0x36
VCELL, SOC, MODE, VERSION, HIBRT, CONFIG = 0x02, 0x04, 0x06, 0x08, 0x0A, 0x0C
VALRT, CRATE, VRESET, STATUS, TABLE, CMD = 0x14, 0x16, 0x18, 0x1A, 0x40, 0xFE
RI, VH, VL, VR, HD, SC, ENVR = 0x0100, 0x0200, 0x0400, 0x0800, 0x1000, 0x2000, 0x4000
ALRT, SLEEP = 0x0020, 0x0080

_RESET = {MODE: 0, HIBRT: 0x8030, CONFIG: 0x971C, VALRT: 0x00FF, VRESET: 0x9600, STATUS: RI}
_WRITABLE = {MODE: 0x2000, HIBRT: 0xFFFF, CONFIG: 0xFFFF, VALRT: 0xFFFF, VRESET: 0xFF00, STATUS: 0x7F00}
_ID = 0x0C
_ACTIVE_US, _HIBERNATING_US = 250_000, 45_000_000
_DEBOUNCE_US = 192_000  # 17 ms to the first voltage at rest, 175 ms more to the first charge
_FIRST_SOC_US = 1_000_000
_DROWSY_US = 360_000_000  # so long below HIBRT's rate, and it hibernates
_LEAST_MV = 2_500  # the cell feeds the chip
_TIME_CONSTANT_S = 600.0  # of the estimate; not the chip's figure
_RATE_S = 60.0  # over which CRATE is averaged; not the chip's figure
_AT_REST = ((3000, 0.0), (3450, 5.0), (3680, 15.0), (3740, 30.0), (3800, 45.0), (3870, 55.0), (3950, 70.0),
            (4060, 85.0), (4200, 100.0))  # fmt: skip

_KINDS = {
    "nack": Kind("does not acknowledge its address"),
    "part": Kind("another part answers", {"version": (0x0002, 0, 0xFFFF)}),
    "stale": Kind("no measurement is made any more"),
    "zeros": Kind("acknowledges, but every byte reads 0"),
    "deaf": Kind("writes are acknowledged and change nothing"),
    "off": Kind("the charge is off by so many percent", {"percent": (20.0, -100.0, 100.0)}),
}


def charge_at_rest(mv: float) -> float:
    """Percent that a resting lithium-ion cell of this voltage holds, roughly."""
    if mv <= _AT_REST[0][0]:
        return 0.0
    for (low, a), (high, b) in pairwise(_AT_REST):
        if mv <= high:
            return a + (b - a) * (mv - low) / (high - low)
    return 100.0


def voltage_at_rest(percent: float) -> float:
    """The other way round, mV."""
    for (low, a), (high, b) in pairwise(_AT_REST):
        if percent <= b:
            return low + (high - low) * max(0.0, percent - a) / (b - a)
    return float(_AT_REST[-1][0])


class MAX17048:
    """cell: its voltage in mV at a rig time in us. charge: what it truly holds, percent."""

    def __init__(
        self, clock: Clock, cell: Callable[[int], float], charge: Callable[[int], float], seed: int = 0
    ) -> None:
        self._clock = clock
        self.cell = cell
        self.charge = charge
        self.seeds_early = False
        por = Kind("the chip is reset, as by a cell that was taken out", act=self.power_on)
        self.faults = Faults(
            "gauge", {**_KINDS, **kinds("mV of the cell", 200.0, 5_000.0), "reset": por}, settle=self.advance
        )
        self._sensed = Measured(self.faults, clock, lambda t_us: self.cell(t_us), seed, "max17048 fault")
        self.power_on()

    def power_on(self) -> None:
        """All settings as after power-on, told by RI; the first estimate is made from the voltage as it is now."""
        now = self._clock.now_us
        self._registers = dict(_RESET)
        self._pointer = 0
        self._born_us = now
        self._sampled_us = now
        self._mv = self._seen(now)
        self._estimate = charge_at_rest(self._mv)
        self._rate = 0.0  # percent an hour
        self._quiet_us = now  # since when the rate has been below HIBRT's
        self._hibernating = False
        self._dipped = False
        self._told = self._estimate  # when SC was last raised

    # -- bus ---------------------------------------------------------------------------------------------------------
    def write(self, data: bytes) -> None:
        """Takes a pointer, or a pointer and whole registers of two bytes. Raises Nack."""
        self._acknowledge()
        self.advance()
        self._pointer = data[0]
        words = data[1:]
        for i in range(0, len(words) - 1, 2):  # half a register is not written
            self._store(self._pointer, words[i] << 8 | words[i + 1])
            self._pointer += 2

    def read(self, n: int) -> bytes:
        """Bytes from the pointer on. Raises Nack."""
        self._acknowledge()
        self.advance()
        if "zeros" in self.faults.active:
            return bytes(n)
        out = bytearray(n)
        for i in range(n):
            word = self._load(self._pointer & 0xFE)
            out[i] = word & 0xFF if self._pointer & 1 else word >> 8
            self._pointer = self._pointer + 1 & 0xFF
        return bytes(out)

    def keep(self) -> Callable[[], None]:
        """See foresight.Keeper."""
        self.advance()
        was = self._pointer

        def back() -> None:
            self._pointer = was

        return back

    def _acknowledge(self) -> None:
        if "nack" in self.faults.active or self.cell(self._clock.now_us) < _LEAST_MV:
            raise Nack

    def _store(self, register: int, value: int) -> None:
        if register == CMD and value == 0x5400:
            self.power_on()
            raise Nack  # it is gone before it could acknowledge
        if "deaf" in self.faults.active or register not in _WRITABLE:
            return
        if register == MODE and value & 0x4000:  # quick start: as if the cell were at rest now
            self._estimate = charge_at_rest(self._mv)
        elif register == STATUS:  # flags are cleared by writing 0, and not set by writing 1
            value = value & ENVR | value & self._registers[STATUS] & 0x3F00
        self._registers[register] = value & _WRITABLE[register]

    def _load(self, register: int) -> int:
        if register == VCELL:
            return min(0xFFFF, int(self._mv * 12.8))  # 78.125 uV
        if register == SOC:
            age = self._clock.now_us - self._born_us
            if age < (_DEBOUNCE_US if self.seeds_early else _FIRST_SOC_US):
                return 0
            off = float(self.faults.active["off"]["percent"]) if "off" in self.faults.active else 0.0
            return int(min(100.0, max(0.0, self._estimate + off)) * 256)
        if register == CRATE:
            return int(min(32767, max(-32768, self._rate / 0.208))) & 0xFFFF
        if register == VERSION:
            return self.faults.integer("part", "version") if "part" in self.faults.active else 0x0012
        if register == MODE:
            return self._registers[MODE] | self._hibernating << 12
        return self._registers.get(register, 0) | (_ID if register == VRESET else 0)

    # -- measuring ---------------------------------------------------------------------------------------------------
    def advance(self) -> None:
        """Takes the measurements that have become due."""
        now = self._clock.now_us
        asleep = self._registers[CONFIG] & SLEEP and self._registers[MODE] & 0x2000
        if "stale" in self.faults.active or asleep:
            self._sampled_us = now
            return
        while now - self._sampled_us >= (period := _HIBERNATING_US if self._hibernating else _ACTIVE_US):
            skip = (now - self._sampled_us) // period - 4000  # what is long past is taken in one stride
            stride = max(1, skip) * period
            self._sampled_us += stride
            self._measure(self._sampled_us, stride / 1e6)

    def _seen(self, t_us: int) -> float:
        return self._sensed.at(t_us) if self.faults.active else self.cell(t_us)

    def _measure(self, t_us: int, passed_s: float) -> None:
        r = self._registers
        self._mv = self._seen(t_us)
        least = (r[VRESET] >> 9) * 40
        if self._mv < least:
            self._dipped = True
            r[STATUS] |= VR if r[STATUS] & ENVR else 0
        elif self._dipped:  # the cell has been exchanged, as far as the chip can tell
            self.power_on()
            self._born_us = self._sampled_us = t_us
            return
        before = self._estimate
        self._estimate += (self.charge(t_us) - before) * min(1.0, passed_s / _TIME_CONSTANT_S)
        moved = (self._estimate - before) / passed_s * 3600.0
        self._rate += (moved - self._rate) * min(1.0, passed_s / _RATE_S)
        self._doze(t_us)
        for flag, raised in (
            (VH, self._mv > (r[VALRT] & 0xFF) * 20),
            (VL, self._mv < (r[VALRT] >> 8) * 20),
            (HD, self._estimate < 32 - (r[CONFIG] & 0x1F)),
            (SC, r[CONFIG] & 0x40 and abs(self._estimate - self._told) >= 1.0),
        ):
            if raised:
                r[STATUS] |= flag
                r[CONFIG] |= ALRT
                self._told = self._estimate if flag == SC else self._told

    def _doze(self, t_us: int) -> None:
        """Hibernates when the charge has hardly changed for six minutes; wakes when the voltage leaves that at rest."""
        hibernate, wake_mv = (self._registers[HIBRT] >> 8) * 0.208, (self._registers[HIBRT] & 0xFF) * 1.25
        if abs(self._rate) >= hibernate or abs(voltage_at_rest(self._estimate) - self._mv) > wake_mv:
            self._quiet_us = t_us
        self._hibernating = t_us - self._quiet_us > _DROWSY_US
