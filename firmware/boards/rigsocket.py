"""The emulated board's end of the rig's socket: one request at a time over a Unix stream socket.

Request: op u8, a u8, n u16, n bytes. Answer, to ops below 0x80 only: a block of 64 bytes with status u8, n u16 and the
n bytes; where they do not fit, they follow the block. Little-endian.

A change of process costs far more than what is said, so as few bytes as possible travel alone: what is pushed goes
along with the next question, a wait at the latest, except for what moves the motor. So the firmware that hangs between
two waits has not said its last words, as a serial port that is reset has not either.

What the rig has foreseen that a turn will read comes with the answer to its wait, see its foresight.py. It holds until
something else is asked, or done that could change a reading; how many have been taken is said before that.

The rig closing the socket is the power failing: this process ends at once. Nothing here allocates once connected.
"""

import socket
import struct
import sys

from micropython import const

try:
    from boards.rigbytes_viper import copy, foreseen, request
except (ImportError, SyntaxError, NameError):  # no native emitter here
    from boards.rigbytes import copy, foreseen, request

BODY = const(4)  # where a request's own bytes begin in `out`
ANSWER = const(3)  # where an answer's own bytes begin in `answer`
# not in the stubs, which are those of a board
_UNIX = getattr(socket, "AF_UNIX")  # noqa: B009
_STREAM = getattr(socket, "SOCK_STREAM")  # noqa: B009
_MAX_OUT = const(64)
BLOCK, WAIT_BLOCK = const(64), const(256)
_TOOK = const(0xBA)
_QUEUE = const(512)  # more than the longest frame
_OK, _NACK = const(0), const(1)
_EIO = const(5)


class RigSocket:
    """Connects to the rig at `path`. A request's bytes, at most 64, are put into out[BODY:]; answers come
    in answer[ANSWER:]."""

    def __init__(self, path):
        self.out = bytearray(BODY + _MAX_OUT)
        self.answer = bytearray(BLOCK)
        self._queue = bytearray(_QUEUE)
        self._queued = 0
        self._told = self.answer  # what is foreseen: bus, address, register, n and n bytes, from _at to _end
        self._at = self._end = 0
        self.taken = 0
        self._sock = socket.socket(_UNIX, _STREAM)
        self._sock.connect(struct.pack("H", _UNIX) + path.encode() + b"\0")

    def foresee(self, told, at, end):
        """told[at:end] is what is foreseen of the turn that begins."""
        self._told = told
        self._at = at
        self._end = end
        self.taken = 0

    def foreseen(self, bus, addr, reg, buf):
        """Fills buf if this read is the next that was foreseen; returns whether it was."""
        at = self._at
        if at == self._end:
            return False
        at = foreseen(self._told, at, bus, addr, reg, buf, len(buf))
        if not at:
            return False
        self._at = at
        self.taken += 1
        return True

    def forget(self):
        """Something is about to be done or asked after which a reading may be another."""
        self._end = self._at
        if self.taken:
            self.push(_TOOK, self.taken, 0)
            self.taken = 0

    def push(self, op, a, n):
        """Sends n bytes of `out` with an op that is not answered, some time before the next wait."""
        self._put(op, a, self.out, BODY, n)

    def push_now(self, op, a, n):
        """Sends n bytes of `out` with an op that is not answered, and what has been pushed before, at once."""
        self.push(op, a, n)
        self._flush()

    def push_from(self, op, a, buf, n):
        """Sends buf[:n] with an op that is not answered, some time before the next wait."""
        self._put(op, a, buf, 0, n)

    def ask(self, op, a, n, into=None, block=None):
        """Sends n bytes of `out` and waits for the answer; returns its length.

        into: where the answer goes, else it stays in `answer`. block: for a wait, which ends what was foreseen: stands
        in for `answer`, and then only what does not fit it goes to `into`.
        Raises OSError(EIO) when a chip did not acknowledge, ValueError when rig and board misunderstand each other.
        """
        if block is None:
            self.forget()
        self.push(op, a, n)
        self._flush()
        answer = block or self.answer
        size = len(answer)
        self._read(answer, size)
        n = answer[1] | answer[2] << 8
        if n > size - ANSWER:
            if into is None or n > len(into):
                raise ValueError("the rig's answer is too long")
            self._read(into, n)
        elif into is not None and block is None:
            copy(into, 0, answer, ANSWER, n)
        if answer[0] == _NACK:
            raise OSError(_EIO)
        if answer[0] != _OK:
            raise ValueError("the rig refused a request")
        return n

    def _put(self, op, a, body, begin, n):
        at = self._queued
        if at + 4 + n > _QUEUE:
            self._flush()
            at = 0
        self._queued = request(self._queue, at, op, a, body, begin, n)

    def _flush(self):
        try:
            self._sock.write(self._queue, self._queued)
        except OSError:
            sys.exit(0)
        self._queued = 0

    def _read(self, buf, n):
        try:
            got = self._sock.readinto(buf, n)
        except OSError:
            got = 0
        if got != n:
            sys.exit(0)
