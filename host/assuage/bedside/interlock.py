"""The interlock of a bed as plain data: what has tripped and why, what was seen then, and what its release still lacks.

The boards decide; here it is put into words. With two boards, the one that measures the patient trips by what it has
seen and the pump by that one's word, so the guardian's cause is the one that is told.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

from assuage.bedside import guarding, vitals
from assuage.bedside.guarding import SHOWN, Guard, Latch, lasting, span
from assuage.bedside.picture import Heard, Picture
from assuage.bedside.sentences import code
from assuage.link.events import Link
from assuage.link.messages import Interlock
from assuage_wire import schema

STALE_S: Final = 3.0  # told once a second
NOBODY: Final = 255  # the parameter of a trip that no row has caused
NOT_WATCHED: Final = (
    "The board that watches the patient no longer knows of this infusion; stop it and programme it again."
)
UNHEARD: Final = "Nothing is heard of the interlock; look at the patient, and at the board's cable."


def compose(p: Picture, now: float) -> dict[str, Any] | None:
    """The snapshot's `interlock`; None while no board tells of one, or nothing fresh has been heard of the pump's.

    tripped; read: the number of each board's trip, by which it is released; sentence: why, with what was seen; cause:
    parameter, kind, value, unit, quality, age_s; since_s: how long ago, None where that was before this daemon began.
    guarded; guards: the rows of the order; normal: all boards find all rows normal; lacks: a sentence for each that is
    not; needs: what is to be done; release: whether a release would be taken now. watch, verdict, permission_ms: of
    the permission of another board; trouble: why it does not come through.
    """
    own = fresh(p.interlock, p.link, now)
    if own is None:
        return None
    signs = p.signs
    other = None if signs is None else fresh(signs.interlock, signs.link, now)
    guards = rows(p)
    first = other if other is not None and other.tripped else own
    tripped = bool(own.tripped or (other is not None and other.tripped))
    lacks = [] if _normal(own, other) else _lacks(p, own, other, guards, now)
    guarded = bool(own.rows or own.watch)
    read = {name: m.number for name, m in (("pump", own), ("guardian", other)) if m is not None and m.tripped}
    return {
        "guarded": guarded,
        "guards": [row.sentence() for row in guards],
        "tripped": tripped,
        "read": read,
        "cause": cause(first) if tripped else None,
        "sentence": why(first, guards) if tripped else "",
        "since_s": _since(p, now) if tripped else None,
        "normal": _normal(own, other),
        "lacks": lacks,
        "release": tripped and _releasable(own, other),
        "needs": _needs(tripped, lacks),
        "watch": own.watch,
        "verdict": code(schema.VERDICTS, own.verdict) if own.watch else None,
        "permission_ms": own.permission if own.watch else None,
        "trouble": p.permission_trouble if own.watch else "",
    }


def fresh(heard: Heard[Interlock] | None, link: Link, now: float) -> Interlock | None:
    """What a board last said of its interlock, if that is of now."""
    if heard is None or link is not Link.LIVE or now - heard.at > STALE_S:
        return None
    return heard.message


def latch(m: Interlock) -> Latch:
    """Of one board."""
    return Latch(bool(m.tripped), m.number, bool(m.normal))


def cause(m: Interlock) -> dict[str, Any]:
    """What a board has seen when it tripped."""
    known = m.parameter < len(schema.PARAMETERS)
    name = schema.PARAMETERS[m.parameter] if known else None
    apnoea = code(schema.GUARDS, m.kind) == "apnoea"
    per, unit = (1000, "s") if apnoea else SHOWN[name][1:] if name is not None else (1, "")
    return {
        "parameter": name,
        "kind": code(schema.GUARDS, m.kind),
        "value": None if m.value == schema.NONE16 or name is None else m.value / per,
        "unit": unit,
        "quality": code(schema.QUALITIES, m.quality),
        "age_s": m.age / 1000,
    }


def why(m: Interlock, rows: Iterable[Guard] = ()) -> str:
    """Why a board has tripped, in one sentence: "SpO2 86 % below 90 % for 15 s." rows: of the order, which say the
    limits; what the board's own rows ask for is not known here."""
    return in_words(m.parameter, m.kind, m.value, m.age, rows)


def in_words(parameter: int, kind: int, value: int, age: int, rows: Iterable[Guard] = ()) -> str:
    """The same by the numbers, which a record of the journal has too."""
    if parameter >= len(schema.PARAMETERS):
        return f"Nothing was heard for {span(age)} from the board that watches the patient."
    name, how = schema.PARAMETERS[parameter], code(schema.GUARDS, kind)
    what, per, unit = SHOWN[name]
    row = next((row for row in rows if (row.parameter, row.kind) == (name, how)), None)
    seen = "" if value == schema.NONE16 else f"{value / per:g} {unit}"
    if how == "apnoea":
        return f"No breath for {value / 1000:.0f} s."
    if how == "missing":
        missing = next((lasting(row.missing) for row in rows if row.parameter == name), "")
        last = f" The last value, {seen}, was {span(round(age, -2))} old." if seen else ""
        return f"No good value of {guarding.within(what)}{missing}.{last}"
    if row is None:
        return f"{what} {seen}: {'below' if how == 'below' else 'above'} the board's own limit."
    return f"{what} {seen} {how} {row.limit} {unit}{lasting(row.persistence)}."


def rows(p: Picture) -> list[Guard]:
    """Those of the programme that the pump has now, as they were ordered."""
    programme = p.pump.message.programme if p.pump is not None else 0
    if not programme or p.label is None or p.label.programme != programme:
        return []
    return [Guard.of(tuple(row["fields"]), row["source"]) for row in p.label.terms.get("guards") or ()]


def _normal(own: Interlock, other: Interlock | None) -> bool:
    return bool(own.normal) and (not own.watch or other is None or bool(other.normal))


def _lacks(p: Picture, own: Interlock, other: Interlock | None, rows: list[Guard], now: float) -> list[str]:
    """Which vital signs are not normal, as far as this host can tell; else that something else is not."""
    if own.watch and other is None:
        return [UNHEARD]
    if own.watch and other is not None and other.watching != own.watch:
        return [NOT_WATCHED]
    found = guarding.lacks(rows, vitals.compose(p, now))
    if found:
        return found
    looks = other if own.watch and other is not None else own
    if looks.normal:
        return [p.permission_trouble or guarding.WAITS]
    if not looks.tripped and looks.parameter < len(schema.PARAMETERS):  # it tells of the row
        return [f"{SHOWN[schema.PARAMETERS[looks.parameter]][0]} is not normal by the board's own limits."]
    return [f"Row {looks.row + 1} of the board's interlock is not normal yet."]


def _releasable(own: Interlock, other: Interlock | None) -> bool:
    """The first step of guarding.release() can be taken; what its second waits for comes of that one."""
    if own.watch and (other is None or other.watching != own.watch):
        return False
    return bool(other.normal if other is not None and other.tripped else own.normal)


def _needs(tripped: bool, lacks: list[str]) -> str:
    if tripped:
        return guarding.NOT_NORMAL if lacks else "All vital signs are normal. Look at the patient, then release it."
    return ""


def _since(p: Picture, now: float) -> float | None:
    return None if p.tripped_at is None else round(max(0.0, now - p.tripped_at), 1)


class Trips:
    """When each board's newest trip was first heard of. Of one that stood already when it was first heard, nothing."""

    def __init__(self) -> None:
        self._last: dict[str, tuple[int, int]] = {}

    def happened(self, board: str, m: Interlock) -> str:
        """ "tripped" or "released" when this word of a board says so for the first time, else ""."""
        before, now = self._last.get(board), (m.tripped, m.number)
        self._last[board] = now
        if before is None or before == now:
            return ""
        return "tripped" if m.tripped else "released" if before[0] else ""

    def forget(self, board: str) -> None:
        """That board has started anew, or is another one; what it says next is where it begins."""
        self._last.pop(board, None)
