"""The number by which two ends know that they have the same table. A board's build reckons it beforehand."""

import binascii

TYPE_CHECKING = False  # a name that type checkers take for true; a board has no typing module
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any


def schema_id(messages: "tuple[Any, ...]", enumerations: "tuple[tuple[str, ...], ...]") -> int:
    """CRC-32 of the table as lines of text with newlines between."""
    crc = 0
    between = ""
    for line in _canonical(messages, enumerations):
        crc = binascii.crc32((between + line).encode(), crc)
        between = "\n"
    return crc


def _canonical(messages: "tuple[Any, ...]", enumerations: "tuple[tuple[str, ...], ...]") -> "Iterator[str]":
    """What two ends must share to understand each other. Docs and `since` are left out."""
    for row in messages:
        yield "%d %s %s %d" % (row[0], row[1], row[2], row[3])
        for f in row[6]:
            yield " ".join((f[0], f[1], f[2], str(f[3]), str(f[4])))
    for codes in enumerations:
        yield " ".join(codes)
