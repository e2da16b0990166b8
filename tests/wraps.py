"""Settings in which whatever counts on a board, and in its host, begins shortly before it wraps.

A test of the whole firmware runs as usual and in one such setting, in a soak in all, and with --clock-bits in that one.
"""

from __future__ import annotations

import os
from fnmatch import fnmatchcase
from pathlib import Path

import pytest

from assuage_rig.boardlink import BoardLink
from assuage_rig.targets import linux
from assuage_rig.wirehost import WireHost
from assuage_wire import schema

ENTRY = Path(__file__).parent / "firmware" / "entries" / "near_wrap.py"
BITS = (12, 16, 30)  # of the hardware's ticks; 2**12 ms is just more than twice the watchdog's patience
BOARDS = ("*/firmware/test_app_*.py", "*/system/test_*.py", "*/rig/test_bench_firmware.py")
OFTEN = tuple(f"*/firmware/test_app_{what}.py" for what in ("faults", "loop", "modes", "pump"))  # outside a soak too


def settings(path: Path, bits: int | None) -> list[int]:
    """Bits of the clock, one for each time that the tests of a file run; 0 is the usual board."""
    if not any(fnmatchcase(str(path), pattern) for pattern in BOARDS):
        return []
    if bits is not None:
        return [bits]
    if os.environ.get("ASSUAGE_SOAK") == "1":
        return [0, *BITS]
    return [0, BITS[0]] if any(fnmatchcase(str(path), pattern) for pattern in OFTEN) else []


def begin(bits: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """From here on, what is started begins near its wraps; ticks of so many bits do so after 3 s."""
    monkeypatch.setenv("ASSUAGE_TICKS", f"{bits}:{(1 << bits) - 3000}")
    monkeypatch.setattr(linux, "MAIN", ENTRY)
    monkeypatch.setattr(BoardLink, "STEPS_AT_BOOT", -700)
    monkeypatch.setattr(WireHost, "FIRST_BOOT", schema.S30)
    monkeypatch.setattr(WireHost, "FIRST_OCCURRENCE", schema.S30)
    monkeypatch.setattr(WireHost, "FIRST_COMMAND", 0xFFFF - 2000)  # which do not wrap: a session has so many
    monkeypatch.setattr(WireHost, "FIRST_GRANT", schema.S30 - 100_000)
