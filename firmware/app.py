"""Wires the parts together and owns the one loop.

A turn: wait until a task is due or a byte arrives, take what has arrived, run what is due, feed the watchdog. The only
wait is board.wait(). Nothing in a turn allocates, except that a 32-bit board boxes the CRC of each frame; so the one
collection a second, right before Health, is short and is the only one.
"""

import sys

from micropython import const

from alarm.annals import Annals
from alarm.breaches import Breaches
from alarm.watch import SILENT_MS
from assuage_wire.schema import S30
from drivers.as5600 import AS5600
from interlock.guarding import IDLE_MS, Guarding
from journal.kinds import FAULT as TROUBLE
from journal.logbook import Journal
from journal.volume import Volume
from link.clock import Clock
from link.dispatch import Dispatch
from link.health import Health
from link.port import Port
from link.records import Records
from link.telemetry import Identity, Telemetry
from panel import Panel
from pump.codes import FAULT, WHY_DRIVE_FAULT, WHY_INTERNAL, WHY_LOCAL_STOP, WHY_TASK_OVERRUN
from pump.control import Pump
from pump.delivery import stand
from pump.states import running
from pump.supply import TEST_ENCODER
from sensing import Sensing
from signs import Signs
from supervisor import FROZEN_MS, Supervisor
from tidy import fill_holes, tidy
from vitals.readings import Readings

VERSION = (0, 1, 0)

_BOOT_MS = const(2000)  # what the start takes on flash at its slowest: boot count, journal
WATCHDOG_MS = const(1000)  # a turn is late by a sector's erase at most, 0.4 s
_FEED_MS = const(200)
_ENCODER_MS = const(50)
_MOVING_MS, _FAST_MS, _STANDING_MS = const(50), const(25), const(100)
_KEY_MS = const(50)  # of the stop key, whose press is latched and ends the wait
_DEMAND_MS = const(25)
_ALARMS_MS, _CALM_MS = const(25), const(50)  # with something to be seen or heard, and without
_STATUS_MS = const(200)
_SECOND_MS = const(1000)


class App:
    """One board with its pump and its patient's sensors. collect: tidies the heap once a second, returns bytes free.
    fill: is called at the end of that turn, see tidy.py."""

    def __init__(self, board, collect=tidy, fill=fill_holes):
        board.watchdog.start(_BOOT_MS)
        stand(board.stepgen)  # before anything is looked at, and long before the journal is
        self.board = board
        data = board.data
        boot = board.boot_count()
        self.clock = Clock(board.ticks_ms(), board.ticks_mask)
        now = self.clock.ticks
        self.health = Health()
        self.journal = Journal(board.flash, boot)
        volume = Volume(self.journal, board.retained)
        self.journal.boot(board.reset_cause, VERSION, board.config)
        self.readings = Readings(now)
        self.guarding = Guarding(data.get("guards", ()), self.readings, self.journal, boot, now)
        self.pump = Pump(
            board.stepgen,
            volume,
            data["limits"],
            data["steps_per_rev"],
            data["lead_nm"],
            data["encoder_counts"],
            data["encoder_forward"],
            boot,
            data,
            self.guarding,
        )
        if not self.pump.delivery.empty():
            self.pump.fault(WHY_DRIVE_FAULT)
        self.encoder = AS5600(board.i2c0)
        self.sensing = Sensing(board, self.pump, now)
        self.port = Port(board.uart)
        identity = Identity(board.uid, VERSION, board.config, boot, board.reset_cause)
        self.records = Records(self.journal)
        self.telemetry = Telemetry(self.port, identity)
        self.signs = Signs(board, self.clock, self.telemetry, self.readings)
        self.panel = Panel(board.pins, board.adc["sounder"], data["sounder"], self.pump)
        self.annals = Annals(self.panel.alarms, self.journal, now)
        self.breaches = Breaches(self.readings, self.panel.watch, self.journal)
        link = (self.port, self.pump, self.panel.watch, self.hello, self.records, self.breaches)
        self.dispatch = Dispatch(*link, self.guarding, self.signs.measure, data.get("pump", True))
        # Of the emulated board alone, see boards/rigquiet.py: a real one's data name no periods.
        slow = data.get("periods") or {}
        self.supervisor = Supervisor(board.ticks_us, self._died, self._late, slow.get("frozen", FROZEN_MS))
        self._collect = collect
        self._fill = fill
        self._untidy = False
        self._key = board.pins["stop"]
        self._button = board.pins["demand"]
        self._told = self.pump.changes
        self._failed = False
        self._fed = now
        self._until = now
        self._moving_ms = slow.get("moving", _MOVING_MS)
        self._standing_ms = slow.get("standing", _STANDING_MS)
        self._alarms_ms = slow.get("alarms", _CALM_MS)
        key_ms = slow.get("keys", _KEY_MS)
        self._demand_ms = slow.get("keys", _DEMAND_MS)
        add = self.supervisor.add
        # in the order in which one turn runs them: what arrived, what moves, what is measured, what is told
        self._link = add("link", self._take, _SECOND_MS, vital=True)
        self._stop = add("stop key", self._look_at_key, key_ms)
        self._presses = add("demand", self._look_at_demand, key_ms)
        self._shaft = add("encoder", self._read_encoder, _ENCODER_MS)
        self.sensing.begin(add)
        self._interlock = add("interlock", self._guard, IDLE_MS)
        self._motion = add("pump", self._poll_pump, self._standing_ms)
        self._alarms = add("alarms", self._poll_alarms, _ALARMS_MS)
        self.panel.watch.silent_ms = slow.get("silent", SILENT_MS)
        self.signs.begin(add)
        told_ms = slow.get("told", _SECOND_MS)
        add("hello", self._greet, told_ms, vital=True)
        self._status = add("status", self._tell_status, slow.get("status", _STATUS_MS), vital=True)
        self._drive = add("drive", self._tell_drive, told_ms)
        add("vitals", self._tell_vitals, told_ms)
        self._guards = add("guards", self._tell_interlock, told_ms)
        add("health", self._tell_health, told_ms, vital=True)
        self.supervisor.begin(now)
        board.watchdog.start(slow.get("watchdog", WATCHDOG_MS))

    def run(self):
        """Turns for ever. However it ends, the drive is left standing and without current."""
        try:
            while True:
                self.turn()
        finally:
            stand(self.board.stepgen)

    def turn(self):
        """One turn of the loop."""
        board = self.board
        clock = self.clock
        board.wait(clock.raw(self._until))
        began = board.ticks_us()
        clock.advance(board.ticks_ms())
        now = clock.ticks
        if board.uart.any():
            self._link.soon(now)
        if self._key.pressed:
            self._stop.soon(now)
        self.supervisor.turn(now)
        self.port.flush()
        if self._failed:
            self._hold()
        self._feed(now)
        self._until = self.supervisor.next_due(now)
        if self._untidy:
            self._untidy = False
            self._fill()
        self.health.turn((board.ticks_us() - began) & S30)

    def hello(self):
        """Says who the board is."""
        self.telemetry.hello(self.dispatch.session, self.clock.ticks, self.clock.wraps)

    # -- tasks -------------------------------------------------------------------------------------------------------

    def _take(self, now):
        self.dispatch.now(now, self.clock.wraps)
        self.port.receive()
        if running(self.pump.state) and self._motion.period > _MOVING_MS:
            self._motion.soon(now)
        if self.guarding.stirred:
            self._interlock.soon(now)
        self._note_change(now)

    def _look_at_key(self, now):
        down = not self._key.value()
        self.panel.stop.poll(down, now)
        if down:  # pressed since the last look, or held, which also keeps a delivery from starting
            self.pump.stop(WHY_LOCAL_STOP)
            self.panel.watch.touched()
            self._note_change(now)

    def _look_at_demand(self, now):
        """The patient's button. One press is one demand, however long it is held; without doses nobody looks."""
        dose = self.pump.demand.dose
        self._presses.period = self._demand_ms if dose else max(self._demand_ms, _KEY_MS)
        if dose:
            key = self.panel.demand
            key.poll(not self._button.value(), now)
            if key.pressed:
                self.panel.watch.demand = self.pump.press()
                self._note_change(now)

    def _read_encoder(self, _now):
        if self.encoder.poll():
            self.pump.shaft(self.encoder.position)
            self.pump.tests.set(TEST_ENCODER, not self.encoder.field)

    def _poll_pump(self, now):
        pump = self.pump
        wraps = self.clock.wraps
        pump.poll(now, wraps)
        if pump.lease.held:
            self.health.lease(pump.margin(now, wraps))
        if self.sensing.changed():
            self._drive.soon(now)
        self._look_in_time(now)
        self._note_change(now)

    def _guard(self, now):
        """Looks at the patient; what is to stand stands in the pump's own turn, right after."""
        guarding = self.guarding
        if guarding.turn(now, self.pump.state):
            self._guards.soon(now)
            if guarding.trip.tripped and running(self.pump.state):
                self._motion.soon(now)
        self._interlock.period = guarding.period()
        self.telemetry.asks(guarding)

    def _poll_alarms(self, now):
        panel = self.panel
        panel.watch.tripped = self.guarding.why()
        self.annals.poll(now)
        self.breaches.poll(now)
        if not panel.poll(now):
            self._failed = True
        alarms = panel.alarms
        self._alarms.period = _ALARMS_MS if alarms.sound or alarms.shown or panel.sounds() else self._alarms_ms
        self.telemetry.alarms(alarms, now, self.clock.wraps)

    def _greet(self, now):
        self.dispatch.greet(now)

    def _tell_status(self, now):
        self._told = self.pump.changes
        self.telemetry.status(self.pump, now, self.clock.wraps)

    def _tell_drive(self, now):
        self.telemetry.drive(self.pump, now, self.clock.wraps)

    def _tell_vitals(self, now):
        self.signs.look(now)
        self.telemetry.vitals(self.readings, now, self.clock.wraps)
        self.telemetry.limits(self.breaches, now, self.clock.wraps)

    def _tell_interlock(self, now):
        self.telemetry.interlock(self.guarding, now, self.clock.wraps)

    def _tell_health(self, now):
        health = self.health
        health.overruns = self.supervisor.overruns()
        health.rx_errors = self.port.reader.errors()
        health.bus_errors = self.encoder.errors + self.sensing.errors() + self.signs.errors()
        began = self.board.ticks_us()
        health.heap_free = self._collect()
        self._untidy = True
        health.collect_us = (self.board.ticks_us() - began) & S30
        self.telemetry.health(health, now, self.clock.wraps)
        self.telemetry.journal(self.records, now, self.clock.wraps)

    # -- inside ------------------------------------------------------------------------------------------------------

    def _look_in_time(self, now):
        """Before the queue runs dry; a board that looks rarely, also before the encoder misses a turn."""
        pump = self.pump
        period = self._standing_ms
        if running(pump.state):
            lasts = _FAST_MS if pump.moves.busy else pump.delivery.lasts_ms()
            period = max(_FAST_MS, min(self._moving_ms, lasts))
        elif period > _STANDING_MS and pump.makes_room():
            period = _STANDING_MS
        self._motion.period = period
        if self._moving_ms > _MOVING_MS:
            shaft = self._shaft
            was = shaft.period
            shaft.period = max(_ENCODER_MS, period)
            if shaft.period < was:
                shaft.soon(now)

    def _note_change(self, now):
        if self._told != self.pump.changes:
            self._status.soon(now)

    def _feed(self, now):
        if (now - self._fed) & S30 >= _FEED_MS and self.supervisor.well(now):
            self.health.watchdog(self.board.watchdog.margin())
            self.board.watchdog.feed()
            self._fed = now

    def _died(self, task, error):
        """A task has raised. The drive first, by the shortest way; then the fault, which only a restart can clear."""
        print("task", task.name, "died")
        sys.print_exception(error)
        self._failed = True
        stand(self.board.stepgen)
        self._hold()
        self._note_fault(WHY_INTERNAL, task)

    def _hold(self):
        if self._alarms.dead or self.panel.alarms.broken:
            self.panel.alarm()
        if self.pump.state != FAULT:
            self.pump.fault(WHY_INTERNAL)
            self._note_change(self.clock.ticks)

    def _late(self, task):
        """The loop has stood still for long. What was queued has run out; nobody knows what else has happened."""
        if running(self.pump.state):
            self.pump.fault(WHY_TASK_OVERRUN)
        self._note_fault(WHY_TASK_OVERRUN, task)

    def _note_fault(self, reason, task):
        self.journal.note(TROUBLE, reason, self.supervisor.tasks.index(task) + 1, 0, 0, 0, 0)
