"""A cuff on an arm in whole numbers, for tests of the cycle on both interpreters: nothing in step() allocates.

The envelope of its pulses is a hill with straight flanks, so what must be found is known: with the maximum at 95 mmHg
and flanks 58 and 50 mmHg wide, 57 % are at 119.9 and 70 % at 80 mmHg. 75 /min.
"""

SAMPLE_MS = 20
SYSTOLIC, MEAN, DIASTOLIC, PULSE = 1199, 950, 800, 750  # 0.1 mmHg, 0.1 /min
_MEAN, _ABOVE, _BELOW = 9500, 5800, 5000  # 0.01 mmHg
_TALL = 300  # 0.01 mmHg
# height of a pulse over its beat of 40 samples, in 1/64
_SHAPE = bytes((0, 4, 16, 36, 54, 63, 64, 62, 59, 56) + tuple(53 - 53 * n // 29 for n in range(30)))


class Toy:
    """pressure: what the sensor says, 0.01 mmHg. p: in the cuff, 0.001 mmHg.

    zero: of the sensor. pulse: whether there is one. pumps, bleeds, dumps: what works.
    """

    def __init__(self):
        self.p = 0
        self.zero = -50
        self.pulse = True
        self.pumps = self.bleeds = self.dumps = True
        self.pressure = 0
        self.most = 0
        self.ticks = 0
        self._n = 0

    def step(self, cuff):
        """20 ms with the valves as the cuff has them."""
        self.ticks = (self.ticks + SAMPLE_MS) & 0x3FFFFFFF
        self._n += 1
        p = self.p
        if cuff.pump and self.pumps:
            p += 400
        if self.bleeds:
            p -= cuff.bleed * 50 // 30
        if not cuff.closed and self.dumps:
            p -= p >> 4
        self.p = p = p if p > 0 else 0
        self.most = max(self.most, p // 10)
        at = p // 10
        off = at - _MEAN
        width = _ABOVE if off > 0 else _BELOW
        tall = _TALL * (width - (off if off > 0 else -off)) // width
        noise = self._n * 7 % 5 - 2
        if tall > 0 and self.pulse:
            at += tall * _SHAPE[self._n % 40] >> 6
        self.pressure = at + self.zero + noise


def run(cuff, toy, seconds, until=None):
    """Lives on until cuff.state is `until`, or for so many seconds; returns how many it took."""
    for n in range(seconds * 1000 // SAMPLE_MS):
        if cuff.state == until:
            return n * SAMPLE_MS // 1000
        toy.step(cuff)
        cuff.sample(toy.ticks, toy.pressure)
    assert until is None, "it never came"
    return seconds
