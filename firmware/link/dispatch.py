"""What the host's messages do: frozen ones at once, commands once each, grants to the lease.

Identify opens a session, Stop stops; both work whatever table the host has, Stop also without a session. A command is
carried out only in the session that is open, and its answer is kept: the same command again under its id brings the
same answer, and nothing else; another command under that id is refused. Whatever is refused is answered by a Reply with
the reason, also what has no id, and what came whole but holds a value outside the table: that is never looked at
further, and its id stays free. What two boards ask and answer of each other is passed on by the host without an id, and
handled in its session alone. The session's states are in states.py; _happen() is the only way from one to another.
"""

from micropython import const

from assuage_wire.codec import BY_NAME, out_of_range
from assuage_wire.schema import REASONS, S30, STATUSES
from assuage_wire.session import REPEAT, STALE, Answers
from link import states
from pump.codes import STANDBY
from pump.unguarded import Unguarded

QUIET_MS = const(10_000)  # our host says something every 4 s; nothing for so long, and the board says again who it is

_HOST_STOP = REASONS.index("host-stop")
_INTERNAL = REASONS.index("internal")
_OK = STATUSES.index("ok")
_FAULTED = STATUSES.index("faulted")
_WRONG_SESSION = STATUSES.index("wrong-session")
_BAD_VALUE = STATUSES.index("bad-value")
_NO_LEASE = STATUSES.index("no-lease")
_UNSUPPORTED = STATUSES.index("unsupported")

_STOPPED = BY_NAME["Stopped"]
_REPLY = BY_NAME["Reply"]
_READBACK = BY_NAME["Readback"]
_LEG_BACK = BY_NAME["LegBack"]
_CHANGE_BACK = BY_NAME["ChangeBack"]
_RECORD = BY_NAME["Record"]
_PRIME_BACK = BY_NAME["PrimeBack"]
_GUARD_BACK = BY_NAME["GuardBack"]
_WATCH_BACK = BY_NAME["WatchBack"]
_LACKING = _GUARD_BACK.index("lacking")
_ROW = BY_NAME["Guard"].index("parameter")
_LIMIT_BACK = BY_NAME["LimitBack"]
_ORDER = BY_NAME["Programme"].index("programme")  # first field of every command after session and id

# What only a pump can do. A Guard is one of them where it belongs to a programme, and not to a watching.
OF_THE_PUMP = (
    "Programme", "Leg", "Confirm", "Arm", "Start", "Pause", "Resume", "Change", "Apply", "Prime", "Purge",
)  # fmt: skip


def _filled(_out, _at):
    pass


def _no_cuff(_what, _minutes):
    return _UNSUPPORTED


class Dispatch:
    """Listens to a port.Port. now(ticks, wraps) is told before bytes are taken, greet(ticks) comes once a second.

    pump: a pump.control.Pump. watch: an alarm.watch.Watch. hello(): sends Hello. records: a records.Records.
    breaches: an alarm.breaches.Breaches. guarding: an interlock.guarding.Guarding. measure(what, minutes): of a cuff,
    returns a status; left out for a board without one. pumps: False on a board without a pump, where every order to
    one is unsupported, whatever else is wrong with it. session: the open one, 0 before the first Identify. state: of
    the session, an index in states.STATES.
    """

    def __init__(self, port, pump, watch, hello, records, breaches, guarding=None, measure=_no_cuff, pumps=True):
        self.session = 0
        self.state = states.UNHEARD
        self._heard = 0  # ticks at which the session's host said something last
        self._port = port
        self._pump = pump
        self._watch = watch
        self._hello = hello
        self._records = records
        self._breaches = breaches
        self._guarding = guarding or Unguarded()
        self._measure = measure
        self._ticks = 0
        self._wraps = 0
        widths = [m.width for m in (_REPLY, _READBACK, _LEG_BACK, _CHANGE_BACK, _PRIME_BACK, _GUARD_BACK, _LIMIT_BACK)]
        self._answers = Answers(max(widths))
        self._stopped = [0] * _STOPPED.width
        self._reply = [0] * _REPLY.width
        self._change_back = [0] * _CHANGE_BACK.width
        self._prime_back = [0] * _PRIME_BACK.width
        self._guard_back = [0] * _GUARD_BACK.width
        self._limit_back = [0] * _LIMIT_BACK.width
        # the answers that are more than a Reply
        self._backs = {
            BY_NAME["Programme"].id: (_READBACK, [0] * _READBACK.width, pump.read_back),
            BY_NAME["Leg"].id: (_LEG_BACK, [0] * _LEG_BACK.width, pump.read_leg_back),
            BY_NAME["Change"].id: (_CHANGE_BACK, self._change_back, _filled),
            BY_NAME["Fetch"].id: (_RECORD, [0] * _RECORD.width, records.fill),
            BY_NAME["Prime"].id: (_PRIME_BACK, self._prime_back, _filled),
            BY_NAME["Guard"].id: (_GUARD_BACK, self._guard_back, _filled),
            BY_NAME["Watch"].id: (_WATCH_BACK, [0] * _WATCH_BACK.width, self._watch_back),
            BY_NAME["SetLimit"].id: (_LIMIT_BACK, self._limit_back, _filled),
        }
        self._ask_id = BY_NAME["PassAsk"].id
        self._permit_id = BY_NAME["PassPermit"].id
        self._frozen = {BY_NAME["Identify"].id: self._identify, BY_NAME["Stop"].id: self._stop}
        self._lease_id = BY_NAME["Lease"].id
        self._grant = pump.grant
        self._probe_id = BY_NAME["Probe"].id  # which hosts send by themselves
        self._commands = {
            BY_NAME["Programme"].id: self._offer,
            BY_NAME["Leg"].id: self._leg,
            BY_NAME["Pause"].id: self._pause,
            BY_NAME["Resume"].id: self._resume,
            BY_NAME["Change"].id: self._change,
            BY_NAME["Apply"].id: self._apply,
            BY_NAME["Prime"].id: self._prime,
            BY_NAME["Purge"].id: self._purge,
            BY_NAME["Confirm"].id: self._confirm,
            BY_NAME["Arm"].id: self._arm,
            BY_NAME["Start"].id: self._start,
            BY_NAME["Clear"].id: self._clear,
            BY_NAME["Probe"].id: self._probe,
            BY_NAME["Fetch"].id: self._fetch,
            BY_NAME["Stored"].id: self._stored,
            BY_NAME["Acknowledge"].id: self._acknowledge,
            BY_NAME["Silence"].id: self._silence,
            BY_NAME["Guard"].id: self._guard,
            BY_NAME["Watch"].id: self._begin_watch,
            BY_NAME["Unwatch"].id: self._unwatch,
            BY_NAME["Release"].id: self._release,
            BY_NAME["SetLimit"].id: self._set_limit,
            BY_NAME["Patient"].id: self._patient,
            BY_NAME["Measure"].id: self._measured,
        }
        self._pumps = pumps
        if not pumps:
            self._commands.update({BY_NAME[name].id: self._no_pump for name in OF_THE_PUMP})
        port.listen(self._on_message, self._on_range)

    def now(self, ticks, wraps):
        """Board time at which what comes next arrived."""
        self._ticks = ticks
        self._wraps = wraps

    def greet(self, ticks):
        """Says Hello while no host is known, or none has said anything for QUIET_MS."""
        if self.state != states.OPEN or (ticks - self._heard) & S30 >= QUIET_MS:
            self._happen(states.HUSH)

    def _on_message(self, message, _seq, values):
        frozen = self._frozen.get(message.id)
        if frozen is not None:
            frozen(values)
        elif message.id == self._lease_id:
            self._renew(message, values)
        elif message.id == self._ask_id or message.id == self._permit_id:
            self._pass_on(message, values)
        else:
            self._command(message, values)

    def _on_range(self, message, _seq, values):
        if message.id == self._ask_id or message.id == self._permit_id:
            return
        command = values[1] if message.id in self._commands else 0
        self._answer(message, values[0], command, _BAD_VALUE, out_of_range(message, values))

    # -- frozen ------------------------------------------------------------------------------------------------------

    def _identify(self, values):
        # a repeated Identify must not make the board forget what it has answered
        if self._happen(states.AGAIN if values[0] == self.session else states.IDENTIFY) == states.TO_OPEN:
            self.session = values[0]
            self._answers.forget()
            self._pump.new_session()
            self._hello()

    def _stop(self, values):
        self._pump.stop(_HOST_STOP)
        out = self._stopped
        out[0] = values[0]
        out[1] = self._pump.state
        out[2] = self._pump.delivery.delivered.nl
        self._port.send(_STOPPED, out)

    # -- in a session ------------------------------------------------------------------------------------------------

    def _renew(self, message, values):
        """One that is taken is not answered."""
        status = _WRONG_SESSION
        if values[0] == self.session:
            status = _FAULTED
            if self._happen(states.GRANT) == states.SERVE:
                status = _NO_LEASE
                if self._grant(values[2], values[1], values[3], values[4], self._ticks, self._wraps):
                    return
        self._answer(message, values[0], 0, status, 0)

    def _command(self, message, values):
        session, command = values[0], values[1]
        if self._happen(states.COMMAND if session == self.session else states.STRANGER) != states.SERVE:
            self._answer(message, session, command, _FAULTED if session == self.session else _WRONG_SESSION, 0)
            return
        known = self._answers.look(command, message, values)
        if known == REPEAT:
            self._port.send(self._answers.message, self._answers.values)
        elif known == STALE:  # its answer is forgotten, or was to another command under this id: not carried out
            self._answer(message, session, command, _BAD_VALUE, 1)
        else:
            if message.id != self._probe_id:
                self._watch.touched()
            status, detail = self._commands[message.id](values)
            back = self._backs.get(message.id) if status == _OK else None
            if back:
                answer, out, fill = back
                out[0] = session
                out[1] = command
                fill(out, _ORDER)
                self._answers.keep(command, message, values, answer, out)
                self._port.send(answer, out)
            else:
                self._answer(message, session, command, status, detail)
                self._answers.keep(command, message, values, _REPLY, self._reply)

    def _pass_on(self, message, values):
        """From another board. One that comes in another session is from another time: nothing, and never answered."""
        if values[0] == self.session and self._happen(states.GRANT) == states.SERVE:
            if message.id == self._ask_id:
                self._guarding.ask(values, 1, self._ticks)
            else:
                self._guarding.answer(values, 1, self._ticks)

    def _answer(self, message, session, command, status, detail):
        out = self._reply
        out[0] = session
        out[1] = command
        out[2] = status
        out[3] = detail
        out[4] = self._pump.state
        out[5] = self._ticks
        out[6] = self._wraps
        out[7] = message.id
        self._port.send(_REPLY, out)

    def _happen(self, event):
        """Takes the session to its next state; returns what is to be done, a Hello that is due is said already."""
        action = states.action(self.state, event)
        self.state = states.after(self.state, event)
        if action == states.FAIL:
            self._pump.fault(_INTERNAL)
        elif action == states.GREET:
            self._hello()
        if action == states.SERVE or event <= states.AGAIN:
            self._heard = self._ticks
        return action

    def _no_pump(self, _values):
        return _UNSUPPORTED, 0

    def _offer(self, values):
        return self._pump.offer(values, _ORDER)

    def _confirm(self, values):
        return self._pump.confirm(values[2], values[3])

    def _arm(self, values):
        return self._pump.arm(values[2])

    def _start(self, values):
        return self._pump.start(values[2], values[3], values[4], self._ticks, self._wraps)

    def _leg(self, values):
        return self._pump.leg(values[2], values[3], values[4], values[5], values[6], values[7])

    def _pause(self, values):
        return self._pump.pause(values[2])

    def _resume(self, values):
        return self._pump.resume(values[2], values[3], values[4], self._ticks, self._wraps)

    def _change(self, values):
        return self._pump.change(values[2], values[3], values[4], values[5], self._change_back, _ORDER)

    def _apply(self, values):
        return self._pump.apply(values[2], values[3])

    def _prime(self, values):
        return self._pump.prime(values, _ORDER, self._prime_back, _ORDER)

    def _purge(self, values):
        return self._pump.purge(values[2], values[3], values[4], values[5], values[6], self._ticks, self._wraps)

    def _clear(self, values):
        status = self._pump.clear(values[2])
        if status[0] == _OK:
            self._watch.cleared()
        return status

    def _fetch(self, values):
        return self._records.fetch(values[2])

    def _stored(self, values):
        return self._records.stored(values[2], values[3])

    def _probe(self, _values):
        return _OK, 0

    def _acknowledge(self, values):
        return self._watch.alarms.acknowledge(values[2]), 0

    def _silence(self, _values):
        return self._watch.alarms.pause_audio(self._ticks), 0

    def _guard(self, values):
        """A row, of what the pump is offered or of a watching."""
        programme, number = values[2], values[3]
        row = tuple(values[_ROW : _ROW + 7])
        guarding = self._guarding
        out = self._guard_back
        if guarding.watches(programme):
            status = guarding.row(programme, number, row, self._pump.state != STANDBY)
            out[_LACKING] = guarding.lacking
            out[_LACKING + 1] = 0
            out[_LACKING + 2] = guarding.number()
        elif not self._pumps:
            return self._no_pump(values)
        else:
            status = self._pump.row(programme, number, row)
            self._pump.read_row_back(out, _LACKING)
        if status[0] == _OK:
            out[_ORDER] = programme
            out[_ORDER + 1] = number
            out[_ROW:_LACKING] = guarding.back
        return status

    def _begin_watch(self, values):
        return self._guarding.begin_watch(values[2], values[3], values[4])

    def _watch_back(self, out, at):
        out[at] = self._guarding.number()

    def _unwatch(self, values):
        return self._guarding.end_watch(values[2])

    def _release(self, values):
        status = self._pump.release(values[2], self._ticks)
        if status[0] == _OK:
            self._watch.released()
        return status

    def _set_limit(self, values):
        status = self._breaches.set(values[2], values[3], values[4], values[5])
        if status[0] == _OK:
            self._breaches.fill_back(values[2], self._limit_back, _ORDER)
        return status

    def _patient(self, values):
        return self._breaches.choose(values[2])

    def _measured(self, values):
        return self._measure(values[2], values[3]), 0
