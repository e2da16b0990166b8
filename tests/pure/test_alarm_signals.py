"""What is seen and heard, edge by edge, against the ranges of IEC 60601-1-8 (light [V], sound [V2]: second-hand)."""

from alarm.conditions import HIGH, LOW, MEDIUM
from alarm.signals import BURSTS, Signals
from alarm_ward import Ward
from assuage_wire.schema import S30

# ms, bounds included
HIGH_PULSE = (75, 200)
HIGH_SPACING = (50, 125)
HIGH_HALVES = (350, 1300)
HIGH_REST = (2500, 15_000)
MEDIUM_PULSE = (125, 250)
MEDIUM_SPACING = (125, 250)
MEDIUM_REST = (2500, 30_000)
LOW_REST = 15_000  # more than


def within(value, bounds):
    return bounds[0] <= value <= bounds[1]


def lengths(tones):
    return [end - begin for begin, end in tones]


def spacings(tones):
    return [tones[i + 1][0] - tones[i][1] for i in range(len(tones) - 1)]


def heard(name, ms, ticks=0, step=25):
    """The finished pulses of an alarm that stands for so long."""
    w = Ward(ticks)
    w.cause(name)
    w.run(ms, step)
    return [tone for tone in w.tones if tone[1] is not None]


def check_high(tones):
    """Whole bursts of ten: 3 and 2, twice."""
    assert len(tones) >= 20
    gaps = spacings(tones)
    for n in range(len(tones)):
        length = tones[n][1] - tones[n][0]
        assert within(length, HIGH_PULSE)
        if n < len(gaps):
            place = n % 10 + 1  # spacing place -> place + 1
            if place == 10:
                assert within(gaps[n], HIGH_REST)
            elif place == 5:
                assert within(gaps[n], HIGH_HALVES)
            elif place in (3, 8):
                x = gaps[0]
                assert gaps[n] == 2 * x + length
            else:
                assert within(gaps[n], HIGH_SPACING) and gaps[n] == gaps[0]


def test_a_high_alarm_sounds_as_the_table_says():
    for ticks in (0, S30 - 2000, S30 - 100):
        check_high(heard("occlusion", 30_000, ticks))


def test_a_medium_alarm_sounds_as_the_table_says():
    tones = heard("kvo-running", 40_000)
    assert len(tones) >= 9
    gaps = spacings(tones)
    for n in range(len(tones)):
        assert within(tones[n][1] - tones[n][0], MEDIUM_PULSE)
        if n < len(gaps):
            assert within(gaps[n], MEDIUM_REST if n % 3 == 2 else MEDIUM_SPACING)


def test_a_low_alarm_sounds_as_the_table_says():
    tones = heard("key-stuck", 100_000)
    assert len(tones) >= 6
    gaps = spacings(tones)
    for n in range(len(tones)):
        assert within(tones[n][1] - tones[n][0], MEDIUM_PULSE)
        if n < len(gaps):
            if n % 2:
                assert gaps[n] > LOW_REST
            else:
                assert within(gaps[n], MEDIUM_SPACING)


def test_a_loop_that_is_sometimes_late_makes_pulses_and_spacings_longer_never_shorter():
    w = Ward()
    w.cause("occlusion")
    for n in range(2000):
        w.turn(50 if n % 7 == 3 else 25)
    for n in range(len(w.tones) - 1):
        nominal = BURSTS[HIGH][n % 10 * 2]
        rest = BURSTS[HIGH][n % 10 * 2 + 1]
        assert nominal <= w.tones[n][1] - w.tones[n][0] <= nominal + 50
        assert within(w.tones[n][1] - w.tones[n][0], HIGH_PULSE)
        assert rest <= w.tones[n + 1][0] - w.tones[n][1] <= rest + 50


def test_every_duration_is_a_whole_number_of_turns():
    for burst in BURSTS:
        assert len(burst) % 2 == 0
        for ms in burst:
            assert ms % 25 == 0


def test_the_first_pulse_comes_in_the_turn_of_the_raise_and_the_light_with_it():
    for name, priority in (("occlusion", HIGH), ("kvo-running", MEDIUM), ("key-stuck", LOW)):
        w = Ward()
        w.run(5000)
        w.cause(name)
        w.turn()
        assert w.signals.buzzer
        assert (w.signals.red, w.signals.yellow) == (priority == HIGH, priority != HIGH)


# -- light -------------------------------------------------------------------------------------------------------------


def frequency_and_duty(spans):
    """In mHz and percent, of each whole period."""
    for n in range(len(spans) - 1):
        period = spans[n + 1][0] - spans[n][0]
        yield 1_000_000 // period, 100 * (spans[n][1] - spans[n][0]) // period


def test_a_high_alarm_flashes_red_and_only_red():
    for ticks in (0, S30 - 60_100):
        w = Ward(ticks)
        w.cause("occlusion")
        w.run(120_000)
        assert not w.yellows and len(w.reds) > 100
        for mhz, duty in frequency_and_duty(w.reds):
            assert 1400 <= mhz <= 2800 and 20 <= duty <= 60


def test_a_medium_alarm_flashes_yellow_and_only_yellow():
    w = Ward()
    w.cause("kvo-running")
    w.run(120_000)
    assert not w.reds and len(w.yellows) > 40
    for mhz, duty in frequency_and_duty(w.yellows):
        assert 400 <= mhz <= 800 and 20 <= duty <= 60


def test_a_low_alarm_is_steady_yellow():
    w = Ward()
    w.cause("key-stuck")
    w.run(120_000)
    assert not w.reds and w.yellows == [[25, None]]


def test_all_is_dark_and_silent_without_an_alarm():
    w = Ward()
    w.run(10_000)
    w.cause("occlusion")
    w.run(7000)
    w.acknowledge("occlusion")
    w.cause("occlusion", False)
    w.run(2000)
    w.forget()
    w.run(10_000)
    assert not w.tones and not w.reds and not w.yellows


def test_the_light_goes_on_while_it_is_acknowledged_or_paused():
    for quiet in (lambda w: w.acknowledge("occlusion"), lambda w: w.pause()):
        w = Ward()
        w.cause("occlusion")
        w.run(6975)
        quiet(w)
        w.turn()
        w.tones.clear()
        w.run(60_000)
        assert not w.tones
        reds = [span for span in w.reds if span[0] > 7000]
        assert len(reds) >= 119
        for mhz, duty in frequency_and_duty(reds):
            assert 1400 <= mhz <= 2800 and 20 <= duty <= 60


def test_a_more_urgent_light_replaces_the_other_in_the_same_turn_and_back():
    w = Ward()
    w.cause("key-stuck")
    w.run(500)
    w.cause("occlusion")
    w.turn()
    assert w.signals.red and not w.signals.yellow
    w.acknowledge("occlusion")
    w.cause("occlusion", False)
    w.run(1000)
    assert not w.signals.red and w.signals.yellow


# -- short and silenced ------------------------------------------------------------------------------------------------


def test_a_short_condition_still_finishes_half_a_burst_or_a_whole_one():
    for name, pulses in (("infusion-complete", 5), ("pca-limit", 3), ("pca-demand-locked", 2)):
        for lasted in (0, 25, 200, 500):
            w = Ward()
            w.cause(name)
            w.run(lasted)
            w.cause(name, False)
            w.run(60_000)
            assert len(w.tones) == pulses, (name, lasted)
            priority = {5: HIGH, 3: MEDIUM, 2: LOW}[pulses]
            burst = BURSTS[priority]
            assert lengths(w.tones) == [burst[2 * n] for n in range(pulses)]
            assert spacings(w.tones) == [burst[2 * n + 1] for n in range(pulses - 1)]
            assert w.state(name) == "idle" and not w.signals.red and not w.signals.yellow


def test_a_high_condition_that_ends_in_the_second_half_finishes_the_burst():
    w = Ward()
    w.cause("infusion-complete")
    while len(w.tones) < 6:
        w.turn()
    w.cause("infusion-complete", False)
    w.run(60_000)
    assert len(w.tones) == 10


def test_one_that_ends_between_bursts_or_between_the_halves_adds_nothing():
    for pulses in (5, 10):
        w = Ward()
        w.cause("infusion-complete")
        while len(w.tones) < pulses or w.tones[-1][1] is None:
            w.turn()
        w.run(100)
        w.cause("infusion-complete", False)
        w.run(60_000)
        assert len(w.tones) == pulses


def test_short_ones_of_several_priorities_are_all_heard_the_most_urgent_first():
    w = Ward()
    for name in ("pca-demand-locked", "infusion-complete", "pca-limit"):
        w.cause(name)
    for name in ("pca-demand-locked", "infusion-complete", "pca-limit"):
        w.cause(name, False)
    w.run(60_000)
    assert lengths(w.tones) == [150] * 5 + [200] * 3 + [200] * 2
    assert all(gap >= 100 for gap in spacings(w.tones))


def test_a_short_one_while_its_priority_rests_is_heard_in_the_next_burst():
    w = Ward()
    w.cause("key-stuck")
    w.run(5000)
    assert len(w.tones) == 2
    w.cause("pca-demand-locked")
    w.cause("pca-demand-locked", False)
    w.acknowledge("key-stuck")
    w.run(60_000)
    assert len(w.tones) == 4


def test_a_short_one_in_the_middle_of_a_burst_of_its_priority_gets_a_burst_of_its_own():
    for after in (100, 600):  # in its first pulse, and later
        w = Ward()
        w.cause("infusion-complete")
        w.cause("infusion-complete", False)
        w.run(after)
        w.cause("infusion-complete")
        w.cause("infusion-complete", False)
        w.run(60_000)
        assert len(w.tones) == 10 + 5


def test_what_somebody_silences_is_silent_in_the_next_turn_even_within_a_pulse():
    for quiet in (lambda w: w.acknowledge("occlusion"), lambda w: w.pause()):
        for after in (25, 100, 225, 700, 1500):
            w = Ward()
            w.cause("occlusion")
            w.run(after)
            quiet(w)
            w.turn()
            assert not w.signals.buzzer
            n = len(w.tones)
            w.run(30_000)
            assert len(w.tones) == n


def test_one_that_was_short_and_never_heard_is_silenced_by_its_acknowledgement_and_by_a_pause():
    w = Ward()
    w.cause("occlusion")  # latches
    w.cause("occlusion", False)
    w.acknowledge("occlusion")
    w.run(5000)
    assert not w.tones
    w.cause("pca-demand-locked")
    w.cause("pca-demand-locked", False)
    w.pause()
    w.run(200_000)
    assert not w.tones


def test_acknowledging_one_leaves_the_burst_of_another_of_its_priority_alone():
    w = Ward()
    w.cause("occlusion")
    w.cause("encoder-lost")
    w.run(400)
    w.acknowledge("occlusion")
    w.run(30_000)
    check_high([tone for tone in w.tones if tone[1] is not None])


def test_a_more_urgent_one_cuts_in_after_the_pulse_under_way():
    for after in (25, 100, 200, 225, 400, 3000):
        w = Ward()
        w.cause("kvo-running")
        w.run(after)
        w.cause("occlusion")
        cut = w.ms
        w.run(4000)
        high = [tone for tone in w.tones if tone[0] > cut and tone[1] and tone[1] - tone[0] == 150]
        assert len(high) == 10
        assert high[0][0] - cut <= 425, "pulse and spacing of the other, and a turn"
        for length in lengths([tone for tone in w.tones if tone[1]]):
            assert length in (150, 200)
        assert all(gap >= 100 for gap in spacings([tone for tone in w.tones if tone[1]]))


def test_a_more_urgent_one_does_not_wait_while_the_other_rests():
    for after in (1250, 3000, 9000):
        w = Ward()
        w.cause("kvo-running")
        w.run(after)
        assert len(w.tones) == 3
        w.cause("occlusion")
        w.turn()
        assert w.signals.buzzer


def test_the_less_urgent_one_is_heard_again_when_the_other_is_silenced():
    w = Ward()
    w.cause("occlusion")
    w.cause("kvo-running")
    w.run(350)  # within the second pulse
    assert w.signals.buzzer
    w.acknowledge("occlusion")
    w.turn()
    assert w.tones[1] == [275, 375]
    w.run(2000)
    assert lengths(w.tones[2:]) == [200, 200, 200]
    assert w.tones[2][0] == 575


def test_another_that_comes_right_after_a_silencing_does_not_melt_into_the_old_pulse():
    w = Ward()
    w.cause("occlusion")
    w.run(75)
    w.acknowledge("occlusion")
    w.turn()
    w.cause("encoder-lost")
    w.run(4000)
    assert w.tones[1][0] - w.tones[0][1] >= 125
    assert lengths(w.tones[1:]) == [150] * 10


def test_one_that_was_heard_and_ends_while_it_waits_for_its_turn_is_not_begun():
    table = ((HIGH, 0, 0, 0), (MEDIUM, 0, 0, 0))
    w = Ward(0, table)
    w.cause("line-disconnect")
    w.run(3000)
    assert len(w.tones) == 3
    w.cause("occlusion")
    w.turn()
    w.cause("occlusion", False)
    while len(w.tones) < 8 or w.tones[-1][1] is None:
        w.turn()
    w.run(100)  # half a burst is over; the other is to begin in the next 100 ms
    w.cause("line-disconnect", False)
    w.run(30_000)
    assert len(w.tones) == 8


def test_one_that_was_heard_and_ends_right_after_another_was_silenced_is_not_begun():
    table = ((HIGH, 0, 0, 0), (MEDIUM, 0, 0, 0))
    w = Ward(0, table)
    w.cause("line-disconnect")
    w.run(3000)
    w.cause("occlusion")
    w.turn()
    assert w.signals.buzzer
    w.acknowledge("occlusion")
    w.turn()
    w.cause("line-disconnect", False)
    w.run(30_000)
    assert len(w.tones) == 3 + 1


def test_silence_lasts_120_s_at_most_and_then_a_burst_begins():
    for name in ("occlusion", "kvo-running", "key-stuck"):
        w = Ward()
        w.cause(name)
        w.run(4000)
        w.pause()
        pressed = w.ms
        w.turn()
        n = len(w.tones)
        for _ in range(12_000):
            w.turn()
            w.pause()  # somebody leans on the key
        first = w.tones[n][0]
        assert first - pressed == 120_000
        assert len(w.tones) > n + 1


def test_signals_begin_dark_and_silent():
    s = Signals()
    assert not s.red and not s.yellow and not s.buzzer


def test_after_days_of_silence_an_alarm_is_heard_at_once():
    for days in (1, 7, 13):
        w = Ward(S30 - 1000)
        w.cause("occlusion")
        w.run(5000)
        w.acknowledge("occlusion")
        w.cause("occlusion", False)
        w.run(5000)
        w.run(days * 86_400_000, 3_600_000)
        w.forget()
        w.cause("occlusion")
        w.turn()
        assert w.signals.buzzer and w.signals.red
