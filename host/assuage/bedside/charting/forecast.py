"""What all that was given comes to in plasma: the band of every model that fits, from the record, and what if.

It is reckoned off the event loop: numpy, and a few tenths of a second for a long stay. Models know boluses and
constant infusions, so what the pump gave is cut into cells, finer the newer, each with what was really given in it.
"""

from __future__ import annotations

import statistics
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any, Final

from assuage.bedside.charting.had import BY_PUMP, Had, Piece
from assuage.errors import Refused
from assuage.pharmacy.kinetics import picture
from assuage.pharmacy.kinetics.body import INTRAVENOUS, absorption, fitting
from assuage.pharmacy.kinetics.body import Patient as Body
from assuage.pharmacy.kinetics.predict import Prediction, Wake, known_effects, predict, threshold
from assuage.pharmacy.kinetics.programme import NOW, Given, Infusion, Programme
from assuage.pharmacy.kinetics.schema import SUBSTANCES
from assuage.pharmacy.prescription import Patient
from assuage.pharmacy.quantities import DoseRate, Time
from assuage.pharmacy.substances import Substance

MODELLED: Final = {"iv": INTRAVENOUS, "im": "intramuscular", "in": "intranasal"}  # our routes as the models name them
MINUTE_MS: Final = 60_000
CELLS: Final = ((4 * 60, 1), (24 * 60, 5), (14 * 24 * 60, 60))  # up to so many minutes ago: cells of so many minutes


@dataclass(frozen=True, slots=True)
class Flow:
    """What flows now, and for how long it is to go on as ordered. target: that it follows, where it does; planned: what
    will be asked for then, in the place of one rate, reckoned when it is wanted."""

    substance: str
    rate: DoseRate
    lasts: Time
    target: str = ""
    planned: Callable[[], tuple[Given | Infusion, ...]] | None = field(default=None, compare=False)

    def parts(self) -> tuple[Given | Infusion, ...]:
        """What will flow, from now on."""
        return (Infusion(NOW, self.rate, self.lasts),) if self.planned is None else self.planned()


@dataclass(frozen=True, slots=True)
class Forecast:
    """Of one substance; times of the prediction count from `at`, steady Unix ms. why_not: a sentence in its place."""

    substance: Substance
    at: int
    prediction: Prediction | None
    why_not: str = ""


def forecast(had: Had, patient: Patient, flows: Sequence[Flow], now: int) -> list[Forecast]:
    """Of every substance that the patient has had or gets. now: steady Unix ms."""
    names = dict.fromkeys((*had.pieces, *(flow.substance for flow in flows)))
    return [
        _one(name, had.pieces.get(name, []), patient, [flow for flow in flows if flow.substance == name], now)
        for name in names
    ]


def _one(name: str, pieces: Sequence[Piece], patient: Patient, flows: Sequence[Flow], now: int) -> Forecast:
    substance = SUBSTANCES.get(name)
    if substance is None:
        return Forecast(Substance(name, name), now, None, f"There is no model of {name} here, so nothing is predicted.")
    all_of_it = parts(pieces, now)
    for flow in flows:
        all_of_it += flow.parts()
    try:
        return Forecast(substance, now, predict(Body(patient.weight, patient.age), Programme(substance, all_of_it)))
    except Refused as error:
        return Forecast(substance, now, None, error.sentence)


def parts(pieces: Sequence[Piece], now: int) -> tuple[Given | Infusion, ...]:
    """What was given, as the models take it; now is its zero."""
    by_hand = [
        Given(_time(min(piece.end, now - 1) - now), piece.mass, MODELLED.get(piece.route, piece.route))
        for piece in pieces if piece.route != BY_PUMP
    ]  # fmt: skip
    return *by_hand, *cells([piece for piece in pieces if piece.route == BY_PUMP], now)


def cells(pieces: Iterable[Piece], now: int) -> list[Infusion]:
    """What the pump gave, cut into cells; all of it is in one."""
    made: dict[tuple[int, int], float] = {}
    for piece in pieces:
        mg = piece.mass.approximate("mg")
        begin, end = (now - piece.begin) / MINUTE_MS, (now - piece.end) / MINUTE_MS  # minutes ago
        if begin - end < 1e-9:
            cell = _cell(max(0.0, end))
            made[cell] = made.get(cell, 0.0) + mg
            continue
        at = begin
        while at - end > 1e-9:
            cell = _cell(at - 1e-9)
            until = max(end, float(cell[0] - cell[1]))
            made[cell] = made.get(cell, 0.0) + mg * (at - until) / (begin - end)
            at = until
    return [
        Infusion(Time.of(-old, "min"), DoseRate.estimate(mg / wide, "mg/min", 12), Time.of(wide, "min"))
        for (old, wide), mg in sorted(made.items(), reverse=True)
        if mg > 0
    ]


def _cell(ago: float) -> tuple[int, int]:
    """(minutes ago that it begins, how many it lasts)."""
    for most, wide in CELLS:
        if ago < most:
            return (int(ago // wide) + 1) * wide, wide
    return (int(ago // CELLS[-1][1]) + 1) * CELLS[-1][1], CELLS[-1][1]


def stopped(prediction: Prediction) -> Prediction:
    """If nothing more were given."""
    return predict(prediction.patient, prediction.programme.instead(NOW))


def at_rate(prediction: Prediction, rate: DoseRate, lasts: Time) -> Prediction:
    """If this flowed from now on."""
    return predict(prediction.patient, prediction.programme.instead(NOW, (Infusion(NOW, rate, lasts),)))


def waking(prediction: Prediction) -> list[dict[str, Any]]:
    """When it falls below the levels at which people woke, by model; nothing where a dose is in no line."""
    if prediction.missing:
        return []
    return [
        _wake(f"{one.name}, {text}", one.source, one.verified, prediction.below(threshold(text), after=NOW))
        for one in known_effects(prediction.programme.substance, prediction.patient.age)
        if one.wakes and one.at is not None
        for text in (one.high, one.at, one.low)
    ]


def _wake(what: str, source: str, verified: bool, wake: Wake) -> dict[str, Any]:
    """earliest_min, latest_min: null where by one model, or by all, it is below already."""
    return {
        "below": what, "source": source, "verified": verified, "level": wake.threshold.as_json(),
        "earliest_min": None if wake.earliest is None else round(wake.earliest.approximate("min"), 1),
        "latest_min": None if wake.latest is None else round(wake.latest.approximate("min"), 1),
    }  # fmt: skip


def summary(each: Forecast) -> dict[str, Any]:
    """The present in a line, for a snapshot. low, high: of all models, ng/mL in plasma."""
    told: dict[str, Any] = {"substance": each.substance.key, "name": each.substance.name, "why_not": each.why_not}
    band = None if each.prediction is None else each.prediction.at(NOW)
    if each.prediction is None or band is None:
        return {**told, "low": None, "high": None, "models": [], "missing": []}
    return {
        **told,
        "low": round(band.low.approximate("ng/mL"), 1),
        "high": round(band.high.approximate("ng/mL"), 1),
        "models": [line.body.model.name for line in each.prediction.lines],
        "missing": list(each.prediction.missing),
    }


def curves(prediction: Prediction, back: Time, ahead: Time, step: Time) -> dict[str, Any]:
    """minutes from now, and ng/mL in plasma by model."""
    table = prediction.table(NOW - back, ahead, step)
    return {
        "minutes": table.minutes,
        "ng_per_ml": {key: _rounded(levels) for key, levels in table.each.items()},
        "low": _rounded(table.low),
        "median": _rounded([statistics.median(levels) for levels in zip(*table.each.values(), strict=True)]),
        "high": _rounded(table.high),
    }


def marks(prediction: Prediction) -> dict[str, Any]:
    """What belongs in a drawing of it: the names of the models by key, each dose by hand with its minutes from now, and
    at which concentrations something has been seen, ng/mL."""
    return {
        "names": {line.body.model.key: line.body.model.name for line in prediction.lines},
        "given": [
            {"minutes": round(part.at.approximate("min"), 2), "dose": str(part.dose), "route": part.route}
            for part in prediction.programme.parts
            if isinstance(part, Given)
        ],
        "effects": [
            {
                "name": one.name, "low": threshold(one.low).approximate("ng/mL"),
                "high": threshold(one.high).approximate("ng/mL"), "said": one.said, "source": one.source,
                "verified": one.verified,
            }
            for one in known_effects(prediction.programme.substance, prediction.patient.age)
        ],
    }  # fmt: skip


def about(prediction: Prediction) -> dict[str, Any]:
    """What is to be said beside every curve."""
    return {
        "models": picture.about(prediction),
        "left_out": list(prediction.left_out),
        "missing": list(prediction.missing),
        "not_advice": picture.NOT_ADVICE,
    }


def joins(substance: Substance, route: str, patient: Patient) -> dict[str, Any]:
    """Whether a dose by this route is in the prediction, and by which models. sentence: for whoever has charted it."""
    known, way = SUBSTANCES.get(substance.key), MODELLED.get(route, route)
    bodies, _ = ([], []) if known is None else fitting(Body(patient.weight, patient.age), known)
    names = [body.model.name for body in bodies if way == INTRAVENOUS or absorption(body, way) is not None]
    if names:
        said = f"It is in the prediction, by {', '.join(names)}."
    elif known is None:
        said = f"There is no model of {substance} here, so nothing is predicted of it."
    else:
        said = f"No model that fits this patient takes up {substance} by {way} dose: the prediction is too low by it."
    return {"models": names, "sentence": said}


def _time(ms: int) -> Time:
    return Time(Fraction(ms, MINUTE_MS), "min")


def _rounded(levels: Sequence[float]) -> list[float]:
    return [round(level, 2) for level in levels]
