"""On the board that watches the patient: answers what the pump's board asks, see asked.py.

An ask is answered by the next look at the rows that begins after the ask has come, once. When a row runs out, or the
watching ends, the newest ask is answered once more, with a refusal, so that the pump stands as soon as the link
carries it. Who asks for a watching that is not this one is refused: a board that has been reset watches nothing.
"""

from assuage_wire.schema import S30
from interlock.asked import BEGINS, DENIED, RUNS

QUIET_MS = 10_000  # without an ask for so long, no pump can still be running by this watching


class Answering:
    """interlock: interlock.Interlock, whose rows are what is watched. trip: its latch. boot: starts of the board.

    watch: the number of this watching, 0 for none. acting: by the newest ask, drug flows. wants: an answer waits to be
    sent.
    """

    def __init__(self, interlock, trip, boot):
        self.watch = 0
        self.acting = False
        self.wants = False
        self.verdict = DENIED
        self._interlock = interlock
        self._trip = trip
        self._count = (boot & 0x3FF) << 6
        self._to = self._to_nonce = 0  # whose ask, and which, is answered
        self._nonce = 0  # the newest ask of this watching
        self._heard = False  # there is one
        self._granted = False  # it has been answered by a permission
        self._pending = False
        self._looks = 0  # of the interlock, when the newest ask came
        self._at = 0

    def begin(self, mark):
        """Watches for another board's programme from now on; its number, or 0 while drug flows by the present one.

        mark: 14 bits of who watches for whom, pump.programme.Tokens' say; the rest of the number counts, so that no
        two watchings of a board have the same.
        """
        if self.acting:
            return 0
        self._count = self._count % 0xFFFF + 1
        self.watch = (mark & 0x3FFF) << 16 | self._count
        self._heard = self._pending = self._granted = self.wants = False
        return self.watch

    def end(self):
        """Watches for nobody; a pump that still runs by it is told."""
        if self._granted:
            self._answer(self.watch, self._nonce, DENIED)
        self.watch = 0
        self.acting = self._heard = self._pending = self._granted = False

    def ask(self, watch, nonce, moving, now):
        """An ask has come. One that is older than another that has come is nothing."""
        if not self.watch or watch != self.watch:
            self._answer(watch, nonce, DENIED)
            return
        if self._heard and not 0 < (nonce - self._nonce) & S30 <= S30 >> 1:
            return
        self._nonce = nonce
        self._heard = self._pending = True
        self.acting = moving != 0
        self._looks = self._interlock.looks
        self._at = now

    def looked(self, now):
        """Each turn: answers the newest ask if the interlock has looked since that has come."""
        if self.acting and (now - self._at) & S30 >= QUIET_MS:
            self.acting = False
        if self._pending and self._interlock.looks == self._looks:
            return
        if self._trip.tripped or self._interlock.due >= 0:
            if self._pending or self._granted:
                self._answer(self.watch, self._nonce, DENIED)
            self._granted = False
        elif self._pending:
            self._answer(self.watch, self._nonce, BEGINS if self._interlock.normal() else RUNS)
            self._granted = True
        self._pending = False

    def fill(self, out, at):
        """Fills out[at:] with the newest answer, to be sent once: watch, nonce, verdict, and of what is refused
        parameter, kind, quality, value, age as trip.Trip has them."""
        told = self._trip if self._trip.tripped else self._interlock
        out[at] = self._to
        out[at + 1] = self._to_nonce
        out[at + 2] = self.verdict
        out[at + 3] = told.parameter
        out[at + 4] = told.kind
        out[at + 5] = told.quality
        out[at + 6] = told.value
        out[at + 7] = told.age
        self.wants = False

    def _answer(self, watch, nonce, verdict):
        self._to = watch
        self._to_nonce = nonce
        self.verdict = verdict
        self.wants = True
