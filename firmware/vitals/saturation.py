"""Oxygen saturation from the ratio of ratios R = (AC_red / DC_red) / (AC_ir / DC_ir), integers only.

Both channels carry the same wave, so any measure of its size gives the same R as the RMS. The one used here takes
infrared's sign as its yardstick: AC_ir is the mean of |ir|, AC_red the mean of red where ir is positive and of -red
where it is negative. It needs no squares (so 30 bits hold a whole window), weighs a spike less than RMS does, and noise
that is only in red adds nothing to it. To the mean of |red| noise does add: the quotient of the two tells how far red
follows infrared.

The curve from R to SpO2 belongs to the sensor and comes from the board's data: (c0, c1, c2) in 0.001 %,
SpO2 = c0 + c1 R + c2 R**2. 110 - 25 R is (110000, -25000, 0).
"""

from array import array

from micropython import const

FRACTION = const(4)  # bits of fraction that AC has and DC has not
_BLOCKS = const(25)  # a second
_SECONDS = const(7)  # that are kept
_NEEDED = const(4)  # of them must agree,
_NEWEST = const(3)  # or else the newest of them
_REACH = const(30)  # R in 1e-3 by which, and by an eighth, a second may differ from the middle one
_LARGEST_R = const(4000)
_IMPLAUSIBLE = const(103_000)
_SPOILT = const(-10_000)
_MANTISSA = const(14)  # bits that each part of R keeps: 1.2e-4


def spo2_of(curve, r):
    """SpO2 in 0.1 % at the ratio r in 1e-3 (0 to 4000), held within 0 to 1000; -1 where the curve exceeds 103 %."""
    milli = curve[0] + (curve[1] + curve[2] * r // 1000) * r // 1000
    if milli > _IMPLAUSIBLE:  # no blood absorbs like that: a dead LED, or the wrong curve
        return -1
    return 0 if milli < 0 else 1000 if milli > 100_000 else (milli + 50) // 100


def check_curve(curve):
    """The three coefficients as a tuple. Raises ValueError when they are not three, or 30 bits cannot hold the sum."""
    if len(curve) != 3 or abs(curve[0]) > 500_000 or abs(curve[1]) + 4 * abs(curve[2]) > 250_000:
        raise ValueError("SpO2 curve: (c0, c1, c2) in 0.001 %, |c0| <= 500000, |c1| + 4 |c2| <= 250000")
    return (curve[0], curve[1], curve[2])


def _excess(value):
    """How far right `value` must be shifted to fit into the mantissa."""
    shift = 0
    while value >> (_MANTISSA + 4):
        value >>= 4
        shift += 4
    while value >> _MANTISSA:
        value >>= 1
        shift += 1
    return shift


def ratio_of_ratios(red_ac, red_dc, ir_ac, ir_dc):
    """R in 1e-3, 0 to 4000, of four positive numbers below 2**30."""
    red_ac_shift = _excess(red_ac)
    red_dc_shift = _excess(red_dc)
    ir_ac_shift = _excess(ir_ac)
    ir_dc_shift = _excess(ir_dc)
    above = (red_ac >> red_ac_shift) * (ir_dc >> ir_dc_shift)
    below = (ir_ac >> ir_ac_shift) * (red_dc >> red_dc_shift)
    places = 14 - (red_ac_shift + ir_dc_shift - ir_ac_shift - red_dc_shift)
    if places < 0 or below < 1 << 12:
        return _LARGEST_R
    quotient = (above << 2) // (below >> 12)  # R * 2**places
    if quotient > 1_000_000:
        return _LARGEST_R
    r = quotient * 1000 >> places
    return _LARGEST_R if r > _LARGEST_R else r


class Saturation:
    """Feed step() 25 times a second and close() every second.

    estimate() sets known (there are four clean seconds), and with it dc of infrared and movement, the mean |AC_ir| of
    the newest four in 1e-5 of DC; agreed (four of the last seven, or the newest three, have nearly the same R, and a
    plausible one), and with it r in 1e-3, spo2 in 0.1 %, and coherence: 100 when red moves exactly with infrared, about
    0 when they have nothing in common.
    """

    def __init__(self, curve):
        self._curve = check_curve(curve)
        self._along = array("i", [0] * _SECONDS)
        self._red_sizes = array("i", [0] * _SECONDS)
        self._ir_sizes = array("i", [0] * _SECONDS)
        self._red_levels = array("i", [0] * _SECONDS)
        self._ir_levels = array("i", [0] * _SECONDS)
        self._ratios = array("i", [0] * _SECONDS)  # R of each second alone, _SPOILT where it has none
        self._sorted = [0] * _SECONDS  # a list, for its sort() does not allocate
        self.start()

    def start(self):
        """Forgets everything."""
        self.known = self.agreed = False
        self.dc = self.r = self.spo2 = self.movement = self.coherence = 0
        self._last = 0
        for i in range(_SECONDS):
            self._ratios[i] = _SPOILT
        self._clear()

    def _clear(self):
        self._sum_along = self._sum_red = self._sum_ir = self._sum_red_level = self._sum_ir_level = 0

    def step(self, red_ac, ir_ac, red, ir):
        """Takes one block: AC within +-2**22, the levels themselves below 2**20."""
        if ir_ac < 0:
            ir_ac = -ir_ac
            red_ac = -red_ac
        self._sum_ir += ir_ac
        self._sum_along += red_ac
        self._sum_red += red_ac if red_ac > 0 else -red_ac
        self._sum_red_level += red
        self._sum_ir_level += ir

    def close(self, clean):
        """Ends a second of 25 blocks; `clean` is False when it is known to hold an artefact."""
        along = self._sum_along
        red_size = self._sum_red
        ir_size = self._sum_ir
        self._last = last = (self._last + 1) % _SECONDS
        self._along[last] = along
        self._red_sizes[last] = red_size
        self._ir_sizes[last] = ir_size
        self._red_levels[last] = self._sum_red_level
        self._ir_levels[last] = self._sum_ir_level
        if clean:
            r = ratio_of_ratios(along, self._sum_red_level, ir_size, self._sum_ir_level) if along > 0 else 0
            self._ratios[last] = r
        else:
            self._ratios[last] = _SPOILT
        self._clear()

    def estimate(self):
        """Sets the results from the seconds that have nearly the same R."""
        size = level = count = 0
        at = self._last
        for _ in range(_SECONDS):
            if count < _NEEDED and self._ratios[at] != _SPOILT:
                size += self._ir_sizes[at]
                level += self._ir_levels[at]
                count += 1
            at = (at - 1) % _SECONDS
        self.r = self.spo2 = self.coherence = 0
        self.known = count == _NEEDED
        self.agreed = False
        if self.known:
            self.dc = level // (_NEEDED * _BLOCKS)
            # 1e5 * AC / 16 / DC, in an order that stays below 2**30
            self.movement = size // (_NEEDED * _BLOCKS) * 200 // (self.dc * 4 // 125)
            # seconds of motion have another R and are outvoted; a new R that rules the newest three is no motion
            self.agreed = self._agree(_SECONDS, _NEEDED) or self._agree(_NEWEST, _NEWEST)

    def _agree(self, newest, needed):
        """Sets R and what follows from it, if `needed` of the `newest` clean seconds are near the middle one."""
        ordered = self._sorted
        count = 0
        at = self._last
        for i in range(_SECONDS):
            r = self._ratios[at]
            if r == _SPOILT or count == newest:
                r = -_SPOILT  # sorts behind them
            else:
                count += 1
            ordered[i] = r
            at = (at - 1) % _SECONDS
        ordered.sort()
        middle = ordered[count >> 1]
        reach = _REACH + (middle >> 3)
        along = red_size = red_level = size = level = near = 0
        at = self._last
        while count:
            r = self._ratios[at]
            if r != _SPOILT:
                count -= 1
                if -reach <= r - middle <= reach:
                    along += self._along[at]
                    red_size += self._red_sizes[at]
                    red_level += self._red_levels[at]
                    size += self._ir_sizes[at]
                    level += self._ir_levels[at]
                    near += 1
            at = (at - 1) % _SECONDS
        if near < needed or along <= 0:
            return False
        self.coherence = 100 * ((along >> 8) + 1) // ((red_size >> 8) + 1)
        self.r = ratio_of_ratios(along, red_level, size, level)
        self.spo2 = spo2_of(self._curve, self.r)
        return self.spo2 >= 0
