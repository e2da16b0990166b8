"""Which vital signs guard an infusion, as an order says it, and how an interlock that has tripped is released.

A guard is a row of the board's interlock, in the wire's units. The sets are where an order begins; it leaves rows out
for which there is no sensor, and may set a limit of its own. What the board's own rows ask for holds beside it, and a
board refuses a row that is looser. Figures with a source are somebody else's; those without are our own, for a bench,
and to be set by whoever answers for the patient.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping
from decimal import Decimal, InvalidOperation
from typing import Any, Final, NamedTuple

from assuage.errors import BadInput, Reason, Refused
from assuage_wire import schema
from assuage_wire.codec import BY_NAME

# parameter: its name, how many of the wire's units make one of those shown, and which that is
SHOWN: Final[dict[str, tuple[str, int, str]]] = {
    "spo2": ("SpO2", 10, "%"),
    "pulse": ("Pulse", 10, "/min"),
    "perfusion": ("Perfusion index", 100, "%"),
    "resp": ("Respiration", 10, "/min"),
    "resp-pleth": ("Respiration from the pulse wave", 10, "/min"),
    "etco2": ("EtCO2", 10, "mmHg"),
    "fico2": ("Inspired CO2", 10, "mmHg"),
    "systolic": ("Systolic pressure", 10, "mmHg"),
    "diastolic": ("Diastolic pressure", 10, "mmHg"),
    "map": ("Mean pressure", 10, "mmHg"),
    "pulse-cuff": ("Pulse at the cuff", 10, "/min"),
    "temperature": ("Temperature", 100, "°C"),
    "heart": ("Heart rate", 10, "/min"),
}


@dataclasses.dataclass(frozen=True, slots=True)
class Guard:
    """A row: threshold and hysteresis in the wire's units (of an apnoea ms), times in ms. source: of the threshold."""

    parameter: str
    kind: str
    threshold: int
    persistence: int
    hysteresis: int
    max_age: int
    missing: int
    source: str = "our own"

    @property
    def name(self) -> str:
        """How an order names it."""
        return f"{self.parameter}-{self.kind}"

    def fields(self) -> tuple[int, ...]:
        """As the wire's Guard has them."""
        return (
            schema.PARAMETERS.index(self.parameter),
            schema.GUARDS.index(self.kind),
            self.threshold,
            self.persistence,
            self.hysteresis,
            self.max_age,
            self.missing,
        )

    @classmethod
    def of(cls, fields: tuple[int, ...], source: str = "our own") -> Guard:
        """From the wire's fields."""
        parameter, kind, threshold, persistence, hysteresis, max_age, missing = fields
        name = schema.PARAMETERS[parameter]
        return cls(name, schema.GUARDS[kind], threshold, persistence, hysteresis, max_age, missing, source)

    @property
    def limit(self) -> str:
        """The threshold as it is shown and typed, without its unit: s of an apnoea; "" where a value is missing."""
        per = 1000 if self.kind == "apnoea" else SHOWN[self.parameter][1]
        return "" if self.kind == "missing" else f"{self.threshold / per:g}"

    @property
    def unit(self) -> str:
        """Of the limit."""
        return "s" if self.kind == "apnoea" else SHOWN[self.parameter][2]

    @property
    def label(self) -> str:
        """What it forbids, without its limit: "SpO2 below"."""
        return "No breath for" if self.kind == "apnoea" else f"{SHOWN[self.parameter][0]} {self.kind}"

    def sentence(self) -> str:
        """For the human who compares."""
        lost = f"no good value of the last {span(self.max_age)}{lasting(self.missing)}"
        if self.kind == "missing":
            return f"{SHOWN[self.parameter][0]}: {lost}."
        if self.kind == "apnoea":
            return f"No breath for {span(self.threshold + self.persistence)}, or {lost}."
        return f"{self.label} {self.limit} {self.unit}{lasting(self.persistence)}, or {lost}."


def span(ms: int) -> str:
    """A time as it is said: "15 s", "20 min"."""
    return f"{ms // 60_000} min" if ms >= 120_000 and ms % 60_000 == 0 else f"{ms / 1000:g} s"


def lasting(ms: int) -> str:
    """ " for 15 s"; "" for no time at all."""
    return f" for {span(ms)}" if ms else ""


_PCA: Final = "criteria of respiratory depression under PCA as medicalalgorithms lists them, second-hand"
_OLD_CUFF: Final = 1_200_000  # 20 min: a cuff that is inflated every 15 min, once

ADULT: Final = (
    Guard("spo2", "below", 900, 15_000, 20, 5_000, 15_000, _PCA + "; there for more than 1 min"),
    Guard("etco2", "above", 500, 15_000, 50, 12_000, 20_000, _PCA),
    Guard("resp", "apnoea", 15_000, 0, 5_000, 20_000, 20_000, _PCA),
    Guard("resp", "below", 80, 30_000, 10, 20_000, 20_000, "from memory, unverified"),
    Guard("pulse", "below", 500, 10_000, 30, 5_000, 15_000, _PCA),
    Guard("systolic", "below", 900, 0, 50, _OLD_CUFF, 0, _PCA),
)
CHILD: Final = (
    Guard("spo2", "below", 920, 10_000, 20, 5_000, 15_000, "from memory, unverified"),
    Guard("etco2", "above", 500, 15_000, 50, 10_000, 20_000, "the adults'"),
    Guard("resp", "apnoea", 15_000, 0, 5_000, 20_000, 20_000, "the adults'"),
    Guard("resp", "below", 120, 20_000, 10, 15_000, 20_000, "from memory, unverified"),
    Guard("pulse", "below", 600, 10_000, 30, 5_000, 15_000, "from memory, unverified"),
)
SETS: Final[dict[str, tuple[Guard, ...]]] = {"adult": ADULT, "child": CHILD}
KEYS: Final = frozenset({"set", "rows", "limits"})
FIELDS: Final = tuple(field[0] for field in BY_NAME["Guard"].fields[4:])  # of a row, without whose and which it is


def guards(data: object) -> tuple[Guard, ...]:
    """What guards an order: set, by name; rows, the names of those that there are sensors for, else all; limits, of
    some by name as they are shown, of an apnoea in seconds. Raises BadInput.
    """
    if not isinstance(data, Mapping):
        raise BadInput("guards", "Guards are a set, and of it rows and limits.")
    for key in data:
        if key not in KEYS:
            raise BadInput(str(key), f"Guards have no {str(key)[:40]!r}.")
    chosen = SETS.get(str(data.get("set", "")))
    if chosen is None:
        raise BadInput("set", f"Choose the limits of {' or '.join(SETS)}.")
    names = {guard.name for guard in chosen}
    rows, limits = data.get("rows", sorted(names)), data.get("limits", {})
    if not isinstance(rows, list) or not isinstance(limits, Mapping):
        raise BadInput("rows", "Guards have a list of rows, and limits by the names of rows.")
    rows = [str(name) for name in rows]
    for name in (*rows, *limits):
        if name not in names:
            raise BadInput("rows", f"There is no guard {name[:40]!r}; there are {', '.join(sorted(names))}.")
    for name in limits:
        if name not in rows:
            raise BadInput("limits", f"The guard {name} has a limit but is left out.")
    if not rows:
        raise BadInput("rows", "Choose at least one vital sign, or order without guards.")
    return tuple(_limited(guard, limits.get(guard.name)) for guard in chosen if guard.name in rows)


def _limited(guard: Guard, limit: object) -> Guard:
    if limit is None:
        return guard
    per = 1000 if guard.kind == "apnoea" else SHOWN[guard.parameter][1]
    try:
        units = Decimal(str(limit)) * per
        threshold = int(units)
    except (InvalidOperation, ValueError, OverflowError):
        raise BadInput("limits", f"The limit of {guard.name} is not a number.") from None
    if units != threshold or not 0 < threshold < schema.NONE16 - guard.hysteresis or threshold < guard.hysteresis:
        raise BadInput("limits", f"The limit of {guard.name} cannot be {str(limit)[:20]}.")
    return dataclasses.replace(guard, threshold=threshold, source="the order")


def compare_guard(sent: Guard, back: tuple[int, ...]) -> None:
    """Raises Refused when a board has understood another row than was sent."""
    if back != sent.fields():
        sentence = f"The board has understood another limit than this: {sent.sentence()}"
        raise Refused("readback-differs", sentence, by="host", reason=Reason.READBACK_DIFFERS)


def lacks(rows: Iterable[Guard], vitals: Mapping[str, Any]) -> list[str]:
    """A sentence for each row that is not normal by the snapshot's vital signs, as far as they tell: the board alone
    knows for how long."""
    return [sentence for row in rows if (sentence := _lacks(row, vitals))]


def _lacks(row: Guard, vitals: Mapping[str, Any]) -> str:
    what, per, unit = SHOWN[row.parameter]
    key = row.parameter.replace("-", "_")
    value, reading = vitals[key], vitals["readings"][key]
    age = reading["age_s"]
    if value is None or reading["quality"] != "good" or age is None or age * 1000 > row.max_age:
        return f"There is no good value of {within(what)}. {reading['sentence']}".rstrip()
    units = round(value * per)
    if row.kind == "below" and units < row.threshold + row.hysteresis:
        return f"{what} is {value:g} {unit}; it must reach {(row.threshold + row.hysteresis) / per:g} {unit}."
    if row.kind == "above" and units > row.threshold - row.hysteresis:
        return f"{what} is {value:g} {unit}; it must fall to {(row.threshold - row.hysteresis) / per:g} {unit}."
    return ""


def within(name: str) -> str:
    """A parameter's name within a sentence."""
    return name if any(sign.isdigit() for sign in name.split()[0]) else name[0].lower() + name[1:]


class Latch(NamedTuple):
    """Of a board's interlock, as it was last told: whether it has tripped, its number, and all being normal now."""

    tripped: bool
    number: int
    normal: bool


class Step(NamedTuple):
    """What a release does next. board: pump or guardian, whose trip `number` is to be released now; "" for none.
    sentence: why it waits, or has ended otherwise. over: nothing more comes of this press."""

    board: str = ""
    number: int = 0
    sentence: str = ""
    over: bool = False


NOT_NORMAL: Final = "Not all vital signs are normal yet. Look at the patient; release it when they are."
OTHER_TRIP: Final = "The interlock has tripped again since. Read why, then release that."
WAITS: Final = "The pump waits for the permission of the board that watches the patient."
RELEASED: Final = "The interlock is released. The infusion stands until somebody resumes it."


def release(read: Mapping[str, int], pump: Latch, guardian: Latch | None) -> Step:
    """The next step after a human has pressed release, having read of the trips `read`: their numbers by board.

    First the board that watches, then, when its permission has come, the pump. Nothing is resumed.
    """
    for board, latch in (("guardian", guardian), ("pump", pump)):
        if latch is None or not latch.tripped:
            continue
        if read.get(board) != latch.number:
            return Step(sentence=OTHER_TRIP, over=True)
        if latch.normal:
            return Step(board, latch.number)
        if board == "guardian" or guardian is None or not guardian.normal:
            return Step(sentence=NOT_NORMAL, over=True)
        return Step(sentence=WAITS)
    return Step(sentence=RELEASED, over=True)
