"""The bridge's driver lives with all that the emulated chip can do.

Apart from the chip's own tests, so that a wrong chip and a wrong driver cannot agree by accident.
"""

from __future__ import annotations

import pytest

from drivers import nau7802

from .port import Port, ticks
from .test_nau7802 import Wired


@pytest.fixture
def wired() -> Wired:
    return Wired()


def run(wired: Wired, driver: nau7802.NAU7802, seconds: float, every_ms: int = 50) -> list[int]:
    """Polls the driver for so long; returns its fresh codes."""
    codes = []
    for _ in range(int(seconds * 1000) // every_ms):
        wired.wait(every_ms * 1000)
        if driver.poll(ticks(wired.clock)):
            codes.append(driver.code)
    return codes


@pytest.fixture
def driven(wired: Wired) -> tuple[Wired, nau7802.NAU7802]:
    return wired, nau7802.NAU7802(Port(wired.bus))


Driven = tuple[Wired, nau7802.NAU7802]


@pytest.mark.parametrize("hides", [False, True])
@pytest.mark.parametrize("every_ms", [10, 25, 50, 100])
def test_the_driver_brings_settled_codes_within_two_seconds(driven: Driven, hides: bool, every_ms: int) -> None:
    wired, driver = driven
    wired.chip.hides_settling = hides
    wired.chip.landing_counts = 0.0
    wired.uv = 1000.0
    codes = run(wired, driver, 2.0, every_ms)
    assert driver.ok and driver.errors == 0
    assert all(abs(code - 715_828) <= 800 for code in codes), "seven times the noise"
    wired.uv = 2000.0
    codes = run(wired, driver, 1.0, every_ms)
    assert len(codes) >= (10 if every_ms == 100 else 19), "an occlusion wants ten a second"
    assert all(abs(code - 1_431_656) <= 800 for code in codes[1:])


def test_the_driver_tells_each_fault_from_the_others_and_recovers(driven: Driven) -> None:
    wired, driver = driven
    run(wired, driver, 2.0)
    reasons = {
        "nack": nau7802.NO_ANSWER, "no_ready": nau7802.STOPPED, "rail": nau7802.RAIL, "frozen": nau7802.STUCK,
    }  # fmt: skip
    for kind, reason in reasons.items():
        wired.chip.faults.make(kind)
        run(wired, driver, 0.7)
        assert not driver.ok and driver.fault == reason, kind
        wired.chip.faults.mend()
        run(wired, driver, 2.0)
        assert driver.ok and driver.fault == 0, kind


@pytest.mark.parametrize(
    ("kind", "reason"),
    [
        ("no_power", nau7802.NO_POWER),
        ("cal_stuck", nau7802.NO_CALIBRATION),
        ("cal_err", nau7802.BAD_CALIBRATION),
        ("revision", nau7802.WRONG_PART),
    ],
)
def test_the_driver_tells_what_keeps_it_from_starting(driven: Driven, kind: str, reason: int) -> None:
    wired, driver = driven
    wired.chip.faults.make(kind)
    assert run(wired, driver, 3.0) == []
    assert not driver.ok and driver.fault == reason
    wired.chip.faults.mend()
    run(wired, driver, 4.0)
    assert driver.ok


def test_after_a_brownout_the_zero_is_another_one_and_the_driver_says_so(driven: Driven) -> None:
    wired, driver = driven
    run(wired, driver, 2.0)
    zero, calibrations = driver.code, driver.calibrations
    wired.chip.faults.make("brownout")
    run(wired, driver, 0.1)
    assert not driver.ok and driver.fault == nau7802.BROWN_OUT
    run(wired, driver, 2.0)
    assert driver.ok and driver.calibrations == calibrations + 1
    assert abs(driver.code - zero) > 1_000


def test_a_nack_now_and_then_costs_no_calibration(driven: Driven) -> None:
    wired, driver = driven
    run(wired, driver, 2.0)
    for _ in range(50):
        wired.chip.faults.make("nack_once", times=2)
        run(wired, driver, 0.5)
    assert driver.ok and driver.calibrations == 1
