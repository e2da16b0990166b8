"""The emulated AS5600 answers like the datasheet's, at register level."""

from __future__ import annotations

import pytest

from assuage_rig.bus import Bus, Forbidden, Nack
from assuage_rig.chips.as5600 import ADDRESS, AS5600
from assuage_rig.clock import Clock
from assuage_rig.faults import UnknownFault
from assuage_rig.requirements import req


class Wired:
    """A chip on a bus, its magnet at `counts`; each reading comes a millisecond after the one before."""

    def __init__(self, seed: int = 1) -> None:
        self.clock = Clock()
        self.counts = 0.0
        self.chip = AS5600(self.clock, lambda: int(self.counts * 256), seed)
        self.bus = Bus("bus0", {ADDRESS: self.chip})

    def read(self, register: int, n: int) -> bytes:
        self.clock.now_us += 1000
        return self.bus.mem_read(ADDRESS, register, n)

    def write(self, *data: int) -> None:
        self.clock.now_us += 1000
        self.bus.write(ADDRESS, bytes(data))

    def raw(self) -> int:
        return int.from_bytes(self.read(0x0C, 2), "big")


@pytest.fixture
def wired() -> Wired:
    return Wired()


@pytest.mark.parametrize("counts", [0, 11, 1024, 2048, 4095])
def test_raw_angle_is_the_magnets_angle_within_its_noise(wired: Wired, counts: int) -> None:
    wired.counts = counts + 0.5
    seen = [wired.raw() for _ in range(200)]
    errors = [(value - counts + 2048 & 0xFFF) - 2048 for value in seen]
    assert max(map(abs, errors)) <= 2  # 0.043 degrees rms at the fastest filter is half a count
    assert abs(sum(errors)) / len(errors) < 0.2
    assert all(value <= 0xFFF for value in seen)


@req("SYS-009")
def test_a_quarter_turn_reads_as_in_the_datasheet(wired: Wired) -> None:
    wired.counts = 1024.5
    assert wired.read(0x0C, 2) == bytes((0x04, 0x00))


def test_the_angle_goes_round(wired: Wired) -> None:
    wired.counts = 4096 * 3 + 100.5
    assert wired.raw() == 100
    wired.counts = -99.5
    assert wired.raw() == 4096 - 100


def test_no_magnet_and_field_bits_in_status_with_undefined_bits_set(wired: Wired) -> None:
    assert wired.read(0x0B, 1)[0] == 0x67
    codes = {}
    for kind in ("strong", "weak", "no_magnet"):
        wired.chip.faults.make(kind)
        codes[kind] = wired.read(0x0B, 1)[0] & 0x38
        wired.chip.faults.mend()
    assert codes == {"strong": 0x28, "weak": 0x30, "no_magnet": 0x10}


@pytest.mark.parametrize(("supply", "middle", "top"), [(5, 127, 255), (3, 64, 128)])
def test_gain_follows_the_field(supply: int, middle: int, top: int) -> None:
    chip = AS5600(Clock(), lambda: 0, supply=supply)
    bus = Bus("bus0", {ADDRESS: chip})
    assert bus.mem_read(ADDRESS, 0x1A, 1)[0] == middle
    chip.faults.make("strong")
    assert bus.mem_read(ADDRESS, 0x1A, 1)[0] == 0
    chip.faults.make("no_magnet")
    assert bus.mem_read(ADDRESS, 0x1A, 1)[0] == top


def test_the_pointer_stays_on_the_high_byte_of_an_angle(wired: Wired) -> None:
    wired.counts = 0x0ABC + 0.5
    first = wired.read(0x0C, 2)
    assert wired.chip.read(2) == first  # no new pointer write
    assert wired.chip.read(1) == first[:1]
    assert wired.chip.read(2) == first
    assert wired.read(0x0C, 4) == first * 2


def test_the_pointer_moves_on_elsewhere(wired: Wired) -> None:
    wired.write(0x01, 0x0A, 0xBC)
    assert wired.read(0x00, 3) == bytes((0, 0x0A, 0xBC))
    assert wired.chip.read(2) == bytes((0, 0))  # MPOS follows


def test_reading_on_beyond_an_angle_can_be_told_to_go_either_way(wired: Wired) -> None:
    wired.counts = 0x0ABC + 0.5
    wired.chip.pair_repeats = False
    assert wired.read(0x0C, 4) == bytes((0x0A, 0xBC)) * 2  # RAW_ANGLE, then ANGLE, here the same
    assert wired.read(0x1B, 3)[2] == 0


def test_invalid_registers_are_not_acknowledged_but_read_as_zero(wired: Wired) -> None:
    with pytest.raises(Nack):
        wired.read(0x09, 1)
    assert wired.chip.read(2) == b"\0\0"
    with pytest.raises(Nack):
        wired.write(0x0A, 1)
    with pytest.raises(Nack):
        wired.write(0x08, 0, 0)  # runs on into 0x09


def test_settings_are_masked_and_read_only_registers_stay(wired: Wired) -> None:
    wired.write(0x07, 0xFF, 0xFF)
    assert wired.read(0x07, 2) == bytes((0x3F, 0xFF))
    wired.write(0x01, 0xFF, 0xFF)
    assert wired.read(0x01, 2) == bytes((0x0F, 0xFF))
    wired.write(0x0B, 0)
    assert wired.read(0x0B, 1)[0] & 0x20


@pytest.mark.parametrize("data", [(0xFF, 0x80), (0xFF, 0x40), (0xFF, 0x01)])
def test_the_fuses_are_never_written_quietly(wired: Wired, data: tuple[int, ...]) -> None:
    with pytest.raises(Forbidden, match="BURN"):
        wired.write(*data)


def test_pointing_at_the_fuses_and_reading_is_harmless(wired: Wired) -> None:
    assert wired.read(0xFF, 1) == b"\0"


def test_low_power_mode_renews_the_angle_at_its_own_pace_a_millisecond_after_the_write(wired: Wired) -> None:
    wired.write(0x07, 0x00, 0x03)  # LPM3: every 100 ms
    wired.counts = 500.5
    seen = []
    for _ in range(300):
        wired.counts += 1
        seen.append(wired.raw())
    assert len(set(seen)) in (3, 4)


def test_the_watchdog_slows_it_down_when_nothing_moves_for_a_minute(wired: Wired) -> None:
    wired.write(0x07, 0x20, 0x00)
    wired.counts = 1000.5
    wired.raw()
    wired.clock.now_us += 61_000_000
    before = wired.raw()
    wired.counts = 1400.5
    assert wired.raw() == before
    wired.clock.now_us += 100_000
    assert abs(wired.raw() - 1400) <= 2


def test_angle_takes_the_zero_position_off_and_sticks_at_the_seam(wired: Wired) -> None:
    wired.write(0x01, 0x01, 0x00)
    wired.counts = 0x100 + 1000.5
    assert abs(int.from_bytes(wired.read(0x0E, 2), "big") - 1000) <= 1
    wired.write(0x01, 0, 0)
    angles = []
    for counts in range(4060, 4100):
        wired.counts = counts + 0.5
        angles.append(int.from_bytes(wired.read(0x0E, 2), "big"))
    assert max(angles) >= 4090
    assert not any(0 <= angle < 10 for angle in angles)


def test_a_narrowed_range_is_spread_over_all_counts_or_not(wired: Wired) -> None:
    wired.write(0x05, 0x08, 0x00)  # MANG: half a turn
    wired.counts = 512.5
    assert abs(int.from_bytes(wired.read(0x0E, 2), "big") - 1024) <= 3
    wired.chip.narrow_rescales = False
    wired.counts = 600.5
    assert abs(int.from_bytes(wired.read(0x0E, 2), "big") - 600) <= 2


def test_faults_that_show_in_the_angle(wired: Wired) -> None:
    chip = wired.chip
    wired.counts = 1000.5
    steady = wired.raw()
    chip.faults.make("frozen")
    wired.counts = 2000.5
    assert wired.raw() == steady
    chip.faults.mend()
    assert abs(wired.raw() - 2000) <= 1
    chip.faults.make("outlier", counts=700)
    assert abs(wired.raw() - 2700) <= 1
    assert abs(wired.raw() - 2000) <= 1
    assert not chip.faults.active
    chip.faults.make("zeros")
    assert wired.raw() == 0
    assert wired.read(0x0B, 1) == b"\0"
    chip.faults.mend()
    chip.faults.make("junk")
    assert wired.raw() & 0xF000 == 0xF000
    assert abs((wired.raw() & 0xFFF) - 2000) <= 1
    chip.faults.mend()
    chip.faults.make("no_magnet")
    assert len({wired.raw() for _ in range(20)}) > 15
    chip.faults.make("no_magnet", stale=1)
    assert len({wired.raw() for _ in range(20)}) == 1


def test_a_torn_read_mixes_two_readings(wired: Wired) -> None:
    wired.counts = 0x0FF + 0.5
    wired.raw()
    wired.chip.faults.make("torn")
    wired.counts = 0x100 + 1.5
    assert wired.raw() == 0x001  # off by 256


def test_no_acknowledge_and_brownout(wired: Wired) -> None:
    wired.write(0x07, 0x04, 0x04)
    wired.chip.faults.make("nack")
    with pytest.raises(Nack):
        wired.raw()
    wired.chip.faults.mend("nack")
    assert wired.read(0x07, 2) == bytes((4, 4))
    wired.chip.faults.make("brownout")
    assert wired.read(0x07, 2) == b"\0\0"


def test_readings_repeat_with_the_seed_and_only_with_it() -> None:
    def hundred(seed: int) -> list[int]:
        wired = Wired(seed)
        wired.counts = 1000.9
        return [wired.raw() for _ in range(100)]

    assert hundred(1) == hundred(1)
    assert hundred(1) != hundred(2)


def test_an_unknown_fault_is_refused_with_what_there_is(wired: Wired) -> None:
    with pytest.raises(UnknownFault, match="frozen"):
        wired.chip.faults.make("melted")
    with pytest.raises(UnknownFault, match="counts"):
        wired.chip.faults.make("outlier", degrees=3)
    for value in ("many", 5000, float("nan")):
        with pytest.raises(UnknownFault, match="-4095"):
            wired.chip.faults.make("outlier", counts=value)  # type: ignore[arg-type]
    assert not wired.chip.faults.active
