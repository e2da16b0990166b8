"""A scene in curves: ketamine is loaded and kept up, an opioid is given on top, breathing falls, the pump is stopped.

    scene = play()
    for figure in figures(scene.signs, scene.effects):
        evidence.plot(figure.title, x=TIME, y=figure.y, series=figure.series, lines=figure.lines, marks=scene.marks)

play() is the body alone, with a pump that does what it is told and a rule in place of the board's interlock. What a
board and its host have made of it on a bench is drawn by the same figures(), from the signs of that body.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from assuage_rig.clock import Clock
from assuage_rig.plant.feed import SECOND_US
from assuage_rig.plant.person import Person
from assuage_rig.plant.physiology import Body
from assuage_rig.plant.signs import Signs

TIME = "time (min)"
"""Name of the axis across."""

Series = dict[str, tuple[list[float], list[float]]]

Trip = Callable[[Sequence[Signs]], str]
"""Why a pump is to be stopped, from the signs so far; empty while it is not."""


@dataclass(frozen=True)
class Figure:
    """Curves by name over minutes; lines: levels by name."""

    title: str
    y: str
    series: Series
    lines: Mapping[str, float]


@dataclass
class Scene:
    """signs: of every second. effects: ng/mL at the effect site by drug, likewise. marks: minutes by what happened."""

    signs: list[Signs] = field(default_factory=list)
    effects: dict[str, list[float]] = field(default_factory=dict)
    marks: dict[str, float] = field(default_factory=dict)


def low_for(spo2: float = 90.0, rate: float = 8.0, seconds: int = 10) -> Trip:
    """A rule: the finger's saturation or the rate of breathing is below its limit for so long."""

    def why(signs: Sequence[Signs]) -> str:
        last = signs[-seconds:]
        if len(last) < seconds:
            return ""
        if all(s.resp_rate < rate for s in last):
            return f"breathing below {rate:g} /min"
        return f"SpO2 below {spo2:g} %" if all(s.spo2 < spo2 for s in last) else ""

    return why


def play(
    person: Person | None = None,
    *,
    load_mg_kg: float = 0.3,
    keep_mg_kg_h: float = 0.2,
    opioid: str = "fentanyl",
    opioid_ug_kg: float = 2.5,
    opioid_min: float = 20.0,
    trip: Trip | None = None,
    answer_s: int = 90,
    minutes: float = 45.0,
) -> Scene:
    """Loading over five minutes, then a constant rate until it trips; a nurse comes answer_s later, who speaks to the
    patient for two minutes, gives oxygen and, if nobody breathes, 0.1 mg of naloxone."""
    clock = Clock()
    body = Body(clock, person)
    kg, rule, scene = body.person.weight_kg, trip or low_for(), Scene()
    scene.effects = {drug: [] for drug in ("ketamine", opioid)}
    scene.marks["loading"] = 0.0
    body.bolus("ketamine", load_mg_kg * kg * 1000, 300)
    tripped = 0
    for second in range(1, round(minutes * 60) + 1):
        if second > 300 and not tripped:
            scene.marks.setdefault("maintenance", 5.0)
            body.receive("ketamine", keep_mg_kg_h * kg / 3.6, second * SECOND_US)
        if second == round(opioid_min * 60):
            scene.marks[opioid] = opioid_min
            body.bolus(opioid, opioid_ug_kg * kg, 30)
        if tripped and second == tripped + answer_s:
            scene.marks["nurse"] = second / 60
            body.stimulate(120)
            body.breathe_gas(0.4)
            if not body.at().resp_rate:
                body.naloxone(0.1)
        clock.now_us = second * SECOND_US
        scene.signs.append(body.at())
        for drug, levels in scene.effects.items():
            levels.append(body.effect(drug))
        if not tripped and (reason := rule(scene.signs)):
            tripped = second
            scene.marks[f"pump stopped: {reason}"] = second / 60
    return scene


def figures(
    signs: Sequence[Signs],
    effects: Mapping[str, Sequence[float]] | None = None,
    limits: Mapping[str, float] | None = None,
) -> list[Figure]:
    """What there is to see of a body, over minutes of the rig. effects: as in a Scene. limits: by sign, e.g. spo2."""
    xs = [s.time_us / 60e6 for s in signs]
    limits = limits or {}

    def curves(names: Mapping[str, str]) -> Series:
        return {name: (xs, [float(getattr(s, sign)) for s in signs]) for name, sign in names.items()}

    def lines(*names: str) -> dict[str, float]:
        return {f"limit of {name}": limits[name] for name in names if name in limits}

    found = [
        Figure(
            "Saturation", "saturation (%)", curves({"SpO2 at the finger": "spo2", "arterial": "sao2"}), lines("spo2")
        ),
        Figure(
            "Breathing", "/min, mmHg", curves({"breaths": "resp_rate", "EtCO2": "etco2"}), lines("resp_rate", "etco2")
        ),
        Figure(
            "Circulation", "/min, mmHg",
            curves({"pulse": "pulse_bpm", "systolic": "systolic", "diastolic": "diastolic"}), lines("pulse_bpm"),
        ),
    ]  # fmt: skip
    if effects:
        # Opioids act at a hundredth of ketamine's concentrations: each is drawn as a share of its own greatest.
        shares = {
            f"{drug} (most {max(levels):.3g} ng/mL)": (xs, [100 * level / max(levels) for level in levels])
            for drug, levels in effects.items()
            if max(levels, default=0.0) > 0
        }
        found.append(Figure("At the effect site", "share of the most (%)", shares, {}))
    return found
