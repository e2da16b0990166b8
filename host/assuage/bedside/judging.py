"""What the library and all that was given say of a prescription, for the orders of a bed and as plain data for screens.

To the library's findings come those that only a bed can have: volumes that nobody has checked, a substance that the
library does not know, and the other ketamine, whose milligrams count in no total of this one.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any, Final

from assuage.bedside import prescribed
from assuage.bedside.order import Order
from assuage.errors import BadInput, Refused
from assuage.pharmacy import dosing, findings, gauges, guidance, high_alert
from assuage.pharmacy.dosing import Checked
from assuage.pharmacy.findings import Finding, Override, Part
from assuage.pharmacy.high_alert import Before
from assuage.pharmacy.library import Library
from assuage.pharmacy.prescription import Prescription
from assuage.pharmacy.quantities import Concentration, DoseRate, Mass, Volume, Weight
from assuage.pharmacy.substances import Dose, Substance
from assuage.pharmacy.substances import convert as converted
from assuage.record.events import Clinical, Converted
from assuage.record.intake import HOUR_MS, Intake
from assuage.record.words import volume

Body = Mapping[str, Any]

TARGET: Final = "tci"  # the mode of what follows one
WINDOWS: Final = {"hour": HOUR_MS, "four_hours": 4 * HOUR_MS, "day": 24 * HOUR_MS}


@dataclasses.dataclass(frozen=True, slots=True)
class Judged:
    """A prescription with all findings, and what the patient has had before it."""

    checked: Checked
    before: Before

    def alerts(self, overrides: Sequence[Override], library: Library) -> tuple[str, ...]:
        """Why a second person has to compare it."""
        return high_alert.alerts(
            self.checked.prescription, (override.code for override in overrides), library, self.before
        )


@dataclasses.dataclass(frozen=True, slots=True)
class Approved:
    """A prescription that may be ordered. alerts: why a second person has to compare it; clinical: for the record, but
    for the programme's number; patient: as admitted; at: when it was checked, Unix ms."""

    checked: Checked
    library: Library
    overrides: tuple[Override, ...]
    alerts: tuple[str, ...]
    clinical: Clinical
    patient: Body
    by: str
    at: int

    def told(self, back: Body) -> dict[str, Any]:
        """The clinical part of what the board read back. Raises Refused where that is not what was prescribed."""
        why = self.overrides, self.alerts
        return prescribed.part(self.checked, self.library, *why, dict(self.patient), self.by, self.at, back)


def approve(
    typed: Body, reasons: object, library: Library, intake: Intake, patient: Body, by: str, now: int
) -> Approved:
    """Raises BadInput, or Refused where the library forbids it or something found has no reason. reasons: as
    overrides(); patient: as admitted; now: Unix ms."""
    judged = judge(typed, library, intake, patient["weight"], now)
    given_reasons = overrides(reasons, judged.checked, by)
    judged.checked.order(given_reasons)
    return _approved(judged, library, given_reasons, patient, by, now)


def supposed(judged: Judged, library: Library, now: int) -> Approved:
    """As if nothing were found that wants a reason: for what is only looked at."""
    return _approved(judged, library, (), {}, "", now)


def _approved(
    judged: Judged, library: Library, reasons: tuple[Override, ...], patient: Body, by: str, now: int
) -> Approved:
    alerts = judged.alerts(reasons, library)
    return Approved(judged.checked, library, reasons, alerts, event(judged, reasons, alerts, by), patient, by, now)


def judge(typed: Body, library: Library, intake: Intake, charted: str, now: int) -> Judged:
    """Everything that there is to say. charted: the weight of the admission, "" for none; now: Unix ms. Raises BadInput
    where no programme can come of it."""
    p = Prescription.from_input(typed, library)
    had = {name: given(intake, library, now - window) for name, window in WINDOWS.items()}
    mine = {name: Dose(p.substance, all_of[0].get(p.drug, NOTHING)) for name, all_of in had.items()}
    checked = dosing.check(p, library, dosing.Given(**mine), Weight.parse(charted) if charted else None)
    others = tuple(
        library.substance(key)
        for key, amount in had["day"][0].items()
        if key != p.drug and amount > NOTHING and library.drug(key).group == library.drug(p.drug).group
    )
    found = [*checked.findings, *_at_the_bed(p, library, had["day"], intake, now)]
    return Judged(dataclasses.replace(checked, findings=tuple(found)), _before(p, library, intake, others, now))


def change(told: Body, library: Library, intake: Intake, now: int, rate: int, volume: int, left: int) -> list[Finding]:
    """What the library has to say of all that there will be in any hour, four hours and day, if a programme goes on at
    this rate, nL/min, with a bolus of this volume, nL, until what is left of it, nL, is given. told: its clinical part.

    A bound: each window is looked at in steps, of which each counts whole.
    """
    drug, weight = str(told["drug"]), Weight.parse(told["weight"])
    solution = Concentration.parse(told["concentration"])
    limits_there = library.route(drug, str(told["area"]), "iv").limits
    found = []
    for what, window in dosing.WINDOWS.items():
        if not any(limit.what == what for limit in limits_there):
            continue
        ms, most = round(window.number("s") * 1000), NOTHING
        for step in range(STEPS):
            begun, ended = Fraction(ms * step, STEPS), Fraction(ms * (step + 1), STEPS)
            had = given(intake, library, now - ms + int(begun))[0].get(drug, NOTHING)
            flows = min(Fraction(left), rate * ended / 60_000) + volume
            most = max(most, had + Volume.of(flows / 1_000_000, "mL") * solution)
        name = f"total in {what.replace('-', ' ')}" if what == "four-hours" else f"total in {_A[what]}"
        found += findings.check(Part(what, name, most, most), limits_there, weight, library)
    return found


STEPS: Final = 24  # of a window
_A: Final = {"hour": "one hour", "day": "a day"}

# -- what was given ----------------------------------------------------------------------------------------------------

NOTHING: Final = Mass.of(0, "mg")
Had = tuple[dict[str, Mass], tuple[str, ...], int]


def given(intake: Intake, library: Library, start: int) -> Had:
    """Since then (Unix ms): the mass of each drug of the library, the names of what is not in it, and nL that nobody
    has said the drug of."""
    masses: dict[str, Mass] = {}
    unknown: list[str] = []
    unchecked = 0
    for had in intake.since(start):
        key = _key(library, had.substance)
        if key is not None:
            masses[key] = masses.get(key, NOTHING) + Mass.of(had.ng, "ng").to("mg")
        elif had.substance:
            unknown.append(had.substance)
        else:
            unchecked += had.nl
    return masses, tuple(unknown), unchecked


def counts(intake: Intake, library: Library, drug: str, start: int) -> bool:
    """Whether anything was given since then (Unix ms) that a check of this drug would tell: it, the other ketamine, or
    what nobody has said, or the library does not know. Another drug, say from the bed's other pump, is none of it."""
    masses, unknown, unchecked = given(intake, library, start)
    group = library.drug(drug).group
    alike = [key for key in masses if key == drug or library.drug(key).group == "ketamine" == group]
    return bool(alike or unknown or unchecked)


def totals(intake: Intake, library: Library, now: int) -> dict[str, dict[str, str]]:
    """By substance: the last hour, four hours and day, by every route, as texts."""
    told: dict[str, dict[str, str]] = {}
    for name, window in WINDOWS.items():
        for key, mass in given(intake, library, now - window)[0].items():
            told.setdefault(key, {each: str(NOTHING) for each in WINDOWS})[name] = str(mass)
    return told


def pictured(typed: Body, library: Library, intake: Intake, now: int) -> list[dict[str, Any]]:
    """Where what has been typed lies between its limits (gauges.gauges), with what was given before."""
    drug = str(typed.get("drug", ""))
    had = {
        name.replace("_", "-"): given(intake, library, now - ms)[0].get(drug, NOTHING) for name, ms in WINDOWS.items()
    }
    return gauges.gauges(typed, library, had)


def _key(library: Library, name: str) -> str | None:
    """The library's key of a substance, however the record names it."""
    drugs = library.content.drug
    return name if name in drugs else next((key for key, drug in drugs.items() if drug.name == name), None)


def _at_the_bed(p: Prescription, library: Library, day: Had, intake: Intake, now: int) -> list[Finding]:
    masses, unknown, unchecked = day
    found = []
    if unchecked:
        said = (
            f"Within the last day the pump gave {volume(unchecked)} that were checked against no library; they count "
            "in no total."
        )
        found.append(Finding("unchecked", False, said))
    for name in sorted(set(unknown)):
        said = f"Within the last day {name} was given, which is not in the library; it counts in no total."
        found.append(Finding(f"not in the library:{name}", False, said))
    for key, amount in masses.items():
        if key != p.drug and amount > NOTHING and library.drug(key).group == "ketamine" == library.drug(p.drug).group:
            told = Dose(library.substance(key), amount)
            said = f"Within the last day {told} was given; it counts in no total of {p.substance}."
            found.append(Finding(f"other ketamine:{key}", False, said, asked=amount))
    return found


def _before(p: Prescription, library: Library, intake: Intake, others: tuple[Substance, ...], now: int) -> Before:
    last = intake.newest(p.drug)
    was = any(_key(library, each.to) == p.drug for at, each in intake.converted if at >= now - WINDOWS["day"])
    if last is None:
        return Before(others=others, converted=was)
    rate = DoseRate.of(Fraction(last.rate_ng_h, 1_000_000), "mg/h") if last.rate_ng_h else None
    return Before(Concentration.of(last.ng_per_ml, "ng/mL").to(p.solution.amount.unit), rate, others, was)


# -- as plain data -----------------------------------------------------------------------------------------------------


def name_of(found: Finding) -> str:
    """Its name for an override. It holds what was asked, so that a reason for one number is none for another; but for
    totals, which grow by themselves."""
    return found.code if found.asked is None or found.code.startswith("total") else f"{found.code}={found.asked}"


def told(judged: Judged, library: Library) -> dict[str, Any]:
    """Shape: guidance.as_json, each finding with its name; alerts: why two would have to compare it, findings apart."""
    made = guidance.as_json(judged.checked)
    for shown, found in zip(made["findings"], judged.checked.findings, strict=True):
        shown["finding"] = name_of(found)
    alerts = list(judged.alerts((), library))
    hard = any(found.hard for found in judged.checked.findings)
    return {**made, "possible": not hard, "alerts": alerts, "error": "", "field": ""}


def nothing(error: Exception) -> dict[str, Any]:
    """The same where nothing can be checked yet."""
    sentence = getattr(error, "sentence", str(error))
    return {"findings": [], "possible": False, "alerts": [], "error": sentence, "field": getattr(error, "field", "")}


def syringe(judged: Judged, chosen: object) -> dict[str, Any]:
    """What changes in that once a syringe is chosen, by its name: nothing, unless what is ordered is not for it."""
    if not chosen:
        return {}
    try:
        Order.from_input({**judged.checked.input, "syringe": chosen})
    except BadInput as error:
        return {"possible": False, "error": error.sentence, "field": error.field}
    return {}


def limits(typed: Body, library: Library) -> dict[str, Any]:
    """The limits that hold for what has been chosen so far, for this weight where there is one."""
    try:
        weight = Weight.parse(typed.get("weight", ""))
    except BadInput:
        weight = None
    try:
        area, drug = str(typed.get("area", "")), str(typed.get("drug", ""))
        rows = guidance.limits(library, drug, area, "iv", weight)
        return {"limits": [row._asdict() for row in rows]}
    except BadInput:
        return {"limits": []}


# -- for the record ----------------------------------------------------------------------------------------------------


def overrides(raw: object, checked: Checked, by: str) -> tuple[Override, ...]:
    """From [{"finding", "reason"}]. Raises BadInput, also for one of a finding that is not there."""
    if raw in (None, []):
        return ()
    if not isinstance(raw, list) or not all(isinstance(each, Mapping) for each in raw):
        raise BadInput("overrides", "Overrides are a list, each with its finding and its reason.")
    codes = {name_of(found): found.code for found in checked.findings}
    made = []
    for each in raw:
        name = each.get("finding")
        if not isinstance(name, str) or name not in codes:
            raise BadInput("overrides", "A reason was given for what is not found any more; look at the findings anew.")
        made.append(Override(codes[name], reason(each.get("reason")), by))
    return tuple(made)


def reason(typed: object) -> str:
    """Why somebody goes beyond what is usual. Raises BadInput."""
    if not isinstance(typed, str) or not typed.isprintable():
        raise BadInput("reason", "Say in a few words why the order goes beyond what is usual.")
    return " ".join(typed.split())


def event(judged: Judged, given_reasons: Sequence[Override], alerts: tuple[str, ...], by: str) -> Clinical:
    """For the record, but for the programme's number. Raises BadInput for a strength of a fraction of a ng/mL."""
    checked = judged.checked
    p = checked.prescription
    reasons = {override.code: override.reason for override in given_reasons}
    per_ml, rate = p.solution.amount.number("ng/mL"), high_alert.highest(p)
    if per_ml.denominator != 1:
        raise BadInput("concentration", "A concentration is a whole number of ng/mL; write it so.")
    findings = tuple(
        {
            "limit": found.code if found.limit is None else f"{found.code.split(':')[0]} {found.limit}",
            "asked": "" if found.asked is None else str(found.asked),
            "source": found.source,
            "sentence": found.sentence,
            "reason": reasons.get(found.code, ""),
        }
        for found in checked.findings
    )
    return Clinical(
        substance=p.drug, ng_per_ml=int(per_ml), dose=_words(p), library=checked.library, findings=findings,
        reason="; ".join(dict.fromkeys(reasons.values())), area=p.area, weight=str(p.patient.weight),
        rate_ng_h=0 if rate is None else round(rate.number("mg/h") * 1_000_000), alerts=alerts, by=by,
    )  # fmt: skip


def _words(p: Prescription) -> str:
    """The prescription in a line, as it was typed."""
    told = [p.mode]
    for name in ("dose", "over", "rate", "duration", "volume", "up", "down", "lockout", "hour", "four_hours", "highest",
                 "extra"):  # fmt: skip
        value = getattr(p, name)
        if value is not None:
            told.append(f"{name.replace('_', ' ')} {value}")
    told += [f"{step.rate} for {step.duration}" for step in p.steps]
    return f"{', '.join(told)}; {p.patient.weight}"


def convert(body: Body, library: Library, by: str) -> tuple[Converted, dict[str, Any]]:
    """A dose as one of another substance. Raises BadInput or Refused."""
    for key in body:
        if key not in ("drug", "to", "dose", "reason"):
            raise BadInput(str(key), f"There is no {str(key)[:40]!r} in a conversion.")
    of, to = (library.substance(str(body.get(key) or "")) for key in ("drug", "to"))
    if of == to:
        raise BadInput("to", "A conversion is from one substance into another.")
    factor = library.equivalence(of.key, to.key)
    reason = body.get("reason")
    if not isinstance(reason, str) or not reason.isprintable():
        raise BadInput("reason", "Say why this dose is converted to another substance.")
    dose = Dose(of, Mass.parse(body.get("dose", ""), "dose"))
    taken, kept = converted(dose, to, factor, reason, by)
    if not taken.amount.base:
        raise Refused("bad-value", "Nothing comes of this conversion.", by="host")
    made = Converted(
        substance=of.key, mass_ng=round(dose.amount.number("ng")),
        to=to.key, to_mass_ng=round(taken.amount.number("ng")),
        factor=str(factor.factor), source=factor.source, reason=kept.reason, by=by,
    )  # fmt: skip
    return made, {
        "given": str(dose.amount), "taken_as": str(taken.amount.to(dose.amount.unit)), "of": str(of), "to": str(to),
        "factor": str(factor.factor), "source": factor.source, "sentence": f"{kept}.",
    }  # fmt: skip
