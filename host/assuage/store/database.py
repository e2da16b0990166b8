"""Opening the database file: made when absent, refused in one sentence when it cannot be trusted or written.

WAL with synchronous=FULL: a commit that has returned survives a power cut. `rec` is AUTOINCREMENT, so a number is never
used twice in the life of a database, not even after its record has been pruned. `meta.clean` is 0 while the database is
open: after anything but an orderly close the whole file is checked, beside its use (check.py), for that takes a while.
"""

from __future__ import annotations

import fcntl
import json
import logging
import os
import secrets
import sqlite3
from pathlib import Path
from typing import Any, NamedTuple

from assuage.errors import Reason
from assuage.store.trouble import StoreError, is_full, refused, sentence

log = logging.getLogger(__name__)

APPLICATION = 0x41535347  # "ASSG" in the file's header
VERSION = 1

TABLES = """
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE record (
    rec INTEGER PRIMARY KEY AUTOINCREMENT,
    kind TEXT NOT NULL,
    topic TEXT NOT NULL,
    payload TEXT NOT NULL,
    created REAL NOT NULL,
    event INTEGER NOT NULL,
    published INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX record_pending ON record (rec) WHERE published = 0;
CREATE INDEX record_created ON record (created);
CREATE TABLE programme (id INTEGER PRIMARY KEY CHECK (id = 1), body TEXT NOT NULL);
"""


class Opened(NamedTuple):
    """An open database. checked: it was closed in order, or is new. fault: why it can only be read for now, or ""."""

    db: sqlite3.Connection
    checked: bool
    fault: str


class Lock:
    """Keeps a second daemon away from the same database; a kill releases it."""

    def __init__(self, path: Path) -> None:
        name = path.with_name(path.name + ".lock")
        self._file = os.open(name, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            os.close(self._file)
            raise StoreError(
                Reason.IN_USE,
                f"{path} is in use by another Assuage daemon; stop that one, or give store.path another file.",
            ) from None

    def release(self) -> None:
        """Lets others in."""
        os.close(self._file)


def open_database(path: Path) -> tuple[Opened, Lock]:
    """The database, ready to be used, and the lock that goes with it. A full disk only keeps it from being written.

    Raises StoreError: in use, not writable, not ours, made by another version, or damage that shows at once.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        lock = Lock(path)
    except OSError as error:
        raise StoreError(Reason.NO_PERMISSION, refused(path, error)) from None
    try:
        return _open(path), lock
    except BaseException as error:
        lock.release()
        if isinstance(error, sqlite3.Error):
            raise StoreError(Reason.PART_FAILED, sentence(path, error)) from None
        if isinstance(error, OSError):
            raise StoreError(Reason.NO_PERMISSION, refused(path, error)) from None
        raise


def _open(path: Path) -> Opened:
    os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600))  # vital signs: for this user only
    try:
        return _connect(path, alone=False)
    except sqlite3.Error as error:
        if not is_full(path, error):
            raise
        # There is no room for the file that SQLite shares with other readers of the database; alone it needs none.
        return _connect(path, alone=True)


def _connect(path: Path, *, alone: bool) -> Opened:
    db = sqlite3.connect(path, isolation_level=None, check_same_thread=False, timeout=2.0)
    try:
        if alone:
            db.execute("PRAGMA locking_mode = EXCLUSIVE")
        return _prepare(path, db)
    except BaseException:
        db.close()
        raise


def _prepare(path: Path, db: sqlite3.Connection) -> Opened:
    application, version = _pragma(db, "application_id"), _pragma(db, "user_version")
    fresh = db.execute("SELECT count(*) FROM sqlite_schema").fetchone()[0] == 0
    if not fresh and application != APPLICATION:
        raise StoreError(
            Reason.PART_FAILED, f"{path} is the database of another program; give store.path another file."
        )
    if not fresh and version != VERSION:
        raise StoreError(
            Reason.PART_FAILED,
            f"{path} was made by another version of Assuage (format {version}, this one has {VERSION}); move it away, "
            "or give store.path another file.",
        )
    if str(db.execute("PRAGMA journal_mode = WAL").fetchone()[0]) != "wal":
        raise StoreError(
            Reason.PART_FAILED, f"{path} is on a file system that cannot hold it (a network drive?); use a local disk."
        )
    db.execute("PRAGMA synchronous = FULL")
    db.execute("PRAGMA journal_size_limit = 4194304")
    if fresh:
        _create(db)
    checked = fresh or _meta(db, "clean") == "1"
    try:
        mark_open(db)
    except sqlite3.Error as error:
        if not is_full(path, error):
            raise
        return Opened(db, checked, sentence(path, error))
    return Opened(db, checked, "")


def mark_open(db: sqlite3.Connection) -> None:
    """Writes down that the database is in use; before anything else is written."""
    db.execute("UPDATE meta SET value = '0' WHERE key = 'clean'")


def _create(db: sqlite3.Connection) -> None:
    # One transaction, so that a kill leaves either no tables or all of them.
    db.executescript(
        f"BEGIN IMMEDIATE; PRAGMA application_id = {APPLICATION}; PRAGMA user_version = {VERSION}; {TABLES}"
        f"INSERT INTO meta VALUES ('store', '{secrets.token_hex(8)}'), ('clean', '0'); COMMIT;"
    )


def close_database(db: sqlite3.Connection, *, sound: bool) -> None:
    """Closes it. sound: nothing is known or to be feared against it, so the next opening need not check the file."""
    try:
        if sound:
            db.execute("UPDATE meta SET value = '1' WHERE key = 'clean'")
    except sqlite3.Error:
        pass  # then the next opening checks
    finally:
        db.close()


def store_id(db: sqlite3.Connection) -> str:
    """Random id made once with the database; with `rec` it names a record everywhere."""
    return _meta(db, "store")


def last_rec(db: sqlite3.Connection) -> int:
    """The highest number ever given to a record."""
    row = db.execute("SELECT seq FROM sqlite_sequence WHERE name = 'record'").fetchone()
    return int(row[0]) if row else 0


def programme(db: sqlite3.Connection) -> dict[str, Any] | None:
    """The active programme as it was kept; None when there is none, or it cannot be understood."""
    row = db.execute("SELECT body FROM programme").fetchone()
    try:
        kept = json.loads(row[0]) if row else None
    except ValueError as error:
        log.error("the stored programme is not understood: %s", error)
        return None
    return kept if isinstance(kept, dict) else None


def _pragma(db: sqlite3.Connection, name: str) -> int:
    return int(db.execute(f"PRAGMA {name}").fetchone()[0])


def _meta(db: sqlite3.Connection, key: str) -> str:
    row = db.execute("SELECT value FROM meta WHERE key = ?", (key,)).fetchone()
    return str(row[0]) if row else ""
