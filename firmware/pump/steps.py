"""From a flow to step words and from steps to volume, in whole numbers and without drift.

The idea: one microstep displaces exactly nl_per_rev / steps_per_rev nL, so at a given flow it is due every

    60 000 000 us * nl_per_rev / (flow * steps_per_rev)  =  whole + part / unit  microseconds.

Every word holds the same number of steps and a period of `whole` us; an accumulator in 1/unit us gathers `part` and,
whenever a whole microsecond is full, that word's period is one longer. No step is ever more than a word's steps times
1 us from its due time, however long the infusion lasts. Words last about 20 ms. A wait longer than that is cut into
pauses (count 0), so that what is queued is always short: a stop needs no queue, and a firmware that freezes leaves
the drive with at most PLANNED_NL.

Bounds, so that all is a small integer (2**30 - 1) on a 32-bit board once pace() is reckoned:
flow <= 2e7 nL/min, and unit <= flow * steps_per_rev / gcd(steps_per_rev, 60 000 000), which is <= 2e7 for 3200 steps;
the accumulator stays below 2 * unit; whole < 2**29 us, so flow and syringe must give at least one step in 536 s.
The words themselves are made in course.py, and those for which the motor would have to hurry in ramp.py.
"""

from pump.ramp import MOST_HZ

PLANNED_NL = 20_000  # volume that may be queued ahead of the shaft
QUEUE = 8  # words that the drive holds
SLOWEST_US = 1 << 29

WORD_US = 20_000  # a word aims to last this long, and a wait is cut into pauses of it
AHEAD = 5  # and at least so many are queued ahead, unless PLANNED_NL is less


def _gcd(a, b):
    while b:
        a, b = b, a % b
    return a


def top_flow(nl_per_rev, steps_per_rev, hz=MOST_HZ):
    """Highest flow in nL/min that a drive of so many steps/s can make with this syringe.

    0 when one step is more than may be queued.
    """
    if steps_ahead(nl_per_rev, steps_per_rev) == 0:
        return 0
    return 60 * min(hz, MOST_HZ) * nl_per_rev // steps_per_rev


def bottom_flow(nl_per_rev, steps_per_rev):
    """Lowest flow in nL/min whose steps are less than SLOWEST_US apart."""
    return 60_000_000 * nl_per_rev // (steps_per_rev * SLOWEST_US) + 1


def steps_ahead(nl_per_rev, steps_per_rev):
    """Steps that may be queued ahead of the shaft at once, in all words together: what a frozen firmware delivers."""
    return PLANNED_NL * steps_per_rev // nl_per_rev


def pace(flow, nl_per_rev, steps_per_rev, word_us=WORD_US):
    """How a flow in nL/min is stepped: (steps of a word, whole, part, unit, depth), see the module.

    depth: words to keep queued. Raises ValueError when steps would be too close or too far apart. Long integers.
    """
    top = 60_000_000 * nl_per_rev
    bottom = flow * steps_per_rev
    if flow > top_flow(nl_per_rev, steps_per_rev) or top >= SLOWEST_US * bottom:
        raise ValueError("no step period for this flow")
    shared = _gcd(top, bottom)
    unit = bottom // shared
    whole = top // bottom
    ahead = steps_ahead(nl_per_rev, steps_per_rev)
    steps = max(1, min((word_us + whole // 2) // whole, (ahead + QUEUE - 1) // QUEUE))
    lasts = steps * whole
    # One more for the word that the drive is busy with, one because the division rounds down.
    depth = min(QUEUE, AHEAD * word_us // (lasts if lasts <= 2 * word_us else word_us) + 2)
    return steps, whole, top // shared % unit, unit, depth


class StepVolume:
    """Exact volume of a count of steps (or encoder counts): nl whole nanolitres, and a remainder that is carried on.

    Bounds: |steps| * per_rev < 2**30 in one add, which is 10 s of the fastest stepping at 3200 steps a turn; nl
    within +-(2**30 - 1), which the caller's limits see to.
    """

    def __init__(self):
        self.nl = 0
        self._carry = 0
        self._whole = 0
        self._part = 0
        self._per_rev = 1

    def begin(self, nl_per_rev, per_rev):
        """Starts at zero for a drive of `per_rev` steps a turn and a syringe of `nl_per_rev` nL a turn."""
        self.nl = 0
        self._carry = 0
        self._whole = nl_per_rev // per_rev
        self._part = nl_per_rev % per_rev
        self._per_rev = per_rev

    def take(self, other):
        """Becomes a copy of another."""
        self.nl = other.nl
        self._carry = other._carry
        self._whole = other._whole
        self._part = other._part
        self._per_rev = other._per_rev

    def add(self, steps):
        """Counts so many steps, backwards when negative; nl is rounded down, so the true volume is in [nl, nl + 1)."""
        self.nl += steps * self._whole
        self._carry += steps * self._part
        self.nl += self._carry // self._per_rev
        self._carry %= self._per_rev
