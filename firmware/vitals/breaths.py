"""Finds the breaths in a capnogram of 20 or 25 levels a second, and from them rate, end-tidal and inspired CO2.

Thresholds move with what is breathed: a rise begins an expiration when it is half as high as the last breath was, or
less the longer no breath came; a fall ends it when it undoes five eighths of that breath's own rise. So a gas that the
sampling only half exchanges between quick breaths is counted, which fixed thresholds are not, and the heart's dips in a
long plateau are not. The fall is the steepest edge there is: breaths are timed by it, interpolated to 1/256 level.
How high a breath's gas rises is end-tidal only where it ends on a plateau.
"""

from array import array

from micropython import const

_KEPT = const(8)  # intervals and tops
_LEAST = const(60)  # rise, 0.1 mmHg, that is a breath: 0.8 vol%; a cleared product has 1
# 0.1 mmHg that an expiration may climb more than it rises, beyond 1/64 of that and 1/4 a level for noise
_STEADY, _RIPPLED = const(10), const(30)
_END = const(6)  # 0.1 mmHg, beyond 1/128 of the rise, that a steady plateau may sink from its top; see _plateau
_DIP = const(50)  # 0.1 mmHg that a rippled one may
_ALIKE = const(25)  # 0.1 mmHg by which the top of a rippled one and those beside it may differ
_SHORTEST = const(4)  # levels of an expiration, by its half height; anything shorter is a spike
_STANDING = const(400)  # levels, 16 s or more: a whole breath of 4 /min lasts 15
_OLD = const(45 * 25 * 256)  # intervals that together span more do not count
_CLOCK = const(0x3FFFFFFF)
_UNTIMED = const(1 << 20)
_SPOILT = const(-(1 << 20))  # in place of a top
_MEANS, _MASK = const(64), const(63)  # remembered


class Breaths:
    """Feed step() with levels in 0.1 mmHg, at most 2**15. lag: the time constant of the gas's way, in levels.

    ended: a breath has just ended, until the next step.
    top: end-tidal level of the last breath, the highest mean of four levels; base: lowest mean before it. known: breath
    intervals in the ring. since: levels since the last breath ended, or since start(). expiring: in an expiration, and
    held: for so many levels. swing: how far the last breath rose, sinking while the next is overdue. rise_levels,
    rest_levels: how long the last expiration was, and the inspiration before it.
    """

    def __init__(self, lag=6):
        self._fall_levels = lag * 5 // 4 + 2  # from a plateau's end until its fall is found, and the mean is past it
        self._long = lag * 8 + 4  # a shorter one shows less of a dip than there is
        self._means = array("i", [0] * _MEANS)
        self._at = 0
        self._intervals = array("i", [0] * _KEPT)  # 1/256 level
        self._tops = array("i", [0] * _KEPT)
        self._start_levels()
        self.start()

    def start(self):
        """Forgets everything."""
        self.known = self.tops = self._rippled = 0
        self._last = self._last_top = 0
        self.since = 0
        self.top = self.base = 0
        self.rise_levels = self.rest_levels = 0
        self.ended = False
        self._due = _CLOCK
        self.swing = 0
        self._fresh = True
        self._timed = False

    def gap(self, levels):
        """So many levels are missing here: the breath under way is of unknown length."""
        self._fresh = True
        self._timed = False
        self.since = (self.since + levels) & _CLOCK

    def _start_levels(self):
        self.expiring = False
        self.held = 0
        self._x1 = self._x2 = self._x3 = 0
        self._mean = 0
        self._low = self._high = self._dip = 0
        self._climb = 0  # all that the means rose in this expiration, dips included
        self._offset = 0
        self._rest = 0

    def _begin(self, level):
        self._fresh = False
        self._start_levels()
        self._x1 = self._x2 = self._x3 = self._low = self._mean = level

    def step(self, level):
        """Takes one level."""
        if self._fresh:
            self._begin(level)
        before = self._x1
        mean = (level + before + self._x2 + self._x3) >> 2
        self._x3 = self._x2
        self._x2 = before
        self._x1 = level
        self._at = at = self._at + 1 & _MASK
        self._means[at] = mean
        self.ended = False
        self.held += 1
        self.since = since = self.since + 1
        if since > self._due:  # overdue: perhaps the breaths have become smaller
            self.swing -= self.swing >> 6
        if self.expiring:
            if mean > self._mean:
                self._climb += mean - self._mean
            if mean > self._high:
                self._high = self._dip = mean
            elif mean < self._dip:
                self._dip = mean
            elif since > self._due and mean - self._dip > _LEAST and mean - self._dip > (self._high - self._dip) >> 1:
                # breaths that no longer reach down to where they began: what is inspired has risen
                self._low = self._dip
                self._timed = False
            threshold = self._high - ((self._high - self._low) * 5 >> 3)
            if level < threshold:
                self._fall(before, level, threshold)
        else:
            if mean < self._low:
                self._low = mean
            rise = self.swing >> 1
            if level >= self._low + (rise if rise > _LEAST else _LEAST):
                self.expiring = True
                self._rest = self.held
                self.held = 0
                self._high = self._dip = mean
                self._climb = mean - self._low
        self._mean = mean

    def _fall(self, before, level, threshold):
        """The expiration, if it was one, has ended between the last two levels."""
        part = ((before - threshold) << 8) // (before - level) if before > level else 0
        part = 0 if part < 0 else 255 if part > 255 else part
        was = self.held
        self.expiring = False
        self.held = 0
        low = self._low
        self._low = level
        if was < _SHORTEST or self._high - low < _LEAST:
            self._low = low if low < level else level
            return
        if was > _STANDING:  # gas that stood still: its end is no breath's
            self.known = self.tops = 0
            self._timed = False
            return
        if self._timed and self.since < _UNTIMED:
            interval = (self.since << 8) + part - self._offset
            self._keep(interval)
        self._timed = True
        self._offset = part
        self.since = 0
        self.rise_levels = was
        self.rest_levels = self._rest
        self.base = low
        self.top = self._high
        self.swing = self._high - low
        self._last_top = (self._last_top + 1) % _KEPT
        self._tops[self._last_top] = self._plateau(was)
        if self.tops < _KEPT:
            self.tops += 1
        self.ended = True

    def _plateau(self, levels):
        """The top of the expiration of so many levels that has ended, _SPOILT if that was no plateau's.

        A plateau is climbed once and does not sink before its end, seen in the last three means that overlap neither
        each other nor the fall. A cough cuts it or chops it. So does the heart a long one, but alike from breath to
        breath, as a cough does not: its top counts if its neighbours' are the more alike.
        """
        high = self._high
        part = self.swing >> 5
        ripple = self._climb - self.swing - (part >> 1) - (levels >> 2)
        means = self._means
        at = self._at - self._fall_levels
        last = high - means[at & _MASK]
        before = high - means[at - 4 & _MASK]
        first = high - means[at - 8 & _MASK]
        if (
            ripple <= _STEADY
            and last <= _END + (part >> 2)
            and before <= 2 * _END + (part >> 1)
            and first <= 4 * _END + part
        ):
            if self._rippled:
                self._rippled -= 1
        elif levels > self._long and ripple <= _RIPPLED and last <= _DIP and before <= _DIP and first <= _DIP:
            self._rippled = 3
        else:
            return _SPOILT
        return high

    def _keep(self, interval):
        self._last = (self._last + 1) % _KEPT
        self._intervals[self._last] = interval
        if self.known < _KEPT:
            self.known += 1
        self._due = interval * 3 >> 9  # once and a half as long, in levels

    def interval(self):
        """Mean of the newest breath intervals that are alike, in 1/256 level, 0 where the newest two are not."""
        known = self.known
        if known < 2:
            return 0
        at = self._last
        middle = (self._intervals[at] + self._intervals[(at - 1) % _KEPT]) >> 1
        quarter = middle >> 2
        total = near = recent = 0
        while near < known and total < _OLD:
            interval = self._intervals[at]
            if not -quarter <= interval - middle <= quarter:
                break
            at = (at - 1) % _KEPT
            total += interval
            near += 1
            if near == 3:
                recent = total // 3
        if near < 2:
            return 0
        mean = total // near
        # the newest three tell of a small change that is no scatter
        return recent if recent and not -mean <= (recent - mean) << 4 <= mean else mean

    def agreed_top(self, reach):
        """The newest top, or -1 where one of the two before it is not within `reach` of it."""
        newest = self._tops[self._last_top]
        if self._rippled and reach > _ALIKE:
            reach = _ALIKE
        if self.tops < 3 or newest == _SPOILT:
            return -1
        for back in (1, 2):
            if not -reach <= self._tops[(self._last_top - back) % _KEPT] - newest <= reach:
                return -1
        return newest
