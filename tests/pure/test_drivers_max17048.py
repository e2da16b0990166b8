"""The fuel gauge's driver: never more charge than the chip can know of."""

import micropython

from driver_fakes import Bus
from drivers.max17048 import MAX17048

S30 = (1 << 30) - 1
SECOND = 1000


class Gauge(Bus):
    """A MAX17048 as far as a driver sees it: whole registers of two bytes. deaf: writes change nothing."""

    def __init__(self):
        Bus.__init__(self, 0x36)
        self.vcell = 50_560  # 3.95 V at 78.125 uV
        self.soc = 70 * 256
        self.crate = 0
        self.version = 0x0012
        self.deaf = False
        self.quick_starts = 0
        self.reset()

    def reset(self):
        self.regs = {0x06: 0, 0x0A: 0x8030, 0x0C: 0x971C, 0x14: 0x00FF, 0x18: 0x960C, 0x1A: 0x0100}

    def read(self, reg, buf):
        assert len(buf) == 2 and reg % 2 == 0, "registers are read whole"
        word = self.regs.get(reg, 0)
        if reg == 0x02:
            word = self.vcell
        elif reg == 0x04:
            word = self.soc
        elif reg == 0x08:
            word = self.version
        elif reg == 0x16:
            word = self.crate & 0xFFFF
        buf[0] = word >> 8
        buf[1] = word & 0xFF

    def write(self, reg, buf):
        assert len(buf) == 2, "half a register is not taken"
        assert reg in (0x0A, 0x0C, 0x14, 0x1A), "a register that this driver has no business with"
        word = buf[0] << 8 | buf[1]
        if not self.deaf:
            self.regs[reg] = word & self.regs[reg] if reg == 0x1A else word


def _polls(driver, ticks, n):
    """n polls a second apart; returns the time after them and how many brought readings."""
    fresh = 0
    for _ in range(n):
        ticks = (ticks + SECOND) & S30
        fresh += driver.poll(ticks)
    return ticks, fresh


def _running():
    """One whose charge is no estimate any more."""
    bus = Gauge()
    driver = MAX17048(bus)
    ticks, _ = _polls(driver, 0, 605)
    assert driver.ok and not driver.estimated and driver.errors == 0
    return bus, driver, ticks


def test_readings_in_the_datasheets_units():
    bus, driver, ticks = _running()
    assert driver.mv == 3950 and driver.charge == 700 and driver.rate == 0
    for vcell, mv in ((53_760, 4200), (42_240, 3300), (12_800, 1000), (65_534, 5119)):
        bus.vcell = vcell
        ticks, _ = _polls(driver, ticks, 1)
        assert driver.mv == mv
    for soc, charge in ((0, 0), (255, 9), (256, 10), (25_599, 999), (25_600, 1000), (26_000, 1000)):
        bus.soc = soc
        ticks, _ = _polls(driver, ticks, 1)
        assert driver.charge == charge, "0.1 %, rounded down, and never above all"
    for crate, rate in ((0, 0), (100, 208), (1, 2), (-1, -3), (-100, -208), (-2, -5), (32767, 68155), (-32768, -68158)):
        bus.crate = crate
        ticks, _ = _polls(driver, ticks, 1)
        assert driver.rate == rate, "0.208 % an hour, rounded towards the worse"


def test_settings_hibernation_off_and_alerts_where_they_were_asked_for():
    bus = Gauge()
    driver = MAX17048(bus, 10, 3400)
    _polls(driver, 0, 3)
    assert driver.ok
    assert bus.regs[0x0A] == 0, "HIBRT 0 is no hibernation"
    assert bus.regs[0x0C] == 0x9716, "RCOMP as it was, 32 - 10 %"
    assert bus.regs[0x14] >> 8 == 170, "3.4 V in steps of 20 mV"
    assert bus.regs[0x14] & 0xFF >= 0xFE, "and no upper limit in reach"
    assert bus.regs[0x18] == 0x960C


def test_after_the_chips_reset_nothing_counts_before_its_first_update():
    bus = Gauge()
    driver = MAX17048(bus)
    bus.soc = 0
    fresh_at = []
    for ticks in range(100, 2000, 100):
        if ticks == 1050:
            bus.soc = 60 * 256
        if ticks >= 1100:
            bus.soc = 60 * 256
        if driver.poll(ticks):
            fresh_at.append(ticks)
            assert driver.charge == 600
    assert fresh_at and fresh_at[0] >= 100 + 1035, "1 s, and its clock is 3.5 % off at worst"
    assert driver.estimated and driver.resets == 1


def test_a_chip_that_has_run_all_along_is_believed_at_once():
    bus, _driver, _ticks = _running()
    again = MAX17048(bus)
    assert again.poll(5)
    assert again.ok and not again.estimated and again.charge == 700 and again.resets == 0


def test_an_estimate_may_fall_at_once_and_rises_only_after_ten_minutes():
    bus = Gauge()
    driver = MAX17048(bus)
    bus.soc = 60 * 256
    ticks, _ = _polls(driver, 0, 3)
    assert driver.charge == 600
    bus.soc = 80 * 256
    ticks, _ = _polls(driver, ticks, 500)
    assert driver.charge == 600 and driver.estimated
    bus.soc = 50 * 256
    ticks, _ = _polls(driver, ticks, 1)
    assert driver.charge == 500
    bus.soc = 80 * 256
    ticks, _ = _polls(driver, ticks, 90)
    assert driver.charge == 500 and driver.estimated
    ticks, _ = _polls(driver, ticks, 20)
    assert driver.charge == 800 and not driver.estimated


def test_a_reset_in_between_cannot_fill_the_battery():
    bus, driver, ticks = _running()
    bus.soc = 30 * 256
    ticks, _ = _polls(driver, ticks, 1)
    bus.reset()
    bus.soc = 95 * 256  # what it makes of the charger's voltage
    ticks, fresh = _polls(driver, ticks, 2)
    assert fresh == 0 and not driver.ok
    ticks, fresh = _polls(driver, ticks, 100)
    assert driver.ok and driver.charge == 300 and driver.estimated and driver.resets == 2


def test_that_it_is_an_estimate_is_known_after_the_processors_reset_too():
    bus = Gauge()
    first = MAX17048(bus)
    _polls(first, 0, 100)
    assert first.estimated
    second = MAX17048(bus)
    ticks, _ = _polls(second, 0, 300)
    assert second.ok and second.estimated and second.resets == 0
    ticks, _ = _polls(second, ticks, 310)
    assert not second.estimated
    third = MAX17048(bus)
    third.poll(0)
    assert third.ok and not third.estimated


def test_quick_start_is_never_used_and_the_mode_never_written():
    bus = Gauge()  # whose write() refuses the register
    driver = MAX17048(bus)
    ticks, _ = _polls(driver, 0, 700)
    bus.reset()
    _polls(driver, ticks, 700)
    assert driver.errors == 1 and driver.resets == 2


def test_a_single_failed_transfer_costs_one_reading():
    for failing in range(6):
        bus, driver, ticks = _running()
        bus.fail_at = failing
        ticks, fresh = _polls(driver, ticks, 4)
        assert fresh == 3 and driver.errors == 1 and driver.ok and not driver.estimated


def test_a_silent_gauge_is_lost_after_three_polls_and_found_again():
    bus, driver, ticks = _running()
    bus.silent = True
    ticks, fresh = _polls(driver, ticks, 2)
    assert fresh == 0 and driver.ok
    ticks, fresh = _polls(driver, ticks, 1)
    assert not driver.ok
    bus.silent = False
    ticks, fresh = _polls(driver, ticks, 1)
    assert fresh == 1 and driver.ok and not driver.estimated


def test_no_failed_transfer_of_the_set_up_leaves_it_half_done_or_forgets_the_reset():
    for failing in range(14):
        bus = Gauge()
        driver = MAX17048(bus)
        bus.fail_at = failing
        _polls(driver, 0, 6)
        assert driver.ok and driver.estimated and driver.resets == 1
        assert bus.regs[0x0A] == 0 and bus.regs[0x0C] == 0x970C and not bus.regs[0x1A] & 0x0100


def test_another_part_or_one_that_takes_no_settings_is_never_ok():
    for knob, value in (("version", 0x0002), ("version", 0xFFFF), ("deaf", True)):
        bus = Gauge()
        setattr(bus, knob, value)
        driver = MAX17048(bus)
        _ticks, fresh = _polls(driver, 0, 20)
        assert fresh == 0 and not driver.ok and driver.errors >= 10


def test_lost_settings_are_noticed_and_set_again():
    for register, value in ((0x0A, 0x8030), (0x0C, 0x978C), (0x0C, 0x971C)):  # hibernation, sleep, another alert
        bus, driver, ticks = _running()
        bus.regs[register] = value
        ticks, fresh = _polls(driver, ticks, 1)
        assert fresh == 0
        ticks, fresh = _polls(driver, ticks, 1)
        assert fresh == 1 and bus.regs[0x0A] == 0 and bus.regs[0x0C] == 0x970C


def test_the_mark_of_a_reset_alone_makes_an_estimate_of_the_charge():
    bus, driver, ticks = _running()
    bus.regs[0x1A] |= 0x0100
    ticks, fresh = _polls(driver, ticks, 2)
    assert fresh == 0 and not driver.ok and driver.estimated
    ticks, fresh = _polls(driver, ticks, 3)
    assert driver.ok and driver.resets == 2


def test_lost_settings_do_not_begin_the_time_of_an_estimate_anew():
    bus = Gauge()
    driver = MAX17048(bus)
    ticks, _ = _polls(driver, 0, 400)
    bus.regs[0x0C] = 0x978C
    ticks, fresh = _polls(driver, ticks, 2)
    assert fresh == 1 and driver.ok and driver.estimated and driver.resets == 1
    ticks, _ = _polls(driver, ticks, 205)
    assert not driver.estimated


def test_a_voltage_that_no_living_chip_can_have_is_not_believed():
    for vcell in (0, 0xFFFF):
        bus, driver, ticks = _running()
        bus.vcell = vcell
        ticks, fresh = _polls(driver, ticks, 3)
        assert fresh == 0 and not driver.ok and driver.mv == 3950


def test_the_chips_own_flags_are_passed_on_and_its_alert_bit_is_no_lost_setting():
    bus, driver, ticks = _running()
    bus.regs[0x1A] = 0x1400
    bus.regs[0x0C] |= 0x20
    ticks, fresh = _polls(driver, ticks, 1)
    assert fresh == 1 and driver.flags == 0x14


def test_the_clock_may_wrap_meanwhile():
    bus = Gauge()
    driver = MAX17048(bus)
    ticks, _ = _polls(driver, (1 << 30) - 300_000, 500)
    assert driver.ok and driver.estimated
    ticks, _ = _polls(driver, ticks, 105)
    assert not driver.estimated


def test_polling_allocates_nothing():
    _bus, driver, ticks = _running()
    micropython.heap_lock()
    try:
        for _ in range(100):
            ticks = (ticks + SECOND) & S30
            driver.poll(ticks)
    finally:
        micropython.heap_unlock()
    assert driver.ok
