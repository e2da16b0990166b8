"""Where the MicroPython interpreter is that runs boards and the pure tests on this machine."""

from __future__ import annotations

import functools
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

OLDEST = (1, 22)


class NoMicroPythonError(RuntimeError):
    """No usable MicroPython on this machine; the message is one sentence that says what to do."""


_PROGRAM = """\
import sys
try:
    from vfs import VfsRom
except ImportError:
    VfsRom = None
i = sys.implementation
print(i.name, i.version[0], i.version[1], getattr(i, "_mpy", 0) if VfsRom else 0)
"""


class _Told(NamedTuple):
    version: tuple[int, int]
    mpy: int


@functools.cache
def _ask(path: str) -> _Told | None:
    """What MicroPython at `path` says of itself; None when it is none or does not start."""
    try:
        answer = subprocess.run([path, "-c", _PROGRAM], capture_output=True, text=True, timeout=10, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return None
    match = re.match(r"micropython (\d+) (\d+) (\d+)", answer.stdout)
    return _Told((int(match[1]), int(match[2])), int(match[3])) if match else None


def runs_mpy(path: str) -> int | None:
    """sys.implementation._mpy of the interpreter at `path`: which .mpy it reads. 0 when it cannot run them from a ROM
    disk, None when it is no MicroPython or does not start."""
    told = _ask(path)
    return told.mpy if told else None


def find_micropython() -> list[str]:
    """Command that starts MicroPython: that of the running venv, else the one on PATH if it is 1.22 or newer.

    Raises NoMicroPythonError with one sentence when there is neither.
    """
    # not resolved: a venv's python is a link to the system's, and micropython stands beside the link
    beside = Path(sys.executable).with_name("micropython")
    on_path = shutil.which("micropython")
    candidates = [str(beside)] + ([on_path] if on_path else [])
    too_old = ""
    for candidate in candidates:
        told = _ask(candidate)
        if told and told.version >= OLDEST:
            return [candidate]
        if told:
            too_old = f" ({candidate} is {told.version[0]}.{told.version[1]})"
    raise NoMicroPythonError(
        f"No MicroPython {OLDEST[0]}.{OLDEST[1]} or newer here{too_old}: the emulated board needs it, so install one as"
        " `micropython` on PATH; on Linux x86_64 and macOS arm64 `make` brings its own."
    )
