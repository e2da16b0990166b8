"""Compares the shaft's encoder with the steps that the drive says it has made.

The idea: keep the *difference* between the two as one whole number, in a unit in which a count and a step are both
integers (with 4096 counts and 3200 steps a turn: a count is 25 units, a step 32, a turn 102 400). A healthy shaft
keeps the difference near zero whatever the flow, and a slip shows at once. The median of the last three differences
is what counts: a single misread angle never trips, while a stalled shaft is seen one reading later.

Bounds: one reading moves at most 2**16 counts (16 turns; more is held there), 30 000 steps at most are made between two
readings, and the difference stays within +-2**24 units (163 turns) of where begin() found it; so every product is below
2**30.
"""

from assuage_wire.schema import S30
from pump.codes import WHY_ENCODER_DISAGREES, WHY_ENCODER_LOST, WHY_NONE
from pump.steps import StepVolume

DISAGREE_NL = 20_000  # 0.02 mL, or four full steps where these displace more
FULL_STEPS = 200  # of the motor, a turn
LOST_MS = 500  # without a reading

_FEW = 3  # readings that the median needs
_RUNNING = S30  # while a delivery runs every reading counts; so many last for 17 months
_LATE_MS = 50  # what a poll is late beyond this is the loop's doing, not the encoder's silence
_FAR = 1 << 24
_JUMP = 1 << 16


def _gcd(a, b):
    while b:
        a, b = b, a % b
    return a


def _held(value, far):
    return max(-far, min(value, far))


class Encoder:
    """One shaft: an encoder of `counts` a turn, driven at `steps_per_rev`.

    forward: +1, or -1 when counts fall as the plunger advances.
    off: the median difference, encoder less steps, in units; positive when the shaft is ahead.
    """

    def __init__(self, counts, steps_per_rev, forward):
        shared = _gcd(counts, steps_per_rev)
        self.off = 0
        self._counts = counts
        self._unit = steps_per_rev // shared
        self._count = self._unit * forward  # units of one count
        self._step = counts // shared  # units of one step
        self._allowed = 0
        self._seen = False
        self._readings = 0  # since the last silence, up to _FEW
        self._position = 0
        self._newest = 0
        self._before = 0
        self._oldest = 0
        self._part = 0
        self._silent_ms = 0
        self._volume = StepVolume()
        self._bound = StepVolume()
        self._counted = 0  # readings that still count as delivered

    def begin(self, nl_per_rev):
        """From here on volume is counted from zero and the two are compared, in a syringe of so many nL a turn.

        Energising the motor may have turned it to the nearest of its detents, by two full steps at most; what has
        been read of that by now is not counted.
        """
        allowed_nl = max(DISAGREE_NL, -(-4 * nl_per_rev // FULL_STEPS))
        self._allowed = allowed_nl * self._counts * self._unit // nl_per_rev
        self._part = 0
        self._volume.begin(nl_per_rev, self._counts)
        self.go_on()

    def look_on(self):
        """From here on the two are compared, but what turns the shaft is not counted as delivered."""
        self._counted = 0

    def go_on(self):
        """The delivery goes on after a pause: its volume too, and the two are compared from here on."""
        self._newest -= self.off
        self._before -= self.off
        self.off = 0
        self._counted = _RUNNING

    def end(self):
        """The delivery has ended: what turns the shaft from here on is not counted as delivered.

        The readings that the median still lacks are, or a whole programme would seem to lack its last steps.
        """
        self._counted = min(self._counted, _FEW)

    def forget(self):
        """No delivery: the volume is 0."""
        self._volume.nl = self._counted = 0

    def read(self, position, steps):
        """Takes a fresh position (unwrapped counts, of 30 bits or more) and the steps made since the last call.

        Returns the counts that it has moved since then.
        """
        moved = (position - self._position) & S30
        if moved > S30 >> 1:
            moved -= S30 + 1
        self._position = position
        self._silent_ms = 0
        if self._readings < _FEW:
            self._readings += 1
        if not self._seen:
            self._seen = True
            return 0
        self._oldest = self._before
        self._before = self._newest
        self._newest = _held(self._newest + _held(moved, _JUMP) * self._count - steps * self._step, _FAR)
        median = max(min(self._before, self._newest), min(max(self._before, self._newest), self._oldest))
        if self._counted:
            self._count_volume(steps * self._step + median - self.off)
        self.off = median
        return moved

    def _count_volume(self, units):
        self._counted -= 1
        self._part += units
        counts = self._part // self._unit
        self._part -= counts * self._unit
        self._volume.add(counts)

    def wait(self, ms):
        """Tells how long it has been since the last poll, with or without a reading."""
        if self._silent_ms <= LOST_MS:
            self._silent_ms += min(ms, _LATE_MS)
            if self._silent_ms > LOST_MS:
                self._readings = 0

    def ready(self):
        """True when readings are fresh, and enough of them for a delivery to begin."""
        return self._readings == _FEW

    def look(self):
        """WHY_NONE, or why a running delivery must end."""
        if self._readings == 0:
            return WHY_ENCODER_LOST
        if abs(self.off) > self._allowed:
            return WHY_ENCODER_DISAGREES
        return WHY_NONE

    def volume(self):
        """Volume in nL displaced since begin(), as the encoder saw it; negative when the shaft went back."""
        return self._volume.nl

    def least(self):
        """Volume in nL that the shaft has surely displaced since begin().

        The lowest of the readings that the median weighs counts, less one for the angle's own rounding.
        """
        behind = min(self._newest, self._before, self._oldest) - self.off
        self._bound.take(self._volume)
        self._bound.add(max(behind // self._unit - 1, -_JUMP))
        return max(0, self._bound.nl)

    def most(self, unread):
        """Volume in nL that the shaft has displaced since begin() at most, if it made `unread` steps since the reading.

        The highest of the readings that the median weighs counts, one more for the angle's own rounding and one for
        that of the count, and a whole nL for that of the volume.
        """
        ahead = max(self._newest, self._before, self._oldest) - self.off + self._part + unread * self._step
        self._bound.take(self._volume)
        self._bound.add(min(ahead // self._unit + 2, _JUMP))
        return max(0, self._bound.nl + 1)
