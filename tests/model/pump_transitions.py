"""What an event may change, by what was so before it and what is after it."""

from __future__ import annotations

from pump import codes
from tests.model.pump_before import MAY_HOLD, MAY_RUN, UNDER_WAY, Before, before
from tests.model.pump_events import TIMELY
from tests.model.pump_orders import LIMITS, V
from tests.model.pump_world import World
from tests.pure.pump_fakes import STEPS

RESETS = ("reset", "power cut")


def _untold(was: Before, event: str) -> bool:
    """The supply failed before a failing flash had taken what there was to say."""
    return event == "power cut" and was.unsaid


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
        assert now == was.delivered or event in TIMELY or event in RESETS
    if w.pump.encoder.volume() != was.measured and event not in TIMELY:
        assert event in ("clear", "leg", "start", "purge", *RESETS) or event.startswith("offer"), (
            "nor what was measured"
        )


def p6_a_fault_stays_until_it_is_cleared(w: World, was: Before, event: str) -> None:
    """A fault forgotten is a failure that goes on; the first reason is the one that is told."""
    if was.state == codes.FAULT and event != "clear" and not _untold(was, event):
        assert w.pump.state == codes.FAULT and w.pump.reason == was.reason


def p6_what_was_cleared_does_not_come_back(w: World, was: Before, event: str) -> None:
    """A pump that cannot be used after a fault is one that somebody works around."""
    if event in ("beat", "hours") and was.state not in MAY_RUN and not was.unsaid:
        assert w.pump.state != codes.FAULT or was.state == codes.FAULT


def p8_after_any_reset_the_pump_stands_and_says_so(w: World, was: Before, event: str) -> None:
    """A pump that resumes by itself after a reset (H7)."""
    if event in RESETS:
        assert w.pump.state in (codes.STANDBY, codes.UNCONFIRMED, codes.FAULT)
        assert not w.bed.drive.energised and w.bed.drive.queued() == 0
        if _untold(was, event):
            dose = was.programme[0] != 0  # a priming has none, and opens no record
            assert was.state != codes.FAULT or w.pump.state != codes.STANDBY or not dose, "an interruption, at least"
        else:
            assert (w.pump.state == codes.FAULT) == (was.state == codes.FAULT)
        if was.state in UNDER_WAY:
            left = w.pump.was
            assert w.pump.state == codes.UNCONFIRMED and left.programme == was.programme[0]
            assert left.low * STEPS <= w.delivered() * V <= left.high * STEPS


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
    assert event in TIMELY or event in RESETS or w.bed.drive.made == was.made


def p15_what_runs_cannot_be_programmed(w: World, was: Before, event: str) -> None:
    """Settings changed under a running delivery; the board's own limits never change at all."""
    assert w.pump._limits == LIMITS
    if was.state in (*UNDER_WAY, codes.ARMED, codes.CONFIRMED) and w.pump.state in UNDER_WAY:
        now = before(w)
        assert (now.programme, now.legs, now.own) == (was.programme, was.legs, was.own)
    if before(w).programme != was.programme:
        assert event in ("clear", "leg", *RESETS) or event.startswith("offer"), "by nobody"


def p16_running_begins_with_a_confirmed_programme_and_a_start(w: World, was: Before, event: str) -> None:
    """Two steps to a start (H27): offered, read back, compared by a human, armed, started."""
    if w.pump.state in MAY_RUN and was.state not in MAY_RUN:
        assert was.state in (codes.PAUSED, codes.STANDBY) or (was.confirmed and not w.shaken)
        assert (event, was.state) in _BEGINNINGS
        assert (w.pump.state == codes.PRIMING) == (event == "purge")
    if w.pump.state != was.state and w.pump.state in _STEPS:
        assert event in _STEPS[w.pump.state] or event.startswith("offer"), "a step that nobody took"


_STEPS = {
    codes.PROGRAMMED: ("leg", "session"),
    codes.CONFIRMED: ("confirm",),
    codes.ARMED: ("arm",),
    codes.STANDBY: ("clear", "stop", *RESETS, *TIMELY),
    codes.UNCONFIRMED: ("clear", *RESETS),
}
_BEGINNINGS = (("start", codes.ARMED), ("resume", codes.PAUSED), ("purge", codes.STANDBY))
