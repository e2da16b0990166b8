"""What goes wrong with a database file, as sentences for a person."""

from __future__ import annotations

import errno
import os
import tempfile
from pathlib import Path

from assuage.errors import AssuageError

FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
ROOM = 1 << 16  # bytes; SQLite's shared file needs half of it
MEANWHILE = "nothing is recorded and no infusion can be started until Assuage is started anew."


class StoreError(AssuageError):
    """The database cannot be used."""


def is_damage(error: Exception) -> bool:
    """Whether a database error says that the file is not what it should be."""
    return _name(error).startswith(("SQLITE_NOTADB", "SQLITE_CORRUPT"))


def is_full(path: Path, error: Exception) -> bool:
    """Whether a database error comes of a full disk. SQLite says so when it writes data, but not of its other files."""
    name = _name(error)
    return name.startswith("SQLITE_FULL") or (
        name.startswith(("SQLITE_IOERR", "SQLITE_CANTOPEN")) and not _has_room(path)
    )


def _has_room(path: Path) -> bool:
    """Whether a file beside `path` may grow by ROOM bytes; asked by trying, because a quota shows in no other way."""
    try:
        with tempfile.TemporaryFile(dir=path.parent) as probe:
            os.posix_fallocate(probe.fileno(), 0, ROOM)
    except OSError as error:
        return error.errno not in FULL
    return True


def sentence(path: Path, error: Exception) -> str:
    """What a database error means, for a person."""
    name = _name(error)
    if is_full(path, error):
        return _full(path)
    if is_damage(error):
        return _damaged(path)
    if name.startswith(("SQLITE_READONLY", "SQLITE_CANTOPEN", "SQLITE_PERM")):
        return _unwritable(path, str(error))
    if name.startswith("SQLITE_BUSY"):
        return f"{path} is held by another program that has it open for writing; close that program."
    return f"The disk cannot write {path} ({error}); check the disk."


def refused(path: Path, error: OSError) -> str:
    """What it means that a file cannot be opened for writing."""
    return _full(path) if error.errno in FULL else _unwritable(path, error.strerror or str(error))


def _full(path: Path) -> str:
    return f"The disk that holds {path} is full; make room on it."


def _damaged(path: Path) -> str:
    return f"{path} is damaged or is not a database; move it away (a new one is made), or give store.path another file."


def damaged_in_use(path: Path) -> str:
    """What to do when damage shows only while the database is in use."""
    return f"{path} is damaged; {MEANWHILE} Move the file away (a new one is made)."


def failed(error: BaseException) -> str:
    """What to do when the store itself has failed."""
    return f"The store has failed ({error!r}); {MEANWHILE}"


def _unwritable(path: Path, why: str) -> str:
    return f"{path} cannot be written ({why}); give this user the right to, or give store.path another file."


def _name(error: Exception) -> str:
    return getattr(error, "sqlite_errorname", "") or ""
