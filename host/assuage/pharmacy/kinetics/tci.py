"""Target-controlled infusion: a target concentration becomes a rate, period by period, within limits.

Each period the controller is told what was really given and asks for the next rate, which holds for one period only;
nobody has to go on. So a host that is lost leaves the pump with a rate whose permission runs out, and with what its
programme says for that. One model is chosen by name: what the others would have in plasma is for the prediction.

Loading, at its own limit, is for a target that a person has set: once that is reached, or the target lowered, only the
limit of the rate counts, also where the concentration has fallen since.
"""

from __future__ import annotations

import copy
import math
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import Final, Literal

from assuage.errors import BadInput, Refused
from assuage.pharmacy.kinetics.body import Body
from assuage.pharmacy.kinetics.course import Course, concentration, course
from assuage.pharmacy.kinetics.programme import NOW, Given, Infusion, Programme, amount, ends
from assuage.pharmacy.kinetics.regulator import NEAR, Regulator
from assuage.pharmacy.quantities import Concentration, DoseRate, Mass, Time
from assuage.pharmacy.substances import Substance

Site = Literal["plasma", "effect"]
Phase = Literal["loading", "holding", "waiting"]

PERIOD: Final = Time.of(10, "s")
NONE: Final = DoseRate.of(0, "mg/h")
_SHORTEST, _LONGEST = Time.of(1, "s"), Time.of(1, "min")
_FINEST: Final = 10**6  # parts of a mg/h to which a rate is rounded, downwards


@dataclass(frozen=True, slots=True)
class Limits:
    """rate: while a target is held; loading: while it is first reached; total: of the whole; within: in any stretch of
    so long, no more than so much. least: the slowest that the pump gives while it runs, None: it can stand."""

    rate: DoseRate
    loading: DoseRate
    total: Mass | None = None
    within: tuple[tuple[Mass, Time], ...] = ()
    least: DoseRate | None = None


@dataclass(frozen=True, slots=True)
class Ask:
    """What is asked for next. limited_by: which limit holds it back, or nothing. plasma and site: what will come of it
    at the end of the period, by this model."""

    rate: DoseRate
    lasts: Time
    phase: Phase
    limited_by: str
    plasma: Concentration
    site: Concentration | None


def _pieces(part: Given | Infusion) -> Iterator[tuple[float, float]]:
    """What was given by which minute, in pieces of a minute: a piece counts until all of it has left a stretch."""
    until, mg = ends(part).approximate("min"), amount(part).approximate("mg")
    minutes = part.lasts.approximate("min") if isinstance(part, Infusion) else 1.0
    pieces = max(1, math.ceil(minutes))
    for n in range(pieces):
        yield until - n * minutes / pieces, mg / pieces


@dataclass
class _Ledger:
    """What was given, mg by min, and how much more may be."""

    total: float | None
    within: list[tuple[float, float]]
    given: float = 0.0
    entries: list[deque[tuple[float, float]]] = field(default_factory=list)
    sums: list[float] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.entries = [deque() for _ in self.within]
        self.sums = [0.0] * len(self.within)

    def copy(self) -> _Ledger:
        """The same, for a plan."""
        made = replace(self)
        made.given, made.entries, made.sums = self.given, [deque(each) for each in self.entries], list(self.sums)
        return made

    def give(self, until: float, mg: float) -> None:
        self.given += mg
        for n, entries in enumerate(self.entries):
            entries.append((until, mg))
            self.sums[n] += mg

    def left(self, now: float) -> tuple[float, str]:
        """mg that may be given from now on, and which limit says so. What has not wholly left a stretch by now counts:
        it is in one with the first drop of what is given next, though not with the last."""
        left, by = (float("inf"), "") if self.total is None else (self.total - self.given, "the total")
        for n, (most, minutes) in enumerate(self.within):
            entries = self.entries[n]
            while entries and entries[0][0] <= now - minutes:
                self.sums[n] -= entries.popleft()[1]
            if not entries:
                self.sums[n] = 0.0
            if most - self.sums[n] < left:
                left, by = most - self.sums[n], f"what may be given in {minutes / 60:g} h"
        return max(0.0, left * (1 - 1e-12)), by


class Controller:
    """Of one infusion. before: all that was given until `now`, by any route: it is in the body, and counts for the
    limits of what is given in all. counted: counts for these alone, for the model does not know how it comes in. Raises
    BadInput, and Refused where the model does not fit what is asked."""

    def __init__(
        self, body: Body, site: Site, target: Concentration, limits: Limits, *,
        period: Time = PERIOD, before: Programme | None = None, now: Time = NOW, counted: Programme | None = None,
    ) -> None:  # fmt: skip
        if site == "effect" and body.system.effect is None:
            why = f"{body.model.name} has no effect site. {body.model.no_effect_site}"
            raise Refused("no-effect-site", f"{why} Take plasma as the target, or another model.", by="host")
        if not _SHORTEST <= period <= _LONGEST:
            raise BadInput("period", f"The period of a target must be between {_SHORTEST} and {_LONGEST}.")
        if limits.loading < limits.rate:
            raise BadInput("loading", "The limit while loading cannot be below the limit of the rate.")
        self.period, self.limits, self._body = period, limits, body
        least = NONE if limits.least is None else limits.least
        if least > limits.rate:
            raise BadInput("least", f"The slowest rate, {least}, is above the limit of the rate, {limits.rate}.")
        self._regulator = Regulator(
            body.system, period.approximate("min"), site == "effect", least.approximate("mg/min")
        )
        given = Programme(body.model.of) if before is None else before.until(now)
        self._now = now.approximate("min")
        self._courses: list[tuple[float, Course]] = []  # from which minute they count, of what may still come in
        self._state = self._regulator.begin(body.system.empty)
        self._come(given, 0.0)
        self._ledger = _Ledger(
            None if limits.total is None else limits.total.approximate("mg"),
            # The slowest rate goes on where a limit says nothing more may be given: it is kept free for that.
            [((mass - least * time).approximate("mg"), time.approximate("min")) for mass, time in limits.within],
        )
        self._caps = (
            (limits.rate.approximate("mg/min"), "the limit of the rate"),
            (limits.loading.approximate("mg/min"), "the limit while loading"),
        )
        self._count((*given.parts, *(() if counted is None else counted.until(now).parts)), 0.0)
        self._loading = False
        self._target = 0.0
        self.aim(target)

    def aim(self, target: Concentration) -> None:
        """Sets the target; a higher one may be loaded to."""
        self._target = target.approximate("mcg/mL")
        self._loading = self._regulator.level(self._state) < NEAR * self._target

    def charted(self, given: Programme, counted: Programme) -> None:
        """More was given than was known until now, which is the zero of both; counted: as at first."""
        self._come(given, self._now)
        self._count((*given.parts, *counted.parts), self._now)

    def stood(self) -> None:
        """The pump has stood still: what was missed is not loaded again, unless a person sets the target anew."""
        self._loading = False

    @property
    def loading(self) -> bool:
        """Whether a target that a person has set is still to be reached."""
        return self._loading

    @property
    def plasma(self) -> Concentration:
        """By this model, of what has been given until now."""
        return concentration(self._regulator.plasma(self._state))

    @property
    def site(self) -> Concentration | None:
        """The same at the effect site; None where the model has none."""
        return None if self._body.system.effect is None else concentration(self._state[-1])

    def ask(self) -> Ask:
        """What it would ask for next; asking changes nothing."""
        rate, phase, by = self._rate()
        ends = self._regulator.after(self._state, rate)
        limit = self.limits.loading if self._loading else self.limits.rate
        exact = min(Fraction(int(rate * 60 * _FINEST), _FINEST), limit.number("mg/h"))
        return Ask(
            DoseRate.of(exact, "mg/h"), self.period, phase, by, concentration(self._regulator.plasma(ends)),
            None if self._body.system.effect is None else concentration(ends[-1]),
        )  # fmt: skip

    def went(self, rate: DoseRate, lasts: Time | None = None) -> None:
        """What was really given since, and for how long: a period where nothing else is said."""
        minutes = self._regulator.period if lasts is None else lasts.approximate("min")
        self._state = self._regulator.meanwhile(self._state, rate.approximate("mg/min"), minutes)
        for zero, one in self._courses:
            more = one.comes(self._now - zero, self._now + minutes - zero)
            if more is not None:
                self._state = [a + b for a, b in zip(self._state, self._regulator.begin(more), strict=True)]
        self._now += minutes
        self._reached(rate.approximate("mg/min") * minutes)

    def ahead(self) -> Callable[[Time, Time], Plan]:
        """What it will ask for from the present on, as plan(), to be reckoned by whoever wants it: for so long, in such
        steps, if the target stays. Nothing of this one is changed by it, nor it by what becomes of this one."""
        twin = copy.copy(self)
        twin._ledger = self._ledger.copy()

        def plan(lasts: Time, period: Time) -> Plan:
            twin.period = period
            twin._regulator = twin._regulator.every(period.approximate("min"))
            return twin.plan(lasts)

        return plan

    def plan(self, lasts: Time, changes: Iterable[tuple[Time, Concentration]] = ()) -> Plan:
        """What it will ask for, should all be given as asked; changes: of the target, by time from now. This uses the
        controller up: make a new one to run."""
        later = deque(sorted(((at.approximate("min"), to) for at, to in changes), key=lambda one: one[0]))
        regulator, period = self._regulator, self._regulator.period
        began = self._now
        made = Plan(self.period, [], [regulator.plasma(self._state)], [regulator.level(self._state)])
        for n in range(int(lasts / self.period)):
            while later and later[0][0] <= n * period + 1e-9:
                self.aim(later.popleft()[1])
            rate = self._rate()[0]
            self._state = regulator.after(self._state, rate)
            self._now = began + (n + 1) * period
            self._reached(rate * period)
            made.rates.append(rate)
            made.plasma.append(regulator.plasma(self._state))
            made.level.append(regulator.level(self._state))
        return made

    def _rate(self) -> tuple[float, Phase, str]:
        wanted = self._regulator.rate(self._state, self._target)
        period = self._regulator.period
        cap, by = self._caps[self._loading]
        left, of = self._ledger.left(self._now)
        if left < cap * period:
            cap, by = left / period, of
        least = self._regulator.least
        phase: Phase = "loading" if self._loading else "holding" if wanted > least else "waiting"
        return (max(cap, least), phase, by) if wanted > cap else (wanted, phase, "")

    def _come(self, given: Programme, zero: float) -> None:
        """Into the body; its times count from that minute."""
        found = course(self._body, given)
        state = self._regulator.begin(found.state(self._now - zero))
        self._state = [a + b for a, b in zip(self._state, state, strict=True)]
        if found.times and found.times[-1] > self._now - zero:
            self._courses.append((zero, found))

    def _count(self, parts: Iterable[Given | Infusion], zero: float) -> None:
        """For the limits of what is given in all."""
        for until, mg in sorted(piece for part in parts for piece in _pieces(part)):
            self._ledger.give(zero + until, mg)

    def _reached(self, mg: float) -> None:
        self._ledger.give(self._now, mg)
        if self._loading and self._regulator.level(self._state) >= NEAR * self._target:
            self._loading = False


@dataclass(frozen=True)
class Plan:
    """rates: mg/min of each period; plasma and level: mg/L at the beginning and at the end of each, level of what is
    regulated."""

    period: Time
    rates: list[float]
    plasma: list[float]
    level: list[float]

    def __iter__(self) -> Iterator[tuple[Time, DoseRate, Concentration]]:
        """When, which rate from then on, and what will be in plasma then."""
        for n, (rate, plasma) in enumerate(zip(self.rates, self.plasma, strict=False)):
            yield self.period * n, DoseRate.estimate(rate * 60, "mg/h"), concentration(plasma)

    def programme(self, substance: Substance, start: Time = NOW) -> Programme:
        """The same as infusions, for a prediction by other models."""
        parts, began = [], 0
        for n in range(1, len(self.rates) + 1):
            if n == len(self.rates) or self.rates[n] != self.rates[began]:
                rate = DoseRate.estimate(self.rates[began] * 60, "mg/h", 9)
                parts.append(Infusion(start + self.period * began, rate, self.period * (n - began)))
                began = n
        return Programme(substance, tuple(parts))

    @property
    def total(self) -> Mass:
        """Of all of it."""
        return Mass.estimate(sum(self.rates) * self.period.approximate("min"), "mg")
