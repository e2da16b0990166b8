"""The emulated board's serial port to the motor driver: machine.UART's names, the rig's socket behind them."""

from micropython import const

_RX, _TX = const(0x38), const(0xB9)
_BYTES = const(32)


class DriverUart:
    """The second serial port, to the motor driver. The rig is asked when nothing is left of what it last gave."""

    def __init__(self, rig):
        self._rig = rig
        self._buf = bytearray(_BYTES)
        self._at = 0
        self._end = 0

    def any(self):
        """How many bytes wait; more may follow these."""
        if self._at == self._end:
            self._at = 0
            self._end = self._rig.ask(_RX, _BYTES, 0, self._buf)
        return self._end - self._at

    def readinto(self, buf, n):
        """Moves up to n bytes into buf; returns how many, or None when there are none."""
        n = min(n, self.any())
        for i in range(n):
            buf[i] = self._buf[self._at + i]
        self._at += n
        return n or None

    def write(self, buf, n):
        """Sends buf[:n]; the rig takes all of it."""
        self._rig.push_from(_TX, 0, buf, n)
        return n
