"""A board as a MicroPython process on this machine, its heap limited so that memory mistakes show.

On a real board the firmware lies in flash and its code runs from there. Here it is .mpy in a ROM disk, which the
interpreter keeps in front of the heap: it is given that much more room, and the heap is left to the firmware whole.
An interpreter that cannot do that compiles the sources on the board, which takes a larger heap.
"""

import ctypes
import functools
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import IO

from assuage_rig.targets import mpybuild
from assuage_rig.targets.interpreter import find_micropython, runs_mpy

ROOT = mpybuild.ROOT
HEAP = "288k"
"""What the firmware must do with. Nearly all of it is pointers, which on an RP2040 are half as wide."""
SOURCE_HEAP = "384k"  # where the compiler and all code live in the heap too

MAIN = ROOT / "firmware" / "main.py"
SOURCES = (ROOT / "firmware", ROOT / "protocol")
USUAL, QUIET, UNTIMED = ("emulated",), ("emulated", "quiet"), ("emulated", "untimed")
BEDSIDE = ("emulated", "bedside")
"""Arguments of firmware/main.py: the board as it is; for runs over days, see firmware/boards/rigquiet.py; and one that
does not measure what its code costs on this machine, which is all that differs between two runs of a seed."""
BOARDS = {"reference": USUAL, "bedside": BEDSIDE}
"""Boards to choose from: the pump with an oximeter alone, and one with all of the patient's sensors."""
_ROM_START = Path(__file__).with_name("romstart.py")

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


def heap_bytes(size: str) -> int:
    """Bytes of a size as MicroPython writes it: 192k, 1m, or a plain number. Raises ValueError."""
    factor = {"k": 1 << 10, "m": 1 << 20}.get(size[-1:].lower(), 1)
    return int(size if factor == 1 else size[:-1]) * factor


def _room(image: int) -> int:
    """Heap that an image of so many bytes takes: blocks of 32 bytes, and for each 3 bits in the heap's own tables."""
    blocks = -(-image // 32)
    return blocks * 32 + -(-blocks * 3 // 8)


@functools.cache
def _flavour(interpreter: tuple[str, ...]) -> mpybuild.Flavour | None:
    """How the firmware is built for that interpreter; None, and a line on stderr, when it is to run from sources."""
    reads = runs_mpy(interpreter)
    if reads is None:
        return None  # it does not even start, and that will be said
    try:
        if not reads:
            raise mpybuild.MpyError("it has no VfsRom, which came with MicroPython 1.25")
        return mpybuild.emulated(reads)
    except mpybuild.MpyError as error:
        print(
            f"rig: {interpreter[0]} cannot run the firmware as .mpy: {error}."
            f" The board compiles the sources itself, in a heap of {SOURCE_HEAP} instead of {HEAP}.",
            file=sys.stderr,
        )
        return None


class LinuxTarget:
    """Starts and ends one process at a time: `micropython entry arguments... SOCKET` with a heap of limited size.

    entry: the program, MAIN when None.
    heap: as in -X heapsize; HEAP by default, and SOURCE_HEAP where the board compiles its sources.
    output: file that takes stdout and stderr, overwritten at each start; None lets them go where the rig's own go.
    interpreter: program that is MicroPython, found when None.
    path: folders that the program imports from, as sources; the firmware as .mpy when None.
    """

    def __init__(
        self,
        *,
        entry: Path | None = None,
        arguments: Sequence[str] = USUAL,
        heap: str | None = None,
        output: Path | None = None,
        interpreter: str | None = None,
        path: Sequence[Path] | None = None,
    ) -> None:
        self._interpreter = (interpreter,) if interpreter else tuple(find_micropython())
        self._flavour = _flavour(self._interpreter) if path is None else None
        self._entry = entry or MAIN
        self._program = [str(self._entry), *arguments]
        self._heap = heap or (HEAP if self._flavour else SOURCE_HEAP)
        self._path = ":".join(str(folder) for folder in (SOURCES if path is None else path))
        self._output = output
        self._build: Path | None = None
        self._process: subprocess.Popen[bytes] | None = None
        self._prepare = _before_exec()

    def _command(self) -> list[str]:
        if self._flavour is None:
            return [*self._interpreter, "-X", f"heapsize={self._heap}", *self._program]
        self._build = mpybuild.build(mpybuild.for_program(self._flavour, self._entry))
        rom = self._build / mpybuild.ROM
        size = heap_bytes(self._heap) + _room(rom.stat().st_size)
        return [*self._interpreter, "-X", f"heapsize={size}", str(_ROM_START), str(rom), *self._program]

    @property
    def pid(self) -> int | None:
        """Process id while it runs."""
        return self._process.pid if self._process and self._process.poll() is None else None

    @property
    def exit_status(self) -> int | None:
        """As in subprocess: negative for a signal; None while it runs or before it ever ran."""
        return self._process.poll() if self._process else None

    def start(self, socket_path: Path) -> None:
        """Starts the board; it connects to the socket by itself.

        Raises OSError when it cannot be started, MpyError when its firmware cannot be compiled.
        """
        self.kill()
        command = self._command()
        sink: IO[bytes] | None = self._output.open("wb") if self._output else None
        try:
            self._process = subprocess.Popen(
                [*command, str(socket_path)],
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
        """The end of what the process has printed; its tracebacks name modules and lines of the sources."""
        if self._output is None or not self._output.exists():
            return ""
        said = self._output.read_bytes()[-limit:].decode("utf-8", "replace").strip()
        return mpybuild.in_sources(said, self._build) if self._build else said
