"""When the journal may erase, and when its failing is a fault.

An erase takes up to 400 ms with interrupts off, so it happens only while the drive stands and has nothing to do, a
sector a turn: ahead of any start while nobody waits, which costs nothing but what the host has fetched already; and for
a programme that a human has confirmed, which may cost what it has not. A start waits until there is room.
"""

from micropython import const

from journal.ring import FAILED, MORE, READY
from journal.volume import records_for
from pump.codes import ARMED, CONFIRMED, FAULT, PAUSED

_UNSAID_MS = const(2000)  # a statement that flash has not taken for so long is a fault
_AGAIN_MS = const(1000)  # after it was found that there is no making room
_ASKED = (CONFIRMED, ARMED, PAUSED)  # a human is about to start
_LATE_MS = const(100)  # what a turn is late beyond this is the loop's doing


class Upkeep:
    """volume: a volume.Volume. most_nl: the largest volume that a programme may have.

    answer: of the last preparation: ring.READY, MORE, WAITS or FAILED.
    """

    def __init__(self, volume, most_nl):
        self.answer = MORE
        self._volume = volume
        self._journal = volume.journal
        self._idle = records_for(most_nl)
        self._needed = 0
        self._unsaid_ms = 0
        self._rest_ms = 0
        self._asked = False

    def want(self, most_nl):
        """A programme of so much was loaded. Reckons for some milliseconds."""
        self._needed = records_for(most_nl)
        self._rest_ms = 0

    def prepare(self, ms, state):
        """`ms` later, in a state in which the drive stands, and is empty."""
        self._rest_ms = max(0, self._rest_ms - ms)
        asked = state in _ASKED
        if state == FAULT or (self._rest_ms and asked == self._asked):
            return
        self._asked = asked
        if state == PAUSED:
            n = self._journal.held
        else:
            n = self._needed if asked else self._idle
        self.answer = self._journal.prepare(n, asked)
        if self.answer > MORE:
            self._rest_ms = _AGAIN_MS

    def makes_room(self):
        """Whether there is more to prepare."""
        return self.answer == MORE

    def lacks(self, resumes):
        """Why the programme cannot be started, or go on: MORE, WAITS, FAILED; READY when it can."""
        journal = self._journal
        if journal.broken():
            return FAILED
        if resumes:
            return MORE if self._volume.unsaid else READY
        return READY if journal.ready(self._needed) else self.answer or MORE

    def fails(self, ms):
        """`ms` later: True when what happens can no longer be relied upon to be kept."""
        if not self._volume.unsaid:
            self._unsaid_ms = 0
        else:
            self._unsaid_ms = min(self._unsaid_ms + min(ms, _LATE_MS), _UNSAID_MS)
        return self._unsaid_ms == _UNSAID_MS or self._journal.broken()
