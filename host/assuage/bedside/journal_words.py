"""One sentence for every record of a board's journal: what happened, for a person who reads it afterwards."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from assuage.bedside import interlock
from assuage.bedside.limits import words as limit_words
from assuage.bedside.sentences import REASONS, code
from assuage.store.board_journal import Entry
from assuage_wire import schema

_DENIED: Final = {1: "a dose was under way", 2: "its lockout was not over", 3: "it was more than is left, or allowed"}
_UNKNOWN: Final = 255  # percent
_REASON: Final = 255  # in `changed`: no flow has changed but the reason
_ALL: Final = 255  # in `limit`: of all parameters


def kind(entry: Entry) -> str:
    """The name of a record's kind."""
    return code(schema.RECORDS, entry.kind)


def programme(entry: Entry) -> int | None:
    """The programme that a record is about; None when it is about none."""
    about = kind(entry) in _ABOUT_A_PROGRAMME
    return entry.x if about and entry.x else None


def sentence(entry: Entry) -> str:
    """What a record says. A kind that this host does not know is told by its numbers."""
    tell = _SENTENCES.get(kind(entry))
    if tell is None:
        return (
            f"Numbers {entry.a}, {entry.b}, {entry.c}, {entry.x}, {entry.y}, {entry.z}; this host is too old for them."
        )
    return tell(entry)


def _ml(nl: int) -> str:
    return f"{nl / 1_000_000:.4f} mL"


def _ml_h(nl_min: int) -> str:
    return f"{nl_min * 60 / 1_000_000:.2f} mL/h"


def _state(e: Entry) -> str:
    return code(schema.STATES, e.a)


def _because(reason: int) -> str:
    name = code(schema.REASONS, reason)
    return "." if name == "none" else f" ({name}). {REASONS.get(name, '')}".rstrip()


def _volume(e: Entry) -> str:
    if e.y == schema.NONE32:
        return "of whose volume nothing is known"
    return f"between {_ml(e.y)} and {_ml(e.z)}"


def _found(e: Entry) -> str:
    if not e.x and e.y != schema.NONE32:
        return f"The board started; nothing was running. State {_state(e)}{_because(e.b)}"
    return f"The board started; it had interrupted programme {e.x or '(unknown)'}, {_volume(e)}{_because(e.b)}"


def _said(e: Entry) -> str:
    about = f" in programme {e.x}, which may have given {_volume(e)}" if e.x else ""
    return f"State {_state(e)}{about}{_because(e.b)}"


def _changed(e: Entry) -> str:
    if e.c == _REASON:
        return f"Programme {e.x} went on in state {_state(e)}{_because(e.b)}"
    return f"Programme {e.x} was given another flow: {_ml_h(e.y)}."


def _supply(e: Entry) -> str:
    measured = [f"{e.y} mV"] * (e.y > 0) + [f"{e.c} % of the battery"] * (e.c < _UNKNOWN)
    what = f"programme {e.x}" if e.x else "the pump"
    return f"The supply ran low, so {what} was stopped: {', '.join(measured) or 'nobody measures it'}."


def _limit(e: Entry) -> str:
    patient = code(schema.PATIENTS, e.c)
    if e.a == _ALL:
        return f"All alarm limits began anew, as for {'an' if patient == 'adult' else 'a'} {patient}."
    return (
        f"Somebody set the alarm limits of {code(schema.PARAMETERS, e.a)}: {limit_words(e.a, e.x, e.y)}, after {e.b} s."
    )


def _alarm(e: Entry) -> str:
    names: tuple[str, ...] = getattr(schema, "ALARMS", ())
    return f"{code(names, e.a)} ({code(schema.PRIORITIES, e.b)}, occurrence {e.x})"


_SENTENCES: Final[dict[str, Callable[[Entry], str]]] = {
    "sector": lambda e: "A sector of the flash was erased for what follows.",
    "boot": lambda e: (
        f"The board started ({code(schema.RESETS, e.a)}), firmware {e.b}.{e.c}.{e.x}, start {e.y}, "
        f"configuration {e.z:08x}."
    ),
    "fetched": lambda e: f"The host had stored everything up to {e.x}.",
    "bolus": lambda e: (
        f"A bolus of programme {e.x} ended after {_ml(e.y)} at {_ml_h(e.z)}; state {_state(e)}{_because(e.b)}"
    ),
    "begun": lambda e: f"Programme {e.x} began: at most {_ml(e.y)}.",
    "delivered": lambda e: f"Programme {e.x} ended; {_ml(e.y)} were given; state {_state(e)}{_because(e.b)}",
    "cleared": lambda e: f"Somebody read of programme {e.x or '(unknown)'}: it gave {_volume(e)}.",
    "found": _found,
    "ahead": lambda e: (
        f"Programme {e.x} may give up to {_ml(e.z)}; {_ml(e.y)} are sure."
        + (" The shaft contradicted the steps." if e.c else "")
    ),
    "state": _said,
    "raised": lambda e: f"Alarm: {_alarm(e)}.",
    "ended": lambda e: (
        f"The cause of an alarm is gone: {_alarm(e)}" + ("; it is over." if e.c else "; nobody has acknowledged it.")
    ),
    "acknowledged": lambda e: f"Somebody acknowledged an alarm: {_alarm(e)}" + ("; it is over." if e.c else "."),
    "configured": lambda e: f"The board's configuration is {e.x:08x} now.",
    "supply": _supply,
    "fault": lambda e: f"The firmware noted trouble of its own in task {e.b}{_because(e.a)}",
    "ordered": lambda e: (
        f"Programme {e.x} is to give {_ml_h(e.y)} ({code(schema.MODES, e.a)}) for {e.z} s at most; "
        f"if the link is lost: {code(schema.ON_LOSS, e.b)}; at its end: {code(schema.ON_END, e.c)}."
    ),
    "changed": _changed,
    "silenced": lambda e: f"Somebody paused the sound of the alarms that stood, up to occurrence {e.x}.",
    "tripped": lambda e: f"The interlock tripped, number {e.x}: {interlock.in_words(e.a, e.b, e.y, e.z)}",
    "released": lambda e: f"Somebody released trip {e.x} of the interlock: {interlock.in_words(e.a, e.b, e.y, e.z)}",
    "limit": _limit,
    "denied": lambda e: f"The patient asked in vain: {_DENIED.get(e.a, 'no dose is given')} ({e.y} times so far).",
}

_ABOUT_A_PROGRAMME: Final = frozenset(
    {"bolus", "begun", "delivered", "cleared", "found", "ahead", "state", "ordered", "changed", "denied", "supply"}
)
