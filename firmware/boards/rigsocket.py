"""The emulated board's end of the rig's socket: one request at a time over a Unix stream socket.

Request: op u8, a u8, n u16, n bytes. Answer, to ops below 0x80 only: status u8, n u16, n bytes. Little-endian.
The rig closing the socket is the power failing: this process ends at once. Nothing here allocates once connected.
"""

import socket
import struct
import sys

from micropython import const

BODY = const(4)  # where a request's own bytes begin in `out`
# not in the stubs, which are those of a board
_UNIX = getattr(socket, "AF_UNIX")  # noqa: B009
_STREAM = getattr(socket, "SOCK_STREAM")  # noqa: B009
_MAX_OUT = const(64)
_MAX_ANSWER = const(32)
_OK, _NACK = const(0), const(1)
_EIO = const(5)


class RigSocket:
    """Connects to the rig at `path`. A request's bytes are put into out[BODY:]; short answers come in `answer`."""

    def __init__(self, path):
        self.out = bytearray(BODY + _MAX_OUT)
        self.answer = bytearray(_MAX_ANSWER)
        self._status = bytearray(3)
        self._sock = socket.socket(_UNIX, _STREAM)
        self._sock.connect(struct.pack("H", _UNIX) + path.encode() + b"\0")

    def push(self, op, a, n):
        """Sends n bytes of `out` with an op that is not answered."""
        self._head(op, a, n)
        self._write(self.out, BODY + n)

    def push_from(self, op, a, buf, n):
        """Sends buf[:n] with an op that is not answered."""
        self._head(op, a, n)
        self._write(self.out, BODY)
        self._write(buf, n)

    def ask(self, op, a, n, into=None):
        """Sends n bytes of `out` and waits for the answer; returns its length.

        into: where the answer goes, `answer` by default.
        Raises OSError(EIO) when a chip did not acknowledge, ValueError when rig and board misunderstand each other.
        """
        self.push(op, a, n)
        status = self._status
        self._read(status, 3)
        n = status[1] | status[2] << 8
        if into is None:
            into = self.answer
        if n > len(into):
            raise ValueError("the rig's answer is too long")
        if n:
            self._read(into, n)
        if status[0] == _NACK:
            raise OSError(_EIO)
        if status[0] != _OK:
            raise ValueError("the rig refused a request")
        return n

    def _head(self, op, a, n):
        out = self.out
        out[0] = op
        out[1] = a
        out[2] = n & 0xFF
        out[3] = n >> 8

    def _write(self, buf, n):
        try:
            self._sock.write(buf, n)
        except OSError:
            sys.exit(0)

    def _read(self, buf, n):
        try:
            got = self._sock.readinto(buf, n)
        except OSError:
            got = 0
        if got != n:
            sys.exit(0)
