"""Full frames per second, encoded and decoded: ours, pymavlink, construct interpreted and compiled, on 28 bytes of
telemetry.

Ours and construct's is the Health message in our frame (COBS, CRC-32); pymavlink's is ATTITUDE, also 28 bytes, in
MAVLink 2. The construct peers get the same C COBS and zlib as ours does, so the difference is the codec alone.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable
from functools import partial

import construct
from cobs import cobs
from pymavlink.dialects.v20 import common as mavlink

from assuage.link import messages, wire_fast
from assuage_wire.as_construct import payload
from assuage_wire.codec import BY_NAME
from tests.bench.measure import Row, calls_per_second, rows

HEALTH = messages.Health(
    ticks=123_456_789, wraps=3, overruns=0, loop_us=4_200, collect_us=900, heap_free=96_000, rx_errors=1,
    bus_errors=0, lease=2_800, watchdog=1_900,
)  # fmt: skip


def _construct(compiled: bool) -> tuple[Callable[[], object], Callable[[], object]]:
    message = BY_NAME["Health"]
    plain = payload(message, named=False, closed=False)
    head = ("type" / construct.Int8ul, "seq" / construct.Int8ul, "payload" / plain)
    body, layout = construct.Struct(*head), construct.Struct(*head, "crc" / construct.Int32ul)
    if compiled:
        body, layout = body.compile(), layout.compile()
    values = {"type": message.id, "seq": 7, "payload": HEALTH._asdict()}
    seed, size = message.seed, message.size + 6

    def encode() -> bytes:
        raw = body.build(values)
        return cobs.encode(raw + zlib.crc32(raw, seed).to_bytes(4, "little")) + b"\0"

    wire = encode()[:-1]

    def decode() -> object:
        raw = cobs.decode(wire)
        got = layout.parse(raw)
        if len(raw) != size or got.crc != zlib.crc32(raw[:-4], seed):
            raise ValueError
        return got

    if wire != wire_fast.pack(HEALTH, 7)[:-1]:
        raise SystemExit("bench: construct and the host's codec do not make the same frame")
    return encode, decode


def _pymavlink() -> tuple[Callable[[], object], Callable[[], object]]:
    mav = mavlink.MAVLink(None, srcSystem=1, srcComponent=1)
    mav.robust_parsing = False
    values = (123_456_789, 0.1, -0.2, 0.3, 0.01, -0.02, 0.03)
    wire = bytearray(mavlink.MAVLink_attitude_message(*values).pack(mav))
    if len(wire) != 12 + 28:
        raise SystemExit("bench: ATTITUDE is not 28 bytes")
    return lambda: mavlink.MAVLink_attitude_message(*values).pack(mav), partial(mav.decode, wire)


def _ours() -> tuple[Callable[[], object], Callable[[], object]]:
    frame = wire_fast.pack(HEALTH, 7)
    stuffed = frame[:-1]
    if wire_fast.parse(stuffed) != (HEALTH, 7):
        raise SystemExit("bench: the host's codec does not read its own frame")
    return partial(wire_fast.pack, HEALTH, 7), partial(wire_fast.parse, stuffed)


def measure() -> list[Row]:
    """Rows decode_frames and encode_frames."""
    sides = {
        "ours": _ours(),
        "pymavlink": _pymavlink(),
        "construct": _construct(compiled=False),
        "construct compiled": _construct(compiled=True),
    }
    out: list[Row] = []
    for name, side in (("decode_frames", 1), ("encode_frames", 0)):
        rates = calls_per_second({who: calls[side] for who, calls in sides.items()})
        ours = rates.pop("ours")
        out += rows(name, "1/s", ours, rates)
    return out
