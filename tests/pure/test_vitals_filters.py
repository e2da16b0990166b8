"""The high-pass of the vitals: what it takes away, what it leaves, and that 30 bits are enough whatever comes in."""

import math

from vitals.filters import Highpass

FULL = 1 << 24


def _gain(hz):
    """Of a sine with that frequency, once it has settled."""
    filter = Highpass()
    filter.start(FULL // 2)
    most = 0
    for n in range(1500):
        out = filter.step(FULL // 2 + int(1_000_000 * math.sin(2 * math.pi * hz * n / 25)))
        if n >= 1000:
            most = max(most, abs(out))
    return most / 1_000_000


def test_a_constant_level_gives_nothing_from_the_first_sample_on():
    for level in (0, 1, 1_599_999, FULL):
        filter = Highpass()
        filter.start(level)
        assert [filter.step(level) for _ in range(100)] == [0] * 100


def test_wander_and_breathing_are_held_back_and_pulses_pass():
    assert _gain(0.1) < 0.003
    assert _gain(0.25) < 0.065
    assert 0.8 < _gain(40 / 60) < 0.9
    for hz in (1, 1.2, 2, 3, 5, 8):
        assert 1.08 < _gain(hz) < 1.22


def test_a_step_of_the_level_is_forgotten_within_three_seconds():
    filter = Highpass()
    filter.start(0)
    for _ in range(75):
        out = filter.step(1_000_000)
    assert abs(out) < 10_000


def test_two_channels_with_the_same_wave_keep_their_ratio():
    one, other = Highpass(), Highpass()
    one.start(1_000_000)
    other.start(3_000_000)
    for n in range(500):
        wave = int(10_000 * math.sin(n * 0.3) + 3_000 * math.sin(n * 0.71))
        a = one.step(1_000_000 + wave)
        b = other.step(3_000_000 + 3 * wave)
        assert abs(b - 3 * a) <= 64, "rounding adds more than four counts to a level"


def test_no_input_drives_a_state_beyond_its_bound():
    impulse = Highpass()
    impulse.start(0)
    response = [impulse.step(FULL if n == 0 else 0) for n in range(300)]
    for sign in (1, -1):
        # the input whose every sample pushes the last output the same way: nothing within the range does worse
        filter = Highpass()
        filter.start(0)
        for n in range(300):
            out = filter.step(FULL if response[299 - n] * sign > 0 else 0)
            assert -0.06 * FULL - 64 <= filter._low <= 1.06 * FULL + 64
            assert max(abs(filter._band), abs(filter._band_2)) <= 0.53 * FULL + 64
            assert abs(out) <= 1.57 * FULL + 64
        assert abs(out) > 1.2 * FULL, "this input was meant to be the worst"
