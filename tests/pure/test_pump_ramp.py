"""Ramps: the motor is never hurried, whatever comes after whatever, and not a step is gained or lost by it."""

from math import sqrt

from pump import codes
from pump.course import NO_LOOP, Course
from pump.ramp import MOST_HZ, Ramp, motor_hz, word_steps
from pump.steps import QUEUE, steps_ahead, top_flow
from pump.syringe import nl_per_rev
from pump_fakes import LEAD_NM, LIMITS, STEPS, Bed

MOTOR = {"max_start_hz": 8_000, "max_hz": 12_000, "acceleration": 100_000}
LIVELY = {"max_start_hz": 2_000, "max_hz": 32_000, "acceleration": 400_000}
LAZY = {"max_start_hz": 1_000, "max_hz": 12_000, "acceleration": 20_000}
V3 = 58_900  # nL a turn of a 3 mL syringe
V1 = 17_350  # of a 1 mL one


def _flow(hz, v=V3):
    """nL/min of so many steps a second."""
    return hz * 60 * v // STEPS


def _course(legs, vtbi, v=V3, motor=MOTOR, loop=NO_LOOP):
    course = Course(motor)
    course.build(legs, loop, vtbi, v, STEPS)
    return course


def _words(course, most=1 << 30, us=1 << 60):
    """(count, period, flow) of words until the end, or so many words or us."""
    out = []
    while len(out) < most and us > 0 and course.word():
        out.append((course.count, course.period, course.flow))
        us -= max(1, course.count) * course.period
    return out


def _steps(words):
    return sum([count for count, _, _ in words])


def _assert_followed(words, motor, from_rest=True, to_rest=True):
    """No word is further from its neighbour's speed than the acceleration brings in the longer one's time; of 1 us,
    to which periods are rounded, either may lack half."""
    start, a = motor["max_start_hz"], motor["acceleration"]
    before = (start, 0) if from_rest else None
    speeds = [(1e6 / period, count * period / 1e6) if count else (0, 0) for count, period, _ in words]
    if to_rest:
        speeds.append((0, 0))
    for speed, lasts in speeds:
        if before is not None:
            low, high = sorted([max(speed, start), max(before[0], start)])
            allowed = a * max(lasts, before[1]) * 1.02 + high * high * 1.5e-6
            assert high - low <= allowed, (before, speed, allowed)
        before = (speed, lasts)


def _assert_flows_are_told(words, v=V3):
    for count, period, flow in words:
        if count:
            assert abs(flow * period - 60e6 * v / STEPS) <= flow * 1.01 + 60e6 * v / STEPS / 10_000


def test_the_speed_at_a_place_is_that_of_constant_acceleration():
    for motor in (MOTOR, LIVELY, LAZY):
        ramp = Ramp(motor)
        for place in (0, 1, 7, 100, 555, 1_999):
            hz = min(sqrt(motor["max_start_hz"] ** 2 + 2 * motor["acceleration"] * place), MOST_HZ)
            assert 0 <= ramp.period(place) - 1e6 / hz < 1.1 + 1e6 / hz**2, (motor, place)
        assert ramp.place(-(-1_000_000 // motor["max_start_hz"])) == 0 == ramp.place(1 << 29)
        for period in (31, 40, 62, 83, 100):
            if 1e6 / period > motor["max_start_hz"]:
                place = ramp.place(period)
                assert ramp.period(place) - 1 <= period, "where the place is, the period is allowed"
                assert place == 0 or ramp.period(place // 2) > period


def test_a_motor_that_nobody_has_measured_does_not_move():
    assert motor_hz(MOTOR) == 12_000
    assert motor_hz({"max_start_hz": 8_000, "max_hz": 12_000}) == 8_000, "no acceleration, no ramp"
    assert motor_hz({"max_start_hz": 8_000, "max_hz": 5_000}) == 5_000
    assert motor_hz({"max_hz": 12_000}) == motor_hz({"max_start_hz": 8_000, "acceleration": 1}) == motor_hz({}) == 0
    assert top_flow(V3, STEPS, 0) == 0
    bed = Bed(limits={})
    assert bed.offer()[0] == codes.RATE_LIMIT


def test_a_flow_faster_than_the_start_is_reached_and_left_on_a_ramp_and_delivers_its_steps():
    for motor, hz in ((MOTOR, 12_000), (MOTOR, 8_100), (LIVELY, 32_000), (LAZY, 12_000), (LAZY, 1_001)):
        flow = _flow(hz)
        for volume in (20, 2_000, 100_000, 400_000):
            course = _course(((flow, flow, 0, 0),), volume, motor=motor)
            words = _words(course)
            assert _steps(words) == volume * STEPS // V3 and course.left == 0
            _assert_followed(words, motor)
            _assert_flows_are_told(words)
        assert max([f for _, _, f in words]) == flow, "reached"
        us = sum([count * period for count, period, _ in words])
        start, a = motor["max_start_hz"], motor["acceleration"]
        due = volume * 60e6 / flow
        lost = 2 * (hz - start) ** 2 / (2 * a * hz) * 1e6  # of both ramps
        assert due + 0.5 * lost - 1000 < us < due + 1.7 * lost + 20_000, (hz, us - due, lost)


def test_a_ramp_loses_its_time_once_and_the_flow_does_not_drift_after_it():
    flow = _flow(11_111)
    course = _course(((flow, flow, 0, 0),), 50_000_000)
    _words(course, us=1_000_000)
    us = steps = 0
    least, most = 1e9, -1e9
    for _ in range(10_000):
        assert course.word() and course.flow == flow
        us += course.count * course.period
        steps += course.count
        late = us - steps * 60e6 * V3 / (flow * STEPS)
        least, most = min(least, late), max(most, late)
    assert most - least <= 2 * 136, "a word's steps, by 1 us each"


def test_every_leg_keeps_its_volume_however_fast_its_neighbours_are():
    fast, faster, slow = _flow(10_500), _flow(12_000), _flow(300)
    legs = (
        (fast, fast, 100_000, 0),
        (faster, faster, 9_000, 0),
        (slow, slow, 3_000, 0),
        (faster, faster, 100_000, 0),
        (0, 0, 0, 1),
        (faster, faster, 40, 0),
        (fast, fast, 120, 0),
        (0, 0, 0, 1),
        (fast, faster, 0, 2),
        (slow, slow, 0, 0),
    )
    vtbi = 900_000
    course = _course(legs, vtbi)
    words = _words(course)
    assert _steps(words) == vtbi * STEPS // V3
    _assert_followed(words, MOTOR)
    _assert_flows_are_told(words)
    pauses = [i for i in range(len(words)) if not words[i][0]]
    before = _steps(words[: pauses[0]])
    assert before == 212_000 * STEPS // V3, "no leg borrows steps from another"


def test_a_loop_of_fast_doses_stops_for_each_pause():
    fast = _flow(12_000)
    course = _course(((fast, fast, 30_000, 0), (0, 0, 0, 1)), 300_000, loop=0)
    words = _words(course)
    assert course.left == 0 and _steps(words) == 300_000 * STEPS // V3
    _assert_followed(words, MOTOR)


def test_the_end_of_the_volume_is_seen_beyond_the_end_of_a_leg():
    fast, faster = _flow(11_000), _flow(12_000)
    for last in (30, 100, 3_000):
        course = _course(((fast, fast, 30_000, 0), (faster, faster, 30_000, 0)), 150_000 + last, loop=0)
        words = _words(course)
        assert _steps(words) == (150_000 + last) * STEPS // V3
        _assert_followed(words, MOTOR)


def test_the_motor_does_not_slow_down_between_two_fast_slices():
    fast, faster = _flow(11_000), _flow(12_000)
    course = _course(((fast, fast, 60_000, 0), (faster, faster, 60_000, 0)), 600_000, loop=0)
    words = _words(course)
    _assert_followed(words, MOTOR)
    inside = [period for _, period, _ in words if period <= 92]
    first, last = [i for i in range(len(words)) if words[i][1] <= 92][:: len(inside) - 1]
    assert last - first + 1 == len(inside), "fast all the way, through nine ends of legs"
    course = _course(((fast, fast, 0, 0),), 600_000)
    _words(course, us=400_000)
    course.set_bolus(faster, 60_000)
    course.bolus()
    words = _words(course, us=700_000)
    assert not course.giving and max([period for _, period, _ in words]) <= 92, "into the bolus and out of it"


def test_what_follows_is_seen_whether_it_is_short_or_under_a_bolus():
    fast, slow = _flow(12_000), _flow(100)
    legs = ((fast, fast, 60_000, 0), (fast, fast, 300, 0), (0, 0, 0, 1))
    legs += ((slow, slow, 2_000, 0), (fast, fast, 60_000, 0))
    course = _course(legs, 122_300)
    words = _words(course, us=1_600_000)
    assert course.flow == slow
    course.set_bolus(fast, 60_000)
    course.bolus()  # the leg that is due is slow, the one after it fast
    while course.giving:
        words += _words(course, 1)
    words += _words(course)
    assert course.left == 0
    _assert_followed(words, MOTOR)


def test_a_bolus_in_a_slow_flow_begins_and_ends_gently_and_is_exact():
    slow, fast = _flow(40), _flow(12_000)
    for nl in (200, 5_000, 20_000, 200_000):
        course = _course(((slow, slow, 0, 0),), 2_000_000)
        words = _words(course, us=2_000_000)
        course.set_bolus(fast, nl)
        course.bolus()
        words += _words(course, us=nl * 60_000_000 // fast + 2_000_000)
        assert course.given == nl * STEPS // V3
        _assert_followed(words, MOTOR, to_rest=False)


def test_a_bolus_in_a_flow_that_is_fast_itself_stays_on_the_ramp():
    for flow_hz, bolus_hz in ((9_000, 12_000), (12_000, 9_000), (12_000, 100), (12_000, 12_000)):
        for nl in (20, 2_000, 60_000):
            course = _course(((_flow(flow_hz), _flow(flow_hz), 0, 0),), 2_000_000)
            words = _words(course, us=500_000)
            course.set_bolus(_flow(bolus_hz), nl)
            course.bolus()
            while course.giving:
                words += _words(course, 1)
            _assert_followed(words, MOTOR, to_rest=False)
            assert course.given == nl * STEPS // V3
            words += _words(course)
            assert _steps(words) == 2_000_000 * STEPS // V3
            _assert_followed(words, MOTOR)


def test_a_changed_rate_is_gone_to_within_the_acceleration_and_the_volume_stays():
    for motor, v in ((MOTOR, V3), (LIVELY, V1)):
        rates = [motor["max_hz"], 9_000, motor["max_hz"] - 7, 50, 8_100, 2, motor["max_hz"], 1_999]
        course = _course(((_flow(9_000, v), _flow(9_000, v), 0, 0),), 900_000, v, motor)
        words = []
        for i in range(40):
            words += _words(course, us=(1_000, 30_000, 130_000, 400_000)[i % 4])
            course.change(_flow(rates[i % len(rates)], v))
        course.change(_flow(motor["max_hz"], v))
        words += _words(course)
        assert _steps(words) == 900_000 * STEPS // v
        _assert_followed(words, motor)
        _assert_flows_are_told(words, v)


def test_after_a_stand_the_first_word_is_one_that_the_motor_starts_with():
    fast = _flow(12_000)
    course = _course(((fast, fast, 0, 0),), 2_000_000)
    _words(course, us=1_000_000)
    assert course.word() and course.period <= 84
    course.stand()
    assert course.word() and course.period == 125
    course.begin()
    assert course.word() and course.period == 125


def test_words_of_a_ramp_are_what_was_announced_and_share_the_budget():
    for motor, v in ((MOTOR, V3), (LIVELY, V1), (LIVELY, V3), (LAZY, 180_000)):
        hz = min(motor["max_hz"], 20_000_000 * STEPS // (60 * v))
        flow = _flow(hz, v)
        course = _course(((flow, flow, 1_500_000, 0), (_flow(1, v), _flow(1, v), 0, 0)), 1_501_000, v, motor)
        share = -(-steps_ahead(v, STEPS) // QUEUE)
        while course.left > 100:
            most = course.word_steps()
            assert course.word() and course.count <= min(most, share)
            assert course.count * course.period <= 40_001
    assert [word_steps(us) for us in (125, 83, 31, 8_000)] == [62, 94, 252, 1]


def test_the_pump_runs_its_ramps_without_a_dry_queue_or_a_false_alarm():
    for motor in (MOTOR, LIVELY, LAZY):
        for bore in (8_660, 4_700, 12_060):
            limits = dict(LIMITS)
            limits.update(motor)
            bed = Bed(limits=limits)
            v = nl_per_rev(bore, LEAD_NM)
            top = min(20_000_000, top_flow(v, STEPS, motor["max_hz"]))
            bed.infuse(bore=bore, rate=top, vtbi=1_000_000, bolus=400_000)
            for i in range(4000):
                bed.grant(3000)
                bed.step((20, 25, 40, 33)[i % 4])
                if i % 20 == 3 and bed.pump.state == codes.INFUSING:
                    out = [0] * 7
                    if bed.pump.change(7, codes.TO_RATE, (top // 7, top)[i // 20 % 2], 0, out)[0] == codes.OK:
                        assert bed.pump.apply(7, out[6]) == (codes.OK, 0)
                if bed.pump.state not in (codes.INFUSING, codes.BOLUS):
                    break
            assert (bed.pump.state, bed.pump.reason) == (codes.COMPLETE, codes.WHY_COMPLETE), (motor, bore)
            assert bed.drive.made == 1_000_000 * STEPS // v and bed.drive.dry_runs() == 1, "dry at its end only"


def test_a_loop_that_is_late_once_starts_the_motor_from_rest_again():
    bed = Bed()
    bed.infuse(bore=8_660, rate=_flow(12_000), vtbi=2_000_000)
    periods = []
    push = bed.drive.push

    def note(count, period):
        periods.append(period)
        push(count, period)

    bed.drive.push = note
    bed.run(600, lease_ms=3000)
    assert periods[-1] <= 84
    bed.grant(3000)
    bed.step(80)
    assert bed.pump.state == codes.INFUSING
    first = periods.index(125, len(periods) - QUEUE)
    assert sorted(periods[first:], reverse=True) == periods[first:], "from the start's speed up"
