"""The journal as the firmware uses it: what happened is noted at once, written when there is a moment, fetched by the
host and acknowledged by sequence.

The idea: a page takes up to 3 ms to program, with interrupts off. So note() only queues, and work() writes one record a
call. What must be on flash before something else may happen (volume.py) does not queue but says(). Room for that is
kept free: notes that do not fit beside it are counted as lost, and are never in its way.
"""

from micropython import const

from journal.kinds import BOOT, CONFIGURED, FETCHED
from journal.record import KIND, SIZE, A, Record, Z
from journal.ring import BAD_LIMIT, FAILED, READY, Ring
from journal.scan import scan

RESERVE = const(16)  # records for ends, faults and starts that must never lack room
TRIES = const(3)  # pages that a statement may take

_WAITING = const(16)  # notes that may wait to be written
_LAG = const(64)  # acknowledged records after which that is written down
_SECTOR = const(127)
_MASK = const((1 << 30) - 1)


class Journal:
    """flash: as in ring.Ring; all of it is read once. boot: how often the board has started.

    held: records for which room is kept, set by whoever needs it. gone: records are missing that may have been
    statements. shaky: the newest statement may not read the same at the next start, so it is to be restated.
    """

    def __init__(self, flash, boot=0):
        self.ring = Ring(flash)
        self.gone, mended = scan(self.ring)
        self.shaky = mended or self.ring.keep == self.ring.newest >= 0
        self.held = 0
        self._missed = 0
        self._boot = boot
        self._ticks = 0
        self._wraps = 0
        self._record = Record()
        self._queue = [bytearray(SIZE) for _ in range(_WAITING)]
        self._first = 0
        self._waiting = 0
        self._kept = self.ring.acked  # of what is acknowledged, how much the flash knows

    def lost(self):
        """Notes that could not be kept since the start, and records that were erased unfetched."""
        return min(self._missed + self.ring.lost, _MASK)

    def broken(self):
        """Whether so much has failed since the start that nothing further should be entrusted to this flash."""
        return self.ring.bad >= BAD_LIMIT

    def boot(self, cause, version, config):
        """The board has started; to be told after volume.Volume.recover. A start like the one before it, in which
        nothing happened, leaves no record, so that a supply that comes and goes does not fill the ring. A flash without
        a place for it, as a new one, is erased for it: nothing turns yet."""
        last = self.ring.back
        same = self.ring.newest >= 0 and self.ring.read(self.ring.newest, last) and last.buf[KIND] == BOOT
        if same and last.buf[A] == cause and last.word(Z) == config & _MASK:
            return
        if self.ring.next < 0:
            self.ring.prepare(1, False)
        out = self.ring.out
        out.fill(BOOT, cause, version[0], version[1], version[2], self._boot, config & _MASK)
        self._write()

    def configured(self, config):
        """The board's configuration has this CRC-32 now."""
        self.note(CONFIGURED, 0, 0, 0, config & _MASK, 0, 0)

    def now(self, ticks, wraps):
        """Board time of what is told from here on."""
        self._ticks = ticks
        self._wraps = wraps

    # -- telling -----------------------------------------------------------------------------------------------------

    def note(self, kind, a, b, c, x, y, z):
        """Something happened, see kinds.py; it is written by one of the next work() calls. False when it is lost."""
        if not self.takes():
            self._missed += 1
            return False
        record = self._record
        record.fill(kind, a, b, c, x, y, z)
        record.stamp(self._boot, self._ticks, self._wraps)
        self._queue[(self._first + self._waiting) % _WAITING][:] = record.buf
        self._waiting += 1
        return True

    def says(self, kind, a, b, c, x, y, z):
        """Writes at once, and one page at most; False when the flash did not take it."""
        self.ring.out.fill(kind, a, b, c, x, y, z)
        return self._write()

    def insist(self, kind, a, b, c, x, y, z):
        """The same, with a second and a third page if it must be: for when nothing moves."""
        tries = TRIES
        while tries and not self.says(kind, a, b, c, x, y, z):
            tries -= 1
        return tries > 0

    def work(self):
        """Writes one record if any waits; True when one did."""
        ring = self.ring
        if self._waiting:
            ring.out.buf[:] = self._queue[self._first]
            if ring.write() >= 0:
                self._done()
            elif self.broken() or ring.next < 0:
                self._missed += 1
                self._done()
            return True
        if ring.acked - self._kept >= _LAG and ring.room() > self.held:
            self._kept = ring.acked
            self.says(FETCHED, 0, 0, 0, ring.acked, 0, 0)
            return True
        return False

    def _done(self):
        self._first = (self._first + 1) % _WAITING
        self._waiting -= 1

    def _write(self):
        self.ring.out.stamp(self._boot, self._ticks, self._wraps)
        return self.ring.write() >= 0

    # -- room --------------------------------------------------------------------------------------------------------

    def takes(self):
        """Whether a note would be kept now."""
        return self._waiting < _WAITING and self.spare()

    def spare(self):
        """Whether there is room for one more that nothing hangs on."""
        return self.ring.room() > self.held + RESERVE + self._waiting

    def ready(self, n):
        """Whether n records fit without an erase, beside the reserve and a sector that stays untouched.

        That sector's seal is what shows, after a start, that a whole sector before it has gone.
        """
        return self.ring.room() >= self._with_reserve(n)

    def prepare(self, n, asked=False):
        """Erases ahead, a sector a call, until ready(n); only while the drive stands. See ring.Ring.prepare."""
        if self.ready(n):
            return READY
        if self._with_reserve(n) > (self.ring.sectors - 1) * _SECTOR:
            return FAILED
        return self.ring.prepare(self._with_reserve(n), asked)

    def _with_reserve(self, n):
        return n + RESERVE + (_SECTOR if self.ring.sectors > 3 else 0)

    # -- the host ----------------------------------------------------------------------------------------------------

    def fetch(self, seq, record):
        """Fills `record` (a record.Record) with the first whole record from number `seq` on; returns its number, or -1
        when there is none. Numbers that are missing were never finished, or were given up: see oldest()."""
        return self.ring.fetch(seq, record)

    def oldest(self):
        """Records below this number are gone."""
        return self.ring.oldest()

    def acknowledge(self, seq):
        """The host has stored everything up to this number. It is written down when some have come together."""
        self.ring.acked = max(self.ring.acked, min(seq, self.ring.newest))
