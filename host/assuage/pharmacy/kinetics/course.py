"""The states through which a body goes under a programme: known exactly at every change, and from there at any time."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from assuage.errors import Refused
from assuage.pharmacy.kinetics.body import INTRAVENOUS, Body, absorption
from assuage.pharmacy.kinetics.programme import Given, Infusion, Programme
from assuage.pharmacy.kinetics.system import Floats, System
from assuage.pharmacy.quantities import Concentration, Time


@dataclass(frozen=True)
class Course:
    """times: min, of the changes, ascending; states: right after each; inputs: mg/min to each state until the next."""

    system: System
    times: list[float]
    states: list[Floats]
    inputs: list[Floats]

    def state(self, minute: float) -> Floats:
        """At that minute; empty before the first change."""
        n = bisect_right(self.times, minute) - 1
        if n < 0:
            return self.system.empty
        return self.system.after(self.states[n], self.inputs[n], minute - self.times[n])

    def sampled(self, minutes: Iterable[float]) -> list[Floats]:
        """At each of these minutes, which ascend; each reckoned from the one before, where nothing changes between."""
        found: list[Floats] = []
        last, state, segment = 0.0, self.system.empty, -1
        for minute in minutes:
            n = bisect_right(self.times, minute) - 1
            if n < 0:
                found.append(self.system.empty)
                continue
            if n != segment:
                last, state, segment = self.times[n], self.states[n], n
            state = self.system.after(state, self.inputs[n], round(minute - last, 9))  # equal steps share a matrix
            last = minute
            found.append(state)
        return found

    def plasma(self, at: Time) -> Concentration:
        """In plasma at that time."""
        return concentration(self.system.plasma(self.state(at.approximate("min"))))

    def site(self, at: Time) -> Concentration | None:
        """At the effect site; None when the model has none."""
        found = self.system.site(self.state(at.approximate("min")))
        return None if found is None else concentration(found)

    def comes(self, since: float, until: float) -> Floats | None:
        """What will have come in between these minutes and is there at the later one, beside what was in the body; None
        where nothing comes in any more, as after most doses."""
        if not self.times or self.times[-1] <= since:
            return None
        return self.state(until) - self.system.after(self.state(since), self.system.empty, until - since)


def concentration(mg_per_l: float) -> Concentration:
    """With its unit, to six digits."""
    return Concentration.estimate(max(mg_per_l, 0.0) * 1000.0, "ng/mL")


def course(body: Body, programme: Programme) -> Course:
    """What becomes of the programme. Raises Refused where the model does not know the substance or a route."""
    if programme.substance != body.model.of:
        raise Refused(
            "substance",
            f"{body.model.name} is a model of {body.model.of}, not of {programme.substance}; choose one of its own.",
            by="host",
        )
    jumps: dict[float, Floats] = {}
    flows: list[tuple[float, float, Floats]] = []
    for part in programme.parts:
        if isinstance(part, Infusion):
            start, end = part.start.approximate("min"), part.end.approximate("min")
            flows.append((start, end, _one(body.system, 0) * part.rate.approximate("mg/min")))
        else:
            _give(body, part.at.approximate("min"), part.dose.approximate("mg"), part.route, jumps, flows)
    return follow(body.system, jumps, flows)


def follow(system: System, jumps: dict[float, Floats], flows: list[tuple[float, float, Floats]]) -> Course:
    """jumps: mg to each state, by minute; flows: (from, until, mg/min to each state)."""
    times = sorted({*jumps, *(t for start, end, _ in flows for t in (start, end))})
    waiting = sorted(flows, key=lambda flow: flow[0], reverse=True)
    active: list[tuple[float, float, Floats]] = []
    made = Course(system, [], [], [])
    state, inputs = system.empty, system.empty
    for n, time in enumerate(times):
        if n:
            state = system.after(state, inputs, round(time - times[n - 1], 12))  # equal periods share a matrix
        state = state + jumps.get(time, 0.0)
        while waiting and waiting[-1][0] <= time:
            active.append(waiting.pop())
        active = [flow for flow in active if time < flow[1]]
        inputs = sum((rate for _, _, rate in active), system.empty)
        made.times.append(time)
        made.states.append(state)
        made.inputs.append(inputs)
    return made


def known(body: Body, programme: Programme) -> tuple[Programme, Programme]:
    """The parts whose routes the model knows, and the others."""
    others = tuple(
        part for part in programme.parts
        if isinstance(part, Given) and part.route != INTRAVENOUS and absorption(body, part.route) is None
    )  # fmt: skip
    kept = tuple(part for part in programme.parts if part not in others)
    return Programme(programme.substance, kept), Programme(programme.substance, others)


def _one(system: System, place: int) -> Floats:
    made = system.empty
    made[place] = 1.0
    return made


def _give(
    body: Body, at: float, mg: float, route: str, jumps: dict[float, Floats], flows: list[tuple[float, float, Floats]]
) -> None:
    """Adds a dose at once, by any route that the model knows. What of it is never absorbed is gone at once."""
    jump = jumps.setdefault(at, np.zeros(body.system.size))
    if route == INTRAVENOUS:
        jump[body.system.central] += mg
        return
    ways = absorption(body, route)
    if ways is None:
        raise Refused("route", f"{no_route(body, route)} Leave the dose out, or choose another model.", by="host")
    first = min(mg, float(ways.first_mg))
    left = mg
    for depot, path in zip(body.depots[route], ways.paths, strict=True):
        taken = float(path.part) * first + float(path.part_of_more) * (mg - first)
        left -= taken
        if path.over_h is None:
            jump[depot] += taken
        else:
            minutes = float(path.over_h) * 60.0
            flows.append((at, at + minutes, _one(body.system, depot) * (taken / minutes)))
    jump[body.system.gone] += left


def no_route(body: Body, route: str) -> str:
    """The sentence why a dose by this route cannot be reckoned with by a model."""
    return body.model.no_absorption or f"{body.model.name} has no model of {route} absorption."
