"""What is looked at while the pump runs, and what comes of it.

poll() is called every 25 to 50 ms, before half of what may be queued has run out (delivery.lasts_ms; at 1200 mL/h some
50 ms are queued), shaft() with each fresh encoder position. Neither allocates. What follows from a state is in
states.py, how it is done in mechanism.py. What a host or a patient asks for is in control.py.
"""

from pump import states
from pump.codes import (
    ARMED,
    BACKING_OFF,
    BOLUS,
    END_KVO,
    FAULT,
    INFUSING,
    KVO,
    LOSS_CONTINUE,
    LOSS_KVO,
    OK,
    PAUSED,
    PRIMING,
    TAKING_UP,
    WHY_AIR,
    WHY_COMPLETE,
    WHY_DISCONNECT,
    WHY_DRIVE_FAULT,
    WHY_DRIVER,
    WHY_ENCODER_DISAGREES,
    WHY_FORCE,
    WHY_JOURNAL,
    WHY_KVO,
    WHY_LEASE_LAPSED,
    WHY_NO_CONTACT,
    WHY_NONE,
    WHY_OCCLUSION,
    WHY_SUPPLY,
    WHY_TIME_LIMIT,
    WHY_UNDER_DELIVERY,
    WHY_UNFITTED,
    WHY_WINDOW_LIMIT,
)
from pump.diagnose import WHY
from pump.limits import since
from pump.mechanism import Mechanism

_FOR_LACK = (WHY_UNDER_DELIVERY, WHY_DRIVE_FAULT)  # what it looks like when no word is pushed
_BREAKS = (WHY_FORCE, WHY_DRIVER)  # of what is sensed: the pump is broken
_ENDS = (WHY_UNFITTED, WHY_SUPPLY)  # of a motion that is no dose, too
_PAUSES = (WHY_DISCONNECT, WHY_AIR)  # and what a person puts right, to go on; anything else is the end

ARMED_MS = 60_000  # an armed programme that is not started for so long is given up

_LEASED = (INFUSING, BOLUS, TAKING_UP, PRIMING)

# why it is then in the state that follows what has come of motion that is no dose
_AFTER_MOVE = {
    states.CONTACT: WHY_NONE,
    states.NO_CONTACT: WHY_NO_CONTACT,
    states.OCCLUDE: WHY_OCCLUSION,
    states.RELIEVED: WHY_OCCLUSION,
    states.PRIMED: WHY_NONE,
}


class Engine(Mechanism):
    """One syringe drive, see mechanism.Mechanism for what it is made of."""

    # -- what needs no answer ------------------------------------------------------------------------------------------

    def stop(self, reason):
        """Halts the shaft in any state. `reason` (WHY_HOST_STOP, WHY_LOCAL_STOP) is told if there is none already."""
        self._go(states.STOP, WHY_OCCLUSION if self.state == BACKING_OFF else reason)

    def fault(self, reason):
        """Halts and latches; the first reason stays until it is cleared. The loop's own failures come here too."""
        self._go(states.BREAK, reason)

    def occlude(self):
        """What is delivered meets a closed line: stands, and takes back what the line holds."""
        self._go(states.OCCLUDE, WHY_OCCLUSION)

    def grant(self, programme, grant, until_ticks, until_wraps, ticks, wraps):
        """A further permission of this session; False when it changes nothing.

        A lapse that ended or slowed the delivery is final. Where the programme continues without, a newer grant opens
        a new lease.
        """
        if not self._leased() or programme != self.moved_for():
            return False
        if self.lease.renew(ticks, wraps, until_ticks, until_wraps, grant):
            return True
        if self.programme.on_loss != LOSS_CONTINUE or self.lease.margin(ticks, wraps):
            return False
        if not self.lease.open(ticks, wraps, until_ticks, until_wraps, grant):
            return False
        self._say(WHY_KVO if self.state == KVO else WHY_NONE)
        return True

    def new_session(self):
        """The host has opened another session: its grants count from 1; a running permission keeps its end.

        What its predecessor confirmed or armed and did not start is to be confirmed again, what it had not offered
        whole is to be offered again.
        """
        self.lease.new_session()
        self._offers.drop()
        self.priming.token = self._change = 0
        self._go(states.SESSION, WHY_NONE)

    def makes_room(self):
        """Whether the record still prepares itself for what may be started, a little each poll."""
        return self._upkeep.makes_room()

    def margin(self, ticks, wraps):
        """Milliseconds that the current permission still has, 0 without one."""
        return self.lease.margin(ticks, wraps)

    def moved_for(self):
        """Id of what the pump moves for, or would: of the programme or of the priming."""
        return self.priming.id if self.state == PRIMING else self.programme.id

    # -- the loop ------------------------------------------------------------------------------------------------------

    def shaft(self, position):
        """A fresh encoder position: unwrapped counts of this very moment, never a repeated one."""
        self._count()
        steps = self.delivery.unread
        moved = self.encoder.read(position, steps)
        if states.running(self.state):
            self.diagnosis.look(steps, moved, True, True, self.senses.change(self.diagnosis.still), True)
        self.delivery.unread = 0

    def poll(self, ticks, wraps):
        """One turn: counts, checks, ends or feeds the delivery."""
        ms = since(ticks, self._ticks)
        self._ticks = ticks
        self._volume.journal.now(ticks, wraps)
        self.windows.pass_time(ms)
        self.demand.pass_time(ms)
        self.priming.hour.pass_time(ms)
        self.encoder.wait(ms)
        self._count()
        self._tally()
        if (self.delivery.astray or self.moves.astray) and self.state != FAULT:
            self.fault(WHY_DRIVE_FAULT)
        if states.delivering(self.state):
            self._supervise(ms, ticks, wraps)
        elif self.moves.busy:
            self._supervise_move(ms, ticks, wraps)
        elif self.state == ARMED:
            self._armed_ms += ms
            if self._armed_ms >= ARMED_MS:
                self._go(states.EXPIRE, WHY_TIME_LIMIT)
        self._keep(ms)
        if self.senses.fitted and (self.state == ARMED or self.state == PAUSED):
            self._go(states.STOP, WHY_UNFITTED)  # who knows what is put in instead

    # -- inside --------------------------------------------------------------------------------------------------------

    def _keep(self, ms):
        """The record's turn: a page is written, or a sector erased while nothing moves."""
        if not self._volume.work() and not states.running(self.state) and self.delivery.empty():
            self._upkeep.prepare(ms, self.state)
        if self._upkeep.fails(ms) and self.state != FAULT:
            self.fault(WHY_JOURNAL)

    def _supervise(self, ms, ticks, wraps):
        delivery = self.delivery
        nl = delivery.delivered.nl
        moved = nl - self._seen_nl
        self.watch.set_flow(delivery.flow)
        why = self.watch.look(ms, moved, nl)
        self._seen_nl = nl
        time_is_up = why == WHY_TIME_LIMIT
        if why == WHY_NONE or time_is_up:
            why = self._judge_shaft()
        if why == WHY_NONE and delivery.stuck(ms):
            why = WHY_DRIVE_FAULT
        if delivery.withheld and why in _FOR_LACK:
            why = WHY_JOURNAL
        sensed = self._sensed(ms, moved) if why == WHY_NONE else why
        if why != WHY_NONE or sensed in _BREAKS:
            self.fault(sensed)
        elif delivery.done():
            self._finish()
        elif sensed == WHY_OCCLUSION:
            self.occlude()
        elif self.guard.why() != WHY_NONE:
            self._go(states.STOP if self.state == KVO else states.PAUSE, self.guard.why())
        elif sensed != WHY_NONE:
            self._go(states.PAUSE if sensed in _PAUSES and self.state != KVO else states.STOP, sensed)
        elif time_is_up:
            self._go(states.TIMEOUT, WHY_TIME_LIMIT)
        elif self.windows.refuses(delivery.owed_nl()):
            self._go(states.WINDOW, WHY_WINDOW_LIMIT)
        else:
            if self._leased() and self.lease.margin(ticks, wraps) == 0:
                self._lapse()
            if states.running(self.state):
                delivery.feed()
                if self.state == BOLUS and delivery.bolus_over():
                    self._go(states.GIVEN, self.reason)

    def _supervise_move(self, ms, ticks, wraps):
        """Motion that is no dose. A back-off leads away from the patient, and only a human or a fault ends it; without
        a force it is over, and by that name nothing begins any more."""
        why = self.encoder.look()
        if why == WHY_NONE and self.moves.stuck(ms):
            why = WHY_DRIVE_FAULT
        if why == WHY_NONE:
            why = self.supply.look()
        if self.senses.fitted and why == WHY_NONE:
            why = WHY_UNFITTED
        if why == WHY_NONE and self.state != BACKING_OFF and self.senses.blind():
            why = WHY_FORCE
        if why == WHY_NONE and self.state == TAKING_UP and self.guard.why() != WHY_NONE:
            self._go(states.STOP, self.guard.why())
        elif why in _ENDS:
            self._go(states.STOP, why)
        elif why != WHY_NONE:
            self.fault(why)
        elif self._leased() and self.lease.margin(ticks, wraps) == 0:
            self._go(states.LAPSE, WHY_LEASE_LAPSED)
        else:
            event = self.moves.turn(ms, self.senses)
            if event:
                self._go(event, _AFTER_MOVE[event])

    def _count(self):
        if self.moves.busy:
            self.delivery.unread += self.moves.count()
        else:
            self.delivery.count()

    def _judge_shaft(self):
        """WHY_NONE, or why shaft and steps do not go together: by what the diagnosis calls it."""
        why = self.encoder.look()
        if why == WHY_ENCODER_DISAGREES:
            self.diagnosis.reason = self.diagnosis.verdict(self.supply.well())
            why = WHY[self.diagnosis.reason]
        return why

    def _sensed(self, ms, moved):
        why = self.supply.look()
        sensed = self.senses.look(ms, moved, self.delivery.flow)
        return why if why != WHY_NONE else sensed

    def _lacks(self, nl):
        """(status, detail): why `nl` cannot be begun with now, whatever the programme; or OK."""
        status, detail = self.tests.lacks()
        if status == OK:
            status, detail = self.supply.lacks()
        return self.senses.lacks(nl) if status == OK else (status, detail)

    def _leased(self):
        """Whether what the pump does needs a permission."""
        state = self.state
        if state == KVO:
            return self._by_end
        return state in _LEASED

    def _finish(self):
        p = self.programme
        if p.on_end == END_KVO and self.state != KVO and self._rest():
            self._go(states.DONE_KVO, WHY_KVO)
        else:
            self._go(states.DONE, WHY_COMPLETE)

    def _lapse(self):
        loss = self.programme.on_loss
        if loss == LOSS_CONTINUE:
            self._say(WHY_LEASE_LAPSED)
        elif loss == LOSS_KVO and self.state == KVO:
            self._by_end = False
            self._say(WHY_LEASE_LAPSED)
        elif loss == LOSS_KVO:
            self._go(states.LAPSE_KVO, WHY_LEASE_LAPSED)
        else:
            self._go(states.LAPSE, WHY_LEASE_LAPSED)
