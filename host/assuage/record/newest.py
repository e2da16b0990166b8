"""The record as a person reads it at a screen: newest first, and of some kinds alone.

Most entries of an infusion are numbers of each minute and a board's own account of how far its plunger may go. Whoever
looks for the assessments of a night must not have to leaf through them, so the record is gone back until enough lines
of what was asked for have been found.
"""

from __future__ import annotations

import contextlib
import json
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from assuage.errors import Reason
from assuage.record import file, pages
from assuage.record.events import entry_of
from assuage.record.reading import Line, lines
from assuage.record.shift import QUIET, TOLD_ELSEWHERE
from assuage.record.strikes import BY_HAND, strikes_after
from assuage.store.trouble import StoreError, sentence

LINES: Final = 100  # of one answer, or a few more
LINES_MOST: Final = 500
LOOKED_MOST: Final = 5000  # entries looked at for one answer, however few lines they are
BOARD: Final = "board"  # as a kind: everything that boards have said

# What is no entry at all is looked at whatever was asked for, so that it is found.
_BACK: Final = """
    SELECT number, text, hash FROM entry
    WHERE number > :after AND number < :before AND CASE WHEN json_valid(text)
        THEN (coalesce(json_extract(text, '$.kind'), '') IN (SELECT value FROM json_each(:kinds))) = :among ELSE 1 END
    ORDER BY number DESC LIMIT :limit
"""
_LAST: Final = "SELECT coalesce(max(number), 0) FROM entry"


@dataclass(frozen=True, slots=True)
class Sought:
    """Entries between two numbers, both not among them, of these kinds; without kinds all that a person reads. limit:
    lines from which on there are enough."""

    before: int = pages.MOST_ENTRIES
    after: int = 0
    limit: int = LINES
    kinds: frozenset[str] = frozenset()

    def wants(self, line: Line) -> bool:
        """Whether it is one of them."""
        if not self.kinds:
            return line.kind not in QUIET and line.kind not in TOLD_ELSEWHERE
        return line.kind in self.kinds or (BOARD in self.kinds and line.entry.kind == BOARD)


def newest(path: Path, sought: Sought) -> dict[str, Any]:
    """{"lines", "first", "more", "last"}, lines as in pages.page. Between first and `before` nothing that was sought is
    left out; more: whether there may be some before that; last: number of the newest entry there is. Raises
    StoreError."""
    found: list[Line] = []
    first, looked, more = sought.before, 0, True
    try:
        with contextlib.closing(file.open_for_reading(path)) as db:
            (last,) = db.execute(_LAST).fetchone()
            while more and len(found) < sought.limit and looked < LOOKED_MOST:
                rows = _rows(db, sought, first)
                looked += len(rows)
                more = len(rows) == sought.limit
                first = rows[-1].number if more else sought.after + 1
                found += [line for line in _lines(db, rows) if sought.wants(line)]
    except sqlite3.Error as error:
        raise StoreError(Reason.PART_FAILED, sentence(path, error)) from None
    except (ValueError, TypeError):
        raise StoreError(Reason.PART_FAILED, pages.DAMAGED.format(path)) from None
    return {"lines": [pages.shown(line) for line in found], "first": first, "more": more, "last": last}


def _rows(db: sqlite3.Connection, sought: Sought, before: int) -> list[file.Row]:
    """Newest first."""
    kinds, among = (sought.kinds, 1) if sought.kinds else (QUIET, 0)
    asked = {"after": sought.after, "before": before, "limit": sought.limit, "kinds": json.dumps(sorted(kinds))}
    return [file.Row(*row) for row in db.execute(_BACK, {**asked, "among": among})]


def _lines(db: sqlite3.Connection, rows: Sequence[file.Row]) -> list[Line]:
    entries = [entry_of(row.text, bytes(row.hash)) for row in reversed(rows)]
    by_hand = any(entry.kind in BY_HAND for entry in entries)
    return lines(entries, strikes_after(db, entries[-1].number) if by_hand else {})
