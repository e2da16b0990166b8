"""The patient's values against their limits, told to the alarms: which condition is raised by what, and who may ask.

A look takes two parameters, so that all come by in five looks and no turn of the loop is long. Only a good value that
is not too old is judged. Two things that are no value say as much as one: a pulse that has ceased with the sensor in
its place is one of 0; and while nobody breathes there is no end of a breath, so that EtCO2 is not missing.
"""

from micropython import const

from alarm.bounds import CROSSED, LONGEST_S, MISSING, NEEDED, SET, UNKNOWN, Bounds
from alarm.patients import ADULT_ROWS, CHILD_ROWS, HIGH, LOW, OFF
from assuage_wire.codec import BY_NAME
from assuage_wire.schema import ALARMS, NONE16, PARAMETERS, PATIENTS, S30, SIGNALS, STATUSES
from journal.kinds import LIMIT
from pump.spread import numbered
from vitals.readings import GOOD

ROUND_MS = const(10_000)  # in which all limits are told again
ALL = const(255)  # in the journal, for the parameter: all limits have begun anew

# A parameter with limits, and the conditions that its low side, its high side and its silence are; None is no
# condition. A sensor is missing as soon as one of its parameters is.
TOLD = (
    ("spo2", "spo2-low", None, "oximeter-missing"),
    ("pulse", "pulse-low", "pulse-high", "oximeter-missing"),
    ("resp", "resp-low", "resp-high", "capnograph-missing"),
    ("etco2", "etco2-low", "etco2-high", "capnograph-missing"),
    ("fico2", None, "fico2-high", None),  # withheld of fast breathing, which is no fault of the sensor
    ("systolic", "systolic-low", "systolic-high", None),
    ("diastolic", "diastolic-low", "diastolic-high", None),
    ("map", "map-low", "map-high", None),
    ("temperature", "temperature-low", "temperature-high", "temperature-missing"),
    ("heart", "heart-low", "heart-high", "heart-missing"),
)

_CODES = numbered(TOLD, PARAMETERS, ALARMS, ALARMS, ALARMS)
_WATCHED = const(10)
_LOW, _HIGH, _MISSING = const(10), const(20), const(30)  # where each begins in _CODES
_NONE = const(255)
_DONE = (STATUSES.index("ok"), 0)
_BAD_VALUE = STATUSES.index("bad-value")
_AT_ONCE = const(2)
_AGAIN_MS = const(40)  # so that all are looked at in a quarter of a second, also while the alarms' turns are 25 ms
_CHILD = PATIENTS.index("child")
_NO_PULSE = SIGNALS.index("no-pulse")
_PULSES = (PARAMETERS.index("pulse"), PARAMETERS.index("heart"))
_RESP = PARAMETERS.index("resp")
_ETCO2 = PARAMETERS.index("etco2")
_SET_LIMIT = BY_NAME["SetLimit"]
_PARAMETER = _SET_LIMIT.index("parameter")
_FIELD_OF_LOW = _SET_LIMIT.index("low")
_FIELD_OF_HIGH = _SET_LIMIT.index("high")
_FIELD_OF_DELAY = _SET_LIMIT.index("delay")
_COUNT = len(PARAMETERS)


class Breaches:
    """readings: a vitals.readings.Readings. watch: an alarm.watch.Watch. journal: a journal.logbook.Journal.

    bounds: the limits. patient: whose they began with, an index in schema.PATIENTS. changes: rises with each of
    theirs.
    """

    def __init__(self, readings, watch, journal):
        self.bounds = Bounds(ADULT_ROWS)
        self.patient = 0
        self.changes = 0
        self._readings = readings
        self._watch = watch
        self._journal = journal
        self._said = bytearray(_WATCHED)
        self._next = 0
        self._looked = -_AGAIN_MS & S30  # ticks
        self._breathless = False

    def poll(self, now):
        """Two parameters, unless some were looked at just now. In each turn of the alarms, before they are polled."""
        if (now - self._looked) & S30 < _AGAIN_MS:
            return
        self._looked = now
        for _ in range(_AT_ONCE):
            self._next = (self._next or _WATCHED) - 1
            self._look(self._next, now)

    def _look(self, i, now):
        p = _CODES[i]
        readings = self._readings
        value = readings.values[p]
        good = readings.qualities[p] == GOOD and readings.fresh(p, now)
        if p in _PULSES:
            if readings.signals[p] == _NO_PULSE and readings.fresh(p, now):
                value = 0
                good = True
        elif p == _ETCO2:
            self._look_at_breath(now)
        told = self.bounds.look(p, value, good, now)
        if told != self._said[i]:
            self._said[i] = told
            self._tell(_CODES[_LOW + i], bool(told & LOW), now)
            self._tell(_CODES[_HIGH + i], bool(told & HIGH), now)
            condition = _CODES[_MISSING + i]
            self._tell(condition, self._is_missing(condition), now)

    def _look_at_breath(self, now):
        readings = self._readings
        breathless = readings.values[_RESP] == 0 and readings.qualities[_RESP] == GOOD
        if breathless:
            self.bounds.dismiss(_ETCO2)
        elif self._breathless:
            self.bounds.expect(_ETCO2, now)
        self._breathless = breathless

    def _is_missing(self, condition):
        told = 0
        for i in range(_WATCHED):
            if _CODES[_MISSING + i] == condition:
                told |= self._said[i]
        return bool(told & MISSING)

    def _tell(self, condition, present, now):
        if condition != _NONE:
            self._watch.says(condition, present, now)

    # -- a person's ----------------------------------------------------------------------------------------------------

    def set(self, parameter, low, high, delay):
        """Other limits: (status, detail) of a SetLimit; refused, detail is the number of the field or the bound that
        no limit may pass, and nothing has changed."""
        if not 0 <= delay <= LONGEST_S:
            return _BAD_VALUE, _FIELD_OF_DELAY
        bounds = self.bounds
        row = bounds.row(parameter)
        limits = bounds.limits
        same = row >= 0 and limits[row] == low and limits[row + 1] == high and limits[row + 5] == delay
        why = bounds.set(parameter, low, high)
        if why != SET:
            return _BAD_VALUE, self._detail(why, row, low, high)
        bounds.set_delay(parameter, delay)
        if not same:
            self._changed(parameter, delay, low, high)
        return _DONE

    def _detail(self, why, row, low, high):
        if why == UNKNOWN:
            return _PARAMETER
        if why == NEEDED:
            return _FIELD_OF_LOW if low == OFF and self.bounds.limits[row + 4] & LOW else _FIELD_OF_HIGH
        if why == CROSSED:
            return _FIELD_OF_HIGH
        least = self.bounds.limits[row + 2]
        return least if low < least or high < least else self.bounds.limits[row + 3]

    def choose(self, kind):
        """Another patient, an index in schema.PATIENTS: (status, detail) of a Patient."""
        self.bounds.begin(CHILD_ROWS if kind == _CHILD else ADULT_ROWS)
        self.patient = kind
        self._changed(ALL, 0, 0, 0)
        return _DONE

    def _changed(self, parameter, delay, low, high):
        self.changes = self.changes % S30 + 1
        self._journal.note(LIMIT, parameter, delay, self.patient, low, high, 0)

    def fill_back(self, parameter, out, at):
        """Fills out[at:] with the fields of a LimitBack of a parameter with limits."""
        row = self.bounds.row(parameter)
        out[at] = parameter
        for k in range(6):
            out[at + 1 + k] = self.bounds.limits[row + k]

    def fill(self, out, ticks, wraps):
        """Fills out with a Limits."""
        bounds = self.bounds
        limits = bounds.limits
        out[0] = ticks
        out[1] = wraps
        for p in range(_COUNT):
            row = bounds.row(p)
            out[2 + p] = limits[row] if row >= 0 else NONE16
            out[2 + _COUNT + p] = limits[row + 1] if row >= 0 else NONE16
            out[2 + 2 * _COUNT + p] = limits[row + 5] if row >= 0 else 0
        out[2 + 3 * _COUNT] = self.patient
