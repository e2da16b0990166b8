"""What passes between a pump and the board that watches its patient, and that nothing on the way lengthens permission.

The histories run the boards' own code on both ends, each by a clock of its own, and the host's in between. An observer
who sees the patient himself judges: drug flows only if the patient was well, for the board that watches, less than the
bound before.
"""

from __future__ import annotations

import heapq
import itertools
import random
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass

import pytest

from assuage.bedside import elsewhere
from assuage.bedside.elsewhere import Elsewhere, Pair
from assuage.link.messages import Ask, Permit
from assuage_rig.requirements import req
from assuage_wire.schema import NONE16, PARAMETERS, S30, SIGNALS
from interlock import answering, asked
from interlock.answering import Answering
from interlock.asked import Asked
from interlock.gate import NOTHING, RELEASED, Gate
from interlock.guards import BELOW, Guards
from interlock.interlock import Interlock
from interlock.trip import Trip
from vitals.readings import Readings

SPO2 = PARAMETERS.index("spo2")
OK = SIGNALS.index("ok")
LASTS, MAX_AGE, MISSING = 600, 1_000, 900  # ms, of the one row
ROW = (SPO2, BELOW, 900, LASTS, 10, MAX_AGE, MISSING)

PAIR = Pair("aa", "bb", 7)
ASK = Ask(7, 100, 1)
PERMIT = Permit(7, 100, 2, 0, 0, 2, 970, 10)


def passing(now: float = 10.0) -> Elsewhere:
    between = Elsewhere(PAIR, now)
    between.link("aa", True)
    between.link("bb", True)
    return between


def test_asks_and_permits_are_passed_on_as_they_are() -> None:
    between = passing()
    assert between.asked("aa", ASK, 10.0) == ASK
    assert between.answered("bb", PERMIT, 10.125) == PERMIT
    assert between.round_trip_s == 0.125


def test_what_comes_from_another_board_or_of_another_watching_is_not_passed_on() -> None:
    between = passing()
    for board in ("bb", "cc"):
        assert between.asked(board, ASK, 10.0) is None
    for board in ("aa", "cc"):
        assert between.answered(board, PERMIT, 10.0) is None
    assert between.asked("aa", ASK._replace(watch=8), 10.0) is None
    assert between.answered("bb", PERMIT._replace(watch=8), 10.0) is None
    between.link("cc", True)
    assert between.trouble(10.0) == ""


def test_what_cannot_be_passed_on_at_once_is_never_passed_on() -> None:
    between = passing()
    between.link("bb", False)
    assert between.asked("aa", ASK, 10.0) is None
    between.link("bb", True)
    between.link("aa", False)
    assert between.answered("bb", PERMIT, 10.0) is None
    between.link("aa", True)
    assert between.asked("aa", ASK._replace(nonce=101), 10.5) is not None, "only the next one is"


def test_a_person_is_told_why_permission_does_not_come_through() -> None:
    between = Elsewhere(PAIR, 10.0)
    assert between.trouble(10.0) == elsewhere.NO_PUMP
    between.link("aa", True)
    assert between.trouble(10.0) == elsewhere.NO_GUARDIAN
    between.link("bb", True)
    assert between.trouble(11.4) == ""
    assert between.trouble(11.5) == elsewhere.NO_ASK
    between.asked("aa", ASK, 12.0)
    assert between.trouble(12.0) == elsewhere.NO_ANSWER
    between.answered("bb", PERMIT, 12.1)
    assert between.trouble(12.2) == ""


# -- histories ---------------------------------------------------------------------------------------------------------


@dataclass
class Line:
    """One way of a link. Chances per message: lost, doubled, sent again after any time; up: not cut off now."""

    lost: float
    doubled: float
    again: float
    delay: Callable[[], float]
    up: bool = True


class Clock:
    """A board's ticks: another beginning, and a quartz that is off by up to 1 %, a hundred times what they are."""

    def __init__(self, dice: random.Random) -> None:
        self.rate = dice.choice((0.99, 1.0, 1.01))
        self._begin = dice.choice((0, 12_345, S30 - 3_000))

    def ticks(self, ms: int) -> int:
        return int(self._begin + ms * self.rate) & S30


class Guardian:
    """The board that watches."""

    def __init__(self, dice: random.Random, ms: int, boot: int, kept: list[int] | None = None) -> None:
        self.clock = Clock(dice)
        now = self.clock.ticks(ms)
        self.trip = Trip()
        if kept is not None:
            self.trip.recall(True, kept, 0)
        self.readings = Readings(now)
        self.interlock = Interlock(Guards((ROW,)), self.readings, self.trip, now)
        self.gate = Gate(self.trip, self.interlock, Asked(self.trip, 0))
        self.answering = Answering(self.interlock, self.trip, boot)


class Pump:
    """The pump's board; it watches nobody itself."""

    def __init__(self, dice: random.Random, ms: int, boot: int) -> None:
        self.clock = Clock(dice)
        self.trip = Trip()
        self.asked = Asked(self.trip, boot << 12)
        now = self.clock.ticks(ms)
        self.gate = Gate(self.trip, Interlock(Guards(), Readings(now), self.trip, now), self.asked)
        self.moving = False


class World:
    """Both boards, the host, what is under way between them, a patient, and somebody who presses what may be pressed.

    seen: what happened how often. `ok` is the observer's: when the patient was last well for a board that watches.
    """

    def __init__(self, dice: random.Random, good: bool = False) -> None:
        self.dice = dice
        self.turn = 50 if good else dice.choice((50, 100))
        self.bound = 2_000 if good else dice.choice((1_000, 1_500, 2_000))
        self.good = good
        self.seen: Counter[str] = Counter()
        self.ms = 0
        self.ok = -S30
        self.not_normal = dict.fromkeys(("low", "off", "stuck"), False)
        self.since: int | None = None
        self.patient = "well"
        self.watched = False  # the guardian has been told to, and has not forgotten it since
        self._boots = 1
        self.guardian = Guardian(dice, 0, 1)
        self.pump = Pump(dice, 0, 1)
        self._queue: list[tuple[float, int, str, Ask | Permit]] = []
        self._order = itertools.count()
        self._lines = {name: self._line() for name in ("pump out", "guardian in", "guardian out", "pump in")}
        self._all: list[tuple[str, Ask | Permit]] = []
        self._join()

    def _line(self) -> Line:
        dice = self.dice
        if self.good:
            return Line(0.001, 0.05, 0.0, lambda: dice.uniform(1, 20))
        delays = (
            lambda: 5.0,
            lambda: dice.uniform(0, 300),
            lambda: dice.choice((5.0, 5.0, 5.0, dice.uniform(0, 5_000))),
        )
        odds = (0.0, 0.0, 0.0, 0.05, 0.3)
        return Line(dice.choice(odds), dice.choice(odds), dice.choice(odds), dice.choice(delays))

    def _join(self) -> None:
        """A programme that is guarded by a new watching; only while nothing flows."""
        watch = self.guardian.answering.begin(self.dice.choice((1, 2, 0x3FFF)))
        if watch:
            self.watched = True
            self.pump.asked.begin(watch, self.bound, self.pump.clock.ticks(self.ms))
            self._host()
            self.seen["joined"] += 1

    def _host(self) -> None:
        self.host = Elsewhere(Pair("aa", "bb", self.pump.asked.watch), self.ms / 1000)
        self.host.link("aa", True)
        self.host.link("bb", True)

    # -- the links -----------------------------------------------------------------------------------------------------

    def _send(self, name: str, message: Ask | Permit) -> None:
        line, dice = self._lines[name], self.dice
        self._all.append((name, message))
        if dice.random() < line.again:
            self._arrive(self.ms + dice.uniform(0, 8_000), *dice.choice(self._all))
        for _ in range(2 if dice.random() < line.doubled else 1):
            if line.up and dice.random() >= line.lost:
                self._arrive(self.ms + line.delay(), name, message)

    def _arrive(self, at: float, name: str, message: Ask | Permit) -> None:
        heapq.heappush(self._queue, (at, next(self._order), name, message))

    def _deliver(self) -> None:
        while self._queue and self._queue[0][0] <= self.ms:
            _, _, name, message = heapq.heappop(self._queue)
            if isinstance(message, Ask):
                if name == "pump out":
                    passed = self.host.asked("aa", message, self.ms / 1000)
                    if passed is not None:
                        self._send("guardian in", passed)
                else:
                    self.guardian.answering.ask(*message, self.guardian.clock.ticks(self.ms))
                    self._hear()
            elif name == "guardian out":
                back = self.host.answered("bb", message, self.ms / 1000)
                if back is not None:
                    self._send("pump in", back)
            elif self.pump.asked.answer(message, 0, self.pump.clock.ticks(self.ms)):
                self.seen["answers"] += 1

    def _hear(self) -> None:
        if self.guardian.answering.wants:
            out = [0] * 8
            self.guardian.answering.fill(out, 0)
            self._send("guardian out", Permit(*out))

    # -- a turn --------------------------------------------------------------------------------------------------------

    def live(self) -> None:
        """One turn of everything, and the judgement."""
        self.ms += self.turn
        self._deliver()
        self._watch()
        self._judge_patient()
        self._drive()
        if not self.good:
            self._befall()
        self._press()

    def _watch(self) -> None:
        g = self.guardian
        now = g.clock.ticks(self.ms)
        if self.patient == "well" or self.patient == "low":
            g.readings.put(SPO2, 970 if self.patient == "well" else 850, OK)
            g.readings.seen(SPO2, now)
        elif self.patient == "off":
            g.readings.put(SPO2, NONE16, OK)
        g.gate.turn(now, g.answering.acting)
        g.answering.looked(now)
        self._hear()

    def _judge_patient(self) -> None:
        """By the patient alone and in true time: well, or not yet unwell for longer than the row allows."""
        if self.patient == "well":
            self.since = None
            self.not_normal = dict.fromkeys(self.not_normal, False)
        else:
            self.since = self.ms if self.since is None else self.since
            self.not_normal[self.patient] = True
        times = {"low": LASTS, "off": MISSING, "stuck": MAX_AGE + MISSING}
        allowed = sum(ms for what, ms in times.items() if self.not_normal[what]) * 1.02 + 2 * self.turn
        latched = self.guardian.trip.tripped
        if self.watched and not latched and (self.since is None or self.ms - self.since <= allowed):
            self.ok = self.ms

    def _drive(self) -> None:
        p = self.pump
        now = p.clock.ticks(self.ms)
        flows = p.gate.turn(now, p.moving)
        if p.moving and not flows:
            p.moving = False
            self.seen["tripped by a row" if p.trip.parameter == SPO2 else "tripped by silence"] += 1
        if p.asked.wants:
            out = [0] * 3
            p.asked.fill(out, 0)
            self._send("pump out", Ask(*out))
        if p.moving:
            self.seen["flows"] += 1
            assert self.ms - self.ok <= self.bound * 1.02 + self.turn, "too long after the patient was well"

    # -- what befalls --------------------------------------------------------------------------------------------------

    def _befall(self) -> None:
        dice = self.dice
        if dice.random() < 0.03:
            self.patient = dice.choice(("well", "well", "well", "low", "off", "stuck"))
        if dice.random() < 0.01:
            line = dice.choice(list(self._lines.values()))
            line.up = not line.up or dice.random() < 0.5
        if dice.random() < 0.004:
            what = dice.choice(("host", "guardian", "pump", "end"))
            self.seen[f"reset {what}"] += 1
            self._boots += 1
            if what == "host":
                self._host()
            elif what == "guardian":
                kept = [0] * 6
                self.guardian.trip.snapshot(kept, 0)
                was = kept if self.guardian.trip.tripped else None
                self.guardian = Guardian(dice, self.ms, self._boots, was)
                self.watched = False
            elif what == "pump":
                self.pump = Pump(dice, self.ms, self._boots)
            else:
                self.guardian.answering.end()
                self.watched = False
                self._hear()

    def _press(self) -> None:
        """Somebody does all that may be done, in any order, whether it is wise or not."""
        dice, p, g = self.dice, self.pump, self.guardian
        if dice.random() >= 0.3:
            return
        what = dice.choice(("release", "start", "start", "pause", "join") if not self.good else ("start",))
        now = p.clock.ticks(self.ms)
        if what == "release":
            if g.gate.release(g.trip.number, g.clock.ticks(self.ms)) == RELEASED:
                self.seen["released there"] += 1
            if p.gate.release(p.trip.number, now) == RELEASED:
                self.seen["released"] += 1
        elif what == "start" and p.asked.watch and not p.moving and p.gate.lacks(now) == NOTHING:
            p.moving = True
            self.seen["started"] += 1
        elif what == "pause" and dice.random() < 0.1:
            p.moving = False
        elif what == "join" and not p.moving:
            self._join()


LEAST = {"flows": 60, "answers": 80, "tripped by a row": 5, "tripped by silence": 20, "released": 8}


def history(seed: object, turns: int = 250) -> Counter[str]:
    """What happened in one history; AssertionError when drug flowed too long."""
    world = World(random.Random(repr(seed)))
    for _ in range(turns):
        world.live()
    return world.seen


@req("ILK-003")
@pytest.mark.timeout(3000)
def test_nothing_that_befalls_the_links_or_the_boards_lengthens_permission(seed: int, soak: bool) -> None:
    reached: Counter[str] = Counter()
    count = 100_000 if soak else 3_000
    for n in range(count):
        try:
            reached.update(set(history((seed, n))))
        except AssertionError as error:
            raise AssertionError(f"history {(seed, n)}: {error}") from None
    for what, percent in LEAST.items():
        assert reached[what] * 100 >= percent * count, f"{what}: {reached}"
    for what in ("host", "guardian", "pump", "end"):
        assert reached[f"reset {what}"] * 100 >= 10 * count, f"{what}: {reached}"


@req("ILK-003")
def test_over_a_good_link_permission_goes_on(seed: int) -> None:
    for n in range(5):
        world = World(random.Random(f"{seed} {n}"), good=True)
        for _ in range(300_000 // world.turn):
            world.live()
        assert world.seen["started"] == 1, world.seen
        assert world.seen["flows"] * world.turn > 290_000
        assert world.host.trouble(world.ms / 1000) == ""


@req("ILK-003")
def test_over_a_good_link_a_trip_stops_the_pump_as_fast_as_the_link_carries_it(seed: int) -> None:
    """Not only when the permission ends."""
    for n in range(60):
        world = World(random.Random(f"{seed} {n}"), good=True)
        for _ in range(2_000 // world.turn + n):
            world.live()
        assert world.pump.moving
        world.patient = "low"
        begun = world.ms + world.turn
        while world.pump.moving:
            world.live()
        assert world.pump.trip.parameter == SPO2
        assert LASTS <= world.ms - begun <= LASTS * 1.02 + 5 * world.turn


# -- boards that are wrong, to see that the observer notices -----------------------------------------------------------


def from_the_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    """Permission is counted from when the answer comes."""
    right = Asked.answer

    def answer(self: Asked, values: Permit, at: int, now: int) -> bool:
        counts: bool = right(self, values, at, now)
        if counts:
            self._from = now
        return counts

    monkeypatch.setattr(Asked, "answer", answer)


def of_any_ask(monkeypatch: pytest.MonkeyPatch) -> None:
    """An answer counts for the newest ask, whichever it answers."""
    right = Asked.answer

    def answer(self: Asked, values: Permit, at: int, now: int) -> bool:
        counts: bool = right(self, values._replace(nonce=self._nonce), at, now)
        return counts

    monkeypatch.setattr(Asked, "answer", answer)


def of_any_watching(monkeypatch: pytest.MonkeyPatch) -> None:
    """A board that was reset goes on answering as if it watched."""
    right = Answering.ask

    def ask(self: Answering, watch: int, nonce: int, moving: int, now: int) -> None:
        self.watch = self.watch or watch
        right(self, watch, nonce, moving, now)

    monkeypatch.setattr(Answering, "ask", ask)


def without_a_look(monkeypatch: pytest.MonkeyPatch) -> None:
    """The verdict is the first one for ever."""

    def looked(self: Answering, now: int) -> None:
        if self._pending:
            self._answer(self.watch, self._nonce, asked.BEGINS)
            self._pending = False

    monkeypatch.setattr(answering.Answering, "looked", looked)


def without_an_end(monkeypatch: pytest.MonkeyPatch) -> None:
    """The pump goes on until it is refused."""
    right = Asked.poll

    def poll(self: Asked, now: int, moving: bool) -> None:
        self._from = now
        right(self, now, moving)

    monkeypatch.setattr(Asked, "poll", poll)


@pytest.mark.parametrize("wrong", [from_the_answer, of_any_ask, of_any_watching, without_a_look, without_an_end])
def test_the_observer_notices_a_board_that_is_wrong(
    wrong: Callable[[pytest.MonkeyPatch], None], monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    wrong(monkeypatch)
    with pytest.raises(AssertionError, match="too long after"):
        for n in range(400):
            history((seed, n))
