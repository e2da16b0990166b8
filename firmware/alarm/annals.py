"""What becomes of each alarm, for the journal, and back from it after a reset.

The idea: each condition's last word in the journal is compared with what the latch says now, and what is lacking is
noted. So a note that found no room is made up for, and whatever came and went in the meantime, the last word is right.

A condition that flaps must not fill the ring: it may be raised in the record MOST times within AGAIN_MS unless somebody
acknowledges it. Beyond that its end is lacking as well, so that the last word errs towards an alarm that stands. An
acknowledgement is always noted. What stood at a reset keeps its number and is not written again, so that a supply that
comes and goes writes nothing.
"""

from array import array

from micropython import const

from alarm.conditions import LASTS, LATCHING, ROWS, WIDTH
from assuage_wire.schema import S30
from journal.kinds import ACKNOWLEDGED, ENDED, RAISED, SILENCED
from journal.record import X

MOST = const(8)
AGAIN_MS = const(3_600_000)

# the last word on a condition in each of states.STATES; 0 is none, or that it is over
_WORDS = bytes((0, 0, ACKNOWLEDGED, ACKNOWLEDGED, RAISED, RAISED, ENDED, ENDED, RAISED))


class Annals:
    """alarms: a latch.Alarms that was just made: what the journal says that stood stands again, under its number.

    journal: a logbook.Journal.
    """

    def __init__(self, alarms, journal, now):
        self._alarms = alarms
        self._journal = journal
        n = len(alarms.state)
        self._all = range(n)
        self._said = bytearray(n)
        self._number = array("i", [0] * n)  # of which occurrence
        self._left = bytearray([MOST] * n)  # raises that may be noted
        self._since = now
        self._changes = -1  # as far as all have been looked at
        self._pause = 0
        ring = journal.ring
        last = ring.occurrence or alarms.last
        for i in self._all:
            if ring.stood[i] and ROWS[i * WIDTH + 1] & (LATCHING | LASTS) and ring.read(ring.told[i], ring.back):
                self._said[i] = ENDED  # and nobody has acknowledged it
                self._number[i] = ring.back.word(X)
                self._left[i] = 0
                alarms.last = self._number[i] - 1
                alarms.recall(i, now)
        alarms.last = last

    def poll(self, now):
        """Each turn, before the alarms' own: so it sees what somebody has acknowledged before it may be over."""
        alarms = self._alarms
        journal = self._journal
        if (now - self._since) & S30 >= AGAIN_MS:
            self._since = now
            self._changes = -1
            for i in self._all:
                self._left[i] = MOST
        pause = alarms.pause_left(now)
        if pause <= self._pause or journal.note(SILENCED, 0, 0, 0, alarms.last, 0, 0):
            self._pause = pause
        if alarms.changes == self._changes:
            return
        self._changes = alarms.changes
        for i in self._all:
            word = kind = _WORDS[alarms.state[i]]
            said = self._said[i]
            left = self._left[i]
            if word == 0:
                if said:
                    kind = ACKNOWLEDGED if said == ENDED else ENDED
            elif alarms.occurrence[i] != self._number[i]:
                said = 0
                if left:
                    word = kind = RAISED
            if kind != said and (left or kind == ACKNOWLEDGED):
                self._changes = -1  # there may be more to be said, or this again
                number = alarms.occurrence[i]
                if journal.takes() and journal.note(kind, i, ROWS[i * WIDTH], word == 0, number, 0, 0):
                    self._said[i] = word
                    self._number[i] = number
                    self._left[i] = MOST if kind == ACKNOWLEDGED else left - (kind == RAISED)
