"""The emulated NAU7802 answers like the datasheet's, at register level."""

from __future__ import annotations

import pytest

from assuage_rig.bus import Bus, Nack
from assuage_rig.chips.nau7802 import ADDRESS, NAU7802
from assuage_rig.clock import Clock
from assuage_rig.faults import UnknownFault
from assuage_rig.requirements import req

CONVERSION_US = 12_500  # at 80 samples a second


class Wired:
    """A chip on a bus with `uv` microvolts at its input; a transfer takes no time."""

    def __init__(self, seed: int = 1) -> None:
        self.clock = Clock()
        self.uv = 0.0
        self.chip = NAU7802(self.clock, lambda t_us: self.uv, seed)
        self.bus = Bus("bus0", {ADDRESS: self.chip})

    def read(self, register: int, n: int = 1) -> bytes:
        return self.bus.mem_read(ADDRESS, register, n)

    def write(self, *data: int) -> None:
        self.bus.write(ADDRESS, bytes(data))

    def wait(self, us: int) -> None:
        self.clock.now_us += us

    def code(self) -> int:
        return int.from_bytes(self.read(0x12, 3), "big", signed=True)

    def start(self, ctrl1: int = 0x2F, ctrl2: int = 0x30, calibrate: bool = True) -> None:
        """The datasheet's sequence, then everything settled."""
        self.write(0x00, 0x01)
        self.write(0x00, 0x02)
        self.wait(200)
        self.write(0x00, 0x86, ctrl1, ctrl2)
        self.write(0x15, 0x30)
        self.write(0x1C, 0x80)
        self.write(0x00, 0x96)
        self.wait(600_000)
        if calibrate:
            self.write(0x02, ctrl2 | 0x04)
            self.wait(4_000_000)

    def codes(self, n: int) -> list[int]:
        """n conversions, one by one."""
        out = []
        for _ in range(n):
            self.wait(CONVERSION_US)
            out.append(self.code())
        return out


@pytest.fixture
def wired() -> Wired:
    return Wired()


def quiet(wired: Wired) -> Wired:
    """Without noise, and with a calibration that lands where it should."""
    wired.chip.landing_counts = 0.0
    wired.chip.faults.make("noise", factor=0.0)
    return wired


# -- the chip ----------------------------------------------------------------------------------------------------------
def test_after_power_on_all_registers_are_zero_but_the_gains_and_the_revision(wired: Wired) -> None:
    values = wired.read(0x00, 0x20)
    assert values[0x06:0x0A] == bytes((0x00, 0x80, 0x00, 0x00)) == values[0x0D:0x11]
    assert values[0x1F] & 0x0F == 0x0F
    rest = [v for i, v in enumerate(values) if i not in (0x07, 0x0E, 0x1F)]
    assert not any(rest)


def test_the_pointer_moves_on_and_wraps(wired: Wired) -> None:
    wired.write(0x01, 0x27, 0x70)
    assert wired.read(0x7F, 4)[2:] == bytes((0x27, 0x70))
    wired.start()
    assert wired.read(0x3F, 2) == bytes(2)
    wired.write(0x3F, 0xFF, 0x01)
    assert wired.read(0x00)[0] & 0x9E == 0x9E


def test_power_up_ready_comes_200_us_after_the_digital_part_is_on(wired: Wired) -> None:
    wired.write(0x00, 0x02)
    wired.wait(199)
    assert wired.read(0x00)[0] == 0x02
    wired.wait(1)
    assert wired.read(0x00)[0] == 0x0A
    wired.write(0x00, 0x00)
    assert wired.read(0x00)[0] == 0x00


def test_running_reads_9e_and_be_when_a_code_is_ready(wired: Wired) -> None:
    wired.start(calibrate=False)
    assert wired.read(0x00)[0] == 0xBE
    wired.code()
    assert wired.read(0x00)[0] == 0x9E
    wired.wait(CONVERSION_US)
    assert wired.read(0x00)[0] == 0xBE


def test_nothing_is_converted_before_cs(wired: Wired) -> None:
    wired.write(0x00, 0x02)
    wired.wait(200)
    wired.write(0x00, 0x86, 0x2F, 0x30)
    wired.wait(1_000_000)
    assert wired.read(0x00)[0] == 0x8E


@pytest.mark.parametrize(("crs", "rate"), [(0, 10), (1, 20), (2, 40), (3, 80), (7, 320)])
def test_a_code_is_ready_as_often_as_the_rate_says(wired: Wired, crs: int, rate: int) -> None:
    wired.start(ctrl2=crs << 4, calibrate=False)
    wired.code()
    ready = 0
    for _ in range(4000):
        wired.wait(500)
        if wired.read(0x00)[0] & 0x20:
            ready += 1
            wired.code()
    assert abs(ready - 2 * rate) <= 1


@req("SYS-009")
def test_one_millivolt_is_as_many_counts_as_the_formula_says(wired: Wired) -> None:
    """1 mV at 3.0 V and gain 128 is 715 828 counts, a 2 mV/V cell's full load 4 294 967."""
    quiet(wired).start()
    for uv, counts in ((0.0, 0), (1000.0, 715_828), (-1000.0, -715_828), (6000.0, 4_294_967)):
        wired.uv = uv
        assert abs(wired.codes(1)[0] - counts) <= 2


@pytest.mark.parametrize(
    ("ctrl1", "uv", "counts"),
    [
        (0x27, 1000.0, 650_753),  # 3.3 V, gain 128: 1e-3 * 128 * 2**24 / 3.3
        (0x2E, 1000.0, 357_914),  # 3.0 V, gain 64
        (0x28, 1000.0, 5_592),  # gain 1
    ],
)
def test_gain_and_reference_follow_ctrl1(wired: Wired, ctrl1: int, uv: float, counts: int) -> None:
    quiet(wired).start(ctrl1=ctrl1)
    wired.uv = uv
    assert abs(wired.codes(1)[0] - counts) <= 2


def test_beyond_its_range_the_code_is_clipped(wired: Wired) -> None:
    quiet(wired).start()
    wired.uv = 12_000.0  # full scale is 11.719 mV
    assert wired.codes(1)[0] == 8_388_607 and wired.read(0x12, 3) == b"\x7f\xff\xff"
    wired.uv = -12_000.0
    assert wired.codes(1)[0] == -8_388_608 and wired.read(0x12, 3) == b"\x80\x00\x00"


@pytest.mark.parametrize(("ctrl2", "nanovolts"), [(0x00, 50), (0x30, 150)])
def test_noise_at_gain_128_is_what_the_datasheet_says(wired: Wired, ctrl2: int, nanovolts: int) -> None:
    wired.start(ctrl2=ctrl2)
    codes = []
    for _ in range(1000):
        wired.wait(100_000)
        codes.append(wired.code())
    mean = sum(codes) / len(codes)
    rms = (sum((c - mean) ** 2 for c in codes) / len(codes)) ** 0.5
    assert abs(rms * 1.3970 - nanovolts) < nanovolts * 0.1


def test_the_first_byte_latches_all_three_and_an_early_read_brings_the_last_code_again(wired: Wired) -> None:
    quiet(wired).start()
    wired.uv = 100.0
    first = wired.codes(1)[0]
    wired.uv = 5000.0
    assert wired.code() == first, "no conversion since"
    wired.wait(CONVERSION_US)
    assert int.from_bytes(wired.read(0x13, 2), "big") == first & 0xFFFF, "without the first byte nothing is latched"
    assert wired.code() > first


@pytest.mark.parametrize("hides", [False, True])
def test_after_a_change_six_conversions_pass_before_a_code_holds(wired: Wired, hides: bool) -> None:
    wired.chip.hides_settling = hides
    quiet(wired).start()
    wired.uv = 1000.0
    wired.write(0x01, 0x2E)
    wired.write(0x01, 0x2F)
    ready = []
    for n in range(1, 9):
        wired.wait(CONVERSION_US)
        if wired.read(0x00)[0] & 0x20:
            ready.append((n, wired.code()))
    assert ready[0][0] == (6 if hides else 1)
    assert all(abs(code - 715_828) <= 2 for n, code in ready if n >= 6)
    assert hides or abs(ready[0][1] - 715_828) > 100_000


def test_the_internal_supply_takes_its_time(wired: Wired) -> None:
    quiet(wired)
    wired.uv = 1000.0
    wired.write(0x00, 0x02)
    wired.wait(200)
    wired.write(0x00, 0x96, 0x2F, 0x30)
    wired.wait(100_000)
    early = wired.code()
    wired.wait(200_000)
    assert early < 0.6 * wired.code()


def test_calibration_takes_a_third_of_a_second_and_lands_elsewhere_each_time(wired: Wired) -> None:
    """344 ms at 80 samples a second; offsets differ by about half a percent of the load."""
    offsets = []
    for _ in range(12):
        wired.start(calibrate=False)
        wired.write(0x02, 0x34)
        wired.wait(343_000)
        assert wired.read(0x02)[0] == 0x34 and not wired.read(0x00)[0] & 0x20
        wired.write(0x02, 0x34)  # ignored while it is busy
        wired.wait(1_000)
        assert wired.read(0x02)[0] == 0x30
        wired.wait(6 * CONVERSION_US)
        offsets.append(wired.code())
    assert len(set(offsets)) == len(offsets)
    assert 5_000 < max(offsets) - min(offsets) < 140_000


def test_without_a_calibration_the_chips_own_offset_shows(wired: Wired) -> None:
    quiet(wired).start(calibrate=False)
    assert wired.codes(1) == [wired.chip.zero]


def test_gcal_of_one_and_a_half_and_a_system_offset(wired: Wired) -> None:
    quiet(wired).start()
    wired.uv = 1000.0
    wired.write(0x06, 0x00, 0xC0, 0x00, 0x00)
    assert abs(wired.codes(1)[0] - 715_828 * 3 // 2) <= 3
    wired.write(0x06, 0x00, 0x80, 0x00, 0x00)
    wired.write(0x02, 0x36)
    wired.wait(600_000)
    assert abs(wired.codes(1)[0]) <= 2


def test_a_failed_calibration_leaves_its_flag_until_a_good_one(wired: Wired) -> None:
    wired.chip.faults.make("cal_err")
    wired.start()
    assert wired.read(0x02)[0] & 0x0C == 0x08
    wired.write(0x02, 0x30)
    assert wired.read(0x02)[0] & 0x0C == 0x08
    wired.chip.faults.mend()
    wired.write(0x02, 0x34)
    wired.wait(400_000)
    assert wired.read(0x02)[0] & 0x0C == 0x00


def test_a_reset_is_a_level(wired: Wired) -> None:
    wired.start()
    wired.write(0x00, 0x01)
    wired.write(0x01, 0x2F)
    assert wired.read(0x00, 3) == bytes((0x01, 0, 0))


def test_faults_that_show_in_the_code(wired: Wired) -> None:
    wired.start()
    faults = wired.chip.faults
    wired.uv = 500.0
    faults.make("rail", sign=-1)
    assert wired.codes(2) == [-8_388_608] * 2
    faults.make("rail")
    assert wired.codes(2) == [8_388_607] * 2
    faults.mend()
    faults.make("frozen")
    assert len(set(wired.codes(20)[1:])) == 1
    faults.mend()
    before = wired.codes(1)[0]
    faults.make("recalibrated", counts=30_000)
    assert abs(before - wired.codes(1)[0] - 30_000) < 2_000
    faults.make("short")
    assert abs(wired.codes(1)[0]) < 150_000 and len(set(wired.codes(20))) > 10
    faults.mend()
    faults.make("no_ready")
    wired.wait(1_000_000)
    assert not wired.read(0x00)[0] & 0x20


def test_no_acknowledge_and_brownout(wired: Wired) -> None:
    wired.start()
    wired.chip.faults.make("nack_once")
    with pytest.raises(Nack):
        wired.read(0x00)
    assert wired.read(0x00)[0] & 0x9E == 0x9E
    wired.chip.faults.make("brownout")
    assert wired.read(0x00, 3) == bytes(3)
    wired.chip.faults.make("nack")
    with pytest.raises(Nack):
        wired.write(0x00, 0x02)
    with pytest.raises(UnknownFault, match="cal_stuck"):
        wired.chip.faults.make("melted")


def test_codes_repeat_with_the_seed_and_do_not_depend_on_how_often_one_looks() -> None:
    def codes(seed: int, looks: int) -> list[int]:
        wired = Wired(seed)
        wired.start()
        out = []
        for _ in range(20):
            for _ in range(looks):
                wired.read(0x00)
                wired.wait(CONVERSION_US // looks)
            out.append(wired.code())
        return out

    assert codes(1, 1) == codes(1, 5) != codes(2, 1)
