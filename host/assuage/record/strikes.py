"""What was charted in error: which entries were struck, by whom, when and why. An entry that was struck stays where it
is, and whoever reads the record is told both."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from typing import Any, Final, NamedTuple

from assuage.record.events import Assessment, Entry, Given, Struck, entry_of

BY_HAND: Final = frozenset({Assessment.KIND, Given.KIND})  # what a human charts, and what can be struck
# The text of an entry is canonical: its own kind stands behind its body, where no note can make believe to be it.
_AFTER: Final = """SELECT text, hash FROM entry WHERE number > ? AND instr(text, '"kind":"struck"') ORDER BY number"""


class Strike(NamedTuple):
    """number: of the entry that struck. when: Unix ms."""

    number: int
    when: int
    by: str
    reason: str

    @property
    def sentence(self) -> str:
        """For a person, but for its time."""
        return f"charted in error, says {self.by or 'somebody'}: {self.reason}"

    def body(self) -> dict[str, Any]:
        """For a program."""
        return {"n": self.number, "when": self.when, "by": self.by, "reason": self.reason}


def strikes(entries: Iterable[Entry]) -> dict[int, Strike]:
    """By the number of what was struck; the first one holds."""
    found: dict[int, Strike] = {}
    for entry in entries:
        struck = entry.event(Struck)
        if struck is not None and struck.number < entry.number:
            found.setdefault(struck.number, Strike(entry.number, entry.when, struck.by, struck.reason))
    return found


def strikes_after(db: sqlite3.Connection, number: int) -> dict[int, Strike]:
    """The same of all entries behind this one. Raises sqlite3.Error, or ValueError for what is no entry."""
    return strikes(entry_of(text, bytes(digest)) for text, digest in db.execute(_AFTER, (number,)))
