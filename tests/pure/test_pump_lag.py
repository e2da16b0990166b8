"""A pump that gives less than it says is a fault; one that only runs slowly, late once or to its end is not."""

from pump import codes
from pump.limits import SLACK_NL
from pump.steps import bottom_flow, top_flow
from pump.syringe import nl_per_rev
from pump_fakes import BD50, LEAD_NM, STEPS, Bed

V = 559_902  # nL a turn of a 50 mL syringe


def missing(bed, rate, began):
    return rate * (bed.ms - began) // 60_000 - bed.delivered()


def until_fault(bed, step, most_ms=120_000):
    began = bed.ms
    while bed.pump.state != codes.FAULT:
        bed.grant(3000)
        bed.step(step)
        assert bed.ms - began < most_ms, "no fault"
    assert bed.pump.reason == codes.WHY_UNDER_DELIVERY
    assert not bed.drive.energised and bed.drive.queued() == 0


def test_a_drive_that_is_too_slow_is_ended_after_a_bounded_volume():
    for rate in (166_667, 3_000_000, 10_000_000):
        for percent in (10, 50, 90):
            bed = Bed()
            bed.drive.speed = percent
            bed.infuse(rate=rate, vtbi=50_000_000)
            began = bed.ms
            until_fault(bed, 20, 400_000)
            assert SLACK_NL < missing(bed, rate, began) < 1.3 * SLACK_NL + rate * 20 // 60_000, (rate, percent)


def test_a_loop_that_is_late_again_and_again_is_ended_after_a_bounded_volume():
    for rate, step in ((10_000_000, 300), (10_000_000, 1000), (1_000_000, 1000), (20_000_000, 90)):
        bed = Bed()
        bed.infuse(rate=rate, vtbi=50_000_000)
        began = bed.ms
        until_fault(bed, step)
        assert SLACK_NL < missing(bed, rate, began) < SLACK_NL * 5 // 4 + rate * step // 60_000


def test_a_loop_that_is_late_once_is_judged_by_the_volume_that_was_lost():
    for rate, late, lost in (
        (10_000_000, 150, False),
        (10_000_000, 200, False),
        (10_000_000, 500, True),
        (3_000_000, 450, False),
        (3_000_000, 1400, True),
        (166_667, 1400, False),
        (20_000_000, 100, False),
        (20_000_000, 300, True),
    ):
        bed = Bed()
        bed.infuse(rate=rate, vtbi=50_000_000)
        bed.run(2000, lease_ms=3000)
        bed.grant(3000)
        bed.step(late)
        bed.run(5000, lease_ms=3000)
        if lost:
            assert (bed.pump.state, bed.pump.reason) == (codes.FAULT, codes.WHY_UNDER_DELIVERY), (rate, late)
        else:
            assert bed.pump.state == codes.INFUSING, (rate, late)


def test_a_fast_drive_that_stands_still_is_noticed_by_its_volume():
    bed = Bed()
    bed.infuse(rate=20_000_000, vtbi=50_000_000)
    bed.run(1000, lease_ms=3000)
    bed.drive.stuck = True
    nl, began = bed.delivered(), bed.ms
    until_fault(bed, 20)
    assert bed.delivered() == nl and bed.ms - began <= 100


def test_no_flow_from_the_slowest_to_the_fastest_is_ever_called_late():
    for bore in (1_000, 4_780, BD50, 60_000):
        v = nl_per_rev(bore, LEAD_NM)
        bottom, top = bottom_flow(v, STEPS), min(top_flow(v, STEPS), 20_000_000)
        flow = bottom
        while True:
            for step in (25, 40):
                bed = Bed()
                bed.infuse(bore=bore, rate=flow, vtbi=50_000_000, duration=100_000)
                for _ in range(150):
                    bed.grant(3000)
                    bed.step(step)
                    assert bed.pump.state == codes.INFUSING, (bore, flow, bed.pump.reason)
                    assert bed.pump.watch.lag_nl <= v // STEPS + flow // 60_000 + 2, (bore, flow)
            if flow == top:
                break
            flow = min(top, flow * 4 + 1)


def test_slowing_to_kvo_and_the_end_of_a_programme_are_not_late():
    for rate in (166_667, 3_000_000, 20_000_000):
        for kvo in (1_000, 16_667, rate):
            bed = Bed()
            bed.infuse(rate=rate, vtbi=rate // 20 + 400, on_loss=codes.LOSS_KVO, kvo=kvo, lease_ms=500)
            bed.run(30_000, step=25)
            assert bed.pump.state in (codes.COMPLETE, codes.KVO), (rate, kvo)
            assert bed.pump.watch.lag_nl < SLACK_NL // 2
    for vtbi in (200, 883, 10_000, 199_999):
        bed = Bed()
        bed.infuse(rate=3_000_000, vtbi=vtbi)
        bed.run(6000, lease_ms=3000)
        assert bed.pump.state == codes.COMPLETE
