"""Keeps a rig and its board on one core of this machine while they run in virtual time.

The two only ever take turns. On two cores each turn wakes a sleeping core, which here takes longer than everything that
is then done (2 to 3 times the run, measured); on one core it is a change of process. Where a second rig runs, it takes
another core; when none is free, or the system has no such thing, the scheduler decides as ever.
"""

import fcntl
import os
import tempfile
from pathlib import Path
from typing import IO


class OneCore:
    """claim() and release(), each any number of times; rigs of one process share one core."""

    _holders = 0
    _lock: IO[bytes] | None = None
    _usual: frozenset[int] = frozenset()

    def __init__(self) -> None:
        self._claimed = False

    def claim(self) -> None:
        """From here on this thread, and what it starts, runs on a core that no other rig has."""
        kind = type(self)
        if self._claimed or not hasattr(os, "sched_setaffinity"):
            return
        self._claimed = True
        kind._holders += 1
        if kind._holders > 1:
            return
        kind._usual = frozenset(os.sched_getaffinity(0))
        for core in sorted(kind._usual):
            if (lock := _lock_of(core)) is not None:
                kind._lock = lock
                os.sched_setaffinity(0, {core})
                return

    def release(self) -> None:
        """The last one to let go gives the thread its cores back."""
        kind = type(self)
        if not self._claimed:
            return
        self._claimed = False
        kind._holders -= 1
        if kind._holders == 0 and kind._lock is not None:
            os.sched_setaffinity(0, kind._usual)
            kind._lock.close()
            kind._lock = None


def _lock_of(core: int) -> IO[bytes] | None:
    """The lock that says that a rig is on that core; None when another has it."""
    file: IO[bytes] | None = None
    try:
        file = (Path(tempfile.gettempdir()) / f"assuage-rig-{os.getuid()}-core{core}.lock").open("wb")
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        if file is not None:
            file.close()
        return None
    return file
