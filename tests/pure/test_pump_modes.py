"""Profiles, doses, boluses, pauses, changes of rate and KVO: what the whole pump makes of them."""

from assuage_wire.codec import BY_NAME
from assuage_wire.schema import NONE32, S30, STATES
from pump import codes
from pump.demand import GIVEN, LOCKED, NOT_NOW
from pump_fakes import LIMITS, STEPS, Bed, fields

GOOD = (codes.OK, 0)
V = 559_902
CHANGE_BACK = BY_NAME["ChangeBack"]
LEG_BACK = BY_NAME["LegBack"]


def _profile(bed, legs, loop=255, **changes):
    """Offers a programme with its legs; what the last answer was."""
    changes.setdefault("vtbi", sum([leg[2] if leg[0] == leg[1] else (leg[0] + leg[1]) * leg[3] // 120 for leg in legs]))
    changes.setdefault("rate", max([max(leg[0], leg[1]) for leg in legs]))
    changes.setdefault("mode", codes.PROFILE)
    answer = bed.offer(legs=len(legs), loop=loop, **changes)
    for i, leg in enumerate(legs):
        if answer == GOOD:
            answer = bed.pump.leg(7, i, *leg)
    return answer


def _go(bed, lease_ms=3000):
    for outcome in (bed.confirm(), bed.arm(), bed.start(lease_ms)):
        assert outcome == GOOD, outcome


def _change(bed, kind, rate, volume=0):
    """Both steps of a change: the answer of the one that was refused, or of the last."""
    out = [0] * 7
    answer = bed.pump.change(7, kind, rate, volume, out)
    return bed.pump.apply(7, out[6]) if answer == GOOD else answer


def _resume(bed, lease_ms=3000):
    until = bed.at(lease_ms)
    return bed.pump.resume(7, until[0], until[1], bed.ticks, bed.wraps)


def _ml_in(bed, ms):
    before = bed.delivered()
    bed.run(ms, lease_ms=3000)
    return bed.delivered() - before


def test_a_profile_is_delivered_leg_by_leg_and_ends_complete():
    bed = Bed()
    legs = (
        (6_000_000, 6_000_000, 500_000, 0),
        (0, 0, 0, 10),
        (600_000, 3_000_000, 0, 20),
        (300_000, 300_000, 50_000, 0),
    )
    assert _profile(bed, legs) == GOOD
    _go(bed)
    assert abs(_ml_in(bed, 5_000) - 500_000) <= 1500
    assert bed.status("rate") == 0 or bed.status("rate") == 6_000_000
    bed.run(200, lease_ms=3000)
    assert bed.status("rate") == 0 and STATES[bed.pump.state] == "infusing"
    assert _ml_in(bed, 9_500) <= 1000, "a pause"
    assert abs(_ml_in(bed, 20_300) - 600_000) <= 5000, "a ramp"
    bed.run(12_000, lease_ms=3000)
    assert (bed.pump.state, bed.pump.reason) == (codes.COMPLETE, codes.WHY_COMPLETE)
    assert bed.drive.made == 1_150_000 * STEPS // V
    assert bed.drive.dry_runs() == 1, "at the end alone"


def test_legs_are_read_back_and_only_the_last_brings_a_token():
    bed = Bed()
    legs = ((600_000, 600_000, 500_000, 0), (0, 0, 0, 60), (60_000, 60_000, 0, 0))
    assert bed.offer(mode=codes.PROFILE, legs=3, rate=600_000, vtbi=1_000_000) == GOOD
    assert STATES[bed.pump.state] == "standby", "nothing is programmed while legs are missing"
    header = [0] * BY_NAME["Readback"].width
    bed.pump.read_back(header, 2)
    assert header[BY_NAME["Readback"].index("token")] == 0
    assert bed.confirm()[0] == codes.BAD_STATE
    out = [0] * LEG_BACK.width
    for i, leg in enumerate(legs):
        assert bed.pump.leg(7, i, *leg) == GOOD
        bed.pump.read_leg_back(out, 2)
        assert out[2:8] == [7, i] + list(leg)
        assert out[LEG_BACK.index("missing")] == 2 - i
        assert (out[LEG_BACK.index("token")] != 0) == (i == 2)
    assert out[LEG_BACK.index("finish")] == 50 + 60 + 500
    assert bed.pump.programme.token == out[LEG_BACK.index("token")]
    assert STATES[bed.pump.state] == "programmed" and bed.confirm() == GOOD


def test_legs_out_of_order_of_another_programme_or_without_an_offer_are_refused():
    leg = (600_000, 600_000, 500_000, 0)
    bed = Bed()
    assert bed.pump.leg(7, 0, *leg)[0] == codes.BAD_STATE
    for number in (1, 15):
        assert bed.offer(mode=codes.PROFILE, legs=2, rate=600_000, vtbi=1_000_000) == GOOD
        assert bed.pump.leg(8, 0, *leg)[0] == codes.WRONG_PROGRAMME
        assert bed.pump.leg(7, number, *leg) == (codes.LEG, number)
        assert bed.pump.leg(7, 0, *leg)[0] == codes.BAD_STATE, "the offer is over"
    assert STATES[bed.pump.state] == "standby"


def test_an_offer_whose_legs_never_come_is_dropped_by_whatever_comes_instead():
    leg = (600_000, 600_000, 1_000_000, 0)
    for instead in ("session", "programme", "stop", "break"):
        bed = Bed()
        assert bed.offer(programme=6) == GOOD
        assert bed.offer(mode=codes.PROFILE, legs=1, rate=600_000, vtbi=1_000_000) == GOOD
        if instead == "session":
            bed.pump.new_session()
        elif instead == "programme":
            assert bed.offer(programme=6) == GOOD
        elif instead == "stop":
            bed.pump.stop(codes.WHY_HOST_STOP)
        else:
            bed.pump.fault(codes.WHY_TASK_OVERRUN)
        assert bed.pump.leg(7, 0, *leg)[0] in (codes.BAD_STATE, codes.FAULTED), instead
        assert bed.pump.programme.id in (6, 0)


def test_a_programme_cannot_be_confirmed_while_legs_of_the_next_are_coming():
    bed = Bed()
    bed.offer(programme=6)
    token = bed.pump.programme.token
    bed.offer(mode=codes.PROFILE, legs=1, rate=600_000, vtbi=1_000_000)
    assert bed.pump.confirm(6, token) == (codes.BAD_TOKEN, 0)


def test_a_profile_that_cannot_be_is_refused_with_the_leg_and_changes_nothing():
    bed = Bed()
    good = (600_000, 600_000, 500_000, 0)
    assert bed.offer(programme=6) == GOOD
    before = bed.pump.programme
    assert _profile(bed, (good, (600_000, 600_000, 1, 1), good), vtbi=1_000_000) == (codes.LEG, 1)
    assert _profile(bed, (good, good), vtbi=1_000_001) == (codes.LEG, 2)
    assert _profile(bed, (good, (600_001, 600_001, 1000, 0)), rate=600_000, vtbi=501_000) == (codes.RATE_LIMIT, 600_000)
    assert _profile(bed, (good, (1000, 1000, 1000, 0)), kvo=1001, vtbi=501_000) == (codes.LEG, 1)
    assert bed.pump.programme is before and bed.pump.programme.id == 6
    assert bed.confirm() == GOOD


def test_fields_that_contradict_the_mode_are_refused_by_number():
    offer = BY_NAME["Programme"]
    for changes, name in (
        ({"legs": 2}, "legs"),
        ({"mode": codes.PROFILE}, "legs"),
        ({"loop": 0}, "loop"),
        ({"mode": codes.PROFILE, "legs": 2, "loop": 2}, "loop"),
        ({"dose": 1000}, "dose_rate"),
        ({"dose_rate": 1000}, "dose_rate"),
        ({"dose": 1000, "dose_rate": 100_000}, "mode"),
        ({"mode": codes.DEMAND}, "mode"),
        ({"rate": 0}, "rate"),
        ({"mode": codes.DEMAND, "dose": 6_000_000, "dose_rate": 100_000}, "dose"),
        ({"mode": codes.DEMAND, "dose": 174, "dose_rate": 100_000}, "dose"),
        ({"on_end": codes.END_KVO}, "kvo"),
    ):
        assert Bed().offer(**changes) == (codes.BAD_VALUE, offer.index(name)), changes


def test_what_would_fill_a_window_by_itself_is_refused_when_it_is_programmed():
    few = dict(LIMITS)
    few.update({"max_10min": 1_000_000, "max_hour": 3_000_000, "max_4h": 8_000_000})
    assert Bed(limits=few).offer(rate=100_000, vtbi=5_000_000) == (codes.WINDOW_LIMIT, 3_000_000)
    assert Bed(limits=few).offer(rate=100_001, vtbi=2_000_000) == (codes.WINDOW_LIMIT, 1_000_000)
    assert Bed(limits=few).offer(rate=50_000, vtbi=8_000_001, duration=36_000) == (codes.WINDOW_LIMIT, 8_000_000)
    assert Bed(limits=few).offer(rate=50_000, vtbi=8_000_000, duration=36_000) == GOOD
    assert Bed(limits=few).offer(rate=100_000, vtbi=1_000_000) == GOOD
    assert Bed().offer(limit_hour=4_999_999) == (codes.WINDOW_LIMIT, 4_999_999)
    assert Bed().offer(limit_4h=4_999_999) == (codes.WINDOW_LIMIT, 4_999_999)
    assert Bed(limits={k: v for k, v in LIMITS.items() if k != "max_hour"}).offer() == (codes.WINDOW_LIMIT, 0)


def test_a_window_that_is_full_ends_the_delivery_before_it_is_passed():
    few = dict(LIMITS)
    few.update({"max_10min": 1_000_000})
    bed = Bed(limits=few)
    bed.infuse(vtbi=900_000, rate=6_000_000)
    bed.run(10_000, lease_ms=3000)
    assert STATES[bed.pump.state] == "complete"
    bed.infuse(vtbi=900_000, rate=6_000_000)
    bed.run(10_000, lease_ms=3000)
    assert (bed.pump.state, bed.pump.reason) == (codes.STOPPED, codes.WHY_WINDOW_LIMIT)
    assert 1_000_000 - 25_000 <= bed.drive.made * V // STEPS <= 1_000_000
    bed.offer(vtbi=100_000)
    bed.confirm()
    bed.arm()
    bed.run(40_000)
    assert bed.start()[0] == codes.WINDOW_LIMIT or bed.pump.windows.refuses(1000) == 0
    bed.pump.stop(codes.WHY_HOST_STOP)
    bed.run(650_000, step=40)
    bed.infuse(vtbi=100_000, rate=600_000)


def test_a_programme_as_large_as_its_window_is_delivered_whole():
    bed = Bed()
    bed.infuse(vtbi=900_000, rate=6_000_000, limit_hour=900_000)
    bed.run(10_000, lease_ms=3000)
    assert STATES[bed.pump.state] == "complete"
    assert bed.drive.made == 900_000 * STEPS // V


def _demand(**changes):
    bed = Bed()
    order = {"mode": codes.DEMAND, "dose": 100_000, "dose_rate": 3_000_000, "lockout": 60, "rate": 100_000}
    order.update(changes)
    bed.infuse(**order)
    return bed


def test_a_dose_on_demand_is_given_whole_and_the_base_goes_on():
    bed = _demand()
    base = _ml_in(bed, 6000)
    assert abs(base - 10_000) <= 400
    assert bed.pump.press() == GIVEN
    assert STATES[bed.pump.state] == "bolus"
    assert bed.pump.press() == NOT_NOW
    bed.run(1000, lease_ms=3000)
    assert bed.status("rate") == 3_000_000
    bed.run(1400, lease_ms=3000)
    assert STATES[bed.pump.state] == "infusing" and bed.status("rate") == 100_000
    assert abs(bed.status("bolus") - 100_000) <= 200
    assert bed.pump.press() == LOCKED
    assert (bed.status("doses"), bed.status("denied")) == (1, 2)
    assert 56 <= bed.status("lockout") <= 58
    bed.run(58_000, lease_ms=3000)
    assert bed.status("lockout") == 0 and bed.pump.press() == GIVEN
    bed.run(3000, lease_ms=3000)
    minutes = bed.ms - 80
    assert abs(bed.delivered() - 200_000 - (minutes - 4000) * 100_000 // 60_000) <= 1500
    assert bed.drive.dry_runs() == 0


def test_without_a_base_rate_only_doses_come():
    bed = _demand(rate=0)
    assert _ml_in(bed, 30_000) == 0 and STATES[bed.pump.state] == "infusing"
    assert bed.pump.press() == GIVEN
    assert abs(_ml_in(bed, 3000) - 100_000) <= 200
    assert _ml_in(bed, 30_000) == 0 and STATES[bed.pump.state] == "infusing"
    assert bed.status("left") == NONE32


def test_a_demand_pump_that_stands_gives_nothing_however_often_it_is_asked():
    bed = _demand()
    bed.run(100)
    for act in (lambda: bed.pump.pause(7), lambda: bed.pump.stop(codes.WHY_HOST_STOP)):
        act()
        made = bed.drive.made
        for _ in range(20):
            assert bed.pump.press() == NOT_NOW
            bed.step()
        assert bed.drive.made == made


def test_a_lockout_passes_also_while_the_pump_stands():
    bed = _demand()
    assert bed.pump.press() == GIVEN
    bed.run(3000, lease_ms=3000)
    assert 56 <= bed.status("lockout") <= 57 and bed.pump.pause(7) == GOOD
    bed.run(40_000)
    until = bed.at(3000)
    assert bed.pump.resume(7, until[0], until[1], bed.ticks, bed.wraps) == GOOD
    assert 16 <= bed.status("lockout") <= 17, "it is a time for the patient, not for the pump"


def test_doses_end_with_the_volume_and_with_the_hour():
    bed = _demand(vtbi=250_000, rate=0, lockout=0)
    given = 0
    for _ in range(30):
        given += bed.pump.press() == GIVEN
        bed.run(3000, lease_ms=3000)
    assert given == 2 and STATES[bed.pump.state] == "infusing"
    bed = _demand(rate=0, lockout=0, limit_hour=250_000, vtbi=250_000)
    given = 0
    for _ in range(30):
        given += bed.pump.press() == GIVEN
        bed.run(3000, lease_ms=3000)
    assert given == 2


def test_a_changed_rate_is_read_back_and_holds_when_it_is_applied():
    bed = Bed()
    bed.infuse(rate=600_000)
    bed.run(2000, lease_ms=3000)
    out = [0] * CHANGE_BACK.width
    assert bed.pump.change(7, codes.TO_RATE, 1_200_000, 0, out, 2) == GOOD
    assert out[2:6] == [7, codes.TO_RATE, 1_200_000, 0]
    left = 5_000_000 - bed.delivered()
    assert abs(out[CHANGE_BACK.index("seconds")] - left * 60 // 1_200_000) <= 1
    assert abs(_ml_in(bed, 6000) - 60_000) <= 400, "not before it is applied"
    assert bed.pump.apply(7, out[CHANGE_BACK.index("token")]) == GOOD
    bed.run(200, lease_ms=3000)
    assert bed.status("rate") == bed.status("set_rate") == 1_200_000
    assert abs(_ml_in(bed, 6000) - 120_000) <= 400
    assert bed.pump.apply(7, out[CHANGE_BACK.index("token")])[0] == codes.BAD_STATE, "a token holds once"


def test_a_change_needs_the_token_that_was_read_and_is_forgotten_by_what_happens():
    bed = Bed()
    bed.infuse(rate=600_000)
    out = [0] * 7
    for forget in (None, "session", "pause"):
        assert bed.pump.change(7, codes.TO_RATE, 500_000, 0, out) == GOOD
        if forget == "session":
            bed.pump.new_session()
        elif forget == "pause":
            assert bed.pump.pause(7) == GOOD and _resume(bed) == GOOD
        else:
            assert bed.pump.apply(7, out[6] ^ 1)[0] == codes.BAD_TOKEN
            assert bed.pump.apply(8, out[6])[0] == codes.WRONG_PROGRAMME
            continue
        assert bed.pump.apply(7, out[6])[0] == codes.BAD_STATE
        bed.run(200, lease_ms=3000)
        assert bed.status("rate") == 600_000


def test_a_change_stays_within_every_limit():
    bed = Bed()
    bed.infuse(rate=600_000, limit_rate=1_000_000, kvo=10_000, on_loss=codes.LOSS_KVO, bolus=50_000)
    assert _change(bed, codes.TO_RATE, 1_000_001) == (codes.RATE_LIMIT, 1_000_000)
    assert _change(bed, codes.TO_RATE, 9_999) == (codes.RATE_LIMIT, 10_000), "KVO is never above the rate"
    assert _change(bed, codes.TO_BOLUS, 1_000_001, 1000) == (codes.RATE_LIMIT, 1_000_000)
    assert _change(bed, codes.TO_BOLUS, 1_000_000, 50_001) == (codes.VOLUME_LIMIT, 50_000)
    assert _change(bed, codes.TO_BOLUS, 1_000_000, 1) == (codes.BAD_VALUE, BY_NAME["Change"].index("volume"))
    assert _change(bed, codes.TO_BOLUS, 1_000_000, 50_000) == GOOD
    assert bed.pump.change(8, codes.TO_RATE, 500_000, 0, [0] * 7)[0] == codes.WRONG_PROGRAMME
    bed = Bed()
    bed.infuse()
    assert _change(bed, codes.TO_BOLUS, 166_667, 1000) == (codes.VOLUME_LIMIT, 0), "none was allowed"
    bed = Bed()
    assert _profile(bed, ((600_000, 600_000, 500_000, 0),)) == GOOD
    _go(bed)
    assert _change(bed, codes.TO_RATE, 500_000)[0] == codes.UNSUPPORTED
    bed = _demand(rate=0)
    assert _change(bed, codes.TO_RATE, 500_000)[0] == codes.UNSUPPORTED


def test_an_ordered_bolus_comes_on_top_and_counts():
    bed = Bed()
    bed.infuse(rate=600_000, bolus=200_000)
    bed.run(1000, lease_ms=3000)
    before = bed.delivered()
    assert _change(bed, codes.TO_BOLUS, 6_000_000, 200_000) == GOOD
    assert STATES[bed.pump.state] == "bolus"
    bed.run(2400, lease_ms=3000)
    assert STATES[bed.pump.state] == "infusing"
    assert abs(bed.status("bolus") - 200_000) <= 200
    assert abs(bed.delivered() - before - 200_000 - 4000) <= 2500


def test_an_interrupted_bolus_is_not_given_later_and_nothing_is_counted_twice():
    for way in ("pause", "stop"):
        bed = Bed()
        bed.infuse(rate=600_000, bolus=400_000)
        bed.run(1000, lease_ms=3000)
        assert _change(bed, codes.TO_BOLUS, 6_000_000, 400_000) == GOOD
        bed.run(1000, lease_ms=3000)
        given = bed.status("bolus")
        assert 70_000 < given < 130_000
        if way == "stop":
            bed.pump.stop(codes.WHY_HOST_STOP)
            assert bed.delivered() == bed.drive.made * V // STEPS
            continue
        assert bed.pump.pause(7) == GOOD
        assert bed.delivered() == bed.drive.made * V // STEPS
        bed.run(5000)
        assert STATES[bed.pump.state] == "paused" and not bed.drive.energised
        assert _resume(bed) == GOOD
        assert abs(_ml_in(bed, 6000) - 60_000) <= 1000, "the rate, and no bolus"
        assert bed.status("bolus") == given, "and what was queued of it comes as part of the rest"
        while STATES[bed.pump.state] == "infusing":
            bed.run(1000, lease_ms=3000)
        assert bed.drive.made == 5_000_000 * STEPS // V
        assert (bed.pump.state, bed.pump.reason) == (codes.COMPLETE, codes.WHY_COMPLETE)


def test_a_pause_of_any_length_keeps_place_volume_and_time_and_needs_a_human_to_end():
    bed = Bed()
    bed.infuse(rate=3_000_000, vtbi=500_000, duration=20)
    bed.run(3000, lease_ms=3000)
    assert bed.pump.pause(8)[0] == codes.WRONG_PROGRAMME
    assert bed.pump.pause(7) == GOOD
    assert (bed.pump.state, bed.pump.reason) == (codes.PAUSED, codes.WHY_PAUSED)
    made = bed.drive.made
    bed.run(600_000, step=40, lease_ms=3000)
    assert bed.drive.made == made and not bed.drive.energised
    assert bed.pump.state == codes.PAUSED, "grants do not end a pause"
    assert bed.status("rate") == 0 and bed.status("lease") == 0
    assert _resume(bed, 3001)[0] == codes.LEASE_TOO_LONG
    assert _resume(bed, 0)[0] == codes.NO_LEASE
    assert _resume(bed) == GOOD
    bed.run(8000, lease_ms=3000)
    assert bed.pump.state == codes.COMPLETE
    assert bed.drive.made == 500_000 * STEPS // V
    assert abs(bed.status("measured") - 500_000) <= 300


def test_pausing_over_and_over_loses_no_step_and_adds_none():
    bed = Bed()
    bed.infuse(rate=3_000_000, vtbi=500_000)
    turns = 0
    while bed.pump.state != codes.COMPLETE:
        bed.run(20 + turns * 37 % 300, lease_ms=3000)
        if bed.pump.pause(7) == GOOD:
            bed.run(100)
            assert _resume(bed) == GOOD
        turns += 1
        assert turns < 1000
    assert bed.drive.made == 500_000 * STEPS // V


def test_a_reset_in_a_pause_or_a_bolus_is_told_and_never_resumed():
    for state in ("paused", "bolus"):
        bed = Bed()
        bed.infuse(rate=600_000, bolus=400_000)
        bed.run(1000, lease_ms=3000)
        if state == "paused":
            assert bed.pump.pause(7) == GOOD
        else:
            assert _change(bed, codes.TO_BOLUS, 6_000_000, 400_000) == GOOD
            bed.run(500, lease_ms=3000)
        true = bed.drive.made * V // STEPS
        again = Bed(drive=bed.drive, words=bed.words)
        assert (again.pump.state, again.pump.was.programme) == (codes.UNCONFIRMED, 7)
        assert again.pump.was.low <= true <= again.pump.was.high
        made = bed.drive.made
        again.run(2000, lease_ms=3000)
        assert bed.drive.made == made and _resume(again)[0] == codes.FAULTED


def test_kvo_follows_the_whole_volume_and_stops_at_the_limit():
    bed = Bed()
    order = {"rate": 6_000_000, "vtbi": 300_000, "kvo": 600_000, "on_end": codes.END_KVO, "limit_volume": 350_000}
    bed.infuse(**order)
    bed.run(3400, lease_ms=3000)
    assert (bed.pump.state, bed.pump.reason) == (codes.KVO, codes.WHY_KVO)
    assert bed.status("rate") == 600_000
    bed.run(10_000, lease_ms=3000)
    assert (bed.pump.state, bed.pump.reason) == (codes.COMPLETE, codes.WHY_COMPLETE)
    assert 350_000 - 1000 <= bed.delivered() <= 350_000


def test_kvo_never_brings_more_than_the_board_or_the_syringe_allows():
    tight = dict(LIMITS)
    tight["max_volume"] = 340_000
    order = {"rate": 6_000_000, "vtbi": 300_000, "kvo": 600_000, "on_end": codes.END_KVO}
    for bed, most in ((Bed(limits=tight), 340_000), (Bed(), 330_000)):
        bed.infuse(capacity=330_000 if most == 330_000 else 50_000_000, **order)
        bed.run(12_000, lease_ms=3000)
        assert bed.pump.state == codes.COMPLETE
        assert most - 1000 <= bed.drive.made * V // STEPS <= most


def test_kvo_after_the_volume_is_still_under_the_lease():
    for on_loss, state in (
        (codes.LOSS_STOP, codes.STOPPED),
        (codes.LOSS_KVO, codes.KVO),
        (codes.LOSS_CONTINUE, codes.KVO),
    ):
        bed = Bed()
        bed.infuse(rate=6_000_000, vtbi=300_000, kvo=60_000, on_end=codes.END_KVO, on_loss=on_loss)
        bed.run(4000, lease_ms=3000)
        assert bed.pump.state == codes.KVO
        bed.run(3500)
        assert (bed.pump.state, bed.pump.reason) == (state, codes.WHY_LEASE_LAPSED)
        bed.run(1000, lease_ms=3000)
        if on_loss == codes.LOSS_CONTINUE:
            assert bed.pump.reason == codes.WHY_KVO


def test_a_lapse_during_a_bolus_ends_it():
    for on_loss, flow in ((codes.LOSS_STOP, 0), (codes.LOSS_KVO, 60_000)):
        bed = Bed()
        bed.infuse(500, rate=600_000, bolus=400_000, kvo=60_000, on_loss=on_loss)
        assert _change(bed, codes.TO_BOLUS, 6_000_000, 400_000) == GOOD
        bed.run(1000)
        assert bed.status("rate") == flow
        assert _ml_in(bed, 6000) <= 6500


def test_the_programmes_own_limits_are_those_of_that_programme_alone():
    bed = Bed()
    bed.infuse(limit_hour=5_000_000, limit_4h=5_000_000)
    assert bed.pump.windows.limit(1) == 5_000_000
    bed.pump.stop(codes.WHY_HOST_STOP)
    bed.infuse(limit_hour=S30)
    assert bed.pump.windows.limit(1) == LIMITS["max_hour"]
    assert fields()[1] == codes.CONTINUOUS
