"""A board's line in words: one line a message, from the bytes that passed.

It does not decode with what a board or a host decodes with: frames are unstuffed by the package `cobs` and summed by
zlib, so a fault of the product's own framing shows here as a refused frame.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from cobs import cobs

from assuage_wire import schema
from assuage_wire.codec import BY_ID, Message, decode

if TYPE_CHECKING:
    from assuage_rig.recorder import Recorder, Stream

HEAD = """\
# The serial line of one board, decoded. Rig time in s; > host to board, < board to host, -- what was done to the board.
"""
SAME = "What goes {way} arrived as it was sent, byte for byte: a message stands here once, when it was whole."
DIFFER = "What goes {way} did not all arrive as it was sent: a message stands here for each end that saw it."
PATH = {">": ("host", "board"), "<": ("board", "host")}


def text(recorder: Recorder) -> str:
    """The log; nothing when nothing passed."""
    streams = recorder.streams
    head, rows = HEAD, []
    for way, ends in PATH.items():
        clean = _same(*(streams[end, way] for end in ends))
        head += f"# {(SAME if clean else DIFFER).format(way=way)}\n"
        for end in ends[:1] if clean else ends:
            rows += [
                (at_us, f"{way}  {'' if clean else end:5} {line}") for at_us, line in lines(streams[end, way], way)
            ]
    if not rows:
        return ""
    rows += [(at_us, f"-- {what}") for at_us, what in recorder.marks]
    rows.sort(key=lambda row: row[0])
    dropped = sum(stream.dropped for stream in streams.values())
    if dropped:
        head += f"# Only the newest is kept: {dropped} bytes before it are not here.\n"
    return head + "".join(f"{at_us / 1e6:14.6f}  {line}\n" for at_us, line in rows)


def lines(stream: Stream, way: str) -> Iterator[tuple[int, str]]:
    """Each delimited piece of a stream as (rig time in us when it was whole, words)."""
    rest = b""
    cut = stream.dropped > 0  # then the first piece is the end of one
    for at_us, data in stream.chunks:
        *pieces, rest = (rest + data).split(b"\0")
        for piece in pieces:
            if piece and not cut:
                yield at_us, words(piece, way)
            cut = False
    if rest and stream.chunks:
        yield stream.chunks[-1][0], f"(unfinished) {rest.hex()}"


def unframe(piece: bytes, way: str = "") -> tuple[Message, int, list[Any]] | str:
    """Message, sequence number and values of what stood between two zeros; or why it is none. way: "" for both."""
    try:
        raw = cobs.decode(piece)
    except cobs.DecodeError:
        return "no COBS"
    if len(raw) < 6:
        return "too short"
    message = BY_ID.get(raw[0])
    if message is None or message.direction != (way or message.direction):
        return f"no message of type {raw[0]} goes this way"
    if len(raw) - 6 != message.size:
        return f"{message.name} of a wrong length"
    if zlib.crc32(raw[:-4], message.seed) != int.from_bytes(raw[-4:], "little"):
        return f"{message.name}? CRC wrong"
    values: list[Any] = [0] * message.width
    if not decode(message, bytearray(raw), 2, values):
        return f"{message.name} with a value out of its range: {_fields(message, values)}"
    return message, raw[1], values


def words(piece: bytes, way: str) -> str:
    """What stood between two zeros, in words; of a frame that nobody may take, why, and its bytes."""
    found = unframe(piece, way)
    if isinstance(found, str):
        return f"(refused: {found}) {piece.hex()}"
    message, seq, values = found
    return f"{seq:3d} {message.name:<14} {_fields(message, values)}"


def _fields(message: Message, values: list[Any]) -> str:
    said, place = [], 0
    for (name, _fmt, unit, *_), (letter, _size, count, _lo, hi) in zip(message.fields, message.plan, strict=True):
        some = values[place : place + count]
        place += count
        if letter == "s":
            said.append(f"{name}={some[0].hex()}")
        else:
            said.append(f"{name}={','.join(_value(v, unit, hi) for v in some)}")
    return " ".join(said)


def _value(value: int, unit: str, most: int) -> str:
    if value == most and most in (schema.NONE16, schema.NONE32):
        return "none"
    codes = getattr(schema, unit, None) if unit.isupper() else None
    if isinstance(codes, tuple):
        return str(codes[value]) if value < len(codes) else f"{value}?"
    return f"{value}{unit}" if unit in ("nL", "nL/min", "ms", "us", "s", "%", "mV", "kPa", "mN", "mmHg") else str(value)


def _same(a: Stream, b: Stream) -> bool:
    return (a.kept, a.dropped) == (b.kept, b.dropped) and a.whole == b.whole
