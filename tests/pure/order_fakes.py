"""A whole pump in any of its states, with link, alarms and journal; and frames that no honest host makes."""

import binascii
import struct

from alarm.breaches import Breaches
from alarm.latch import Alarms
from assuage_wire.codec import BY_ID, BY_NAME, MESSAGES
from assuage_wire.frame import cobs_encode
from assuage_wire.schema import ALARMS, MEASURES, NONE16, PARAMETERS, S30, STATUSES
from interlock.guarding import Guarding
from interlock_ward import LOW_SPO2
from link import measuring, states
from link.dispatch import Dispatch
from link.port import Port
from link.records import Records
from link_fakes import Host, Line
from pump import codes
from pump_fakes import BD50, fields
from pump_stands import bed_in
from vitals.cuff import Cuff
from vitals.readings import Readings

SESSION = 77
PASSED = ("PassAsk", "PassPermit")  # from another board, and never answered: see test_link_guarding.py
ORDERS = [m for m in MESSAGES if m.direction == ">" and m.name not in PASSED]
COMMANDS = [m for m in ORDERS if not m.frozen and m.name != "Lease"]
FLOW = 166_667
BITS = {"B": 8, "H": 16, "I": 32}


def frame(message, values, flip=0):
    """A frame with any values that its fields can hold, also such as are outside the table. flip: wrong bits of the
    CRC."""
    raw = bytearray((message.id, 0))
    for plan, value in zip(message.plan, values):
        raw += struct.pack("<" + plan[0], value)
    raw += struct.pack("<I", binascii.crc32(raw, message.seed) ^ flip)
    out = bytearray(len(raw) + 2)
    return bytes(out[: cobs_encode(raw, len(raw), out)]) + b"\x00"


def outside(plan):
    """What a field can hold and the table does not let through: one below, one above, all ones, and half of that."""
    most = (1 << BITS[plan[0]]) - 1
    return sorted(
        {v for v in (plan[3] - 1, plan[4] + 1, most, most >> 1) if 0 <= v <= most and not plan[3] <= v <= plan[4]}
    )


class Watch:
    """The alarms behind a dispatch; one of them sounds."""

    def __init__(self, now):
        self.alarms = Alarms()
        self.alarms.cause(ALARMS.index("battery-low"), True, now)
        for _ in range(200):
            now = (now + 1000) & S30
            self.alarms.poll(now)
        assert self.alarms.last == 1

    def touched(self):
        pass

    def cleared(self):
        pass

    def released(self):
        pass


class Ordered:
    """A pump in `state`, and the session that is open with it. ready: what an order of that name still needs. pumps: as
    a Dispatch takes it."""

    def __init__(self, state, ready="", pumps=True):
        self.bed = bed_in(state)
        self.line = Line()
        self.host = Host(self.line)
        self.port = Port(self.line)
        self.watch = Watch(self.bed.ticks)
        self.hellos = 0
        self.command = 2  # 1 is free for a test
        pump, journal = self.bed.pump, self.bed.journal
        self.guarding = Guarding((), Readings(self.bed.ticks), journal, 1, self.bed.ticks)
        self.guarding.turn(self.bed.ticks, pump.state)
        pump.guard = pump._offers._guard = self.guarding
        self.breaches = Breaches(Readings(self.bed.ticks), self.watch, journal)
        self.cuff = Cuff(0, 5)
        ends = (self.watch, self._hello, Records(journal), self.breaches, self.guarding, self._measure, pumps)
        self.dispatch = Dispatch(self.port, pump, *ends)
        self.dispatch.session = SESSION
        self.dispatch.state = states.OPEN
        if ready == "Arm":
            self.bed.run(80)  # the encoder is read
        elif ready == "Leg":
            assert self.status("Programme", *fields(mode=codes.PROFILE, legs=1)) == "ok"
        elif ready == "Guard":
            assert self.status("Programme", *fields(guards=1)) == "ok"
        elif ready == "Unwatch":
            assert self.status("Watch", *self.good("Watch")) == "ok"
        elif ready == "Release":
            self.guarding.trip.trip(0, 0, 2, 880, 0)
        elif ready == "Apply":
            assert self.status("Change", *self.good("Change")) == "ok"
        elif ready == "Purge":
            self.bed.run(80)
            assert self.status("Prime", *self.good("Prime")) == "ok"

    def _hello(self):
        self.hellos += 1

    def _measure(self, what, minutes):
        return measuring.order(self.cuff, what, minutes)

    def good(self, name):
        """The fields after session and id of an order that would be taken in its state, see TAKEN."""
        pump = self.bed.pump
        p = pump.programme
        until = self.bed.at(1000)
        if name == "Programme":
            return fields()
        if name in ("Probe", "Silence"):
            return []
        if name == "Confirm":
            return [p.id or 7, p.token or 1]
        if name in ("Arm", "Pause"):
            return [p.id or 7]
        if name in ("Start", "Resume"):
            return [p.id or 7, until[0], until[1]]
        if name == "Clear":
            return [pump.reason]
        if name == "Leg":
            return [7, 0, FLOW, FLOW, 5_000_000, 0]
        if name == "Change":
            return [p.id or 7, codes.TO_RATE, 200_000, 0]
        if name == "Apply":
            return [p.id or 7, pump._change or 1]
        if name == "Fetch":
            return [0]
        if name == "Stored":
            return [self.bed.journal.ring.newest, self._check()]
        if name == "Acknowledge":
            return [1]
        if name == "Measure":
            return [MEASURES.index("every"), 10]
        if name == "Guard":
            return (7, 0) + LOW_SPO2
        if name == "Watch":
            return [9, 4_711, 0]
        if name == "Unwatch":
            return [self.guarding.number() or 1]
        if name == "Release":
            return [self.guarding.trip.number or 1]
        if name == "SetLimit":
            return [PARAMETERS.index("spo2"), 880, NONE16, 5]
        if name == "Patient":
            return [1]
        if name == "Prime":
            return [9, BD50, 5_000_000, 1_000_000]
        return [9, pump.priming.token or 1, 1, until[0], until[1]]  # Purge

    def values(self, message):
        """All fields of an order that would be taken."""
        if message.name == "Identify":
            return [SESSION + 1]
        if message.name == "Stop":
            return [5]
        if message.name == "Lease":
            pump = self.bed.pump
            until = self.bed.at(2000)
            return [SESSION, pump.lease.grant + 1, pump.moved_for() or 7, until[0], until[1]]
        good = list(self.good(message.name))
        return [SESSION, self.command] + good

    def send(self, message, values, flip=0):
        """What the board says to a frame: (name, values) of each answer."""
        self.line.arriving += frame(message, values, flip)
        self.dispatch.now(self.bed.ticks, self.bed.wraps)
        while self.port.receive():
            pass
        return self.host.listen()

    def status(self, name, *values):
        """Sends a command; its answer's status, "ok" for a read-back."""
        message = BY_NAME[name]
        said = self.send(message, [SESSION, self.command] + list(values))
        self.command += 1
        return status(said)

    def stands(self):
        """All that an order which is refused must leave as it was."""
        bed = self.bed
        pump = bed.pump
        drive = bed.drive
        p = pump.programme
        alarms = self.watch.alarms
        return (
            (pump.state, pump.reason, pump.changes, pump.rate, pump.moved_for()),
            (p.id, p.token, list(p.values) if p.id else 0, pump.delivery.delivered.nl, pump.windows.windows[0].nl),
            (drive.pushed, drive.made, drive.energised, drive.ahead, drive.queued(), drive.room()),
            (pump.lease.held, pump.lease.grant, pump.margin(bed.ticks, bed.wraps)),
            (pump.demand.given, pump.demand.denied),
            (alarms.changes, alarms.hushed, alarms.last, bytes(alarms.state)),
            (bed.journal.ring.acked, bed.journal.ring.newest),
            (list(self.breaches.bounds.limits), self.breaches.patient, self.breaches.changes),
            (self.cuff.state, self.cuff.times.every, self.cuff.times.asked),
            (self.dispatch.session, self.dispatch.state, self.hellos),
        )

    def _check(self):
        """Of the newest record, by asking for it."""
        newest = self.bed.journal.ring.newest
        ((name, values),) = self.send(BY_NAME["Fetch"], [SESSION, self.command, newest])
        self.command += 1
        assert name == "Record"
        return values[BY_NAME["Record"].index("check")]


def status(said):
    """Of the one answer."""
    ((name, values),) = said
    return STATUSES[values[2]] if name == "Reply" else "ok"


def refusal(said):
    """(session, id, status, detail, name of the order) of the one Reply."""
    ((name, values),) = said
    assert name == "Reply", said
    return values[0], values[1], STATUSES[values[2]], values[3], BY_ID[values[7]].name
