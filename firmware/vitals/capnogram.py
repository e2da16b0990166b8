"""The capnograph: samples of carbon dioxide in, EtCO2, FiCO2 and the rate of breathing out, and the wave for a screen.

Two or more samples are one level, 20 or 25 a second, in 0.1 mmHg of the barometer's pressure; breaths.py finds the
breaths. Once a second it is decided what may be shown. A number rests on the last 2 to 8 breaths and on every level
since: it is withheld as soon as the next breath is overdue, and shown as 0 with the signal "no-breath" when none has
ended for the apnoea time. Whether a patient does not breathe or the line's end lies in the room is one and the same
gas: both are "no-breath". A line that dilutes all breaths alike with room air can not be seen in the gas either.

    capnograph = Capnogram(pressure=7600)
    capnograph.period_us = sensor.period_us
    capnograph.sample(ppm)              # each, in order; gap(n) where n were lost, lost() while the sensor is not ok
    while capnograph.wave_ready():
        capnograph.fill_wave(values, ticks, wraps)
"""

from micropython import const

from assuage_wire.schema import NONE16, S30, SIGNALS
from vitals.breaths import Breaths
from vitals.frames import Frames

OK = SIGNALS.index("ok")
SETTLING = SIGNALS.index("settling")
SENSOR_LOST = SIGNALS.index("sensor-lost")
NO_BREATH = SIGNALS.index("no-breath")
FLAT = SIGNALS.index("flat")
IMPLAUSIBLE = SIGNALS.index("implausible")
IRREGULAR = SIGNALS.index("irregular")
NOISE = SIGNALS.index("noise")
BLOCKED = SIGNALS.index("blocked")

_MOST_PPM = const(240_000)  # times the gain of 850 mmHg it stays below 2**30
_HIGHEST = const(1500)  # 150 mmHg: no patient's
_CALM_S = const(2)  # seconds without what spoilt it before it is over
_ROUGH = const(20)  # 0.1 mmHg: a second difference of levels that breathing hardly makes, but noise of 1 mmHg does
_EDGE = const(60)  # 0.1 mmHg between every other level: steeper is an edge
_ROUGHEST = const(6)  # a sixth of a second's levels that are rough is noise
_HELD_MS = const(16_000)  # an expiration that lasts longer is a blocked line; that of 4 /min lasts 10 s
_LONG_GAP_S = const(2)
_REACH = const(40)  # 0.1 mmHg, or an eighth, by which EtCO2 may differ among the last three breaths
# time constants of the gas's way that a plateau must last, so that 1 mmHg is missing at its end: 3, and 1 each 32 mmHg
_LAGS, _A_LAG = const(3), const(320)
_FASTEST = const(1500)  # 0.1 /min


class Capnogram:
    """pressure: of the barometer, 0.1 mmHg; vapour: of water to be taken off it, 0 for dry gas as it is measured.

    hz: samples a second; period_us: what they really are apart. lag_ms: time constant of cell and filter together.

    resp in 0.1 /min, 0 while apnoea is declared; etco2 and fico2 in 0.1 mmHg; each NONE16 without a number. signal says
    why of all, etco2_signal of EtCO2 alone: "settling" there where breaths are too short for their lag, or just began
    to differ. apnoea_ms: since the last breath ended, or since there are samples. count: see the other sources.
    level: the newest, 0.1 mmHg.
    """

    def __init__(self, pressure=7600, vapour=0, hz=50, lag_ms=250, apnoea_ms=20_000):
        self._per_level = 2 if hz >= 40 else 1
        self._nominal_us = 1_000_000 // hz
        self.period_us = self._nominal_us
        self._second = hz // self._per_level
        self._hz = hz
        self._gain = (pressure - vapour) * 5243 // 10_000  # 0.1 mmHg a ppm, times 2**19
        self._apnoea_ms = apnoea_ms
        self._lag_ms = lag_ms
        self.breaths = Breaths(lag_ms * self._second // 1000)
        self._frames = Frames()
        # bound methods allocate whenever they are fetched
        self._breathe = self.breaths.step
        self._show = self._frames.put
        self.wave_ready = self._frames.ready
        self._take_wave = self._frames.take
        self.count = 0
        self.resp = self.etco2 = self.fico2 = NONE16
        self.signal = self.etco2_signal = SETTLING
        self.level = 0
        self._begin()

    def _begin(self):
        self._sum = self._n = 0
        self._s1 = self._s2 = -1
        self._d1 = self._d2 = 0
        self._rough = self._levels = 0
        self._spoilt = self._noisy = 0  # seconds that are still not believed
        self.apnoea_ms = self._passed_us = 0

    def sample(self, ppm):
        """Takes one sample."""
        if ppm > _MOST_PPM:
            ppm = _MOST_PPM
        elif ppm < 0:
            ppm = 0
        # the median of three: one line with a wrong digit is no breath
        one = self._s1
        two = self._s2
        self._s2 = one
        self._s1 = ppm
        if two >= 0:
            if one > ppm:
                high = one
                low = ppm
            else:
                high = ppm
                low = one
            ppm = low if two < low else high if two > high else two
        self._sum += ppm
        self._n = n = self._n + 1
        if n == self._per_level:
            level = (self._sum // n) * self._gain >> 19
            self._sum = self._n = 0
            self._close_level(level)

    def gap(self, n):
        """`n` samples were lost before the next one."""
        if n * 5 <= self._hz:  # a fifth of a second is bridged
            for _ in range(n):
                if self._s1 >= 0:
                    self.sample(self._s1)
        elif n > _LONG_GAP_S * self._hz:
            self.lost(SETTLING)
        else:
            self._sum = self._n = 0
            self._s1 = self._s2 = -1
            levels = n // self._per_level
            self.breaths.gap(levels)
            self._frames.skip(levels)
            self.apnoea_ms += n * self._nominal_us // 1000

    def lost(self, signal=SENSOR_LOST):
        """There are no samples that could be believed: signal says why. The next one begins anew."""
        self.breaths.start()
        self._frames.skip(0)
        self._begin()
        self._withhold(signal)

    def flat(self):
        """The sensor's reading does not move."""
        self.lost(FLAT)

    def fill_wave(self, out, ticks, wraps):
        """Puts the fourteen values of a Capnogram message into the list, array flattened; only after wave_ready()."""
        out[0] = ticks
        out[1] = wraps
        out[3] = self._second
        out[4] = self.signal
        self._take_wave(out, 2, 5)

    def _withhold(self, signal):
        self.resp = self.etco2 = self.fico2 = NONE16
        self.signal = self.etco2_signal = signal

    def _close_level(self, level):
        self.level = level
        self._show(level)
        self._passed_us += self.period_us * self._per_level
        bend = level - self._d1 - self._d1 + self._d2
        edge = self.breaths.swing >> 3
        if edge < _EDGE:
            edge = _EDGE
        # the corners of a breath are not rough, its plateau and its pause can be
        if not -_ROUGH <= bend <= _ROUGH and -edge <= level - self._d2 <= edge:
            self._rough += 1
        self._d2 = self._d1
        self._d1 = level
        if level > _HIGHEST:
            self._spoilt = _CALM_S
        self._breathe(level)
        self.apnoea_ms += self._passed_us // 1000
        self._passed_us %= 1000
        if self.breaths.ended:
            self.apnoea_ms = self._level_ms(1)
        self._levels = n = self._levels + 1
        if n >= self._second:
            self._close_second()

    def _level_ms(self, levels):
        return levels * self._per_level * (self.period_us // 10) // 100

    def _close_second(self):
        self._levels = 0
        if self._rough * _ROUGHEST > self._second:
            self._noisy = _CALM_S
        elif self._noisy:
            self._noisy -= 1
        self._rough = 0
        if self.apnoea_ms > S30 >> 1:
            self.apnoea_ms >>= 1
        self._judge()
        if self._spoilt:
            self._spoilt -= 1

    def _judge(self):
        """Decides once a second what may be said."""
        breaths = self.breaths
        if self._spoilt or self._noisy:
            breaths.start()
            self.apnoea_ms = 0  # whatever breathed meanwhile was not seen
            self._withhold(IMPLAUSIBLE if self._spoilt else NOISE)
        elif breaths.expiring and self._level_ms(breaths.held) > _HELD_MS:
            self._withhold(BLOCKED)
        elif not breaths.expiring and self.apnoea_ms >= self._apnoea_ms:
            self._withhold(NO_BREATH)
            self.resp = 0
            self._new()
        else:
            self._measure(breaths.interval())

    def _measure(self, interval):
        """A rate from the mean interval in 1/256 level, and the gas."""
        breaths = self.breaths
        if breaths.known < 2:
            self._withhold(SETTLING)
            return
        # 1/256 level in ms, in an order that stays below 2**30
        ms = (interval >> 2) * (self._per_level * self.period_us // 50) // 1280
        if not ms or 600_000 // ms > _FASTEST or (breaths.since << 9) > 3 * interval + self._second * 512:
            self._withhold(IRREGULAR)
            return
        self.resp = (600_000 + (ms >> 1)) // ms
        self.signal = OK
        self.etco2 = self.fico2 = NONE16
        self.etco2_signal = SETTLING
        needed = self._lag_ms * (_LAGS * _A_LAG + breaths.top) // _A_LAG
        if self._level_ms(breaths.rise_levels) >= needed:
            top = breaths.agreed_top(_REACH if breaths.top < 8 * _REACH else breaths.top >> 3)
            if top >= 0:
                self.etco2 = top
                self.etco2_signal = OK
        if self._level_ms(breaths.rest_levels) >= needed:
            self.fico2 = breaths.base if breaths.base > 0 else 0
        self._new()

    def _new(self):
        self.count = (self.count + 1) & S30
