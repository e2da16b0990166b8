"""Oxygen saturation from the ratio of ratios R = (AC_red / DC_red) / (AC_ir / DC_ir), integers only.

Both channels carry the same wave, so any measure of its size gives the same R as the RMS. The one used here takes
infrared's sign as its yardstick: AC_ir is the mean of |ir|, AC_red the mean of red where ir is positive and of -red
where it is negative. It needs no squares (so 30 bits hold a whole window), weighs a spike less than RMS does, and noise
that is only in red adds nothing to it.

What is left of red, R times infrared taken off, is a second wave with a ratio of its own: movement of tissue or venous
blood, whose ratio is about 1. Be u its size over that of infrared, and k its power over the pulse's: then
u = |1 - R| sqrt(k), and R is off by k |1 - R| = u**2 / |1 - R|. A mean over 160 ms goes before all of it: it halves
noise, and takes away most of a tremor.

The curve from R to SpO2 belongs to the sensor and comes from the board's data: (c0, c1, c2) in 0.001 %,
SpO2 = c0 + c1 R + c2 R**2. 110 - 25 R is (110000, -25000, 0).
"""

from array import array

from micropython import const

FRACTION = const(4)  # bits of fraction that AC has and DC has not
_BLOCKS = const(25)  # a second
_BORDER = const(3)  # blocks whose mean reaches into the second before: a second is by itself
_SECONDS = const(7)  # that are kept
_NEEDED = const(4)  # of them must agree,
_NEWEST = const(3)  # or else the newest of them
_QUIET = const(10)  # u in 1e-3 that is taken for noise, and a 16th of R: both channels' noise is so much of their AC
_NOISIER = const(8)  # u in 1e-3 by which a second may have more than twice what this finger usually has
_APART = const(300)  # |1 - R| in 1e-3 at most: the other wave's ratio may be nearer than 1
_REACH, _CLOSE = const(30), const(15)  # R in 1e-3 by which, and by a part of R, a second may differ from the middle one
_LARGEST_R = const(4000)
_FOREVER = const(60)
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
    if value >> (_MANTISSA + 8):
        value >>= 8
        shift = 8
    while value >> (_MANTISSA + 2):
        value >>= 3
        shift += 3
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


def _beside(r, rest, along):
    """u in 1e-3, 4000 at most: what there is beside the first wave, whose red has the size `along` > 0, at its R."""
    shift = _excess(rest if rest > along else along)
    u = r * (rest >> shift) // ((along >> shift) + 1)
    return u if u < _LARGEST_R else _LARGEST_R


def _noise(r):
    """The u in 1e-3 that is taken for noise."""
    return _QUIET + (r >> 4)


class Saturation:
    """Feed step() 25 times a second and close() every second.

    estimate() sets known (there are four clean seconds), and with it dc of infrared and movement, the mean |AC_ir| of
    the newest four in 1e-5 of DC; agreed (the newest three, or four of the last seven, have nearly the same R), and
    with it r in 1e-3, spo2 in 0.1 % (-1: no blood has this R), steady (so many of the newest seconds have that R), and
    error: by how many 0.1 % spo2 may be wrong because something else moves too. quiet: so many of the newest seconds in
    a row had no more of a second wave than this finger usually has, which learn() learns.
    """

    def __init__(self, curve):
        self._curve = check_curve(curve)
        self._red = array("i", [0] * _BLOCKS)  # of the second under way
        self._ir = array("i", [0] * _BLOCKS)
        self._along = array("i", [0] * _SECONDS)
        self._rests = array("i", [0] * _SECONDS)  # of red when R times infrared is taken off
        self._ir_sizes = array("i", [0] * _SECONDS)
        self._red_levels = array("i", [0] * _SECONDS)
        self._ir_levels = array("i", [0] * _SECONDS)
        self._ratios = array("i", [0] * _SECONDS)  # R of each second alone, _SPOILT where it has none
        self._sorted = [0] * _SECONDS  # a list, for its sort() does not allocate
        self.start()

    def start(self):
        """Forgets everything."""
        self.known = self.agreed = False
        self.quiet = 0
        self._rest_part = 0  # u in 1e-3 of the seconds that agreed
        self._usual = 0  # u in 1/8 of 1e-3 while there were numbers; 0 before the first
        self.dc = self.r = self.spo2 = self.movement = self.error = self.steady = 0
        self._last = 0
        for i in range(_SECONDS):
            self._ratios[i] = _SPOILT
        self._red_1 = self._red_2 = self._red_3 = self._ir_1 = self._ir_2 = self._ir_3 = 0  # blocks before
        self._clear()

    def _clear(self):
        self._sum_along = self._sum_ir = self._sum_red_level = self._sum_ir_level = 0
        self._at = 0

    def step(self, red_ac, ir_ac, red, ir):
        """Takes one block: AC within +-2**22, the levels themselves below 2**20."""
        self._sum_red_level += red
        self._sum_ir_level += ir
        red_mean = (red_ac + self._red_1 + self._red_2 + self._red_3) >> 2
        self._red_3 = self._red_2
        self._red_2 = self._red_1
        self._red_1 = red_ac
        ir_mean = (ir_ac + self._ir_1 + self._ir_2 + self._ir_3) >> 2
        self._ir_3 = self._ir_2
        self._ir_2 = self._ir_1
        self._ir_1 = ir_ac
        at = self._at
        self._at = at + 1
        if at < _BORDER:
            return
        self._red[at] = red_mean
        self._ir[at] = ir_mean
        if ir_mean < 0:
            self._sum_ir -= ir_mean
            self._sum_along -= red_mean
        else:
            self._sum_ir += ir_mean
            self._sum_along += red_mean

    def close(self, clean):
        """Ends a second of 25 blocks; `clean` is False when it is known to hold an artefact."""
        along = self._sum_along
        self._last = last = (self._last + 1) % _SECONDS
        self._along[last] = along
        self._ir_sizes[last] = self._sum_ir
        self._red_levels[last] = self._sum_red_level
        self._ir_levels[last] = self._sum_ir_level
        if clean:
            r = ratio_of_ratios(along, self._sum_red_level, self._sum_ir, self._sum_ir_level) if along > 0 else 0
            self._ratios[last] = r
            self._rests[last] = self._rest(along, self._sum_ir)
        else:
            self._ratios[last] = _SPOILT
        self._clear()

    def _rest(self, along, size):
        """Sum of what red has besides `along / size` times infrared."""
        if along <= 0:
            return size
        shift = _excess(along if along > size else size)
        slope = ((along >> shift) << 8) // ((size >> shift) + 1)
        places = 4  # of `slope`, beyond the four that infrared is shifted by
        while slope > 1023:
            slope >>= 1
            places -= 1
        if places < 0:
            return size
        red = self._red
        ir = self._ir
        total = 0
        for i in range(_BORDER, _BLOCKS, 2):  # the mean has left nothing quicker
            rest = red[i] - ((ir[i] >> 4) * slope >> places)
            total += rest if rest > 0 else -rest
        return total << 1

    def estimate(self):
        """Sets the results from the seconds that have nearly the same R."""
        along = size = level = count = 0
        at = self._last
        for _ in range(_SECONDS):
            if count < _NEEDED and self._ratios[at] != _SPOILT:
                along += self._along[at]
                size += self._ir_sizes[at]
                level += self._ir_levels[at]
                count += 1
            at = (at - 1) % _SECONDS
        self.r = self.spo2 = self.error = 0
        self.known = count == _NEEDED
        self.agreed = False
        self.steady = 0
        last = self._last
        r = self._ratios[last]  # 0 where red does not follow infrared
        # a second of a slow pulse may hold little of it
        if r <= 0 or _beside(r, self._rests[last], max(self._along[last], along >> 2)) > (self._allowed() or _noise(r)):
            self.quiet = 0
        elif self.quiet < _FOREVER:
            self.quiet += 1
        if self.known:
            self.dc = level // (_NEEDED * _BLOCKS)
            # 1e5 * AC / 16 / DC, in an order that stays below 2**30
            self.movement = size // (_NEEDED * _BLOCKS) * 200 // (self.dc * 4 // 125)
            # a new R that rules the newest three is believed; seconds of motion, with another R, are outvoted; and what
            # falls steadily is followed
            self.agreed = (
                self._agree(_NEWEST, _NEWEST, _CLOSE, 32)
                or self._agree(_SECONDS, _NEEDED, _REACH, 16)
                or self._agree(_NEWEST, _NEWEST, _REACH, 8)
            )

    def _agree(self, newest, needed, reach, part):
        """Sets R and what follows from it, if `needed` of the `newest` clean seconds are near the middle one."""
        ordered = self._sorted
        ratios = self._ratios
        count = 0
        at = self._last
        for i in range(_SECONDS):
            r = ratios[at]
            if r == _SPOILT or count == newest:
                r = -_SPOILT  # sorts behind them
            else:
                count += 1
            ordered[i] = r
            at = (at - 1) % _SECONDS
        ordered.sort()
        middle = ordered[count >> 1]
        reach += middle // part
        along = rest = red_level = size = level = near = 0
        at = self._last
        while count:
            r = ratios[at]
            if r != _SPOILT:
                count -= 1
                if -reach <= r - middle <= reach:
                    along += self._along[at]
                    rest += self._rests[at]
                    red_level += self._red_levels[at]
                    size += self._ir_sizes[at]
                    level += self._ir_levels[at]
                    near += 1
            at = (at - 1) % _SECONDS
        if near < needed or along <= 0:
            return False
        self.r = ratio_of_ratios(along, red_level, size, level)
        self.spo2 = spo2_of(self._curve, self.r)
        self._rest_part = _beside(self.r, rest, along)
        self.error = self._possible_error(self._rest_part)
        at = self._last
        steady = 0
        while steady < _SECONDS and -reach <= ratios[at] - middle <= reach:
            steady += 1
            at = (at - 1) % _SECONDS
        self.steady = steady
        if steady:  # by itself too, so that what begins is not diluted; noise is less even in so short a time
            last = self._last
            u = _beside(self.r, self._rests[last] * 3 >> 2, max(self._along[last], along // near))
            error = self._possible_error(u)
            if error > self.error:
                self.error = error
        return True

    def learn(self):
        """What there is now beside the pulse is this finger's usual noise, or nearly."""
        usual = self._usual
        rest = self._rest_part << 3
        if not usual or rest < usual:
            self._usual = usual + ((rest - usual) >> 2) if usual else rest + 1
        else:
            self._usual = usual + min((rest - usual) >> 3, 2)

    def forget(self):
        """What was this finger's usual noise is so no longer."""
        self._usual = 0

    def _allowed(self):
        """The u that a second of this finger may have, 0 while it is not known."""
        return (self._usual >> 2) + _NOISIER if self._usual else 0

    def _possible_error(self, u):
        """In 0.1 % of SpO2, by a second wave of u in 1e-3 of the first."""
        allowed = self._allowed()
        most = _noise(self.r)
        if u <= (allowed if 0 < allowed < most else most):
            return 0
        apart = self.r - 1000 if self.r > 1000 else 1000 - self.r
        off = u * u // (apart + 1 if apart < _APART else _APART)  # of R, in 1e-3
        steep = self._curve[1] + 2 * self._curve[2] * self.r // 1000
        return (off if off < 1000 else 1000) * (steep if steep > 0 else -steep) // 100_000
