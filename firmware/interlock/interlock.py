"""Looks at the patient's readings by the rows of a table: whether drug may begin to flow, and whether it must stand.

A row is normal, or it has been breached or in doubt for some time. Only a good reading that keeps the hysteresis ends a
breach: doubt does not, for what is missing, old or doubtful is not normal. Any good reading ends a doubt. So without a
normal reading a row runs out within its persistence and its `missing` together, whatever comes in between.
"""

from array import array

from assuage_wire.schema import NONE16, S30
from interlock.guards import APNOEA, BREACH, DOUBT, MISSING, NORMAL, ROOM
from vitals.readings import OLD_MS


class Interlock:
    """guards: guards.Guards. readings: a vitals.readings.Readings. trip: trip.Trip.

    row: the first that is not normal, -1 for none. due: the first that has run out, -1 for none; parameter, kind,
    value, quality and age say of it what trip.Trip says. Both as of the last look(). looks: how many there were.
    """

    def __init__(self, guards, readings, trip, now):
        self.guards = guards
        self.readings = readings
        self.trip = trip
        self.looks = 0
        self.row = self.due = 0
        self.parameter = self.kind = self.quality = self.value = self.age = 0
        self._breach = array("i", [0] * ROOM)  # of each row: 1 + ms since it was breached, 0 when it is not
        self._doubt = array("i", [0] * ROOM)  # the same since it had its last good reading
        self._changes = None  # of the guards, at the last look; none as no table has it
        self._now = now

    def look(self, now, acting):
        """Judges every row, so often that the shaft stands in time. acting: drug flows; a row that runs out trips."""
        ms = min((now - self._now) & S30, OLD_MS)
        self._now = now
        self.looks = self.looks % S30 + 1
        guards = self.guards
        if guards.changes != self._changes:
            self._changes = guards.changes
            self._renew()
        self.row = self.due = -1
        readings = self.readings
        breach = self._breach
        doubt = self._doubt
        for i in range(guards.count - 1, -1, -1):
            self._time(i, guards.judge(i, readings, now), ms)
            if breach[i] or doubt[i]:
                self.row = i
                if breach[i] > guards.persistence[i]:
                    self._ran_out(i, guards.kind[i], now)
                elif doubt[i] > guards.missing[i]:
                    self._ran_out(i, MISSING, now)
        if acting and self.due >= 0:
            self.trip.trip(self.parameter, self.kind, self.quality, self.value, self.age)

    def use(self, guards):
        """Other rows from the next look on, which counts every time anew."""
        self.guards = guards
        self._changes = None  # as no table of rows has it

    def normal(self):
        """Whether every row is: the drug may begin to flow. False before the rows of now have been looked at."""
        return self.row < 0 and self._changes == self.guards.changes

    def _renew(self):
        for i in range(ROOM):
            self._breach[i] = self._doubt[i] = 0

    def _time(self, i, judged, ms):
        if judged == NORMAL:
            self._breach[i] = self._doubt[i] = 0
            return
        breach = self._breach[i]
        if breach:
            self._breach[i] = min(breach + ms, OLD_MS)
        elif judged == BREACH:
            self._breach[i] = 1
        doubt = self._doubt[i]
        if judged != DOUBT:
            self._doubt[i] = 0
        elif doubt:
            self._doubt[i] = min(doubt + ms, OLD_MS)
        else:
            self._doubt[i] = 1

    def _ran_out(self, i, kind, now):
        p = self.guards.parameter[i]
        readings = self.readings
        self.due = i
        self.parameter = p
        self.kind = kind
        self.value = min(readings.breathless(p, now), NONE16 - 1) if kind == APNOEA else readings.values[p]
        self.quality = readings.qualities[p]
        self.age = readings.age(p, now)
