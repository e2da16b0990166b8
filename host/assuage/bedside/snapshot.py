"""A bed's picture as plain data for screens, topics and registers, with everything that is too old turned to None.

Ages come from the host's monotonic clock, onto which the link maps the board's, never from the wall clock: neither a
clock step nor a buffer can make an old value young. The wall clock only labels the snapshot.
"""

from __future__ import annotations

import datetime
from typing import Any, Final

from assuage.bedside import alarms, cuff, drive, interlock, limits, sentences, vitals
from assuage.bedside.dosed import dosed
from assuage.bedside.picture import Picture
from assuage.bedside.sentences import ago, code
from assuage.link.events import Link
from assuage.link.messages import Health, Hello, PumpStatus
from assuage.pharmacy.units import Ml, MlPerH
from assuage_wire import schema
from assuage_wire.codec import SCHEMA_ID

MOVING: Final = frozenset({"infusing", "bolus", "kvo", "taking-up", "priming"})  # under a permission, or kvo
VITALS_STALE_S: Final = vitals.STALE_S
PUMP_STALE_S: Final = 1.5
HEALTH_STALE_S: Final = 3.0
TARGET_STALE_S: Final = 5.0


def compose(p: Picture, now: float, unix: float) -> dict[str, Any]:
    """The snapshot. now: monotonic s; unix: the same instant as Unix time, s."""
    return {
        "bed": p.bed,
        "time": iso(unix),
        "link": {
            "state": p.link.value,
            "since_s": round(max(0.0, now - p.link_since), 3),
            "sentence": p.link_sentence,
            "rtt_ms": None if p.rtt is None or p.link is not Link.LIVE else round(p.rtt * 1000, 3),
            "port": p.port,
            "frames_lost": p.frames_lost,
            "frames_refused": p.frames_refused,
        },
        "board": _board(p.hello),
        "vitals": vitals.compose(p, now),
        "limits": limits.compose(p.limits) if p.measuring[0] is Link.LIVE else None,
        "cuff": cuff.compose(p, now),
        "pump": _pump(p, now),
        "alarms": _alarms(p, now),
        "interlock": interlock.compose(p, now),
        "signs": _signs(p, now),
        "drive": drive.compose(p, now),
        "health": _health(p, now),
        "patient": _patient(p),
        "target": _target(p, now),
        "readback": p.readback,
        "refusal": _refusal(p, now, unix),
        "services": {name: dict(state) for name, state in p.services.items()},
        "charting": None if p.charting is None else dict(p.charting),
    }


def _patient(p: Picture) -> dict[str, Any] | None:
    """Who is in the bed, as admitted, each as typed; None: nobody. sentence: what is to be known of it, "" for
    nothing."""
    if not p.patient:
        return None
    told = {name: p.patient.get(name, "") for name in ("patient", "weight", "age", "sex", "height", "area", "note")}
    label, runs, sentence = p.label, p.pump, ""
    clinical = None if label is None else label.terms.get("clinical")
    here = runs is not None and label is not None and runs.message.programme == label.programme
    if clinical and here and clinical["charted"] != told["weight"]:
        sentence = f"The programme was ordered for {clinical['weight']}; the chart has {told['weight']} now."
    since = p.patient.get("when")
    return {**told, "since": iso(since / 1000) if isinstance(since, int) else None, "sentence": sentence}


def _target(p: Picture, now: float) -> dict[str, Any] | None:
    """Nobody knows what is in the patient while nobody knows what the pump gives."""
    if p.target is None:
        return None
    age = round(max(0.0, now - p.target.at), 3)
    unknown = p.link is not Link.LIVE or age > TARGET_STALE_S
    return {**p.target.told, **({"predicted": None} if unknown else {}), "age_s": age}


def iso(unix: float) -> str:
    """UTC with milliseconds: 2026-01-31T08:15:00.250Z."""
    at = datetime.datetime.fromtimestamp(unix, datetime.UTC)
    return at.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def ml(nl: int) -> float:
    """nL as mL, to 0.1 uL, for showing."""
    return float(round(Ml.from_nl(nl).value, 4))


def ml_h(nl_per_min: int) -> float:
    """nL/min as mL/h, to 0.001 mL/h, for showing: 166 667 nL/min is 10.0."""
    return float(round(MlPerH.from_nl_per_min(nl_per_min).value, 3))


def _alarms(p: Picture, now: float) -> dict[str, Any] | None:
    """Those of the boards that can be heard; None where none can."""
    boards = {"pump": p.alarms} if p.link is Link.LIVE else {}
    if p.signs is not None and p.signs.link is Link.LIVE:
        boards["guardian"] = p.signs.alarms
    return alarms.compose(boards, now) if boards else None


def _signs(p: Picture, now: float) -> dict[str, Any] | None:
    """The second board; None where the pump's own measures the patient."""
    s = p.signs
    if s is None:
        return None
    since = round(max(0.0, now - s.link_since), 3)
    link = {"state": s.link.value, "since_s": since, "sentence": s.link_sentence, "port": s.port}
    return {"link": link, "board": _board(s.hello)}


def _board(h: Hello | None) -> dict[str, Any] | None:
    if h is None:
        return None
    return {
        "uid": h.board.hex(),
        "firmware": f"{h.fw_major}.{h.fw_minor}.{h.fw_patch}",
        "boot": h.boot,
        "reset": code(schema.RESETS, h.reset),
        "schema": f"{h.schema:08x}",
        "schema_ok": h.schema == SCHEMA_ID and h.wire == schema.WIRE,
        "config": f"{h.config:08x}",
    }


def _pump(p: Picture, now: float) -> dict[str, Any]:
    heard = p.pump
    if heard is None:
        return _no_pump(p, None, "Nothing has been heard from the pump yet.")
    age = round(max(0.0, now - heard.at), 3)
    m: PumpStatus = heard.message
    state, reason = code(schema.STATES, m.state), code(schema.REASONS, m.reason)
    if p.link is not Link.LIVE or age > PUMP_STALE_S:
        return _no_pump(
            p, age, f"The pump last told its state {ago(age)} ago; then it was {state}. Look at the pump itself."
        )
    moving = state in MOVING
    sentence = sentences.pump(state, reason)
    if moving and p.unsupervised:
        sentence = f"{sentence} {p.unsupervised}"
    return {
        "state": state,
        "reason": reason,
        "sentence": sentence,
        "unsupervised": p.unsupervised if moving else "",
        "drug": _drug(p, m.programme),
        "programme": m.programme,
        "rate_ml_h": ml_h(m.rate),
        "set_rate_ml_h": ml_h(m.set_rate),
        "vtbi_ml": ml(m.vtbi),
        "delivered_ml": ml(m.delivered),
        "measured_ml": ml(m.measured),
        "left_s": None if m.left == schema.NONE32 else m.left,
        "lease_ms": m.lease if moving else None,
        "on_loss": code(schema.ON_LOSS, m.on_loss),
        "age_s": age,
        "was": _was(m),
        "bolus_ml": ml(m.bolus),
        "doses": m.doses,
        "denied": m.denied,
        "lockout_s": m.lockout,
        "terms": _terms(p, m.programme),
        "dosed": _dosed(p, m),
        "filling": _filling(p, m, state),
    }


def _terms(p: Picture, programme: int) -> dict[str, Any] | None:
    known = programme and p.label is not None and p.label.programme == programme
    return dict(p.label.terms) if known and p.label is not None and p.label.terms else None


def _dosed(p: Picture, m: PumpStatus) -> dict[str, Any] | None:
    """The same as doses; None where nobody has prescribed it."""
    clinical = (_terms(p, m.programme) or {}).get("clinical")
    return dosed(clinical, m.rate, m.set_rate, m.delivered) if clinical else None


def _filling(p: Picture, m: PumpStatus, state: str) -> dict[str, Any] | None:
    """What a line was filled with so far, of what was asked for; None while no line is filled."""
    if state != "priming":
        return None
    known = p.filling is not None and p.filling.programme == m.programme
    return {"ml": ml(m.aside), "of_ml": ml(p.filling.volume) if known and p.filling is not None else None}


def _no_pump(p: Picture, age: float | None, why: str) -> dict[str, Any]:
    programme = p.pump.message.programme if p.pump else 0
    return {
        "state": "unknown", "reason": "none", "sentence": why, "drug": _drug(p, programme), "programme": programme,
        "rate_ml_h": None, "set_rate_ml_h": None, "vtbi_ml": None, "delivered_ml": None, "measured_ml": None,
        "left_s": None, "lease_ms": None, "on_loss": None, "age_s": age, "was": None, "unsupervised": "",
        "bolus_ml": None, "doses": None, "denied": None, "lockout_s": None, "terms": None, "filling": None,
        "dosed": None,
    }  # fmt: skip


def _drug(p: Picture, programme: int) -> str:
    if programme == 0:
        return ""
    return p.label.drug if p.label and p.label.programme == programme else "not known to this host"


def _was(m: PumpStatus) -> dict[str, Any] | None:
    """Bounds are rounded outwards, to 0.1 uL."""
    if m.was_programme == 0:
        return None
    return {
        "programme": m.was_programme,
        "low_ml": None if m.was_low == schema.NONE32 else ml(m.was_low // 100 * 100),
        "high_ml": None if m.was_high == schema.NONE32 else ml(-(-m.was_high // 100) * 100),
    }


def _health(p: Picture, now: float) -> dict[str, Any] | None:
    heard = p.health
    if heard is None or p.link is not Link.LIVE or now - heard.at > HEALTH_STALE_S:
        return None
    m: Health = heard.message
    return {
        "loop_us": m.loop_us,
        "collect_us": m.collect_us,
        "heap_free": m.heap_free,
        "rx_errors": m.rx_errors,
        "bus_errors": m.bus_errors,
        "overruns": m.overruns,
        "lease_ms": None if m.lease == schema.NONE16 else m.lease,
        "watchdog_ms": m.watchdog,
        "age_s": round(max(0.0, now - heard.at), 3),
    }


def _refusal(p: Picture, now: float, unix: float) -> dict[str, Any] | None:
    r = p.refusal
    if r is None:
        return None
    return {
        "sentence": r.sentence,
        "status": r.status,
        "limit": r.limit,
        "by": r.by,
        "time": iso(unix - max(0.0, now - r.at)),
    }
