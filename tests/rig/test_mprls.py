"""The emulated MPRLS answers like the datasheet's, at register level."""

from __future__ import annotations

from statistics import mean, pstdev

import pytest

from assuage_rig.bus import Bus, Nack
from assuage_rig.chips.mprls import ADDRESS, MPRLS
from assuage_rig.clock import Clock
from assuage_rig.faults import UnknownFault

START = bytes((0xAA, 0x00, 0x00))


class Wired:
    """A chip on a bus with `mmhg` before it; a transfer takes no time."""

    def __init__(self, seed: int = 1, quiet: bool = True) -> None:
        self.clock = Clock()
        self.mmhg = 0.0
        self.chip = MPRLS(self.clock, lambda t_us: self.mmhg, seed)
        self.bus = Bus("bus0", {ADDRESS: self.chip})
        if quiet:
            self.chip.zero_mmhg = self.chip.noise_mmhg = 0.0

    def read(self, n: int = 4) -> bytes:
        return self.bus.read(ADDRESS, n)

    def wait(self, ms: float) -> None:
        self.clock.now_us += round(ms * 1000)

    def start(self) -> None:
        self.bus.write(ADDRESS, START)

    def code(self) -> int:
        """One whole conversion."""
        self.start()
        self.wait(5)
        answer = self.read()
        assert answer[0] == 0x40
        return int.from_bytes(answer[1:], "big")


@pytest.fixture
def wired() -> Wired:
    return Wired()


@pytest.mark.parametrize(
    ("mmhg", "code"),
    [(0, 0x066666), (15, 0x08F5C2), (40, 0x0D3A07), (120, 0x1AE148), (150, 0x200000), (250, 0x311111), (300, 0x39999A)],
)
def test_counts_are_transfer_function_b(wired: Wired, mmhg: float, code: int) -> None:
    wired.mmhg = mmhg
    assert abs(wired.code() - code) <= 1


def test_it_is_idle_until_the_command_and_busy_for_five_ms_after_it(wired: Wired) -> None:
    assert wired.read(1) == b"\x40"
    wired.start()
    for _ in range(5):
        assert wired.read(1) == b"\x60"
        wired.wait(0.99)
    wired.wait(0.05)
    assert wired.read(1) == b"\x40"


def test_while_it_is_busy_the_old_code_is_read(wired: Wired) -> None:
    wired.mmhg = 100
    old = wired.code()
    wired.mmhg = 200
    wired.start()
    wired.wait(4)
    assert int.from_bytes(wired.read()[1:], "big") == old
    wired.wait(1)
    assert int.from_bytes(wired.read()[1:], "big") > old


def test_a_code_stays_until_the_next_command(wired: Wired) -> None:
    wired.mmhg = 100
    wired.code()
    first = wired.read()
    wired.mmhg = 200
    wired.wait(100)
    assert wired.read() == first


def test_a_read_may_be_short_and_goes_round_when_long(wired: Wired) -> None:
    wired.mmhg = 120
    wired.code()
    assert wired.read(1) == b"\x40" and wired.read(3) == b"\x40\x1a\xe1"
    assert wired.read(8) == wired.read(4) * 2


def test_other_commands_start_nothing(wired: Wired) -> None:
    for data in (b"\xaa", b"\xaa\x00", b"\xab\x00\x00", b"\x00\x00\x00", b"\xaa\x00\x00\x00"):
        wired.bus.write(ADDRESS, data)
        assert wired.read(1) == b"\x40"


def test_a_usual_part_is_off_at_rest_and_noisy() -> None:
    wired = Wired(quiet=False)
    codes = [wired.code() for _ in range(400)]
    lsb = 300 / 3_355_443.2
    assert abs((mean(codes) - 419_430.4) * lsb + 0.5) < 0.01
    assert 0.02 < pstdev(codes) * lsb < 0.04


def test_codes_end_at_the_rails(wired: Wired) -> None:
    wired.mmhg = -100
    assert wired.code() == 0
    wired.mmhg = 2000
    assert wired.code() == 0xFFFFFF


def test_status_bits_of_faults(wired: Wired) -> None:
    faults = wired.chip.faults
    for kind, status in (("memory", 0x44), ("saturated", 0x41), ("unpowered", 0x00)):
        faults.make(kind)
        wired.start()
        wired.wait(10)
        assert wired.read(1)[0] == status
        faults.mend()


def test_a_conversion_that_never_ends_or_takes_long(wired: Wired) -> None:
    wired.chip.faults.make("busy")
    wired.start()
    wired.wait(10_000)
    assert wired.read(1) == b"\x60"
    wired.chip.faults.mend()
    assert wired.read(1) == b"\x40"
    wired.chip.faults.make("slow", ms=60)
    wired.start()
    wired.wait(59)
    assert wired.read(1) == b"\x60"
    wired.wait(1)
    assert wired.read(1) == b"\x40"


def test_a_frozen_converter_repeats_and_a_stuck_sensor_still_has_the_converters_noise() -> None:
    wired = Wired(quiet=False)
    wired.mmhg = 50
    wired.chip.faults.make("frozen")
    assert len({wired.code() for _ in range(10)}) == 1
    wired.chip.faults.mend()
    wired.chip.faults.make("stuck")
    wired.mmhg = 150
    codes = {wired.code() for _ in range(10)}
    assert len(codes) > 5 and max(codes) < 0x0F0000


def test_what_is_measured_may_be_off_drift_be_noisy_or_late(wired: Wired) -> None:
    faults = wired.chip.faults
    wired.mmhg = 100
    right = wired.code()
    mmhg = 3_355_443.2 / 300
    faults.make("offset", by=10.0)
    assert abs(wired.code() - right - 10 * mmhg) < 2
    faults.mend()
    faults.make("drifting", per_min=60.0)
    wired.wait(10_000)
    assert abs(wired.code() - right - 10 * mmhg) < mmhg
    faults.mend()
    faults.make("late", ms=1000)
    wired.mmhg = 200
    assert abs(wired.code() - right) < 2
    wired.wait(2000)
    wired.code()
    wired.wait(2000)
    assert abs(wired.code() - right - 100 * mmhg) < 2
    faults.mend()
    wired.chip.noise_mmhg = 0.03
    faults.make("noise", factor=100.0)
    assert pstdev([wired.code() for _ in range(100)]) > mmhg


def test_no_acknowledge_and_brownout(wired: Wired) -> None:
    wired.chip.faults.make("nack_once")
    with pytest.raises(Nack):
        wired.start()
    wired.start()
    wired.chip.faults.make("brownout")
    assert wired.read() == b"\x40\x00\x00\x00"
    wired.chip.faults.make("nack")
    with pytest.raises(Nack):
        wired.read()
    with pytest.raises(UnknownFault, match="saturated"):
        wired.chip.faults.make("melted")


def test_codes_repeat_with_the_seed_and_do_not_depend_on_how_often_one_looks() -> None:
    def codes(seed: int, looks: int) -> list[int]:
        wired = Wired(seed, quiet=False)
        out = []
        for _ in range(20):
            wired.start()
            for _ in range(looks):
                wired.wait(20 / looks)
                answer = wired.read()
            out.append(int.from_bytes(answer[1:], "big"))
        return out

    assert codes(1, 1) == codes(1, 5) != codes(2, 1)


def test_looking_ahead_and_going_back_leaves_no_trace(wired: Wired) -> None:
    wired.mmhg = 100
    wired.start()
    back = wired.chip.keep()
    wired.wait(5)
    seen = wired.read()
    back()
    assert wired.read() == seen
