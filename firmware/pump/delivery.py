"""The drive's side of the pump: keeps its short queue fed, counts what it made, and knows when that cannot be right."""

from assuage_wire.schema import S30
from pump.codes import DEMAND
from pump.course import Course
from pump.steps import PLANNED_NL, QUEUE, StepVolume

IDLE_MS = 1000  # a drive that takes no word for so long is stuck: what it holds lasts a quarter of that

_LATE_MS = 50  # what a poll is late beyond this is the loop's doing, not the drive's
_MOST = 30_000  # steps between two looks that can be believed; a full queue holds 5120


def stand(stepgen):
    """Empties the drive's queue and lets the motor go; the current is cut also when the queue cannot be emptied."""
    try:
        stepgen.abort()
    finally:
        stepgen.enable(False)


class Delivery:
    """Turns one course into motion of one drive.

    stepgen: push room consumed queued abort enable forward, as the board gives it. volume: a journal.volume.Volume.
    motor: the limits that ramp.Ramp takes.
    delivered: volume of the steps that were made. queued: steps pushed and not yet counted. unread: steps counted since
    the encoder was last read. flow: nL/min of the word that the drive is busy with, 0 when standing. astray: the drive
    made steps that nobody asked for. withheld: the record did not take what comes next, so that no word brings it.
    """

    def __init__(self, stepgen, volume, steps_per_rev, motor=None):
        self.delivered = StepVolume()
        self.queued = 0
        self.unread = 0
        self.flow = 0
        self.astray = False
        self.withheld = False
        self._drive = stepgen
        self._volume = volume
        self._steps_per_rev = steps_per_rev
        self._planned = StepVolume()
        self._asked = StepVolume()
        self._course = Course(motor)
        self._pushed = 0  # words since the queue was last empty
        self._turns = [0] * (2 * QUEUE)  # number of the word that brings another flow, and that flow; each is queued
        self._waiting = 0  # of these
        self._fed_flow = 0
        self._done = 0  # words made
        self._bolus_end = 0  # number of the word after a bolus
        self._bolus_from = self._bolus_to = 0  # nL delivered at its beginning and end
        self._step_nl = 0
        self._vtbi = 0
        self._idle_ms = 0
        stand(stepgen)
        self._made = stepgen.consumed()

    def prepare(self, programme):
        """Reckons the course of a programme that checks has passed, and counts from zero. Allocates."""
        p = programme
        course = self._course
        course.build(p.legs, p.around, p.vtbi, p.nl_per_rev, self._steps_per_rev, p.mode == DEMAND)
        if p.kvo:
            course.keep_open(p.kvo)
        if p.dose:
            course.set_bolus(p.dose_rate, p.dose)
        self.delivered.begin(p.nl_per_rev, self._steps_per_rev)
        self._planned.take(self.delivered)
        self._step_nl = p.step_nl
        self._vtbi = p.vtbi
        self._bolus_from = self._bolus_to = self.delivered.nl

    def forget(self):
        """No programme: nothing delivered, nothing astray."""
        self.delivered.begin(0, self._steps_per_rev)
        self.astray = False

    def empty(self):
        """True when the drive has nothing to do."""
        return self._drive.queued() == 0 and self._drive.room() == QUEUE

    def energise(self):
        """Current into the motor, no motion."""
        self._drive.forward(True)
        self._drive.enable(True)

    def release(self):
        """No current: the motor cannot turn the shaft whatever else happens."""
        self._drive.enable(False)

    def run(self):
        """Begins the course, or goes on with it."""
        self._restart()
        self.feed()

    def slow(self):
        """Drops what is queued; feed() goes on with the rest of the volume at the KVO rate."""
        self._drive.abort()
        self.count()
        left = self._course.left + self.queued
        self._course.slow(left)
        self._end_bolus()
        self._restart()

    def stay_open(self, steps):
        """All is delivered; so many steps more come at the KVO rate."""
        self._course.slow(steps)

    def hold(self):
        """Halts, and keeps the place for run(); what was queued of a bolus becomes part of the rest."""
        stand(self._drive)
        self.count()
        self._course.put_back(self.queued)
        self._end_bolus()
        self._restart()
        self.flow = 0

    def halt(self):
        """Empties the queue at once and releases the motor."""
        stand(self._drive)
        self.count()
        self.queued = 0
        self.flow = 0

    def change(self, flow):
        """Goes on at another flow in nL/min. Allocates."""
        self._course.change(flow)

    def set_bolus(self, flow, volume):
        """Reckons an extra bolus. Allocates."""
        self._course.set_bolus(flow, volume, True)

    def bolus(self, extra):
        """Gives the programme's dose, or the extra bolus, before it goes on."""
        self._bolus_from = self._planned.nl
        self._course.bolus(extra)

    def bolus_over(self):
        """True when the last word of the bolus is done."""
        return not self._course.giving and self._done >= self._bolus_end

    def bolus_nl(self):
        """nL given of the bolus so far."""
        return max(0, min(self.delivered.nl, self._bolus_to) - self._bolus_from)

    def left_nl(self):
        """nL that no word holds yet, at most."""
        return max(0, self._vtbi - self._planned.nl)

    def owed_nl(self):
        """nL that words in the queue still deliver, and a step."""
        return self._planned.nl - self.delivered.nl + self._step_nl if self._course.left else 0

    def lasts_ms(self):
        """Milliseconds within which what may be queued does not run dry, nor the shaft turn by more than an eighth."""
        nl, flow = self._course.eighth_nl(), max(self.flow, self._course.flow, 1)
        return min(PLANNED_NL >> 1, nl) * 60_000 // flow

    def _end_bolus(self):
        """What was queued of it is none of it any more."""
        self._bolus_to = min(self._bolus_to, self.delivered.nl)

    def _restart(self):
        self._planned.take(self.delivered)
        self.queued = self._pushed = self._waiting = self._fed_flow = self._done = self._bolus_end = 0
        self._idle_ms = 0
        self.withheld = False

    def done(self):
        """True when every step of the programme was made."""
        return self._course.left == 0 and self.queued == 0

    def count(self):
        """Counts the steps made since the last look."""
        made = self._drive.consumed()
        steps = (made - self._made) & S30
        if not steps:
            return
        self._made = made
        if steps > _MOST:
            self.astray = True
            return
        self.unread += steps
        self.queued -= steps
        if self.queued < 0:
            self.queued = 0
            self.astray = True
        self.delivered.add(steps)
        self._volume.counted(self.delivered.nl)

    def recount(self):
        """Somebody else has moved the drive and counted that: from here on it is this delivery's again."""
        self._made = self._drive.consumed()

    def feed(self):
        """Queues words up to the pace's depth. What they may deliver is written down before the drive has them."""
        course = self._course
        room = self._drive.room()
        self._turn(self._pushed - QUEUE + room)
        if room == QUEUE:
            course.stand()
        while True:
            steps = course.word_steps()
            if room <= QUEUE - course.depth or self.queued + steps > course.ahead:
                break
            if not self._written(steps) or not course.word():
                break
            if course.flow != self._fed_flow:
                self._fed_flow = course.flow
                self._turns[2 * self._waiting] = self._pushed
                self._turns[2 * self._waiting + 1] = course.flow
                self._waiting += 1
            if course.count:
                self._planned.add(course.count)
                self.queued += course.count
            self._drive.push(course.count, course.period)
            self._pushed += 1
            if course.giving:
                self._bolus_end = self._pushed
                self._bolus_to = self._planned.nl
            self._idle_ms = 0
            room -= 1
        self._turn(self._pushed - QUEUE + room)

    def _written(self, steps):
        """Whether it stands in the record that so many steps more may be delivered. Asked before the course goes on."""
        if steps:
            self._asked.take(self._planned)
            self._asked.add(steps)
            self.withheld = not self._volume.before(self._asked.nl)
        return not self.withheld

    def _turn(self, done):
        """So many words are done: the flow is that of the next one."""
        turns = self._turns
        self._done = done
        while self._waiting and done >= turns[0]:
            self.flow = turns[1]
            self._waiting -= 1
            for i in range(2 * self._waiting):
                turns[i] = turns[i + 2]

    def stuck(self, ms):
        """`ms` later: True when the drive has taken no word for IDLE_MS."""
        if self._idle_ms <= IDLE_MS:
            self._idle_ms += min(ms, _LATE_MS)
        return self._idle_ms > IDLE_MS
