"""On the board of the pump: permission from another board that watches the patient. No clock but this board's counts.

An ask is made of the board that watches, every ASK_MS, and the time of the asking is kept here. A permit names the ask
that it answers, and permission ends `bound` after *that ask was made*. The other board answers an ask only with what it
has looked at after the ask has come; so whatever becomes of asks and permits on the way, permission rests on a look at
the patient that is younger than `bound`. What is lost, late, repeated or out of order can only end it sooner:

- an answer to an ask that is none of the newest KEPT, or is older than one that was answered, is nothing;
- a refusal takes that ask and all before it away: no permit of theirs counts any more.

While drug flows, the end of the permission and a refusal both trip, and a trip takes every ask away: after it,
permission begins with an ask that is newer than the trip.
"""

from array import array

from assuage_wire.schema import NONE16, S30
from interlock.guards import MISSING
from interlock.trip import NOBODY

ASK_MS = 500
KEPT = 8  # asks whose answers count; a power of two, so that numbers may wrap
MOST_MS = KEPT * ASK_MS  # the longest bound
DENIED, RUNS, BEGINS = range(3)  # verdicts. RUNS: not every row is normal, none has run out; BEGINS: all are normal


class Asked:
    """trip: trip.Trip. salt: where the numbers of the asks begin, 30 bits, another one at each start of the board.

    watch: the number that the other board has given to its watching; 0 when the programme asks nobody. wants: an ask
    waits to be sent. verdict: of the newest answer, as of the last poll().
    """

    def __init__(self, trip, salt):
        self.watch = 0
        self.bound = 0
        self.verdict = DENIED
        self.wants = False
        self._trip = trip
        self._nonce = salt & S30
        self._asked = array("i", [0] * KEPT)  # ticks of each ask
        self._open = 0  # of the newest asks, how many may still be answered
        self._from = 0  # ticks of the ask on which the permission rests
        self._moving = False
        self._said = array("i", [NOBODY, MISSING, 0, NONE16, 0])  # why there is no permission

    def begin(self, watch, bound, now):
        """A programme is guarded by that watching of another board, 0 for none. bound: ms, MOST_MS at most."""
        self.watch = watch
        self.bound = min(bound, MOST_MS)
        self._take_away()
        self._asked[self._nonce % KEPT] = (now - ASK_MS) & S30  # the first ask is due now

    def poll(self, now, moving):
        """Each turn: ends the permission in time, and asks. moving: drug flows."""
        if not self.watch:
            return
        if self.verdict != DENIED and (now - self._from) & S30 >= self.bound:
            self.verdict = DENIED
            self._say(NOBODY, MISSING, 0, NONE16, (now - self._from) & S30)
        if moving and self.verdict == DENIED:
            said = self._said
            self._trip.trip(said[0], said[1], said[2], said[3], said[4])
            self._take_away()
        if moving != self._moving or (now - self._asked[self._nonce % KEPT]) & S30 >= ASK_MS:
            self._moving = moving
            self._nonce = self._nonce + 1 if self._nonce < S30 else 0
            self._asked[self._nonce % KEPT] = now
            self._open = min(self._open + 1, KEPT)
            self.wants = True

    def fill(self, out, at):
        """Fills out[at:] with the newest ask, to be sent once: watch, nonce, moving."""
        out[at] = self.watch
        out[at + 1] = self._nonce
        out[at + 2] = 1 if self._moving else 0
        self.wants = False

    def answer(self, values, at, now):
        """values[at:] is a permit: watch, nonce, verdict, parameter, kind, quality, value, age. True when it counts."""
        back = (self._nonce - values[at + 1]) & S30
        if values[at] != self.watch or back >= self._open:
            return False
        verdict = values[at + 2]
        if verdict != RUNS and verdict != BEGINS:
            self._open = back
            self.verdict = DENIED
            self._say(values[at + 3], values[at + 4], values[at + 5], values[at + 6], values[at + 7])
            return True
        asked = self._asked[values[at + 1] % KEPT]
        if (now - asked) & S30 >= self.bound:
            return False
        self._open = back + 1
        self._from = asked
        self.verdict = verdict
        return True

    def left(self, now):
        """Milliseconds that are left of the permission, 0 without one."""
        return 0 if self.verdict == DENIED else max(0, self.bound - ((now - self._from) & S30))

    def normal(self, now):
        """Whether drug may begin to flow: nobody is asked, or the patient was normal less than `bound` ago."""
        return not self.watch or (self.verdict == BEGINS and (now - self._from) & S30 < self.bound)

    def _say(self, parameter, kind, quality, value, age):
        said = self._said
        said[0] = parameter
        said[1] = kind
        said[2] = quality
        said[3] = value
        said[4] = age

    def _take_away(self):
        self._open = 0
        self.verdict = DENIED
        self.wants = False
        self._say(NOBODY, MISSING, 0, NONE16, 0)
