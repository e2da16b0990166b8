"""What goes out to a board: frames, numbered, and STOP ahead of them all."""

from __future__ import annotations

import itertools
from typing import Final, NamedTuple

from assuage.link import messages
from assuage.link.messages import AnyMessage
from assuage.link.wire_fast import pack

STOP_S: Final = 0.05  # between two STOP


class Frame(NamedTuple):
    """Bytes for the port. first: they go ahead of everything that has not left yet, which is dropped."""

    data: bytes
    first: bool


class Outbox:
    """Frames to be written. While `open` is False nothing is kept, except that a STOP stays wanted.

    stop_due: when STOP must be sent again; None when none is wanted.
    """

    def __init__(self) -> None:
        self.open = False
        self.stop_due: float | None = None
        self._frames: list[Frame] = []
        self._seq = itertools.cycle(range(256))
        self._tokens = itertools.cycle(range(1, 65536))
        self._token = 0
        self._stop_since = 0.0

    def send(self, message: AnyMessage, first: bool = False) -> None:
        """Puts a message at the end. Raises WireError when it does not fit the table."""
        if self.open:
            self._frames.append(Frame(pack(message, next(self._seq)), first))

    def take(self) -> list[Frame]:
        """The frames since the last call, in order."""
        frames, self._frames = self._frames, []
        return frames

    def opened(self, now: float) -> None:
        """The port is open: a STOP that is still wanted goes out before anything else."""
        self.open = True
        if self.stop_due is not None:
            self._send_stop(now, first=True)

    def shut(self) -> None:
        """The port is gone."""
        self.open = False
        self._frames.clear()

    def press_stop(self, now: float) -> None:
        """Wants STOP from now on: drops what is waiting and goes first. Pressing again while it is wanted changes
        nothing."""
        if self.stop_due is None:
            self._token, self._stop_since = next(self._tokens), now
            self._frames.clear()
            self._send_stop(now, first=True)

    def repeat_stop(self, now: float) -> None:
        """Sends STOP if it is due."""
        if self.stop_due is not None and now >= self.stop_due:
            self._send_stop(now, first=False)

    def stopped(self, message: messages.Stopped, now: float) -> float | None:
        """An answer to STOP: how long it took in s, or None when it answers another one. STOP is then no longer
        wanted."""
        if self.stop_due is None or message.token != self._token:
            return None
        self.stop_due = None
        return now - self._stop_since

    def _send_stop(self, now: float, first: bool) -> None:
        self.stop_due = now + STOP_S
        self.send(messages.Stop(self._token), first)
