"""Air is counted by what passes while it is seen; the limits only ever go down."""

import micropython

from pump.air import BUBBLE, CLEAR, MUCH, SINGLE_NL, WINDOW_NL, Air


def passes(air, nl, sees, per_look=1_000, ms=100):
    """The worst that is said while so much passes."""
    worst = CLEAR
    for _ in range(nl // per_look):
        worst = max(worst, air.look(ms, sees, per_look))
    return worst


def test_a_bubble_of_50_ul_is_told_at_its_last_nl():
    air = Air()
    assert passes(air, 49_000, True) == CLEAR
    assert air.look(100, True, 999) == CLEAR
    assert air.look(100, True, 1) == BUBBLE
    assert air.single_nl == SINGLE_NL == 50_000


def test_less_than_10_ul_of_liquid_does_not_part_a_bubble():
    air = Air()
    passes(air, 30_000, True)
    passes(air, 9_000, False)
    assert passes(air, 19_000, True) == CLEAR
    assert air.look(100, True, 1_000) == BUBBLE
    air = Air()
    passes(air, 30_000, True)
    passes(air, 10_000, False)
    assert passes(air, 49_000, True) == CLEAR
    assert air.single_nl == 49_000


def test_air_that_stands_still_adds_nothing():
    air = Air()
    for _ in range(10_000):
        assert air.look(100, True, 0) == CLEAR
    assert (air.single_nl, air.window_nl) == (0, 0)


def bubbles(air, count, apart_ms):
    """Bubbles of 40 uL, each with 10 uL of liquid behind it, so far apart: how many until it says MUCH."""
    for i in range(1, count + 1):
        if passes(air, 40_000, True, 10_000, 0) == MUCH:
            return i
        passes(air, 10_000, False, 10_000, apart_ms)
    return 0


def test_small_bubbles_add_up_to_1_ml_in_15_minutes():
    assert bubbles(Air(), 100, 0) == 25
    assert bubbles(Air(), 100, 35_000) == 25  # 24 * 35 s = 14 min
    assert bubbles(Air(), 1000, 42_000) == 0  # 25 of them need more than 16 minutes
    air = Air()
    bubbles(air, 24, 0)
    assert air.window_nl == 960_000
    for _ in range(14):
        air.look(60_000, False, 0)
    assert air.window_nl == 960_000
    air.look(60_000, False, 0)
    air.look(60_000, False, 0)
    assert air.window_nl == 0


def test_the_window_never_covers_less_than_15_minutes_at_any_phase():
    for phase in range(0, 60_000, 7_000):
        air = Air()
        air.look(phase, False, 0)
        air.look(0, True, 40_000)
        air.look(0, False, 10_000)
        air.look(899_999, False, 0)
        assert air.window_nl == 40_000
        air.look(60_001, False, 0)
        assert air.window_nl == 0


def test_limits_only_go_down():
    air = Air()
    air.lower(60_000, 2_000_000)
    assert passes(air, 49_000, True) == CLEAR and passes(air, 1_000, True) == BUBBLE
    air.begin()
    air.lower(20_000, 100_000)
    air.lower(50_000, WINDOW_NL)
    assert passes(air, 19_000, True) == CLEAR and passes(air, 1_000, True) == BUBBLE
    air.begin()
    for _ in range(5):
        assert passes(air, 19_000, True) == CLEAR
        assert passes(air, 10_000, False) == CLEAR
    assert passes(air, 5_000, True) == MUCH
    for nothing in (0, -5):
        air = Air()
        air.lower(nothing, WINDOW_NL)
        assert air.look(25, False, 1_000) == CLEAR
        assert air.look(25, True, 1) == BUBBLE
        air = Air()
        air.lower(SINGLE_NL, nothing)
        assert air.look(25, True, 1) == MUCH


def test_what_runs_back_is_not_subtracted():
    air = Air()
    passes(air, 30_000, True)
    air.look(100, True, -20_000)
    assert air.single_nl == air.window_nl == 30_000


def test_a_new_line_begins_without_air():
    air = Air()
    assert passes(air, 50_000, True) == BUBBLE
    air.begin()
    assert air.look(100, False, 1_000) == CLEAR
    assert (air.single_nl, air.window_nl) == (0, 0)


def test_no_look_however_late_or_large_overflows():
    air = Air()
    for _ in range(2000):
        air.look(3_600_000, True, (1 << 30) - 1)
        assert 0 <= air.window_nl <= 32_000_000
    assert air.look(0, True, (1 << 30) - 1) == BUBBLE


def test_liquid_in_parts_between_does_not_part_a_bubble():
    air = Air()
    for _ in range(4):
        passes(air, 12_000, True)
        passes(air, 9_000, False)
    assert air.look(100, False, 999) == CLEAR
    assert air.single_nl == 48_000
    assert air.look(100, False, 1) == CLEAR
    assert air.single_nl == 0


def test_the_sum_is_told_at_its_last_nl():
    air = Air()
    for _ in range(24):
        assert passes(air, 40_000, True) == CLEAR
        assert passes(air, 10_000, False) == CLEAR
    assert air.look(100, True, 39_999) == CLEAR
    assert air.look(100, True, 1) == MUCH
    assert air.window_nl == WINDOW_NL == 1_000_000


def test_what_was_before_a_new_line_never_comes_back():
    air = Air()
    passes(air, 40_000, True)
    passes(air, 5_000, False)
    air.look(70_000, False, 0)
    air.begin()
    for _ in range(40):
        air.look(30_000, False, 0)
        assert air.window_nl == 0
    passes(air, 40_000, True)
    passes(air, 9_000, False)
    assert air.single_nl == 40_000


def test_nothing_is_allocated():
    air = Air()
    i = 0
    micropython.heap_lock()
    try:
        while i < 1000:
            air.look(5_000, i % 3 == 0, 9_000)
            i += 1
        air.lower(1, 1)
        air.begin()
    finally:
        micropython.heap_unlock()
