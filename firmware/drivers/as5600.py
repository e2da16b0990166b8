"""AS5600 magnetic rotary encoder: the shaft's position, read apart from the steps that are meant to turn it.

Source: ams AS5600 datasheet v1-06. RAW_ANGLE is used and not ANGLE, which never shows a few counts around zero; both
bytes of it are read in one transaction, because two reads tear. Register 0xFF burns fuses for good: this driver writes
CONF and nothing else, two bytes at a time.

    encoder = AS5600(i2c)
    if encoder.poll():          # every 50 ms; within 1 ms of a new CONF the angle may still be filtered as before
        encoder.position        # counts, 4096 a turn
"""

from micropython import const

ADDRESS = const(0x36)
_CONF = const(0x07)
_STATUS = const(0x0B)
_RAW_ANGLE = const(0x0C)

_CONF_BITS = const(0x3FFF)
_CONF_SLOW = const(0x2003)  # WD and PM: any of them would let the chip doze and update late
_MAGNET = const(0x20)  # STATUS: MD, the field is strong enough
_FIELD = const(0x18)  # STATUS: ML (too weak) and MH (too strong); the other bits are undefined

_GATE = const(1024)  # a quarter turn between polls is no movement this pump can make: a misread
_PATIENCE = const(3)  # polls without a credible angle after which the sensor counts as lost
_STATUS_EVERY = const(2)

_SET_UP, _RUN = const(0), const(1)


class AS5600:
    """One encoder on the bus it is handed. All attributes are readings; poll() alone changes them.

    ok: a magnet is seen and the last angles were credible. position: counts since the first angle, wrapping within
    +-2**29. field: STATUS bits 0x10 too weak, 0x08 too strong; readings still hold. errors: failed transfers.
    misreads: angles not believed.
    """

    def __init__(self, bus):
        self.ok = False
        self.position = 0
        self.field = 0
        self.errors = 0
        self.misreads = 0
        self._bus = bus
        self._buf = bytearray(2)
        self._byte = memoryview(self._buf)[:1]
        self._state = _SET_UP
        self._raw = -1
        self._doubt = -1
        self._misses = 0
        self._turn = 0
        self._magnet = 0

    def poll(self):
        """Takes one reading; True when position is fresh. A chip that did not answer is set up anew."""
        try:
            return self._read() if self._state == _RUN else self._set_up()
        except OSError:
            self.errors += 1
            self._state = _SET_UP
            return self._miss()

    def _set_up(self):
        buf = self._buf
        self._bus.readfrom_mem_into(ADDRESS, _CONF, buf)
        conf = (buf[0] << 8 | buf[1]) & _CONF_BITS
        if conf & _CONF_SLOW:
            conf &= ~_CONF_SLOW
            buf[0] = conf >> 8
            buf[1] = conf & 0xFF
            self._bus.writeto_mem(ADDRESS, _CONF, buf)
            return self._miss()
        self._state = _RUN
        self._turn = 0
        return self._read()

    def _read(self):
        if self._turn == 0:
            self._turn = _STATUS_EVERY
            self._bus.readfrom_mem_into(ADDRESS, _STATUS, self._byte)
            self.field = self._buf[0] & _FIELD
            self._magnet = self._buf[0] & _MAGNET
        self._turn -= 1
        self._bus.readfrom_mem_into(ADDRESS, _RAW_ANGLE, self._buf)
        raw = (self._buf[0] << 8 | self._buf[1]) & 0xFFF
        if not self._magnet:
            return self._miss()
        if not (self._raw < 0 or self._near(raw, self._raw) or (self._doubt >= 0 and self._near(raw, self._doubt))):
            self._doubt = raw
            self.misreads += 1
            return self._miss()
        if self._raw >= 0:
            moved = ((raw - self._raw + 2048) & 0xFFF) - 2048
            position = (self.position + moved) & 0x3FFFFFFF
            self.position = position if position < 1 << 29 else position - 0x3FFFFFFF - 1
        self._raw = raw
        self._doubt = -1
        self._misses = 0
        self.ok = True
        return True

    def _near(self, a, b):
        return -_GATE < ((a - b + 2048) & 0xFFF) - 2048 < _GATE

    def _miss(self):
        self._misses = min(self._misses + 1, _PATIENCE)
        if self._misses == _PATIENCE:
            self.ok = False
        return False
