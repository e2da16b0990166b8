"""The conditions under which a drug may flow, as a table: a row for each pair of a parameter and a kind.

A row is (parameter, kind, threshold, persistence, hysteresis, max_age, missing): the index in schema.PARAMETERS, the
index in GUARDS, the limit and the hysteresis in the parameter's own unit on the wire, and three times in ms. `below` is
breached by a value under the threshold, `above` by one over it, `apnoea` by more ms without a breath than the
threshold. None is over before the value is on the good side of the threshold by the hysteresis. persistence: for so
long must a breach last. missing: for so long may there be no number that is good and not older than max_age; a
`missing` row asks for nothing but that.

The board's own rows always hold. A programme may add rows, or tighten those of the board, and a row that is looser in
anything is refused: what a human has confirmed is what is in force, or nothing is.
"""

from array import array

from assuage_wire.schema import GUARDS, NONE16, NONE32, PARAMETERS, QUALITIES
from vitals.readings import BREATHS

BELOW, ABOVE, MISSING, APNOEA = range(4)
FIELDS = ("parameter", "kind", "threshold", "persistence", "hysteresis", "max_age", "missing")

NORMAL, BAND, BREACH, DOUBT = range(4)  # what a reading is to a row; BAND: good enough unless there was a breach
TAKEN, BAD, LOOSER, FULL = range(4)  # what becomes of a row that is offered

ROOM = 16  # rows
MOST_MS = 600_000  # longest persistence; own figure: what takes longer is no interlock
OLDEST_MS = 3_600_000  # a pressure that is measured every hour

_GOOD = QUALITIES.index("good")
_MOST = (len(PARAMETERS) - 1, len(GUARDS) - 1, NONE16 - 1, MOST_MS, NONE16, OLDEST_MS, MOST_MS)


def field_that_is_wrong(row):
    """Number, from 1, of the first field of a row that cannot be; 0 for none."""
    for i in range(len(_MOST)):
        if not 0 <= row[i] <= _MOST[i]:
            return i + 1
    parameter, kind, threshold, persistence, hysteresis, _, _ = row
    if kind == MISSING:
        return 3 if threshold else 4 if persistence else 5 if hysteresis else 0
    if kind == BELOW:
        return 5 if threshold + hysteresis >= NONE16 else 0
    if kind == APNOEA and parameter not in BREATHS:
        return 2
    return 5 if hysteresis > threshold else 0


class Guards:
    """The rows in force. own: the board's; ValueError for one that cannot be. changes: rises when a row has changed."""

    def __init__(self, own=()):
        self.count = 0
        self.changes = 0
        self.parameter = bytearray(ROOM)
        self.kind = bytearray(ROOM)
        self.threshold = array("i", [0] * ROOM)
        self.persistence = array("i", [0] * ROOM)
        self.hysteresis = array("i", [0] * ROOM)
        self.max_age = array("i", [0] * ROOM)
        self.missing = array("i", [0] * ROOM)
        self._own = own
        for row in own:
            if self.add(row)[0] != TAKEN:
                raise ValueError("a guard of the board's own")

    def lift(self):
        """No programme: the board's own rows alone."""
        for i in range(len(self._own)):
            self._set(i, self._own[i])
        self.count = len(self._own)
        self.changes += 1

    def add(self, row):
        """A row of the programme: (TAKEN, 0), or why not and the number of its field, from 1. Allocates."""
        field = field_that_is_wrong(row)
        if field:
            return BAD, field
        i = self.find(row[0], row[1])
        if i == ROOM:
            return FULL, 0
        if i < self.count:
            field = self._looser(i, row)
            if field:
                return LOOSER, field
        else:
            self.count += 1
        self._set(i, row)
        self.changes += 1
        return TAKEN, 0

    def find(self, parameter, kind):
        """Number of the row of this pair; of the next free one, or ROOM, when there is none."""
        for i in range(self.count):
            if self.parameter[i] == parameter and self.kind[i] == kind:
                return i
        return self.count

    def read_back(self, i, out, at):
        """Fills out[at:] with the fields of row i as it is in force."""
        out[at] = self.parameter[i]
        out[at + 1] = self.kind[i]
        out[at + 2] = self.threshold[i]
        out[at + 3] = self.persistence[i]
        out[at + 4] = self.hysteresis[i]
        out[at + 5] = self.max_age[i]
        out[at + 6] = self.missing[i]

    def same(self, other):
        """Whether these are the rows of another table, in whatever order."""
        if self.count != other.count:
            return False
        for i in range(self.count):
            j = other.find(self.parameter[i], self.kind[i])
            if j == other.count or self.threshold[i] != other.threshold[j]:
                return False
            if self.persistence[i] != other.persistence[j] or self.hysteresis[i] != other.hysteresis[j]:
                return False
            if self.max_age[i] != other.max_age[j] or self.missing[i] != other.missing[j]:
                return False
        return True

    def judge(self, i, readings, now):
        """What the reading of its parameter is now to row i: NORMAL, BAND, BREACH or DOUBT."""
        p = self.parameter[i]
        kind = self.kind[i]
        value = readings.values[p]
        doubt = value >= NONE16 or readings.qualities[p] != _GOOD or readings.age(p, now) > self.max_age[i]
        if kind == APNOEA:  # a breath that has not come is no doubt, however old the last rate is
            value = readings.breathless(p, now)
            if value == NONE32:
                return DOUBT
            if value > self.threshold[i]:
                return BREACH
        if doubt:
            return DOUBT
        if kind == MISSING:
            return NORMAL
        over = self.threshold[i] - value if kind == BELOW else value - self.threshold[i]
        if over > 0:
            return BREACH
        return BAND if over + self.hysteresis[i] > 0 else NORMAL

    def _looser(self, i, row):
        """Number, from 1, of the first field of `row` that asks for less than row i does; 0 for none."""
        higher = row[2] - self.threshold[i]
        if (higher < 0) if row[1] == BELOW else (higher > 0):
            return 3
        if row[3] > self.persistence[i]:
            return 4
        if row[4] < self.hysteresis[i]:
            return 5
        if row[5] > self.max_age[i]:
            return 6
        return 7 if row[6] > self.missing[i] else 0

    def _set(self, i, row):
        self.parameter[i] = row[0]
        self.kind[i] = row[1]
        self.threshold[i] = row[2]
        self.persistence[i] = row[3]
        self.hysteresis[i] = row[4]
        self.max_age[i] = row[5]
        self.missing[i] = row[6]
