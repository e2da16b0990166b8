"""The supervisor: tasks run when they are due, are measured, and are vouched for only while they live."""

import micropython

from supervisor import FROZEN_MS, Supervisor, ahead

S30 = (1 << 30) - 1


class Bench:
    """A supervisor with a clock that is set by hand. ran: (name, time) of every call; told: what it reported."""

    def __init__(self):
        self.us = 0
        self.costs = 0  # us that every run takes
        self.ran = []
        self.told = []
        self.supervisor = Supervisor(self._ticks_us, self._died, self._late)

    def add(self, name, period, vital=False):
        def run(now):
            self.ran.append((name, now))
            self.us = (self.us + self.costs) & S30

        return self.supervisor.add(name, run, period, vital)

    def live(self, begin, ms):
        """Turns the loop whenever something is due, until so many ms have passed; returns when it turned."""
        turns = []
        now = begin
        self.supervisor.begin(now)
        while ahead(now, begin) <= ms:
            turns.append(now)
            self.supervisor.turn(now)
            now = self.supervisor.next_due(now)
        return turns

    def times(self, name):
        return [at for task, at in self.ran if task == name]

    def _ticks_us(self):
        return self.us

    def _died(self, task, error):
        self.told.append(("died", task.name, str(error)))

    def _late(self, task):
        self.told.append(("late", task.name))


def test_tasks_run_at_whole_multiples_of_their_periods_and_share_turns():
    bench = Bench()
    for name, period in (("a", 25), ("b", 50), ("c", 200)):
        bench.add(name, period)
    assert bench.live(1003, 1000) == [1003] + list(range(1025, 2004, 25))
    for name, period in (("a", 25), ("b", 50), ("c", 200)):
        first = (1003 // period + 1) * period
        assert bench.times(name) == [1003] + list(range(first, 2004, period))
    assert [name for name, at in bench.ran if at == 1200] == ["a", "b", "c"], "in the order they were added"
    assert bench.supervisor.overruns() == 0


def test_the_clocks_wrap_passes_unnoticed():
    bench = Bench()
    bench.add("a", 25)
    bench.add("b", 1000)
    turns = bench.live(S30 - 3000, 6000)
    gaps = [ahead(turns[i + 1], turns[i]) for i in range(len(turns) - 1)]
    assert max(gaps) <= 25 and min(gaps) > 0
    b = bench.times("b")
    assert len(b) >= 6 and all(0 < ahead(b[i + 1], b[i]) <= 1000 for i in range(len(b) - 1))
    assert bench.supervisor.overruns() == 0 and bench.told == []


def test_what_is_wanted_soon_runs_in_this_turn_and_then_falls_back_into_step():
    bench = Bench()
    a = bench.add("a", 100)
    bench.supervisor.begin(0)
    bench.supervisor.turn(0)
    a.soon(30)
    assert bench.supervisor.next_due(30) == 30
    bench.supervisor.turn(30)
    assert bench.times("a") == [0, 30]
    assert bench.supervisor.next_due(30) == 100


def test_a_missed_period_is_counted_and_long_standstill_is_told():
    bench = Bench()
    bench.add("a", 100)
    bench.supervisor.begin(0)
    bench.supervisor.turn(0)
    bench.supervisor.turn(199)
    assert bench.supervisor.overruns() == 0 and bench.times("a")[-1] == 199
    bench.supervisor.turn(300)
    assert bench.supervisor.overruns() == 1
    bench.supervisor.turn(399 + FROZEN_MS)
    assert bench.supervisor.overruns() == 1 + (FROZEN_MS - 1) // 100 and bench.told == []
    at = bench.supervisor.next_due(399 + FROZEN_MS) + FROZEN_MS
    bench.supervisor.turn(at)
    assert bench.told == [("late", "a")]


def test_every_period_of_a_standstill_is_counted_for_every_task_up_to_what_the_wire_can_tell():
    bench = Bench()
    bench.add("a", 25)
    bench.add("b", 200)
    bench.supervisor.begin(0)
    bench.supervisor.turn(0)
    bench.supervisor.turn(1025)
    assert bench.supervisor.overruns() == 40 + 4
    bench.supervisor.turn(1 << 28)
    assert bench.supervisor.overruns() == 65535


def test_a_task_that_raises_is_told_and_never_called_again_and_the_others_go_on():
    bench = Bench()
    bench.add("a", 10)
    sick = bench.add("sick", 10)
    bench.add("b", 10)

    def run(now):
        bench.ran.append(("sick", now))
        raise ValueError("planted")

    sick.run = run
    bench.live(0, 100)
    assert bench.told == [("died", "sick", "planted")]
    assert bench.times("sick") == [0] and sick.dead
    assert len(bench.times("a")) == len(bench.times("b")) == 11


def test_the_watchdog_is_fed_only_while_every_task_checks_in_and_those_that_matter_live():
    bench = Bench()
    bench.add("a", 10, True)
    slow = bench.add("slow", 1000)
    extra = bench.add("extra", 10)
    supervisor = bench.supervisor
    supervisor.begin(0)
    supervisor.turn(0)
    assert supervisor.well(0)
    slow.due = 1 << 28  # never called again, by whatever mistake
    for now in range(10, 1000 + FROZEN_MS + 1, 10):
        supervisor.turn(now)
        assert supervisor.well(now)
    supervisor.turn(1000 + FROZEN_MS + 10)
    assert not supervisor.well(1000 + FROZEN_MS + 10)
    slow.soon(3000)
    supervisor.turn(3000)
    assert supervisor.well(3000)
    extra.dead = True
    assert supervisor.well(3000)
    supervisor.tasks[0].dead = True
    assert not supervisor.well(3000)


def test_the_longest_run_of_each_task_is_known():
    bench = Bench()
    task = bench.add("a", 10)
    for cost in (30, 700, 5):
        bench.us = S30 - 100  # and its clock wraps meanwhile
        bench.costs = cost
        bench.supervisor.begin(0)
        bench.supervisor.turn(0)
    assert task.worst_us == 700


def test_with_nothing_to_do_it_still_turns():
    bench = Bench()
    bench.supervisor.begin(7)
    assert 0 < ahead(bench.supervisor.next_due(7), 7) <= FROZEN_MS


def test_turning_allocates_nothing():
    supervisor = Supervisor(lambda: 5, None, None)
    for n in range(9):
        supervisor.add("task", lambda now: None, 25 + n, True)
    supervisor.begin(0)
    now = 0
    micropython.heap_lock()
    try:
        for _ in range(500):
            supervisor.turn(now)
            assert supervisor.well(now)
            now = supervisor.next_due(now)
    finally:
        micropython.heap_unlock()
    assert now > 1000
