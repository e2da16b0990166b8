"""The clinical part of a read-back: what the board's own numbers mean of the drug, and who has to compare it.

It is kept with the programme (`terms`), so that screens show it while that runs, and changes are judged by it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from fractions import Fraction
from typing import Any, Final

from assuage.bedside.sentences import code
from assuage.errors import BadInput, Refused
from assuage.link.messages import ChangeBack
from assuage.pharmacy import backwards, high_alert, prescription, whole
from assuage.pharmacy.dosing import Checked
from assuage.pharmacy.findings import Override
from assuage.pharmacy.library import Library
from assuage.pharmacy.library_words import monitoring
from assuage.pharmacy.prescription import Rate
from assuage.pharmacy.quantities import (
    Concentration,
    DosePerWeight,
    DoseRatePerWeight,
    Flow,
    Time,
    Volume,
    Weight,
)
from assuage.pharmacy.units import Ml, MlPerH
from assuage_wire import schema

Told = dict[str, Any]

DIFFERS: Final = (
    "The board read back a {} that is not the {} that was asked for. Do not use this pump; STOP and report it."
)


def part(
    checked: Checked,
    library: Library,
    overrides: tuple[Override, ...],
    alerts: tuple[str, ...],
    patient: Mapping[str, Any],
    by: str,
    at: int,
    back: Mapping[str, Any],
) -> Told:
    """Of a programme. patient: as admitted; at: when it was checked, Unix ms; back: shape of readback.shown.

    Raises Refused where the board has read back anything but what was prescribed.
    """
    p = checked.prescription
    numbers = backwards.numbers(p, back)
    return {
        "drug": p.drug,
        "substance": str(p.substance),
        "concentration": str(p.solution.amount),
        "ng_per_ml": int(p.solution.amount.number("ng/mL")),
        "area": p.area,
        "mode": p.mode,
        "patient": patient["patient"],
        "weight": str(p.patient.weight),
        "charted": patient["weight"],
        "library": checked.library,
        "numbers": numbers,
        "alerts": list(alerts),
        "always": high_alert.always(library, p.drug),
        "overrides": [asdict(override) for override in overrides],
        "contraindications": list(checked.contraindications),
        "monitoring": [monitoring(each) for each in checked.monitoring],
        "rate_nl_min": back["legs"][-1]["begin_nl_min"] if p.mode == "loading" else back["rate_nl_min"],
        "by": by,
        "at": at,
    }


Asked = dict[str, tuple[str, Fraction]]


def reckoned(told: Mapping[str, Any], typed: Mapping[str, Any]) -> tuple[dict[str, Ml | MlPerH], Asked]:
    """A change in clinical units as Orders.change takes it, and what was asked by its name in the read-back: as typed,
    and in exact nL or nL/min. told: the clinical part of what runs. Raises BadInput."""
    solution, weight = Concentration.parse(told["concentration"]), Weight.parse(told["weight"])
    for key in typed:
        if key not in ("programme", "rate", "dose", "over", "reason"):
            raise BadInput(str(key), f"A change has no {str(key)[:40]!r}.")
    if "dose" not in typed:
        flow = _flow(prescription.rate(typed, "rate"), solution, weight)
        rate, rounded = whole.rate("rate", flow)
        return {"rate_ml_h": rate}, {"rate": (str(typed["rate"]), whole.nl_per_min(rounded.exact))}
    dose, over = prescription.dose(typed, "dose"), Time.parse(typed.get("over", ""), "time of the dose")
    mass = dose * weight if isinstance(dose, DosePerWeight) else dose
    volume = mass if isinstance(mass, Volume) else mass / solution
    ml, _ = whole.volume("bolus", volume)
    ml_h, _ = whole.rate("rate", volume / over)
    asked = {
        "bolus": (str(typed["dose"]), whole.nl(volume)),
        "rate": (f"over {over}", whole.nl_per_min(volume / over)),
    }
    return {"ml": ml, "ml_h": ml_h}, asked


def _flow(asked: Rate, solution: Concentration, weight: Weight) -> Flow:
    if isinstance(asked, Flow):
        return asked
    return (asked * weight if isinstance(asked, DoseRatePerWeight) else asked) / solution


def agree(readback: Told, asked: Asked) -> None:
    """Puts what was asked beside what the board has read back of a change. Raises Refused where they differ."""
    got = {"rate": readback["rate_nl_min"], "bolus": readback["volume_nl"]}
    for number in readback["clinical"]["numbers"]:
        typed, exact = asked[number["name"]]
        if abs(got[number["name"]] - exact) > backwards.OFF:
            raise Refused("readback-differs", DIFFERS.format(number["name"], typed), by="host")
        number["asked"] = typed


def change(told: Mapping[str, Any], back: ChangeBack, now: int) -> Told:
    """Of a change to what runs. told: the programme's; now: the rate that is set, nL/min."""
    solution, weight = Concentration.parse(told["concentration"]), Weight.parse(told["weight"])
    alerts, numbers = [], []
    if code(schema.CHANGES, back.change) == "bolus":
        numbers.append(backwards.dose("bolus", back.volume, solution, weight))
        raised = True
    else:
        was = told["rate_nl_min"]
        raised = back.rate > (now or was)
        if raised and back.rate > high_alert.DOUBLED * min(now or was, was):
            alerts.append("The rate is more than twice what it is, or what was prescribed.")
    numbers.append(backwards.rate("rate", back.rate, solution, weight))
    if raised and told["always"]:
        alerts.insert(0, f"{told['substance']} is a high-alert drug.")
    return {
        "drug": told["drug"],
        "substance": told["substance"],
        "concentration": told["concentration"],
        "weight": told["weight"],
        "numbers": [asdict(number) for number in numbers],
        "alerts": alerts,
    }
