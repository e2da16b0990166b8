"""Catch-up before a start: takes up the drive's play, the gap to the plunger and the seal's softness, not the fluid.

    c = CatchUp()
    c.begin(nl_per_rev, lead_nm, steps_per_rev, most_mn)
    steps = c.next(force.mn)   # run so many forward, let the force settle (0.5 s), ask again; 0: over, see c.state
    # nothing of it is counted as delivered

At 1 mL/h play and seal of a 50 mL syringe cost some 13 min (0.22 mL) before anything flows. What physics allows: play
and gap can be taken up whole. The seal is a spring: the plunger stands until that spring carries its breakaway
friction, which nobody knows beforehand. So the force is watched from slice to slice: it rises evenly while the seal is
compressed, and a slice that adds less than half of the best one has moved the plunger. There it stops, READY: flow
begins with the next step. The price is what the last two slices have moved, at most 2.5 times SLICE_NL, 0.011 mL, and
what the seal lets go of as it breaks away, for it slides on less than it had stored. Nobody measures how much, so all
that was run since the plunger was touched counts as what may have reached the patient.

It ends NO_CONTACT when nothing resists within 1.2 mm of travel: there is no syringe. It ends HELD when the force passes
what any syringe of that size may need in an open line, or the travel ends, and still rises evenly: the line is closed,
or the plunger sticks; what is stored then is for a back-off to take away.
"""

from micropython import const

IDLE, RUNNING, READY, NO_CONTACT, HELD = range(5)

TRAVEL_UM = 1_200
SLICE_NL = 4_500  # of a plunger that moves
CONTACT_MN = 150  # more than noise, less than the friction of any syringe

_COARSE_UM = const(20)  # before contact
_FINE_UM = const(32)  # in syringes so thin that SLICE_NL is further
_FELT = const(40)  # mN of a slice that is a rise, not noise
_SLIDING = const(3)  # slices without any: the plunger slides already


class CatchUp:
    """state: RUNNING until next() has returned 0; then READY, NO_CONTACT or HELD. steps: run forward in all; free: of
    these, before anything can have been touched."""

    def __init__(self):
        self.state = IDLE
        self.steps = self.free = 0
        self._coarse = self._fine = self._most = self._held = 0
        self._before = self._best = self._slices = 0

    def begin(self, nl_per_rev, lead_nm, steps_per_rev, most_mn):
        """Before a start, with the most force in mN that such a plunger needs in an open line. Long integers."""
        self.state = RUNNING
        self.steps = self.free = 0
        self._coarse = max(1, _COARSE_UM * 1000 * steps_per_rev // lead_nm)
        furthest = _FINE_UM * 1000 * steps_per_rev // lead_nm
        self._fine = max(1, min(SLICE_NL * steps_per_rev // nl_per_rev, furthest))
        self._most = TRAVEL_UM * 1000 * steps_per_rev // lead_nm
        self._held = most_mn
        self._best = 0
        self._slices = 0

    def next(self, mn):
        """Steps to run forward now, 0 when it is over; `mn` was measured after the last ones."""
        if self.state != RUNNING:
            return 0
        touches = mn >= CONTACT_MN
        if touches:
            if self._slices:
                rise = mn - self._before
                self._best = max(self._best, rise)
                if rise * 2 < self._best if self._best >= _FELT else self._slices >= _SLIDING:
                    return self._end(READY)
            else:
                self.free = max(0, self.steps - self._coarse)
            self._slices += 1
            self._before = mn
            if mn >= self._held:
                return self._end(HELD)
        steps = self._fine if touches else self._coarse
        if self.steps + steps > self._most:
            return self._end(HELD if touches else NO_CONTACT)
        self.steps += steps
        return steps

    def _end(self, state):
        self.state = state
        return 0
