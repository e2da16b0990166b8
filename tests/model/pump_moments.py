"""What must be so at every moment: after every turn of the loop and every event."""

from __future__ import annotations

from alarm.conditions import HIGH, LATCHING, TABLE
from alarm.states import STATES as ALARM_STATES
from assuage_wire.schema import ALARMS, REASONS
from pump import codes
from tests.model.pump_before import DELIVERS, MAY_HOLD, MAY_RUN, UNDER_WAY
from tests.model.pump_orders import LIMITS, LOADED, LOADING_NL, PRIMING, V
from tests.model.pump_world import TURN_MS, World
from tests.pure.pump_fakes import STEPS

TRAVEL = 12 * STEPS // 10  # of a catch-up: 1.2 mm, at 1 mm a turn


def p1_current_and_motion_only_where_they_may_be(w: World) -> None:
    """Motor enabled outside the states that deliver: unintended flow (GPCA: overinfusion)."""
    state, drive = w.pump.state, w.bed.drive
    assert state in MAY_HOLD or not drive.energised, "current"
    assert state in MAY_RUN or drive.queued() == 0, "words in the queue"
    assert w.was in MAY_RUN or w.moved == 0, "motion"
    assert state in MAY_RUN or not w.pump.moves.busy, "motion that is no dose is still under way"
    assert w.moved <= 0 if w.was == codes.BACKING_OFF else w.moved >= 0, "direction"


def p2_never_more_than_the_programme_may_deliver(w: World) -> None:
    """Delivered volume above the programme's: overinfusion."""
    state, drive = w.pump.state, w.bed.drive
    assert 0 <= w.delivered() <= w.most
    assert state not in DELIVERS or w.delivered() + drive.queued() <= w.most
    if state == codes.TAKING_UP:
        assert 0 <= drive.made - w.aside + drive.queued() <= TRAVEL
    elif state == codes.BACKING_OFF:
        assert 0 <= w.aside - drive.made + drive.queued() <= w.may_back
    elif state == codes.PRIMING:
        assert 0 <= drive.made - w.aside + drive.queued() <= PRIMING["volume"] * STEPS // V


def p3_a_loading_dose_is_delivered_once(w: World) -> None:
    """Re-administered loading dose (Medfusion 3500/4000, 2024)."""
    if w.pump.programme.id == LOADED and w.pump.state in UNDER_WAY and not w.bolused:
        assert w.above <= LOADING_NL * STEPS // V + 1


def p4_no_bolus_begins_by_itself(w: World) -> None:
    """Bolus, interruption, prime, resume: the rest of the bolus came as well (Medfusion 3500/4000, 2020, Class I)."""
    assert w.pump.state != codes.BOLUS or w.was == codes.BOLUS
    assert w.pump.state != codes.PRIMING or w.pump.programme.id == 0, "something to be resumed is kept"


def p5_the_count_is_what_the_drive_made(w: World) -> None:
    """Volume delivered was cleared or wrong without anybody's doing (Medfusion 3500/4000, 2022)."""
    if w.pump.state in UNDER_WAY:
        assert w.pump.delivery.delivered.nl == w.delivered() * V // STEPS, "also with what is no dose beside it"


def p6_after_a_fault_nothing_moves_until_something_new_is_confirmed(w: World) -> None:
    """Infusion went on after a system failure (Medfusion 3500/4000, 2022)."""
    if w.shaken:
        assert not w.bed.drive.energised and w.bed.drive.queued() == 0
        assert w.moved == 0 or w.was in MAY_RUN, "steps of the turn that found the fault"


def p12_a_lost_permission_is_told_at_once(w: World) -> None:
    """Loss of the host unnoticed (H1)."""
    late = w.bed.ms - w.until >= TURN_MS
    if late and w.took and w.pump.state in MAY_RUN and w.pump.state != codes.BACKING_OFF:
        assert w.pump.state in DELIVERS, "what is no dose outlived every permission"
        loss = w.pump.programme.on_loss
        assert loss != codes.LOSS_STOP, "motion outlived every permission"
        assert loss == codes.LOSS_CONTINUE or w.pump.state == codes.KVO, "more than the vein needs"
        assert w.pump.reason == codes.WHY_LEASE_LAPSED or w.was != w.pump.state, "and not a turn later"


def p7_why_the_pump_stands_sounds_in_the_turn_in_which_it_is_found(w: World) -> None:
    """A failure without an alarm, or one whose alarm ends by itself (Medfusion 3500/4000, 2022): whatever the alarm has
    been through before. That no history of an alarm hides its cause is the same property of the alarms' search."""
    if w.took:
        reason = REASONS[w.pump.reason]
        alarm = _TOLD_BY.get(reason, reason)
        if w.pump.state == codes.FAULT:
            assert _stands(w, alarm), "a fault without its alarm"
            priority, flags = TABLE[ALARMS.index(alarm)][:2]
            assert priority == HIGH and flags & LATCHING, "an alarm that nobody need see"
        elif reason not in _WANTED and not (reason == "time-limit" and w.was == codes.ARMED):
            assert _stands(w, alarm) or w.watch._expired, "nobody is told why"


def p12_loss_of_the_host_sounds_in_the_turn_in_which_it_is_found(w: World) -> None:
    """Loss of the host unnoticed (H1): heard, not only shown."""
    if w.took and w.pump.reason == codes.WHY_LEASE_LAPSED:
        assert _stands(w, "link-lost")


# The alarm that a reason is told by, where it is not of the same name, and reasons that somebody wanted.
_TOLD_BY = {
    "complete": "infusion-complete",
    "kvo": "kvo-running",
    "lease-lapsed": "link-lost",
    "no-contact": "syringe-unfitted",
    "reset": "reset-interrupted",
    "task-overrun": "internal",
    "window-limit": "rate-limit",
}
_WANTED = ("none", "host-stop", "local-stop", "paused")
_CAUSE_IS_THERE = (ALARM_STATES.index("active"), ALARM_STATES.index("acknowledged"))


def _stands(w: World, alarm: str) -> bool:
    return w.alarms.state[ALARMS.index(alarm)] in _CAUSE_IS_THERE


def p13_never_faster_than_ordered_and_allowed(w: World) -> None:
    """Flow above the programme's or the board's limit: overinfusion. A drive that races is p2's and the watch's."""
    if w.trouble != "drive races":
        fastest = max(w.flows)
        assert abs(w.moved) <= fastest * w.took // 60_000 * STEPS // V + 2
        assert fastest <= min(w.pump.programme.limit_rate, LIMITS["max_rate"]) or w.pump.state not in DELIVERS


_WHY = {
    codes.STOPPED: (
        codes.WHY_HOST_STOP,
        codes.WHY_LOCAL_STOP,
        codes.WHY_LEASE_LAPSED,
        codes.WHY_TIME_LIMIT,
        codes.WHY_WINDOW_LIMIT,
        codes.WHY_OCCLUSION,
        codes.WHY_NO_CONTACT,
        codes.WHY_DISCONNECT,
        codes.WHY_UNFITTED,
    ),
    codes.COMPLETE: (codes.WHY_COMPLETE,),
    codes.KVO: (codes.WHY_KVO, codes.WHY_LEASE_LAPSED),
    codes.PAUSED: (codes.WHY_PAUSED, codes.WHY_DISCONNECT),
    codes.TAKING_UP: (codes.WHY_NONE,),
    codes.BACKING_OFF: (codes.WHY_OCCLUSION,),
    codes.PRIMING: (codes.WHY_NONE,),
    codes.INFUSING: (codes.WHY_NONE, codes.WHY_LEASE_LAPSED),
    codes.BOLUS: (codes.WHY_NONE, codes.WHY_LEASE_LAPSED),
    codes.FAULT: (
        codes.WHY_TASK_OVERRUN,
        codes.WHY_ENCODER_DISAGREES,
        codes.WHY_ENCODER_LOST,
        codes.WHY_STALLED,
        codes.WHY_SLIPS,
        codes.WHY_DRIVE_FAULT,
        codes.WHY_UNDER_DELIVERY,
        codes.WHY_VOLUME_LIMIT,
        codes.WHY_JOURNAL,
        codes.WHY_FORCE,
    ),
    codes.UNCONFIRMED: (codes.WHY_RESET, codes.WHY_LEASE_LAPSED, codes.WHY_TIME_LIMIT),
}


def p17_the_reason_that_is_told_goes_with_the_state(w: World) -> None:
    """Delivered but reported as failed, or the reverse: somebody gives it again (Medfusion 3500/4000, 2024)."""
    assert w.pump.reason in _WHY.get(w.pump.state, (w.pump.reason,))
    if w.pump.state == codes.COMPLETE:
        left = w.pump.programme.vtbi - w.delivered() * V // STEPS
        assert left <= V // STEPS + 1, "complete is what is wholly delivered"
    if w.pump.reason == codes.WHY_LEASE_LAPSED and w.pump.state in (codes.INFUSING, codes.BOLUS):
        assert w.pump.programme.on_loss == codes.LOSS_CONTINUE
