"""TMP117 thermometer of the skin probe: one temperature a second, the mean of eight conversions.

Source: Texas Instruments TMP117 datasheet SNOSD82D. A conversion is told by a flag that reading the configuration
clears, so whoever sees it takes the temperature at once. After power-on the chip has nearly the settings that are
wanted; the alert pin, which is not connected, is set to show that flag, so that a chip that lost its supply is known.

    probe = TMP117(i2c)
    if probe.poll(ticks):       # every 250 ms
        probe.raw, probe.centi
"""

from micropython import const

ADDRESS = const(0x48)
_TEMPERATURE, _CONFIG, _OFFSET, _ID = const(0x00), const(0x01), const(0x07), const(0x0F)
_PART = const(0x117)  # the upper four bits are the revision
_SETTING = const(0x0224)  # continuous, once a second, mean of 8, the alert pin shows the flag; after a reset 0x0220
_SETTINGS = const(0x0FFC)  # the bits that stay as they were written
_READY, _BUSY = const(0x2000), const(0x1000)
_NOT_YET = const(0x8000)  # the temperature before the first conversion

_STOPPED_MS = const(3500)  # without a conversion for so long: three are missing
_PATIENCE = const(3)  # polls without an answer after which the probe counts as lost
_TICKS = const(0x3FFFFFFF)

NO_ANSWER, WRONG_PART, STOPPED, BROWN_OUT, NOT_SET = range(1, 6)


class TMP117:
    """One probe on the bus it is handed. All attributes are readings; poll() alone changes them.

    ok: the last temperatures were credible. raw: the newest, 1/128 degree C; centi: 0.01 degree C. fault: why there is
    none, one of the reasons above, or 0. errors: failed transfers, and set-ups that came to nothing or to an end.
    """

    def __init__(self, bus):
        self.ok = False
        self.raw = 0
        self.centi = 0
        self.fault = 0
        self.errors = 0
        self._bus = bus
        self._buf = bytearray(2)
        self._running = False
        self._since = 0  # ticks of the newest conversion or of the set-up
        self._misses = 0

    def poll(self, ticks):
        """Takes a conversion that is ready, or sets up; True when raw and centi are fresh."""
        try:
            if self._running:
                return self._read(ticks)
            self._set_up(ticks)
        except OSError:
            self._misses = min(self._misses + 1, _PATIENCE)
            if self._misses == _PATIENCE or not self._running:
                return self._fail(NO_ANSWER)
            self.errors = (self.errors + 1) & 0xFFFF
        return False

    def _get(self, register):
        self._bus.readfrom_mem_into(ADDRESS, register, self._buf)
        return self._buf[0] << 8 | self._buf[1]

    def _set(self, register, value):
        self._buf[0] = value >> 8
        self._buf[1] = value & 0xFF
        self._bus.writeto_mem(ADDRESS, register, self._buf)

    def _set_up(self, ticks):
        if self._get(_ID) & 0x0FFF != _PART:
            self._fail(WRONG_PART)
            return
        if self._get(_CONFIG) & _BUSY:  # it still loads its own settings and would undo ours
            return
        self._set(_OFFSET, 0)
        self._set(_CONFIG, _SETTING)
        if self._get(_CONFIG) & _SETTINGS != _SETTING or self._get(_OFFSET):
            self._fail(NOT_SET)
            return
        self._misses = 0
        self._since = ticks
        self._running = True

    def _read(self, ticks):
        config = self._get(_CONFIG)
        if config & _SETTINGS != _SETTING:
            return self._fail(BROWN_OUT)
        if not config & _READY:
            self._misses = 0
            return self._fail(STOPPED) if (ticks - self._since) & _TICKS > _STOPPED_MS else False
        raw = self._get(_TEMPERATURE)  # a transfer that fails here loses this one: the flag is gone
        self._misses = 0
        if raw == _NOT_YET:
            return False
        self._since = ticks
        if raw & 0x8000:
            raw -= 0x10000
        self.raw = raw
        self.centi = (raw * 25 + 16) >> 5
        self.fault = 0
        self.ok = True
        return True

    def _fail(self, fault):
        """Set up anew at the next poll."""
        self.fault = fault
        self.errors = (self.errors + 1) & 0xFFFF
        self.ok = False
        self._running = False
        return False
