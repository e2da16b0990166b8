"""The front end's driver: samples are used while the electrodes are on and the amplifier is off its rails."""

from array import array

import micropython

from drivers.ad8232 import AD8232

S30 = (1 << 30) - 1
BLOCK_MS = 100


class Pin:
    """machine.Pin's value()."""

    def __init__(self, level=0):
        self.level = level
        self.low = 0  # how often it was pulled low

    def value(self, level=None):
        if level is None:
            return self.level
        if self.level and not level:
            self.low += 1
        self.level = level


class Board:
    """A front end with all pins and blocks of 25 samples. level: what the converter brings."""

    def __init__(self, ticks=0):
        self.plus, self.minus, self.shutdown, self.restore = Pin(), Pin(), Pin(), Pin()
        self.level = 2048
        self.ticks = ticks
        self.buffer = array("H", [0] * 25)
        self.driver = AD8232(self.plus, self.minus, self.shutdown, self.restore)

    def blocks(self, n):
        """n blocks; how many of them could be used."""
        used = 0
        for _ in range(n):
            self.ticks = (self.ticks + BLOCK_MS) & S30
            for i in range(25):
                self.buffer[i] = self.level
            used += self.driver.take(self.buffer, 25, self.ticks)
        return used


def _touching(ticks=0):
    board = Board(ticks)
    board.blocks(4)
    assert board.driver.ok and not board.driver.off
    return board


def test_it_is_switched_on_with_fast_restore():
    board = Board()
    assert board.shutdown.level == 1 and board.restore.level == 1


def test_nothing_is_used_before_the_first_block():
    board = Board()
    assert board.driver.off and not board.driver.ok


def test_an_electrode_that_is_off_is_told_at_once():
    for which in ("plus", "minus"):
        board = _touching()
        getattr(board, which).level = 1
        assert board.blocks(1) == 0 and board.driver.off and not board.driver.ok


def test_an_electrode_that_bounces_is_off_until_it_has_touched_for_a_while():
    board = _touching()
    for _ in range(10):
        board.plus.level ^= 1
        assert board.blocks(1) == 0 and board.driver.off
    assert not board.plus.level
    assert board.blocks(1) == 1


def test_two_electrodes_have_one_comparator():
    plus = Pin()
    driver = AD8232(plus)
    buffer = array("H", [2048] * 25)
    assert not driver.take(buffer, 25, 100)
    assert driver.take(buffer, 25, 300)
    plus.level = 1
    assert not driver.take(buffer, 25, 400)


def test_a_block_at_a_rail_is_not_used():
    for rail in (0, 10, 4090, 4095):
        board = _touching()
        board.level = rail
        assert board.blocks(1) == 0 and board.driver.railed and not board.driver.off
        board.level = 2048
        assert board.blocks(1) == 1 and not board.driver.railed


def test_one_sample_off_the_rail_is_enough():
    board = _touching()
    board.level = 4095
    board.blocks(1)
    board.buffer[24] = 3000
    assert board.driver.take(board.buffer, 25, board.ticks + 100)


def test_an_amplifier_stuck_at_its_rail_is_restarted_once_in_five_seconds():
    board = _touching()
    board.level = 4095
    assert board.blocks(50) == 0 and board.shutdown.low == 0
    board.blocks(1)
    assert board.shutdown.level == 0 and board.driver.errors == 1
    assert board.blocks(1) == 0 and board.shutdown.level == 1
    board.blocks(49)
    assert board.shutdown.low == 1
    board.blocks(5)
    assert board.shutdown.low == 2
    board.level = 2048
    board.blocks(2)
    assert board.driver.ok and board.shutdown.level == 1


def test_an_electrode_that_is_off_is_no_reason_to_restart():
    board = _touching()
    board.plus.level = 1
    board.level = 4095
    board.blocks(200)
    assert board.shutdown.low == 0 and board.driver.errors == 0


def test_without_a_shutdown_pin_it_goes_on():
    driver = AD8232(Pin())
    buffer = array("H", [4095] * 25)
    for n in range(200):
        driver.take(buffer, 25, n * 100)
    assert driver.errors == 3 and not driver.ok
    for i in range(25):
        buffer[i] = 2048
    assert driver.take(buffer, 25, 20_000)


def test_an_empty_block_changes_nothing():
    board = _touching()
    assert board.driver.take(board.buffer, 0, board.ticks + 10) and not board.driver.railed


def test_the_clock_may_wrap():
    board = _touching(S30 - 250)
    assert board.ticks < 1000
    board = _touching(S30 - 3000)
    board.level = 0
    board.blocks(49)
    assert board.shutdown.low == 0
    board.blocks(2)
    assert board.shutdown.low == 1
    board = _touching()
    for _ in range(3):  # half a turn of the clock each
        board.ticks = (board.ticks + (1 << 29)) & S30
        assert board.blocks(1) == 1


def test_a_block_allocates_nothing():
    board = _touching()
    buffer = board.buffer
    driver = board.driver
    micropython.heap_lock()
    try:
        for n in range(400):
            board.plus.level = 100 < n < 110
            for i in range(25):
                buffer[i] = 4095 if 150 < n < 260 else 2048
            driver.take(buffer, 25, (board.ticks + n * BLOCK_MS) & S30)
    finally:
        micropython.heap_unlock()
    assert driver.ok and board.shutdown.low == 2
