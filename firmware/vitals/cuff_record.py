"""The record of one bleed: its pulses, when there are enough of them, its envelope, and what they are worth.

record.start(250, 57, 70)
record.step(pressure, ms)       # until it is COMPLETE, or began TOO_LOW
record.end()
while not record.work():        # a piece at a time
    pass
record.signal                   # ok: envelope.systolic, .mean, .diastolic and pulse are good
"""

from micropython import const

from vitals.cuff_envelope import Envelope
from vitals.cuff_judge import NO_PULSE, Judge
from vitals.cuff_pulses import Pulses

GOING, COMPLETE, TOO_LOW = const(0), const(1), const(2)

_SURE = const(90)  # % of the maximum, below which it is past
_PAST = const(5)  # pulses after it, before the flank above it is missed
_LEAST = const(50)  # 0.01 mmHg, of which a maximum is one
_FADED = const(4)  # pulses in a row below the diastolic part of the maximum
_BIT = const(10)  # % of the maximum further down, so that both flanks are there whole


class Record:
    """signal: index in schema.SIGNALS, once there is a verdict. pulse: 0.1 /min."""

    def __init__(self):
        self.pulses = Pulses()
        self.envelope = Envelope(self.pulses)
        self._judge = Judge(self.pulses, self.envelope)
        # bound methods allocate whenever they are fetched
        self._find = self.pulses.step
        self._fit = self.envelope.step
        self._decide = self._judge.step
        self.start(0, 100, 100)
        self.end()

    def start(self, fall, systolic, diastolic):
        """Begins anew. fall: 0.01 mmHg/s; systolic, diastolic: % of the maximum where these are."""
        self.signal = NO_PULSE
        self.pulse = 0
        self._systolic = systolic
        self._diastolic = diastolic
        self._first = self._top = self._past = self._faded = 0
        self._fitted = self._decided = False
        self.pulses.start(fall)

    def step(self, pressure, ms):
        """Takes a sample: 0.01 mmHg, ms after the one before."""
        return self._grown() if self._find(pressure, ms) else GOING

    def _grown(self):
        """There is one more pulse."""
        heights = self.pulses.heights
        n = self.pulses.count
        if n < 3:
            return GOING
        # the middle one of the last three: no single artefact is the maximum
        a = heights[n - 1]
        b = heights[n - 2]
        c = heights[n - 3]
        if a > b:
            a, b = b, a
        height = a if c < a else b if c > b else c
        if n == 3:
            self._first = height
        if height > self._top:
            self._top = height
            self._past = self._faded = 0
            return GOING
        if self._top < _LEAST:  # noise
            return GOING
        if height * 100 < self._top * _SURE:
            self._past += 1
            if self._past == _PAST and self._first * 100 > self._top * (self._systolic - _BIT):
                return TOO_LOW
        faded = height * 100 < self._top * (self._diastolic - _BIT)
        self._faded = self._faded + 1 if faded else 0
        return COMPLETE if self._faded >= _FADED else GOING

    def end(self):
        """There will be no more samples."""
        self._fitted = self._decided = False
        self.envelope.start(self._systolic, self._diastolic)

    def work(self):
        """A piece of working it out; True when there is a verdict."""
        if not self._fitted:
            if self._fit():
                self._fitted = True
                self._judge.start()
        elif not self._decided and self._decide():
            self._decided = True
            self.signal = self._judge.signal
            self.pulse = self._judge.pulse
        return self._decided
