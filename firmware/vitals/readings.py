"""What is known of the patient now: of each of schema.PARAMETERS a value, how good it is, why, and since when.

A source puts what it has found and says, apart from that, when it had fresh data: so a value is never stamped anew by
somebody who only repeats it, and grows old by itself when its source has died. Too old a value is withdrawn here.
So is the last breath: nobody has to say again that there was none.
"""

from array import array

from micropython import const

from assuage_wire.schema import NONE16, NONE32, PARAMETERS, QUALITIES, S30, SIGNALS

NONE = QUALITIES.index("none")
DOUBTFUL = QUALITIES.index("doubtful")
GOOD = QUALITIES.index("good")
OLD_MS = const(6_553_500)  # the most that a Vitals message can tell, and where an age stands
BREATHS = (PARAMETERS.index("resp"),)  # whose source knows when the last breath was; a pulse wave shows it too late

_COUNT = len(PARAMETERS)
_OK = SIGNALS.index("ok")
_LOST = SIGNALS.index("sensor-lost")
_NEVER = SIGNALS.index("never")
_STALE_MS = const(2000)  # what is measured all the time: without a sample for so long there is no number
_CUFF_MS = const(3_900_000)  # a blood pressure stands until the next one, at most an hour later, and its minutes
_OF_CUFF = tuple(PARAMETERS.index(name) for name in ("systolic", "diastolic", "map", "pulse-cuff"))


class Readings:
    """values, qualities, signals: by place in PARAMETERS, to be read and not written. now: ticks."""

    def __init__(self, now):
        self.values = array("H", [NONE16] * _COUNT)
        self.qualities = bytearray(_COUNT)
        self.signals = bytearray([_NEVER] * _COUNT)
        self.trust = 0
        self._seen = array("I", [(now - OLD_MS) & S30] * _COUNT)
        self._breath = array("I", [0] * _COUNT)  # ticks at which the last one ended
        self._breathes = bytearray(_COUNT)  # whether that is known
        self._stale = array("I", [_CUFF_MS if i in _OF_CUFF else _STALE_MS for i in range(_COUNT)])

    def put(self, i, value, signal, quality=GOOD):
        """What a source has found. A value with another signal than "ok" is doubtful at best; NONE16 is none."""
        self.values[i] = value
        self.signals[i] = signal
        if value == NONE16:
            quality = NONE
        elif signal != _OK and quality == GOOD:
            quality = DOUBTFUL
        self.qualities[i] = quality

    def seen(self, i, now):
        """The source had fresh data then."""
        self._seen[i] = now

    def age(self, i, now):
        """Milliseconds since then, OLD_MS at most; to be asked for at least once in 10 days."""
        return _passed(self._seen, i, now)

    def breath(self, i, ms, now):
        """The source says that the last breath was so long ago; NONE32 when it cannot know."""
        self._breathes[i] = ms != NONE32
        self._breath[i] = (now - min(ms, OLD_MS)) & S30

    def breathless(self, i, now):
        """Milliseconds since then, OLD_MS at most, also when the source says nothing more; NONE32 when not known."""
        return _passed(self._breath, i, now) if self._breathes[i] else NONE32

    def fresh(self, i, now):
        """Whether that is recent enough for the number to stand."""
        return self.age(i, now) <= self._stale[i]

    def expire(self, now):
        """Withdraws what is too old. Once a second."""
        for i in BREATHS:
            self.breathless(i, now)
        for i in range(_COUNT):
            if not self.fresh(i, now) and self.values[i] != NONE16:
                self.put(i, NONE16, _LOST)

    def fill(self, out, ticks, wraps):
        """Puts the values of a Vitals message into the list, arrays flattened, in the table's order."""
        out[0] = ticks
        out[1] = wraps
        for i in range(_COUNT):
            out[2 + i] = self.values[i]
            out[2 + _COUNT + i] = self.qualities[i]
            out[2 + 2 * _COUNT + i] = self.signals[i]
            out[2 + 3 * _COUNT + i] = self.age(i, ticks) // 100
        out[2 + 4 * _COUNT] = self.trust


def _passed(since, i, now):
    """Milliseconds since since[i], and never more than OLD_MS though the clock goes round: it is moved along."""
    ms = min((now - since[i]) & S30, OLD_MS)
    since[i] = (now - ms) & S30
    return ms
