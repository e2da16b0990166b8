"""A programme as the board holds it: the host's fields, what follows from them, and the token of its read-back."""

from assuage_wire.codec import BY_NAME
from assuage_wire.schema import NO_LOOP, NONE32, S30
from pump.codes import END_KVO
from pump.course import leg_volume
from pump.syringe import nl_per_rev, seconds_for, steps_in

_LONG_S = 1_000_000  # a pause, over and over, where only doses are given

WIDTH = len(BY_NAME["Programme"].plan) - BY_NAME["Programme"].index("programme")


class Programme:
    """Fields of the wire's Programme, and nl_per_rev (nL), step_nl (nL, rounded up), steps, finish (s) and token.

    All 0 when there is none. legs: (begin nL/min, end nL/min, volume nL, seconds) as course.Course takes them, also
    where the wire sends none; around: its loop. count: legs that are to come. rows: of the interlock,
    as they came; guards: how many are to come. most: nL that it may deliver in all.
    """

    def __init__(self):
        self.values = [0] * WIDTH
        self.legs = []
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
        self.most = self.around = 0
        self.legs = []
        self.rows = []

    def load(self, values, at, steps_per_rev, lead_nm):
        """Takes the fields values[at:], which are in the table's ranges, and reckons what follows. No token yet.

        Where legs are to come, add() takes them.
        """
        for i in range(WIDTH):
            self.values[i] = values[at + i]
        self._unpack()
        self.nl_per_rev = nl_per_rev(self.bore, lead_nm)
        self.step_nl = self.nl_per_rev // steps_per_rev + 1
        self.steps = steps_in(self.vtbi, self.nl_per_rev, steps_per_rev)
        self.finish = min(seconds_for(self.vtbi, self.rate), S30) if self.rate else NONE32
        self.token = 0
        self.rows = []
        self.around = self.loop
        self.most = min(self.limit_volume, self.capacity, self.contents) if self.on_end == END_KVO else self.vtbi
        if self.count:
            self.legs = []
            self.finish = NONE32
        elif self.rate:
            self.legs = [(self.rate, self.rate, 0, 0)]
        else:
            self.legs = [(0, 0, 0, _LONG_S)]
            self.around = 0

    def add(self, leg):
        """Takes the next leg (begin, end, volume, seconds)."""
        self.legs.append(leg)
        if len(self.legs) == self.count and self.loop == NO_LOOP:
            total = volume = 0
            for begin, end, nl, seconds in self.legs:
                if begin == end != 0:
                    nl = nl or max(0, self.vtbi - volume)
                    seconds = seconds_for(nl, begin)
                total += seconds
                volume += leg_volume(begin, end, nl, seconds)
            self.finish = min(total, S30)

    def steps_below(self, nl, steps_per_rev):
        """Steps that displace at most nl, perhaps a few less than fit, 0 for a negative one; no long integers."""
        if nl <= 0:
            return 0
        return nl // self.nl_per_rev * steps_per_rev + nl % self.nl_per_rev // self.step_nl

    def missing(self):
        """How many legs are still to come."""
        return max(0, self.count - len(self.legs))

    def lacking(self):
        """How many rows of the interlock are still to come."""
        return self.guards - len(self.rows)

    def token_values(self):
        """All that the token stands for."""
        out = list(self.values)
        for part in self.legs + self.rows:
            out.extend(part)
        return out

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

    def read_leg_back(self, out, at, steps_per_rev):
        """Fills out[at:] with the fields of the wire's LegBack from `programme` on, for the newest leg."""
        begin, end, volume, seconds = self.legs[-1]
        out[at] = self.id
        out[at + 1] = len(self.legs) - 1
        out[at + 2] = begin
        out[at + 3] = end
        out[at + 4] = volume
        out[at + 5] = seconds
        out[at + 6] = steps_in(leg_volume(begin, end, volume, seconds), self.nl_per_rev, steps_per_rev)
        out[at + 7] = self.missing()
        out[at + 8] = self.finish
        out[at + 9] = self.token

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
            self.count,
            self.loop,
            self.dose,
            self.dose_rate,
            self.lockout,
            self.bolus,
            self.limit_hour,
            self.limit_4h,
            self.on_end,
            self.level,
            self.outer,
            self.alike,
            self.contents,
            self.near_empty,
            self.guards,
            self.watch,
            self.bound,
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
