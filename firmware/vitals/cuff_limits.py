"""What ends every inflation of a cuff: too high a pressure, too long a time, and a sensor that says nothing.

They are asked with each sample, before anything else and whichever state there is; whoever asks opens the valve. That
the hardware has limits of its own above these, for a firmware that does not ask, is written in docs/decisions.
"""

from micropython import const

from assuage_wire.schema import S30, SIGNALS
from vitals.cuff_kinds import LIMIT, RELEASE, SECONDS

OK = SIGNALS.index("ok")
OVER_PRESSURE = SIGNALS.index("over-pressure")
OVER_TIME = SIGNALS.index("over-time")

SILENT_MS = const(200)  # without a sample: the valve opens

_MMHG = const(100)


class Limits:
    """row: of a kind of patient, in cuff_kinds.KINDS. silent_ms: since the last sample, SILENT_MS at most."""

    def __init__(self, row):
        self.silent_ms = SILENT_MS
        self.choose(row)

    def choose(self, row):
        """Another kind of patient; for an empty cuff."""
        self._highest = row[LIMIT] * _MMHG
        self._empty = row[RELEASE] * _MMHG
        self._longest_ms = row[SECONDS] * 1000
        self.rest()

    def rest(self):
        """The cuff is empty: the time that it was not begins anew."""
        self._held_ms = 0

    def look(self, pressure, ms):
        """A sample, 0.01 mmHg above the zero, ms after the last one: OK, or why a cuff must not hold it any longer."""
        self.silent_ms = 0
        held = self._held_ms
        if pressure > self._empty:
            if held < S30 >> 1:
                held += ms
        else:
            held = 0
        self._held_ms = held
        if pressure > self._highest:
            return OVER_PRESSURE
        return OVER_TIME if held > self._longest_ms else OK

    def silence(self, ms):
        """No sample, for so much longer: True when it has been too long."""
        silent = self.silent_ms + ms
        self.silent_ms = silent if silent < SILENT_MS else SILENT_MS
        return silent > SILENT_MS
