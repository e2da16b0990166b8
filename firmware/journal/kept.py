"""The half of the delivered volume's record that is quick and close, but lasts only as long as the power: seven words.

The idea is write-ahead: `high` is raised before steps are queued that could pass it, `low` only after steps were
counted, each by a single store. So whatever moment a reset picks, low <= delivered <= high, also while the drive
still runs its queue dry.

Words: 0 magic, 1 programme, 2 low nL, 3 high nL, 4 settled, 5 complement of the programme. A record counts as settled
only when word 4 says exactly so, and as absent only when neither magic nor complement is right: damage is never read as
"nothing was running". Word 6 stands apart from the record: thrice the reason of a fault, with or without a record, or
of a lease or time that ran out on the one that is open; 0 otherwise.
"""

from assuage_wire.schema import NONE32, S30
from pump.codes import WHY_NONE

QUANTUM_NL = 20_000  # how far ahead `high` is set, so that it is not stored with every word

_MAGIC = 0x1A55A9E3
_SETTLED = 0x2CA6E5D1
_OPEN = ~_SETTLED & S30
_THRICE = 1 | 1 << 10 | 1 << 20
_TAG = 0b1011  # before the six bits of a reason
_MAGIC_AT, _PROGRAMME, _LOW, _HIGH, _STATE, _CHECK, _WHY = range(7)


class Kept:
    """Keeps the words. `retained` has get(i) and set(i, v) over words of 30 bits."""

    def __init__(self, retained):
        self._words = retained
        self._low = 0
        self._high = 0

    def recover(self):
        """(programme, low, high) of a programme that was open, () when the last one was ended in order, or None when
        nothing is known, as after a power cut.

        low and high are NONE32, and programme may be 0, when the words are there but damaged.
        """
        words = self._words
        programme, low, high = words.get(_PROGRAMME), words.get(_LOW), words.get(_HIGH)
        known = programme == ~words.get(_CHECK) & S30
        magic = words.get(_MAGIC_AT) == _MAGIC
        if words.get(_STATE) == _SETTLED:
            return () if known and magic else None
        if not (known or magic):
            return None
        if not known:
            return 0, NONE32, NONE32
        return (programme, low, high) if low <= high else (programme, NONE32, NONE32)

    def latched(self):
        """Why the pump stood when the board was reset: a reason, or WHY_NONE. One damaged bit does no harm."""
        word = self._words.get(_WHY)
        low, middle, high = word & 0x3FF, word >> 10 & 0x3FF, word >> 20
        if middle == high:
            low = middle
        elif low != middle and low != high:
            return WHY_NONE
        return low & 0x3F if low >> 6 == _TAG else WHY_NONE

    def begin(self, programme):
        """Before the first step: nothing delivered."""
        words = self._words
        words.set(_STATE, _SETTLED)
        words.set(_PROGRAMME, programme)
        words.set(_CHECK, ~programme & S30)
        words.set(_LOW, 0)
        words.set(_HIGH, 0)
        words.set(_MAGIC_AT, _MAGIC)
        words.set(_STATE, _OPEN)
        self._low = self._high = 0

    def latch(self, reason):
        """Why the pump stands, WHY_NONE to forget it."""
        self._words.set(_WHY, (_TAG << 6 | reason) * _THRICE if reason != WHY_NONE else 0)

    def settle(self):
        """The record is closed."""
        self._words.set(_STATE, _SETTLED)

    def before(self, planned_nl, most_nl):
        """Steps will be queued that bring the volume planned to this many whole nL, rounded down."""
        if planned_nl + 1 > self._high and self._high < most_nl:
            self._high = min(planned_nl + 1 + QUANTUM_NL, most_nl)
            self._words.set(_HIGH, self._high)

    def counted(self, delivered_nl):
        """Steps were counted."""
        if delivered_nl > self._low:
            self._low = delivered_nl
            self._words.set(_LOW, delivered_nl)

    def doubt(self, least_nl, most_nl):
        """Steps are no proof any more: the shaft has displaced something between these two."""
        if least_nl < self._low:
            self._low = least_nl
            self._words.set(_LOW, least_nl)
        if most_nl > self._high:
            self._high = most_nl
            self._words.set(_HIGH, most_nl)
