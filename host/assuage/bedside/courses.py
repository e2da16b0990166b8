"""What flows when: each way of infusing that a person may order, as the wire's rate, legs, loop and doses.

    continuous    rate_ml_h, vtbi_ml
    loading       load_ml, load_ml_h first, then rate_ml_h; vtbi_ml is all of it
    ramp          up_min from nothing to rate_ml_h, and down_min back to nothing at the end of vtbi_ml; either may be 0
    steps         steps: a list of {"rate_ml_h", "ml"}, one after the other
    intermittent  dose_ml at dose_ml_h every every_min, and rate_ml_h between, 0 for nothing; until vtbi_ml
    pca           dose_ml at dose_ml_h on demand, lockout_min, hour_ml, four_hours_ml; rate_ml_h beside it, 0 for none;
                  vtbi_ml, and for_h: hours that it lasts at most

A rate is the typed one rounded to whole nL/min, a volume exact; what a ramp displaces is reckoned as the board does it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final, NamedTuple

from assuage.bedside.sentences import LEGS_MOST
from assuage.errors import BadInput
from assuage.pharmacy.units import Ml, MlPerH, parse_decimal
from assuage_wire import schema

Input = Mapping[str, Any]

LOCKOUT_MOST_MIN: Final = 1092  # 65 535 s on the wire
DAY_MIN: Final = Decimal(1440)


class Leg(NamedTuple):
    """nL/min at its beginning and end; nL of a steady leg, 0 for all that is left; s of a ramp or a pause."""

    begin: int
    end: int
    volume: int = 0
    seconds: int = 0


@dataclass(frozen=True, slots=True)
class Course:
    """In the wire's units. rate: the highest flow but for doses. takes: s that it lasts at most, None when the patient
    decides. loop: number of the leg that follows the last one."""

    rate: int
    vtbi: int
    takes: int | None
    legs: tuple[Leg, ...] = ()
    loop: int = schema.NO_LOOP
    dose: int = 0
    dose_rate: int = 0
    lockout: int = 0
    limit_hour: int = schema.S30  # the board's: what was given before this order counts in it too
    limit_4h: int = schema.S30

    @property
    def mode(self) -> str:
        """Of schema.MODES."""
        return "profile" if self.legs else "demand" if self.dose else "continuous"

    @property
    def slowest(self) -> int:
        """The lowest flow that is not 0, nL/min; 0 when only doses flow. The KVO rate is never above it."""
        return min((leg.begin for leg in self.legs if leg.begin == leg.end != 0), default=self.rate)


def course(mode: object, data: Input) -> Course:
    """The course of this name from what was typed. Raises BadInput for the first thing that cannot be used."""
    made = _MADE.get(mode) if isinstance(mode, str) else None
    if made is None:
        raise BadInput("mode", f"An infusion can be {', '.join(list(_MADE)[:-1])} or {list(_MADE)[-1]}.")
    return made(data)


def seconds(volume_nl: int, flow: int) -> int:
    """Whole seconds that a volume takes, rounded up."""
    return -(-volume_nl * 60 // flow)


def minutes(data: Input, key: str, name: str, most: Decimal = DAY_MIN, digits: int = 1) -> int:
    """Typed minutes as s; 0 when nothing was typed. Raises BadInput."""
    if not _typed(data, key):
        return 0
    lo = Decimal(0)
    return int(parse_decimal(data[key], name, "min", lo=lo, hi=most, digits=digits) * 60)


# -- each of them ------------------------------------------------------------------------------------------------------


def _continuous(data: Input) -> Course:
    rate, vtbi = _rate(data, "rate_ml_h", "rate"), _volume(data, "vtbi_ml", "VTBI")
    return Course(rate, vtbi, seconds(vtbi, rate))


def _loading(data: Input) -> Course:
    load, load_rate = _volume(data, "load_ml", "loading dose"), _rate(data, "load_ml_h", "loading rate")
    rate, vtbi = _rate(data, "rate_ml_h", "rate"), _volume(data, "vtbi_ml", "VTBI")
    if load >= vtbi:
        raise BadInput("VTBI", "VTBI must be more than the loading dose, which is a part of it.")
    legs = (Leg(load_rate, load_rate, load), Leg(rate, rate))
    return Course(max(rate, load_rate), vtbi, seconds(load, load_rate) + seconds(vtbi - load, rate), legs)


def _ramp(data: Input) -> Course:
    rate, vtbi = _rate(data, "rate_ml_h", "rate"), _volume(data, "vtbi_ml", "VTBI")
    up, down = minutes(data, "up_min", "ramp up"), minutes(data, "down_min", "taper")
    if not up and not down:
        raise BadInput("ramp up", "Ramp up or taper, or both, must take some minutes; otherwise order it continuous.")
    held = vtbi - rate * up // 120 - rate * down // 120  # each rounded down, as the board's legs are
    if held <= 0:
        least = Ml.from_nl(vtbi - held)
        raise BadInput("VTBI", f"The ramps alone give {least.value:.3f} mL; VTBI must be more, or the ramps shorter.")
    legs = [Leg(0, rate, 0, up)] if up else []
    legs.append(Leg(rate, rate, held if down else 0))
    legs += [Leg(rate, 0, 0, down)] if down else []
    return Course(rate, vtbi, up + seconds(held, rate) + down, tuple(legs))


def _steps(data: Input) -> Course:
    typed = data.get("steps")
    if not isinstance(typed, list) or not typed or not all(isinstance(step, Mapping) for step in typed):
        raise BadInput("steps", "Give at least one step, each with its rate and its volume.")
    if len(typed) > LEGS_MOST:
        raise BadInput("steps", f"There can be {LEGS_MOST} steps at most.")
    legs = []
    for number, step in enumerate(typed, 1):
        rate = MlPerH.parse(step.get("rate_ml_h", ""), f"rate of step {number}").nl_per_min
        legs.append(Leg(rate, rate, Ml.parse(step.get("ml", ""), f"volume of step {number}").nl))
    takes = sum(seconds(leg.volume, leg.begin) for leg in legs)
    return Course(max(leg.begin for leg in legs), sum(leg.volume for leg in legs), takes, tuple(legs))


def _intermittent(data: Input) -> Course:
    dose, dose_rate, vtbi = _dose(data)
    between = _rate(data, "rate_ml_h", "rate between", none=True)
    every = minutes(data, "every_min", "interval")
    pause = every - seconds(dose, dose_rate)
    if pause <= 0:
        least = -(-seconds(dose, dose_rate) // 6) / 10
        raise BadInput("interval", f"One dose takes {least:g} min; the interval must be longer.")
    beside = between * pause // 60
    if between and not beside:
        raise BadInput("rate between", "The rate between the doses gives nothing in that time; make it 0 or higher.")
    rest = Leg(between, between, beside) if between else Leg(0, 0, 0, pause)
    rounds = -(-vtbi // (dose + beside))
    return Course(max(dose_rate, between), vtbi, rounds * every, (Leg(dose_rate, dose_rate, dose), rest), 0)


def _pca(data: Input) -> Course:
    dose, dose_rate, vtbi = _dose(data)
    lockout = minutes(data, "lockout_min", "lockout", Decimal(LOCKOUT_MOST_MIN))
    if lockout < 60:
        raise BadInput("lockout", "The lockout must be at least 1 min; it counts from the beginning of a dose.")
    hour, four = _volume(data, "hour_ml", "one-hour limit"), _volume(data, "four_hours_ml", "four-hour limit")
    if dose > hour:
        raise BadInput("one-hour limit", "The one-hour limit is less than one dose.")
    if four < hour:
        raise BadInput("four-hour limit", "The four-hour limit is less than the one-hour limit.")
    rate = _rate(data, "rate_ml_h", "basal rate", none=True)
    return Course(rate, vtbi, None, (), schema.NO_LOOP, dose, dose_rate, lockout, hour, four)


_MADE: Final[dict[str, Callable[[Input], Course]]] = {
    "continuous": _continuous,
    "loading": _loading,
    "ramp": _ramp,
    "steps": _steps,
    "intermittent": _intermittent,
    "pca": _pca,
}

KEYS: Final[dict[str, frozenset[str]]] = {
    "continuous": frozenset({"rate_ml_h", "vtbi_ml"}),
    "loading": frozenset({"load_ml", "load_ml_h", "rate_ml_h", "vtbi_ml"}),
    "ramp": frozenset({"rate_ml_h", "vtbi_ml", "up_min", "down_min"}),
    "steps": frozenset({"steps"}),
    "intermittent": frozenset({"dose_ml", "dose_ml_h", "every_min", "rate_ml_h", "vtbi_ml"}),
    "pca": frozenset({"dose_ml", "dose_ml_h", "lockout_min", "hour_ml", "four_hours_ml", "rate_ml_h", "vtbi_ml"}),
}


def _dose(data: Input) -> tuple[int, int, int]:
    dose, rate = _volume(data, "dose_ml", "dose"), _rate(data, "dose_ml_h", "dose rate")
    vtbi = _volume(data, "vtbi_ml", "VTBI")
    if dose > vtbi:
        raise BadInput("VTBI", "VTBI is less than one dose.")
    return dose, rate, vtbi


def _rate(data: Input, key: str, name: str, none: bool = False) -> int:
    typed = data.get(key, "")
    if none and (not _typed(data, key) or typed in (0, "0")):
        return 0
    return MlPerH.parse(typed, name).nl_per_min


def _volume(data: Input, key: str, name: str) -> int:
    return Ml.parse(data.get(key, ""), name).nl


def _typed(data: Input, key: str) -> bool:
    return data.get(key) not in (None, "")
