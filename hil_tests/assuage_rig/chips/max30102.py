"""MAX30102 pulse oximeter at register level (Maxim datasheet, 2018).

Samples are made when somebody looks: each is a pure function of its own time, so late computing changes nothing.
`flags_need_enable` is what the datasheet leaves open: whether a status bit is set while its interrupt is disabled.

Light from outside is held before each pulse of a LED and taken off, up to 200 uA (datasheet). What is more goes into
the converter and raises ALC_OVF. What changes during the pulse, such as the flicker of a lamp, is weakened: by how much
the datasheet does not say; `leak` is an assumption.
"""

from collections.abc import Callable
from functools import partial

from assuage_rig.bus import Nack
from assuage_rig.chips.samplefifo import DEPTH, SampleFifo
from assuage_rig.clock import NEVER, Clock
from assuage_rig.faults import Faults, Kind
from assuage_rig.measured import Measured, kinds
from assuage_rig.noise import gauss, key

ADDRESS = 0x57
(
    STATUS_1,
    STATUS_2,
    ENABLE_1,
    ENABLE_2,
    WR_PTR,
    OVF_COUNTER,
    RD_PTR,
    FIFO_DATA,
    FIFO_CONFIG,
    MODE_CONFIG,
    SPO2_CONFIG,
) = range(11)
LED1_PA, LED2_PA, MULTI_LED_1, MULTI_LED_2 = 0x0C, 0x0D, 0x11, 0x12
TINT, TFRAC, TEMP_CONFIG, REV_ID, PART_ID = 0x1F, 0x20, 0x21, 0xFE, 0xFF
A_FULL, PPG_RDY, ALC_OVF, PWR_RDY, DIE_TEMP_RDY = 0x80, 0x40, 0x20, 0x01, 0x02

_RATES = (50, 100, 200, 400, 800, 1000, 1600, 3200)
_FASTEST_RED = (3200, 1600, 1600, 1000)  # by LED_PW: the highest rate with one LED ...
_FASTEST = (1600, 1000, 800, 400)  # ... and with two
_AVERAGES = (1, 2, 4, 8, 16, 32, 32, 32)
_FULL_SCALE_NA = (2048, 4096, 8192, 16384)
_TOP = (1 << 18) - 1
_RED, _IR = 1, 2
_WRITABLE = {
    ENABLE_1: 0xE0, ENABLE_2: 0x02, FIFO_CONFIG: 0xFF, MODE_CONFIG: 0x87, SPO2_CONFIG: 0x7F,
    LED1_PA: 0xFF, LED2_PA: 0xFF, MULTI_LED_1: 0x77, MULTI_LED_2: 0x77, TEMP_CONFIG: 0x01,
}  # fmt: skip
_RESTARTING = (FIFO_CONFIG, MODE_CONFIG, SPO2_CONFIG, MULTI_LED_1, MULTI_LED_2)  # a change of these restarts sampling
_CONVERSION_US = 29_000  # die temperature
_CANCELLED_UA = 200.0  # "the ALC can cancel up to 200 uA of ambient current"
_PULSE_US = (69, 118, 215, 411)  # by LED_PW
_SLOT_US = 1000  # from the red pulse to the infrared one: an assumption
_DARK_NA = 1.0  # 64 counts at the 4096 nA range
_NOISE_NA = 0.12  # rms

_KINDS = {
    "nack": Kind("does not acknowledge its address"),
    "part_id": Kind("another part answers", {"value": (0x11, 0, 0xFF)}),
    "saturated": Kind("every sample at full scale: finger too bright or LED current too high"),
    "near_zero": Kind("dark current only, as without a finger or with dead LEDs"),
    "ambient": Kind("ambient light beyond what the chip can cancel: ALC_OVF with each sample"),
    "swapped": Kind("a clone with its LEDs exchanged: infrared in the red slot"),
    "stuck_fifo": Kind("the write pointer stands: no new samples"),
    "frozen": Kind("each sample repeats the last one"),
    "noise": Kind("so many times the usual noise", {"factor": (20.0, 0.0, 10_000.0)}),
}


class MAX30102:
    """light: photocurrent at a rig time in nA per mA of LED current, as (red, infrared). die: temperature in degC.

    ambient: photocurrent of the light from outside at a rig time, uA; None: the dark. leak: share of its change within
    a pulse that the chip's filter lets through.
    """

    def __init__(
        self,
        clock: Clock,
        light: Callable[[int], tuple[float, float]],
        seed: int = 0,
        ambient: Callable[[int], float] | None = None,
    ) -> None:
        self._clock = clock
        self._light = light
        self._ambient = ambient
        self._overflow = False  # the ambient light of a sample since the last look was too much
        self.leak = 0.01
        self._noise = (key(seed, "max30102 red"), key(seed, "max30102 ir"))
        self.flags_need_enable = True
        self.die = 31.0625
        self._registers = bytearray(256)
        self._status_1 = 0
        self._status_2 = 0
        self.fifo = SampleFifo()
        brownout = Kind("supply dip: registers zeroed and PWR_RDY set", act=self.power_on)
        known = {**_KINDS, **kinds("nA of photocurrent", 300.0, 20_000.0), "brownout": brownout}
        self.faults = Faults("oximeter", known, settle=self.advance)
        self._sensed = [
            Measured(self.faults, clock, partial(self._lit, colour), seed, f"max30102 fault {colour}")
            for colour in range(2)
        ]
        self.power_on()

    def power_on(self) -> None:
        """All registers 0, then PWR_RDY."""
        self._reset()
        self._status_1 = PWR_RDY

    @property
    def interrupt(self) -> bool:
        """Whether the INT line is held low."""
        self.advance()
        enabled = self._registers[ENABLE_1] | PWR_RDY
        return bool(self._status_1 & enabled or self._status_2 & self._registers[ENABLE_2])

    # -- bus ---------------------------------------------------------------------------------------------------------
    def write(self, data: bytes) -> None:
        """One write transaction; the pointer moves on, except on FIFO_DATA and PART_ID. Raises Nack."""
        if "nack" in self.faults.active:
            raise Nack
        self.advance()
        self.fifo.start()
        pointer = data[0]
        for value in data[1:]:
            self._store(pointer, value)
            if pointer not in (FIFO_DATA, PART_ID):
                pointer += 1
        self._pointer = pointer

    def read(self, n: int) -> bytes:
        """One read transaction. Raises Nack."""
        if "nack" in self.faults.active:
            raise Nack
        self.advance()
        self.fifo.start()
        pointer = self._pointer
        if pointer == FIFO_DATA:
            self._status_1 &= ~PPG_RDY
            return self.fifo.read(n)
        out = bytearray(n)
        for i in range(n):
            out[i] = self._load(pointer)
            if pointer not in (FIFO_DATA, PART_ID):
                pointer += 1
        self._pointer = pointer
        return bytes(out)

    def keep(self) -> Callable[[], None]:
        """See foresight.Keeper."""
        self.advance()
        was, fifo_back = (self._pointer, self._status_1, self._status_2), self.fifo.keep()

        def back() -> None:
            self._pointer, self._status_1, self._status_2 = was
            fifo_back()

        return back

    def _load(self, register: int) -> int:
        if register == FIFO_DATA:
            self._status_1 &= ~PPG_RDY
            return self.fifo.read(1)[0]
        if register == STATUS_1:
            value, self._status_1 = self._status_1, 0
            return value
        if register == STATUS_2:
            value, self._status_2 = self._status_2, 0
            return value
        if register == WR_PTR:
            return self.fifo.wr
        if register == OVF_COUNTER:
            return self.fifo.lost
        if register == RD_PTR:
            return self.fifo.rd
        if register == TFRAC:
            self._status_2 = 0
        elif register == PART_ID and "part_id" in self.faults.active:
            return self.faults.integer("part_id", "value")
        return self._registers[register]

    def _store(self, register: int, value: int) -> None:
        if register == MODE_CONFIG and value & 0x40:
            self._reset()
        elif register == WR_PTR:
            if self._registers[MODE_CONFIG] & 7 in (2, 3, 7):
                self.fifo.wr = value
        elif register == OVF_COUNTER:
            self.fifo.lost = value & 0x1F
        elif register == RD_PTR:
            self.fifo.rd = value
        elif register == TEMP_CONFIG:  # clears itself at once; the result comes 29 ms later
            if value & 1 and not self._registers[MODE_CONFIG] & 0x80:
                self._temperature_us = self._clock.now_us + _CONVERSION_US
        elif register in _WRITABLE:
            self._registers[register] = value & _WRITABLE[register]
            if register in _RESTARTING:
                self._restart()

    def _reset(self) -> None:
        self._registers = bytearray(256)
        self._registers[REV_ID] = 0x03
        self._registers[PART_ID] = 0x15
        self._status_1 = 0
        self._status_2 = 0
        self._pointer = 0
        self._temperature_us = NEVER
        self._last = bytes(6)
        self.fifo.clear()
        self._restart()

    # -- sampling ----------------------------------------------------------------------------------------------------
    def _restart(self) -> None:
        """Takes over the settings; the first sample comes one period from now."""
        r = self._registers
        mode = r[MODE_CONFIG] & 7
        self._slots: tuple[int, ...] = ()
        if r[MODE_CONFIG] & 0x80:
            self._status_1 = 0
            self._status_2 = 0
        elif mode in (2, 3):
            self._slots = (_RED, _IR)[: mode - 1]
        elif mode == 7:
            codes = (r[MULTI_LED_1] & 7, r[MULTI_LED_1] >> 4, r[MULTI_LED_2] & 7, r[MULTI_LED_2] >> 4)
            empty = next((i for i, code in enumerate(codes) if code not in (_RED, _IR)), len(codes))
            self._slots = codes[:empty]  # slots count only as far as they are filled in order
        width = r[SPO2_CONFIG] & 3
        rate = r[SPO2_CONFIG] >> 2 & 7
        if self._slots:
            fastest = (_FASTEST_RED if len(self._slots) == 1 else _FASTEST)[width]
            rate = min(rate, _RATES.index(fastest))
            r[SPO2_CONFIG] = r[SPO2_CONFIG] & 0x63 | rate << 2
        self._rate = _RATES[rate]
        self._average = _AVERAGES[r[FIFO_CONFIG] >> 5]
        self._counts_per_na = (1 << 18) / _FULL_SCALE_NA[r[SPO2_CONFIG] >> 5 & 3]
        self._mask = _TOP & ~((1 << 3 - width) - 1)  # fewer bits: left-justified
        self.fifo.rollover = bool(r[FIFO_CONFIG] & 0x10)
        self._full_at = DEPTH - (r[FIFO_CONFIG] & 0x0F)
        self._epoch_us = self._clock.now_us
        self._made = 0

    def advance(self) -> None:
        """Lives through the time up to now: pushes the samples that have become due, ends a temperature conversion."""
        now = self._clock.now_us
        if now >= self._temperature_us:
            self._temperature_us = NEVER
            sixteenths = round(self.die * 16)
            self._registers[TINT] = sixteenths >> 4 & 0xFF
            self._registers[TFRAC] = sixteenths & 0x0F
            self._raise(2, DIE_TEMP_RDY)
        if not self._slots:
            return
        due = (now - self._epoch_us) * self._rate // (1_000_000 * self._average) - self._made
        if due <= 0:
            return
        if "stuck_fifo" in self.faults.active:
            self._made += due
            return
        fifo = self.fifo
        # What cannot be read any more need not be computed: the oldest with rollover, the newest without.
        unseen = due - (DEPTH if fifo.rollover else DEPTH - fifo.unread)
        if unseen > 0 and fifo.rollover:
            fifo.skip(unseen)
            self._made += unseen
        for _ in range(due - max(unseen, 0)):
            self._made += 1
            self._last = self._sample(self._made)
            fifo.push(self._last)
        if unseen > 0 and not fifo.rollover:
            fifo.skip(unseen)
            self._made += unseen
        self._raise(1, PPG_RDY | (A_FULL if fifo.unread >= self._full_at else 0))
        if self._overflow or "ambient" in self.faults.active:
            self._overflow = False
            self._raise(1, ALC_OVF)

    def _raise(self, status: int, flags: int) -> None:
        if self.flags_need_enable:
            flags &= self._registers[ENABLE_1 if status == 1 else ENABLE_2]
        if status == 1:
            self._status_1 |= flags
        else:
            self._status_2 |= flags

    def _sample(self, number: int) -> bytes:
        """FIFO bytes of output sample `number` (from 1), the mean of as many conversions as SMP_AVE says."""
        active = self.faults.active
        if "frozen" in active and any(self._last):
            return self._last
        average = self._average
        if average == 1 and self._slots == (_RED, _IR):  # the usual case, made short
            red, ir = self._convert(self._epoch_us + number * 1_000_000 // self._rate)
            return ((red & self._mask) << 24 | ir & self._mask).to_bytes(6, "big")
        first = (number - 1) * average + 1
        sums = [0] * len(self._slots)
        for n in range(first, first + average):
            codes = self._convert(self._epoch_us + n * 1_000_000 // self._rate)
            for i, led in enumerate(self._slots):
                sums[i] += codes[led == _IR]
        out = b""
        for total in sums:
            out += (total // average & self._mask).to_bytes(3, "big")
        return out

    def _convert(self, t_us: int) -> tuple[int, int]:
        """18-bit codes of red and infrared at a time."""
        active = self.faults.active
        if "saturated" in active:
            return _TOP, _TOP
        if active:
            return self._unwell(t_us)
        red, ir = self._light(t_us)
        r = self._registers
        red_na = red * r[LED1_PA] * 0.2 + _DARK_NA + _NOISE_NA * gauss(self._noise[0], t_us)
        ir_na = ir * r[LED2_PA] * 0.2 + _DARK_NA + _NOISE_NA * gauss(self._noise[1], t_us)
        if self._ambient is not None:
            red_na += self._stray(self._ambient, t_us)
            ir_na += self._stray(self._ambient, t_us + _SLOT_US)
        scale = self._counts_per_na
        return min(max(int(red_na * scale), 0), _TOP), min(max(int(ir_na * scale), 0), _TOP)

    def _unwell(self, t_us: int) -> tuple[int, int]:
        """The same with a fault."""
        factor = float(self.faults.active["noise"]["factor"]) if "noise" in self.faults.active else 1.0
        red, ir = (
            self._sensed[colour].at(t_us) + factor * _NOISE_NA * gauss(self._noise[colour], t_us) for colour in range(2)
        )
        scale = self._counts_per_na
        return min(max(int(red * scale), 0), _TOP), min(max(int(ir * scale), 0), _TOP)

    def _stray(self, ambient: Callable[[int], float], t_us: int) -> float:
        """What the cancellation leaves of the light from outside in a pulse that begins then, nA."""
        held = ambient(t_us)
        if held <= 0:
            return 0.0
        middle = ambient(t_us + _PULSE_US[self._registers[SPO2_CONFIG] & 3] // 2)
        left = self.leak * (middle - held)
        if held > _CANCELLED_UA:
            self._overflow = True
            left += held - _CANCELLED_UA
        return 1000 * left

    def _lit(self, colour: int, t_us: int) -> float:
        """Photocurrent while the LED of a colour, 0 red or 1 infrared, is on, nA."""
        active = self.faults.active
        light = self._light(t_us)[1 - colour if "swapped" in active else colour]
        led_ma = self._registers[(LED1_PA, LED2_PA)[colour]] * 0.2
        stray = self._stray(self._ambient, t_us + colour * _SLOT_US) if self._ambient is not None else 0.0
        return _DARK_NA + stray + (0.0 if "near_zero" in active else light * led_ma)
