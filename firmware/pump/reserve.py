"""What survives a reset: which programme was running, and the least and the most that it can have delivered.

The idea is write-ahead: `high` is raised before steps are queued that could pass it, `low` only after steps were
counted, each by a single store. So whatever moment a reset picks, low <= delivered <= high, also while the drive
still runs its queue dry.

Words: 0 magic, 1 programme, 2 low nL, 3 high nL, 4 state, 5 complement of the programme. Word 6 is free. A record
counts as settled only when word 4 says exactly so, and as absent only when neither magic nor complement is right:
damage is never read as "nothing was running". The words do not survive power-off; that takes the flash journal.
"""

from assuage_wire.schema import NONE32, S30
from pump.codes import FAULT, INFUSING, KVO

QUANTUM_NL = 20_000  # how far ahead `high` is set, so that it is not stored with every word

_UNSETTLED = (INFUSING, KVO, FAULT)  # a reset in these states leaves something for a human to read
_MAGIC = 0x1A55A9E3
_SETTLED = 0x2CA6E5D1
_MAGIC_AT, _PROGRAMME, _LOW, _HIGH, _STATE, _CHECK = range(6)


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

    def note(self, state):
        """The pump's state has changed; one that is neither running nor fault settles an open record."""
        if self._open:
            self._open = state in _UNSETTLED
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
