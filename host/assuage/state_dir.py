"""The state directory of a running Assuage: who holds it, which processes belong to it, their logs.

lock         held with flock while a keeper runs; names its process and address
pids.json    {name: process id} of what runs just now
logs/        NAME.log of every child; NAME.log.1 from the start before
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import json
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import IO

from assuage.errors import AssuageError, Reason

SOCKET_PATH_MAX = 100  # bytes; the kernel takes 107 at most


class StateDirTaken(AssuageError):
    """Another Assuage holds the directory, or it cannot be used at all."""


class StateDir:
    """The directory, held exclusively from `take` until the process ends.

    What writes into it raises StateDirTaken when it cannot, with a sentence that says why and what to do.
    """

    def __init__(self, path: Path) -> None:
        self.path = path.absolute()
        self._lock: IO[str] | None = None
        self._short: tempfile.TemporaryDirectory[str] | None = None

    def take(self) -> None:
        """Makes the directory and locks it. Raises StateDirTaken with a sentence that names who has it."""
        with self.usable():
            (self.path / "logs").mkdir(parents=True, exist_ok=True)
            lock = (self.path / "lock").open("a+", encoding="utf-8")
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            sentence = _taken(lock, self.path)
            lock.close()
            raise StateDirTaken(Reason.IN_USE, sentence) from None
        self._lock = lock
        self.sign("")
        self.write_pids({})

    def sign(self, address: str) -> None:
        """Writes into the lock who holds it; `address` is that of the page."""
        if self._lock is None:
            raise RuntimeError("the state directory has not been taken")
        text = json.dumps({"pid": os.getpid(), "address": address}).encode()
        with self.usable():
            os.ftruncate(self._lock.fileno(), 0)
            os.write(self._lock.fileno(), text)  # past the buffer, which would fail once more when it is closed

    @contextlib.contextmanager
    def usable(self) -> Iterator[None]:
        """Around what writes into the directory: an OSError becomes StateDirTaken with its sentence."""
        try:
            yield
        except OSError as error:
            full = error.errno in (errno.ENOSPC, errno.EDQUOT)
            what = "its disk is full" if full else error.strerror or str(error)
            remedy = "make room on it, or choose another" if full else "choose another"
            raise StateDirTaken(
                Reason.NO_PERMISSION,
                f"The state directory {self.path} cannot be used ({what}): {remedy} with --state-dir.",
            ) from None

    def write_pids(self, pids: dict[str, int]) -> None:
        """Replaces pids.json in one step, so that a reader never sees half of it."""
        fresh = self.path / "pids.json.new"
        with self.usable():
            fresh.write_text(json.dumps(pids) + "\n", encoding="utf-8")
            fresh.replace(self.path / "pids.json")

    def log(self, name: str) -> Path:
        """Where the output of the child `name` goes."""
        return self.path / "logs" / f"{name}.log"

    def turn_log(self, name: str) -> None:
        """Puts the log of an earlier start aside."""
        with self.usable(), contextlib.suppress(FileNotFoundError):
            self.log(name).replace(self.log(name).with_suffix(".log.1"))

    def last_words(self, name: str) -> str:
        """The last line of a child's log that is not blank; "" when there is none."""
        try:
            with self.log(name).open("rb") as file:
                file.seek(max(0, file.seek(0, os.SEEK_END) - 4096))
                lines = file.read().decode(errors="replace").split("\n")
        except OSError:
            return ""
        return next((line.strip() for line in reversed(lines) if line.strip()), "")

    def socket(self, name: str) -> Path:
        """A path for a Unix socket: here, or in a temporary directory when it would be too long for the kernel."""
        path = self.path / name
        if len(os.fsencode(path)) <= SOCKET_PATH_MAX:
            return path
        if self._short is None:
            self._short = tempfile.TemporaryDirectory(prefix="assuage-")
        return Path(self._short.name) / name


def _taken(lock: IO[str], path: Path) -> str:
    """The sentence about whoever holds the lock, from what it wrote there."""
    lock.seek(0)
    try:
        holder = json.loads(lock.read())
        who = f"process {holder['pid']}" + (f", {holder['address']}" if holder["address"] else "")
    except (ValueError, KeyError, TypeError):  # it has locked but not yet signed
        who = "a process that is just starting"
    return (
        f"Assuage already runs in {path} ({who}): end that one with Ctrl-C,"
        " or give this one a --state-dir and ports of its own."
    )
