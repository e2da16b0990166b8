"""What the library says of a change to what runs: the number that is changed, as it is typed, and all that is given
with it. What is found has a name each, so that a reason for one is none for another.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from assuage.bedside import judging, prescribed
from assuage.bedside.running import Found, Running
from assuage.errors import BadInput, Refused
from assuage.pharmacy import findings, guidance, prescription
from assuage.pharmacy.findings import Finding, Part
from assuage.pharmacy.library import Library
from assuage.pharmacy.quantities import Concentration, DosePerWeight, DoseRatePerWeight, Flow, Time, Volume, Weight
from assuage.pharmacy.units import Ml, MlPerH

Told = Mapping[str, Any]

LESS: Final = ("rate:soft-low", "basal rate:soft-low")  # codes of findings
AT_ONCE: Final = "1 min"  # the time of a bolus that is not typed yet; totals look at its volume alone


def own(told: Told, typed: Told, library: Library) -> list[Finding]:
    """Each limit that the typed number passes by itself. told: the clinical part of what runs; typed: rate, or dose
    and, where it is typed already, over. Raises BadInput."""
    weight, solution = Weight.parse(told["weight"]), Concentration.parse(told["concentration"])
    limits = library.route(str(told["drug"]), str(told["area"]), "iv").limits
    parts = []
    if "dose" in typed:
        dose = prescription.dose(typed, "dose")
        mass = dose * weight if isinstance(dose, DosePerWeight) else dose
        parts.append(Part("dose", "bolus", dose, mass * solution if isinstance(mass, Volume) else mass))
        if typed.get("over"):
            over = Time.parse(typed["over"], "time of the dose")
            parts.append(Part("over", "time of the dose", over, over))
    else:
        asked = prescription.rate(typed, "rate")
        rate = asked * weight if isinstance(asked, DoseRatePerWeight) else asked
        what, name = ("basal", "basal rate") if told["mode"] == "pca" else ("rate", "rate")
        parts.append(Part(what, name, asked, rate * solution if isinstance(rate, Flow) else rate))
    return [found for part in parts for found in findings.check(part, limits, weight, library)]


def volumes(told: Told, typed: Told) -> tuple[int, int]:
    """The rate in nL/min and the bolus in nL, 0 for none, that the board would be asked for. Raises BadInput."""
    at_once = {"over": AT_ONCE} if "dose" in typed and not typed.get("over") else {}
    order, _ = prescribed.reckoned(told, {**typed, **at_once})
    rate, ml = order.get("rate_ml_h"), order.get("ml")
    return (rate.nl_per_min if isinstance(rate, MlPerH) else 0), (ml.nl if isinstance(ml, Ml) else 0)


def agreed(rate: int, most: int) -> list[Finding]:
    """Of a rate above what was agreed when it was ordered, both nL/min: that."""
    try:
        Running.within_terms(MlPerH.from_nl_per_min(rate), most)
    except Refused as error:
        return [Finding("agreed", True, error.sentence)]
    return []


def named(found: list[Finding]) -> list[Found]:
    """As the order of a change takes them. A rate that is lower than usual wants a reason, for it may be a slip; less
    waits for no second person."""
    return [Found(judging.name_of(each), each.sentence, not each.code.startswith(LESS)) for each in found]


def shown(found: list[Finding]) -> dict[str, Any]:
    """As a screen shows them while it is typed."""
    made = [{**guidance.finding(each), "finding": judging.name_of(each)} for each in found]
    return {"findings": made, "possible": not any(each.hard for each in found), "error": "", "field": ""}


def reasons(raw: object) -> dict[str, str]:
    """By the names of findings, from [{"finding", "reason"}]. Raises BadInput."""
    if not isinstance(raw, list) or not all(isinstance(each, Mapping) for each in raw):
        raise BadInput("overrides", "Overrides are a list, each with its finding and its reason.")
    return {str(each.get("finding", "")): judging.reason(each.get("reason")) for each in raw}
