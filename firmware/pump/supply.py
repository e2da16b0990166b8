"""What feeds the pump and turns its motor: supply, battery and the motor's driver, and whether they can be relied upon.

    supply = Supply(board.data)
    supply.read(ms, value)                       # each reading of the supply
    supply.take(charge, rate, mv, flow, running) # each fresh reading of the gauge; pass_time(ms) with or without one
    supply.driver, supply.faults = ...           # each poll of the motor's driver
    why = supply.look(); status, detail = supply.lacks()

Two ways lead to a low supply: its own voltage, at once, which a failing regulator or cable shows; and the cell's, see
gauge.py. Both stop cleanly, while there is enough left to write the record.
"""

from micropython import const

from assuage_wire.schema import NONE16, TESTS
from pump.codes import DRIVER, OK, SELF_TEST, SUPPLY_LOW, WHY_DRIVER, WHY_NONE, WHY_SUPPLY
from pump.gauge import EMPTY, FAST, IDLE, INFUSING, UNKNOWN, Gauge

WORKS, SETTING_UP, SILENT, FAULTY, LOST, NO_DRIVER = range(6)  # of the driver
NO_GAUGE = const(5)  # of the battery; the others are gauge.FINE ..

_FAST = const(1_666_667)  # nL/min: 100 mL/h
_MAINS_MV = const(4_500)  # no cell has so much
_LOW_MS = const(75)


TEST_ENCODER = TESTS.index("encoder")
TEST_BRIDGE = TESTS.index("bridge")
TEST_DRIVER = TESTS.index("driver")
TEST_SOUNDER = TESTS.index("sounder")
TEST_KEYS = TESTS.index("keys")
TEST_SUPPLY = TESTS.index("supply")
TEST_GAUGE = TESTS.index("gauge")

LIMIT_MS = const(4_000)  # of the self-test


class Supply:
    """data: the board's own table; of it supply (mV at a reading of 65536, and the least that will do), gauge, driver.

    mv: 0 when nobody measures it. battery: gauge.FINE ..; charge: 0.1 %. driver: one of the above; faults: its bits.
    cleared: what the driver lost or latched is of no matter any more: whoever has the chip renews it, and clears this.
    """

    def __init__(self, data):
        self._has_mv = bool(data.get("supply"))
        self._full, self._least = data.get("supply") or (0, 0)
        self.mv = 0
        self.gauge = Gauge()
        self.battery = UNKNOWN if data.get("gauge") else NO_GAUGE
        self.charge = NONE16
        self.driver = SETTING_UP if data.get("driver") else NO_DRIVER
        self.faults = 0
        self.cleared = False
        self._low_ms = 0

    def read(self, ms, value):
        """`ms` later the supply reads so much, 16 bits."""
        self.mv = value * self._full >> 16
        self._low_ms = min(self._low_ms + ms, _LOW_MS) if self.mv < self._least else 0

    def take(self, charge, rate, mv, flow, running):
        """A fresh reading: charge and its change an hour in 0.1 %, voltage; the flow that is asked of it."""
        load = IDLE if not running else FAST if flow > _FAST else INFUSING
        self.charge = charge
        self.gauge.read(charge, rate, mv, load, self.mv > _MAINS_MV if self._has_mv else rate > 0)

    def pass_time(self, ms):
        """`ms` later, with or without a reading of the cell."""
        self.battery = self.gauge.look(ms)
        if self.battery == UNKNOWN:
            self.charge = NONE16

    def low(self):
        """Whether it is too low to go on."""
        return self._low_ms == _LOW_MS or self.battery == EMPTY

    def well(self):
        """Whether the driver does what it is asked, as far as anybody knows."""
        return self.driver == WORKS or self.driver == NO_DRIVER

    def look(self):
        """WHY_NONE, or why a running delivery must end."""
        if not self.well():
            return WHY_DRIVER
        return WHY_SUPPLY if self.low() else WHY_NONE

    def lacks(self):
        """(status, detail): why nothing can be begun with now, or OK. What was lost while it stood did no harm."""
        if self.low():
            return SUPPLY_LOW, self.mv
        if not self.well():
            return DRIVER, self.faults
        return OK, 0


class SelfTest:
    """The self-test at power-on: until every part that there is has shown that it works, nothing is armed.

    passed, and faults, what has not in time: bits by part. One that has failed may still pass, as when a key is let go;
    whoever sees that one has failed since takes its bit from `passed`.
    """

    def __init__(self):
        self.passed = 0
        self.faults = 0
        self._expected = 0
        self._ms = 0

    def add(self, i):
        """This part exists, and has to pass."""
        self._expected |= 1 << i

    def set(self, i, ok):
        """Whether a part works, as of now."""
        if ok:
            self.passed |= 1 << i & self._expected

    def pass_time(self, ms):
        """`ms` later."""
        self._ms = min(self._ms + ms, LIMIT_MS)
        self.faults = self.missing() if self._ms == LIMIT_MS else 0

    def missing(self):
        """Parts that have not passed yet."""
        return self._expected & ~self.passed

    def lacks(self):
        """(status, detail): SELF_TEST and the parts that have not passed, or OK."""
        missing = self.missing()
        return (SELF_TEST, missing) if missing else (OK, 0)
