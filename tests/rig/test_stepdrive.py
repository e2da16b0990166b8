"""The step drive executes its words to the microsecond, whenever it is looked at."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assuage_rig.chips.stepdrive import StepDrive
from assuage_rig.clock import Clock


def drive() -> tuple[Clock, StepDrive]:
    clock = Clock()
    made = StepDrive(clock)
    made.enable(True)
    return clock, made


def test_steps_come_one_period_apart_the_first_one_period_after_the_push() -> None:
    clock, d = drive()
    clock.now_us = 1_000
    d.push(3, 250)
    seen = []
    for clock.now_us in range(1_000, 1_900):
        if d.consumed > len(seen):
            seen.append(clock.now_us)
    assert seen == [1_250, 1_500, 1_750]
    assert d.dry_runs == 1


def test_words_join_without_a_gap_and_a_zero_count_is_a_pause() -> None:
    clock, d = drive()
    d.push(2, 100)
    d.push(0, 1_000)
    d.push(1, 50)
    expected = {0: 0, 99: 0, 100: 1, 200: 2, 1_199: 2, 1_249: 2, 1_250: 3, 99_999: 3}
    for clock.now_us, steps in expected.items():
        assert d.consumed == steps, clock.now_us
    assert d.dry_runs == 1


def test_a_word_keeps_its_place_until_its_last_step() -> None:
    clock, d = drive()
    for _ in range(8):
        d.push(10, 100)
    assert d.room == 0
    with pytest.raises(ValueError, match="full"):
        d.push(1, 1)
    clock.now_us = 999
    assert (d.room, d.queued, d.consumed) == (0, 71, 9)
    clock.now_us = 1_000
    assert (d.room, d.queued, d.consumed) == (1, 70, 10)


@pytest.mark.parametrize(("count", "period"), [(-1, 100), (5, 0), (0, 0)])
def test_what_is_no_word_is_refused(count: int, period: int) -> None:
    _, d = drive()
    with pytest.raises(ValueError, match="no such word"):
        d.push(count, period)
    assert d.room == 8


def test_abort_is_at_once_and_no_dry_run() -> None:
    clock, d = drive()
    d.push(1_000, 100)
    clock.now_us = 12_345
    d.abort()
    assert (d.consumed, d.queued, d.room, d.dry_runs, d.moving) == (123, 0, 8, 0, False)
    clock.now_us = 1_000_000
    assert d.consumed == 123
    d.push(1, 100)  # begins anew from the push
    clock.now_us += 99
    assert d.consumed == 123
    clock.now_us += 1
    assert d.consumed == 124


def test_without_current_words_are_executed_but_the_shaft_stands() -> None:
    clock, d = drive()
    d.push(100, 100)
    clock.now_us = 5_000
    d.enable(False)
    clock.now_us = 8_000
    d.enable(True)
    clock.now_us = 20_000
    assert d.consumed == 100
    assert d.turned == 70


def test_direction_counts_both_ways_from_the_moment_it_is_set() -> None:
    clock, d = drive()
    d.push(100, 100)
    clock.now_us = 6_000
    d.set_forward(False)
    clock.now_us = 20_000
    assert d.consumed == 60 - 40
    assert d.turned == 20


def test_a_reset_forgets_the_queue_and_the_count_but_not_where_the_shaft_is() -> None:
    clock, d = drive()
    d.push(100, 100)
    clock.now_us = 5_000
    d.set_forward(False)
    clock.now_us = 6_000
    d.reset()
    clock.now_us = 50_000
    assert (d.consumed, d.turned, d.enabled, d.forward, d.dry_runs) == (0, 40, False, True, 0)


words = st.lists(st.tuples(st.integers(0, 50), st.integers(1, 400)), min_size=1, max_size=8)


@given(words=words, looks=st.lists(st.integers(0, 30_000), max_size=30))
def test_any_words_looked_at_any_time_are_where_a_step_by_step_count_is(
    words: list[tuple[int, int]], looks: list[int]
) -> None:
    clock, d = drive()
    steps = []
    t = 0
    for count, period in words:
        d.push(count, period)
        for _ in range(count):
            t += period
            steps.append(t)
        if not count:
            t += period
    for clock.now_us in sorted(looks):
        assert d.consumed == sum(1 for at in steps if at <= clock.now_us)
        assert d.queued == len(steps) - d.consumed
        assert d.moving == (clock.now_us < t)
    clock.now_us = t
    assert d.consumed == len(steps)
    assert d.dry_runs == 1


def test_an_hour_of_steps_costs_nothing_to_look_at() -> None:
    clock, d = drive()
    d.push(360_000_000, 10)
    clock.now_us = 3_599_999_999
    assert d.consumed == 359_999_999


def test_the_last_step_is_known_to_the_microsecond_however_late_one_looks() -> None:
    clock, d = drive()
    clock.now_us = 500
    d.push(3, 250)
    d.push(0, 10_000)
    clock.now_us = 1_100
    assert d.last_step_us == 1_000
    clock.now_us = 9_000_000
    assert d.last_step_us == 1_250
    d.push(10, 100)
    clock.now_us += 450
    d.abort()
    clock.now_us += 1_000
    assert d.last_step_us == 9_000_400
