"""What somebody has charted in error, as it was asked for: looked up in the record, and the entry that strikes it.

Only what a human has charted can be struck, a dose by hand or an assessment; what the board did, what was ordered and
what was done because of an assessment remains.
"""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from assuage.bedside.charting import entries
from assuage.bedside.charting.entries import Input
from assuage.errors import BadInput, Refused
from assuage.record import file, words
from assuage.record.events import Entry, Struck, entry_of
from assuage.record.strikes import BY_HAND, strikes_after

_KEYS: Final = frozenset({"number", "hash", "reason"})
MOST: Final = 1 << 40  # entries of a record
_ONE: Final = "SELECT text, hash FROM entry WHERE number = ?"

NO_NUMBER: Final = "Say which entry was charted in error: its number, as the record tells it."
NO_HASH: Final = "Give the hash of the entry as well, as the record tells it, so that no other one is struck."
NO_REASON: Final = "Say in a few words why it was charted in error."
NO_ENTRY: Final = "There is no entry {} in the record of this bed; look at the record again."
OTHER: Final = "Entry {} in the record of this bed is another one than was shown; look at the record again."
NOT_BY_HAND: Final = "Only a dose given by hand and an assessment can be struck, and entry {} is neither."
STRUCK: Final = "Entry {} was struck before, by {}; look at the record again."
UNREAD: Final = "The record cannot be read ({}), so nothing is struck; look with `assuage record verify`."


def read(data: Input, by: str, now: int, path: Path) -> Struck:
    """The entry, of now (Unix ms). Raises BadInput, or Refused where there is nothing like that to be struck."""
    entries.known(data, _KEYS)
    number, digest = _which(data)
    reason = entries.text(data, "reason")
    if len(reason) < entries.REASON_LEAST:
        raise BadInput("reason", NO_REASON)
    found = _found(path, number, digest)
    return Struck(by=by, when=now, number=number, what=found.kind, said=words.sentence(found), reason=reason)


def _which(data: Mapping[str, Any]) -> tuple[int, str]:
    number, digest = data.get("number"), data.get("hash")
    if type(number) is not int or not 0 < number <= MOST:
        raise BadInput("number", NO_NUMBER)
    if not isinstance(digest, str) or not digest:
        raise BadInput("hash", NO_HASH)
    return number, digest


def _found(path: Path, number: int, digest: str) -> Entry:
    try:
        with contextlib.closing(file.open_for_reading(path)) as db:
            row = db.execute(_ONE, (number,)).fetchone()
            entry = None if row is None else entry_of(row[0], bytes(row[1]))
            before = strikes_after(db, number).get(number)
    except (sqlite3.Error, ValueError, TypeError) as error:
        raise Refused("no-record", UNREAD.format(error), by="host") from None
    if entry is None:
        raise Refused("no-entry", NO_ENTRY.format(number), by="host")
    if entry.hash != digest:
        raise Refused("no-entry", OTHER.format(number), by="host")
    if entry.kind not in BY_HAND:
        raise Refused("not-by-hand", NOT_BY_HAND.format(number), by="host")
    if before is not None:
        raise Refused("struck", STRUCK.format(number, before.by or "somebody"), by="host")
    return entry
