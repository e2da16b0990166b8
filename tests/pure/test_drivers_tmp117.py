"""The thermometer's driver: temperatures that can be believed, or a reason why there are none."""

import micropython

from driver_fakes import Bus
from drivers import tmp117
from drivers.tmp117 import TMP117

S30 = (1 << 30) - 1
POLL_MS = 250


class Chip(Bus):
    """A TMP117 as far as a driver sees it. codes: of the next conversions; ready: one has been made."""

    def __init__(self):
        Bus.__init__(self, 0x48)
        self.codes = []
        self.code = 0x1280
        self.ident = 0x0117
        self.ready = True
        self.busy = 0  # reads of the configuration until the chip is ready for settings
        self.deaf = False
        self.sets = 0
        self.offset = 0x0040  # of somebody else
        self.power_on()

    def power_on(self):
        self.config = 0x0220
        self.flag_was = False  # as the configuration was last read

    def read(self, reg, buf):
        assert len(buf) == 2, "registers are read whole"
        value = 0
        if reg == 0x00:
            assert self.flag_was, "a temperature is taken only after its flag, and at once"
            self.flag_was = False
            if self.codes:
                self.code = self.codes.pop(0)
            value = self.code
        elif reg == 0x01:
            value = self.config
            if self.busy:
                self.busy -= 1
                value |= 0x1000
            self.flag_was = self.ready
            if self.ready:
                value |= 0x2000
        elif reg == 0x07:
            value = self.offset
        elif reg == 0x0F:
            value = self.ident
        buf[0] = value >> 8
        buf[1] = value & 0xFF

    def write(self, reg, buf):
        assert len(buf) == 2 and reg in (0x01, 0x07), "a register that this driver has no business with"
        if self.deaf:
            return
        value = buf[0] << 8 | buf[1]
        if reg == 0x01:
            self.config = value
            self.sets += 1
        else:
            self.offset = value


def _poll(driver, ticks, n):
    """n polls; returns the time after them and the temperatures that were fresh."""
    seen = []
    for _ in range(n):
        ticks = (ticks + POLL_MS) & S30
        if driver.poll(ticks):
            seen.append(driver.centi)
    return ticks, seen


def _running(start=0):
    bus = Chip()
    driver = TMP117(bus)
    ticks, _ = _poll(driver, start, 4)
    assert driver.ok and driver.fault == 0
    return bus, driver, ticks


def test_codes_are_signed_and_in_the_datasheets_unit():
    bus, driver, ticks = _running()
    # codes and degrees of the datasheet's table, and 36.6015625
    for code, raw, centi in (
        (0x1280, 4736, 3700),
        (0x0C80, 3200, 2500),
        (0x3200, 12800, 10000),
        (0xF380, -3200, -2500),
        (0xFFFF, -1, -1),
        (0x124D, 4685, 3660),
        (0x1340, 4928, 3850),
    ):
        bus.codes.append(code)
        ticks, seen = _poll(driver, ticks, 1)
        assert seen == [centi] and driver.raw == raw


def test_it_converts_without_end_with_eight_averages_and_without_anybodys_offset():
    bus, _driver, _ticks = _running()
    assert bus.config == 0x0224 and bus.offset == 0 and bus.sets == 1


def test_the_code_before_the_first_conversion_is_no_temperature():
    bus, driver, ticks = _running()
    bus.codes = [0x8000, 0x1280]
    ticks, seen = _poll(driver, ticks, 1)
    assert seen == [] and driver.raw == 4736 and driver.ok
    ticks, seen = _poll(driver, ticks, 1)
    assert len(seen) == 1


def test_nothing_is_taken_before_its_flag():
    bus, driver, ticks = _running()
    bus.ready = False
    before = bus.transfers
    ticks, seen = _poll(driver, ticks, 4)
    assert seen == [] and driver.ok and bus.transfers - before == 4
    bus.ready = True
    ticks, seen = _poll(driver, ticks, 1)
    assert seen == [3700]


def test_a_chip_that_stops_is_told_within_four_seconds_and_set_up_anew():
    bus, driver, ticks = _running()
    bus.ready = False
    ticks, seen = _poll(driver, ticks, 16)
    assert seen == [] and not driver.ok and driver.fault == tmp117.STOPPED and bus.sets >= 2
    bus.ready = True
    ticks, seen = _poll(driver, ticks, 3)
    assert seen and driver.ok and driver.fault == 0


def test_another_part_at_the_address_is_told():
    bus = Chip()
    bus.ident = 0x0075
    driver = TMP117(bus)
    _ticks, seen = _poll(driver, 0, 5)
    assert seen == [] and not driver.ok and driver.fault == tmp117.WRONG_PART and bus.sets == 0
    bus.ident = 0x1117  # another revision is the same part
    _ticks, seen = _poll(driver, 0, 5)
    assert driver.ok


def test_a_chip_that_still_loads_its_own_settings_is_waited_for():
    bus = Chip()
    bus.busy = 2
    driver = TMP117(bus)
    ticks, seen = _poll(driver, 0, 2)
    assert bus.sets == 0 and driver.errors == 0
    ticks, seen = _poll(driver, ticks, 3)
    assert seen and driver.ok


def test_settings_that_do_not_hold_are_told():
    bus = Chip()
    bus.deaf = True
    driver = TMP117(bus)
    ticks, seen = _poll(driver, 0, 8)
    assert seen == [] and not driver.ok and driver.fault == tmp117.NOT_SET
    bus.deaf = False
    ticks, seen = _poll(driver, ticks, 8)
    assert driver.ok


def test_a_chip_that_lost_its_supply_is_noticed_at_the_next_poll_and_set_again():
    bus, driver, ticks = _running()
    bus.power_on()
    ticks, seen = _poll(driver, ticks, 1)
    assert seen == [] and not driver.ok and driver.fault == tmp117.BROWN_OUT
    ticks, seen = _poll(driver, ticks, 2)
    assert seen and driver.ok and bus.config == 0x0224


def test_one_failed_transfer_costs_one_reading():
    for failing in range(2):
        bus, driver, ticks = _running()
        errors = driver.errors
        bus.fail_at = failing
        ticks, seen = _poll(driver, ticks, 4)
        assert len(seen) == 3 and driver.errors == errors + 1 and driver.ok and bus.sets == 1


def test_a_silent_chip_is_lost_after_three_polls_and_comes_back():
    bus, driver, ticks = _running()
    bus.silent = True
    ticks, seen = _poll(driver, ticks, 2)
    assert driver.ok
    ticks, seen = _poll(driver, ticks, 1)
    assert seen == [] and not driver.ok and driver.fault == tmp117.NO_ANSWER
    ticks, seen = _poll(driver, ticks, 100)
    bus.silent = False
    ticks, seen = _poll(driver, ticks, 3)
    assert driver.ok and driver.fault == 0


def test_no_failed_transfer_of_the_set_up_escapes_or_leaves_it_half_done():
    for failing in range(8):
        bus = Chip()
        driver = TMP117(bus)
        bus.fail_at = failing
        _ticks, seen = _poll(driver, 0, 8)
        assert driver.ok and seen and bus.config == 0x0224 and bus.offset == 0


def test_a_stop_is_noticed_across_a_wrap_of_the_clock():
    bus, driver, ticks = _running((1 << 30) - 3000)
    bus.ready = False
    ticks, _seen = _poll(driver, ticks, 16)
    assert ticks < 5000 and driver.fault == tmp117.STOPPED
    bus, driver, ticks = _running((1 << 30) - 3000)
    bus.ready = False
    ticks, _seen = _poll(driver, ticks, 12)
    assert ticks < 5000 and driver.ok


def test_polling_allocates_nothing():
    bus, driver, ticks = _running()
    micropython.heap_lock()
    try:
        for n in range(200):
            ticks = (ticks + POLL_MS) & S30
            bus.ready = n & 3 == 0
            bus.silent = n in (70, 90, 91, 92, 93)
            if n == 120:
                bus.power_on()
            driver.poll(ticks)
    finally:
        micropython.heap_unlock()
    assert driver.ok
