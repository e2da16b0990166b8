"""construct Structs made from schema.py, for tools, sniffing, fuzzing and third parties. CPython only, with the
package `construct`.

The product itself does not decode with these: construct describes, `struct` decodes (`make bench` has the difference).

payload("PumpStatus"): Struct of one message's payload, its coded fields as Enums.
frame: Struct of an unstuffed frame, payload chosen by type. COBS stays outside (`assuage_wire.frame` or the package
`cobs`); `check` tells if the CRC fits.
"""

from __future__ import annotations

import zlib

import construct as c

from assuage_wire import schema
from assuage_wire.codec import BY_ID, BY_NAME, MESSAGES, Message

_INTS = {"B": c.Int8ul, "H": c.Int16ul, "I": c.Int32ul, "h": c.Int16sl, "i": c.Int32sl}
CODES: dict[str, tuple[str, ...]] = {
    name: getattr(schema, name) for name in ("RESETS", "STATES", "REASONS", "STATUSES", "MODES", "ON_LOSS", "SIGNALS")
}


def _field(fmt: str, unit: str, named: bool) -> c.Construct:
    letter, count = fmt[-1], int(fmt[:-1] or 1)
    if letter == "s":
        return c.Bytes(count)
    one: c.Construct = _INTS[letter]
    if named and unit in CODES:
        one = c.Enum(one, **{code: i for i, code in enumerate(CODES[unit])})
    return c.Array(count, one) if len(fmt) > 1 else one


def payload(message: str | Message, named: bool = True, closed: bool = True) -> c.Struct:
    """Struct of a message's payload.

    named: codes as their names (an unknown code stays a number), else plain integers. closed: bytes left over are an
    error.
    """
    row = BY_NAME[message] if isinstance(message, str) else message
    fields = [name / _field(fmt, unit, named) for name, fmt, unit, *_ in row.fields]
    return c.Struct(*fields, *([c.Terminated] if closed else []))


frame: c.Struct = c.Struct(
    "type" / c.Enum(c.Int8ul, **{m.name: m.id for m in MESSAGES}),
    "seq" / c.Int8ul,
    "payload" / c.Switch(lambda this: int(this.type), {m.id: payload(m, closed=False) for m in MESSAGES}, c.Error),
    "crc" / c.Int32ul,
    c.Terminated,
)


def check(unstuffed: bytes) -> bool:
    """True when an unstuffed frame's CRC-32 fits its type's seed."""
    message = BY_ID.get(unstuffed[0]) if len(unstuffed) >= 6 else None
    if message is None:
        return False
    return zlib.crc32(unstuffed[:-4], message.seed) == int.from_bytes(unstuffed[-4:], "little")
