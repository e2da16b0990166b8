"""NAU7802 bridge ADC at register level, datasheet revision 2.1 and the drivers that were written against it.

Conversions are made when somebody looks: each is a pure function of its own time. Where the sources are silent or
contradict each other the behaviour is an attribute, so that a test can show that a driver does not depend on it:
`hides_settling`, `conversions_per_calibration`, `landing_counts`, and the noise above 80 samples a second.
"""

from collections.abc import Callable

from assuage_rig.bus import acknowledge
from assuage_rig.clock import NEVER, Clock
from assuage_rig.faults import Faults, Kind
from assuage_rig.measured import Measured, kinds
from assuage_rig.noise import gauss, key

ADDRESS = 0x2A
PU_CTRL, CTRL1, CTRL2, OCAL1, GCAL1, OCAL2, GCAL2 = 0x00, 0x01, 0x02, 0x03, 0x06, 0x0A, 0x0D
I2C_CTRL, ADCO, ADC, PGA, POWER, REVISION = 0x11, 0x12, 0x15, 0x1B, 0x1C, 0x1F
RR, PUD, PUA, PUR, CS, CR, AVDDS = 0x01, 0x02, 0x04, 0x08, 0x10, 0x20, 0x80
CALS, CAL_ERR = 0x04, 0x08

_RATES = {0: 10, 1: 20, 2: 40, 3: 80, 7: 320}
_NOISE_NV = {10: 50.0, 20: 71.0, 40: 100.0, 80: 150.0, 320: 283.0}  # rms at gain 128; datasheet at 10 and 80
_LDO_UV = (4_500_000, 4_200_000, 3_900_000, 3_600_000, 3_300_000, 3_000_000, 2_700_000, 2_400_000)
_SUPPLY_UV = 3_300_000  # the reference of a board that does not use the chip's own
_SETTLING = 6  # conversions
_POWER_UP_US = 200
_RAMP_US = 200_000  # of the internal supply, SparkFun's figure
_TOP, _BOTTOM = 0x7FFFFF, -0x800000
_WRITABLE = {PU_CTRL: 0xD7, CTRL1: 0xFF, CTRL2: 0xF3, I2C_CTRL: 0xFF, ADC: 0xFF, PGA: 0xF9, POWER: 0xFF}
_WRITABLE.update(dict.fromkeys(range(OCAL1, I2C_CTRL), 0xFF))
_RESTARTING = (PU_CTRL, CTRL1, CTRL2, I2C_CTRL, ADC, PGA, POWER)

_KINDS = {
    "nack": Kind("does not acknowledge its address"),
    "nack_once": Kind("the next transfers are not acknowledged", {"times": (1, 1, 1000)}),
    "no_power": Kind("the power-up-ready bit never sets"),
    "no_ready": Kind("conversions stop: the ready bit never sets"),
    "cal_stuck": Kind("a calibration never ends"),
    "cal_err": Kind("a calibration ends with CAL_ERR and useless calibration registers"),
    "rail": Kind("a broken bridge wire or an overload: the code is pinned at an end", {"sign": (1, -1, 1)}),
    "frozen": Kind("every conversion brings the code of the one before"),
    "short": Kind("the inputs are shorted: noise around zero"),
    "noise": Kind("so many times the usual noise", {"factor": (20.0, 0.0, 10_000.0)}),
    "revision": Kind("another part answers", {"value": (0x00, 0, 0xFF)}),
}


class NAU7802:
    """bridge: differential input in uV at a rig time, both channels alike. zero: the chip's own offset, counts."""

    def __init__(self, clock: Clock, bridge: Callable[[int], float], seed: int = 0) -> None:
        self._clock = clock
        self.bridge = bridge
        self._noise = key(seed, "nau7802")
        self._landing = key(seed, "nau7802 calibration")
        self.zero = 40_000
        self.hides_settling = False  # whether CR waits for the six conversions after a change
        self.conversions_per_calibration = 27.5  # 344 ms at 80 samples a second (SparkFun); other rates unverified
        self.landing_counts = 20_000.0  # rms by which a calibration misses: 0.5 % of a 2 mV/V bridge's full load
        self.calibrations = 0
        self.faults = Faults(
            "bridge",
            {
                **_KINDS,
                **kinds("uV at the bridge", 300.0, 100_000.0),
                "brownout": Kind("supply dip: all registers are as after power-on", act=self.power_on),
                "recalibrated": Kind(
                    "the offset lands elsewhere", {"counts": (30_000, -200_000, 200_000)}, act=self._shift
                ),
            },
            settle=self.advance,
        )
        self._sensed = Measured(self.faults, clock, lambda t_us: self.bridge(t_us), seed, "nau7802 fault")
        self.power_on()

    def power_on(self) -> None:
        """All registers 0 but the gains, which are 1.0, and the revision."""
        self._registers = bytearray(128)
        for register in (GCAL1, GCAL2):
            self._registers[register + 1] = 0x80
        self._registers[REVISION] = 0x4F  # the upper nibble is the factory's
        self._pointer = 0
        self._powered_us = NEVER
        self._analogue_us = NEVER
        self._calibrated_us = NEVER
        self._epoch_us = NEVER  # when conversions began
        self._taken = 0  # conversions of this epoch that have been read or superseded
        self._held = 0  # what a frozen converter repeats
        self._output = 0

    # -- bus ---------------------------------------------------------------------------------------------------------
    def write(self, data: bytes) -> None:
        """One write transaction; the pointer moves on and wraps. Raises Nack."""
        acknowledge(self.faults)
        self.advance()
        pointer = data[0] & 0x7F
        for value in data[1:]:
            self._store(pointer, value)
            pointer = pointer + 1 & 0x7F
        self._pointer = pointer

    def read(self, n: int) -> bytes:
        """One read transaction. Raises Nack."""
        acknowledge(self.faults)
        self.advance()
        out = bytearray(n)
        for i in range(n):
            out[i] = self._load(self._pointer)
            self._pointer = self._pointer + 1 & 0x7F
        return bytes(out)

    def keep(self) -> Callable[[], None]:
        """See foresight.Keeper."""
        self.advance()
        was = self._pointer, self._taken, self._output, self._held

        def back() -> None:
            self._pointer, self._taken, self._output, self._held = was

        return back

    def _load(self, register: int) -> int:
        if register == PU_CTRL:
            ready = self._number() > self._taken
            return self._registers[PU_CTRL] | (CR if ready else 0)
        if register == ADCO:  # this one latches all three
            number = self._number()
            if number > self._taken:
                self._taken = number
                self._output = self._convert(number)
            return self._output >> 16 & 0xFF
        if register in (ADCO + 1, ADCO + 2):
            return self._output >> (8 if register == ADCO + 1 else 0) & 0xFF
        if register == REVISION and "revision" in self.faults.active:
            return self.faults.integer("revision", "value")
        return self._registers[register]

    def _store(self, register: int, value: int) -> None:
        registers = self._registers
        before = registers[register]
        if register == PU_CTRL:
            if value & RR:  # a level: registers stay as after power-on while it is set
                self.power_on()
                registers = self._registers
            elif value & PUD and not registers[PU_CTRL] & PUD:
                self._powered_us = self._clock.now_us + _POWER_UP_US
            if not value & PUD:
                self._powered_us = NEVER
                registers[PU_CTRL] &= ~PUR
            if value & PUA and not registers[PU_CTRL] & PUA:
                self._analogue_us = self._clock.now_us
            kept = registers[PU_CTRL] & PUR
            registers[PU_CTRL] = value & _WRITABLE[PU_CTRL] | kept
        elif registers[PU_CTRL] & RR or register not in _WRITABLE:
            return
        elif register == CTRL2:
            busy = self._calibrated_us != NEVER
            registers[CTRL2] = value & 0xF3 | registers[CTRL2] & (CALS | CAL_ERR)
            if value & CALS and not busy:
                registers[CTRL2] |= CALS
                self._calibrated_us = self._clock.now_us + int(1e6 * self.conversions_per_calibration / self._rate)
        else:
            registers[register] = value & _WRITABLE[register]
        if register in _RESTARTING and registers[register] != before:
            self._restart()

    # -- conversions -------------------------------------------------------------------------------------------------
    @property
    def _rate(self) -> int:
        return _RATES.get(self._registers[CTRL2] >> 4 & 7, 10)

    def _restart(self) -> None:
        """A setting has changed: conversions begin anew, if the chip converts at all."""
        converts = self._registers[PU_CTRL] & (RR | PUD | PUA | CS) == PUD | PUA | CS
        self._epoch_us = self._clock.now_us if converts else NEVER
        self._taken = 0

    def advance(self) -> None:
        """Lives through the time up to now."""
        now = self._clock.now_us
        active = self.faults.active
        if now >= self._powered_us and "no_power" not in active:
            self._powered_us = NEVER
            self._registers[PU_CTRL] |= PUR
            self._restart()
        if now >= self._calibrated_us and "cal_stuck" not in active:
            self._calibrate()

    def _number(self) -> int:
        """How many conversions of this epoch are over."""
        if self._clock.now_us < self._epoch_us or self._calibrated_us != NEVER or "no_ready" in self.faults.active:
            return self._taken
        if not self._registers[PU_CTRL] & PUR:
            return self._taken
        number = (self._clock.now_us - self._epoch_us) * self._rate // 1_000_000
        return self._taken if self.hides_settling and number < _SETTLING else max(number, self._taken)

    def _raw(self, t_us: int, settled: float) -> float:
        """Counts before calibration of the input at a time."""
        r = self._registers
        active = self.faults.active
        short = "short" in active or r[I2C_CTRL] & 0x08
        gain = 1 << (r[CTRL1] & 7)
        reference = _LDO_UV[r[CTRL1] >> 3 & 7] if r[PU_CTRL] & AVDDS else _SUPPLY_UV
        noise_uv = _NOISE_NV[self._rate] * 128 / gain / 1000 if gain < 128 else _NOISE_NV[self._rate] / 1000
        if "noise" in active:
            noise_uv *= float(active["noise"]["factor"])
        volts = 0.0 if short else (self._sensed.at(t_us) if active else self.bridge(t_us)) * settled
        volts += noise_uv * gauss(self._noise, t_us)
        return volts * gain * (1 << 24) / reference + self.zero

    def _convert(self, number: int) -> int:
        """24-bit code of a conversion, calibrated and clipped."""
        active = self.faults.active
        if "rail" in active:
            return _TOP if active["rail"]["sign"] >= 0 else _BOTTOM
        if "frozen" in active and self._held:
            return self._held
        t_us = self._epoch_us + number * 1_000_000 // self._rate
        settled = 1.0 if number >= _SETTLING else 1.0 - 0.5**number
        settled *= min(1.0, max(0.0, (t_us - self._analogue_us) / _RAMP_US))
        base = OCAL2 if self._registers[CTRL2] & 0x80 else OCAL1
        offset = int.from_bytes(self._registers[base : base + 3], "big", signed=True)
        scale = int.from_bytes(self._registers[base + 3 : base + 7], "big") / (1 << 23)
        code = min(max(int(scale * (self._raw(t_us, settled) - offset)), _BOTTOM), _TOP)
        self._held = code
        return code

    def _calibrate(self) -> None:
        """A calibration ends: internal offset (CALMOD 0), which sees no input, system offset (2) or system gain (3)."""
        done_us, self._calibrated_us = self._calibrated_us, NEVER
        self._epoch_us = done_us if self._epoch_us < NEVER else NEVER
        self._taken = 0
        r = self._registers
        r[CTRL2] &= ~(CALS | CAL_ERR)
        self.calibrations += 1
        mode = r[CTRL2] & 3
        base = OCAL2 if r[CTRL2] & 0x80 else OCAL1
        offset = int.from_bytes(r[base : base + 3], "big", signed=True)
        if "cal_err" in self.faults.active or mode == 1:
            r[CTRL2] |= CAL_ERR
            r[base : base + 7] = bytes((0x5A,)) * 7
        elif mode == 3:
            span = self._raw(done_us, 1.0) - offset
            if span * 256 < _TOP:
                r[CTRL2] |= CAL_ERR
            else:
                r[base + 3 : base + 7] = int(_TOP / span * (1 << 23)).to_bytes(4, "big")
        else:
            found = self._raw(done_us, 1.0) if mode == 2 else float(self.zero)
            found += self.landing_counts * gauss(self._landing, self.calibrations)
            r[base : base + 3] = int(found).to_bytes(3, "big", signed=True)

    def _shift(self, counts: int) -> None:
        offset = int.from_bytes(self._registers[OCAL1 : OCAL1 + 3], "big", signed=True) + int(counts)
        self._registers[OCAL1 : OCAL1 + 3] = offset.to_bytes(3, "big", signed=True)
