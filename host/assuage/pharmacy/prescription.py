"""What a clinician orders, in clinical units, as typed quantities: drug, patient, syringe, and one of these modes.

    continuous    rate, duration or volume
    loading       dose over time, then rate for duration
    bolus         dose over time
    ramp          rate; up and down, which are in duration
    steps         steps: a list of {"rate", "duration"}
    pca           dose over time on demand, lockout, hour and four_hours, volume, duration; rate beside it, or none

A rate may be per weight, in all or a flow; a dose per weight, in all or a volume: its unit says which. Every mode also
takes `highest`, the rate that it may be changed to, and `extra`, the largest bolus that may be given while it runs.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Self

from assuage.errors import BadInput
from assuage.pharmacy.library import Library
from assuage.pharmacy.quantities import (
    Age,
    Concentration,
    DosePerWeight,
    DoseRate,
    DoseRatePerWeight,
    Flow,
    Height,
    Mass,
    Time,
    Volume,
    Weight,
    parse_one_of,
)
from assuage.pharmacy.substances import Solution, Substance

Input = Mapping[str, Any]

STEPS_MOST: Final = 10  # courses has the board's own limit; this bounds what is read

# Keys of each mode: those that must be there, and those that may.
MODES: Final[dict[str, tuple[frozenset[str], frozenset[str]]]] = {
    "continuous": (frozenset({"rate"}), frozenset({"duration", "volume"})),
    "loading": (frozenset({"dose", "over", "rate", "duration"}), frozenset()),
    "bolus": (frozenset({"dose", "over"}), frozenset()),
    "ramp": (frozenset({"rate", "duration"}), frozenset({"up", "down"})),
    "steps": (frozenset({"steps"}), frozenset()),
    "pca": (frozenset({"dose", "over", "lockout", "hour", "four_hours", "volume", "duration"}), frozenset({"rate"})),
}
_COMMON: Final = frozenset({"drug", "area", "mode", "weight", "age", "concentration", "label_drug",
                            "label_concentration"})  # fmt: skip
_MAY: Final = frozenset({"height", "highest", "extra"})

RATES: Final = (DoseRatePerWeight, DoseRate, Flow)
DOSES: Final = (DosePerWeight, Mass, Volume)

Rate = DoseRatePerWeight | DoseRate | Flow
Amount = DosePerWeight | Mass | Volume


@dataclass(frozen=True, slots=True)
class Patient:
    """Whom it is for."""

    age: Age
    weight: Weight
    height: Height | None = None


@dataclass(frozen=True, slots=True)
class Step:
    """A rate for a time."""

    rate: Rate
    duration: Time


@dataclass(frozen=True, slots=True)
class Prescription:
    """As it was asked. label: what somebody has read off the syringe itself, not off the order."""

    drug: str
    area: str
    mode: str
    patient: Patient
    solution: Solution
    label: Solution
    rate: Rate | None = None
    dose: Amount | None = None
    over: Time | None = None
    duration: Time | None = None
    volume: Volume | None = None
    up: Time | None = None
    down: Time | None = None
    lockout: Time | None = None
    hour: Amount | None = None
    four_hours: Amount | None = None
    steps: tuple[Step, ...] = ()
    highest: Rate | None = None
    extra: Amount | None = None

    @classmethod
    def from_input(cls, data: Input, library: Library) -> Self:
        """What a form or a file says, each with its unit. Raises BadInput for the first thing that cannot be used."""
        mode = data.get("mode", "continuous")
        if not isinstance(mode, str) or mode not in MODES:
            raise BadInput("mode", f"An infusion can be {', '.join(list(MODES)[:-1])} or {list(MODES)[-1]}.")
        must, may = MODES[mode]
        for key in data:
            if key not in must | may | _COMMON | _MAY:
                raise BadInput(str(key), f"A prescription that is {mode} has no {str(key)[:40]!r}.")
        if mode == "continuous" and _typed(data, "duration") == _typed(data, "volume"):
            raise BadInput("duration", "Say for how long it is to flow, or which volume, and not both.")
        drug, label = library.substance(_name(data, "drug")), library.substance(_name(data, "label_drug"))
        concentration = Concentration.parse(data.get("concentration", ""), "concentration")
        on_label = Concentration.parse(data.get("label_concentration", ""), "concentration on the label")
        area = _name(data, "area")
        library.area(drug.key, area)
        wanted = {key for key in must | may | _MAY if key in must or _typed(data, key)}
        return cls(
            drug=drug.key,
            area=area,
            mode=mode,
            patient=patient(data),
            solution=Solution(drug, concentration),
            label=Solution(label, on_label),
            steps=_steps(data) if mode == "steps" else (),
            **{key: _FIELDS[key](data, key) for key in wanted if key in _FIELDS},
        )

    def mass(self, asked: Amount) -> Mass:
        """A dose as the drug's mass."""
        if isinstance(asked, DosePerWeight):
            return asked * self.patient.weight
        return asked if isinstance(asked, Mass) else asked * self.solution.amount

    def dose_rate(self, asked: Rate) -> DoseRate:
        """A rate as the drug's mass in time."""
        if isinstance(asked, DoseRatePerWeight):
            return asked * self.patient.weight
        return asked if isinstance(asked, DoseRate) else asked * self.solution.amount

    def flow(self, asked: Rate) -> Flow:
        """A rate as the syringe's flow."""
        return asked if isinstance(asked, Flow) else self.dose_rate(asked) / self.solution.amount

    def millilitres(self, asked: Amount) -> Volume:
        """A dose as a volume of the syringe's."""
        return asked if isinstance(asked, Volume) else self.mass(asked) / self.solution.amount

    @property
    def substance(self) -> Substance:
        """What is ordered."""
        return self.solution.substance


def patient(data: Input) -> Patient:
    """Weight, age and, where it was typed, height. Raises BadInput."""
    height = Height.parse(data["height"], "height") if _typed(data, "height") else None
    return Patient(Age.parse(data.get("age", ""), "age"), Weight.parse(data.get("weight", ""), "weight"), height)


def rate(data: Input, key: str) -> Rate:
    """A rate in any of its units. Raises BadInput."""
    made = parse_one_of(data.get(key, ""), RATES, _words(key))
    assert isinstance(made, DoseRatePerWeight | DoseRate | Flow)
    return made


def dose(data: Input, key: str) -> Amount:
    """A dose in any of its units. Raises BadInput."""
    made = parse_one_of(data.get(key, ""), DOSES, _words(key))
    assert isinstance(made, DosePerWeight | Mass | Volume)
    return made


def _time(data: Input, key: str) -> Time:
    return Time.parse(data.get(key, ""), _words(key))


def _volume(data: Input, key: str) -> Volume:
    return Volume.parse(data.get(key, ""), _words(key))


def _steps(data: Input) -> tuple[Step, ...]:
    typed = data.get("steps")
    if not isinstance(typed, list) or not typed or not all(isinstance(step, Mapping) for step in typed):
        raise BadInput("steps", "Give at least one step, each with its rate and its duration.")
    if len(typed) > STEPS_MOST:
        raise BadInput("steps", f"There can be {STEPS_MOST} steps at most.")
    return tuple(Step(rate(step, "rate"), _time(step, "duration")) for step in typed)


_FIELDS: Final[dict[str, Any]] = {
    "rate": rate, "highest": rate, "dose": dose, "hour": dose, "four_hours": dose, "extra": dose, "over": _time,
    "duration": _time, "up": _time, "down": _time, "lockout": _time, "volume": _volume,
}  # fmt: skip

_WORDS: Final = {
    "hour": "one-hour limit", "four_hours": "four-hour limit", "up": "ramp up", "down": "taper",
    "highest": "highest rate", "extra": "largest bolus", "over": "time of the dose",
}  # fmt: skip


def _words(key: str) -> str:
    return _WORDS.get(key, key)


def _typed(data: Input, key: str) -> bool:
    return data.get(key) not in (None, "")


def _name(data: Input, key: str) -> str:
    found = data.get(key)
    if not isinstance(found, str) or not found:
        raise BadInput(key, f"{key.replace('_', ' ').capitalize()} is missing; choose it from the library.")
    return found
