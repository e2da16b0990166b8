"""The patient's sensors: reads what the board's data list, and puts what is found into the readings, task by task."""

from micropython import const

from assuage_wire.schema import PARAMETERS
from drivers.max30102 import MAX30102
from sources import CUFF_MS, ECG_MS, GAS_MS, PROBE_MS, Ecg, Gas, Pressure, Skin
from vitals.freshness import Freshness
from vitals.oximeter import Oximeter

_LIGHT_MS = const(100)
_LOST_MS = const(300)  # three polls without a sample from a sensor that does not answer
_STALE_MS = const(2000)  # without a sample whatever the reason: the numbers' own window has begun to empty

_SPO2 = PARAMETERS.index("spo2")
_PULSE = PARAMETERS.index("pulse")
_PERFUSION = PARAMETERS.index("perfusion")
_RESP_PLETH = PARAMETERS.index("resp-pleth")


class Signs:
    """One task for each sensor that there is; begin(add) adds them to a supervisor.Supervisor.

    clock: a link.clock.Clock. telemetry: what the waves are told by. readings: a vitals.readings.Readings to be filled.
    """

    def __init__(self, board, clock, telemetry, readings):
        self.readings = readings
        self._clock = clock
        self._parts = []
        slow = board.data.get("periods") or {}
        light_ms = slow.get("oximeter", _LIGHT_MS)
        self._parts.append(("oximeter", _Light(board, clock, telemetry, self.readings), light_ms))
        data = board.data
        if data.get("gas"):
            self._parts.append(("gas", Gas(board, self.readings), GAS_MS))
        if data.get("thermometer"):
            self._parts.append(("thermometer", Skin(board, self.readings), PROBE_MS))
        self.cuff = None
        if data.get("cuff"):
            part = Pressure(board, self.readings)
            self.cuff = part.cuff
            self._parts.append(("cuff", part, CUFF_MS))
        if data.get("ecg"):
            self._parts.append(("ecg", Ecg(board, self.readings), ECG_MS))

    def begin(self, add):
        """add(name, run, period): as the supervisor has it. A period of 0 is a board that does not look."""
        for name, part, period in self._parts:
            part.task = add(name, part.run, period) if period else None

    def look(self, now):
        """Before what is known is told: whatever task has died or hangs, what is old is withdrawn."""
        for _, part, _ in self._parts:
            part.look(now)
        self.readings.expire(now)

    def errors(self):
        """Failed transfers of all sensors."""
        total = 0
        for _, part, _ in self._parts:
            total += part.chip.errors
        return total


class _Light:
    """The oximeter: saturation, pulse and perfusion, and the pulse wave."""

    def __init__(self, board, clock, telemetry, readings):
        data = board.data
        self.chip = MAX30102(board.i2c1, data["oximeter_led"], data["oximeter_swapped"])
        self.meter = Oximeter(data["spo2_curve"])
        self._clock = clock
        self._telemetry = telemetry
        self._readings = readings
        self._samples = Freshness(clock.ticks)

    def run(self, now):
        """All samples that wait."""
        chip, meter = self.chip, self.meter
        n = chip.poll(now)
        if chip.bright:
            meter.bright()
        if n:
            if chip.lost:
                meter.gap(chip.lost)
            red, ir = chip.red, chip.ir
            for i in range(n):
                meter.sample(red[i], ir[i])
            self._samples.seen(now)
            readings = self._readings
            readings.seen(_SPO2, now)
            readings.seen(_PULSE, now)
            readings.seen(_PERFUSION, now)
            readings.seen(_RESP_PLETH, now)
        elif not chip.ok and self._samples.age(now) >= _LOST_MS:
            meter.lost()
        self._put()
        self._telemetry.pleth(meter, now, self._clock.wraps)

    def look(self, now):
        """Numbers are withheld without samples, whoever should have said so."""
        if self._samples.age(now) >= _STALE_MS or (self.task and self.task.dead):  # type: ignore
            self.meter.lost()
            self._put()

    def _put(self):
        meter, readings = self.meter, self._readings
        readings.put(_SPO2, meter.spo2, meter.signal)
        readings.put(_PULSE, meter.pulse, meter.signal)
        readings.put(_PERFUSION, meter.perfusion, meter.signal)
        breathing = meter.breathing
        readings.put(_RESP_PLETH, breathing.resp, breathing.signal)
        readings.trust = meter.quality
