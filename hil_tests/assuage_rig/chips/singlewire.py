"""One wire shared by a board's serial port and a chip that answers on it: the board hears itself, then the answer.

Bytes travel in rig time, ten bits each, so that a board that looks too early finds only part of what was said. The
board's transmitter reaches the wire through a resistor: while the chip drives it, the chip wins and does not listen.
"""

from collections import deque
from collections.abc import Callable
from typing import Protocol

from assuage_rig.clock import Clock

_BITS = 10  # start, eight, stop
_RELEASE_BITS = 4  # the chip holds the wire for so long after its last stop bit


class Listener(Protocol):
    """A chip on the wire. Each byte comes with the bits that the wire was idle before it.

    settle_wire: called by the chip before it tells anybody but the wire how it stands.
    """

    settle_wire: Callable[[], None]

    def receive(self, byte: int, idle_bits: float) -> tuple[int, bytes]:
        """Takes one byte; returns an answer and the bits after which it begins, or no bytes."""


class SingleWire:
    """The wire between the board's second serial port and the motor driver. broken: nothing comes back at all."""

    def __init__(self, clock: Clock, chip: Listener, baud: int = 115_200) -> None:
        self._clock = clock
        self._chip = chip
        self._bit_us = 1e6 / baud
        self._spoken: deque[tuple[float, int]] = deque()  # by the board: when a byte ends, and the byte
        self._heard: deque[tuple[float, int]] = deque()  # by the board, likewise
        self._free_us = 0.0  # the board's transmitter has sent all it was given
        self._last_us = -1e9  # end of the last byte that the chip has heard
        self._chip_from_us = self._chip_to_us = -1.0  # when the chip drives the wire
        self._settling = False
        self.broken = False
        self.collisions = 0
        chip.settle_wire = self.settle

    def transmit(self, data: bytes) -> None:
        """The board sends; the bytes follow those that it is still sending."""
        self.settle()
        self._free_us = max(self._free_us, float(self._clock.now_us))
        for byte in data:
            self._free_us += _BITS * self._bit_us
            self._spoken.append((self._free_us, byte))

    def waiting(self) -> int:
        """Bytes that have arrived at the board and were not taken."""
        self.settle()
        now = self._clock.now_us
        return sum(end <= now for end, _ in self._heard)

    def take(self, most: int) -> bytes:
        """The board reads up to so many bytes."""
        self.settle()
        heard, now = self._heard, self._clock.now_us
        taken = bytearray()
        while heard and len(taken) < most and heard[0][0] <= now:
            taken.append(heard.popleft()[1])
        return bytes(taken)

    def settle(self) -> None:
        """Brings to the chip what has been spoken up to now, and what it answers on its way to the board."""
        if self._settling or not self._spoken:
            return
        self._settling = True
        try:
            self._carry()
        finally:
            self._settling = False

    def _carry(self) -> None:
        spoken, now, byte_us = self._spoken, self._clock.now_us, _BITS * self._bit_us
        while spoken and spoken[0][0] <= now:
            end, byte = spoken.popleft()
            if self.broken:
                continue
            began = end - byte_us
            if began < self._chip_to_us and end > self._chip_from_us:
                self.collisions += 1
                self._put(end, byte & 0x5A)
                continue
            self._put(end, byte)
            delay, answer = self._chip.receive(byte, (began - self._last_us) / self._bit_us)
            self._last_us = end
            if answer:
                self._chip_from_us = end + delay * self._bit_us
                for i, said in enumerate(answer):
                    self._put(self._chip_from_us + (i + 1) * _BITS * self._bit_us, said)
                self._chip_to_us = self._chip_from_us + (len(answer) * _BITS + _RELEASE_BITS) * self._bit_us

    def reset(self) -> None:
        """The processor's serial port forgets what it was sending and what it had heard."""
        self.settle()
        self._spoken.clear()
        self._heard.clear()
        self._free_us = 0.0

    def _put(self, end: float, byte: int) -> None:
        heard = self._heard
        late = heard and heard[-1][0] > end
        heard.append((end, byte))
        if late:  # a collision: in the order in which the board hears them
            self._heard = deque(sorted(heard))
