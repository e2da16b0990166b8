"""A board as a MicroPython process on this machine, its heap limited so that memory mistakes show."""

import ctypes
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import IO

from assuage_rig.targets.interpreter import find_micropython

ROOT = Path(__file__).resolve().parents[3]
"""The checkout that this package is run from: firmware/ and protocol/ are beside it."""

HEAP = "256k"  # pointers are twice as wide here, so this holds less than the 240 kB that an RP2040 leaves free

_PR_SET_PDEATHSIG = 1
_ADDR_NO_RANDOMIZE = 0x0040000


def _before_exec() -> Callable[[], None] | None:
    """Work of the child before it becomes MicroPython (Linux): it ends with the rig, and its addresses never vary.

    The second is for determinism: MicroPython's collector takes any integer that looks like an address for one.
    """
    if not sys.platform.startswith("linux"):
        return None
    libc = ctypes.CDLL(None, use_errno=True)
    prctl, personality = libc.prctl, libc.personality
    parent = os.getpid()

    def prepare() -> None:
        prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
        personality(_ADDR_NO_RANDOMIZE)  # refused in some containers, and then merely absent
        if os.getppid() != parent:
            os._exit(0)

    return prepare


class LinuxTarget:
    """Starts and ends one process at a time: `micropython -X heapsize=HEAP entry arguments... SOCKET`.

    output: file that takes stdout and stderr, overwritten at each start; None lets them go where the rig's own go.
    command: the interpreter, found when None.
    """

    def __init__(
        self,
        *,
        entry: Path = ROOT / "firmware" / "main.py",
        arguments: Sequence[str] = ("emulated",),
        heap: str = HEAP,
        output: Path | None = None,
        command: Sequence[str] | None = None,
        path: Sequence[Path] = (ROOT / "firmware", ROOT / "protocol"),
    ) -> None:
        interpreter = list(command) if command else [*find_micropython(), "-X", f"heapsize={heap}"]
        self._command = [*interpreter, str(entry), *arguments]
        self._path = ":".join(str(folder) for folder in path)
        self._output = output
        self._process: subprocess.Popen[bytes] | None = None
        self._prepare = _before_exec()

    @property
    def pid(self) -> int | None:
        """Process id while it runs."""
        return self._process.pid if self._process and self._process.poll() is None else None

    @property
    def exit_status(self) -> int | None:
        """As in subprocess: negative for a signal; None while it runs or before it ever ran."""
        return self._process.poll() if self._process else None

    def start(self, socket_path: Path) -> None:
        """Starts the board; it connects to the socket by itself. Raises OSError when it cannot be started."""
        self.kill()
        sink: IO[bytes] | None = self._output.open("wb") if self._output else None
        try:
            self._process = subprocess.Popen(
                [*self._command, str(socket_path)],
                stdin=subprocess.DEVNULL,
                stdout=sink,
                stderr=subprocess.STDOUT if sink else None,
                env={**os.environ, "MICROPYPATH": self._path},
                start_new_session=True,  # Ctrl-C at the terminal is for the rig
                preexec_fn=self._prepare,
            )
        finally:
            if sink:
                sink.close()

    def wait(self, timeout_s: float) -> int | None:
        """Exit status, or None when it still runs after that time."""
        try:
            return self._process.wait(timeout_s) if self._process else None
        except subprocess.TimeoutExpired:
            return None

    def kill(self) -> None:
        """Ends the process at once, as pulling the chip from its socket would."""
        if self._process and self._process.poll() is None:
            self._process.kill()
            self._process.wait()

    def last_words(self, limit: int = 4000) -> str:
        """The end of what the process has printed."""
        if self._output is None or not self._output.exists():
            return ""
        return self._output.read_bytes()[-limit:].decode("utf-8", "replace").strip()
