"""A patient within the population of each model, and histories of doses, for the tests of the kinetics."""

from __future__ import annotations

import random
from fractions import Fraction

from assuage.pharmacy.kinetics.body import Body, Patient, body
from assuage.pharmacy.kinetics.programme import Given, Infusion, Programme
from assuage.pharmacy.kinetics.schema import models
from assuage.pharmacy.quantities import Age, DoseRate, Mass, Time, Weight

# One patient within the population of each model.
PATIENTS = {
    key: Patient(Weight.of(kg, "kg"), Age.of(years, "years"))
    for key, kg, years in (
        ("domino", 70, 40), ("clements", 70, 40), ("hijazi", 70, 40), ("herd", 25, 8), ("hornik", 14, 3),
        ("kamp", 70, 40), ("fanta-s", 70, 30), ("simons-s", 70, 24), ("perezruixo-s", 74, 45), ("flint-s", 7, 1),
    )
}  # fmt: skip
KEYS = tuple(models())
ADULT = Patient(Weight.of(70, "kg"), Age.of(40, "years"))


def minutes(number: float | int) -> Time:
    return Time.of(Fraction(number).limit_denominator(10**6), "min")


def patient_of(key: str) -> Body:
    return body(models()[key], PATIENTS[key])


def bolus(at: float, mg: float, route: str = "intravenous") -> Given:
    return Given(minutes(at), Mass.of(Fraction(mg).limit_denominator(10**6), "mg"), route)


def infusion(start: float, mg_h: float, lasts: float) -> Infusion:
    return Infusion(minutes(start), DoseRate.of(Fraction(mg_h).limit_denominator(10**6), "mg/h"), minutes(lasts))


def history(rng: random.Random, one: Body) -> Programme:
    """A random one of a day: boluses, infusions that overlap, doses by every route the model knows."""
    parts: list[Given | Infusion] = []
    for _ in range(rng.randint(1, 4)):
        route = rng.choice(["intravenous", *one.model.absorption])
        parts.append(bolus(rng.uniform(0, 600), rng.uniform(1, 100), route))
    for _ in range(rng.randint(1, 4)):
        parts.append(infusion(rng.uniform(0, 600), rng.uniform(0.1, 100), rng.uniform(0.1, 400)))
    return Programme(one.model.of, tuple(parts))
