"""Boards' journals in the database: every record once, whatever was fetched twice.

A record's key is its board, epoch and number. Numbers rise within one journal; a board whose flash was wiped begins
again at 0, and gets another epoch from whoever notices (bedside/archive.py). Nothing here is ever pruned: a board
writes some six hundred records for 100 mL.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from assuage.errors import Reason
from assuage.store.trouble import StoreError, sentence

TABLE = """
CREATE TABLE IF NOT EXISTS journal (
    board TEXT NOT NULL, epoch INTEGER NOT NULL, number INTEGER NOT NULL,
    kind INTEGER NOT NULL, a INTEGER NOT NULL, b INTEGER NOT NULL, c INTEGER NOT NULL,
    x INTEGER NOT NULL, y INTEGER NOT NULL, z INTEGER NOT NULL,
    boot INTEGER NOT NULL, ticks INTEGER NOT NULL, wraps INTEGER NOT NULL,
    checked INTEGER NOT NULL, at REAL, fetched REAL NOT NULL,
    PRIMARY KEY (board, epoch, number)
) WITHOUT ROWID
"""
INSERT = f"INSERT OR IGNORE INTO journal VALUES ({', '.join('?' * 16)})"
NEWEST = "SELECT * FROM journal WHERE board = ? ORDER BY epoch DESC, number DESC LIMIT ?"
BEGAN = "SELECT count(*) FROM journal WHERE board = ? AND kind = ? AND x = ?"
ALL = "SELECT * FROM journal ORDER BY board, epoch, number"


class Entry(NamedTuple):
    """One record. board: hex id. kind ... z, boot, ticks, wraps: as on the wire. checked: the wire's check. at: when it
    was written, Unix time, s; None when that start of the board is over. fetched: when it was fetched, Unix time, s."""

    board: str
    epoch: int
    number: int
    kind: int
    a: int
    b: int
    c: int
    x: int
    y: int
    z: int
    boot: int
    ticks: int
    wraps: int
    checked: int
    at: float | None
    fetched: float


def keep(db: sqlite3.Connection, entries: Sequence[Entry]) -> None:
    """Commits them together; what is there already stays as it is."""
    db.execute(TABLE)
    db.execute("BEGIN IMMEDIATE")
    db.executemany(INSERT, entries)
    db.execute("COMMIT")


def newest(db: sqlite3.Connection, board: str, count: int) -> list[Entry]:
    """The newest of a board, newest first."""
    db.execute(TABLE)
    return [Entry(*row) for row in db.execute(NEWEST, (board, count))]


def began(db: sqlite3.Connection, board: str, kind: int, programme: int) -> bool:
    """Whether a record of this kind is about this programme."""
    db.execute(TABLE)
    return bool(db.execute(BEGAN, (board, kind, programme)).fetchone()[0])


def read(path: Path) -> list[Entry]:
    """All of a database, in order, beside whoever has it open. Raises StoreError."""
    if not path.is_file():
        raise StoreError(Reason.PART_FAILED, f"There is no store at {path}; name the one of your daemon.")
    try:
        db = sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True, timeout=2.0)
        try:
            if not db.execute("SELECT count(*) FROM sqlite_schema WHERE name = 'journal'").fetchone()[0]:
                return []
            return [Entry(*row) for row in db.execute(ALL)]
        finally:
            db.close()
    except sqlite3.Error as error:
        raise StoreError(Reason.PART_FAILED, sentence(path, error)) from None
