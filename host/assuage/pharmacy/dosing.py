"""Order, checks, programme: what a clinician prescribes is compared with the drug library, number by number.

`check` never refuses: it finds. `Checked.order` refuses, unless nothing hard was found and every soft finding has its
reason and name. What a hand has given is checked by the same limits with `by_hand`; that it was given stands anyway.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any, Final

from assuage.errors import BadInput
from assuage.pharmacy import findings, programming, totals, weights
from assuage.pharmacy.findings import Finding, Override, Part
from assuage.pharmacy.library import Library
from assuage.pharmacy.library_schema import AREAS, Limit, Monitoring, Route
from assuage.pharmacy.prescription import Amount, Patient, Prescription, Rate
from assuage.pharmacy.quantities import (
    DosePerWeight,
    DoseRate,
    DoseRatePerWeight,
    Flow,
    Mass,
    Quantity,
    Time,
    Volume,
    Weight,
)
from assuage.pharmacy.substances import Dose, Solution, WrongSubstance
from assuage.pharmacy.whole import Rounded

WINDOWS: Final = {"hour": Time.of(60, "min"), "four-hours": Time.of(240, "min"), "day": Time.of(1440, "min")}
FINE: Final = Mass.of(1, "mg")  # below it, doses are shown in micrograms

_NEEDED: Final = ("dose", "rate", "demand", "basal")  # what may not go without limits


@dataclass(frozen=True, slots=True)
class Given:
    """What the patient has had of the substance already, by every route."""

    hour: Dose
    four_hours: Dose
    day: Dose


@dataclass(frozen=True, slots=True)
class Checked:
    """An order with what was found. input: for bedside.order.Order.from_input, with what concerns syringe and pump
    added; rounded: what the board's whole units make of it; library: hash of what it was judged by."""

    prescription: Prescription
    findings: tuple[Finding, ...]
    input: dict[str, Any]
    rounded: tuple[Rounded, ...]
    library: str
    contraindications: tuple[str, ...] = ()
    monitoring: tuple[Monitoring, ...] = ()
    overrides: tuple[Override, ...] = field(default=())

    def order(self, overrides: tuple[Override, ...] = ()) -> dict[str, Any]:
        """The input of the order. Raises Refused or BadInput; see findings.judge."""
        findings.judge(self.findings, overrides)
        return dict(self.input)


def check(
    prescription: Prescription, library: Library, given: Given | None = None, charted: Weight | None = None
) -> Checked:
    """Everything the library has to say about an infusion. given: what the patient has had before; charted: the weight
    that is on the chart, for whom a plausible one would not be. Raises BadInput where no programme can come of it."""
    p = prescription
    area = library.area(p.drug, p.area)
    way = library.route(p.drug, p.area, "iv")
    limits = way.limits
    found = [*_syringe(p, way, library), *_patient(p.patient, p.drug, p.area, library)]
    if charted is not None and charted != p.patient.weight:
        said = f"The order is for a weight of {p.patient.weight}, the chart has {charted}."
        found.append(Finding("charted weight", False, said, asked=p.patient.weight, also=(charted,)))
    if p.mode not in way.modes:
        found.append(_hard("mode", f"The library has no {p.mode} order of {p.drug} in {AREAS[p.area]}."))
    for part in _parts(p):
        found += _limited(part, limits, p.patient, library)
    found += _together(p, limits, given, library)
    programme, rounded = programming.programme(p)
    return Checked(
        p,
        tuple(found),
        programme,
        tuple(rounded),
        library.digest,
        tuple(said.text for said in (*library.drug(p.drug).contraindications, *area.contraindications)),
        area.monitoring,
    )


def by_hand(
    drug: str, area: str, route: str, asked: Amount, patient: Patient, solution: Solution | None, library: Library
) -> tuple[Dose, list[Finding]]:
    """A dose that somebody gives or has given by hand, and what the library finds. solution: None where nobody drew it
    from one. An area or a route without numbers is itself a finding. Raises BadInput for a drug that is not in the
    library and a volume of no solution, WrongSubstance for a syringe of another."""
    substance = library.substance(drug)
    if solution is not None and solution.substance != substance:
        raise WrongSubstance(substance, solution.substance)
    mass = _mass(asked, patient, solution)
    found: list[Finding] = []
    try:
        found = _patient(patient, drug, area, library)
        limits = library.route(drug, area, route).limits
    except BadInput as error:
        return Dose(substance, mass), [*found, Finding(error.field, False, error.sentence)]
    part = Part("dose", "dose", asked, mass, _doses(mass, patient, solution))
    return Dose(substance, mass), [*found, *_limited(part, limits, patient, library)]


# -- what is checked ---------------------------------------------------------------------------------------------------


def _hard(code: str, sentence: str) -> Finding:
    return Finding(code, True, sentence)


def _syringe(p: Prescription, way: Route, library: Library) -> list[Finding]:
    """What is in it: the right substance, by its label; a strength that the library has, and the label's own."""
    found = []
    if p.label.substance != p.substance:
        found.append(
            _hard("substance", f"The syringe's label says {p.label.substance}, the order {p.substance}: not the same.")
        )
    asked, label = p.solution.amount, p.label.amount
    if label != asked:
        found.append(
            _hard(
                "label",
                f"The order is for {asked}, the syringe's label says {label}: {_times(label / asked)}. Take the right "
                f"syringe, or order by what is in this one.",
            )
        )
    if asked not in way.concentrations:
        listed = ", ".join(str(each) for each in way.concentrations)
        found.append(_hard("concentration", f"The library has {p.drug} here as {listed}, not as {asked}."))
    return found


def _patient(patient: Patient, drug: str, area: str, library: Library) -> list[Finding]:
    doubt = weights.doubt(patient, library)
    found = [doubt] if doubt else []
    ages = library.area(drug, area).ages
    if not ages.low <= patient.age <= ages.high:
        source = library.source(ages)
        found.append(
            Finding(
                "age",
                False,
                f"The library's numbers for {drug}, {AREAS[area]}, are for {ages.low} to {ages.high}, not for "
                f"{patient.age}; source: {source}.",
                source,
                asked=patient.age,
            )
        )
    return found


def _parts(p: Prescription) -> list[Part]:
    """Each number of the order that a limit may be for."""
    made: list[Part] = []

    def add(what: str, name: str, asked: Rate | Amount | Time | None) -> None:
        if isinstance(asked, DoseRatePerWeight | DoseRate | Flow):
            made.append(Part(what, name, asked, p.dose_rate(asked), _rates(p.dose_rate(asked), p)))
        elif isinstance(asked, DosePerWeight | Mass | Volume):
            mass = p.mass(asked)
            made.append(Part(what, name, asked, mass, _doses(mass, p.patient, p.solution)))
        elif asked is not None:
            made.append(Part(what, name, asked, asked, tuple(asked.to(unit) for unit in ("min", "h"))))

    pca = p.mode == "pca"
    add("demand" if pca else "dose", "demand dose" if pca else "dose", p.dose)
    add("over", "time of the dose", p.over)
    add("basal" if pca else "rate", "basal rate" if pca else "rate", p.rate)
    for number, step in enumerate(p.steps, 1):
        add("rate", f"rate of step {number}", step.rate)
    add("lockout", "lockout", p.lockout)
    add("rate", "highest rate", p.highest)
    add("dose", "largest bolus", p.extra)
    return made


def _limited(part: Part, limits: tuple[Limit, ...], patient: Patient, library: Library) -> list[Finding]:
    if part.what in _NEEDED and not any(limit.what == part.what for limit in limits):
        return [_hard(part.name, f"The library has no limits for a {part.name} here, so none can be ordered.")]
    return findings.check(part, limits, patient.weight, library)


def _together(p: Prescription, limits: tuple[Limit, ...], given: Given | None, library: Library) -> list[Finding]:
    """The order and all that was given before it, in any hour, four hours and day."""
    found: list[Finding] = []
    before = {} if given is None else {"hour": given.hour, "four-hours": given.four_hours, "day": given.day}
    for what, window in WINDOWS.items():
        if any(limit.what == what for limit in limits):
            total = Dose(p.substance, totals.within(p, window))
            if what in before:
                total = total + before[what]
            name = f"total in {'one hour' if what == 'hour' else 'four hours' if what == 'four-hours' else 'a day'}"
            part = Part(what, name, total.amount, total.amount, _doses(total.amount, p.patient, p.solution))
            found += findings.check(part, limits, p.patient.weight, library)
    return found


# -- the same in other units -------------------------------------------------------------------------------------------


def _mass(asked: Amount, patient: Patient, solution: Solution | None) -> Mass:
    if isinstance(asked, DosePerWeight):
        return asked * patient.weight
    if isinstance(asked, Mass):
        return asked
    if solution is None:
        raise BadInput("concentration", "A dose in mL wants the concentration of what it was drawn from.")
    return asked * solution.amount


def _rates(rate: DoseRate, p: Prescription) -> tuple[Quantity, ...]:
    per, fine = rate / p.patient.weight, rate < FINE / WINDOWS["hour"]
    return (
        per.to("mcg/kg/h" if fine else "mg/kg/h"),
        per.to("mcg/kg/min"),
        rate.to("mcg/h" if fine else "mg/h"),
        rate / p.solution.amount,
    )


def _doses(mass: Mass, patient: Patient, solution: Solution | None) -> tuple[Quantity, ...]:
    fine = mass < FINE
    per: DosePerWeight = mass / patient.weight
    volume = () if solution is None else (mass / solution.amount,)
    return per.to("mcg/kg" if fine else "mg/kg"), mass.to("mcg" if fine else "mg"), *volume


def _times(ratio: Fraction) -> str:
    if ratio > 1:
        return f"{float(ratio):.3g} times as much"
    return "half of it" if ratio == Fraction(1, 2) else f"{float(ratio):.3g} of it"
