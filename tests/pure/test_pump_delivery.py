"""What the shaft does: the right volume in the right time, and never a step too many."""

from assuage_wire.schema import S30
from pump import codes
from pump_fakes import BD50, STEPS, Bed, Drive


def test_ten_minutes_at_ten_ml_an_hour_deliver_to_the_step():
    bed = Bed()
    bed.infuse()
    bed.run(600_000, lease_ms=3000)
    due = 166_667 * 10
    assert abs(bed.drive.made * 559_902 // STEPS - due) <= 2 * 175
    assert bed.delivered() == bed.drive.made * 559_902 // STEPS
    assert bed.drive.dry_runs() == 0, "the queue never ran dry"


def test_the_volume_is_reached_to_the_last_whole_step_and_never_passed():
    for bore, rate, vtbi in (
        (BD50, 20_000_000, 1_000_000),
        (BD50, 20_000_000, 174),
        (BD50, 20_000_000, 175),
        (BD50, 3_000_000, 999_999),
        (14_500, 2_000_000, 100_000),
        (4_780, 400_000, 10_001),
        (60_000, 20_000_000, 2_000_003),
    ):
        bed = Bed()
        if bed.offer(bore=bore, rate=rate, vtbi=vtbi)[0] != codes.OK:
            assert vtbi == 174, "less than a step"
            continue
        bed.confirm()
        bed.arm()
        bed.start()
        p = bed.pump.programme
        while bed.pump.state == codes.INFUSING:
            bed.grant(3000)
            bed.step(20)
            assert bed.drive.made <= p.steps and bed.delivered() <= vtbi
        assert (bed.pump.state, bed.pump.reason) == (codes.COMPLETE, codes.WHY_COMPLETE)
        assert bed.drive.made == p.steps
        assert bed.delivered() == p.steps * p.nl_per_rev // STEPS
        assert vtbi - p.nl_per_rev // STEPS - 1 <= bed.delivered() <= vtbi
        made = bed.drive.made
        bed.run(1000, lease_ms=3000)
        assert bed.drive.made == made and not bed.drive.energised


def test_turns_of_the_loop_may_be_uneven():
    bed = Bed()
    bed.infuse(rate=3_000_000)
    began = bed.ms
    for i in range(3000):
        bed.grant(3000)
        bed.step(1 + i * 7919 % 55)
    assert bed.drive.dry_runs() == 0
    assert abs(bed.delivered() - (bed.ms - began) * 50) <= 5000 and bed.pump.state == codes.INFUSING


def test_slow_flows_step_on_time():
    bed = Bed()
    bed.infuse(rate=1667, vtbi=10_000)
    began = bed.ms
    while bed.pump.state == codes.INFUSING:
        bed.grant(3000)
        bed.step(25)
    assert bed.drive.made == 10_000 * STEPS // 559_902
    due = bed.drive.made * 60_000 * 559_902 // (STEPS * 1667)
    assert 0 <= bed.ms - began - due <= 50


def test_what_is_queued_is_never_more_than_two_hundredths_of_a_ml():
    # at 749 000 nL/min the plan fills all eight words
    for rate in (167, 166_667, 749_000, 3_000_000, 20_000_000):
        bed = Bed()
        bed.infuse(rate=rate, vtbi=50_000_000)
        for _ in range(300):
            bed.grant(3000)
            bed.step(20)
            assert bed.drive.queued() * 559_902 <= 20_000 * STEPS
            assert bed.drive.queued() == bed.pump.delivery.queued


def test_a_loop_that_freezes_leaves_the_shaft_standing_within_two_hundredths_of_a_ml():
    bed = Bed()
    bed.infuse(rate=20_000_000, vtbi=50_000_000)
    bed.run(1000, lease_ms=3000)
    made = bed.drive.made
    bed.drive.pass_time(60_000_000)
    assert (bed.drive.made - made) * 559_902 <= 20_000 * STEPS


def test_time_lost_with_a_dry_queue_is_not_made_up_by_going_faster():
    bed = Bed()
    bed.infuse(rate=3_000_000, vtbi=50_000_000)
    bed.run(1000, lease_ms=3000)
    bed.grant(3000)
    bed.step(300)
    made = bed.drive.made
    for _ in range(100):
        bed.grant(3000)
        bed.step(20)
    assert bed.pump.state == codes.INFUSING, "being late is no fault of the drive or the encoder"
    assert (bed.drive.made - made) * 559_902 // STEPS <= 3_000_000 * 2000 // 60_000 + 8_000


def test_steps_made_while_a_stop_is_under_way_are_counted():
    for late_us in (0, 1_000, 30_000):
        bed = Bed()
        bed.infuse(rate=3_000_000)
        bed.run(1000, lease_ms=3000)
        bed.drive.late_us = late_us
        bed.pump.stop(codes.WHY_HOST_STOP)
        assert bed.delivered() == bed.drive.made * 559_902 // STEPS
        bed.run(1000)
        assert bed.pump.state == codes.STOPPED


def test_the_time_counts_from_the_start_and_not_from_the_turn_before():
    bed = Bed()
    bed.offer(duration=1)
    bed.confirm()
    bed.arm()
    bed.ticks += 700
    bed.start()
    bed.run(980)
    assert bed.pump.state == codes.INFUSING
    bed.step(20)
    assert (bed.pump.state, bed.pump.reason) == (codes.STOPPED, codes.WHY_TIME_LIMIT)


def test_steps_are_counted_each_turn_and_compared_with_the_angle_of_the_same_moment():
    for every in (1, 3):
        bed = Bed()
        bed.every = every
        bed.offer(rate=20_000_000, vtbi=50_000_000, on_loss=codes.LOSS_KVO, kvo=10_000_000)
        bed.confirm()
        bed.run(400)
        bed.pump.arm(7)
        bed.start()
        bed.drive.late_us = 9_000
        for _ in range(250):
            bed.step(20)
            assert bed.delivered() == bed.drive.made * 559_902 // STEPS
            assert abs(bed.pump.encoder.off) <= 25, "within a count"
        assert bed.pump.state == codes.KVO
        bed.pump.stop(codes.WHY_HOST_STOP)
        bed.run(200)
        assert abs(bed.pump.encoder.off) <= 25


def test_the_duration_ends_the_delivery():
    for step in (7, 20, 50):
        bed = Bed()
        bed.infuse(duration=5)
        began = bed.ms
        while bed.pump.state == codes.INFUSING:
            bed.grant(3000)
            bed.step(step)
        assert (bed.pump.state, bed.pump.reason) == (codes.STOPPED, codes.WHY_TIME_LIMIT)
        assert 5000 <= bed.ms - began < 5000 + step
        assert bed.drive.queued() == 0 and not bed.drive.energised


def test_the_wrap_of_the_boards_clock_changes_nothing():
    plain, wrapping = Bed(), Bed(ticks=S30 - 3000, wraps=65535)
    for bed in (plain, wrapping):
        bed.infuse(duration=12)
    assert wrapping.wraps == 65535
    while plain.pump.state == codes.INFUSING:
        for bed in (plain, wrapping):
            bed.grant(3000)
            bed.step(20)
        assert plain.drive.made == wrapping.drive.made
        assert plain.pump.state == wrapping.pump.state
        assert plain.status("left") == wrapping.status("left")
    assert wrapping.wraps == 0 and wrapping.pump.reason == codes.WHY_TIME_LIMIT
    assert plain.drive.made > 50


def test_the_drives_counter_may_wrap():
    drive = Drive()
    drive.made = S30 - 20
    bed = Bed(drive=drive)
    bed.infuse(rate=20_000_000, vtbi=1_000_000)
    bed.run(4000, lease_ms=3000)
    assert bed.pump.state == codes.COMPLETE
    assert drive.made == S30 - 20 + 1_000_000 * STEPS // 559_902


def test_delivered_volume_stays_until_a_new_programme_or_a_clear():
    bed = Bed()
    bed.infuse()
    bed.run(20_000, lease_ms=3000)
    bed.pump.stop(codes.WHY_HOST_STOP)
    nl = bed.delivered()
    assert nl > 50_000
    bed.run(5000)
    bed.pump.confirm(7, 1)
    bed.offer(rate=0)
    assert bed.delivered() == nl == bed.status("delivered")
    assert bed.offer() == (codes.OK, 0)
    assert bed.delivered() == 0
