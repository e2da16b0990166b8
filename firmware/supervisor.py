"""Runs named tasks in turn, measures them, and vouches for them before the watchdog.

The idea: a task is a function that does a little and returns; returning is its check-in. Tasks are due at whole
multiples of their period, so that those that can share a turn of the loop do. The watchdog may be fed only while every
task has checked in lately: one that starves resets the board as surely as a frozen interpreter does. A task that raises
is dead: it is never called again, and whoever made the supervisor is told, to bring the board to its safe state.
"""

from micropython import const

from assuage_wire.schema import S30

FROZEN_MS = const(600)  # a task this late means that the firmware stood still: less than the watchdog's patience

_HALF = const(1 << 29)
_MANY = const(65535)


def ahead(ticks, now):
    """Milliseconds from `now` to `ticks`, negative when it has passed; both on a 30-bit clock."""
    ms = (ticks - now) & S30
    return ms if ms < _HALF else ms - S30 - 1


def _after(now, ms):
    """Ticks so many ms later, without a number that needs more than 30 bits on the way."""
    return (now - (S30 - ms) - 1) & S30


class Task:
    """One task: run(now) every `period` ms, which may be changed at any time.

    vital: without it the board cannot say what is wrong, so its death starves the watchdog.
    worst_us: longest run. overruns: whole periods missed. checked_in: ticks of the last return.
    """

    def __init__(self, name, run, period, vital=False):
        self.name = name
        self.run = run
        self.period = period
        self.vital = vital
        self.dead = False
        self.due = 0
        self.checked_in = 0
        self.worst_us = 0
        self.overruns = 0

    def soon(self, now):
        """Makes it due at once."""
        self.due = now


class Supervisor:
    """ticks_us: a 30-bit microsecond clock to measure with. died(task, error), late(task): called when that happens.
    frozen_ms: see FROZEN_MS."""

    def __init__(self, ticks_us, died, late, frozen_ms=FROZEN_MS):
        self.tasks = []
        self._frozen_ms = frozen_ms
        self._ticks_us = ticks_us
        self._died = died
        self._late = late

    def add(self, name, run, period, vital=False):
        """Adds a task; those added first run first. Returns it."""
        task = Task(name, run, period, vital)
        self.tasks.append(task)
        return task

    def begin(self, now):
        """Makes every task due at once, and counts from here."""
        for task in self.tasks:
            task.due = task.checked_in = now

    def turn(self, now):
        """Runs each task that is due."""
        for task in self.tasks:
            if not task.dead:
                late = (now - task.due) & S30  # as ahead() has it, for no call: every turn asks this of every task
                if late <= _HALF:
                    self._run(task, now, late)

    def next_due(self, now):
        """When the next task is due; now when one already is."""
        soonest = self._frozen_ms
        for task in self.tasks:
            if not task.dead:
                left = (task.due - now) & S30
                if left >= _HALF:
                    return now
                if left < soonest:
                    soonest = left
        return _after(now, soonest)

    def well(self, now):
        """Whether the watchdog may be fed: all vital tasks live, and every live one has checked in lately."""
        for task in self.tasks:
            if task.dead:
                if task.vital:
                    return False
            elif -ahead(task.checked_in, now) > task.period + self._frozen_ms:
                return False
        return True

    def overruns(self):
        """Periods missed by all tasks since boot, at most 65535."""
        total = 0
        for task in self.tasks:
            total += task.overruns
        return min(total, _MANY)

    def _run(self, task, now, late):
        if late >= task.period:
            task.overruns = min(task.overruns + late // task.period, _MANY)
            if late >= self._frozen_ms:
                self._late(task)
        began = self._ticks_us()
        try:
            task.run(now)
        except Exception as error:
            task.dead = True
            self._died(task, error)
        took = (self._ticks_us() - began) & S30
        if took > task.worst_us:
            task.worst_us = took
        task.checked_in = now
        task.due = _after(now, task.period - now % task.period)
