"""The entries of a record in the order of what they tell of, a board's journal among them."""

from __future__ import annotations

import contextlib
import dataclasses
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, tzinfo
from pathlib import Path

from assuage.errors import Reason
from assuage.record import file, words
from assuage.record.events import Entry, entry_of
from assuage.record.strikes import BY_HAND, Strike, strikes
from assuage.store.trouble import StoreError, sentence


@dataclasses.dataclass(frozen=True, slots=True)
class Line:
    """What happened, at one time. number: of the entry. when: Unix ms. late: entered more than a minute after it.
    strike: that it was charted in error, where somebody has said so."""

    number: int
    when: int
    kind: str
    by: str
    sentence: str
    late: bool
    entry: Entry
    strike: Strike | None = None


LATE_MS = 60_000


def read(path: Path) -> list[Entry]:
    """All entries in the order of the record. Raises StoreError, also for a record that cannot be read."""
    try:
        with contextlib.closing(file.open_for_reading(path)) as db:
            return [entry_of(text, bytes(digest)) for _, text, digest in db.execute(file.ROWS)]
    except sqlite3.Error as error:
        raise StoreError(Reason.PART_FAILED, sentence(path, error)) from None
    except (ValueError, TypeError, UnicodeDecodeError):
        raise StoreError(
            Reason.PART_FAILED, f"{path} holds what is no entry; `assuage record verify` says where."
        ) from None


def lines(entries: Sequence[Entry], later: Mapping[int, Strike] | None = None) -> list[Line]:
    """In the order of what they tell of; each record of a board's journal once, however often it was fetched. later:
    what was struck by entries that are not among these."""
    seen: set[tuple[str, int, int]] = set()
    struck = {**(later or {}), **strikes(entries)}
    found = [line for entry in entries for line in _of(entry, struck, seen)]
    return sorted(found, key=lambda line: line.when)


def _of(entry: Entry, struck: Mapping[int, Strike], seen: set[tuple[str, int, int]]) -> Iterator[Line]:
    if entry.kind != "board":
        by = str(entry.body.get("by", ""))
        late = entry.at - entry.when > LATE_MS
        strike = struck.get(entry.number) if entry.kind in BY_HAND else None
        yield Line(entry.number, entry.when, entry.kind, by, words.sentence(entry), late, entry, strike)
        return
    board, epoch = str(entry.body.get("board", "")), int(entry.body.get("epoch", 0))
    last = entry.at
    for number, at, kind, said in entry.body.get("records", ()):
        if (board, epoch, number) in seen:
            continue
        seen.add((board, epoch, number))
        last = at if at is not None else last  # where the board knew no time, its neighbours' is the nearest
        yield Line(entry.number, last, f"board {kind}", f"board {board[:8]}", str(said), False, entry)


def local(ms: int, zone: tzinfo | None = None, form: str = "%Y-%m-%d %H:%M:%S") -> str:
    """A time for a person, in this zone or this machine's."""
    return datetime.fromtimestamp(ms / 1000, zone).astimezone(zone).strftime(form)
