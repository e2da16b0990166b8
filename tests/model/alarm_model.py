"""The search of the alarms: the shipped latch, two conditions, one that latches and one that does not, and a person.

Time is in steps of a second and of half a minute. What sounds is asked of survey(), as the signals do.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from alarm import states
from alarm.conditions import HIGH, LATCHING, MEDIUM, UNIT
from alarm.latch import BAD_STATE, OK, Alarms
from assuage_wire.schema import S30
from pump.spread import packed
from tests.model.search import Refused, Search, Taken

LATCHES, PASSES = 0, 1
TABLE = ((HIGH, LATCHING, 0, 1000), (MEDIUM, 0, 1000, 1000))  # one that latches, one that passes; each a step long
SILENCE_MS = 120_000  # P14, from the properties: not the latch's own number


class World:
    """causes: what is really so. there: ms for which the board has been told so, -1 when it is not. seen, old: the
    numbers of the latching one's occurrence and of the one before. quiet: ms for which less has sounded than should."""

    def __init__(self) -> None:
        self.alarms = Alarms(packed(TABLE, UNIT))
        self.ticks = S30 - 5000  # the clock begins anew on the way
        self.causes = [False, False]
        self.there = [-1, -1]
        self.seen = self.old = 0
        self.quiet = 0

    def key(self) -> tuple[Any, ...]:
        """Times only as far as they decide."""
        a = self.alarms
        timed = [
            min((self.ticks - a._timed[i]) & S30, 2000) // 1000 if a.state[i] & states.TIMED else 0 for i in (0, 1)
        ]
        left = a.pause_left(self.ticks)
        return (
            *a.state,
            *(f & 3 for f in a._flags),
            *timed,
            *(min(self.there[i], TABLE[i][2]) for i in (0, 1)),
            *self.causes,
            self.old > 0,
            -(-left // 30),
            a._owed,
            a.broken,
        )

    def sounds(self) -> int:
        """Highest priority that is heard."""
        self.alarms.survey()
        return self.alarms.sound

    def due(self) -> int:
        """Highest priority that nobody has acknowledged and that must be heard."""
        return max(TABLE[i][0] if self.alarms.state[i] >= states.SOUNDING else 0 for i in (0, 1))


class Before(NamedTuple):
    """What was so before an event."""

    state: tuple[int, ...]
    occurrence: tuple[int, ...]
    sounds: int
    due: int


def before(w: World) -> Before:
    """A note of it."""
    return Before(tuple(w.alarms.state), tuple(w.alarms.occurrence), w.sounds(), w.due())


def _pass(ms: int) -> Callable[[World], None]:
    def passes(w: World) -> None:
        w.ticks = (w.ticks + ms) & S30
        for i in (0, 1):
            w.there[i] = -1 if not w.causes[i] else min(w.there[i] + ms, 60_000) if w.there[i] >= 0 else 0
            w.alarms.cause(i, w.causes[i], w.ticks)
        w.alarms.poll(w.ticks)
        w.quiet = min(w.quiet + ms, 600_000) if w.sounds() < w.due() else 0
        if w.alarms.occurrence[LATCHES] != w.seen:
            w.old, w.seen = w.seen, w.alarms.occurrence[LATCHES]

    return passes


def _turn(i: int, there: bool) -> Callable[[World], None]:
    def turns(w: World) -> None:
        if w.causes[i] == there:
            raise Refused
        w.causes[i] = there

    return turns


def _acknowledge(i: int, old: bool) -> Callable[[World], None]:
    def acknowledges(w: World) -> None:
        number = w.old if old else w.alarms.occurrence[i]
        if not number or w.alarms.acknowledge(number) != OK:
            raise Refused

    return acknowledges


def _pause(w: World) -> None:
    if w.alarms.pause_audio(w.ticks) == BAD_STATE:
        raise Refused
    w.alarms.survey()


def _begun(w: World) -> None:
    if not w.sounds():
        raise Refused
    w.alarms.begun(w.sounds())


def _heard(w: World) -> None:
    if not w.sounds():
        raise Refused
    w.alarms.heard()


def _restart(late: bool) -> Callable[[World], None]:
    def restarts(w: World) -> None:
        """The board starts anew, and its journal says what stood; late: after a look at the causes."""
        stood = [i for i in (0, 1) if w.alarms.state[i] >= states.SHOWN]
        w.alarms = Alarms(packed(TABLE, UNIT))
        w.there = [-1, -1]
        w.seen = w.old = w.quiet = 0
        if late:
            _pass(1000)(w)
        for i in stood:
            w.alarms.recall(i, w.ticks)
        assert all(w.alarms.state[i] >= states.SOUNDING for i in stood), "p7: what stood stands again, and sounds"

    return restarts


EVENTS: dict[str, Callable[[World], None]] = {
    "a second": _pass(1000),
    "half a minute": _pass(30_000),
    "begins to latch": _turn(LATCHES, True),
    "cause of the latching gone": _turn(LATCHES, False),
    "begins to pass": _turn(PASSES, True),
    "cause of the passing gone": _turn(PASSES, False),
    "acknowledge the latching": _acknowledge(LATCHES, False),
    "acknowledge the passing": _acknowledge(PASSES, False),
    "acknowledge its former": _acknowledge(LATCHES, True),
    "pause": _pause,
    "burst begins": _begun,
    "burst heard": _heard,
    "restart": _restart(False),
    "restart, the journal late": _restart(True),
}


def p7_an_alarm_comes_with_its_cause_and_stays_while_it_is_there(w: World, was: Before, event: str) -> None:
    """A low battery whose alarm stopped (Medfusion 3500/4000, 2022): raised in the turn in which its delay is over."""
    for i in (LATCHES, PASSES):
        if w.there[i] >= TABLE[i][2] and event in ("a second", "half a minute"):
            assert w.alarms.state[i] in (_ACTIVE, _ACKNOWLEDGED), "its cause is there"
    assert not w.alarms.broken
    if event.startswith("acknowledge") and w.causes[LATCHES] and was.state[LATCHES] == _ACTIVE:
        assert w.alarms.state[LATCHES] in (_ACTIVE, _ACKNOWLEDGED)


def p7_what_latches_ends_only_with_a_person(w: World, was: Before, event: str) -> None:
    """An alarm that nobody has seen must not be over."""
    if was.state[LATCHES] >= states.SOUNDING and w.alarms.state[LATCHES] < states.SOUNDING:
        assert event == "acknowledge the latching"


def p10_an_acknowledgement_is_of_one_occurrence(w: World, was: Before, event: str) -> None:
    """Acknowledging what was must not silence what came since (H29)."""
    assert not event.endswith("former"), "an old number was taken"
    if event.startswith("acknowledge"):
        other = PASSES if event == "acknowledge the latching" else LATCHES
        assert w.alarms.state[other] == was.state[other]


def p10_only_a_person_silences(w: World, was: Before, event: str) -> None:
    """What is due to be heard is, unless somebody has acknowledged or paused it."""
    if w.sounds() < w.due() == was.due <= was.sounds:
        assert event == "pause"


def p14_no_silence_is_longer_than_two_minutes(w: World, was: Before, event: str) -> None:
    """Audio paused and forgotten; asking again and again makes it no longer."""
    assert w.quiet <= SILENCE_MS


_ACTIVE = states.STATES.index("active")
_ACKNOWLEDGED = states.STATES.index("acknowledged")
PROPERTIES = {
    "P7": (p7_an_alarm_comes_with_its_cause_and_stays_while_it_is_there, p7_what_latches_ends_only_with_a_person),
    "P10": (p10_an_acknowledgement_is_of_one_occurrence, p10_only_a_person_silences),
    "P14": (p14_no_silence_is_longer_than_two_minutes,),
}


AGAIN = ("idle",)


def is_in(key: tuple[Any, ...], goal: str) -> bool:
    """Whether both conditions are in this state."""
    return {states.STATES[state] for state in key[:2]} == {goal}


def _check(w: World, was: Before, event: str, refused: bool) -> None:
    if refused:
        assert before(w) == was, "p0: what was refused has changed something"
        return
    for checks in PROPERTIES.values():
        for check in checks:
            check(w, was, event)


FEW = EVENTS


def search(events: Mapping[str, Callable[[World], None]] = EVENTS) -> tuple[Search, Taken]:
    """Walks everything. Raises search.Violation."""
    with Taken(states) as taken:
        return Search(World, events, before, _check), taken


def trap(found: Search) -> str:
    """A state from which there is no way back, with how it is reached, or ''."""
    for goal in AGAIN:
        stuck = found.cannot_reach([state for key, state in found.keys.items() if is_in(key, goal)])
        if stuck:
            return f"no way to {goal} after {found.path(stuck[0])}"
    return ""


def left_out(taken: Taken) -> list[str]:
    """Rows of the table that no event has taken, and states that were not reached but the sink."""
    gone = {(states.STATES[state], states.EVENTS[event]) for state, event in taken.gone}
    reached = {states.STATES[states.after(state, event)] for state, event in taken.gone}
    missing = [f"row {state}, {event}" for state, event, _, _ in states.TABLE if (state, event) not in gone]
    return missing + [f"state {name}" for name in states.STATES if name not in reached and name != "fault"]


def impossible(taken: Taken) -> list[str]:
    """Happenings that a state does not list, and that came all the same."""
    listed = {row[:2] for row in states.TABLE}
    gone = {(states.STATES[state], states.EVENTS[event]) for state, event in taken.gone}
    return [
        f"{event} in {state}"
        for state, event in sorted(gone - listed)
        if event not in states.COMMANDS and event not in states.TOLD
    ]
