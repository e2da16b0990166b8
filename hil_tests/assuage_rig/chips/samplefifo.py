"""The MAX30102's FIFO: 32 samples, 5-bit pointers, and what they do when it is full.

The pointers alone cannot tell empty from full, here as on the chip; the number of unread samples is kept apart.
"""

from collections.abc import Callable

DEPTH = 32
_MASK = DEPTH - 1


class SampleFifo:
    """A sample is its bytes, three for each active LED. `rollover`: a full FIFO overwrites the oldest sample.

    Not told by the datasheet and therefore attributes: `pushes_rd`, whether overwriting moves the read pointer along.
    """

    def __init__(self) -> None:
        self.rollover = False
        self.pushes_rd = True
        self.clear()

    def clear(self) -> None:
        """As after power-on or reset."""
        self._memory = [bytes(6)] * DEPTH
        self._wr = 0
        self._rd = 0
        self.unread = 0
        self.lost = 0
        self._sample = bytes(6)
        self._phase = 0

    @property
    def wr(self) -> int:
        """Write pointer."""
        return self._wr

    @wr.setter
    def wr(self, value: int) -> None:
        self._wr = value & _MASK
        self.unread = (self._wr - self._rd) & _MASK

    @property
    def rd(self) -> int:
        """Read pointer."""
        return self._rd

    @rd.setter
    def rd(self, value: int) -> None:
        self._rd = value & _MASK
        self.unread = (self._wr - self._rd) & _MASK

    def push(self, sample: bytes) -> None:
        """A new sample: kept, or counted as lost when there is no room and no rollover."""
        if self.unread == DEPTH:
            self.lost = min(self.lost + 1, 0x1F)
            if not self.rollover:
                return
            if self.pushes_rd:
                self._rd = (self._rd + 1) & _MASK
            self.unread -= 1
        self._memory[self._wr] = sample
        self._wr = (self._wr + 1) & _MASK
        self.unread += 1

    def skip(self, samples: int) -> None:
        """That many pushes of samples that nobody will ever read: lost at once, or overwritten by the next 32."""
        beyond = samples - (DEPTH - self.unread)
        if beyond > 0:
            self.lost = min(self.lost + beyond, 0x1F)
        if self.rollover:
            self._wr = (self._wr + samples) & _MASK
            if beyond > 0 and self.pushes_rd:
                self._rd = (self._rd + beyond) & _MASK
            self.unread = min(self.unread + samples, DEPTH)

    def start(self) -> None:
        """A new bus transaction: what was left of a half-read sample is lost."""
        self._phase = 0

    def keep(self) -> Callable[[], None]:
        """What undoes all reads from here on, before the next push."""
        was = self._rd, self.unread, self.lost, self._sample, self._phase

        def back() -> None:
            self._rd, self.unread, self.lost, self._sample, self._phase = was

        return back

    def read(self, n: int) -> bytes:
        """n bytes of the window. The read pointer advances with a sample's first byte; when empty, old memory shows."""
        out = b""
        while len(out) < n:
            if self._phase == 0:
                self._sample = self._memory[self._rd]
                if self.unread:
                    self._rd = (self._rd + 1) & _MASK
                    self.unread -= 1
                    self.lost = 0
            piece = self._sample[self._phase : self._phase + n - len(out)]
            self._phase = (self._phase + len(piece)) % len(self._sample)
            out += piece
        return out
