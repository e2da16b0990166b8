"""The pump: takes a programme through read-back, confirmation and arming to delivery, and ends it when all is not well.

poll() is called every 25 ms (40 ms at most: at 1200 mL/h only some 50 ms are queued), shaft() with each fresh encoder
position. Neither allocates. Commands return (status, detail) for the wire's Reply, or are asked for by the frozen
Stop. The states are in states.py; _go() is the only way from one to another and the only place that commands the
drive.
"""

from assuage_wire.session import Lease, elapsed
from pump import states
from pump.aftermath import Aftermath
from pump.codes import (
    ARMED,
    BAD_STATE,
    BAD_TOKEN,
    ENCODER,
    FAULT,
    FAULTED,
    INFUSING,
    LEASE_TOO_LONG,
    LOSS_CONTINUE,
    LOSS_KVO,
    NO_LEASE,
    OK,
    STALE_CLEAR,
    UNCONFIRMED,
    WHY_COMPLETE,
    WHY_DRIVE_FAULT,
    WHY_ENCODER_DISAGREES,
    WHY_LEASE_LAPSED,
    WHY_NONE,
    WHY_TIME_LIMIT,
    WRONG_PROGRAMME,
)
from pump.delivery import Delivery
from pump.encoder import Encoder
from pump.limits import Watch, since
from pump.offers import Offers
from pump.reserve import Reserve
from pump.status import fill

ARMED_MS = 60_000  # an armed programme that is not started for so long is given up

_DONE = (OK, 0)


class Pump:
    """One syringe drive.

    stepgen, retained: as the board gives them. limits: the board's own, see limits.check. boot: how often the board
    has started. changes: rises with each change of state or reason, for whoever reports them. was: what a reset
    interrupted, see aftermath.Aftermath.
    """

    def __init__(self, stepgen, retained, limits, steps_per_rev, lead_nm, encoder_counts, encoder_forward=1, boot=0):
        self.changes = 0
        self._offers = Offers(limits, steps_per_rev, lead_nm, boot)
        self.programme = self._offers.programme
        self.lease = Lease(0)
        self.encoder = Encoder(encoder_counts, steps_per_rev, encoder_forward)
        self.watch = Watch()
        self._reserve = Reserve(retained)
        self.was = Aftermath(self._reserve)
        self.state = self.was.state
        self.reason = self.was.reason
        self.delivery = Delivery(stepgen, self._reserve, steps_per_rev)
        self._ticks = 0
        self._armed_ms = 0
        self._seen_nl = 0  # delivered when the watch last looked

    # -- commands: each returns (status, detail) ---------------------------------------------------------------------

    def offer(self, values, at=0):
        """Takes a programme: values[at:] as in the wire's Programme from `programme` on. A refusal changes nothing."""
        if self._refuses(states.OFFER):
            return self._no()
        status, detail = self._offers.take(values, at)
        if status == OK:
            self.programme = self._offers.programme
            self._go(states.OFFER, WHY_NONE)
        return status, detail

    def read_back(self, out, at=0):
        """Fills out[at:] with the fields of the wire's Readback from `programme` on; returns the place after them."""
        return self.programme.read_back(out, at)

    def confirm(self, programme, token):
        """A human has compared the read-back that carried `token`."""
        if self._refuses(states.CONFIRM):
            return self._no()
        if programme != self.programme.id:
            return WRONG_PROGRAMME, 0
        if token != self.programme.token:
            return BAD_TOKEN, 0
        self._go(states.CONFIRM, WHY_NONE)
        return _DONE

    def arm(self, programme):
        """Energises the drive. ENCODER when there are no fresh readings; a drive that is still busy is a fault."""
        if self._refuses(states.ARM):
            return self._no()
        if programme != self.programme.id:
            return WRONG_PROGRAMME, 0
        if not self.encoder.ready():
            return ENCODER, 0
        if not self.delivery.empty():
            self.fault(WHY_DRIVE_FAULT)
            return FAULTED, 0
        self._go(states.ARM, WHY_NONE)
        return _DONE

    def start(self, programme, until_ticks, until_wraps, ticks, wraps):
        """Begins delivery under a first grant until board time (until_ticks, until_wraps); it is (ticks, wraps) now."""
        if self._refuses(states.START):
            return self._no()
        if programme != self.programme.id:
            return WRONG_PROGRAMME, 0
        if not self.encoder.ready():
            return ENCODER, 0
        longest = self._offers.longest_lease()
        if elapsed(until_ticks, until_wraps, ticks, wraps) > longest:
            return LEASE_TOO_LONG, longest
        self.lease.max_ms = longest
        if not self.lease.open(ticks, wraps, until_ticks, until_wraps):
            return NO_LEASE, 0
        self._ticks = ticks
        self._go(states.START, WHY_NONE)
        return _DONE

    def clear(self, reason):
        """Returns to standby from a fault, an interrupted or an ended programme, if `reason` is still why.

        A fault with an interrupted programme behind it gives way to that: it has its own reason, and its own clear.
        """
        if self._refuses(states.CLEAR):
            return self._no()
        if reason != self.reason:
            return STALE_CLEAR, 0
        if self.state == FAULT and self.was.unread:
            self._go(states.UNCOVER, self.was.why)
        else:
            self._go(states.CLEAR, WHY_NONE)
        return _DONE

    # -- what needs no answer ------------------------------------------------------------------------------------------

    def stop(self, reason):
        """Halts the shaft in any state. `reason` (WHY_HOST_STOP, WHY_LOCAL_STOP) is told if there is none already."""
        self._go(states.STOP, reason)

    def fault(self, reason):
        """Halts and latches; the first reason stays until it is cleared. The loop's own failures come here too."""
        self._go(states.BREAK, reason)

    def grant(self, programme, grant, until_ticks, until_wraps, ticks, wraps):
        """A further permission of this session; False when it changes nothing.

        A lapse that ended or slowed the delivery is final. Where the programme continues without, a newer grant opens
        a new lease.
        """
        if self.state != INFUSING or programme != self.programme.id:
            return False
        if self.lease.renew(ticks, wraps, until_ticks, until_wraps, grant):
            return True
        if self.programme.on_loss != LOSS_CONTINUE or self.lease.margin(ticks, wraps):
            return False
        if not self.lease.open(ticks, wraps, until_ticks, until_wraps, grant):
            return False
        self._say(WHY_NONE)
        return True

    def new_session(self):
        """The host has opened another session: its grants count from 1; a running permission keeps its end.

        What its predecessor confirmed or armed and did not start is to be confirmed again.
        """
        self.lease.new_session()
        self._go(states.SESSION, WHY_NONE)

    def margin(self, ticks, wraps):
        """Milliseconds that the current permission still has, 0 without one."""
        return self.lease.margin(ticks, wraps)

    # -- the loop ------------------------------------------------------------------------------------------------------

    def shaft(self, position):
        """A fresh encoder position: unwrapped counts of this very moment, never a repeated one."""
        self.delivery.count()
        self.encoder.read(position, self.delivery.unread)
        self.delivery.unread = 0

    def poll(self, ticks, wraps):
        """One turn: counts, checks, ends or feeds the delivery."""
        ms = since(ticks, self._ticks)
        self._ticks = ticks
        self.encoder.wait(ms)
        self.delivery.count()
        if self.delivery.astray and self.state != FAULT:
            self.fault(WHY_DRIVE_FAULT)
        if states.running(self.state):
            self._supervise(ms, ticks, wraps)
        elif self.state == ARMED:
            self._armed_ms += ms
            if self._armed_ms >= ARMED_MS:
                self._go(states.EXPIRE, WHY_TIME_LIMIT)

    def fill_status(self, out, ticks, wraps):
        """Fills out with the values of the wire's PumpStatus."""
        fill(self, out, ticks, wraps)

    # -- inside --------------------------------------------------------------------------------------------------------

    def _supervise(self, ms, ticks, wraps):
        nl = self.delivery.delivered.nl
        self.watch.set_flow(self.delivery.flow)
        why = self.watch.look(ms, nl - self._seen_nl, nl)
        self._seen_nl = nl
        time_is_up = why == WHY_TIME_LIMIT
        if why == WHY_NONE or time_is_up:
            why = self.encoder.look()
        if why == WHY_NONE and self.delivery.stuck(ms):
            why = WHY_DRIVE_FAULT
        if why != WHY_NONE:
            self.fault(why)
        elif self.delivery.done():
            self._go(states.DONE, WHY_COMPLETE)
        elif time_is_up:
            self._go(states.TIMEOUT, WHY_TIME_LIMIT)
        else:
            if self.state == INFUSING and self.lease.margin(ticks, wraps) == 0:
                self._lapse()
            if states.running(self.state):
                self.delivery.feed()

    def _lapse(self):
        loss = self.programme.on_loss
        if loss == LOSS_CONTINUE:
            self._say(WHY_LEASE_LAPSED)
        elif loss == LOSS_KVO:
            self._go(states.LAPSE_KVO, WHY_LEASE_LAPSED)
        else:
            self._go(states.LAPSE, WHY_LEASE_LAPSED)

    def _refuses(self, event):
        return states.action(self.state, event) == states.REFUSE

    def _no(self):
        return (FAULTED if self.state in (FAULT, UNCONFIRMED) else BAD_STATE), 0

    def _say(self, reason):
        if reason != self.reason:
            self.reason = reason
            self.changes += 1

    def _go(self, event, reason):
        action = states.action(self.state, event)
        into = states.after(self.state, event)
        # Motion first: whatever else fails, the shaft stands. The record is opened before the first step.
        if action == states.HALT:
            self._halt(reason)
        elif action == states.LOAD:
            self.delivery.release()
            self.delivery.prepare(self.programme)
            self.encoder.forget()
        elif action == states.ENERGISE:
            self._armed_ms = 0
            self.delivery.energise()
        elif action == states.RELEASE:
            self.delivery.release()
        elif action == states.RUN:
            self._begin(into)
        elif action == states.SLOW:
            self.delivery.slow()
        elif action in (states.DROP, states.FORGET):
            self.programme.forget()
            self.delivery.forget()
            self.encoder.forget()
            if action == states.FORGET:
                self.was.forget()
        if into != self.state:
            self.state = into
            self.reason = reason
            self.changes += 1
            self._reserve.note(into, reason)

    def _halt(self, reason):
        self.delivery.halt()
        self.lease.close()
        self.encoder.end()
        if reason == WHY_ENCODER_DISAGREES:
            self._reserve.doubt(self.encoder.least())

    def _begin(self, into):
        p = self.programme
        self.encoder.begin(p.nl_per_rev)
        self._seen_nl = 0
        self._reserve.begin(p.id, p.vtbi, into)
        self.delivery.run()
        self.watch.begin(p.vtbi, p.duration, self.delivery.flow, p.step_nl)
