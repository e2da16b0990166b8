"""A board's program for tests: the shipped loop with a drive whose queue cannot be emptied once the pump infuses."""

from app import App
from boards.emulated import Board
from pump.codes import INFUSING

board = Board()
app = App(board)
healthy = board.stepgen.abort


def deaf():
    if app.pump.state == INFUSING:
        raise OSError(5)
    healthy()


board.stepgen.abort = deaf
app.run()
