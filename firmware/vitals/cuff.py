"""Blood pressure by a cuff: one determination from its zero to its numbers, on demand or every so many minutes.

The states and what leads from one to the next are the table of cuff_cycle.py; this file owns the valves, the limits and
the result. The limits are looked at with every sample, before anything else, and whichever state there is. Without
samples the cuff is let off as well. That a firmware that hangs lets it off too is the hardware's part: the dump valve
is open unless `closed` is 1 and `feed` has changed within the last half second, and `feed` changes with each sample
that has been looked at, and with nothing else.

    cuff = Cuff()
    cuff.start()
    while True:                         # every 20 ms while cuff.busy, or every 100
        if sensor.poll(ticks):
            cuff.sample(ticks, sensor.pressure)
        else:
            cuff.nothing(ticks)
        ...                             # pins: cuff.pump, cuff.bleed (% duty), cuff.closed, cuff.feed
"""

from micropython import const

from assuage_wire.schema import NONE16, S30, SIGNALS
from vitals.cuff_bleed import Bleed
from vitals.cuff_cycle import (
    AGAIN,
    BLEED,
    BLEEDING,
    DONE,
    FAIL,
    HIGHER,
    IDLE,
    INFLATE,
    INFLATING,
    LATE,
    REACHED,
    REST,
    RESTED,
    RESTING,
    START,
    STOP,
    STUCK,
    VENTED,
    VENTING,
    ZERO,
    ZEROED,
    ZEROING,
    action,
    after,
    closed,
)
from vitals.cuff_judge import IMPLAUSIBLE, IRREGULAR, MOTION, NO_PULSE, OK
from vitals.cuff_kinds import (
    ADULT,
    BLEED_RATE,
    DIASTOLIC,
    FIRST,
    HIGHEST,
    KINDS,
    LIMIT,
    LOWEST,
    RELEASE,
    RISE,
    SECONDS,
    SYSTOLIC,
)
from vitals.cuff_record import COMPLETE, TOO_LOW, Record
from vitals.cuff_rise import KINKED as HOSE_KINKED
from vitals.cuff_rise import RISING, Rise

SENSOR_LOST = SIGNALS.index("sensor-lost")
MEASURING = SIGNALS.index("measuring")
LEAK = SIGNALS.index("leak")
KINKED = SIGNALS.index("kinked")
BLOCKED = SIGNALS.index("blocked")
OVER_PRESSURE = SIGNALS.index("over-pressure")
OVER_TIME = SIGNALS.index("over-time")
ENDED = SIGNALS.index("ended")
NEVER = SIGNALS.index("never")
_EMPTYING = (VENTING, STUCK)
_RETRIED = (MOTION, NO_PULSE, IRREGULAR, IMPLAUSIBLE)  # what another attempt may do better; each is made once

_MMHG = const(100)
_SILENT_MS = const(200)  # without a sample: the valve opens
_ZERO_MS = const(1000)  # the zero is the mean of so long, after
_OPEN_MS = const(1000)  # so long with the valve open
_ZERO_MOST = const(1000)  # 0.01 mmHg: a zero further off is a fault of the sensor, or a cuff that is not empty
_STEADY = const(150)  # 0.01 mmHg: between the lowest and the highest sample of the zero
_SETTLED_MS = const(3000)  # after venting: then the zero must have come back
_CAME_BACK = const(500)  # 0.01 mmHg, as near as this
_EMPTY_MS = const(12_000)  # the longest that a cuff may take to empty
_CUT_OFF_MS = const(120)  # a whole cuff takes seconds to empty, a hose that is cut off from it less than this
_CUT_OFF = const(5000)  # 0.01 mmHg: from so much on that can be told
_SINK_MS = const(600)  # after the pump has stopped
_SINK = const(1500)  # 0.01 mmHg that the hose loses to a cuff that it is nearly cut off from
_FALL_MS = const(12_000)  # after which the bleed
_FALL = const(500)  # has let it fall by so much, 0.01 mmHg, or is blocked, or the pump still turns
_REST_MS = const(30_000)  # between two inflations, of whatever reason
_ABOVE = const(30)  # mmHg above the last systolic pressure
_STEP = const(50)  # mmHg more when that was too little
_HIGHER = const(2)  # times
_FLOOR = const(2000)  # 0.01 mmHg: nothing more is to be found below
_MINUTE_MS = const(60_000)
_OLDEST_S = const(65_535)


class Cuff:
    """See the module. kind: of patient, index in cuff_kinds.NAMES. every: minutes between automatic cycles, 0: none.

    systolic, map, diastolic in 0.1 mmHg, pulse in 0.1 /min: NONE16 without; they stand until another determination has
    come to its end, whichever. signal: index in schema.SIGNALS, why there are none, or ok. count: of the determinations
    that brought numbers, 30 bits; at: ticks when the last of them was made, as the bleed ended; age_s: since then.
    state: index in cuff_cycle.STATES. reached: the pressure in the cuff, 0.1 mmHg. fault: what ended the last attempt,
    index in SIGNALS. busy: samples are wanted every 20 ms. record: pulses and
    envelope of the last bleed.
    """

    def __init__(self, kind=ADULT, every=0):
        self.systolic = self.map = self.diastolic = self.pulse = NONE16
        self.signal = NEVER
        self.count = self.at = 0
        self.age_s = _OLDEST_S
        self.state = IDLE
        self.fault = OK
        self.pump = self.bleed = self.closed = self.feed = 0
        self.pressure = 0
        self.busy = False
        self.every = every
        self.kind = kind
        self._row = KINDS[kind]
        self.record = Record()
        self._rise = Rise()
        self._valve = Bleed()
        # bound methods allocate whenever they are fetched
        self._take = self.record.step
        self._work = self.record.work
        self._set_valve = self._valve.step
        self._watch_rise = self._rise.step
        self._last = -1  # ticks of the last call
        self._silent_ms = 0  # since the last sample
        self._state_ms = 0
        self._held_ms = 0  # above the release level
        self._age_ms = self._due_ms = 0
        self._zero = self._sum = self._samples = 0
        self._low = self._high = 0
        self._target = 0
        self._known = 0  # the last systolic pressure, mmHg
        self._raised = 0
        self._tries = 0
        self._asked = False
        self._deciding = False  # a record waits for its verdict
        self._made = 0  # ticks of the end of its bleed
        self._bleeds = False
        self._from = 0  # the pressure as the state began, 0.01 mmHg

    # -- asked for ---------------------------------------------------------------------------------------------------
    def start(self):
        """Asks for a determination now, or as soon as the arm has rested; False when one is under way."""
        if self.state == RESTING and not self._deciding:
            self._asked = True
            return True
        if action(self.state, START) != ZERO:
            return False
        self._tries = 0
        self._go(START)
        return True

    def stop(self):
        """Lets the cuff off, whatever the state, and forgets what was to come of it."""
        self._asked = self._deciding = False
        self._tries = 1
        if self.state != IDLE and self.state != RESTING:
            self.fault = ENDED
            if self.systolic == NONE16:
                self.signal = ENDED
        self._go(STOP)

    def choose(self, kind):
        """Another kind of patient, another patient: the last numbers are not theirs. False during a cycle."""
        if self.state != IDLE and self.state != RESTING:
            return False
        self.kind = kind
        self._row = KINDS[kind]
        self._known = 0
        self._deciding = False
        self._withdraw(NEVER)
        return True

    # -- sampled -----------------------------------------------------------------------------------------------------
    def sample(self, ticks, pressure):
        """Takes the pressure at the sensor, 0.01 mmHg, its zero still in it."""
        ms = self._pass(ticks)
        ms += self._silent_ms
        self._silent_ms = 0
        raw = pressure
        pressure -= self._zero
        self.pressure = pressure // 10 if pressure > 0 else 0
        state = self.state
        row = self._row
        if pressure > row[RELEASE] * _MMHG:
            if self._held_ms < S30 >> 1:
                self._held_ms += ms
        else:
            self._held_ms = 0
        if closed(state):
            if pressure > row[LIMIT] * _MMHG:
                return self._fail(OVER_PRESSURE)
            if self._held_ms > row[SECONDS] * 1000:
                return self._fail(OVER_TIME)
            self.feed ^= 1
            if state == BLEEDING:
                self._bleed_on(pressure, ms)
            else:
                self._inflate_on(pressure, ms)
        elif state == ZEROING:
            self._zero_on(raw)
        elif state == VENTING:
            self._vent_on(pressure)
        elif state == STUCK:
            if pressure < row[RELEASE] * _MMHG:
                self._go(VENTED)
        elif state == RESTING:
            self._rest_on(pressure)
        else:
            self._idle_on()

    def nothing(self, ticks):
        """The sensor had nothing new, or nothing that can be believed."""
        self._silent_ms += self._pass(ticks)
        state = self.state
        if self._silent_ms > _SILENT_MS:
            self._silent_ms = _SILENT_MS
            if closed(state) or state == ZEROING:
                self._fail(SENSOR_LOST)
            elif state == VENTING and self._state_ms > _EMPTY_MS:
                self._go(VENTED)  # nobody can see whether it is empty; all valves are open and stay so
            elif state == RESTING:
                self._deciding = False
                self._rest_on(_CAME_BACK)
            elif state == IDLE:
                self._idle_on()

    def _pass(self, ticks):
        """Time goes on: returns the ms since the last call."""
        ms = (ticks - self._last) & S30 if self._last >= 0 else 0
        self._last = ticks
        if ms > _MINUTE_MS:
            ms = _MINUTE_MS
        if self._state_ms < S30 >> 1:
            self._state_ms += ms
        if self._due_ms < S30 >> 1:
            self._due_ms += ms
        self._age_ms += ms
        if self._age_ms >= 1000:
            self.age_s = min(self.age_s + self._age_ms // 1000, _OLDEST_S)
            self._age_ms %= 1000
        return ms

    # -- state by state ----------------------------------------------------------------------------------------------
    def _zero_on(self, raw):
        """The mean of a second, after the valve has been open for a while."""
        if self._state_ms < _OPEN_MS:
            return
        if not self._samples:
            self._low = self._high = raw
        elif raw < self._low:
            self._low = raw
        elif raw > self._high:
            self._high = raw
        self._sum += raw
        self._samples += 1
        if self._state_ms < _OPEN_MS + _ZERO_MS or self._samples < 10:
            return
        zero = self._sum // self._samples
        if not -_ZERO_MOST <= zero <= _ZERO_MOST:
            self._fail(IMPLAUSIBLE)
        elif self._high - self._low > _STEADY:
            self._fail(MOTION)
        else:
            self._zero = zero
            self._go(ZEROED)

    def _inflate_on(self, pressure, ms):
        rise = self._watch_rise(pressure, ms)
        if rise != RISING:
            self._fail(KINKED if rise == HOSE_KINKED else LEAK)
        elif pressure >= self._target * _MMHG:
            self._go(REACHED)

    def _bleed_on(self, pressure, ms):
        if self._state_ms < _SINK_MS:
            if self._from - pressure > _SINK:
                self._fail(KINKED)
            return
        row = self._row
        if not self._bleeds:
            self._bleeds = True
            self._valve.start(pressure, row[BLEED_RATE])
            self.record.start(row[BLEED_RATE], row[SYSTOLIC], row[DIASTOLIC])
        self._set_valve(pressure, ms)
        self.bleed = self._valve.duty
        record = self._take(pressure, ms)
        if self._valve.leaks:
            self._fail(LEAK)
        elif self._state_ms > _FALL_MS and self._from - pressure < _FALL:
            self._fail(BLOCKED)
        elif record == TOO_LOW:
            self._raise()
        elif record == COMPLETE or pressure < _FLOOR:
            self._go(DONE)

    def _raise(self):
        """The systolic pressure was above the target."""
        target = self._target
        highest = self._row[HIGHEST]
        if self._raised == _HIGHER or target == highest:
            self._fail(IMPLAUSIBLE)
            return
        self._raised += 1
        self._target = target + _STEP if target + _STEP < highest else highest
        self._go(HIGHER)

    def _vent_on(self, pressure):
        """Until it is empty; meanwhile the record is worked on."""
        if pressure < self._row[RELEASE] * _MMHG:
            if self._from > _CUT_OFF and self._state_ms < _CUT_OFF_MS:
                self._reject(KINKED)  # so fast only a hose is empty, not a cuff
            self._go(VENTED)
        elif self._state_ms > _EMPTY_MS:
            self._reject(BLOCKED)
            self._go(LATE)
        else:
            self._work()

    def _rest_on(self, pressure):
        if self._deciding and self._work() and self._state_ms >= _SETTLED_MS:
            self._deciding = False
            signal = self.record.signal
            if signal == OK and not -_CAME_BACK <= pressure <= _CAME_BACK:
                signal = IMPLAUSIBLE
            if signal == OK:
                self._accept()
            else:
                self._reject(signal)
        if self._state_ms >= _SETTLED_MS and not self._deciding:
            self.busy = False
        if self._state_ms >= _REST_MS:
            again = self._asked or (self.fault in _RETRIED and self._tries == 0)
            self._tries = 0 if self._asked else 1
            self._asked = False
            self._go(AGAIN if again else RESTED)

    def _idle_on(self):
        if self.every and self._due_ms >= self.every * _MINUTE_MS:
            self._tries = 0
            self._go(START)

    # -- the record --------------------------------------------------------------------------------------------------
    def _accept(self):
        envelope = self.record.envelope
        self.systolic = envelope.systolic
        self.map = envelope.mean
        self.diastolic = envelope.diastolic
        self.pulse = self.record.pulse
        self.signal = self.fault = OK
        self.count = (self.count + 1) & S30
        self.at = self._made
        self._known = envelope.systolic // 10
        self.age_s = ((self._last - self._made) & S30) // 1000
        self._age_ms = 0

    def _reject(self, reason):
        self._deciding = False
        self.fault = reason
        self._known = 0
        self._withdraw(reason)

    def _withdraw(self, reason):
        self.systolic = self.map = self.diastolic = self.pulse = NONE16
        self.signal = reason

    # -- from state to state -----------------------------------------------------------------------------------------
    def _fail(self, reason):
        self._reject(reason)
        self._go(FAIL)

    def _go(self, event):
        """Takes the table's way; whatever it does to the valves is done before anything else."""
        was = self.state
        done = action(was, event)
        self.state = state = after(was, event)
        self.closed = 1 if closed(state) else 0
        self.pump = 1 if state == INFLATING else 0
        self.bleed = 100 if state in _EMPTYING else 0
        if state != was:
            self._state_ms = 0
            self._from = self.pressure * 10
        self.busy = state != IDLE
        if done == ZERO:
            self._begin()
        elif done == INFLATE:
            self._rise.start(self._from, self._row[RISE])
        elif done == BLEED:
            self._bleeds = False
        elif done == REST:
            self._held_ms = 0
        if event == DONE:
            self._deciding = True
            self._made = self._last
            self.record.end()

    def _begin(self):
        row = self._row
        target = row[FIRST]
        if self._known:
            target = self._known + _ABOVE
            target = row[LOWEST] if target < row[LOWEST] else row[HIGHEST] if target > row[HIGHEST] else target
        self._target = target
        self._raised = 0
        self._sum = self._samples = 0
        self._due_ms = 0
        self._held_ms = 0
        self.fault = MEASURING
        if self.systolic == NONE16:
            self.signal = MEASURING
