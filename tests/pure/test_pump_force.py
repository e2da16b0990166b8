"""Force in mN from bridge codes: right to the mN, late by what it says, and never trusted when it cannot be."""

import micropython

from pump.force import BEYOND, GOOD, NO_READING, RAIL, STALE_MS, STUCK, UNTARED, Force

# 2 mV/V at 100 N, bridge on 3.0 V, gain 128: 6 mV are 4 294 967 counts (converter: 1.3970 nV a count)
PER_N = 42_950


def cell(zero=0):
    return Force(PER_N, 1, 110_000, zero)


def fed(force, code, times=40, ms=20):
    """Readings about `code` that differ, as those of a living converter do."""
    for i in range(times):
        force.wait(ms)
        force.read(code + (-1, 1, 0, 2, -2)[i % 5])
    return force


def test_force_is_right_to_the_mn():
    for newtons in (-10, 0, 1, 5, 33, 100):
        assert abs(fed(cell(), newtons * PER_N).mn - newtons * 1000) <= 1
    for mn in (1, 17, 999, 54_321):
        assert abs(fed(cell(), mn * PER_N // 1000).mn - mn) <= 1


def test_a_calibration_may_be_a_fraction_and_may_fall_under_load():
    third = Force(100_000, 3, 110_000, 0)  # 33 333.3 counts for a newton
    assert abs(fed(third, 1_000_000).mn - 30_000) <= 1
    falling = Force(-PER_N, 1, 110_000, 0)
    assert abs(fed(falling, -7 * PER_N).mn - 7000) <= 1
    assert abs(fed(Force(-100_000, 3, 110_000, 0), 1_000_000).mn + 30_000) <= 1


def test_a_calibration_out_of_bounds_is_refused():
    for counts, per in ((511, 1), ((1 << 20) + 1, 1), (PER_N, 0), (PER_N, 33), (1 << 13, 32), (0, 1)):
        try:
            Force(counts, per, 110_000)
        except ValueError:
            continue
        assert False, (counts, per)
    Force(1 << 20, 32, 110_000)
    Force(-512, 1, 110_000)


def test_a_step_is_within_a_tenth_after_ten_readings_and_a_ramp_four_readings_late():
    force = fed(cell(), 0)
    for i in range(10):
        force.read(10 * PER_N + i % 2)
        assert i > 0 or force.mn == 0  # the median wants a second one
    assert force.mn >= 9000
    force = fed(cell(), 0)
    for i in range(60):
        force.read(i * PER_N // 10)  # 0.1 N a reading
    assert abs(5900 - force.mn - 400) <= 5


def test_one_misread_code_changes_nothing():
    for wrong in (8_388_606, -8_388_607, 0, 30 * PER_N):
        force = fed(cell(), 5 * PER_N)
        before = force.mn
        force.read(wrong)
        assert abs(force.mn - before) <= 1
        force.read(5 * PER_N)
        assert abs(force.mn - before) <= 1
        assert force.quality == GOOD


def test_no_reading_is_no_force_until_one_comes():
    force = cell()
    assert force.quality == NO_READING
    force.read(5)
    assert force.quality == GOOD
    force.wait(STALE_MS)
    assert force.quality == GOOD
    force.wait(1)
    assert force.quality == NO_READING
    for _ in range(100):
        force.wait(1 << 20)
    assert force.quality == NO_READING


def test_after_silence_the_first_reading_counts_whole():
    force = fed(cell(), 50 * PER_N)
    force.wait(STALE_MS + 1)
    force.read(PER_N)
    assert (force.quality, force.mn) == (GOOD, 1000)


def test_a_code_at_the_rail_is_no_reading_and_does_not_keep_the_last_one_young():
    for code in (8_388_607, -8_388_608):
        force = fed(cell(), 5 * PER_N)
        mn = force.mn
        waited = 0
        while waited <= STALE_MS:
            force.read(code)
            assert (force.quality, force.mn) == (RAIL, mn)
            force.wait(100)
            waited += 100
        assert force.quality == NO_READING
    fed(force, 5 * PER_N)
    assert force.quality == GOOD


def test_twenty_equal_codes_are_a_dead_converter():
    force = fed(cell(), 5 * PER_N)
    force.read(1234)
    for _ in range(19):
        force.read(1234)
        assert force.quality == GOOD
    force.read(1234)
    assert force.quality == STUCK
    force.read(1235)
    assert force.quality == GOOD


def test_more_than_the_cell_carries_is_not_believed():
    assert fed(cell(), 109 * PER_N).quality == GOOD
    assert fed(cell(), 111 * PER_N).quality == BEYOND
    assert fed(cell(), -111 * PER_N).quality == BEYOND


def test_without_a_tare_nothing_is_good():
    force = fed(Force(PER_N, 1, 110_000), 3 * PER_N)
    assert force.quality == UNTARED
    assert not force.tare(False)
    assert force.quality == UNTARED
    assert force.tare(True)
    assert (force.quality, force.mn) == (GOOD, 0)
    assert abs(fed(force, 8 * PER_N).mn - 5000) <= 1


def test_a_tare_takes_only_a_steady_fresh_and_small_force():
    force = fed(cell(), 28 * PER_N)
    assert not force.tare(True)  # more than a quarter of 110 N is a load
    assert abs(force.mn - 28_000) <= 1
    force = fed(cell(), 2 * PER_N, 7)
    force.read(9 * PER_N)
    force.read(9 * PER_N + 1)
    assert not force.tare(True)
    force = fed(cell(), 2 * PER_N)
    force.wait(STALE_MS + 1)
    assert not force.tare(True)
    force = fed(cell(), 2 * PER_N)
    force.read(8_388_607)
    assert not force.tare(True)
    force = fed(cell(), 2 * PER_N)
    for _ in range(21):
        force.read(2 * PER_N)
    assert not force.tare(True)
    assert fed(cell(), 2 * PER_N).tare(True)
    assert not cell().tare(True)


def test_tares_do_not_walk_away_from_the_boards_zero():
    force = cell()
    for newtons in (15, 27, 28, 40):
        taken = fed(force, newtons * PER_N).tare(True)
        assert taken == (newtons < 28)


def test_only_the_rails_themselves_are_rails():
    for code, quality in ((8_388_607, RAIL), (8_388_606, GOOD), (-8_388_608, RAIL), (-8_388_607, GOOD)):
        force = Force(1 << 20, 1, 110_000, 0)
        force.read(5)
        force.read(code)
        assert force.quality == quality


def test_the_board_may_have_another_zero():
    for home in (-500_000, 500_000):
        force = fed(cell(home), home + 20 * PER_N)
        assert abs(force.mn - 20_000) <= 1
        assert force.tare(True)
        assert not fed(force, home + 28 * PER_N).tare(True)


def test_the_most_itself_is_believed_and_may_be_tared():
    force = Force(1 << 10, 1, 8_000, 0)
    force.read(8 << 10)
    assert (force.mn, force.quality) == (8_000, GOOD)
    force = Force(1 << 10, 1, 8_000, 0)
    for _ in range(8):
        assert not force.tare(True)
        force.read(2 << 10)
    assert force.tare(True)


def test_nothing_is_allocated():
    force = cell()
    i = 0
    micropython.heap_lock()
    try:
        while i < 500:
            force.wait(13)
            force.read(i * 12_345 % 8_000_000 - 4_000_000)
            force.tare(True)
            i += 1
    finally:
        micropython.heap_unlock()
