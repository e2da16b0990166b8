"""The journal's records on flash: a ring of sectors that are erased ahead of use and written front to back.

The idea: a record's sequence number is its place. Place p lies in block p // 128, block b in sector b modulo the number
of sectors, and numbers only rise; so nothing has to be searched for, an old record cannot pass for a new one, and what
is missing shows as numbers that are. After a sector is erased, and was read back as erased, its first place gets a
record that says so: only a sector with that seal is ever written to, so that an erase which the power cut short is
done again. A place is programmed once, if it reads as erased; what reads back differently is passed over and counted
in `bad`.

The first place after a start is buried under zeros before anything else is written: a program may have been cut there
before a single bit of it showed, and such a place might not keep what it is given.

Nothing is erased but by prepare(). write() programs one page at most, two right after a start.
"""

from array import array

from micropython import const

from assuage_wire.schema import S30
from journal.kinds import ACKNOWLEDGED, ENDED, FETCHED, RAISED, RELEASED, SECTOR, TRIPPED, precious, statement
from journal.record import KIND, SEQ, SIZE, A, C, Record, X

READY, MORE, WAITS, FAILED = range(4)  # ascending: the last two are no use to ask again soon

PAGE_BYTES = 256
CONDITIONS = 64  # of alarms, at most
LATCH = CONDITIONS  # the interlock's, which stands beside them
BAD_LIMIT = const(8)  # places and sectors that failed since the start; with more the flash is not to be relied on

_SECTOR_BYTES = const(4096)
_PLACES = const(128)  # in a sector
_SHIFT = const(7)
_LAST = const((1 << 30) - 257)  # highest number given: above the 100 000 erasures of any flash, with 32 sectors
_PASSED = const(16)  # places that one write looks at and passes over, at most
_BLANK_PAGE = b"\xff" * 256


class Ring:
    """flash: size, read(at, buf), program(at, buf), erase(at); any of them may raise OSError. scan.py fills it in.

    next: the place of the next record, -1 when there is no room. newest: the last whole record, -1 without one.
    keep, kept: number and content of the newest statement (kinds.statement), which survives any erasing; it is read
    once, as what a cut has left unsound may read differently a second time. acked: what the host has. bad, lost:
    places that failed, and records that were erased without having been fetched. out: what write() writes.
    page: room for a page, anybody's. stood: by condition, 1 for an alarm that stood, or had gone unacknowledged, when
    the board was last reset, and as written since; at LATCH for the interlock's trip. told: the number of the last
    record of each, or -1. occurrence: the highest that an alarm in the record has had.
    """

    def __init__(self, flash):
        self.sectors = flash.size // _SECTOR_BYTES
        self.places = self.sectors * _PLACES
        self.blocks = array("i", [-1] * self.sectors)  # the block that each sector holds, -1 when it is not known
        self.sealed = bytearray(self.sectors)
        self.top = -1  # highest block ever prepared or found
        self.next = self.newest = self.keep = -1
        self.acked = self.bad = self.lost = 0
        self.fresh = True  # nothing has been written since the start
        self.out = Record()
        self.kept = Record()
        self.back = Record()
        self.page = bytearray(PAGE_BYTES)
        self.stood = bytearray(CONDITIONS + 1)
        self.told = array("i", [-1] * (CONDITIONS + 1))
        self.occurrence = 0
        self._flash = flash

    # -- places ------------------------------------------------------------------------------------------------------

    def at(self, seq):
        """Where on flash a record of this number is."""
        return seq % self.places * SIZE

    def writable(self, seq):
        """The first place for a record from this one on that lies in a sealed sector, or -1."""
        block = seq >> _SHIFT
        best = S30
        for sector in range(self.sectors):
            held = self.blocks[sector]
            if self.sealed[sector] and block <= held < best:
                best = held
        if best == S30:
            return -1
        return seq if best == block and seq & (_PLACES - 1) else best << _SHIFT | 1

    def room(self):
        """How many records fit without an erase."""
        if self.next < 0:
            return 0
        block = self.next >> _SHIFT
        room = _PLACES - (self.next & (_PLACES - 1))
        for sector in range(self.sectors):
            if self.sealed[sector] and self.blocks[sector] > block:
                room += _PLACES - 1
        return room

    def oldest(self):
        """The lowest number that may still be read; S30 when there is none."""
        low = S30 >> _SHIFT
        for block in self.blocks:
            if 0 <= block < low:
                low = block
        return low << _SHIFT if low < S30 >> _SHIFT else S30

    # -- reading -----------------------------------------------------------------------------------------------------

    def load(self, at, buf):
        """Reads; what cannot be read is all zeros."""
        try:
            self._flash.read(at, buf)
        except OSError:
            for i in range(len(buf)):
                buf[i] = 0
            self.bad += 1

    def read(self, seq, record):
        """Fills `record` with the one of this number; False when there is no whole one."""
        self.load(self.at(seq), record.buf)
        return record.whole() and record.word(SEQ) == seq

    def fetch(self, seq, record):
        """Fills `record` with the first whole one from this number on; returns its number, or -1 when none is left."""
        seq = max(seq, self.oldest())
        while seq <= self.newest:
            block = seq >> _SHIFT
            if self.blocks[block % self.sectors] != block:
                seq = (block + 1) << _SHIFT
            elif self.read(seq, record):
                return seq
            else:
                seq += 1
        return -1

    def seen(self, record, place):
        """A whole record was found at this place of the region, counted from 0."""
        seq = record.word(SEQ)
        if seq > _LAST or seq % self.places != place:
            return
        block = seq >> _SHIFT
        sector = place >> _SHIFT
        if block > self.blocks[sector]:
            self.blocks[sector] = block
            self.sealed[sector] = 0
            if block > self.top:
                self.top = block
        kind = record.buf[KIND]
        if kind == SECTOR:
            self.sealed[sector] |= block == self.blocks[sector]
            return
        if seq > self.newest:
            self.newest = seq
        if kind == FETCHED:
            self.acked = max(self.acked, record.word(X))
        elif RAISED <= kind <= ACKNOWLEDGED:
            self._alarm(seq, kind, record)
        elif TRIPPED <= kind <= RELEASED:
            self._last(LATCH, seq, kind == TRIPPED)
        elif seq > self.keep and statement(kind):
            self.keep = seq
            self.kept.buf[:] = record.buf

    def _alarm(self, seq, kind, record):
        """The last word of each condition counts, in whatever order they are found."""
        i = record.buf[A]
        self.occurrence = max(self.occurrence, record.word(X))
        if i < CONDITIONS:
            self._last(i, seq, kind == RAISED or (kind == ENDED and not record.buf[C]))

    def _last(self, i, seq, stands):
        if seq > self.told[i]:
            self.told[i] = seq
            self.stood[i] = stands

    # -- writing -----------------------------------------------------------------------------------------------------

    def write(self):
        """Programs `out` at the next place. Returns its number, or -1: without room, or when the place failed."""
        if self.fresh and self.next >= 0:
            self.fresh = False
            self.load(self.at(self.next), self.back.buf)
            if self.back.blank():
                self.back.bury()
                self._program(self.next, self.back)
            self._pass()
        for _ in range(_PASSED):
            seq = self.next
            if seq < 0:
                return -1
            self.load(self.at(seq), self.back.buf)
            if self.back.blank():
                break
            self._pass()
        else:
            return -1
        self.out.seal(seq)
        self._pass()
        if not self._program(seq, self.out):
            self.bad += 1
            return -1
        self.newest = seq
        kind = self.out.buf[KIND]
        if statement(kind):
            self.keep = seq
            self.kept.buf[:] = self.out.buf
        elif RAISED <= kind <= ACKNOWLEDGED:
            self._alarm(seq, kind, self.out)
        elif TRIPPED <= kind <= RELEASED:
            self._last(LATCH, seq, kind == TRIPPED)
        return seq

    def _program(self, seq, record):
        try:
            self._flash.program(self.at(seq), record.buf)
        except OSError:
            return False
        self.load(self.at(seq), self.back.buf)
        return self.back.buf == record.buf

    def _pass(self):
        self.next += 1
        if not self.next & (_PLACES - 1):
            self.next = self.writable(self.next)

    # -- erasing -----------------------------------------------------------------------------------------------------

    def prepare(self, n, asked):
        """Makes room for n records; erases one sector at most, so that a loop can go on between two calls.

        Only while the drive stands: an erase takes up to 400 ms. asked: a human wants to start, so records that the
        host has not fetched may go, precious ones excepted. Returns READY, MORE (call again), WAITS (for the host to
        fetch and acknowledge) or FAILED (the region is too small or too bad).
        """
        if self.room() >= n:
            return READY
        block = self.top + 1
        # the sector of the newest record stays, so that there is always one to go on from
        head = max(self.newest if self.newest >= 0 else self.next, 0) >> _SHIFT
        if self.bad >= BAD_LIMIT or block - head >= self.sectors or block << _SHIFT > _LAST:
            return FAILED
        sector = block % self.sectors
        lost = self._unfetched(sector)
        if lost and (lost < 0 or not asked):
            return WAITS
        if self.keep >= 0 and self.at(self.keep) // _SECTOR_BYTES == sector and not self._move():
            return MORE if self.next >= 0 else FAILED
        if not self._carry(self.blocks[sector]):
            return MORE
        self.lost += lost
        self._erase(sector, block)
        return READY if self.room() >= n else MORE

    def _unfetched(self, sector):
        """How many records in this sector the host does not have; -1 when there is a precious one among them."""
        lost = 0
        if (self.blocks[sector] + 1) << _SHIFT > self.acked + 1:
            at = sector * _SECTOR_BYTES
            for _ in range(_PLACES):
                self.load(at, self.back.buf)
                at += SIZE
                if not self.back.blank() and self.back.whole() and self.back.word(SEQ) > self.acked:
                    kind = self.back.buf[KIND]
                    if precious(kind):
                        return -1
                    if kind != SECTOR and kind != FETCHED:
                        lost += 1
        return lost

    def _move(self):
        """Writes the newest statement anew, so that the sector that holds it can be erased."""
        self.out.buf[:] = self.kept.buf
        return self.write() >= 0

    def _carry(self, block):
        """Writes anew what this block says of alarms and of a trip that stand; False when that is to be tried again."""
        for i in range(CONDITIONS + 1):
            here = self.stood[i] and self.told[i] >> _SHIFT == block
            if here and self.next >= 0 and self.read(self.told[i], self.out) and self.write() < 0:
                return False
        return True

    def _erase(self, sector, block):
        last = self.newest >> _SHIFT
        for held in self.blocks:
            last = max(last, held)
        self.blocks[sector] = -1
        self.sealed[sector] = 0
        self.top = block
        if not self._erased(sector):
            self.bad += 1
            return
        self.out.fill(SECTOR, 0, 0, 0, block, last + 1, 0)
        self.out.stamp(0, 0, 0)
        self.out.seal(block << _SHIFT)
        if not self._program(block << _SHIFT, self.out):
            self.bad += 1
            return
        self.blocks[sector] = block
        self.sealed[sector] = 1
        if self.next < 0:
            self.next = self.writable(self.newest + 1)

    def _erased(self, sector):
        at = sector * _SECTOR_BYTES
        try:
            self._flash.erase(at)
            for _ in range(_SECTOR_BYTES // PAGE_BYTES):
                self._flash.read(at, self.page)
                if self.page != _BLANK_PAGE:
                    return False
                at += PAGE_BYTES
        except OSError:
            return False
        return True
