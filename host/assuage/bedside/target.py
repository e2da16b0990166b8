"""What a target-controlled infusion is ordered as: a concentration to be reached, and the programme that bounds it.

On the board it is a continuous infusion whose limits (rate, volume, duration, hour, four hours) hold whatever its host
asks for, and which stops, or keeps the vein open, when its host is lost. To continue at the last rate is not offered:
that rate was meant for seconds. What is typed:

    drug, area, weight, age, height, concentration, label_drug, label_concentration    as in any prescription
    model, site (plasma or effect), target      which model, what of it, and how much
    rate, loading     the highest while the target is held, and while it is first reached; else as while it is held
    volume, duration  what is given at most, and for how long

What concerns pump and syringe stands beside it, as for any prescription (bedside.prescribing.PUMP).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any, Final

from assuage.bedside.courses import Course
from assuage.bedside.order import KVO, Order
from assuage.errors import BadInput, Refused
from assuage.pharmacy import dosing, high_alert
from assuage.pharmacy.findings import Override
from assuage.pharmacy.kinetics.body import INTRAVENOUS, Body, Patient, absorption, body, fitting, why_not
from assuage.pharmacy.kinetics.course import concentration, no_route
from assuage.pharmacy.kinetics.predict import known_effects
from assuage.pharmacy.kinetics.programme import NOW, Given, Infusion, Programme
from assuage.pharmacy.kinetics.schema import Entry, models
from assuage.pharmacy.kinetics.tci import Limits, Site
from assuage.pharmacy.library import Library
from assuage.pharmacy.prescription import Prescription
from assuage.pharmacy.quantities import Concentration, DosePerWeight, DoseRate, Mass, Time
from assuage.pharmacy.substances import Solution
from assuage.pharmacy.syringes import Syringe
from assuage.pharmacy.units import Ml, MlPerH
from assuage.pharmacy.whole import NL, nl, nl_per_min
from assuage_wire import schema

PRESCRIBED: Final = frozenset({
    "drug", "area", "weight", "age", "height", "concentration", "label_drug", "label_concentration", "rate", "volume",
})  # fmt: skip
OWN: Final = frozenset({"mode", "model", "site", "target", "loading", "duration"})
SITES: Final[dict[str, Site]] = {"plasma": "plasma", "effect": "effect"}
SLOWEST: Final = MlPerH(MlPerH.LO)  # of an order; a pump that waits for a concentration to fall does not stand
LONGEST: Final = Time.of(720, "h")
DAY: Final = Time.of(24, "h")  # the library's longest window; what came by an unknown way before it is left out
BOARD_LONGER: Final = Decimal("1.05")  # the board's windows are up to a twentieth longer than their names


@dataclass(frozen=True)
class Aim:
    """What was ordered. prescription: in clinical units, of mode tci. limits: within which rates are asked for. known:
    the models that there are, by key."""

    order: Order
    body: Body
    site: Site
    target: Concentration
    limits: Limits
    prescription: Prescription
    known: Mapping[str, Entry]

    def at(self, typed: object) -> Aim:
        """The same with another target. Raises BadInput or Refused."""
        target = Concentration.parse(typed, "target")
        reachable(self.body, target, self.limits)
        return replace(self, target=target)

    @property
    def solution(self) -> Solution:
        """What is in the syringe."""
        return self.prescription.solution

    @property
    def least(self) -> int:
        """nL/min: the slowest flow that is asked for."""
        return self.order.course.rate


def prescription(typed: Mapping[str, Any], library: Library) -> Prescription:
    """The infusion within which a target is followed, for the library: at most its rates, and its volume. Raises
    BadInput."""
    for key in typed:
        if key not in PRESCRIBED | OWN:
            raise BadInput(str(key), f"A target has no {str(key)[:40]!r}.")
    for key, missing in (("rate", "rate, which is the highest"), ("volume", "volume that is given at most")):
        if typed.get(key) in (None, ""):
            raise BadInput(key, f"Say the {missing}.")
    asked = {key: typed[key] for key in PRESCRIBED if key in typed} | {"mode": "continuous"}
    return Prescription.from_input(asked | {"highest": typed.get("loading") or typed["rate"]}, library)


def aim(
    typed: Mapping[str, Any],
    pump: Mapping[str, Any],
    p: Prescription,
    overrides: tuple[Override, ...],
    library: Library,
    table: Mapping[str, Syringe],
    known: Mapping[str, Entry] | None = None,
) -> Aim:
    """What was typed, and its `prescription`, which the library allows with these overrides. table: of syringes; known:
    the models, else those that come with the program. Raises BadInput, and Refused where it cannot be followed."""
    assert p.rate is not None and p.highest is not None and p.volume is not None
    known = models() if known is None else known
    model = _model(typed.get("model"), p, known)
    made = body(model, Patient(p.patient.weight, p.patient.age))
    site = SITES.get(str(typed.get("site", "plasma")))
    if site is None:
        raise BadInput("site", "A target is of plasma or of the effect site.")
    duration = Time.parse(typed.get("duration", ""), "duration")
    if duration > LONGEST:
        raise BadInput("duration", f"A target can be followed for at most {LONGEST}.")
    most, highest, volume = p.rate, p.highest, p.volume
    p = replace(p, mode="tci", duration=duration)
    within = _within(p, library, overrides)
    order = _order(pump, p, within, table)
    limits = Limits(
        p.dose_rate(most), p.dose_rate(highest), volume * p.solution.amount,
        tuple((mass, time * BOARD_LONGER) for mass, time in within.values()),
        _dose_rate(order.course.rate, p.solution),
    )  # fmt: skip
    if limits.loading < limits.rate:
        raise BadInput("loading", "The highest rate while loading cannot be below the highest rate.")
    target = Concentration.parse(typed.get("target", ""), "target")
    reachable(made, target, limits)
    if site == "effect" and made.system.effect is None:
        why = f"{model.name} has no effect site. {model.no_effect_site}"
        raise Refused("no-effect-site", f"{why} Take plasma as the target, or another model.", by="host")
    return Aim(order, made, site, target, limits, p, known)


def taken_up(made: Body, before: Programme) -> Programme:
    """Without what the model cannot reckon with."""
    return replace(before, parts=tuple(part for part in before.parts if _route(made, part)))


def reckoned(made: Body, before: Programme) -> None:
    """Raises Refused where, within the last day, the patient had what the model cannot reckon with."""
    for part in before.parts:
        if isinstance(part, Given) and part.at > NOW - DAY and not _route(made, part):
            raise Refused(
                "no-route",
                f"{no_route(made, part.route)} {part.dose} were given so within the last day, and would be in no line. "
                "Take another model, or order by a rate.",
                by="host",
            )


def _route(made: Body, part: Given | Infusion) -> bool:
    return isinstance(part, Infusion) or part.route == INTRAVENOUS or absorption(made, part.route) is not None


def words(made: Aim) -> str:
    """In a clinician's words, for the record."""
    limits, place = made.limits, _PLACES[made.site]
    return (
        f"target {made.target} in {place} by {made.body.model.name}, at most {limits.rate} ({limits.loading} loading)"
    )


def reachable(made: Body, target: Concentration, limits: Limits) -> None:
    """Raises Refused for a target that the limits do not let it hold, or that the slowest rate alone would pass."""
    name, level = made.model.name, target.approximate("mcg/mL")
    takes = DoseRate.estimate(made.system.steady_rate(level) * 60, "mg/h", 3)
    if takes > limits.rate:
        why = f"By {name}, {target} takes {takes} in the long run, which is above the highest rate of this order"
        raise Refused("target", f"{why}, {limits.rate}; set a lower target.", limit=str(limits.rate), by="host")
    if limits.least is not None:
        alone = concentration(limits.least.approximate("mg/min") / made.system.steady_rate(1.0))
        if alone > target * Decimal("0.99"):
            raise Refused(
                "target",
                f"By {name}, the slowest rate of this order ({limits.least}) alone brings {alone}; set a higher "
                f"target, or take a weaker solution.",
                by="host",
            )


_PLACES: Final = {"plasma": "plasma", "effect": "the effect site"}


def shown(made: Aim) -> dict[str, Any]:
    """What a person compares beside the board's read-back."""
    model, limits = made.body.model, made.limits
    return {
        "target": str(made.target),
        "site": made.site,
        "model": model.key,
        "name": model.name,
        "source": model.source,
        "doubts": doubts(made),
        "rate": str(limits.rate),
        "loading": str(limits.loading),
        "slowest": str(limits.least),
        "within": [f"{mass} in {time / BOARD_LONGER}" for mass, time in limits.within],
        "seen": seen(made),
    }


def alerts(clinical: Mapping[str, Any], target: Concentration, was: Concentration) -> list[str]:
    """Why a second person has to compare another target of what runs. clinical: that part of its read-back."""
    if target <= was:
        return []
    told = [f"{clinical['substance']} is a high-alert drug."] if clinical["always"] else []
    if target > was * high_alert.DOUBLED:
        told.append("The target is more than twice what it was.")
    return told


def doubts(made: Aim) -> list[str]:
    """What is not certain about this model in this patient, a sentence each."""
    model = made.body.model
    told = [model.doubts] if model.doubts else []
    if not model.verified:
        told.append(f"{model.name} was not read at its source: {model.read}.")
    site = model.effect_site
    if made.site == "effect" and site is not None:
        unread = "" if site.verified else "; unverified"
        told.append(f"The ke0 is from {site.source}{unread}.")
    return told + fitting(made.body.patient, model.of, made.known)[1]


def seen(made: Aim) -> list[str]:
    """What people have had at about that concentration, with its source."""
    ng = made.target.approximate("ng/mL")
    return [
        f"{each.name}: {each.low} to {each.high} ({each.source}{'' if each.verified else '; unverified'})"
        for each in known_effects(made.body.model.of, made.body.patient.age)
        if _ng(each.low) <= ng <= _ng(each.high)
    ]


def _ng(text: str) -> float:
    return Concentration.of(*text.split()).approximate("ng/mL")


def offered(p: Prescription, known: Mapping[str, Entry]) -> list[dict[str, Any]]:
    """The models to choose from, for a screen."""
    return [
        {
            "key": key,
            "name": model.name,
            "source": model.source,
            "verified": model.verified,
            "effect": model.effect_site is not None,
            "doubts": model.doubts,
        }
        for key, model in fits(p, known).items()
    ]


def fits(p: Prescription, known: Mapping[str, Entry]) -> dict[str, Entry]:
    """The models of what is prescribed that are for such a patient, by key."""
    patient = Patient(p.patient.weight, p.patient.age)
    return {name: model for name, model in known.items() if not why_not(model, patient, p.substance)}


def _model(key: object, p: Prescription, known: Mapping[str, Entry]) -> Entry:
    found = fits(p, known)
    if not found:
        raise BadInput("model", f"There is no model of {p.substance} for this patient; order it by its rate.")
    if not isinstance(key, str) or key not in known or known[key].of != p.substance:
        raise BadInput("model", f"Say by which model; of those that fit there are {', '.join(found)}.")
    return known[key]


def _within(p: Prescription, library: Library, overrides: tuple[Override, ...]) -> dict[str, tuple[Mass, Time]]:
    """The least that may be given in each stretch: what is usual, unless somebody goes beyond that."""
    beyond = {each.code.split(":")[0] for each in overrides if ":soft-high:" in each.code}
    names = {"hour": "total in one hour", "four-hours": "total in four hours", "day": "total in a day"}
    found: dict[str, tuple[Mass, Time]] = {}
    for limit in library.route(p.drug, p.area, "iv").limits:
        time = dosing.WINDOWS.get(limit.what)
        if time is None or limit.bound == "soft-low" or (limit.bound == "soft-high" and names[limit.what] in beyond):
            continue
        value = limit.value * p.patient.weight if isinstance(limit.value, DosePerWeight) else limit.value
        assert isinstance(value, Mass)
        found[limit.what] = min(found.get(limit.what, (value, time)), (value, time))
    return found


def _order(
    pump: Mapping[str, Any], p: Prescription, within: dict[str, tuple[Mass, Time]], table: Mapping[str, Syringe]
) -> Order:
    """The board's programme: it begins at the slowest rate, and nothing can take it beyond what is ordered."""
    assert p.volume is not None and p.highest is not None and p.duration is not None
    if pump.get("on_loss", "stop") == "continue":
        raise BadInput("on_loss", "Without its host a target cannot go on; let the pump stop or keep the vein open.")
    opens = pump.get("on_loss") == "kvo"
    first = MlPerH.parse(pump["kvo_ml_h"], "keep-vein-open rate") if opens and pump.get("kvo_ml_h") else None
    first = (KVO if opens else SLOWEST) if first is None else first
    asked = {**pump, "drug": f"{p.substance} {p.solution.amount}"}
    volume = Ml.from_nl(round(nl(p.volume)))
    order = Order.from_input({"on_loss": "stop"} | asked | {"rate_ml_h": first, "vtbi_ml": volume}, table=table)
    most = int(nl_per_min(p.flow(p.highest)))
    if most < first.nl_per_min:
        raise BadInput("rate", f"The highest rate is below the slowest that this order gives, {first}.")
    hours = [_whole(within.get(key), p) for key in ("hour", "four-hours")]
    course = Course(first.nl_per_min, volume.nl, None, limit_hour=hours[0], limit_4h=hours[1])
    return replace(order, mode="tci", course=course, lasts=int(p.duration.number("s")), highest=most)


def _whole(limit: tuple[Mass, Time] | None, p: Prescription) -> int:
    return schema.S30 if limit is None else min(schema.S30, int(nl(limit[0] / p.solution.amount)))


def _dose_rate(nl_min: int, solution: Solution) -> DoseRate:
    """What so many nL/min of the solution bring."""
    return DoseRate.of(solution.amount.number("mg/mL") * nl_min / NL, "mg/min")
