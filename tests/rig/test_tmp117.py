"""The emulated TMP117 answers like the datasheet's, at register level."""

from __future__ import annotations

import pytest

from assuage_rig.bus import Bus, Nack
from assuage_rig.chips.tmp117 import ADDRESS, TMP117
from assuage_rig.clock import Clock
from assuage_rig.faults import UnknownFault


class Wired:
    """A chip at `celsius`, without noise unless it is asked for."""

    def __init__(self, celsius: float = 36.6, noise: float = 0.0) -> None:
        self.clock = Clock()
        self.celsius = celsius
        self.chip = TMP117(self.clock, lambda t_us: self.celsius)
        self.chip.noise = noise
        self.bus = Bus("bus1", {ADDRESS: self.chip})

    def word(self, register: int) -> int:
        return int.from_bytes(self.bus.mem_read(ADDRESS, register, 2), "big")

    def set(self, register: int, value: int) -> None:
        self.bus.write(ADDRESS, bytes((register, value >> 8, value & 0xFF)))

    def wait(self, ms: float) -> None:
        self.clock.now_us += round(ms * 1000)


@pytest.fixture
def wired() -> Wired:
    return Wired()


def test_registers_after_power_on(wired: Wired) -> None:
    wired.wait(2)
    for register, value in ((0x00, 0x8000), (0x01, 0x0220), (0x02, 0x6000), (0x03, 0x8000), (0x04, 0), (0x07, 0)):
        assert wired.word(register) == value
    assert wired.word(0x0F) == 0x0117


def test_the_first_temperature_comes_after_eight_conversions_and_then_one_a_second(wired: Wired) -> None:
    wired.wait(1.5 + 123.9)
    assert wired.word(0x00) == 0x8000 and not wired.word(0x01) & 0x2000
    wired.wait(0.2)
    assert wired.word(0x01) & 0x2000 and wired.word(0x00) == 0x124D
    wired.celsius = 37.0
    wired.wait(999)
    assert wired.word(0x00) == 0x124D
    wired.wait(1)
    assert wired.word(0x00) == 0x1280


@pytest.mark.parametrize(
    ("celsius", "code"),
    [(-25, 0xF380), (-0.0078125, 0xFFFF), (25, 0x0C80), (36.6, 0x124D), (37, 0x1280), (38.5, 0x1340), (100, 0x3200)],
)
def test_codes_of_the_datasheets_table(celsius: float, code: int) -> None:
    wired = Wired(celsius)
    wired.wait(200)
    assert wired.word(0x00) == code


def test_the_flag_is_cleared_by_reading_the_configuration(wired: Wired) -> None:
    wired.wait(200)
    assert wired.word(0x01) == 0x2220
    assert wired.word(0x01) == 0x0220
    wired.wait(1000)
    assert wired.word(0x01) == 0x2220


def test_the_flag_is_cleared_by_reading_the_temperature(wired: Wired) -> None:
    wired.wait(200)
    wired.word(0x00)
    assert wired.word(0x01) == 0x0220


@pytest.mark.parametrize(
    ("conv", "avg", "cycle_ms"),
    [(0, 0, 15.5), (0, 1, 125), (0, 2, 500), (0, 3, 1000), (1, 0, 125), (2, 1, 250), (3, 1, 500), (4, 1, 1000),
     (4, 3, 1000), (5, 1, 4000), (6, 0, 8000), (7, 3, 16000)],
)  # fmt: skip
def test_cycle_times(wired: Wired, conv: int, avg: int, cycle_ms: float) -> None:
    wired.wait(2)
    wired.set(0x01, conv << 7 | avg << 5)
    wired.wait((1, 8, 32, 64)[avg] * 15.5 + 0.01)
    assert wired.word(0x01) & 0x2000
    wired.wait(cycle_ms * 0.98)
    assert not wired.word(0x01) & 0x2000
    wired.wait(cycle_ms * 0.02)
    assert wired.word(0x01) & 0x2000


def test_shut_down_it_converts_nothing_and_one_shot_converts_once(wired: Wired) -> None:
    wired.wait(2)
    wired.set(0x01, 0x0620)
    wired.wait(5000)
    assert wired.word(0x00) == 0x8000
    wired.set(0x01, 0x0E20)
    wired.wait(124.1)
    assert wired.word(0x01) == 0x2620, "done, and shut down again"
    assert wired.word(0x00) == 0x124D
    wired.celsius = 20
    wired.wait(5000)
    assert wired.word(0x00) == 0x124D


def test_the_offset_is_added(wired: Wired) -> None:
    wired.set(0x07, 0xFF80)
    wired.wait(200)
    assert wired.word(0x00) == 0x124D - 0x80


def test_the_limits_raise_flags_that_the_configuration_clears(wired: Wired) -> None:
    wired.set(0x02, 0x1200)
    wired.wait(200)
    assert wired.word(0x01) & 0xC000 == 0x8000
    assert wired.word(0x01) & 0xC000 == 0
    wired.set(0x02, 0x6000)
    wired.set(0x03, 0x1300)
    wired.wait(1000)
    assert wired.word(0x01) & 0xC000 == 0x4000


def test_a_soft_reset_puts_all_registers_back(wired: Wired) -> None:
    wired.set(0x07, 0x0100)
    wired.set(0x01, 0x0222)
    assert wired.word(0x07) == 0 and wired.word(0x00) == 0x8000
    wired.wait(2)
    assert wired.word(0x01) == 0x0220


def test_settings_survive_a_loss_of_power_only_when_the_eeprom_was_unlocked(wired: Wired) -> None:
    wired.set(0x07, 0x0100)
    wired.chip.power_on()
    assert wired.word(0x07) == 0
    wired.set(0x04, 0x8000)
    wired.set(0x07, 0x0100)
    wired.chip.power_on()
    assert wired.word(0x07) == 0x0100 and wired.word(0x04) == 0


def test_while_it_loads_its_settings_it_says_so(wired: Wired) -> None:
    assert wired.word(0x01) & 0x1000
    wired.wait(1.6)
    assert not wired.word(0x01) & 0x1000


def test_read_only_registers_and_half_a_register_change_nothing(wired: Wired) -> None:
    wired.wait(200)
    wired.set(0x0F, 0x1234)
    wired.bus.write(ADDRESS, bytes((0x02, 0x11)))
    assert wired.word(0x0F) == 0x0117 and wired.word(0x02) == 0x6000


def test_averaging_makes_the_noise_less() -> None:
    spread = []
    for avg in (0, 1, 3):
        wired = Wired(noise=2.0)
        wired.wait(2)
        wired.set(0x01, avg << 5)
        codes = []
        for _ in range(400):
            wired.wait(1000)
            codes.append(wired.word(0x00) - 0x124D)
        mean = sum(codes) / len(codes)
        spread.append((sum((c - mean) ** 2 for c in codes) / len(codes)) ** 0.5)
    assert 1.7 < spread[0] < 2.3 and 0.5 < spread[1] < 1.0 and spread[2] < 0.6
    assert spread[2] > 0, "the last bit moves"


def test_reads_that_are_undone_leave_the_flag() -> None:
    wired = Wired()
    wired.wait(200)
    back = wired.chip.keep()
    assert wired.word(0x01) == 0x2220
    back()
    assert wired.word(0x01) == 0x2220


def test_faults(wired: Wired) -> None:
    wired.wait(200)
    faults = wired.chip.faults
    faults.make("part")
    assert wired.word(0x0F) == 0x0075
    faults.mend()
    faults.make("zeros")
    assert wired.word(0x0F) == 0
    faults.mend()
    faults.make("frozen")
    wired.celsius = 30
    wired.wait(2000)
    assert wired.word(0x01) & 0x2000 and wired.word(0x00) == 0x124D
    faults.mend()
    wired.wait(1000)
    assert wired.word(0x00) == 30 * 128
    faults.make("offset", by=1.0)
    wired.wait(1000)
    assert wired.word(0x00) == 31 * 128
    faults.mend()
    faults.make("no_ready")
    wired.word(0x01)
    wired.wait(3000)
    assert not wired.word(0x01) & 0x2000
    faults.mend()
    faults.make("nack_once", times=2)
    for _ in range(2):
        with pytest.raises(Nack):
            wired.word(0x00)
    wired.word(0x00)
    faults.make("nack")
    with pytest.raises(Nack):
        wired.word(0x00)
    faults.mend()
    faults.make("brownout")
    assert wired.word(0x00) == 0x8000
    with pytest.raises(UnknownFault, match="frozen"):
        faults.make("melted")
