"""One clock for the firmware and the wire, whatever the hardware's ticks do."""

from assuage_wire.schema import S30
from link.clock import Clock

MASKS = ((1 << 12) - 1, (1 << 16) - 1, S30)


def _random(seed):
    state = seed
    while True:
        state = (state * 1103515245 + 12345) % (1 << 31)
        yield state >> 8


def test_time_is_counted_on_across_every_wrap_of_the_hardware():
    rnd = _random(1)
    for mask in MASKS:
        for first in (0, 1, mask - 700, mask):
            true = first
            clock = Clock(true & mask, mask)
            for _ in range(3000):
                true += next(rnd) % 2000
                clock.advance(true & mask)
                assert clock.ticks == true - first and clock.wraps == 0


def test_wraps_are_counted_and_wrap_themselves():
    for mask in MASKS:
        clock = Clock(mask, mask, S30 - 5, 65534)
        at = mask
        for step, ticks, wraps in ((5, S30, 65534), (1, 0, 65535), (0, 0, 65535), (500, 500, 65535)):
            at += step
            clock.advance(at & mask)
            assert (clock.ticks, clock.wraps) == (ticks, wraps)
    clock = Clock(0, S30, 0, 65535)
    for raw in (S30 // 2, S30, 3):
        clock.advance(raw)
    assert (clock.ticks, clock.wraps) == (3, 0)


def test_the_hardware_is_told_in_its_own_ticks_until_when_to_wait():
    rnd = _random(2)
    for mask in MASKS:
        for ticks in (0, 1000, S30 - 1000, S30):
            for raw in (0, 5, mask - 300, mask):
                clock = Clock(raw, mask, ticks)
                for _ in range(50):
                    ahead = next(rnd) % 2000
                    assert clock.raw((ticks + ahead) & S30) == (raw + ahead) & mask


def test_standing_still_for_less_than_a_turn_of_the_hardware_is_a_step_like_any_other():
    clock = Clock(4000, (1 << 12) - 1)
    clock.advance((4000 + 4095) & 4095)
    assert clock.ticks == 4095
