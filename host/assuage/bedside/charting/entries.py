"""What a person types beside every entry: when, and a word. Raises BadInput with what to do."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any, Final

from assuage.errors import BadInput

Input = Mapping[str, Any]

TEXT_MOST: Final = 300
REASON_LEAST: Final = 3
LATE_MS: Final = 24 * 3_600_000  # what is entered later than that wants a reason
_WHEN: Final = "Give the time with its zone, such as 2026-01-31T08:15:00Z, or leave it out for now."


def text(data: Input, key: str, most: int = TEXT_MOST) -> str:
    """A line that may be left out."""
    said = data.get(key, "")
    if said is None:
        return ""
    if not isinstance(said, str) or not said.isprintable() or len(said.strip()) > most:
        raise BadInput(key, f"{key.replace('_', ' ').capitalize()} is one line of at most {most} characters.")
    return said.strip()


def moment(data: Input, now: int) -> int:
    """When it was, Unix ms; now where nothing is typed. Not of the future; beyond a day ago only with `late_reason`."""
    typed = data.get("at")
    if typed in (None, ""):
        return now
    try:
        told = datetime.datetime.fromisoformat(typed) if isinstance(typed, str) else None
        at = None if told is None or told.tzinfo is None else round(told.timestamp() * 1000)
    except (ValueError, OverflowError):
        at = None
    if at is None:
        raise BadInput("at", _WHEN)
    if at > now:
        raise BadInput("at", "That time is yet to come; enter what has been done, when it has been done.")
    if now - at > LATE_MS and len(text(data, "late_reason")) < REASON_LEAST:
        raise BadInput("late_reason", "That is more than a day ago; say why it is entered only now.")
    return at


def noted(data: Input) -> str:
    """The note, with why it comes so late."""
    late = text(data, "late_reason")
    return " ".join(each for each in (text(data, "note"), late and f"Entered late: {late}") if each)


def known(data: Input, keys: frozenset[str]) -> None:
    """Raises BadInput for a key that there is not: what is misspelt would be left out unseen."""
    for key in data:
        if key not in keys:
            raise BadInput(str(key)[:40], f"There is no {str(key)[:40]!r} here; there are {', '.join(sorted(keys))}.")
