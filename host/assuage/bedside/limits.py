"""Alarm limits of the patient's values, as the board has told them and as a person types them.

The board keeps them and looks at them; the host shows them and asks for others. Numbers here are in the unit that a
person reads, see vitals.NUMBERS; None is no limit.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Final

from assuage.bedside.limits_at_first import AT_FIRST
from assuage.bedside.sentences import code
from assuage.bedside.vitals import NUMBERS, Number
from assuage.errors import BadInput
from assuage.link.messages import Limits, Vitals
from assuage.pharmacy.units import parse_decimal
from assuage_wire import schema

NAMES: Final = {
    "spo2": "SpO2",
    "pulse": "Pulse",
    "resp": "Respiration",
    "etco2": "EtCO2",
    "fico2": "FiCO2",
    "systolic": "Systolic pressure",
    "diastolic": "Diastolic pressure",
    "map": "Mean pressure",
    "temperature": "Temperature",
    "heart": "Heart rate",
}
"""What a person calls each of the wire's PARAMETERS that can have limits."""

LONGEST_S: Final = 30
KEYS: Final = frozenset({"parameter", "low", "high", "delay_s"})
_GOOD: Final = schema.QUALITIES.index("good")


def compose(told: Limits | None) -> dict[str, Any] | None:
    """{"patient", "moved", "list"} for screens, None before the board has told any. moved: names of those that are not
    as such a patient begins. Of the list: parameter, name, unit, digits after the point, low, high, delay_s."""
    if told is None:
        return None
    limited = [i for i in range(len(NUMBERS)) if (told.low[i], told.high[i]) != (schema.NONE16, schema.NONE16)]
    patient = code(schema.PATIENTS, told.patient)
    return {"patient": patient, "moved": moved(told, patient), "list": [_row(told, i) for i in limited]}


def moved(told: Limits, patient: str) -> list[str]:
    """Names of the values whose limits or delay somebody has set otherwise than that patient's begin."""
    places = {name: schema.PARAMETERS.index(name) for name in NAMES}
    now = {name: (told.low[i], told.high[i], told.delays[i]) for name, i in places.items()}
    return [NAMES[name] for name, first in AT_FIRST.get(patient, {}).items() if now[name] != first]


def _row(told: Limits, i: int) -> dict[str, Any]:
    number = NUMBERS[i]
    return {
        "parameter": number.key,
        "name": NAMES.get(number.parameter, number.doc),
        "unit": number.unit,
        "digits": len(str(number.per)) - 1,
        "low": plain(number, told.low[i]),
        "high": plain(number, told.high[i]),
        "delay_s": told.delays[i],
    }


def plain(number: Number, limit: int) -> float | None:
    """A limit of the wire as a person reads it."""
    return None if limit == schema.NONE16 else limit / number.per


def words(parameter: int, low: int, high: int) -> str:
    """Two limits of the wire, e.g. "below 90 %", "below 50 or above 140 /min", "none"."""
    if not 0 <= parameter < len(NUMBERS):
        return f"{low} and {high}"
    number = NUMBERS[parameter]
    sides = ((word, plain(number, limit)) for word, limit in (("below", low), ("above", high)))
    told = " or ".join(f"{word} {value:g}" for word, value in sides if value is not None)
    return f"{told} {number.unit}" if told else "none"


def seen(alarm: str, vitals: Vitals | None, told: Limits | None) -> str:
    """What raises an alarm of a limit, e.g. "SpO2 86 % is below 90 %"; "" where the newest value does not show it."""
    parameter, _, side = alarm.rpartition("-")
    if vitals is None or told is None or parameter not in NAMES or side not in ("low", "high"):
        return ""
    i = schema.PARAMETERS.index(parameter)
    number, value, limit = NUMBERS[i], vitals.values[i], (told.low if side == "low" else told.high)[i]
    beyond = value < limit if side == "low" else value > limit
    if vitals.qualities[i] != _GOOD or schema.NONE16 in (value, limit) or not beyond:
        return ""
    word = "below" if side == "low" else "above"
    return f"{NAMES[parameter]} {value / number.per:g} {number.unit} is {word} {limit / number.per:g} {number.unit}"


def parse(data: Mapping[str, Any]) -> dict[str, int]:
    """The fields of a SetLimit after session and id. data: KEYS; low and high may be empty for no limit. Raises
    BadInput."""
    unknown = sorted(set(data) - KEYS)
    if unknown:
        raise BadInput(unknown[0], f"A limit has no {unknown[0][:40]!r}.")
    number = next((n for n in NUMBERS if n.key == data.get("parameter") and n.parameter in NAMES), None)
    if number is None:
        raise BadInput("parameter", "Say which of the patient's values the limits are for.")
    name = NAMES[number.parameter]
    delay = parse_decimal(
        data.get("delay_s", ""), f"delay of {name}", "s", lo=Decimal(0), hi=Decimal(LONGEST_S), digits=0
    )
    return {
        "parameter": schema.PARAMETERS.index(number.parameter),
        "low": _typed(number, data.get("low"), f"low limit of {name}"),
        "high": _typed(number, data.get("high"), f"high limit of {name}"),
        "delay": int(delay),
    }


def _typed(number: Number, text: object, field: str) -> int:
    if text is None or text == "":
        return schema.NONE16
    most = Decimal(schema.NONE16 - 1) / number.per
    digits = len(str(number.per)) - 1
    return int(parse_decimal(text, field, number.unit, lo=Decimal(0), hi=most, digits=digits) * number.per)


def refusal(sent: Mapping[str, int], detail: int, fields: tuple[str, ...]) -> str:
    """Why the board refused limits. detail: of its Reply, the number of the field, of these, or the bound."""
    number = NUMBERS[sent["parameter"]]
    name = NAMES.get(number.parameter, number.doc)
    if detail >= len(fields):
        return f"{name}: {detail / number.per:g} {number.unit} is as far as a limit may go."
    side = fields[detail]
    if side in ("low", "high") and sent[side] == schema.NONE16:
        return f"{name}: the {side} limit cannot be switched off."
    if side == "high":
        return f"{name}: the high limit must lie well above the low one."
    return f"{name}: the board has no such limit."
