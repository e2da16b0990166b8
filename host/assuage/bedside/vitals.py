"""The patient's numbers as plain data: what each is called, in which unit, and until what age it may be shown."""

from __future__ import annotations

from typing import Any, Final, NamedTuple

from assuage.bedside import sentences
from assuage.bedside.picture import Picture
from assuage.bedside.sentences import ago, code
from assuage.link.events import Link
from assuage.link.messages import Vitals
from assuage_wire import schema

STALE_S: Final = 3.0
CUFF_STALE_S: Final = 3900.0
"""A blood pressure stands until the next: an hour at most, and the minutes that one takes. So on the board."""


class Number(NamedTuple):
    """One of the wire's PARAMETERS. key: in a snapshot and a payload. per: of the wire's unit in the one shown. source:
    who measures it, as in sentences.SOURCES. mdc, mdc_unit: ISO/IEEE 11073-10101."""

    parameter: str
    key: str
    unit: str
    per: int
    source: str
    doc: str
    mdc: int | None = None
    mdc_unit: int | None = None
    stale_s: float = STALE_S


_PERCENT, _PER_MIN, _BREATHS, _MMHG, _CELSIUS = 262688, 264864, 264928, 266016, 268192

NUMBERS: Final = (
    Number("spo2", "spo2", "%", 10, "oximeter", "arterial oxygen saturation", 150456, _PERCENT),
    Number("pulse", "pulse", "/min", 10, "oximeter", "pulse rate", 149530, _PER_MIN),
    Number("perfusion", "perfusion", "%", 100, "oximeter", "perfusion index", 150488, _PERCENT),
    Number("resp", "resp", "/min", 10, "capnograph", "respiration rate, from CO2", 151594, _BREATHS),
    Number("resp-pleth", "resp_pleth", "/min", 10, "oximeter", "respiration rate, from the pulse wave", None, _BREATHS),
    Number("etco2", "etco2", "mmHg", 10, "capnograph", "CO2 at the end of a breath", 151708, _MMHG),
    Number("fico2", "fico2", "mmHg", 10, "capnograph", "CO2 breathed in", 151716, _MMHG),
    Number("systolic", "systolic", "mmHg", 10, "cuff", "systolic pressure, cuff", 150021, _MMHG, CUFF_STALE_S),
    Number("diastolic", "diastolic", "mmHg", 10, "cuff", "diastolic pressure, cuff", 150022, _MMHG, CUFF_STALE_S),
    Number("map", "map", "mmHg", 10, "cuff", "mean arterial pressure, cuff", 150023, _MMHG, CUFF_STALE_S),
    Number("pulse-cuff", "pulse_cuff", "/min", 10, "cuff", "pulse rate, cuff", 149546, _PER_MIN, CUFF_STALE_S),
    Number("temperature", "temperature", "°C", 100, "thermometer", "temperature", 150344, _CELSIUS),
    Number("heart", "heart", "/min", 10, "ecg", "heart rate, ECG", 147842, _PER_MIN),
)
"""In the order of the wire's PARAMETERS."""


def compose(p: Picture, now: float) -> dict[str, Any]:
    """Each number by its key, None where there is none to be shown; `readings`: of each its quality, signal, age and a
    sentence why it is missing. `ppg`, `quality`, `age_s` and `sentence` are the oximeter's."""
    heard = p.vitals
    link, link_sentence = p.measuring
    if heard is None:
        why = "No vital signs have been received yet." if link is Link.LIVE else link_sentence
        return _shown([_none(n, "none", None, why) for n in NUMBERS], None)
    said = max(0.0, now - heard.at)
    readings = [_reading(p, heard.message, i, number, said) for i, number in enumerate(NUMBERS)]
    return _shown(readings, heard.message.trust if readings[0][1]["quality"] != "stale" else None)


def _shown(readings: list[tuple[float | None, dict[str, Any]]], trust: int | None) -> dict[str, Any]:
    values = {number.key: value for number, (value, _) in zip(NUMBERS, readings, strict=True)}
    first = readings[0][1]
    return {
        **values,
        "quality": trust,
        "ppg": first["signal"],
        "age_s": first["age_s"],
        "sentence": first["sentence"],
        "readings": {number.key: reading for number, (_, reading) in zip(NUMBERS, readings, strict=True)},
    }


def _reading(p: Picture, v: Vitals, i: int, number: Number, said: float) -> tuple[float | None, dict[str, Any]]:
    signal = code(schema.SIGNALS, v.signals[i])
    never = signal == "never"
    age = None if never else round(said + v.ages[i] / 10, 3)
    link, link_sentence = p.measuring
    if link is not Link.LIVE:
        tail = "" if age is None else f" The last vital signs are {ago(age)} old."
        return _none(number, signal, age, link_sentence + tail)
    if said > STALE_S:
        why = "No newer vital signs have come from the board."
        return _none(number, signal, age, f"{why} The last ones are {ago(said if age is None else age)} old.")
    if age is not None and age > number.stale_s:
        return _none(number, signal, age, f"{_why_stale(v, i, said)} The last ones are {ago(age)} old.")
    value = None if v.values[i] == schema.NONE16 else v.values[i] / number.per
    return value, {
        "quality": code(schema.QUALITIES, v.qualities[i]) if value is not None else "none",
        "signal": signal,
        "age_s": age,
        "sentence": sentences.signal(number.source, signal),
    }


def _why_stale(v: Vitals, i: int, said: float) -> str:
    """Who is late: the board with its message, `said` seconds old, or the sensor with its samples."""
    source = NUMBERS[i].source
    if said * 10 >= v.ages[i]:
        return "No newer vital signs have come from the board."
    lost = code(schema.SIGNALS, v.signals[i]) == "sensor-lost"  # all others were told by samples that are old by now
    if lost:
        return sentences.signal(source, "sensor-lost")
    return f"The {sentences.SOURCES[source]} gives no new samples; check its cable."


def _none(number: Number, signal: str, age: float | None, why: str) -> tuple[None, dict[str, Any]]:
    return None, {"quality": "stale", "signal": signal, "age_s": age, "sentence": why}
