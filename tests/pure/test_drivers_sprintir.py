"""The carbon dioxide sensor's driver: confirmed settings, whole lines only, and what is missing told."""

import micropython

from drivers.sprintir import DEPTH, SprintIR

S30 = (1 << 30) - 1


class Wire:
    """A sensor and the UART it hangs on, all answers at once.

    mute: it answers nothing. wrong: the letter of the command that is answered with another number. late: a streamed
    line stands before each answer.
    """

    def __init__(self):
        self.rx = bytearray(512)
        self.n = 0
        self.log = []
        self.mute = self.late = False
        self.wrong = 0
        self.multiplier = b"00010"
        self.fails = False

    def any(self):
        return self.n

    def readinto(self, buf, n):
        if self.fails:
            raise OSError(5)
        n = min(n, self.n)
        for i in range(n):
            buf[i] = self.rx[i]
        for i in range(self.n - n):
            self.rx[i] = self.rx[i + n]
        self.n -= n
        return n or None

    def arrive(self, data):
        for byte in data:
            self.rx[self.n] = byte
            self.n += 1

    def write(self, buf, n):
        command = bytes(buf[:n])
        assert command[-2:] == b"\r\n"
        self.log.append(command)
        if self.mute:
            return n
        if self.late:
            self.arrive(b" Z 00041 z 00040\r\n")
        number = self.multiplier
        if command[:1] != b".":
            number = b"%05d" % (int(command[2:-2]) + (command[0] == self.wrong))
        self.arrive(b" " + command[:1] + b" " + number + b"\r\n")
        return n


class Sensor:
    """A driver on its wire, polled every 50 ms."""

    def __init__(self, at=0, **settings):
        self.wire = Wire()
        self.driver = SprintIR(self.wire, **settings)
        self.at = at

    def poll(self, data=b"", ms=50):
        self.wire.arrive(data)
        self.at = (self.at + ms) & S30
        return self.driver.poll(self.at)

    def until_ok(self):
        for _ in range(60):
            if not self.driver.ok:
                self.poll()
        assert self.driver.ok

    def polls(self, n):
        for _ in range(n):
            self.poll()


def _running(at=0, **settings):
    sensor = Sensor(at, **settings)
    sensor.polls(8)
    assert sensor.driver.ok and sensor.driver.errors == 0
    return sensor


def test_it_sets_up_step_by_step_and_streams_last():
    sensor = _running(smooth=8, hpa=950)
    assert sensor.wire.log == [b"K 2\r\n", b".\r\n", b"M 4\r\n", b"A 8\r\n", b"S 8914\r\n", b"K 1\r\n"]


def test_the_pressures_settings_are_those_of_the_guide():
    for hpa, setting in ((1013, 8192), (950, 8914), (900, 9487), (1040, 7882)):
        sensor = _running(hpa=hpa)
        assert abs(int(sensor.wire.log[4][2:-2]) - setting) <= 1


def test_lines_of_the_stream_do_not_pass_for_answers():
    sensor = Sensor()
    sensor.wire.late = True
    sensor.polls(8)
    assert sensor.driver.ok


def test_a_setting_that_is_not_confirmed_is_asked_again_and_then_all_anew():
    for letter in b"KMAS":
        sensor = Sensor()
        sensor.wire.wrong = letter
        sensor.polls(100)
        assert not sensor.driver.ok and sensor.driver.errors >= 3
        assert sensor.poll(b" Z 00041\r\n") == 0
        sensor.wire.wrong = 0
        sensor.until_ok()


def test_a_multiplier_that_no_sensor_has_is_not_believed():
    sensor = Sensor()
    sensor.wire.multiplier = b"00012"
    sensor.polls(100)
    assert not sensor.driver.ok


def test_readings_are_ppm_by_the_sensors_multiplier():
    for text, multiplier in ((b"00001", 1), (b"00010", 10), (b"00100", 100)):
        sensor = Sensor()
        sensor.wire.multiplier = text
        sensor.polls(8)
        assert sensor.poll(b" Z 05330\r\n Z 99999\r\n") == 2
        assert list(sensor.driver.co2[:2]) == [5330 * multiplier, 99_999 * multiplier]


def test_a_line_in_two_pieces_is_one_line():
    for cut in range(1, 10):
        sensor = _running()
        line = b" Z 00521\r\n"
        assert sensor.poll(line + line[:cut]) == 1
        assert sensor.poll(line[cut:] + line) == 2
        assert sensor.driver.bad == 0 and sensor.driver.lost == 0 and sensor.driver.co2[0] == 5210


def test_every_damage_costs_its_line_only():
    good = b" Z 00521\r\n"
    for bad in (
        b" Z 005\r\n", b" Z 0052", b"\r\n", b"\xff\xfe\xfd", b" Z 00x21\r\n", b"  00521\r\n", b" Z 00521 z 00520\r\n",
        b" Q 00521\r\n", b" Z -0521\r\n", b" ?\r\n",
    ):  # fmt: skip
        sensor = _running()
        n = sensor.poll(good + good + bad + good + good)
        assert n == 4, bad
        assert sensor.driver.bad >= 1 and sensor.driver.lost >= 1
        for i in range(n):
            assert sensor.driver.co2[i] == 5210
        assert sensor.poll(good) == 1 and sensor.driver.lost == 0


def test_a_flood_without_an_end_is_thrown_away():
    sensor = _running()
    for _ in range(5):
        assert sensor.poll(b"\x55" * 100) == 0
    sensor.poll(b" Z 00521\r\n")
    assert sensor.poll(b" Z 00521\r\n Z 00522\r\n") == 2


def test_more_than_fits_into_one_poll_waits_for_the_next():
    sensor = _running()
    first = sensor.poll(b" Z 00521\r\n" * 45)
    assert first <= DEPTH
    second = sensor.poll()
    assert first + second == 45 and sensor.driver.bad == 0


def test_what_a_pause_has_cost_is_told_with_the_next_line():
    sensor = _running()
    sensor.poll(b" Z 00521\r\n")
    sensor.polls(9)
    assert sensor.poll(b" Z 00521\r\n") == 1
    assert sensor.driver.lost == 24  # of 25 lines in 500 ms


def test_a_second_of_silence_ends_it():
    sensor = _running()
    sensor.poll(b" Z 00521\r\n")
    sensor.wire.mute = True
    sensor.polls(21)
    assert not sensor.driver.ok and sensor.driver.errors == 1


def test_a_reading_that_never_moves_is_flat():
    sensor = _running()
    for n in range(101):
        assert not sensor.driver.flat
        sensor.poll(b" Z 00040\r\n" * 3 if n % 2 else b" Z 00040\r\n" * 2)
    sensor.poll(b" Z 00040\r\n" * 3)
    assert sensor.driver.flat
    sensor.poll(b" Z 00041\r\n")
    assert not sensor.driver.flat


def test_the_pace_of_the_lines_is_measured_across_the_wrap_of_the_clock():
    for start in (0, S30 - 6000):
        sensor = _running(start)
        for n in range(230):
            sensor.poll((b" Z 0%04d\r\n" % n) * (2 if n % 4 else 3))  # 45 a second
        assert abs(sensor.driver.period_us - 22_222) < 300, sensor.driver.period_us


def test_a_uart_that_fails_is_counted_and_not_raised():
    sensor = _running()
    sensor.wire.fails = True
    sensor.poll(b" Z 00521\r\n")
    assert not sensor.driver.ok and sensor.driver.errors == 1
    sensor.wire.fails = False
    sensor.until_ok()


def test_streaming_allocates_nothing():
    sensor = _running()
    good, bad = b" Z 00521\r\n Z 00522\r\n", b" Z 00521\r\n Z 0x522\r\n Z 1"
    polls = sensor.poll
    micropython.heap_lock()
    try:
        for n in range(400):
            polls(good if n % 9 else bad)
        for _ in range(18):
            polls()
    finally:
        micropython.heap_unlock()
    assert sensor.driver.ok and sensor.driver.bad
