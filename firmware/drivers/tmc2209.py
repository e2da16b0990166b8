"""TMC2209 stepper driver over its one-wire serial port: told once how to drive the motor, then asked how it fares.

Source: Trinamic TMC2209 datasheet 1.09. One datagram a poll: what was sent comes back as echo, and an answer behind it,
both over within 2 ms. A write is not answered; the chip's counter of accepted writes tells whether it
was taken, and one that was not is repeated.

A motor supply that dips takes all settings along. Then the pins decide what one step pulse is: with other pins than
those for 1/16 the dose would be another one. So `lost` is set, for the caller to stop and to clear; the settings are
written again by then. Register 0x04 burns fuses for good: what can be written is the list below and nothing else.

    driver = TMC2209(uart)
    driver.poll(ticks)          # every 10 to 50 ms
    if driver.lost or driver.faults & STOPS or not driver.ok:
        stop()
"""

from micropython import const

_GCONF, _GSTAT, _IFCNT, _IOIN = const(0x00), const(0x01), const(0x02), const(0x06)
_IHOLD_IRUN, _TPOWERDOWN, _TPWMTHRS = const(0x10), const(0x11), const(0x13)
_TCOOLTHRS, _VACTUAL = const(0x14), const(0x22)
_SGTHRS, _SG_RESULT, _COOLCONF, _MSCNT = const(0x40), const(0x41), const(0x42), const(0x6A)
_CHOPCONF, _DRV_STATUS, _PWMCONF = const(0x6C), const(0x6F), const(0x70)

_SYNC, _MASTER, _WRITING = const(0x05), const(0xFF), const(0x80)
_VERSION = const(0x21)
_GCONF_VALUE = const(0x1C0)  # the UART pin is one, steps by register, filtered; the current not scaled by a pin
_CHOPCONF_VALUE = const(0x14010053)  # 1/16, interpolated; the rest as after a reset, times of the chopper written out
_VSENSE, _SHAFT = const(0x20000), const(0x08)
_PWMCONF_VALUE = const(0xC80D0E24)

# The loss of the settings is looked for with every third question.
_ROUND = bytes((
    _GSTAT, _DRV_STATUS, _MSCNT, _GSTAT, _SG_RESULT, _CHOPCONF,
    _GSTAT, _DRV_STATUS, _MSCNT, _GSTAT, _SG_RESULT, _GCONF,
))  # fmt: skip
_CRC_OF_HALF = b"\x00\x07\x0e\x09\x1c\x1b\x12\x15\x38\x3f\x36\x31\x24\x23\x2a\x2d"
_TURNED = b"\x00\x08\x04\x0c\x02\x0a\x06\x0e\x01\x09\x05\x0d\x03\x0b\x07\x0f"  # its bits the other way round
_TURN_MS = const(3)  # a request and its answer take 1.2 ms; before that nothing else may be sent
_TRIES = const(3)  # of a write
_PATIENCE = const(4)  # requests without a good answer after which the chip counts as lost
_MOST = const(24)  # an echo, an answer and some noise
_FLOOD = const(4)
_TICKS = const(0x3FFFFFFF)

# faults
WARM, HOT, SHORT, OPEN, CHARGE_PUMP, DRIVER_ERROR, WRONG_PART = 1, 2, 4, 8, 16, 32, 64
STOPS = HOT | SHORT | CHARGE_PUMP | DRIVER_ERROR | WRONG_PART
# trouble on the wire
NO_ECHO, NO_ANSWER, BAD_ANSWER, NOT_TAKEN = 1, 2, 3, 4

_IDENTIFY, _COUNT, _WRITE, _VERIFY, _RUN = const(0), const(1), const(2), const(3), const(4)


def _crc(buf, at, end):
    """Of buf[at:end]: polynomial 0x07, each byte's low bit first, the result not reflected. Half a byte at a time."""
    half, turned = _CRC_OF_HALF, _TURNED
    crc = 0
    for i in range(at, end):
        byte = buf[i]
        crc = (crc << 4 & 0xF0) ^ half[crc >> 4 ^ turned[byte & 15]]
        crc = (crc << 4 & 0xF0) ^ half[crc >> 4 ^ turned[byte >> 4]]
    return crc


def _write_of(address, register, value):
    head = (_SYNC, address, register | _WRITING)
    buf = bytearray(head + (value >> 24 & 0xFF, value >> 16 & 0xFF, value >> 8 & 0xFF, value & 0xFF, 0))
    buf[7] = _crc(buf, 0, 7)
    return buf


class TMC2209:
    """One driver at the end of the uart it is handed: any(), readinto(buf, n) and write(buf, n), none of which blocks.

    ok: it has its settings and answers. lost: it had lost them. faults: bits as above, as of the last answers. trouble:
    what was wrong with the last bad exchange, as above; errors: how many. sg: StallGuard's, 0 .. 510, lower is more
    load; no use below a turn a second. mscnt: microsteps commanded, modulo 1024, 16 a pulse.

    irun, ihold: current while turning and at rest, 0 .. 31. Rest is what it sees between the slow steps of an infusion,
    so the second has to hold about as much as the first. fine: the lower range of current, VSENSE. tcoolthrs, sgthrs:
    of stall detection, off at 0. reverse: the motor is wired the other way round.
    """

    def __init__(self, uart, address=3, irun=16, ihold=14, fine=True, tcoolthrs=0, sgthrs=0, reverse=False):
        self.ok = False
        self.lost = False
        self.faults = 0
        self.trouble = 0
        self.errors = 0
        self.sg = 0
        self.mscnt = 0
        self._uart = uart
        self._ask = bytearray((_SYNC, address, 0, 0))
        self._chopconf = _write_of(address, _CHOPCONF, _CHOPCONF_VALUE | (_VSENSE if fine else 0))
        self._gconf = _write_of(address, _GCONF, _GCONF_VALUE | (_SHAFT if reverse else 0))
        # What tells of a reset is cleared first, and what a pulse means stands before that the register decides it.
        self._settings = (
            _write_of(address, _GSTAT, 7),
            self._chopconf,
            self._gconf,
            _write_of(address, _VACTUAL, 0),
            _write_of(address, _IHOLD_IRUN, 1 << 16 | (irun & 31) << 8 | ihold & 31),
            _write_of(address, _TPOWERDOWN, 20),
            _write_of(address, _TPWMTHRS, 0),
            _write_of(address, _PWMCONF, _PWMCONF_VALUE),
            _write_of(address, _TCOOLTHRS, tcoolthrs),
            _write_of(address, _SGTHRS, sgthrs),
            _write_of(address, _COOLCONF, 0),
        )
        self._in = bytearray(_MOST)
        self._sent = self._ask
        self._length = 0  # of what is under way; 0 when nothing is
        self._since = 0
        self._state = _IDENTIFY
        self._step = 0
        self._tries = _TRIES
        self._count = 0
        self._misses = 0
        self._anew = False

    def poll(self, ticks):
        """Takes what the last datagram brought and sends the next; True when a round of readings is complete."""
        fresh = False
        if self._length:
            if (ticks - self._since) & _TICKS < _TURN_MS:
                return False
            fresh = self._hear()
            self._length = 0
        if self._anew:
            self._anew = False
            self._begin()
        self._say()
        self._since = ticks
        return fresh

    def renew(self):
        """Has the settings written again, which also clears errors that the chip has latched."""
        self.ok = False
        self._anew = True

    def _begin(self):
        self.ok = False
        self._state = _IDENTIFY
        self._step = 0
        self._tries = _TRIES

    def _say(self):
        if self._state == _WRITE:
            self._sent = self._settings[self._step]
            self._length = 8
        else:
            ask = self._sent = self._ask
            if self._state == _RUN:
                ask[2] = _ROUND[self._step]
            else:
                ask[2] = _IOIN if self._state == _IDENTIFY else _IFCNT
            ask[3] = _crc(ask, 0, 3)
            self._length = 4
        self._take()  # whatever came too late belongs to nothing
        self._uart.write(self._sent, self._length)

    def _take(self):
        """Empties the receiver into `_in`, which keeps the last of it; returns how many bytes that is."""
        n = 0
        for _ in range(_FLOOD):
            waiting = self._uart.any()
            if not waiting:
                break
            n = self._uart.readinto(self._in, min(waiting, _MOST)) or 0
        return n

    def _hear(self):
        at = self._listen()
        if at < 0:
            self._miss(-at)
            return False
        self._misses = 0
        if self._state == _RUN:
            return self._judge(at)
        if self._state == _WRITE:
            self._state = _VERIFY
        elif self._state == _IDENTIFY:
            self._identify(at)
        elif self._state == _COUNT:
            self._count = self._in[at + 3]
            self._state = _WRITE
        else:
            self._verify(self._in[at + 3])
        return False

    def _listen(self):
        """Where the data of the answer begin, 0 when there is none to come, or a trouble, negative."""
        data, sent = self._in, self._sent
        n = self._take()
        end = self._echo(n)
        if not end:
            return -NO_ECHO
        if self._length == 8:
            return 0
        for at in range(end, n - 7):
            head = data[at] == _SYNC and data[at + 1] == _MASTER and data[at + 2] == sent[2]
            if head and _crc(data, at, at + 7) == data[at + 7]:
                return at + 3
        return -NO_ANSWER if n == end else -BAD_ANSWER

    def _echo(self, n):
        """Where the echo of what was sent ends in the n bytes that were heard, 0 without one. Before it may be what an
        answer that came too late has left."""
        data, sent, length = self._in, self._sent, self._length
        for at in range(n - length, -1, -1):
            i = 0
            while i < length and data[at + i] == sent[i]:
                i += 1
            if i == length:
                return at + length
        return 0

    def _identify(self, at):
        if self._in[at] == _VERSION:
            self.faults &= ~WRONG_PART
            self._state = _COUNT
        else:
            self.faults |= WRONG_PART

    def _verify(self, count):
        if count == (self._count + 1) & 0xFF:
            self._tries = _TRIES
            self._step += 1
        else:
            self._tries -= 1
            self._bad(NOT_TAKEN)
        self._count = count
        self._state = _WRITE
        if not self._tries:
            self._begin()
        elif self._step == len(self._settings):
            self._step = 0
            self._state = _RUN

    def _judge(self, at):
        data = self._in
        register = _ROUND[self._step]
        low = data[at + 3]
        if register == _GSTAT:
            self._set(DRIVER_ERROR, low & 2)
            self._set(CHARGE_PUMP, low & 4)
            if low & 1:
                return self._lose()
        elif register == _DRV_STATUS:
            self._set(WARM, low & 1)
            self._set(HOT, low & 2)
            self._set(SHORT, low & 0x3C)
            self._set(OPEN, low & 0xC0)
        elif register == _MSCNT:
            self.mscnt = (data[at + 2] << 8 | low) & 0x3FF
        elif register == _SG_RESULT:
            self.sg = (data[at + 2] << 8 | low) & 0x1FF
        else:
            wanted = self._chopconf if register == _CHOPCONF else self._gconf
            for i in range(4):
                if data[at + i] != wanted[3 + i]:
                    return self._lose()
        self._step += 1
        if self._step < len(_ROUND):
            return False
        self._step = 0
        self.ok = True
        return True

    def _set(self, fault, on):
        self.faults = self.faults | fault if on else self.faults & ~fault

    def _lose(self):
        self.lost = True
        self._begin()
        return False

    def _miss(self, trouble):
        """A bad exchange. While it runs, the question is asked again; a write is repeated if it was not taken."""
        self._bad(trouble)
        self._misses = min(self._misses + 1, _PATIENCE)
        if self._misses == _PATIENCE:
            self.ok = False
        if self._state == _WRITE:
            self._state = _VERIFY

    def _bad(self, trouble):
        self.trouble = trouble
        self.errors = (self.errors + 1) & 0xFFFF
