"""Blood pressure by a cuff: one determination from its zero to its numbers, on demand or every so many minutes.

The states and what leads from one to the next are the table of cuff_cycle.py, what ends every inflation is in
cuff_limits.py, when there is one in cuff_times.py; this file owns the valves and the result. The limits are looked at
with every sample, before anything else, and whichever state there is. Without samples the cuff is let off as well. That
a firmware that hangs lets it off too is the hardware's part: the dump valve is open unless `closed` is 1 and `feed` has
changed within the last half second, and `feed` changes with each sample that has been looked at, and with nothing else.

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
from vitals.cuff_kinds import ADULT, BLEED_RATE, DIASTOLIC, KINDS, RELEASE, RISE, SYSTOLIC
from vitals.cuff_limits import Limits
from vitals.cuff_record import COMPLETE, TOO_LOW, Record
from vitals.cuff_rise import KINKED as HOSE_KINKED
from vitals.cuff_rise import RISING, Rise
from vitals.cuff_target import Target
from vitals.cuff_times import REST_MS, Times
from vitals.cuff_zero import WAIT, Zero

SENSOR_LOST = SIGNALS.index("sensor-lost")
MEASURING = SIGNALS.index("measuring")
LEAK = SIGNALS.index("leak")
KINKED = SIGNALS.index("kinked")
BLOCKED = SIGNALS.index("blocked")
ENDED = SIGNALS.index("ended")
NEVER = SIGNALS.index("never")
_EMPTYING = (VENTING, STUCK)
_RETRIED = (MOTION, NO_PULSE, IRREGULAR, IMPLAUSIBLE)  # what another attempt may do better; each is made once

_MMHG = const(100)
_SETTLED_MS = const(3000)  # after venting: then the zero must have come back
_CAME_BACK = const(500)  # 0.01 mmHg, as near as this
_EMPTY_MS = const(12_000)  # the longest that a cuff may take to empty
_CUT_OFF_MS = const(120)  # a whole cuff takes seconds to empty, a hose that is cut off from it less than this
_CUT_OFF = const(5000)  # 0.01 mmHg: from so much on that can be told
_SINK_MS = const(600)  # after the pump has stopped
_SINK = const(1500)  # 0.01 mmHg that the hose loses to a cuff that it is nearly cut off from
_FALL_MS = const(12_000)  # after which the bleed
_FALL = const(500)  # has let it fall by so much, 0.01 mmHg, or is blocked, or the pump still turns
_FLOOR = const(2000)  # 0.01 mmHg: nothing more is to be found below
_MINUTE_MS = const(60_000)


class Cuff:
    """See the module. kind: of patient, index in cuff_kinds.NAMES. every: minutes between automatic cycles, 0: none.

    systolic, map, diastolic in 0.1 mmHg, pulse in 0.1 /min: NONE16 without; they stand until another determination has
    come to its end, whichever. signal: index in schema.SIGNALS, why there are none, or ok. count: of the determinations
    that brought numbers, 30 bits; at: ticks when the last of them was made, as the bleed ended.
    state: index in cuff_cycle.STATES. pressure: in the cuff, 0.1 mmHg. fault: what ended the last attempt, index in
    SIGNALS. busy: samples are wanted every 20 ms. times: when it measures. limits: what ends an inflation. record:
    pulses and envelope of the last bleed.
    """

    def __init__(self, kind=ADULT, every=0):
        self.systolic = self.map = self.diastolic = self.pulse = NONE16
        self.signal = NEVER
        self.count = self.at = 0
        self.state = IDLE
        self.fault = NEVER
        self.pump = self.bleed = self.closed = self.feed = 0
        self.pressure = 0
        self.busy = False
        self.kind = kind
        self._row = KINDS[kind]
        self.times = Times(every)
        self.record = Record()
        self.limits = Limits(self._row)
        self._zero = Zero()
        self._target = Target()
        self._rise = Rise()
        self._valve = Bleed()
        # bound methods allocate whenever they are fetched
        self._take = self.record.step
        self._work = self.record.work
        self._look = self.limits.look
        self._silence = self.limits.silence
        self._count = self.times.passed
        self._set_valve = self._valve.step
        self._watch_rise = self._rise.step
        self._last = -1  # ticks of the last call
        self._state_ms = 0
        self._deciding = False  # a record waits for its verdict
        self._made = 0  # ticks of the end of its bleed
        self._bleeds = False
        self._from = 0  # the pressure as the state began, 0.01 mmHg

    # -- asked for ---------------------------------------------------------------------------------------------------
    def start(self):
        """Asks for a determination now, or as soon as the arm has rested; False when one is under way."""
        if self.state == RESTING and not self._deciding:
            self.times.asked = True
            return True
        if action(self.state, START) != ZERO:
            return False
        self.times.tries = 0
        self._go(START)
        return True

    def stop(self):
        """Lets the cuff off, whatever the state, and forgets what was to come of it; False when none was under way."""
        going = self.state != IDLE
        if going:
            self.times.stop()
            if self.state != RESTING or self._deciding:
                self.fault = ENDED
                if self.systolic == NONE16:
                    self.signal = ENDED
        self._deciding = False
        self._go(STOP)
        return going

    def choose(self, kind):
        """Another kind of patient, another patient: the last numbers are not theirs. False during a cycle."""
        if self.state != IDLE and self.state != RESTING:
            return False
        self.kind = kind
        self._row = KINDS[kind]
        self.limits.choose(self._row)
        self._target.known = 0
        self._deciding = False
        self.fault = NEVER
        self._withdraw(NEVER)
        return True

    def next_s(self):
        """Seconds until the next one begins, or may; NONE16 when none is decided on."""
        left = self.times.left_ms()
        if self.state == RESTING:
            rest = REST_MS - self._state_ms
            if self._again() or -1 < left < rest:
                left = rest if rest > 0 else 0
        return NONE16 if left < 0 else (left + 999) // 1000

    # -- sampled -----------------------------------------------------------------------------------------------------
    def sample(self, ticks, pressure):
        """Takes the pressure at the sensor, 0.01 mmHg, its zero still in it."""
        ms = self._pass(ticks) + self.limits.silent_ms
        raw = pressure
        pressure -= self._zero.value
        self.pressure = pressure // 10 if pressure > 0 else 0
        state = self.state
        wrong = self._look(pressure, ms)
        if closed(state):
            if wrong:
                return self._fail(wrong)
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
            if pressure < self._row[RELEASE] * _MMHG:
                self._go(VENTED)
        elif state == RESTING:
            self._rest_on(pressure)
        else:
            self._idle_on()

    def nothing(self, ticks):
        """The sensor had nothing new, or nothing that can be believed."""
        silent = self._silence(self._pass(ticks))
        state = self.state
        if silent:
            if closed(state) or state == ZEROING:
                self._fail(SENSOR_LOST)
            elif state == VENTING and self._state_ms > _EMPTY_MS:
                self._go(VENTED)  # nobody can see whether it is empty; all valves are open and stay so
            elif state == RESTING:
                if self._deciding:  # whether the zero has come back is not known
                    self._reject(SENSOR_LOST)
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
        self._count(ms)
        return ms

    # -- state by state ----------------------------------------------------------------------------------------------
    def _zero_on(self, raw):
        found = self._zero.step(raw, self._state_ms)
        if found == OK:
            self._go(ZEROED)
        elif found != WAIT:
            self._fail(found)

    def _inflate_on(self, pressure, ms):
        rise = self._watch_rise(pressure, ms)
        if rise != RISING:
            self._fail(KINKED if rise == HOSE_KINKED else LEAK)
        elif pressure >= self._target.mmhg * _MMHG:
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
        if self._target.higher(self._row):
            self._go(HIGHER)
        else:
            self._fail(IMPLAUSIBLE)

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
        if self._state_ms >= REST_MS:
            again = self._again()
            times = self.times
            times.tries = 0 if times.asked else 1
            times.asked = False
            self._go(AGAIN if again else RESTED)

    def _again(self):
        return self.times.asked or (self.fault in _RETRIED and self.times.tries == 0)

    def _idle_on(self):
        if not self.times.left_ms():
            self.times.tries = 0
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
        self._target.known = envelope.systolic // 10

    def _reject(self, reason):
        self._deciding = False
        self.fault = reason
        self._target.known = 0
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
            self.limits.rest()
        if event == DONE:
            self._deciding = True
            self._made = self._last
            self.record.end()

    def _begin(self):
        self._target.start(self._row)
        self._zero.start()
        self.limits.rest()
        self.times.begun()
        self.fault = MEASURING
        if self.systolic == NONE16:
            self.signal = MEASURING
