"""The emulated board's serial port to the motor driver, with machine.UART's names.

Bytes come in with the answer to a wait.
"""

from micropython import const

try:
    from boards.rigbytes_viper import copy
except (ImportError, SyntaxError, NameError):  # no native emitter here
    from boards.rigbytes import copy

_TX = const(0xB9)
_BYTES = const(32)
_MOST = const(24)  # that an answer brings


class DriverUart:
    """The second serial port, to the motor driver."""

    def __init__(self, rig):
        self._rig = rig
        self._buf = bytearray(_BYTES)
        self._at = 0
        self._end = 0

    def room(self):
        """How many bytes may arrive."""
        if self._at == self._end:
            self._at = self._end = 0
        return min(_MOST, _BYTES - self._end)

    def arrived(self, buf, at, n):
        """buf[at:at + n] has arrived; no more than there was room for."""
        copy(self._buf, self._end, buf, at, n)
        self._end += n

    def any(self):
        """How many bytes wait."""
        return self._end - self._at

    def readinto(self, buf, n):
        """Moves up to n bytes into buf; returns how many, or None when there are none."""
        n = min(n, self._end - self._at)
        copy(buf, 0, self._buf, self._at, n)
        self._at += n
        return n or None

    def write(self, buf, n):
        """Sends buf[:n]; the rig takes all of it."""
        self._rig.push_from(_TX, 0, buf, n)
        return n
