"""The properties that no reachable state of the pump may break, by the hazard or the recall that each comes from.

Each has a check of a moment (after every turn of the loop and every event), of an event (what was before it, and what
is after), or both. What they compare with is the drive, the clock and what was ordered, never the pump's own opinion.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from pump import codes, states
from tests.model.pump_world import LIMITS, LOADED, LOADING_NL, TURN_MS, V, World
from tests.pure.pump_fakes import STEPS

MAY_RUN = (codes.INFUSING, codes.BOLUS, codes.KVO)  # said here again: not what the table thinks
MAY_HOLD = (*MAY_RUN, codes.ARMED)  # and with current in a motor that stands
TIME = ("beat", "hours")
RESETS = ("reset", "power cut")
UNDER_WAY = (*MAY_RUN, codes.PAUSED)


class Before(NamedTuple):
    """What was so before an event."""

    state: int
    reason: int
    delivered: int
    made: int
    energised: bool
    programme: tuple[int, ...]
    legs: tuple[tuple[int, ...], ...]
    own: tuple[int, ...]
    queued: int
    lease: bool
    unsaid: bool
    confirmed: bool
    unread: bool


def before(w: World) -> Before:
    """A note of it."""
    pump, drive = w.pump, w.bed.drive
    p = pump.programme
    return Before(
        pump.state,
        pump.reason,
        pump.delivery.delivered.nl,
        drive.made,
        drive.energised,
        (*p.values, p.token),
        tuple(p.legs),
        tuple(pump.windows._own),
        drive.queued(),
        pump.lease.held,
        pump._volume.unsaid,
        w.confirmed,
        pump.was.unread,
    )


def _since_start(w: World) -> int:
    return w.bed.drive.made - w.base


# -- of a moment ---------------------------------------------------------------------------------------------------


def p1_current_and_motion_only_where_they_may_be(w: World) -> None:
    """Motor enabled outside the states that deliver: unintended flow (GPCA: overinfusion)."""
    state, drive = w.pump.state, w.bed.drive
    assert state in MAY_HOLD or not drive.energised, "current"
    assert state in MAY_RUN or drive.queued() == 0, "words in the queue"
    assert w.was in MAY_RUN or w.moved == 0, "motion"


def p2_never_more_than_the_programme_may_deliver(w: World) -> None:
    """Delivered volume above the programme's: overinfusion."""
    assert 0 <= _since_start(w) <= w.most
    assert not states.running(w.pump.state) or _since_start(w) + w.bed.drive.queued() <= w.most


def p3_a_loading_dose_is_delivered_once(w: World) -> None:
    """Re-administered loading dose (Medfusion 3500/4000, 2024)."""
    if w.pump.programme.id == LOADED and w.pump.state in UNDER_WAY and not w.bolused:
        assert w.above <= LOADING_NL * STEPS // V + 1


def p4_no_bolus_begins_by_itself(w: World) -> None:
    """Bolus, interruption, prime, resume: the rest of the bolus came as well (Medfusion 3500/4000, 2020, Class I)."""
    assert w.pump.state != codes.BOLUS or w.was == codes.BOLUS


def p5_the_count_is_what_the_drive_made(w: World) -> None:
    """Volume delivered was cleared or wrong without anybody's doing (Medfusion 3500/4000, 2022)."""
    if w.pump.state in UNDER_WAY:
        assert w.pump.delivery.delivered.nl == _since_start(w) * V // STEPS


def p6_after_a_fault_nothing_moves_until_something_new_is_confirmed(w: World) -> None:
    """Infusion went on after a system failure (Medfusion 3500/4000, 2022)."""
    if w.shaken:
        assert not w.bed.drive.energised and w.bed.drive.queued() == 0
        assert w.moved == 0 or w.was in MAY_RUN, "steps of the turn that found the fault"


def p12_a_lost_permission_is_told_at_once(w: World) -> None:
    """Loss of the host unnoticed (H1)."""
    late = w.bed.ms - w.until >= TURN_MS
    if late and w.took and w.pump.state in MAY_RUN:
        loss = w.pump.programme.on_loss
        assert loss != codes.LOSS_STOP, "motion outlived every permission"
        assert loss == codes.LOSS_CONTINUE or w.pump.state == codes.KVO, "more than the vein needs"
        assert w.pump.reason == codes.WHY_LEASE_LAPSED or w.was != w.pump.state, "and not a turn later"


def p13_never_faster_than_ordered_and_allowed(w: World) -> None:
    """Flow above the programme's or the board's limit: overinfusion. A drive that races is p2's and the watch's."""
    if w.trouble != "drive races":
        fastest = max(w.flows)
        assert w.moved <= fastest * w.took // 60_000 * STEPS // V + 2
        assert fastest <= min(w.pump.programme.limit_rate, LIMITS["max_rate"]) or not states.running(w.pump.state)


def _untold(was: Before, event: str) -> bool:
    """The supply failed before a failing flash had taken what there was to say."""
    return event == "power cut" and was.unsaid


_WHY = {
    codes.STOPPED: (
        codes.WHY_HOST_STOP,
        codes.WHY_LOCAL_STOP,
        codes.WHY_LEASE_LAPSED,
        codes.WHY_TIME_LIMIT,
        codes.WHY_WINDOW_LIMIT,
    ),
    codes.COMPLETE: (codes.WHY_COMPLETE,),
    codes.KVO: (codes.WHY_KVO, codes.WHY_LEASE_LAPSED),
    codes.PAUSED: (codes.WHY_PAUSED,),
    codes.INFUSING: (codes.WHY_NONE, codes.WHY_LEASE_LAPSED),
    codes.BOLUS: (codes.WHY_NONE, codes.WHY_LEASE_LAPSED),
    codes.UNCONFIRMED: (codes.WHY_RESET, codes.WHY_LEASE_LAPSED, codes.WHY_TIME_LIMIT),
}


def p17_the_reason_that_is_told_goes_with_the_state(w: World) -> None:
    """Delivered but reported as failed, or the reverse: somebody gives it again (Medfusion 3500/4000, 2024)."""
    assert w.pump.reason in _WHY.get(w.pump.state, (w.pump.reason,))
    if w.pump.state == codes.COMPLETE:
        assert w.pump.delivery.left_nl() <= V // STEPS + 1, "complete is what is wholly delivered"


# -- of an event ---------------------------------------------------------------------------------------------------


def p0_what_is_refused_changes_nothing(w: World, was: Before) -> None:
    """An order that is refused has no effect (bad orders)."""
    now = before(w)
    assert now == was, [(n, a, b) for n, a, b in zip(Before._fields, was, now, strict=True) if a != b]


def p4_a_bolus_begins_by_an_order_or_a_press(w: World, was: Before, event: str) -> None:
    """The same recall: neither time nor another command resumes one."""
    if w.pump.state == codes.BOLUS != was.state:
        assert event in ("apply", "press") and was.state == codes.INFUSING
    if was.state == codes.PAUSED and w.pump.state in MAY_RUN:
        assert event == "resume" and w.pump.state == codes.INFUSING


def p5_the_count_falls_only_with_a_new_programme_or_a_clear(w: World, was: Before, event: str) -> None:
    """Unanticipated clearance of the volume delivered (2022): only a human's act in a standing pump."""
    now = w.pump.delivery.delivered.nl
    if now < was.delivered:
        assert event in ("clear", "leg", *RESETS) or event.startswith("offer")
        assert was.state not in MAY_RUN or event in RESETS
    else:
        assert now == was.delivered or event in (*TIME, *RESETS)


def p6_a_fault_stays_until_it_is_cleared(w: World, was: Before, event: str) -> None:
    """A fault forgotten is a failure that goes on; the first reason is the one that is told."""
    if was.state == codes.FAULT and event != "clear" and not _untold(was, event):
        assert w.pump.state == codes.FAULT and w.pump.reason == was.reason


def p8_after_any_reset_the_pump_stands_and_says_so(w: World, was: Before, event: str) -> None:
    """A pump that resumes by itself after a reset (H7)."""
    if event in RESETS:
        assert w.pump.state in (codes.STANDBY, codes.UNCONFIRMED, codes.FAULT)
        assert not w.bed.drive.energised and w.bed.drive.queued() == 0
        if _untold(was, event):
            assert was.state != codes.FAULT or w.pump.state != codes.STANDBY, "an interruption, at least"
        else:
            assert (w.pump.state == codes.FAULT) == (was.state == codes.FAULT)
        if was.state in UNDER_WAY:
            left = w.pump.was
            assert w.pump.state == codes.UNCONFIRMED and left.programme == was.programme[0]
            assert left.low * STEPS <= _since_start(w) * V <= left.high * STEPS


def p8_what_a_reset_interrupted_is_read_by_a_human(w: World, was: Before, event: str) -> None:
    """An interrupted programme forgotten is a volume that nobody knows of."""
    assert w.pump.was.unread or not was.unread or event == "clear"


def p9_stop_stands_in_one_step(w: World, was: Before, event: str) -> None:
    """A pump that cannot be stopped."""
    if event in ("stop", "stop key"):
        assert w.pump.state not in (*MAY_HOLD, codes.PAUSED, codes.PROGRAMMED, codes.CONFIRMED)
        assert not w.bed.drive.energised and w.bed.drive.queued() == 0


def p13_an_order_alone_moves_nothing(w: World, was: Before, event: str) -> None:
    """Only time turns the shaft."""
    assert event in (*TIME, *RESETS) or w.bed.drive.made == was.made


def p15_what_runs_cannot_be_programmed(w: World, was: Before, event: str) -> None:
    """Settings changed under a running delivery; the board's own limits never change at all."""
    assert w.pump._limits == LIMITS
    if was.state in (*UNDER_WAY, codes.ARMED, codes.CONFIRMED) and w.pump.state in UNDER_WAY:
        now = before(w)
        assert (now.programme, now.legs, now.own) == (was.programme, was.legs, was.own)


def p16_running_begins_with_a_confirmed_programme_and_a_start(w: World, was: Before, event: str) -> None:
    """Two steps to a start (H27): offered, read back, compared by a human, armed, started."""
    if w.pump.state in MAY_RUN and was.state not in MAY_RUN:
        assert was.state == codes.PAUSED or (was.confirmed and not w.shaken)
        assert (event, was.state) in (("start", codes.ARMED), ("resume", codes.PAUSED))


class Property(NamedTuple):
    """number: of the fifteen, or beyond. moment, event: the checks."""

    number: str
    moments: tuple[Callable[[World], None], ...] = ()
    events: tuple[Callable[[World, Before, str], None], ...] = ()
    open: str = ""


PROPERTIES = (
    Property("P1", (p1_current_and_motion_only_where_they_may_be,)),
    Property("P2", (p2_never_more_than_the_programme_may_deliver,)),
    Property("P3", (p3_a_loading_dose_is_delivered_once,)),
    Property("P4", (p4_no_bolus_begins_by_itself,), (p4_a_bolus_begins_by_an_order_or_a_press,)),
    Property(
        "P5",
        (p5_the_count_is_what_the_drive_made,),
        (p5_the_count_falls_only_with_a_new_programme_or_a_clear,),
    ),
    Property(
        "P6",
        (p6_after_a_fault_nothing_moves_until_something_new_is_confirmed,),
        (p6_a_fault_stays_until_it_is_cleared,),
    ),
    Property("P7", open="alarm/watch.py tells the alarms of a fault; the two are not walked together yet"),
    Property(
        "P8", (), (p8_after_any_reset_the_pump_stands_and_says_so, p8_what_a_reset_interrupted_is_read_by_a_human)
    ),
    Property("P9", (), (p9_stop_stands_in_one_step,)),
    Property("P11", open="there is no interlock with the vital signs yet"),
    Property("P12", (p12_a_lost_permission_is_told_at_once,), open="in the status; alarm/watch.py is not walked yet"),
    Property(
        "P13",
        (p13_never_faster_than_ordered_and_allowed,),
        (p13_an_order_alone_moves_nothing,),
    ),
    Property("P15", (), (p15_what_runs_cannot_be_programmed,)),
    Property("P17", (p17_the_reason_that_is_told_goes_with_the_state,)),
    Property("P16", (), (p16_running_begins_with_a_confirmed_programme_and_a_start,)),
)
