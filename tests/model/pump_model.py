"""The search of the pump: which world, which events, which properties, and what it must have reached."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from assuage_wire.schema import STATES
from pump import states
from tests.model.pump_before import MAY_RUN, Before, before
from tests.model.pump_events import EVENTS, TIMELY, TROUBLES
from tests.model.pump_happenings import ails
from tests.model.pump_properties import PROPERTIES
from tests.model.pump_transitions import p0_what_is_refused_changes_nothing
from tests.model.pump_world import World
from tests.model.search import Search, Taken

_MOMENTS = tuple(check for p in PROPERTIES for check in p.moments)
_EVENTS = tuple(check for p in PROPERTIES for check in p.events)


AGAIN = ("standby", "infusing")  # from everywhere there is a way back to these


def is_in(key: tuple[Any, ...], goal: str) -> bool:
    """Whether a state's key is that of a pump in this state."""
    return STATES[key[0]] == goal


def _moments(w: World) -> None:
    for check in _MOMENTS:
        check(w)


def _check(w: World, was: Before, event: str, refused: bool) -> None:
    if refused:
        p0_what_is_refused_changes_nothing(w, was)
        return
    if w.trouble != "none" and w.pump.state not in MAY_RUN:
        ails(w, "none")  # what stands has no such trouble; of an encoder that was lost there are no readings yet
    if event not in TIMELY:
        w.was = w.pump.state
        w.moved = w.took = 0
        _moments(w)
    for check in _EVENTS:
        check(w, was, event)


def _world() -> World:
    w = World()
    w.check = _moments
    tried: set[object] = set()

    def is_new(survives: object) -> bool:
        new = survives not in tried
        tried.add(survives)
        return new

    w.is_new = is_new
    return w


# Enough to meet every row of the table: for mutants of it.
SPARE = (*TROUBLES, "offer unattended", "power cut", "nothing is there", "slice, nothing felt", "line comes off")
FEW = {name: EVENTS[name] for name in EVENTS if name not in (*SPARE, "syringe taken out")}


def search(events: Mapping[str, Callable[[World], None]] = EVENTS) -> tuple[Search, Taken]:
    """Walks everything. Raises search.Violation."""
    with Taken(states) as taken:
        return Search(_world, events, before, _check), taken


# Commands that a state refuses, and that nobody can give there: clear() chooses between the two kinds of it, and
# start() between its own two, by the programme: there is none, or only the slow one, or never that one.
NOT_GIVEN = {state: ("uncover",) for state in STATES if state != "fault"}
NOT_GIVEN |= dict.fromkeys(("standby", "unconfirmed", "priming", "kvo", "bolus"), ("uncover", "take-up"))
NOT_GIVEN |= {"taking-up": ("uncover", "start")}


def trap(found: Search) -> str:
    """A state from which there is no way back, with how it is reached, or ''."""
    for goal in AGAIN:
        stuck = found.cannot_reach([state for key, state in found.keys.items() if is_in(key, goal)])
        if stuck:
            return f"no way to {goal} after {found.path(stuck[0])}"
    return ""


def left_out(taken: Taken) -> list[str]:
    """What of the table no event has met: states, rows, and commands that are refused."""
    gone = {(STATES[state], states.EVENTS[event]) for state, event in taken.gone}
    asked = gone | {(STATES[state], states.EVENTS[event]) for state, event in taken.asked}
    reached = {STATES[states.after(state, event)] for state, event in taken.gone}
    rows = {(state, event) for state, event, _, _ in states.TABLE}
    missing = [f"row {state}, {event}" for state, event in sorted(rows - gone)]
    missing += [f"state {name}" for name in STATES if name not in reached]
    for state in STATES:
        for command in states.COMMANDS:
            if (state, command) not in asked and command not in NOT_GIVEN.get(state, ()):
                missing.append(f"refusal of {command} in {state}")
    return missing


def impossible(taken: Taken) -> list[str]:
    """Happenings that a state does not list, and that came all the same: they end in fault, and must not come."""
    listed = {row[:2] for row in states.TABLE}
    gone = {(STATES[state], states.EVENTS[event]) for state, event in taken.gone}
    return [
        f"{event} in {state}"
        for state, event in sorted(gone - listed)
        if event not in states.COMMANDS and event != "break"  # which is what faults are
    ]
