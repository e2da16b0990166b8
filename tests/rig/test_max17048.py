"""The emulated MAX17048 answers like the datasheet's, at register level."""

from __future__ import annotations

import pytest

from assuage_rig.bus import Bus, Nack
from assuage_rig.chips.max17048 import ADDRESS, MAX17048, charge_at_rest, voltage_at_rest
from assuage_rig.clock import Clock
from assuage_rig.faults import UnknownFault
from assuage_rig.requirements import req

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


@req("SYS-009")
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
