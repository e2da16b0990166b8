"""The Modbus register map as data, and how a bed's snapshot becomes registers.

All are input registers (function code 4), big-endian words, scaled integers. A row that mirrors a field of the wire
names message and field; its unit, width, sign and description come from the wire's table. A value that is not known,
stale or out of the register's range reads as the "no value" of its kind, never as an old number.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from assuage.bedside.snapshot import PUMP_STALE_S, VITALS_STALE_S
from assuage.bedside.vitals import NUMBERS
from assuage_wire import schema

MAGIC = 0x4D50
VERSION = 0x0103  # major, minor: a minor only adds, in what was reserved or lay beyond
DEVICE_CLASS = 1
CAPABILITIES = 0b11
SIZE = 120
RESERVED = 0xFFFF
LINKS = ("connecting", "live", "lost", "mismatch")


class Kind(NamedTuple):
    """How a number lies in registers. none: what reads when there is no value."""

    words: int
    lo: int
    hi: int
    none: int


KINDS = {
    "u16": Kind(1, 0, 0xFFFE, 0xFFFF),
    "s16": Kind(1, -0x7FFF, 0x7FFF, -0x8000),
    "u32": Kind(2, 0, 0xFFFFFFFE, 0xFFFFFFFF),
    "s32": Kind(2, -0x7FFFFFFF, 0x7FFFFFFF, -0x80000000),
    "u64": Kind(4, 0, (1 << 64) - 2, (1 << 64) - 1),
}
WIRE_KINDS = {"B": "u16", "H": "u16", "I": "u32", "h": "s16", "i": "s32", "8s": "u64"}

# Unit on the wire -> unit of the register, and the factor from the snapshot's unit (mL, mL/h, %, /min, s, ms).
UNITS = {
    "nL/min": ("0.01 mL/h", 100),
    "nL": ("0.01 mL", 100),
    "%": ("%", 1),
    "s": ("s", 1),
    "ms": ("ms", 1),
    "": ("", 1),
}
_CODED = (
    "STATES", "REASONS", "RESETS", "SIGNALS", "PARAMETERS", "ON_LOSS", "PRIORITIES", "ALARMS", "ALARM_STATES", "GUARDS",
)  # fmt: skip
CODES = {name: getattr(schema, name) for name in _CODED}


class Row(NamedTuple):
    """One value. source: its place in the snapshot, or a name that `Registers` knows. codes: texts whose index is
    what reads. factor: from the snapshot's unit to the register's. to_int: how what is left is rounded."""

    address: int
    name: str
    kind: str
    unit: str
    doc: str
    source: tuple[str, ...]
    factor: float = 1
    codes: tuple[str, ...] = ()
    to_int: Callable[[float], int] = round

    @property
    def last(self) -> int:
        """Address of its last word."""
        return self.address + KINDS[self.kind].words - 1


class Block(NamedTuple):
    """A range of addresses with one meaning."""

    first: int
    last: int
    name: str
    doc: str


BLOCKS = (
    Block(0, 15, "identity", "what this is"),
    Block(16, 31, "status", "how things are; its first and last register hold the sequence counter"),
    Block(32, 63, "pump", "the infusion; no value while the pump has not been heard for "
          f"{PUMP_STALE_S:g} s"),
    Block(64, 95, "vitals", f"vital signs; no value while none have come for {VITALS_STALE_S:g} s"),
    Block(96, 119, "alarms", "of the board; no value without a live link, nor of the most urgent where none stands; "
          "nothing is acknowledged here, where all is read-only. The interlock"),
)  # fmt: skip


def _mirror(address: int, message: str, field: str, *source: str) -> Row:
    """A row that mirrors a field of the wire. Raises KeyError when the wire's table has no such field or unit."""
    fields = {name: fields for _, name, _, _, _, _, fields in schema.MESSAGES}[message]
    layout, unit, doc = {name: (layout, unit, doc) for name, layout, unit, _, _, doc in fields}[field]
    name, kind = f"{message}.{field}", WIRE_KINDS[layout]
    if unit in CODES:
        return Row(address, name, kind, f"code of {unit}", doc, source, codes=CODES[unit])
    shown, factor = UNITS[unit]
    return Row(address, name, kind, shown, doc, source, factor)


def _number(address: int, key: str) -> Row:
    """A row of one of the patient's numbers, in the unit of the wire."""
    n = next(n for n in NUMBERS if n.key == key)
    return Row(address, f"Vitals.{key}", "u16", f"{1 / n.per:g} {n.unit}", n.doc, ("vitals", key), n.per)


VITALS_AT = {
    "pulse": 64, "spo2": 65, "resp": 66, "etco2": 67, "systolic": 68, "diastolic": 69, "map": 70, "temperature": 71,
    "perfusion": 72, "fico2": 74, "resp_pleth": 75, "pulse_cuff": 76, "heart": 77,
}  # fmt: skip
ROWS = (
    Row(0, "magic", "u16", "", f"always 0x{MAGIC:04X}", ("magic",)),
    Row(1, "version", "u16", "", "of this map: major, minor; a new minor only adds registers", ("version",)),
    Row(2, "device_class", "u16", "", "1: syringe pump with vital signs", ("device_class",)),
    Row(3, "capabilities", "u16", "bits", "0: pump, 1: oximeter", ("capabilities",)),
    _mirror(4, "Hello", "board", "uid"),
    _mirror(8, "Hello", "fw_major", "fw_major"),
    _mirror(9, "Hello", "fw_minor", "fw_minor"),
    _mirror(10, "Hello", "fw_patch", "fw_patch"),
    Row(11, "heartbeat", "u16", "", "rises 5 times a second; when it stands, trust nothing", ("heartbeat",)),
    Row(12, "uptime", "u32", "s", "how long the daemon has run", ("uptime",)),
    _mirror(14, "Hello", "schema", "schema"),
    Row(16, "sequence", "u16", "", "rises whenever the registers are refreshed", ("sequence",)),
    Row(17, "link", "u16", "code of LINKS", "the link between daemon and board", ("link", "state"), codes=LINKS),
    _mirror(18, "PumpStatus", "state", "pump", "state"),
    _mirror(19, "PumpStatus", "reason", "pump", "reason"),
    Row(20, "Vitals.ppg", "u16", "code of SIGNALS", "how the oximeter is", ("vitals", "ppg"), codes=schema.SIGNALS),
    _mirror(21, "Hello", "reset", "board", "reset"),
    _mirror(22, "Hello", "boot", "board", "boot"),
    Row(24, "link_age", "u32", "s", "since when the link is as it is", ("link", "since_s")),
    Row(26, "vitals_age", "u16", "0.1 s", "age of the newest vital signs, stale or not", ("vitals", "age_s"), 10),
    Row(27, "pump_age", "u16", "0.1 s", "age of the pump's newest word, stale or not", ("pump", "age_s"), 10),
    Row(31, "sequence", "u16", "", "the same", ("sequence",)),
    _mirror(32, "PumpStatus", "rate", "pump", "rate_ml_h"),
    _mirror(34, "PumpStatus", "vtbi", "pump", "vtbi_ml"),
    _mirror(36, "PumpStatus", "delivered", "pump", "delivered_ml"),
    _mirror(38, "PumpStatus", "left", "pump", "left_s"),
    _mirror(44, "PumpStatus", "set_rate", "pump", "set_rate_ml_h"),
    _mirror(46, "PumpStatus", "programme", "pump", "programme"),
    _mirror(48, "PumpStatus", "lease", "pump", "lease_ms"),
    _mirror(49, "PumpStatus", "on_loss", "pump", "on_loss"),
    _mirror(50, "PumpStatus", "measured", "pump", "measured_ml"),
    _mirror(52, "PumpStatus", "was_programme", "pump", "was", "programme"),
    # Bounds are rounded outwards, or what was delivered could lie outside them.
    _mirror(54, "PumpStatus", "was_low", "pump", "was", "low_ml")._replace(to_int=math.floor),
    _mirror(56, "PumpStatus", "was_high", "pump", "was", "high_ml")._replace(to_int=math.ceil),
    Row(63, "sequence", "u16", "", "the same", ("sequence",)),
    *(_number(address, key) for key, address in VITALS_AT.items()),
    _mirror(73, "Vitals", "trust", "vitals", "quality")._replace(name="Vitals.quality"),
    *(Row(80 + i, f"Vitals.{n.key}.signal", "u16", "code of SIGNALS", f"{n.doc}: why it is there, or is not",
          ("vitals", "readings", n.key, "signal"), codes=schema.SIGNALS) for i, n in enumerate(NUMBERS)),
    Row(78, "vitals_good", "u16", "bits", "bit n: the number with code n of PARAMETERS is good", ("vitals", "good")),
    Row(79, "vitals_doubtful", "u16", "bits", "bit n: it is there and doubtful", ("vitals", "doubtful")),
    Row(93, "cuff_age", "u16", "0.1 s", "age of the blood pressure, stale or not",
        ("vitals", "readings", "map", "age_s"), 10),
    Row(95, "sequence", "u16", "", "the same", ("sequence",)),
    Row(96, "alarms", "u16", "", "how many stand", ("alarms", "count")),
    Row(97, "alarm_priority", "u16", "code of PRIORITIES", "the highest of them", ("alarms", "priority"),
        codes=schema.PRIORITIES),
    Row(98, "alarm_unseen", "u16", "code of PRIORITIES", "the highest of those that nobody has acknowledged",
        ("alarms", "unseen"), codes=schema.PRIORITIES),
    Row(99, "alarm_pause", "u16", "s", "so long the sound is still paused", ("alarms", "pause_s")),
    Row(100, "alarm_bits", "u64", "bits", "bit n: the condition with code n of ALARMS stands", ("alarms", "bits")),
    Row(104, "alarm_unseen_bits", "u64", "bits", "those that nobody has acknowledged", ("alarms", "unseen_bits")),
    Row(108, "alarm", "u16", "code of ALARMS", "the most urgent; of equals what sounds, of these the newest",
        ("alarms", "alarm"), codes=schema.ALARMS),
    Row(109, "alarm_state", "u16", "code of ALARM_STATES", "how that one is", ("alarms", "state"),
        codes=schema.ALARM_STATES),
    Row(110, "alarm_occurrence", "u32", "", "its occurrence, by which it is acknowledged", ("alarms", "occurrence")),
    Row(112, "alarm_since", "u32", "s", "how long it has stood", ("alarms", "since_s")),
    Row(114, "interlock", "u16", "bits", "0: guarded by vital signs, 1: tripped, 2: all are normal, 3: may be released",
        ("interlock", "bits")),
    Row(115, "interlock_parameter", "u16", "code of PARAMETERS",
        "why it has tripped; no value while it has not, nor where nothing was heard from the board that watches",
        ("interlock", "parameter"), codes=schema.PARAMETERS),
    Row(116, "interlock_kind", "u16", "code of GUARDS", "of that", ("interlock", "kind"), codes=schema.GUARDS),
    Row(117, "interlock_value", "u16", "as Vitals, ms of an apnoea", "what was seen then", ("interlock", "value")),
    Row(118, "interlock_age", "u16", "0.1 s", "age of that then", ("interlock", "age_s"), 10),
    Row(119, "sequence", "u16", "", "the same", ("sequence",)),
)  # fmt: skip


def words(kind: str, value: float | None, to_int: Callable[[float], int] = round) -> list[int]:
    """A value as registers, high word first; None and what does not fit become "no value"."""
    k = KINDS[kind]
    number = k.none if value is None or not math.isfinite(value) else to_int(value)
    if not k.lo <= number <= k.hi:
        number = k.none
    number &= (1 << 16 * k.words) - 1
    return [number >> 16 * shift & 0xFFFF for shift in reversed(range(k.words))]


def registers(snapshot: Mapping[str, Any], own: Mapping[str, int]) -> list[int]:
    """All SIZE registers of one moment. own: heartbeat, uptime and sequence."""
    values = _believable(snapshot, own)
    image = [RESERVED] * SIZE
    for row in ROWS:
        image[row.address : row.last + 1] = words(row.kind, _value(row, values), row.to_int)
    return image


def _value(row: Row, values: Mapping[str, Any]) -> float | None:
    found: Any = values
    for key in row.source:
        found = found.get(key) if isinstance(found, Mapping) else None
    if found is None:
        return None
    if row.codes:
        return row.codes.index(found) if found in row.codes else None
    # 2.3 mL times 100 is 229.99999999999997: without the dust, or floor and ceil would take it for more than it is.
    return round(float(found) * row.factor, 6) if row.factor != 1 else found


def _believable(snapshot: Mapping[str, Any], own: Mapping[str, int]) -> dict[str, Any]:
    """The snapshot with whatever must not be read as present taken out, a second look at what it promises already."""
    live = snapshot["link"]["state"] == "live"
    board = snapshot["board"] if live else None
    values = {
        **own,
        **_identity(board or {}),
        "link": snapshot["link"],
        "board": board,
        "pump": _fresh(snapshot["pump"], PUMP_STALE_S if live else -1.0),
        "vitals": _numbers(snapshot["vitals"], live),
        "alarms": _alarms(snapshot["alarms"]) if live and snapshot["alarms"] else {},
        "interlock": _interlock(snapshot["interlock"]) if live and snapshot["interlock"] else {},
    }
    pump = values["pump"]
    if pump.get("state") == "unknown":
        values["pump"] = {"age_s": pump["age_s"]}
    elif "was" in pump and pump["was"] is None:
        values["pump"] = {**pump, "was": {"programme": 0}}
    return values


def _numbers(told: Mapping[str, Any], live: bool) -> dict[str, Any]:
    """The vital signs without those that are stale; the ages stay."""
    readings, out = told["readings"], dict(told)
    kept: dict[str, Any] = {}
    for n in NUMBERS:
        reading = readings[n.key]
        age = reading["age_s"]
        if live and reading["quality"] != "stale" and (age is None or age <= n.stale_s):
            kept[n.key] = reading
        else:
            out[n.key] = None
            kept[n.key] = {"age_s": age}
    if "signal" not in kept["spo2"]:
        out |= {"ppg": None, "quality": None}
    bits = {
        how: sum(1 << i for i, n in enumerate(NUMBERS) if kept[n.key].get("quality") == how)
        for how in ("good", "doubtful")
    }
    return {**out, **bits, "readings": kept}


def _alarms(told: Mapping[str, Any]) -> dict[str, Any]:
    """What the rows of alarms show of those that stand; a condition that this host does not know has no bit."""
    standing = told["list"]
    unseen = [each for each in standing if not each["acknowledged"]]
    first = standing[0] if standing else {}
    return {
        "count": len(standing),
        "priority": _highest(standing),
        "unseen": _highest(unseen),
        "pause_s": told["pause_s"],
        "bits": _bits(standing),
        "unseen_bits": _bits(unseen),
        **{key: first.get(key) for key in ("alarm", "state", "occurrence", "since_s")},
    }


def _interlock(told: Mapping[str, Any]) -> dict[str, Any]:
    """How the interlock is, and of a trip what was seen in the units of the wire."""
    flags = ("guarded", "tripped", "normal", "release")
    found: dict[str, Any] = {"bits": sum(1 << i for i, flag in enumerate(flags) if told[flag])}
    cause = told["cause"]
    if cause is not None:
        per = 1000 if cause["kind"] == "apnoea" else {n.parameter: n.per for n in NUMBERS}.get(cause["parameter"], 1)
        value = None if cause["value"] is None else round(cause["value"] * per)
        found |= {"parameter": cause["parameter"], "kind": cause["kind"], "value": value, "age_s": cause["age_s"]}
    return found


def _highest(alarms: list[Mapping[str, Any]]) -> str:
    return max((each["priority"] for each in alarms), key=schema.PRIORITIES.index, default="none")


def _bits(alarms: list[Mapping[str, Any]]) -> int:
    return sum(1 << schema.ALARMS.index(each["alarm"]) for each in alarms if each["alarm"] in schema.ALARMS)


def _fresh(part: Mapping[str, Any], limit: float) -> Mapping[str, Any]:
    age = part["age_s"]
    return part if age is not None and age <= limit else {"age_s": age}


def _identity(board: Mapping[str, Any]) -> dict[str, Any]:
    firmware = [int(part) for part in board["firmware"].split(".")] if board else [None, None, None]
    return {
        "magic": MAGIC,
        "version": VERSION,
        "device_class": DEVICE_CLASS,
        "capabilities": CAPABILITIES,
        "uid": int(board["uid"], 16) if board else None,
        "schema": int(board["schema"], 16) if board else None,
        **dict(zip(("fw_major", "fw_minor", "fw_patch"), firmware, strict=True)),
    }
