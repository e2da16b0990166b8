"""The zero of a cuff's sensor: its mean over a second, once the valve has been open for another."""

from micropython import const

from assuage_wire.schema import SIGNALS

OK = SIGNALS.index("ok")
IMPLAUSIBLE = SIGNALS.index("implausible")
MOTION = SIGNALS.index("motion")
WAIT = const(-1)

_OPEN_MS = const(1000)  # so long with the valve open
_UNTIL_MS = const(2000)
_FEWEST = const(10)  # samples
_MOST = const(1000)  # 0.01 mmHg: one further off is a fault of the sensor, or a cuff that is not empty
_STEADY = const(150)  # 0.01 mmHg: between the lowest and the highest sample


class Zero:
    """value: 0.01 mmHg, of the last one that was found."""

    def __init__(self):
        self.value = 0
        self.start()

    def start(self):
        """Begins anew; the value stays until there is another."""
        self._sum = self._samples = self._low = self._high = 0

    def step(self, raw, ms):
        """Takes a sample, 0.01 mmHg, ms after the valve was opened: WAIT, OK, or the signal why there is no zero."""
        if ms < _OPEN_MS:
            return WAIT
        if not self._samples:
            self._low = self._high = raw
        elif raw < self._low:
            self._low = raw
        elif raw > self._high:
            self._high = raw
        self._sum += raw
        self._samples += 1
        if ms < _UNTIL_MS or self._samples < _FEWEST:
            return WAIT
        zero = self._sum // self._samples
        if not -_MOST <= zero <= _MOST:
            return IMPLAUSIBLE
        if self._high - self._low > _STEADY:
            return MOTION
        self.value = zero
        return OK
