"""A board's program for tests: the shipped loop, with the heap locked for as many turns as the first argument says.

The lock comes once the pump infuses and every task has run, and goes after those turns; then the loop goes on as usual.
While it holds, any allocation raises MemoryError, which ends the task that made it. The one collection a second is left
out, as it is the loop's own answer to allocation; nothing else is changed.
"""

import gc
import sys

import micropython

from app import App
from boards.emulated import Board
from pump.codes import INFUSING


def _no_collection():
    return gc.mem_free()


def _nothing():
    pass


def _locked(turn, turns):
    before = gc.mem_free()
    micropython.heap_lock()
    for _ in range(turns):
        turn()
    micropython.heap_unlock()
    return before - gc.mem_free()


TURNS = int(sys.argv[1])
app = App(Board(), _no_collection, _nothing)
while app.pump.state != INFUSING:
    app.turn()
for _ in range(200):
    app.turn()
gc.collect()
print("turned", TURNS, "times locked; bytes taken:", _locked(app.turn, TURNS))
for task in app.supervisor.tasks:
    print(task.name, task.worst_us, "us", "dead" if task.dead else "alive")
app.run()
