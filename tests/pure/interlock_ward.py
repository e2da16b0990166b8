"""A patient as the interlock knows one, and rows to go by."""

from array import array

from assuage_wire.schema import NONE16, NONE32, PARAMETERS, QUALITIES, S30
from interlock.asked import Asked
from interlock.gate import Gate
from interlock.guards import ABOVE, APNOEA, BELOW, MISSING, Guards
from interlock.interlock import Interlock
from interlock.readings import Readings
from interlock.trip import Trip

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
        self._count = 0

    def show(self, p, value, quality=GOOD):
        """A number that was determined just now."""
        self._count += 1
        self.readings.saw(p, value, quality, self._count)

    def well(self):
        """Every reading of ROWS is as one wishes, and new."""
        self.show(SPO2, 970)
        self.show(ETCO2, 380)
        self.show(RESP, 140)
        self.show(PULSE, 720)
        self.readings.breath(RESP, 1_000)

    def later(self, ms):
        """`ms` later."""
        self.now = (self.now + ms) & S30
        self.readings.pass_time(self.now)

    def turn(self, ms=0, acting=True):
        """`ms` later, a look; whether the drug may flow."""
        self.later(ms)
        return self.gate.turn(self.now, acting)


class Told:
    """Readings that are what one writes into them."""

    def __init__(self):
        n = len(PARAMETERS)
        self.value = array("i", [NONE16] * n)
        self.quality = bytearray(n)
        self.age = array("i", [0] * n)
        self.breathless = array("i", [NONE32] * n)
