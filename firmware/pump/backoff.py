"""Back-off after an occlusion: the motor runs back until the pressure is relieved, so that no bolus waits in the line.

    b = BackOff()
    b.begin(p.pa, p.rose_nl(), c_lo, c_hi, nl_per_rev, steps_per_rev)
    steps = b.next(p_now)      # run so many back, let the force settle (0.5 s), ask again; 0: over, see b.state

The idea: an occluded syringe stores C * pressure. Each slice takes back three quarters of what the *stiffest* syringe
of that size would still store, so the pressure is hardly passed, and it is measured before the next. Where the force
has come down to the friction alone (less than 20 mmHg is left), the plunger stays where it is when the line opens, and
only what the barrel itself has widened by comes out.

Never more runs back than was delivered since the pressure began to rise, nor than the softest syringe could store, nor
MOST_NL. After an alarm by slope that is enough: less than 0.1 mL comes out of 10 to 50 mL syringes up to 100 mL/h.
After one by level in a large syringe it is not: 300 mmHg store 0.36 to 0.84 mL in 50 mL, and what is beyond MOST_NL
stays; the caller may allow more, since a force that does not fall ends it (UNFELT): what was measured was no pressure.

Bounds: pa < 2**20, slices of 20 000 nL, steps_per_rev <= 51 200.
"""

from micropython import const

IDLE, RUNNING, RELIEVED, BOUND, UNFELT = range(5)

MOST_NL = 200_000
RESIDUAL_PA = 2_666  # 20 mmHg

_SLICE_NL = const(20_000)  # as much as may be queued for the drive at once
_UNFELT = const(2)  # slices in a row without the least fall


class BackOff:
    """state: RUNNING until next() has returned 0; then RELIEVED, BOUND (the bound came first) or UNFELT.

    steps: run back in all. left_nl: what may still be.
    """

    def __init__(self):
        self.state = IDLE
        self.steps = 0
        self.left_nl = 0
        self._c_lo = self._c_hi = self._per_rev = self._steps_per_rev = 1
        self._slice = self._pa = self._missed = 0

    def begin(self, pa, rose_nl, c_lo, c_hi, nl_per_rev, steps_per_rev, most_nl=MOST_NL):
        """After an alarm at `pa`; rose_nl was delivered since the pressure began to rise; compliances in nL/kPa."""
        self.state = RUNNING
        self.steps = 0
        self.left_nl = max(0, min(most_nl, rose_nl, pa // 100 * c_hi // 10))
        self._c_lo = c_lo
        self._c_hi = c_hi
        self._per_rev = nl_per_rev
        self._steps_per_rev = steps_per_rev
        self._slice = 0
        self._pa = pa
        self._missed = 0

    def next(self, pa):
        """Steps to run back now, 0 when it is over; `pa` was measured after the last ones."""
        if self.state != RUNNING:
            return 0
        if pa <= RESIDUAL_PA:
            return self._end(RELIEVED)
        if self._slice:
            felt = (self._pa - pa) * 4 >= self._slice * 1000 // self._c_hi
            self._missed = 0 if felt else self._missed + 1
            if self._missed == _UNFELT:
                return self._end(UNFELT)
        # nearly relieved, a slice of nothing would be lost in the noise
        beyond = max(min(pa - RESIDUAL_PA, 1_000_000), RESIDUAL_PA)
        stored = beyond // 100 * self._c_lo // 40 * 3
        steps = max(1, min(_SLICE_NL, stored, self.left_nl) * self._steps_per_rev // self._per_rev)
        volume = -(-steps * self._per_rev // self._steps_per_rev)
        if volume > self.left_nl:
            return self._end(BOUND)
        self.left_nl -= volume
        self.steps += steps
        self._slice = volume
        self._pa = pa
        return steps

    def _end(self, state):
        self.state = state
        return 0
