"""A pump that is held back: whatever its interlock says, it only ever does less than without one."""

from assuage_wire.schema import REASONS, STATES
from pump import codes, states
from pump.demand import GIVEN, NOT_NOW
from pump_fakes import Bed
from pump_stands import bed_in

GOOD = (codes.OK, 0)
LACK = (codes.GUARD, 3)
ROW = (0, 0, 900, 10_000, 20, 5_000, 15_000)


class Guard:
    """Says what it is told to say, and notes what it hears. reason: why drug must stand. lack: why none may begin."""

    def __init__(self):
        self.reason = codes.WHY_NONE
        self.lack = GOOD
        self.answer = GOOD
        self.heard = []

    def stage(self, programme, count, watch):
        self.heard.append(("stage", programme, count, watch))
        return self.answer

    def offer(self, programme, number, row):
        self.heard.append(("row", programme, number, row))
        return self.answer

    def load(self, programme):
        self.heard.append(("load", programme.id, programme.rows))

    def drop(self):
        self.heard.append(("drop",))

    def why(self):
        return self.reason

    def normal(self, _now):
        return self.lack == GOOD

    def lacks(self, _now):
        return self.lack

    def release(self, number, _now):
        self.heard.append(("release", number))
        return self.answer


def _bed(**changes):
    guard = Guard()
    bed = Bed(guard=guard)
    bed.infuse(**changes)
    bed.run(400, lease_ms=3000)
    guard.heard.clear()
    return bed, guard


def test_a_trip_pauses_an_infusion_and_a_bolus_and_names_its_reason():
    for reason in codes.OF_INTERLOCK:
        for in_bolus in (False, True):
            bed, guard = _bed(bolus=500_000, vtbi=5_000_000)
            if in_bolus:
                out = [0] * 7
                assert bed.pump.change(7, codes.TO_BOLUS, 6_000_000, 200_000, out) == GOOD
                assert bed.pump.apply(7, out[6]) == GOOD
                bed.run(100, lease_ms=3000)
                assert bed.pump.state == codes.BOLUS
            guard.reason = reason
            bed.step()
            assert (bed.pump.state, bed.pump.reason) == (codes.PAUSED, reason)
            assert not bed.drive.energised and bed.drive.queued() == 0
            before = bed.drive.made
            bed.run(2_000, lease_ms=3000)
            assert bed.drive.made == before
            guard.reason = codes.WHY_NONE
            bed.run(2_000, lease_ms=3000)
            assert (bed.pump.state, bed.drive.made) == (codes.PAUSED, before), "it never goes on by itself"


def test_a_trip_ends_the_kvo_rate_and_the_taking_up():
    bed, guard = _bed(vtbi=200_000, rate=20_000_000, kvo=100_000, on_end=codes.END_KVO, duration=600)
    bed.run(5_000, lease_ms=3000)
    assert bed.pump.state == codes.KVO
    guard.reason = codes.WHY_INTERLOCK
    bed.step()
    assert (bed.pump.state, bed.pump.reason) == (codes.STOPPED, codes.WHY_INTERLOCK)
    guard = Guard()
    bed = Bed(guard=guard)
    bed.feel(gap=4_000)
    for outcome in (bed.offer(rate=100_000), bed.confirm(), bed.arm(), bed.start()):
        assert outcome == GOOD, outcome
    bed.run(100, lease_ms=3000)
    assert bed.pump.state == codes.TAKING_UP
    guard.reason = codes.WHY_MISSING
    bed.step()
    assert (bed.pump.state, bed.pump.reason) == (codes.STOPPED, codes.WHY_MISSING)
    assert bed.drive.queued() == 0


def test_a_line_that_is_filled_is_connected_to_nobody():
    guard = Guard()
    bed = Bed(guard=guard)
    bed.run(80)
    guard.reason, guard.lack = codes.WHY_INTERLOCK, LACK
    assert bed.prime() == GOOD and bed.purge() == GOOD
    bed.run(200, lease_ms=3000)
    assert bed.pump.state == codes.PRIMING


def test_a_fault_is_told_before_a_trip():
    turns = 0
    bed, _ = _bed()
    bed.stalled = True
    while bed.pump.state == codes.INFUSING:
        bed.run(20, lease_ms=3000)
        turns += 1
    assert bed.pump.state == codes.FAULT
    for last, found in ((turns - 1, codes.FAULT), (turns - 2, codes.PAUSED)):
        bed, guard = _bed()
        bed.stalled = True
        bed.run(20 * last, lease_ms=3000)
        guard.reason = codes.WHY_INTERLOCK
        bed.step()
        assert bed.pump.state == found


def test_nothing_begins_or_grows_while_the_patient_is_not_normal():
    guard = Guard()
    bed = Bed(guard=guard)
    for outcome in (bed.offer(bolus=500_000, vtbi=5_000_000), bed.confirm(), bed.arm()):
        assert outcome == GOOD
    guard.lack = LACK
    made = bed.drive.made
    assert bed.start() == LACK
    bed.run(500)
    assert (bed.pump.state, bed.drive.made) == (codes.ARMED, made)
    guard.lack = GOOD
    assert bed.start() == GOOD
    bed.run(400, lease_ms=3000)
    guard.lack = LACK
    out = [0] * 7
    assert bed.pump.change(7, codes.TO_BOLUS, 6_000_000, 200_000, out) == GOOD, "it may be offered"
    assert bed.pump.apply(7, out[6]) == LACK
    rate = bed.pump.rate
    assert bed.pump.change(7, 0, rate + 1_000, 0, out) == GOOD
    assert bed.pump.apply(7, out[6]) == LACK
    assert bed.pump.rate == rate
    assert bed.pump.change(7, 0, rate - 1_000, 0, out) == GOOD
    assert bed.pump.apply(7, out[6]) == GOOD, "less is always possible"
    bed.pump.pause(7)
    until = bed.at(3000)
    assert bed.pump.resume(7, until[0], until[1], bed.ticks, bed.wraps) == LACK
    assert bed.pump.state == codes.PAUSED


def test_a_press_for_a_dose_brings_none_while_the_patient_is_not_normal():
    bed, guard = _bed(mode=codes.DEMAND, dose=100_000, dose_rate=6_000_000, lockout=5, rate=100_000)
    guard.lack = LACK
    assert (bed.pump.press(), bed.pump.state) == (NOT_NOW, codes.INFUSING)
    guard.lack = GOOD
    assert (bed.pump.press(), bed.pump.state) == (GIVEN, codes.BOLUS)


def test_a_release_makes_a_pause_one_that_anybody_may_end_and_nothing_else():
    bed, guard = _bed()
    guard.reason = codes.WHY_INTERLOCK
    bed.step()
    guard.answer = LACK
    assert bed.pump.release(4, bed.ticks) == LACK
    assert bed.pump.reason == codes.WHY_INTERLOCK
    guard.answer, guard.reason = GOOD, codes.WHY_NONE
    assert bed.pump.release(4, bed.ticks) == GOOD
    assert (bed.pump.state, bed.pump.reason) == (codes.PAUSED, codes.WHY_PAUSED)
    assert guard.heard == [("release", 4)] * 2
    for state in range(len(STATES)):
        for reason in range(len(REASONS)):
            bed.pump.state, bed.pump.reason = state, reason
            bed.pump.release(4, bed.ticks)
            paused = state == codes.PAUSED and reason in codes.OF_INTERLOCK
            assert bed.pump.state == state
            assert bed.pump.reason == (codes.WHY_PAUSED if paused else reason)


def test_rows_come_after_the_legs_and_the_token_stands_for_them_all():
    guard = Guard()
    bed = Bed(guard=guard)
    out = [0] * 3
    assert bed.offer(guards=2) == GOOD
    bed.pump.read_row_back(out)
    assert (out, bed.pump.state) == ([2, 0, 0], codes.STANDBY)
    assert bed.pump.row(8, 0, ROW) == (codes.WRONG_PROGRAMME, 0)
    assert bed.pump.row(7, 0, ROW) == GOOD
    bed.pump.read_row_back(out)
    assert out == [1, 0, 0]
    assert bed.pump.row(7, 1, ROW) == GOOD
    bed.pump.read_row_back(out)
    assert out == [0, bed.pump.programme.token, 0] and out[1] > 0
    assert guard.heard[-1] == ("load", 7, [ROW, ROW]) and guard.heard[0] == ("stage", 7, 2, 0)
    assert bed.pump.row(7, 2, ROW) == (codes.BAD_STATE, 0), "it has them all"
    tokens = set()
    for last in (ROW, (0, 0, 901, 10_000, 20, 5_000, 15_000)):
        assert bed.offer(guards=1) == GOOD
        assert bed.pump.row(7, 0, last) == GOOD
        tokens.add(bed.pump.programme.token)
    assert len(tokens) == 2
    assert bed.offer(guards=1, legs=1, mode=codes.PROFILE) == GOOD
    assert bed.pump.row(7, 0, ROW) == (codes.BAD_STATE, 0), "the legs first"
    assert bed.pump.leg(7, 0, 166_667, 166_667, 0, 0) == GOOD
    assert bed.pump.leg(7, 1, 166_667, 166_667, 0, 0) == (codes.LEG, 1)
    assert bed.pump.row(7, 0, ROW) == (codes.BAD_STATE, 0), "that was the end of the offer"


def test_a_row_that_is_refused_ends_the_offer_and_the_programme_before_stays():
    guard = Guard()
    bed = Bed(guard=guard)
    assert bed.offer() == GOOD
    token = bed.pump.programme.token
    assert bed.offer(programme=8, guards=1) == GOOD
    guard.answer = (codes.TOO_LOOSE, 3)
    guard.heard.clear()
    assert bed.pump.row(8, 0, ROW) == (codes.TOO_LOOSE, 3)
    guard.answer = GOOD
    assert bed.pump.row(8, 0, ROW) == (codes.BAD_STATE, 0)
    assert guard.heard == [("row", 8, 0, ROW)]
    assert bed.pump.confirm(7, token) == GOOD
    guard.answer = LACK
    assert bed.offer(programme=9, guards=1) == LACK
    assert bed.pump.state == codes.CONFIRMED


def test_a_programme_that_is_dropped_is_told_to_the_interlock():
    bed, guard = _bed()
    bed.pump.stop(codes.WHY_HOST_STOP)
    assert guard.heard == []
    assert bed.pump.clear(codes.WHY_HOST_STOP) == GOOD
    assert guard.heard == [("drop",)]


def test_who_watches_from_elsewhere_needs_a_bound_and_none_is_none():
    bound = 30
    for watch, ms, wrong in (
        (0, 0, 0),
        (0, 1_000, bound),
        (5, 0, bound),
        (5, 999, bound),
        (5, 1_000, 0),
        (5, 4_000, 0),
    ):
        bed = Bed(guard=Guard())
        assert bed.offer(watch=watch, bound=ms) == ((codes.BAD_VALUE, wrong) if wrong else GOOD)


def test_a_pump_without_an_interlock_takes_no_programme_that_wants_one():
    bed = Bed()
    for changes in ({"guards": 1}, {"watch": 5, "bound": 2_000}):
        assert bed.offer(**changes) == (codes.UNSUPPORTED, 0)
    assert bed.pump.release(1, 0) == (codes.UNSUPPORTED, 0)
    assert bed.offer() == GOOD and bed.pump.row(7, 0, ROW) == (codes.BAD_STATE, 0)


def test_in_every_state_a_trip_leaves_nothing_that_brings_drug():
    for name in STATES:
        bed = bed_in(name)
        assert STATES[bed.pump.state] == name
        bed.pump.guard = Guard()
        bed.pump.guard.reason = codes.WHY_INTERLOCK
        bed.pump.guard.lack = LACK
        acts = states.delivering(bed.pump.state) or bed.pump.state == codes.TAKING_UP
        bed.step()
        stands = {"infusing": "paused", "bolus": "paused", "kvo": "stopped", "taking-up": "stopped"}
        assert STATES[bed.pump.state] == stands.get(name, name), name
        assert acts == (name in stands)
        if acts:
            assert bed.drive.queued() == 0
