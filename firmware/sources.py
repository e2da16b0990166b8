"""The patient's sensors beside the oximeter: each a part of signs.Signs that polls its chip and puts what it finds."""

from array import array

from micropython import const

from assuage_wire.schema import NONE16, NONE32, PARAMETERS
from drivers.ad8232 import AD8232
from drivers.mprls import MPRLS
from drivers.sprintir import SprintIR
from drivers.tmp117 import TMP117
from vitals.capnogram import SETTLING, Capnogram
from vitals.cuff import Cuff
from vitals.heart import Heart
from vitals.readings import GOOD
from vitals.temperature import Temperature

_RESP = PARAMETERS.index("resp")
_ETCO2 = PARAMETERS.index("etco2")
_FICO2 = PARAMETERS.index("fico2")
_SYSTOLIC = PARAMETERS.index("systolic")
_DIASTOLIC = PARAMETERS.index("diastolic")
_MAP = PARAMETERS.index("map")
_PULSE_CUFF = PARAMETERS.index("pulse-cuff")
_TEMPERATURE = PARAMETERS.index("temperature")
_HEART = PARAMETERS.index("heart")

GAS_MS = const(100)
PROBE_MS = const(500)
CUFF_MS, _CUFF_BUSY_MS = const(100), const(20)
ECG_MS = const(100)
_GONE_MS = const(2000)  # without a sample, whatever the driver says
_BLOCK = const(96)


class Gas:
    """The capnograph."""

    def __init__(self, board, readings):
        row = board.data["gas"]
        self.chip = SprintIR(board.gas_uart, row["hz"], row["smooth"], row["hpa"])
        self.meter = Capnogram(row["hpa"] * 7501 // 1000, 0, row["hz"])
        self._readings = readings

    def run(self, now):
        """All samples that wait."""
        chip, meter, readings = self.chip, self.meter, self._readings
        n = chip.poll(now)
        if n:
            meter.period_us = chip.period_us
            if chip.lost:
                meter.gap(chip.lost)
            for i in range(n):
                meter.sample(chip.co2[i])
            readings.seen(_RESP, now)
            readings.seen(_ETCO2, now)
            readings.seen(_FICO2, now)
            readings.breath(_RESP, meter.apnoea_ms, now)
        if chip.flat:
            meter.flat()
        elif not n and not chip.ok:
            meter.lost()
        self._put()

    def look(self, now):
        """Without samples there are no numbers."""
        if self._readings.age(_RESP, now) >= _GONE_MS:
            self.meter.lost()
            self._readings.breath(_RESP, NONE32, now)
            self._put()

    def _put(self):
        meter, readings = self.meter, self._readings
        # "no-breath" is a number that is meant: 0, while nobody breathes
        readings.put(_RESP, meter.resp, meter.signal)
        if meter.resp == 0:
            readings.qualities[_RESP] = GOOD
        readings.put(_ETCO2, meter.etco2, meter.etco2_signal)
        # too short an inspiration for the cell's lag, and nothing else, leaves FiCO2 alone without a number
        readings.put(_FICO2, meter.fico2, SETTLING if meter.fico2 == NONE16 and not meter.signal else meter.signal)


class Skin:
    """The thermometer."""

    def __init__(self, board, readings):
        self.chip = TMP117(board.i2c1)
        self.meter = Temperature()
        self._readings = readings

    def run(self, now):
        """A conversion, if one is ready."""
        chip, meter = self.chip, self.meter
        if chip.poll(now):
            meter.sample(chip.raw)
            self._readings.seen(_TEMPERATURE, now)
        elif not chip.ok:
            meter.lost()
        self._readings.put(_TEMPERATURE, meter.temperature, meter.signal)

    def look(self, now):
        """Nothing: what is old is withdrawn by the readings."""


class Pressure:
    """The cuff, and its valves. Its numbers stand until another determination has come to its end."""

    def __init__(self, board, readings):
        row = board.data["cuff"]
        pins = board.pins
        self.chip = MPRLS(board.i2c1)
        self.cuff = Cuff(row["kind"], row["every"])
        self._pump = pins["cuff_pump"]
        self._bleed = pins["cuff_bleed"]
        self._closed = pins["cuff_closed"]
        self._feed = pins["cuff_feed"]
        self._readings = readings
        self._count = 0

    def run(self, now):
        """One sample, and the valves as it wants them."""
        chip, cuff, readings = self.chip, self.cuff, self._readings
        if chip.poll(now):
            cuff.sample(now, chip.pressure)
        else:
            cuff.nothing(now)
        self._pump.value(cuff.pump)
        self._bleed.value(cuff.bleed)
        self._closed.value(cuff.closed)
        self._feed.value(cuff.feed)
        self.task.period = _CUFF_BUSY_MS if cuff.busy else CUFF_MS  # type: ignore
        if cuff.count != self._count:
            self._count = cuff.count
            for i in (_SYSTOLIC, _DIASTOLIC, _MAP, _PULSE_CUFF):
                readings.seen(i, cuff.at)
        readings.put(_SYSTOLIC, cuff.systolic, cuff.signal)
        readings.put(_DIASTOLIC, cuff.diastolic, cuff.signal)
        readings.put(_MAP, cuff.map, cuff.signal)
        readings.put(_PULSE_CUFF, cuff.pulse, cuff.signal)

    def look(self, now):
        """Nothing: a pressure stands, and grows old."""


class Ecg:
    """The heart rate, from a converter that samples by itself."""

    def __init__(self, board, readings):
        pins = board.pins
        self._block = board.ecg
        self._codes = array("H", [0] * _BLOCK)
        self.chip = AD8232(pins["lod_plus"], pins["lod_minus"], pins["ecg_shutdown"], pins["ecg_restore"])
        self.meter = Heart()
        self._readings = readings

    def run(self, now):
        """All samples that wait."""
        chip, meter, codes = self.chip, self.meter, self._codes
        n = self._block.read(codes)
        chip.take(codes, n, now)
        meter.leads(chip.off)
        if n:
            self._readings.seen(_HEART, now)
            meter.take(codes, n)  # at a rail too, which it tells by itself
        self._readings.put(_HEART, meter.heart, meter.signal)

    def look(self, now):
        """Without samples there is no rate."""
        if self._readings.age(_HEART, now) >= _GONE_MS:
            self.meter.lost()
            self._readings.put(_HEART, self.meter.heart, self.meter.signal)
