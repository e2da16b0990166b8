"""Shaft against steps: slips are seen, single misreadings are not believed, silence is noticed."""

from assuage_wire.schema import S30
from pump.codes import WHY_ENCODER_DISAGREES, WHY_ENCODER_LOST, WHY_NONE
from pump.encoder import DISAGREE_NL, FULL_STEPS, LOST_MS, Encoder
from pump.syringe import nl_per_rev
from pump_fakes import BD50, COUNTS, LEAD_NM, STEPS


def encoder(bore=BD50, forward=1, position=0):
    e = Encoder(COUNTS, STEPS, forward)
    for _ in range(3):
        e.read(position, 0)
    e.begin(nl_per_rev(bore, LEAD_NM))
    return e


def counts(steps):
    return steps * COUNTS // STEPS


def test_a_shaft_that_follows_never_disagrees_and_measures_to_the_count():
    for bore in (1_000, 4_780, BD50, 60_000):
        v = nl_per_rev(bore, LEAD_NM)
        for per_read in (1, 3, 40, 400, 1600):
            e = encoder(bore, position=4000)
            made = 0
            for _ in range(500):
                made += per_read
                e.read(4000 + counts(made), per_read)
                assert e.look() == WHY_NONE
            # the median of three is a count off at most, the angle itself is rounded down to one
            assert abs(e.volume() - made * v // STEPS) <= 2 * v // COUNTS + 1


def test_measured_volume_is_exact_in_counts():
    for v in (785, 559_902, 2_827_433):
        e = Encoder(COUNTS, STEPS, 1)
        e.read(17, 0)
        e.begin(v)
        for i in range(1, 2000):
            e.read(17 + 32 * i, 25 * i - 25 * (i - 1))
            assert e.volume() == 32 * i * v // COUNTS


def test_an_encoder_mounted_the_other_way_counts_forward_as_well():
    e = encoder(forward=-1, position=100)
    for i in range(1, 400):
        e.read((100 - 32 * i) & S30, 25)
        assert e.look() == WHY_NONE
    assert e.volume() == 32 * 399 * nl_per_rev(BD50, LEAD_NM) // COUNTS


def test_positions_may_wrap_at_30_bits_and_may_be_negative():
    for start in (S30 - 100, -(1 << 29) + 5, -3):
        e = encoder(position=start)
        for i in range(1, 100):
            e.read((start + 32 * i) & S30, 25)
            assert e.look() == WHY_NONE
        assert e.volume() == 32 * 99 * nl_per_rev(BD50, LEAD_NM) // COUNTS


def test_a_lag_trips_above_its_limit_and_not_at_it():
    for bore, limit in ((1_000, DISAGREE_NL), (BD50, DISAGREE_NL), (60_000, 56_549)):
        v = nl_per_rev(bore, LEAD_NM)
        for sign in (1, -1):
            for nl, expected in ((limit, WHY_NONE), (limit + v // STEPS + 2, WHY_ENCODER_DISAGREES)):
                e = encoder(bore)
                off = sign * (nl * STEPS // v)  # steps
                e.read(0, off)
                e.read(0, 0)
                assert e.look() == expected, (bore, sign, nl)


def test_a_stalled_shaft_trips_one_reading_later_than_the_limit():
    v = nl_per_rev(BD50, LEAD_NM)
    e = encoder()
    limit = DISAGREE_NL * STEPS // v
    made = 0
    while e.look() == WHY_NONE:
        made += 10
        e.read(0, 10)
        assert made < limit + 40
    assert limit < made <= limit + 20
    assert abs(e.volume()) <= 2 * 10 * v // STEPS


def test_one_misread_angle_never_trips_whatever_it_says():
    for wrong in (150, -150, 1000, -1000, 2047, -2048, 4095, 1 << 20, -(1 << 28)):
        for when in range(1, 6):
            e = encoder()
            for i in range(1, 12):
                e.read((32 * i + (wrong if i == when else 0)) & S30, 25)
                assert e.look() == WHY_NONE, (wrong, when, i)
            if abs(wrong) <= 4096:
                assert e.off == 0


def test_what_counts_is_the_median_of_the_last_three_differences():
    e = encoder()
    last = [0, 0, 0]
    for i in range(1, 300):
        wrong = (i * 7919) % 61 - 30
        e.read(32 * i + wrong, 25)
        last = last[1:] + [wrong]
        assert e.off == sorted(last)[1] * 25, (i, last)


def test_a_reading_ends_the_silence_before_it():
    e = encoder()
    for _ in range(5):
        for _ in range(LOST_MS // 20):
            e.wait(20)
        e.read(0, 0)
        assert e.ready()


def test_a_delivery_begins_without_what_the_one_before_left():
    e = encoder()
    for i in range(1, 30):
        e.read(32 * i + 60 + i % 2, 25)  # a slip that is no disagreement yet
    end = 32 * 29 + 61
    for _ in range(3):
        e.read(end, 0)
    assert e.off
    e.begin(nl_per_rev(BD50, LEAD_NM))
    assert (e.off, e.volume()) == (0, 0)
    e.read(end + 32, 25)
    assert (e.off, e.volume()) == (0, 32 * 559_902 // COUNTS)
    e.read(end + 64, 25)
    assert (e.off, e.volume()) == (0, 64 * 559_902 // COUNTS)


def test_readings_before_the_start_are_taken_relative_to_it():
    e = Encoder(COUNTS, STEPS, 1)
    e.read(0, 0)
    for position in (5, 3, 1):
        e.read(position, 0)
    e.begin(nl_per_rev(BD50, LEAD_NM))
    e.read(9, 0)  # 6, -2 and 0 from where it began
    assert e.off == 0
    e = Encoder(COUNTS, STEPS, 1)
    e.read(0, 0)
    e.read(1, 1)  # 7 units short of a step, and a fraction of a count over
    e.begin(nl_per_rev(BD50, LEAD_NM))
    e.read(33, 25)
    assert e.volume() == 31 * 559_902 // COUNTS


def test_the_limits_are_those_of_the_design():
    assert (DISAGREE_NL, LOST_MS, FULL_STEPS) == (20_000, 500, 200)
    e = encoder()
    for _ in range(10):
        e.wait(1000)
    assert e.ready(), "late turns count 50 ms each"
    e.wait(1)
    assert not e.ready()


def test_noise_at_the_moment_of_the_start_is_settled_by_the_median():
    e = Encoder(COUNTS, STEPS, 1)
    e.read(100, 0)
    for position in (101, 107, 101):
        e.read(position, 0)
    e.begin(nl_per_rev(BD50, LEAD_NM))
    for i in range(1, 5):
        e.read(101 + 32 * i, 25)
        assert e.off == 0


def test_angle_noise_of_a_few_counts_does_not_build_up():
    e = encoder()
    for i in range(1, 5000):
        e.read(32 * i + (i * 7919 % 7) - 3, 25)
        assert e.look() == WHY_NONE
    assert abs(e.off) <= 3 * 25


def test_a_jump_that_stays_is_believed_and_trips():
    e = encoder()
    for i in range(1, 4):
        e.read(32 * i + 400, 25)
    assert e.look() == WHY_ENCODER_DISAGREES


def test_silence_is_told_after_its_time_and_ends_with_the_next_reading():
    e = encoder()
    ms = 0
    while ms + 20 <= LOST_MS:
        e.wait(20)
        ms += 20
        assert e.look() == WHY_NONE and e.ready()
    e.wait(20)
    assert e.look() == WHY_ENCODER_LOST and not e.ready()
    e.read(0, 0)
    assert e.look() == WHY_NONE and not e.ready()
    e.read(0, 0)
    e.read(0, 0)
    assert e.ready()


def test_one_very_late_turn_of_the_loop_is_not_the_encoders_silence():
    e = encoder()
    e.wait(60_000)
    assert e.look() == WHY_NONE


def test_movement_during_a_silence_is_not_lost():
    e = encoder()
    for _ in range(30):
        e.wait(20)
    e.read(3200, 2500)
    e.read(3232, 25)
    assert e.off == 0
    e.read(3264, 25)
    assert e.volume() == 3264 * nl_per_rev(BD50, LEAD_NM) // COUNTS


def test_no_delivery_begins_on_less_than_three_readings():
    e = Encoder(COUNTS, STEPS, 1)
    assert not e.ready() and e.look() == WHY_ENCODER_LOST
    for expected in (False, False, True, True):
        assert e.read(5, 0) == 0, "nothing has moved, also since there was no reading"
        assert e.ready() == expected


def test_what_the_shaft_did_before_the_delivery_does_not_count():
    e = Encoder(COUNTS, STEPS, 1)
    for i in range(100):
        e.read(i * 5000, 0)  # turned by hand, far beyond what is kept
    for _ in range(3):
        e.read(495_000, 0)
    e.begin(nl_per_rev(BD50, LEAD_NM))
    assert e.volume() == 0
    for i in range(1, 50):
        e.read(495_000 + 32 * i, 25)
        assert e.look() == WHY_NONE
    for i in range(10):
        e.read(495_000 + 32 * 49 + 200 * i, 0)  # and ahead it is seen as well
    assert e.look() == WHY_ENCODER_DISAGREES


def test_what_was_displaced_lies_between_least_and_most_however_the_shaft_slips():
    """Also with steps made since the last reading, from any angle; or with an angle misread now and then, though not at
    the very moment of a slip."""
    seed = 7
    for bore in (1_000, BD50, 60_000):
        v = nl_per_rev(bore, LEAD_NM)
        for began in (0, 17, 4095):
            e = encoder(bore, position=began)
            part = (seed % 99) * STEPS // 100  # of a count, in 1/STEPS: where between two angles the shaft began
            true = part
            for turn in range(300):
                steps = 0
                for _ in range(1 + turn % 3):
                    seed = (seed * 75 + 74) % 65537
                    k = seed % 90
                    steps += k
                    slipped = began != 17 and seed % 7 == 0
                    true += k * COUNTS * (seed % 3 if slipped else 1)  # stands, follows, or runs ahead
                stray = 700 if began == 17 and seed % 11 == 0 else 0
                e.read((began + true // STEPS + stray) & S30, steps)
                unread = seed % 40
                nl = (true - part) * v // (STEPS * COUNTS)
                later = (true + unread * COUNTS - part) * v // (STEPS * COUNTS)
                assert e.least() <= nl and later < e.most(unread), (bore, began, turn)
                if not stray:
                    assert e.most(unread) - e.least() < 1000 * v // COUNTS + 2
                true += unread * COUNTS
                e.read((began + true // STEPS) & S30, unread)


COUNT = 25  # units of an encoder's count, with 4096 of them and 3200 steps a turn
STEP = 32  # and of a step
V = 559_902  # nL a turn at BD50


def nl_of(counts):
    return counts * V // COUNTS


def test_one_reading_moves_at_most_16_turns_and_the_difference_stays_within_its_bound():
    for sign in (1, -1):
        e = encoder()
        e.read(sign * 70_000 & S30, 0)
        e.read(sign * 70_000 & S30, 0)
        assert e.off == sign * (1 << 16) * COUNT
        e = encoder()
        for i in range(1, 30):
            e.read(sign * 70_000 * i & S30, 0)
        assert e.off == sign * (1 << 24)


def test_half_of_the_counter_is_a_way_forward_and_more_a_way_back():
    for moved, sign in ((S30 >> 1, 1), ((S30 >> 1) + 1, -1)):
        e = encoder()
        assert e.read(moved, 0) * sign > 0
        e.read(moved, 0)
        assert e.off == sign * (1 << 16) * COUNT


def test_a_delivery_begins_without_what_the_one_before_left_whatever_that_was():
    """Beside an encoder that saw the same before, and had no delivery."""
    seed = 5
    for _ in range(60):
        used, fresh = Encoder(COUNTS, STEPS, 1), Encoder(COUNTS, STEPS, 1)
        used.read(0, 0)
        fresh.read(0, 0)
        used.begin(nl_per_rev(1_000, LEAD_NM))
        position = 0
        for turn in range(24):
            if turn == 12:
                for e in (used, fresh):
                    e.begin(V)
            seed = (seed * 75 + 74) % 65537
            position += seed % 70
            steps = seed % 53
            for e in (used, fresh):
                e.read(position, steps)
        assert (used.volume(), used.off) == (fresh.volume(), fresh.off)
        assert (used.least(), used.most(9)) == (fresh.least(), fresh.most(9))


def test_the_first_fraction_of_a_count_is_carried_from_nothing():
    e = encoder()
    e.read(8, 7)  # 224 units of steps that the median, still 0, does not doubt: 8 counts and 24 units
    assert e.volume() == nl_of(8)
    e.read(16, 7)  # 448 are 17 counts and 23 units
    assert e.off == -24 and e.volume() == nl_of(16)


def test_after_its_end_a_delivery_counts_the_three_readings_that_the_median_lacks_and_no_more():
    e = encoder()
    e.read(32, 25)
    assert e.volume() == nl_of(32)
    e.end()
    for i in (2, 3, 4):
        e.read(32 * i, 25)
        assert e.volume() == nl_of(32 * i)
        e.end()  # said again, it makes them no more
    for i in (5, 6, 7, 8):
        e.read(32 * i, 25)
        assert e.volume() == nl_of(32 * 4)
    e.go_on()
    for i in range(9, 20):
        e.read(32 * i, 25)
    assert e.volume() == nl_of(32 * (4 + 11))


def test_without_a_delivery_the_volume_is_0_and_what_turns_the_shaft_is_not_counted():
    e = encoder()
    for i in range(1, 10):
        e.read(32 * i, 25)
    assert e.volume() == nl_of(32 * 9)
    e.forget()
    assert e.volume() == 0
    for i in range(10, 20):
        e.read(32 * i, 25)
        assert e.volume() == 0
    e.begin(V)
    e.look_on()
    for i in range(20, 30):
        e.read(32 * i, 25)
        assert e.volume() == 0, "motion that is no dose"


def test_least_and_most_are_the_readings_own_bounds_and_the_roundings():
    e = encoder()
    assert (e.least(), e.most(0)) == (0, nl_of(2) + 1)
    for i in range(1, 101):
        e.read(32 * i, 25)
    # least: a count less for the angle. most: a count for the angle, one for the count, and a nL for the volume
    assert (e.least(), e.most(0)) == (nl_of(3200 - 1), nl_of(3200 + 2) + 1)
    assert e.most(25) == nl_of(3200 + 32 + 2) + 1
    assert e.most(7) == nl_of(3200 + 8 + 2) + 1, "7 steps are 8 counts and 24 of 25 parts of one"
    e.read(3232 - 40, 25)  # one reading says 40 counts less
    assert (e.least(), e.most(0)) == (nl_of(3232 - 40 - 1), nl_of(3232 + 2) + 1)
    e.read(3264 + 30, 25)  # the next 30 more
    assert (e.least(), e.most(0)) == (nl_of(3264 - 40 - 1), nl_of(3264 + 30 + 2) + 1)
    e.read(3296 + 30, 25)  # and the shaft is ahead indeed: from here on the lowest is 40 below, until it is forgotten
    assert e.off == 30 * COUNT
    assert (e.least(), e.most(0)) == (nl_of(3296 - 40 - 1), nl_of(3296 + 30 + 2) + 1)
    e.read(3328 + 30, 25)
    assert (e.least(), e.most(0)) == (nl_of(3328 + 30 - 1), nl_of(3328 + 30 + 2) + 1)


def test_the_fraction_of_a_count_is_within_the_most():
    e = encoder()
    e.read(8, 7)  # read 8 counts; the steps are 24 parts of 25 beyond, see above
    assert e.volume() == nl_of(8) and e.most(0) == nl_of(8 + 2) + 1
    e.read(0, 1)
    assert e.most(0) == nl_of(10 + 2) + 1, "256 units are 10 counts, of which the median has seen all"


def test_a_shaft_that_went_back_has_displaced_nothing():
    e = encoder()
    for i in range(1, 6):
        e.read(-100 * i & S30, 0)
    assert e.volume() < -200
    assert (e.least(), e.most(0)) == (0, 0)


def test_one_reading_cannot_widen_the_bounds_by_more_than_16_turns():
    """For the arithmetic of the volume; what may be queued is a fraction of a turn."""
    e = encoder()
    for i in range(1, 101):
        e.read(3200 * i, 2500)
    e.read(320_000 - 70_000, 30_000)  # 16 turns back, while the drive made 38 400 counts
    assert e.off == 0 and e.volume() == nl_of(320_000 + 38_400)
    assert e.least() == nl_of(320_000 + 38_400 - (1 << 16))
    assert e.most(0) == nl_of(320_000 + 38_400 + 2) + 1
    assert e.most(60_000) == nl_of(320_000 + 38_400 + (1 << 16)) + 1
