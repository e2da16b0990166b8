"""What limits a cuff without any firmware: a switch, a timer that wants retriggering, one that does not.

The dump valve is open without current. Its coil, and the pump with it, are fed through a retriggerable monostable
that each change of the processor's pin starts anew; a mechanical pressure switch and a timer over the whole inflation
latch it open, until the pin has been left alone for as long as the monostable lasts. So a firmware that hangs,
whichever level its pin has, lets the air out, and one that keeps on feeding it at the end of the time, or at the
pressure.
"""

from assuage_rig.faults import Faults, Kind

TRIP_MMHG = 300.0
"""At which the switch opens; the sources' module has 300 +20/-10, so a test goes through that range."""

HOLD_US = 500_000
"""How long a change of the pin holds the valve: ten turns of the loop."""

LONGEST_US = 180_000_000
"""For which a cuff may be inflated (adult; 90 s for neonatal cuffs)."""

KINDS = {
    "switch": Kind("the pressure switch does not open"),
    "hold": Kind("the monostable stays on once it was triggered"),
    "longest": Kind("the timer over the whole inflation never ends"),
}


class Limiter:
    """look() at every moment of the plant tells whether current may flow. `tripped`: why not, or ""."""

    def __init__(self, trip_mmhg: float = TRIP_MMHG, hold_us: int = HOLD_US, longest_us: int = LONGEST_US) -> None:
        self.trip_mmhg = trip_mmhg
        self.hold_us = hold_us
        self.longest_us = longest_us
        self.tripped = ""
        self.faults = Faults("cuff-limiter", KINDS)
        self._level = 0
        self._fed_us = -hold_us - 1
        self._since_us = 0

    def pin(self, t_us: int, level: int) -> None:
        """The processor has put its pin to a level."""
        if level != self._level:
            self._level = level
            if not self._held(t_us):
                self.tripped = ""
                self._since_us = t_us
            self._fed_us = t_us

    def look(self, t_us: int, mmhg: float) -> bool:
        """Whether the dump valve has current at a time, with a pressure at the switch."""
        active = self.faults.active
        if mmhg >= self.trip_mmhg and "switch" not in active:
            self.tripped = "pressure"
        if not self._held(t_us):
            self.tripped = ""
            return False
        if t_us - self._since_us > self.longest_us and "longest" not in active:
            self.tripped = self.tripped or "time"
        return not self.tripped

    def _held(self, t_us: int) -> bool:
        return t_us - self._fed_us <= self.hold_us or ("hold" in self.faults.active and self._fed_us >= 0)
