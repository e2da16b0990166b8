"""Turns a message's values into payload bytes and back, by the table in schema.py and nothing else.

`struct.pack` of MicroPython truncates an out-of-range value and pads a missing one without a word, so every value is
checked against the table before it is stored and after it is loaded. Neither way allocates for messages made of
integers: values live in a list that the caller keeps, an array field takes one place per item, a bytes field one
place.
"""

import struct

from assuage_wire.schema import (
    AIRS,
    ALARM_STATES,
    ALARMS,
    BARRELS,
    BATTERIES,
    CHANGES,
    CUFF_STATES,
    DIAGNOSES,
    DRIVERS,
    FITTINGS,
    FORCES,
    GUARDS,
    MAX_PAYLOAD,
    MEASURES,
    MODES,
    ON_END,
    ON_LOSS,
    PARAMETERS,
    PATIENTS,
    PRIORITIES,
    QUALITIES,
    REASONS,
    RECORDS,
    RESETS,
    SIGNALS,
    STATES,
    STATUSES,
    TESTS,
    VERDICTS,
    WATCHES,
)
from assuage_wire.schema import MESSAGES as _ROWS
from assuage_wire.schema_id import schema_id

TYPE_CHECKING = False  # a name that type checkers take for true; a board has no typing module
if TYPE_CHECKING:
    from typing import Any

    Plan = tuple[str, int, int, int, int]

_SIZES = {"B": 1, "H": 2, "I": 4, "h": 2, "i": 4}


class WireError(ValueError):
    """A value, a length or a message does not fit the table."""


class Message:
    """One row of the table, prepared.

    size: payload bytes. width: places that the values take in a list. seed: initial CRC-32 of its frames.
    plan: per field (letter, item size, item count, lo, hi); a bytes field has letter "s", its length as size and
    count 1. fields: the table's own rows, none on a board.
    """

    fields: "tuple[tuple[Any, ...], ...]" = ()

    def __init__(self, row: "tuple[Any, ...]") -> None:
        self.id: int = row[0]
        self.name: str = row[1]
        self.direction: str = row[2]
        self.frozen: bool = row[3]
        self.plan: tuple[Plan, ...] = tuple(_plan(f) for f in row[6])
        self.size = sum(p[1] * p[2] for p in self.plan)
        self.width = sum(p[2] for p in self.plan)
        self.seed = 0
        if isinstance(row[6], tuple):  # a board has no fields to keep, nor room for their place in each message
            self.fields = row[6]
        if self.size > MAX_PAYLOAD:
            raise WireError(self.name + " is longer than MAX_PAYLOAD")

    def index(self, field: str) -> int:
        """Place of a field's (first) value in a list of values."""
        place = 0
        for f, p in zip(self.fields, self.plan):
            if f[0] == field:
                return place
            place += p[2]
        raise WireError(self.name + " has no field " + field)


_plans: "dict[tuple[Any, ...], Plan]" = {}  # most fields share theirs, which saves a board several kB


def _plan(field: "tuple[Any, ...]") -> "Plan":
    fmt, lo, hi = field[1], field[3], field[4]
    plan = _plans.get((fmt, lo, hi))
    if plan is None:
        letter = fmt[-1]
        count = int(fmt[:-1]) if len(fmt) > 1 else 1
        plan = ("s", count, 1, 0, 0) if letter == "s" else (letter, _SIZES[letter], count, lo, hi)
        _plans[(fmt, lo, hi)] = plan
    return plan


MESSAGES = tuple(Message(row) for row in _ROWS)
BY_ID = {m.id: m for m in MESSAGES}
BY_NAME = {m.name: m for m in MESSAGES}
SCHEMA_ID = schema_id(
    _ROWS,
    (
        RESETS,
        STATES,
        REASONS,
        STATUSES,
        MODES,
        ON_LOSS,
        ON_END,
        CHANGES,
        RECORDS,
        ALARMS,
        PRIORITIES,
        ALARM_STATES,
        FORCES,
        FITTINGS,
        BARRELS,
        WATCHES,
        DRIVERS,
        DIAGNOSES,
        BATTERIES,
        AIRS,
        TESTS,
        PARAMETERS,
        QUALITIES,
        SIGNALS,
        GUARDS,
        VERDICTS,
        PATIENTS,
        MEASURES,
        CUFF_STATES,
    ),
)
WIDEST = max(m.width for m in MESSAGES)
for _m in MESSAGES:
    _m.seed = 0 if _m.frozen else SCHEMA_ID
_plans.clear()


def encode(message: Message, values: "list[Any]", buf: bytearray, off: int = 0) -> int:
    """Stores `values` (a list, in field order) into `buf` at `off`; returns the payload's length.

    Raises WireError when a value is outside its range or there are too few values. Values beyond the message's width
    are ignored, so that one long list can serve several messages.
    """
    if len(values) < message.width:
        raise WireError("too few values")
    place = 0
    for letter, size, count, lo, hi in message.plan:
        for _ in range(count):
            v = values[place]
            place += 1
            if letter == "s":
                if len(v) != size:
                    raise WireError("wrong length of bytes")
                for i in range(size):
                    buf[off + i] = v[i]
            else:
                if not lo <= v <= hi:
                    raise WireError("out of range")
                if size == 1:
                    buf[off] = v
                elif size == 2:
                    struct.pack_into("<H", buf, off, v & 0xFFFF)
                elif letter == "i":
                    struct.pack_into("<i", buf, off, v)
                else:
                    struct.pack_into("<I", buf, off, v)
            off += size
    return message.size


def decode(message: Message, buf: bytearray, off: int, out: "list[Any]") -> bool:
    """Loads a payload at `off` of `buf` into the list `out` (at least `message.width` long); returns True when all
    values are in range. It loads them all even so, for whoever says which one is not, see out_of_range().

    Bytes fields become bytes objects, the only allocation (a 32-bit board also boxes values above 2**30).
    """
    place = 0
    good = True
    for letter, size, count, lo, hi in message.plan:
        for _ in range(count):
            if letter == "s":
                out[place] = bytes(buf[off : off + size])
            else:
                v = buf[off]
                if size > 1:
                    v |= buf[off + 1] << 8
                if size > 2:
                    v |= buf[off + 2] << 16 | buf[off + 3] << 24
                if letter == "h" and v > 32767:
                    v -= 65536
                elif letter == "i" and v > 2147483647:
                    v -= 4294967296
                if not lo <= v <= hi:
                    good = False
                out[place] = v
            place += 1
            off += size
    return good


def out_of_range(message: Message, values: "list[Any]", first: int = 0, at: int = 0) -> int:
    """Number of the first field, counted in the message and looked at from `first` on, whose value is outside the
    table's range; -1 for none.

    values[at:] are the fields from `first` on. For messages whose fields are one integer each, as all orders' are.
    """
    for number in range(first, len(message.plan)):
        plan = message.plan[number]
        if not plan[3] <= values[at + number - first] <= plan[4]:
            return number
    return -1
