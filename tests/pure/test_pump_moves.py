"""Motion that is no dose: bounded, watched, ended by a stop, and never counted as delivered."""

import micropython

from assuage_wire.schema import NONE32
from pump import codes
from pump.catchup import SLICE_NL, TRAVEL_UM
from pump.force import NO_READING
from pump.moves import BACK_NL, LONGEST_MS, SETTLE_MS
from pump_fakes import BD50, LIMITS, STEPS, Bed, Drive

GOOD = (codes.OK, 0)
V = 559_902  # nL a turn of a 50 mL syringe
SLOW = {"rate": 16_667, "vtbi": 500_000}  # 1 mL/h


def nl(steps):
    return steps * V // STEPS


def slow(bed, lease_ms=3000, **changes):
    """A delivery that is worth the taking-up."""
    order = dict(SLOW)
    order.update(changes)
    bed.infuse(lease_ms, **order)


def until(bed, state, limit_ms, lease_ms=3000, step=25):
    """Milliseconds until the pump is in another state than `state`."""
    began = bed.ms
    while bed.pump.state == state:
        if lease_ms:
            bed.grant(lease_ms)
        bed.step(step)
        assert bed.ms - began < limit_ms, "never ends"
        assert bed.drive.queued() * V <= 20_000 * STEPS, "no more is queued than a frozen board may deliver"
    return bed.ms - began


def stands(bed):
    assert bed.drive.queued() == 0 and not bed.drive.energised and bed.drive.ahead
    made = bed.drive.made
    bed.run(3000, lease_ms=3000)
    assert bed.drive.made == made


# -- taking up ------------------------------------------------------------------------------------------
def test_a_start_takes_up_play_and_seal_and_then_delivers_by_itself():
    bed = Bed()
    felt = bed.feel()
    slow(bed)
    assert (bed.pump.state, bed.pump.reason) == (codes.TAKING_UP, codes.WHY_NONE)
    assert until(bed, codes.TAKING_UP, 60_000) <= 45_000
    assert (bed.pump.state, bed.pump.reason) == (codes.INFUSING, codes.WHY_NONE)
    taken = bed.drive.made
    assert 900 <= taken <= 950, "300 steps of gap and 600 of seal"
    assert nl(felt.out) <= 2 * SLICE_NL + 200
    assert bed.delivered() == 0 and bed.status("measured") == 0 and bed.status("aside") == nl(taken)
    bed.run(60_000, lease_ms=3000)
    assert abs(bed.delivered() - 16_667) <= 400
    assert bed.delivered() == nl(bed.drive.made - taken), "not a step of it is in the dose"
    assert abs(bed.status("measured") - bed.delivered()) <= 400
    assert bed.status("aside") == nl(taken)


def test_the_whole_volume_comes_after_it_to_the_step():
    bed = Bed()
    bed.feel()
    slow(bed, rate=166_667, vtbi=100_000)
    until(bed, codes.TAKING_UP, 60_000)
    taken = bed.drive.made
    until(bed, codes.INFUSING, 60_000)
    assert (bed.pump.state, bed.drive.made - taken) == (codes.COMPLETE, 100_000 * STEPS // V)


def test_the_status_tells_of_no_flow_and_no_end_meanwhile_and_of_both_afterwards():
    bed = Bed()
    bed.feel()
    bed.infuse(mode=codes.CONTINUOUS, **SLOW)
    bed.run(2000, lease_ms=3000)
    assert bed.status("rate") == 0 and bed.status("left") == NONE32 and bed.status("set_rate") == 16_667
    assert bed.status("programme") == 7 and 2900 <= bed.status("lease") <= 3000
    until(bed, codes.TAKING_UP, 60_000)
    bed.step(25)
    assert bed.status("rate") == 16_667 and 1790 <= bed.status("left") <= 1800


def test_it_takes_none_of_the_programmes_time():
    bed = Bed()
    bed.feel()
    slow(bed, duration=5)
    assert until(bed, codes.TAKING_UP, 60_000) > 5_000
    assert 4_900 <= until(bed, codes.INFUSING, 20_000) <= 5_100
    assert bed.pump.reason == codes.WHY_TIME_LIMIT


def test_without_a_force_to_go_by_or_at_a_flow_that_is_quicker_a_start_delivers_at_once():
    bed = Bed()
    slow(bed)
    assert bed.pump.state == codes.INFUSING
    bed = Bed()
    bed.feel().quality = NO_READING
    slow(bed)
    assert bed.pump.state == codes.INFUSING
    for rate, state in ((335_000, codes.TAKING_UP), (336_000, codes.INFUSING)):  # 0.4 mm in 40 s: 20 mL/h in 50 mL
        bed = Bed()
        bed.feel()
        bed.infuse(rate=rate)
        assert bed.pump.state == state


def test_doses_on_demand_want_the_plunger_at_hand_whatever_their_flow():
    bed = Bed()
    bed.feel()
    bed.infuse(rate=0, mode=codes.DEMAND, dose=100_000, dose_rate=3_000_000)
    assert bed.pump.state == codes.TAKING_UP
    assert bed.pump.press() != 0 and bed.pump.state == codes.TAKING_UP, "and none is given before"


def test_no_syringe_ends_it_after_its_travel():
    bed = Bed()
    bed.feel(gap=100_000)
    slow(bed)
    assert until(bed, codes.TAKING_UP, 90_000) <= 60_000
    assert (bed.pump.state, bed.pump.reason) == (codes.STOPPED, codes.WHY_NO_CONTACT)
    assert TRAVEL_UM - 20 <= bed.drive.made * 1000 // STEPS <= TRAVEL_UM
    stands(bed)


def test_a_force_that_is_lost_ends_it_by_its_own_name():
    bed = Bed()
    felt = bed.feel()
    bed.pump.senses.ready = True
    slow(bed)
    assert bed.pump.state == codes.TAKING_UP
    bed.run(5_000, lease_ms=3000)
    felt.quality = NO_READING
    assert until(bed, codes.TAKING_UP, 5_000) <= 100
    assert (bed.pump.state, bed.pump.reason) == (codes.FAULT, codes.WHY_FORCE)
    stands(bed)


def test_it_ends_in_time_whatever_the_force_says():
    bed = Bed()
    felt = bed.feel()
    slow(bed)
    bed.pump.moves._catch_up.next = lambda _mn: 1  # one that never ends
    assert LONGEST_MS <= until(bed, codes.TAKING_UP, 200_000) <= LONGEST_MS + 1_000
    assert (bed.pump.state, bed.pump.reason) == (codes.STOPPED, codes.WHY_NO_CONTACT)
    assert felt.out < LONGEST_MS // SETTLE_MS


def test_a_line_that_is_closed_is_relieved_and_told():
    bed = Bed()
    felt = bed.feel(friction=8_000)
    felt.closed = True
    slow(bed)
    until(bed, codes.TAKING_UP, 90_000)
    assert (bed.pump.state, bed.pump.reason) == (codes.BACKING_OFF, codes.WHY_OCCLUSION)
    until(bed, codes.BACKING_OFF, 30_000, lease_ms=0)
    assert (bed.pump.state, bed.pump.reason) == (codes.STOPPED, codes.WHY_OCCLUSION)
    assert felt.mn <= 8_000 + 1_600, "20 mmHg are 1.5 N here"
    stands(bed)


def test_stop_fault_and_a_lapsed_permission_end_it_whatever_the_policy():
    for on_loss in (codes.LOSS_STOP, codes.LOSS_CONTINUE, codes.LOSS_KVO):
        bed = Bed()
        bed.feel()
        slow(bed, on_loss=on_loss, kvo=1_000)
        assert until(bed, codes.TAKING_UP, 5_000, lease_ms=0) <= 3_050
        assert (bed.pump.state, bed.pump.reason) == (codes.STOPPED, codes.WHY_LEASE_LAPSED)
        stands(bed)
    for end, state in ((bed.pump.stop, codes.STOPPED), (bed.pump.fault, codes.FAULT)):
        bed = Bed()
        bed.feel()
        slow(bed)
        bed.run(1_000 + SETTLE_MS)
        getattr(bed.pump, "stop" if state == codes.STOPPED else "fault")(codes.WHY_INTERNAL)
        assert bed.pump.state == state and end
        stands(bed)


def test_another_session_leaves_it_its_permission():
    bed = Bed()
    bed.feel()
    slow(bed)
    bed.run(1_000)
    bed.pump.new_session()
    assert bed.pump.state == codes.TAKING_UP
    assert 1_900 <= until(bed, codes.TAKING_UP, 5_000, lease_ms=0) <= 2_050


def test_a_shaft_that_does_not_follow_is_a_fault_meanwhile():
    for way, why in (("stalled", codes.WHY_ENCODER_DISAGREES), ("lost", codes.WHY_ENCODER_LOST)):
        bed = Bed()
        bed.feel(gap=100_000)
        slow(bed)
        setattr(bed, way, True)
        until(bed, codes.TAKING_UP, 10_000)
        assert (bed.pump.state, bed.pump.reason) == (codes.FAULT, why)
        stands(bed)
    bed = Bed()
    bed.feel()
    slow(bed)
    bed.run(540)
    bed.drive.stuck = True
    until(bed, codes.TAKING_UP, 3_000)
    assert (bed.pump.state, bed.pump.reason) == (codes.FAULT, codes.WHY_DRIVE_FAULT)


def test_steps_that_nobody_asked_for_are_a_fault():
    bed = Bed()
    bed.feel()
    slow(bed)
    bed.drive.made += 200
    bed.step()
    assert (bed.pump.state, bed.pump.reason) == (codes.FAULT, codes.WHY_DRIVE_FAULT)


def test_what_it_may_have_pushed_counts_in_the_windows_and_an_attempt_that_ends_early_as_a_whole():
    bed = Bed()
    felt = bed.feel(gap=300)
    slow(bed)
    until(bed, codes.TAKING_UP, 60_000)
    counted = LIMITS["max_10min"] - bed.pump.windows.left(0)
    coarse = nl(STEPS * 20 // 1000)  # in one of them it was touched
    assert 0 <= counted - nl(bed.drive.made - 300) <= coarse + 1
    assert counted > nl(felt.out)
    bed = Bed()
    bed.feel()
    slow(bed)
    bed.run(10_000, lease_ms=3000)
    bed.pump.stop(codes.WHY_HOST_STOP)
    moved = nl(bed.drive.made)
    assert moved > 50_000 and bed.pump.windows.left(0) == LIMITS["max_10min"] - moved


def test_a_host_that_starts_again_and_again_does_not_pass_the_windows():
    limits = dict(LIMITS)
    limits["max_10min"] = 100_000
    bed = Bed(limits=limits)
    felt = bed.feel(gap=0)
    starts = 0
    while True:
        assert bed.offer(rate=5_000, vtbi=1_000) == GOOD and bed.confirm() == GOOD and bed.arm() == GOOD
        answer = bed.start()
        if answer != GOOD:
            break
        bed.run(2_100, lease_ms=3000)
        bed.pump.stop(codes.WHY_HOST_STOP)
        starts += 1
        assert starts < 100
    assert answer[0] == codes.WINDOW_LIMIT
    assert nl(felt.out) <= 100_000


def test_a_reset_meanwhile_leaves_a_programme_to_be_read_of_which_nothing_was_delivered():
    bed = Bed()
    bed.feel()
    slow(bed)
    bed.run(3_000, lease_ms=3000)
    again = Bed(drive=bed.drive, words=bed.words)
    assert (again.pump.state, again.pump.reason) == (codes.UNCONFIRMED, codes.WHY_RESET)
    assert again.pump.was.programme == 7 and again.pump.was.low == 0


# -- backing off ------------------------------------------------------------------------------------------
def occluded(pressed=300, rose=100_000_000):
    """A delivery at 10 mL/h that has pressed so many steps into a closed line."""
    bed = Bed()
    felt = bed.feel(gap=0)
    felt.rose = rose
    slow(bed, rate=335_000, vtbi=5_000_000)
    until(bed, codes.TAKING_UP, 60_000)
    bed.run(2_000, lease_ms=3000)
    felt.closed = True
    made = bed.drive.made
    while bed.drive.made - made < pressed:
        bed.grant(3000)
        bed.step(25)
    felt.look(0, felt.mn, 0, 0)
    bed.pump.occlude()
    return bed, felt


def test_an_occlusion_is_relieved_without_a_permission_and_then_it_stands_stopped_for_that_reason():
    bed, felt = occluded()
    assert (bed.pump.state, bed.pump.reason) == (codes.BACKING_OFF, codes.WHY_OCCLUSION)
    assert bed.status("rate") == 0 and bed.status("left") == NONE32 and bed.status("lease") == 0
    delivered, measured, made = bed.delivered(), bed.status("measured"), bed.drive.made
    assert until(bed, codes.BACKING_OFF, 30_000, lease_ms=0) <= 15_000
    assert (bed.pump.state, bed.pump.reason) == (codes.STOPPED, codes.WHY_OCCLUSION)
    assert felt.pa <= 2_666, "20 mmHg"
    back = made - bed.drive.made
    assert 100 <= back <= 300 and bed.status("aside") == nl(back)
    assert bed.delivered() == delivered, "what was delivered never falls"
    assert abs(bed.status("measured") - measured) <= 400
    assert bed.words.get(2) <= delivered
    stands(bed)


def test_never_more_goes_back_than_was_pressed_in_nor_than_the_bound():
    for pressed, rose, most in ((300, 10_000, 10_000), (300, 0, 0), (7_000, 5_000_000, BACK_NL)):
        bed, felt = occluded(pressed, rose)
        made = bed.drive.made
        until(bed, codes.BACKING_OFF, 120_000)
        assert (bed.pump.state, bed.pump.reason) == (codes.STOPPED, codes.WHY_OCCLUSION)
        back = nl(made - bed.drive.made)
        assert most * 9 // 10 - 200 <= back <= most and felt.pa > 2_666


def test_a_force_that_does_not_fall_or_is_lost_ends_it():
    bed, felt = occluded()
    felt.look = lambda *_: 0
    made = bed.drive.made
    until(bed, codes.BACKING_OFF, 10_000)
    assert (bed.pump.state, bed.pump.reason) == (codes.STOPPED, codes.WHY_OCCLUSION)
    assert nl(made - bed.drive.made) <= 40_000
    bed, felt = occluded()
    felt.quality = NO_READING
    made = bed.drive.made
    until(bed, codes.BACKING_OFF, 1_000)
    assert bed.drive.made == made


def test_stop_ends_it_at_any_moment_and_the_reason_stays():
    for ms in (0, 25, 525, 700, 1_200, 2_000):
        bed, _felt = occluded()
        bed.run(ms, step=25)
        bed.pump.stop(codes.WHY_LOCAL_STOP)
        assert (bed.pump.state, bed.pump.reason) == (codes.STOPPED, codes.WHY_OCCLUSION)
        stands(bed)


def test_a_shaft_that_does_not_go_back_is_a_fault():
    bed, _felt = occluded(pressed=1_500)
    bed.stalled = True
    until(bed, codes.BACKING_OFF, 20_000)
    assert (bed.pump.state, bed.pump.reason) == (codes.FAULT, codes.WHY_ENCODER_DISAGREES)
    stands(bed)


def test_a_reset_meanwhile_leaves_the_programme_to_be_read_with_bounds_that_hold():
    bed, _felt = occluded()
    delivered = bed.delivered()
    bed.run(1_500, step=25)
    assert bed.pump.state == codes.BACKING_OFF
    again = Bed(drive=bed.drive, words=bed.words)
    assert (again.pump.state, again.pump.was.programme) == (codes.UNCONFIRMED, 7)
    assert again.pump.was.low <= delivered <= again.pump.was.high


def test_a_dose_that_meets_a_closed_line_is_over_and_is_not_given_later():
    bed = Bed()
    bed.feel(gap=0)
    bed.infuse(rate=1_000, mode=codes.DEMAND, dose=500_000, dose_rate=3_000_000)
    until(bed, codes.TAKING_UP, 60_000)
    assert bed.pump.press() == 0 and bed.pump.state == codes.BOLUS
    bed.run(1_000, lease_ms=3000)
    bed.pump.occlude()
    assert bed.pump.state == codes.BACKING_OFF and not bed.pump.demand.giving
    bed.pump.stop(codes.WHY_HOST_STOP)
    assert bed.pump.press() != 0
    stands(bed)


# -- priming ------------------------------------------------------------------------------------------
def primed(bed=None, **changes):
    bed = bed or Bed()
    bed.run(80)
    assert bed.prime(**changes) == GOOD
    return bed


def test_a_line_is_filled_with_what_was_read_back_and_nothing_is_delivered():
    bed = primed()
    assert bed.back[:4] == [9, BD50, 5_000_000, 1_000_000]
    assert bed.back[4] == 1_000_000 * STEPS // V and 12 <= bed.back[5] <= 13
    assert bed.pump.state == codes.STANDBY and bed.drive.pushed == 0 and not bed.drive.energised
    assert bed.purge() == GOOD
    assert bed.pump.state == codes.PRIMING and bed.status("programme") == 9
    assert 11_900 <= until(bed, codes.PRIMING, 20_000) <= 13_000
    assert (bed.pump.state, bed.pump.reason) == (codes.STANDBY, codes.WHY_NONE)
    assert bed.drive.made == bed.back[4] and bed.status("aside") == nl(bed.back[4])
    assert bed.status("delivered") == bed.status("measured") == bed.status("programme") == 0
    assert bed.pump.windows.left(0) == LIMITS["max_10min"]
    stands(bed)


def test_it_is_never_faster_than_asked():
    for rate in (167_000, 5_000_000, 19_999_999):
        bed = primed(rate=rate, volume=300_000)
        assert bed.purge() == GOOD
        took = until(bed, codes.PRIMING, 200_000, step=10)
        assert took >= (bed.drive.made * V // STEPS) * 60_000 // rate - 10
        assert took <= bed.back[5] * 1000 + 1_000


def test_it_wants_the_read_back_and_a_line_that_is_not_connected():
    bed = primed()
    token = bed.back[6]
    assert 1 <= token <= 65_535
    assert bed.purge(disconnected=0) == (codes.CONNECTED, 0)
    for wrong in (token ^ 1, 0, token + 1):
        assert bed.purge(token=wrong) == (codes.BAD_TOKEN, 0)
    at = bed.at(1_000)
    assert bed.pump.purge(8, token, 1, at[0], at[1], bed.ticks, bed.wraps) == (codes.WRONG_PROGRAMME, 0)
    assert bed.purge(lease_ms=10_001) == (codes.LEASE_TOO_LONG, 10_000)
    assert bed.purge(lease_ms=0) == (codes.NO_LEASE, 0)
    bed.lost = True
    bed.run(600)
    assert bed.purge() == (codes.ENCODER, 0)
    bed.lost = False
    bed.run(80)
    assert bed.pump.state == codes.STANDBY and bed.drive.pushed == 0 and not bed.drive.energised
    assert bed.purge() == GOOD
    until(bed, codes.PRIMING, 20_000)
    assert bed.purge() == (codes.BAD_TOKEN, 0), "a confirmation is good for once"


def test_what_was_read_back_in_another_session_or_before_a_programme_is_no_more():
    bed = primed()
    bed.pump.new_session()
    assert bed.purge() == (codes.BAD_TOKEN, 0)
    bed = primed()
    assert bed.offer() == GOOD
    assert bed.purge() == (codes.BAD_STATE, 0)
    bed.pump.stop(codes.WHY_HOST_STOP)
    assert bed.pump.clear(codes.WHY_HOST_STOP) == GOOD
    assert bed.purge() == (codes.BAD_TOKEN, 0)


def test_every_field_is_held_to_the_boards_limits():
    bed = Bed()
    for changes, answer in (
        ({"volume": 5_000_001}, (codes.VOLUME_LIMIT, 5_000_000)),
        ({"volume": 174}, (codes.BAD_VALUE, 5)),
        ({"volume": 0}, (codes.BAD_VALUE, 5)),
        ({"rate": 20_000_001}, (codes.BAD_VALUE, 4)),
        ({"rate": 0}, (codes.BAD_VALUE, 4)),
        ({"rate": 41_000}, (codes.RATE_LIMIT, 41_993)),
        ({"bore": 999}, (codes.SYRINGE, 3)),
        ({"programme": 0}, (codes.BAD_VALUE, 2)),
        ({"bore": 4_780, "rate": 19_000_000}, (codes.RATE_LIMIT, 60_000_000 // 125 * 17_945 // STEPS)),
    ):
        assert bed.prime(**changes) == answer, changes
    for changes in ({"volume": 5_000_000}, {"volume": 175}, {"rate": 41_993}, {"rate": 20_000_000}):
        assert bed.prime(**changes) == GOOD
    assert bed.prime(volume=0) == (codes.BAD_VALUE, 5)
    assert bed.purge(token=0) == (codes.BAD_TOKEN, 0), "a refusal leaves no offer behind"


def test_a_board_without_a_limit_of_its_own_primes_nothing():
    limits = dict(LIMITS)
    del limits["max_prime"]
    assert Bed(limits=limits).prime(volume=175) == (codes.VOLUME_LIMIT, 0)


def test_the_limit_is_one_of_any_hour_and_what_was_stopped_early_counts_as_it_came():
    bed = primed(volume=3_000_000, rate=20_000_000)
    assert bed.purge() == GOOD
    until(bed, codes.PRIMING, 20_000)
    made = nl(bed.drive.made)
    assert bed.prime(volume=3_000_000) == (codes.VOLUME_LIMIT, 5_000_000 - made)
    assert bed.prime(volume=1_900_000, rate=20_000_000) == GOOD and bed.purge() == GOOD
    bed.run(1_000, lease_ms=3000)
    bed.pump.stop(codes.WHY_HOST_STOP)
    assert bed.prime(volume=5_000_000) == (codes.VOLUME_LIMIT, 5_000_000 - made - bed.status("aside"))
    for _ in range(3_900):
        bed.step(1_000)
    assert bed.prime(volume=5_000_000) == GOOD


def test_an_offer_that_would_pass_the_limit_by_the_time_it_is_confirmed_is_refused_then():
    bed = primed(volume=3_000_000, rate=20_000_000)
    bed.pump.priming.hour.add(2_500_000)
    assert bed.purge() == (codes.VOLUME_LIMIT, 2_500_000)


def test_stop_and_a_lapsed_permission_end_it_in_standby():
    bed = primed()
    assert bed.purge() == GOOD
    assert until(bed, codes.PRIMING, 5_000, lease_ms=0) <= 3_050
    assert (bed.pump.state, bed.pump.reason) == (codes.STANDBY, codes.WHY_LEASE_LAPSED)
    stands(bed)
    bed = primed()
    assert bed.purge() == GOOD
    bed.run(1_000, lease_ms=3000)
    bed.pump.stop(codes.WHY_HOST_STOP)
    assert (bed.pump.state, bed.pump.reason) == (codes.STANDBY, codes.WHY_HOST_STOP)
    stands(bed)
    assert bed.offer() == GOOD, "and a programme may follow"


def test_grants_name_the_priming():
    bed = primed()
    assert bed.purge(lease_ms=1_000) == GOOD
    at = bed.at(3_000)
    assert not bed.pump.grant(7, 1, at[0], at[1], bed.ticks, bed.wraps)
    assert bed.pump.grant(9, 1, at[0], at[1], bed.ticks, bed.wraps)


def test_a_line_whose_end_is_closed_ends_it():
    bed = primed(volume=3_000_000)
    felt = bed.feel(gap=0)
    felt.closed = True
    assert bed.purge() == GOOD
    until(bed, codes.PRIMING, 20_000)
    assert (bed.pump.state, bed.pump.reason) == (codes.STANDBY, codes.WHY_OCCLUSION)
    assert 77_000 <= felt.mn <= 90_000, "10 N of friction, and 120 kPa on 560 mm2"
    stands(bed)


def test_a_force_that_is_lost_while_priming_is_a_fault_for_nobody_would_see_the_line_close():
    bed = primed(volume=3_000_000)
    felt = bed.feel(gap=0)
    bed.pump.senses.ready = True
    assert bed.purge() == GOOD
    bed.run(1_000, lease_ms=3000)
    assert bed.pump.state == codes.PRIMING
    felt.quality = NO_READING
    assert until(bed, codes.PRIMING, 5_000) <= 100
    assert (bed.pump.state, bed.pump.reason) == (codes.FAULT, codes.WHY_FORCE)
    stands(bed)


def test_a_shaft_that_does_not_follow_is_a_fault_while_priming():
    bed = primed()
    assert bed.purge() == GOOD
    bed.stalled = True
    until(bed, codes.PRIMING, 20_000)
    assert (bed.pump.state, bed.pump.reason) == (codes.FAULT, codes.WHY_ENCODER_DISAGREES)
    stands(bed)


def test_a_bolus_that_was_interrupted_is_not_resumed_after_a_priming():
    bed = Bed()
    bed.infuse(mode=codes.DEMAND, dose=1_000_000, dose_rate=3_000_000, lockout=0)
    assert bed.pump.press() == 0
    bed.run(1_000, lease_ms=3000)
    assert bed.pump.pause(7) == GOOD
    assert bed.prime() == (codes.BAD_STATE, 0), "what is paused is not primed"
    bed.pump.stop(codes.WHY_HOST_STOP)
    assert bed.prime() == (codes.BAD_STATE, 0), "nor what was stopped, before somebody has cleared it"
    assert bed.pump.clear(codes.WHY_HOST_STOP) == GOOD
    made = bed.drive.made
    primed(bed)
    assert bed.purge() == GOOD
    until(bed, codes.PRIMING, 20_000)
    assert bed.drive.made - made == bed.back[4]
    at = bed.at(1_000)
    assert bed.pump.resume(7, at[0], at[1], bed.ticks, bed.wraps) == (codes.BAD_STATE, 0)
    assert bed.start() == (codes.BAD_STATE, 0) and bed.pump.press() != 0
    stands(bed)


# -- all of them ------------------------------------------------------------------------------------------
def test_the_drive_is_asked_for_nothing_it_cannot_do():
    bed = Bed(drive=Drive())
    bed.feel()
    slow(bed)
    until(bed, codes.TAKING_UP, 60_000, step=40)
    assert bed.pump.state == codes.INFUSING


def test_nothing_is_allocated():
    bed = Bed()
    felt = bed.feel(gap=50, friction=1_000)
    slow(bed)
    p, drive = bed.pump, bed.drive
    ticks = bed.ticks
    wraps, grant = bed.wraps, 0
    micropython.heap_lock()
    try:
        for _ in range(1_500):
            drive.pass_time(25_000)
            ticks += 25
            grant += 1
            p.grant(7, grant, ticks + 3_000, wraps, ticks, wraps)
            p.shaft(drive.made * 4096 // 3200)
            p.poll(ticks, wraps)
            p.fill_status(bed.rows, ticks, wraps)
            if felt.closed and p.state == codes.INFUSING:
                felt.look(0, felt.mn, 0, 0)
                if felt.pa > 20_000:
                    p.occlude()
            felt.closed = p.state != codes.TAKING_UP
    finally:
        micropython.heap_unlock()
    assert p.state in (codes.INFUSING, codes.BACKING_OFF, codes.STOPPED)
