"""A plunger without mass between a pusher and a liquid, solved exactly from event to event.

The pusher presses the seal, a spring, only where it touches: in front of its slack, or, when it holds the plunger's
head, behind it. The liquid presses back. Friction holds the plunger until the difference breaks it away; then it slides
where the difference equals the kinetic friction, and it sticks again when it gets slow. Between two such events the
pressure is an exponential in time, so no step is too long, and looking in between changes nothing.
"""

from collections import deque
from math import exp, expm1, inf, log, log1p
from typing import NamedTuple

from assuage_rig.plant.line import Way
from assuage_rig.plant.mechanics import Seal

_TOUCH = 1e-6  # nL; nearer than that is contact
_PA, _NL = 1e-6, 1e-7  # by which friction must be beaten and contact be lost, so that rounding does neither
_AN_INSTANT = 1e-9  # s
_EVENTS = 10_000  # in one stretch; more would be a fault of this file
_HELD, _SLIDING, _FLOATING = range(3)


class Moment(NamedTuple):
    """n pusher, u plunger, out: nL since the beginning; p pressure, f force over area, Pa."""

    n: float
    u: float
    p: float
    f: float
    out: float


class _Stretch(NamedTuple):
    """A stretch of time in which nothing changed its ways. drift: speed of floating, else where contact is."""

    began: float
    mode: int
    was: Moment
    nu: float
    drift: float
    end: float
    tau: float
    seal: Seal
    compliance: float
    held: bool

    def later(self, t: float) -> Moment:
        """The state t seconds after it began."""
        mode, was, seal = self.mode, self.was, self.seal
        n = was.n + self.nu * t
        if mode == _FLOATING:
            moved = self.drift * t
            return Moment(n, was.u + moved, was.p, 0.0, was.out + moved)
        change = (was.p - self.end) * expm1(-t / self.tau)
        if mode == _HELD:
            f = _spring(seal, n - was.u, self.held)
            return Moment(n, was.u, was.p + change, f, was.out - self.compliance * change)
        f = was.f + change
        u = n + self.drift - seal.seal * f
        return Moment(n, u, was.p + change, f, was.out + (u - was.u) - self.compliance * change)


def _spring(seal: Seal, gap: float, held: bool) -> float:
    """Force over area of a seal that is pressed by gap, nL, or pulled."""
    if gap > 0:
        return gap / seal.seal
    if held and gap < -seal.slack:
        return (gap + seal.slack) / seal.seal
    return 0.0


class Plunger:
    """Volumes in nL, n: of the pusher, u: of the plunger; p: pressure of the liquid, Pa; out: nL that have left.

    `full` is the volume at which the plunger meets the barrel's end. `held` is True while the pusher holds the head.
    """

    KEPT = 512

    def __init__(self, seal: Seal, way: Way, line_compliance: float, full: float) -> None:
        self.t = 0.0
        self.out = 0.0
        self._past: deque[_Stretch] = deque(maxlen=self.KEPT)
        self.fit(seal, way, line_compliance, full, True)

    def fit(self, seal: Seal, way: Way, line_compliance: float, full: float, held: bool) -> None:
        """A rested full syringe at the pressure outside, its pusher as far from it as the slack allows."""
        self.seal = seal
        self._least = _PA + _NL / seal.seal
        self.full = full
        self.u = 0.0
        self.n = -seal.slack
        self.held = held
        self._mode = _HELD
        self._sign = 1
        self._back = False
        self._rested_at = self.t
        self.p = way.outside
        self.lead(way, line_compliance)

    def lead(self, way: Way, line_compliance: float) -> None:
        """Another way out. line_compliance: of what is open to the syringe."""
        self.g = way.g
        self.outside = way.outside
        self.compliance = self.seal.barrel + line_compliance

    def grip(self, seal: Seal, held: bool) -> None:
        """Another friction, or the head caught or let go: the plunger stands until it breaks away again."""
        self.seal = seal
        self.held = held
        self.stand()

    def stand(self) -> None:
        """Something has jolted the plunger's balance: it is looked at as if it stood."""
        if self._mode != _HELD:
            self._mode = _HELD
            self._rested_at = self.t + self.seal.rest_s

    @property
    def f(self) -> float:
        """Force on the pusher over the plunger's area, Pa; negative when it pulls."""
        return _spring(self.seal, self.n - self.u, self.held)

    def now(self) -> Moment:
        """All of it."""
        return Moment(self.n, self.u, self.p, self.f, self.out)

    def at(self, t: float) -> Moment:
        """All of it at a time that is not long ago, s."""
        for stretch in reversed(self._past):
            if stretch.began <= t:
                return stretch.later(t - stretch.began)
        return self._past[0].was if self._past else self.now()

    def live(self, seconds: float, nu: float) -> None:
        """Time passes, with the pusher moving at nu nL/s."""
        for _ in range(_EVENTS):
            if self._mode == _SLIDING:
                seconds -= self._slide(seconds, nu)
            elif self._mode == _HELD:
                seconds -= self._hold(seconds, nu)
            else:
                seconds -= self._float(seconds, nu)
            if seconds <= 0:
                return
        raise RuntimeError(f"the plunger finds no rest at {self.t:.6f} s: {self.now()}")

    # -- the three ways to be ----------------------------------------------------------------------------------------
    def _hold(self, seconds: float, nu: float) -> float:
        """The plunger stands; the liquid finds its level, the spring is wound. Returns how long that was so."""
        seal = self.seal
        slack = seal.slack
        gap = self.n - self.u
        slope = 0.0
        meets = inf  # where the pusher then stands
        if gap > _TOUCH or (nu >= 0 and gap > -_TOUCH):
            slope = nu / seal.seal
            if nu < 0:
                seconds, meets = _sooner(seconds, -gap / nu, self.u)
        elif self.held and (gap + slack < -_TOUCH or (nu <= 0 and gap + slack < _TOUCH)):
            slope = nu / seal.seal
            if nu > 0:
                seconds, meets = _sooner(seconds, -(gap + slack) / nu, self.u - slack)
        elif nu > 0:
            seconds, meets = _sooner(seconds, -gap / nu, self.u)
        elif nu < 0 and self.held:
            seconds, meets = _sooner(seconds, -(gap + slack) / nu, self.u - slack)
        limit = seal.restick
        if self.t >= self._rested_at:
            limit = seal.breakaway
        elif self._rested_at - self.t < seconds:
            seconds, meets = self._rested_at - self.t, inf
        limit = max(limit, seal.kinetic + self._least)
        up = inf if self.u >= self.full else limit

        p, tau = self.p, self.compliance / self.g
        excess = p - self.outside
        first, last = slope + excess / tau, slope + excess / tau * exp(-seconds / tau)
        if first * last < 0:  # the difference turns within: look at each side alone
            turn = -tau * log(-slope * tau / excess)
            if _AN_INSTANT < turn < seconds:
                seconds, meets = turn, inf
        f = self.f

        def difference(t: float) -> float:
            return f + slope * t - p - excess * expm1(-t / tau)

        end = difference(seconds)
        breaks = end > up or end < -limit
        if breaks:
            bound = up if end > up else -limit
            outward = 1 if end > up else -1
            low, high = 0.0, seconds
            if (difference(0.0) - bound) * outward >= 0:
                high = 0.0
            while high - low > _AN_INSTANT and low < (middle := (low + high) / 2) < high:
                if (difference(middle) - bound) * outward >= 0:
                    high = middle
                else:
                    low = middle
            seconds, meets = high, inf
        self._go(seconds, _HELD, nu, 0.0, self.outside, tau)
        if meets != inf:
            self.n = meets
        if breaks:
            self._break_away(1 if end > 0 else -1)
        return seconds

    def _slide(self, seconds: float, nu: float) -> float:
        """Pusher, seal and plunger move together; the seal gives or takes what the pressure changes."""
        seal, sign = self.seal, self._sign
        both = self.compliance + seal.seal
        tau = both / self.g
        flow = self.g * (self.p - self.outside)
        rise = (nu - flow) / both
        speed = (self.compliance * nu + seal.seal * flow) / both
        creep = sign * seal.creep
        mode = _SLIDING
        if (speed - creep) * sign <= 0:
            self.stand()
            return 0.0
        end = nu + (speed - nu) * exp(-seconds / tau)
        if (end - creep) * sign <= 0:
            if creep != nu:
                seconds = min(seconds, tau * log((speed - nu) / (creep - nu)))
            mode = _HELD
        f = self.p + sign * seal.kinetic
        then = f - rise * tau * expm1(-seconds / tau)
        if then > self._least if self._back else then < -self._least:
            if rise == 0 or f / (rise * tau) <= -1:
                return self._lose_touch()
            seconds, mode = min(seconds, max(0.0, -tau * log1p(f / (rise * tau)))), _FLOATING
        self._go(seconds, _SLIDING, nu, seal.slack if self._back else 0.0, self.outside + nu / self.g, tau)
        if mode == _HELD:
            self.stand()
        elif mode == _FLOATING:
            self._lose_touch()
        return seconds

    def _lose_touch(self) -> float:
        self._mode = _FLOATING
        return 0.0

    def _float(self, seconds: float, nu: float) -> float:
        """Nobody pushes: the liquid draws the plunger, or pushes it, as fast as the line lets it."""
        seal, sign = self.seal, self._sign
        speed = self.g * (self.p - self.outside)
        if (speed - sign * seal.creep) * sign <= 0:
            self.stand()
            return 0.0
        gap = self.n - self.u
        mode, back, ends = _FLOATING, self._back, False
        if nu >= speed:
            if gap > -_TOUCH:
                return self._touch(False)
            if -gap / (nu - speed) <= seconds:
                seconds, mode, back = -gap / (nu - speed), _SLIDING, False
        elif self.held:
            if gap < _TOUCH - seal.slack:
                return self._touch(True)
            if (gap + seal.slack) / (speed - nu) <= seconds:
                seconds, mode, back = (gap + seal.slack) / (speed - nu), _SLIDING, True
        if speed > 0 and self.full - self.u <= speed * seconds:
            seconds, mode, ends = max(0.0, self.full - self.u) / speed, _HELD, True
        self._go(seconds, _FLOATING, nu, speed, 0.0, 1.0)
        if ends:
            self.u = self.full
            self.stand()
        elif mode == _SLIDING:
            self._touch(back)
        return seconds

    def _touch(self, back: bool) -> float:
        self._mode = _SLIDING
        self._back = back
        return 0.0

    # -- inside ------------------------------------------------------------------------------------------------------
    def _break_away(self, sign: int) -> None:
        """The plunger jumps, in no time, to where only kinetic friction is left."""
        seal, n, u, p = self.seal, self.n, self.u, self.p
        friction = sign * seal.kinetic
        stiffness = 1 / seal.seal + 1 / self.compliance
        front = u + ((n - u) / seal.seal - p - friction) / stiffness
        behind = u + ((n + seal.slack - u) / seal.seal - p - friction) / stiffness
        if front <= n:
            self._mode, self._back, u = _SLIDING, False, front
        elif self.held and behind >= n + seal.slack:
            self._mode, self._back, u = _SLIDING, True, behind
        else:
            self._mode, u = _FLOATING, u - self.compliance * (p + friction)
        self._sign = sign
        self.p += (u - self.u) / self.compliance
        self.u = u

    def _go(self, seconds: float, mode: int, nu: float, drift: float, end: float, tau: float) -> None:
        stretch = _Stretch(
            self.t, mode, self.now(), nu, drift, end, tau, self.seal, self.compliance, self.held
        )  # fmt: skip
        self._past.append(stretch)
        self.n, self.u, self.p, _, self.out = stretch.later(seconds)
        self.t += seconds


def _sooner(seconds: float, other: float, place: float) -> tuple[float, float]:
    """The sooner of two times, and the place if it is the other."""
    return (other, place) if other <= seconds else (seconds, inf)
