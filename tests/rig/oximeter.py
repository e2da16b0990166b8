"""A MAX30102 under a steady light, as the tests of its registers hold it."""

from __future__ import annotations

from math import pi, sin

from assuage_rig.chips.max30102 import MAX30102
from assuage_rig.clock import Clock

SPO2, HR, MULTI, SHUT_DOWN = 3, 2, 7, 0x80
A_FULL, PPG_RDY, ALC_OVF, PWR_RDY = 0x80, 0x40, 0x20, 0x01


class Wired:
    """A chip under a steady light, in nA per mA of LED current, and light from outside."""

    def __init__(self) -> None:
        self.clock = Clock()
        self.light = (100.0, 200.0)
        self.ambient = 0.0  # uA
        self.flicker = 0.0  # uA to each side, at 100 Hz
        self.chip = MAX30102(self.clock, lambda t: self.light, ambient=self._outside)

    def _outside(self, t_us: int) -> float:
        return self.ambient + self.flicker * sin(2 * pi * 100e-6 * t_us)

    def get(self, register: int, n: int = 1) -> bytes:
        self.chip.write(bytes((register,)))
        return self.chip.read(n)

    def set(self, register: int, *values: int) -> None:
        self.chip.write(bytes((register, *values)))

    def pointers(self) -> tuple[int, int, int]:
        """WR, OVF, RD."""
        wr, ovf, rd = self.get(0x04, 3)
        return wr, ovf, rd

    def run(self, mode: int = SPO2, config: int = 0x27, fifo: int = 0, led: int = 0x24) -> None:
        """4096 nA, 100 samples/s and 18 bit, unless told otherwise."""
        self.set(0x08, fifo)
        self.set(0x0A, config)
        self.set(0x0C, led, led)
        self.set(0x09, mode)

    def samples(self, n: int, channels: int = 2) -> list[tuple[int, ...]]:
        data = self.get(0x07, 3 * channels * n)
        codes = [int.from_bytes(data[i : i + 3], "big") for i in range(0, len(data), 3)]
        return [tuple(codes[i : i + channels]) for i in range(0, len(codes), channels)]

    def pass_ms(self, ms: float) -> None:
        self.clock.now_us += round(ms * 1000)
