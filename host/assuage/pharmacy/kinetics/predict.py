"""What a programme comes to by all models that fit the patient: a band with each model's line, never one truth."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Final

import numpy as np

from assuage.errors import Refused
from assuage.pharmacy.kinetics.body import INTRAVENOUS, Body, Patient, absorption, fitting
from assuage.pharmacy.kinetics.course import Course, concentration, course, no_route
from assuage.pharmacy.kinetics.programme import Given, Programme
from assuage.pharmacy.kinetics.schema import Effect, effects, value
from assuage.pharmacy.kinetics.system import Floats
from assuage.pharmacy.kinetics.tci import Site
from assuage.pharmacy.quantities import Age, Concentration, Time
from assuage.pharmacy.substances import Substance

_SCAN_MIN: Final = 1.0
_FIRST_MIN, _LONGEST_MIN = 24 * 60.0, 14 * 24 * 60.0
_EXACT_MIN: Final = 1e-4


@dataclass(frozen=True)
class Line:
    """One model's."""

    body: Body
    course: Course

    def level(self, state: Floats, site: Site) -> float | None:
        """mg/L; None where the model has no such site."""
        return self.body.system.plasma(state) if site == "plasma" else self.body.system.site(state)


@dataclass(frozen=True)
class Band:
    """At one time: the lowest and the highest of all models, and each by the key of its model."""

    low: Concentration
    high: Concentration
    each: dict[str, Concentration]


@dataclass(frozen=True)
class Table:
    """min, and ng/mL by the key of the model: for plots and tables, where units stand in the head."""

    minutes: list[float]
    each: dict[str, list[float]]

    @property
    def low(self) -> list[float]:
        """The lowest at each time."""
        return [min(values) for values in zip(*self.each.values(), strict=True)]

    @property
    def high(self) -> list[float]:
        """The highest at each time."""
        return [max(values) for values in zip(*self.each.values(), strict=True)]


@dataclass(frozen=True)
class Wake:
    """When a concentration is below a threshold for good, by each model (None: it is not above it any more), and the
    range of these."""

    threshold: Concentration
    each: dict[str, Time | None]

    @property
    def earliest(self) -> Time | None:
        """None where by one of the models it is already below."""
        times = [time for time in self.each.values() if time is not None]
        return min(times) if len(times) == len(self.each) and times else None

    @property
    def latest(self) -> Time | None:
        """None where by all models it is already below."""
        return max((time for time in self.each.values() if time is not None), default=None)


@dataclass(frozen=True)
class Prediction:
    """left_out: a sentence for each model of the substance that does not fit the patient or the programme. missing: one
    for each dose that no model can reckon with, so that every line is too low."""

    patient: Patient
    programme: Programme
    lines: tuple[Line, ...]
    left_out: tuple[str, ...]
    missing: tuple[str, ...] = ()

    def at(self, time: Time, site: Site = "plasma") -> Band | None:
        """At that time; None where no model has such a site."""
        each = {}
        for line in self.lines:
            level = line.level(line.course.state(time.approximate("min")), site)
            if level is not None:
                each[line.body.model.key] = concentration(level)
        return Band(min(each.values()), max(each.values()), each) if each else None

    def table(self, since: Time, until: Time, step: Time, site: Site = "plasma") -> Table:
        """At every step from `since` to `until`; a model without such a site is not in it."""
        first, last, by = (time.approximate("min") for time in (since, until, step))
        minutes = [round(first + n * by, 9) for n in range(int((last - first) / by + 1e-9) + 1)]
        each: dict[str, list[float]] = {}
        for line in self.lines:
            levels = [line.level(state, site) for state in line.course.sampled(minutes)]
            if None not in levels:
                each[line.body.model.key] = [max(level or 0.0, 0.0) * 1000.0 for level in levels]
        return Table(minutes, each)

    def below(self, threshold: Concentration, after: Time | None = None, site: Site = "plasma") -> Wake:
        """When it is below this for good, as times of the programme, not before `after` (its end where none is given).

        Raises Refused where no model has such a site, where a dose is missing, and where it does not fall below within
        a fortnight.
        """
        if self.missing:
            raise Refused("missing", f"{self.missing[0]} So nobody can say when it falls below.", by="host")
        start = (self.programme.end if after is None else after).approximate("min")
        level, each = threshold.approximate("mcg/mL"), dict[str, Time | None]()
        for line in self.lines:
            if site == "plasma" or line.body.system.effect is not None:
                found = _last(line, site, level, start)
                each[line.body.model.key] = None if found is None else Time.estimate(found, "min", 8)
        if not each:
            raise Refused("no-effect-site", "No model that fits has an effect site; ask for plasma.", by="host")
        return Wake(threshold, each)


def predict(patient: Patient, programme: Programme) -> Prediction:
    """By all models that fit. Raises Refused where none does, with each one's reason."""
    bodies, left_out = fitting(patient, programme.substance)
    if not bodies:
        why = " ".join(left_out) or f"there is no model of {programme.substance}."
        raise Refused("population", f"No model fits this patient: {why}", by="host")
    others = [part for part in programme.parts if isinstance(part, Given) and part.route != INTRAVENOUS]
    whole = [body for body in bodies if all(absorption(body, part.route) for part in others)]
    if whole:
        left_out += [no_route(body, others[0].route) for body in bodies if body not in whole]
        lines = tuple(Line(body, course(body, programme)) for body in whole)
        return Prediction(patient, programme, lines, tuple(left_out))
    known = Programme(programme.substance, tuple(part for part in programme.parts if part not in others))
    missing = tuple(
        f"{part.dose} {part.route} at {part.at} is in no line, which is too low by it: no model that fits absorbs it."
        for part in others
    )
    return Prediction(
        patient, programme, tuple(Line(body, course(body, known)) for body in bodies), tuple(left_out), missing
    )


def known_effects(substance: Substance, age: Age) -> list[Effect]:
    """What has been seen at which concentration in people of that age, with its source."""
    years = Decimal(str(round(age.approximate("years"), 2)))
    return [one for one in effects().values() if one.substance == substance.key and one.age_years.holds(years)]


def threshold(text: str) -> Concentration:
    """A level of effects.toml as a quantity."""
    return concentration(value(text, 70.0))


def _last(line: Line, site: Site, level: float, start: float) -> float | None:
    """The last minute from `start` on at which there is so much."""
    span = _FIRST_MIN
    while True:
        minutes = np.arange(start, start + span, _SCAN_MIN * max(1.0, span / _FIRST_MIN / 2))
        above = [n for n, state in enumerate(line.course.sampled(minutes)) if (line.level(state, site) or 0.0) >= level]
        if not above:
            return None
        if above[-1] + 1 < len(minutes):
            break
        span *= 2
        if span > _LONGEST_MIN:
            name = line.body.model.name
            raise Refused("never", f"By {name} it stays above this for longer than a fortnight.", by="host")
    early, late = float(minutes[above[-1]]), float(minutes[above[-1] + 1])
    while late - early > _EXACT_MIN:
        middle = (early + late) / 2
        if (line.level(line.course.state(middle), site) or 0.0) >= level:
            early = middle
        else:
            late = middle
    return late
