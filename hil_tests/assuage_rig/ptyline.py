"""A pseudo-terminal that stands for the board's serial port; a symlink gives it a name that stays."""

import contextlib
import os
import termios
import tty
from pathlib import Path


class PtyLine:
    """The rig's side of the port. Nobody at the other end is no error: as on a real line, what nobody reads is lost.

    The other side is kept open here too, so that its last user's leaving is no hang-up. Raises FileExistsError when
    `link` is something other than an old symlink.
    """

    def __init__(self, link: Path) -> None:
        if link.exists() and not link.is_symlink():
            raise FileExistsError(f"{link} exists and is no symlink; choose another path for the pty")
        self.master, self._slave = os.openpty()
        tty.setraw(self._slave)
        os.set_blocking(self.master, False)
        self.device = os.ttyname(self._slave)
        self.link = link
        link.parent.mkdir(parents=True, exist_ok=True)
        fresh = link.with_name(f".{link.name}.{os.getpid()}")
        fresh.unlink(missing_ok=True)
        fresh.symlink_to(self.device)
        fresh.replace(link)
        self.dropped = 0

    def fileno(self) -> int:
        """For a selector."""
        return self.master

    def read(self) -> bytes:
        """What the host has sent; empty when nothing waits."""
        try:
            return os.read(self.master, 4096)
        except BlockingIOError:
            return b""

    def write(self, data: bytes) -> None:
        """Sends to the host, never blocking. Old bytes that fill the line are dropped: fresh ones are worth more."""
        sent = self._offer(data)
        if sent < len(data):
            self.dropped += 1
            termios.tcflush(self._slave, termios.TCIFLUSH)  # read, and not fetched
            termios.tcflush(self.master, termios.TCOFLUSH)  # on its way there
            self._offer(data)

    def _offer(self, data: bytes) -> int:
        try:
            return os.write(self.master, data)
        except BlockingIOError:
            return 0

    def close(self) -> None:
        """Takes the symlink away if it is still ours."""
        with contextlib.suppress(OSError):
            if self.link.is_symlink() and os.readlink(self.link) == self.device:
                self.link.unlink()
        os.close(self.master)
        os.close(self._slave)
