"""The force on the plunger in mN, from the codes of a 24-bit bridge converter, and how far it can be trusted.

    force = Force(42_950, 1, 110_000)      # 42 950 counts per N, no more than 110 N; from the board's calibration
    force.tare(plunger_is_free)            # after power-up and each lost(), while nothing touches the pusher
    force.read(code)                       # each fresh code
    force.wait(ms)                         # each poll, with or without one
    if force.quality == GOOD: use(force.mn)

The idea: the median of three codes, so that a single misread one never counts, then an exponential mean of a quarter.
On a ramp the force is 1 + 3 readings late (0.4 s at 10 a second, 50 ms at 80), after a step it is within 10 % after
1 + 9 readings. A code at the converter's rail and one that repeats for ever are no readings; nothing refreshes the age
of the last good one.

A converter of this kind lands on another zero at each power-up, by up to 1 % of its range (known of the NAU7802): so a
force without a tare is not GOOD, unless the board vouches for its stored zero.

Bounds: codes of 24 bits; a count of 2**9 to 2**20 per `per` N and per <= 32, so every product is below 2**30.
"""

from micropython import const

GOOD, NO_READING, RAIL, STUCK, BEYOND, UNTARED = range(6)

STALE_MS = 500  # an older force is none

_RAIL = const(0x7FFFFF)
_SAME = const(20)  # readings; the converter's own noise is many counts, so equal ones come from a dead one
_AGED = const(60_000)
_STILL = const(8)  # readings that a tare wants to have been steady
_SHARE = const(4)  # a tare moves the zero by no more than the fourth part of the range: more is a load


class Force:
    """counts / per: codes for one N, negative when codes fall under load. most_mn: what the cell may carry.

    zero: code without load, None when it must be tared. mn: the force, pushing is positive. quality: one of the above.
    Raises ValueError for a calibration that does not fit the bounds.
    """

    def __init__(self, counts, per, most_mn, zero=None):
        if not (1 << 9 <= abs(counts) <= 1 << 20 and 1 <= per <= 32 and abs(counts) >= per << 9):
            raise ValueError("calibration out of bounds")
        self.mn = 0
        self.quality = NO_READING
        self._counts = abs(counts)
        self._per = per if counts > 0 else -per
        self._most = most_mn
        self._tared = self._vouched = zero is not None
        self._home = self._zero = (zero or 0) << 4  # in 1/16 code, as the mean is
        self._still_band = (self._counts // per >> 4) + 1 << 4  # a sixteenth N
        self._age = _AGED
        self._rail = False
        self._before = self._newest = 0
        self._mean = 0
        self._same = 0
        self._still = 0

    def read(self, code):
        """Takes a fresh signed code."""
        self._rail = not -_RAIL <= code < _RAIL
        if not self._rail:
            if self._age > STALE_MS:
                self._before = self._newest = code
                self._mean = code << 4
            self._same = min(self._same + 1, _SAME) if code == self._newest else 0
            oldest = self._before
            self._before = self._newest
            self._newest = code
            middle = max(min(self._before, code), min(max(self._before, code), oldest)) << 4
            off = middle - self._mean
            self._mean += (off + 2) >> 2
            self._still = min(self._still + 1, _STILL) if -self._still_band < off < self._still_band else 0
            self._age = 0
            self._reckon()
        self._judge()

    def wait(self, ms):
        """Tells how long it has been since the last call."""
        self._age = min(self._age + ms, _AGED)
        self._judge()

    def tare(self, free):
        """Takes the present force for none, if `free`: the plunger drive touches nothing. False when it cannot be.

        It must be fresh, steady, and within a quarter of the range from the board's own zero.
        """
        if not free or self._still < _STILL or self._age > STALE_MS or self._rail or self._same >= _SAME:
            return False
        if abs(self._to_mn(self._mean - self._home)) * _SHARE > self._most:
            return False
        self._zero = self._mean
        self._tared = True
        self._reckon()
        self._judge()
        return True

    def lost(self):
        """The converter has calibrated itself anew: its zero is another, and what was tared is of no use."""
        self._tared = self._vouched
        self._still = 0
        self._judge()

    def _to_mn(self, sixteenths):
        code = max(-(1 << 24), min((sixteenths + 8) >> 4, 1 << 24)) * self._per
        return code // self._counts * 1000 + code % self._counts * 1000 // self._counts

    def _reckon(self):
        self.mn = self._to_mn(self._mean - self._zero)

    def _judge(self):
        if self._age > STALE_MS:
            self.quality = NO_READING
        elif self._rail:
            self.quality = RAIL
        elif self._same >= _SAME:
            self.quality = STUCK
        elif abs(self.mn) > self._most:
            self.quality = BEYOND
        else:
            self.quality = GOOD if self._tared else UNTARED
