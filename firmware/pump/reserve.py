"""What survives a reset: which programme was running, and the least and the most that it can have delivered.

The idea is write-ahead: `high` is raised before steps are queued that could pass it, `low` only after steps were
counted, each by a single store. So whatever moment a reset picks, low <= delivered <= high, also while the drive
still runs its queue dry.

Words: 0 magic, 1 programme, 2 low nL, 3 high nL, 4 state, 5 complement of the programme. A record counts as settled
only when word 4 says exactly so, and as absent only when neither magic nor complement is right: damage is never read as
"nothing was running". Word 6 stands apart from the record: thrice the reason of a fault, with or without a record, or
of a lease or time that ran out on the one that is open; 0 otherwise. The words do not survive power-off; that takes the
flash journal.
"""

from assuage_wire.schema import NONE32, S30
from pump.codes import BOLUS, FAULT, INFUSING, KVO, PAUSED, UNCONFIRMED, WHY_LEASE_LAPSED, WHY_NONE, WHY_TIME_LIMIT

QUANTUM_NL = 20_000  # how far ahead `high` is set, so that it is not stored with every word

UNATTENDED = (WHY_LEASE_LAPSED, WHY_TIME_LIMIT)  # what cuts a delivery short without anybody having to see it

_UNSETTLED = (
    INFUSING,
    BOLUS,
    PAUSED,
    KVO,
    FAULT,
    UNCONFIRMED,
)  # a reset in these states leaves something for a human to read
_MAGIC = 0x1A55A9E3
_SETTLED = 0x2CA6E5D1
_THRICE = 1 | 1 << 10 | 1 << 20
_TAG = 0b11001  # before the five bits of a reason
_MAGIC_AT, _PROGRAMME, _LOW, _HIGH, _STATE, _CHECK, _WHY = range(7)


class Reserve:
    """Keeps the words while a programme runs. `retained` has get(i) and set(i, v) over words of 30 bits."""

    def __init__(self, retained):
        self._words = retained
        self._open = False
        self._low = 0
        self._high = 0
        self._most = 0

    def recover(self):
        """(programme, low, high) of a programme that a reset interrupted, or None when none was.

        low and high are NONE32, and programme may be 0, when the words are there but damaged.
        """
        words = self._words
        programme, low, high = words.get(_PROGRAMME), words.get(_LOW), words.get(_HIGH)
        known = programme == ~words.get(_CHECK) & S30
        if words.get(_STATE) == _SETTLED or not (known or words.get(_MAGIC_AT) == _MAGIC):
            return None
        self._open = True
        if not known:
            return 0, NONE32, NONE32
        if low > high:
            return programme, NONE32, NONE32
        return programme, low, high

    def latched(self):
        """Why the pump stood when the board was reset: a reason, or WHY_NONE. One damaged bit does no harm."""
        word = self._words.get(_WHY)
        low, middle, high = word & 0x3FF, word >> 10 & 0x3FF, word >> 20
        if middle == high:
            low = middle
        elif low != middle and low != high:
            return WHY_NONE
        return low & 0x1F if low >> 5 == _TAG else WHY_NONE

    def begin(self, programme, most_nl, state):
        """Before the first step: nothing delivered, and never more than `most_nl`."""
        words = self._words
        words.set(_STATE, _SETTLED)
        words.set(_PROGRAMME, programme)
        words.set(_CHECK, ~programme & S30)
        words.set(_LOW, 0)
        words.set(_HIGH, 0)
        words.set(_MAGIC_AT, _MAGIC)
        words.set(_STATE, state)
        self._open = True
        self._low = self._high = 0
        self._most = most_nl

    def note(self, state, reason):
        """The pump's state has changed, for this reason; one that leaves nothing to be read settles an open record.

        Why comes before the state: whatever store a reset follows, an open record never lacks the reason that it had.
        """
        unseen = self._open and reason in UNATTENDED
        self._words.set(_WHY, (_TAG << 5 | reason) * _THRICE if state == FAULT or unseen else 0)
        if self._open:
            self._open = unseen or state in _UNSETTLED
            self._words.set(_STATE, state if self._open else _SETTLED)

    def before(self, planned_nl):
        """Call before queueing steps that bring the volume planned to this many whole nL, rounded down."""
        if planned_nl + 1 > self._high and self._high < self._most:
            self._high = min(planned_nl + 1 + QUANTUM_NL, self._most)
            self._words.set(_HIGH, self._high)

    def counted(self, delivered_nl):
        """Call after steps were counted."""
        if self._open and delivered_nl > self._low:
            self._low = delivered_nl
            self._words.set(_LOW, delivered_nl)

    def doubt(self, least_nl):
        """Steps are no proof any more: the shaft has displaced at least this much, and no step counts from now on."""
        if self._open and least_nl < self._low:
            self._words.set(_LOW, least_nl)
        self._low = S30
