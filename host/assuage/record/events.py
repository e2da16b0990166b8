"""What can be entered in the record: one frozen dataclass a kind, each with the version of its fields.

A kind never changes its meaning: fields that are added have a default, anything else is a new version. Times are Unix
time in ms, volumes nL, flows nL/min, masses ng, all whole numbers. An entry of a kind or version that this host does
not know is shown as it stands.
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping
from typing import Any, ClassVar, Final, TypeVar

E = TypeVar("E", bound="Event")


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """by: who says so, "" for the daemon itself. when: when it happened, where that is not when it is entered. pump: of
    which it tells: "" for the bed's first one, or for none, or "second"."""

    KIND: ClassVar[str] = ""
    VERSION: ClassVar[int] = 1
    by: str = ""
    when: int | None = None
    pump: str = ""

    def body(self) -> dict[str, Any]:
        """Its fields, but for those that are empty by default."""
        return {
            f.name: value
            for f in dataclasses.fields(self)
            if (value := getattr(self, f.name)) != (f.default_factory() if callable(f.default_factory) else f.default)
        }


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Begun(Event):
    """The first entry. record: random id of this record, hex."""

    KIND: ClassVar[str] = "begun"
    record: str


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Opened(Event):
    """A daemon has begun to keep the record. sqlite: version number of the library that writes from here on. open: acts
    that an earlier daemon has left without an outcome. started: the programme that was started last; before: those
    before it, in order. patient: who is in the bed, the body of an Admission. doubt: what is wrong with what was found,
    a sentence."""

    KIND: ClassVar[str] = "opened"
    bed: str
    version: str
    sqlite: int
    open: tuple[dict[str, Any], ...] = ()
    started: int = 0
    before: tuple[int, ...] = ()
    patient: dict[str, Any] = dataclasses.field(default_factory=dict)
    doubt: str = ""


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Closed(Event):
    """The daemon has ended in order."""

    KIND: ClassVar[str] = "closed"


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Admission(Event):
    """A patient is in the bed from now on. weight, age, height: as typed, with their units. reason: why a weight holds
    that is not expected at this age or height."""

    KIND: ClassVar[str] = "admission"
    patient: str
    weight: str = ""
    age: str = ""
    area: str = ""
    note: str = ""
    sex: str = ""
    height: str = ""
    reason: str = ""


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Weighed(Event):
    """The patient in the bed has another weight from now on, as typed, with its unit. was: the one before. reason: as
    of an Admission."""

    KIND: ClassVar[str] = "weighed"
    weight: str
    was: str = ""
    note: str = ""
    reason: str = ""


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Discharge(Event):
    """The patient has left the bed."""

    KIND: ClassVar[str] = "discharge"
    patient: str = ""
    note: str = ""


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Clinical(Event):
    """What is medically meant by an order. substance: as the library names it. ng_per_ml: of what is in the syringe.
    dose: the order in a clinician's words. library: hash of the drug library that it was checked against. findings:
    soft limits that it exceeds, each {"limit", "asked", "source"} and its own "reason". reason: why it shall be given
    all the same. weight: by which it was reckoned. rate_ng_h: the highest rate of it. alerts: why a second person has
    to compare it."""

    KIND: ClassVar[str] = "checked"
    substance: str
    ng_per_ml: int
    dose: str = ""
    library: str = ""
    findings: tuple[dict[str, Any], ...] = ()
    reason: str = ""
    programme: int = 0
    area: str = ""
    weight: str = ""
    rate_ng_h: int = 0
    alerts: tuple[str, ...] = ()


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Ordered(Event):
    """An order, and what the board read back of it. asked: as typed. readback: as it was shown to be compared."""

    KIND: ClassVar[str] = "ordered"
    programme: int
    asked: dict[str, Any]
    readback: dict[str, Any]


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Confirmed(Event):
    """A human has compared a read-back. second: who has compared it as well."""

    KIND: ClassVar[str] = "confirmed"
    programme: int
    second: str = ""


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Intent(Event):
    """Something is about to be asked of a board. act: its name in this record. what: start, resume, apply, purge,
    pause, ... board: unique id, hex. details: of what is asked."""

    KIND: ClassVar[str] = "intent"
    act: str
    what: str
    board: str = ""
    boot: int = 0
    programme: int = 0
    details: dict[str, Any] = dataclasses.field(default_factory=dict)


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Outcome(Event):
    """What came of an act, entered once. result: done, not-done or unknown. how: answered (by the board), or asked (of
    the board afterwards)."""

    KIND: ClassVar[str] = "outcome"
    act: str
    what: str
    result: str
    how: str = "answered"
    sentence: str = ""
    programme: int = 0


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Refusal(Event):
    """An order was refused, by a board or by this host."""

    KIND: ClassVar[str] = "refused"
    sentence: str
    status: str = ""
    limit: str = ""


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Pump(Event):
    """What the pump does has changed."""

    KIND: ClassVar[str] = "pump"
    state: str
    reason: str = ""
    programme: int = 0
    rate_nl_min: int = 0
    delivered_nl: int = 0
    sentence: str = ""


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Chart(Event):
    """The numbers of a minute. values: by the snapshot's names of the vital signs; what is not known is left out, and
    all of it for a second pump."""

    KIND: ClassVar[str] = "chart"
    values: dict[str, Any] = dataclasses.field(default_factory=dict)
    state: str = ""
    programme: int = 0
    rate_nl_min: int = 0
    delivered_nl: int = 0


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class AlarmChanged(Event):
    """An alarm of a board. state: raised, acknowledged or over."""

    KIND: ClassVar[str] = "alarm"
    board: str
    alarm: str
    priority: str
    occurrence: int
    state: str
    sentence: str = ""


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Interlocked(Event):
    """The interlock has tripped, or has been released. what: tripped or released."""

    KIND: ClassVar[str] = "interlock"
    what: str
    board: str
    number: int
    sentence: str


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Assessment(Event):
    """What a human has found at the bedside. values: by the scales' names. effects: side effects that were found.
    advice: what the rules made of it, in sentences."""

    KIND: ClassVar[str] = "assessment"
    values: dict[str, Any] = dataclasses.field(default_factory=dict)
    effects: tuple[str, ...] = ()
    advice: tuple[str, ...] = ()
    note: str = ""


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Given(Event):
    """A dose given by hand. route: e.g. IM, IN, mesotherapy, IV. library, findings, reason: as in Clinical."""

    KIND: ClassVar[str] = "given"
    substance: str
    mass_ng: int
    route: str
    site: str = ""
    library: str = ""
    findings: tuple[dict[str, Any], ...] = ()
    reason: str = ""
    note: str = ""


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Struck(Event):
    """What a human had charted was charted in error: it stays in the record, and counts for nothing any more. number,
    what: of the entry, and its kind. said: its sentence."""

    KIND: ClassVar[str] = "struck"
    number: int
    what: str
    reason: str
    said: str = ""


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class SyringeChanged(Event):
    """Another syringe is in the pump. holds_nl: what is in it; wasted_nl: what was left in the one before."""

    KIND: ClassVar[str] = "syringe"
    syringe: str
    substance: str = ""
    ng_per_ml: int = 0
    holds_nl: int = 0
    wasted_nl: int = 0
    note: str = ""


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Converted(Event):
    """A dose of one substance was converted into one of another, because somebody asked for it. factor: exact, as text;
    source: where it stands."""

    KIND: ClassVar[str] = "converted"
    substance: str
    mass_ng: int
    to: str
    to_mass_ng: int
    factor: str
    source: str
    reason: str = ""


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Predicted(Event):
    """The concentrations that the models expect. points: [Unix ms, lowest, highest of all models in pg/mL]."""

    KIND: ClassVar[str] = "predicted"
    substance: str
    points: tuple[tuple[int, int, int], ...]
    models: tuple[str, ...] = ()
    library: str = ""


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Target(Event):
    """What concentration a programme aims at from now on. target, was, rate, loading: as typed, with their units; was:
    the one before. site: plasma or effect. model: its key. rate, loading: the highest while it is held, and reached.
    models: hash of the file of models."""

    KIND: ClassVar[str] = "target"
    programme: int
    target: str
    was: str = ""
    site: str = "plasma"
    model: str = ""
    rate: str = ""
    loading: str = ""
    models: str = ""


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Titrated(Event):
    """How the rate has followed a target since the last such entry. changes: how often it was changed, between lowest
    and highest. predicted: what there is by the chosen model, with its unit."""

    KIND: ClassVar[str] = "titrated"
    programme: int
    changes: int
    lowest_nl_min: int
    highest_nl_min: int
    delivered_nl: int = 0
    target: str = ""
    predicted: str = ""


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class BoardRecords(Event):
    """Records of a board's own journal. records: [number, Unix ms or None, kind, what it says]."""

    KIND: ClassVar[str] = "board"
    board: str
    epoch: int
    records: tuple[tuple[int, int | None, str, str], ...]


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Note(Event):
    """A sentence for whoever reads the record."""

    KIND: ClassVar[str] = "note"
    sentence: str


KINDS: Final[dict[str, type[Event]]] = {
    kind.KIND: kind
    for kind in (
        Begun, Opened, Closed, Admission, Weighed, Discharge, Clinical, Ordered, Confirmed, Intent, Outcome, Refusal,
        Pump, Chart, AlarmChanged, Interlocked, Assessment, Given, Struck, SyringeChanged, Converted, Predicted, Target,
        Titrated, BoardRecords, Note,
    )
}  # fmt: skip


@dataclasses.dataclass(frozen=True, slots=True)
class Entry:
    """One entry as it stands in the record. number: from 1. at: Unix ms when it was entered. hash: hex."""

    number: int
    at: int
    kind: str
    version: int
    body: dict[str, Any]
    hash: str

    @property
    def when(self) -> int:
        """Unix ms of what it tells of."""
        told = self.body.get("when")
        return told if isinstance(told, int) else self.at

    def event(self, kind: type[E]) -> E | None:
        """It as an event of this kind; None when it is of another, or of a version that is not understood."""
        if self.kind != kind.KIND or self.version != kind.VERSION:
            return None
        known = {f.name for f in dataclasses.fields(kind)}
        try:
            return kind(**{name: value for name, value in self.body.items() if name in known})
        except TypeError:  # a field that must be there is not
            return None


def canonical(value: Mapping[str, Any]) -> str:
    """The one JSON text of it: keys sorted, no blanks, no NaN. Raises ValueError or TypeError for what JSON has not."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)


def plain(value: Mapping[str, Any]) -> dict[str, Any]:
    """What somebody typed, as JSON can hold it."""
    told: dict[str, Any] = json.loads(json.dumps(dict(value), default=str))
    return told


def text_of(number: int, at: int, event: Event) -> str:
    """The text of an entry, of which its hash is made."""
    return canonical({"n": number, "at": at, "kind": event.KIND, "v": event.VERSION, "body": event.body()})


def entry_of(text: str, digest: bytes) -> Entry:
    """An entry from its text. Raises ValueError for a text that is none."""
    told = json.loads(text)
    try:
        entry = Entry(told["n"], told["at"], told["kind"], told["v"], told["body"], digest.hex())
    except (KeyError, TypeError):
        raise ValueError("no entry") from None
    good = (
        all(type(n) is int for n in (entry.number, entry.at, entry.version))
        and isinstance(entry.kind, str)
        and isinstance(entry.body, dict)
    )
    if not good:
        raise ValueError("no entry")
    return entry
