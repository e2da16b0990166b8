"""The oximeter: raw red and infrared counts in, the values of the messages Vitals and Pleth out.

Counts fall when blood rises. Two paths: infrared at 100 /s becomes the wave that is shown; both channels, summed by
four to 25 blocks a second, become numbers. Whatever makes numbers doubtful withholds them, with a state that says why:
at once where the probe or the light is at fault, within a second otherwise. A number rests on the last 4 to 7 seconds.

    meter = Oximeter(board.spo2_curve)
    meter.sample(red, ir)                   # every pair, in order; meter.gap(n) where n pairs were lost
    meter.fill_vitals(values, ticks, wraps, age_ms)
    while meter.pleth_ready():
        meter.fill_pleth(values, ticks, wraps)
"""

from micropython import const

from assuage_wire.schema import NONE16, PPG
from vitals.beats import Beats
from vitals.breathing import Breathing
from vitals.filters import Highpass
from vitals.pleth import Pleth
from vitals.saturation import FRACTION, Saturation

OK = PPG.index("ok")
SETTLING = PPG.index("settling")
PROBE_OFF = PPG.index("probe-off")
SATURATED = PPG.index("saturated")
LOW_PERFUSION = PPG.index("low-perfusion")
MOTION = PPG.index("motion")
SENSOR_LOST = PPG.index("sensor-lost")

_TOP = const(0x3FFF8)  # full scale, also with pulses so short that the low three bits carry nothing
_BLOCK = const(4)  # samples summed into one
_SECOND = const(25)  # blocks
_OFF = const(4 * 4000)  # level of a block below which there is no finger; dark counts are 30 to 128
_ON = const(4 * 5000)  # level above which there is one again
_SWING = const(4)  # AC in sixteenths of DC that no pulse has; keeps AC below 2**22
_CALM = const(50)  # blocks after a swing that are not believed
_CLEAR = const(50)  # blocks without a saturated sample before it is over
_PATIENCE = const(9)  # seconds after which "settling" is no longer the reason
_STILL = const(10)  # mean AC in 1e-5 of DC, a perfusion of about 0.05 %: below it there is no pulse in the light's path
_LOW, _ENOUGH = const(25), const(30)  # perfusion in 0.01 % where low-perfusion begins, and where it ends
_TRUSTED, _DOUBTED = const(70), const(50)  # quality in % that makes numbers begin, and below which they end
_INCOHERENT = const(80)  # coherence in % that counts as none


class Oximeter:
    """See the module. `curve` holds the sensor's coefficients, see saturation.py. ValueError for a bad curve or rate.

    spo2 in 0.1 %, pulse in 0.1 /min, perfusion in 0.01 %: NONE16 without a number. quality in %. state: index of PPG.
    breathing: respiration from the same wave, see breathing.py.
    """

    def __init__(self, curve, hz=100):
        if hz != _BLOCK * _SECOND:
            raise ValueError("the oximeter's filters are made for 100 samples a second")
        self._hz = hz
        self._pleth = Pleth()
        self._red_split = Highpass()
        self._ir_split = Highpass()
        self._beats = Beats()
        self._saturation = Saturation(curve)
        self.breathing = Breathing(self._beats)
        # bound methods allocate whenever they are fetched
        self._show_wave = self._pleth.sample
        self._show_nothing = self._pleth.nothing
        self._split_red = self._red_split.step
        self._split_ir = self._ir_split.step
        self._beat = self._beats.step
        self._saturate = self._saturation.step
        self._breathe = self.breathing.step
        self.pleth_ready = self._pleth.ready
        # an attribute that is first set later would allocate then
        self._red = self._ir = self._samples = 0  # of the block under way
        self._last_red = self._last_ir = 0
        self._jumped = self._clean = False
        self._calm = 0  # blocks until a swing of the light has left the filters
        self._blocks = self._seconds = 0
        self._begin_waiting(SETTLING)

    def sample(self, red, ir):
        """Takes one pair of 18-bit counts."""
        if red >= _TOP or ir >= _TOP:
            self._hot()
        self._show(ir)
        self._red += red
        self._ir += ir
        self._samples = n = self._samples + 1
        if n == _BLOCK:
            self._close_block()

    def gap(self, n=1):
        """`n` pairs were lost before the next one."""
        self._pleth.skip(n)
        self._red = self._ir = self._samples = 0
        self._beats.gap()
        self.breathing.start()

    def lost(self):
        """The sensor no longer answers; the next sample begins anew."""
        self.gap(0)
        self._begin_waiting(SENSOR_LOST)

    def fill_vitals(self, out, ticks, wraps, age_ms):
        """Puts the eight values of a Vitals message into the list, in the table's order. age_ms: of the last sample."""
        out[0] = ticks
        out[1] = wraps
        out[2] = self.spo2
        out[3] = self.pulse
        out[4] = self.perfusion
        out[5] = self.quality
        out[6] = self.state
        out[7] = age_ms if age_ms < 65535 else 65535

    def fill_pleth(self, out, ticks, wraps):
        """Puts the fifteen values of a Pleth message into the list, array flattened; only after pleth_ready()."""
        out[0] = ticks
        out[1] = wraps
        out[3] = self._hz
        out[4] = self.state
        self._pleth.take(out, 2, 5)

    def _withhold(self, state):
        self.state = state
        self.spo2 = self.pulse = self.perfusion = NONE16
        self.quality = 0

    def _begin_waiting(self, state):
        self._withhold(state)
        self._running = False
        self._show = self._show_nothing
        self._clear = 0
        self.breathing.start()
        self.breathing.judge(state)

    def _hot(self):
        if self.state != SATURATED:
            self._begin_waiting(SATURATED)
        self._clear = _CLEAR

    def _wait(self, red, ir):
        """Not measuring: looks at a block for what could end that."""
        if self._clear:
            self._clear -= 1
        elif red >= _ON and ir >= _ON:
            self._start(red, ir, SETTLING)
        else:
            self.state = PROBE_OFF

    def _start(self, red, ir, state):
        self._withhold(state)
        self._running = True
        self._show = self._show_wave
        self._red_split.start(red << FRACTION)
        self._ir_split.start(ir << FRACTION)
        self._beats.start()
        self._saturation.start()
        self.breathing.start()
        self._scale(ir)
        self._pleth.start(ir // _BLOCK)
        self._last_red = red
        self._last_ir = ir
        self._jumped = False
        self._clean = True
        self._calm = _CALM  # the wave did not begin at its middle, and the finger may still be moving
        self._blocks = 0
        self._seconds = 0

    def _scale(self, ir):
        self._beats.floor = (ir >> 11) + 2  # twice the rise that a perfusion of 0.05 % has
        self._pleth.scale(ir // _BLOCK)

    def _close_block(self):
        red = self._red
        ir = self._ir
        self._red = self._ir = self._samples = 0
        if not self._running:
            self._wait(red, ir)
            return
        last_red = self._last_red
        last_ir = self._last_ir
        # no pulse changes the light by an eighth within 40 ms
        if -last_ir < (ir - last_ir) << 3 < last_ir and -last_red < (red - last_red) << 3 < last_red:
            self._jumped = False
            self._last_red = red
            self._last_ir = ir
        elif self._jumped:  # a new level
            if red >= _OFF and ir >= _OFF:
                self._start(red, ir, SETTLING if self.state == SETTLING else MOTION)
        else:  # one block: bridged, for it may be a single spoilt sample
            self._jumped = True
            self._clean = False
            red = last_red
            ir = last_ir
        if red < _OFF or ir < _OFF:
            self._begin_waiting(PROBE_OFF)
            return
        red_ac = self._split_red(red << FRACTION)
        ir_ac = self._split_ir(ir << FRACTION)
        self._pleth.rest_on(self._ir_split.base)  # the sum of four with 4 bits of fraction: counts with 6
        if not (-_SWING * red < red_ac < _SWING * red and -_SWING * ir < ir_ac < _SWING * ir):
            self._calm = _CALM
            red_ac = ir_ac = 0
        if self._calm:
            self._calm -= 1
            self._clean = False
        self._saturate(red_ac, ir_ac, red, ir)
        self._beat(-ir)
        self._breathe(-ir, self._blocks >= _SECOND - 2)
        self._blocks = n = self._blocks + 1
        if n == _SECOND >> 1:
            self.breathing.judge(self.state)
        elif n == _SECOND - 1:  # not in the same turn as the rest, to keep turns short
            self._beats.estimate()
        elif n == _SECOND:
            self._close_second()

    def _close_second(self):
        self._blocks = 0
        self._seconds += 1
        self._saturation.close(self._clean)
        self._clean = True
        self._saturation.estimate()
        if self._saturation.known:
            self._scale(self._saturation.dc)
        self._judge()

    def _judge(self):
        """Decides once a second what may be said."""
        beats = self._beats
        found = self._saturation
        was = self.state
        doubt = MOTION if was == OK or (was == SETTLING and self._seconds >= _PATIENCE) else was
        if not found.known:
            self._withhold(doubt)
            return
        if found.movement < _STILL:
            self._withhold(PROBE_OFF)
            return
        if was == PROBE_OFF:  # there is a pulse again
            self._seconds = 0
            doubt = SETTLING
        if beats.silent:
            self._withhold(LOW_PERFUSION)
            return
        if not beats.pulse or not found.agreed:
            self._withhold(doubt)
            return
        height = beats.height if beats.height < found.dc >> 1 else found.dc >> 1
        perfusion = height * 1250 // (found.dc >> 3)
        coherent = found.coherence - _INCOHERENT
        quality = 0 if coherent < 0 else coherent * 5 * beats.regular // 100 * beats.even // 100
        if perfusion < (_ENOUGH if was == LOW_PERFUSION else _LOW):
            self._withhold(LOW_PERFUSION)
            self.perfusion = perfusion
        elif quality < (_DOUBTED if was == OK else _TRUSTED):
            self._withhold(SETTLING if doubt == SETTLING else MOTION)
        else:
            self.state = OK
            self.spo2 = found.spo2
            self.pulse = beats.pulse
            self.perfusion = perfusion
        self.quality = quality
