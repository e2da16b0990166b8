"""Finds the R waves of an electrocardiogram in 50 levels a second, and from them the heart rate.

A level is the sum of five samples over 20 ms, which leaves nothing of 50 Hz hum and a sixth of 60 Hz. What makes a QRS
complex is not height but steepness that changes: the second difference over 2 * 40 ms, centred on 12.5 Hz, of which a
T wave that is as tall has half, and breathing nothing. Its size, summed over 120 ms, is compared with that of earlier
beats; the centre of gravity of that sum is the beat's time, to 1/64 of a level's 20 ms. Over 2 * 20 ms a T wave as tall
has a quarter: so a wave soon after a beat that is much blunter than the beats before is no beat.

The thresholds are choices of this file, tried on simulated and recorded electrocardiograms.
"""

from array import array

from micropython import const

_PER_MINUTE = const(1_920_000)  # 600 tenths * 50 /s * 64: rate in 0.1 /min = this / interval in 1/64 of 20 ms
_KEPT = const(16)  # intervals
_SUMMED = const(6)  # levels
_WHOLE = const(12)  # levels from the start until a wave's top is that of a whole one
_REFRACTORY = const(12 * 64)  # 240 ms: up to 250 /min
_REPOLARISING = const(22)  # levels after a beat in which a much blunter wave is a T wave (Pan and Tompkins: 360 ms)
_LONGEST = const(150 * 64)  # 3 s: slower than 20 /min is a missed beat
_SHORTEST, _LONG = const(140 * 64), const(240 * 64)  # intervals that span less than 2.8 s in all give no rate,
_ENOUGH = const(5)  # nor do fewer than these that span less than 4.8 s
_FEWEST = const(3)
_SILENCE = const(200)  # 4 s without a beat: there is none any more
_WINDOW = const(400)  # the rate is that of the last 8 s
_EXPECTED = const(75)  # 1.5 s, while no interval is known
_FOREVER = const(1024)
_CLOCK = const(0x1FFFFFFF)


class RWaves:
    """Feed step() with levels from 0 to 20475, and call estimate() once a second. floor: the least sum of a beat.

    estimate() sets, from the beats of the last 8 s: rate, 0.1 /min, of the intervals that resemble the middle one, and
    mean, of all (both 0: none); in percent: regular, of intervals that do; uneasy, the mean change from one interval to
    the next; even, of beats about as sharp as the middle one; between and least, the sharpest after the time of T waves
    and the bluntest before the next beat, of a beat. doubled: every other beat is much blunter. silent: no beat for
    4 s. beats: how many so far, 30 bits.
    """

    def __init__(self, floor):
        self.floor = floor
        self.beats = 0
        self._levels = array("i", [0] * 16)
        self._sizes = array("i", [0] * 16)
        self._intervals = array("i", [0] * _KEPT)
        self._heights = array("i", [0] * _KEPT)
        self._betweens = array("i", [0] * _KEPT)
        self._leasts = array("i", [0] * _KEPT)
        self._ends = array("i", [0] * _KEPT)  # clock at the end of each interval
        self._sorted = [0] * _KEPT  # a list, for its sort() does not allocate
        self.start(0)

    def start(self, level):
        """Forgets all beats; as if the level had always been this one."""
        for i in range(16):
            self._levels[i] = level
            self._sizes[i] = 0
        self._n = 0  # clock, levels
        self._sum = 0
        self._peak = self._sharp = 0  # of recent beats, sinking slowly
        self._begin_counting()
        self._forget()
        self.estimate()

    def _forget(self):
        self._known = 0  # intervals in the rings
        self._last = 0  # place of the newest
        self._due = self._before = _EXPECTED  # the longer of the last two intervals, and the last, levels

    def _begin_counting(self):
        self._timed = False  # whether there is a beat to count the next interval from
        self._pushed = False  # whether the interval before that beat was kept
        self._since = 0  # levels since the last beat's top
        self._offset = 0  # its centre before that, 1/64 level
        self._height = 0
        self._most = 0  # between beats, after the time of T waves
        self._least = _CLOCK
        self._top = 0  # of a wave under way
        self._age = 0  # levels since then

    def gap(self):
        """Levels are missing here: the interval under way is of unknown length."""
        self._begin_counting()

    def step(self, level):
        """Takes one level."""
        self._n = n = (self._n + 1) & _CLOCK
        levels = self._levels
        size = level - (levels[(n - 2) & 15] << 1) + levels[(n - 4) & 15]
        levels[n & 15] = level
        if size < 0:
            size = -size
        sizes = self._sizes
        self._sum = now = self._sum + size - sizes[(n - _SUMMED) & 15]
        sizes[n & 15] = size
        if now < self._least:
            self._least = now
        since = self._since
        if since < _FOREVER:
            self._since = since = since + 1
        top = self._top
        if top:
            self._age = age = self._age + 1
            if now > top:
                self._top = now
                self._age = 0
            elif now << 1 < top or age >= _SUMMED:
                self._close()
            return
        peak = self._peak
        peak -= (peak >> 5) if since << 1 > 3 * self._due else (peak >> 8)
        self._peak = peak
        if now << 4 > 7 * peak and now > self.floor:
            self._top = now
            self._age = 0
        elif since > _REPOLARISING and now > self._most:
            self._most = now

    def _centre(self, age, height):
        """Of the wave whose sum was highest, `height`, `age` levels ago: 1/64 of a level before that."""
        at = self._n - age
        sizes = self._sizes
        moment = 0
        for i in range(1, _SUMMED):
            moment += i * sizes[(at - i) & 15]
        return (moment << 6) // height

    def _sharpness(self, age):
        """Of the wave whose top was `age` levels ago."""
        levels = self._levels
        sharp = 0
        at = self._n - age
        after = levels[at & 15]
        middle = levels[(at - 1) & 15]
        for i in range(2, _SUMMED + 3):
            before = levels[(at - i) & 15]
            size = after - middle - middle + before
            if size < 0:
                size = -size
            if size > sharp:
                sharp = size
            after = middle
            middle = before
        return sharp

    def _close(self):
        """A wave is over whose top was _age levels ago."""
        height = self._top
        self._top = 0
        age = self._age
        if self._n - age < _WHOLE and not self._known:
            return  # its beginning may not have been seen
        levels = self._since - age
        centre = self._centre(age, height)
        interval = (levels << 6) - centre + self._offset
        sharp = self._sharpness(age)
        if self._known < _FEWEST and height > self._peak << 1:
            # what was found so far was noise or T waves
            self._forget()
            self._timed = False
            self._peak = height
            self._sharp = sharp
        if self._timed:
            if interval < _REFRACTORY:
                if height << 1 <= 3 * self._height:
                    return  # part of the same beat
                if self._pushed:  # the earlier wave was none: its beat is moved here
                    self._intervals[self._last] += interval
                    self._heights[self._last] = height
            elif levels <= _REPOLARISING and sharp * (2 if self._early(levels) else 3) < self._sharp:
                return
            else:
                self._pushed = interval <= _LONGEST
                if self._pushed:
                    self._keep(interval, height)
                else:  # what was before the pause is no rate of now
                    self._forget()
                self.beats = (self.beats + 1) & _CLOCK
        else:
            self._pushed = False
        self._timed = True
        self._since = age
        self._offset = centre
        self._height = height
        self._most = 0
        self._least = _CLOCK
        peak = self._peak  # one artefact may not deafen it
        self._peak = peak + (((height if height < peak << 1 else peak << 1) - peak) * 3 >> 2)
        self._sharp = max(self._sharp * 7 >> 3, min(sharp, self._sharp * 3 >> 1))

    def _early(self, levels):
        """Whether a wave so long after a beat is earlier than the last interval lets expect.

        One that is not may well be a beat: in narrow complexes sharpness varies by two, as the levels happen to lie.
        """
        return self._known > 0 and levels << 2 < 3 * self._before

    def _keep(self, interval, height):
        self._last = last = (self._last + 1) % _KEPT
        self._intervals[last] = interval
        self._heights[last] = height
        self._betweens[last] = self._most
        self._leasts[last] = self._least
        self._ends[last] = self._n
        levels = interval >> 6
        self._due = levels if levels > self._before else self._before
        self._before = levels
        if self._known < _KEPT:
            self._known += 1

    def estimate(self):
        """Sets the results."""
        self.rate = self.mean = self.regular = self.uneasy = self.even = self.between = self.least = 0
        self.doubled = False
        self.silent = self._since > _SILENCE
        count = span = 0
        at = self._last
        while count < self._known and (self._n - self._ends[at]) & _CLOCK < _WINDOW:
            span += self._intervals[at]
            count += 1
            at = (at - 1) % _KEPT
        if self.silent or span < _SHORTEST or (count < _ENOUGH and span < _LONG):
            return
        middle = self._middle(self._intervals, count)
        near = total = 0
        for i in range(count):
            interval = self._sorted[i]
            if -middle <= 5 * (interval - middle) <= middle:
                near += 1
                total += interval
        self.rate = _PER_MINUTE * near // total
        self.mean = _PER_MINUTE * count // span
        self.regular = 100 * near // count
        self.uneasy = 100 * self._change(count) // middle
        middle = self._middle(self._heights, count)
        near = 0
        for i in range(count):
            if 5 * middle <= self._sorted[i] << 3 and 5 * self._sorted[i] <= middle << 3:
                near += 1
        self.even = 100 * near // count
        self.between = 100 * self._middle(self._betweens, count) // middle
        self.least = 100 * self._middle(self._leasts, count) // middle
        self._alternate(count)

    def _change(self, count):
        """Mean size of the change from one of the newest `count` intervals to the next, 1/64 level."""
        total = 0
        at = self._last
        later = self._intervals[at]
        for _ in range(count - 1):
            at = (at - 1) % _KEPT
            change = later - self._intervals[at]
            total += change if change > 0 else -change
            later = self._intervals[at]
        return total // (count - 1)

    def _alternate(self, count):
        """Whether every other wave is a T wave, by the look of it."""
        one = two = 0
        at = self._last
        for _ in range(count >> 1):
            one += self._heights[at] >> 4
            at = (at - 1) % _KEPT
            two += self._heights[at] >> 4
            at = (at - 1) % _KEPT
        self.doubled = count > _FEWEST and (5 * one < 4 * two or 5 * two < 4 * one)

    def _middle(self, ring, count):
        """Median of the newest `count` items, which it leaves sorted in _sorted."""
        ordered = self._sorted
        at = self._last
        for i in range(_KEPT):
            ordered[i] = ring[at] if i < count else _CLOCK  # which sorts behind them
            at = (at - 1) % _KEPT
        ordered.sort()
        return ordered[count >> 1]
