"""What the pump of the model check stands on: a flash that is cheap to keep, and a plunger that does as it is told."""

from __future__ import annotations

from typing import Any

from pump.force import GOOD
from pump.pressure import CLEAR
from tests.model.pump_orders import LIMITS
from tests.pure.pump_fakes import Bed, Drive, Words

PAGE = 256
SECTOR = 16  # pages
BLANK = b"\xff" * PAGE
ROSE_NL = 60_000  # room for three slices of a back-off


class Flash:
    """A NOR flash for the journal of pages that never change, so that the search copies but a list of them. failing:
    what it is told to program does nothing."""

    def __init__(self) -> None:
        self.pages = [BLANK] * (4 * SECTOR)
        self.size = len(self.pages) * PAGE
        self.failing = False
        self.drive: Drive | None = None

    def read(self, at: int, buf: bytearray) -> None:
        """As the board gives it."""
        page = self.pages[at >> 8]
        buf[:] = page if len(buf) == PAGE else page[at & 255 : (at & 255) + len(buf)]

    def program(self, at: int, buf: bytearray) -> None:
        """Only clears bits."""
        if not self.failing:
            page = bytearray(self.pages[at >> 8])
            for i, byte in enumerate(buf, at & 255):
                page[i] &= byte
            self.pages[at >> 8] = bytes(page)

    def erase(self, at: int) -> None:
        """A sector, and only while the drive stands."""
        assert self.drive is not None and self.drive.queued() == 0, "an erase while the drive moves"
        first = at >> 8
        self.pages[first : first + SECTOR] = [BLANK] * SECTOR


class Plunger:
    """The force on it and the pressure in its line, as the pump asks for them. Both say what the search wants them to,
    whatever the steps: so every verdict is tried in every state, also those that no real syringe would give there.

    mn, quality: of the force. line: what pressure.Pressure.look() answers. pa: mmHg's worth in the line, which a
    back-off measures; rose_nl(): what it may take back.
    """

    def __init__(self) -> None:
        self.let_go()

    def let_go(self) -> None:
        """Nothing is felt, and the line is open."""
        self.quality = GOOD
        self.mn = 0
        self.line = CLEAR
        self.pa = 0

    def look(self, _ms: int, _mn: int, _moved: int, _flow: int) -> int:
        """As pressure.Pressure has it."""
        return self.line

    def rose_nl(self) -> int:
        """Displaced since the pressure began to rise."""
        return ROSE_NL

    def begin(self) -> None:
        """A new syringe: it feels the same."""

    resume = begin

    def prepare(self, _bore: int, _level: int) -> bool:
        """Any level will do."""
        return True


def felt_bed(plunger: Plunger, **made_of: Any) -> Bed:
    """A bed whose pump feels this plunger."""
    bed = Bed(limits=LIMITS, **made_of)
    senses: Any = bed.pump.senses
    senses.force = senses.pressure = plunger
    senses.ready = True
    return bed


def first_bed(plunger: Plunger) -> Bed:
    """One on a new board, whose journal has made room."""
    bed = felt_bed(plunger, words=Words(Flash()))
    for _ in range(8):
        bed.step(50)
    return bed
