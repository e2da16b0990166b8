"""A programme as the board holds it: the host's fields, what follows from them, and the token of its read-back."""

from assuage_wire.codec import BY_NAME
from assuage_wire.schema import S30
from pump.syringe import nl_per_rev, seconds_for, steps_in

WIDTH = len(BY_NAME["Programme"].fields) - BY_NAME["Programme"].index("programme")


class Programme:
    """Fields of the wire's Programme, and nl_per_rev (nL), step_nl (nL, rounded up), steps, finish (s) and token.

    All 0 when there is none.
    """

    def __init__(self):
        self.values = [0] * WIDTH
        self.forget()

    def forget(self):
        """Becomes the empty programme; no token is valid."""
        for i in range(WIDTH):
            self.values[i] = 0
        self._unpack()
        self.nl_per_rev = 0
        self.step_nl = 0
        self.steps = 0
        self.finish = 0
        self.token = 0

    def load(self, values, at, steps_per_rev, lead_nm):
        """Takes the fields values[at:], which are in the table's ranges, and reckons what follows. No token yet."""
        for i in range(WIDTH):
            self.values[i] = values[at + i]
        self._unpack()
        self.nl_per_rev = nl_per_rev(self.bore, lead_nm)
        self.step_nl = self.nl_per_rev // steps_per_rev + 1
        self.steps = steps_in(self.vtbi, self.nl_per_rev, steps_per_rev)
        self.finish = min(seconds_for(self.vtbi, self.rate), S30)
        self.token = 0

    def read_back(self, out, at):
        """Fills out[at:] with the fields of the wire's Readback from `programme` on; returns the place after them."""
        for i in range(WIDTH):
            out[at + i] = self.values[i]
        at += WIDTH
        out[at] = self.nl_per_rev
        out[at + 1] = self.steps
        out[at + 2] = self.finish
        out[at + 3] = self.token
        return at + 4

    def _unpack(self):
        (
            self.id,
            self.mode,
            self.rate,
            self.vtbi,
            self.duration,
            self.bore,
            self.capacity,
            self.limit_rate,
            self.limit_volume,
            self.on_loss,
            self.kvo,
            self.lease,
        ) = self.values


class Tokens:
    """Gives each offer a token unlike the last: a CRC over the fields that starts from a counter, and never 0.

    boot: how often the board has started; the tokens of its last 255 starts (256 offers each) are not given again to
    the same offer.
    """

    def __init__(self, boot=0):
        self._count = (boot & 0xFF) << 8
        self._last = 0

    def next(self, values):
        """The token of a programme with these field values."""
        token = 0
        while token == 0 or token == self._last:
            self._count = (self._count + 1) & 0xFFFF
            token = _crc16(values, self._count)
        self._last = token
        return token


def _crc16(values, crc):
    """CRC-16/CCITT over the values as 32-bit numbers; for the same values, different starts give different results."""
    for value in values:
        for shift in (24, 16, 8, 0):
            crc ^= (value >> shift & 0xFF) << 8
            for _ in range(8):
                crc = (crc << 1 ^ 0x1021 if crc & 0x8000 else crc << 1) & 0xFFFF
    return crc
