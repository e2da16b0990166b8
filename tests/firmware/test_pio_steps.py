"""The step pulses that the Pico's PIO makes: their number and their distance, cycle by cycle on an emulator."""

import dataclasses
import importlib
import random
from collections import deque
from collections.abc import Sequence
from itertools import pairwise

import pioemu

from tests.firmware.pio import stand_ins

with stand_ins():
    pio_steps = importlib.import_module("boards.pio_steps")

CYCLES = pio_steps.CYCLES_PER_US
Words = Sequence[tuple[int, int]]


def _run(words: Words, cycles: int, state: pioemu.State) -> tuple[list[int], pioemu.State]:
    """Pushes (count, period in us) words and lets cycles pass: when the pin rose, and the state it is left in."""
    program = pio_steps.steps
    fifo = deque(entry for count, period in words for entry in (count, pio_steps.delay_of(period)))
    state = dataclasses.replace(state, transmit_fifo=fifo)
    end = state.clock + cycles
    rises = []
    for before, after in pioemu.emulate(
        list(program.assembled),
        initial_state=state,
        stop_when=lambda _opcode, now: now.clock >= end,
        set_count=1,
        wrap_target=program.pio_kwargs["wrap_target"],
        wrap_top=program.pio_kwargs["wrap"],
    ):
        if after.pin_values & 1 and not before.pin_values & 1:
            rises.append(before.clock)
        state = after
    return rises, state


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


def test_every_step_of_random_words_is_made_and_comes_to_the_cycle(seed: int) -> None:
    chance = random.Random(seed)
    for _ in range(5):
        words = [(chance.choice((0, 1, 1, 2, 3, 7)), chance.randint(pio_steps.SHORTEST_US, 60)) for _ in range(12)]
        rises, _ = _run(words, _total(words) + 200, pioemu.State())
        due = _planned(words)
        assert len(rises) == len(due)
        assert len({rise - at for rise, at in zip(rises, due, strict=True)}) <= 1, "a step is early or late"


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
    assert pio_steps.delay_of(1) == pio_steps.delay_of(pio_steps.SHORTEST_US) >= 0
    assert CYCLES * (pio_steps.SHORTEST_US - 1) < pio_steps.OVERHEAD


def test_the_tally_counts_each_pulse_once_however_long_it_is(seed: int) -> None:
    chance = random.Random(seed)
    lengths = [chance.randint(3, 40) for _ in range(60)]  # low, high, low, ... in cycles of the tally
    level: list[int] = []
    for i, length in enumerate(lengths):
        level += [i & 1] * length
    level += [0] * 20

    def pin(clock: int) -> int:
        return level[clock]

    program = pio_steps.tally
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
