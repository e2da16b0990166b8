"""How a target is followed: from what the pump has really given to the flow that is asked for next. No clock, no wire.

The rate that is asked for never passes the target for as long as it can last at all: until the next is due, and late,
and then until the permission of a host that died meanwhile has run out. So whenever the host is lost, the concentration
comes no higher than the target, by the model that was chosen. Times are ms of the caller's monotonic clock.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import Any, Final

from assuage.bedside.target import Aim, doubts, taken_up
from assuage.pharmacy.kinetics.body import Body, fitting
from assuage.pharmacy.kinetics.course import concentration, course
from assuage.pharmacy.kinetics.programme import NOW, Infusion, Programme
from assuage.pharmacy.kinetics.system import Floats
from assuage.pharmacy.kinetics.tci import PERIOD, Ask, Controller
from assuage.pharmacy.quantities import Concentration, DoseRate, Time
from assuage.pharmacy.whole import nl_per_min

SPARE: Final = Time.of(4, "s")  # that telemetry is old, an order takes, and the next look may be late
PART_MS: Final = 10_000  # that are kept as one
SAME: Final = Fraction(1, 200)  # of the rate: less is no reason to ask the pump for another one


@dataclass
class _Other:
    """A model and the patient's state by it."""

    body: Body
    state: Floats


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
        self.before = taken_up(a.body, self.before)
        limits = a.limits  # the whole is the programme's own; the stretches count what came before it too
        if limits.total is not None:
            limits = replace(limits, total=limits.total + self.before.total)
        self.control = Controller(a.body, a.site, a.target, limits, period=horizon, before=self.before, now=NOW)
        fits = fitting(a.body.patient, a.body.model.of, a.known)[0]
        found = [one for one in fits if taken_up(one, self.before) == self.before]
        self._others = [_Other(one, course(one, self.before).state(0.0)) for one in found]
        self._doubts = doubts(a)

    def given(self, at: int, nl: int) -> None:
        """The pump has said that it had given so much in all by then."""
        ms, volume = at - self.at, nl - self.nl
        if ms <= 0 or volume < 0:
            return
        rate, lasts = self._rate(volume, ms), Time.of(Fraction(ms, 1000), "s")
        self.control.went(rate, lasts)
        minutes, mg_min = lasts.approximate("min"), rate.approximate("mg/min")
        for one in self._others:
            inputs = one.body.system.empty
            inputs[one.body.system.central] = mg_min
            one.state = one.body.system.after(one.state, inputs, minutes)
        if self.parts and at - self.parts[-1][0] <= PART_MS:
            begin, _, more = self.parts.pop()
            self.parts.append((begin, at, more + volume))
        else:
            self.parts.append((self.at, at, volume))
        self.at, self.nl = at, nl

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

    def had(self, now: int) -> Programme:
        """What was given, before and by this programme, with now as its zero."""
        shift = _minutes(now - (self.parts[0][0] if self.parts else self.at))
        before = (
            replace(part, start=part.start - shift) if isinstance(part, Infusion) else replace(part, at=part.at - shift)
            for part in self.before.parts
        )
        infused = (
            Infusion(_minutes(begin - now), self._rate(nl, end - begin), _minutes(end - begin))
            for begin, end, nl in self.parts
            if nl
        )
        return Programme(self.before.substance, (*before, *infused))

    def _rate(self, nl: int, ms: int) -> DoseRate:
        return DoseRate.of(self.aim.solution.amount.number("mg/mL") * nl * 36 / (10 * ms), "mg/h")


def _minutes(ms: int) -> Time:
    return Time.of(Fraction(ms, 60_000), "min")


def _round(level: Concentration) -> str:
    """As it is shown: no more digits than a model is good for."""
    return f"{level.approximate('ng/mL'):.1f} ng/mL"
