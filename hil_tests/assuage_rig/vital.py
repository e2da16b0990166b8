"""The patient's numbers in a Vitals message, by name and in the units that people use."""

from __future__ import annotations

from typing import Any, NamedTuple

from assuage_wire import schema

PER = {
    "spo2": 10, "pulse": 10, "perfusion": 100, "resp": 10, "resp-pleth": 10, "etco2": 10, "fico2": 10, "systolic": 10,
    "diastolic": 10, "map": 10, "pulse-cuff": 10, "temperature": 100, "heart": 10,
}  # fmt: skip
"""Of the wire's unit in one %, /min, mmHg or degree Celsius."""


class Vital(NamedTuple):
    """value: None for no number. quality, signal: names of the wire's table. age_s: of the newest sample."""

    value: float | None
    quality: str
    signal: str
    age_s: float


def vitals_in(values: dict[str, Any]) -> dict[str, Vital]:
    """A Vitals message's numbers by the names of the wire's PARAMETERS."""
    out = {}
    for i, name in enumerate(schema.PARAMETERS):
        raw = values["values"][i]
        out[name] = Vital(
            None if raw == schema.NONE16 else raw / PER[name],
            schema.QUALITIES[values["qualities"][i]],
            schema.SIGNALS[values["signals"][i]],
            values["ages"][i] / 10,
        )
    return out
