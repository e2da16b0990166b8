"""The bridge's driver: codes that can be believed, or a reason why there are none."""

import micropython

from driver_fakes import Bus
from drivers import nau7802
from drivers.nau7802 import NAU7802

S30 = (1 << 30) - 1
POLL_MS = 25


class Bridge(Bus):
    """A NAU7802 as far as a driver sees it. Conversions are `codes`, or when they are over the last one plus noise.

    ready: a conversion has been made since the last read. powers, calibrates: reads until it is done; -1 never.
    """

    def __init__(self):
        Bus.__init__(self, 0x2A)
        self.codes = []
        self.code = 1000
        self.revision = 0x4F
        self.ready = True
        self.powers = 1
        self.calibrates = 2
        self.cal_err = 0
        self.calibrations = 0
        self.resets = 0
        self.early_reads = 0
        self.power_on()

    def power_on(self):
        self.regs = bytearray(32)
        self.regs[0x07] = 0x80
        self.waiting = 0

    def read(self, reg, buf):
        if reg == 0x12:
            assert len(buf) == 3, "a code is read whole"
            assert self.regs[0] & 0x96 == 0x96 and self.regs[1] == 0x2F and self.regs[0x15] & 0x30 == 0x30
            if not self.ready:
                self.early_reads += 1
            if self.codes:
                self.code = self.codes.pop(0)
            else:
                self.code += 1
            buf[0] = self.code >> 16 & 0xFF
            buf[1] = self.code >> 8 & 0xFF
            buf[2] = self.code & 0xFF
            return
        for i in range(len(buf)):
            buf[i] = self._register(reg + i)

    def _register(self, reg):
        if reg == 0x00:
            value = self.regs[0]
            if value & 0x02 and not value & 0x08 and self.powers >= 0:
                self.waiting += 1
                if self.waiting > self.powers:
                    self.regs[0] |= 0x08
            return self.regs[0] | (0x20 if self.ready and value & 0x10 else 0)
        if reg == 0x02 and self.regs[2] & 0x04 and self.calibrates >= 0:
            self.waiting += 1
            if self.waiting > self.calibrates:
                self.regs[2] = self.regs[2] & ~0x04 | self.cal_err
        return self.revision if reg == 0x1F else self.regs[reg]

    def write(self, reg, buf):
        assert len(buf) == 1
        assert reg in (0x00, 0x01, 0x02, 0x15, 0x1C), "a register that this driver has no business with"
        value = buf[0]
        if reg == 0x00:
            if value & 0x01:
                self.resets += 1
                self.power_on()
            value = value & 0x97 | self.regs[0] & 0x08
            self.waiting = 0
        elif self.regs[0] & 0x01:
            return
        elif reg == 0x02:
            self.waiting = 0
            self.calibrations += value >> 2 & 1
            value |= self.regs[2] & 0x08
        self.regs[reg] = value


def _poll(driver, ticks, n):
    """n polls; returns the time after them and the codes that were fresh."""
    seen = []
    for _ in range(n):
        ticks = (ticks + POLL_MS) & S30
        if driver.poll(ticks):
            seen.append(driver.code)
    return ticks, seen


def _running(start=0):
    bus = Bridge()
    driver = NAU7802(bus)
    ticks, seen = start, []
    for _ in range(60):
        ticks, seen = _poll(driver, ticks, 1)
        if seen:
            break
    assert driver.ok and driver.fault == 0
    return bus, driver, ticks


def test_codes_are_signed_24_bit():
    bus, driver, ticks = _running()
    # bytes and codes as the datasheet's two's complement has them
    for raw, code in (
        (0x123456, 1193046),
        (0xFFFFFF, -1),
        (0xEDCBAA, -1193046),
        (0x7FFFFE, 8388606),
        (0x800001, -8388607),
    ):
        bus.codes.append(raw)
        ticks, seen = _poll(driver, ticks, 1)
        assert seen == [code]


def test_it_is_set_up_as_the_board_needs_it_and_calibrated_before_a_code_counts():
    bus, driver, _ticks = _running()
    assert bus.regs[0x00] == 0x9E, "own supply, running"
    assert bus.regs[0x01] == 0x2F, "3.0 V, gain 128"
    assert bus.regs[0x02] == 0x30, "80 samples a second, calibration over"
    assert bus.regs[0x15] == 0x30 and bus.regs[0x1C] == 0x80
    assert bus.calibrations == 1 and driver.calibrations == 1


def test_the_supply_has_a_quarter_of_a_second_before_the_calibration_and_no_poll_waits():
    bus = Bridge()
    driver = NAU7802(bus)
    ticks = 0
    on = -1
    while not bus.calibrations:
        before = bus.transfers
        ticks, _ = _poll(driver, ticks, 1)
        assert bus.transfers - before <= 8
        if on < 0 and bus.regs[0] & 0x96 == 0x96:
            on = ticks
    assert 250 <= ticks - on <= 300


def test_what_has_not_settled_after_the_calibration_is_thrown_away():
    bus = Bridge()
    driver = NAU7802(bus)
    bus.codes = [11, 12, 13, 14, 15, 16, 17]
    _ticks, seen = _poll(driver, 0, 40)
    assert seen[0] == 17


def test_nothing_is_read_before_it_is_ready():
    bus, driver, ticks = _running()
    bus.ready = False
    ticks, seen = _poll(driver, ticks, 6)
    assert seen == [] and bus.early_reads == 0 and driver.ok, "150 ms without a conversion is no trouble yet"
    bus.ready = True
    ticks, seen = _poll(driver, ticks, 1)
    assert len(seen) == 1


def test_a_chip_that_stops_converting_is_told_and_set_up_anew():
    bus, driver, ticks = _running()
    bus.ready = False
    resets = bus.resets
    ticks, seen = _poll(driver, ticks, 12)
    assert seen == [] and not driver.ok and driver.fault == nau7802.STOPPED
    assert bus.resets > resets
    bus.ready = True
    ticks, seen = _poll(driver, ticks, 60)
    assert driver.ok and driver.fault == 0 and driver.calibrations == 2


def test_a_chip_that_never_powers_up_or_never_ends_its_calibration_is_told_and_tried_again():
    for knob, fault in (("powers", nau7802.NO_POWER), ("calibrates", nau7802.NO_CALIBRATION)):
        bus = Bridge()
        setattr(bus, knob, -1)
        driver = NAU7802(bus)
        ticks, seen = _poll(driver, 0, 120)
        assert seen == [] and not driver.ok
        assert driver.fault == fault and driver.errors >= 1 and bus.resets >= 2
        setattr(bus, knob, 0)
        ticks, seen = _poll(driver, ticks, 120)
        assert driver.ok and driver.fault == 0


def test_a_failed_calibration_is_told_and_its_registers_are_not_used():
    bus = Bridge()
    bus.cal_err = 0x08
    driver = NAU7802(bus)
    ticks, seen = _poll(driver, 0, 40)
    assert seen == [] and driver.fault == nau7802.BAD_CALIBRATION and driver.calibrations == 0
    assert bus.resets >= 2, "only a reset puts the calibration registers back"
    bus.cal_err = 0
    ticks, seen = _poll(driver, ticks, 60)
    assert driver.ok


def test_another_part_at_the_address_is_told():
    bus = Bridge()
    bus.revision = 0x40
    driver = NAU7802(bus)
    _poll(driver, 0, 5)
    assert not driver.ok and driver.fault == nau7802.WRONG_PART


def test_a_code_at_the_end_of_the_range_is_no_force():
    for raw in (0x7FFFFF, 0x800000):
        bus, driver, ticks = _running()
        last = driver.code
        bus.codes = [raw] * 3
        ticks, seen = _poll(driver, ticks, 2)
        assert seen == [] and driver.ok and driver.code == last and driver.fault == nau7802.RAIL
        ticks, seen = _poll(driver, ticks, 1)
        assert not driver.ok and driver.fault == nau7802.RAIL
        bus.codes = [500]
        ticks, seen = _poll(driver, ticks, 1)
        assert seen == [500] and driver.ok and driver.fault == 0
        assert bus.resets == 1, "a broken wire is no reason to lose the zero"


def test_the_same_code_eight_times_is_no_measurement():
    bus, driver, ticks = _running()
    bus.codes = [777] * 12
    ticks, seen = _poll(driver, ticks, 7)
    assert seen == [777] * 7 and driver.ok
    ticks, seen = _poll(driver, ticks, 2)
    assert seen == [] and driver.fault == nau7802.STUCK and driver.ok
    ticks, seen = _poll(driver, ticks, 1)
    assert not driver.ok
    ticks, seen = _poll(driver, ticks, 3)
    assert len(seen) == 1 and driver.ok


def test_one_failed_transfer_costs_a_reading_and_never_the_zero():
    for failing in range(2):
        bus, driver, ticks = _running()
        errors = driver.errors
        bus.fail_at = failing
        ticks, seen = _poll(driver, ticks, 4)
        assert len(seen) == 3 and driver.errors == errors + 1
        assert driver.ok and driver.fault == 0 and driver.calibrations == 1 and bus.resets == 1


def test_failed_transfers_between_good_ones_never_add_up_to_a_lost_chip():
    bus, driver, ticks = _running()
    for _ in range(10):
        bus.fail_at = 0
        ticks, seen = _poll(driver, ticks, 3)
        assert len(seen) == 2
    assert driver.ok and driver.calibrations == 1


def test_a_silent_chip_is_lost_after_three_polls_and_calibrated_anew_when_it_is_back():
    bus, driver, ticks = _running()
    bus.silent = True
    ticks, seen = _poll(driver, ticks, 3)
    assert seen == [] and not driver.ok and driver.fault == nau7802.NO_ANSWER
    ticks, _ = _poll(driver, ticks, 100)
    assert driver.fault == nau7802.NO_ANSWER
    bus.silent = False
    ticks, seen = _poll(driver, ticks, 60)
    assert driver.ok and driver.calibrations == 2


def test_no_failed_transfer_of_the_set_up_escapes_or_leaves_it_half_done():
    for failing in range(20):
        bus = Bridge()
        driver = NAU7802(bus)
        bus.fail_at = failing
        _ticks, seen = _poll(driver, 0, 100)
        assert driver.ok and seen
        assert bus.regs[0x00] == 0x9E and bus.regs[0x01] == 0x2F and bus.regs[0x15] == 0x30 and bus.regs[0x1C] == 0x80


def test_lost_settings_are_noticed_within_two_polls_and_set_again():
    bus, driver, ticks = _running()
    bus.power_on()
    ticks, seen = _poll(driver, ticks, 2)
    assert seen == [] and not driver.ok and driver.fault == nau7802.BROWN_OUT
    ticks, seen = _poll(driver, ticks, 60)
    assert driver.ok and driver.calibrations == 2
    for register, value in ((0x01, 0x2E), (0x02, 0x00)):  # gain 64; 10 samples a second
        bus.regs[register] = value
        ticks, seen = _poll(driver, ticks, 2)
        assert seen == [] and driver.fault == nau7802.BROWN_OUT
        ticks, seen = _poll(driver, ticks, 60)
        assert driver.ok


def test_a_setting_misread_once_costs_no_calibration():
    bus, driver, ticks = _running()
    bus.regs[0x01] ^= 0x01
    ticks, seen = _poll(driver, ticks, 1)
    assert seen == []
    bus.regs[0x01] ^= 0x01
    ticks, seen = _poll(driver, ticks, 1)
    assert len(seen) == 1 and driver.ok and driver.calibrations == 1


def test_the_clock_may_wrap_at_any_step_of_the_set_up():
    for before in range(0, 1200, 40):
        _bus, driver, _ticks = _running((1 << 30) - before if before else 0)
        assert driver.ok and driver.errors == 0


def test_a_stop_is_noticed_across_a_wrap_of_the_clock():
    _bus, driver, ticks = _running()
    bus, driver, ticks = _running((1 << 30) - 60 - ticks)
    bus.ready = False
    ticks, _seen = _poll(driver, ticks, 12)
    assert ticks < 1000, "it has wrapped"
    assert driver.fault == nau7802.STOPPED


def test_polling_allocates_nothing():
    _bus, driver, ticks = _running()
    micropython.heap_lock()
    try:
        for _ in range(100):
            ticks = (ticks + POLL_MS) & S30
            driver.poll(ticks)
    finally:
        micropython.heap_unlock()
    assert driver.ok
