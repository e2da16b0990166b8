"""What the board says unasked: Hello, PumpStatus, Drive, Vitals, Pleth, Health, Journal, Alarm, Interlock, and what is
asked of another board and answered to one: Ask, Permit."""

from micropython import const

from alarm.states import SHOWN
from assuage_wire.codec import BY_NAME, SCHEMA_ID
from assuage_wire.schema import S30, WIRE

ROUND_MS = const(2000)

_HELLO = BY_NAME["Hello"]
_STATUS = BY_NAME["PumpStatus"]
_VITALS = BY_NAME["Vitals"]
_PLETH = BY_NAME["Pleth"]
_DRIVE = BY_NAME["Drive"]
_HEALTH = BY_NAME["Health"]
_JOURNAL = BY_NAME["Journal"]
_ALARM = BY_NAME["Alarm"]
_INTERLOCK = BY_NAME["Interlock"]
_ASK = BY_NAME["Ask"]
_PERMIT = BY_NAME["Permit"]


class Identity:
    """What Hello says of a board: uid (8 bytes), version (three numbers), config (CRC-32), boot count, reset cause."""

    def __init__(self, uid, version, config, boot, reset):
        self.uid = uid
        self.version = version
        self.config = config
        self.boot = boot
        self.reset = reset


class Telemetry:
    """Sends through a port.Port; each method sends one message, or as many as are ready, and returns nothing."""

    def __init__(self, port, identity):
        major, minor, patch = identity.version
        self._port = port
        self._hello = [WIRE, SCHEMA_ID, identity.uid, major, minor, patch, identity.config, identity.boot]
        self._hello += [identity.reset, 0, 0, 0]
        widths = [m.width for m in (_STATUS, _VITALS, _PLETH, _DRIVE, _HEALTH, _JOURNAL, _ALARM, _INTERLOCK)]
        self._values = [0] * max(widths)  # of one message at a time, which fills in all of its own
        self._hushed = 0
        self._left = 0  # conditions that this round has not looked at yet
        self._round = 0  # ticks at which it began

    def hello(self, session, ticks, wraps):
        """Who the board is, and the session that is open."""
        out = self._hello
        out[9] = session
        out[10] = ticks
        out[11] = wraps
        self._port.send(_HELLO, out)

    def status(self, pump, ticks, wraps):
        """State of a pump.control.Pump."""
        pump.fill_status(self._values, ticks, wraps)
        self._port.send(_STATUS, self._values)

    def drive(self, pump, ticks, wraps):
        """What the sensors of a pump.control.Pump see."""
        pump.fill_drive(self._values, ticks, wraps)
        self._port.send(_DRIVE, self._values)

    def vitals(self, readings, ticks, wraps):
        """What a vitals.readings.Readings knows."""
        readings.fill(self._values, ticks, wraps)
        self._port.send(_VITALS, self._values)

    def pleth(self, oximeter, ticks, wraps):
        """All frames of the pulse wave that are ready."""
        while oximeter.pleth_ready():
            oximeter.fill_pleth(self._values, ticks, wraps)
            self._port.send(_PLETH, self._values)

    def health(self, health, ticks, wraps):
        """The second that a health.Health has gathered, which then begins another."""
        health.fill(self._values, ticks, wraps)
        self._port.send(_HEALTH, self._values)

    def journal(self, records, ticks, wraps):
        """What the journal of a records.Records holds."""
        records.fill_journal(self._values, ticks, wraps)
        self._port.send(_JOURNAL, self._values)

    def interlock(self, guarding, ticks, wraps):
        """How an interlock.guarding.Guarding stands."""
        out = self._values
        out[0] = ticks
        out[1] = wraps
        guarding.fill(out, ticks)
        self._port.send(_INTERLOCK, out)

    def asks(self, guarding):
        """What it asks of another board, and answers one, once each."""
        if guarding.asked.wants:
            guarding.asked.fill(self._values, 0)
            self._port.send(_ASK, self._values)
        if guarding.answering.wants:
            guarding.answering.fill(self._values, 0)
            self._port.send(_PERMIT, self._values)

    def alarms(self, alarms, ticks, wraps):
        """Of a latch.Alarms each change, and all that are shown again every ROUND_MS, for a host that has come late or
        has missed something, and when somebody has silenced something. To be called each turn: it tells one change
        and one of the round, so that no flood of alarms fills the line."""
        i = alarms.untold()
        if i >= 0:
            self._tell(alarms, i, ticks, wraps)
        hushed = alarms.hushed
        if hushed != self._hushed or (self._left == 0 and (ticks - self._round) & S30 >= ROUND_MS):
            self._hushed = hushed
            self._round = ticks
            self._left = len(alarms.state)
        while self._left:
            self._left -= 1
            if alarms.state[self._left] >= SHOWN:
                self._tell(alarms, self._left, ticks, wraps)
                break

    def _tell(self, alarms, i, ticks, wraps):
        alarms.fill(i, self._values, ticks, wraps)
        self._port.send(_ALARM, self._values)
