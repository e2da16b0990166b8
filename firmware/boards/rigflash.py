"""The emulated board's reserved flash: the rig's chip behind the names that the journal uses.

Nothing here allocates once made.
"""

from micropython import const

from boards.rigdevices import get32, put32
from boards.rigsocket import ANSWER, BODY

_READ, _PROGRAM, _ERASE, _SIZE = const(0x40), const(0x41), const(0x42), const(0x43)
_AT_ONCE = const(32)  # bytes that fit a request beside their address, and divide a page


class Flash:
    """size: bytes of the region. A chip that does not answer raises OSError."""

    def __init__(self, rig):
        self._rig = rig
        rig.ask(_SIZE, 0, 0)
        self.size = get32(rig.answer, ANSWER)

    def read(self, at, buf):
        """Fills buf from there on."""
        out = self._rig.out
        put32(out, BODY, at)
        put32(out, BODY + 4, len(buf))
        self._rig.ask(_READ, 0, 8, buf)

    def program(self, at, buf):
        """Clears the bits that are 0 in buf, within one page. More than 32 bytes are more than one operation."""
        out = self._rig.out
        n = 0
        for i in range(len(buf)):
            out[BODY + 4 + n] = buf[i]
            n += 1
            if n == _AT_ONCE or i + 1 == len(buf):
                put32(out, BODY, at + i + 1 - n)
                self._rig.ask(_PROGRAM, 0, 4 + n)
                n = 0

    def erase(self, at):
        """Sets a sector to ones."""
        put32(self._rig.out, BODY, at)
        self._rig.ask(_ERASE, 0, 4)
