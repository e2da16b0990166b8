"""Where the MicroPython interpreter is that runs boards and the pure tests on this machine."""

from __future__ import annotations

import functools
import importlib.util
import re
import shutil
import subprocess
import sys
from collections.abc import Sequence
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
def _ask(command: tuple[str, ...]) -> _Told | None:
    """What MicroPython says of itself; None when it is none or does not start."""
    try:
        answer = subprocess.run([*command, "-c", _PROGRAM], capture_output=True, text=True, timeout=10, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return None
    match = re.match(r"micropython (\d+) (\d+) (\d+)", answer.stdout)
    return _Told((int(match[1]), int(match[2])), int(match[3])) if match else None


def runs_mpy(command: Sequence[str]) -> int | None:
    """sys.implementation._mpy of an interpreter: which .mpy it reads. 0 when it cannot run them from a ROM disk, None
    when it is no MicroPython or does not start."""
    told = _ask(tuple(command))
    return told.mpy if told else None


def version_of(command: Sequence[str]) -> str:
    """ "MicroPython 1.28", or what cannot be told."""
    told = _ask(tuple(command))
    return f"MicroPython {told.version[0]}.{told.version[1]}" if told else "no MicroPython"


def _packaged() -> list[str]:
    """Ours is a module of CPython. Its script has CPython look at all that is installed first, which is half the time
    that a board takes to start."""
    found = importlib.util.find_spec("micropython_unix")
    if found is None or not found.origin:
        return []
    program = "import sys; sys.path.append(sys.argv[1]); sys.argv[:2] = ['micropython']; import micropython_unix; "
    return [
        sys.executable,
        "-I",
        "-S",
        "-c",
        program + "sys.exit(micropython_unix.main())",
        str(Path(found.origin).parent),
    ]


def find_micropython() -> list[str]:
    """Command that starts MicroPython: that of the running venv, else the one on PATH if it is 1.22 or newer.

    Raises NoMicroPythonError with one sentence when there is neither.
    """
    # not resolved: a venv's python is a link to the system's, and micropython stands beside the link
    beside, on_path = str(Path(sys.executable).with_name("micropython")), shutil.which("micropython")
    too_old = ""
    for command in (_packaged(), [beside], [on_path] if on_path else []):
        told = _ask(tuple(command)) if command else None
        if told and told.version >= OLDEST:
            return command
        if told:
            too_old = f" ({command[0]} is {told.version[0]}.{told.version[1]})"
    raise NoMicroPythonError(
        f"No MicroPython {OLDEST[0]}.{OLDEST[1]} or newer here{too_old}: the emulated board needs it, so install one as"
        " `micropython` on PATH; on Linux x86_64 and macOS arm64 `make` brings its own."
    )
