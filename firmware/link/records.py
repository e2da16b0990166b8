"""The journal as the host sees it: a record a question, and what it has stored it names by number and check."""

from micropython import const

from assuage_wire.codec import BY_NAME
from assuage_wire.schema import NONE32, S30, STATUSES
from journal.record import KIND, A, B, C, Record, X, Y, Z

_OK = STATUSES.index("ok")
_BAD_VALUE = STATUSES.index("bad-value")
_NUMBER = BY_NAME["Stored"].index("number")
_CHECK = BY_NAME["Stored"].index("check")

_BOOT, _WRAPS, _TICKS, _CRC = const(8), const(10), const(12), const(28)  # where these stand in a record
_MANY = const(65535)


class Records:
    """What Fetch, Stored and Journal need of a logbook.Journal."""

    def __init__(self, journal):
        self._journal = journal
        self._record = Record()
        self._number = -1

    def fetch(self, number):
        """(status, detail) of a Fetch; what it found is what fill() tells."""
        self._number = self._journal.fetch(number, self._record)
        return (_OK, 0) if self._number >= 0 else (_BAD_VALUE, _NUMBER)

    def fill(self, out, at):
        """Fills out[at:] with the fields of the wire's Record from `number` on."""
        record = self._record
        buf = record.buf
        out[at] = self._number
        out[at + 1] = buf[KIND]
        out[at + 2] = buf[A]
        out[at + 3] = buf[B]
        out[at + 4] = buf[C]
        out[at + 5] = record.word(X) & S30
        out[at + 6] = record.word(Y) & S30
        out[at + 7] = record.word(Z) & S30
        out[at + 8] = buf[_BOOT] | buf[_BOOT + 1] << 8
        out[at + 9] = record.word(_TICKS) & S30
        out[at + 10] = buf[_WRAPS] | buf[_WRAPS + 1] << 8
        out[at + 11] = record.word(_CRC) & S30

    def stored(self, number, check):
        """(status, detail) of a Stored. A host that means another journal is told so: what it has is not this."""
        if self._journal.fetch(number, self._record) != number:
            return _BAD_VALUE, _NUMBER
        if self._record.word(_CRC) & S30 != check:
            return _BAD_VALUE, _CHECK
        self._journal.acknowledge(number)
        return _OK, 0

    def fill_journal(self, out, ticks, wraps):
        """Fills out[0:8] with the values of the wire's Journal."""
        ring = self._journal.ring
        out[0] = ticks
        out[1] = wraps
        out[2] = ring.newest if ring.newest >= 0 else NONE32
        out[3] = self._journal.oldest()
        out[4] = ring.acked
        out[5] = self._journal.lost()
        out[6] = min(ring.room(), _MANY)
        out[7] = min(ring.bad, _MANY)
