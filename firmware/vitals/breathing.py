"""Respiration from the pulse wave, a second source beside the capnograph: breathing moves the wave's level (RIIV), the
size of its beats (RIAV) and their intervals (RIFV).

The three series are brought to 8.3 values a second and each is followed in four bands, an octave apart, of which each
slower one takes every other value. A rate is shown where the level and at least one of the others swing in the same
band with the same regular rate, the third does not contradict there, and two of the three swing most at that rate.
Breaths quicker than half the pulse show in the beats with another, slower rate. Not so in the level, which is a mean
over one beat, taken 8 times a second: there the quicker swing remains, and a rate beside which a quicker one is half as
loud is withheld. Sources: Karlen 2013 (three series, fused, windows of disagreement rejected), Charlton 2016.
"""

from array import array

from micropython import const

from assuage_wire.schema import NONE16, S30, SIGNALS
from vitals.swings import Swings

OK = SIGNALS.index("ok")
SETTLING = SIGNALS.index("settling")
IRREGULAR = SIGNALS.index("irregular")

_STRIDE = const(3)  # blocks of 40 ms in one step
_BANDS = const(4)
_SERIES = const(3)
_RING = const(128)  # sums of levels: 5 s, a beat of 2.56 s and room
_MASK = const(127)
_WRAP = const(0x1FFFFFFF)  # of the sums
_RANGE = const(1 << 18)  # of a level around the first one
_PER_MINUTE = const(1_280_000)  # 0.1 /min = this / interval in 1/256 step: 600 * 25 / 3 * 256
_SLOWEST, _FASTEST = const(38), const(620)  # 0.1 /min
_CENTRE = const(450)  # 0.1 /min: of the quickest band
_NEEDED = (8, 6, 3, 2)  # cycles that must be alike, in each band
_BREATH_S = const(600)  # seconds of a breath = this / rate in 0.1 /min
_PATIENCE = const(40)  # seconds after which "settling" is no longer the reason


class Breathing:
    """Feed step() with the levels that Beats gets, after it, and judge() once a second.

    resp: 0.1 /min, NONE16 without a number; signal: why; count: see the other sources.
    """

    def __init__(self, beats):
        self._beats = beats
        self._sums = array("i", [0] * _RING)
        self._swings = [Swings() for _ in range(_SERIES * _BANDS)]
        self._steps = [swing.step for swing in self._swings]  # bound methods allocate whenever they are fetched
        self._rests = array("i", [0] * (_SERIES * _BANDS))  # the first of two values for the next slower band
        self._now = array("i", [0] * _SERIES)  # value of each series, moving to its
        self._goal = array("i", [0] * _SERIES)
        self._move = array("i", [0] * _SERIES)
        self.resp = NONE16
        self.signal = SETTLING
        self.count = 0
        self._rates = array("i", [0] * _SERIES)
        self._turn = 0
        self._interval = 256  # mean of the newest beats, 1/256 block
        self.start()

    def start(self):
        """Forgets everything."""
        for swing in self._swings:
            swing.start()
        self._fresh = True
        self._ready = False  # there is a beat
        self._behind = False  # the slower bands wait for the last values
        self._sum = self._at = self._blocks = self._ticks = 0
        self._filled = self._seconds = 0
        self._shown = 0  # rate that is shown, 0.1 /min
        self._pause = 0  # seconds until one may be shown again
        self._reference = 0
        self._kept = self._beats.kept

    def step(self, level, busy=False):
        """Takes one level. busy: the caller has much else to do in this turn, so what can wait does."""
        if self._fresh:
            self._fresh = False
            self._reference = level
        level -= self._reference
        if not -_RANGE < level < _RANGE:
            level = _RANGE if level > 0 else -_RANGE
        self._sum = total = (self._sum + level) & _WRAP
        self._at = at = (self._at + 1) & _MASK
        self._sums[at] = total
        if self._filled < _RING:
            self._filled += 1
        self._blocks = blocks = self._blocks + 1
        if blocks == _STRIDE:
            self._blocks = 0
            self._beat()
            if self._ready:
                self._slow()
                self._tick()
                self._behind = True
        elif not busy:
            if self._behind:  # the slower bands and the judgement of a swing, in turns of their own
                self._slow()
            else:
                self._turn = turn = (self._turn + 1) % (_SERIES * _BANDS)
                self._swings[turn].estimate(_NEEDED[turn // _SERIES])

    def _beat(self):
        """Takes over a beat if there is a new one."""
        beats = self._beats
        if beats.kept == self._kept:
            return
        self._kept = beats.kept
        interval = beats.interval
        if not 0 < interval < 1 << 14 or self._filled < (interval >> 8) + 2:
            return
        self._interval += (interval - self._interval) >> 2 if self._ready else interval - self._interval
        self._set(1, beats.rise, interval)
        self._set(2, interval << 2, interval)
        self._ready = True

    def _set(self, series, value, interval):
        """A series moves evenly to its new value while the next beat lasts."""
        value <<= 4
        if not self._ready:
            self._now[series] = value
        else:
            self._now[series] = self._goal[series]
        self._goal[series] = value
        steps = interval // (_STRIDE << 8) + 1
        self._move[series] = (value - self._now[series]) // steps

    def _mean(self):
        """Of the levels of the last beat, with 4 bits of fraction."""
        interval = self._interval
        whole = interval >> 8
        part = interval & 255
        sums = self._sums
        at = self._at
        then = sums[(at - whole) & _MASK]
        step = self._difference(then, sums[(at - whole - 1) & _MASK])
        span = self._difference(self._sum, then) + (step * part >> 8)
        return (span << 4) // (interval >> 4) << 4

    def _difference(self, one, other):
        value = (one - other) & _WRAP
        return value - _WRAP - 1 if value > _WRAP >> 1 else value

    def _tick(self):
        now = self._now
        now[0] = self._mean()
        steps = self._steps
        steps[0](now[0])
        for series in (1, 2):
            value = now[series] + self._move[series]
            goal = self._goal[series]
            if (value > goal) == (self._move[series] > 0):
                value = goal
            now[series] = value
            steps[series](value)
        self._ticks = (self._ticks + 1) & 7

    def _slow(self):
        """Every other value, halved with the one before it, to the next band; and so on."""
        if not self._behind:
            return
        self._behind = False
        ticks = self._ticks
        rests = self._rests
        for series in range(_SERIES):
            value = self._now[series]
            at = series
            for band in range(1, _BANDS):
                at += _SERIES
                if ticks >> (band - 1) & 1:
                    rests[at] = value
                    break
                value = (rests[at] + value) >> 1
                self._steps[at](value)

    def judge(self, state):
        """Once a second: decides whether there is a rate. state: the oximeter's, of SIGNALS."""
        self.resp = NONE16
        self.signal = state
        if state != OK:
            if state != SETTLING:
                self.start()
            return
        self._seconds += 1
        rate = self._fuse()
        good = rate and _SLOWEST <= rate <= _FASTEST and 2 * rate < self._beats.pulse
        if self._pause:
            self._pause -= 1
            good = False
        elif self._shown and not good:  # perhaps it has stopped, and the other bands still ring
            self._pause = _BREATH_S // self._shown
            self._shown = 0
        if good:
            self.resp = self._shown = rate
            self.count = (self.count + 1) & S30
        else:
            self.signal = SETTLING if self._seconds < _PATIENCE else IRREGULAR

    def _fuse(self):
        """The rate on which what is regular agrees, or 0."""
        found = largest = 0
        for band in range(_BANDS):
            rate = self._agreed(band)
            size = self._swings[band * _SERIES].size
            if rate and size > largest and self._votes(rate) > 1:
                found = rate
                largest = size
        return 0 if found and self._louder(found, largest) else found

    def _votes(self, rate):
        """How many series swing most at about this rate."""
        votes = 0
        for series in range(_SERIES):
            largest = mine = 0
            for band in range(_BANDS):
                swing = self._swings[band * _SERIES + series]
                if swing.size > largest:
                    largest = swing.size
                    mine = _PER_MINUTE // swing.interval >> band
            if -rate <= (mine - rate) << 3 <= rate:
                votes += 1
        return votes

    def _louder(self, found, size):
        """Whether the level also swings quicker than at the rate that was found, half as much or more."""
        for band in range(_BANDS - 1):
            if _CENTRE >> band < found:
                break
            swing = self._swings[band * _SERIES]
            rate = (_PER_MINUTE // swing.interval >> band) if swing.interval else _FASTEST
            if (rate - found) << 3 > found and swing.loud << 1 > size:
                return True
        return False

    def _agreed(self, band):
        """The rate of a band where its level and another series agree and none disagrees, or 0."""
        rates = self._rates
        for series in range(_SERIES):
            swing = self._swings[band * _SERIES + series]
            rates[series] = _PER_MINUTE // swing.interval >> band if swing.interval else 0
        level = rates[0]
        if not level:
            return 0
        total = level
        count = 1
        for series in (1, 2):
            rate = rates[series]
            if rate:
                if not -8 - (level >> 5) <= rate - level <= 8 + (level >> 5):
                    return 0
                total += rate
                count += 1
        return total // count if count > 1 else 0
