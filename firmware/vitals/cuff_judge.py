"""Whether what a cuff's record says can be believed, and if not, why: withheld rather than wrong.

Only the pulses between the systolic and the diastolic pressure are judged, and a few next to them: beyond, pulses are
small and may be missed. An arm that moves makes heights that are no hill, and pressures that do not fall evenly, often
both. All limits are our own, found on simulated arms with and without artefacts.
"""

from micropython import const

from assuage_wire.schema import SIGNALS
from vitals.cuff_pulses import ROOM

OK = SIGNALS.index("ok")
MOTION = SIGNALS.index("motion")
NO_PULSE = SIGNALS.index("no-pulse")
IMPLAUSIBLE = SIGNALS.index("implausible")
IRREGULAR = SIGNALS.index("irregular")

_LEAST = const(30)  # 0.01 mmHg: an envelope that is not higher is noise
_FEWEST = const(6)  # pulses between systolic and diastolic
_NEAR = const(15)  # % by which an interval may differ from the middle one
_REGULAR = const(80)  # % of the intervals that must be so near
_BESIDE = const(5)  # pulses above systolic and below diastolic that are judged, too
_ROUGH = const(7)  # mean distance of heights from the envelope, % of its maximum; at rest up to 5
_SPOILT = const(4)  # % of the pulses that were unlike their neighbours; at rest at most one
_BACK = const(4)  # % of the maximum by which the envelope goes the wrong way, all in all; at rest up to 1
_STEEP, _FLAT = const(18), const(3)  # eighths of the usual fall from pulse to pulse, beyond which one is uneven
_UNEVEN = const(1)  # of these may be: a pulse that was missed
_BUMP = const(20)  # % of the maximum by which the envelope may rise again further out
_UPPER, _LOWER = const(40), const(30)  # 0.1 mmHg: systolic above mean, and that above diastolic, at the least
_LAST_MS = const(16_000)  # sorts behind all intervals


class Judge:
    """step() until it is True: then `signal` (index in schema.SIGNALS) and `pulse`, 0.1 /min, are found."""

    def __init__(self, pulses, envelope):
        self._pulses = pulses
        self._envelope = envelope
        self._sorted = [0] * ROOM  # a list, for its sort() does not allocate
        self.start()

    def start(self):
        """The envelope is ready."""
        self.signal = NO_PULSE
        self.pulse = 0
        self._stage = 0

    def step(self):
        """A third of the work, some 100 pulses at most; True when there is no more."""
        stage = self._stage
        self._stage = stage + 1
        if stage == 0:
            self.signal = self._shape()
        elif stage == 1:
            self.signal = self._rhythm()
        else:
            self.signal = self._order()
            return True
        return self.signal != OK

    def _shape(self):
        """Whether there is an envelope with both its flanks, and three pressures in their order."""
        e = self._envelope
        if e.maximum < _LEAST:
            return NO_PULSE
        if not e.systolic or not e.diastolic or e.last - e.first < _FEWEST:
            return IMPLAUSIBLE
        if e.systolic - e.mean < _UPPER or e.mean - e.diastolic < _LOWER:
            return IMPLAUSIBLE
        return OK

    def _rhythm(self):
        """Whether the intervals are alike; the rate is the mean of those that are."""
        e = self._envelope
        intervals = self._pulses.intervals
        ordered = self._sorted
        first = e.first
        n = e.last - first
        for i in range(ROOM):
            ordered[i] = intervals[first + i] if i < n else _LAST_MS
        ordered.sort()
        middle = ordered[n >> 1]
        reach = middle * _NEAR // 100
        total = near = 0
        for i in range(n):
            interval = ordered[i]
            if -reach <= interval - middle <= reach:
                total += interval
                near += 1
        self.pulse = (600_000 * near + (total >> 1)) // total
        return OK if near * 100 >= n * _REGULAR else IRREGULAR

    def _order(self):
        """Whether heights follow one hill and pressures one slope, from a little above to a little below."""
        e = self._envelope
        pulses = self._pulses
        heights = pulses.heights
        pressures = pulses.pressures
        smooth = e.smooth
        begin = e.first - _BESIDE
        if begin < 0:
            begin = 0
        end = e.last + _BESIDE
        if end >= pulses.count:
            end = pulses.count - 1
        n = end - begin
        # in eighths: what the pressure falls by from one pulse to the next
        usual = pressures[begin] - pressures[end]
        off = left_out = uneven = back = 0
        for i in range(begin, end):
            away = heights[i] - smooth[i]
            off += away if away > 0 else -away
            left_out += not e.good[i]
            fall = (pressures[i] - pressures[i + 1]) * n << 3
            if fall > _STEEP * usual or fall < _FLAT * usual:
                uneven += 1
            climb = smooth[i] - smooth[i + 1] if i < e.top else smooth[i + 1] - smooth[i]
            if climb > 0:
                back += climb
        if uneven > _UNEVEN or (left_out > 1 and left_out * 100 > _SPOILT * n):
            return MOTION
        if off * 100 > e.maximum * _ROUGH * n or back * 100 > e.maximum * _BACK:
            return MOTION
        bump = e.maximum * _BUMP // 100
        for i in range(begin):
            if smooth[i] > smooth[begin] + bump:
                return MOTION
        for i in range(end, pulses.count):
            if smooth[i] > smooth[end] + bump:
                return MOTION
        return OK
