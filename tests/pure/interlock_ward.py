"""A patient as the interlock knows one, and rows to go by."""

from assuage_wire.schema import PARAMETERS, QUALITIES, S30
from interlock.asked import Asked
from interlock.gate import Gate
from interlock.guards import ABOVE, APNOEA, BELOW, MISSING, Guards
from interlock.interlock import Interlock
from interlock.trip import Trip
from vitals.readings import Readings

SPO2 = PARAMETERS.index("spo2")
PULSE = PARAMETERS.index("pulse")
RESP = PARAMETERS.index("resp")
ETCO2 = PARAMETERS.index("etco2")
MAP = PARAMETERS.index("map")
NONE, DOUBTFUL, GOOD = range(len(QUALITIES))

LOW_SPO2 = (SPO2, BELOW, 900, 10_000, 10, 5_000, 15_000)
HIGH_ETCO2 = (ETCO2, ABOVE, 500, 15_000, 20, 8_000, 20_000)
NO_BREATH = (RESP, APNOEA, 15_000, 500, 3_000, 12_000, 20_000)
NO_PULSE = (PULSE, MISSING, 0, 0, 0, 5_000, 12_000)
ROWS = (LOW_SPO2, HIGH_ETCO2, NO_BREATH, NO_PULSE)


class Ward:
    """All parts on one board. now: ticks."""

    def __init__(self, rows=ROWS, now=0):
        self.now = now
        self.trip = Trip()
        self.guards = Guards(rows)
        self.readings = Readings(now)
        self.interlock = Interlock(self.guards, self.readings, self.trip, now)
        self.asked = Asked(self.trip, 5)
        self.gate = Gate(self.trip, self.interlock, self.asked)

    def show(self, p, value, quality=GOOD):
        """A number that was determined just now."""
        self.tell(p, value, quality)
        self.readings.seen(p, self.now)

    def tell(self, p, value, quality):
        """A number that was not determined anew. Any value with any quality, which put() would not let pass."""
        self.readings.values[p] = value
        self.readings.qualities[p] = quality

    def breath(self, ms):
        """The last one was so long ago."""
        self.readings.breath(RESP, ms, self.now)

    def well(self):
        """Every reading of ROWS is as one wishes, and new."""
        self.show(SPO2, 970)
        self.show(ETCO2, 380)
        self.show(RESP, 140)
        self.show(PULSE, 720)
        self.breath(1_000)

    def later(self, ms):
        """`ms` later."""
        self.now = (self.now + ms) & S30

    def turn(self, ms=0, acting=True):
        """`ms` later, a look; whether the drug may flow."""
        self.later(ms)
        return self.gate.turn(self.now, acting)
