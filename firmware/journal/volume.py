"""What survives a reset and a power cut: which programme was running, and the least and most that it has delivered.

The idea is write-ahead, twice. In flash, "may deliver up to" stands before steps are queued that could pass it; the
marks form a ladder, so that a start knows which came next. In the retained words the same is said more closely, but
only as long as the power lasts. After a reset both must be true, so the truth lies where they overlap; after a power
cut the flash alone speaks. Where they contradict each other, or where one is damaged, the wider statement stands, and
never "nothing was running".

The ladder: a mark is written when the volume planned has reached the one before, and the drive is then at most _LAG_NL
behind what is planned. So a power cut finds mark <= true + step + _LAG_NL, and step(m) is the largest number for which
that is within 0.05 mL or 1 % of what was truly delivered. 100 mL take 552 marks.
"""

from micropython import const

from assuage_wire.schema import NONE32
from journal.kept import Kept
from journal.kinds import AHEAD, BEGUN, CLEARED, DELIVERED, FOUND, STATE
from journal.logbook import TRIES
from journal.record import KIND, A, B, X, Y, Z
from pump.codes import (
    ARMED,
    COMPLETE,
    CONFIRMED,
    FAULT,
    PROGRAMMED,
    STANDBY,
    STOPPED,
    UNCONFIRMED,
    WHY_LEASE_LAPSED,
    WHY_NONE,
    WHY_TIME_LIMIT,
)

UNATTENDED = (WHY_LEASE_LAPSED, WHY_TIME_LIMIT)  # what cuts a delivery short without anybody having to see it

# these end a delivery in order; a reset in any other state leaves something for a human to read
_ENDS = (STANDBY, PROGRAMMED, CONFIRMED, ARMED, COMPLETE, STOPPED)
_GONE = (0, NONE32, NONE32)  # something may have been running, and that is all
_NEAR_NL = const(50_000)
_LAG_NL = const(23_000)  # what is queued (20 000), a word more, and what is rounded
_BESIDE = const(32)  # records that a delivery may need beside its marks
_UNTIL = const(32)  # and those that may be written between making room for it and its start


def mark_after(mark_nl):
    """The next mark of the ladder, which begins at 0."""
    return mark_nl + max(_NEAR_NL, (mark_nl - _LAG_NL) // 100) - _LAG_NL - 1


def records_for(most_nl):
    """How many records to prepare for (Journal.prepare) before a programme of so much volume is started."""
    n = _UNTIL + _BESIDE
    mark = 0
    while mark < most_nl:
        mark = mark_after(mark)
        n += 1
    return n


class Volume:
    """Keeps both while a programme runs. journal: a logbook.Journal. retained: get(i), set(i, v) over seven words.

    Made before Journal.boot() tells of the start. unsaid: flash did not take a statement; work() tries again, and a
    delivery that needs it does not go on.
    """

    def __init__(self, journal, retained):
        self.unsaid = False
        self.journal = journal
        self._kept = Kept(retained)
        self._open = False
        self._programme = 0
        self._low = 0
        self._high = 0  # as flash has it
        self._most = 0
        self._exact = False  # every step of it was counted, and by this very start of the board
        self._state = STANDBY
        self._reason = WHY_NONE
        self._latch = WHY_NONE
        self._was = self._find()

    # -- after a start -----------------------------------------------------------------------------------------------

    def recover(self):
        """(programme, low, high) of a programme that a reset or a power cut interrupted, or None when none was.

        low and high are NONE32, and programme may be 0, when all that is known is that something was running.
        """
        return self._was

    def latched(self):
        """Why the pump stood when the board was reset: a reason, or WHY_NONE. As of the start, like recover()."""
        return self._stood

    def _find(self):
        """Puts the two together, and writes down what came of it: so it stands firm, whatever the newest record turns
        out to be worth."""
        journal = self.journal
        told = self._read()
        kept = self._kept.recover()
        was = merged(told, kept)
        self._open = was is not None
        if was:
            self._programme, self._low, self._high = was
        said = self._latch
        self._latch = self._kept.latched() or said
        if was != told or self._latch != said or journal.shaky or journal.gone:
            self._state = FAULT if self._latch not in (WHY_NONE,) + UNATTENDED else UNCONFIRMED if was else STANDBY
            self._reason = self._latch
            self._restate(FOUND)
        self._stood = self._latch
        return was

    def _read(self):
        """What flash says, and sets the latch: (programme, low, high) or None."""
        journal = self.journal
        record = journal.ring.kept
        if journal.gone:
            return _GONE
        if record.buried():
            return None
        kind, state, reason = record.buf[KIND], record.buf[A], record.buf[B]
        programme, low, high = record.word(X), record.word(Y), record.word(Z)
        if kind in (DELIVERED, CLEARED):
            return None
        if kind == BEGUN:
            low = high = 0
        is_open = programme != 0 or low == NONE32
        if kind in (STATE, FOUND) and (state == FAULT or (is_open and reason in UNATTENDED)):
            self._latch = reason
        if not is_open:
            return None
        if low > high or not journal.ring.room():
            return programme, NONE32, NONE32
        return programme, low, high

    # -- while a programme runs --------------------------------------------------------------------------------------

    def begin(self, programme, most_nl, state, nl_per_rev):
        """Before the first step: nothing delivered, and never more than `most_nl`. False, and nothing has begun, when
        the journal has no room for all of it (Journal.prepare, records_for) or does not take it."""
        journal = self.journal
        n = records_for(most_nl) - _UNTIL
        if not journal.ready(n) or not journal.insist(BEGUN, state, WHY_NONE, 0, programme, most_nl, nl_per_rev):
            return False
        journal.held = n
        self._kept.begin(programme)
        self._state = state
        self._reason = WHY_NONE
        self._open = self._exact = True
        self._programme = programme
        self._low = self._high = 0
        self._most = most_nl
        return True

    def before(self, planned_nl):
        """Call before queueing steps that bring the volume planned to this many whole nL, rounded down.

        False when flash did not take the mark: then these steps must not be queued; ask again at the next turn. At
        most one page is programmed.
        """
        if planned_nl >= self._high and self._high < self._most:
            high = mark_after(self._high)
            while high <= planned_nl:
                high = mark_after(high)
            high = min(high, self._most)
            journal = self.journal
            journal.held = max(journal.held - 1, 0)
            if not journal.says(AHEAD, 0, 0, 0, self._programme, self._low, high):
                return False
            self._high = high
        self._kept.before(planned_nl, self._most)
        return True

    def counted(self, delivered_nl):
        """Call after steps were counted."""
        if self._exact:
            self._low = max(self._low, delivered_nl)
            self._kept.counted(delivered_nl)

    def doubt(self, least_nl, most_nl):
        """Steps are no proof any more: the shaft has displaced between so much and so much, and no step counts from
        now on. Neither bound is ever made closer than it was."""
        if not self._open:
            return
        self._exact = False
        if self._low != NONE32:
            self._low = min(self._low, least_nl)
            self._high = max(self._high, most_nl)
        self._kept.doubt(least_nl, most_nl)
        self.unsaid = not self.journal.insist(AHEAD, 0, 0, 1, self._programme, self._low, self._high)

    # -- when the state changes --------------------------------------------------------------------------------------

    def note(self, state, reason):
        """The pump's state has changed, for this reason; one that leaves nothing to be read settles an open record."""
        was_open, read = self._open, self._latch
        unseen = was_open and reason in UNATTENDED
        self._latch = reason if state == FAULT or unseen else WHY_NONE
        self._kept.latch(self._latch)
        self._open = was_open and (unseen or state not in _ENDS)
        same = state == self._state and reason == self._reason
        self._state = state
        self._reason = reason
        if was_open and not self._open:
            self._kept.settle()
            self.journal.held = 0
            if self._exact:
                self._settle(DELIVERED, WHY_NONE, self._low, self._low)
            else:
                self._settle(CLEARED, read, self._low, self._high)
        elif self._latch != read:
            self._restate(STATE)
        elif not same and self.journal.spare():  # nothing hangs on it: told if there is room, and once
            self._say(STATE)

    def work(self):
        """Once a turn: says what could not be said, or lets the journal write one note. True when a page was used."""
        if self.unsaid:
            if self.journal.broken():
                return False
            self._restate(STATE)
            return True
        return self.journal.work()

    def _settle(self, kind, read, low, high):
        said = self.journal.insist(kind, self._state, self._reason, read, self._programme, low, high)
        self._exact = False
        self.unsaid = not said

    def _restate(self, kind):
        """Says all there is to say."""
        self.unsaid = True
        for _ in range(TRIES):
            if self._say(kind):
                self.unsaid = False
                break

    def _say(self, kind):
        if self._open:
            return self.journal.says(kind, self._state, self._reason, 0, self._programme, self._low, self._high)
        return self.journal.says(kind, self._state, self._reason, 0, 0, 0, 0)


def merged(told, kept):
    """What two statements about one delivery say together: each is (programme, low, high), or None when it knows of
    none; kept is () when it knows that none was open, which says less than a statement to the contrary."""
    if kept is not None and told == _GONE:
        return kept or None
    if not told or not kept:
        return told or kept or None
    if kept[1] == NONE32 and kept[0] in (0, told[0]):
        return told
    if kept[0] != told[0]:
        return _GONE
    if told[1] == NONE32:
        return kept
    low, high = max(told[1], kept[1]), min(told[2], kept[2])
    return (told[0], low, high) if low <= high else (told[0], NONE32, NONE32)
