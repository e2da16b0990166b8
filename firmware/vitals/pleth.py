"""The pulse wave as it is shown: infrared AC over DC, upright, in frames of ten samples that wait to be collected."""

from array import array

from micropython import const

from assuage_wire.schema import S30

FRAME = const(10)  # samples in one Pleth message
_SLOTS = const(6)  # one is being written, five may wait: a burst of 32 samples from a full FIFO fits
_RING = const(60)  # FRAME * _SLOTS
FRACTION = const(6)  # bits of fraction that filtering works with
_LARGEST = const(32767)  # of an item on the wire: 33 % of DC


class Pleth:
    """Turns infrared counts into frames in 1e-5 of DC. Counts fall when blood rises; the wave rises with the blood.

    The slow part of the light is handed over 25 times a second, which is cheaper than to filter it out of every sample,
    and made slower still: only below 0.12 Hz (-3 dB) is the wave cut, because the 0.5 Hz that are right for numbers
    would tilt a slow pulse and hide its notch. Above 7 Hz two one-pole halves smooth it. Gain: 1 within 10 % from 40
    to 220 /min.
    """

    def __init__(self):
        self._slow = 0  # of the slow parts that were handed over, their slow part
        self._base = 0  # moving evenly towards it
        self._step = 0
        self._first = self._second = 0  # of the smoothing, within the range of the input less base
        self._gain = 0
        self._limit = 0
        self._ring = array("h", [0] * _RING)
        self._numbers = array("I", [0] * _SLOTS)  # number of the first sample of each slot
        self._at = 0  # next place in the ring
        self._end = FRAME  # where the slot being written is full
        self._slot = 0  # the slot being written
        self._waiting = 0  # full slots before it
        self._index = 0  # number of the first sample of the slot being written

    def start(self, ir):
        """Begins anew at a level of `ir` counts, such as after the probe was put on."""
        self._slow = self._base = ir << FRACTION
        self._step = self._first = self._second = 0
        self.scale(ir)

    def scale(self, dc):
        """Sets the DC, 1024 to 262143 counts, that the wave is relative to."""
        # 1e5 * AC / DC as one multiplication: AC has 6 bits of fraction, the product 15 that are shifted out again
        self._gain = gain = 51_200_000 // dc
        self._limit = (_LARGEST << 15) // gain  # keeps AC * gain below 2**30

    def rest_on(self, base):
        """Hands over the slow part, in counts << FRACTION, once per block of four samples."""
        self._slow = slow = self._slow + ((base - self._slow + 16) >> 5)
        self._step = (slow - self._base) >> 2

    def sample(self, ir):
        """Takes one sample in counts."""
        self._base = base = self._base + self._step
        self._first = ac = (self._first + (ir << FRACTION) - base) >> 1
        self._second = ac = (self._second + ac) >> 1
        limit = self._limit
        if ac > limit:
            ac = limit
        elif ac < -limit:
            ac = -limit
        at = self._at
        self._ring[at] = -ac * self._gain >> 15
        self._at = at = at + 1
        if at == self._end:
            self._close()

    def nothing(self, ir):
        """Takes one sample that shows no pulse: 0 stands in its place."""
        at = self._at
        self._ring[at] = 0
        self._at = at = at + 1
        if at == self._end:
            self._close()

    def skip(self, n):
        """Leaves out `n` samples that were lost: the unfinished frame is dropped and the numbering jumps."""
        self._restart_frame(n + self._at - self._slot * FRAME)

    def _close(self):
        self._numbers[self._slot] = self._index
        self._slot = (self._slot + 1) % _SLOTS
        if self._waiting < _SLOTS - 1:  # else the oldest is overwritten, which the numbering shows
            self._waiting += 1
        self._restart_frame(FRAME)

    def _restart_frame(self, later):
        room = S30 - self._index  # the numbering wraps at 2**30 without ever exceeding a small integer
        self._index = self._index + later if later <= room else later - room - 1
        self._at = self._slot * FRAME
        self._end = self._at + FRAME

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
        at = slot * FRAME
        for i in range(FRAME):
            out[samples_at + i] = self._ring[at + i]
