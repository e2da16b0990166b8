"""Frames: COBS(type u8, seq u8, payload, crc32 u32) 0x00, little-endian.

Eight bytes over the payload, always: COBS adds one byte to anything up to 254, and no frame here is longer. The CRC
of a message that is not frozen starts from the schema's own CRC, so two ends with different tables cannot misread
each other. A frame counts only if its type is known and travels this way, its length is exactly the table's, its CRC
fits and every value is in range.

Nothing here allocates once built, except that a 32-bit board boxes a CRC above 2**30.
"""

import binascii
import struct

from assuage_wire import schema
from assuage_wire.codec import BY_ID, MESSAGES, WIDEST, Message, decode, encode

TYPE_CHECKING = False  # a name that type checkers take for true; a board has no typing module
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    Cobs = Callable[[bytearray, int, bytearray], int]
    OnFrame = Callable[[Message, int, list[Any]], None]

HEAD = 2
TAIL = 4
MAX_RAW = HEAD + schema.MAX_PAYLOAD + TAIL
MAX_FRAME = MAX_RAW + 2  # the COBS code byte and the delimiter


def cobs_encode(raw: bytearray, n: int, out: bytearray) -> int:
    """Encodes raw[:n] (n <= 253) into out and returns the length, without a delimiter."""
    code_at = 0
    w = 1
    for i in range(n):
        b = raw[i]
        if b:
            out[w] = b
        else:
            out[code_at] = w - code_at
            code_at = w
        w += 1
    out[code_at] = w - code_at
    return w


def cobs_decode(enc: bytearray, n: int, out: bytearray) -> int:
    """Decodes enc[:n] (no zero inside) into out and returns the length, or -1 when a code points beyond the end."""
    r = 0
    w = 0
    while r < n:
        end = r + enc[r]
        if end > n or end == r:
            return -1
        r += 1
        while r < end:
            out[w] = enc[r]
            w += 1
            r += 1
        if r < n:
            out[w] = 0
            w += 1
    return w


def _count_only(_message: Message, _seq: int, _values: "list[Any]") -> None:
    pass


def _views(buf: bytearray, direction: str) -> dict[int, memoryview]:
    """buf[:n] by n, for every n that a CRC is made of; made once, because a slice made in the loop would allocate."""
    view = memoryview(buf)
    return {n: view[:n] for n in {HEAD + m.size for m in MESSAGES if direction in ("", m.direction)}}


class Writer:
    """Builds frames in `out`, one at a time, and numbers them. direction: that of all of them, "" for both."""

    def __init__(self, cobs: "Cobs" = cobs_encode, direction: str = "") -> None:
        self.out = bytearray(MAX_FRAME)
        self.seq = 0
        self._raw = bytearray(MAX_RAW)
        self._views = _views(self._raw, direction)
        self._cobs = cobs

    def frame(self, message: Message, values: "list[Any]") -> int:
        """Frames one message; returns its length in `out`, delimiter included. Raises WireError when a value does not
        fit."""
        raw = self._raw
        n = HEAD + encode(message, values, raw, HEAD)
        raw[0] = message.id
        raw[1] = self.seq
        self.seq = (self.seq + 1) & 0xFF
        struct.pack_into("<I", raw, n, binascii.crc32(self._views[n], message.seed))
        n = self._cobs(raw, n + TAIL, self.out)
        self.out[n] = 0
        return n + 1


class Reader:
    """Takes bytes as they come, hands on each good frame, and finds its feet again after garbage.

    direction: ">" on a board, "<" on a host, "" for both. on_frame(message, seq, values): `values` is this reader's
    own list and is overwritten by the next frame. on_range, the same, is called instead for a frame that came whole but
    holds a value outside the table: whoever sent it meant it. Every delimited piece is counted once: ok, or under the
    reason it was refused for.
    """

    def __init__(
        self, direction: str, on_frame: "OnFrame", cobs: "Cobs" = cobs_decode, on_range: "OnFrame" = _count_only
    ) -> None:
        self.ok = self.cobs = self.length = self.type = self.crc = self.range = self.overflow = 0
        self._direction = direction
        self._on_frame = on_frame
        self._on_range = on_range
        self._decode = cobs
        self._enc = bytearray(MAX_FRAME)
        self._raw = bytearray(MAX_FRAME)
        self._views = _views(self._raw, direction)
        self._sum = bytearray(TAIL)
        self._values: list[Any] = [0] * WIDEST
        self._n = 0
        self._skip = False

    def errors(self) -> int:
        """How many pieces were refused."""
        return self.cobs + self.length + self.type + self.crc + self.range + self.overflow

    def feed(self, buf: "bytes | bytearray | memoryview", n: int) -> None:
        """Takes buf[:n]."""
        enc = self._enc
        for i in range(n):
            b = buf[i]
            if b:
                if self._n < MAX_FRAME:
                    enc[self._n] = b
                    self._n += 1
                else:
                    self._skip = True
            elif self._skip:
                self._skip = False
                self._n = 0
                self.overflow += 1
            elif self._n:
                n_enc = self._n
                self._n = 0
                self._end(n_enc)

    def _end(self, n: int) -> None:
        raw = self._raw
        n = self._decode(self._enc, n, raw) - TAIL
        if n + TAIL < 0:
            self.cobs += 1
            return
        if n < HEAD:
            self.length += 1
            return
        message = BY_ID.get(raw[0])
        if message is None or (self._direction and message.direction != self._direction):
            self.type += 1
            return
        if n - HEAD != message.size:
            self.length += 1
            return
        check = self._sum
        struct.pack_into("<I", check, 0, binascii.crc32(self._views[n], message.seed))
        if check[0] != raw[n] or check[1] != raw[n + 1] or check[2] != raw[n + 2] or check[3] != raw[n + 3]:
            self.crc += 1
            return
        if not decode(message, raw, HEAD, self._values):
            self.range += 1
            self._on_range(message, raw[1], self._values)
            return
        self.ok += 1
        self._on_frame(message, raw[1], self._values)
