"""The search of the session: its table and the lease, walked with the shipped dispatch, pump, watch and alarms."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from alarm.states import STATES as ALARM_STATES
from assuage_wire.schema import ALARMS, STATUSES
from link import states
from link.dispatch import QUIET_MS
from pump import codes
from tests.model.pump_orders import LEASE_MS
from tests.model.pump_world import TURN_MS
from tests.model.search import Search, Taken
from tests.model.session_world import EVENTS, STATUS, World

STANDS = (codes.STANDBY, codes.STOPPED, codes.COMPLETE, codes.FAULT, codes.UNCONFIRMED)
FAULT = states.STATES.index("fault")
SILENT = states.STATES.index("silent")
REFUSED = ("faulted", "wrong-session")
MINE = ("identify", "identify again", "arm", "start", "clear", "probe", "grant")  # what a host says in order
NOBODYS = ("a stranger's start", "the former's clear", "a stranger's grant", "grant again", "repeat")
NOBODYS += ("another command of that number", "identify again")


class Before(NamedTuple):
    """What was so before an event."""

    state: int
    session: int
    pump: tuple[Any, ...]
    last: tuple[Any, ...]
    command: int
    hellos: int


def _pump(w: World) -> tuple[Any, ...]:
    pump = w.pump
    p, lease = pump.programme, pump.lease
    now = pump.state, pump.reason, p.id, p.token, pump.delivery.delivered.nl, pump.was.unread
    return *now, w.bed.drive.made, w.bed.drive.energised, w.bed.drive.queued(), lease.held, lease.until_ticks


def before(w: World) -> Before:
    """A note of it."""
    return Before(w.dispatch.state, w.dispatch.session, _pump(w), w.last, w.command, w.hellos)


def _status(w: World) -> str:
    ((name, values),) = w.port.said
    return STATUSES[values[STATUS]] if name == "Reply" else "ok"


# -- of a moment ---------------------------------------------------------------------------------------------------


def p12_motion_ends_with_the_permission_and_that_sounds(w: World) -> None:
    """Loss of the host unnoticed (H1): however it was lost, and whatever a stranger says."""
    if w.took and w.bed.ms - w.until >= TURN_MS:
        assert w.pump.state != codes.INFUSING, "motion outlived every permission of this session"
    if w.took and w.pump.reason == codes.WHY_LEASE_LAPSED:
        assert w.alarms.state[ALARMS.index("link-lost")] >= ALARM_STATES.index("acknowledged")


def p6_a_session_that_is_broken_stops_the_pump(w: World) -> None:
    """Infusion went on after a system failure (Medfusion 3500/4000, 2022)."""
    if w.dispatch.state == FAULT:
        assert w.pump.state in STANDS and not w.bed.drive.energised and w.bed.drive.queued() == 0


# -- of an event ---------------------------------------------------------------------------------------------------


def p3_what_was_answered_is_not_done_again(w: World, was: Before, event: str) -> None:
    """Delivered but reported as failed, then given again (Medfusion 3500/4000, 2024): the answer comes again, alone."""
    if event in ("repeat", "another command of that number"):
        assert _pump(w) == was.pump, "done again"
        mine = was.last[0][1] == was.session and was.state != FAULT
        if event == "repeat" and mine and was.command == was.last[0][2]:
            assert w.port.said == was.last[1], "another answer than the first"


def p6_a_broken_session_stays_broken_and_obeys_nobody(w: World, was: Before, event: str) -> None:
    """Only a restart ends it; who the board is and that it stops can still be asked."""
    assert (w.dispatch.state == FAULT) == (event == "broken" or was.state == FAULT)
    assert event != "broken" or w.pump.state == codes.FAULT
    if was.state == FAULT:
        assert w.dispatch.state == FAULT and w.dispatch.session == was.session
        assert event not in ("arm", "start", "clear", "probe") or _status(w) in REFUSED, "a command was taken"
        assert not event.startswith("identify") or w.hellos == was.hellos + 1


def p9_stop_stands_and_is_answered_whoever_says_it(w: World, was: Before, event: str) -> None:
    """A pump that cannot be stopped."""
    if event == "stop":
        assert w.pump.state in STANDS and not w.bed.drive.energised and w.bed.drive.queued() == 0
        assert w.port.said == (("Stopped", (5, w.pump.state, w.pump.delivery.delivered.nl)),)
        assert w.dispatch.state == was.state


def p12_a_host_that_is_quiet_for_long_is_silent_and_a_board_without_one_says_who_it_is(
    w: World, was: Before, event: str
) -> None:
    """A loss that nobody notices because nobody asks."""
    if event in ("second", "quiet") and (was.state != states.OPEN or w.quiet_ms() >= QUIET_MS):
        assert w.hellos == was.hellos + 1 and w.dispatch.state != states.OPEN
    if event in ("second", "quiet") and was.state == states.OPEN and w.quiet_ms() < QUIET_MS:
        assert w.dispatch.state == states.OPEN
    if event in MINE and was.state != FAULT and w.session == w.dispatch.session:
        assert w.dispatch.state == states.OPEN, "it is heard, also after it was not"
    if was.state == states.UNHEARD and event in ("second", "quiet"):
        assert w.dispatch.state == states.UNHEARD, "silent is who has spoken"


def p12_a_host_that_is_there_is_not_lost(w: World, was: Before, event: str) -> None:
    """An infusion interrupted for nothing: its grants lengthen the permission, and are not answered."""
    if event != "grant" or was.state not in (states.OPEN, SILENT) or w.session != w.dispatch.session:
        return
    assert not w.port.said or _status(w) == "no-lease", "it is looked at"
    if was.pump[0] == codes.INFUSING and was.pump[-2]:
        assert w.pump.lease.margin(w.bed.ticks, w.bed.wraps) == LEASE_MS
        assert w.hellos == was.hellos and not w.port.said


def p13_only_the_open_sessions_newer_grants_and_commands_change_anything(w: World, was: Before, event: str) -> None:
    """A compromised or a confused host (H28): replayed, repeated and foreign messages do nothing."""
    if event in NOBODYS:
        assert _pump(w) == was.pump
        assert w.dispatch.session == was.session
        if event in ("a stranger's start", "the former's clear"):
            assert _status(w) == "wrong-session" or (was.state == FAULT and _status(w) in REFUSED)
    assert event != "identify again" or w.hellos == was.hellos + 1


def p16_another_session_confirms_anew(w: World, was: Before, event: str) -> None:
    """What was armed to one host is not started by the next (H40)."""
    if event == "identify" and was.state != FAULT:
        assert w.dispatch.state == states.OPEN and w.dispatch.session == w.session and w.hellos == was.hellos + 1
        assert w.pump.state not in (codes.CONFIRMED, codes.ARMED)
        assert _pump(w)[-5:] == was.pump[-5:] or not w.bed.drive.energised, "and lengthens no permission"


MOMENTS = (p12_motion_ends_with_the_permission_and_that_sounds, p6_a_session_that_is_broken_stops_the_pump)
CHECKS = (
    p3_what_was_answered_is_not_done_again,
    p6_a_broken_session_stays_broken_and_obeys_nobody,
    p9_stop_stands_and_is_answered_whoever_says_it,
    p12_a_host_that_is_quiet_for_long_is_silent_and_a_board_without_one_says_who_it_is,
    p12_a_host_that_is_there_is_not_lost,
    p13_only_the_open_sessions_newer_grants_and_commands_change_anything,
    p16_another_session_confirms_anew,
)
FEW = EVENTS


def _moments(w: World) -> None:
    for check in MOMENTS:
        check(w)


def _check(w: World, was: Before, event: str, refused: bool) -> None:
    if event not in ("beat", "second", "quiet"):
        w.took = 0
        _moments(w)
    for check in CHECKS:
        if not refused:
            check(w, was, event)


def _world() -> World:
    w = World()
    w.check = _moments
    return w


def search(events: Mapping[str, Callable[[World], None]] = EVENTS) -> tuple[Search, Taken]:
    """Walks everything. Raises search.Violation."""
    with Taken(states) as taken:
        return Search(_world, events, before, _check), taken


def trap(found: Search) -> str:
    """A state from which no host can open a session, with how it is reached, or ''; but the sink, which is one."""
    keys = {state: key for key, state in found.keys.items()}
    stuck = found.cannot_reach([state for state, key in keys.items() if key[0] == states.OPEN])
    stuck = [state for state in stuck if keys[state][0] != FAULT]
    return f"no way to an open session after {found.path(stuck[0])}" if stuck else ""


def left_out(taken: Taken) -> list[str]:
    """What of the table no event has met: states, rows, and commands that are refused."""
    gone = {(states.STATES[state], states.EVENTS[event]) for state, event in taken.gone}
    reached = {states.STATES[states.after(state, event)] for state, event in taken.gone}
    missing = [f"row {state}, {event}" for state, event, _, _ in states.TABLE if (state, event) not in gone]
    missing += [f"state {name}" for name in states.STATES if name not in reached]
    for state in states.STATES:
        for command in states.COMMANDS:
            # before the first Identify there is no session whose command or grant it could be
            if (state, command) not in gone and (state == "unheard") == (command == "stranger"):
                missing.append(f"refusal of {command} in {state}")
    return missing


def impossible(taken: Taken) -> list[str]:
    """Happenings that a state does not list, and that came all the same, but the one that is brought about."""
    listed = {row[:2] for row in states.TABLE} | {("unheard", "again")}
    gone = {(states.STATES[state], states.EVENTS[event]) for state, event in taken.gone}
    return [
        f"{event} in {state}"
        for state, event in sorted(gone - listed)
        if event not in states.COMMANDS and event not in states.TOLD
    ]
