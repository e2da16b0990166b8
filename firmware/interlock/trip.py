"""The interlock's latch: why the drug stands, what was seen then, and that a human has to release it.

The first cause stays until it is released: `number` counts the trips, and a release names the one that a human has
read of. It outlives a reset: snapshot() goes into the journal at each change, recall() takes it from there.
"""

from assuage_wire.schema import NONE16, S30

NOBODY = 255  # the parameter of a trip that no row has caused: nothing was heard from the board that watches


class Trip:
    """parameter, kind: of the row that ran out; the kind is `missing` when it did so for want of a good number. value,
    quality, age (ms): as they were in that moment; of an apnoea, value is the ms without a breath."""

    def __init__(self):
        self.tripped = False
        self.number = 0
        self.parameter = NOBODY
        self.kind = 0
        self.value = NONE16
        self.quality = 0
        self.age = 0

    def trip(self, parameter, kind, quality, value, age):
        """Latches; nothing is changed where it has already."""
        if self.tripped:
            return
        self.tripped = True
        self.number = self.number % S30 + 1
        self.parameter = parameter
        self.kind = kind
        self.quality = quality
        self.value = value
        self.age = age

    def release(self):
        """A human has read of it; see gate.Gate, which asks whether all is normal again."""
        self.tripped = False

    def snapshot(self, out, at):
        """Fills out[at:] with parameter, kind, quality, number, value, age: a b c x y z of a journal's record."""
        out[at] = self.parameter
        out[at + 1] = self.kind
        out[at + 2] = self.quality
        out[at + 3] = self.number
        out[at + 4] = self.value
        out[at + 5] = self.age

    def recall(self, tripped, kept, at):
        """What kept[at:] says, as snapshot() filled it, stood when the board was last reset. tripped: unreleased."""
        self.tripped = tripped
        self.parameter = kept[at]
        self.kind = kept[at + 1]
        self.quality = kept[at + 2]
        self.number = kept[at + 3]
        self.value = kept[at + 4]
        self.age = kept[at + 5]
