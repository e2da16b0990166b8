"""What is wrong on this board, told to its alarms: the one place that knows what a state of the pump means to a person.

A reason of the pump is a condition of the same name, but for the few of OTHERWISE, and those of NO_ALARM, which
somebody wanted. A reason that is no name of a condition is the firmware's own fault: `internal`. So is a fault that
would be told by less than a high alarm that latches. A cause lasts as long as the pump shows it; what has been seen
elsewhere (a key, the sounder, the battery, the journal) is told by says(). Nothing here allocates once made.
"""

from micropython import const

from alarm.conditions import HIGH, LATCHING, ROWS, WIDTH
from assuage_wire.schema import ALARMS, REASONS, S30
from pump.codes import (
    ARMED,
    BOLUS,
    CONFIRMED,
    FAULT,
    INFUSING,
    KVO,
    OF_INTERLOCK,
    PAUSED,
    PROGRAMMED,
    STOPPED,
    WHY_NONE,
    WHY_TIME_LIMIT,
)
from pump.demand import LOCKED, NOT_NOW
from pump.gauge import EMPTY, FINE, LOW, UNKNOWN, VERY_LOW
from pump.spread import renamed
from pump.states import running
from pump.status import seconds_left

NEAR_EMPTY_S = const(180)  # of a programme that names none; own figure: pumps are said to warn at least 3 min before
SILENT_MS = const(1500)  # a host that is well grants every 0.4 s: a second's hiccup is no alarm
_NEAR_DOSES = const(2)  # the same for doses on demand, whose time nobody knows

OTHERWISE = (
    ("complete", "infusion-complete"),
    ("kvo", "kvo-running"),
    ("lease-lapsed", "link-lost"),
    ("no-contact", "syringe-unfitted"),
    ("reset", "reset-interrupted"),
    ("task-overrun", "internal"),
    ("window-limit", "rate-limit"),
)
NO_ALARM = ("none", "host-stop", "local-stop", "paused")

_INTERNAL = ALARMS.index("internal")
_KVO_RUNNING = ALARMS.index("kvo-running")
_NEAR_EMPTY = ALARMS.index("near-empty")
_BATTERY_LOW = ALARMS.index("battery-low")
_BATTERY_EMPTY = ALARMS.index("battery-empty")
_BATTERY_UNKNOWN = ALARMS.index("battery-unknown")
_LINK_SILENT = ALARMS.index("link-silent")
_IDLE = ALARMS.index("idle-reminder")
_LOCKED = ALARMS.index("pca-demand-locked")
_PCA_LIMIT = ALARMS.index("pca-limit")
_NOTHING = const(255)
_WAITING = (PROGRAMMED, CONFIRMED, ARMED, PAUSED)

OF_REASON = renamed(REASONS, ALARMS, OTHERWISE, NO_ALARM, "internal", _NOTHING)  # the condition of each reason


class Watch:
    """alarms: a latch.Alarms. pump: a pump.control.Pump.

    battery: what a pump.gauge.Gauge has said last. demand: what the pump has answered to a press of the patient's
    button since the last poll(). tripped: the reason of an interlock that has tripped here, for whichever pump.
    silent_ms: for so long may a permission be used without one that reaches further.
    """

    def __init__(self, alarms, pump):
        self.alarms = alarms
        self.battery = FINE
        self.demand = NOT_NOW
        self.tripped = WHY_NONE
        self.silent_ms = SILENT_MS
        self._pump = pump
        self._said = bytearray(len(alarms.state))
        self._why = _NOTHING  # the condition that is the pump's reason
        self._state = pump.state
        self._near = False
        self._expired = False  # armed, and given up because nobody started
        self._touched = False
        self._until = self._granted = 0  # ticks at which the permission ends, and at which that was first seen

    def says(self, i, present, now):
        """Tells whether the cause of condition i is there; in each turn or at each change, as one likes."""
        if present != self._said[i]:
            self._said[i] = present
            self._tell(i, now)

    def touched(self):
        """Somebody has pressed a key or sent a command: nobody needs to be called back for a while."""
        self._touched = True

    def cleared(self):
        """A human has read why the pump stands, and has cleared it: that acknowledges the alarm of it."""
        if self._why != _NOTHING:
            self.alarms.acknowledge(self.alarms.occurrence[self._why])

    def released(self):
        """The same of an interlock that has tripped."""
        for reason in OF_INTERLOCK:
            self.alarms.acknowledge(self.alarms.occurrence[OF_REASON[reason]])

    def poll(self, now):
        """Each turn, before the alarms' own poll()."""
        pump = self._pump
        state = pump.state
        if state != self._state:
            self._expired = self._state == ARMED and state == STOPPED and pump.reason == WHY_TIME_LIMIT
            self._state = state
        self._look_why(state, pump.reason, now)
        for reason in OF_INTERLOCK:
            self.says(OF_REASON[reason], reason == self.tripped, now)
        self.says(_KVO_RUNNING, state == KVO, now)
        if state != BOLUS:  # whose flow says nothing of the rest
            self._near = (state == INFUSING and self._is_near(pump)) or (state == KVO and pump.senses.near_empty)
        self.says(_NEAR_EMPTY, self._near, now)
        dose = pump.demand.dose
        self.says(_PCA_LIMIT, dose > 0 and running(state) and pump.windows.refuses(dose) > 0, now)
        self.says(_LOCKED, self.demand == LOCKED, now)  # for one turn, in which it is told
        self.demand = NOT_NOW
        battery = self.battery
        self.says(_BATTERY_LOW, LOW <= battery <= EMPTY, now)
        self.says(_BATTERY_EMPTY, VERY_LOW <= battery <= EMPTY, now)
        self.says(_BATTERY_UNKNOWN, battery == UNKNOWN, now)
        lease = pump.lease
        if not lease.held or lease.until_ticks != self._until:
            self._until = lease.until_ticks
            self._granted = now
        self.says(_LINK_SILENT, lease.held and (now - self._granted) & S30 >= self.silent_ms, now)
        if self._touched:  # the two minutes begin anew
            self._touched = False
            self.says(_IDLE, False, now)
        self.says(_IDLE, state in _WAITING or self._expired, now)

    def _look_why(self, state, reason, now):
        why = OF_REASON[reason] if reason < len(OF_REASON) else _INTERNAL
        if self._expired:
            why = _NOTHING
        if state == FAULT and (why == _NOTHING or ROWS[why * WIDTH] != HIGH or not ROWS[why * WIDTH + 1] & LATCHING):
            why = _INTERNAL
        was = self._why
        if why != was:
            self._why = why
            if was != _NOTHING:
                self._tell(was, now)
            if why != _NOTHING:
                self._tell(why, now)

    def _tell(self, i, now):
        self.alarms.cause(i, self._said[i] or i == self._why, now)

    def _is_near(self, pump):
        left = min(seconds_left(pump), pump.senses.seconds_left(pump.delivery.flow))
        # not before half of a short infusion is over
        near = left <= min(pump.programme.near_empty or NEAR_EMPTY_S, pump.watch.elapsed_s)
        return near or pump.delivery.left_nl() < _NEAR_DOSES * pump.demand.dose
