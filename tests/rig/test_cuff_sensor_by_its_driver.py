"""The cuff sensor's driver on the emulated chip: the pressure, or none; never a wrong one, never 0 for a fault."""

from __future__ import annotations

import pytest

from drivers import mprls

from .port import Port, ticks
from .test_mprls import Wired

POLL_MS = 20


class Driven:
    """A driver that polls a usual part."""

    def __init__(self) -> None:
        self.wired = Wired(quiet=False)
        self.driver = mprls.MPRLS(Port(self.wired.bus))

    def run(self, polls: int) -> list[int]:
        """Polls; returns the fresh pressures."""
        seen = []
        for _ in range(polls):
            self.wired.wait(POLL_MS)
            if self.driver.poll(ticks(self.wired.clock)):
                seen.append(self.driver.pressure)
        return seen


@pytest.mark.parametrize("mmhg", [0, 15, 93, 180, 250, 320])
def test_every_poll_brings_a_pressure_within_its_noise(mmhg: int) -> None:
    driven = Driven()
    driven.wired.mmhg = mmhg
    seen = driven.run(101)
    assert len(seen) == 100 and driven.driver.errors == 0
    assert all(abs(pressure - 100 * (mmhg - 0.5)) < 15 for pressure in seen)


@pytest.mark.parametrize(
    ("kind", "fault"),
    [
        ("nack", mprls.NO_ANSWER),
        ("busy", mprls.LATE),
        ("unpowered", mprls.NO_POWER),
        ("memory", mprls.MEMORY),
        ("saturated", mprls.SATURATED),
        ("frozen", mprls.STUCK),
    ],
)
def test_a_faulty_sensor_is_told_within_half_a_second_and_never_as_a_pressure(kind: str, fault: int) -> None:
    driven = Driven()
    driven.wired.mmhg = 120
    driven.run(20)
    driven.wired.chip.faults.make(kind)
    seen = driven.run(25)
    assert not driven.driver.ok and driven.driver.fault == fault
    assert all(abs(pressure - 11_950) < 15 for pressure in seen) and len(seen) < 12
    assert driven.run(25) == []
    driven.wired.chip.faults.mend()
    assert len(driven.run(25)) > 20 and driven.driver.ok


@pytest.mark.parametrize("mmhg", [-200, -60, 340, 3000])
def test_what_no_cuff_has_is_refused(mmhg: int) -> None:
    driven = Driven()
    driven.wired.mmhg = mmhg
    assert driven.run(25) == [] and driven.driver.fault == mprls.RANGE


def test_a_conversion_that_takes_40_ms_is_waited_for() -> None:
    driven = Driven()
    driven.wired.chip.faults.make("slow", ms=40.0)
    assert len(driven.run(100)) > 30 and driven.driver.errors == 0


def test_a_dip_of_its_supply_costs_one_conversion() -> None:
    driven = Driven()
    driven.wired.mmhg = 120
    driven.run(10)
    driven.wired.chip.faults.make("brownout")
    seen = driven.run(10)
    assert len(seen) >= 8 and all(pressure > 11_900 for pressure in seen)
