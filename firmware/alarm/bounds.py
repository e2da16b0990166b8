"""Alarm limits of the patient's values: what is beyond one for its delay is a breach, and ends well within it.

Two things are told apart. A breach is the patient's (physiological): only a good value within the limit ends it, or a
person who switches the limit off. A value that is withheld, old or doubtful is normal to nobody: it ends no breach, nor
the delay of one that has begun. That there has been no good value for long is the equipment's (technical), and is told
beside the breach, never instead of it.

    bounds = Bounds(ADULT_ROWS)
    said = bounds.look(parameter, value, good, now)     # LOW, HIGH, both bits 0 within the limits; and MISSING
"""

from array import array

from micropython import const

from alarm.patients import HIGH, LOW, OFF, WHOSE, WIDTH
from assuage_wire.schema import PARAMETERS, S30

MISSING = const(4)

SET = const(0)  # what set() and set_delay() answer
UNKNOWN = const(1)  # this parameter has no limits
BEYOND = const(2)  # further than a person may go
NEEDED = const(3)  # this side may not be off
CROSSED = const(4)  # low and high leave nothing between them in which a breach could end

LONGEST_S = const(30)  # delay that a person may set; a maker's oximeters offer 0 to 30 s

# places in a row, without its name
_LOW, _HIGH, _LEAST, _MOST = const(0), const(1), const(2), const(3)
_MUST, _DELAY, _INSIDE, _SILENCE = const(4), const(5), const(6), const(7)
_NONE = const(-1)


class Bounds:
    """The limits in `rows`, one of those of patients.py, and how each parameter stands to them, by its index.

    limits: eight numbers for each row. Nothing here allocates once made. `now` is the board's 30-bit ms.
    """

    def __init__(self, rows):
        n = len(PARAMETERS)
        self._row = array("b", [_NONE] * n)
        self._told = bytearray(n)
        self._side = bytearray(n)  # LOW or HIGH: the breach that is told, or whose delay runs
        self._since = array("i", [0] * n)  # ticks at which that delay began
        self._good = array("i", [0] * n)  # ticks of the last good value
        self._expected = bytearray(n)
        self.limits = array("H", [0] * (WIDTH * len(WHOSE)))
        for i in range(len(WHOSE)):
            self._row[WHOSE[i]] = i * WIDTH
        self.begin(rows)

    def begin(self, rows):
        """Another patient: these limits, and nothing of what was."""
        for i in range(len(self.limits)):
            self.limits[i] = rows[2 * i] | rows[2 * i + 1] << 8
        for i in range(len(self._told)):
            self._told[i] = self._side[i] = self._expected[i] = 0

    def row(self, parameter):
        """Where a parameter's numbers begin in `limits`, or -1 for one that has none."""
        return self._row[parameter] if 0 <= parameter < len(self._row) else _NONE

    def look(self, parameter, value, good, now):
        """What is to be told of a value: LOW or HIGH after the delay, and MISSING, in one number. In each turn.

        good: it may be believed now; else `value` means nothing.
        """
        row = self._row[parameter]
        if row < 0:
            return 0
        if not good:
            return self._look_away(parameter, row, now)
        self._good[parameter] = now
        self._expected[parameter] = 1
        told = self._told[parameter] & ~MISSING
        side = self._side[parameter]
        limits = self.limits
        low = limits[row + _LOW]
        high = limits[row + _HIGH]
        within = limits[row + _INSIDE] if told else 0
        if low != OFF and value < low + (within if side == LOW else 0):
            now_side = LOW
        elif high != OFF and value > high - (within if side == HIGH else 0):
            now_side = HIGH
        else:
            now_side = 0
        if now_side != side:
            self._side[parameter] = now_side
            self._since[parameter] = now
            told = 0
        self._told[parameter] = told
        return self._wait(parameter, row, now)

    def _look_away(self, parameter, row, now):
        """No good value: what has been told stands, and the delay goes on."""
        ms = self.limits[row + _SILENCE] * 1000
        if ms and self._expected[parameter] and (now - self._good[parameter]) & S30 >= ms:
            self._told[parameter] |= MISSING
        return self._wait(parameter, row, now)

    def _wait(self, parameter, row, now):
        side = self._side[parameter]
        told = self._told[parameter]
        if side and not told & side and (now - self._since[parameter]) & S30 >= self.limits[row + _DELAY] * 1000:
            self._told[parameter] = told = told | side
        return told

    def expect(self, parameter, now):
        """This value is wanted from now on, also when none has come yet: its silence is told."""
        if not self._expected[parameter]:
            self._expected[parameter] = 1
            self._good[parameter] = now

    def dismiss(self, parameter):
        """A person has taken this sensor away on purpose: its silence is no longer told. A breach stands."""
        self._expected[parameter] = 0
        self._told[parameter] &= ~MISSING

    def set(self, parameter, low, high):
        """New limits, OFF for none: SET, or why they are refused; then the old ones hold.

        A breach is judged by them at the next good value; one on a side that is switched off ends at once.
        """
        row = self.row(parameter)
        if row < 0:
            return UNKNOWN
        limits = self.limits
        must = limits[row + _MUST]
        if (low == OFF and must & LOW) or (high == OFF and must & HIGH):
            return NEEDED
        least = limits[row + _LEAST]
        most = limits[row + _MOST]
        if (low != OFF and not least <= low <= most) or (high != OFF and not least <= high <= most):
            return BEYOND
        if low != OFF and high != OFF and high - low <= 2 * limits[row + _INSIDE]:
            return CROSSED
        limits[row + _LOW] = low
        limits[row + _HIGH] = high
        side = self._side[parameter]
        if (side == LOW and low == OFF) or (side == HIGH and high == OFF):
            self._side[parameter] = 0
            self._told[parameter] &= MISSING
        return SET

    def set_delay(self, parameter, seconds):
        """A new delay for both sides: SET, UNKNOWN or BEYOND."""
        row = self.row(parameter)
        if row < 0:
            return UNKNOWN
        if not 0 <= seconds <= LONGEST_S:
            return BEYOND
        self.limits[row + _DELAY] = seconds
        return SET
