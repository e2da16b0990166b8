"""What the pump is made of, and the only way from one of its states to another.

The states and what follows from them are in states.py: a table of actions. _go() does them, and is the only place that
commands the drive. When something happens is for engine.py to see.
"""

from assuage_wire.session import Lease
from journal.kinds import BOLUS as BOLUS_ENDED
from journal.kinds import CHANGED, SUPPLY
from journal.upkeep import Upkeep
from pump import states
from pump.aftermath import Aftermath
from pump.codes import BACKING_OFF, BOLUS, PRIMING, WHY_ENCODER_LOST, WHY_SUPPLY
from pump.delivery import Delivery
from pump.demand import Demand
from pump.diagnose import WHY, Diagnosis
from pump.encoder import DISAGREE_NL, FULL_STEPS, Encoder
from pump.limits import Watch
from pump.moves import Moves
from pump.offers import Offers
from pump.priming import Priming
from pump.senses import Senses
from pump.supply import SelfTest, Supply
from pump.unguarded import Unguarded
from pump.windows import Windows

_REASON = 255  # what has changed, where no flow has


class Mechanism:
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

    def _say(self, reason):
        if reason != self.reason:
            self.reason = reason
            self.changes = (self.changes + 1) & 0xFFFF
            self._tell(CHANGED, self.state, reason, _REASON, self.rate, 0)

    def _tell(self, kind, a, b, c, y, z):
        """Something about this programme, for the journal; see journal.kinds."""
        self._volume.journal.note(kind, a, b, c, self.programme.id, y, z)

    def _tally(self):
        nl = self.delivery.delivered.nl
        if nl > self._tallied_nl:
            self.windows.add(nl - self._tallied_nl)
            self.senses.moved(nl - self._tallied_nl)
        self._tallied_nl = nl

    def _rest(self):
        """Steps that the KVO rate may still bring after the whole volume."""
        p = self.programme
        return p.steps_below(p.most - self.delivery.delivered.nl - p.step_nl, self._steps_per_rev)

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
        if reason in WHY and reason != WHY_ENCODER_LOST:
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
