"""The emulated board's buses, line, drive, watchdog and pins: machine's names, the rig's socket behind them.

Nothing here allocates once made.
"""

from array import array

from micropython import const

from assuage_wire.schema import S30
from boards.rigsocket import ANSWER, BODY

try:
    from boards.rigbytes_viper import copy, get32, put32
except (ImportError, SyntaxError, NameError):  # no native emitter here
    from boards.rigbytes import copy, get32, put32

_I2C_MEM_READ, _I2C_MEM_WRITE, _I2C_READ, _I2C_WRITE = const(0x10), const(0x11), const(0x12), const(0x13)
_STEP_PUSH, _STEP_ABORT = const(0xA1), const(0x22)
_STEP_ENABLE, _STEP_FORWARD = const(0xA3), const(0xA4)
_UART_TX = const(0xB0)
_WDT_START, _WDT_FEED = const(0xB1), const(0xB2)
_RETAINED_GET, _RETAINED_SET = const(0x33), const(0xB4)
_PIN_GET, _PIN_SET = const(0x35), const(0xB6)

_DRIVE_ENABLE = const(3)
_STOP, _PRESSED = const(0x20), const(0x40)  # among the levels of the inputs
_READINGS = const(7)  # where they begin in an answer to a wait
WORDS = 7  # retained


class Bus:
    """One I2C bus, with the names of machine.I2C. A chip that does not acknowledge raises OSError."""

    def __init__(self, rig, number):
        self._rig = rig
        self._number = number

    def readfrom_mem_into(self, addr, reg, buf):
        """Reads len(buf) bytes from a register on."""
        rig = self._rig
        if rig.foreseen(self._number, addr, reg, buf):
            return
        rig.forget()
        out = rig.out
        out[BODY] = addr
        out[BODY + 1] = reg
        out[BODY + 2] = len(buf)
        rig.ask(_I2C_MEM_READ, self._number, 3, buf)

    def writeto_mem(self, addr, reg, buf):
        """Writes buf from a register on."""
        out = self._rig.out
        out[BODY] = addr
        out[BODY + 1] = reg
        n = self._fill(2, buf)
        self._rig.ask(_I2C_MEM_WRITE, self._number, n)

    def readfrom_into(self, addr, buf):
        """Reads len(buf) bytes."""
        out = self._rig.out
        out[BODY] = addr
        out[BODY + 1] = len(buf)
        self._rig.ask(_I2C_READ, self._number, 2, buf)

    def writeto(self, addr, buf):
        """Writes buf."""
        self._rig.out[BODY] = addr
        n = self._fill(1, buf)
        self._rig.ask(_I2C_WRITE, self._number, n)

    def _fill(self, at, buf):
        n = len(buf)
        copy(self._rig.out, BODY + at, buf, 0, n)
        return at + n


class Uart:
    """The serial line. Bytes come in with the answer to a wait."""

    def __init__(self, rig):
        self._rig = rig
        self._buf = b""
        self._at = 0
        self._end = 0

    def arrived(self, buf, at, end):
        """buf[at:end] holds new bytes, until the next wait."""
        self._buf = buf
        self._at = at
        self._end = end

    def any(self):
        """How many bytes wait."""
        return self._end - self._at

    def readinto(self, buf, n):
        """Moves up to n bytes into buf; returns how many, or None when there are none."""
        n = min(n, self._end - self._at)
        at = self._at
        copy(buf, 0, self._buf, at, n)
        self._at = at + n
        return n or None

    def write(self, buf, n):
        """Sends buf[:n]; the rig takes all of it."""
        self._rig.push_from(_UART_TX, 0, buf, n)
        return n


class StepGen:
    """The step drive's queue of (count, period) words. Its state comes with the answer to a wait; nothing moves
    meanwhile."""

    def __init__(self, rig):
        self._rig = rig
        self._consumed = self._queued = self._room = self._dry = 0

    def push(self, count, period_us):
        """Queues `count` steps, one every period_us; 0 steps are a pause of one period."""
        out = self._rig.out
        put32(out, BODY, count)
        put32(out, BODY + 4, period_us)
        self._rig.push_now(_STEP_PUSH, 0, 8)
        self._room -= 1
        self._queued += count

    def room(self):
        """Words that the queue still takes."""
        return self._room

    def consumed(self):
        """Steps made since the last reset, forward ones less backward ones, 30 bits."""
        return self._consumed

    def queued(self):
        """Steps still in the queue."""
        return self._queued

    def dry_runs(self):
        """How often the queue ran dry after a push."""
        return self._dry

    def abort(self):
        """Empties the queue at once."""
        self._rig.ask(_STEP_ABORT, 0, 0)
        answer = self._rig.answer
        self._consumed = get32(answer, ANSWER) & S30
        self._queued = get32(answer, ANSWER + 4) & S30
        self._room = answer[ANSWER + 8]
        self._dry = answer[ANSWER + 9] | answer[ANSWER + 10] << 8

    def enable(self, on):
        """Energises the drive, or lets go."""
        self._rig.forget()
        self._rig.push_now(_STEP_ENABLE, 1 if on else 0, 0)

    def forward(self, on):
        """Direction of the steps from now on: True delivers. Raises ValueError while steps are queued."""
        if self._queued:
            raise ValueError("the step queue is not empty")
        self._rig.forget()
        self._rig.push_now(_STEP_FORWARD, 1 if on else 0, 0)

    def seen(self, words):
        """Its state as of now: words[2:6] of an answer to a wait, see rigbytes.seen."""
        self._consumed = words[2] & S30
        self._queued = words[3] & S30
        self._room = words[4]
        self._dry = words[5]


class Watchdog:
    """Resets the board unless it is fed."""

    def __init__(self, rig, ticks_ms, mask):
        self._rig = rig
        self._ticks_ms = ticks_ms
        self._mask = mask
        self._timeout = 0
        self._fed = 0

    def start(self, timeout_ms):
        """Starts it for good, or gives it another timeout."""
        self._timeout = timeout_ms
        self._fed = self._ticks_ms()
        put32(self._rig.out, BODY, timeout_ms)
        self._rig.push_now(_WDT_START, 0, 4)

    def feed(self):
        """Grants another timeout."""
        self._fed = self._ticks_ms()
        self._rig.push(_WDT_FEED, 0, 0)

    def margin(self):
        """Milliseconds until it would bite."""
        return max(0, self._timeout - ((self._ticks_ms() - self._fed) & self._mask))


class Retained:
    """Seven words below 2**30 that outlive a reset but not the power."""

    def __init__(self, rig):
        self._rig = rig
        rig.ask(_RETAINED_GET, 0, 0)
        self._words = array("I", [get32(rig.answer, ANSWER + 4 * i) & S30 for i in range(WORDS)])

    def get(self, i):
        """Word i."""
        return self._words[i]

    def set(self, i, value):
        """Keeps word i."""
        if value != self._words[i]:
            self._words[i] = value
            put32(self._rig.out, BODY, value)
            self._rig.push(_RETAINED_SET, i, 4)


class Pin:
    """One pin, with the one method of machine.Pin that is used."""

    def __init__(self, rig, index):
        self._rig = rig
        self._index = index

    def value(self, level=None):
        """Reads the pin, or sets it."""
        if level is None:
            self._rig.ask(_PIN_GET, self._index, 0)
            return self._rig.answer[ANSWER]
        if self._index == _DRIVE_ENABLE:
            self._rig.forget()
        self._rig.out[BODY] = 1 if level else 0
        self._rig.push(_PIN_SET, self._index, 1)
        return None


class Inputs:
    """Keys, switches and analogue inputs as of the end of the last wait; nothing changes meanwhile.

    levels: as bits. pressed: the stop key was pressed since somebody last looked, even if it is released by now.
    """

    def __init__(self):
        self.levels = 0
        self.pressed = False
        self._words = array("I", [0] * (_READINGS + 4))

    def seen(self, words):
        """What they show is words[6:11] of an answer to a wait, see rigbytes.seen; it stays there until the next."""
        self._words = words
        self.levels = words[6]
        if self.levels & _PRESSED:
            self.pressed = True

    def reading(self, channel):
        """0 to 65535 over the input's range."""
        return self._words[_READINGS + channel]


class Contact:
    """One input of the panel, with the one method of machine.Pin that is used."""

    def __init__(self, inputs, index):
        self._inputs = inputs
        self._index = index

    def value(self):
        """Reads it."""
        return self._inputs.levels >> self._index & 1


class StopKey:
    """The stop key, which reads 0 once after a press that is over. A press ends the wait, which is the rig's doing."""

    def __init__(self, inputs):
        self._inputs = inputs

    @property
    def pressed(self):
        """Whether it was pressed since value() was last asked."""
        return self._inputs.pressed

    def value(self):
        """Reads it."""
        inputs = self._inputs
        if inputs.pressed:
            inputs.pressed = False
            return 0
        return 1 if inputs.levels & _STOP else 0


class Adc:
    """One analogue input, with the one method of machine.ADC that is used."""

    def __init__(self, inputs, channel):
        self._inputs = inputs
        self._channel = channel

    def read_u16(self):
        """0 to 65535 over the input's range."""
        return self._inputs.reading(self._channel)
