"""The skin's temperature from a probe's conversions, one a second: shown once it has settled, withheld in doubt.

A probe that was placed warms up like 1 - exp(-t / T), so the error left is its present slope times T. A number is shown
when the mean of 4 s differs by at most 0.03 degrees from that of 24 s before: with a T of up to 60 s, more than skin
probes have, it is then within 0.1 degrees. A probe that came off falls faster than any skin, and lies in a room that
may be as warm as a cold skin: after such a fall, and at first, only skin that is surely skin or a rise as of a probe
that is being placed counts as placed. The last bits of a real probe move; the same code for 2 min is a stuck one.

    skin = Temperature()
    skin.sample(raw)            # every conversion, in 1/128 degree C, once a second
    skin.lost()                 # when the probe's driver has given it up
    skin.temperature, skin.signal, skin.count
"""

from array import array

from micropython import const

from assuage_wire.schema import NONE16, S30, SIGNALS

OK = SIGNALS.index("ok")
SETTLING = SIGNALS.index("settling")
PROBE_OFF = SIGNALS.index("probe-off")
SENSOR_LOST = SIGNALS.index("sensor-lost")
FLAT = SIGNALS.index("flat")
IMPLAUSIBLE = SIGNALS.index("implausible")

# Choices of this file, in sums of four conversions: 512 a degree.
_LOWEST, _HIGHEST = const(25 * 512), const(45 * 512)  # what skin under a probe can have
_SURELY = const(32 * 512)  # skin, and no room that a patient lies in
_STEADY, _UNSTEADY = const(16), const(24)  # 0.03 and 0.05 degrees over 24 s: a number begins, and ends
_FALL, _RISE = const(-256), const(256)  # half a degree over 24 s
_JUMP = const(384)  # 3 degrees from one conversion to the next, in 1/128
_STAYS = const(3)  # conversions after a jump that make a new level of it
_SAME = const(120)  # equal conversions
_SPAN = const(24)
_RING = const(32)


class Temperature:
    """See the module. temperature: 0.01 degrees C, or NONE16. signal: index of SIGNALS. count: numbers so far."""

    def __init__(self):
        self.temperature = NONE16
        self.signal = SENSOR_LOST
        self.count = 0
        self._raws = array("i", [0] * 4)
        self._sums = array("i", [0] * _RING)  # of four conversions each, the newest at _at
        self.lost()

    def lost(self):
        """The probe does not answer; the next conversion begins anew."""
        self._withhold(SENSOR_LOST)
        self._placed = False
        self._at = 0
        self._last = 0
        self._same = 0
        self._begin(0)

    def _begin(self, raw):
        """As at first: nothing is known of the time before."""
        self._known = 0  # conversions, as far as they matter
        self._sum = 0
        self._jumps = 0
        for i in range(4):
            self._raws[i] = 0
        self._previous = raw

    def _withhold(self, signal):
        self.signal = signal
        self.temperature = NONE16

    def sample(self, raw):
        """Takes one conversion, -32767 to 32767 in 1/128 degree C."""
        self._same = min(self._same + 1, _SAME) if raw == self._last else 0
        self._last = raw
        if self._known and not -_JUMP <= raw - self._previous <= _JUMP:
            self._jumps += 1
            if self._jumps < _STAYS:
                self._withhold(IMPLAUSIBLE)
                return
            self._placed = False
            self._begin(raw)
        self._jumps = 0
        self._previous = raw
        self._at = at = (self._at + 1) % _RING
        self._sum += raw - self._raws[at & 3]
        self._raws[at & 3] = raw
        self._sums[at] = self._sum
        if self._known < _SPAN + 4:
            self._known += 1
        self._judge(self._sum, at)

    def _judge(self, now, at):
        known = self._known
        if known < 4:
            self._withhold(SETTLING)
            return
        if self._same >= _SAME:
            self._withhold(FLAT)
            return
        back = _SPAN if known == _SPAN + 4 else known - 4
        change = now - self._sums[(at - back) % _RING]
        if now < _LOWEST or change < _FALL:
            self._placed = False
        elif change > _RISE or now >= _SURELY:
            self._placed = True
        if now > _HIGHEST:
            self._withhold(IMPLAUSIBLE)
        elif not self._placed:
            self._withhold(PROBE_OFF)
        elif back < _SPAN:
            self._withhold(SETTLING)
        elif -_STEADY <= change <= _STEADY or (self.signal == OK and -_UNSTEADY <= change <= _UNSTEADY):
            self.signal = OK
            self.temperature = (now * 25 + 64) >> 7
            self.count = (self.count + 1) & S30
        else:
            self._withhold(SETTLING)
