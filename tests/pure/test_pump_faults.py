"""What ends a delivery for good: each fault halts, latches with its first reason and needs a clear that names it."""

from pump import codes
from pump.delivery import IDLE_MS
from pump.encoder import DISAGREE_NL, LOST_MS
from pump.limits import SLACK_NL
from pump_fakes import STEPS, Bed, Drive

V = 559_902  # nL a turn of a 50 mL syringe


def until_fault(bed, most_ms=20_000, step=20):
    """Milliseconds until the pump is in fault, with grants all the time."""
    began = bed.ms
    while bed.pump.state != codes.FAULT:
        bed.grant(3000)
        bed.step(step)
        assert bed.ms - began < most_ms, "no fault"
    return bed.ms - began


def latched(bed, reason):
    assert (bed.pump.state, bed.pump.reason) == (codes.FAULT, reason)
    assert bed.drive.queued() == 0 and not bed.drive.energised
    made = bed.drive.made
    bed.run(3000, lease_ms=3000)
    assert bed.drive.made == made
    for refused in (bed.offer(), bed.confirm(), bed.pump.arm(7), bed.start()):
        assert refused == (codes.FAULTED, 0)
    assert bed.pump.clear(codes.WHY_NONE) == (codes.STALE_CLEAR, 0)
    assert bed.pump.clear(reason) == (codes.OK, 0)
    assert bed.pump.state == codes.STANDBY and not bed.drive.energised
    bed.run(500)
    assert bed.pump.state == codes.STANDBY and bed.status("delivered") == 0
    bed.lost = bed.stalled = False
    bed.infuse()


def test_a_stalled_shaft_is_a_disagreement_within_its_volume():
    for rate in (166_667, 3_000_000, 20_000_000):
        bed = Bed()
        bed.infuse(rate=rate, vtbi=50_000_000)
        bed.run(2000, lease_ms=3000)
        made = bed.drive.made
        bed.stalled = True
        until_fault(bed)
        excess = (bed.drive.made - made) * V // STEPS
        assert DISAGREE_NL - 400 <= excess <= DISAGREE_NL + rate * 40 // 60_000 + 400
        latched(bed, codes.WHY_ENCODER_DISAGREES)


def test_a_slow_slip_adds_up():
    bed = Bed()
    bed.infuse(rate=3_000_000, vtbi=50_000_000)
    while bed.pump.state == codes.INFUSING:
        bed.grant(3000)
        bed.slip = bed.drive.made // 10
        bed.step(20)
    assert abs(bed.slip * V // STEPS - DISAGREE_NL) < 1000
    latched(bed, codes.WHY_SLIPS)


def test_one_misread_angle_does_not_end_a_delivery():
    bed = Bed()
    bed.infuse(rate=3_000_000, vtbi=50_000_000)
    for i in range(400):
        bed.grant(3000)
        if i % 7 == 3:
            bed.stray = (i * 7919) % 8192 - 4096
        bed.step(20)
    assert bed.pump.state == codes.INFUSING
    assert abs(bed.status("measured") - bed.delivered()) < 2000


def test_a_silent_encoder_ends_a_delivery_in_its_time():
    bed = Bed()
    bed.infuse()
    bed.run(1000, lease_ms=3000)
    bed.lost = True
    assert LOST_MS - 20 < until_fault(bed) <= LOST_MS + 20
    latched(bed, codes.WHY_ENCODER_LOST)


def test_a_drive_that_runs_too_fast_is_ended_after_a_bounded_volume():
    for percent in (105, 150, 400):
        bed = Bed()
        bed.infuse(rate=3_000_000, vtbi=50_000_000)
        bed.run(1000, lease_ms=3000)
        began, nl = bed.ms, bed.delivered()
        bed.drive.speed = percent
        until_fault(bed)
        excess = bed.delivered() - nl - (bed.ms - began) * 50
        assert SLACK_NL * 9 // 10 < excess < 2 * SLACK_NL, (percent, excess)
        latched(bed, codes.WHY_DRIVE_FAULT)


def test_a_runaway_is_seen_in_kvo_and_in_a_second_delivery_as_soon_as_in_the_first():
    bed = Bed()
    bed.infuse(rate=20_000_000, on_loss=codes.LOSS_KVO, kvo=600_000, lease_ms=500, vtbi=50_000_000, lease=500)
    bed.run(1000)
    assert bed.pump.state == codes.KVO
    nl, began = bed.delivered(), bed.ms
    bed.drive.speed = 300
    until_fault(bed)
    assert bed.delivered() - nl - (bed.ms - began) * 10 < 2 * SLACK_NL
    bed.drive.speed = 100
    latched(bed, codes.WHY_DRIVE_FAULT)
    bed.run(5000, lease_ms=3000)
    bed.pump.stop(codes.WHY_HOST_STOP)
    bed.infuse(rate=3_000_000)
    began = bed.ms
    bed.drive.speed = 300
    until_fault(bed)
    assert bed.delivered() - (bed.ms - began) * 50 < 2 * SLACK_NL


def test_a_drive_that_stands_still_is_noticed():
    for rate in (167, 166_667):
        bed = Bed()
        bed.infuse(rate=rate, vtbi=50_000_000)
        bed.run(1000, lease_ms=3000)
        bed.drive.stuck = True
        assert IDLE_MS < until_fault(bed) <= IDLE_MS + 40
        bed.drive.stuck = False
        latched(bed, codes.WHY_DRIVE_FAULT)


def test_a_drive_that_stands_still_before_its_last_steps_is_noticed():
    bed = Bed()
    bed.infuse(rate=1_000_000, vtbi=3_000)
    bed.drive.stuck = True
    until_fault(bed)
    bed.drive.stuck = False
    latched(bed, codes.WHY_DRIVE_FAULT)


def test_steps_that_nobody_asked_for_are_a_fault_in_every_state():
    for state in ("standby", "programmed", "armed", "infusing", "complete", "stopped", "stopped on the way"):
        bed = Bed()
        if state != "standby":
            bed.offer(vtbi=5_000)
        if state in ("armed", "infusing", "complete", "stopped on the way"):
            bed.confirm()
            bed.arm()
        if state in ("infusing", "complete", "stopped on the way"):
            bed.start()
        if state == "complete":
            bed.run(3000, lease_ms=3000)
            assert bed.pump.state == codes.COMPLETE
        if state in ("stopped", "stopped on the way"):
            bed.pump.stop(codes.WHY_HOST_STOP)
        bed.drive.made += bed.drive.queued() + 1
        bed.slip += 1
        bed.step(20)
        latched(bed, codes.WHY_DRIVE_FAULT)


def test_a_counter_that_falls_is_a_fault():
    bed = Bed()
    bed.infuse()
    bed.run(1000, lease_ms=3000)
    nl = bed.delivered()
    bed.drive.made -= 5
    bed.step(1)
    assert bed.delivered() == nl
    latched(bed, codes.WHY_DRIVE_FAULT)


def test_the_loops_own_failures_halt_from_every_state():
    for reason in (codes.WHY_TASK_OVERRUN, codes.WHY_INTERNAL):
        for running in (False, True):
            bed = Bed()
            if running:
                bed.infuse()
                bed.run(500, lease_ms=3000)
            bed.pump.fault(reason)
            latched(bed, reason)


def test_the_first_reason_stays_through_later_faults_and_stops():
    bed = Bed()
    bed.infuse()
    bed.lost = True
    until_fault(bed)
    bed.pump.fault(codes.WHY_INTERNAL)
    bed.pump.stop(codes.WHY_LOCAL_STOP)
    bed.drive.made += 3
    bed.step(20)
    assert bed.pump.reason == codes.WHY_ENCODER_LOST


def test_what_was_delivered_is_still_told_after_a_fault():
    bed = Bed()
    bed.infuse()
    bed.run(5000, lease_ms=3000)
    bed.pump.fault(codes.WHY_TASK_OVERRUN)
    assert bed.status("delivered") == bed.drive.made * V // STEPS > 10_000
    assert bed.status("programme") == 7 and bed.status("rate") == 0


class DeafDrive(Drive):
    """Its queue cannot be emptied once it is deaf."""

    def __init__(self):
        super().__init__()
        self.deaf = False

    def abort(self):
        if self.deaf:
            raise OSError(5)
        super().abort()


def test_the_current_is_cut_even_when_the_drives_queue_cannot_be_emptied():
    for halt in (
        lambda bed: bed.pump.stop(codes.WHY_LOCAL_STOP),
        lambda bed: bed.pump.fault(codes.WHY_INTERNAL),
        lambda bed: Bed(drive=bed.drive, words=bed.words),
    ):
        bed = Bed(drive=DeafDrive())
        bed.infuse()
        bed.run(500, lease_ms=3000)
        bed.drive.deaf = True
        try:
            halt(bed)
        except OSError:
            assert not bed.drive.energised
        else:
            raise AssertionError("it must not pass for a halt")
