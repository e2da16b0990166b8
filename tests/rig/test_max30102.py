"""The emulated MAX30102 answers like the datasheet's, at register level."""

from __future__ import annotations

import pytest

from assuage_rig.requirements import req

from .oximeter import ALC_OVF, HR, MULTI, PWR_RDY, SHUT_DOWN, SPO2, Wired


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
@req("SYS-009")
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


# -- light from outside ------------------------------------------------------------------------------------------------
def test_steady_light_of_up_to_200_ua_is_taken_off_and_what_is_more_is_not(wired: Wired) -> None:
    """Datasheet: the cancellation takes up to 200 uA; beyond, ALC_OVF, and the light affects the converter's output."""
    wired.set(0x02, ALC_OVF)
    wired.run()
    wired.pass_ms(10)
    dark = wired.samples(1)[0]
    wired.ambient = 200.0
    wired.pass_ms(10)
    assert wired.samples(1)[0] == pytest.approx(dark, abs=60)
    assert not wired.get(0x00)[0] & ALC_OVF
    wired.ambient = 200.5
    wired.pass_ms(10)
    assert [code - was for code, was in zip(wired.samples(1)[0], dark, strict=True)] == pytest.approx(
        [500 * 64] * 2, abs=60
    )
    assert wired.get(0x00)[0] & ALC_OVF and not wired.get(0x00)[0] & ALC_OVF
    wired.ambient = 300.0
    wired.pass_ms(10)
    assert wired.samples(1)[0] == (0x3FFFF, 0x3FFFF)


def test_a_flicker_leaks_by_what_it_changes_within_a_pulse(wired: Wired) -> None:
    def swing(flicker: float, width: int) -> float:
        wired.ambient, wired.flicker = 100.0, flicker
        wired.run(config=0x24 | width)
        wired.get(0x07, 192)
        wired.clock.now_us += 3_337  # another phase of the lamp than the sampling's
        wired.run(config=0x24 | width)
        wired.pass_ms(100)
        codes = [red for red, _ in wired.samples(10)]
        return abs(sum(codes) / len(codes) - 46_140)

    assert swing(0, 3) < 60
    assert swing(20, 3) > 10 * swing(0, 3) + 200
    assert swing(20, 3) > 2 * swing(20, 1), "a shorter pulse sees less of it"


def test_the_light_from_outside_is_there_with_faults_too(wired: Wired) -> None:
    wired.run()
    wired.chip.faults.make("near_zero")
    wired.ambient = 201.0
    wired.pass_ms(10)
    assert all(code > 60_000 for code in wired.samples(1)[0])


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
