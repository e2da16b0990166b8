"""A published model made into the system of one patient, or the sentence why it does not fit him."""

from __future__ import annotations

import math
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

import numpy as np

from assuage.errors import Refused
from assuage.pharmacy.kinetics.schema import Absorption, Entry, models, value
from assuage.pharmacy.kinetics.system import System
from assuage.pharmacy.quantities import Age, Weight
from assuage.pharmacy.substances import Substance

INTRAVENOUS: Final = "intravenous"


@dataclass(frozen=True, slots=True)
class Patient:
    """What the models ask of a patient."""

    weight: Weight
    age: Age


@dataclass(frozen=True)
class Body:
    """A model in a patient. depots: of each route, the states in which its paths wait."""

    model: Entry
    patient: Patient
    system: System
    depots: dict[str, tuple[int, ...]]


def why_not(model: Entry, patient: Patient, substance: Substance) -> str:
    """One sentence why this model says nothing about this patient; empty when it does."""
    people = model.population
    years, kg = _decimal(patient.age, "years"), _decimal(patient.weight, "kg")
    if model.of != substance:
        return f"{model.name} is a model of {model.of}, not of {substance}."
    if not people.age_years.holds(years):
        return f"{model.name} was found at ages of {people.age_years.words('years')}; this patient is {patient.age}."
    if not people.weight_kg.holds(kg):
        return (
            f"{model.name} was found at weights of {people.weight_kg.words('kg')}; this patient has {patient.weight}."
        )
    return ""


def fitting(patient: Patient, substance: Substance) -> tuple[list[Body], list[str]]:
    """All models that fit, and a sentence for each of this substance that does not."""
    bodies, reasons = [], []
    for model in models().values():
        reason = why_not(model, patient, substance)
        if not reason:
            bodies.append(_made(model, patient))
        elif model.of == substance:
            reasons.append(reason)
    return bodies, reasons


def body(model: Entry, patient: Patient) -> Body:
    """The system of this patient by this model. Raises Refused where it was not found in such people."""
    reason = why_not(model, patient, model.of)
    if reason:
        raise Refused("population", f"{reason} Choose a model that fits.", by="host")
    return _made(model, patient)


def _decimal(quantity: Age | Weight, unit: str) -> Decimal:
    exact = quantity.number(unit)
    return Decimal(exact.numerator) / exact.denominator


def _made(model: Entry, patient: Patient) -> Body:
    kg = patient.weight.approximate("kg")
    volume = value(model.volume, kg)
    names, edges = ["central"], _edges(model, kg, volume)
    names += [p.name or f"peripheral {n}" for n, p in enumerate(model.peripheral, 1)]
    if model.rates is not None:
        names += ["peripheral 1"] if model.rates.k13 is None else ["peripheral 1", "peripheral 2"]
    depots = {}
    for route, absorption in model.absorption.items():
        depots[route] = tuple(range(len(names), len(names) + len(absorption.paths)))
        edges += [
            (d, names.index(p.into), value(p.ka, kg)) for d, p in zip(depots[route], absorption.paths, strict=True)
        ]
        names += [f"{route} {n}" for n in range(1, len(absorption.paths) + 1)]
    gone = len(names)
    names.append("gone")
    site = model.effect_site
    effect = None if site is None else len(names)
    names += [] if site is None else ["effect site"]
    rates = np.zeros((len(names), len(names)))
    for start, end, rate in edges:
        rates[start, start] -= rate
        rates[gone if end is None else end, start] += rate
    if site is not None and effect is not None:
        ke0 = value(site.ke0, kg) + (value(site.per_ln_kg, kg) * math.log(kg) if site.per_ln_kg else 0.0)
        rates[effect, 0], rates[effect, effect] = ke0 / volume, -ke0
    return Body(model, patient, System(tuple(names), rates, volume, gone, effect), depots)


def _edges(model: Entry, kg: float, volume: float) -> list[tuple[int, int | None, float]]:
    """(from, to, 1/min); to None: out of the body."""
    if model.rates is not None:
        k = {name: value(text, kg) for name, text in model.rates.model_dump().items() if text is not None}
        found: list[tuple[int, int | None, float]] = [(0, None, k["k10"]), (0, 1, k["k12"]), (1, 0, k["k21"])]
        return found if "k13" not in k else [*found, (0, 2, k["k13"]), (2, 0, k["k31"])]
    assert model.clearance is not None
    found = [(0, None, value(model.clearance, kg) / volume)]
    for n, one in enumerate(model.peripheral, 1):
        exchange = value(one.exchange, kg)
        found += [(0, n, exchange / volume), (n, 0, exchange / value(one.volume, kg))]
        if one.leaves is not None:
            found.append((n, None, value(one.leaves, kg)))
    return found


def absorption(body: Body, route: str) -> Absorption | None:
    """How this route comes in by this model; None: nobody has published it, or not found for it."""
    return body.model.absorption.get(route)
