"""The cuff sensor's driver: pressures that can be believed, or a reason why there are none."""

import micropython

from driver_fakes import Bus
from drivers import mprls
from drivers.mprls import MPRLS

S30 = (1 << 30) - 1
POLL_MS = 20


class Sensor(Bus):
    """An MPRLS as far as a driver sees it: a command starts, a read gives status and `code`, then one more noisy.

    status: instead of the good one.
    """

    def __init__(self):
        Bus.__init__(self, 0x18)
        self.code = 419_430
        self.noise = 1
        self.status = 0x40
        self.commands = 0
        self.reads = 0

    def writeto(self, addr, buf):
        self._begin(addr)
        assert bytes(buf) == b"\xaa\x00\x00"
        self.commands += 1

    def readfrom_into(self, addr, buf):
        self._begin(addr)
        assert len(buf) == 4, "status and pressure are read whole"
        self.reads += 1
        self.code += self.noise
        self.noise = -self.noise
        buf[0] = self.status
        buf[1] = self.code >> 16 & 0xFF
        buf[2] = self.code >> 8 & 0xFF
        buf[3] = self.code & 0xFF


def _running():
    bus = Sensor()
    driver = MPRLS(bus)
    assert not driver.poll(0) and driver.poll(POLL_MS) and driver.ok
    return bus, driver, POLL_MS


def _poll(driver, ticks, n):
    fresh = 0
    for _ in range(n):
        ticks = (ticks + POLL_MS) & S30
        fresh += driver.poll(ticks)
    return ticks, fresh


def test_counts_become_hundredths_of_a_mmhg_by_the_datasheets_transfer_function():
    bus, driver, ticks = _running()
    bus.noise = 0
    for code, mmhg in (
        (0x066666, 0),
        (0x08F5C2, 15),
        (0x0D3A07, 40),
        (0x140DA7, 80),
        (0x1645A2, 93),
        (0x1AE148, 120),
        (0x200000, 150),
        (0x251EB8, 180),
        (0x311111, 250),
        (0x39999A, 300),
    ):
        bus.code = code
        ticks, fresh = _poll(driver, ticks, 1)
        assert fresh == 1
        assert abs(driver.pressure - 100 * mmhg) <= 1, (mmhg, driver.pressure)


def test_pressures_below_the_air_are_negative():
    bus, driver, ticks = _running()
    bus.code = 413_800  # a real sensor at rest
    _poll(driver, ticks, 1)
    assert -51 <= driver.pressure <= -50


def test_a_conversion_is_not_read_before_it_can_be_ready_and_the_next_starts_at_once():
    bus = Sensor()
    driver = MPRLS(bus)
    driver.poll(S30 - 2)
    for ticks in (S30 - 1, S30, 0, 1):
        assert not driver.poll(ticks)
    assert (bus.commands, bus.reads) == (1, 0)
    assert driver.poll(2)
    assert (bus.commands, bus.reads) == (2, 1)


def test_a_busy_sensor_is_waited_for_and_then_told_as_late_never_as_a_pressure():
    bus, driver, ticks = _running()
    bus.code = 0x1AE148
    bus.status = 0x60
    before = driver.pressure
    ticks, fresh = _poll(driver, ticks, 2)
    assert not fresh and driver.ok and driver.errors == 0
    ticks, fresh = _poll(driver, ticks, 12)
    assert not fresh and driver.fault == mprls.LATE and not driver.ok and driver.errors >= 3
    assert driver.pressure == before
    bus.status = 0x40
    ticks, fresh = _poll(driver, ticks, 3)
    assert fresh and driver.ok and driver.fault == 0


def test_only_the_status_powered_and_nothing_else_brings_a_pressure():
    for status in range(256):
        bus, driver, ticks = _running()
        bus.status = status
        ticks, fresh = _poll(driver, ticks, 1)
        assert fresh == (status == 0x40)
    for status, fault in ((0x44, mprls.MEMORY), (0x41, mprls.SATURATED), (0x00, mprls.NO_POWER), (0xFF, mprls.MEMORY)):
        bus, driver, ticks = _running()
        bus.status = status
        _poll(driver, ticks, 3)
        assert not driver.ok and driver.fault == fault


def test_codes_that_no_cuff_makes_are_refused():
    for code in (0, 1, 0x3FFFFF, 0x400000, 0xFFFFFF - 1):
        bus, driver, ticks = _running()
        before = driver.pressure
        bus.code = code
        bus.noise = 0
        _poll(driver, ticks, 3)
        assert not driver.ok and driver.fault == mprls.RANGE and driver.pressure == before


def test_a_code_that_never_changes_is_no_pressure():
    bus, driver, ticks = _running()
    bus.noise = 0
    ticks, fresh = _poll(driver, ticks, 9)
    assert fresh >= 8 and driver.ok
    ticks, fresh = _poll(driver, ticks, 20)
    assert fresh <= 1 and not driver.ok and driver.fault == mprls.STUCK
    bus.noise = 1
    _poll(driver, ticks, 1)
    assert driver.ok


def test_every_transfer_may_fail_and_is_counted_and_the_next_conversion_is_good():
    for transfer in range(2):
        bus, driver, ticks = _running()
        bus.fail_at = transfer
        ticks, fresh = _poll(driver, ticks, 1)
        assert driver.errors == 1 and driver.ok and driver.fault == mprls.NO_ANSWER
        ticks, fresh = _poll(driver, ticks, 2)
        assert fresh and driver.fault == 0


def test_a_sensor_that_is_gone_is_lost_after_three_polls_and_found_again():
    bus, driver, ticks = _running()
    bus.silent = True
    ticks, fresh = _poll(driver, ticks, 2)
    assert driver.ok and not fresh
    ticks, fresh = _poll(driver, ticks, 1)
    assert not driver.ok and driver.fault == mprls.NO_ANSWER and driver.errors == 3
    bus.silent = False
    ticks, fresh = _poll(driver, ticks, 2)
    assert fresh == 1 and driver.ok


def test_errors_wrap_at_16_bits():
    bus, driver, ticks = _running()
    driver.errors = 0xFFFF
    bus.silent = True
    _poll(driver, ticks, 1)
    assert driver.errors == 0


def test_polling_allocates_nothing():
    bus = Sensor()
    driver = MPRLS(bus)
    micropython.heap_lock()
    try:
        for n in range(400):
            bus.status = 0x60 if n in (20, 21) or 60 < n < 80 else 0x44 if 90 < n < 95 else 0x40
            bus.noise = 0 if 120 < n < 150 else 1
            driver.poll(n * POLL_MS)
    finally:
        micropython.heap_unlock()
    assert driver.ok and driver.errors > 3
