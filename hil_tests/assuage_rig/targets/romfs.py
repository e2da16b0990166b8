"""A read-only disk for MicroPython's VfsRom, from which code runs where it lies.

Format: the comment at the head of MicroPython's extmod/vfs_rom.c. A record is kind, length, payload; numbers are
big-endian, seven bits a byte, all but the last with bit 7 set.
"""

from __future__ import annotations

from pathlib import Path

_MAGIC = b"\xd2\xcd\x31"
_VERBATIM, _FOLDER, _FILE = 2, 4, 5


def image(folder: Path) -> bytes:
    """The disk with all of a folder's files. Names are ASCII."""
    content = _entries(folder)
    length = _number(len(content))
    if (len(_MAGIC) + len(length) + len(content)) % 2:
        length = b"\x80" + length  # the whole has an even length
    return _MAGIC + length + content


def _entries(folder: Path) -> bytes:
    out = b""
    for path in sorted(folder.iterdir()):
        name = _number(len(path.name)) + path.name.encode("ascii")
        if path.is_dir():
            out += _record(_FOLDER, name + _entries(path))
        else:
            out += _record(_FILE, name + _record(_VERBATIM, path.read_bytes()))
    return out


def _record(kind: int, payload: bytes) -> bytes:
    return _number(kind) + _number(len(payload)) + payload


def _number(value: int) -> bytes:
    out = [value & 0x7F]
    while value := value >> 7:
        out.insert(0, value & 0x7F | 0x80)
    return bytes(out)
