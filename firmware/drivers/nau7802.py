"""NAU7802 bridge ADC: the plunger's force, as a signed 24-bit code 80 times a second.

Source: Nuvoton NAU7802 datasheet 2.1. Gain 128 and the chip's own 3.0 V for the bridge, which is what a 3.3 V supply
leaves room for. 80 samples a second: an occlusion wants ten, a poll then finds one that is 12 ms old at most, and the
noise of 150 nV is 0.003 % of a 2 mV/V bridge's load.

Set up over several polls, because supply and calibration take their time, and anew whenever the chip did not answer,
stopped or lost its settings. Each calibration puts the zero elsewhere, by up to 1 % of the load: the zero belongs to
the caller, who takes it at a force he knows and again when `calibrations` has changed.

    bridge = NAU7802(i2c)
    if bridge.poll(ticks):      # every 25 to 100 ms
        bridge.code             # 1.397 nV a count
"""

from micropython import const

ADDRESS = const(0x2A)
_PU_CTRL, _CTRL1, _CTRL2 = const(0x00), const(0x01), const(0x02)
_ADCO, _ADC, _POWER, _REVISION = const(0x12), const(0x15), const(0x1C), const(0x1F)
_RESET, _WAKE = const(0x01), const(0x02)
_POWERED, _READY = const(0x08), const(0x20)
_RUN = const(0x96)  # own supply, conversions started, analogue and digital part on
_GAIN = const(0x2F)  # 3.0 V, 128
_RATE = const(0x30)  # 80 samples a second
_CALIBRATE, _CAL_ERR = const(0x04), const(0x08)
_CHPS = const(0x30)  # recommended, yet not what it has after a reset
_CAPACITOR = const(0x80)  # the one across the second input, as common boards have it

_POWER_UP_MS = const(100)  # 0.2 ms by the datasheet
_RAMP_MS = const(250)  # of the supply: about 200 ms
_CALIBRATION_MS = const(1500)  # about 344 ms
_STOPPED_MS = const(250)  # without a conversion for so long, six of them after a change included
_SETTLING = const(6)  # conversions after a change that are not settled
_STUCK = const(8)  # the same code so often: noise alone would move it
_PATIENCE = const(3)  # polls without a credible code after which the bridge counts as lost
_TICKS = const(0x3FFFFFFF)

NO_ANSWER, NO_POWER, WRONG_PART, NO_CALIBRATION, BAD_CALIBRATION, STOPPED, RAIL, STUCK, BROWN_OUT = range(1, 10)

_OFF, _WAKING, _RAMPING, _CALIBRATING, _RUNNING = const(0), const(1), const(2), const(3), const(4)


class NAU7802:
    """One bridge on the bus it is handed. All attributes are readings; poll() alone changes them.

    ok: the last codes were credible. code: the newest. fault: why there is none, one of the reasons above, or 0.
    errors: failed transfers, and set-ups that came to nothing or to an end. calibrations: counts them; with another
    one the zero is another.
    """

    def __init__(self, bus):
        self.ok = False
        self.code = 0
        self.fault = 0
        self.errors = 0
        self.calibrations = 0
        self._bus = bus
        self._buf = bytearray(3)
        self._byte = memoryview(self._buf)[:1]
        self._state = _OFF
        self._since = 0
        self._settle = 0
        self._last = 0
        self._same = 0
        self._misses = 0
        self._silent = 0
        self._doubted = False

    def poll(self, ticks):
        """Takes a conversion that is ready, or the next step of setting up; True when code is fresh."""
        try:
            if self._state == _RUNNING:
                return self._read(ticks)
            return self._set_up(ticks)
        except OSError:
            self._silent = min(self._silent + 1, _PATIENCE)
            if self._state == _RUNNING and self._silent < _PATIENCE:
                self.errors = (self.errors + 1) & 0xFFFF
                return self._miss(NO_ANSWER)  # setting up anew would cost the zero
            return self._fail(NO_ANSWER)

    def _get(self, register):
        self._bus.readfrom_mem_into(ADDRESS, register, self._byte)
        return self._buf[0]

    def _set(self, register, value):
        self._buf[0] = value
        self._bus.writeto_mem(ADDRESS, register, self._byte)

    def _go(self, state, ticks):
        self._state = state
        self._since = ticks
        return False

    def _set_up(self, ticks):
        passed = (ticks - self._since) & _TICKS
        if self._state == _OFF:
            self._set(_PU_CTRL, _RESET)
            self._set(_PU_CTRL, _WAKE)
            return self._go(_WAKING, ticks)
        if self._state == _WAKING:
            if not self._get(_PU_CTRL) & _POWERED:
                return self._fail(NO_POWER) if passed > _POWER_UP_MS else False
            if self._get(_REVISION) & 0x0F != 0x0F:
                return self._fail(WRONG_PART)
            self._set(_CTRL1, _GAIN)
            self._set(_CTRL2, _RATE)
            self._set(_ADC, _CHPS)
            self._set(_POWER, _CAPACITOR)
            self._set(_PU_CTRL, _RUN)
            return self._go(_RAMPING, ticks)
        if self._state == _RAMPING:
            if passed > _RAMP_MS:
                self._set(_CTRL2, _RATE | _CALIBRATE)
                return self._go(_CALIBRATING, ticks)
            return False
        done = self._get(_CTRL2)
        if done & _CALIBRATE:
            return self._fail(NO_CALIBRATION) if passed > _CALIBRATION_MS else False
        if done & _CAL_ERR:
            return self._fail(BAD_CALIBRATION)
        self.calibrations = (self.calibrations + 1) & 0xFFFF
        self._settle = _SETTLING
        self._same = 0
        self._misses = 0
        self._silent = 0
        self._doubted = False
        return self._go(_RUNNING, ticks)

    def _read(self, ticks):
        buf = self._buf
        self._bus.readfrom_mem_into(ADDRESS, _PU_CTRL, buf)
        self._silent = 0
        if buf[0] & ~_READY != _RUN | _POWERED or buf[1] != _GAIN or buf[2] != _RATE:
            if self._doubted:
                return self._fail(BROWN_OUT)
            self._doubted = True  # read once more: a misread would cost the zero
            return False
        self._doubted = False
        if not buf[0] & _READY:
            return self._fail(STOPPED) if (ticks - self._since) & _TICKS > _STOPPED_MS else False
        self._since = ticks
        self._bus.readfrom_mem_into(ADDRESS, _ADCO, buf)
        if self._settle:
            self._settle -= 1
            return False
        code = buf[0] << 16 | buf[1] << 8 | buf[2]
        if code & 0x800000:
            code -= 1 << 24
        self._same = self._same + 1 if code == self._last else 1
        self._last = code
        if code == 0x7FFFFF or code == -0x800000:
            return self._miss(RAIL)
        if self._same >= _STUCK:
            return self._miss(STUCK)
        self.code = code
        self.fault = 0
        self._misses = 0
        self.ok = True
        return True

    def _miss(self, fault):
        self.fault = fault
        self._misses = min(self._misses + 1, _PATIENCE)
        if self._misses == _PATIENCE:
            self.ok = False
        return False

    def _fail(self, fault):
        """Set up anew, which takes so long that there is nothing to be patient about."""
        self.fault = fault
        self.errors = (self.errors + 1) & 0xFFFF
        self.ok = False
        self._state = _OFF
        return False
