"""The emulated MAX30102's FIFO, flags and thermometer answer like the datasheet's."""

from __future__ import annotations

import pytest

from assuage_rig.bus import Nack

from .oximeter import A_FULL, ALC_OVF, PPG_RDY, SHUT_DOWN, Wired


@pytest.fixture
def wired() -> Wired:
    return Wired()


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
