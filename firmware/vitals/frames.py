"""A slow wave as it is shown: frames of ten samples that wait to be collected."""

from array import array

from micropython import const

from assuage_wire.schema import S30

FRAME = const(10)
_SLOTS = const(4)  # one is being written, three may wait
_RING = const(40)  # FRAME * _SLOTS
_LARGEST = const(32767)


class Frames:
    """put() takes one sample; take() hands over the oldest whole frame. Samples are numbered, so that a loss shows."""

    def __init__(self):
        self._ring = array("h", [0] * _RING)
        self._numbers = array("i", [0] * _SLOTS)  # number of the first sample of each slot
        self._slot = 0  # the slot being written
        self._at = 0  # samples in it
        self._waiting = 0
        self._index = 0  # number of its first sample

    def put(self, value):
        """Takes one sample, held within 16 bits."""
        at = self._at
        self._ring[self._slot * FRAME + at] = min(max(value, -_LARGEST), _LARGEST)
        self._at = at = at + 1
        if at == FRAME:
            self._numbers[self._slot] = self._index
            self._slot = (self._slot + 1) % _SLOTS
            if self._waiting < _SLOTS - 1:  # else the oldest is overwritten, which the numbering shows
                self._waiting += 1
            self.skip(0)

    def skip(self, n):
        """Leaves out `n` samples that were lost; the unfinished frame goes with them."""
        self._index = (self._index + self._at + n) & S30
        self._at = 0

    def ready(self):
        """Whether a whole frame waits."""
        return self._waiting > 0

    def take(self, out, index_at, samples_at):
        """Moves the oldest frame to the list: the number of its first sample, and ten samples from samples_at on.

        Without a waiting frame nothing is written.
        """
        if not self._waiting:
            return
        slot = (self._slot - self._waiting) % _SLOTS
        self._waiting -= 1
        out[index_at] = self._numbers[slot]
        for i in range(FRAME):
            out[samples_at + i] = self._ring[slot * FRAME + i]
