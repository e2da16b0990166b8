"""The Pico's step drive on a model of its DMA and PIO: no word is lost, doubled or late, or made without leave."""

from __future__ import annotations

import random
from collections.abc import Iterator
from itertools import pairwise

import pytest

from assuage_rig.requirements import req
from pump import codes
from pump.steps import QUEUE
from tests.firmware.rp2040 import Hardware
from tests.pure.pump_fakes import STEPS, Bed

US = 5  # cycles
Word = tuple[int, int]


@pytest.fixture
def hardware(seed: int) -> Iterator[Hardware]:
    yield Hardware(random.Random(seed))


def _word(chance: random.Random) -> Word:
    return chance.choice((0, 1, 1, 2, 3, 9)), chance.choice((5, 7, 20, 60, 125, chance.randint(5, 3000)))


def _gaps(words: list[Word]) -> list[int]:
    """Cycles between each two steps, from the first one on."""
    gaps, pause = [], 0
    for count, period in words:
        for _ in range(count):
            gaps.append((period + pause) * US)
            pause = 0
        if not count:
            pause += period
    return gaps[1:]


def _end(hardware: Hardware) -> None:
    hardware.run(60_000_000 * US)
    assert hardware.drive.queued() == 0 and hardware.drive.room() == QUEUE


def test_words_that_follow_in_time_are_made_as_one_train_each_once_to_the_cycle(hardware: Hardware) -> None:
    drive, chance = hardware.drive, hardware.chance
    words = [(1, 3000)]
    drive.push(1, 3000)
    while len(words) < 200:
        while drive.room() and chance.random() < 0.9:
            word = _word(chance)
            if len(words) % 3 == 0:
                word = (chance.randint(1, 4), 1500)  # long enough that the queue never runs dry
            drive.push(*word)
            words.append(word)
        hardware.run(chance.randint(0, 800) * US)
        if hardware.drive.room() == QUEUE:
            words = []  # a run of short words has ended the train: another one
            hardware.machine.rises.clear()
            drive.abort()
            drive.push(1, 3000)
            words.append((1, 3000))
    _end(hardware)
    assert [b - a for a, b in pairwise(hardware.machine.rises)] == _gaps(words)


def test_a_queue_that_runs_dry_again_and_again_makes_each_word_once(hardware: Hardware) -> None:
    drive, chance = hardware.drive, hardware.chance
    pushed = 0
    for _ in range(300):
        for _ in range(chance.randint(0, drive.room())):
            count, period = chance.choice((0, 1, 2, 5)), chance.randint(5, 40)
            drive.push(count, period)
            pushed += count
        hardware.run(chance.choice((0, 1, 3, 20, 200, 2000)))
        assert len(hardware.machine.rises) <= pushed
    _end(hardware)
    assert len(hardware.machine.rises) == pushed == drive.consumed()
    assert drive.dry_runs() > 10


def test_words_pushed_as_fast_as_the_drive_makes_them_are_made_once(hardware: Hardware) -> None:
    drive, chance = hardware.drive, hardware.chance
    pushed = 0
    for _ in range(1500):
        if drive.room() >= chance.choice((1, 2, 3, 3, 4, 5)):
            count = chance.choice((0, 1, 1))
            drive.push(count, chance.choice((5, 5, 5, 5, 200)))  # the long one lets the queue fill meanwhile
            pushed += count
        elif chance.random() < 0.2:
            hardware.run(chance.randint(0, 200))
    _end(hardware)
    assert len(hardware.machine.rises) == pushed == drive.consumed()


def test_the_queue_takes_eight_words_with_the_one_under_way_and_says_so(hardware: Hardware) -> None:
    drive = hardware.drive
    for room in range(QUEUE, 0, -1):
        assert drive.room() == room
        drive.push(2, 1000)
        hardware.run(100)
    assert drive.room() == 0 and drive.queued() == 2 * QUEUE
    with pytest.raises(ValueError, match="full"):
        drive.push(1, 1000)
    for word in range(QUEUE):
        hardware.run(2000 * US)
        assert drive.room() == word + 1, "a word keeps its place until its last step"
        assert abs(drive.queued() - 2 * (QUEUE - 1 - word)) <= 1
    assert drive.dry_runs() == 1


@req("PMP-007")
def test_a_freeze_at_any_instant_makes_what_was_queued_and_not_a_step_more(hardware: Hardware) -> None:
    drive, chance = hardware.drive, hardware.chance
    pushed = 0
    for _ in range(60):
        for _ in range(chance.randint(0, 12)):
            if drive.room():
                count = chance.randint(0, 6)
                drive.push(count, chance.randint(5, 200))
                pushed += count
            hardware.run(chance.randint(0, 3000))
        left = drive.queued()
        made = len(hardware.machine.rises)
        hardware.run(600_000_000 * US)  # ten minutes
        assert pushed - made >= len(hardware.machine.rises) - made and len(hardware.machine.rises) == pushed
        assert left >= len(hardware.machine.rises) - made


def test_a_trigger_that_nobody_gave_finds_no_leave(hardware: Hardware) -> None:
    drive, chance = hardware.drive, hardware.chance
    pushed = 0
    for _ in range(60):
        for _ in range(chance.randint(1, 5)):
            drive.push(1, 10)
            pushed += 1
        hardware.run(1000 * US)
        for _ in range(QUEUE - 1):  # as many as a queue could hold
            hardware.channels[1].trigger()
            hardware.settle()
        hardware.run(1000 * US)
        assert len(hardware.machine.rises) == pushed


def test_an_abort_at_any_instant_ends_all_steps_counts_them_and_leaves_a_queue_that_works(hardware: Hardware) -> None:
    drive, chance = hardware.drive, hardware.chance
    for _ in range(60):
        before = len(hardware.machine.rises)
        pushed = 0
        for _ in range(chance.randint(0, QUEUE)):
            if drive.room():
                count = chance.randint(0, 9)
                drive.push(count, chance.randint(5, 300))
                pushed += count
        hardware.run(chance.randint(0, 8000))
        drive.abort()
        made = len(hardware.machine.rises)
        assert made - before <= pushed
        assert not hardware.machine.state.pin_values & 1, "the pin is low"
        assert (drive.queued(), drive.room(), drive.consumed()) == (0, QUEUE, made)
        hardware.run(chance.choice((0, 10, 100_000)))
        assert len(hardware.machine.rises) == made
        drive.push(3, 50)
        _end(hardware)
        assert len(hardware.machine.rises) == made + 3


def test_backward_steps_are_counted_off_and_the_direction_waits_for_an_empty_queue(hardware: Hardware) -> None:
    drive = hardware.drive
    assert hardware.direction.level == 1
    drive.push(50, 20)
    with pytest.raises(ValueError, match="not empty"):
        drive.forward(False)
    assert hardware.direction.level == 1
    _end(hardware)
    drive.forward(False)
    assert hardware.direction.level == 0
    drive.push(20, 20)
    _end(hardware)
    assert drive.consumed() == 30
    drive.push(20, 1000)
    hardware.run(5500 * US)
    drive.abort()
    drive.forward(True)
    drive.push(1, 20)
    _end(hardware)
    assert drive.consumed() == 30 - 5 + 1


def test_the_motor_has_no_current_until_somebody_asks_for_it(hardware: Hardware) -> None:
    assert hardware.enable.level == 1, "active low"
    hardware.drive.enable(True)
    assert hardware.enable.level == 0


class OnHardware:
    """The drive as the pump's bed wants one: it also lets time pass."""

    def __init__(self, hardware: Hardware) -> None:
        self.hardware = hardware
        drive = hardware.drive
        self.push, self.room, self.consumed, self.queued = drive.push, drive.room, drive.consumed, drive.queued
        self.abort, self.enable, self.forward, self.dry_runs = drive.abort, drive.enable, drive.forward, drive.dry_runs

    @property
    def made(self) -> int:
        return self.hardware.drive.consumed()

    def pass_time(self, us: int) -> None:
        self.hardware.run(us * US)


def test_a_dose_on_a_ramp_through_pump_dma_and_pio_is_exact_and_never_jerks(hardware: Hardware) -> None:
    limits = {**Bed().pump._limits, "max_hz": 12_000}
    bed = Bed(limits=limits, drive=OnHardware(hardware))
    bed.infuse(bore=8_660, rate=12_000 * 60 * 58_901 // STEPS, vtbi=20_000)
    while bed.pump.state == codes.INFUSING:
        bed.grant(3000)
        bed.step(25)
    assert (bed.pump.state, bed.pump.reason) == (codes.COMPLETE, codes.WHY_COMPLETE)
    rises = hardware.machine.rises
    assert len(rises) == 20_000 * STEPS // 58_901
    assert hardware.drive.dry_runs() == 0, "but for its end, which the pump meets with an abort"
    gaps = [b - a for a, b in pairwise(rises)]
    assert gaps[0] == gaps[-1] == 125 * US and min(gaps) < 100 * US
    assert all(abs(a - b) < 0.11 * a for a, b in pairwise(gaps)), "the words join without a gap"


@req("PMP-007")
def test_a_pump_that_freezes_on_this_drive_delivers_two_hundredths_of_a_ml_at_most(hardware: Hardware) -> None:
    for turns in (1, 5, 9):
        bed = Bed(drive=OnHardware(hardware))
        bed.infuse(bore=26_700, rate=20_000_000, vtbi=1_000_000)
        for _ in range(turns):
            bed.step(25)
        hardware.run(hardware.chance.randint(0, 125_000))
        made = bed.drive.made
        hardware.run(600_000_000 * US)
        assert 0 < (bed.drive.made - made) * 559_902 <= 20_000 * STEPS
