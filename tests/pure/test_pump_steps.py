"""Step plans and volumes: exact for ever, never past the programme, never much ahead of the shaft."""

from pump.course import NO_LOOP, Course
from pump.steps import PLANNED_NL, QUEUE, StepVolume, bottom_flow, pace, top_flow
from pump.syringe import nl_per_rev, seconds_for, steps_in
from pump_fakes import BD50, LEAD_NM, STEPS, Drive

ML_H = 1_000_000 // 60  # nL/min in 1 mL/h, rounded down
# flow nL/min, bore um: slowest to fastest, 1 mm to 60 mm
CASES = (
    (167, 60_000),
    (167, 1_000),
    (167, 4_780),
    (ML_H, BD50),
    (10 * ML_H + 7, BD50),
    (166_667, 14_500),
    (999_983, 19_130),
    (4_616_667, 12_060),
    (58_000, 1_000),
    (20_000_000, BD50),
    (20_000_000, 60_000),
    (13_331_333, 26_640),
)


def _steady(flow, v, steps=1 << 29):
    """A course of one flow for so many steps, of a syringe of v nL a turn."""
    course = Course()
    course.build(((flow, flow, 0, 0),), NO_LOOP, 1_000_000, v, STEPS)
    course.total = steps
    course.begin()
    return course


def test_a_turn_displaces_the_barrels_area_times_the_lead():
    # pi/4 * d^2 * 1 mm, in nL
    for bore, expected in ((1_000, 785), (4_780, 17_945), (14_500, 165_130), (BD50, 559_902), (60_000, 2_827_433)):
        assert nl_per_rev(bore, LEAD_NM) == expected
    assert nl_per_rev(BD50, 2 * LEAD_NM) == 1_119_805


def test_whole_steps_never_displace_more_than_the_volume():
    for bore in (1_000, 4_780, BD50, 60_000):
        v = nl_per_rev(bore, LEAD_NM)
        for volume in (1, 999, 1_000_000, 99_999_999, 100_000_000):
            steps = steps_in(volume, v, STEPS)
            assert steps * v <= volume * STEPS < (steps + 1) * v
    assert seconds_for(1_000_000, 1_000_000) == 60
    assert seconds_for(1_000_001, 1_000_000) == 61


def test_no_flow_drifts_from_its_due_time():
    for flow, bore in CASES:
        v = nl_per_rev(bore, LEAD_NM)
        top, bottom = 60_000_000 * v, flow * STEPS  # us a step = top / bottom
        plan = _steady(flow, v)
        us = steps = 0
        for _ in range(20_000):
            assert plan.word()
            us += max(1, plan.count) * plan.period
            if plan.count == 0:
                continue
            steps += plan.count
            late = us * bottom - steps * top
            assert -plan.count * bottom < late <= 0, (flow, bore, steps)


def test_a_plan_ends_with_the_last_step_of_the_programme():
    for flow, bore in CASES:
        v = nl_per_rev(bore, LEAD_NM)
        for total in (1, 2, 7, 22, 321) if flow > 50_000 else (1, 2):
            plan = _steady(flow, v, total)
            steps = 0
            while plan.word():
                assert plan.count <= plan.count + plan.left <= total
                steps += plan.count
            assert steps == total and plan.left == 0
            assert not plan.word() and plan.word_steps() == 0


def test_words_are_short_so_that_little_is_ever_committed():
    for flow, bore in CASES:
        plan = _steady(flow, nl_per_rev(bore, LEAD_NM))
        for _ in range(1000):
            assert plan.word()
            assert max(1, plan.count) * plan.period <= 40_001


def test_a_full_queue_lasts_for_several_turns_of_the_loop_and_holds_little_volume():
    for flow, bore in CASES:
        v = nl_per_rev(bore, LEAD_NM)
        plan = _steady(flow, v)
        drive = Drive()
        drive.enable(True)
        for _ in range(200):
            room = drive.room() - QUEUE + plan.depth
            while room > 0 and drive.queued() + plan.word_steps() <= plan.ahead and plan.word():
                drive.push(plan.count, plan.period)
                room -= 1
            assert drive.queued() * v <= PLANNED_NL * STEPS
            # 60 ms, or as much as PLANNED_NL lasts but for one word
            assert drive.queued_us() >= min(60_000, 50_000 * 20_000_000 // flow), (flow, bore)
            drive.pass_time(7_001)


def test_flows_that_no_period_fits_are_refused():
    for bore in (1_000, BD50, 60_000):
        v = nl_per_rev(bore, LEAD_NM)
        for flow, fits in (
            (top_flow(v, STEPS), True),
            (top_flow(v, STEPS) + 1, False),
            (bottom_flow(v, STEPS), True),
            (bottom_flow(v, STEPS) - 1, False),
        ):
            try:
                pace(flow, v, STEPS)
            except (ValueError, ZeroDivisionError):
                assert not fits, (bore, flow)
            else:
                assert fits, (bore, flow)
    # 0.01 mL/h goes in every syringe, 1200 mL/h in a 50 mL one
    assert bottom_flow(nl_per_rev(60_000, LEAD_NM), STEPS) <= 166
    assert top_flow(nl_per_rev(BD50, LEAD_NM), STEPS) >= 20_000_000


def test_volume_of_steps_carries_every_remainder():
    for per_rev, v in ((STEPS, 559_902), (STEPS, 785), (4096, 2_827_433), (7, 3)):
        volume = StepVolume()
        volume.begin(v, per_rev)
        total = 0
        for i in range(3000):
            steps = (i * 7919) % 401 - 150
            volume.add(steps)
            total += steps
            assert volume.nl == total * v // per_rev


def test_a_volume_begins_at_zero_without_the_remainder_of_before():
    volume = StepVolume()
    volume.begin(559_902, STEPS)
    volume.add(3)
    assert volume.nl == 524, "and 2906 of 3200 parts of one nL"
    volume.begin(559_902, STEPS)
    assert volume.nl == 0
    volume.add(1)
    assert volume.nl == 174, "and 3102 parts; with those of before it would be 175"


def test_a_syringe_of_which_one_step_is_more_than_may_be_queued_takes_no_flow():
    at_the_limit = PLANNED_NL * STEPS
    assert top_flow(at_the_limit, STEPS) > 0
    assert top_flow(at_the_limit + 1, STEPS) == 0


def test_a_copied_volume_goes_on_from_the_same_remainder():
    a, b = StepVolume(), StepVolume()
    a.begin(559_902, STEPS)
    a.add(777)
    b.take(a)
    for _ in range(10):
        a.add(13)
        b.add(13)
        assert a.nl == b.nl
    assert a.nl == (777 + 130) * 559_902 // STEPS
