"""The parts that poll the patient's sensors: what they put into the readings, and when they call it fresh."""

from assuage_wire.schema import NONE16, PARAMETERS, SIGNALS
from sources import Ecg, Pressure
from vitals.readings import Readings

MAP = PARAMETERS.index("map")
HEART = PARAMETERS.index("heart")


class Pin:
    def __init__(self):
        self.level = 0

    def value(self, level=None):
        if level is not None:
            self.level = level
        return self.level


class Task:
    period = 0


class Clock:
    ticks = wraps = 0


class Silent:
    """Tells nobody."""

    def cuff(self, _cuff, _ticks, _wraps):
        pass


class Board:
    """As far as the parts know one. block: what the converter brings at each look, all the same codes."""

    def __init__(self):
        self.i2c1 = None
        names = ["cuff_pump", "cuff_bleed", "cuff_closed", "cuff_feed"]
        names += ["lod_plus", "lod_minus", "ecg_shutdown", "ecg_restore"]
        self.pins = {name: Pin() for name in names}
        self.data = {"cuff": {"kind": 0, "every": 0}}
        self.ecg = self
        self.samples = 25

    def read(self, into):
        for i in range(self.samples):
            into[i] = 2048 + (i & 1)
        return self.samples


class Still:
    """A pressure sensor with nothing new."""

    errors = 0

    def poll(self, ticks):
        return False


def test_a_blood_pressure_grows_old_however_often_it_is_told():
    readings = Readings(0)
    part = Pressure(Board(), Clock(), Silent(), readings)
    part.chip = Still()
    part.task = Task()
    cuff = part.cuff
    cuff.systolic, cuff.map, cuff.diastolic, cuff.pulse, cuff.signal = 1200, 930, 800, 720, 0
    cuff.count, cuff.at = 1, 5_000
    for now in range(8_000, 70_000, 1_000):
        part.run(now)
        assert readings.age(MAP, now) == now - 5_000, "of the pulses that it was made of, not of the telling"
    assert readings.values[MAP] == 930
    cuff.count, cuff.at = 2, 69_000
    part.run(70_000)
    assert readings.age(MAP, 70_000) == 1_000


def test_an_electrode_that_is_off_withholds_the_heart_rate_whatever_the_converter_brings():
    readings = Readings(0)
    board = Board()
    part = Ecg(board, readings)
    for now in range(0, 4_000, 100):
        part.run(now)
    assert SIGNALS[readings.signals[HEART]] != "lead-off"
    board.pins["lod_plus"].level = 1
    part.run(4_000)
    assert (readings.values[HEART], SIGNALS[readings.signals[HEART]]) == (NONE16, "lead-off")
