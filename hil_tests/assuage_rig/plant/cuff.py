"""The air of a blood pressure cuff: pump, bleed valve, dump valve, hose, bladder, and the arm inside.

Isothermal air. What the bladder holds grows with its pressure (its walls give way) and lacks what the arm takes, so the
artery's pulse is seen as pressure. Hose and bladder are one, until the hose is kinked or comes off. Lives on a grid
of 10 ms; what happens between is seen by the next. mmHg, mL, mL/s of free air.
"""

from collections.abc import Callable
from dataclasses import dataclass
from math import copysign, sqrt

from assuage_rig.clock import Clock
from assuage_rig.faults import Faults, Kind, Value
from assuage_rig.plant.limiter import Limiter

AIR = 760.0
"""Of the atmosphere, mmHg."""

STEP_US = 10_000

KINDS = {
    "kink": Kind("the hose is squeezed: what still passes, mL/s per mmHg", {"passes": (0.0, 0.0, 1.0)}),
    "leak": Kind("the cuff leaks, mL/s per root of mmHg", {"g": (0.4, 0.0, 20.0)}),
    "off": Kind("the hose has come off the pump's side"),
    "unwrapped": Kind("the cuff is round no arm: it swells by so many mL more", {"ml": (150.0, 0.0, 1000.0)}),
    "dump-blocked": Kind("the dump valve's outlet is blocked"),
    "dump-open": Kind("the dump valve does not close"),
    "bleed-blocked": Kind("the bleed valve stays closed"),
    "bleed-open": Kind("the bleed valve stays open"),
    "pump-dead": Kind("the pump does not turn"),
    "pump-on": Kind("the pump's switch is welded: it turns as long as the limiter lets it"),
}


@dataclass(frozen=True)
class Size:
    """hose, bladder: mL without pressure; gives: mL/mmHg; flow: the pump's, against nothing; stall: what stops it.

    bleed, dump: opened wide, mL/s per root of mmHg; dead: part of the bleed's duty below which it is closed.
    Assumptions, of the order of small pumps and valves on the market: 160 mmHg in 9 s, from there to 15 in 3 s.
    """

    hose: float = 15.0
    bladder: float = 130.0
    gives: float = 0.15
    flow: float = 8.0
    stall: float = 400.0
    bleed: float = 0.5
    dead: float = 0.08
    dump: float = 2.5


ADULT = Size()
SMALL = Size(hose=8.0, bladder=40.0, gives=0.05, flow=3.0, bleed=0.2, dump=1.0)


class Cuff:
    """volume: what the arm takes at a time under a pressure, mL, see Arm.volume. most: the highest pressure so far."""

    def __init__(
        self,
        clock: Clock,
        volume: Callable[[int, float], float],
        size: Size = ADULT,
        limiter: Limiter | None = None,
    ) -> None:
        self._clock = clock
        self._volume = volume
        self.size = size
        self.limiter = limiter or Limiter()
        self.faults = Faults("cuff", KINDS, self.settle)
        self.faults.watchers.append(self._changed)
        self._pump = False
        self._closed = False
        self._bleed = 0.0
        self._now_us = clock.now_us
        self._p = self._hose_p = 0.0
        self._air = AIR * (size.hose + size.bladder)  # pressure times volume, of all that is one with the bladder
        self._hose_air = 0.0  # of the hose while it is parted
        self._flow = 0.0  # into the bladder, pressure times volume per us, in the last step
        self.most = 0.0  # in the bladder

    # -- driven ------------------------------------------------------------------------------------------------------
    def drive(self, pump: int, bleed: float, closed: int, feed: int) -> None:
        """What the processor's pins are from now on: pump, duty of the bleed valve in %, dump valve, limiter's pin."""
        self.settle()
        self._pump = bool(pump)
        self._closed = bool(closed)
        self._bleed = bleed
        self.limiter.pin(self._clock.now_us, feed)

    # -- looked at ---------------------------------------------------------------------------------------------------
    def pressure(self, t_us: int) -> float:
        """At the sensor, mmHg, at a time that is now or shortly before."""
        self.settle()
        active = self.faults.active
        if "off" in active:
            return 0.0
        return self._hose_p if "kink" in active else self._bladder_at(t_us)

    @property
    def held(self) -> bool:
        """Whether the processor asks for the dump valve to be closed."""
        return self._closed

    def bladder(self) -> float:
        """Around the arm now, mmHg."""
        self.settle()
        return self._bladder_at(self._clock.now_us)

    def settle(self) -> None:
        """Lives through the time up to now."""
        while self._now_us + STEP_US <= self._clock.now_us:
            self._step()

    # -- inside ------------------------------------------------------------------------------------------------------
    @property
    def _parted(self) -> bool:
        return "kink" in self.faults.active or "off" in self.faults.active

    def _bladder_at(self, t_us: int) -> float:
        if t_us == self._now_us:
            return self._p
        air = self._air + self._flow * (t_us - self._now_us)
        return self._pressure_of(air, t_us)

    def _pressure_of(self, air: float, t_us: int) -> float:
        """Of (P + AIR) (room + gives P) = air, with the room that the arm leaves."""
        gives, room = self.size.gives, self._room(t_us)
        half = (room + AIR * gives) / 2
        return (sqrt(half * half + gives * (air - AIR * room)) - half) / gives

    def _room(self, t_us: int) -> float:
        """Of what is one with the bladder, mL, without what its walls give way."""
        loose = self.faults.active.get("unwrapped")
        room = self.size.bladder + (float(loose["ml"]) if loose else -self._volume(t_us, self._p))
        return room if self._parted else room + self.size.hose

    def _step(self) -> None:
        active = self.faults.active
        size = self.size
        seconds = STEP_US * 1e-6
        parted = self._parted
        valves_p = (0.0 if "off" in active else self._hose_p) if parted else self._p
        powered = self.limiter.look(self._now_us, valves_p)
        flow = self._valves(valves_p, powered) * AIR
        leak = float(active["leak"]["g"]) if "leak" in active else 0.0
        own = -_orifice(leak, self._p) * AIR
        if not parted:
            own += flow
        elif "off" in active:
            own -= _orifice(size.dump, self._p) * AIR
        else:
            across = float(active["kink"]["passes"]) * (self._hose_p - self._p) * AIR
            own += across
            self._hose_air += (flow - across) * seconds
            self._hose_p = self._hose_air / size.hose - AIR
        self._flow = own * 1e-6
        self._air += own * seconds
        self._now_us += STEP_US
        self._p = self._pressure_of(self._air, self._now_us)
        self.most = max(self.most, self._p)

    def _valves(self, p: float, powered: bool) -> float:
        """mL/s from pump and valves."""
        active = self.faults.active
        size = self.size
        turns = (self._pump or "pump-on" in active) and powered and "pump-dead" not in active
        flow = size.flow * max(1 - p / size.stall, 0.0) if turns else 0.0
        duty = 1.0 if "bleed-open" in active else 0.0 if "bleed-blocked" in active else self._bleed / 100
        if duty > size.dead:
            flow -= _orifice(size.bleed * ((duty - size.dead) / (1 - size.dead)) ** 1.5, p)
        if ("dump-open" in active or not (powered and self._closed)) and "dump-blocked" not in active:
            flow -= _orifice(size.dump, p)
        return flow

    def _changed(self, kind: str, params: dict[str, Value] | None) -> None:
        if kind == "unwrapped" and params is None:  # who wraps it anew presses out what air is too much
            self._air = (self._p + AIR) * (self._room(self._now_us) + self.size.gives * self._p)
        self._rejoin()

    def _rejoin(self) -> None:
        """The hose has been parted from the bladder, or joined to it again."""
        if self._parted == bool(self._hose_air):
            return
        hose = self.size.hose
        if self._parted:
            self._hose_p = self._p
            self._hose_air = (self._p + AIR) * hose
            self._air -= self._hose_air
        else:
            self._air += self._hose_air
            self._hose_air = 0.0
        self._flow = 0.0
        self._p = self._pressure_of(self._air, self._now_us)


def _orifice(g: float, p: float) -> float:
    return copysign(g * sqrt(abs(p)), p)
