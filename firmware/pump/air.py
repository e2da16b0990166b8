"""Air in the line: what passes the detector while it sees air, as one bubble and as a sum of 15 minutes.

    air = Air()
    air.lower(single_nl, window_nl)              # from a programme or ward: limits only ever go down
    air.begin()                                  # another line, or a human has cleared the air
    why = air.look(ms, sees_air, moved_nl)       # each poll: CLEAR, BUBBLE or MUCH

The detector tells only that there is air; how much is what the plunger displaced meanwhile. A bubble is air without at
least 10 uL of liquid within it: what is whipped to foam still is one. The sum is kept in slots of a minute, one more
than 15, so that it never covers less than 15 minutes, and 16 at most. A detector that sees air while nothing moves adds
nothing. What runs back is not subtracted: it may be pushed forward again.
"""

from array import array

from micropython import const

CLEAR, BUBBLE, MUCH = range(3)

SINGLE_NL = 50_000
WINDOW_NL = 1_000_000  # in 15 minutes

_SLOT_MS = const(60_000)
_SLOTS = const(16)
_APART_NL = const(10_000)
_MOST = const(2_000_000)


class Air:
    """single_nl: of the bubble that passes or has passed last; window_nl: of the last 15 minutes."""

    def __init__(self):
        self._single = SINGLE_NL
        self._window = WINDOW_NL
        self._slots = array("i", [0] * _SLOTS)
        self.begin()

    def lower(self, single_nl, window_nl):
        """Takes limits that are lower than those that hold; 0 or less means that any air is too much."""
        self._single = max(0, min(self._single, single_nl))
        self._window = max(0, min(self._window, window_nl))

    def begin(self):
        """No air has been seen yet."""
        self.single_nl = 0
        self.window_nl = 0
        self._liquid = 0
        self._at = 0
        self._ms = 0
        for i in range(_SLOTS):
            self._slots[i] = 0

    def look(self, ms, sees_air, moved_nl):
        """`ms` later, with `moved_nl` more displaced, the detector sees air or does not."""
        self._ms += ms
        while self._ms >= _SLOT_MS:
            self._ms -= _SLOT_MS
            self._at = (self._at + 1) % _SLOTS
            self.window_nl -= self._slots[self._at]
            self._slots[self._at] = 0
        moved_nl = max(0, min(moved_nl, _MOST))
        if sees_air:
            self._liquid = 0
            self.single_nl = min(self.single_nl + moved_nl, _MOST)
            more = min(moved_nl, _MOST - self._slots[self._at])
            self._slots[self._at] += more
            self.window_nl += more
        elif self.single_nl:
            self._liquid += moved_nl
            if self._liquid >= _APART_NL:
                self.single_nl = 0
        if self.single_nl and self.single_nl >= self._single:
            return BUBBLE
        return MUCH if self.window_nl and self.window_nl >= self._window else CLEAR
