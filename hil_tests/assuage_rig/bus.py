"""I2C as the chips see it: a transfer reaches the chip at its address, or nobody acknowledges."""

from typing import Protocol

from assuage_rig.faults import Faults, Kind


class Nack(Exception):
    """Nobody acknowledged; the board's driver sees an OSError."""


class Forbidden(AssertionError):
    """The board did what would damage the real part for good. Never answered quietly: it fails a test."""


class Chip(Protocol):
    """An emulated I2C part. Each call is one transaction from START to STOP (or to a repeated START)."""

    def write(self, data: bytes) -> None:
        """Takes the bytes after the address; the first is the register pointer. Raises Nack."""

    def read(self, n: int) -> bytes:
        """Returns n bytes from the register pointer on. Raises Nack."""


def acknowledge(faults: Faults) -> None:
    """A chip with the faults `nack` and `nack_once` answers to its address, or not. Raises Nack."""
    if "nack" in faults.active:
        raise Nack
    if "nack_once" in faults.active:
        left = faults.integer("nack_once", "times") - 1
        faults.active["nack_once"]["times"] = left
        if not left:
            faults.over("nack_once")
        raise Nack


class Bus:
    """One I2C bus: 7-bit address to chip."""

    def __init__(self, name: str, chips: dict[int, Chip]) -> None:
        self.chips = chips
        self.faults = Faults(name, {"stuck": Kind("SDA held low: no transfer is acknowledged")})

    def _chip(self, address: int) -> Chip:
        chip = self.chips.get(address)
        if chip is None or self.faults.active:
            raise Nack
        return chip

    def read(self, address: int, n: int) -> bytes:
        """Plain read of n bytes."""
        return self._chip(address).read(n)

    def write(self, address: int, data: bytes) -> None:
        """Plain write."""
        self._chip(address).write(data)

    def mem_read(self, address: int, register: int, n: int) -> bytes:
        """Writes the register pointer, then reads n bytes after a repeated START."""
        chip = self._chip(address)
        chip.write(bytes((register,)))
        return chip.read(n)
