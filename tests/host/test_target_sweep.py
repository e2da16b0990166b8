"""Targets by every model in patients over its whole range, with all that happens: never passed, and within limits."""

from __future__ import annotations

import random
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest

from assuage.bedside.acting import WHO
from assuage.pharmacy.guidance import most
from assuage.pharmacy.kinetics.body import Patient, body
from assuage.pharmacy.kinetics.schema import Range, models
from assuage.pharmacy.library import own
from assuage.pharmacy.quantities import Age, Weight
from assuage_rig.requirements import req
from tests.host.bodies import KEYS
from tests.host.titrated import OVER, Judge, live
from tests.host.titrating import Pump, lenient

WAYS = [
    (key, site)
    for key in KEYS
    for site in (("plasma", "effect") if models()[key].effect_site is not None else ("plasma",))
]
ADULT = 18.0
FASTEST = 30.0  # mL/h; a syringe of a weaker solution would soon be empty


@pytest.fixture(autouse=True)
def somebody() -> Iterator[None]:
    """Who sets targets."""
    named = WHO.set("Dr B")
    yield
    WHO.reset(named)


def _bounds(known: Range, least: float, most_: float) -> tuple[float, float]:
    """Both ends, rounded inwards; where none is known, these."""
    return (
        least if known.least is None else float(known.least) * 1.001,
        most_ if known.most is None else float(known.most) * 0.999,
    )


def patient(rng: random.Random, key: str) -> Patient:
    """Within the population of the model; a child weighs about what a child of that age does."""
    people = models()[key].population
    years = rng.uniform(*_bounds(people.age_years, ADULT, 95.0))
    low, high = _bounds(people.weight_kg, 2.5, 200.0)
    usual = rng.uniform(40, 160) if years >= ADULT else (2 * years + 8 if years >= 1 else 3.5 + 6 * years)
    kg = min(high, max(low, usual * rng.uniform(0.75, 1.3)))
    return Patient(Weight.of(Decimal(f"{kg:.3f}"), "kg"), Age.of(Decimal(f"{years:.3f}"), "years"))


def ordered(rng: random.Random, key: str, site: str) -> tuple[dict[str, Any], tuple[float, ...]]:
    """What is typed, and targets in ng/mL that its limits let it hold."""
    who, model, library = patient(rng, key), models()[key], own()
    drug = model.substance
    area = "paediatric" if drug == "ketamine" and who.age < Age.of(18, "years") else "acute"
    highest = most(library, drug, area, who.weight)
    assert highest is not None
    loading = highest.approximate("mg/h") * rng.uniform(0.6, 0.999)
    rate = loading * rng.uniform(0.3, 1.0)
    system = body(model, who).system
    holds = rate / 60 / system.steady_rate(1.0) * 1000
    known = sorted(library.route(drug, area, "iv").concentrations)
    of = next((each for each in known if loading / each.approximate("mg/mL") < FASTEST), known[-1])
    typed = {
        "drug": drug, "label_drug": drug, "area": area, "weight": str(who.weight), "age": str(who.age),
        "concentration": str(of), "label_concentration": str(of), "rate": f"{rate:.3f} mg/h",
        "loading": f"{loading:.3f} mg/h", "model": key, "site": site, "target": f"{holds * 0.4:.3g} ng/mL",
    }  # fmt: skip
    return typed, tuple(float(f"{holds * part:.3g}") for part in (0.1, 0.2, 0.4, 0.6, 0.9))


@pytest.mark.timeout(900)
@req("KIN-004", "KIN-007")
@pytest.mark.parametrize(("key", "site"), WAYS)
async def test_no_model_in_no_patient_lets_a_target_be_passed_or_a_limit_exceeded(
    key: str, site: str, seed: int, soak: bool
) -> None:
    hours, rounds = (4.0, 12) if soak else (0.5, 1)
    for round_ in range(rounds):
        rng = random.Random(f"{seed} {key} {site} {round_}")
        typed, targets = ordered(rng, key, site)
        pump = Pump(rng, approve=lenient, **typed)
        pump.typed = typed
        await pump.offered()
        pump.say()
        await pump.targeting.look()
        pump.state = "infusing"
        judge = Judge(pump, float(typed["target"].split()[0]))
        await live(pump, judge, rng, int(hours * 3600), targets)
        judge.within_limits()
        assert judge.worst <= OVER, (typed, judge.worst)
