"""The mapping of board time to host time: right under drift and jitter, deaf to outliers, quick after a step."""

from __future__ import annotations

import random

import pytest

from assuage.link.clock import BoardTime, Clock, unwrapped
from assuage_rig.requirements import req
from assuage_wire.schema import S30

OFFSET = 5000.0  # host time at which the board's clock showed 0


def board_ms(host: float, drift: float = 0.0) -> int:
    return int((host - OFFSET) * 1000 * (1 + drift))


def probe(clock: Clock, at: float, *, out: float = 0.0005, back: float = 0.0005, drift: float = 0.0) -> bool:
    return clock.sample(at, at + out + back, board_ms(at + out, drift))


def error_ms(clock: Clock, at: float, drift: float = 0.0) -> float:
    mapped = clock.to_host(board_ms(at, drift))
    assert mapped is not None
    return abs(mapped - at) * 1000


@pytest.mark.parametrize("ppm", [-100, -20, 0, 20, 100])
def test_drift_and_jitter_leave_the_mapping_within_two_milliseconds(ppm: int, seed: int) -> None:
    clock, rng, drift = Clock(), random.Random(seed), ppm / 1e6
    at = OFFSET + 10
    for _ in range(600):
        probe(clock, at, out=rng.uniform(0.0003, 0.002), back=rng.uniform(0.0003, 0.002), drift=drift)
        at += 0.9839
    assert error_ms(clock, at, drift) < 2
    assert error_ms(clock, at + 30, drift) < 5


def test_before_the_first_probe_nothing_is_claimed() -> None:
    clock = Clock()
    assert clock.to_host(1000) is None
    assert not clock.settled
    assert clock.rtt is None


def test_slow_round_trips_are_left_out_but_shown_as_rtt() -> None:
    clock = Clock()
    for i in range(20):
        probe(clock, OFFSET + 1 + i)
    assert not probe(clock, OFFSET + 30, out=0.4, back=0.001)
    assert clock.rtt == pytest.approx(0.401)
    assert error_ms(clock, OFFSET + 31) < 2


@req("SYS-014")
def test_one_wrong_answer_moves_nothing() -> None:
    clock = Clock()
    for i in range(20):
        probe(clock, OFFSET + 1 + i)
    assert not clock.sample(OFFSET + 22, OFFSET + 22.001, board_ms(OFFSET + 22) + 700)
    assert error_ms(clock, OFFSET + 23) < 2


def test_a_step_of_the_boards_clock_is_followed_after_four_probes() -> None:
    clock = Clock()
    at = OFFSET + 1
    for _ in range(30):
        probe(clock, at)
        at += 1
    for _ in range(4):
        clock.sample(at, at + 0.001, board_ms(at + 0.0005) + 90_000)
        at += 1
    mapped = clock.to_host(board_ms(at) + 90_000)
    assert mapped == pytest.approx(at, abs=0.003)


def test_a_slower_line_is_accepted_in_time() -> None:
    """The shortest round trip ages: after a change of cable the new, longer round trip becomes the measure."""
    clock = Clock()
    at = OFFSET + 1
    for _ in range(30):
        probe(clock, at)
        at += 1
    used = 0
    for _ in range(600):
        used += probe(clock, at, out=0.003, back=0.003)
        at += 1
    assert used > 300


def test_a_burst_of_probes_counts_as_one() -> None:
    clock = Clock()
    for i in range(20):
        probe(clock, OFFSET + 1 + i)
    slope = clock.slope
    for i in range(1000):
        probe(clock, OFFSET + 21 + i / 10_000, out=0.0001)
    assert clock.pairs == 21
    assert clock.slope == pytest.approx(slope, abs=50e-6)


def test_reset_forgets() -> None:
    clock = Clock()
    for i in range(10):
        probe(clock, OFFSET + 1 + i)
    clock.reset()
    assert clock.to_host(1) is None
    assert clock.pairs == 0


def test_unwrapped_time_goes_on_over_the_wrap() -> None:
    assert unwrapped(0, 1) - unwrapped(S30, 0) == 1


def test_the_newest_board_time_never_goes_back_and_a_restart_is_seen() -> None:
    time = BoardTime()
    assert time.ahead(500) is None
    time.hear(S30 - 10, 3)
    time.hear(S30 - 200, 3)  # sampled earlier, sent later
    assert time.ahead(11) == (0, 4)
    assert not time.ran_back(S30 - 1000, 3)
    assert time.ran_back(50, 0)
    time.forget()
    assert not time.ran_back(0, 0)
