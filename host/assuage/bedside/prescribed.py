"""The clinical part of a read-back: what the board's own numbers mean of the drug, and who has to compare it.

It is kept with the programme (`terms`), so that screens show it while that runs, and changes are judged by it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from assuage.bedside.sentences import code
from assuage.link.messages import ChangeBack
from assuage.pharmacy import backwards, high_alert
from assuage.pharmacy.dosing import Checked
from assuage.pharmacy.findings import Override
from assuage.pharmacy.library import Library
from assuage.pharmacy.library_words import monitoring
from assuage.pharmacy.quantities import Concentration, Weight
from assuage_wire import schema

Told = dict[str, Any]


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
