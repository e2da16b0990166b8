"""Follows one swing in a series: a band-pass an octave and a half wide, and the intervals of what comes through."""

from array import array

from micropython import const

_KEPT = const(8)
_LIMIT = const(1 << 23)
_LONG = const(1 << 16)
_BEGINNING = const(2)  # cycles that the filter still rings with what was before


class Swings:
    """Feed step() evenly with values within +-2**23; the band lies around a cycle of 11 steps, 7 to 17 of them.

    Two equal sections in state-variable form (Chamberlin, Musical Applications of Microprocessors, 1985, ch. 14),
    frequency coefficient 9/16, damping 11/16: an octave off a third comes through, two octaves off a thirtieth.

    After estimate(needed): interval, mean of the newest cycles that are alike, in 1/256 step, 0 unless the newest
    `needed` are, and the swing goes on; size: their height. loud: height of the newest four, alike or not.

    When what swings stops, the filter rings: to 0.36 of its height one cycle later, 0.07 two cycles later. So neither
    the newest cycle may be less than half as high as those before, nor the one under way less than half as far at the
    time when it should have been at its top, and at its foot.
    """

    def __init__(self):
        self._intervals = array("i", [0] * _KEPT)
        self._sizes = array("i", [0] * _KEPT)
        self.start()

    def start(self):
        """Forgets everything; the next value counts as the one that always was."""
        self._fresh = True
        self._known = self._last = 0
        self.interval = self.size = self.loud = 0
        self._low = self._band = self._low_2 = self._band_2 = 0
        self._before = 0
        self._settled = 0
        self._since = _LONG
        self._offset = 0
        self._top = self._foot = 0

    def step(self, value):
        """Takes one value."""
        value = -_LIMIT if value < -_LIMIT else _LIMIT if value > _LIMIT else value
        if self._fresh:
            self._fresh = False
            self._low = value
        band = self._band
        self._low = low = self._low + (band * 9 >> 4)
        value -= low + (band * 11 >> 4)
        self._band = band = band + (value * 9 >> 4)
        again = self._band_2
        self._low_2 = low = self._low_2 + (again * 9 >> 4)
        value = band - low - (again * 11 >> 4)
        self._band_2 = now = again + (value * 9 >> 4)
        if now > self._top:
            self._top = now
        elif now < self._foot:
            self._foot = now
        if self._since < _LONG:
            self._since += 1
        if self._before < 0 <= now:
            self._rise(now)
        self._before = now

    def _rise(self, now):
        size = self._top - self._foot
        if self._known and size * 4 < self._sizes[self._last] and self._since << 7 < self._intervals[self._last]:
            return  # a ripple on the swing
        before = -self._before >> 6
        offset = (before << 8) // (before + (now >> 6) + 1)
        if self._since < _LONG and self._settled == _BEGINNING:
            self._last = last = (self._last + 1) % _KEPT
            self._intervals[last] = (self._since << 8) + offset - self._offset
            self._sizes[last] = size
            if self._known < _KEPT:
                self._known += 1
        elif self._since < _LONG:
            self._settled += 1
        self._since = 0
        self._offset = offset
        self._top = self._foot = 0

    def estimate(self, needed):
        """Sets the results."""
        self.interval = self.size = self.loud = 0
        known = self._known
        if known > 3:
            for back in range(4):
                self.loud += self._sizes[(self._last - back) % _KEPT] >> 2
        if known < needed:
            return
        newest = self._intervals[self._last]
        if newest <= 0 or self._since << 9 > 3 * newest:
            return
        at = self._last
        total = sizes = like = 0
        while like < known:
            interval = self._intervals[at]
            if not -newest <= (interval - newest) << 2 <= newest:
                break
            total += interval
            sizes += self._sizes[at] >> 3
            like += 1
            at = (at - 1) % _KEPT
        if like >= needed and self._goes_on(total // like, sizes // like << 3):
            self.interval = total // like
            self.size = sizes // like << 3

    def _goes_on(self, interval, size):
        """Whether the newest cycle, and the one under way, are more than what the filter still rings with."""
        if self._sizes[self._last] << 1 < size:
            return False
        part = self._since << 11
        if part > 3 * interval and self._top << 2 < size:
            return False
        return part < 7 * interval or -self._foot << 2 >= size
