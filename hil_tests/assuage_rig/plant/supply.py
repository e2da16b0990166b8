"""The board's supply rail, where it comes from neither mains nor cell for a while: cut, or sagging and coming back.

Both end by themselves. Whether a sag resets the board is decided by the voltage at which its regulator gives in.
"""

from collections.abc import Callable

from assuage_rig.clock import NEVER, Clock
from assuage_rig.faults import Faults, Kind, Value

SUPPLY_KINDS = {
    "cut": Kind("no voltage at all for so long", {"s": (0.5, 0.001, 3600.0)}),
    "brown_out": Kind(
        "within so many ms the voltage sinks to this many volts and comes back; what is under 3.0 V resets the board",
        {"volts": (2.0, 0.0, 5.0), "ms": (50.0, 0.01, 10_000.0)},
    ),
}


class Supply:
    """least: volts below which the board is without supply. healthy: volts of the rail without a fault, now."""

    def __init__(self, clock: Clock, least: float, healthy: Callable[[], float], settle: Callable[[], None]) -> None:
        self._clock = clock
        self._least = least
        self._healthy = healthy
        self.faults = Faults("supply", SUPPLY_KINDS, settle)
        self.faults.watchers.append(self._changed)
        self._from_us = self._to_us = 0  # of the fault
        self._down_us = self._up_us = 0  # of the time with too little
        self._kind = ""
        self._top = self._low = 0.0

    def volts(self, healthy: float) -> float:
        """What the rail carries now of what it would."""
        if not self.faults.active:
            return healthy
        if self._kind == "cut":
            return 0.0
        half = (self._to_us - self._from_us) / 2
        share = 1 - abs(self._clock.now_us - self._from_us - half) / half
        return min(healthy, self._top - (self._top - self._low) * share)

    def carries(self) -> bool:
        """Whether the board has enough now. A fault whose time is over ends."""
        if not self.faults.active:
            return True
        now = self._clock.now_us
        if now >= self._to_us:
            self.faults.over(self._kind)
            return True
        return not self._down_us <= now < self._up_us

    def next_us(self) -> int:
        """When to ask again; NEVER without a fault."""
        if not self.faults.active:
            return NEVER
        return next((at for at in (self._down_us, self._up_us, self._to_us) if at > self._clock.now_us), self._to_us)

    def _changed(self, kind: str, params: dict[str, Value] | None) -> None:
        if params is None:
            return
        for other in [one for one in self.faults.active if one != kind]:
            self.faults.over(other)
        now = self._clock.now_us
        self._kind = kind
        us = round(float(params["s"]) * 1e6) if kind == "cut" else round(float(params["ms"]) * 1e3)
        self._from_us, self._to_us = now, now + us
        self._down_us, self._up_us = now, now + us
        if kind == "brown_out":
            self._top, self._low = self._healthy(), float(params["volts"])
            deep = self._low < self._least <= self._top
            way = (self._top - self._least) / (self._top - self._low) * us / 2 if deep else us / 2
            self._down_us, self._up_us = now + round(way), now + us - round(way)
