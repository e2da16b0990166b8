"""What keys and switches suffer on their way to a pin: broken, shorted or chattering contacts.

Their inputs are pulled up and close to ground, so a broken one reads 1 for ever and a shorted one 0.
"""

from collections.abc import Iterable

from assuage_rig.clock import Clock
from assuage_rig.faults import Faults, Kind, Value
from assuage_rig.noise import key, mix

CONTACT_KINDS = {
    "open": Kind("its wire is broken: it reads as released, or as not closed, whatever is done to it"),
    "short": Kind("its wires touch: it reads as pressed, or as closed, whatever is done to it"),
    "bounce": Kind("for so long after each change it reads one and the other", {"ms": (20.0, 0.1, 1000.0)}),
}

_CHATTER_US = 700


class Contacts:
    """faults: by the input's name. broken: whether anything of it is active; while not, nobody need ask."""

    def __init__(self, names: Iterable[str], clock: Clock, seed: int) -> None:
        self._clock = clock
        self.faults = {name: Faults(f"{name}_contact", CONTACT_KINDS) for name in names}
        self._noise = {name: key(seed, f"contact {name}") for name in self.faults}
        self._level: dict[str, int] = {}  # as it last was, under the chatter
        self._changed_us: dict[str, int] = {}
        self.broken = False
        for faults in self.faults.values():
            faults.watchers.append(self._look)

    def level(self, name: str, true: int) -> int:
        """What a pin reads of an input that is truly at this level."""
        active = self.faults[name].active
        if "open" in active:
            return 1
        if "short" in active:
            return 0
        if "bounce" in active:
            return self._bouncing(name, true, round(float(active["bounce"]["ms"]) * 1000))
        return true

    def _bouncing(self, name: str, true: int, for_us: int) -> int:
        now = self._clock.now_us
        if self._level.setdefault(name, true) != true:
            self._level[name] = true
            self._changed_us[name] = now
        since_us = now - self._changed_us.get(name, now - for_us)
        return true if since_us >= for_us else mix(self._noise[name], now // _CHATTER_US) & 1

    def _look(self, kind: str, params: dict[str, Value] | None) -> None:
        self.broken = any(faults.active for faults in self.faults.values())
        if not self.broken:
            self._level.clear()
            self._changed_us.clear()
