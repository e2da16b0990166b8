"""What goes when there is too much: history by age, and by size the oldest telemetry first.

Age removes only what has been published, so a broker that was away for longer than `keep_days` loses nothing. Size
removes the oldest telemetry whether published or not, then events that have been published; an event that nobody has
received is never removed.
"""

from __future__ import annotations

import sqlite3
from typing import NamedTuple

CHUNK = 500  # rows per transaction, so that no writer waits long
CHUNKS = 20  # per call

AGED = "SELECT rec FROM record WHERE created < ? AND published = 1 ORDER BY created LIMIT ?"
TELEMETRY = "SELECT rec FROM record WHERE event = 0 ORDER BY rec LIMIT ?"
EVENTS = "SELECT rec FROM record WHERE event = 1 AND published = 1 ORDER BY rec LIMIT ?"


class Pruned(NamedTuple):
    """How many records went. lost: those that had not been published."""

    removed: int
    lost: int


def used_bytes(db: sqlite3.Connection) -> int:
    """Bytes of the file that hold data; pages that were freed are used again before the file grows."""
    pages, free, size = (
        int(db.execute(f"PRAGMA {name}").fetchone()[0]) for name in ("page_count", "freelist_count", "page_size")
    )
    return (pages - free) * size


def prune(db: sqlite3.Connection, older_than: float, max_bytes: int) -> Pruned:
    """Removes what is older than `older_than` (Unix time, s) or exceeds `max_bytes`, a bounded amount per call."""
    removed = lost = 0
    for _ in range(CHUNKS):
        gone = _remove(db, db.execute(AGED, (older_than, CHUNK)).fetchall())
        removed += gone.removed
        if gone.removed < CHUNK:
            break
    for _ in range(CHUNKS):
        if used_bytes(db) <= max_bytes:
            break
        gone = drop_oldest(db)
        removed, lost = removed + gone.removed, lost + gone.lost
        if not gone.removed:
            break
    return Pruned(removed, lost)


def drop_oldest(db: sqlite3.Connection) -> Pruned:
    """Removes the oldest CHUNK of what may go."""
    return _remove(db, db.execute(TELEMETRY, (CHUNK,)).fetchall() or db.execute(EVENTS, (CHUNK,)).fetchall())


def _remove(db: sqlite3.Connection, recs: list[tuple[int]]) -> Pruned:
    if not recs:
        return Pruned(0, 0)
    db.execute("BEGIN IMMEDIATE")
    try:
        lost = 0
        for rec in recs:
            row = db.execute("DELETE FROM record WHERE rec = ? RETURNING published", rec).fetchone()
            lost += row[0] == 0
        db.execute("COMMIT")
    except BaseException:
        rollback(db)
        raise
    return Pruned(len(recs), lost)


def rollback(db: sqlite3.Connection) -> None:
    """Ends a transaction that failed, if SQLite has not done so itself."""
    if db.in_transaction:
        db.execute("ROLLBACK")
