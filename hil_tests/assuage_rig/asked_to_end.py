"""How a serving rig is asked to end: by a signal, by its parent's death, by the closing of a pipe from its parent."""

import ctypes
import os
import selectors
import signal
import socket
import stat
import sys
from types import FrameType

_PR_SET_PDEATHSIG = 1


def _nothing(number: int, frame: FrameType | None) -> None:
    """The wake-up socket tells; this only takes the place of the default."""


class AskedToEnd:
    """To be made before anything that a sudden end would leave behind: from then on no signal is missed.

    with_parent: the parent's end is ours, too. A pipe at stdin tells of it from the first moment on, the kernel's
    signal (Linux) from this construction on.
    """

    def __init__(self, with_parent: bool) -> None:
        self.asked = False
        self._wake_out, self._wake_in = socket.socketpair()
        self._wake_in.setblocking(False)
        signal.set_wakeup_fd(self._wake_in.fileno())
        signal.signal(signal.SIGTERM, _nothing)
        signal.signal(signal.SIGINT, _nothing)
        self._pipe = with_parent and stat.S_ISFIFO(os.fstat(0).st_mode)
        if with_parent and sys.platform.startswith("linux"):
            parent = os.getppid()
            ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
            self.asked = os.getppid() != parent  # it died while we asked to be told

    def watch(self, selector: selectors.BaseSelector) -> None:
        """Registers what tells; each with the function to call as its data."""
        selector.register(self._wake_out, selectors.EVENT_READ, self._signalled)
        if self._pipe:
            selector.register(0, selectors.EVENT_READ, self._pipe_speaks)

    def close(self) -> None:
        """Signals are not heard any more."""
        signal.set_wakeup_fd(-1)
        self._wake_in.close()
        self._wake_out.close()

    def _signalled(self) -> None:
        if any(number in (signal.SIGTERM, signal.SIGINT) for number in self._wake_out.recv(64)):
            self.asked = True

    def _pipe_speaks(self) -> None:
        if not os.read(0, 4096):
            self.asked = True
