"""What the pump's own sensors see, as plain data: pressure, syringe, driver, battery, self-test."""

from __future__ import annotations

from typing import Any, Final

from assuage.bedside.picture import Picture
from assuage.bedside.sentences import code
from assuage.link.events import Link
from assuage.link.messages import Drive
from assuage.pharmacy.units import Ml
from assuage_wire import schema

STALE_S: Final = 3.0

SENTENCES: Final[dict[str, str]] = {
    "no-reading": "The plunger's force sensor does not answer: no occlusion would be seen.",
    "rail": "The plunger's force sensor is at its end: no occlusion would be seen.",
    "stuck": "The plunger's force sensor stands still: no occlusion would be seen.",
    "beyond": "The force on the plunger is more than its sensor can carry.",
    "untared": "The force has no zero since the pump was switched on; take the syringe out, then fit it again.",
    "barrel-open": "The barrel's clamp is open.",
    "plunger-open": "The plunger is not held.",
    "flange-open": "The flange is not in its slot.",
    "mismatch": "The syringe fitted is not the one that was chosen; compare make and size.",
    "ambiguous": "The clamp cannot tell this syringe from another one with another bore; compare make and size.",
    "implausible": "The barrel's diameter cannot be measured.",
    "air": "There is air at the detector.",
    "silent": "The motor's driver does not answer.",
    "faulty": "The motor's driver reports a fault.",
    "lost": "The motor's driver has lost its settings.",
}


def compose(p: Picture, now: float) -> dict[str, Any] | None:
    """The snapshot's `drive`; None when nothing fresh has been heard."""
    heard = p.drive
    if heard is None or p.link is not Link.LIVE or now - heard.at > STALE_S:
        return None
    m: Drive = heard.message
    watch = code(schema.WATCHES, m.watch)
    force = code(schema.FORCES, m.force_is)
    told = {
        "pressure_mmhg": m.pressure if watch in ("occlusion", "disconnection") else None,
        "occlusion_mmhg": m.level or None,
        "alarm_in_s": _known(m.alarm_in),
        "watch": watch,
        "force_n": m.force / 1000 if force == "good" else None,
        "force_is": force,
        "outer_mm": m.outer / 1000 if m.outer else None,
        "barrel": code(schema.BARRELS, m.barrel),
        "fitted": code(schema.FITTINGS, m.fitted),
        "air": code(schema.AIRS, m.air),
        "contents_ml": float(round(Ml.from_nl(m.contents).value, 3)) if m.level else None,
        "empty_in_s": _known(m.empty_in),
        "near_empty": bool(m.near_empty),
        "driver": code(schema.DRIVERS, m.driver),
        "diagnosis": code(schema.DIAGNOSES, m.diagnosis),
        "battery": code(schema.BATTERIES, m.battery),
        "charge_percent": None if m.charge == schema.NONE16 else m.charge / 10,
        "battery_min": None if m.minutes == schema.NONE16 else m.minutes,
        "supply_v": m.supply / 1000 if m.supply else None,
        "untested": _parts(m.missing),
        "failed": _parts(m.failed),
    }
    words = (SENTENCES.get(str(told[key]), "") for key in ("fitted", "force_is", "barrel", "air", "driver"))
    return {**told, "sentence": " ".join(word for word in words if word), "age_s": round(max(0.0, now - heard.at), 3)}


def _known(seconds: int) -> int | None:
    return None if seconds == schema.NONE32 else seconds


def _parts(bits: int) -> list[str]:
    return [name for i, name in enumerate(schema.TESTS) if bits >> i & 1]
