"""The gauge's driver on the emulated chip is never more hopeful than the cell allows.

Apart from the chip's own tests, so that a wrong chip and a wrong driver cannot agree by accident.
"""

from __future__ import annotations

import pytest

from assuage_rig.chips.max17048 import voltage_at_rest
from drivers import max17048

from .port import Port, ticks
from .test_max17048 import Wired


@pytest.fixture
def wired() -> Wired:
    return Wired()


def run(wired: Wired, driver: max17048.MAX17048, seconds: int) -> int:
    """Polls the driver once a second; returns how many readings it had."""
    fresh = 0
    for _ in range(seconds):
        wired.wait(1.0)
        fresh += driver.poll(ticks(wired.clock))
    return fresh


def driven(wired: Wired) -> max17048.MAX17048:
    return max17048.MAX17048(Port(wired.bus))


@pytest.mark.parametrize("early", [False, True])
def test_the_driver_reads_a_cell_at_rest(wired: Wired, early: bool) -> None:
    wired.chip.seeds_early = early
    driver = driven(wired)
    run(wired, driver, 5)
    assert driver.ok and driver.estimated and driver.resets == 1 and driver.errors == 0
    assert abs(driver.mv - 3950) <= 1 and abs(driver.charge - 700) <= 1 and driver.rate == 0
    assert wired.word(0x0C) == 0x970C and wired.word(0x0A) == 0
    run(wired, driver, 610)
    assert not driver.estimated and not wired.word(0x06) & 0x1000


def test_no_reset_of_chip_or_processor_makes_a_charging_cell_fuller() -> None:
    wired = Wired(40.0)
    driver = driven(wired)
    run(wired, driver, 700)
    assert abs(driver.charge - 400) <= 10
    wired.sag = 150.0
    wired.chip.faults.make("reset")
    seen = []
    for _ in range(300):
        run(wired, driver, 1)
        seen.append(driver.charge if driver.ok else 0)
    assert wired.word(0x04) > 50 * 256 and max(seen) <= 410
    again = driven(wired)
    run(wired, again, 60)
    assert again.estimated, "the processor's reset does not make an estimate a reading"


def test_the_driver_sees_a_failing_cell_within_a_second_after_hours_at_rest() -> None:
    wired = Wired(70.0)
    driver = driven(wired)
    run(wired, driver, 4000)
    wired.sag = 3250.0 - voltage_at_rest(70.0)
    run(wired, driver, 1)
    assert abs(driver.mv - 3250) <= 1 and driver.flags & 0x04


def test_the_drivers_rate_tells_a_discharge() -> None:
    wired = Wired(90.0)
    driver = driven(wired)
    for _ in range(3600):
        wired.percent -= 20 / 3600
        run(wired, driver, 1)
    assert -230 <= driver.rate <= -180


@pytest.mark.parametrize("kind", ["nack", "part", "zeros", "deaf"])
def test_the_driver_is_not_ok_with_a_gauge_that_cannot_be_believed(wired: Wired, kind: str) -> None:
    if kind in ("part", "deaf"):  # seen when it is set up
        wired.chip.faults.make(kind)
    driver = driven(wired)
    run(wired, driver, 10)
    wired.chip.faults.make(kind)
    run(wired, driver, 5)
    assert not driver.ok
    wired.chip.faults.mend()
    run(wired, driver, 5)
    assert driver.ok


def test_a_cell_too_low_for_the_chip_is_a_silent_gauge(wired: Wired) -> None:
    driver = driven(wired)
    run(wired, driver, 10)
    wired.sag = -2000.0
    run(wired, driver, 3)
    assert not driver.ok
