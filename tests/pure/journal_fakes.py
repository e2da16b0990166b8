"""A small NOR flash for tests of the journal, on both interpreters: programming only clears bits, and power may fail.

The rig's own (assuage_rig.chips.norflash) has more of the chip's vices; this one shares no line with it.
"""

import sys

from assuage_wire.schema import S30
from journal.logbook import Journal
from journal.record import KIND, Record
from journal.volume import Volume

SECTOR = 4096
_SLICES = sys.implementation.name == "cpython"  # faster there; elsewhere they would allocate under a locked heap


class PowerCut(Exception):
    """The board lost its supply in the middle of what it did."""


class Words:
    """Seven words that survive a reset, not the power."""

    def __init__(self):
        self.words = [0] * 7

    def get(self, i):
        return self.words[i]

    def set(self, i, v):
        assert 0 <= v <= S30, "a retained word holds 30 bits"
        self.words[i] = v


class Nor:
    """left: programs and erases that still succeed before the power is cut, None for all; the one it is cut in is
    `torn`, or not begun. failing: programs do nothing. stuck: sectors that cannot be erased or programmed.
    """

    def __init__(self, sectors=4):
        self.size = sectors * SECTOR
        self.cells = bytearray(b"\xff" * self.size)
        self.programs = self.erases = self.reads = 0
        self.left = None
        self.torn = 0
        self.failing = 0
        self.stuck = ()
        self.deaf = False

    def copy(self):
        """Another one with the same content."""
        other = Nor(self.size // SECTOR)
        other.cells[:] = self.cells
        return other

    def read(self, at, buf):
        assert at >= 0 and at + len(buf) <= self.size
        if self.deaf:
            raise OSError(5)
        self.reads += 1
        cells = self.cells
        if _SLICES:
            buf[:] = cells[at : at + len(buf)]
            return
        for i in range(len(buf)):
            buf[i] = cells[at + i]

    def program(self, at, buf):
        assert 0 < len(buf) <= 256 and at // 256 == (at + len(buf) - 1) // 256, "within one page"
        assert 0 <= at < self.size
        whole = self._power()
        self.programs += 1
        if self.failing:
            self.failing -= 1
            return
        if at // SECTOR in self.stuck:
            return
        cells = self.cells
        for i in range(len(buf)):
            kept = 0 if whole else self._random() & 0xFF
            cells[at + i] &= buf[i] | kept
        if not whole:
            raise PowerCut()

    def erase(self, at):
        assert at % SECTOR == 0 and 0 <= at < self.size
        whole = self._power()
        self.erases += 1
        if at // SECTOR in self.stuck:
            raise OSError(5)
        if whole and _SLICES:
            self.cells[at : at + SECTOR] = b"\xff" * SECTOR
            return
        for i in range(at, at + SECTOR):
            self.cells[i] |= 0xFF if whole else self._random() & 0xFF
        if not whole:
            raise PowerCut()

    def _power(self):
        if self.left is None:
            return True
        if self.left == 0:
            self.left = None
            if not self.torn:
                raise PowerCut()
            return False
        self.left -= 1
        return True

    def _random(self):
        self.torn = (self.torn * 75 + 74) % 65537 or 1
        return self.torn >> 4


def kinds_of(ring, first=0):
    """(sequence, kind) of all that can be fetched from a ring or a journal, oldest first."""
    record = Record()
    found = []
    seq = ring.fetch(first, record)
    while seq >= 0:
        found.append((seq, record.buf[KIND]))
        seq = ring.fetch(seq + 1, record)
    return found


def ready(journal, n, asked=False):
    """Prepares until there is room; returns how often it took."""
    for turns in range(100):
        if journal.prepare(n, asked) == 0:
            return turns
    raise AssertionError("no room")


def started(flash, words=None, boot=1, prepared=0):
    """A board's start: (journal, volume), with room for `prepared` records beside the reserve."""
    journal = Journal(flash, boot)
    volume = Volume(journal, words or Words())
    journal.boot(1, (0, 1, 0), 0x1234)
    if prepared:
        ready(journal, prepared)
    return journal, volume
