"""All alarms of the board: one fixed slot for each condition, so that none can push another out.

cause() tells whether a condition's cause is there now, poll() lets time pass. Each raise gets an occurrence number;
acknowledging names it, and silences that one alone. The audio can be paused for two minutes, which covers what is
sounding when somebody asks for it: what comes later sounds at once. Neither touches what is seen. The states are in
states.py; _happen() is the only way from one to another. Nothing here allocates once made.
"""

from array import array

from micropython import const

from alarm import states
from alarm.conditions import LATCHING, ROWS, UNIT, WIDTH
from assuage_wire.schema import S30, STATUSES

PAUSE_MS = const(120_000)  # our own limit: IEC 60601-1-8 has none (second-hand)

OK = STATUSES.index("ok")
BAD_STATE = STATUSES.index("bad-state")
STALE = STATUSES.index("stale-clear")

# places in a row of conditions.ROWS, whose first is the priority
_FLAGS = const(1)
_DELAY = const(2)
_HOLD = const(4)

_PAUSED = const(1)  # a pause covers this occurrence
_UNHEARD = const(2)  # no burst of its priority has begun since it was raised
_UNTOLD = const(4)


class Alarms:
    """The slots of the conditions in `rows`. `now` is always the board's 30-bit ms; poll() comes each turn.

    state, occurrence: of each condition, by its code; an occurrence of 0 is none. last: the newest occurrence's number.
    changes: rises with each change that a person may see. sound, shown: the highest priority to be heard and to be
    seen, as of the last survey(). hushed: rises when somebody has silenced something. broken: the bookkeeping has met
    what it thought impossible; the pump must not run on.
    """

    def __init__(self, rows=ROWS):
        n = len(rows) // WIDTH
        self.state = bytearray(n)
        self.occurrence = [0] * n  # a list, for `in` is not to be had of an array
        self.last = 0
        self.changes = 0
        self.sound = 0
        self.shown = 0
        self.hushed = 0
        self.broken = False
        self._rows = rows
        self._all = range(n)
        self._none = bytes(n)  # as state and flags are while nothing stands or is to be told: the usual turn
        self._flags = bytearray(n)
        self._timed = array("i", [0] * n)  # ticks at which the delay or the hold began
        self._raised = array("i", [0] * n)  # ticks of the raise, advanced by the seconds that are counted
        self._seconds = array("i", [0] * n)
        self._changed = array("i", [0] * n)  # the number of the newest change
        self._next = 0  # whose seconds are counted next, so that none is forgotten until the clock begins anew
        self._pausing = False
        self._paused = 0
        self._owed = False  # a pause has ended by itself, and nothing has been heard since

    def cause(self, i, present, now):
        """Tells whether the cause of condition i is there. Said in each turn or at each change, as one likes."""
        self._happen(i, states.CAUSE if present else states.GONE, now)
        self._time(i, now)

    def recall(self, i, now):
        """Condition i stood when the board was last reset, says its journal: it stands until it is acknowledged."""
        self._happen(i, states.RECALL, now)

    def poll(self, now):
        """Lets time pass: raises, ends, counts seconds."""
        if self.state != self._none:
            for i in self._all:
                if self.state[i] & states.TIMED:
                    self._time(i, now)
        self._count(self._next, now)
        self._next = (self._next or len(self.state)) - 1
        if self._pausing and (now - self._paused) & S30 >= PAUSE_MS:
            self._end_pause()

    def acknowledge(self, occurrence):
        """Silences this occurrence. OK, also when it already is; STALE for one that is over; BAD_STATE in the sink."""
        for i in self._all:
            if self.occurrence[i] == occurrence and self.state[i] >= states.SHOWN:
                if states.action(self.state[i], states.ACKNOWLEDGE) == states.REFUSE:
                    return BAD_STATE
                self._happen(i, states.ACKNOWLEDGE, None)
                self._flags[i] &= _UNTOLD
                self._hush()
                return OK
        return STALE

    def pause_audio(self, now):
        """Silences what is sounding for PAUSE_MS since the pause began; asking again within it does not lengthen it.

        BAD_STATE when nothing sounds, or when nothing has been heard yet since the last pause ran out.
        """
        if self._owed:
            return BAD_STATE
        status = BAD_STATE
        for i in self._all:
            if self.state[i] >= states.SOUNDING or self._flags[i] & _UNHEARD:
                self._flags[i] = self._flags[i] & _UNTOLD | _PAUSED
                status = OK
        if status == OK:
            if not self._pausing:
                self._pausing = True
                self._paused = now
            self._hush()
        return status

    def pause_left(self, now):
        """Seconds until what is paused sounds again, rounded up; 0 without a pause."""
        if not self._pausing:
            return 0
        return (PAUSE_MS + 999 - min((now - self._paused) & S30, PAUSE_MS)) // 1000

    # -- for those who signal ------------------------------------------------------------------------------------------

    def survey(self):
        """Brings `sound` and `shown` up to date. What is over but was never heard still sounds, once."""
        self.sound = self.shown = 0
        if self.state != self._none or self._flags != self._none:
            self._survey()

    def _survey(self):
        sound = shown = 0
        for i in self._all:
            state = self.state[i]
            flags = self._flags[i]
            if state or flags:
                priority = self._rows[i * WIDTH]
                if state >= states.SHOWN:
                    shown = max(shown, priority)
                if flags & _UNHEARD or (state >= states.SOUNDING and not flags & _PAUSED):
                    sound = max(sound, priority)
        self.sound = sound
        self.shown = shown

    def begun(self, priority):
        """A burst of this priority has begun: what has that priority is being heard."""
        for i in self._all:
            if self._rows[i * WIDTH] == priority:
                self._flags[i] &= ~_UNHEARD

    def heard(self):
        """A burst was heard, to its end or to the half that counts."""
        self._owed = False

    # -- for those who tell --------------------------------------------------------------------------------------------

    def untold(self):
        """The condition with the newest change that fill() has not told since, or -1."""
        newest = -1
        if self._flags == self._none:
            return newest
        least = S30
        for i in self._all:
            if self._flags[i] & _UNTOLD:
                ago = (self.changes - self._changed[i]) % S30
                if ago < least:
                    least = ago
                    newest = i
        return newest

    def fill(self, i, out, ticks, wraps):
        """Tells condition i: fills out[0:8] with ticks, wraps, code, priority, state, occurrence, seconds since its
        raise, seconds of pause left."""
        self._count(i, ticks)
        out[0] = ticks
        out[1] = wraps
        out[2] = i
        out[3] = self._rows[i * WIDTH]
        out[4] = self.state[i]
        out[5] = self.occurrence[i]
        out[6] = self._seconds[i]
        out[7] = self.pause_left(ticks)
        self._flags[i] &= ~_UNTOLD

    # -- inside --------------------------------------------------------------------------------------------------------

    def _time(self, i, now):
        state = self.state[i]
        row = i * WIDTH
        ms = (now - self._timed[i]) & S30
        if state == states.PENDING or state == states.RETURNING:
            if ms >= self._lasts(row + _DELAY):
                self._happen(i, states.DUE, now)
        elif (state == states.FADING or state == states.LEAVING) and ms >= self._lasts(row + _HOLD):
            self._happen(i, states.HELD_LATCHING if self._rows[row + _FLAGS] & LATCHING else states.HELD, now)

    def _lasts(self, at):
        """ms of a delay or a hold."""
        return (self._rows[at] | self._rows[at + 1] << 8) * UNIT

    def _count(self, i, now):
        """Counts the seconds since the raise of one that stands; for one that is over they stay as last counted."""
        if self.state[i] < states.SHOWN:
            return
        ms = (now - self._raised[i]) & S30
        seconds = ms // 1000
        if seconds:
            self._seconds[i] = min(self._seconds[i], S30 - seconds) + seconds
            self._raised[i] = (now - ms % 1000) & S30

    def _happen(self, i, event, now):
        state = self.state[i]
        action = states.action(state, event)
        self.state[i] = states.after(state, event)
        if action == states.TIME:
            self._timed[i] = now
        elif action == states.RAISE:
            self._raise(i, now)
        elif action == states.FAIL:
            self.broken = True
            self._raise(i, now)
        elif action >= states.SILENCE:  # or tell, or end
            self._change(i)

    def _raise(self, i, now):
        number = self.last % S30 + 1
        while number in self.occurrence:  # one that has stood since the numbers last began anew
            number = number % S30 + 1
        self.last = number
        self.occurrence[i] = number
        self._raised[i] = now
        self._seconds[i] = 0
        self._flags[i] = _UNHEARD
        self._change(i)

    def _change(self, i):
        self.changes = self.changes % S30 + 1
        self._changed[i] = self.changes
        self._flags[i] |= _UNTOLD

    def _hush(self):
        self.hushed = self.hushed % S30 + 1

    def _end_pause(self):
        self._pausing = False
        for i in self._all:
            if self._flags[i] & _PAUSED:
                self._flags[i] &= ~_PAUSED
                self._owed |= self.state[i] >= states.SOUNDING
