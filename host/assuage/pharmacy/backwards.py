"""A programme in clinical words, reckoned back from the numbers that a board has read back.

Nothing of the way there is used: neither the products and quotients of quantities.py, nor programming.py, nor
whole.py's rounding; only fractions of each kind's first unit. So a slip there is found here, before anybody confirms.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any, Final

from assuage.errors import Reason, Refused
from assuage.pharmacy.prescription import Amount, Prescription, Rate
from assuage.pharmacy.quantities import Concentration, DosePerWeight, DoseRatePerWeight, Flow, Time, Volume, Weight
from assuage.pharmacy.units import plain

NL: Final = 1_000_000  # in 1 mL
OFF: Final = 1  # nL or nL/min that rounding to whole ones may be off
LATE: Final = 1  # s
FINE: Final = Fraction(1, 10)  # mg

Board = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Number:
    """One number of a programme. board: what the board will do; means: what that is of the drug; per_weight: for each
    kilogram; asked: what was prescribed, as it was typed, "" where it only follows from that."""

    name: str
    board: str
    means: str
    per_weight: str
    asked: str


def rate(name: str, nl_min: int, solution: Concentration, weight: Weight, asked: str = "") -> Number:
    """A flow of the board's, as the drug's."""
    ml_h = Fraction(nl_min * 60, NL)
    mg_h = ml_h * solution.base
    return Number(
        name, f"{_four(ml_h)} mL/h", _mass(mg_h, "/h", asked), _mass(mg_h / weight.base, "/kg/h", asked), asked
    )


def dose(name: str, nl: int, solution: Concentration, weight: Weight, asked: str = "") -> Number:
    """A volume of the board's, as the drug's."""
    ml = Fraction(nl, NL)
    mg = ml * solution.base
    return Number(name, f"{_four(ml)} mL", _mass(mg, "", asked), _mass(mg / weight.base, "/kg", asked), asked)


def time(name: str, seconds: int, asked: str) -> Number:
    """A time, which is of no drug."""
    return Number(name, f"{_four(Fraction(seconds, 60))} min", "", "", asked)


def numbers(p: Prescription, back: Board) -> list[dict[str, str]]:
    """Every number of the prescription as the board has read it back (bedside.readback.shown).

    Raises Refused where one is further than 1 nL or 1 nL/min from what was prescribed.
    """
    made = []
    for name, asked, exact, got in _expected(p, back):
        off = LATE if isinstance(asked, Time) else OFF
        if abs(Fraction(got) - exact) > off:
            raise Refused(
                "readback-differs",
                f"The board read back a {name} that is not the {asked} that was prescribed. Do not use this pump; STOP "
                "and report it.",
                by="host",
                reason=Reason.READBACK_DIFFERS,
            )
        solution, weight = p.solution.amount, p.patient.weight
        if isinstance(asked, Time):
            made.append(time(name, got, str(asked)))
        elif isinstance(asked, Amount):
            made.append(dose(name, got, solution, weight, str(asked)))
        else:
            made.append(rate(name, got, solution, weight, str(asked)))
    total = dose("all that is given", int(back["vtbi_nl"]), p.solution.amount, p.patient.weight)
    return [asdict(number) for number in (*made, total)]


Row = tuple[str, Rate | Amount | Time, Fraction, int]


def _expected(p: Prescription, back: Board) -> Iterator[Row]:
    """Name, as asked, exactly in nL, nL/min or s, and what the board has."""

    def volume(name: str, asked: Amount, got: int) -> Row:
        return name, asked, _nl(p, asked), got

    def flow(name: str, asked: Rate, got: int) -> Row:
        return name, asked, _nl_min(p, asked), got

    legs = back["legs"]
    match p.mode:
        case "continuous" if p.rate is not None:
            yield flow("rate", p.rate, back["rate_nl_min"])
            yield "volume", Volume(_all(p) / NL, "mL"), _all(p), back["vtbi_nl"]
        case "bolus" if p.dose is not None and p.over is not None:
            yield volume("dose", p.dose, back["vtbi_nl"])
            yield _over(p.over, _nl(p, p.dose), back["rate_nl_min"])
        case "loading" if p.dose is not None and p.over is not None and p.rate is not None:
            yield volume("loading dose", p.dose, legs[0]["volume_nl"])
            yield _over(p.over, _nl(p, p.dose), legs[0]["begin_nl_min"])
            yield flow("rate", p.rate, legs[1]["begin_nl_min"])
            yield "volume", Volume(_all(p) / NL, "mL"), _all(p), back["vtbi_nl"]
        case "ramp" if p.rate is not None:
            yield flow("rate", p.rate, back["rate_nl_min"])
            ramps = [leg["seconds"] for leg in legs if leg["seconds"]]
            for name, asked in (("ramp up", p.up), ("taper", p.down)):
                if asked is not None:
                    yield name, asked, asked.base * 60, ramps.pop(0)
            yield "volume", Volume(_all(p) / NL, "mL"), _all(p), back["vtbi_nl"]
        case "steps":
            for number, (step, leg) in enumerate(zip(p.steps, legs, strict=True), 1):
                yield flow(f"rate of step {number}", step.rate, leg["begin_nl_min"])
                exact = _nl_min(p, step.rate) * step.duration.base
                yield f"volume of step {number}", Volume(exact / NL, "mL"), exact, leg["volume_nl"]
        case "pca":
            yield from _pca(p, back)
        case "tci" if p.volume is not None:
            yield volume("volume", p.volume, back["vtbi_nl"])
    if p.highest is not None:
        yield flow("highest rate", p.highest, back["most_nl_min"])
    if p.extra is not None:
        yield volume("largest bolus", p.extra, back["bolus_nl"])


def _pca(p: Prescription, back: Board) -> Iterator[Row]:
    assert p.dose is not None and p.over is not None and p.lockout is not None and p.volume is not None
    assert p.hour is not None and p.four_hours is not None and p.duration is not None
    yield "demand dose", p.dose, _nl(p, p.dose), back["dose_nl"]
    yield _over(p.over, _nl(p, p.dose), back["dose_rate_nl_min"])
    yield "lockout", p.lockout, p.lockout.base * 60, back["lockout_s"]
    yield "one-hour limit", p.hour, _nl(p, p.hour), back["hour_nl"]
    yield "four-hour limit", p.four_hours, _nl(p, p.four_hours), back["four_hours_nl"]
    if p.rate is not None:
        yield "basal rate", p.rate, _nl_min(p, p.rate), back["rate_nl_min"]
    yield "volume", p.volume, p.volume.base * NL, back["vtbi_nl"]
    yield "duration", p.duration, p.duration.base * 60, back["duration_s"]


def _over(over: Time, nl: Fraction, got: int) -> Row:
    """The flow at which a dose takes its time."""
    exact = nl / over.base
    return "rate of the dose", Flow(exact * 60 / NL, "mL/h"), exact, got


def _all(p: Prescription) -> Fraction:
    """nL in all, of the modes whose volume follows from a rate and a time."""
    if p.volume is not None:
        return p.volume.base * NL
    assert p.rate is not None and p.duration is not None
    minutes = p.duration.base
    if p.mode == "ramp":
        minutes -= sum((each.base for each in (p.up, p.down) if each is not None), Fraction(0)) / 2
    first = _nl(p, p.dose) if p.mode == "loading" and p.dose is not None else Fraction(0)
    return first + _nl_min(p, p.rate) * minutes


def _nl(p: Prescription, asked: Amount) -> Fraction:
    """A dose in nL; bases are mL, mg, mg/kg, kg and mg/mL."""
    if isinstance(asked, Volume):
        return asked.base * NL
    mg = asked.base * p.patient.weight.base if isinstance(asked, DosePerWeight) else asked.base
    return mg / p.solution.amount.base * NL


def _nl_min(p: Prescription, asked: Rate) -> Fraction:
    """A rate in nL/min; bases are mL/h, mg/h, mg/kg/h, kg and mg/mL."""
    if isinstance(asked, Flow):
        return asked.base * NL / 60
    mg_h = asked.base * p.patient.weight.base if isinstance(asked, DoseRatePerWeight) else asked.base
    return mg_h / p.solution.amount.base * NL / 60


def _mass(mg: Fraction, per: str, asked: str) -> str:
    """In the prescription's own unit, so that the two can be compared; else micrograms below 0.1 mg."""
    unit = next((part for part in asked.replace("/", " ").split() if part in ("mg", "mcg")), "")
    if unit == "mcg" or (not unit and mg < FINE):
        return f"{_four(mg * 1000)} mcg{per}"
    return f"{_four(mg)} mg{per}"


def _four(number: Fraction) -> str:
    """To four digits, which a person can compare; what is compared here is exact."""
    return plain(Decimal(f"{Decimal(number.numerator) / number.denominator:.3e}"))
