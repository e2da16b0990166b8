"""From the pulses of a cuff to its envelope and the three pressures in it, a pulse at a time.

A pulse that is far from the middle one of its five neighbours is left out. The rest is smoothed over pressure with a
triangle, heights and pressures alike, so that a straight flank stays where it is. The mean pressure is the centre of
the envelope's top, which noise moves less than its highest point; the systolic above it and the diastolic below it are
where the envelope has fallen to stated parts of its maximum.

Heights in 0.01 mmHg, pressures in 0.1 mmHg. A window holds at most 220 pulses of weight 60 and height 4000; its top,
as many with a weight of 1000 up to 350 mmHg apart: below 2**30.

    envelope.start(57, 70)
    while not envelope.step():      # twice as often as there are pulses
        pass
    envelope.systolic, envelope.mean, envelope.diastolic
"""

from array import array

from micropython import const

from vitals.cuff_pulses import ROOM

_REACH = const(60)  # 0.1 mmHg to each side over which is smoothed
_FEWEST = const(7)  # pulses, without which there is no envelope
_SLACK = const(8)  # 0.01 mmHg by which any pulse may differ from its neighbours
_TOP = const(75)  # % of the maximum above which the envelope has its centre

SMOOTHING, FINDING, READY = const(1), const(2), const(3)


class Envelope:
    """systolic, mean, diastolic: 0.1 mmHg, 0: not in the record. maximum: its height, 0.01 mmHg.

    good: for each pulse, whether it was believed; left_out: how many were not. first, top, last: the pulses next
    to systolic, at the maximum, and next to diastolic.
    """

    def __init__(self, pulses):
        self._pulses = pulses
        self.good = bytearray(ROOM)
        self.smooth = array("h", [0] * ROOM)
        self.places = array("h", [0] * ROOM)
        self._sorted = [0] * 5  # a list, for its sort() does not allocate
        self.start(57, 70)

    def start(self, systolic, diastolic):
        """Begins anew with all pulses there are. systolic, diastolic: % of the maximum at which they are."""
        self._ratios = systolic << 8 | diastolic
        self._stage = 0
        self._i = 0
        self.systolic = self.mean = self.diastolic = 0
        self.maximum = self.left_out = 0
        self.first = self.top = self.last = 0

    def step(self):
        """One pulse's work; True when there is no more."""
        i = self._i
        count = self._pulses.count
        if count < _FEWEST:
            return True
        if self._stage == READY:
            return True
        if self._stage == FINDING:
            self._find(count)
            self._stage = READY
            return True
        if self._stage == SMOOTHING:
            self._smooth(i, count)
        else:
            self._compare(i, count)
        self._i = i = i + 1
        if i == count:
            self._i = 0
            self._stage += 1
        return False

    def _compare(self, i, count):
        """Whether a pulse is like its neighbours."""
        heights = self._pulses.heights
        ordered = self._sorted
        begin = i - 2
        if begin < 0:
            begin = 0
        elif begin > count - 5:
            begin = count - 5
        for k in range(5):
            ordered[k] = heights[begin + k]
        ordered.sort()
        middle = ordered[2]
        off = heights[i] - middle
        if off < 0:
            off = -off
        good = off * 5 <= middle * 2 + _SLACK * 5
        self.good[i] = good
        if not good:
            self.left_out += 1

    def _smooth(self, i, count):
        """Height and pressure of the envelope at a pulse."""
        pressures = self._pulses.pressures
        heights = self._pulses.heights
        good = self.good
        here = pressures[i]
        weights = tall = away = 0
        for step in (-1, 1):
            k = i if step < 0 else i + 1
            while 0 <= k < count:
                off = pressures[k] - here
                weight = _REACH - (off if off > 0 else -off)
                if weight <= 0:
                    break
                if good[k]:
                    weights += weight
                    tall += weight * heights[k]
                    away += weight * off
                k += step
        if weights:
            self.smooth[i] = tall // weights
            self.places[i] = here + away // weights
        else:
            self.smooth[i] = 0
            self.places[i] = here

    def _find(self, count):
        """The maximum, and the flanks on both sides."""
        smooth = self.smooth
        top = 0
        for i in range(1, count):
            if smooth[i] > smooth[top]:
                top = i
        if not 2 <= top < count - 2 or not smooth[top]:
            return
        self.top = top
        self.maximum = smooth[top]
        self._centre(top, count)
        self.first = self._flank(top, -1, count, self._ratios >> 8)
        self.last = self._flank(top, 1, count, self._ratios & 255)

    def _centre(self, top, count):
        """The centre of gravity of what is above the `_TOP` part of the maximum, in one piece around it."""
        smooth = self.smooth
        places = self.places
        base = self.maximum * _TOP // 100
        begin = top
        while begin > 0 and smooth[begin - 1] > base:
            begin -= 1
        weights = away = 0
        while begin < count and smooth[begin] > base:
            weight = smooth[begin] - base
            weights += weight
            away += weight * (places[begin] - places[top])
            begin += 1
        self.mean = places[top] + away // weights

    def _flank(self, top, step, count, ratio):
        """Finds where the envelope has fallen to a ratio."""
        smooth = self.smooth
        wanted = self.maximum * ratio // 100
        k = top + step
        while 0 <= k < count:
            if smooth[k] <= wanted:
                inner = k - step
                over = smooth[inner] - smooth[k]
                place = self.places[inner]
                if over > 0:
                    place += (self.places[k] - place) * (smooth[inner] - wanted) // over
                if step < 0:
                    self.systolic = place
                else:
                    self.diastolic = place
                return k
            k += step
        return k - step
