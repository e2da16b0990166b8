"""MAX30102 pulse oximeter: red and infrared counts at 100 Hz, taken from its FIFO in whole samples.

Source: Maxim MAX30102 datasheet. Set up over several polls, because a reset takes the chip a moment, and anew whenever
it did not answer, stopped or lost its supply. The FIFO does not roll over: full, it keeps the oldest 32 samples.

    sensor = MAX30102(i2c)
    for i in range(sensor.poll(ticks)):     # every 100 ms; more than 310 ms apart loses samples
        use(sensor.red[i], sensor.ir[i])    # 18 bit, 15.6 pA a count
"""

from array import array

from micropython import const

HZ = const(100)
DEPTH = const(32)
ADDRESS = const(0x57)
_STATUS = const(0x00)  # burst 00..06: two interrupt flags, their enables, FIFO write, overflow, read
_ENABLE, _POINTERS, _FIFO = const(0x02), const(0x04), const(0x07)
_FIFO_CONFIG = const(0x08)
_MODE = const(0x09)
_SPO2_CONFIG = const(0x0A)
_LED_RED, _LED_IR = const(0x0C), const(0x0D)
_PART_ID, _PART = const(0xFF), const(0x15)  # 0x15 is also a MAX30101 or MAX30105

_RESET, _SPO2_MODE, _PWR_RDY = const(0x40), const(0x03), const(0x01)
_A_FULL, _ALC_OVF = const(0x80), const(0x20)
_INTERRUPTS = const(0xA0)  # both: their flags would not be raised otherwise; the pin is not used
_SPO2_SETTING = const(0x27)  # 4096 nA full scale, 100 samples/s, 411 us pulses: 18 bit
_FIFO_SETTING = const(0x00)  # no averaging, no roll-over, A_FULL at 32 samples
_SAMPLE_MS = const(10)
_STUCK_MS = const(500)  # running, yet no new sample for so long: the chip has stopped
_TICKS = const(0x3FFFFFFF)
_OFF, _RESETTING, _RUNNING = const(0), const(1), const(2)


class MAX30102:
    """One oximeter on the bus it is handed. poll() fills red[:n] and ir[:n] and returns n.

    ok: it delivers. lost: samples missing before the first of the last poll. errors: transfers, stops, brown-outs.
    bright: the light from outside was more than the chip can take off, in some of the samples of the last poll.
    led: current of both LEDs in 0.2 mA. swapped: the module delivers infrared first, as many clones do.
    """

    def __init__(self, bus, led=0x24, swapped=False):
        self.ok = False
        self.bright = False
        self.lost = 0
        self.errors = 0
        self.red = array("i", [0] * DEPTH)
        self.ir = array("i", [0] * DEPTH)
        self._bus = bus
        self._led = led
        self._first, self._second = (self.ir, self.red) if swapped else (self.red, self.ir)
        self._buf = bytearray(6 * DEPTH)
        self._views = [memoryview(self._buf)[:n] for n in range(8)]
        self._samples = [memoryview(self._buf)[: 6 * n] for n in range(DEPTH + 1)]
        self._state = _OFF
        self._last = -1  # ticks of the newest samples or of the start
        self._gap = 0

    def poll(self, ticks):
        """Reads what has gathered, or takes the next step of setting up; returns the number of new samples, 0 to 32."""
        try:
            if self._state == _RUNNING:
                return self._read(ticks)
            self._set_up(ticks)
        except OSError:
            self.errors += 1
            self._state = _OFF
            self.ok = False
        return 0

    def _get(self, register, n=1):
        self._bus.readfrom_mem_into(ADDRESS, register, self._views[n])
        return self._buf[0]

    def _set(self, register, value):
        self._buf[0] = value
        self._bus.writeto_mem(ADDRESS, register, self._views[1])

    def _set_up(self, ticks):
        if self._state == _OFF:
            if self._get(_PART_ID) == _PART:
                self._set(_MODE, _RESET)
                self._state = _RESETTING
        elif not self._get(_MODE) & _RESET:
            self._set(_ENABLE, _INTERRUPTS)
            self._set(_FIFO_CONFIG, _FIFO_SETTING)
            self._set(_SPO2_CONFIG, _SPO2_SETTING)
            self._set(_LED_RED, self._led)
            self._set(_LED_IR, self._led)
            self._set(_MODE, _SPO2_MODE)
            for register in range(_POINTERS, _FIFO):
                self._set(register, 0)
            self._get(_STATUS)  # clears PWR_RDY: seen again later, it means a brown-out
            if self._get(_SPO2_CONFIG) != _SPO2_SETTING:  # the chip silently lowers a rate that it cannot keep
                raise OSError
            self._gap = ((ticks - self._last) & _TICKS) // _SAMPLE_MS if self._last >= 0 else 0
            self._last = ticks
            self._state = _RUNNING

    def _read(self, ticks):
        buf, first, second = self._buf, self._first, self._second
        flags = self._get(_STATUS, 7)
        dropped = buf[5] & 0x1F
        n = (buf[4] - buf[6]) & 0x1F
        quiet = (ticks - self._last) & _TICKS
        if n == 0 and (dropped or flags & _A_FULL):  # equal pointers: empty, or full to the brim
            n = DEPTH
        if flags & _PWR_RDY or (n == 0 and quiet > _STUCK_MS):
            raise OSError
        self.bright = flags & _ALC_OVF > 0
        if n:
            self._bus.readfrom_mem_into(ADDRESS, _FIFO, self._samples[n])
            for i in range(n):
                b = 6 * i
                first[i] = (buf[b] & 3) << 16 | buf[b + 1] << 8 | buf[b + 2]
                second[i] = (buf[b + 3] & 3) << 16 | buf[b + 4] << 8 | buf[b + 5]
            self.ok = True
            self.lost = self._gap
            # A full FIFO refuses the newest: they are missing after these. A counter at its end says too little.
            self._gap = dropped if dropped < 0x1F else max(dropped, quiet // _SAMPLE_MS - n)
            self._last = ticks
        return n
