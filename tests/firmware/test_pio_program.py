"""The step pulses that the Pico's PIO makes: their number and their distance, cycle by cycle on an emulator."""

import dataclasses
import importlib
import random
from collections import deque
from collections.abc import Sequence
from itertools import pairwise

import pioemu
import pytest

from assuage_rig.requirements import req
from tests.firmware.pio import Machine, stand_ins

with stand_ins():
    pio_program = importlib.import_module("boards.pio_program")

CYCLES = pio_program.CYCLES_PER_US
FASTEST_US, SLOWEST_US = 5, 1_000_000  # 200 kHz, 1 Hz
Words = Sequence[tuple[int, int]]


def _entries(words: Words) -> deque[int]:
    return deque(entry for count, period in words for entry in (count, pio_program.delay_of(period)))


def _run(words: Words, cycles: int, state: pioemu.State) -> tuple[list[int], pioemu.State]:
    """Pushes (count, period in us) words and lets cycles pass: when the pin rose, and the state it is left in."""
    machine = Machine(pio_program.steps, dataclasses.replace(state, transmit_fifo=_entries(words)))
    machine.advance(state.clock + cycles)
    return machine.rises, machine.state


def _planned(words: Words) -> list[int]:
    """When steps are due by the words alone, in cycles after the first push."""
    now, due = 0, []
    for count, period in words:
        for _ in range(count):
            now += period * CYCLES
            due.append(now)
        if count == 0:
            now += period * CYCLES
    return due


def _total(words: Words) -> int:
    return sum(max(count, 1) * period * CYCLES for count, period in words)


def _assert_exact(words: Words) -> None:
    rises, state = _run(words, _total(words) + 200, pioemu.State())
    due = _planned(words)
    assert len(rises) == len(due)
    assert len({rise - at for rise, at in zip(rises, due, strict=True)}) <= 1, "a step is early or late"
    assert not state.transmit_fifo and not state.pin_values & 1


@req("PMP-006")
def test_every_step_of_random_words_is_made_and_comes_to_the_cycle(seed: int) -> None:
    chance = random.Random(seed)
    for _ in range(5):
        _assert_exact([(chance.choice((0, 1, 1, 2, 3, 7)), chance.randint(4, 60)) for _ in range(12)])


def test_words_of_any_rate_from_1_hz_to_200_khz_follow_each_other_to_the_cycle(seed: int) -> None:
    chance = random.Random(seed)
    for _ in range(20):
        words = []
        for _ in range(8):
            period = round(FASTEST_US * (SLOWEST_US / FASTEST_US) ** chance.random())
            words.append((chance.choice((0, 1, 2, 5, 20)), chance.choice((period, FASTEST_US, SLOWEST_US))))
        _assert_exact(words)


@pytest.mark.parametrize("period", [5, 6, 7, 8, 10, 83, 125, 1_000, 40_000, 999_999, 1_000_000])
def test_a_word_has_exactly_one_period_and_its_count(period: int) -> None:
    rises, _ = _run([(120, period)], 120 * period * CYCLES + 200, pioemu.State())
    assert len(rises) == 120
    assert {b - a for a, b in pairwise(rises)} == {period * CYCLES}


def test_a_second_between_steps_is_a_second_also_when_no_cycle_of_it_is_skipped() -> None:
    """The emulator is told to leave out idle turns of a delay loop: here it makes them, for a hundredth of a second."""
    words = [(2, 10_000), (0, 3_000), (1, 5)]
    whole = Machine(pio_program.steps, pioemu.State(transmit_fifo=_entries(words)), skip=False)
    whole.advance(_total(words) + 200)
    quick, _ = _run(words, _total(words) + 200, pioemu.State())
    assert whole.rises == quick and len(quick) == 3


def test_a_pulse_is_2_us_high_at_every_rate_and_low_as_long_at_least() -> None:
    for period in (5, 83, 1_000):
        machine = Machine(pio_program.steps, pioemu.State(transmit_fifo=_entries([(20, period), (1, 5)])))
        machine.advance(20 * period * CYCLES + 500)
        assert {fall - rise for rise, fall in zip(machine.rises, machine.falls, strict=True)} == {2 * CYCLES}
        assert min(rise - fall for fall, rise in zip(machine.falls, machine.rises[1:], strict=False)) >= 2 * CYCLES


def test_a_word_at_the_drives_top_speed_and_a_long_pause_keep_their_periods() -> None:
    words = [(4, 125), (0, 1500), (1, 125)]
    rises, _ = _run(words, _total(words) + 200, pioemu.State())
    assert [b - a for a, b in pairwise(rises)] == [625, 625, 625, (1500 + 125) * CYCLES]


def test_a_queue_that_ran_dry_stands_still_and_begins_again_one_period_after_the_push() -> None:
    rises, state = _run([(2, 20)], 2000, pioemu.State())
    assert len(rises) == 2
    pushed = state.clock
    again, _ = _run([(2, 30)], 2000, state)
    assert len(again) == 2
    assert again[1] - again[0] == 30 * CYCLES
    assert abs(again[0] - pushed - 30 * CYCLES) <= 3 * CYCLES, "within 3 us of the period that was asked for"


def test_the_shortest_period_is_the_shortest_that_the_program_can_make() -> None:
    assert pio_program.delay_of(1) == pio_program.delay_of(pio_program.SHORTEST_US) >= 0
    assert pio_program.SHORTEST_US <= FASTEST_US
    assert CYCLES * (pio_program.SHORTEST_US - 1) < pio_program.OVERHEAD


def test_the_state_machines_clock_divides_the_boards_without_a_fraction() -> None:
    """RP2040 datasheet 3.5.5: a divider with a fraction makes cycles of two lengths, which would be a jitter."""
    for system_hz in (125_000_000, 200_000_000):
        assert system_hz % (CYCLES * 1_000_000) == 0


def test_the_tally_counts_each_pulse_once_however_long_it_is(seed: int) -> None:
    chance = random.Random(seed)
    lengths = [chance.randint(3, 40) for _ in range(60)]  # low, high, low, ... in cycles of the tally
    level: list[int] = []
    for i, length in enumerate(lengths):
        level += [i & 1] * length
    level += [0] * 20

    def pin(clock: int) -> int:
        return level[clock]

    program = pio_program.tally
    state = pioemu.State(x_register=0xFFFFFFFF)
    for _, after in pioemu.emulate(
        list(program.assembled),
        initial_state=state,
        stop_when=lambda _opcode, now: now.clock >= len(level) - 1,
        input_source=pin,
        wrap_target=program.pio_kwargs["wrap_target"],
        wrap_top=program.pio_kwargs["wrap"],
    ):
        state = after
    assert ~state.x_register & 0xFFFFFFFF == len(lengths) // 2
