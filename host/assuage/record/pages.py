"""The record for a screen: page by page, as lines a person reads, and the report of the last hours."""

from __future__ import annotations

import contextlib
import datetime
import sqlite3
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from assuage.errors import Reason
from assuage.record import file, reading
from assuage.record.events import Entry, Struck, entry_of
from assuage.record.shift import QUIET, shift
from assuage.record.strikes import BY_HAND, Strike, strikes_after
from assuage.store.trouble import StoreError, sentence

PAGE: Final = 200  # entries looked at for one page
PAGE_MOST: Final = 1000
MOST_ENTRIES: Final = 1 << 40
HOURS_MOST: Final = 24 * 14
HOUR_MS: Final = 3_600_000

_AFTER: Final = "SELECT number, text, hash FROM entry WHERE number > ? ORDER BY number LIMIT ?"
DAMAGED: Final = "{} holds what is no entry; `assuage record verify` says where."


@dataclass(frozen=True, slots=True)
class Wanted:
    """since: the number after which the page begins. last: instead, so many from the end, 0: not. every: the quiet
    ones too."""

    since: int = 0
    limit: int = PAGE
    last: int = 0
    every: bool = False


def page(path: Path, wanted: Wanted) -> dict[str, Any]:
    """{"lines", "next", "more"}; next is the `since` of the next page. In each page the lines are in the order of what
    they tell of. Raises StoreError."""
    try:
        with contextlib.closing(file.open_for_reading(path)) as db:
            if wanted.last:
                rows = file.last(db, wanted.last)[::-1]
                more = False
            else:
                found = [file.Row(*row) for row in db.execute(_AFTER, (wanted.since, wanted.limit + 1))]
                rows, more = found[: wanted.limit], len(found) > wanted.limit
            entries = [entry_of(row.text, bytes(row.hash)) for row in rows]
            later = strikes_after(db, entries[-1].number) if any(e.kind in BY_HAND for e in entries) else {}
    except sqlite3.Error as error:
        raise StoreError(Reason.PART_FAILED, sentence(path, error)) from None
    except (ValueError, TypeError):
        raise StoreError(Reason.PART_FAILED, DAMAGED.format(path)) from None
    return {
        "lines": _lines(entries, later, wanted.every),
        "next": rows[-1].number if rows else wanted.since,
        "more": more,
    }


def _lines(entries: list[Entry], later: dict[int, Strike], every: bool) -> list[dict[str, Any]]:
    return [shown(line) for line in reading.lines(entries, later) if every or line.kind not in QUIET]


def shown(line: reading.Line) -> dict[str, Any]:
    """A line as plain data."""
    return {
        "number": line.number, "time": _iso(line.when), "kind": line.kind, "by": line.by,
        "sentence": line.sentence, "late": line.late, "hash": line.entry.hash, "struck": _struck(line.strike),
        "strikes": _strikes(line.entry),
    }  # fmt: skip


def _struck(strike: Strike | None) -> dict[str, str] | None:
    """For a screen; None: it was not."""
    return None if strike is None else {"time": _iso(strike.when), "by": strike.by, "reason": strike.reason}


def _strikes(entry: Entry) -> dict[str, Any] | None:
    """What this entry strikes; None: nothing."""
    struck = entry.event(Struck)
    return None if struck is None else {"number": struck.number, "reason": struck.reason}


def whole(path: Path) -> dict[str, Any]:
    """Whether the record is as it was written; found: a sentence for everything that says it is not. Raises
    StoreError."""
    from assuage.record.verify import verify

    verdict = verify(path)
    return {
        "whole": verdict.good, "entries": verdict.entries, "head": verdict.head,
        "found": [each.sentence for each in verdict.findings],
    }  # fmt: skip


def report(path: Path, hours: int) -> str:
    """The page of the shift that ends now. Raises StoreError."""
    from assuage.record import report as reports  # jinja2 is loaded only when it is wanted
    from assuage.record.verify import verify

    now = time.time_ns() // 1_000_000
    return reports.html(shift(reading.read(path), now - hours * HOUR_MS, now), verify(path), now)


def _iso(ms: int) -> str:
    at = datetime.datetime.fromtimestamp(ms / 1000, datetime.UTC)
    return at.isoformat(timespec="milliseconds").replace("+00:00", "Z")
