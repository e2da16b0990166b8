"""From offer to start: what is asked in which order, what is refused and why."""

from assuage_wire.codec import BY_NAME
from assuage_wire.schema import STATES
from pump import codes
from pump.engine import ARMED_MS
from pump.fitting import BARREL, FITTED
from pump_fakes import LIMITS, Bed, fields
from pump_stands import bed_in

GOOD = (codes.OK, 0)


def test_every_state_can_be_reached():
    for state in STATES:
        assert STATES[bed_in(state).pump.state] == state


def test_the_way_to_a_delivery():
    bed = Bed()
    assert bed.offer() == GOOD
    assert bed.pump.state == codes.PROGRAMMED
    assert bed.confirm() == GOOD
    assert bed.pump.state == codes.CONFIRMED and not bed.drive.energised
    assert bed.arm() == GOOD
    assert bed.pump.state == codes.ARMED and bed.drive.energised and bed.drive.ahead
    assert bed.drive.pushed == 0, "no motion before start"
    assert bed.start() == GOOD
    assert bed.pump.state == codes.INFUSING and bed.pump.reason == codes.WHY_NONE
    bed.run(1000)
    assert bed.drive.made > 0


def test_every_step_is_refused_out_of_its_state():
    allowed = {
        "offer": ("standby", "programmed", "confirmed", "armed", "complete", "stopped"),
        "confirm": ("programmed",),
        "arm": ("confirmed",),
        "start": ("armed",),
        "clear": ("complete", "stopped", "fault", "unconfirmed"),
        "prime": ("standby",),
        "pause": ("infusing", "bolus"),
        "resume": ("paused",),
        "change rate": ("infusing", "bolus"),
        "change bolus": ("infusing",),
    }
    for state in STATES:
        for name, where in allowed.items():
            bed = bed_in(state)
            pushed, energised = bed.drive.pushed, bed.drive.energised
            p = bed.pump
            until = bed.at(1000)
            answer = {
                "offer": lambda p=p: p.offer(fields()),
                "confirm": lambda p=p: p.confirm(p.programme.id, p.programme.token),
                "arm": lambda p=p: p.arm(p.programme.id),
                "start": lambda p=p, b=bed, u=until: p.start(p.programme.id, u[0], u[1], b.ticks, b.wraps),
                "clear": lambda p=p: p.clear(p.reason),
                "prime": lambda b=bed: b.prime(),
                "pause": lambda p=p: p.pause(p.programme.id),
                "resume": lambda p=p, b=bed, u=until: p.resume(p.programme.id, u[0], u[1], b.ticks, b.wraps),
                "change rate": lambda p=p: p.change(p.programme.id, codes.TO_RATE, 200_000, 0, [0] * 7),
                "change bolus": lambda p=p: p.change(p.programme.id, codes.TO_BOLUS, 200_000, 1000, [0] * 7),
            }[name]()
            if state in where:
                assert answer == GOOD or answer == (codes.ENCODER, 0), (state, name, answer)
            else:
                locked = state in ("fault", "unconfirmed")
                assert answer == ((codes.FAULTED if locked else codes.BAD_STATE), 0), (state, name)
                assert STATES[p.state] == state
                assert (bed.drive.pushed, bed.drive.energised) == (pushed, energised), (state, name)


def test_a_confirmation_needs_the_token_and_the_programme_that_were_read():
    bed = Bed()
    bed.offer()
    p = bed.pump
    token = p.programme.token
    assert p.confirm(8, token) == (codes.WRONG_PROGRAMME, 0)
    for wrong in (token + 1, token - 1, token ^ 0x8000, 0):
        assert p.confirm(7, wrong) == (codes.BAD_TOKEN, 0)
        assert p.state == codes.PROGRAMMED
    assert p.confirm(7, token) == GOOD


def test_a_token_is_never_zero_nor_that_of_the_offer_before():
    bed = Bed()
    before = 0
    seen = set()
    for i in range(600):
        assert bed.offer(rate=166_667 + i // 300) == GOOD
        token = bed.pump.programme.token
        assert 1 <= token <= 65535 and token != before
        before = token
        seen.add(token)
    assert len(seen) > 590


def test_an_old_confirmation_does_not_confirm_a_newer_offer_nor_one_after_a_reset():
    bed = Bed()
    bed.offer()
    old = bed.pump.programme.token
    bed.offer()
    assert bed.pump.confirm(7, old) == (codes.BAD_TOKEN, 0)
    again = Bed(boot=2)
    again.offer()
    assert again.pump.confirm(7, old) == (codes.BAD_TOKEN, 0)


def test_a_refused_offer_leaves_the_programme_as_it_was():
    bed = Bed()
    bed.offer()
    token = bed.pump.programme.token
    assert bed.offer(programme=9, rate=20_000_000, limit_rate=1_000) == (codes.RATE_LIMIT, 1_000)
    assert bed.offer(programme=9, bore=999) == (codes.SYRINGE, BY_NAME["Programme"].index("bore"))
    assert bed.offer(programme=9, lease=499) == (codes.BAD_VALUE, BY_NAME["Programme"].index("lease"))
    assert bed.pump.programme.values == fields() and bed.pump.programme.token == token
    assert bed.confirm() == GOOD


def test_a_new_offer_takes_back_confirmation_and_current():
    bed = Bed()
    bed.offer()
    bed.confirm()
    bed.arm()
    assert bed.offer(programme=8) == GOOD
    assert bed.pump.state == codes.PROGRAMMED and not bed.drive.energised
    assert bed.start() == (codes.BAD_STATE, 0)


def test_arming_needs_the_programme_an_encoder_and_an_idle_drive():
    bed = Bed()
    bed.offer()
    bed.confirm()
    assert bed.pump.arm(7) == (codes.ENCODER, 0), "nothing has been read yet"
    bed.lost = True
    bed.run(1000)
    assert bed.pump.arm(7) == (codes.ENCODER, 0)
    bed.lost = False
    bed.run(60)
    assert bed.pump.arm(8) == (codes.WRONG_PROGRAMME, 0)
    assert bed.pump.state == codes.CONFIRMED and not bed.drive.energised
    bed.drive.energised = True
    bed.drive.push(0, 1000)
    assert bed.pump.arm(7) == (codes.FAULTED, 0)
    assert (bed.pump.state, bed.pump.reason) == (codes.FAULT, codes.WHY_DRIVE_FAULT)
    assert bed.drive.queued() == 0 and not bed.drive.energised


def test_what_another_session_confirmed_or_armed_must_be_confirmed_again():
    for state in ("confirmed", "armed"):
        bed = bed_in(state)
        token = bed.pump.programme.token
        bed.pump.new_session()
        assert (bed.pump.state, bed.pump.reason) == (codes.PROGRAMMED, codes.WHY_NONE)
        assert not bed.drive.energised
        assert bed.pump.arm(7) == bed.start() == (codes.BAD_STATE, 0)
        assert bed.pump.confirm(7, token) == GOOD
        assert bed.arm() == GOOD and bed.start() == GOOD


def test_another_session_changes_no_other_state():
    for state in STATES:
        if state not in ("confirmed", "armed"):
            bed = bed_in(state)
            before = (bed.pump.state, bed.pump.reason, bed.pump.changes, bed.drive.energised, bed.drive.queued())
            bed.pump.new_session()
            assert (
                bed.pump.state,
                bed.pump.reason,
                bed.pump.changes,
                bed.drive.energised,
                bed.drive.queued(),
            ) == before


def test_an_armed_programme_that_is_not_started_in_its_time_is_given_up():
    bed = bed_in("armed")
    bed.run(ARMED_MS - 20)
    assert bed.pump.state == codes.ARMED and bed.drive.energised
    bed.run(20)
    assert (bed.pump.state, bed.pump.reason) == (codes.STOPPED, codes.WHY_TIME_LIMIT)
    assert not bed.drive.energised and bed.start() == (codes.BAD_STATE, 0)
    again = Bed(drive=bed.drive, words=bed.words)
    assert again.pump.state == codes.STANDBY, "nothing was delivered, so nothing is left to be read"
    bed = bed_in("armed")
    bed.run(ARMED_MS - 40)
    assert bed.start() == GOOD
    bed.pump.stop(codes.WHY_HOST_STOP)
    bed.offer()
    bed.confirm()
    assert bed.arm() == GOOD
    bed.run(1000)
    assert bed.pump.state == codes.ARMED, "each has its time afresh"


def test_starting_needs_the_programme_an_encoder_and_a_grant_of_the_right_length():
    bed = Bed()
    bed.offer()
    bed.confirm()
    bed.arm()
    until = bed.at(1000)
    assert bed.pump.start(8, until[0], until[1], bed.ticks, bed.wraps) == (codes.WRONG_PROGRAMME, 0)
    assert bed.start(3001) == (codes.LEASE_TOO_LONG, 3000)
    assert bed.start(0) == (codes.NO_LEASE, 0)
    assert bed.start(-1) == (codes.NO_LEASE, 0)
    bed.lost = True
    bed.run(1000)
    assert bed.start() == (codes.ENCODER, 0)
    assert bed.pump.state == codes.ARMED and bed.drive.pushed == 0
    bed.lost = False
    bed.run(60)
    assert bed.start(3000) == GOOD


def test_a_syringe_that_is_taken_out_while_the_pump_is_armed_or_paused_must_be_programmed_anew():
    for state in ("armed", "paused"):
        bed = bed_in(state)
        made = bed.drive.made
        bed.pump.senses.fitted = BARREL
        bed.step()
        bed.pump.senses.fitted = FITTED
        assert (STATES[bed.pump.state], bed.pump.reason) == ("stopped", codes.WHY_UNFITTED), state
        until = bed.at(1000)
        for begin in (bed.pump.start, bed.pump.resume):
            begun = begin(bed.pump.programme.id, until[0], until[1], bed.ticks, bed.wraps)
            assert begun == (codes.BAD_STATE, 0), "who knows what was put in instead"
        bed.run(500)
        assert bed.drive.made == made


def test_with_air_in_the_line_nothing_begins_or_goes_on():
    for state in ("armed", "paused"):
        bed = bed_in(state)
        bed.pump.senses.sees_air = 1
        until = bed.at(1000)
        begin = bed.pump.start if state == "armed" else bed.pump.resume
        assert begin(bed.pump.programme.id, until[0], until[1], bed.ticks, bed.wraps) == (codes.AIR, 0)
        assert STATES[bed.pump.state] == state
        bed.pump.senses.sees_air = 0
        assert begin(bed.pump.programme.id, until[0], until[1], bed.ticks, bed.wraps) == GOOD


def test_the_boards_longest_lease_holds_whatever_the_programme_says():
    limits = dict(LIMITS)
    limits["max_lease"] = 1000
    bed = Bed(limits=limits)
    assert bed.offer(lease=1001) == (codes.LEASE_TOO_LONG, 1000)
    assert bed.offer(lease=1000) == GOOD
    bed.confirm()
    bed.arm()
    assert bed.start(1001) == (codes.LEASE_TOO_LONG, 1000)
    assert bed.start(1000) == GOOD


def test_stop_stands_still_in_every_state_in_one_step():
    for state in STATES:
        bed = bed_in(state)
        reason = bed.pump.reason
        bed.pump.stop(codes.WHY_HOST_STOP)
        assert bed.drive.queued() == 0 and bed.drive.room() == 8 and not bed.drive.energised, state
        made = bed.drive.made
        bed.run(2000, lease_ms=3000)
        assert bed.drive.made == made
        after = STATES[bed.pump.state]
        assert after in ("standby", "stopped", "complete", "fault", "unconfirmed")
        if after == state:
            assert bed.pump.reason == reason, "why it stands is not overwritten"
        else:
            assert after == ("standby" if state == "priming" else "stopped")
            why = codes.WHY_OCCLUSION if state == "backing-off" else codes.WHY_HOST_STOP
            assert bed.pump.reason == why


def test_a_stopped_delivery_cannot_go_on_without_a_new_read_back():
    bed = bed_in("stopped")
    assert bed.start() == (codes.BAD_STATE, 0)
    assert bed.confirm() == (codes.BAD_STATE, 0)
    assert not bed.grant(1000)
    assert bed.offer() == GOOD


def test_clear_names_the_reason_that_was_seen():
    bed = bed_in("fault")
    p = bed.pump
    assert p.clear(codes.WHY_DRIVE_FAULT) == (codes.STALE_CLEAR, 0)
    assert p.state == codes.FAULT
    p.fault(codes.WHY_DRIVE_FAULT)
    assert p.reason == codes.WHY_TASK_OVERRUN, "the first reason stays"
    assert p.clear(codes.WHY_TASK_OVERRUN) == GOOD
    assert (p.programme.token, p.programme.steps, p.programme.nl_per_rev, p.programme.finish) == (0, 0, 0, 0)
    assert (p.state, p.reason) == (codes.STANDBY, codes.WHY_NONE)
    assert bed.status("programme") == 0 and bed.status("delivered") == 0
