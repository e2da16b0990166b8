"""The emulated board's serial port to the motor driver, with machine.UART's names.

Bytes come in with the answer to a wait.
"""

from micropython import const

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
        end = self._end
        for i in range(n):
            self._buf[end + i] = buf[at + i]
        self._end = end + n

    def any(self):
        """How many bytes wait."""
        return self._end - self._at

    def readinto(self, buf, n):
        """Moves up to n bytes into buf; returns how many, or None when there are none."""
        n = min(n, self._end - self._at)
        for i in range(n):
            buf[i] = self._buf[self._at + i]
        self._at += n
        return n or None

    def write(self, buf, n):
        """Sends buf[:n]; the rig takes all of it."""
        self._rig.push_from(_TX, 0, buf, n)
        return n
