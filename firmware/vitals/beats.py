"""Finds the beats in a pulse wave of 25 levels a second by its steepest rises, and from them the pulse rate.

The rise is the sharpest and most constant part of the wave: breathing and wander hardly tilt it, and the rise of the
dicrotic wave is much flatter than that of the systole. Its steepest moment is interpolated with a parabola to 1/256 of
a level's 40 ms, so the coarse sampling costs no accuracy.
"""

from array import array

from micropython import const

_PER_MINUTE = const(3_840_000)  # 600 tenths * 25 /s * 256: rate in 0.1 /min = this / interval in 1/256 of 40 ms
_KEPT = const(16)  # intervals
_REFRACTORY = const(6 * 256)  # 240 ms: up to 250 /min
_LONGEST = const(64 * 256)  # 2.56 s: slower than 24 /min is a missed beat
_SHORTEST = const(75 * 256)  # intervals that span less than 3 s in all give no rate
_SILENCE = const(75)  # 3 s without a beat: there is no rate any more
_WINDOW = const(160)  # the rate is that of the last 6.4 s, three beats of 30 /min
_CERTAIN = const(3)  # intervals; before them a rise twice as steep as all others begins anew, later one 8 times so
_FEWEST = const(3)  # a rate rests on so many intervals, or is called less regular
_EXPECTED = const(37 * 256)  # 1.5 s, while no interval is known
_FOREVER = const(128)  # levels since the last rise are counted no further
_CLOCK = const(0x1FFFFFFF)


class Beats:
    """Feed step() with levels that rise with the blood, at most 2**20 in size, and call estimate() once a second.

    estimate() sets pulse in 0.1 /min (0: none), and off, by how much the mean of all beats is quicker; height of the
    pulse from trough to peak in the levels' unit; regular and even: percentage of the beats whose interval, and whose
    height, resembles the middle one's.
    floor: a rise over 160 ms that is less than 5/8 of this is no beat.

    For whoever follows single beats: kept counts them up, and interval, in 1/256 level, and rise, over 160 ms and
    interpolated, are of the beat before the newest, which nothing can change any more.
    """

    def __init__(self):
        self._intervals = array("i", [0] * _KEPT)
        self._heights = array("i", [0] * _KEPT)
        self._rises = array("i", [0] * _KEPT)
        self._ends = array("i", [0] * _KEPT)  # clock at the end of each interval
        self._sorted = [0] * _KEPT  # a list, for its sort() does not allocate
        self._clock = 0
        self.floor = 2
        self.kept = self.interval = self.rise = 0
        self._fill(0)
        self.start()

    def start(self):
        """Forgets all beats and learns anew how steep a rise is."""
        self.pulse = self.off = self.height = self.regular = self.even = 0
        self.silent = False
        self._forget()
        self._peak = 0  # steepness of recent beats, sinking slowly
        self.gap()

    def _forget(self):
        self._known = 0  # intervals in the rings
        self._last = 0  # place of the newest
        self._due = _EXPECTED  # the longer of the last two intervals: a dicrotic wave once counted does not breed more
        self._before = 0

    def gap(self):
        """Levels are missing here: the interval under way is of unknown length."""
        self._fresh = True  # the next level has no predecessor
        self._timed = False  # whether there is a rise to count the next interval from
        self._pushed = False  # whether the interval before that rise was kept
        self._since = 0  # levels since the last rise
        self._offset = 0  # its interpolated place, 1/256 level
        self._steep = 0  # its steepness

    def _fill(self, level):
        """As if the level had always been this one."""
        self._fresh = False
        self._x1 = self._x2 = self._x3 = self._x4 = level
        # extremes since the last rise, the highest before the lowest, and the lowest before the last rise
        self._top = self._low = self._crest = self._foot = level
        self._v1 = self._v2 = self._trend = 0

    def step(self, level):
        """Takes one level."""
        if self._fresh:
            self._fill(level)
        # the rise over 160 ms that ends here, less the trend of the last 1.3 s, which breathing and wander make
        steep = level - self._x4
        trend = self._trend
        self._trend = trend = trend + steep - (trend >> 5)
        steep -= trend >> 5
        before = self._v1
        since = self._since
        if since < _FOREVER:
            since += 1
            self._since = since
        self._clock = (self._clock + 1) & _CLOCK
        if level > self._top:
            self._top = level
        elif level < self._low:
            self._low = level
            self._crest = self._top
        # overdue by half: perhaps the rises have become flatter, as they do when the pulse slows down
        peak = self._peak
        peak -= (peak >> 4) if since << 9 > 3 * self._due else (peak >> 7)
        if peak < self.floor:
            peak = self.floor
        self._peak = peak
        if before << 3 > 5 * peak and before > steep and before >= self._v2:
            self._rise(before, steep, level)
        self._v2 = before
        self._v1 = steep
        self._x4 = self._x3
        self._x3 = self._x2
        self._x2 = self._x1
        self._x1 = level

    def _rise(self, steep, after, level):
        """The wave was steepest one level ago."""
        before = self._v2
        offset = ((before - after) << 7) // (before - steep - steep + after)
        interval = ((self._since - 1) << 8) + offset - self._offset
        if steep > self._peak << (1 if self._known < _CERTAIN else 3):
            # what was found so far was noise between beats, or the dicrotic wave of a first, incomplete one
            self._forget()
            self._timed = False
            self._peak = steep
        if self._timed and interval < _REFRACTORY:
            if steep <= self._steep:
                return  # part of the same beat
            # the earlier, flatter rise was none: its beat is moved here
            if self._pushed:
                self._intervals[self._last] += interval
                self._rises[self._last] = steep - ((before - after) * offset >> 10)
            if self._foot < self._low:
                self._low = self._foot
        else:
            self._pushed = self._timed and interval <= _LONGEST
            if self._pushed:
                self._keep(interval, steep - ((before - after) * offset >> 10))
        self._foot = self._low
        self._low = level
        # a quick pulse has passed its top already: the rise was centred three levels ago
        self._top = self._crest = max(level, self._x1, self._x2, self._x3)
        self._timed = True
        self._since = 1
        self._offset = offset
        self._steep = steep
        # one artefact may not deafen it
        peak = self._peak
        self._peak = peak + (((steep if steep < peak << 2 else peak << 2) - peak) * 3 >> 2)

    def _keep(self, interval, rise):
        last = self._last
        if self._known:
            self.kept = (self.kept + 1) & _CLOCK
            self.interval = self._intervals[last]
            self.rise = self._rises[last]
        self._last = last = (last + 1) % _KEPT
        self._intervals[last] = interval
        self._rises[last] = rise
        # above the middle of the troughs on both sides, so that wander adds nothing
        self._heights[last] = self._crest - ((self._foot + self._low) >> 1)
        self._ends[last] = self._clock
        self._due = interval if interval > self._before else self._before
        self._before = interval
        if self._known < _KEPT:
            self._known += 1

    def estimate(self):
        """Sets the results from the beats of the last 6 s."""
        self.pulse = self.off = self.height = self.regular = self.even = 0
        count = span = 0
        at = self._last
        while count < self._known and (self._clock - self._ends[at]) & _CLOCK < _WINDOW:
            span += self._intervals[at]
            count += 1
            at = (at - 1) % _KEPT
        self.silent = self._since > _SILENCE
        if count < 2 or span < _SHORTEST or self.silent:
            return
        ordered = self._sorted
        middle = self._middle(self._intervals, count)
        low, high = middle * 4 // 5, middle * 6 // 5
        near = total = 0
        for i in range(count):
            interval = ordered[i]
            if low <= interval <= high:
                near += 1
                total += interval
        self.pulse = _PER_MINUTE * near // total
        self.off = _PER_MINUTE * count // span - self.pulse
        self.regular = 100 * near // max(count, _FEWEST)
        self.height = middle = self._middle(self._heights, count)
        low, high = middle * 2 // 3, middle * 4 // 3
        near = 0
        for i in range(count):
            if low <= ordered[i] <= high:
                near += 1
        self.even = 100 * near // count

    def _middle(self, ring, count):
        """Median of the newest `count` items, which it leaves sorted in _sorted."""
        ordered = self._sorted
        at = self._last
        for i in range(count):
            ordered[i] = ring[at]
            at = (at - 1) % _KEPT
        for i in range(count, _KEPT):
            ordered[i] = _CLOCK  # which sorts behind them
        ordered.sort()
        return ordered[count >> 1]
