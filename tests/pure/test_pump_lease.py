"""The lease and what follows its end: nothing that happens to grants makes motion last longer."""

from assuage_wire.schema import S30
from pump import codes
from pump_fakes import STEPS, Bed


def running_since(bed):
    """Milliseconds for which the pump goes on running when left alone."""
    began = bed.ms
    while bed.pump.state == codes.INFUSING and bed.ms - began < 60_000:
        bed.step(20)
    return bed.ms - began


def test_a_lapse_stops_within_one_turn_of_the_loop_at_every_phase():
    for phase in range(0, 100, 5):
        for start in (0, S30 - 1500):
            bed = Bed(ticks=start)
            bed.infuse(rate=20_000_000, vtbi=50_000_000, lease_ms=600 + phase)
            bed.step(20)
            bed.grant(700 + phase)
            end = bed.ms + 700 + phase
            while bed.pump.state == codes.INFUSING:
                assert bed.ms < end
                bed.step(20)
            assert end <= bed.ms < end + 20
            assert (bed.pump.state, bed.pump.reason) == (codes.STOPPED, codes.WHY_LEASE_LAPSED)
            assert bed.drive.queued() == 0 and not bed.drive.energised


def test_grants_in_time_keep_it_running():
    bed = Bed()
    bed.infuse(lease_ms=600)
    for _ in range(50):
        bed.run(500)
        assert bed.grant(600)
    assert bed.pump.state == codes.INFUSING


def test_repeated_late_and_reordered_grants_never_lengthen_motion():
    state = 12345
    for trial in range(60):
        bed = Bed(ticks=(S30 - 2000) if trial % 2 else 0)
        bed.infuse(lease_ms=1000)
        last_end = bed.ms + 1000
        mail = []  # (arrives, grant, until)
        silent = 200 + trial * 37
        for n, at in enumerate(range(0, silent, 150), 1):
            for _ in range(1 + state % 3):
                state = (state * 1103515245 + 12345) & 0x7FFFFFFF
                if state >> 8 & 3:
                    mail.append((bed.ms + at + (state >> 12) % 3000, n, bed.ms + at + 1000))
        base = bed.ms
        began = (bed.ticks, bed.wraps)
        for _, _, end in mail:
            last_end = max(last_end, end)
        while bed.ms < base + 8000:
            for arrives, grant, end in mail:
                if bed.ms - 20 < arrives <= bed.ms:
                    ticks = began[0] + end - base
                    wraps = (began[1] + (ticks >> 30)) & 0xFFFF
                    bed.pump.grant(7, grant, ticks & S30, wraps, bed.ticks, bed.wraps)
            bed.step(20)
            if bed.ms >= last_end:
                assert bed.pump.state == codes.STOPPED, trial
        assert bed.pump.reason == codes.WHY_LEASE_LAPSED


def test_a_grant_too_long_of_another_programme_or_with_an_old_counter_is_nothing():
    bed = Bed()
    bed.infuse(lease_ms=1000)
    assert not bed.grant(3001)
    until = bed.at(2000)
    assert not bed.pump.grant(8, 1, until[0], until[1], bed.ticks, bed.wraps)
    assert bed.grant(500, grant=5)
    assert not bed.grant(2000, grant=5)
    assert not bed.grant(2000, grant=4)
    assert bed.pump.margin(bed.ticks, bed.wraps) == 500
    assert running_since(bed) == 500


def test_a_grant_may_shorten():
    bed = Bed()
    bed.infuse(lease_ms=3000)
    assert bed.grant(100)
    assert running_since(bed) == 100


def test_a_grant_after_the_lapse_revives_nothing():
    bed = Bed()
    bed.infuse(lease_ms=1000)
    bed.run(1020)
    assert bed.pump.state == codes.STOPPED
    assert not bed.grant(1000)
    bed.run(500)
    assert bed.pump.state == codes.STOPPED


def test_a_grant_between_the_lapse_and_the_turn_that_notices_it_revives_nothing():
    for on_loss in (codes.LOSS_STOP, codes.LOSS_KVO):
        bed = Bed()
        bed.infuse(lease_ms=1000, on_loss=on_loss, kvo=16_667)
        bed.run(980)
        bed.ms += 20
        bed.ticks += 20
        assert not bed.grant(1000)
        bed.step(1)
        assert bed.pump.state == (codes.KVO if on_loss == codes.LOSS_KVO else codes.STOPPED)


def test_a_bad_grant_leaves_the_good_one_alone():
    for on_loss in (codes.LOSS_STOP, codes.LOSS_CONTINUE):
        bed = Bed()
        bed.infuse(lease_ms=1000, on_loss=on_loss)
        for bad in (9000, 0, -5):
            assert not bed.grant(bad)
        assert bed.pump.margin(bed.ticks, bed.wraps) == 1000


def test_a_grant_kept_from_an_earlier_delivery_does_not_lengthen_a_later_one():
    bed = Bed()
    bed.infuse(lease_ms=1000)
    late = bed.at(2000)
    for _ in range(3):
        bed.grant(1000)
    bed.pump.stop(codes.WHY_HOST_STOP)
    bed.infuse(lease_ms=500)
    assert not bed.pump.grant(7, 3, late[0], late[1], bed.ticks, bed.wraps)
    assert running_since(bed) == 500


def test_a_new_session_alone_neither_ends_nor_lengthens_the_permission():
    bed = Bed()
    bed.infuse(lease_ms=3000)
    bed.grant(3000, grant=400)
    bed.run(1000)
    bed.pump.new_session()
    assert running_since(bed) == 2000
    assert (bed.pump.state, bed.pump.reason) == (codes.STOPPED, codes.WHY_LEASE_LAPSED)


def test_a_host_that_has_restarted_takes_up_what_it_had_begun():
    bed = Bed()
    bed.infuse(lease_ms=3000)
    bed.grant(3000, grant=400)
    bed.run(1000)
    bed.pump.new_session()
    assert bed.grant(3000, grant=1), "its grants count from 1"
    assert running_since(bed) == 3000


def test_continue_goes_on_to_the_end_and_says_that_it_is_alone():
    bed = Bed()
    bed.infuse(on_loss=codes.LOSS_CONTINUE, rate=3_000_000, vtbi=500_000, lease_ms=500)
    n = bed.pump.changes
    bed.run(600)
    assert (bed.pump.state, bed.pump.reason) == (codes.INFUSING, codes.WHY_LEASE_LAPSED)
    assert bed.pump.changes == n + 1
    assert bed.status("lease") == 0 and bed.status("rate") == 3_000_000
    assert bed.grant(1000) and bed.pump.reason == codes.WHY_NONE
    assert bed.status("lease") == 1000
    assert not bed.grant(1000, grant=1), "an old grant"
    bed.run(10_000)
    assert (bed.pump.state, bed.pump.reason) == (codes.COMPLETE, codes.WHY_COMPLETE)
    assert bed.drive.made == 500_000 * STEPS // 559_902


def test_continue_still_obeys_time_and_stop():
    bed = Bed()
    bed.infuse(on_loss=codes.LOSS_CONTINUE, duration=2, lease_ms=500)
    bed.run(2100)
    assert (bed.pump.state, bed.pump.reason) == (codes.STOPPED, codes.WHY_TIME_LIMIT)


def test_kvo_goes_on_at_its_own_rate_whatever_is_granted_then():
    bed = Bed()
    bed.infuse(on_loss=codes.LOSS_KVO, kvo=600_000, rate=20_000_000, vtbi=2_000_000, lease_ms=1000)
    bed.run(1000)
    assert (bed.pump.state, bed.pump.reason) == (codes.KVO, codes.WHY_LEASE_LAPSED)
    assert bed.status("rate") == 600_000 and bed.status("set_rate") == 20_000_000
    at_lapse = bed.delivered()
    assert abs(at_lapse - 333_333) < 6_000
    for _ in range(500):
        assert not bed.grant(1000)
        bed.step(20)
    assert bed.pump.state == codes.KVO
    assert abs(bed.delivered() - at_lapse - 100_000) < 500
    assert bed.pump.encoder.look() == codes.WHY_NONE
    while bed.pump.state == codes.KVO:
        bed.step(20)
        assert bed.delivered() <= 2_000_000
    assert bed.pump.state == codes.COMPLETE
    assert bed.drive.made == 2_000_000 * STEPS // 559_902, "the volume is the programme's, not a step more"


def test_kvo_takes_over_at_every_phase_without_losing_or_adding_a_step():
    for phase in range(500, 620, 3):
        bed = Bed()
        bed.drive.late_us = phase % 7 * 1000
        bed.infuse(on_loss=codes.LOSS_KVO, kvo=5_000_000, rate=20_000_000, vtbi=300_000, lease_ms=phase)
        while bed.pump.state in (codes.INFUSING, codes.KVO):
            bed.step(20)
            assert bed.delivered() == bed.drive.made * 559_902 // STEPS
        assert bed.pump.state == codes.COMPLETE
        assert bed.drive.made == 300_000 * STEPS // 559_902


def test_the_delivery_after_kvo_runs_at_its_own_rate_again():
    bed = Bed()
    for _ in range(2):
        bed.infuse(on_loss=codes.LOSS_KVO, kvo=16_667, rate=3_000_000, lease_ms=1000)
        bed.run(1000)
        assert bed.pump.state == codes.KVO
        assert abs(bed.delivered() - 50_000) < 6_000
        bed.run(2000)
        bed.pump.stop(codes.WHY_HOST_STOP)


def test_stop_and_the_time_limit_end_kvo():
    for ends in ("stop", "time"):
        bed = Bed()
        bed.infuse(on_loss=codes.LOSS_KVO, kvo=16_667, duration=3, lease_ms=500)
        bed.run(600)
        assert bed.pump.state == codes.KVO
        if ends == "stop":
            bed.pump.stop(codes.WHY_HOST_STOP)
        else:
            bed.run(2500)
        assert bed.pump.state == codes.STOPPED
        assert bed.pump.reason == (codes.WHY_HOST_STOP if ends == "stop" else codes.WHY_TIME_LIMIT)
