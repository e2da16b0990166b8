"""The heart rate: samples of an electrocardiogram in, a rate with the reason why it is there, or is not.

250 samples a second of a 12-bit converter, as an AD8232 delivers them. The number is good while the signal is "ok". In
"irregular" it is the mean of the last 8 s and doubtful. Otherwise it is withheld: leads off, the amplifier at its rail,
a signal that does not move at all, noise, no beat.

    heart = Heart()
    heart.leads(off)            # as the front end tells it, at least as often as samples come
    heart.take(buffer, n)       # every block of samples; heart.gap() where some were lost, heart.lost() when none come
    heart.heart, heart.signal, heart.count
"""

from micropython import const

from assuage_wire.schema import NONE16, S30, SIGNALS
from vitals.rwaves import RWaves

OK = SIGNALS.index("ok")
SETTLING = SIGNALS.index("settling")
SATURATED = SIGNALS.index("saturated")
SENSOR_LOST = SIGNALS.index("sensor-lost")
NO_PULSE = SIGNALS.index("no-pulse")
FLAT = SIGNALS.index("flat")
IRREGULAR = SIGNALS.index("irregular")
NOISE = SIGNALS.index("noise")
LEAD_OFF = SIGNALS.index("lead-off")

# Choices of this file but for what names a source.
_BLOCK = const(5)  # samples summed into one level
_SECOND = const(50)  # levels
_SPIKE = const(3)  # samples that a pacemaker's spike lasts, filtered as it is
_LOW_RAIL, _HIGH_RAIL = const(5 * 24), const(5 * 4071)
_RAILED = const(5)  # levels at a rail after which the amplifier is stuck there
_RESTORING = const(25)  # levels after a rail or a lead that are not believed
_SAME = const(100)  # equal levels: even with no heart the converter's own noise would move them
_EVEN = const(75)  # % of beats that are about equally sharp
_BETWEEN = const(40)  # % of a beat's sharpness between beats
_QUIET = const(20)  # % of a beat's sharpness that is left somewhere between the beats of an irregular rhythm
_REGULAR = const(70)  # % of intervals near the middle one
_UNEASY = const(12)  # % from one interval to the next, more than breathing does
_AGREED = const(12)  # 0.1 /min between the mean of these and that of all
_PATIENCE = const(9)  # seconds after which "settling" is no longer the reason
_FASTEST, _SLOWEST = const(2500), const(200)


class Heart:
    """See the module. heart: 0.1 /min, or NONE16. signal: index of SIGNALS. count: determinations so far, 30 bits.

    mv: codes a millivolt at the electrodes; 1365 is a gain of 1100 before 12 bits of 3.3 V.
    """

    def __init__(self, mv=1365):
        self.heart = NONE16
        self.signal = SENSOR_LOST
        self.count = 0
        self._off = False
        self._jump = mv  # 1 mV in 4 ms, which no heart makes
        # R waves of 0.15 mV are not to be counted, those of 0.5 mV are (IEC 60601-2-27, second hand)
        self._waves = RWaves(mv * 7 >> 1)
        self._step = self._waves.step  # bound methods allocate whenever they are fetched
        self._begin(SENSOR_LOST)

    def _begin(self, signal):
        """Waits for samples that can be believed."""
        self._withhold(signal)
        self._held = 0
        self._total = self._samples = 0
        self._last = 0
        self._level = -1
        self._same = 0
        self._railed = 0
        self._waiting = _RESTORING  # levels; the waves begin when they are over
        self._levels = self._seconds = 0
        self._beats = 0

    def _withhold(self, signal):
        self.signal = signal
        self.heart = NONE16

    def leads(self, off):
        """Tells whether an electrode is off."""
        if off:
            if self.signal != LEAD_OFF:
                self._begin(LEAD_OFF)
        elif self._off:
            self._begin(SETTLING)
        self._off = off

    def lost(self):
        """No samples come any more."""
        self._begin(SENSOR_LOST)

    def gap(self):
        """Samples were lost before the next one."""
        self._total = self._samples = 0
        self._waves.gap()

    def take(self, buffer, n):
        """Takes the first n samples, 0 to 4095, of a buffer."""
        if self._off:
            return
        jump = self._jump
        last = self._last
        held = self._held
        total = self._total
        samples = self._samples
        i = 0
        while i < n:
            if samples == 0 and i + _BLOCK <= n:
                total = buffer[i] + buffer[i + 1] + buffer[i + 2] + buffer[i + 3] + buffer[i + 4]
                if -jump < total - last * _BLOCK < jump:  # nothing steep in it: the usual case, and five times as quick
                    last = buffer[i + 4]
                    held = 0
                    i += _BLOCK
                    self._close_block(total)
                    total = 0
                    continue
                total = 0
            x = buffer[i]
            i += 1
            if -jump < x - last < jump or held == _SPIKE:
                held = 0
                last = x
            else:  # a pacemaker's spike is bridged; a new level is one after its length
                held += 1
            total += last
            samples += 1
            if samples == _BLOCK:
                self._close_block(total)
                total = samples = 0
        self._last = last
        self._held = held
        self._total = total
        self._samples = samples

    def _close_block(self, level):
        self._same = self._same + 1 if level == self._level else 0
        self._level = level
        if _LOW_RAIL < level < _HIGH_RAIL:
            self._railed = 0
        else:
            self._railed += 1
            if self._railed >= _RAILED:
                if self.signal != SATURATED:
                    self._withhold(SATURATED)
                self._railed = _RAILED
                self._waiting = _RESTORING
        if self._waiting:
            self._waiting -= 1
            if not self._waiting:
                self._withhold(SETTLING)
                self._waves.start(level)
                self._levels = self._seconds = 0
            return
        self._step(level)
        self._levels = n = self._levels + 1
        if n == _SECOND - 1:  # not in the same turn as the rest, to keep turns short
            self._waves.estimate()
        elif n == _SECOND:
            self._levels = 0
            self._judge()

    def _judge(self):
        """Decides once a second what may be said."""
        waves = self._waves
        if self._seconds < _PATIENCE:
            self._seconds += 1
        if self._same >= _SAME:
            self._same = _SAME
            self._withhold(FLAT)
        elif waves.silent:
            self._withhold(NO_PULSE)
        elif not waves.mean:
            self._withhold(SETTLING if self._seconds < _PATIENCE else NOISE)
        elif waves.even < _EVEN or waves.between > _BETWEEN or waves.doubled:
            self._withhold(NOISE)
        elif waves.beats != self._beats:
            self._beats = waves.beats
            self._tell(waves)

    def _tell(self, waves):
        mean = waves.mean
        off = mean - waves.rate
        calm = waves.regular >= _REGULAR and waves.uneasy <= _UNEASY and -_AGREED <= off <= _AGREED
        if not _SLOWEST <= mean <= _FASTEST or (not calm and waves.least > _QUIET):
            self._withhold(NOISE)
            return
        self.signal = OK if calm else IRREGULAR
        self.heart = mean
        self.count = (self.count + 1) & S30
