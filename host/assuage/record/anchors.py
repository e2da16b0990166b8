"""The file of heads beside a record: what its last entry was, after each commit."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Final, NamedTuple

LINE: Final = re.compile(r"([1-9][0-9]{0,17}) ([0-9a-f]{64}) ([0-9]{1,17})")


class Head(NamedTuple):
    """The entry that was the last. hash: hex. at: Unix ms."""

    number: int
    hash: str
    at: int


def append(path: Path, head: Head) -> None:
    """Adds a line. Raises OSError."""
    file = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        # A line that a kill has cut short must not swallow this one.
        ended = os.fstat(file).st_size == 0 or _last_byte(path) == b"\n"
        os.write(file, f"{'' if ended else chr(10)}{head.number} {head.hash} {head.at}\n".encode())
    finally:
        os.close(file)


def read(path: Path) -> tuple[list[Head], list[int]]:
    """The heads in order, and the numbers of the lines that are none, from 1. Raises OSError."""
    found, bad = [], []
    for number, line in enumerate(path.read_bytes().split(b"\n"), 1):
        told = LINE.fullmatch(line.decode("ascii", "replace"))
        if told:
            found.append(Head(int(told[1]), told[2], int(told[3])))
        elif line:
            bad.append(number)
    return found, bad


def _last_byte(path: Path) -> bytes:
    with path.open("rb") as file:
        file.seek(-1, os.SEEK_END)
        return file.read(1)
