"""The oximeter's driver: whole samples in order, and every gap told."""

import micropython

from driver_fakes import Oximeter
from drivers.max30102 import DEPTH, MAX30102

S30 = (1 << 30) - 1


class Probe:
    """A driver polled every 100 ms on its chip; `at` is the time, `seen` the numbers of the samples that came."""

    def __init__(self, start=0, **settings):
        self.bus = Oximeter()
        self.driver = MAX30102(self.bus, **settings)
        self.at = start
        self.seen = []

    def poll(self, samples=10, ms=100):
        self.at = (self.at + ms) & S30
        self.bus.make(samples)
        n = self.driver.poll(self.at)
        assert 0 <= n <= DEPTH
        for i in range(n):
            self.seen.append(self.driver.red[i])
            assert self.driver.ir[i] == self.driver.red[i] + 100_000
        return n

    def until_ok(self):
        for _ in range(20):
            if self.poll():
                return
        assert False, "it never delivered"


def _running(**settings):
    probe = Probe(**settings)
    probe.until_ok()
    assert probe.driver.ok
    return probe


def test_it_sets_itself_up_and_brings_every_sample_once_and_in_order():
    probe = _running()
    assert probe.bus.regs[0x0A] == 0x27 and probe.bus.regs[0x0C] == probe.bus.regs[0x0D] == 0x24
    for n in (9, 10, 11, 1, 31, 10):
        assert probe.poll(n) == n
        assert probe.driver.lost == 0
    assert probe.seen == list(range(1, len(probe.seen) + 1))
    assert probe.driver.errors == 0


def test_no_new_sample_is_no_sample():
    probe = _running()
    assert probe.poll(0) == 0
    assert probe.poll(10) == 10


def test_swapped_leds_are_a_setting():
    bus = Oximeter()
    driver = MAX30102(bus, swapped=True)
    for ticks in range(0, 500, 100):
        bus.make(10)
        driver.poll(ticks)
    assert driver.red[0] == driver.ir[0] + 100_000


def test_all_18_bits_count_and_no_more():
    bus = Oximeter()
    driver = MAX30102(bus)
    for ticks in (0, 100):
        driver.poll(ticks)
    bus.number = 0x3FFFF - 100_000 - 1
    bus.make(1)
    assert driver.poll(200) == 1
    assert driver.red[0] == 0x3FFFF - 100_000 and driver.ir[0] == 0x3FFFF


def test_another_part_is_left_alone():
    probe = Probe()
    probe.bus.part = 0x11
    for _ in range(20):
        assert probe.poll() == 0
    assert probe.bus.resets == 0 and not probe.driver.ok
    probe.bus.part = 0x15
    probe.until_ok()


def test_setting_up_waits_for_the_reset_to_end():
    probe = Probe()
    probe.bus.reset_reads = 3
    for _ in range(4):
        assert probe.poll() == 0
        assert probe.bus.regs[0x09] == 0
    probe.until_ok()
    assert probe.bus.resets == 1


def test_equal_pointers_are_told_apart_as_empty_or_full():
    probe = _running()
    assert probe.poll(32) == 32
    assert probe.driver.lost == 0
    assert probe.poll(0) == 0
    assert probe.poll(40, 400) == 32
    assert probe.driver.lost == 0, "the oldest are kept, so the gap comes after them"
    assert probe.poll(10) == 10
    assert probe.driver.lost == 8
    assert probe.poll(10) == 10
    assert probe.driver.lost == 0
    assert probe.driver.errors == 0


def test_a_gap_longer_than_the_chip_can_count_is_measured_by_the_clock():
    probe = _running()
    assert probe.poll(300, 3000) == 32
    assert probe.poll(10) == 10
    assert probe.driver.lost == 300 - 32


def test_after_a_brown_out_it_starts_anew_and_tells_how_much_is_missing():
    probe = _running(start=S30 - 2000)  # the clock wraps meanwhile
    for _ in range(15):
        probe.poll()
    before = probe.driver.errors
    probe.bus.power_on()
    assert probe.poll() == 0
    assert not probe.driver.ok and probe.driver.errors == before + 1
    last = probe.at - 100
    probe.until_ok()
    begun = probe.at - 100
    assert probe.driver.lost == ((begun - last) & S30) // 10
    assert probe.driver.errors == before + 1


def test_no_failed_transfer_escapes_and_it_comes_back_after_each():
    for failing in range(20):
        probe = Probe()
        probe.bus.fail_at = failing
        for _ in range(12):
            probe.poll()
        assert probe.driver.errors == 1
        assert probe.driver.ok
        assert probe.poll() == 10
        assert probe.seen[-10:] == list(range(probe.seen[-1] - 9, probe.seen[-1] + 1))


def test_a_silent_chip_brings_nothing_and_is_found_again():
    probe = _running()
    probe.bus.silent = True
    for _ in range(50):
        assert probe.poll() == 0
        assert not probe.driver.ok
    assert probe.driver.errors == 50
    probe.bus.silent = False
    probe.until_ok()
    assert probe.driver.lost >= 500


def test_a_chip_that_stops_sampling_is_started_anew():
    probe = _running()
    probe.bus.stuck = True
    resets = probe.bus.resets
    for _ in range(5):
        probe.poll()
    assert probe.driver.ok, "half a second is not yet too long"
    for _ in range(4):
        probe.poll()
    assert not probe.driver.ok and probe.bus.resets > resets
    probe.bus.stuck = False
    probe.until_ok()


def test_a_chip_that_takes_another_rate_is_not_believed():
    probe = Probe()
    probe.bus.slow = True
    for _ in range(10):
        assert probe.poll() == 0
    assert not probe.driver.ok and probe.driver.errors


def test_too_much_light_is_told_with_the_samples_that_it_may_have_spoilt():
    probe = _running()
    assert not probe.driver.bright
    probe.bus.bright = True
    assert probe.poll() == 10 and probe.driver.bright
    probe.bus.bright = False
    assert probe.poll() == 10 and not probe.driver.bright
    assert probe.driver.errors == 0


def test_polling_allocates_nothing():
    probe = _running()
    bus, driver, at = probe.bus, probe.driver, probe.at
    got = 0
    micropython.heap_lock()
    try:
        for n in range(100):
            bus.make(9 + n % 3)
            got += driver.poll(at + n * 100)
    finally:
        micropython.heap_unlock()
    assert got == 33 * 30 + 9
