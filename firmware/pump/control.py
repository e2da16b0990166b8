"""The pump as host and patient know it: a programme goes from offer to read-back, confirmation, arming and start; it is
paused and resumed, changed, and given boluses and doses.

Every command returns (status, detail) for the wire's Reply, or is asked for by the frozen Stop. What is refused changes
nothing. See engine.py for what goes on without them.
"""

from assuage_wire.session import elapsed
from journal.kinds import CHANGED, DENIED, ORDERED
from journal.ring import MORE
from pump import checks, drive_status, states
from pump.codes import (
    AIR,
    BAD_STATE,
    BAD_TOKEN,
    CONNECTED,
    ENCODER,
    FAULT,
    FAULTED,
    INFUSING,
    JOURNAL,
    LEASE_TOO_LONG,
    NO_LEASE,
    OF_INTERLOCK,
    OK,
    PAUSED,
    PROFILE,
    STALE_CLEAR,
    TO_BOLUS,
    UNCONFIRMED,
    UNSUPPORTED,
    VOLUME_LIMIT,
    WHY_DRIVE_FAULT,
    WHY_NONE,
    WHY_PAUSED,
    WINDOW_LIMIT,
    WRONG_PROGRAMME,
)
from pump.demand import GIVEN
from pump.engine import Engine
from pump.force import GOOD
from pump.status import fill, seconds_at
from pump.syringe import steps_in

_DONE = (OK, 0)


class Pump(Engine):
    """See mechanism.Mechanism for what it is made of."""

    # -- before it runs ----------------------------------------------------------------------------------------------

    def offer(self, values, at=0):
        """Takes a programme: values[at:] as in the wire's Programme from `programme` on. A refusal changes nothing."""
        if self._refuses(states.OFFER):
            return self._no()
        status, detail = self._offers.take(values, at)
        return self._offered(status, detail)

    def leg(self, programme, number, begin, end, volume, seconds):
        """Takes the next leg of the programme offered last. A refusal ends that offer, and changes nothing else."""
        if self._refuses(states.OFFER):
            return self._no()
        status, detail = self._offers.take_leg(programme, number, (begin, end, volume, seconds))
        return self._offered(status, detail)

    def row(self, programme, number, row):
        """Takes the next row of the interlock of the programme offered last, after its legs. A refusal ends that offer,
        and changes nothing else. row: the seven fields of the wire's Guard."""
        if self._refuses(states.OFFER):
            return self._no()
        status, detail = self._offers.take_row(programme, number, row)
        return self._offered(status, detail)

    def _offered(self, status, detail):
        if status == OK and not self._offers.waits():
            self.programme = self._offers.programme
            self._go(states.OFFER, WHY_NONE)
        return status, detail

    def read_back(self, out, at=0):
        """Fills out[at:] with the fields of the wire's Readback from `programme` on; returns the place after them."""
        return self._offers.under_way.read_back(out, at)

    def read_leg_back(self, out, at=0):
        """Fills out[at:] with the fields of the wire's LegBack from `programme` on, for the leg that came last."""
        self._offers.under_way.read_leg_back(out, at, self._steps_per_rev)

    def read_row_back(self, out, at=0):
        """Fills out[at:] with the wire's GuardBack from `lacking` on, for the row that came last."""
        offered = self._offers.under_way
        out[at] = offered.lacking()
        out[at + 1] = offered.token
        out[at + 2] = 0

    def confirm(self, programme, token):
        """A human has compared the read-back that carried `token`."""
        if self._refuses(states.CONFIRM):
            return self._no()
        if programme != self.programme.id:
            return WRONG_PROGRAMME, 0
        if token != self.programme.token or self._offers.waits():
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
        status, detail = self._lacks(self.programme.vtbi)
        if status != OK:
            return status, detail
        self._go(states.ARM, WHY_NONE)
        return _DONE

    def start(self, programme, until_ticks, until_wraps, ticks, wraps):
        """Begins delivery under a first grant until board time (until_ticks, until_wraps); it is (ticks, wraps) now.

        With a force to go by, play and seal are taken up first, where the flow alone would take longer.
        """
        event = states.START
        if self.programme.legs and self.senses.force.quality == GOOD and self.moves.worth_while(self.programme):
            event = states.TAKE_UP
        return self._set_off(event, programme, until_ticks, until_wraps, ticks, wraps)

    def prime(self, values, at, out, out_at):
        """Offers to fill a line: values[at:] as in the wire's Prime, out[out_at:] gets PrimeBack. Standby alone."""
        if self._refuses(states.PRIME):
            return self._no()
        status, detail = self.priming.take(values, at, self._offers.token)
        if status == OK:
            self.priming.read_back(out, out_at)
        return status, detail

    def purge(self, programme, token, disconnected, until_ticks, until_wraps, ticks, wraps):
        """A human has compared the read-back with `token` and says that the line is not connected: fills it."""
        p = self.priming
        if self._refuses(states.PRIME):
            return self._no()
        if programme != p.id:
            return WRONG_PROGRAMME, 0
        if not token or token != p.token:
            return BAD_TOKEN, 0
        if disconnected != 1:
            return CONNECTED, 0
        if not self.encoder.ready():
            return ENCODER, 0
        if p.volume > p.left():
            return VOLUME_LIMIT, p.left()
        status, detail = self._lacks(0)  # how much is in it nobody has said
        if status != OK:
            return status, detail
        if not self.delivery.empty():
            self.fault(WHY_DRIVE_FAULT)
            return FAULTED, 0
        return self._permitted(states.PRIME, self._limits.get("max_lease", 0), until_ticks, until_wraps, ticks, wraps)

    # -- while it runs -----------------------------------------------------------------------------------------------

    def pause(self, programme):
        """Stands until resume(); a bolus is over and is not given later."""
        if self._refuses(states.PAUSE):
            return self._no()
        if programme != self.programme.id:
            return WRONG_PROGRAMME, 0
        self._go(states.PAUSE, WHY_PAUSED)
        return _DONE

    def resume(self, programme, until_ticks, until_wraps, ticks, wraps):
        """Goes on with what is left, under a first grant as in start()."""
        return self._set_off(states.RESUME, programme, until_ticks, until_wraps, ticks, wraps)

    def change(self, programme, kind, rate, volume, out, at=0):
        """Offers another flow (nL/min) or a bolus (nL) to what runs; fills out[at:] with the wire's ChangeBack."""
        if self._refuses(states.BOLUS if kind == TO_BOLUS else states.CHANGE):
            return self._no()
        if programme != self.programme.id:
            return WRONG_PROGRAMME, 0
        status, detail = self._check_change(kind, rate, volume)
        if status == OK:
            nl = volume if kind == TO_BOLUS else self.delivery.left_nl()
            self._wanted = (kind, rate, volume)
            self._change = self._offers.token((programme, kind, rate, volume))
            out[at : at + 4] = (programme, kind, rate, volume)
            out[at + 4] = steps_in(nl, self.programme.nl_per_rev, self._steps_per_rev)
            out[at + 5] = seconds_at(nl, rate)
            out[at + 6] = self._change
        return status, detail

    def apply(self, programme, token):
        """Makes the change whose read-back carried `token`, if it still can be. More drug needs a normal patient."""
        if not self._change or self.state not in states.CHANGING:
            return self._no()
        if programme != self.programme.id:
            return WRONG_PROGRAMME, 0
        if token != self._change:
            return BAD_TOKEN, 0
        kind, rate, volume = self._wanted
        if kind == TO_BOLUS and self._refuses(states.BOLUS):
            return self._no()
        status, detail = self._check_change(kind, rate, volume)
        if status == OK and (kind == TO_BOLUS or rate > self.rate):
            status, detail = self.guard.lacks(self._ticks)
        if status != OK:
            return status, detail
        self._change = 0
        if kind == TO_BOLUS:
            self.delivery.set_bolus(rate, volume)
            self.delivery.bolus(True)
            self._bolus_flow = rate
            self._go(states.BOLUS, self.reason)
        else:
            self.delivery.change(rate)
            self.rate = rate
            self._go(states.CHANGE, self.reason)
            self.changes = (self.changes + 1) & 0xFFFF
            self._tell(CHANGED, self.state, self.reason, kind, rate, 0)
        return _DONE

    def press(self):
        """The patient has pressed the demand button: what became of it, see demand.Demand."""
        now = self.state == INFUSING and self.guard.normal(self._ticks)
        answer = self.demand.press(self.delivery.left_nl(), self.windows, now)
        if answer == GIVEN:
            self.delivery.bolus(False)
            self._bolus_flow = self.programme.dose_rate
            self._go(states.BOLUS, self.reason)
        elif self.demand.dose:
            self.changes = (self.changes + 1) & 0xFFFF
            self._tell(DENIED, answer, 0, 0, self.demand.denied, 0)
        return answer

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

    def release(self, number, ticks):
        """A human has read why the interlock has tripped. What it has paused may be resumed, and is not."""
        status, detail = self.guard.release(number, ticks)
        if status == OK and self.state == PAUSED and self.reason in OF_INTERLOCK:
            self._say(WHY_PAUSED)
        return status, detail

    def fill_status(self, out, ticks, wraps):
        """Fills out with the values of the wire's PumpStatus."""
        fill(self, out, ticks, wraps)

    def fill_drive(self, out, ticks, wraps):
        """Fills out with the values of the wire's Drive."""
        drive_status.fill(self, out, ticks, wraps)

    # -- inside --------------------------------------------------------------------------------------------------------

    def _set_off(self, event, programme, until_ticks, until_wraps, ticks, wraps):
        if self._refuses(event):
            return self._no()
        if programme != self.programme.id:
            return WRONG_PROGRAMME, 0
        if not self.encoder.ready():
            return ENCODER, 0
        status, detail = self._lacks(self.delivery.left_nl())
        if status == OK:
            status, detail = self.guard.lacks(ticks)
        if status == OK:
            status, detail = (AIR, 0) if self.senses.sees_air == 1 else (OK, 0)
        if status != OK:
            return status, detail
        window = self.windows.refuses(self.programme.step_nl)
        if window:
            return WINDOW_LIMIT, self.windows.limit(window - 1)
        lack = self._upkeep.lacks(event == states.RESUME)
        if lack:
            return JOURNAL, lack
        return self._permitted(event, self._offers.longest_lease(), until_ticks, until_wraps, ticks, wraps)

    def _permitted(self, event, longest, until_ticks, until_wraps, ticks, wraps):
        if elapsed(until_ticks, until_wraps, ticks, wraps) > longest:
            return LEASE_TOO_LONG, longest
        self.lease.max_ms = longest
        if not self.lease.open(ticks, wraps, until_ticks, until_wraps):
            return NO_LEASE, 0
        if event in (states.START, states.TAKE_UP):
            p = self.programme
            if not self._volume.begin(p.id, p.most, states.after(self.state, event), p.nl_per_rev):
                self.lease.close()
                return JOURNAL, MORE
            self._tell(ORDERED, p.mode, p.on_loss, p.on_end, p.rate, p.duration)
        self._ticks = ticks
        self._go(event, WHY_NONE)
        return _DONE

    def _check_change(self, kind, rate, volume):
        p = self.programme
        if kind == TO_BOLUS:
            window = self.windows.refuses(volume + self.delivery.owed_nl())
            if window:
                return WINDOW_LIMIT, self.windows.left(window - 1)
            left = self.delivery.left_nl()
            return checks.extra_bolus(p, rate, volume, left, self._limits, self._steps_per_rev)
        if p.mode == PROFILE or self.rate == 0:
            return UNSUPPORTED, 0
        return checks.change_of_rate(p, rate, self._limits, self._steps_per_rev)

    def _refuses(self, event):
        return states.action(self.state, event) == states.REFUSE

    def _no(self):
        return (FAULTED if self.state in (FAULT, UNCONFIRMED) else BAD_STATE), 0
