"""The drive's side of the pump: keeps its short queue fed, counts what it made, and knows when that cannot be right."""

from assuage_wire.schema import S30
from pump.codes import LOSS_KVO
from pump.steps import QUEUE, Plan, StepVolume

IDLE_MS = 1000  # a drive that takes no word for so long is stuck: what it holds lasts a quarter of that

_LATE_MS = 50  # what a poll is late beyond this is the loop's doing, not the drive's
_MOST = 30_000  # steps between two looks that can be believed; a full queue holds 1280


def stand(stepgen):
    """Empties the drive's queue and lets the motor go; the current is cut also when the queue cannot be emptied."""
    try:
        stepgen.abort()
    finally:
        stepgen.enable(False)


class Delivery:
    """Turns one programme into motion of one drive.

    stepgen: push room consumed queued abort enable forward, as the board gives it. reserve: a reserve.Reserve.
    delivered: volume of the steps that were made. queued: steps pushed and not yet counted. unread: steps counted since
    the encoder was last read. flow: nL/min now, 0 when standing. astray: the drive made steps that nobody asked for.
    """

    def __init__(self, stepgen, reserve, steps_per_rev):
        self.delivered = StepVolume()
        self.queued = 0
        self.unread = 0
        self.flow = 0
        self.astray = False
        self._drive = stepgen
        self._reserve = reserve
        self._steps_per_rev = steps_per_rev
        self._planned = StepVolume()
        self._at_rate = Plan()
        self._at_kvo = Plan()
        self._plan = self._at_rate
        self._idle_ms = 0
        stand(stepgen)
        self._made = stepgen.consumed()

    def prepare(self, programme):
        """Reckons the plans of a programme that limits.check has passed, and counts from zero. Allocates."""
        self._at_rate.prepare(programme.rate, programme.nl_per_rev, self._steps_per_rev)
        if programme.on_loss == LOSS_KVO:
            self._at_kvo.prepare(programme.kvo, programme.nl_per_rev, self._steps_per_rev)
        self.delivered.begin(programme.nl_per_rev, self._steps_per_rev)

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

    def run(self, programme):
        """Begins delivery at the programme's rate."""
        self._planned.take(self.delivered)
        self.queued = 0
        self._idle_ms = 0
        self.flow = programme.rate
        self._plan = self._at_rate
        self._plan.begin(programme.steps)
        self.feed()

    def slow(self, programme):
        """Drops what is queued; feed() goes on with the rest of the volume at the KVO rate."""
        self._drive.abort()
        self.count()
        left = self._plan.left + self.queued
        self._planned.take(self.delivered)
        self.queued = 0
        self.flow = programme.kvo
        self._plan = self._at_kvo
        self._plan.begin(left)

    def halt(self):
        """Empties the queue at once and releases the motor."""
        self.flow = 0
        stand(self._drive)
        self.count()
        self.queued = 0

    def done(self):
        """True when every step of the programme was made."""
        return self._plan.left == 0 and self.queued == 0

    def count(self):
        """Counts the steps made since the last look."""
        made = self._drive.consumed()
        steps = (made - self._made) & S30
        if steps == 0:
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
        self._reserve.counted(self.delivered.nl)

    def feed(self):
        """Queues words up to the plan's depth. What they may deliver is written down before the drive has them."""
        plan = self._plan
        room = self._drive.room() - QUEUE + plan.depth
        while room > 0 and self.queued + plan.word_steps() <= plan.ahead and plan.word():
            if plan.count:
                self._planned.add(plan.count)
                self._reserve.before(self._planned.nl)
                self.queued += plan.count
            self._drive.push(plan.count, plan.period)
            self._idle_ms = 0
            room -= 1

    def stuck(self, ms):
        """`ms` later: True when the drive has taken no word for IDLE_MS."""
        self._idle_ms = min(self._idle_ms + min(ms, _LATE_MS), IDLE_MS + 1)
        return self._idle_ms > IDLE_MS
