"""Makes vectors.json: golden streams that both interpreters must read alike. Built from construct, zlib and the
package `cobs`, so that nothing the product decodes with has a hand in what it is checked against."""

from __future__ import annotations

import random
import zlib
from typing import Any

from cobs import cobs

from assuage_wire import schema
from assuage_wire.as_construct import payload
from assuage_wire.codec import BY_NAME, MESSAGES, SCHEMA_ID, Message

Values = list[int | bytes]


def _fields(message: Message, values: Values) -> dict[str, Any]:
    out: dict[str, Any] = {}
    place = 0
    for (name, fmt, *_), (letter, _size, count, _lo, _hi) in zip(message.fields, message.plan, strict=True):
        plain = letter == "s" or len(fmt) == 1
        out[name] = values[place] if plain else values[place : place + count]
        place += count
    return out


def frame(message: Message, values: Values, seq: int = 0, seed: int | None = None) -> bytes:
    """A whole frame with its delimiter; `seed` overrides the CRC's start, to make a frame of another schema."""
    body = bytes((message.id, seq)) + payload(message, named=False).build(_fields(message, values))
    crc = zlib.crc32(body, message.seed if seed is None else seed)
    return cobs.encode(body + crc.to_bytes(4, "little")) + b"\0"


def _values(message: Message, pick: str, rng: random.Random) -> Values:
    out: Values = []
    for letter, size, count, lo, hi in message.plan:
        for _ in range(count):
            if letter == "s":
                out.append({"lo": bytes(size), "hi": b"\xff" * size}.get(pick) or rng.randbytes(size))
            else:
                out.append({"lo": lo, "hi": hi}[pick] if pick != "any" else rng.randint(lo, hi))
    return out


def _shown(values: Values) -> list[Any]:
    return [v.hex() if isinstance(v, bytes) else v for v in values]


def _stream(name: str, chunks: list[bytes], good: list[tuple[Message, int, Values]], **refused: int) -> dict[str, Any]:
    return {
        "name": name,
        "chunks": [c.hex() for c in chunks],
        "frames": [[m.name, seq, _shown(values)] for m, seq, values in good],
        "refused": {k: v for k, v in refused.items() if v},
    }


def make() -> dict[str, Any]:
    """The whole file as a dictionary, the same every time."""
    rng = random.Random(20260101)
    streams: list[dict[str, Any]] = []
    refused_values: list[dict[str, Any]] = []
    every: list[tuple[Message, int, Values]] = []
    for m in MESSAGES:
        for pick in ("lo", "hi", "any", "any"):
            values, seq = _values(m, pick, rng), rng.randrange(256)
            every.append((m, seq, values))
            streams.append(_stream(f"{m.name} {pick}", [frame(m, values, seq)], [(m, seq, values)]))
        whole = frame(m, _values(m, "any", rng), 7)
        body = cobs.decode(whole[:-1])
        streams.append(_stream(f"{m.name} cut short by a byte", [cobs.encode(body[:-1]) + b"\0"], [], length=1))
        streams.append(_stream(f"{m.name} a byte too long", [cobs.encode(body + b"\x01") + b"\0"], [], length=1))
        bad = bytearray(body)
        bad[-1] ^= 0x80
        streams.append(_stream(f"{m.name} corrupt", [cobs.encode(bytes(bad)) + b"\0"], [], crc=1))
        other = frame(m, _values(m, "any", rng), 0, seed=(m.seed ^ 0x1234))
        streams.append(_stream(f"{m.name} of another schema", [other], [], crc=1))
        refused_values += _beyond(m, rng)
        streams += _out_of_range(m, rng)
    streams += _joints(every, rng)
    return {"schema": SCHEMA_ID, "wire": schema.WIRE, "streams": streams, "refused_values": refused_values}


def _beyond(m: Message, rng: random.Random) -> list[dict[str, Any]]:
    """Value lists that `encode` must refuse: one below and one above each integer field, and one value missing."""
    out = []
    base = _values(m, "any", rng)
    place = 0
    for (name, *_), (letter, _size, count, lo, hi) in zip(m.fields, m.plan, strict=True):
        if letter != "s":
            for wrong in (lo - 1, hi + 1):
                values = list(base)
                values[place] = wrong
                out.append({"message": m.name, "why": f"{name} = {wrong}", "values": _shown(values)})
        place += count
    out.append({"message": m.name, "why": "a value is missing", "values": _shown(base[:-1])})
    return out


def _out_of_range(m: Message, rng: random.Random) -> list[dict[str, Any]]:
    """Well-formed frames that carry a value outside the table, where the format leaves room for one."""
    room = {"B": (0, 255), "H": (0, 65535), "I": (0, 2**32 - 1), "h": (-(2**15), 2**15 - 1), "i": (-(2**31), 2**31 - 1)}
    out = []
    place = 0
    for (name, *_), (letter, _size, count, lo, hi) in zip(m.fields, m.plan, strict=True):
        for wrong in (lo - 1, hi + 1) if letter != "s" else ():
            if room[letter][0] <= wrong <= room[letter][1]:
                values = _values(m, "any", rng)
                values[place] = wrong
                out.append(_stream(f"{m.name} with {name} = {wrong}", [frame(m, values)], [], range=1))
        place += count
    return out


def _joints(every: list[tuple[Message, int, Values]], rng: random.Random) -> list[dict[str, Any]]:
    """Split, merged and dirty streams."""
    some = rng.sample(every, 12)
    stream = b"".join(frame(m, v, s) for m, s, v in some)
    cuts = sorted(rng.sample(range(1, len(stream)), 40))
    pieces = [stream[a:b] for a, b in zip([0, *cuts], [*cuts, len(stream)], strict=True)]
    stop, hello = BY_NAME["Stop"], BY_NAME["Hello"]
    one, two = frame(stop, [1], 1), frame(hello, _values(hello, "any", random.Random(5)), 2)
    values = _values(hello, "any", random.Random(5))
    return [
        _stream("split at random", pieces, some),
        _stream("split into single bytes", [stream[i : i + 1] for i in range(len(stream))], some),
        _stream("merged: the delimiter between two frames is lost", [one[:-1] + two], [], length=1),
        _stream("empty pieces are not frames", [b"\0\0\0" + one + b"\0\0"], [(stop, 1, [1])]),
        _stream("garbage, then a frame", [b"\x55\x12\xff\x00" + one], [(stop, 1, [1])], cobs=1),
        _stream("endless garbage, then a frame", [b"\x01" * 400 + b"\0" + two], [(hello, 2, values)], overflow=1),
        _stream(
            "an unknown type",
            [cobs.encode(b"\xee\x00" + zlib.crc32(b"\xee\x00").to_bytes(4, "little")) + b"\0"],
            [],
            type=1,
        ),
        _stream("too short to be a frame", [b"\x03\x03\x01\0"], [], length=1),
        _stream("a code byte beyond the end", [b"\x09\x03\x01\0"], [], cobs=1),
    ]
