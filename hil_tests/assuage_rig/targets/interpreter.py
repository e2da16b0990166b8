"""Where the MicroPython interpreter is that runs boards and the pure tests on this machine."""

from __future__ import annotations

import functools
import re
import shutil
import subprocess
import sys
from pathlib import Path

OLDEST = (1, 22)


class NoMicroPythonError(RuntimeError):
    """No usable MicroPython on this machine; the message is one sentence that says what to do."""


@functools.cache
def _version(path: str) -> tuple[int, int] | None:
    """Version of MicroPython at `path` as (major, minor); None when it is none or does not start."""
    program = "import sys; print(sys.implementation.name, *sys.implementation.version)"
    try:
        answer = subprocess.run([path, "-c", program], capture_output=True, text=True, timeout=10, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return None
    match = re.match(r"micropython (\d+) (\d+)", answer.stdout)
    return (int(match[1]), int(match[2])) if match else None


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
        version = _version(candidate)
        if version is not None and version >= OLDEST:
            return [candidate]
        if version is not None:
            too_old = f" ({candidate} is {version[0]}.{version[1]})"
    raise NoMicroPythonError(
        f"No MicroPython {OLDEST[0]}.{OLDEST[1]} or newer here{too_old}: the emulated board needs it, so install one as"
        " `micropython` on PATH; on Linux x86_64 and macOS arm64 `make` brings its own."
    )
