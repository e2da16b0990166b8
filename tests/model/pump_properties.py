"""The properties that no reachable state of the pump may break, by the hazard or the recall that each comes from.

Each has checks of a moment, of a transition, or both.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from tests.model import pump_moments as moments
from tests.model import pump_transitions as transitions
from tests.model.pump_before import Before
from tests.model.pump_world import World


class Property(NamedTuple):
    """number: of the fifteen, or beyond. moments, events: the checks. elsewhere: tests that prove it, where no event of
    this search could break it, and why."""

    number: str
    moments: tuple[Callable[[World], None], ...] = ()
    events: tuple[Callable[[World, Before, str], None], ...] = ()
    elsewhere: tuple[str, ...] = ()


PROPERTIES = (
    Property("P1", (moments.p1_current_and_motion_only_where_they_may_be,)),
    Property("P2", (moments.p2_never_more_than_the_programme_may_deliver,)),
    Property("P3", (moments.p3_a_loading_dose_is_delivered_once,)),
    Property("P4", (moments.p4_no_bolus_begins_by_itself,), (transitions.p4_a_bolus_begins_by_an_order_or_a_press,)),
    Property(
        "P5",
        (moments.p5_the_count_is_what_the_drive_made,),
        (transitions.p5_the_count_falls_only_with_a_new_programme_or_a_clear,),
    ),
    Property(
        "P6",
        (moments.p6_after_a_fault_nothing_moves_until_something_new_is_confirmed,),
        (transitions.p6_a_fault_stays_until_it_is_cleared, transitions.p6_what_was_cleared_does_not_come_back),
    ),
    Property("P7", (moments.p7_why_the_pump_stands_sounds_in_the_turn_in_which_it_is_found,)),
    Property(
        "P8",
        (),
        (
            transitions.p8_after_any_reset_the_pump_stands_and_says_so,
            transitions.p8_what_a_reset_interrupted_is_read_by_a_human,
        ),
    ),
    Property("P9", (), (transitions.p9_stop_stands_in_one_step,)),
    Property(  # vital signs reach the pump through its interlock alone, which only takes away; what is old is a doubt
        "P11",
        elsewhere=(
            "tests/model/test_model_check.py::test_p11_the_pump_knows_of_vital_signs_what_its_interlock_says",
            "tests/pure/test_pump_guarded.py::test_in_every_state_a_trip_leaves_nothing_that_brings_drug",
            "tests/pure/test_pump_guarded.py::test_nothing_begins_or_grows_while_the_patient_is_not_normal",
            "tests/pure/test_interlock_table.py::test_every_combination",
            "tests/firmware/test_app_faults.py::test_numbers_are_withheld_when_the_task_that_made_them_has_died",
        ),
    ),
    Property(
        "P12",
        (
            moments.p12_a_lost_permission_is_told_at_once,
            moments.p12_loss_of_the_host_sounds_in_the_turn_in_which_it_is_found,
        ),
    ),
    Property(
        "P13",
        (moments.p13_never_faster_than_ordered_and_allowed,),
        (transitions.p13_an_order_alone_moves_nothing,),
    ),
    Property("P15", (), (transitions.p15_what_runs_cannot_be_programmed,)),
    Property("P17", (moments.p17_the_reason_that_is_told_goes_with_the_state,)),
    Property("P16", (), (transitions.p16_running_begins_with_a_confirmed_programme_and_a_start,)),
)
