"""How long 24 h of target-controlled infusion take to reckon, a rate every 10 s, beside the limit of 0.1 s.

tci_24h: processor seconds of the slowest of the models with an effect site, each by the median of its rounds, with the
making of the controller in it; it waits for nothing, so on a free processor they are seconds. Its peer beside the
limit: the same day's rates once through scipy's integrator, which answers what the body has at each of them and
nothing of what to ask for.
"""

from __future__ import annotations

import statistics
import time

import numpy as np
from scipy.integrate import solve_ivp

from assuage.pharmacy.kinetics.body import Body, Patient, body
from assuage.pharmacy.kinetics.schema import models
from assuage.pharmacy.kinetics.tci import PERIOD, Controller, Limits, Plan
from assuage.pharmacy.quantities import Age, Concentration, DoseRate, Time, Weight
from tests.bench.measure import Row, rows

ROUNDS = 7
LIMIT_S = 0.1
DAY = Time.of(24, "h")
LIMITS = Limits(DoseRate.of(60, "mg/h"), DoseRate.of(20, "mg/min"))
_PEOPLE = (("domino", 70, 40), ("kamp", 70, 40), ("herd", 25, 8))


def day(one: Body) -> Plan:
    """A day at the effect site, lowered and raised once, as a host would ask for it."""
    control = Controller(one, "effect", Concentration.of(150, "ng/mL"), LIMITS)
    changes = [(Time.of(8, "h"), Concentration.of(80, "ng/mL")), (Time.of(12, "h"), Concentration.of(200, "ng/mL"))]
    return control.plan(DAY, changes)


def integrated(one: Body, plan: Plan) -> None:
    """The same day through an integrator, one period after the other."""
    state, period = one.system.empty, PERIOD.approximate("min")
    inputs = one.system.empty
    for rate in plan.rates:
        inputs[0] = rate
        run = solve_ivp(lambda _, y: one.system.rates @ y + inputs, (0, period), state, rtol=1e-9, atol=1e-9)
        state = np.asarray(run.y[:, -1])


def measure() -> list[Row]:
    """The rows of the module."""
    taken: dict[str, list[float]] = {}
    for key, kg, years in _PEOPLE:
        taken[key] = []
        for _ in range(ROUNDS):
            one = body(models()[key], Patient(Weight.of(kg, "kg"), Age.of(years, "years")))
            start = time.process_time()
            plan = day(one)
            taken[key].append(time.process_time() - start)
    start = time.process_time()
    integrated(one, plan)
    stepped = time.process_time() - start
    slowest = max(taken.values(), key=statistics.median)
    return rows("tci_24h", "s", slowest, {"limit": [LIMIT_S] * ROUNDS, "scipy solve_ivp": [stepped] * ROUNDS})
