"""Drawn histories of the alarms: what the latch and its signals do is compared with a reckoner that knows no states.

The reckoner is told the same and keeps, in time that never wraps, since when each cause has been there or gone, and
which occurrence stands. P7: a cause that has lasted its delay is signalled. P10: an acknowledgement silences its own
occurrence only. P14: a pause of the audio lasts 120 s at most.
"""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import dataclass, field
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alarm.conditions import HIGH, LATCHING, LOW, MEDIUM, TABLE
from alarm.latch import OK
from alarm.signals import BURSTS
from alarm.states import STATES
from assuage_rig.requirements import req
from assuage_wire.schema import S30
from tests.pure.alarm_ward import Ward

Row = tuple[int, int, int, int]
Event = tuple[str, int, int]

# Rows as they are, and rows as they might be: latching with a delay, at once in all, holds of all lengths.
TRIAL: tuple[Row, ...] = (
    (HIGH, LATCHING, 300, 500),
    (HIGH, 0, 0, 0),
    (MEDIUM, LATCHING, 0, 1000),
    (MEDIUM, 0, 1000, 300),
    (LOW, LATCHING, 2000, 0),
    (LOW, 0, 50, 5000),
)
TABLES = {"trial": TRIAL, "real": TABLE}
COARSE = 500  # ms of a turn when nothing happens for long


@dataclass
class Occurrence:
    number: int
    acknowledged: bool = False
    over: bool = False  # the cause has been gone for the hold
    paused: bool = False


@dataclass
class Reckoner:
    """One condition. present: its cause; since: ms at which that last changed."""

    row: Row
    present: bool = False
    since: int = 0
    standing: Occurrence | None = None

    def look(self, ms: int, number: int) -> bool:
        """What time has done by now; True when it took this number."""
        _priority, flags, delay, hold = self.row
        lasted = ms - self.since
        now = self.standing
        if self.present:
            if (now is None or now.over) and lasted >= delay:
                self.standing = Occurrence(number)
                return True
        elif now and not now.over and lasted >= hold:
            now.over = True
        if now and now.over and (now.acknowledged or not flags & LATCHING):
            self.standing = None
        return False


@dataclass
class History:
    table: tuple[Row, ...]
    ticks: int
    reached: Counter[str] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        self.ward = Ward(self.ticks, self.table)
        self.rows = [Reckoner(row) for row in self.table]
        self.raised = 0
        self.pressed = -1  # ms at which the pause began
        self.silent_since = 0
        self.due = 0  # priority that should sound

    def happen(self, what: str, which: int, ms: int) -> None:
        ward, alarms = self.ward, self.ward.alarms
        i = which % len(self.table)
        if what in ("cause", "gone"):
            alarms.cause(i, what == "cause", ward.now())
            row = self.rows[i]
            if row.present != (what == "cause"):
                row.present = not row.present
                row.since = ward.ms
            self.look(i)
        elif what == "acknowledge":
            number = alarms.occurrence[i] if which % 3 else max(0, self.raised - which % 5)
            mine = [r for r in self.rows if r.standing and r.standing.number == number]
            assert (alarms.acknowledge(number) == OK) == bool(mine)
            for row in mine:
                assert row.standing
                row.standing.acknowledged = True
                row.look(ward.ms, 0)
                self.reached["acknowledged"] += 1
        elif what == "pause":
            if alarms.pause_audio(ward.now()) == OK:
                self.reached["paused"] += 1
                if self.pressed < 0:
                    self.pressed = ward.ms
                for row in self.rows:
                    if row.standing and not row.standing.acknowledged:
                        row.standing.paused = True
        else:
            step = 25 if ms < 10_000 else COARSE
            for _ in range(ms // step):
                self.turn(step)
        self.check()

    def look(self, i: int) -> None:
        if self.rows[i].look(self.ward.ms, self.raised + 1):
            self.raised += 1
            self.reached["raised"] += 1

    def turn(self, step: int) -> None:
        self.ward.turn(step)
        for i in range(len(self.rows)):
            self.look(i)
        if 0 <= self.pressed <= self.ward.ms - 120_000:
            self.pressed = -1
            self.reached["pause over"] += 1
            for row in self.rows:
                if row.standing:
                    row.standing.paused = False
        self.hear()

    def hear(self) -> None:
        """P14 and the signals: what should sound does so, within the longest rest of its priority."""
        due = max((r.row[0] for r in self.rows if self.audible(r)), default=0)
        if due != self.due or self.ward.signals.buzzer:
            self.silent_since = self.ward.ms
        self.due = due
        # the rest, the pulse and the silence of another signal that it had to wait for, and a turn at each edge
        longest = BURSTS[due][-1] + 400 + 3 * COARSE if due else S30
        assert self.ward.ms - self.silent_since <= longest, "nothing was heard"
        assert self.ward.signals.red or self.ward.signals.yellow or self.dark(), "no light"

    def dark(self) -> bool:
        """Whether no light is right: nothing stands, or it is the dark half of a flash."""
        if all(r.standing is None for r in self.rows):
            return True
        spans = self.ward.reds + self.ward.yellows
        return self.ward.ms - max(end or 0 for _begin, end in spans) <= 1000 + COARSE

    @staticmethod
    def audible(row: Reckoner) -> bool:
        return row.standing is not None and not row.standing.acknowledged and not row.standing.paused

    def check(self) -> None:
        ward, alarms = self.ward, self.ward.alarms
        alarms.survey()
        assert not alarms.broken
        assert alarms.last == self.raised
        for i, row in enumerate(self.rows):
            state = STATES[alarms.state[i]]
            stands = row.standing is not None
            assert (state not in ("idle", "pending")) == stands, (row, state)
            if row.present and ward.ms - row.since >= row.row[2]:
                assert stands, "P7"
                self.reached["lasting"] += 1
            if row.standing:
                assert alarms.occurrence[i] == row.standing.number
                assert (state in ("acknowledged", "leaving")) == row.standing.acknowledged, (row, state)
            if self.audible(row):
                assert alarms.sound >= row.row[0], "P10, P14"
            if stands:
                assert alarms.shown >= row.row[0]
                self.reached["standing"] += 1
        numbers = [row.standing.number for row in self.rows if row.standing]
        assert len(set(numbers)) == len(numbers)
        left = alarms.pause_left(ward.now())
        assert left == (0 if self.pressed < 0 else -(-(120_000 - ward.ms + self.pressed) // 1000))
        assert left <= 120


def kinds() -> st.SearchStrategy[Event]:
    which = st.integers(0, 200)
    short = st.sampled_from([25, 50, 275, 300, 500, 1000, 2000, 5000])
    return st.one_of(
        st.tuples(st.just("cause"), which, st.just(0)),
        st.tuples(st.sampled_from(["cause", "gone"]), which, st.just(0)),
        st.tuples(st.just("acknowledge"), which, st.just(0)),
        st.tuples(st.just("pause"), which, st.just(0)),
        st.tuples(st.just("time"), which, short),
        st.tuples(st.just("time"), which, st.sampled_from([25, 25, 300, 119_000])),
    )


TICKS = [0, S30 - 700, S30 - 60_000]
# The least percentage of drawn histories that must get so far: what is checked there is worth nothing otherwise.
LEAST = {"raised": 60, "acknowledged": 25, "paused": 35, "pause over": 8}


@req("ALM-103")
@pytest.mark.timeout(900)
@pytest.mark.parametrize("name", TABLES)
def test_every_promise_holds_after_every_event(name: str) -> None:
    reached: Counter[str] = Counter()

    @given(st.lists(kinds(), min_size=15, max_size=50), st.sampled_from(TICKS))
    def hold(history: list[Event], ticks: int) -> None:
        checked = History(TABLES[name], ticks)
        for event in history:
            checked.happen(*event)
        reached.update(dict.fromkeys([*checked.reached, "drawn"], 1))

    hold()
    for what, percent in LEAST.items():
        assert reached[what] * 100 >= percent * reached["drawn"], f"{what}: {reached}"


@pytest.mark.timeout(900)
@pytest.mark.parametrize("name", TABLES)
def test_ten_thousand_happenings_in_one_life(name: str, seed: int, soak: bool) -> None:
    dice = random.Random(f"{seed} {name}")
    life = History(TABLES[name], dice.choice(TICKS))
    for _ in range(100_000 if soak else 10_000):
        what = dice.choice(["cause", "cause", "gone", "gone", "gone", "acknowledge", "time", "time", "pause"])
        life.happen(what, dice.randrange(1000), dice.choice([25, 25, 50, 100, 300, 500, 60_000]))
        for spans in (life.ward.tones, life.ward.reds, life.ward.yellows):
            del spans[:-50]
    assert life.raised > 500 and life.reached["pause over"] > 5 and life.reached["acknowledged"] > 100
    assert life.reached["lasting"] > 10_000


def test_pulses_keep_their_lengths_whatever_happens(seed: int) -> None:
    """Unless somebody silences them in the middle: then they end at once."""
    dice = random.Random(seed)
    w = Ward(0, TRIAL)
    for _ in range(600):
        i = dice.randrange(len(TRIAL))
        w.alarms.cause(i, dice.random() < 0.4, w.now())
        if not w.signals.buzzer:
            w.alarms.acknowledge(w.alarms.occurrence[dice.randrange(len(TRIAL))])
        w.run(dice.choice([25, 100, 500, 3000]))
    done = [tone for tone in w.tones if tone[1]]
    assert {end - begin for begin, end in done} == {150, 200}
    assert min(after[0] - before[1] for before, after in pairwise(done)) >= 100
    assert len(done) > 200
