"""One record of the journal: 32 bytes that count only when their CRC-32 is right.

    0 sequence u32, 4 kind u8, 5 a u8, 6 b u8, 7 c u8, 8 boot u16, 10 wraps u16, 12 ticks u32, 16 x u32, 20 y u32,
    24 z u32, 28 crc u32; little-endian. What a b c x y z mean for each kind is in kinds.py.

Erased flash is all ones, and a slot that is not is never programmed again. All zeros is a slot that was buried.
Nothing here allocates once made, except that a 32-bit board boxes a CRC above 2**30.
"""

import struct

from micropython import const

from assuage_wire import frame

SIZE = const(32)
SEQ, KIND, A, B, C, X, Y, Z = 0, 4, 5, 6, 7, 16, 20, 24  # where each field begins

_BITS = const(256)
_CRC_AT = const(28)
_FORMAT = const(1)  # the CRC starts from here: a later layout takes another number, and neither misreads the other
_BLANK = b"\xff" * 32
_BURIED = bytes(32)

_crc32 = frame.binascii.crc32  # the one that guards the frames


class Record:
    """A record in a buffer of its own, `buf`."""

    def __init__(self):
        self.buf = bytearray(SIZE)
        self._body = memoryview(self.buf)[:_CRC_AT]
        self._tail = memoryview(self.buf)[_CRC_AT:]
        self._sum = bytearray(4)

    def fill(self, kind, a, b, c, x, y, z):
        """Says what happened."""
        struct.pack_into("<BBBB", self.buf, 4, kind, a, b, c)
        struct.pack_into("<III", self.buf, 16, x, y, z)

    def stamp(self, boot, ticks, wraps):
        """Says when: which start of the board (the low 16 bits count), and its time."""
        struct.pack_into("<HHI", self.buf, 8, boot & 0xFFFF, wraps, ticks)

    def seal(self, seq):
        """Numbers it and adds the CRC."""
        struct.pack_into("<I", self.buf, 0, seq)
        struct.pack_into("<I", self.buf, _CRC_AT, _crc32(self._body, _FORMAT))

    def whole(self):
        """Whether the CRC is right. What the fields hold means nothing otherwise."""
        struct.pack_into("<I", self._sum, 0, _crc32(self._body, _FORMAT))
        return self._sum == self._tail

    def blank(self):
        """Whether it reads as erased."""
        return self.buf == _BLANK

    def bury(self):
        """All zeros, which no record is."""
        self.buf[:] = _BURIED

    def buried(self):
        """Whether it is all zeros."""
        return self.buf == _BURIED

    def mend(self):
        """Looks for one bit that has flipped; True when turning it back makes the record whole. 256 CRCs at most."""
        buf = self.buf
        for i in range(_BITS):
            buf[i >> 3] ^= 1 << (i & 7)
            if self.whole():
                return True
            buf[i >> 3] ^= 1 << (i & 7)
        return False

    def word(self, at):
        """The u32 at byte `at`: SEQ, X, Y or Z. KIND, A, B and C are bytes of `buf`."""
        buf = self.buf
        return buf[at] | buf[at + 1] << 8 | buf[at + 2] << 16 | buf[at + 3] << 24
