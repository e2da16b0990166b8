"""The host's fast twin of assuage_wire's codec and frames: one call from bytes to a typed message and back.

The functions are written out for each message from the same table (see `_source`): one precompiled struct, one CRC
over the whole frame, and range checks only where the format leaves room for a wrong value. Tests hold this file equal
to the pure twin, counter for counter, for every message.

The check of a CRC needs no slicing: CRC-32 of a message followed by its own CRC is always the same number, whatever
the seed.
"""

from __future__ import annotations

import re
import struct
import zlib
from collections.abc import Callable
from typing import Any, Final

from assuage.link import messages
from assuage.link.messages import AnyMessage
from assuage_wire import codec, frame
from assuage_wire.codec import WireError

RESIDUE: Final = 0x2144DF1C  # CRC-32 of anything followed by its CRC-32
MAX_FRAME: Final = 2 + frame.MAX_RAW  # code byte, content and delimiter

Unpack = Callable[[bytes], AnyMessage]
Pack = Callable[[Any, int], bytes]


class BadFrame(WireError):
    """A frame was refused. `why` is one of cobs, length, type, crc, range: the counters of
    assuage_wire.frame.Reader."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


class _CobsError(ValueError):
    pass


def pure_cobs_decode(data: bytes) -> bytes:
    """COBS by the pure twin, with the C extension's face: for machines without it, and for the equality test."""
    out = bytearray(len(data) + 1)
    n = -1 if 0 in data else frame.cobs_decode(bytearray(data), len(data), out)
    if n < 0:
        raise _CobsError("not COBS")
    return bytes(out[:n])


def pure_cobs_encode(data: bytes) -> bytes:
    """COBS by the pure twin, for at most 253 bytes."""
    out = bytearray(len(data) + 1)
    return bytes(out[: frame.cobs_encode(bytearray(data), len(data), out)])


try:
    from cobs import cobs as _cobs

    _cobs_decode: Callable[[bytes], bytes] = _cobs.decode
    _cobs_encode: Callable[[bytes], bytes] = _cobs.encode
    _COBS_ERRORS: tuple[type[Exception], ...] = (_cobs.DecodeError, _CobsError)
except ImportError:  # the wheel has a C extension for common machines only
    _cobs_decode, _cobs_encode, _COBS_ERRORS = pure_cobs_decode, pure_cobs_encode, (_CobsError,)


def _limits(message: Any) -> str:
    """A condition, true when one of the values v0, v1, ... is outside the table's range and its format would let it
    pass."""
    tests = []
    masked: dict[int, list[str]] = {}  # values whose limit is all ones share one comparison
    place = 0
    for letter, size, count, lo, hi in message.plan:
        if letter != "s":
            low, high = (-(1 << 8 * size - 1), (1 << 8 * size - 1) - 1) if letter in "hi" else (0, (1 << 8 * size) - 1)
            for i in range(place, place + count):
                if hi < high and lo == low == 0 and hi & (hi + 1) == 0:
                    masked.setdefault(hi, []).append(f"v{i}")
                    continue
                tests += [f"v{i} < {lo}"] * (lo > low) + [f"v{i} > {hi}"] * (hi < high)
        place += count
    tests += [f"({' | '.join(values)}) > {hi}" for hi, values in masked.items()]
    return " or ".join(tests)


def _source(message: Any) -> str:
    """Python text of `unpack(raw)` and `pack(m, seq)` for one message."""
    flat = [f"v{i}" for i in range(message.width)]
    fields, sizes = [], []
    place = 0
    for letter, size, count, _lo, _hi in message.plan:
        values = ", ".join(flat[place : place + count])
        fields.append(values if count == 1 else f"({values})")
        if letter == "s":
            sizes.append(f"len(v{place}) != {size}")
        place += count
    every, shaped, limits = ", ".join(flat), ", ".join(fields), _limits(message)
    nested = every != shaped
    looked_at = re.sub(r"v(\d+)", r"v[\1]", limits)
    lines = [
        "def unpack(raw):",
        "    v = load(raw)",
        f"    if crc32(raw, {message.seed}) != {RESIDUE}:",
        "        raise BadFrame('crc')",
        *([f"    {every}, = v"] if nested else []),
        # Indexing the few values that need a look is quicker than naming them all.
        *([f"    if {looked_at}:", "        raise BadFrame('range')"] if limits else []),
        f"    return new(cls, ({shaped},))" if nested else "    return new(cls, v)",
        "",
        "def pack(m, seq):",
        f"    {shaped}, = m",
        *([f"    if {limits}:", "        raise WireError('out of range')"] if limits else []),
        *(f"    if {test}:\n        raise WireError('wrong length of bytes')" for test in sizes),
        f"    body = store({message.id}, seq, {every})",
        f"    return cobs_encode(body + store_crc(crc32(body, {message.seed}))) + ZERO",
    ]
    return "\n".join(lines)


def _build(message: Any) -> tuple[Unpack, Pack]:
    """Both functions of one message."""
    letters = "".join(f[1] for f in message.fields)
    scope: dict[str, Any] = {
        "BadFrame": BadFrame,
        "WireError": WireError,
        "ZERO": b"\0",
        "cls": getattr(messages, message.name),
        "cobs_encode": _cobs_encode,
        "crc32": zlib.crc32,
        "load": struct.Struct(f"<{frame.HEAD}x{letters}{frame.TAIL}x").unpack,
        "new": tuple.__new__,
        "store": struct.Struct(f"<BB{letters}").pack,
        "store_crc": struct.Struct("<I").pack,
    }
    exec(compile(_source(message), f"<wire {message.name}>", "exec"), scope)
    return scope["unpack"], scope["pack"]


_BUILT: Final = {m: _build(m) for m in codec.MESSAGES}
_UNPACK: Final[dict[str, dict[int, Unpack]]] = {
    direction: {m.id: unpack for m, (unpack, _) in _BUILT.items() if direction in ("", m.direction)}
    for direction in ("", "<", ">")
}
_UNPACK_ANY: Final = _UNPACK[""]
_PACK: Final[dict[type, Pack]] = {getattr(messages, m.name): pack for m, (_, pack) in _BUILT.items()}


def pack(message: AnyMessage, seq: int) -> bytes:
    """A whole frame with its delimiter. Raises WireError when a value does not fit the table."""
    try:
        return _PACK[type(message)](message, seq)
    except WireError:
        raise
    except (struct.error, TypeError, ValueError) as error:
        raise WireError(f"{type(message).__name__}: {error}") from None


def parse(piece: bytes) -> tuple[AnyMessage, int]:
    """(message, seq) of one frame without its delimiter. Raises BadFrame."""
    try:
        raw = _cobs_decode(piece)
        return _UNPACK_ANY[raw[0]](raw), raw[1]
    except _REFUSALS as error:
        raise BadFrame(_why(piece, error)) from None


# struct.error: not the table's length.
_REFUSALS: tuple[type[Exception], ...] = (BadFrame, KeyError, IndexError, struct.error, *_COBS_ERRORS)


def _why(piece: bytes, error: Exception) -> str:
    """Names the counter for a refused piece, with the precedence of the pure twin: too short comes before an unknown
    type."""
    if isinstance(error, BadFrame):
        return error.why
    if isinstance(error, _COBS_ERRORS):
        return "cobs"
    if isinstance(error, struct.error):
        return "length"
    return "type" if len(_cobs_decode(piece)) >= frame.HEAD + frame.TAIL else "length"


class Splitter:
    """Takes bytes as they come and returns the good frames among them; garbage costs at most the frame it hits.

    direction: "<" on a host, ">" on a board, "" for both. Every delimited piece is counted once, as
    assuage_wire.frame.Reader does.
    """

    def __init__(self, direction: str = "<") -> None:
        self.ok = self.cobs = self.length = self.type = self.crc = self.range = self.overflow = 0
        self._unpack = _UNPACK[direction]
        self._rest = b""

    def errors(self) -> int:
        """How many pieces were refused."""
        return self.cobs + self.length + self.type + self.crc + self.range + self.overflow

    def feed(self, data: bytes) -> list[tuple[AnyMessage, int]]:
        """The (message, seq) of each frame that `data` completes."""
        pieces = (self._rest + data).split(b"\0")
        # An endless piece is kept only as far as it takes to see that it is too long.
        self._rest = pieces.pop()[: MAX_FRAME + 1]
        good: list[tuple[AnyMessage, int]] = []
        unpacks = self._unpack
        for piece in pieces:
            if not piece:
                continue
            if len(piece) > MAX_FRAME:
                self.overflow += 1
                continue
            try:
                raw = _cobs_decode(piece)
                good.append((unpacks[raw[0]](raw), raw[1]))
            except _REFUSALS as error:
                why = _why(piece, error)
                setattr(self, why, getattr(self, why) + 1)
        self.ok += len(good)
        return good

    def reset(self) -> None:
        """Forgets a half-read frame: for a port that has been opened anew. The counters stay."""
        self._rest = b""
