"""The emulated MAX17048 answers like the datasheet's, and its driver is never more hopeful than the cell allows."""

from __future__ import annotations

import pytest

from assuage_rig.bus import Bus, Nack
from assuage_rig.chips.max17048 import ADDRESS, MAX17048, charge_at_rest, voltage_at_rest
from assuage_rig.clock import Clock
from assuage_rig.faults import UnknownFault
from drivers import max17048

SECOND_US = 1_000_000


class Wired:
    """A gauge on a cell at rest with `percent` in it; `sag` mV are added to its voltage, as by a load or a charger."""

    def __init__(self, percent: float = 70.0, sag: float = 0.0) -> None:
        self.clock = Clock()
        self.percent = percent
        self.sag = sag
        self.chip = MAX17048(self.clock, lambda t_us: self.mv, lambda t_us: self.percent)
        self.bus = Bus("bus1", {ADDRESS: self.chip})

    @property
    def mv(self) -> float:
        return voltage_at_rest(self.percent) + self.sag

    def word(self, register: int) -> int:
        return int.from_bytes(self.bus.mem_read(ADDRESS, register, 2), "big")

    def set(self, register: int, value: int) -> None:
        self.bus.write(ADDRESS, bytes((register, value >> 8, value & 0xFF)))

    def wait(self, seconds: float) -> None:
        self.clock.now_us += round(seconds * SECOND_US)


@pytest.fixture
def wired() -> Wired:
    return Wired()


# -- the chip ----------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("register", "value"),
    [(0x0A, 0x8030), (0x0C, 0x971C), (0x14, 0x00FF), (0x06, 0x0000)],
)
def test_registers_after_power_on(wired: Wired, register: int, value: int) -> None:
    assert wired.word(register) == value


def test_version_reset_voltage_and_reset_mark(wired: Wired) -> None:
    assert wired.word(0x08) & 0xFFF0 == 0x0010
    assert wired.word(0x18) >> 8 == 0x96, "75 * 40 mV, comparator on"
    assert wired.word(0x1A) >> 8 == 0x01


@pytest.mark.parametrize(("mv", "vcell"), [(3500, 44_800), (4200, 53_760), (3000, 38_400)])
def test_vcell_is_78_125_microvolts_a_count(mv: int, vcell: int) -> None:
    wired = Wired()
    wired.sag = mv - voltage_at_rest(wired.percent)
    wired.wait(0.25)
    assert abs(wired.word(0x02) - vcell) <= 1


def test_a_voltage_is_taken_four_times_a_second(wired: Wired) -> None:
    wired.wait(2.0)
    before = wired.word(0x02)
    wired.sag = -100.0
    wired.wait(0.24)
    assert wired.word(0x02) == before
    wired.wait(0.02)
    assert abs(wired.word(0x02) - before + 1280) <= 1


def test_the_first_charge_comes_a_second_after_power_on(wired: Wired) -> None:
    wired.wait(0.99)
    assert wired.word(0x04) == 0
    wired.wait(0.01)
    assert abs(wired.word(0x04) - 70 * 256) <= 2
    early = Wired()
    early.chip.seeds_early = True
    early.wait(0.2)
    assert abs(early.word(0x04) - 70 * 256) <= 2


def test_a_charge_is_first_that_of_a_cell_at_rest_and_comes_near_the_truth_with_time() -> None:
    charging = Wired(50.0, sag=150.0)
    charging.wait(2.0)
    assert charging.word(0x04) >= 70 * 256, "fuller than it is"
    charging.wait(7200.0)
    assert abs(charging.word(0x04) - 50 * 256) <= 256
    loaded = Wired(50.0, sag=-100.0)
    loaded.wait(2.0)
    assert loaded.word(0x04) <= 30 * 256


def test_quick_start_makes_the_first_estimate_again(wired: Wired) -> None:
    wired.wait(7200.0)
    wired.sag = 150.0
    wired.wait(1.0)
    assert abs(wired.word(0x04) - 70 * 256) <= 256
    wired.set(0x06, 0x4000)
    assert wired.word(0x04) >= 85 * 256


def test_crate_is_signed_in_0_208_percent_an_hour() -> None:
    wired = Wired(90.0)
    wired.set(0x0A, 0x0000)  # awake
    for _ in range(3600):  # 20 % an hour
        wired.percent -= 20 / 3600
        wired.wait(1.0)
        wired.word(0x02)
    rate = wired.word(0x16) - (65536 if wired.word(0x16) & 0x8000 else 0)
    assert abs(rate * 0.208 + 20.0) < 2.0


def test_half_a_register_is_not_written_and_read_only_ones_stay(wired: Wired) -> None:
    wired.bus.write(ADDRESS, bytes((0x0C, 0x55)))
    assert wired.word(0x0C) == 0x971C
    wired.set(0x0C, 0x970C)
    assert wired.word(0x0C) == 0x970C
    for register in (0x02, 0x04, 0x08, 0x16):
        before = wired.word(register)
        wired.set(register, 0x1234)
        assert wired.word(register) == before
    identity = wired.word(0x18) & 0xFF
    wired.set(0x18, 0x7EFF)
    assert wired.word(0x18) == 0x7E00 | identity


def test_flags_are_cleared_by_zeros_and_not_set_by_ones(wired: Wired) -> None:
    wired.set(0x1A, 0x3F00)
    assert wired.word(0x1A) == 0x0100
    wired.set(0x1A, 0x0000)
    assert wired.word(0x1A) == 0x0000


def test_alerts_of_voltage_and_charge() -> None:
    wired = Wired(25.0)
    wired.set(0x0A, 0)
    wired.set(0x1A, 0)
    wired.set(0x0C, 0x970C)  # 32 - 12 = 20 %
    wired.set(0x14, (3400 // 20) << 8 | 0xFF)
    wired.wait(1.0)
    assert wired.word(0x1A) == 0 and not wired.word(0x0C) & 0x20
    wired.percent = 15.0
    wired.wait(1800.0)
    assert wired.word(0x1A) >> 8 == 0x10 and wired.word(0x0C) & 0x20
    wired.sag = 3390.0 - voltage_at_rest(15.0)
    wired.wait(0.5)
    assert wired.word(0x1A) >> 8 == 0x14


def test_without_much_rate_it_hibernates_and_looks_every_45_seconds(wired: Wired) -> None:
    wired.wait(500.0)
    assert wired.word(0x06) & 0x1000
    before = wired.word(0x02)
    wired.sag = -30.0
    wired.wait(1.0)
    assert wired.word(0x02) == before, "not seen yet"
    wired.wait(45.0)
    assert wired.word(0x02) < before
    awake = Wired()
    awake.set(0x0A, 0x0000)
    awake.wait(500.0)
    assert not awake.word(0x06) & 0x1000


def test_sleep_ends_all_measuring(wired: Wired) -> None:
    wired.wait(2.0)
    wired.set(0x06, 0x2000)
    wired.set(0x0C, 0x979C)
    before = wired.word(0x02)
    wired.sag = -200.0
    wired.wait(100.0)
    assert wired.word(0x02) == before


def test_the_command_resets_it_and_is_not_acknowledged(wired: Wired) -> None:
    wired.set(0x0A, 0)
    wired.set(0x1A, 0)
    with pytest.raises(Nack):
        wired.set(0xFE, 0x5400)
    assert wired.word(0x0A) == 0x8030 and wired.word(0x1A) == 0x0100


def test_a_cell_that_was_out_is_noticed(wired: Wired) -> None:
    """VRESET is 3.0 V after power-on; the chip itself lives down to 2.5 V."""
    wired.set(0x1A, 0)
    wired.sag = 2900.0 - voltage_at_rest(70.0)
    wired.wait(1.0)
    assert wired.word(0x1A) == 0
    wired.sag = 0.0
    wired.wait(1.0)
    assert wired.word(0x1A) == 0x0100
    wired.sag = -3000.0
    with pytest.raises(Nack):
        wired.word(0x02)


def test_faults(wired: Wired) -> None:
    wired.wait(2.0)
    faults = wired.chip.faults
    faults.make("part")
    assert wired.word(0x08) == 2
    faults.mend()
    faults.make("off", percent=20)
    assert abs(wired.word(0x04) - 90 * 256) <= 2
    faults.mend()
    faults.make("stale")
    before = wired.word(0x02)
    wired.sag = -200.0
    wired.wait(10.0)
    assert wired.word(0x02) == before
    faults.mend()
    faults.make("zeros")
    assert wired.word(0x0C) == 0
    faults.mend()
    faults.make("deaf")
    wired.set(0x0A, 0)
    assert wired.word(0x0A) == 0x8030
    faults.mend()
    wired.set(0x1A, 0)
    faults.make("reset")
    assert wired.word(0x1A) == 0x0100
    faults.make("nack")
    with pytest.raises(Nack):
        wired.word(0x02)
    with pytest.raises(UnknownFault, match="stale"):
        faults.make("melted")


def test_the_curve_at_rest_goes_both_ways_and_only_up() -> None:
    volts = [voltage_at_rest(percent) for percent in range(101)]
    assert volts == sorted(volts)
    assert all(abs(charge_at_rest(mv) - percent) < 0.01 for percent, mv in enumerate(volts))
    assert charge_at_rest(2900) == 0 and charge_at_rest(4300) == 100


# -- the driver on it --------------------------------------------------------------------------------------------------
class Port:
    """machine.I2C's two register transfers, on the emulated bus."""

    def __init__(self, bus: Bus) -> None:
        self._bus = bus

    def readfrom_mem_into(self, address: int, register: int, buf: bytearray) -> None:
        try:
            buf[:] = self._bus.mem_read(address, register, len(buf))
        except Nack:
            raise OSError(5) from None

    def writeto_mem(self, address: int, register: int, buf: bytes) -> None:
        try:
            self._bus.write(address, bytes((register,)) + bytes(buf))
        except Nack:
            raise OSError(5) from None


def run(wired: Wired, driver: max17048.MAX17048, seconds: int) -> int:
    """Polls the driver once a second; returns how many readings it had."""
    fresh = 0
    for _ in range(seconds):
        wired.wait(1.0)
        fresh += driver.poll(wired.clock.now_us // 1000 & 0x3FFFFFFF)
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
