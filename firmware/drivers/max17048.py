"""MAX17048 fuel gauge: voltage, charge and rate of the one cell that feeds the board.

It sits on the second bus, because it has the encoder's address. Source: Maxim MAX17048 datasheet 19-6171 rev 7, as
several independent drivers quote it. The gauge infers the charge from the cell's voltage: what it says first after a
reset is that of a cell at rest with this voltage, too much for one that is being charged. So after the chip's reset the
charge counts as `estimated`: it may fall at once, and rises only after some minutes. Quick-start, which makes such an
estimate on purpose, is never used. Hibernation is switched off: it would show a failing supply 45 s late.

    gauge = MAX17048(i2c)
    if gauge.poll(ticks):       # once a second
        gauge.mv, gauge.charge, gauge.rate
"""

from micropython import const

ADDRESS = const(0x36)
_VCELL, _SOC, _VERSION, _HIBRT = const(0x02), const(0x04), const(0x08), const(0x0A)
_CONFIG, _VALRT, _CRATE, _STATUS = const(0x0C), const(0x14), const(0x16), const(0x1A)
_RCOMP = const(0x97)  # the model's compensation as the chip has it after a reset: no temperature is known here
_RESET_SEEN = const(0x01)
_ALERT = const(0x20)  # of CONFIG: raised by the chip
# The upper limit of VALRT, out of reach either way, tells a processor that was reset meanwhile whether the charge is
# still an estimate; the chip's own reset is told by RI.
_SETTLED, _UNSETTLED = const(0xFF), const(0xFE)

_FIRST_MS = const(1100)  # the charge's first update is due 1 s after a reset
_ESTIMATED_MS = const(600_000)  # not from the datasheet
_PATIENCE = const(3)  # polls without a credible reading after which the gauge counts as lost
_TICKS = const(0x3FFFFFFF)
_OFF, _STARTING, _RUNNING = const(0), const(1), const(2)


class MAX17048:
    """One gauge on the bus it is handed. All attributes are readings; poll() alone changes them.

    ok: the last readings were credible. mv: of the cell. charge: 0.1 %, rounded down. rate: 0.1 % an hour, negative
    when discharging, rounded towards the worse. estimated: see above. flags: of the chip, latched until its next reset:
    0x02 voltage high, 0x04 voltage low, 0x08 reset voltage, 0x10 charge low, 0x20 charge changed. resets: of the chip.
    errors: failed transfers, readings not believed, settings lost.
    alert: percent, 1 .. 32, and low_mv, in steps of 20, raise the flags.
    """

    def __init__(self, bus, alert=20, low_mv=3300):
        self.ok = False
        self.mv = 0
        self.charge = 0
        self.rate = 0
        self.flags = 0
        self.estimated = False
        self.resets = 0
        self.errors = 0
        self._bus = bus
        self._buf = bytearray(2)
        self._athd = 32 - alert
        self._low = low_mv // 20
        self._state = _OFF
        self._reset = False  # seen and not counted yet
        self._reset_at = 0
        self._known = False  # charge holds a reading
        self._misses = 0

    def poll(self, ticks):
        """Takes a reading, or the next step of setting up; True when the readings are fresh."""
        try:
            if self._state == _RUNNING:
                return self._read(ticks)
            return self._set_up(ticks)
        except OSError:
            return self._miss()

    def _get(self, register):
        self._bus.readfrom_mem_into(ADDRESS, register, self._buf)
        return self._buf[0] << 8 | self._buf[1]

    def _set(self, register, high, low):
        """Both bytes at once: half a register is not taken."""
        self._buf[0] = high
        self._buf[1] = low
        self._bus.writeto_mem(ADDRESS, register, self._buf)

    def _set_up(self, ticks):
        if self._state == _OFF:
            if self._get(_VERSION) & 0xFFF0 != 0x0010:
                raise OSError
            marked = self._get(_VALRT) & 0xFF == _UNSETTLED
            flags = self._get(_STATUS) >> 8
            if flags & _RESET_SEEN:
                self._reset = True
            if self._reset or (marked and not self.estimated):
                self.ok = False
                self.estimated = True
                self._reset_at = ticks
            self._set(_HIBRT, 0, 0)
            self._set(_CONFIG, _RCOMP, self._athd)
            self._set(_VALRT, self._low, _UNSETTLED if self.estimated else _SETTLED)
            self._set(_STATUS, flags & ~_RESET_SEEN, 0)  # its flags are cleared by zeros
            if self._get(_STATUS) >> 8 & _RESET_SEEN:
                raise OSError
            if self._reset:
                self.resets = (self.resets + 1) & 0xFFFF
                self._reset = False
            self._state = _STARTING
        if self.estimated and (ticks - self._reset_at) & _TICKS < _FIRST_MS:
            return False
        self._state = _RUNNING
        return self._read(ticks)

    def _read(self, ticks):
        flags = self._get(_STATUS) >> 8
        config = self._get(_CONFIG)
        if flags & _RESET_SEEN or config & ~_ALERT != _RCOMP << 8 | self._athd or self._get(_HIBRT):
            self._state = _OFF
            raise OSError
        volts = self._get(_VCELL)
        charge = self._get(_SOC)
        rate = self._get(_CRATE)
        if volts in (0, 0xFFFF):
            raise OSError
        self.flags = flags
        self.mv = volts * 5 >> 6  # 78.125 uV
        charge = min(charge * 10 >> 8, 1000)
        if self.estimated and (ticks - self._reset_at) & _TICKS > _ESTIMATED_MS:
            self._set(_VALRT, self._low, _SETTLED)
            self.estimated = False
        if self.estimated and self._known:
            charge = min(charge, self.charge)
        self.charge = charge
        self.rate = (rate - (rate >> 15 << 16)) * 52 // 25  # 0.208 % an hour
        self._known = True
        self._misses = 0
        self.ok = True
        return True

    def _miss(self):
        self.errors = (self.errors + 1) & 0xFFFF
        self._misses = min(self._misses + 1, _PATIENCE)
        if self._misses == _PATIENCE:
            self.ok = False
        return False
