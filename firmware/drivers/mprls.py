"""MPRLS pressure sensor: the cuff's pressure above that of the air, in 0.01 mmHg, some 50 times a second.

Source: Honeywell MPR series datasheet; the part MPRLS0300YG, 0 to 300 mmHg gauge, transfer function B, in which 2.5 %
of 2**24 counts are 0 mmHg and 22.5 % are 300. A conversion is started, takes 5 ms or more, and is read with the status
in front of it: powered and nothing else, or there is no pressure. Each poll takes the last one and starts the next.

    sensor = MPRLS(i2c)
    if sensor.poll(ticks):      # every 20 ms while a cuff is inflated, more seldom otherwise
        sensor.pressure         # the chip's own zero is still in it: the caller knows when the cuff is open
"""

from micropython import const

ADDRESS = const(0x18)
_COMMAND = b"\xaa\x00\x00"
_GOOD, _BUSY = const(0x40), const(0x60)  # status: powered, and powered and converting
_POWERED, _MEMORY, _SATURATED = const(0x40), const(0x04), const(0x01)

_ZERO = const(419_430)  # counts at 0 mmHg
# 0.01 mmHg a count are 30 000 / (20 % of 2**24) = 9375 / 2**20, of which 2**6 come off first, to stay within 30 bits
_COARSE, _SCALE, _REST = const(6), const(9375), const(14)
_LOWEST = const(-2_000)  # 0.01 mmHg: a code of 0 would be -3750
_HIGHEST = const(33_000)  # above it a sensor of 300 mmHg is blind
_CONVERSION_MS = const(5)
_OVERDUE_MS = const(50)  # the datasheet gives no maximum; drivers in use give up after 20 to 100 ms
_STUCK = const(10)  # the same code so often: noise alone would move it
_PATIENCE = const(3)  # polls without a credible pressure after which the sensor counts as lost
_TICKS = const(0x3FFFFFFF)

NO_ANSWER, LATE, NO_POWER, MEMORY, SATURATED, RANGE, STUCK = range(1, 8)


class MPRLS:
    """One sensor on the bus it is handed. All attributes are readings; poll() alone changes them.

    ok: the last pressures were credible. pressure: the newest, 0.01 mmHg. fault: why there is none, one of the reasons
    above, or 0. errors: transfers and conversions that failed.
    """

    def __init__(self, bus):
        self.ok = False
        self.pressure = 0
        self.fault = 0
        self.errors = 0
        self._bus = bus
        self._buf = bytearray(4)
        self._converting = False
        self._since = 0
        self._last = -1
        self._same = 0
        self._misses = 0

    def poll(self, ticks):
        """Takes a conversion that is ready and starts the next; True when pressure is fresh."""
        try:
            fresh = self._take(ticks) if self._converting else False
            if not self._converting:
                self._bus.writeto(ADDRESS, _COMMAND)
                self._since = ticks
                self._converting = True
            return fresh
        except OSError:
            self._converting = False
            return self._miss(NO_ANSWER)

    def _take(self, ticks):
        passed = (ticks - self._since) & _TICKS
        if passed < _CONVERSION_MS:
            return False
        buf = self._buf
        self._bus.readfrom_into(ADDRESS, buf)
        status = buf[0]
        if status == _BUSY and passed <= _OVERDUE_MS:
            return False
        self._converting = False
        if status != _GOOD:
            return self._miss(_reason(status))
        code = buf[1] << 16 | buf[2] << 8 | buf[3]
        self._same = self._same + 1 if code == self._last else 1
        self._last = code
        pressure = (((code - _ZERO + 32) >> _COARSE) * _SCALE + 8192) >> _REST if code < 1 << 22 else _HIGHEST
        if not _LOWEST < pressure < _HIGHEST:
            return self._miss(RANGE)
        if self._same >= _STUCK:
            self._same = _STUCK
            return self._miss(STUCK)
        self.pressure = pressure
        self.fault = 0
        self._misses = 0
        self.ok = True
        return True

    def _miss(self, fault):
        self.errors = (self.errors + 1) & 0xFFFF
        self.fault = fault
        self._misses = min(self._misses + 1, _PATIENCE)
        if self._misses == _PATIENCE:
            self.ok = False
        return False


def _reason(status):
    """Why a status is not the good one."""
    if status == _BUSY:
        return LATE
    if not status & _POWERED:
        return NO_POWER
    if status & _MEMORY:
        return MEMORY
    return SATURATED if status & _SATURATED else NO_ANSWER
