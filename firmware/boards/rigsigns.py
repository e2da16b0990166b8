"""The bedside sensors of the emulated board: a serial port, a converter's block of samples, and outputs, by the rig.

Each is asked for once a look; what has come since the last one is the answer. Nothing here allocates once made.
"""

from micropython import const

from boards.rigsocket import BODY

try:
    from boards.rigbytes_viper import copy
except (ImportError, SyntaxError, NameError):  # no native emitter here
    from boards.rigbytes import copy

_PORT_READ, _PORT_TX = const(0x50), const(0xBB)
_BLOCK_READ = const(0x51)
_OUTPUT = const(0xBC)
_BYTES = const(256)
_SAMPLES = const(96)  # in one answer
CUFF_PUMP, CUFF_BLEED, CUFF_CLOSED, CUFF_FEED, ECG_SHUTDOWN, ECG_RESTORE = range(6)


class Port:
    """A serial port with machine.UART's names; any() asks the rig, once everything was read."""

    def __init__(self, rig, number):
        self._rig = rig
        self._number = number
        self._buf = bytearray(_BYTES)
        self._at = self._end = 0

    def any(self):
        """How many bytes wait."""
        if self._at == self._end:
            self._at = 0
            self._end = self._rig.ask(_PORT_READ, self._number, 0, self._buf)
        return self._end - self._at

    def readinto(self, buf, n):
        """Moves up to n bytes into buf; returns how many, or None when there are none."""
        n = min(n, self.any())
        copy(buf, 0, self._buf, self._at, n)
        self._at += n
        return n or None

    def write(self, buf, n=None):
        """Sends buf[:n]; the rig takes all of it."""
        n = len(buf) if n is None else n
        self._rig.push_from(_PORT_TX, self._number, buf, n)
        return n


class Block:
    """A converter that samples by itself, as a board's does by DMA, and the levels of two comparators beside it."""

    def __init__(self, rig):
        self._rig = rig
        self._buf = bytearray(1 + 2 * _SAMPLES)
        self.levels = [Level(), Level()]

    def read(self, into):
        """Moves what was sampled since the last call into an array of "H", 12 bits each; returns how many."""
        buf = self._buf
        n = (self._rig.ask(_BLOCK_READ, 0, 0, buf) - 1) >> 1
        self.levels[0].now = buf[0] & 1
        self.levels[1].now = buf[0] >> 1 & 1
        n = min(n, len(into))
        for i in range(n):
            into[i] = buf[1 + 2 * i] | buf[2 + 2 * i] << 8
        return n


class Level:
    """An input pin as of the last block."""

    def __init__(self):
        self.now = 0

    def value(self):
        """0 or 1."""
        return self.now


class Output:
    """An output pin, or a duty in %, which is told when it changes."""

    def __init__(self, rig, index):
        self._rig = rig
        self._index = index
        self._level = -1

    def value(self, level):
        """Sets it."""
        if level != self._level:
            self._level = level
            self._rig.out[BODY] = level
            self._rig.push(_OUTPUT, self._index, 1)
