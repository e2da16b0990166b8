"""An emulated bus as a driver on a board knows one."""

from __future__ import annotations

from assuage_rig.bus import Bus, Nack
from assuage_rig.clock import Clock
from assuage_wire.schema import S30


def ticks(clock: Clock) -> int:
    """The rig's time as a board knows it, ms."""
    return clock.now_us // 1000 & S30


class Port:
    """machine.I2C's transfers, on the emulated bus."""

    def __init__(self, bus: Bus) -> None:
        self._bus = bus

    def readfrom_mem_into(self, address: int, register: int, buf: bytearray) -> None:
        try:
            buf[:] = self._bus.mem_read(address, register, len(buf))
        except Nack:
            raise OSError(5) from None

    def writeto_mem(self, address: int, register: int, buf: bytes) -> None:
        try:
            self._bus.write(address, bytes((register,)) + bytes(buf))
        except Nack:
            raise OSError(5) from None

    def readfrom_into(self, address: int, buf: bytearray) -> None:
        try:
            buf[:] = self._bus.read(address, len(buf))
        except Nack:
            raise OSError(5) from None

    def writeto(self, address: int, buf: bytes) -> None:
        try:
            self._bus.write(address, bytes(buf))
        except Nack:
            raise OSError(5) from None
