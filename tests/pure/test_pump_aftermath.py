"""What a reset must not make anybody forget: faults, ends that nobody saw, and programmes that nobody has read."""

from assuage_wire.schema import NONE32
from pump import codes
from pump_fakes import STEPS, Bed, PowerCut

V = 559_902


def reset(bed):
    """The board begins anew: words and drive live on, and the drive runs its queue dry before the firmware is up."""
    bed.words.left = None
    bed.drive.pass_time(500_000)
    return Bed(drive=bed.drive, words=bed.words)


def test_a_delivery_that_ended_leaves_nothing_to_confirm():
    for how in (codes.WHY_HOST_STOP, codes.WHY_LOCAL_STOP, codes.WHY_COMPLETE):
        bed = Bed()
        bed.infuse(vtbi=20_000, lease_ms=500)
        bed.run(200)
        if how == codes.WHY_COMPLETE:
            bed.run(10_000, lease_ms=500)
        else:
            bed.pump.stop(how)
        assert bed.pump.reason == how
        again = reset(bed)
        assert (again.pump.state, again.pump.reason) == (codes.STANDBY, codes.WHY_NONE)


def unattended(how):
    """A bed whose delivery has ended by itself after some 0.02 mL."""
    bed = Bed()
    bed.infuse(duration=7 if how == codes.WHY_TIME_LIMIT else 3600)
    bed.run(5000, lease_ms=3000)
    bed.run(5000, lease_ms=0 if how == codes.WHY_LEASE_LAPSED else 3000)
    assert (bed.pump.state, bed.pump.reason) == (codes.STOPPED, how)
    return bed


def test_an_end_that_nobody_may_have_seen_is_told_after_a_reset_with_its_reason_and_its_volume():
    for how in (codes.WHY_LEASE_LAPSED, codes.WHY_TIME_LIMIT):
        bed = unattended(how)
        nl = bed.delivered()
        again = reset(bed)
        for _ in range(2):
            assert (again.pump.state, again.pump.reason) == (codes.UNCONFIRMED, how)
            assert again.pump.was.programme == 7 and again.pump.was.low == nl <= again.pump.was.high
            assert not again.drive.energised
            again = reset(again)
        assert again.pump.clear(codes.WHY_RESET) == (codes.STALE_CLEAR, 0)
        assert again.pump.clear(how) == (codes.OK, 0)
        assert (again.pump.state, again.pump.was.programme) == (codes.STANDBY, 0)
        assert reset(again).pump.state == codes.STANDBY


def test_an_end_that_was_cleared_or_followed_by_a_new_programme_is_settled():
    for settle in (lambda bed: bed.pump.clear(bed.pump.reason), lambda bed: bed.offer()):
        bed = unattended(codes.WHY_LEASE_LAPSED)
        assert settle(bed) == (codes.OK, 0)
        again = reset(bed)
        assert (again.pump.state, again.pump.reason) == (codes.STANDBY, codes.WHY_NONE)


def test_a_lapse_that_only_slowed_the_delivery_is_told_after_a_reset():
    bed = Bed()
    bed.infuse(on_loss=codes.LOSS_KVO, kvo=16_667, lease_ms=500)
    bed.run(1000)
    again = reset(bed)
    assert (again.pump.state, again.pump.reason) == (codes.UNCONFIRMED, codes.WHY_LEASE_LAPSED)


def test_a_fault_with_or_without_a_programme_is_still_one_after_any_number_of_resets_until_it_is_cleared():
    for reason in (codes.WHY_ENCODER_LOST, codes.WHY_DRIVE_FAULT, codes.WHY_TASK_OVERRUN, codes.WHY_INTERNAL):
        for running in (False, True):
            bed = Bed()
            if running:
                bed.infuse()
                bed.run(5000, lease_ms=3000)
            bed.pump.fault(reason)
            for _ in range(3):
                bed = reset(bed)
                assert (bed.pump.state, bed.pump.reason) == (codes.FAULT, reason)
                assert bed.pump.was.programme == (7 if running else 0)
                assert bed.offer() == (codes.FAULTED, 0)
                bed.pump.fault(codes.WHY_VOLUME_LIMIT)
                bed.pump.stop(codes.WHY_HOST_STOP)
                bed.run(1000)
            assert bed.pump.clear(codes.WHY_RESET) == (codes.STALE_CLEAR, 0)
            assert bed.pump.clear(reason) == (codes.OK, 0)
            if running:
                assert (bed.pump.state, bed.pump.reason) == (codes.UNCONFIRMED, codes.WHY_RESET)
                assert bed.pump.was.low <= bed.drive.made * V // STEPS <= bed.pump.was.high
                assert reset(bed).pump.state == codes.UNCONFIRMED
                assert bed.pump.clear(codes.WHY_RESET) == (codes.OK, 0)
            assert (bed.pump.state, bed.pump.was.programme) == (codes.STANDBY, 0)
            assert reset(bed).pump.state == codes.STANDBY
            bed.infuse()


def test_another_fault_does_not_take_an_unread_programme_with_it():
    for before in (codes.WHY_RESET, codes.WHY_LEASE_LAPSED):
        bed = unattended(before) if before == codes.WHY_LEASE_LAPSED else Bed()
        if before == codes.WHY_RESET:
            bed.infuse()
            bed.run(5000, lease_ms=3000)
        bed = reset(bed)
        was = (bed.pump.was.programme, bed.pump.was.low, bed.pump.was.high)
        bed.drive.made += 3  # a drive that goes astray, of all faults: it must not come back at once
        bed.run(100)
        assert (bed.pump.state, bed.pump.reason) == (codes.FAULT, codes.WHY_DRIVE_FAULT)
        assert bed.pump.clear(codes.WHY_DRIVE_FAULT) == (codes.OK, 0)
        bed.run(100)
        assert (bed.pump.state, bed.pump.reason) == (codes.UNCONFIRMED, before)
        assert (bed.pump.was.programme, bed.pump.was.low, bed.pump.was.high) == was
        assert reset(bed).pump.reason == before


def test_whatever_store_a_reset_follows_neither_fault_nor_programme_is_lost():
    for cut in range(4):
        bed = Bed()
        bed.infuse()
        bed.run(5000, lease_ms=3000)
        bed.words.left = cut
        try:
            bed.pump.fault(codes.WHY_ENCODER_LOST)
        except PowerCut:
            pass
        again = reset(bed)
        assert again.pump.was.programme == 7 and again.pump.state in (codes.FAULT, codes.UNCONFIRMED)
        assert again.pump.state == codes.FAULT or cut < 2
    for cut in range(3):
        bed = unattended(codes.WHY_LEASE_LAPSED)
        bed.words.left = cut
        try:
            bed.pump.clear(codes.WHY_LEASE_LAPSED)
            assert cut == 2
        except PowerCut:
            assert reset(bed).pump.state == codes.UNCONFIRMED


def test_after_a_disagreement_the_shaft_and_not_the_steps_says_what_was_delivered_at_least():
    for rate, every in ((166_667, 1), (3_000_000, 2), (10_000_000, 2), (20_000_000, 1), (20_000_000, 3)):
        for how in ("stall", "half"):
            bed = Bed()
            bed.infuse(rate=rate, vtbi=50_000_000)
            bed.every = every
            bed.run(2000, lease_ms=3000)
            bed.stalled = how == "stall"
            while bed.pump.state != codes.FAULT:
                bed.grant(3000)
                if how == "half":
                    bed.slip = bed.drive.made // 2
                bed.step(20)
            why = codes.WHY_SLIPS if how == "half" else codes.WHY_ENCODER_DISAGREES
            assert bed.pump.reason == why
            true = (bed.drive.made - bed.slip) * V // STEPS
            again = reset(bed)
            assert 0 <= again.pump.was.low <= true <= again.pump.was.high, (rate, every, how)
            assert true - again.pump.was.low < rate * 80 * every // 60_000 + 1000, "and not much less than it did"
            assert (again.pump.state, again.pump.reason) == (codes.FAULT, why)


def test_a_fault_while_standing_does_not_revive_an_old_record():
    bed = Bed()
    bed.infuse()
    bed.run(1000, lease_ms=3000)
    bed.pump.stop(codes.WHY_HOST_STOP)
    bed.pump.fault(codes.WHY_TASK_OVERRUN)
    again = reset(bed)
    assert (again.pump.state, again.pump.reason) == (codes.FAULT, codes.WHY_TASK_OVERRUN)
    assert (again.pump.was.programme, again.pump.was.low, again.pump.was.high) == (0, NONE32, NONE32)
    assert again.pump.clear(codes.WHY_TASK_OVERRUN) == (codes.OK, 0) and again.pump.state == codes.STANDBY
