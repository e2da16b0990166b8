"""The interlock of one board, put together: its rows, its latch, the pump that it holds back, and the other board's.

Rows are gathered aside while they come, one by one, and are in force all at once: those of a programme when the pump
takes it, those of a watching when the last has come. What is in force changes only while no drug flows by it. Where a
board's own pump and another's go by one table, each may come and go while the other runs, with the same rows.

A trip is noted in the journal, and stands again after a reset, whatever became of the programme; so is its release.
"""

from interlock.answering import Answering
from interlock.asked import DENIED, Asked
from interlock.gate import ELSEWHERE, LATCHED, NOT_TRIPPED, NOTHING, RELEASED, STALE, Gate, acts
from interlock.guards import LOOSER, MISSING, TAKEN, Guards
from interlock.interlock import Interlock
from interlock.trip import NOBODY, Trip
from journal.kinds import RELEASED as NOTE_RELEASED
from journal.kinds import TRIPPED as NOTE_TRIPPED
from journal.record import KIND, A, B, C, X, Y, Z
from journal.ring import LATCH
from pump.codes import (
    BAD_STATE,
    BAD_VALUE,
    GUARD,
    INTERLOCK,
    NO_PERMISSION,
    OK,
    STALE_CLEAR,
    TOO_LOOSE,
    WHY_GUARDIAN,
    WHY_INTERLOCK,
    WHY_MISSING,
    WHY_NONE,
    WRONG_PROGRAMME,
)

LOOK_MS = 125  # a patient who is watched
IDLE_MS = 1000  # nobody is: no rows, and no other board
_ROW = 4  # field of the wire's Guard with which a row begins
_OK = (OK, 0)


class Guarding:
    """own: rows of the board itself, as guards.Guards takes them. readings: a vitals.readings.Readings. journal: a
    logbook.Journal. boot: starts of the board.

    trip: its latch. guards: the rows in force. asked: what is asked of another board, and answering: what another one
    is answered. stirred: something has come that is to be looked at now.
    """

    def __init__(self, own, readings, journal, boot, now):
        self.trip = Trip()
        self.guards = Guards(own)
        self._spare = Guards(own)
        self.interlock = Interlock(self.guards, readings, self.trip, now)
        self.asked = Asked(self.trip, ((boot & 0x3FFF) * 40_503 & 0xFFFF) << 14)  # far from the starts before
        self.gate = Gate(self.trip, self.interlock, self.asked)
        self.answering = Answering(self.interlock, self.trip, boot)
        self.stirred = False
        self.back = [0] * 7  # the row that came last, as it will be in force
        self.lacking = 0  # rows that are still to come
        self._due = 0  # how many there will be
        self._for = 0  # the programme or Watch whose rows they are, 0 for none
        self._watching = False  # it is a Watch
        self._mark = 0
        self._readings = readings
        self._journal = journal
        self._now = now
        self._kept = [0] * 6
        self._told = [False, -1, DENIED, 0, 0, 0, 0, False]  # what Interlock said when _changed() was last asked
        self._recall()
        self._noted = self.trip.tripped

    # -- the pump ----------------------------------------------------------------------------------------------------

    def stage(self, programme, count, watch):
        """A programme is offered, with so many rows to come, and guarded by that watching of another board, 0 for none.
        (status, detail)."""
        if watch and watch == self.answering.watch:
            return NO_PERMISSION, 0  # a board cannot ask itself
        self._gather(programme, count, False)
        return _OK

    def offer(self, programme, number, row):
        """(status, detail) of the next row of what is offered; any refusal ends the offer. Of a row that cannot be, the
        detail is the number of its field in the wire's Guard; of one that is looser than the board's own, that of its
        field in the row, from 1. Allocates."""
        due = self._for
        self._for = 0
        if not due or programme != due:
            return WRONG_PROGRAMME, 0
        if number != self._due - self.lacking or not self.lacking:
            return BAD_VALUE, _ROW - 1
        taken, field = self._spare.add(row)
        if taken != TAKEN:
            return (TOO_LOOSE, field) if taken == LOOSER else (BAD_VALUE, field and field + _ROW - 1)
        self._for = due
        self.lacking -= 1
        self._spare.read_back(self._spare.find(row[0], row[1]), self.back, 0)
        return _OK

    def load(self, programme):
        """The pump has taken the programme whose rows have come: they are in force."""
        if not (self.answering.watch and self._spare.same(self.guards)):
            self._swap()
            self.answering.end()  # whoever pumped by other rows is told
        self.asked.begin(programme.watch, programme.bound, self._now)

    def drop(self):
        """The pump has no programme. Rows by which another board's pump goes stay in force."""
        if not self.answering.watch:
            self._spare.lift()
            self._swap()
        self.asked.begin(0, 0, self._now)

    def why(self):
        """The pump's reason for standing; WHY_NONE when it need not."""
        trip = self.trip
        if not trip.tripped:
            return WHY_NONE
        if trip.parameter == NOBODY:
            return WHY_GUARDIAN
        return WHY_MISSING if trip.kind == MISSING else WHY_INTERLOCK

    def normal(self, now):
        """Whether drug may begin to flow, for whoever need not say why not."""
        return self.gate.lacks(now) == NOTHING

    def lacks(self, now):
        """(status, detail): why no drug may begin to flow, or OK. detail: the trip, or the row in force, from 1."""
        lack = self.gate.lacks(now)
        if lack == NOTHING:
            return _OK
        if lack == LATCHED:
            return INTERLOCK, self.trip.number
        return (NO_PERMISSION, 0) if lack == ELSEWHERE else (GUARD, self.gate.detail())

    def release(self, number, now):
        """(status, detail) of a human's word that trip `number` has been read of."""
        released = self.gate.release(number, now)
        if released == RELEASED:
            return _OK
        if released == NOT_TRIPPED:
            return BAD_STATE, 0
        if released == STALE:
            return STALE_CLEAR, self.trip.number
        return (GUARD, self.gate.detail()) if not self.interlock.normal() else (NO_PERMISSION, 0)

    # -- another board's pump ------------------------------------------------------------------------------------------

    def begin_watch(self, programme, pump, count):
        """(status, detail) of a Watch."""
        if self.answering.acting:
            return BAD_STATE, 0
        self._mark = programme ^ pump
        if count:
            self._gather(programme, count, True)
        else:
            self._watch()
        return _OK

    def watches(self, programme):
        """Whether the next Guard of this programme is a row of a watching."""
        return self._watching and self._for == programme

    def row(self, programme, number, row, busy):
        """(status, detail) of the next row of a watching; with the last one it begins. busy: the pump here has a
        programme; then by its rows, or not at all."""
        if self.answering.acting:
            self._for = 0
            return BAD_STATE, 0
        status, detail = self.offer(programme, number, row)
        if status == OK and not self.lacking:
            self._for = 0
            if not busy:
                self._swap()
            elif not self._spare.same(self.guards):
                return BAD_STATE, 0
            self._watch()
        return status, detail

    def number(self):
        """Of the watching, for WatchBack and GuardBack; 0 while rows are to come."""
        return 0 if self._watching and self._for else self.answering.watch

    def end_watch(self, watch):
        """(status, detail) of an Unwatch."""
        if not watch or watch != self.answering.watch:
            return BAD_STATE, 0
        self.answering.end()
        return _OK

    def ask(self, values, at, now):
        """values[at:] are the fields of another board's Ask."""
        self.answering.ask(values[at], values[at + 1], values[at + 2], now)
        self.stirred = True

    def answer(self, values, at, now):
        """values[at:] are the fields of a Permit."""
        if self.asked.answer(values, at, now):
            self.stirred = True

    # -- the loop ------------------------------------------------------------------------------------------------------

    def period(self):
        """Milliseconds until the next turn."""
        watched = self.guards.count or self.asked.watch or self.answering.watch
        return LOOK_MS if watched else IDLE_MS

    def turn(self, now, state):
        """Looks at the patient; state: of the pump here. True when Interlock is to be told at once."""
        self._now = now
        self.stirred = False
        self.gate.turn(now, acts(state) or self.answering.acting)
        self.answering.looked(now)
        if self.trip.tripped != self._noted and self._note():
            self._noted = self.trip.tripped
        return self._changed()

    def fill(self, out, now):
        """Fills out[2:] with the values of the wire's Interlock after its time."""
        trip, guards, readings = self.trip, self.guards, self._readings
        row = self.interlock.row
        out[2] = 1 if trip.tripped else 0
        out[3] = trip.number
        if trip.tripped or row < 0:
            trip.snapshot(self._kept, 0)
            out[4] = self._kept[0]
            out[5] = self._kept[1]
            out[6] = self._kept[2]
            out[7] = self._kept[4]
            out[8] = self._kept[5]
        else:
            p = guards.parameter[row]
            out[4] = p
            out[5] = guards.kind[row]
            out[6] = readings.qualities[p]
            out[7] = readings.values[p]
            out[8] = readings.age(p, now)
        asked = self.asked
        out[9] = guards.count
        out[10] = row if row >= 0 else 255
        out[11] = 1 if self.interlock.normal() and asked.normal(now) else 0
        out[12] = asked.watch
        out[13] = asked.verdict
        out[14] = asked.left(now)
        out[15] = self.answering.watch
        out[16] = 1 if self.answering.acting else 0

    # -- inside --------------------------------------------------------------------------------------------------------

    def _gather(self, programme, count, watching):
        self._for = programme
        self._watching = watching
        self._due = self.lacking = count
        self._spare.lift()

    def _swap(self):
        self.guards, self._spare = self._spare, self.guards
        self.interlock.use(self.guards)
        self.interlock.look(self._now, False)

    def _watch(self):
        mark = self._mark
        self.answering.begin(mark ^ mark >> 14 ^ mark >> 28)  # each of its 30 bits counts

    def _changed(self):
        """Whether Interlock would say something else than when this was last asked, but for times and values."""
        told = self._told
        trip, asked, answering = self.trip, self.asked, self.answering
        row, rows = self.interlock.row, self.guards.count
        same = told[0] == trip.tripped and told[1] == row and told[2] == asked.verdict and told[3] == rows
        same = same and told[4] == trip.number and told[5] == asked.watch
        if same and told[6] == answering.watch and told[7] == answering.acting:
            return False
        told[0] = trip.tripped
        told[1] = row
        told[2] = asked.verdict
        told[3] = rows
        told[4] = trip.number
        told[5] = asked.watch
        told[6] = answering.watch
        told[7] = answering.acting
        return True

    def _note(self):
        kept = self._kept
        self.trip.snapshot(kept, 0)
        kind = NOTE_TRIPPED if self.trip.tripped else NOTE_RELEASED
        journal = self._journal
        return journal.takes() and journal.note(kind, kept[0], kept[1], kept[2], kept[3], kept[4], kept[5])

    def _recall(self):
        ring = self._journal.ring
        record = ring.back
        if ring.read(ring.told[LATCH], record):  # of none, the number is -1, and no record has that
            kept = self._kept
            kept[0] = record.buf[A]
            kept[1] = record.buf[B]
            kept[2] = record.buf[C]
            kept[3] = record.word(X)
            kept[4] = record.word(Y)
            kept[5] = record.word(Z)
            self.trip.recall(record.buf[KIND] == NOTE_TRIPPED, kept, 0)
