"""The oximeter: raw red and infrared counts in, numbers and the message Pleth out.

Counts fall when blood rises. Two paths: infrared at 100 /s becomes the wave that is shown; both channels, summed by
four to 25 blocks a second, become numbers. Whatever makes numbers doubtful withholds them, with a state that says why:
at once where the probe or the light is at fault, within a second otherwise. A number rests on the last 4 to 7 seconds.

    meter = Oximeter(board.spo2_curve)
    meter.sample(red, ir)                   # every pair, in order; meter.gap(n) where n pairs were lost
    meter.spo2, meter.pulse, meter.perfusion, meter.signal
    while meter.pleth_ready():
        meter.fill_pleth(values, ticks, wraps)
"""

from micropython import const

from assuage_wire.schema import NONE16, S30, SIGNALS
from vitals.beats import Beats
from vitals.breathing import Breathing
from vitals.filters import Highpass
from vitals.pleth import Pleth
from vitals.saturation import FRACTION, Saturation

OK = SIGNALS.index("ok")
SETTLING = SIGNALS.index("settling")
PROBE_OFF = SIGNALS.index("probe-off")
SATURATED = SIGNALS.index("saturated")
LOW_PERFUSION = SIGNALS.index("low-perfusion")
MOTION = SIGNALS.index("motion")
SENSOR_LOST = SIGNALS.index("sensor-lost")
AMBIENT_LIGHT = SIGNALS.index("ambient-light")
NO_PULSE = SIGNALS.index("no-pulse")
FLAT = SIGNALS.index("flat")
IMPLAUSIBLE = SIGNALS.index("implausible")

_BETTER = (OK, FLAT, IMPLAUSIBLE)  # of which doubt makes "motion"

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
_SURE = const(90)  # and above which there is enough to begin anew from
_DIM = const(500)  # SpO2 in 0.1 % below which no sensor is calibrated, nor any R believed
_LOUD, _OTHER = const(2), const(4)  # so many times the usual AC: perhaps, and surely, no longer the same pulse
_LOUD_S = const(60)  # for which another, stronger source is not believed
_ALIKE_R, _ALIKE_PULSE = const(60), const(50)  # in 1e-3 and 0.1 /min: as before
_SAME_PULSE = const(30)  # 0.1 /min: and where R tells nothing, for it is near that of movement
_STEADY = const(5)  # seconds in a row of one R after doubt, for the beats before them are not to be believed
_LONG = const(7)  # the same where it is not the R of before
_NEWEST, _QUIET = const(3), const(2)  # where nothing but R has changed, and of these without anything beside the pulse
_SAME_PART, _SLOW_PART = const(8), const(4)  # a part of the usual AC by which it may change there, and in a slow pulse,
_SLOW = const(600)  # 0.1 /min, of which four seconds hold no whole number of beats
_ASTRAY = const(15)  # 0.1 /min by which the odd beats of a movement may change the pulse
_ODD = const(6)  # seconds in a row with something beside the pulse
_ANEW = const(2)  # good seconds more, when they are not like what was before
_AS_NEW = const(20)  # seconds with no fault but more noise than before: a finger put on anew is believed after 9
_UNUSUAL = const(25)  # so much less regular and even than the beats were: doubt
_RESIGNS = const(3)  # a second: beats that stay uneven are the heart's own
_FLAT = const(25)  # blocks without the least change: no converter is as quiet


class Oximeter:
    """See the module. `curve` holds the sensor's coefficients, see saturation.py. ValueError for a bad curve or rate.

    spo2 in 0.1 %, pulse in 0.1 /min, perfusion in 0.01 %: NONE16 without a number. quality in %. signal: index of
    SIGNALS, why there are numbers or none. count: rises, and wraps at 30 bits, each time that fresh light has
    determined the numbers anew. breathing: respiration from the same wave, see breathing.py.
    """

    def __init__(self, curve, hz=100):
        if hz != _BLOCK * _SECOND:
            raise ValueError("the oximeter's filters are made for 100 samples a second")
        self.count = 0
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
        self._same = 0  # blocks since the light has changed
        self._usual = 0  # AC in 1e-5 of DC while there were numbers; 0 before the first
        self._last_r = self._last_pulse = 0
        self._rhythm = 0  # how regular and even the beats were, %
        self._loud = 0  # seconds for which there has been more
        self._odd = 0  # in which something else was there beside the pulse
        self._good = 0  # seconds in a row in which nothing was in doubt
        self._begin_waiting(SETTLING)

    def sample(self, red, ir):
        """Takes one pair of 18-bit counts."""
        if red >= _TOP or ir >= _TOP:
            self._blind(SATURATED)
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

    def fill_pleth(self, out, ticks, wraps):
        """Puts the fifteen values of a Pleth message into the list, array flattened; only after pleth_ready()."""
        out[0] = ticks
        out[1] = wraps
        out[3] = self._hz
        out[4] = self.signal
        self._pleth.take(out, 2, 5)

    def bright(self):
        """The light from outside is more than the sensor can take off; tell it before the samples that it may spoil."""
        self._blind(AMBIENT_LIGHT)

    def _withhold(self, signal):
        self.signal = signal
        self.spo2 = self.pulse = self.perfusion = NONE16
        self.quality = 0

    def _begin_waiting(self, signal):
        self._withhold(signal)
        self._running = False
        self._show = self._show_nothing
        self._clear = 0
        self._usual = 0
        self._rhythm = 0
        self._loud = 0
        self._odd = 0
        self.breathing.start()
        self.breathing.judge(signal)

    def _blind(self, signal):
        if self.signal != AMBIENT_LIGHT or not self._clear:  # which is why it is saturated
            self._begin_waiting(signal)
        self._clear = _CLEAR

    def _wait(self, red, ir):
        """Not measuring: looks at a block for what could end that."""
        if self._clear:
            self._clear -= 1
        elif red >= _ON and ir >= _ON:
            self._start(red, ir, SETTLING)
        else:
            self._withhold(PROBE_OFF)

    def _start(self, red, ir, signal):
        self._withhold(signal)
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
        self._same = 0

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
        if red == last_red and ir == last_ir:
            self._stand()
        elif self._same:
            self._same = 0
        # no pulse changes the light by an eighth within 40 ms
        if -last_ir < (ir - last_ir) << 3 < last_ir and -last_red < (red - last_red) << 3 < last_red:
            self._jumped = False
            self._last_red = red
            self._last_ir = ir
        elif self._jumped:  # a new level
            if red >= _OFF and ir >= _OFF:
                self._start(red, ir, SETTLING if self.signal == SETTLING else MOTION)
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
        self._breathe(-ir, self._blocks == _SECOND - 2 or not self._blocks)
        self._blocks = n = self._blocks + 1
        # the work of a second in four turns, to keep them short
        if n == _SECOND >> 1:
            self.breathing.judge(self.signal)
        elif n == _SECOND - 1:
            self._beats.estimate()
        elif n == _SECOND:
            self._blocks = 0
            self._seconds += 1
            self._saturation.close(self._clean)
            self._clean = True
        elif n == 1 and self._seconds:
            self._saturation.estimate()
            if self._saturation.known:
                self._scale(self._saturation.dc)
            self._judge()

    def _stand(self):
        if self._same < _FLAT:
            self._same += 1
        else:
            self._withhold(FLAT)

    def _judge(self):
        """Decides once a second what may be said."""
        beats = self._beats
        found = self._saturation
        was = self.signal
        good = self._good
        self._good = 0
        if was == FLAT and self._same == _FLAT:
            return
        doubt = was
        if was in _BETTER or (was == SETTLING and self._seconds >= _PATIENCE):
            doubt = MOTION
        if not found.known:
            self._withhold(doubt)
            return
        if found.movement < _STILL:
            self._withhold(NO_PULSE)
            return
        if was == NO_PULSE:  # there is a pulse again
            self._seconds = 0
            doubt = SETTLING
        if beats.silent:
            self._withhold(LOW_PERFUSION)
            return
        if not beats.pulse or not found.agreed or self._is_another(was == OK):
            self._withhold(doubt)
            return
        height = beats.height if beats.height < found.dc >> 1 else found.dc >> 1
        perfusion = height * 1250 // (found.dc >> 3)
        sure = 100 - 5 * found.error
        rhythm = beats.regular * beats.even // 100
        quality = rhythm if rhythm < sure else sure if sure > 0 else 0
        if perfusion < (_ENOUGH if was == LOW_PERFUSION else _LOW):
            self._withhold(LOW_PERFUSION)
            self.perfusion = perfusion
        elif found.spo2 < _DIM:
            self._withhold(IMPLAUSIBLE)
        elif quality < (_DOUBTED if was == OK else _TRUSTED):
            self._withhold(SETTLING if doubt == SETTLING else MOTION)
        elif rhythm + _UNUSUAL < self._rhythm:
            self._rhythm -= _RESIGNS
            self._withhold(MOTION)
        elif was == MOTION and not self._is_calm(good, quality):
            self._good = good + 1
            self._withhold(MOTION)
        else:
            self._rhythm = self._rhythm + ((rhythm - self._rhythm) >> 3) if self._rhythm else rhythm
            self._show_numbers(perfusion)
        self.quality = quality

    def _is_calm(self, good, quality):
        """Whether what was in doubt is over, after `good` seconds without doubt."""
        found = self._saturation
        if self._has_changed():
            return True
        if self._is_alike(_ALIKE_PULSE):
            return found.steady >= _STEADY and found.quiet >= _STEADY
        if good >= _AS_NEW and found.steady >= _LONG and quality >= _SURE:
            found.forget()  # the noise of a slower pulse, or of quieter breathing: it would never be as low again
            return True
        return good >= _ANEW and found.steady >= _LONG and found.quiet >= _LONG

    def _has_changed(self):
        """Whether it is the same pulse, and nothing else: only its saturation may have changed."""
        beats = self._beats
        found = self._saturation
        faster = beats.pulse - self._last_pulse
        usual = self._usual
        part = _SLOW_PART if beats.pulse < _SLOW else _SAME_PART
        return (
            beats.regular == 100
            and beats.even == 100
            and -_SAME_PULSE <= faster <= _SAME_PULSE
            and -usual < (found.movement - usual) * part < usual
            and found.steady >= _NEWEST
            and found.quiet >= _QUIET
        )

    def _is_alike(self, reach):
        """Whether R, and to that reach the pulse, are what they were."""
        faster = self._beats.pulse - self._last_pulse
        other = self._saturation.r - self._last_r
        return -_ALIKE_R <= other <= _ALIKE_R and -reach <= faster <= reach

    def _is_another(self, shown):
        """Whether something else than the pulse before seems to give these numbers."""
        found = self._saturation
        usual = self._usual
        if (
            usual
            and found.movement > usual * _LOUD
            and (found.movement > usual * _OTHER or not self._is_alike(_SAME_PULSE))
        ):
            self._loud += 1
            return self._loud <= _LOUD_S
        self._loud = 0
        if not shown:
            return False
        self._odd = 0 if found.quiet else self._odd + 1
        if self._odd >= _ODD or (found.quiet < _LONG and not -_ASTRAY <= self._beats.off <= _ASTRAY):
            return True
        other = found.r - self._last_r
        return not (-_ALIKE_R <= other <= _ALIKE_R or self._has_changed())

    def _show_numbers(self, perfusion):
        found = self._saturation
        self.signal = OK
        self.spo2 = found.spo2
        self.perfusion = perfusion
        if found.steady or self.pulse == NONE16:
            self.pulse = self._beats.pulse
        if found.steady:  # else the newest second was outvoted, and its beats are no better
            self.count = (self.count + 1) & S30
        # what is shown is the pulse
        found.learn()
        usual = self._usual
        self._usual = usual + ((found.movement - usual) >> 5) if usual else found.movement
        self._last_r = found.r
        self._last_pulse = self.pulse
