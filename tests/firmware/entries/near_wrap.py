"""A board's program for tests: the shipped loop, in which what counts begins shortly before it wraps.

The hardware's ticks are the environment's business, see boards/emulated.py.
"""

import app
from assuage_wire.schema import S30
from boards.emulated import Board

FIRST = 1_073_720_000  # ticks: 21.8 s from here they wrap, and their wraps with them
_Clock = app.Clock
_boot_count = Board.boot_count


def _clock(raw, mask):
    return _Clock(raw, mask, FIRST, 65535)


def _boots(board):
    return (_boot_count(board) - 2) & S30  # the largest that there is, then 0


app.Clock = _clock
Board.boot_count = _boots
board = app.App(Board())
board.port._writer.seq = 200
board.encoder.position = (1 << 29) - 500
board.pump.changes = 65533
alarms = board.panel.alarms
alarms.last = S30 - 1
alarms.changes = alarms.hushed = S30 - 2
board.run()
