"""What the board read back: compared with what was sent, number by number, and shown for a human to compare again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from assuage.bedside import guarding, sentences
from assuage.bedside.guarding import Guard
from assuage.bedside.order import Order
from assuage.bedside.snapshot import ml, ml_h
from assuage.errors import Reason, Refused
from assuage.link.messages import ChangeBack, GuardBack, LegBack, PrimeBack, Programme, Readback
from assuage_wire import schema
from assuage_wire.codec import BY_NAME

_SHARED: Final = tuple(f for f in Programme._fields if f not in ("session", "command"))
_LEG: Final = tuple(f[0] for f in BY_NAME["Leg"].fields[2:])


def compare(sent: Mapping[str, int], back: Readback) -> None:
    """Raises Refused when the board understood anything but what was sent, field by field.

    What the board reckoned itself is checked as far as it follows from the order: the time that the volume takes at
    this rate, where one rate is all there is.
    """
    for name in _SHARED:
        _same(name, sent[name], getattr(back, name))
    if sent["rate"] and not sent["legs"]:
        _near("finish", sent["vtbi"] * 60 // sent["rate"], back.finish)
    if (sent["legs"] or sent["guards"]) and back.token:
        raise _differs("token", 0, back.token)


def compare_leg(sent: Mapping[str, int], back: LegBack, missing: int, guards: int = 0) -> None:
    """The same for a leg, after which so many are missing, and then so many guards."""
    for name in _LEG:
        _same(name, sent[name], getattr(back, name))
    _same("missing", missing, back.missing)
    if bool(back.token) != (missing == 0 and guards == 0):
        raise _differs("token", 0, back.token)


def compare_row(sent: Mapping[str, int], guard: Guard, back: GuardBack, lacking: int) -> None:
    """The same for a row of the interlock, after which so many are lacking."""
    guarding.compare_guard(guard, tuple(getattr(back, name) for name in guarding.FIELDS))
    for name, value in sent.items():
        _same(name, value, getattr(back, name))
    _same("lacking", lacking, back.lacking)
    if bool(back.token or back.watch) != (lacking == 0):
        raise _differs("token", 0, back.token)


def compare_times(sent: Mapping[str, int], takes: int, back: LegBack) -> None:
    """The time of all legs, where they come to an end."""
    if sent["loop"] == schema.NO_LOOP:
        _near("finish", takes, back.finish)


def compare_change(sent: Mapping[str, int], back: ChangeBack) -> None:
    """The same for a change to what runs."""
    for name, value in sent.items():
        _same(name, value, getattr(back, name))


def compare_priming(sent: Mapping[str, int], back: PrimeBack) -> None:
    """The same for the filling of a line, whose time follows from it."""
    for name, value in sent.items():
        _same(name, value, getattr(back, name))
    _near("seconds", sent["volume"] * 60 // sent["rate"], back.seconds)


def _same(name: str, sent: int, back: int) -> None:
    if back != sent:
        raise _differs(name, sent, back)


def _near(name: str, sent: int, back: int) -> None:
    if abs(back - sent) > 3 + sent // 100:
        raise _differs(name, sent, back)


def _differs(name: str, sent: int, back: int) -> Refused:
    return Refused(
        "readback-differs",
        f"The board read back {name} {back} where {sent} was ordered. Do not use this pump; STOP and report it.",
        by="host",
        reason=Reason.READBACK_DIFFERS,
    )


def shown(
    order: Order, back: Readback, legs: Sequence[LegBack] = (), rows: Sequence[GuardBack] = (), guardian: str = ""
) -> dict[str, Any]:
    """The read-back for a person to compare: numbers as the board gave them back, in a person's units; those of the
    course also as they are, for nothing rounded is to be compared. guardian: unique id of the other board that has read
    back the rows, hex; "" where the pump's own has."""
    on_loss = sentences.code(schema.ON_LOSS, back.on_loss)
    last = legs[-1] if legs else back
    token = rows[-1].token if rows and not guardian else last.token
    return {
        "programme": back.programme,
        "token": token,
        "mode": order.mode,
        "drug": order.drug,
        "syringe": order.syringe.name,
        "rate_ml_h": ml_h(back.rate),
        "vtbi_ml": ml(back.vtbi),
        "rate_nl_min": back.rate,
        "vtbi_nl": back.vtbi,
        "duration_s": back.duration,
        "finish_s": None if last.finish == schema.NONE32 else last.finish,
        "legs": [
            {"begin_nl_min": leg.begin, "end_nl_min": leg.end, "volume_nl": leg.volume, "seconds": leg.seconds}
            for leg in legs
        ],
        "loop": None if back.loop == schema.NO_LOOP else back.loop,
        "dose_nl": back.dose,
        "dose_rate_nl_min": back.dose_rate,
        "lockout_s": back.lockout,
        "hour_nl": None if back.limit_hour == schema.S30 else back.limit_hour,
        "four_hours_nl": None if back.limit_4h == schema.S30 else back.limit_4h,
        "bolus_nl": back.bolus,
        "bore_mm": back.bore / 1000,
        "measured": order.syringe.measured,
        "identified": back.outer > 0 and not back.alike,
        "capacity_ml": ml(back.capacity),
        "limit_rate_ml_h": ml_h(back.limit_rate),
        "limit_rate_nl_min": back.limit_rate,
        "most_nl_min": order.most,
        "most_ml_h": ml_h(order.most),
        "limit_volume_ml": ml(back.limit_volume),
        "on_loss": on_loss,
        "on_loss_sentence": sentences.ON_LOSS.get(on_loss, ""),
        "on_end": sentences.code(schema.ON_END, back.on_end),
        "kvo_ml_h": ml_h(back.kvo),
        "kvo_nl_min": back.kvo,
        "lease_ms": back.lease,
        "occlusion_mmhg": back.level,
        "contents_ml": ml(back.contents),
        "contents_nl": back.contents,
        "near_empty_s": back.near_empty,
        "nl_per_rev": back.nl_per_rev,
        "steps": back.steps,
        "guards": [shown_row(sent, row) for sent, row in zip(order.guards, rows, strict=True)],
        "guardian": guardian,
        "watch": back.watch,
        "bound_ms": back.bound,
    }


def shown_row(sent: Guard, back: GuardBack) -> dict[str, Any]:
    """A row as it was ordered and as the board holds it."""
    held = Guard.of(tuple(getattr(back, name) for name in guarding.FIELDS), sent.source)
    return {
        "name": sent.name,
        "label": held.label,
        "limit": held.limit,
        "unit": held.unit,
        "asked": sent.sentence(),
        "sentence": held.sentence(),
        "source": held.source,
        "fields": list(held.fields()),
    }


TERMS: Final = (
    "mode", "duration_s", "limit_rate_ml_h", "most_ml_h", "most_nl_min", "kvo_ml_h", "on_end", "lockout_s", "guards",
    "guardian", "watch", "bound_ms",
)  # fmt: skip


ONCE: Final = ("contraindications", "monitoring")  # of the clinical part: read before it is confirmed, not all the time


def terms(readback: Mapping[str, Any]) -> dict[str, Any]:
    """What a running programme was ordered with, as far as the board does not go on telling it."""
    volumes = {f"{name}_ml": readback[f"{name}_nl"] for name in ("dose", "hour", "four_hours", "bolus")}
    told: dict[str, Any] = {name: None if nl is None else ml(nl) for name, nl in volumes.items()}
    told |= {name: readback[name] for name in ("clinical", "unchecked") if name in readback}
    if told.get("clinical"):
        told["clinical"] = {name: value for name, value in told["clinical"].items() if name not in ONCE}
    return {**{name: readback[name] for name in TERMS}, **told}


def shown_change(back: ChangeBack) -> dict[str, Any]:
    """The read-back of a change, likewise."""
    return {
        "programme": back.programme,
        "token": back.token,
        "change": sentences.code(schema.CHANGES, back.change),
        "rate_ml_h": ml_h(back.rate),
        "rate_nl_min": back.rate,
        "volume_ml": ml(back.volume),
        "volume_nl": back.volume,
        "seconds": back.seconds,
    }


def shown_priming(name: str, back: PrimeBack) -> dict[str, Any]:
    """The read-back of the filling of a line, likewise. name: the syringe's."""
    return {
        "programme": back.programme,
        "token": back.token,
        "syringe": name,
        "bore_mm": back.bore / 1000,
        "rate_ml_h": ml_h(back.rate),
        "rate_nl_min": back.rate,
        "volume_ml": ml(back.volume),
        "volume_nl": back.volume,
        "seconds": back.seconds,
    }
