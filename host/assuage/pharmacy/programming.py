"""A prescription as the input of an Order (bedside.order), each number in the board's whole units.

A rate is rounded to a whole nL/min, a volume to a whole nL. What an infusion gives in all is reckoned from its exact
rate and its time, and rounded once.
"""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from assuage.errors import BadInput
from assuage.pharmacy import whole
from assuage.pharmacy.prescription import Prescription
from assuage.pharmacy.quantities import Flow, Time, Volume
from assuage.pharmacy.whole import Rounded


def programme(p: Prescription) -> tuple[dict[str, Any], list[Rounded]]:
    """The order's input by courses.KEYS, and what was rounded."""
    rounded: list[Rounded] = []

    def ml(name: str, exact: Volume) -> Any:
        made, note = whole.volume(name, exact)
        rounded.append(note)
        return made

    def ml_h(name: str, exact: Flow) -> Any:
        made, note = whole.rate(name, exact)
        rounded.append(note)
        return made

    made: dict[str, Any] = {"mode": "continuous" if p.mode == "bolus" else p.mode, "drug": str(_label(p))}
    flow = None if p.rate is None else p.flow(p.rate)
    dose = None if p.dose is None else p.millilitres(p.dose)
    if p.mode == "bolus":
        assert dose is not None and p.over is not None
        made |= {"rate_ml_h": ml_h("rate of the dose", dose / p.over), "vtbi_ml": ml("dose", dose)}
    elif p.mode == "steps":
        parts = [(p.flow(step.rate), step.duration) for step in p.steps]
        gives = whole.volumes("volume of step", [each * time for each, time in parts])
        rounded += [note for _, note in gives]
        made["steps"] = [
            {"rate_ml_h": ml_h(f"rate of step {number}", each), "ml": volume}
            for number, ((each, _), (volume, _)) in enumerate(zip(parts, gives, strict=True), 1)
        ]
    else:
        if flow is not None:
            made["rate_ml_h"] = ml_h("rate", flow)
        made["vtbi_ml"] = ml("volume", _volume(p, flow, dose))
        if p.mode == "loading":
            assert dose is not None and p.over is not None
            made |= {"load_ml": ml("loading dose", dose), "load_ml_h": ml_h("rate of the dose", dose / p.over)}
        for key, time in (("up_min", p.up), ("down_min", p.down), ("lockout_min", p.lockout)):
            if time is not None:
                made[key] = _decimal(time, "min", key)
    if p.mode == "pca":
        assert dose is not None and p.over is not None and p.duration is not None
        assert p.hour is not None and p.four_hours is not None
        made |= {
            "dose_ml": ml("dose", dose),
            "dose_ml_h": ml_h("rate of the dose", dose / p.over),
            "hour_ml": ml("one-hour limit", p.millilitres(p.hour)),
            "four_hours_ml": ml("four-hour limit", p.millilitres(p.four_hours)),
            "for_h": _decimal(p.duration, "h", "duration"),
        }
    if p.highest is not None:
        made["highest_ml_h"] = ml_h("highest rate", p.flow(p.highest))
    if p.extra is not None:
        made["bolus_ml"] = ml("largest bolus", p.millilitres(p.extra))
    return made, rounded


def _volume(p: Prescription, flow: Flow | None, dose: Volume | None) -> Volume:
    """All that is to be given, exactly."""
    if p.volume is not None:
        return p.volume
    assert p.duration is not None
    if p.mode == "ramp":
        assert flow is not None
        ramps = Time(sum((time.base for time in (p.up, p.down) if time is not None), Fraction(0)), "min")
        if ramps > p.duration:
            raise BadInput("duration", f"The ramps take {ramps}; they are a part of the duration, {p.duration}.")
        return flow * (p.duration - ramps / 2)
    assert flow is not None
    return flow * p.duration if dose is None else dose + flow * p.duration


def _decimal(time: Time, unit: str, key: str) -> str:
    """As an order takes it; it checks the digits. Raises BadInput where no decimal says it."""
    made = time.to(unit).as_json()["value"]
    if "/" in made:
        raise BadInput(key, f"{time} is no round number in {unit}; give it in {unit} with one digit after the point.")
    return made


def _label(p: Prescription) -> str:
    return f"{p.substance} {p.solution.amount}"
