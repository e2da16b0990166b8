"""How a target is followed: from what the pump has really given to the flow that is asked for next. No clock, no wire.

The rate that is asked for never passes the target for as long as it can last at all: until the next is due, and late,
and then until the permission of a host that died meanwhile has run out. So whenever the host is lost, the concentration
comes no higher than the target, by the model that was chosen. Times are ms of the caller's monotonic clock.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import Any, Final, Protocol

from assuage.bedside.target import Aim, doubts
from assuage.errors import Refused
from assuage.pharmacy.kinetics.body import Body, fitting
from assuage.pharmacy.kinetics.course import Course, concentration, course, known, no_route
from assuage.pharmacy.kinetics.programme import NOW, Given, Infusion, Programme
from assuage.pharmacy.kinetics.system import Floats
from assuage.pharmacy.kinetics.tci import PERIOD, Ask, Controller
from assuage.pharmacy.quantities import Concentration, DoseRate, Time
from assuage.pharmacy.substances import Substance
from assuage.pharmacy.whole import nl_per_min

SPARE: Final = Time.of(4, "s")  # that telemetry is old, an order takes, and the next look may be late
PART_MS: Final = 10_000  # that are kept as one
SAME: Final = Fraction(1, 200)  # of the rate: less is no reason to ask the pump for another one


AHEAD, COARSE = Time.of(24, "h"), Time.of(1, "min")  # how far, and in which steps, a plan is reckoned
LATELY: Final = Time.of(24, "h")


def must_know(body: Body, before: Programme) -> None:
    """Raises Refused where the model does not know how a dose of the last day comes in."""
    for part in known(body, before)[1].parts:
        if isinstance(part, Given) and part.at > NOW - LATELY:
            said = f"{part.dose} were given by {part.route} dose within the last day. {no_route(body, part.route)}"
            raise Refused("route", f"{said} Order by the rate instead of a target.", by="host")


class Had(Protocol):
    """What a patient has had. doubt: a sentence on what is not known of it, or "". hands: how many doses by hand;
    struck: how many more were charted in error."""

    @property
    def doubt(self) -> str:
        """See above."""

    @property
    def hands(self) -> int:
        """See above."""

    @property
    def struck(self) -> int:
        """See above."""

    def before(self, substance: Substance, without: int) -> Programme:
        """All until now, which is its zero, but what that programme gave."""

    def by_hand(self, substance: Substance, after: int) -> Programme:
        """The same of doses by hand, but the first so many."""


@dataclass
class _Other:
    """A model and the patient's state by it, `minute` after the zero of what it had at first."""

    body: Body
    state: Floats
    minute: float = 0.0
    courses: list[tuple[float, Course]] = field(default_factory=list)

    def had(self, given: Programme) -> None:
        """As far as the model knows it; its zero is now."""
        found = course(self.body, known(self.body, given)[0])
        self.state = self.state + found.state(0.0)
        self.courses.append((self.minute, found))

    def went(self, mg_min: float, minutes: float) -> None:
        """So much, for so long."""
        inputs = self.body.system.empty
        inputs[self.body.system.central] = mg_min
        self.state = self.body.system.after(self.state, inputs, minutes)
        for zero, one in self.courses:
            more = one.comes(self.minute - zero, self.minute + minutes - zero)
            self.state = self.state if more is None else self.state + more
        self.minute += minutes


@dataclass(frozen=True, slots=True)
class Next:
    """What is to flow: nL/min; whether the pump must be asked for it; and how it was found."""

    flow: int
    change: bool
    asked: Ask


@dataclass
class Following:
    """Of one programme. before: all that the patient has had of the substance until now, which is its zero. at, nl:
    when the pump said how much it had given of the programme."""

    aim: Aim
    lease: Time
    before: Programme
    at: int
    nl: int = 0
    period: Time = PERIOD
    parts: list[tuple[int, int, int]] = field(default_factory=list)  # from, until, nL: for what is ordered next

    def __post_init__(self) -> None:
        a = self.aim
        horizon = self.period + SPARE + self.lease
        self._zero = self.at
        had, unknown = known(a.body, self.before)
        self.control = Controller(
            a.body, a.site, a.target, a.limits, period=horizon, before=had, now=NOW, counted=unknown
        )  # fmt: skip
        self._others = [_Other(one, one.system.empty) for one in fitting(a.body.patient, a.body.model.of)[0]]
        for one in self._others:
            one.had(self.before)
        self._doubts = [*doubts(a), *self._missing(unknown)]

    def given(self, at: int, nl: int) -> None:
        """The pump has said that it had given so much in all by then."""
        ms, volume = at - self.at, nl - self.nl
        if ms <= 0 or volume < 0:
            return
        rate, lasts = self._rate(volume, ms), Time.of(Fraction(ms, 1000), "s")
        self.control.went(rate, lasts)
        for one in self._others:
            one.went(rate.approximate("mg/min"), lasts.approximate("min"))
        if self.parts and at - self.parts[-1][0] <= PART_MS:
            begin, _, more = self.parts.pop()
            self.parts.append((begin, at, more + volume))
        else:
            self.parts.append((self.at, at, volume))
        self.at, self.nl = at, nl

    def charted(self, given: Programme) -> None:
        """Doses by hand were charted, which nobody had told before; now is their zero."""
        had, unknown = known(self.aim.body, given)
        self.control.charted(had, unknown)
        for one in self._others:
            one.had(given)
        self._doubts += self._missing(unknown)
        self.before = Programme(
            self.before.substance, (*self.before.parts, *_moved(given, _minutes(self.at - self._zero)))
        )

    def anew(self, before: Programme) -> Following:
        """The same, where something that was given before or by hand was charted in error. before: all but what this
        programme gave, as it is known now, which is its zero. It loads only where this one does: a level that turns out
        to be lower is none that a person has set."""
        infused = self._infused(self.at)
        made = replace(self, before=Programme(before.substance, (*before.parts, *infused)), parts=[])
        if not self.control.loading:
            made.control.stood()
        return made

    def set(self, aim: Aim) -> None:
        """A person has set another target."""
        self.aim = aim
        self.control.aim(aim.target)

    def next(self, flow: int) -> Next:
        """What is to flow from now on, where so much flows now (nL/min)."""
        asked = self.control.ask()
        exact = nl_per_min(asked.rate / self.aim.solution.amount)
        wanted = max(self.aim.least, int(exact))
        near = not asked.limited_by and flow >= self.aim.least and abs(wanted - flow) <= SAME * wanted
        return Next(wanted, wanted != flow and not near, asked)

    def level(self) -> str:
        """What is regulated, now, by the chosen model."""
        site = self.control.site
        return _round(self.control.plasma if self.aim.site == "plasma" or site is None else site)

    def rate(self, flow: int) -> DoseRate:
        """What so many nL/min bring."""
        exact = self._rate(flow, 60_000)
        return DoseRate.estimate(exact.approximate("mg/h"), "mg/h", 4)

    def shown(self) -> dict[str, Any]:
        """What was set, and what is in the patient now: by the chosen model, and by all that fit."""
        a = self.aim
        each = {one.body.model.key: concentration(one.body.system.plasma(one.state)) for one in self._others}
        site = self.control.site
        predicted = {
            "plasma": _round(self.control.plasma),
            "effect": None if site is None else _round(site),
            "band": {
                "low": _round(min(each.values())),
                "high": _round(max(each.values())),
                "each": {key: _round(level) for key, level in each.items()},
            },
        }
        model = a.body.model
        told = {"target": str(a.target), "site": a.site, "model": model.key, "name": model.name}
        return told | {"predicted": predicted, "doubts": self._doubts}

    def ahead(self) -> Callable[[], tuple[Given | Infusion, ...]]:
        """What will be asked for from now on, if the target stays; to be reckoned by whoever wants it."""
        substance, plan, seconds = self.aim.body.model.of, self.control.ahead(), self.aim.order.lasts
        lasts = AHEAD if seconds is None else min(AHEAD, Time.of(seconds, "s"))
        return lambda: plan(lasts, COARSE).programme(substance).parts

    def had(self, now: int) -> Programme:
        """What was given, before and by this programme, with now as its zero."""
        before = _moved(self.before, NOW - _minutes(now - self._zero))
        return Programme(self.before.substance, (*before, *self._infused(now)))

    def _infused(self, now: int) -> tuple[Infusion, ...]:
        return tuple(
            Infusion(_minutes(begin - now), self._rate(nl, end - begin), _minutes(end - begin))
            for begin, end, nl in self.parts
            if nl
        )

    def _rate(self, nl: int, ms: int) -> DoseRate:
        return DoseRate.of(self.aim.solution.amount.number("mg/mL") * nl * 36 / (10 * ms), "mg/h")

    def _missing(self, unknown: Programme) -> list[str]:
        """What the model does not know of, a sentence for each."""
        name = self.aim.body.model.name
        return [f"{part.dose} by {part.route} dose are not in what {name} predicts, which is too low by them."
                for part in unknown.parts if isinstance(part, Given)]  # fmt: skip


def _moved(given: Programme, by: Time) -> tuple[Given | Infusion, ...]:
    """The same, later."""
    return tuple(
        replace(part, start=part.start + by) if isinstance(part, Infusion) else replace(part, at=part.at + by)
        for part in given.parts
    )


def _minutes(ms: int) -> Time:
    return Time.of(Fraction(ms, 60_000), "min")


def _round(level: Concentration) -> str:
    """As it is shown: no more digits than a model is good for."""
    return f"{level.approximate('ng/mL'):.1f} ng/mL"
