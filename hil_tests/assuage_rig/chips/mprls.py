"""MPRLS0300YG pressure sensor at register level: Honeywell MPR series datasheet and the drivers written against it.

Gauge, 0 to 300 mmHg, transfer function B: 2.5 % to 22.5 % of 2**24 counts. A conversion sees the pressure at its end
and is a pure function of that time. Where the sources are silent the behaviour is an attribute: `conversion_us`,
`noise_mmhg` and `zero_mmhg`, the offset of one sensor that was measured in a public project (413 800 counts at rest).
"""

from collections.abc import Callable

from assuage_rig.bus import acknowledge
from assuage_rig.clock import NEVER, Clock
from assuage_rig.faults import Faults, Kind
from assuage_rig.measured import Measured, kinds
from assuage_rig.noise import gauss, key

ADDRESS = 0x18
COMMAND = bytes((0xAA, 0x00, 0x00))
POWERED, BUSY, MEMORY, SATURATED = 0x40, 0x20, 0x04, 0x01
ZERO, SPAN, FULL_MMHG = 419_430.4, 3_355_443.2, 300.0
TOP = 0xFFFFFF

_KINDS = {
    "nack": Kind("does not acknowledge its address"),
    "nack_once": Kind("the next transfers are not acknowledged", {"times": (1, 1, 1000)}),
    "busy": Kind("a conversion never ends"),
    "slow": Kind("a conversion takes so long", {"ms": (60.0, 0.0, 10_000.0)}),
    "unpowered": Kind("the status says that the sensor has no power"),
    "memory": Kind("the check of the calibration memory has failed"),
    "saturated": Kind("the arithmetic is saturated: a broken or overloaded bridge"),
    "frozen": Kind("every conversion brings the code of the one before"),
    "noise": Kind("so many times the usual noise", {"factor": (20.0, 0.0, 10_000.0)}),
}


class MPRLS:
    """pressure: what is before the sensor at a rig time, mmHg above the air's."""

    def __init__(self, clock: Clock, pressure: Callable[[int], float], seed: int = 0) -> None:
        self._clock = clock
        self.pressure = pressure
        self.conversion_us = 5_000
        self.noise_mmhg = 0.03  # rms; an assumption
        self.zero_mmhg = -0.5
        self._noise = key(seed, "mprls")
        self.faults = Faults(
            "cuff-sensor",
            {
                **_KINDS,
                **kinds("mmHg", 15.0, 400.0),
                "brownout": Kind("supply dip: a conversion under way is lost", act=self.power_on),
            },
            settle=self.advance,
        )
        self._sensed = Measured(self.faults, clock, lambda t_us: self.pressure(t_us), seed, "mprls fault")
        self.power_on()

    def power_on(self) -> None:
        """Nothing has been converted."""
        self._ready_us = NEVER
        self._code = 0

    def write(self, data: bytes) -> None:
        """One write transaction: the command that starts a conversion; anything else is ignored. Raises Nack."""
        acknowledge(self.faults)
        self.advance()
        if data == COMMAND:
            active = self.faults.active
            took = round(float(active["slow"]["ms"]) * 1000) if "slow" in active else self.conversion_us
            self._ready_us = self._clock.now_us + took

    def read(self, n: int) -> bytes:
        """One read transaction: status and the last code, over and over. Raises Nack."""
        acknowledge(self.faults)
        self.advance()
        answer = bytes((self._status(),)) + self._code.to_bytes(3, "big")
        return (answer * (n // 4 + 1))[:n]

    def keep(self) -> Callable[[], None]:
        """See foresight.Keeper."""
        self.advance()
        was = self._ready_us, self._code

        def back() -> None:
            self._ready_us, self._code = was

        return back

    def advance(self) -> None:
        """Lives through the time up to now."""
        if self._clock.now_us >= self._ready_us and "busy" not in self.faults.active:
            if "frozen" not in self.faults.active or not self._code:
                self._code = self._convert(self._ready_us)
            self._ready_us = NEVER

    def _status(self) -> int:
        active = self.faults.active
        if "unpowered" in active:
            return 0
        status = POWERED
        if self._ready_us != NEVER:
            status |= BUSY
        if "memory" in active:
            status |= MEMORY
        if "saturated" in active:
            status |= SATURATED
        return status

    def _convert(self, t_us: int) -> int:
        active = self.faults.active
        mmhg = self._sensed.at(t_us) if active else self.pressure(t_us)
        noise = self.noise_mmhg * (float(active["noise"]["factor"]) if "noise" in active else 1.0)
        mmhg += self.zero_mmhg + noise * gauss(self._noise, t_us)
        return min(max(round(ZERO + mmhg * SPAN / FULL_MMHG), 0), TOP)
