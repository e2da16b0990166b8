"""An emulated SprintIR on its line, for its own tests and for those of its driver."""

from __future__ import annotations

from collections.abc import Callable

from assuage_rig.chips.sprintir import SprintIR
from assuage_rig.clock import Clock


class Line:
    """The chip and both ends of its line. ppm: the gas at the line's open end, or a function of the time in us."""

    def __init__(self, ppm: float | Callable[[int], float] = 400.0, seed: int = 1, hz: int = 50) -> None:
        self.clock = Clock()
        self.ppm = ppm
        self.chip = SprintIR(self.clock, self._gas, seed, hz, baud=38_400 if hz == 50 else 9_600)
        self.chip.rx_limit = 1 << 20  # these tests look seldom

    def _gas(self, t_us: int) -> float:
        return self.ppm(t_us) if callable(self.ppm) else self.ppm

    def wait(self, ms: float) -> None:
        """Time passes, in steps in which the board could look."""
        self.clock.now_us += int(ms * 1000)

    def heard(self) -> bytes:
        """What has come since the last look."""
        return self.chip.take(1 << 20)

    def say(self, command: str, ms: float = 50) -> bytes:
        """What comes within so long after a command."""
        self.heard()
        self.chip.transmit(command.encode() + b"\r\n")
        self.wait(ms)
        return self.heard()

    # machine.UART
    def any(self) -> int:
        return self.chip.waiting()

    def readinto(self, buf: bytearray, n: int) -> int | None:
        data = self.chip.take(n)
        buf[: len(data)] = data
        return len(data) or None

    def write(self, buf: bytes, n: int) -> int:
        self.chip.transmit(bytes(buf[:n]))
        return n
