"""What moves the pump: its states, what is looked at while it runs, and the only way from one state to another.

poll() is called every 25 to 50 ms, before half of what may be queued has run out (delivery.lasts_ms; at 1200 mL/h some
50 ms are queued), shaft() with each fresh encoder position. Neither allocates. The states are in states.py; _go() is
the only way from one to another and the only place that commands the drive. What a host or a patient asks for is in
control.py.
"""

from assuage_wire.session import Lease
from journal.kinds import BOLUS as BOLUS_ENDED
from journal.kinds import CHANGED, SUPPLY
from journal.upkeep import Upkeep
from pump import states
from pump.aftermath import Aftermath
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
    WHY_ENCODER_LOST,
    WHY_FORCE,
    WHY_JOURNAL,
    WHY_KVO,
    WHY_LEASE_LAPSED,
    WHY_NO_CONTACT,
    WHY_NONE,
    WHY_OCCLUSION,
    WHY_REVERSED,
    WHY_SLIPS,
    WHY_STALLED,
    WHY_SUPPLY,
    WHY_TIME_LIMIT,
    WHY_UNDER_DELIVERY,
    WHY_UNFITTED,
    WHY_WINDOW_LIMIT,
)
from pump.delivery import Delivery
from pump.demand import Demand
from pump.diagnose import Diagnosis
from pump.encoder import DISAGREE_NL, FULL_STEPS, Encoder
from pump.limits import Watch, since
from pump.moves import Moves
from pump.offers import Offers
from pump.priming import Priming
from pump.senses import Senses
from pump.supply import SelfTest, Supply
from pump.unguarded import Unguarded
from pump.windows import Windows

_FOR_LACK = (WHY_UNDER_DELIVERY, WHY_DRIVE_FAULT)  # what it looks like when no word is pushed
# What the diagnosis of a disagreement is called; a magnet that stands while the plunger is pushed is a lost encoder.
_DISAGREES = (
    WHY_ENCODER_DISAGREES,
    WHY_STALLED,
    WHY_SLIPS,
    WHY_REVERSED,
    WHY_ENCODER_LOST,
    WHY_ENCODER_LOST,
    WHY_ENCODER_DISAGREES,
)
_BREAKS = (WHY_FORCE, WHY_DRIVER)  # of what is sensed: the pump is broken
_ENDS = (WHY_UNFITTED, WHY_SUPPLY)  # of a motion that is no dose, too
_PAUSES = (WHY_DISCONNECT, WHY_AIR)  # and what a person puts right, to go on; anything else is the end

_REASON = 255  # what has changed, where no flow has

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


class Engine:
    """One syringe drive.

    stepgen: as the board gives it. volume: a journal.volume.Volume, its record. limits: the board's own, see
    checks.check and windows.Windows. boot: how often the board has started. changes: rises with each change of state or
    reason, for whoever reports them. was: what a reset interrupted, see aftermath.Aftermath. rate: nL/min that was
    asked for last, by programme or change. data: the board's own table, of which senses.Senses takes what it knows;
    without one there are no other sensors. guard: an interlock.guarding.Guarding; without one no patient is looked at.
    """

    def __init__(
        self,
        stepgen,
        volume,
        limits,
        steps_per_rev,
        lead_nm,
        encoder_counts,
        encoder_forward=1,
        boot=0,
        data=None,
        guard=None,
    ):
        self.changes = 0
        self.guard = guard or Unguarded()
        data = data or {}
        self.senses = Senses(data, limits)
        self.supply = Supply(data)
        self.tests = SelfTest()
        self.diagnosis = Diagnosis(encoder_counts, steps_per_rev, encoder_forward)
        self._limits = limits
        self._steps_per_rev = steps_per_rev
        self._offers = Offers(limits, steps_per_rev, lead_nm, boot, self.senses.ready, self.guard)
        self.programme = self._offers.programme
        self.rate = 0
        self.lease = Lease(0)
        self.encoder = Encoder(encoder_counts, steps_per_rev, encoder_forward)
        self.watch = Watch()
        self.windows = Windows(limits)
        self.demand = Demand()
        self._volume = volume
        self._upkeep = Upkeep(volume, limits.get("max_volume", 0))
        self.was = Aftermath(volume)
        self.state = self.was.state
        self.reason = self.was.reason
        self.delivery = Delivery(stepgen, volume, steps_per_rev, limits)
        self.moves = Moves(stepgen, steps_per_rev, lead_nm)
        self.priming = Priming(limits, steps_per_rev, lead_nm)
        self._ticks = 0
        self._armed_ms = 0
        self._seen_nl = 0  # delivered when the watch last looked
        self._tallied_nl = 0  # delivered that the windows know of
        self._bolus_flow = 0  # nL/min of the bolus that is given, or was given last
        self._by_end = False  # KVO follows the whole volume; still under the lease
        self._change = 0  # token of the change that was read back last, 0 for none
        self._allowed = 0  # steps that shaft and drive may differ by
        self._wanted = (0, 0, 0)  # that change: kind, rate, volume

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
            why = _DISAGREES[self.diagnosis.reason]
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

    def _rest(self):
        """Steps that the KVO rate may still bring after the whole volume."""
        p = self.programme
        return p.steps_below(p.most - self.delivery.delivered.nl - p.step_nl, self._steps_per_rev)

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

    def _tally(self):
        nl = self.delivery.delivered.nl
        if nl > self._tallied_nl:
            self.windows.add(nl - self._tallied_nl)
            self.senses.moved(nl - self._tallied_nl)
        self._tallied_nl = nl

    def _say(self, reason):
        if reason != self.reason:
            self.reason = reason
            self.changes = (self.changes + 1) & 0xFFFF
            self._tell(CHANGED, self.state, reason, _REASON, self.rate, 0)

    def _tell(self, kind, a, b, c, y, z):
        """Something about this programme, for the journal; see journal.kinds."""
        self._volume.journal.note(kind, a, b, c, self.programme.id, y, z)

    def _go(self, event, reason):
        action = states.action(self.state, event)
        into = states.after(self.state, event)
        # Motion first: whatever else fails, the shaft stands. The record is opened before the first step.
        if action == states.HALT:
            self._halt(reason)
        elif action == states.HOLD:
            self.delivery.hold()
            self._stand()
        elif action == states.LOAD:
            self._load()
        elif action == states.ENERGISE:
            self._armed_ms = 0
            self.delivery.energise()
        elif action == states.RELEASE:
            self.delivery.release()
        elif action == states.RUN:
            self._open()
            self._deliver()
        elif action == states.SEEK:
            self._open()
            self._seek()
        elif action == states.DELIVER:
            self._end_move(True)
            self._deliver()
        elif action == states.DRAW_BACK:
            self._draw_back()
        elif action == states.PUSH:
            self._push()
        elif action == states.GO_ON:
            self.encoder.go_on()
            self.diagnosis.begin(self._allowed)
            self.senses.go_on()
            self.delivery.energise()
            self.delivery.run()
            self.watch.go_on(self.delivery.flow)
        elif action == states.SLOW:
            self.delivery.slow()
        elif action == states.STAY_OPEN:
            self._by_end = True
            self.delivery.stay_open(self._rest())
        elif action in (states.DROP, states.FORGET):
            self._drop()
            if action == states.FORGET:
                self.was.forget()
        if into != self.state:
            if self.state == BOLUS:
                self.demand.over()
                self._tell(BOLUS_ENDED, into, reason, 0, self.delivery.bolus_nl(), self._bolus_flow)
            if reason == WHY_SUPPLY:
                self._tell(SUPPLY, into, reason, min(self.supply.charge // 10, 255), self.supply.mv, 0)
            self.state = into
            self.reason = reason
            self.changes = (self.changes + 1) & 0xFFFF
            self._offers.drop()
            self.priming.token = self._change = 0
            self._volume.note(into, reason)

    def _load(self):
        p = self.programme
        self.delivery.release()
        self.delivery.prepare(p)
        self._upkeep.want(p.most)
        self._tallied_nl = 0
        self.encoder.forget()
        self.rate = p.rate
        self.senses.load(p)
        self.guard.load(p)
        self.demand.begin(p.dose, p.lockout)
        self.windows.lift()
        self.windows.lower(1, p.limit_hour)
        self.windows.lower(2, p.limit_4h)

    def _drop(self):
        self.programme.forget()
        self.delivery.forget()
        self._tallied_nl = 0
        self.encoder.forget()
        self.demand.begin(0, 0)
        self.guard.drop()
        self.windows.lift()
        self.senses.load(self.programme)
        self.supply.cleared = True
        self.rate = 0

    def _halt(self, reason):
        self._end_move(False)
        self.delivery.halt()
        self._stand()
        if reason in _DISAGREES and reason != WHY_ENCODER_LOST:
            self._volume.doubt(self.encoder.least(), self.encoder.most(self.delivery.unread))

    def _stand(self):
        self._tally()
        self.lease.close()
        self.encoder.end()

    def _open(self):
        self._seen_nl = 0
        self._by_end = False

    def _deliver(self):
        p = self.programme
        self.encoder.begin(p.nl_per_rev)
        self._allowed = max(DISAGREE_NL * self._steps_per_rev // p.nl_per_rev, 4 * self._steps_per_rev // FULL_STEPS)
        self.diagnosis.begin(self._allowed)
        self.senses.begin()
        self.delivery.run()
        self.watch.begin(p.most, p.duration, self.delivery.flow, p.step_nl)

    # -- motion that is no dose ----------------------------------------------------------------------------------------

    def _seek(self):
        self.encoder.begin(self.programme.nl_per_rev)
        self.encoder.look_on()
        self.moves.seek(self.programme)

    def _draw_back(self):
        rose = self.moves.volume.nl if self.moves.busy else self.senses.pressure.rose_nl()
        self._end_move(False)
        self.delivery.halt()
        self._stand()
        self.moves.draw_back(self.programme, self.senses, rose)

    def _push(self):
        p = self.priming
        self.encoder.begin(p.nl_per_rev)
        self.encoder.look_on()
        self.moves.push(p.steps, p.period, p.nl_per_rev, p.bore)

    def _end_move(self, keep):
        """What was moved is no dose; but what of it may have reached the patient counts in the windows."""
        moves = self.moves
        if not moves.busy:
            return
        self.delivery.unread += moves.end(keep)
        self.delivery.recount()
        self.windows.add(moves.perhaps_nl)
        if self.state != BACKING_OFF:
            self.senses.moved(moves.volume.nl)
        if self.state == PRIMING:
            self.priming.hour.add(moves.volume.nl)
