"""The stepper driver's driver: settings that were really taken, and a loss of them that cannot go unseen."""

import micropython

from drivers import tmc2209
from drivers.tmc2209 import TMC2209

S30 = (1 << 30) - 1
POLL_MS = 10

# Computed independently and partly seen on real wires: datagrams with their CRC as last byte.
VECTORS = (
    "05 00 06 6F", "05 03 06 82", "55 00 06 E8", "F5 00 02 C8", "05 00 6C CA", "05 00 6F 84", "05 00 6A ED",
    "05 03 80 00 00 01 C0 6C", "05 00 EC 14 03 00 53 DF", "05 00 F0 C8 0D 0E 24 F2", "05 00 81 00 00 00 07 70",
    "05 00 A2 00 FF FC 18 57", "05 FF 06 21 00 02 51 A5", "05 FF 6F C0 1F 00 00 C1", "05 FF 41 00 00 01 FE 1B",
)  # fmt: skip


def crc(data):
    """Bit by bit, as a shift register would: the tests' own."""
    value = 0
    for byte in data:
        for bit in range(8):
            value = (value << 1 ^ (0x107 if value >> 7 != byte >> bit & 1 else 0)) & 0xFF
    return value


class Wire:
    """A TMC2209 and the uart it hangs on, all answers at once. now: the time that the next write is checked against.

    Each of silent, no_echo, garble, deaf, flip, cut and junk makes so many datagrams bad, counted down, or all at -1.
    """

    def __init__(self, address=3):
        self.address = address
        self.now = 0
        self.said = -1000
        self.rx = bytearray(64)
        self.n = 0
        self.log = []
        self.logging = True
        self.silent = self.no_echo = self.garble = self.deaf = self.flip = self.cut = self.junk = 0
        self.version = 0x21
        self.reset()

    def reset(self):
        self.ifcnt = 0
        self.values = {0x00: b"\0\0\1\1", 0x01: b"\0\0\0\1", 0x6C: b"\x10\0\0\x53", 0x6A: b"\0\0\0\0"}
        self.values[0x6F] = b"\x80\x10\0\0"
        self.values[0x41] = b"\0\0\0\x64"
        self.answer = bytearray(8)

    def any(self):
        return self.n

    def readinto(self, buf, n):
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

    def _spend(self, name):
        left = getattr(self, name)
        if left > 0:
            setattr(self, name, left - 1)
        return left != 0

    def write(self, buf, n):
        assert n in (4, 8) and buf[0] == 5 and buf[1] == self.address
        assert (self.now - self.said) & S30 >= 3, "the chip may still hold the wire"
        assert self.n == 0, "what came too late is thrown away first"
        assert buf[2] & 0x7F != 0x04, "the fuses"
        self.said = self.now
        if self.logging:
            self.log.append(bytes(buf[:n]))
        if self._spend("no_echo"):
            return n
        for i in range(n):
            self.rx[self.n] = buf[i]
            self.n += 1
        if self._spend("garble"):
            self.rx[self.n - 1] ^= 0x20
        if self._spend("silent"):
            return n
        if n == 8:
            if not self._spend("deaf"):
                self.ifcnt = self.ifcnt + 1 & 0xFF
                self._store(buf[2] & 0x7F, buf)
            return n
        self._reply(buf[2])
        return n

    def _store(self, reg, buf):
        data = bytes(buf[3:7])
        if reg == 0x01:
            data = bytes([0, 0, 0, self.values[1][3] & ~data[3]])
        self.values[reg] = data

    def _reply(self, reg):
        out = self.answer
        out[0], out[1], out[2] = 5, 0xFF, reg
        for i in range(4):
            out[3 + i] = 0
        if reg == 0x02:
            out[6] = self.ifcnt
        elif reg == 0x06:
            out[3] = self.version
        else:
            for i in range(4):
                out[3 + i] = self.values[reg][i]
        value = 0
        for i in range(7):
            for bit in range(8):
                value = (value << 1 ^ (0x107 if value >> 7 != out[i] >> bit & 1 else 0)) & 0xFF
        out[7] = value
        if self._spend("flip"):
            out[5] ^= 0x10
        if self._spend("junk"):
            self.arrive(b"\0")
        n = 5 if self._spend("cut") else 8
        for i in range(n):
            self.rx[self.n] = out[i]
            self.n += 1


def _polls(wire, driver, n, every=POLL_MS):
    """n polls; returns how many rounds they completed."""
    rounds = 0
    for _ in range(n):
        wire.now = (wire.now + every) & S30
        rounds += driver.poll(wire.now)
    return rounds


def _running(**settings):
    wire = Wire()
    driver = TMC2209(wire, **settings)
    for _ in range(100):
        if _polls(wire, driver, 1):
            break
    assert driver.ok and not driver.lost and driver.errors == 0
    return wire, driver


def _round(wire, driver):
    """Polls until a round is complete that began after now."""
    for _ in range(2):
        for _ in range(30):
            if _polls(wire, driver, 1):
                break
    assert driver.ok


def test_the_tests_own_crc_agrees_with_real_datagrams():
    for text in VECTORS:
        data = bytes([int(byte, 16) for byte in text.split()])
        assert crc(data[:-1]) == data[-1]


def test_every_datagram_is_whole_and_carries_its_crc():
    wire, driver = _running()
    _polls(wire, driver, 50)
    for data in wire.log:
        assert len(data) == (8 if data[2] & 0x80 else 4)
        assert crc(data[:-1]) == data[-1]
    assert bytes((0x05, 0x03, 0x80, 0, 0, 0x01, 0xC0, 0x6C)) in wire.log, "GCONF as computed elsewhere"
    assert bytes((0x05, 0x03, 0x06, 0x82)) in wire.log, "IOIN likewise"


def test_the_chip_gets_the_settings_of_the_dose_before_anything_counts():
    wire, _driver = _running(irun=20, ihold=18, tcoolthrs=0xFFFFF, sgthrs=80)
    values = wire.values
    assert values[0x00] == b"\0\0\x01\xc0", "UART pin, microsteps by register, filter; no current by a pin"
    assert values[0x6C] == b"\x14\x03\0\x53", "1/16, interpolated, lower range of current"
    assert values[0x10] == b"\0\x01\x14\x12", "irun 20, ihold 18, one ramp step"
    assert values[0x11] == b"\0\0\0\x14" and values[0x13] == bytes(4) and values[0x22] == bytes(4)
    assert values[0x70] == b"\xc8\x0d\x0e\x24"
    assert values[0x14] == b"\0\x0f\xff\xff" and values[0x40] == b"\0\0\0\x50" and values[0x42] == bytes(4)
    assert values[0x01] == bytes(4), "the mark of the reset is cleared"
    written = [data[2] & 0x7F for data in wire.log if data[2] & 0x80]
    assert written[0] == 0x01, "before the settings: a reset among them shows"
    assert written.index(0x6C) < written.index(0x00), "or a pulse would be 1/256 for a moment"
    assert len(written) == len(set(written)) == 11


def test_the_other_range_and_the_other_direction():
    wire, _driver = _running(fine=False, reverse=True)
    assert wire.values[0x6C] == b"\x14\x01\0\x53" and wire.values[0x00] == b"\0\0\x01\xc8"


def test_each_write_is_checked_and_one_that_was_not_taken_is_repeated():
    for nth in range(11):
        wire = Wire()
        driver = TMC2209(wire)
        while sum(1 for data in wire.log if data[2] & 0x80) < nth:
            _polls(wire, driver, 1)
        wire.deaf = 1
        _polls(wire, driver, 60)
        assert driver.ok and driver.errors == 1 and driver.trouble == tmc2209.NOT_TAKEN
        assert wire.ifcnt == 11, "each once"


def test_a_chip_that_takes_no_writes_is_never_ok():
    wire = Wire()
    wire.deaf = -1
    driver = TMC2209(wire)
    _polls(wire, driver, 200)
    assert not driver.ok and driver.trouble == tmc2209.NOT_TAKEN and driver.errors >= 10
    wire.deaf = 0
    _polls(wire, driver, 60)
    assert driver.ok


def test_the_counter_of_writes_may_wrap():
    wire = Wire()
    wire.ifcnt = 250
    driver = TMC2209(wire)
    _polls(wire, driver, 60)
    assert driver.ok and driver.errors == 0 and wire.ifcnt == 5


def test_readings():
    wire, driver = _running()
    wire.values[0x6A] = b"\0\0\x03\xff"
    wire.values[0x41] = b"\0\0\x01\xfe"
    _round(wire, driver)
    assert driver.mscnt == 1023 and driver.sg == 510
    flags = (
        (b"\x80\x10\0\x01", tmc2209.WARM), (b"\x80\x10\0\x03", tmc2209.WARM | tmc2209.HOT),
        (b"\0\0\0\x04", tmc2209.SHORT), (b"\0\0\0\x08", tmc2209.SHORT), (b"\0\0\0\x10", tmc2209.SHORT),
        (b"\0\0\0\x20", tmc2209.SHORT), (b"\0\0\0\x40", tmc2209.OPEN), (b"\0\0\0\x80", tmc2209.OPEN),
        (b"\xc0\x1f\0\0", 0),
    )  # fmt: skip
    for value, faults in flags:
        wire.values[0x6F] = value
        _round(wire, driver)
        assert driver.faults == faults
        assert bool(driver.faults & tmc2209.STOPS) == bool(faults & (tmc2209.HOT | tmc2209.SHORT))
    for value, faults in ((b"\0\0\0\x02", tmc2209.DRIVER_ERROR), (b"\0\0\0\x04", tmc2209.CHARGE_PUMP)):
        wire.values[0x01] = value
        _round(wire, driver)
        assert driver.faults == faults and driver.faults & tmc2209.STOPS
    assert not driver.lost


def test_a_lost_configuration_is_told_at_once_and_stays_told():
    wire, driver = _running()
    for late in range(12):
        _polls(wire, driver, late)
        wire.reset()
        polls = 0
        while not driver.lost:
            _polls(wire, driver, 1)
            polls += 1
        assert polls <= 5 and not driver.ok, "every third question looks for it"
        _polls(wire, driver, 60)
        assert driver.ok and driver.lost, "set anew, yet told until somebody clears it"
        assert wire.values[0x6C] == b"\x14\x03\0\x53" and wire.values[0x00] == b"\0\0\x01\xc0"
        driver.lost = False


def test_a_configuration_changed_by_whatever_is_lost_too():
    for register, value in ((0x6C, b"\x10\x03\0\x53"), (0x6C, b"\x14\x03\0\x50"), (0x00, b"\0\0\x01\x40")):
        wire, driver = _running()
        wire.values[register] = value
        _polls(wire, driver, 14)
        assert driver.lost
        _polls(wire, driver, 60)
        assert driver.ok


def test_a_reset_while_the_chip_does_not_answer_is_not_missed():
    wire, driver = _running()
    wire.silent = -1
    _polls(wire, driver, 5)
    assert not driver.ok and driver.trouble == tmc2209.NO_ANSWER and not driver.lost
    wire.reset()
    wire.silent = 0
    _polls(wire, driver, 60)
    assert driver.lost and driver.ok


def test_three_bad_exchanges_are_borne_and_the_fourth_is_not():
    for kind, trouble in (
        ("silent", tmc2209.NO_ANSWER),
        ("no_echo", tmc2209.NO_ECHO),
        ("flip", tmc2209.BAD_ANSWER),
        ("cut", tmc2209.BAD_ANSWER),
    ):
        wire, driver = _running()
        setattr(wire, kind, 3)
        _polls(wire, driver, 4)
        assert driver.ok and driver.errors == 3 and driver.trouble == trouble
        _round(wire, driver)
        setattr(wire, kind, 4)
        _polls(wire, driver, 5)
        assert not driver.ok and driver.errors == 7
        _round(wire, driver)
        assert not driver.lost


def test_a_wrong_answer_changes_no_reading():
    wire, driver = _running()
    wire.values[0x6A] = b"\0\0\0\x20"
    _round(wire, driver)
    wire.values[0x6A] = b"\0\0\x03\x30"
    wire.values[0x6F] = b"\0\0\0\x3f"
    wire.flip = -1
    _polls(wire, driver, 40)
    assert driver.mscnt == 0x20 and driver.faults == 0 and not driver.lost


def test_bytes_between_echo_and_answer_and_bytes_that_come_late_shift_nothing():
    wire, driver = _running()
    wire.junk = -1
    _round(wire, driver)
    assert driver.errors == 0
    wire.junk = 0
    for late in (
        b"\0",
        b"\x05\xff\x01\0\0\0\x01\x9a",
        b"\x05" * 20,
    ):  # the second: an old answer, whole, telling of a reset
        errors = driver.errors
        _polls(wire, driver, 1)
        wire.n = 0
        wire.arrive(late)
        _polls(wire, driver, 1)
        assert driver.errors == errors + 1, "without its echo it is no answer"
        _round(wire, driver)
        assert not driver.lost


def test_what_comes_before_the_echo_is_no_part_of_the_answer():
    wire, driver = _running()
    for late in (b"\0", b"\x05\xff\x01\0\0\0\x01\x9a", b"\x05\x03\x01\x48\x05\xff\x01\0\0\0\x01\x9a"):
        for _ in range(13):  # a whole round
            heard = bytes(wire.rx[: wire.n])
            wire.n = 0
            wire.arrive(late + heard)
            _polls(wire, driver, 1)
    assert driver.ok and driver.errors == 0 and not driver.lost


def test_a_wrong_echo_spoils_an_answer_but_no_setting_that_was_taken():
    wire, driver = _running()
    wire.values[0x01] = b"\0\0\0\x04"
    wire.garble = -1
    _polls(wire, driver, 20)
    assert driver.faults == 0 and not driver.ok and driver.trouble == tmc2209.NO_ECHO
    for nth in range(1, 12):
        wire = Wire()
        driver = TMC2209(wire)
        while sum(1 for data in wire.log if data[2] & 0x80) < nth:
            _polls(wire, driver, 1)
        wire.rx[7] ^= 0x20
        _polls(wire, driver, 60)
        assert driver.ok and driver.errors == 1 and wire.ifcnt == 11, "the chip's count tells that it was taken"


def test_an_answer_about_something_else_is_none():
    wire, driver = _running()
    for register in (0x01, 0x6F):  # whole, behind the echo of the question, and telling of the worst
        while wire.log[-1][2] != 0x6A:
            _polls(wire, driver, 1)
        errors = driver.errors
        data = bytes([5, 0xFF, register, 0, 0, 0, 0x3F])
        wire.n = 4
        wire.arrive(data + bytes([crc(data)]))
        _polls(wire, driver, 1)
        assert driver.errors == errors + 1 and driver.trouble == tmc2209.BAD_ANSWER
        assert not driver.lost and driver.faults == 0
        _round(wire, driver)


def test_what_the_line_held_before_the_first_question_is_thrown_away():
    wire = Wire()
    wire.arrive(b"\x05\xff\x06\x20\0\0\0\0\x55")
    driver = TMC2209(wire)
    _polls(wire, driver, 60)
    assert driver.ok and driver.errors == 0


def test_the_echo_of_the_boards_own_question_is_no_answer():
    wire, driver = _running()
    wire.silent = -1
    assert _polls(wire, driver, 30) == 0 and not driver.ok


def test_nothing_is_heard_or_said_within_three_milliseconds():
    wire, driver = _running()
    said = len(wire.log)
    _polls(wire, driver, 2, every=1)
    assert len(wire.log) == said
    _polls(wire, driver, 1, every=1)
    assert len(wire.log) == said + 1  # and Wire checks each of them


def test_another_chip_is_told():
    wire = Wire()
    wire.version = 0x20
    driver = TMC2209(wire)
    _polls(wire, driver, 30)
    assert not driver.ok and driver.faults == tmc2209.WRONG_PART
    assert not any(data[2] & 0x80 for data in wire.log), "and nothing is written to it"


def test_settings_can_be_written_again_which_clears_what_the_chip_has_latched():
    wire, driver = _running()
    wire.values[0x01] = b"\0\0\0\x02"
    _round(wire, driver)
    assert driver.faults == tmc2209.DRIVER_ERROR
    driver.renew()
    assert not driver.ok
    _polls(wire, driver, 60)
    assert driver.ok and driver.faults == 0 and not driver.lost


def test_each_poll_sends_one_datagram_at_most():
    wire = Wire()
    driver = TMC2209(wire)
    for _ in range(80):
        said = len(wire.log)
        _polls(wire, driver, 1)
        assert len(wire.log) <= said + 1


def test_the_clock_may_wrap_meanwhile():
    wire = Wire()
    wire.now = S30 - 200
    wire.said = S30 - 2000
    driver = TMC2209(wire)
    _polls(wire, driver, 60)
    assert driver.ok and driver.errors == 0


def test_polling_allocates_nothing():
    wire, driver = _running()
    wire.logging = False
    micropython.heap_lock()
    try:
        for _ in range(60):
            wire.now += POLL_MS
            driver.poll(wire.now)
    finally:
        micropython.heap_unlock()
    assert driver.ok and driver.errors == 0
