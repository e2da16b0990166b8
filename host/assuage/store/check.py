"""Looks for damage in the whole file, beside its use: a big one takes longer to read than a patient can wait."""

from __future__ import annotations

import contextlib
import logging
import sqlite3
import threading
import time
from collections.abc import Callable
from pathlib import Path

from assuage.store.trouble import damaged_in_use, is_damage, sentence

log = logging.getLogger(__name__)

LOOK_S = 0.01  # how often an end that is asked for is tried again: SQLite forgets one that comes before it reads


class Check(threading.Thread):
    """One look at the database at `path`, which its writer has open.

    found: called in this thread with what is wrong, a sentence, or "" when nothing is; not when the look was ended or
    could not be had.
    """

    def __init__(self, path: Path, found: Callable[[str], None]) -> None:
        super().__init__(name="store-check", daemon=True)
        self._path, self._found = path, found
        self._ended = threading.Event()
        self._db: sqlite3.Connection | None = None

    def run(self) -> None:
        """Until the file is read or `end` is called."""
        try:
            with contextlib.closing(self._connect()) as self._db:
                wrong = self._look(self._db)
        except Exception as error:
            if not self._ended.is_set():
                log.warning("%s could not be checked for damage; that is done at the next start: %s", self._path, error)
            return
        self._found(wrong)

    def _connect(self) -> sqlite3.Connection:
        return sqlite3.connect(
            f"{self._path.absolute().as_uri()}?mode=ro", uri=True, timeout=0.0, check_same_thread=False
        )

    def _look(self, db: sqlite3.Connection) -> str:
        """What is wrong, or "". Raises sqlite3.Error when that remains unknown."""
        if self._ended.is_set():
            raise sqlite3.OperationalError("interrupted")
        try:
            sound = db.execute("PRAGMA quick_check(1)").fetchone()[0] == "ok"
        except sqlite3.Error as error:
            if is_damage(error):
                sound = False
            elif str(getattr(error, "sqlite_errorname", "")).startswith("SQLITE_IOERR"):
                return sentence(self._path, error)
            else:
                raise
        return "" if sound else damaged_in_use(self._path)

    def end(self, within: float) -> None:
        """Ends the look now; waits for that, `within` seconds at most."""
        self._ended.set()
        until = time.monotonic() + within
        while self.is_alive() and time.monotonic() < until:
            if self._db is not None:
                with contextlib.suppress(sqlite3.ProgrammingError):  # closed meanwhile
                    self._db.interrupt()
            self.join(LOOK_S)
