"""One serial port or pseudo-terminal, opened exclusively, on the event loop. Whatever way it disappears, it is one
PortLost.

Reading is a callback of the loop on the port's file descriptor. Writing never blocks: what the kernel does not take
at once waits here, within a bound, and a frame that would exceed it is dropped, because everything that is sent is
sent again when it is not answered.
"""

from __future__ import annotations

import asyncio
import contextlib
import errno
import os
import stat
import termios
from collections.abc import Callable
from typing import Final, Self

import serial

from assuage.errors import PortLost, PortUnavailable, Reason

READ: Final = 4096  # bytes at a time
WAITING_MAX: Final = 3072  # bytes that may wait for the kernel; more in flight deadlocks a peer that echoes


class Port:
    """An open port. Made by `Port.open`.

    on_bytes(data) is called for what arrives; on_lost(PortLost) once, when the port has gone. After that nothing is
    called any more.
    """

    def __init__(
        self, path: str, line: serial.Serial, on_bytes: Callable[[bytes], None], on_lost: Callable[[PortLost], None]
    ) -> None:
        self.path = path
        self.dropped = 0  # frames that did not fit
        self._line = line
        self._fd = int(line.fileno())
        self._on_bytes = on_bytes
        self._on_lost = on_lost
        self._waiting = bytearray()
        self._watching_writes = False
        self._loop = asyncio.get_running_loop()
        self._loop.add_reader(self._fd, self._readable)

    @classmethod
    def open(cls, path: str, baud: int, on_bytes: Callable[[bytes], None], on_lost: Callable[[PortLost], None]) -> Self:
        """Opens the port for this program alone. Raises PortUnavailable with a sentence that says what to do."""
        try:
            line = serial.Serial(path, baud, timeout=0, write_timeout=0, exclusive=True)
        except (serial.SerialException, OSError, ValueError, termios.error) as error:
            raise _unavailable(path, error) from error
        with contextlib.suppress(OSError, termios.error):
            line.reset_input_buffer()  # what an earlier reader left over is no news
        return cls(path, line, on_bytes, on_lost)

    @property
    def is_open(self) -> bool:
        """False once closed or lost."""
        return self._fd >= 0

    def write(self, data: bytes, first: bool = False) -> None:
        """Sends whole frames. first: drops everything that has not left the machine yet and goes ahead of it."""
        if not self.is_open:
            return
        if first:
            self._waiting.clear()
            with contextlib.suppress(OSError, termios.error):
                termios.tcflush(self._fd, termios.TCOFLUSH)
            data = b"\0" + data  # ends a frame that was cut
        if len(self._waiting) + len(data) > WAITING_MAX:
            self.dropped += 1
            return
        self._waiting += data
        self._flush()

    def close(self) -> None:
        """Closes the port; on_lost is not called."""
        if not self.is_open:
            return
        self._loop.remove_reader(self._fd)
        if self._watching_writes:
            self._loop.remove_writer(self._fd)
        self._fd = -1
        with contextlib.suppress(OSError, serial.SerialException, termios.error):
            self._line.close()

    def _readable(self) -> None:
        try:
            data = os.read(self._fd, READ)
        except (BlockingIOError, InterruptedError):
            return
        except OSError as error:
            self._lose(error)
            return
        if data:
            self._on_bytes(data)
        else:
            self._lose(None)

    def _flush(self) -> None:
        try:
            while self._waiting:
                sent = os.write(self._fd, self._waiting)
                del self._waiting[:sent]
        except (BlockingIOError, InterruptedError):
            pass
        except OSError as error:
            # Not from within write(): its caller is in the middle of something.
            self._loop.call_soon(self._lose, error)
            return
        if bool(self._waiting) != self._watching_writes:
            self._watching_writes = bool(self._waiting)
            if self._watching_writes:
                self._loop.add_writer(self._fd, self._flush)
            else:
                self._loop.remove_writer(self._fd)

    def _lose(self, error: OSError | None) -> None:
        if not self.is_open:
            return
        self.close()
        why = "it was unplugged, or its other end closed" if error is None or error.errno in _GONE else _strerror(error)
        self._on_lost(PortLost(f"The port {self.path} has gone: {why}. It is opened again when it is back."))


_GONE: Final = (errno.EIO, errno.ENXIO, errno.ENODEV, errno.EBADF)


def _number(error: BaseException | None) -> int | None:
    """The errno of an error or of the one behind it: pyserial keeps some, and wraps termios.error without its
    number."""
    while error is not None:
        found = (
            error.errno if isinstance(error, OSError) else error.args[0] if isinstance(error, termios.error) else None
        )
        if isinstance(found, int):
            return found
        error = error.__cause__ or error.__context__
    return None


def _strerror(error: Exception) -> str:
    number = _number(error)
    return str(error) if number is None else os.strerror(number).lower()


def _unavailable(path: str, error: Exception) -> PortUnavailable:
    """The sentence for an error of opening."""
    number = _number(error)
    if number in (errno.ENOENT, errno.ENXIO, errno.ENODEV, errno.EIO):
        return PortUnavailable(Reason.NO_DEVICE, f"There is no port {path}; plug the board in, or correct link.port.")
    if number in (errno.EACCES, errno.EPERM):
        return PortUnavailable(
            Reason.NO_PERMISSION, f"This user may not open {path}; {_who_may(path)}, then log in again."
        )
    if number in (errno.EAGAIN, errno.EWOULDBLOCK, errno.EBUSY):
        return PortUnavailable(
            Reason.IN_USE, f"{path} is in use by another program; close it (perhaps a second daemon runs)."
        )
    if number in (errno.ENOTTY, errno.EISDIR, errno.EINVAL) or not _is_terminal(path):
        return PortUnavailable(Reason.NOT_A_PORT, f"{path} is not a serial port; correct link.port.")
    return PortUnavailable(Reason.NO_DEVICE, f"The port {path} cannot be opened: {_strerror(error)}.")


def _is_terminal(path: str) -> bool:
    try:
        return stat.S_ISCHR(os.stat(path).st_mode)
    except OSError:
        return False


def _who_may(path: str) -> str:
    """Names the group that owns the port, on most systems dialout."""
    try:
        import grp

        group = grp.getgrgid(os.stat(path).st_gid).gr_name
    except (ImportError, KeyError, OSError):
        group = "dialout"
    return f"add it to the group {group} (sudo usermod -aG {group} $USER)"
