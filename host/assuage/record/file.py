"""The record's file: one SQLite table of numbered texts with their hashes, to which is only ever added.

hash = sha256(hash of the entry before, 32 bytes, || the entry's canonical JSON, UTF-8); before the first stand zeros.
WAL with synchronous=FULL, as the store: a commit that has returned survives a power cut. What is freed inside the file
is overwritten with zeros (secure_delete), so that the same entries always make the same file (see verify.py).

Beside it stands a file of heads: after each commit a line `number hash Unix-ms`. A record that has been cut short, or
whose end was written anew, contradicts it. The head is published as well, and printed on each report, where whoever can
write both files cannot reach it.
"""

from __future__ import annotations

import hashlib
import os
import sqlite3
from collections.abc import Sequence
from pathlib import Path
from typing import Final, NamedTuple

from assuage.errors import Reason
from assuage.store.trouble import StoreError, is_full

APPLICATION: Final = 0x41535352  # "ASSR" in the file's header
VERSION: Final = 1
ZERO: Final = bytes(32)
SUFFIX: Final = ".record.sqlite"

TABLES: Final = """
CREATE TABLE entry (number INTEGER PRIMARY KEY, text TEXT NOT NULL, hash BLOB NOT NULL);
CREATE TRIGGER entry_stays BEFORE UPDATE ON entry BEGIN SELECT RAISE(ABORT, 'the record is only added to'); END;
CREATE TRIGGER entry_remains BEFORE DELETE ON entry BEGIN SELECT RAISE(ABORT, 'the record is only added to'); END;
"""
INSERT: Final = "INSERT INTO entry (number, text, hash) VALUES (?, ?, ?)"
ROWS: Final = "SELECT number, text, hash FROM entry ORDER BY number"
LAST: Final = "SELECT number, text, hash FROM entry ORDER BY number DESC LIMIT ?"


class Row(NamedTuple):
    """An entry as it lies in the file."""

    number: int
    text: str
    hash: bytes


def beside(store: Path) -> Path:
    """Where the record of a daemon is that has this store."""
    return store if store.name.endswith(SUFFIX) else store.with_name(store.stem + SUFFIX)


def heads(record: Path) -> Path:
    """The file of heads of this record."""
    return record.with_name(record.name.removesuffix(".sqlite") + ".heads")


def link(before: bytes, text: str) -> bytes:
    """The hash of an entry."""
    return hashlib.sha256(before + text.encode()).digest()


def create(db: sqlite3.Connection) -> None:
    """Makes the tables in an empty database; one transaction, so that a kill leaves either none or all of it."""
    db.executescript(
        f"BEGIN IMMEDIATE; PRAGMA application_id = {APPLICATION}; PRAGMA user_version = {VERSION}; {TABLES} COMMIT;"
    )


def prepare(db: sqlite3.Connection) -> None:
    """What every writer sets, before anything is written: the same entries shall make the same file."""
    db.execute("PRAGMA page_size = 4096")
    db.execute("PRAGMA secure_delete = ON")


def open_for_writing(path: Path) -> sqlite3.Connection:
    """The record, made when it is absent. Raises StoreError, sqlite3.Error or OSError."""
    path.parent.mkdir(parents=True, exist_ok=True)
    os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600))  # of patients: for this user only
    try:
        return _connect(path, alone=False)
    except sqlite3.Error as error:
        if not is_full(path, error):
            raise
        return _connect(path, alone=True)  # alone it needs no room for the file that SQLite shares with readers


def _connect(path: Path, *, alone: bool) -> sqlite3.Connection:
    db = sqlite3.connect(path, isolation_level=None, check_same_thread=False, timeout=5.0)
    try:
        if alone:
            db.execute("PRAGMA locking_mode = EXCLUSIVE")
        prepare(db)
        fresh = db.execute("SELECT count(*) FROM sqlite_schema").fetchone()[0] == 0
        ours = (_pragma(db, "application_id"), _pragma(db, "user_version")) == (APPLICATION, VERSION)
        if not fresh and not ours:
            raise StoreError(
                Reason.PART_FAILED,
                f"{path} is not a record that this version of Assuage can continue; put it by and keep it, and a new "
                "one is begun.",
            )
        db.execute("PRAGMA journal_mode = WAL")
        db.execute("PRAGMA synchronous = FULL")
        if fresh:
            create(db)
    except BaseException:
        db.close()
        raise
    return db


def append(db: sqlite3.Connection, rows: Sequence[Row]) -> None:
    """Commits them together. Raises sqlite3.Error."""
    db.execute("BEGIN IMMEDIATE")
    db.executemany(INSERT, rows)
    db.execute("COMMIT")


def last(db: sqlite3.Connection, count: int) -> list[Row]:
    """The newest, newest first."""
    return [Row(*row) for row in db.execute(LAST, (count,))]


def open_for_reading(path: Path) -> sqlite3.Connection:
    """The record beside whoever writes it. Raises StoreError when there is none, sqlite3.Error."""
    if not path.is_file():
        raise StoreError(Reason.PART_FAILED, f"There is no record at {path}; name the store or configuration of yours.")
    wal = path.with_name(path.name + "-wal")
    # Without a writer nothing may be left behind beside a file that is only looked at.
    how = "mode=ro" if wal.exists() and wal.stat().st_size else "mode=ro&immutable=1"
    return sqlite3.connect(f"{path.absolute().as_uri()}?{how}", uri=True, isolation_level=None, timeout=5.0)


def _pragma(db: sqlite3.Connection, name: str) -> int:
    return int(db.execute(f"PRAGMA {name}").fetchone()[0])
