"""The board's end of the line: bytes in, frames out. Knows nothing of what they mean."""

from micropython import const

from assuage_wire import frame

try:
    from assuage_wire.frame_viper import cobs_decode, cobs_encode
except (ImportError, SyntaxError, NameError):  # no native emitter here, or CPython
    from assuage_wire.frame import cobs_decode, cobs_encode

_CHUNK = const(64)
_AT_ONCE = const(8)  # chunks taken in one go, so that a flood of bytes cannot keep the other tasks waiting


def _ignore(_message, _seq, _values):
    pass


class Port:
    """Frames over a UART that is handed in: any(), readinto(buf, n) and write(buf, n), none of which may block.

    dropped: frames not sent because the line was still busy with an earlier one. Each takes its number all the same, so
    that the host sees the gap.
    """

    def __init__(self, uart):
        self.dropped = 0
        self.listen(_ignore)
        self._writer = frame.Writer(cobs_encode, "<")  # type: ignore
        self._uart = uart
        self._chunk = bytearray(_CHUNK)
        self._unsent = (
            0  # bytes of the last frame that the line would not take yet, at the start of the writer's buffer
        )

    def listen(self, on_frame, on_range=_ignore):
        """on_frame(message, seq, values) is called for each good frame, within receive(), and on_range for one with a
        value outside the table; see frame.Reader."""
        self.reader = frame.Reader(">", on_frame, cobs_decode, on_range)  # type: ignore

    def receive(self):
        """Takes what has arrived; True when more may be waiting."""
        uart = self._uart
        chunk = self._chunk
        for _ in range(_AT_ONCE):
            waiting = uart.any()
            if not waiting:
                return False
            n = uart.readinto(chunk, min(waiting, _CHUNK))
            if n:
                self.reader.feed(chunk, n)
        return True

    def send(self, message, values):
        """Sends one message; False when the line is still busy. Raises WireError for a value outside the table."""
        if self._unsent and not self.flush():
            self.dropped = min(self.dropped + 1, 65535)
            self._writer.seq = (self._writer.seq + 1) & 0xFF
            return False
        self._unsent = self._writer.frame(message, values)
        self.flush()
        return True

    def flush(self):
        """Hands the line the rest of an unsent frame; True when nothing is left."""
        n = self._unsent
        if n:
            out = self._writer.out
            sent = self._uart.write(out, n) or 0
            n -= sent
            for i in range(n if sent else 0):
                out[i] = out[sent + i]
            self._unsent = n
        return n == 0
