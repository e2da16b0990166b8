"""TMP117 thermometer at register level, TI datasheet SNOSD82D and the drivers that were written against it.

Conversions are made when somebody looks: each is a pure function of its own time. In doubt the behaviour is an
attribute: `noise` is the deviation of one unaveraged conversion in 1/128 degree C, which the datasheet shows as a
histogram of a few codes. What is written while the EEPROM is unlocked is kept over a loss of power.
"""

from collections.abc import Callable
from math import sqrt

from assuage_rig.bus import acknowledge
from assuage_rig.clock import Clock
from assuage_rig.faults import Faults, Kind
from assuage_rig.measured import Measured, kinds
from assuage_rig.noise import gauss, key

ADDRESS = 0x48
TEMPERATURE, CONFIG, HIGH_LIMIT, LOW_LIMIT, UNLOCK = 0x00, 0x01, 0x02, 0x03, 0x04
EEPROM1, EEPROM2, OFFSET, EEPROM3, DEVICE_ID = 0x05, 0x06, 0x07, 0x08, 0x0F
HIGH, LOW, READY, BUSY = 0x8000, 0x4000, 0x2000, 0x1000
_MODE, _SHUTDOWN, _ONE_SHOT, _RESET = 0x0C00, 0x0400, 0x0C00, 0x0002

_FACTORY = {CONFIG: 0x0220, HIGH_LIMIT: 0x6000, LOW_LIMIT: 0x8000, EEPROM1: 0, EEPROM2: 0, OFFSET: 0, EEPROM3: 0}
_WRITABLE = {CONFIG: 0x0FFC, UNLOCK: 0x8000, **dict.fromkeys((HIGH_LIMIT, LOW_LIMIT, OFFSET), 0xFFFF)}
_WRITABLE.update(dict.fromkeys((EEPROM1, EEPROM2, EEPROM3), 0xFFFF))
_AVERAGES = (1, 8, 32, 64)
_ONE_US = 15_500
_CYCLE_US = (0, 125_000, 250_000, 500_000, 1_000_000, 4_000_000, 8_000_000, 16_000_000)
_LOADING_US = 1_500  # from power-on until the settings have come out of the EEPROM
_TOP, _BOTTOM = 0x7FFF, -0x8000

_KINDS = {
    "nack": Kind("does not acknowledge its address, as with a broken cable"),
    "nack_once": Kind("the next transfers are not acknowledged", {"times": (1, 1, 1000)}),
    "no_ready": Kind("conversions stop: the flag never sets"),
    "frozen": Kind("every conversion brings the code of the one before"),
    "zeros": Kind("acknowledges, but every byte reads 0"),
    "part": Kind("another part answers", {"value": (0x0075, 0, 0xFFFF)}),
}


class TMP117:
    """probe: temperature of the chip in degrees C at a rig time in us."""

    def __init__(self, clock: Clock, probe: Callable[[int], float], seed: int = 0) -> None:
        self._clock = clock
        self.probe = probe
        self.noise = 2.0
        self._noise = key(seed, "tmp117")
        self._kept = dict(_FACTORY)  # what a loss of power leaves
        self.faults = Faults(
            "thermometer",
            {
                **_KINDS,
                **kinds("degree C at the probe", 1.0, 200.0),
                "brownout": Kind("supply dip: all registers are as after power-on", act=self.power_on),
            },
            settle=self.advance,
        )
        self._sensed = Measured(self.faults, clock, lambda t_us: self.probe(t_us), seed, "tmp117 fault")
        self.power_on()

    def power_on(self) -> None:
        """Registers as the EEPROM has them; no temperature yet."""
        self._registers = {**self._kept, UNLOCK: 0}
        self._pointer = 0
        self._flags = 0
        self._code = _BOTTOM
        self._loaded_us = self._clock.now_us + _LOADING_US
        self._begin(self._loaded_us)

    # -- bus ---------------------------------------------------------------------------------------------------------
    def write(self, data: bytes) -> None:
        """Takes a pointer, or a pointer and one whole register of two bytes. Raises Nack."""
        acknowledge(self.faults)
        self.advance()
        self._pointer = data[0] & 0x0F
        if len(data) >= 3:
            self._store(self._pointer, data[1] << 8 | data[2])

    def read(self, n: int) -> bytes:
        """The register at the pointer, again and again. Raises Nack."""
        acknowledge(self.faults)
        self.advance()
        if "zeros" in self.faults.active:
            return bytes(n)
        word = self._load(self._pointer)
        return (word.to_bytes(2, "big") * (n // 2 + 1))[:n]

    def keep(self) -> Callable[[], None]:
        """See foresight.Keeper."""
        self.advance()
        was = self._pointer, self._flags

        def back() -> None:
            self._pointer, self._flags = was

        return back

    def _load(self, register: int) -> int:
        if register == TEMPERATURE:
            self._flags &= ~READY
            return self._code & 0xFFFF
        if register == CONFIG:
            word = self._registers[CONFIG] | self._flags | (BUSY if self._clock.now_us < self._loaded_us else 0)
            self._flags &= ~READY
            if not word & 0x0010:  # as a thermostat the limits' flags stay
                self._flags &= ~(HIGH | LOW)
            return word
        if register == DEVICE_ID:
            return self.faults.integer("part", "value") if "part" in self.faults.active else 0x0117
        return self._registers.get(register, 0)

    def _store(self, register: int, value: int) -> None:
        if register not in _WRITABLE:
            return
        if register == CONFIG and value & _RESET:
            self.power_on()
            return
        self._registers[register] = value & _WRITABLE[register]
        if self._registers[UNLOCK] and register != UNLOCK:
            self._kept[register] = self._registers[register]
        if register == CONFIG:
            self._begin(self._clock.now_us)

    # -- conversions -------------------------------------------------------------------------------------------------
    def _begin(self, t_us: int) -> None:
        """Conversions start anew with the settings as they are."""
        self._epoch_us = t_us
        self._taken = 0  # results of this epoch that are in the register

    @property
    def _averaged(self) -> int:
        return _AVERAGES[self._registers[CONFIG] >> 5 & 3]

    def advance(self) -> None:
        """Lives through the time up to now."""
        config = self._registers[CONFIG]
        mode = config & _MODE
        active_us = self._averaged * _ONE_US
        passed = self._clock.now_us - self._epoch_us - active_us
        if mode == _SHUTDOWN or passed < 0 or "no_ready" in self.faults.active:
            return
        cycle_us = max(_CYCLE_US[config >> 7 & 7], active_us)
        number = 1 if mode == _ONE_SHOT else passed // cycle_us + 1
        if number <= self._taken:
            return
        self._taken = number
        if "frozen" not in self.faults.active or self._code == _BOTTOM:
            self._code = self._convert(self._epoch_us + active_us + (number - 1) * cycle_us)
        self._flags |= READY
        high, low = (_signed(self._registers[limit]) for limit in (HIGH_LIMIT, LOW_LIMIT))
        self._flags |= HIGH if self._code > high else 0
        self._flags |= LOW if self._code < low else 0
        if mode == _ONE_SHOT:
            self._registers[CONFIG] = config & ~_MODE | _SHUTDOWN

    def _convert(self, t_us: int) -> int:
        """The code of a conversion that ends at a time: 7.8125 m degree C each, the offset added."""
        celsius = self._sensed.at(t_us) if self.faults.active else self.probe(t_us)
        celsius += self.noise / 128 / sqrt(self._averaged) * gauss(self._noise, t_us)
        return min(max(round(celsius * 128) + _signed(self._registers[OFFSET]), _BOTTOM), _TOP)


def _signed(word: int) -> int:
    return word - 0x10000 if word & 0x8000 else word
