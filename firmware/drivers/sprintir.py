"""GSS SprintIR carbon dioxide sensor on a UART: 20 or 50 lines a second, each one sample in ppm.

Source: GSS, COZIR and SprintIR sensor user's guide. 8N1; the R model at 38400 Bd and 50 lines/s, W and 6S at 9600 Bd
and 20. A line is ` Z 00521`, CR, LF: the filtered reading in counts, of which the command `.` tells the ppm. Commands
are echoed with their number, in streaming mode up to 10 ms behind the lines. There is no checksum: a digit that was
changed on the wire can not be seen here. Calibration of the zero, automatic or not, is a service, never done from here.

    sensor = SprintIR(uart)
    n = sensor.poll(ticks)          # every 20 to 100 ms
    if sensor.lost:                 # samples missing before the first of these
        gap(sensor.lost)
    for i in range(n):
        use(sensor.co2[i])          # ppm
"""

from array import array

from micropython import const

DEPTH = const(32)  # samples that one poll brings at most
_FIELD = const(10)  # bytes of a line, which is what an answer also has
_CHUNK = const(64)
_READS = const(8)  # of the UART in one poll
_ANSWER_MS = const(300)
_TRIES = const(3)
_REST_MS = const(1000)  # after power-on it is deaf for about as long
_SILENT_MS = const(1000)
_LATE_MS = const(150)  # no line for so long: some were lost
_FLAT_MS = const(5000)  # a living sensor's noise changes the last digit within
_SPAN_MS = const(10_000)  # over which the rate of its samples is measured
_NEUTRAL = const(8192)
_TICKS = const(0x3FFFFFFF)
_SPACE, _CR, _LF, _ZERO = const(32), const(13), const(10), const(48)
_RUNNING = const(6)  # steps of setting up


class SprintIR:
    """One sensor at the end of the uart it is handed: any(), readinto(buf, n), write(buf, n), none of which blocks.

    ok: it is set up and delivers. co2[:n]: ppm. lost: samples missing before the first of the last poll. flat: the
    reading has not changed by a digit for 5 s. period_us: between two samples, measured by the board's clock. errors:
    damaged lines, missing answers, silences. bad: of these the damaged lines.

    hz: samples a second by the data sheet. smooth: setting of its digital filter, 1 the quickest. hpa: of the air,
    which the sensor corrects for.
    """

    def __init__(self, uart, hz=50, smooth=4, hpa=1013):
        self.ok = False
        self.lost = 0
        self.flat = False
        self.errors = 0
        self.bad = 0
        self.period_us = 1_000_000 // hz
        self.co2 = array("i", [0] * DEPTH)
        self._uart = uart
        self._nominal_us = 1_000_000 // hz
        self._flat_after = _FLAT_MS * hz // 1000
        # its effect is 0.14 % of the reading a hPa, told in 1/8192
        pressure = _NEUTRAL + (1013 - hpa) * 14 * 8192 // 10_000
        # letter and number of the answer, -1 for any; the filter and the mask are settings that it keeps
        self._steps = (
            (b"K 2\r\n", 75, 2),
            (b".\r\n", 46, -1),
            (b"M 4\r\n", 77, 4),
            (b"A %d\r\n" % smooth, 65, smooth),
            (b"S %d\r\n" % pressure, 83, pressure),
            (b"K 1\r\n", 75, 1),
        )
        self._in = bytearray(_CHUNK + 2 * _FIELD)
        self._behind = [memoryview(self._in)[n:] for n in range(2 * _FIELD)]
        self._held = 0  # bytes of an unfinished line
        self._step = 0
        self._asked = False
        self._tries = _TRIES
        self._since = -1  # ticks of the last question or good line
        self._multiplier = 1
        self._last = -1  # the last reading
        self._same = 0  # lines that have repeated it
        self._n = 0
        self._passed = 0  # damaged lines of this poll
        self._anchor = -1  # ticks from which lines are counted
        self._lines = 0

    def poll(self, ticks):
        """Takes the lines that have come, or the next step of setting up; returns the number of new samples."""
        self._n = self._passed = self.lost = 0
        try:
            self._take()
            if self._step < _RUNNING:
                self._set_up(ticks)
            else:
                self._watch(ticks)
        except OSError:
            self._fail(ticks)
        return self._n

    def _fail(self, ticks):
        self.errors = (self.errors + 1) & _TICKS
        self.ok = False
        self._step = 0
        self._asked = True  # of nobody: it rests before it begins anew
        self._tries = 0
        self._since = ticks

    def _set_up(self, ticks):
        self._n = 0
        if self._asked:
            if (ticks - self._since) & _TICKS < (_ANSWER_MS if self._tries else _REST_MS):
                return
            if not self._tries:
                self._tries = _TRIES
                self._step = 0
            else:
                self._tries -= 1
                self.errors = (self.errors + 1) & _TICKS
                if not self._tries:
                    self._since = ticks
                    return
        command = self._steps[self._step][0]
        self._uart.write(command, len(command))
        self._asked = True
        self._since = ticks

    def _answered(self, letter, number):
        """While it is set up: whether a line is what the last command is answered with."""
        _, wanted, value = self._steps[self._step]
        if not self._asked or not self._tries or letter != wanted:
            return
        if value < 0:
            if number != 1 and number != 10 and number != 100:
                return
            self._multiplier = number
        elif value != number:
            return
        self._asked = False
        self._tries = _TRIES
        self._step += 1
        if self._step == _RUNNING:
            self.ok = True
            self._last = self._since = self._anchor = -1
            self._same = 0
            self.flat = False

    def _watch(self, ticks):
        """Running: silences, and the pace of the lines."""
        came = self._n + self._passed
        if self._since < 0:
            self._since = ticks
        silence = (ticks - self._since) & _TICKS
        if self._n:
            self._since = ticks
            if silence > _LATE_MS:
                missing = silence * 1000 // self.period_us - came
                self.lost = self._passed + (missing if missing > 0 else 0)
                self._anchor = -1
            else:
                self.lost = self._passed
            self.flat = self._same >= self._flat_after
            self._pace(ticks, came)
        elif silence >= _SILENT_MS:
            self._fail(ticks)

    def _pace(self, ticks, came):
        if self._anchor < 0:
            self._anchor = ticks
            self._lines = 0
            return
        self._lines += came
        ms = (ticks - self._anchor) & _TICKS
        if ms < _SPAN_MS:
            return
        self._anchor = -1
        if ms < 2 * _SPAN_MS:
            period = ms * 1000 // self._lines
            if 3 * self._nominal_us < 4 * period < 5 * self._nominal_us:
                self.period_us = period
            else:
                self._fail(ticks)

    def _take(self):
        """Reads what waits and takes it line by line, as long as there is room for its samples."""
        for _ in range(_READS):
            waiting = self._uart.any()
            if not waiting or self._n > DEPTH - 8:  # one chunk holds seven lines at most
                return
            room = _CHUNK if waiting > _CHUNK else waiting
            n = self._held + (self._uart.readinto(self._behind[self._held], room) or 0)
            at = self._split(n)
            data = self._in
            self._held = n - at
            for i in range(self._held):
                data[i] = data[at + i]

    def _split(self, n):
        """Takes the lines out of the first n bytes; returns how many bytes those had."""
        data = self._in
        at = 0
        while n - at >= _FIELD:
            number = -1
            if data[at] == _SPACE and data[at + 2] == _SPACE and data[at + 8] == _CR and data[at + 9] == _LF:
                number = 0
                for i in range(at + 3, at + 8):
                    digit = data[i] - _ZERO
                    if not 0 <= digit <= 9:
                        number = -1
                        break
                    number = number * 10 + digit
            if number >= 0:
                self._line(data[at + 1], number)
                at += _FIELD
                continue
            # damaged, or of another form: on behind the next line feed, or to the whole line that ends with it
            end = at
            while end < n and data[end] != _LF:
                end += 1
            if end == n:
                if n - at < 2 * _FIELD:
                    return at  # it may still end
                at = n
            else:
                at = end - 9 if end - 9 > at else end + 1
            self._damaged()
        return at

    def _damaged(self):
        if self._step == _RUNNING:
            self._passed += 1
            self.bad = (self.bad + 1) & _TICKS
            self.errors = (self.errors + 1) & _TICKS

    def _line(self, letter, number):
        if self._step < _RUNNING:
            self._answered(letter, number)
        elif letter != 90 or self._n == DEPTH:
            if letter != 75:  # the late answer to a repeated command
                self._damaged()
        else:
            self.co2[self._n] = number * self._multiplier
            self._n += 1
            if number == self._last:
                self._same = min(self._same + 1, self._flat_after)
            else:
                self._last = number
                self._same = 0
