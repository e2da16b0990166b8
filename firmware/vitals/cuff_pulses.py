"""Finds the pulses in a cuff's falling pressure: where each was, how high, and how long until the next.

The rise of a pulse is its sharpest part, whatever the pressure; the steepest moment of each is looked for in the wave
less its own trend. A pulse's height is measured from the line between the lowest points before and after it, so the
slope of the bleed does not add to it, however long the pulse.

    pulses.start(250)
    if pulses.step(pressure, ms):       # 0.01 mmHg above the zero, 50 times a second
        pulses.count                    # one more: pressures, heights and intervals [count - 1]
"""

from array import array

from micropython import const

ROOM = const(220)  # pulses: 80 s at 160 /min

_WARM = const(8)
_FLOOR = const(32)  # a rise of less than 5/8 of this (0.01 mmHg, four samples summed) is no pulse: the noise is 10
_REFRACTORY_MS = const(250)
_LONGEST_MS = const(3000)  # 20 /min
_TALLEST = const(8000)  # 40 mmHg, as two samples: no pulse is higher
_STEEPEST = const(10_000)  # 50 mmHg/s
_CREST_MS = const(400)  # after the rise, the top is looked for so long, or for 5/8 of the last interval


class Pulses:
    """pressures: 0.1 mmHg, in the midst of each pulse. heights: 0.01 mmHg. intervals: ms from its rise to the next."""

    def __init__(self):
        self.pressures = array("h", [0] * ROOM)
        self.heights = array("h", [0] * ROOM)
        self.intervals = array("h", [0] * ROOM)
        self._ring = array("i", [0] * 8)
        self.start(0)

    def start(self, fall):
        """Forgets all of them. fall: what the pressure falls by, 0.01 mmHg/s."""
        self.count = 0
        self._last = 0
        self._at = 0  # in the ring of sums
        self._warm = 0  # samples until all filters hold nothing of before
        self._v1 = self._v2 = 0
        self._trend = -(fall * 2 // 5) << 6  # of a rise: 100 ms, four samples
        self._peak = _FLOOR  # steepness of recent rises, sinking slowly
        self._lean = fall << 1  # what the line between feet falls by in a second; measures nothing
        self._interval = _CREST_MS * 2
        self._since = 0  # ms since the last rise
        self._begun = False  # whether there is a foot before that rise
        self._foot = self._foot_ms = 0  # time of all three: ms after the last rise
        self._top = self._top_flat = self._top_ms = 0
        self._low = self._low_flat = self._low_ms = 0

    def step(self, pressure, ms):
        """Takes one sample, -5000 to 33 000, ms after the one before; True when a pulse is complete."""
        ring = self._ring
        at = self._at = (self._at + 1) & 7
        ring[at] = pressure + self._last
        self._last = pressure
        level = ring[at - 5 & 7]
        rise = ring[at] + ring[at - 2 & 7] - level - ring[at - 7 & 7]
        if self._warm < _WARM:
            self._warm += 1
            self._low = self._low_flat = level
            return False
        trend = self._trend
        self._trend = trend + rise - (trend >> 6)
        rise -= trend >> 6
        since = self._since + ms
        if since > _LONGEST_MS:
            since = _LONGEST_MS + 1
        self._since = since
        flat = level + self._lean * since // 1000
        if flat > self._top_flat and since <= _CREST_MS and since << 3 <= 5 * self._interval:
            self._top = self._low = level
            self._top_flat = self._low_flat = flat
            self._top_ms = self._low_ms = since
        elif flat <= self._low_flat:
            self._low = level
            self._low_flat = flat
            self._low_ms = since
        before = self._v1
        older = self._v2
        self._v2 = before
        self._v1 = rise
        peak = self._peak
        peak -= peak >> 7
        if peak < _FLOOR:
            peak = _FLOOR
        self._peak = peak
        if before << 3 > 5 * peak and before > rise and before >= older and since > _REFRACTORY_MS:
            return self._rise(before, level)
        return False

    def _rise(self, steep, level):
        """The wave was steepest one sample ago: the pulse before ends at its foot."""
        peak = self._peak
        self._peak = peak + (((steep if steep < peak << 2 else peak << 2) - peak) >> 1)
        since = self._since
        foot = self._low
        foot_ms = self._low_ms
        complete = False
        if since > _LONGEST_MS:
            self._begun = False
            self._interval = _CREST_MS * 2
        elif self._begun:
            span = foot_ms - self._foot_ms or 1
            fall = self._foot - foot
            line = self._foot - fall * (self._top_ms - self._foot_ms) // span
            complete = self._keep(line, self._top - line)
            lean = fall * 1000 // span
            self._lean = -_STEEPEST if lean < -_STEEPEST else lean if lean < _STEEPEST else _STEEPEST
            self._interval = since
        else:
            self._begun = True
        self._foot = foot
        self._foot_ms = foot_ms - since
        self._top = self._top_flat = self._low = self._low_flat = level
        self._top_ms = self._low_ms = self._since = 0
        return complete

    def _keep(self, line, height):
        """Two samples are summed in both."""
        count = self.count
        if count == ROOM or height <= 0:
            return False
        self.heights[count] = height >> 1 if height < _TALLEST else _TALLEST >> 1
        self.pressures[count] = (line + (height >> 1)) // 20
        self.intervals[count] = self._since
        self.count = count + 1
        return True
