"""What a board will read of its chips in the turn that begins, read ahead and told with the answer to its wait.

A round trip costs more than the chip's whole emulation, and a board reads the same registers a second ago and now. So
the reads of each turn are kept by its place in the second, and the next time they are carried out when the wait ends,
in their order. The clock stands still until the board waits again, so they bring what they would bring later in the
turn, as long as nothing else touches a bus or the motor's current: before that, what the board has not taken is undone,
and from there on it asks. The chips thus live through what the board reads and nothing else, and a run is byte for byte
the one without foresight.
"""

from collections.abc import Callable
from typing import Protocol

from assuage_rig.bus import Bus, Chip, Nack

Read = tuple[int, int, int, int]  # bus, address, register, bytes

MOST = 192  # bytes that are told
_SECOND_US = 1_000_000
_PLACES = 10_000


class Keeper(Chip, Protocol):
    """A chip whose reads can be undone: keep() returns what brings it back to where it is now."""

    def keep(self) -> Callable[[], None]:
        """To be called at most once, at the same time, and after those that were kept later."""


class Foresight:
    """Of one board's life. buses: none when nothing is to be foreseen; nor is it of a chip that is no Keeper."""

    def __init__(self, buses: tuple[Bus, ...]) -> None:
        self._buses = buses
        self._known: dict[int, list[Read]] = {}  # by place in the second, us
        self._place = -1  # of the turn under way, which is not kept while it is negative
        self._made: list[Read] = []  # in it
        self._ahead: list[tuple[Read, Callable[[], None]]] = []  # told and not taken

    def tell(self, now_us: int, due: bool) -> bytes:
        """A turn begins: what it will read, each as bus, address, register, number of bytes, and these.

        due: it begins because its time has come, so that it has a place in the second.
        """
        self._end()
        self._place = now_us % _SECOND_US if due else -1
        known = self._known.get(self._place)
        if not known or not self._buses or self._broken():
            return b""
        told = b""
        for read in known:
            bus, address, register, n = read
            chip = self._buses[bus].chips.get(address)
            if len(told) + 4 + n > MOST or not hasattr(chip, "keep"):
                break
            back: Callable[[], None] = chip.keep()  # type: ignore[union-attr]
            try:
                answer = self._buses[bus].mem_read(address, register, n)
            except Nack:
                back()
                break
            told += bytes(read) + answer
            self._ahead.append((read, back))
        return told

    def took(self, n: int) -> None:
        """The board has taken the next n of them. Raises ValueError when there are none."""
        if n > len(self._ahead):
            raise ValueError(f"{n} readings taken of {len(self._ahead)} that were told")
        self._made += [read for read, _ in self._ahead[:n]]
        del self._ahead[:n]

    def asked(self, bus: int, address: int, register: int, n: int) -> None:
        """The board asks for a read of its own."""
        self.undo()
        self._made.append((bus, address, register, n))

    def undo(self) -> None:
        """What it has not taken has never been read."""
        while self._ahead:
            self._ahead.pop()[1]()

    def _end(self) -> None:
        """The turn is over."""
        self.undo()
        if self._place >= 0 and self._known.get(self._place, []) != self._made:
            if len(self._known) >= _PLACES:
                self._known.clear()
            self._known[self._place] = self._made
        self._made = []

    def _broken(self) -> bool:
        """Whether there is a fault that a read could use up."""
        for bus in self._buses:
            if bus.faults.active:
                return True
            for chip in bus.chips.values():
                if chip.faults.active:  # type: ignore[attr-defined]
                    return True
        return False
