"""The emulated MAX30102 answers like the datasheet's, at register level."""

from __future__ import annotations

import pytest

from assuage_rig.bus import Nack
from assuage_rig.chips.max30102 import MAX30102
from assuage_rig.clock import Clock

SPO2, HR, MULTI, SHUT_DOWN = 3, 2, 7, 0x80
A_FULL, PPG_RDY, ALC_OVF, PWR_RDY = 0x80, 0x40, 0x20, 0x01


class Wired:
    """A chip under a steady light, in nA per mA of LED current."""

    def __init__(self) -> None:
        self.clock = Clock()
        self.light = (100.0, 200.0)
        self.chip = MAX30102(self.clock, lambda t: self.light)

    def get(self, register: int, n: int = 1) -> bytes:
        self.chip.write(bytes((register,)))
        return self.chip.read(n)

    def set(self, register: int, *values: int) -> None:
        self.chip.write(bytes((register, *values)))

    def pointers(self) -> tuple[int, int, int]:
        """WR, OVF, RD."""
        wr, ovf, rd = self.get(0x04, 3)
        return wr, ovf, rd

    def run(self, mode: int = SPO2, config: int = 0x27, fifo: int = 0, led: int = 0x24) -> None:
        """4096 nA, 100 samples/s and 18 bit, unless told otherwise."""
        self.set(0x08, fifo)
        self.set(0x0A, config)
        self.set(0x0C, led, led)
        self.set(0x09, mode)

    def samples(self, n: int, channels: int = 2) -> list[tuple[int, ...]]:
        data = self.get(0x07, 3 * channels * n)
        codes = [int.from_bytes(data[i : i + 3], "big") for i in range(0, len(data), 3)]
        return [tuple(codes[i : i + channels]) for i in range(0, len(codes), channels)]

    def pass_ms(self, ms: float) -> None:
        self.clock.now_us += round(ms * 1000)


@pytest.fixture
def wired() -> Wired:
    return Wired()


# -- identity, power, reset --------------------------------------------------------------------------------------------
def test_identity_and_power_on_flag_which_a_reset_does_not_raise(wired: Wired) -> None:
    assert wired.get(0xFE, 2) == bytes((0x03, 0x15))
    assert wired.chip.interrupt
    assert wired.get(0x00) == bytes((PWR_RDY,))
    assert wired.get(0x00) == b"\0"
    assert not wired.chip.interrupt
    wired.run()
    wired.pass_ms(50)
    wired.set(0x09, 0x40)
    assert wired.get(0x09) == b"\0"  # clears itself
    assert wired.get(0x00, 13) == bytes(13)
    assert wired.pointers() == (0, 0, 0)
    assert wired.get(0xFF) == bytes((0x15,))


def test_a_brownout_in_the_run_zeroes_the_registers_and_says_so(wired: Wired) -> None:
    wired.run()
    wired.pass_ms(100)
    wired.chip.faults.make("brownout")
    assert wired.get(0x00)[0] & PWR_RDY
    assert wired.get(0x08, 6) == bytes(6)
    wired.pass_ms(100)
    assert wired.pointers() == (0, 0, 0)


def test_the_pointer_stays_on_fifo_data_and_stops_at_the_part_id(wired: Wired) -> None:
    wired.set(0x0C, 0x11, 0x22)
    assert wired.get(0x0C, 2) == bytes((0x11, 0x22))
    wired.run()
    wired.pass_ms(30)
    assert len(wired.get(0x05, 14)) == 14
    assert wired.pointers()[2] == 2  # OVF, RD, then twelve bytes of the window
    assert wired.get(0xFE, 4)[1:] == bytes((0x15,)) * 3


# -- what a sample is --------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(("code", "full_scale"), [(0, 2048), (1, 4096), (2, 8192), (3, 16384)])
def test_counts_are_the_current_over_the_range(wired: Wired, code: int, full_scale: int) -> None:
    wired.run(config=code << 5 | 0x07)
    wired.pass_ms(100)
    red, ir = wired.samples(1)[0]
    assert red * full_scale / (1 << 18) == pytest.approx(100 * 7.2 + 1, abs=0.6)  # 0x24 is 7.2 mA; 1 nA dark current
    assert ir * full_scale / (1 << 18) == pytest.approx(200 * 7.2 + 1, abs=0.6)


@pytest.mark.parametrize(("width", "blank"), [(0, 7), (1, 3), (2, 1), (3, 0)])
def test_fewer_bits_are_left_justified(wired: Wired, width: int, blank: int) -> None:
    wired.run(config=0x24 | width)
    wired.pass_ms(200)
    codes = [code for sample in wired.samples(20) for code in sample]
    assert all(code & blank == 0 for code in codes)
    assert any(code & (blank + 1) for code in codes)
    wired.light = (1e6, 1e6)
    wired.pass_ms(20)
    assert wired.samples(2)[1] == (0x3FFFF & ~blank, 0x3FFFF & ~blank)


def test_saturated_near_zero_swapped_and_frozen(wired: Wired) -> None:
    wired.run()

    def one() -> tuple[int, ...]:
        wired.pass_ms(10)
        return wired.samples(1)[0]

    red, ir = one()
    assert ir > 1.9 * red
    wired.chip.faults.make("swapped")
    red, ir = one()
    assert red > 1.9 * ir
    wired.chip.faults.mend()
    wired.chip.faults.make("saturated")
    assert one() == (0x3FFFF, 0x3FFFF)
    wired.chip.faults.mend()
    wired.chip.faults.make("near_zero")
    assert all(30 <= code <= 128 for code in one())
    wired.chip.faults.mend()
    last = one()
    wired.chip.faults.make("frozen")
    wired.light = (50.0, 60.0)
    assert one() == last


def test_a_fault_does_not_reach_into_the_past(wired: Wired) -> None:
    wired.run()
    wired.pass_ms(100)
    wired.chip.faults.make("saturated")
    wired.pass_ms(100)
    assert [sample == (0x3FFFF, 0x3FFFF) for sample in wired.samples(20)] == [False] * 10 + [True] * 10


def test_leds_that_are_off_give_dark_current_only(wired: Wired) -> None:
    wired.run(led=0)
    wired.pass_ms(10)
    assert all(30 <= code <= 128 for code in wired.samples(1)[0])


# -- rates -------------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("code", range(8))
@pytest.mark.parametrize("average", range(8))
def test_samples_come_at_the_rate_over_the_average(wired: Wired, code: int, average: int) -> None:
    rate = (50, 100, 200, 400, 800, 1000, 1600, 3200)[code]
    shots = (1, 2, 4, 8, 16, 32, 32, 32)[average]
    wired.run(mode=HR, config=0x20 | code << 2, fifo=average << 5)
    wired.clock.now_us += -(-20 * shots * 1_000_000 // rate) - 1
    assert wired.pointers()[0] == 19
    wired.clock.now_us += 1
    assert wired.pointers()[0] == 20


@pytest.mark.parametrize(
    ("mode", "fastest"), [(HR, (3200, 1600, 1600, 1000)), (SPO2, (1600, 1000, 800, 400))], ids=["red", "red and IR"]
)
@pytest.mark.parametrize("width", range(4))
def test_a_rate_too_high_for_the_pulse_width_is_lowered_silently(
    wired: Wired, mode: int, fastest: tuple[int, ...], width: int
) -> None:
    wired.set(0x09, mode)
    wired.set(0x0A, 0x1C | width)
    rate = (50, 100, 200, 400, 800, 1000, 1600, 3200)[wired.get(0x0A)[0] >> 2 & 7]
    assert rate == fastest[width]
    wired.clock.now_us += 1_000_000 // rate * 8 + 8
    assert wired.pointers()[0] == 8


def test_averaging_makes_less_noise(wired: Wired) -> None:
    def spread(fifo: int) -> float:
        wired.run(fifo=fifo, config=0x2F)  # 400 samples/s
        wired.pass_ms(30 * 1000 / 400 * 16)
        codes = [red for red, _ in wired.samples(30)]
        mean = sum(codes) / len(codes)
        return sum((code - mean) ** 2 for code in codes)

    assert spread(0x80 | 0x10) < spread(0x10) / 4


def test_one_led_makes_three_bytes_and_slots_count_as_far_as_filled(wired: Wired) -> None:
    wired.run(mode=HR)
    wired.pass_ms(30)
    reds = wired.samples(3, channels=1)
    assert all(abs(red - 46_140) < 100 for (red,) in reds)
    wired.set(0x11, 0x12, 0x00)  # infrared... slot 1 IR, slot 2 red
    wired.run(mode=MULTI)
    wired.get(0x07, 96)
    wired.pass_ms(10)
    first, second = wired.samples(1)[0]
    assert first > 1.9 * second
    wired.set(0x11, 0x01, 0x02)  # slot 2 empty: slot 3 does not count
    wired.pass_ms(10)
    before = wired.pointers()[2]
    wired.get(0x07, 3)
    wired.pass_ms(10)
    assert (wired.pointers()[0] - before) & 31 >= 1
    assert wired.samples(1, channels=1)[0][0] == pytest.approx(46_140, abs=100)


def test_no_samples_without_a_mode_or_in_shutdown_where_registers_still_answer(wired: Wired) -> None:
    wired.run(mode=0)
    wired.pass_ms(100)
    assert wired.pointers() == (0, 0, 0)
    wired.set(0x02, 0x40)
    wired.run(mode=SPO2)
    wired.pass_ms(100)
    wired.set(0x09, SHUT_DOWN | SPO2)
    assert wired.get(0x00) == b"\0"
    before = wired.pointers()
    wired.pass_ms(100)
    assert wired.pointers() == before
    assert wired.get(0x0C) == bytes((0x24,))


# -- FIFO --------------------------------------------------------------------------------------------------------------
def test_red_comes_before_infrared_three_bytes_each_high_byte_first(wired: Wired) -> None:
    wired.run()
    wired.pass_ms(10)
    data = wired.get(0x07, 6)
    assert data[0] >> 2 == 0
    assert int.from_bytes(data[:3], "big") == pytest.approx(46_144, abs=100)
    assert int.from_bytes(data[3:], "big") == pytest.approx(92_224, abs=100)


def test_the_read_pointer_moves_with_the_first_byte_and_the_rest_of_a_broken_read_is_lost(wired: Wired) -> None:
    wired.run()
    wired.pass_ms(30)
    wired.get(0x07, 1)
    assert wired.pointers() == (3, 0, 1)
    second = wired.get(0x07, 6)
    assert wired.pointers() == (3, 0, 2)
    wired.set(0x06, 1)  # rewound after a bus error
    assert wired.get(0x07, 6) == second


def test_pointers_wrap_and_unread_is_their_difference(wired: Wired) -> None:
    wired.run()
    for _ in range(30):
        wired.pass_ms(10)
        wired.samples(1)
    wired.pass_ms(50)
    assert wired.pointers() == (3, 0, 30)  # 5 unread
    wired.samples(5)
    assert wired.pointers() == (3, 0, 3)


def test_full_and_empty_look_alike_and_only_the_losses_tell(wired: Wired) -> None:
    wired.run()
    wired.pass_ms(320)
    assert wired.pointers() == (0, 0, 0)
    wired.pass_ms(10)
    assert wired.pointers() == (0, 1, 0)
    wired.pass_ms(10_000)
    assert wired.pointers() == (0, 0x1F, 0)  # counts no further
    wired.samples(1)
    assert wired.pointers() == (0, 0, 1)  # cleared by taking a sample out


def test_without_rollover_the_oldest_stay_and_with_it_the_newest(wired: Wired) -> None:
    wired.light = (10.0, 10.0)
    wired.run()
    wired.pass_ms(320)
    wired.chip.advance()
    wired.light = (100.0, 100.0)
    wired.pass_ms(160)
    assert all(red < 10_000 for red, _ in wired.samples(32))
    wired.light = (10.0, 10.0)
    wired.run(fifo=0x10)
    wired.set(0x04, 0, 0, 0)
    wired.pass_ms(320)
    wired.chip.advance()
    wired.light = (100.0, 100.0)
    wired.pass_ms(160)
    wr, ovf, rd = wired.pointers()
    assert (wr, ovf, rd) == (16, 16, 16)
    reds = [red for red, _ in wired.samples(32)]
    assert [red > 10_000 for red in reds] == [False] * 16 + [True] * 16


@pytest.mark.parametrize("fifo", [0x00, 0x10], ids=["no rollover", "rollover"])
@pytest.mark.parametrize("looks", [1, 7, 33, 500])
def test_when_one_looks_changes_nothing(fifo: int, looks: int) -> None:
    """Late, lazy computing gives the same memory, pointers and losses as looking all the time."""

    def fill(looks: int) -> tuple[tuple[int, int, int], bytes]:
        wired = Wired()
        wired.chip._light = lambda t: (50 + t % 1_000_000 / 10_000, 60.0)  # type: ignore[method-assign]
        wired.run(fifo=fifo)
        for i in range(1, looks + 1):
            wired.clock.now_us = 5_000_000 * i // looks
            wired.chip.advance()
        return wired.pointers(), wired.get(0x07, 192)

    assert fill(looks) == fill(5000)


def test_writing_a_pointer_makes_room_again_and_only_in_a_sampling_mode_for_the_write_pointer(wired: Wired) -> None:
    wired.set(0x04, 5)
    assert wired.pointers() == (0, 0, 0)
    wired.run()
    wired.pass_ms(500)
    wired.set(0x04, 0, 0, 0)
    wired.pass_ms(20)
    assert wired.pointers() == (2, 0, 0)


def test_reading_an_empty_fifo_moves_no_pointer(wired: Wired) -> None:
    wired.run()
    wired.pass_ms(10)
    wired.samples(1)
    assert len(wired.get(0x07, 12)) == 12
    assert wired.pointers() == (1, 0, 1)


def test_a_stuck_fifo_stands(wired: Wired) -> None:
    wired.run()
    wired.pass_ms(50)
    wired.chip.faults.make("stuck_fifo")
    wired.pass_ms(500)
    assert wired.pointers() == (5, 0, 0)
    wired.chip.faults.mend()
    wired.pass_ms(10)
    assert wired.pointers() == (6, 0, 0)


# -- flags -------------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(("free", "unread"), [(0, 32), (1, 31), (15, 17)])
def test_a_full_rises_at_so_many_unread(wired: Wired, free: int, unread: int) -> None:
    wired.get(0x00)
    wired.set(0x02, A_FULL)
    wired.run(fifo=free)
    wired.pass_ms(10 * (unread - 1))
    assert wired.get(0x00) == b"\0"
    wired.pass_ms(10)
    assert wired.chip.interrupt
    assert wired.get(0x00)[0] & A_FULL
    assert not wired.chip.interrupt


def test_ppg_ready_clears_with_the_status_or_the_data(wired: Wired) -> None:
    wired.get(0x00)
    wired.set(0x02, PPG_RDY)
    wired.run()
    wired.pass_ms(10)
    assert wired.get(0x00) == bytes((PPG_RDY,))
    wired.pass_ms(10)
    wired.samples(2)
    assert wired.get(0x00) == b"\0"


def test_ambient_light_overflow(wired: Wired) -> None:
    wired.set(0x02, ALC_OVF)
    wired.run()
    wired.chip.faults.make("ambient")
    wired.pass_ms(10)
    assert wired.get(0x00)[0] & ALC_OVF


def test_flags_of_disabled_interrupts_can_be_told_to_show(wired: Wired) -> None:
    wired.get(0x00)
    wired.run()
    wired.pass_ms(10)
    assert wired.get(0x00) == b"\0"
    wired.chip.flags_need_enable = False
    wired.pass_ms(10)
    assert wired.get(0x00) == bytes((PPG_RDY,))


# -- temperature -------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("celsius", "whole", "fraction"),
    [(25.5, 0x19, 0x08), (-0.25, 0xFF, 0x0C), (-127.5, 0x80, 0x08), (-19.9375, 0xEC, 0x01)],
)
def test_die_temperature_takes_its_time(wired: Wired, celsius: float, whole: int, fraction: int) -> None:
    wired.set(0x03, 0x02)
    wired.chip.die = celsius
    wired.set(0x21, 1)
    assert wired.get(0x21) == b"\0"  # clears itself at once and tells nothing
    wired.pass_ms(28)
    assert wired.get(0x01) == b"\0"
    wired.pass_ms(1)
    assert wired.get(0x01) == bytes((0x02,))
    assert wired.get(0x1F, 2) == bytes((whole, fraction))


def test_no_temperature_in_shutdown(wired: Wired) -> None:
    wired.set(0x03, 0x02)
    wired.set(0x09, SHUT_DOWN)
    wired.set(0x21, 1)
    wired.pass_ms(100)
    assert wired.get(0x01) == b"\0"


def test_no_acknowledge_and_another_part(wired: Wired) -> None:
    wired.chip.faults.make("part_id", value=0x11)
    assert wired.get(0xFF) == bytes((0x11,))
    wired.chip.faults.make("nack")
    with pytest.raises(Nack):
        wired.get(0xFF)
