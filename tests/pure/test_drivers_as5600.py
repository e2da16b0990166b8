"""The encoder's driver: positions that can be believed, or none."""

import micropython

from driver_fakes import Encoder
from drivers.as5600 import AS5600

S30 = (1 << 30) - 1


def _running(angle=0):
    bus = Encoder()
    bus.angle = angle
    driver = AS5600(bus)
    assert driver.poll() and driver.ok
    return bus, driver


def test_position_counts_on_across_zero_in_both_directions():
    bus, driver = _running(4090)
    for angle, position in ((5, 11), (4090, 0), (3900, -190), (4090, 0), (1000, 1006), (2000, 2006), (1000, 1006)):
        bus.angle = angle
        assert driver.poll()
        assert driver.position == position


def test_many_turns_are_counted_without_drift_and_wrap_only_at_30_bits():
    bus, driver = _running()
    for n in range(1, 5000):
        bus.angle = n * 1000 & 0xFFF
        assert driver.poll()
        assert driver.position == n * 1000
    driver.position = (1 << 29) - 100
    bus.angle = bus.angle + 150 & 0xFFF
    assert driver.poll()
    assert driver.position == 50 - (1 << 29)
    assert driver.position & S30 == (1 << 29) + 50


def test_a_chip_that_would_doze_is_kept_awake_and_its_other_settings_are_kept():
    bus = Encoder()
    bus.conf = 0x2000 | 0x1E04 | 0x0003
    driver = AS5600(bus)
    assert not driver.poll(), "the angle is not believed before the setting acts"
    assert bus.conf == 0x1E04
    assert driver.poll() and driver.ok
    for _ in range(10):
        driver.poll()
    assert bus.writes == 1


def test_a_chip_that_needs_no_setting_is_not_written_to():
    bus, driver = _running()
    for _ in range(10):
        assert driver.poll()
    assert bus.writes == 0


def test_no_failed_transfer_escapes_and_the_position_holds_over_each():
    for failing in range(4):
        bus, driver = _running(100)
        for _ in range(20):
            bus.angle += 10
            driver.poll()
        errors, position = driver.errors, driver.position
        bus.fail_at = failing
        fresh = [driver.poll() for _ in range(4)]
        assert driver.errors == errors + 1
        assert fresh.count(False) == 1, "the failed poll brings nothing, every other does"
        assert driver.ok
        bus.angle += 10
        assert driver.poll()
        assert driver.position == position + 10


def test_a_silent_chip_is_lost_after_three_polls_and_found_again_with_what_it_moved_meanwhile():
    bus, driver = _running(4000)
    bus.silent = True
    assert [driver.poll() for _ in range(3)] == [False] * 3
    assert not driver.ok and driver.errors == 3
    bus.silent = False
    bus.angle = 100
    assert driver.poll()
    assert driver.ok and driver.position == 196


def test_without_a_magnet_no_angle_counts():
    bus, driver = _running(500)
    bus.status = 0x57  # MD clear, ML set
    seen = []
    for n in range(6):
        bus.angle = n * 997 & 0xFFF
        seen.append(driver.poll())
    assert seen[2:] == [False] * 4, "noticed within two polls"
    assert not driver.ok
    position = driver.position
    bus.status = 0x67
    bus.angle = 0
    while not driver.poll():
        pass
    assert driver.ok
    assert (driver.position - position) & 0xFFF == (0 - (500 + position)) & 0xFFF, "and where it stands is right"


def test_a_magnet_too_near_or_too_far_is_told_but_read():
    bus, driver = _running()
    for status, field in ((0x30, 0x10), (0x28, 0x08), (0x20, 0x00)):
        bus.status = status
        driver.poll()
        assert driver.poll() and driver.ok
        assert driver.field == field


def test_a_single_misread_moves_nothing():
    bus, driver = _running(1000)
    for off in (1100, 2048, 3000, 2500):
        bus.angle = 1000 + off & 0xFFF
        assert not driver.poll()
        bus.angle = 1001
        assert driver.poll()
        assert driver.position == 1 and driver.ok
        bus.angle = 1000
        assert driver.poll()
    assert driver.misreads == 4


def test_a_jump_that_is_seen_twice_is_taken():
    bus, driver = _running(1000)
    bus.angle = 2500
    assert not driver.poll()
    bus.angle = 2510
    assert driver.poll()
    assert driver.position == 1510


def test_polling_allocates_nothing():
    bus, driver = _running()
    micropython.heap_lock()
    try:
        for n in range(200):
            bus.angle = n * 37 & 0xFFF
            driver.poll()
    finally:
        micropython.heap_unlock()
    assert driver.position == 199 * 37
