"""The stepper chip's driver lives with all that the emulated chip can do.

Apart from the chip's own tests, so that a wrong chip and a wrong driver cannot agree by accident.
"""

from __future__ import annotations

import pytest

from drivers import tmc2209

from .port import ticks
from .test_tmc2209 import Wired


class Uart:
    """machine.UART on the emulated wire."""

    def __init__(self, wired: Wired) -> None:
        self._wire = wired.wire

    def any(self) -> int:
        return self._wire.waiting()

    def readinto(self, buf: bytearray, n: int) -> int | None:
        data = self._wire.take(n)
        buf[: len(data)] = data
        return len(data) or None

    def write(self, buf: bytearray, n: int) -> int:
        self._wire.transmit(bytes(buf[:n]))
        return n


def run(wired: Wired, driver: tmc2209.TMC2209, seconds: float, every_ms: int = 10) -> int:
    """Polls the driver for so long; returns how many rounds of readings it completed."""
    rounds = 0
    for _ in range(int(seconds * 1000) // every_ms):
        wired.wait(every_ms * 1000)
        rounds += driver.poll(ticks(wired.clock))
    return rounds


Driven = tuple[Wired, tmc2209.TMC2209]


@pytest.fixture
def driven() -> Driven:
    wired = Wired(3)
    return wired, tmc2209.TMC2209(Uart(wired))


@pytest.mark.parametrize("every_ms", [1, 3, 10, 25, 50])
@pytest.mark.parametrize("address", [0, 1, 2, 3])
def test_the_driver_configures_each_chip_without_a_collision(address: int, every_ms: int) -> None:
    wired = Wired(address)
    driver = tmc2209.TMC2209(Uart(wired), address)
    run(wired, driver, 3.0, every_ms)
    assert driver.ok and driver.errors == 0 and wired.wire.collisions == 0 and not driver.lost
    assert wired.chip.microsteps == 16 and wired.chip.writes == 11
    registers = wired.chip._registers
    assert registers[0x00] == 0x1C0 and registers[0x10] == 0x0001100E and registers[0x6C] == 0x14030053
    assert registers[0x70] == 0xC80D0E24


def test_the_driver_reads_the_position_that_was_commanded(driven: Driven) -> None:
    wired, driver = driven
    run(wired, driver, 1.0)
    wired.step(7, 1000)
    run(wired, driver, 0.3)
    assert driver.mscnt == 7 * 16


def test_a_dip_of_the_motors_supply_is_told_within_a_tenth_of_a_second(driven: Driven) -> None:
    wired, driver = driven
    run(wired, driver, 1.0, 25)
    for wait_ms in range(0, 300, 25):
        run(wired, driver, wait_ms / 1000, 25)
        wired.chip.faults.make("brownout")
        run(wired, driver, 0.125, 25)
        assert driver.lost and not driver.ok
        run(wired, driver, 1.5, 25)
        assert driver.ok and wired.chip.microsteps == 16
        driver.lost = False


def test_the_driver_tells_each_fault(driven: Driven) -> None:
    wired, driver = driven
    run(wired, driver, 1.0)
    for kind, fault, stops in (
        ("otpw", tmc2209.WARM, False),
        ("ot", tmc2209.WARM | tmc2209.HOT | tmc2209.DRIVER_ERROR, True),
        ("short_ground", tmc2209.SHORT | tmc2209.DRIVER_ERROR, True),
        ("short_supply", tmc2209.SHORT | tmc2209.DRIVER_ERROR, True),
        ("open_load", tmc2209.OPEN, False),
        ("uv_cp", tmc2209.CHARGE_PUMP, True),
    ):
        wired.chip.faults.make(kind)
        run(wired, driver, 0.3)
        assert driver.faults == fault and bool(driver.faults & tmc2209.STOPS) == stops, kind
        wired.chip.faults.mend()
        driver.renew()
        run(wired, driver, 1.0)
        assert driver.faults == 0 and driver.ok and not driver.lost, kind


def test_the_driver_tells_what_is_wrong_with_the_wire_and_recovers(driven: Driven) -> None:
    wired, driver = driven
    run(wired, driver, 1.0)
    for kind, trouble in (
        ("silent", tmc2209.NO_ANSWER),
        ("address", tmc2209.NO_ANSWER),
        ("truncated", tmc2209.BAD_ANSWER),
        ("crc", tmc2209.BAD_ANSWER),
    ):
        wired.chip.faults.make(kind)
        run(wired, driver, 0.3)
        assert not driver.ok and driver.trouble == trouble, kind
        wired.chip.faults.mend()
        run(wired, driver, 0.5)
        assert driver.ok and not driver.lost, kind
    wired.wire.broken = True
    run(wired, driver, 0.3)
    assert not driver.ok and driver.trouble == tmc2209.NO_ECHO
    wired.wire.broken = False
    wired.chip.faults.make("shifted")
    run(wired, driver, 0.5)
    assert driver.ok


def test_a_chip_that_takes_no_settings_is_never_ok_and_keeps_the_pins_microsteps() -> None:
    wired = Wired(0)
    driver = tmc2209.TMC2209(Uart(wired), 0)
    wired.chip.faults.make("deaf")
    run(wired, driver, 3.0)
    assert not driver.ok and driver.trouble == tmc2209.NOT_TAKEN and wired.chip.microsteps == 8
    wired.chip.faults.mend()
    run(wired, driver, 2.0)
    assert driver.ok and wired.chip.microsteps == 16


def test_one_bad_answer_in_five_slows_the_driver_and_no_more(driven: Driven) -> None:
    wired, driver = driven
    wired.chip.faults.make("crc", every=5)
    run(wired, driver, 2.0)
    assert driver.ok and driver.errors > 10 and not driver.lost
    assert wired.chip.microsteps == 16
