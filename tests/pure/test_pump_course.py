"""Legs, ramps, loops, boluses and changes of rate: not a step more or less than the volumes say, each in its time."""

from pump.course import LEGS, NO_LOOP, SLICES, Course, CourseError, leg_volume
from pump.steps import bottom_flow, top_flow
from pump_fakes import STEPS

V = 559_902  # nL a turn of a 50 mL syringe
ML_H = 16_667  # nL/min, a little more than 1 mL/h
DAY = 86_400


def _course(legs, vtbi, loop=NO_LOOP, v=V):
    course = Course()
    course.build(legs, loop, vtbi, v, STEPS)
    return course


def _steps(nl, v=V):
    return nl * STEPS // v


def _play(course, us=1 << 60, steps=1 << 30):
    """Words until so much time or so many steps are planned: (us, steps)."""
    made = passed = 0
    while passed < us and made < steps:
        due = course.word_steps()
        if not course.word():
            assert due == 0
            break
        assert course.count == due or course.count == 0
        assert 0 < max(1, course.count) * course.period <= 40_001
        made += course.count
        passed += max(1, course.count) * course.period
    return passed, made


def _bolus(course, flow, nl):
    course.set_bolus(flow, nl)
    course.bolus()


def _refused(legs, vtbi, loop=NO_LOOP, v=V):
    course = Course()
    try:
        course.build(legs, loop, vtbi, v, STEPS)
    except CourseError as error:
        assert not course.word() and course.total == 0
        return error.leg
    return None


def test_one_open_leg_delivers_the_whole_volume_in_its_time():
    us, made = _play(_course(((10 * ML_H, 10 * ML_H, 0, 0),), 1_000_000))
    assert made == _steps(1_000_000)
    assert abs(us - 1_000_000 * 60_000_000 // (10 * ML_H)) < 2 * 65_000  # two steps


def test_a_loading_dose_is_followed_by_the_infusion():
    course = _course(((300 * ML_H, 300 * ML_H, 2_000_000, 0), (5 * ML_H, 5 * ML_H, 0, 0)), 5_000_000)
    us, made = _play(course, steps=_steps(2_000_000))
    assert made == _steps(2_000_000)
    assert abs(us - 2_000_000 * 60_000_000 // (300 * ML_H)) < 10_000
    assert course.flow == 300 * ML_H
    rest_us, rest = _play(course)
    assert made + rest == _steps(5_000_000)
    assert abs(rest_us - 3_000_000 * 60_000_000 // (5 * ML_H)) < 2 * 130_000
    assert course.flow == 5 * ML_H


def test_a_ramp_follows_its_straight_line_and_ends_with_its_exact_volume():
    for begin, end in ((0, 60 * ML_H), (60 * ML_H, 0), (6 * ML_H, 60 * ML_H), (60 * ML_H, 6 * ML_H)):
        seconds = 3600
        volume = leg_volume(begin, end, 0, seconds)
        assert volume == (begin + end) * 30
        course = _course(((begin, end, 0, seconds),), volume)
        made = us = 0
        for minute in range(5, 60, 5):
            more_us, more = _play(course, us=minute * 60_000_000 - us)
            us += more_us
            made += more
            t = us / 60e6
            due = (begin * t + (end - begin) * t * t / 120) * STEPS / V
            # the line is followed in 24 slices of equal time: at most an eighth of a slice's change of flow off
            off = abs(end - begin) / 24 / 8 * (60 / 24) * STEPS / V + 3
            assert abs(made - due) <= off, (begin, end, minute)
        more_us, more = _play(course)
        assert made + more == _steps(volume)
        slowest_us = 60_000_000 * V // (max(min(begin, end), abs(end - begin) // 48) * STEPS)
        assert abs(us + more_us - seconds * 1_000_000) <= 2 * slowest_us


def test_a_step_profile_gives_each_leg_its_volume():
    legs = []
    for i in range(LEGS):
        flow = (1 + i * 7 % 11) * 10 * ML_H
        legs.append((flow, flow, 33_333 + i, 0))
    course = _course(tuple(legs), sum([leg[2] for leg in legs]))
    before = 0
    for flow, _, volume, _ in legs:
        made = _play(course, steps=_steps(before + volume) - _steps(before))[1]
        assert made == _steps(before + volume) - _steps(before) and course.flow == flow
        before += volume
    assert not course.word()


def test_an_intermittent_infusion_pauses_to_the_millisecond_and_never_drifts():
    dose = 100_001
    course = _course(((60 * ML_H, 60 * ML_H, dose, 0), (0, 0, 0, 50)), 40 * dose, loop=0)
    total = us = 0
    for i in range(40):
        due = _steps((i + 1) * dose) - total
        dose_us, made = _play(course, steps=due)
        assert made == due, "the remainders of all doses before are carried"
        total += made
        us += dose_us
        if i < 39:
            pause_us, made = _play(course, us=50_000_000)
            assert (pause_us, made, course.flow) == (50_000_000, 0, 0)
            us += pause_us
    assert total == _steps(40 * dose)
    assert not course.word(), "the volume is reached: no pause after it"
    assert abs(us - 39 * 50_000_000 - 40 * dose * 60_000_000 // (60 * ML_H)) < 2 * 11_000


def test_a_loop_may_begin_after_a_loading_dose():
    legs = ((600 * ML_H, 600 * ML_H, 500_000, 0), (60 * ML_H, 60 * ML_H, 100_000, 0), (0, 0, 0, 10))
    course = _course(legs, 1_000_000, loop=1)
    _play(course, steps=_steps(500_000))
    for i in range(5):
        if i:
            assert _play(course, us=10_000_000) == (10_000_000, 0)
        assert _play(course, steps=_steps(600_000 + 100_000 * i) - _steps(500_000 + 100_000 * i))[1] > 0
        assert course.flow == 60 * ML_H
    assert not course.word()


def test_many_doses_smaller_than_a_step_add_up():
    course = _course(((60 * ML_H, 60 * ML_H, 100, 0), (60 * ML_H, 60 * ML_H, 75, 0), (0, 0, 0, 1)), 175_000, loop=0)
    us, made = _play(course)
    assert made == _steps(175_000) == 1000
    assert abs(us - 1000 * 1_000_000 - 175_000 * 60_000_000 // (60 * ML_H)) < 1_100_000


def test_a_bolus_comes_at_once_and_the_infusion_goes_on_where_it_was():
    course = _course(((5 * ML_H, 5 * ML_H, 0, 0),), 5_000_000)
    plain = _course(((5 * ML_H, 5 * ML_H, 0, 0),), 5_000_000)
    us, made = _play(course, us=60_050_000)
    assert _play(plain, us=60_050_000) == (us, made)
    _bolus(course, 300 * ML_H, 100_000)
    bolus_us, given = _play(course, steps=_steps(100_000))
    assert given == course.given == _steps(100_000) and course.flow == 300 * ML_H
    assert abs(bolus_us - 100_000 * 60_000_000 // (300 * ML_H)) < 3000
    assert course.left == course.total - made - given
    # each next word of the infusion is that of one that had no bolus
    for _ in range(1000):
        assert course.word() and plain.word()
        assert (course.count, course.period, course.flow) == (plain.count, plain.period, plain.flow)


def test_a_bolus_in_a_pause_leaves_the_rest_of_the_pause():
    course = _course(((60 * ML_H, 60 * ML_H, 100_000, 0), (0, 0, 0, 50)), 1_000_000, loop=0)
    _play(course, steps=_steps(100_000))
    _play(course, us=20_000_000)
    _bolus(course, 600 * ML_H, 20_000)
    _play(course, steps=_steps(20_000))
    assert _play(course, us=30_000_000) == (30_000_000, 0)
    assert course.word() and course.flow == 60 * ML_H


def test_a_bolus_never_passes_what_is_left_and_a_cancelled_one_ends_at_once():
    course = _course(((5 * ML_H, 5 * ML_H, 0, 0),), 50_000)
    _bolus(course, 300 * ML_H, 100_000)
    assert _play(course)[1] == _steps(50_000)
    course = _course(((5 * ML_H, 5 * ML_H, 0, 0),), 500_000)
    _bolus(course, 300 * ML_H, 100_000)
    _, made = _play(course, steps=100)
    course.cancel()
    assert course.given == made and course.word() and course.flow == 5 * ML_H
    assert _play(course)[1] + course.total - course.left >= _steps(500_000) - made
    assert course.left == 0


def test_hundreds_of_boluses_carry_their_remainders():
    course = _course(((ML_H, ML_H, 0, 0),), 20_000_000)
    given = 0
    for _ in range(300):
        _bolus(course, 600 * ML_H, 10_001)
        while course.word_steps() and course.flow == 600 * ML_H:
            assert course.word()
        given += course.given
    assert _steps(300 * 10_001) - 1 <= given <= _steps(300 * 10_001) + 1


def test_a_changed_rate_holds_from_the_next_word_and_the_volume_stays():
    course = _course(((5 * ML_H, 5 * ML_H, 0, 0),), 1_000_000)
    _, made = _play(course, us=120_000_000)
    course.change(50 * ML_H)
    assert course.word() and course.flow == 50 * ML_H
    made += course.count
    us, rest = _play(course)
    assert made + rest == _steps(1_000_000)
    assert abs(us - (1_000_000 - made * V // STEPS) * 60_000_000 // (50 * ML_H)) < 30_000


def test_rates_changed_over_and_over_neither_starve_nor_hurry_the_infusion():
    course = _course(((ML_H // 10, ML_H // 10, 0, 0),), 1_000_000)  # a step in 6.3 s
    us = made = 0
    exact = 0.0
    flow = ML_H // 10
    for i in range(4000):
        more_us, more = _play(course, us=1_000_000)
        us += more_us
        made += more
        exact += more_us / 60e6 * flow * STEPS / V
        flow = ML_H // 10 + (i * 7919 % 13) * 150
        course.change(flow)
    assert abs(made - exact) <= 2
    assert made > 800


def test_a_rate_may_change_during_a_bolus_without_touching_it():
    course = _course(((5 * ML_H, 5 * ML_H, 0, 0),), 5_000_000)
    _play(course, us=10_000_000)
    _bolus(course, 300 * ML_H, 100_000)
    _play(course, steps=200)
    course.change(7 * ML_H)
    assert course.word() and course.flow == 300 * ML_H
    _play(course, steps=_steps(100_000) - course.given)
    assert course.word() and course.flow == 7 * ML_H
    assert course.given == _steps(100_000)


def test_steps_that_were_not_made_come_first_and_are_not_lost():
    legs = ((60 * ML_H, 60 * ML_H, 100_000, 0), (0, 0, 0, 50), (6 * ML_H, 6 * ML_H, 100_000, 0))
    # put back in the leg itself, in the pause after it, and in the last leg
    for us in (3_000_000, 7_000_000, 60_000_000):
        course = _course(legs, 200_000)
        _, made = _play(course, us=us)
        course.put_back(20)
        assert course.left == course.total - made + 20
        assert _play(course)[1] == course.total - made + 20
        assert course.left == 0


def test_a_bolus_that_was_interrupted_is_never_resumed():
    course = _course(((5 * ML_H, 5 * ML_H, 0, 0),), 5_000_000)
    _bolus(course, 300 * ML_H, 100_000)
    _, made = _play(course, steps=100)
    course.put_back(40)
    for _ in range(3000):
        assert course.word() and course.flow == 5 * ML_H
    assert course.given == made


def test_an_extra_bolus_leaves_the_programmes_own_as_it_was():
    course = _course(((5 * ML_H, 5 * ML_H, 0, 0),), 5_000_000)
    course.set_bolus(300 * ML_H, 100_000)
    course.set_bolus(60 * ML_H, 20_000, True)
    for extra, flow, nl in ((True, 60, 20_000), (False, 300, 100_000), (False, 300, 100_000)):
        course.bolus(extra)
        assert course.word() and course.flow == flow * ML_H
        while course.flow == flow * ML_H:
            assert course.word()
        assert 0 <= course.given - _steps(nl) <= 1


def test_kvo_takes_over_from_anything_with_the_steps_it_is_given():
    for prepare in (0, 1, 2):
        course = _course(((60 * ML_H, 60 * ML_H, 100_000, 0), (0, 0, 0, 50)), 1_000_000, loop=0)
        course.keep_open(ML_H)
        if prepare == 1:
            _play(course, us=20_000_000)
        if prepare == 2:
            _bolus(course, 300 * ML_H, 100_000)
            _play(course, steps=9)
        course.slow(700)
        us, made = _play(course)
        assert (made, course.flow) == (700, ML_H)
        assert abs(us - 700 * 60_000_000 * V // (ML_H * STEPS)) < 700


def test_a_demand_pump_without_a_base_rate_waits_and_gives_only_boluses():
    course = Course()
    course.build(((0, 0, 0, DAY),), 0, 10_000_000, V, STEPS, demand=True)
    assert _play(course, us=100_000_000_000)[1] == 0, "more than a day"
    _bolus(course, 300 * ML_H, 50_000)
    assert _play(course, us=1_000_000)[1] == _steps(50_000)
    assert course.flow == 0 and course.left == _steps(10_000_000) - _steps(50_000)


def test_legs_that_cannot_be_are_refused_by_number_and_leave_nothing():
    good = (ML_H, ML_H, 1000, 0)
    slowest, fastest = bottom_flow(V, STEPS), top_flow(V, STEPS)
    assert _refused((good,), 1000) is None
    assert _refused((), 1000) == 0
    assert _refused((good,) * (LEGS + 1), 17_000) == 17
    assert _refused((good,) * LEGS, 16_000) is None
    for leg in (
        (slowest - 1, slowest - 1, 1000, 0),  # no pace
        (fastest + 1, fastest + 1, 1000, 0),
        (0, fastest + 1, 0, 60),
        (ML_H, ML_H, 1000, 60),  # a volume and a time
        (ML_H, 2 * ML_H, 1000, 60),
        (ML_H, 2 * ML_H, 0, 0),  # a ramp without time
        (ML_H, 0, 0, 0),
        (0, 0, 0, 0),  # a pause without time
        (0, 0, 1000, 0),
        (0, 0, 1000, 10),
    ):
        assert _refused((good, leg, good), 3000) == 1, leg
    assert _refused((good, (ML_H, ML_H, 0, 0), good), 3000) == 2, "nothing follows an open leg"
    assert _refused((good, (ML_H, ML_H, 0, 0)), 1000) == 2, "nothing is left for the open leg"
    assert _refused((good, good), 1999) == 2 and _refused((good, good), 2001) == 2
    assert _refused((good, (0, 0, 0, 10)), 5000, loop=2) == 2
    assert _refused((good, (0, 0, 0, 10)), 5000, loop=1) == 2, "a loop that delivers nothing"
    assert _refused(((ML_H, ML_H, 1, 0), (0, 0, 0, 10)), 5000, loop=0) == 2, "less than a step each time around"
    assert _refused(((ML_H, ML_H, 0, 0),), 5000, loop=0) == 1, "an open leg never comes around"
    assert _refused((good, (0, 0, 0, 10)), 1000) == 2, "a pause at the end"


def test_sixteen_ramps_fit_and_keep_their_volumes():
    legs = tuple([(ML_H * (1 + i % 3), ML_H * (2 + i % 3), 0, 600) for i in range(LEGS)])
    total = sum([leg_volume(*leg) for leg in legs])
    course = _course(legs, total)
    assert course._end <= SLICES * 9
    us, made = _play(course)
    assert made == _steps(total)
    assert abs(us - LEGS * 600_000_000) < 3_000_000


def test_beginning_again_forgets_the_way():
    course = _course(((60 * ML_H, 60 * ML_H, 100_000, 0), (0, 0, 0, 5)), 300_000, loop=0)
    first = []
    while course.word():
        first.append((course.count, course.period, course.flow))
    course.begin()
    _bolus(course, 300 * ML_H, 10_000)
    _play(course, steps=3)
    course.begin()
    again = []
    while course.word():
        again.append((course.count, course.period, course.flow))
    assert first == again and sum([count for count, _, _ in first]) == course.total
