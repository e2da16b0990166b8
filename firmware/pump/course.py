"""What is delivered when: a programme's legs as slices of constant flow, played as step words.

A leg is steady (a flow, a volume), a ramp (from one flow to another in a time) or a pause (a time). A ramp becomes up
to RAMP slices, each at the flow of its middle, which is exact for a straight line. Volumes become steps with a
remainder that is carried from slice to slice, around a loop too: after any number of legs the steps are those of the
whole volume, rounded down once. So nothing drifts, and the shaft is never more than one step from where it should be.

    course = Course()
    course.build(((flow, flow, volume, 0), (0, 0, 0, seconds)), 0, vtbi, nl_per_rev, steps_per_rev)
    while course.word():
        push(course.count, course.period)   # us; course.flow says at what flow

Where a flow is faster than the motor starts, its words come to it and leave it on a ramp (ramp.py): shorter and slower
ones, at the end of the slice early enough for what follows, after change() faster ones than the new flow's. Ramps cost
time, and no step: every step is taken from its slice as ever, so the volume stays exact.

build(), change(), keep_open() and set_bolus() reckon with long integers; the rest neither does that nor allocates.
"""

from array import array

from micropython import const

from assuage_wire.schema import NO_LOOP, S30
from pump.ramp import Ramp, word_steps
from pump.steps import AHEAD, QUEUE, WORD_US, bottom_flow, pace, steps_ahead, top_flow

LEGS = 16
SLICES = 96  # of all legs together
RAMP = 24  # of one ramp

_RAMP_STEPS = const(8)  # a slice of a ramp holds at least about so many
_OPEN = S30  # steps of a slice that lasts to the end
# a row: flow nL/min, pause ms, whole steps and the part of one in 1/nl_per_rev, then pace() of the flow
_FLOW, _PAUSE, _WHOLE, _PART, _PACE, _WIDTH = const(0), const(1), const(2), const(3), const(4), const(9)
_BOLUS = SLICES * _WIDTH  # where the programme's bolus has its row,
_EXTRA = _BOLUS + _WIDTH  # another one,
_OTHER = _EXTRA + _WIDTH  # a flow that replaces the slices,
_KVO = _OTHER + _WIDTH  # and the one that keeps the vein open


class CourseError(ValueError):
    """A leg cannot be delivered. leg: its number from 0, or how many there are when it is the whole."""

    def __init__(self, leg, why):
        super().__init__(why)
        self.leg = leg


def leg_volume(begin, end, volume, seconds):
    """nL that a leg displaces, rounded down; 0 for one that is open."""
    return volume if begin == end else (begin + end) * seconds // 120


def check_legs(legs, loop, vtbi, nl_per_rev, steps_per_rev, demand=False):
    """Raises CourseError for legs that Course.build() cannot take, see there."""
    if not 1 <= len(legs) <= LEGS or not (loop == NO_LOOP or loop < len(legs)):
        raise CourseError(len(legs), "legs")
    slowest = bottom_flow(nl_per_rev, steps_per_rev)
    fastest = top_flow(nl_per_rev, steps_per_rev)
    total = looped = 0
    open_end = False
    for number, (begin, end, volume, seconds) in enumerate(legs):
        most = max(begin, end)
        if most and not slowest <= most <= fastest:
            raise CourseError(number, "flow")
        if (seconds == 0) != (begin == end != 0) or (volume and seconds) or open_end:
            raise CourseError(number, "leg")
        open_end = seconds == volume == 0
        of_leg = leg_volume(begin, end, volume, seconds)
        total += of_leg
        if loop <= number:
            looped += of_leg
    if loop != NO_LOOP:
        wrong = open_end or (looped * steps_per_rev < nl_per_rev and not demand)
    else:
        wrong = legs[-1][0] == legs[-1][1] == 0 or (total >= vtbi if open_end else total != vtbi)
    if wrong:
        raise CourseError(len(legs), "volume")


class Course:
    """The slices, and the place reached in them.

    count, period: of the word that word() has made, us. flow: nL/min of that word, 0 in a pause. total, left: steps of
    the whole, and of it not yet planned. depth: words to keep queued at the present pace. ahead: steps that may be
    queued at once. giving: the word is one of a bolus. given: steps of the present or last bolus that are planned.
    motor: the limits that ramp.Ramp takes, and word_us, what a word aims to last, if it is not steps.WORD_US.
    """

    def __init__(self, motor=None):
        motor = motor or {"max_start_hz": 8000}
        self._ramp = Ramp(motor)
        self._word_us = motor.get("word_us", WORD_US)
        self._place = 0  # the motor's speed, as ramp.py counts it
        self._rows = array("I", bytes(4 * (SLICES + 4) * _WIDTH))
        self._nl_per_rev = self._steps_per_rev = 1
        self._row = 0
        self._end = 0  # behind the last slice's row
        self._loop = 0  # the row after the last one's
        self.total = 0
        self.ahead = 1
        self._share = self._step_flow = 1
        self.begin()

    # -- programming: long integers ----------------------------------------------------------------------------------

    def build(self, legs, loop, vtbi, nl_per_rev, steps_per_rev, demand=False):
        """Takes legs of (begin nL/min, end nL/min, volume nL, seconds), and begins.

        begin = end > 0: steady, for the volume, or with volume 0 until the end; no seconds. begin <> end: a ramp in the
        seconds; no volume. Both 0: a pause of the seconds. loop: number of the leg that follows the last one, until
        vtbi (nL) is delivered, or NO_LOOP; without one the legs make up vtbi exactly. demand: boluses bring the volume,
        and the legs need not. Raises CourseError, and is empty.
        """
        self._nl_per_rev = nl_per_rev
        self._steps_per_rev = steps_per_rev
        self.ahead = steps_ahead(nl_per_rev, steps_per_rev)
        self._share = (self.ahead + QUEUE - 1) // QUEUE
        self._step_flow = 60_000 * nl_per_rev // steps_per_rev  # nL/min of a step each ms
        self._end = self._loop = self.total = 0
        self.begin()
        check_legs(legs, loop, vtbi, nl_per_rev, steps_per_rev, demand)
        ramps = 0
        for begin, end, _, _ in legs:
            ramps += begin != end
        finest = min(RAMP, (SLICES - len(legs) + ramps) // ramps) if ramps else 0
        at = 0
        for number, leg in enumerate(legs):
            if number == loop:
                self._loop = at
            begin, end, volume, seconds = leg
            if begin != end:
                at = self._slope(at, begin, end, seconds, finest)
            else:
                at = self._add(at, begin, volume or -1, seconds)
        if loop == NO_LOOP:
            self._loop = at
        self._end = at
        self.total = vtbi * steps_per_rev // nl_per_rev
        self.begin()

    def _slope(self, at, begin, end, seconds, finest):
        """Slices of equal time. Volume up to slice k of n: of the straight line, rounded down."""
        steps = leg_volume(begin, end, 0, seconds) * self._steps_per_rev // self._nl_per_rev
        n = max(1, min(finest, steps // _RAMP_STEPS))
        slowest = bottom_flow(self._nl_per_rev, self._steps_per_rev)
        before = 0
        for k in range(1, n + 1):
            volume = seconds * k * (2 * n * begin + (end - begin) * k) // (120 * n * n)
            flow = (2 * n * begin + (end - begin) * (2 * k - 1)) // (2 * n)
            at = self._add(at, max(flow, slowest), volume - before, 0)
            before = volume
        return at

    def _add(self, at, flow, volume, seconds):
        """A row for a slice; volume -1 for one that is open. Returns the place of the next."""
        rows = self._rows
        rows[at + _PAUSE] = seconds * 1000
        if flow:
            rows[at + _WHOLE] = min(volume * self._steps_per_rev // self._nl_per_rev, _OPEN) if volume >= 0 else _OPEN
            rows[at + _PART] = volume * self._steps_per_rev % self._nl_per_rev if volume >= 0 else 0
        else:
            rows[at + _WHOLE] = rows[at + _PART] = 0
        self._set_pace(at, flow)
        return at + _WIDTH

    def _set_pace(self, at, flow):
        rows = self._rows
        rows[at + _FLOW] = flow
        place = at + _PACE
        for number in self._pace(flow) if flow else (0, 0, 0, 1, AHEAD + 2):
            rows[place] = number
            place += 1

    def _pace(self, flow):
        return pace(flow, self._nl_per_rev, self._steps_per_rev, self._word_us)

    def eighth_nl(self):
        """nL of an eighth of a turn."""
        return self._nl_per_rev >> 3

    # -- on the way --------------------------------------------------------------------------------------------------

    def begin(self):
        """Goes back to the start."""
        self.count = self.period = self.given = 0
        self.left = self.total
        self._carry = 0  # in 1/nl_per_rev of a step
        self._owed = 0  # steps that were put back and that no slice holds
        self.giving = False
        self._steps = self._pause = self._wait = 0
        self._place = 0
        self._next = 0
        self._held_row = self._held_steps = self._held_pause = self._held_wait = self._held_sum = 0  # under a bolus
        self._load(0)
        self.flow = 0

    def change(self, flow):
        """From the next word on all that is left comes at this flow, nL/min. Raises ValueError for one without pace.

        What was waited for the next step counts, so that no number of changes keeps it from coming.
        """
        whole = self._pace(flow)[1]
        wait = self._held_wait if self.giving else self._wait
        was = self._rows[(self._held_row if self.giving else self._row) + _PACE + 1]
        wait = max(1, wait * whole // was) if wait else 0
        self._set_pace(_OTHER, flow)
        self._next = self._loop = self._end
        self._owed = 0
        if self.giving:
            self._held_row = _OTHER
            self._held_steps = _OPEN
            self._held_pause = 0
            self._held_wait = wait
            self._held_sum = 0
        else:
            self._only(_OTHER)
            self._wait = wait

    def keep_open(self, kvo):
        """Reckons the pace of the KVO rate, nL/min, for slow(). Raises ValueError for a flow without one."""
        self._set_pace(_KVO, kvo)

    def slow(self, steps):
        """From now on so many steps are left, and come at the KVO rate; a bolus is over."""
        self.giving = False
        self.left = steps
        self._next = self._loop = self._end
        self._only(_KVO)

    def set_bolus(self, flow, volume, extra=False):
        """Reckons a bolus of nL at a flow in nL/min: the programme's own, or an extra one. ValueError for no pace."""
        at = _EXTRA if extra else _BOLUS
        self._set_pace(at, flow)
        self._rows[at + _WHOLE] = volume * self._steps_per_rev // self._nl_per_rev
        self._rows[at + _PART] = volume * self._steps_per_rev % self._nl_per_rev

    def bolus(self, extra=False):
        """Gives that bolus before it goes on, not while another one is given; what is left bounds it."""
        self._ready()  # what is held is the slice that is due, also before the first word
        self._held_row = self._row
        self._held_steps = self._steps
        self._held_pause = self._pause
        self._held_wait = self._wait
        self._held_sum = self._sum
        self.giving = True
        self.given = 0
        self._enter(_EXTRA if extra else _BOLUS)

    def cancel(self):
        """What is not planned yet of a bolus is not given."""
        if self.giving:
            self._resume()

    def stand(self):
        """The motor has come to rest: the next word is one that it can start with."""
        self._place = 0

    def put_back(self, steps):
        """So many planned steps were not made, because the queue was emptied; they come first. A bolus is over."""
        self.cancel()
        self.left += steps
        if self.flow == 0:
            self._owed += steps
        elif self._steps < _OPEN - steps:
            self._steps += steps

    def word_steps(self):
        """Steps that the next word holds at most."""
        if not self._ready() or self._pause:
            return 0
        return min(self._share if self._place else self._words, self._steps, self.left)

    def word(self):
        """Makes the next word in count and period; False when all is planned."""
        if not self._ready():
            return False
        if self._pause:
            ms = min(self._pause, self._word_us // 1000)
            self._pause -= ms
            self.count = 0
            self.period = ms * 1000
            return True
        if self._wait == 0:
            self._wait = self._whole
            self._sum += self._part
            if self._sum >= self._unit:
                self._sum -= self._unit
                self._wait += 1
        if self._wait > 2 * self._word_us and not self._place:
            self.count = 0
            self.period = self._word_us
            self._wait -= self._word_us
            return True
        self.count = min(self._words, self._steps, self.left)
        self.period = self._wait
        if self._place or self._reach:
            self._hurry()
        n = self.count
        self._wait = 0
        self.left -= n
        self._steps -= n
        if self.giving:
            self.given += n
        return True

    def _hurry(self):
        """Makes the word one that the motor can follow on its way to the flow's speed, past it, and back."""
        ramp = self._ramp
        place, reach = self._place, self._reach
        us = self._wait if place == reach else ramp.period(place)
        left = min(self._steps, self.left)
        self.count = n = min(word_steps(us), self._share, left)
        most = min(reach, left - n)
        if most < reach:
            most = min(reach, left - n + self._beyond(), self.left - n)
        at = place if most >= place else max(most, place - n)
        self._place = min(place + n, most) if most > place else at
        self.depth = QUEUE if self._place or reach else self._rows[self._row + _PACE + 4]  # its words are short
        if at == reach:
            self.flow = self._rows[self._row + _FLOW]
        else:
            us = ramp.period(at)
            self.period = us = max(us, self._wait) if at < reach else min(us, self._wait)
            self.flow = self._step_flow // us * 1000 + self._step_flow % us * 1000 // us

    def _beyond(self):
        """The speed, as a place on the ramp, with which the next slice may be entered."""
        if self.giving:
            row, steps, pause = self._held_row, self._held_steps, self._held_pause
        else:
            row = self._next if self._next != self._end else self._loop
            if row == self._end:
                return 0
            steps, pause = self._rows[row + _WHOLE], self._rows[row + _PAUSE]
        return 0 if pause or not steps else min(steps, self._ramp.place(self._rows[row + _PACE + 1]))

    def _ready(self):
        """Goes on to the next slice that holds something; False when all is planned."""
        if self.left == 0:
            return False
        while self._steps == 0 and self._pause == 0:
            if self.giving:
                self._resume()
                continue
            if self._next == self._end:
                if self._loop == self._end:
                    return False
                self._next = self._loop
            self._enter(self._next)
            self._next += _WIDTH
        return True

    def _enter(self, at):
        rows = self._rows
        steps = rows[at + _WHOLE]
        self._carry += rows[at + _PART]
        if self._carry >= self._nl_per_rev:
            self._carry -= self._nl_per_rev
            steps += 1
        self._pause = rows[at + _PAUSE]
        if not self._pause and steps < _OPEN and not self.giving:
            steps += self._owed
            self._owed = 0
        self._steps = steps
        self._wait = 0
        self._load(at)

    def _only(self, at):
        """One row for all that is left."""
        self._steps = _OPEN
        self._pause = self._owed = self._wait = 0
        self._load(at)

    def _resume(self):
        self.giving = False
        self._steps = self._held_steps
        self._pause = self._held_pause
        self._load(self._held_row)
        self._wait = self._held_wait
        self._sum = self._held_sum

    def _load(self, at):
        rows = self._rows
        self._row = at
        self.flow = rows[at + _FLOW]
        self._words = rows[at + _PACE]
        self._whole = rows[at + _PACE + 1]
        self._part = rows[at + _PACE + 2]
        self._unit = rows[at + _PACE + 3]
        self._reach = self._ramp.place(self._whole) if self.flow else 0
        self.depth = rows[at + _PACE + 4]
        self._sum = 0
