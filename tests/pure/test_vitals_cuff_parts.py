"""The parts of the cuff's cycle by themselves: pulses, envelope, verdict, bleed and rise."""

from vitals.cuff_bleed import Bleed
from vitals.cuff_envelope import Envelope
from vitals.cuff_judge import IMPLAUSIBLE, IRREGULAR, MOTION, NO_PULSE, OK, Judge
from vitals.cuff_pulses import ROOM, Pulses
from vitals.cuff_rise import KINKED, LEAKS, RISING, Rise

SHAPE = (0, 6, 25, 57, 84, 98, 100, 97, 92, 87) + tuple(83 - 83 * n // 29 for n in range(30))  # % over 40 samples


def _wave(pulses, height, beats, fall=5, start=15_000, every=40):
    """Pulses of that height, 0.01 mmHg, in a pressure that falls by so much a sample."""
    for n in range(beats * every):
        at = n % every * 40 // every
        pulses.step(start - n * fall + height * SHAPE[at] // 100, 20)


def test_a_pulse_is_as_high_as_it_is_whatever_the_pressure_does_meanwhile():
    for fall in (0, 2, 5, 8, -3):
        for height in (60, 200, 800):
            pulses = Pulses()
            pulses.start(250)
            _wave(pulses, height, 12, fall)
            assert 9 <= pulses.count <= 12
            for i in range(2, pulses.count):
                assert abs(pulses.heights[i] - height) <= 4 + height // 16, (fall, height, pulses.heights[i])
                assert 780 <= pulses.intervals[i] <= 820


def test_a_pulse_lies_where_the_pressure_was_in_its_midst():
    pulses = Pulses()
    pulses.start(250)
    _wave(pulses, 200, 10, 5)
    # the rise of beat k ends at 15 000 - (40 k + 6) * 5, half of its height above that
    first = round((15_000 - pulses.pressures[0] * 10) / 200)
    for i in range(pulses.count):
        assert abs(pulses.pressures[i] * 10 - (15_000 - (40 * (i + first) + 5) * 5 + 100)) <= 40


def test_pulses_of_40_to_200_a_minute_are_found_one_by_one():
    for every in (75, 60, 40, 25, 19, 15):
        pulses = Pulses()
        pulses.start(250)
        _wave(pulses, 200, 20, 4, every=every)
        assert 17 <= pulses.count <= 20, (every, pulses.count)
        middle = sorted(list(pulses.intervals)[: pulses.count])[pulses.count // 2]
        assert abs(middle - every * 20) <= 20


def test_a_pressure_that_only_falls_has_no_pulses_nor_has_noise():
    pulses = Pulses()
    pulses.start(250)
    for n in range(2000):
        pulses.step(20_000 - 5 * n + n * 7 % 5 - 2, 20)
    assert pulses.count == 0


def test_there_is_room_for_so_many_pulses_and_no_more():
    pulses = Pulses()
    pulses.start(250)
    _wave(pulses, 300, ROOM + 40, 1, 20_000, 20)
    assert pulses.count == ROOM


def test_samples_of_one_moment_and_gaps_break_nothing():
    pulses = Pulses()
    pulses.start(250)
    for n in range(3000):
        pulses.step(12_000 + 500 * (n // 20 % 2), 0 if n % 3 else 60 if n % 7 else 4000)
    assert 0 <= pulses.count <= ROOM


def _hill(pulses, count=40, step=35, top=17, tall=250, beat=800):
    """A record: pulses 3.5 mmHg apart, on a hill with its top at that pulse."""
    for i in range(count):
        off = i - top
        pulses.pressures[i] = 1600 - step * i
        pulses.heights[i] = tall * 100 // (100 + off * off * 2)
        pulses.intervals[i] = beat
    pulses.count = count


def _found(pulses):
    envelope = Envelope(pulses)
    envelope.start(57, 70)
    judge = Judge(pulses, envelope)
    while not envelope.step():
        pass
    judge.start()
    while not judge.step():
        pass
    return envelope, judge


def test_three_pressures_are_where_the_hill_is_as_high_as_the_ratios_say():
    pulses = Pulses()
    _hill(pulses)
    envelope, judge = _found(pulses)
    # 1 / (1 + 0.02 n^2) is 0.57 at 6.14 pulses and 0.70 at 4.63
    assert abs(envelope.systolic - (1600 - 35 * (17 - 6.14))) <= 12
    assert abs(envelope.mean - (1600 - 35 * 17)) <= 5
    assert abs(envelope.diastolic - (1600 - 35 * (17 + 4.63))) <= 12
    assert judge.signal == OK and judge.pulse == 750


def test_one_pulse_that_is_unlike_its_neighbours_is_left_out():
    for at in (3, 10, 17, 25):
        for factor in (0, 3):
            pulses = Pulses()
            _hill(pulses)
            right, _ = _found(pulses)
            places = (right.systolic, right.mean, right.diastolic)
            pulses.heights[at] = pulses.heights[at] * factor
            envelope, _ = _found(pulses)
            assert envelope.left_out == 1 and not envelope.good[at]
            for a, b in zip(places, (envelope.systolic, envelope.mean, envelope.diastolic)):
                assert abs(a - b) <= 25


def test_a_record_without_one_of_its_flanks_is_implausible():
    for top in (2, 4):
        pulses = Pulses()
        _hill(pulses, top=top)
        assert _found(pulses)[1].signal in (IMPLAUSIBLE, NO_PULSE)
    pulses = Pulses()
    _hill(pulses, count=20)
    assert _found(pulses)[1].signal == IMPLAUSIBLE


def test_no_pulses_few_pulses_and_small_ones_are_no_pulse():
    pulses = Pulses()
    assert _found(pulses)[1].signal == NO_PULSE
    _hill(pulses, count=6)
    assert _found(pulses)[1].signal == NO_PULSE
    _hill(pulses, tall=25)
    assert _found(pulses)[1].signal == NO_PULSE


def test_intervals_that_are_unlike_each_other_are_irregular():
    pulses = Pulses()
    _hill(pulses)
    for i in range(0, 40, 2):
        pulses.intervals[i] = 1100
    assert _found(pulses)[1].signal == IRREGULAR


def test_heights_that_are_no_hill_and_pressures_that_do_not_fall_evenly_are_motion():
    pulses = Pulses()
    _hill(pulses)
    for i in range(40):
        pulses.heights[i] += 60 * (i & 1)
    assert _found(pulses)[1].signal == MOTION
    _hill(pulses)
    for i in range(19, 23):
        pulses.pressures[i] += 50
    assert _found(pulses)[1].signal == MOTION
    _hill(pulses)
    for i in range(32, 36):
        pulses.heights[i] = 200
    assert _found(pulses)[1].signal == MOTION


def _bled(gain, seconds, leak=0):
    """A cuff that falls by gain * duty + leak (0.01 mmHg/s); returns pressures by the second, and the Bleed."""
    bleed = Bleed()
    bleed.start(20_000, 250)
    pressure = 20_000.0
    seen = []
    for n in range(seconds * 50):
        pressure -= (gain * bleed.duty + leak) / 50
        bleed.step(int(pressure), 20)
        if n % 50 == 49:
            seen.append(pressure)
    return seen, bleed


def test_the_valve_finds_its_duty_whatever_a_percent_of_it_passes():
    for gain in (4, 8, 16):
        seen, bleed = _bled(gain, 60)
        assert abs((seen[30] - seen[55]) / 25 - 250) <= 15
        assert abs(bleed.duty - 250 // gain) <= 4 and not bleed.leaks


def test_a_small_leak_is_made_up_for_and_a_large_one_is_told():
    seen, bleed = _bled(8, 60, 150)
    assert abs((seen[30] - seen[55]) / 25 - 250) <= 20 and not bleed.leaks
    _, bleed = _bled(8, 15, 900)
    assert bleed.leaks and bleed.duty == 0


def test_a_cuff_that_rises_is_neither_leaking_nor_kinked_and_others_are():
    for rate, result in ((0, LEAKS), (1, LEAKS), (5, RISING), (20, RISING), (80, RISING), (300, KINKED)):
        rise = Rise()
        rise.start(0, 100)
        seen = RISING
        for n in range(250):
            seen = seen or rise.step(rate * n * 2, 20)
        assert seen == result, rate


def test_a_single_push_is_no_kink():
    rise = Rise()
    rise.start(0, 100)
    for n in range(200):
        assert rise.step(n * 40 + (2000 if 50 <= n < 53 else 0), 20) == RISING


def test_a_pump_that_never_arrives_is_given_up():
    rise = Rise()
    rise.start(0, 100)
    for n in range(2240):
        assert rise.step(n * 6, 20) == RISING
    for n in range(2240, 2260):
        seen = rise.step(n * 6, 20)
    assert seen == LEAKS
