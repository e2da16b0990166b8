"""A board's program for tests: the shipped loop, in which the task named by the first argument dies while infusing."""

import sys

from app import App
from boards.emulated import Board
from pump.codes import INFUSING

app = App(Board())
victim = next(task for task in app.supervisor.tasks if task.name == sys.argv[1])
healthy = victim.run


def sick(now):
    if app.pump.state == INFUSING:
        raise RuntimeError("planted")
    healthy(now)


victim.run = sick
app.run()
