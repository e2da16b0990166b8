"""Motion that is no dose: up to the plunger before a start, back after an occlusion, and through a line that is filled.

The idea: each is a few bounded slices at one slow speed, forward or backward, and before every slice the pump has stood
for half a second and looked at the force. So the drive never holds more than one slice, nor more than steps.PLANNED_NL.
What is made is counted here and never as delivered; the encoder watches it all the same. What was delivered does not
fall when something is taken back: the record may say too much of an occluded line, never too little.

A lapsed permission ends a catch-up and a priming, not a back-off: that leads away from the patient, is bounded, and
what it leaves undone would be a bolus when the line opens. Resume has no catch-up: a pause leaves the plunger in touch,
and each one would push a little that is not counted.

    moves.seek(programme) or moves.draw_back(programme, rose_nl) or moves.push(...)
    event = moves.turn(ms, senses)      # each turn of the loop: 0, or what has come of it, an event of states
    moves.end()                         # whatever has come of it; then moves.volume.nl and moves.perhaps_nl
"""

from micropython import const

from assuage_wire.schema import S30
from pump import states
from pump.backoff import BackOff
from pump.catchup import HELD, READY, CatchUp
from pump.delivery import stand
from pump.force import GOOD
from pump.pressure import pa_of, size_of
from pump.steps import QUEUE, StepVolume, steps_ahead

SETTLE_MS = 500  # from the last step of a slice until the force says what it has done
LONGEST_MS = 120_000  # of catch-up and back-off: nobody waits for ever for a force that does not settle
BACK_NL = 1_000_000  # taken back at most, see backoff
LONGEST_US = 250_000  # of a step

_IDLE_MS = const(1_000)  # a drive that makes no step for so long is stuck
_LATE_MS = const(50)  # what a turn is late beyond this is the loop's doing
_MOST = const(30_000)  # steps between two looks that can be believed
_WORD_US = const(20_000)
_UM_S = const(150)  # speed of a slice
_RAISED_MMHG = const(37)  # before a start: a vein's own pressure and a syringe that hangs low, 0.5 m of water
_CLOSED_MMHG = const(900)  # while filling: a line whose end is free has no such pressure


def _most_mn(bore_um, mmhg):
    """The most friction that a plunger of this size has, and that pressure behind it; 4/pi is 1.27324."""
    return size_of(bore_um)[4] + pa_of(mmhg) * bore_um // 1000 * bore_um // 1_273_240


class Moves:
    """One drive. busy: one of them is under way. volume: displaced by the present or last one, backward too.

    perhaps_nl: of that, what may have reached the patient. astray: the drive made steps that nobody asked for.
    """

    def __init__(self, stepgen, steps_per_rev, lead_nm):
        self.busy = False
        self.astray = False
        self.volume = StepVolume()
        self.perhaps_nl = 0
        self._drive = stepgen
        self._steps_per_rev = steps_per_rev
        self._lead_nm = lead_nm
        self._slow_us = max(1, lead_nm * 1000 // (_UM_S * steps_per_rev))
        self._catch_up = CatchUp()
        self._back_off = BackOff()
        self._kind = 0  # the event that ends it well
        self._sign = 1
        self._made = 0
        self._left = self._queued = 0  # steps that are not in the queue yet, and that are
        self._period = self._words = self._ahead = 1
        self._ms = self._still_ms = self._idle_ms = 0
        self._most_mn = 0

    # -- begin and end: long integers ------------------------------------------------------------------------------

    def worth_while(self, programme):
        """Whether taking up play and seal saves time: else the first 0.4 mm take no longer than finding them."""
        begin, end, _, _ = programme.legs[0]
        return min(begin, end) * self._lead_nm < 600_000 * programme.nl_per_rev

    def seek(self, programme):
        """Goes forward to where the plunger is about to move."""
        p = programme
        self._catch_up.begin(p.nl_per_rev, self._lead_nm, self._steps_per_rev, _most_mn(p.bore, _RAISED_MMHG))
        self._begin(states.CONTACT, p.nl_per_rev, self._slow_us)

    def draw_back(self, programme, senses, rose_nl):
        """Goes back until the pressure is relieved; rose_nl were displaced since it began to rise."""
        p = programme
        row = size_of(p.bore)
        senses.pressure.look(SETTLE_MS, senses.force.mn, 0, 0)
        self._back_off.begin(senses.pressure.pa, rose_nl, row[1], row[2], p.nl_per_rev, self._steps_per_rev, BACK_NL)
        self._begin(states.RELIEVED, p.nl_per_rev, self._slow_us)

    def push(self, steps, period, nl_per_rev, bore_um):
        """Goes so many steps forward, one every `period` us."""
        self._most_mn = _most_mn(bore_um, _CLOSED_MMHG)
        self._begin(states.PRIMED, nl_per_rev, period)
        self._left = steps

    def _begin(self, kind, nl_per_rev, period):
        self._kind = kind
        self._sign = -1 if kind == states.RELIEVED else 1
        self._period = period
        self._ahead = steps_ahead(nl_per_rev, self._steps_per_rev)
        self._words = max(1, min(_WORD_US // period, self._ahead // QUEUE))
        self._left = self._queued = 0
        self._ms = self._still_ms = self._idle_ms = 0
        self.perhaps_nl = 0
        self.volume.begin(nl_per_rev, self._steps_per_rev)
        self._made = self._drive.consumed()
        self._drive.forward(self._sign > 0)
        self._drive.enable(True)
        self.busy = True

    def end(self, keep=False):
        """Empties the queue; the motor keeps its current only for a delivery that goes on from there."""
        if keep:
            self._drive.abort()
        else:
            stand(self._drive)
        steps = self.count()
        self._left = self._queued = 0
        self._drive.forward(True)
        self.busy = False
        if self._kind == states.CONTACT:
            self.perhaps_nl = nl = self.volume.nl
            c = self._catch_up
            if c.state == READY:
                self.perhaps_nl -= nl * c.free // c.steps
        return steps

    # -- the loop --------------------------------------------------------------------------------------------------

    def count(self):
        """Counts what was made since the last look, and returns it in steps, backward ones negative."""
        made = self._drive.consumed()
        steps = ((made - self._made) & S30) * self._sign & S30
        if steps == 0:
            return 0
        self._made = made
        if steps > _MOST:
            self.astray = True
            return 0
        self._idle_ms = 0
        self._queued -= steps
        if self._queued < 0:
            self._queued = 0
            self.astray = True
        self.volume.add(steps)
        return steps * self._sign

    def stuck(self, ms):
        """`ms` later: True when the drive has made none of the steps that it holds for too long."""
        self._idle_ms = min(self._idle_ms + min(ms, _LATE_MS), _IDLE_MS + 1) if self._queued else 0
        return self._idle_ms > _IDLE_MS

    def turn(self, ms, senses):
        """`ms` later: queues what is due and returns 0, or the event that this has led to."""
        self._ms = min(self._ms + ms, LONGEST_MS)
        force = senses.force
        good = force.quality == GOOD
        if self._left or self._queued:
            self._feed()
            closed = self._kind == states.PRIMED and good and force.mn > self._most_mn
            return states.OCCLUDE if closed else 0
        if self._kind == states.PRIMED:
            return states.PRIMED
        self._still_ms = min(self._still_ms + ms, SETTLE_MS)
        if self._still_ms < SETTLE_MS:
            return 0
        if self._kind == states.RELIEVED:
            return self._look_back(force, senses.pressure) if good else states.RELIEVED
        return self._look_ahead(force.mn) if good else states.NO_CONTACT

    def _look_ahead(self, mn):
        steps = self._catch_up.next(mn) if self._ms < LONGEST_MS else 0
        if steps:
            return self._go(steps)
        if self._catch_up.state == READY:
            return states.CONTACT
        return states.OCCLUDE if self._catch_up.state == HELD else states.NO_CONTACT

    def _look_back(self, force, pressure):
        pressure.look(SETTLE_MS, force.mn, 0, 0)
        steps = self._back_off.next(pressure.pa) if self._ms < LONGEST_MS else 0
        return self._go(steps) if steps else states.RELIEVED

    def _go(self, steps):
        self._left = steps
        self._still_ms = 0
        self._feed()
        return 0

    def _feed(self):
        drive = self._drive
        room = drive.room()
        while self._left and room:
            n = min(self._left, self._words)
            if self._queued + n > self._ahead:
                return
            drive.push(n, self._period)
            self._queued += n
            self._left -= n
            room -= 1
