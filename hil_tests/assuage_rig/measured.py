"""A quantity on its way to whatever converts it, with what every sensor can suffer: one helper for all of them.

What is seen is the truth, late if it is late; then offset, drift and noise are added; a stuck sensor stays with what it
showed as it got stuck, and a broken or shorted wire hides all of it. The converter behind goes on as before, with its
own noise: a converter that repeats its code is another fault, and the chip's.
"""

from collections import deque
from collections.abc import Callable

from assuage_rig.clock import Clock
from assuage_rig.faults import Faults, Kind, Value
from assuage_rig.noise import gauss, key

LONGEST_MS = 60_000


def kinds(
    unit: str, typical: float, most: float, *, opened: float | None = None, shorted: float | None = None
) -> dict[str, Kind]:
    """What can go wrong with a quantity of this unit. typical: the size of an offset, and of drift and noise a fifth.

    opened, shorted: what is read with a wire broken, or shorted, between -most and most; None: this sensor's chip has
    its own kinds for that.
    """
    known = {
        "offset": Kind(f"all that is measured is off, by so many {unit}", {"by": (typical, -most, most)}),
        "drifting": Kind(
            f"what is measured moves away from the truth, in {unit} a minute", {"per_min": (typical / 5, -most, most)}
        ),
        "noisy": Kind(f"so much noise is added, {unit} rms", {"rms": (typical / 5, 0.0, most)}),
        "late": Kind("what is measured is what was true so long ago", {"ms": (500, 1, LONGEST_MS)}),
        "stuck": Kind("what is measured stays as it is; its converter goes on"),
    }
    for kind, wire, reads in (("open", "broken", opened), ("short", "shorted", shorted)):
        if reads is not None:
            known[kind] = Kind(f"its wire is {wire}: so many {unit} are read", {"reads": (reads, -most, most)})
    return known


class Measured:
    """One quantity. truth: what it is at a rig time, us, that is now or shortly before. Ask only while a fault is
    active: then at() is what is seen, for times that do not go back."""

    def __init__(self, faults: Faults, clock: Clock, truth: Callable[[int], float], seed: int, name: str) -> None:
        self._active = faults.active
        self._clock = clock
        self._truth = truth
        self._noise = key(seed, name)
        self._line: deque[tuple[int, float]] = deque()  # when it was true, and what: the newest of them last
        self._since_us = 0
        self._held = 0.0
        faults.watchers.append(self._changed)

    def at(self, t_us: int) -> float:
        """What is seen of it at a time."""
        active = self._active
        for wire in ("open", "short"):
            if wire in active and "reads" in active[wire]:
                return float(active[wire]["reads"])
        return self._held if "stuck" in active else self._moving(t_us)

    def _moving(self, t_us: int) -> float:
        active = self._active
        value = self._delayed(t_us) if "late" in active else self._truth(t_us)
        if "offset" in active:
            value += float(active["offset"]["by"])
        if "drifting" in active:
            value += float(active["drifting"]["per_min"]) * (t_us - self._since_us) / 60e6
        if "noisy" in active:
            value += float(active["noisy"]["rms"]) * gauss(self._noise, t_us)
        return value

    def _delayed(self, t_us: int) -> float:
        """Out of a line that was full of what was true as the fault began."""
        line = self._line
        line.append((t_us, self._truth(t_us)))
        then_us = t_us - int(self._active["late"]["ms"]) * 1000
        while len(line) > 1 and line[1][0] <= then_us:
            line.popleft()
        return line[0][1]

    def _changed(self, kind: str, params: dict[str, Value] | None) -> None:
        now = self._clock.now_us
        if kind == "late":
            self._line.clear()
            if params is not None:
                self._line.append((now, self._truth(now)))
        elif kind == "drifting":
            self._since_us = now
        elif kind == "stuck" and params is not None:
            self._held = self._moving(now)
