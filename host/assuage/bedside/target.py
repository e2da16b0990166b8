"""What a target-controlled infusion is ordered as: a concentration to be reached, and the programme that bounds it.

On the board it is a continuous infusion whose limits (rate, volume, duration, hour, four hours) hold whatever its host
asks for, and which stops, or keeps the vein open, when its host is lost. To continue at the last rate is not offered:
that rate was meant for seconds. What is typed:

    drug, area, weight, age, height, concentration, label_drug, label_concentration    as in a prescription; what is
                      left out of patient and care area is taken from the admission
    model, site (plasma or effect), target      which model, what of it, and how much
    rate, loading     the highest while the target is held, and while it is first reached; else as while it is held
    volume, duration  what is given at most, and for how long
    overrides         a list of {"finding", "reason"}: what somebody goes beyond, as a prescription's check has named it
    syringe, on_loss, kvo_ml_h, contents_ml, occlusion_mmhg, near_empty_min, guards    as in any order
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING, Any, Final

from assuage.bedside.courses import Course
from assuage.bedside.order import KVO, Order
from assuage.errors import BadInput, Refused
from assuage.pharmacy import dosing, high_alert
from assuage.pharmacy.findings import Override
from assuage.pharmacy.kinetics.body import Body, Patient, body, fitting, why_not
from assuage.pharmacy.kinetics.course import concentration
from assuage.pharmacy.kinetics.predict import known_effects
from assuage.pharmacy.kinetics.schema import Entry, digest, models
from assuage.pharmacy.kinetics.tci import Limits, Site
from assuage.pharmacy.library import Library
from assuage.pharmacy.prescription import Prescription
from assuage.pharmacy.quantities import Concentration, DosePerWeight, DoseRate, Mass, Time, Volume
from assuage.pharmacy.substances import Solution
from assuage.pharmacy.syringes import Syringe
from assuage.pharmacy.units import Ml, MlPerH
from assuage.pharmacy.whole import NL, nl, nl_per_min
from assuage_wire import schema

if TYPE_CHECKING:
    from assuage.bedside.judging import Approved

PRESCRIBED: Final = frozenset({
    "drug", "area", "weight", "age", "height", "concentration", "label_drug", "label_concentration", "rate", "volume",
})  # fmt: skip
ORDERED: Final = frozenset({
    "syringe", "on_loss", "kvo_ml_h", "contents_ml", "occlusion_mmhg", "near_empty_min", "guards",
})  # fmt: skip
Approve = Callable[[object, object], "tuple[dict[str, Any], Approved]"]
"""Checks a prescription with the reasons for what is found about it: Prescribing.approve."""

OWN: Final = frozenset({"model", "site", "target", "loading", "duration", "overrides"})
SITES: Final[dict[str, Site]] = {"plasma": "plasma", "effect": "effect"}
SLOWEST: Final = MlPerH(MlPerH.LO)  # of an order; a pump that waits for a concentration to fall does not stand
LONGEST: Final = Time.of(720, "h")
STEP_MOST: Final = 0.01  # of the target, that one step of the plunger may bring at once without a word
BOARD_LONGER: Final = Decimal("1.05")  # the board's windows are up to a twentieth longer than their names


@dataclass(frozen=True)
class Aim:
    """What was ordered. limits: within which rates are asked for. first: target that was ordered with it; approved:
    that it may be; models: hash of the file of models; asked: as it was typed; step: of the plunger, by which the pump
    moves, once the board has said it."""

    order: Order
    body: Body
    site: Site
    target: Concentration
    first: Concentration
    limits: Limits
    solution: Solution
    approved: Approved
    models: str
    asked: Mapping[str, Any] = field(default_factory=dict)
    step: Volume | None = None

    def read_back(self, readback: Mapping[str, Any]) -> Aim:
        """The same, with what the board has said of its pump."""
        return replace(self, step=Volume.of(Fraction(readback["vtbi_nl"], readback["steps"] * 1_000_000), "mL"))

    def at(self, typed: object) -> Aim:
        """The same with another target. Raises BadInput or Refused."""
        target = Concentration.parse(typed, "target")
        reachable(self.body, target, self.limits)
        return replace(self, target=target)

    @property
    def least(self) -> int:
        """nL/min: the slowest flow that is asked for."""
        return self.order.course.rate


def prescription(data: Mapping[str, Any]) -> dict[str, Any]:
    """The infusion within which a target is followed, as the library checks it: its highest rates, and its volume.
    Raises BadInput."""
    for key in data:
        if key not in PRESCRIBED | ORDERED | OWN:
            raise BadInput(str(key), f"A target has no {str(key)[:40]!r}.")
    drug = data.get("drug")
    if not isinstance(drug, str) or drug not in {model.substance for model in models().values()}:
        raise BadInput("drug", f"There is no model of {str(drug)[:40]!r}, so it has no target; order it by its rate.")
    for key in ("rate", "volume"):
        if data.get(key) in (None, ""):
            raise BadInput(key, f"Say the {_MOST[key]}.")
    asked = {key: data[key] for key in PRESCRIBED if key in data}
    return asked | {"mode": "continuous", "highest": data.get("loading") or data["rate"]}


_MOST: Final = {"rate": "highest rate", "volume": "volume that is given at most"}


def offered(p: Prescription) -> list[dict[str, Any]]:
    """The models of what is prescribed that are for such a patient, for a screen."""
    patient = Patient(p.patient.weight, p.patient.age)
    return [
        {
            "key": key,
            "name": model.name,
            "source": model.source,
            "verified": model.verified,
            "effect": model.effect_site is not None,
            "doubts": model.doubts,
        }
        for key, model in models().items()
        if not why_not(model, patient, p.substance)
    ]


def aim(data: Mapping[str, Any], approve: Approve, table: Mapping[str, Syringe]) -> Aim:
    """From what was typed. Raises BadInput, and Refused where the library or the models forbid it."""
    typed, approved = approve(prescription(data), data.get("overrides"))
    p = approved.checked.prescription
    assert p.rate is not None and p.highest is not None and p.volume is not None
    model = _model(data.get("model"), p)
    made = body(model, Patient(p.patient.weight, p.patient.age))
    site = SITES.get(str(data.get("site", "plasma")))
    if site is None:
        raise BadInput("site", "A target is of plasma or of the effect site.")
    within = _within(p, approved.library, approved.overrides)
    order = _order(data, p, within, table)
    slow = _dose_rate(order.course.rate, p.solution)
    limits = Limits(
        p.dose_rate(p.rate), p.dose_rate(p.highest), p.volume * p.solution.amount,
        tuple((mass, time * BOARD_LONGER) for mass, time in within.values()), slow,
    )  # fmt: skip
    if limits.loading < limits.rate:
        raise BadInput("loading", "The highest rate while loading cannot be below the highest rate.")
    target = Concentration.parse(data.get("target", ""), "target")
    reachable(made, target, limits)
    if site == "effect" and made.system.effect is None:
        why = f"{model.name} has no effect site. {model.no_effect_site}"
        raise Refused("no-effect-site", f"{why} Take plasma as the target, or another model.", by="host")
    said = f"target {target} in {_PLACES[site]} by {model.name}, at most {limits.rate} ({limits.loading} loading)"
    checked = replace(approved.checked, prescription=replace(p, mode="tci"))
    approved = replace(approved, checked=checked, clinical=replace(approved.clinical, dose=said))
    return Aim(
        order, made, site, target, target, limits, p.solution, approved, digest(), {**data, **typed, "mode": "tci"}
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


def alerts(made: Aim, was: Concentration) -> list[str]:
    """Why a second person has to compare a change to this target."""
    p, found = made.approved.checked.prescription, []
    if made.target > was and high_alert.always(made.approved.library, p.drug):
        found.append(f"{p.substance} is a high-alert drug.")
    if made.target > min(was, made.first) * high_alert.DOUBLED:
        found.append(f"The target is more than twice what it is, {was}, or what was ordered, {made.first}.")
    return found


def shown(made: Aim) -> dict[str, Any]:
    """What a person compares beside the board's read-back."""
    model, limits = made.body.model, made.limits
    return {
        "target": str(made.target),
        "site": made.site,
        "model": model.key,
        "name": model.name,
        "source": model.source,
        "models": made.models,
        "doubts": doubts(made),
        "rate": str(limits.rate),
        "loading": str(limits.loading),
        "slowest": str(limits.least),
        "within": [f"{mass} in {time / BOARD_LONGER}" for mass, time in limits.within],
        "seen": seen(made),
    }


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
    return told + coarse(made) + fitting(made.body.patient, model.of)[1]


def coarse(made: Aim) -> list[str]:
    """That a step of the plunger alone passes the target by more than is right, a sentence."""
    if made.step is None or made.site == "effect":  # which follows slowly
        return []
    mass = made.step * made.solution.amount
    share = mass.approximate("mg") / made.body.system.volume / made.target.approximate("mcg/mL")
    if share <= STEP_MOST:
        return []
    return [
        f"Each step of this syringe's plunger brings {share * 100:.2g} % of the target at once, and may pass it by "
        "that; take a weaker solution or a narrower syringe."
    ]


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


def _model(key: object, p: Prescription) -> Entry:
    known = {name: model for name, model in models().items() if model.of == p.substance}
    patient = Patient(p.patient.weight, p.patient.age)
    fits = [name for name, model in known.items() if not why_not(model, patient, p.substance)]
    if not fits:
        raise BadInput("model", f"There is no model of {p.substance} for this patient; order it by its rate.")
    if not isinstance(key, str) or key not in known:
        raise BadInput("model", f"Say by which model; of those that fit there are {', '.join(fits)}.")
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
    data: Mapping[str, Any], p: Prescription, within: dict[str, tuple[Mass, Time]], table: Mapping[str, Syringe]
) -> Order:
    """The board's programme: it begins at the slowest rate, and nothing can take it beyond what is ordered."""
    assert p.volume is not None and p.highest is not None
    if data.get("on_loss", "stop") == "continue":
        raise BadInput("on_loss", "Without its host a target cannot go on; let the pump stop or keep the vein open.")
    opens = data.get("on_loss") == "kvo"
    first = MlPerH.parse(data["kvo_ml_h"], "keep-vein-open rate") if opens and data.get("kvo_ml_h") else None
    first = (KVO if opens else SLOWEST) if first is None else first
    asked = {key: data[key] for key in ORDERED if key in data} | {"drug": f"{p.substance} {p.solution.amount}"}
    volume = Ml.from_nl(round(nl(p.volume)))
    order = Order.from_input({"on_loss": "stop"} | asked | {"rate_ml_h": first, "vtbi_ml": volume}, table=table)
    duration = Time.parse(data.get("duration", ""), "duration")
    if duration > LONGEST:
        raise BadInput("duration", f"A target can be followed for at most {LONGEST}.")
    most = int(nl_per_min(p.flow(p.highest)))
    if most < first.nl_per_min:
        raise BadInput("rate", f"The highest rate is below the slowest that this order gives, {first}.")
    hours = [_whole(within.get(key), p) for key in ("hour", "four-hours")]
    course = Course(first.nl_per_min, volume.nl, None, limit_hour=hours[0], limit_4h=hours[1])
    return replace(order, mode="tci", course=course, lasts=int(duration.number("s")), highest=most)


def _whole(limit: tuple[Mass, Time] | None, p: Prescription) -> int:
    return schema.S30 if limit is None else min(schema.S30, int(nl(limit[0] / p.solution.amount)))


def _dose_rate(nl_min: int, solution: Solution) -> DoseRate:
    """What so many nL/min of the solution bring."""
    return DoseRate.of(solution.amount.number("mg/mL") * nl_min / NL, "mg/min")
