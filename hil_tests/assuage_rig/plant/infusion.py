"""From the shaft to the vein: what the force sensor feels, what leaves the syringe, and what the patient truly gets.

Nothing is computed until somebody looks. Then the time since the last look is lived through in stretches that end
where the shaft's speed, the screw's slope or the line changes, each solved exactly; so it is the same however often
one looks.
A step is not a jump: its motion is spread over the period that follows it, so the pusher is up to a step behind.
"""

from collections import deque
from collections.abc import Callable
from math import inf
from typing import TypeGuard

from assuage_rig.clock import NEVER, Clock
from assuage_rig.faults import Faults, Kind
from assuage_rig.plant.line import Line, Tubing
from assuage_rig.plant.mechanics import REALISTIC, Mechanism, Screw, seal_of
from assuage_rig.plant.plunger import Plunger
from assuage_rig.plant.syringe import Shaft, Syringe

_PENDING = 256  # moves remembered before they are lived through although nobody looks

_SURE = 0.9  # of the way to the force that stalls the motor; a crooked screw may be quicker than its lead

SYRINGE_KINDS = {
    "plunger": Kind("the plunger's head has come out of the pusher, which can only push it now"),
    "barrel": Kind("the barrel's clamp is open; nothing else comes of it"),
    "flange": Kind("the barrel's flange is not in its slot; nothing else comes of it"),
    "friction": Kind("the plunger is harder, or easier, to move", {"factor": (3.0, 0.0, 20.0)}),
}


WRONG_SYRINGE = Kind(
    "another full syringe is in the drive, of this bore and volume, and mending puts in a full one of the right kind",
    {"bore_um": (19_130, 4_000, 40_000), "ml": (20, 1, 100)},
)
"""Needs a circuit, which has syringes to put in."""


class Infusion:
    """One syringe in its drive, its line and the patient's end of it.

    Volumes count since the rig began, whatever syringe was in: patient_nl, spilled_nl. Positions count since this
    syringe was fitted. Times are the rig's, us; without one, now; one that is past may be up to half a second past.
    """

    def __init__(
        self, clock: Clock, shaft: Shaft, mechanism: Mechanism = REALISTIC, tubing: Tubing | None = None
    ) -> None:
        self._clock = clock
        self._shaft = shaft
        self.mechanism = mechanism
        self._moves: deque[tuple[int, int, int, int]] = deque()  # first_us, period_us, count, milli
        self._legs: deque[tuple[float, int]] = deque()  # where the shaft goes and when it is there
        self._goal = 0.0  # where it goes in the end
        self._at = 0.0  # and is, in thousandths of a step
        self._now_us = float(clock.now_us)
        self._patient = 0.0
        self._spilled = 0.0
        self.line = Line(tubing or Tubing(), self._change, self._passed)
        self.faults = Faults("syringe", {**SYRINGE_KINDS, "wrong": WRONG_SYRINGE}, self._change)
        self._changed = False
        self._samplers: list[tuple[int, int, Callable[[float], None]]] = []  # next time, interval, who is told
        self._mark_us = NEVER  # the first of these times
        self._way = self.line.way()
        self._screw = Screw(shaft.syringe, mechanism)
        self._zero = 0.0
        self.plunger = Plunger(seal_of(shaft.syringe, mechanism), self._way, self.line.tubing.compliance, inf)
        self.fitted(shaft.steps * 1000)
        shaft.follower = self

    # -- what is seen ------------------------------------------------------------------------------------------------
    @property
    def syringe(self) -> Syringe:
        """The one that is fitted."""
        return self._shaft.syringe

    @property
    def patient_nl(self) -> float:
        """Volume that the patient has got, nL; less than before when blood has come back into the line."""
        self._look()
        return self._patient

    @property
    def spilled_nl(self) -> float:
        """Volume that has left the syringe beside the patient, nL."""
        self._look()
        return self._spilled

    @property
    def plunger_nl(self) -> float:
        """Volume that the plunger has truly swept in this syringe, nL."""
        self._look()
        return self.plunger.u

    @property
    def pusher_nl(self) -> float:
        """Where the pusher is, as volume, nL: 0 where it would touch the plunger of a full syringe."""
        self._look()
        return self.plunger.n

    @property
    def stored_nl(self) -> float:
        """Volume that syringe and line hold above that which they hold without pressure, nL."""
        self._look()
        tubing, plunger = self.line.tubing, self.plunger
        parted = (1 - self._way.attached) * tubing.compliance * self.line.pressure
        return plunger.compliance * plunger.p + parted

    @property
    def compliance(self) -> float:
        """What gives way to pressure while the plunger slides: seal, barrel and line, nL/Pa."""
        return self.plunger.seal.seal + self.plunger.compliance

    def force_n(self, t_us: int | None = None) -> float:
        """Force of the plunger's head on the pusher, N; negative when it pulls."""
        return self.force_mn(t_us) / 1000

    def force_mn(self, t_us: int | None = None) -> float:
        """The same in mN."""
        f = self.plunger.at(t_us * 1e-6).f if self._is_past(t_us) else self.plunger.f
        return f * self._area_mm2 * 1e-3

    def pressure_pa(self, t_us: int | None = None) -> float:
        """Pressure in the syringe above that of the air, Pa."""
        return self.plunger.at(t_us * 1e-6).p if self._is_past(t_us) else self.plunger.p

    @property
    def air(self) -> bool:
        """Whether a bubble is at the air detector."""
        return self.line.air_at_detector(self._passed())

    @property
    def switches(self) -> tuple[bool, bool, bool]:
        """Plunger's head held, barrel clamped, flange in its slot."""
        active = self.faults.active
        return "plunger" not in active, "barrel" not in active, "flange" not in active

    def sample(self, every_us: int, mark: Callable[[float], None]) -> None:
        """Has somebody told patient_nl after every so many us, whoever looks in between."""
        self._look()
        self._samplers.append((self._clock.now_us + every_us, every_us, mark))
        self._mark_us = min(due_us for due_us, _, _ in self._samplers)

    def settle(self) -> None:
        """Lives through the time up to now."""
        self._look()

    # -- the shaft ---------------------------------------------------------------------------------------------------
    def moved(self, first_us: int, period_us: int, count: int, milli: int) -> None:
        """The shaft has moved; see Follower."""
        moves = self._moves
        if moves:
            begin, period, before, each = moves[-1]
            if period == period_us and each == milli and first_us == begin + before * period:
                moves[-1] = (begin, period, before + count, each)
                return
            if len(moves) >= _PENDING:
                self._live(first_us)
        moves.append((first_us, period_us, count, milli))

    def fitted(self, milli: int) -> None:
        """Another syringe is in, its line filled and connected, at rest; see Follower."""
        self._live(self._clock.now_us)
        self._moves.clear()
        self._legs.clear()
        self._goal = self._at = float(milli)
        syringe = self.syringe
        self._area_mm2 = syringe.area_mm2
        self._way = self.line.way()
        self._changed = False
        self.line.fill(self._way)
        self._screw = Screw(syringe, self.mechanism)
        seal = seal_of(syringe, self.mechanism, self._friction)
        self._zero = self._screw.nl(self._at) + seal.slack
        self.plunger.fit(seal, self._way, self._open_compliance, float(syringe.capacity_nl), self.switches[0])

    def reach(self, t_us: int, milli: int) -> int:
        """As if the plunger stood: then the seal is wound until the force is the motor's greatest; see Follower."""
        if self.mechanism.stall_n == inf:
            return NEVER
        self._live(t_us)
        most = self.plunger.u + self.plunger.seal.seal * self.mechanism.stall_n / self._area_mm2 * 1e6
        step_nl = self.syringe.nl_per_step / 1000
        return milli + int(_SURE * (most - (self._screw.nl(milli) - self._zero)) / step_nl)

    # -- inside ------------------------------------------------------------------------------------------------------
    @property
    def _open_compliance(self) -> float:
        return self.line.tubing.compliance * self._way.attached

    @property
    def _friction(self) -> float:
        return float(self.faults.active["friction"]["factor"]) if "friction" in self.faults.active else 1.0

    def _passed(self) -> float:
        """Volume that has gone into the line."""
        self._look()
        return self.plunger.out - self._spilled

    def _look(self) -> None:
        self._shaft.steps  # noqa: B018  (it follows the drive)
        self._live(self._clock.now_us)

    def _is_past(self, t_us: int | None) -> TypeGuard[int]:
        """Whether the plant has lived on since then; if not, it lives until then."""
        if t_us is not None and t_us < self._now_us:
            return True
        self._shaft.steps  # noqa: B018
        self._live(self._clock.now_us if t_us is None else t_us)
        return False

    def _change(self) -> None:
        """Something about the line or the syringe is about to change."""
        self._look()
        self._changed = True

    def _apply(self) -> None:
        """It has changed."""
        self._changed = False
        old, new = self._way, self.line.way()
        plunger, line = self.plunger, self.line
        self._way = new
        joined = new.attached - old.attached
        if joined < 0:  # what is parted now mixes with what was before
            line.pressure += (plunger.p - line.pressure) * -joined / (1 - new.attached)
        elif joined > 0:
            extra = joined * line.tubing.compliance
            plunger.p += (line.pressure - plunger.p) * extra / (plunger.compliance + extra)
            plunger.stand()
        plunger.lead(new, self._open_compliance)
        seal = seal_of(self.syringe, self.mechanism, self._friction)
        if seal != plunger.seal or self.switches[0] != plunger.held:
            plunger.grip(seal, self.switches[0])

    def _live(self, to_us: float) -> None:
        """Lives until then, as far as it has not. All that the shaft does until then is known."""
        if self._changed:
            self._apply()
        while self._now_us < to_us:
            while self._moves and self._moves[0][0] <= self._now_us:
                self._begin(*self._moves.popleft())
            end = min(to_us, self._mark_us, self._moves[0][0] if self._moves else inf)
            at, speed = self._at, 0.0
            if self._legs:
                goal, goal_us = self._legs[0]
                rate = (goal - at) / (goal_us - self._now_us)
                knot = self._screw.knot(at, rate > 0)
                knot_us = self._now_us + (knot - at) / rate if rate else inf
                if knot_us < min(end, goal_us):
                    end, at = knot_us, knot
                elif goal_us <= end:
                    end, at = goal_us, goal
                    self._legs.popleft()
                else:
                    at += rate * (end - self._now_us)
                nut = self._screw.nl(at) - self._zero
                speed = (nut - self.plunger.n) / (end - self._now_us) * 1e6
            self._pass(end, speed)
            if at != self._at:
                self.plunger.n = nut
                self._at = at
            if end == self._mark_us:
                self._tell()

    def _tell(self) -> None:
        """Tells all who are to be told now."""
        now, told = self._mark_us, []
        for due_us, every_us, mark in self._samplers:
            if due_us == now:
                mark(self._patient)
                due_us += every_us
            told.append((due_us, every_us, mark))
        self._samplers = told
        self._mark_us = min(due_us for due_us, _, _ in told)

    def _begin(self, first_us: int, period_us: int, count: int, milli: int) -> None:
        """The first of some moves is made: the pusher follows, to be there when the next one is due."""
        before, self._goal = self._goal, self._goal + count * milli
        self._legs.clear()
        self._legs.append((before + milli, first_us + period_us))
        if count > 1:
            self._legs.append((self._goal, first_us + count * period_us))

    def _pass(self, end_us: float, speed: float) -> None:
        """Time passes with the pusher at this speed; what leaves goes where the line leads."""
        plunger, way = self.plunger, self._way
        seconds = (end_us - self._now_us) * 1e-6
        before = plunger.out
        plunger.live(seconds, speed)
        plunger.t = end_us * 1e-6
        self._now_us = end_us
        out = plunger.out - before
        if way.onward == way.g:
            onward = out
        else:
            onward = way.onward * (out / way.g + (way.outside - way.vein) * seconds)
        self._patient += onward
        self._spilled += out - onward
        if way.attached < 1:
            self._patient += self.line.drain(seconds, way)
