"""What was delivered is what the drive made, to the step: however it is queued, held, slowed, changed or interrupted.
And nothing is queued that the record does not have."""

from assuage_wire.schema import S30
from pump import codes
from pump.delivery import IDLE_MS, Delivery, stand
from pump.programme import Programme
from pump_fakes import DEPTH, LEAD_NM, LIMITS, STEPS, Bed, Drive, fields

V = 559_902  # nL a turn at a bore of 26.7 mm
FAST = 3_000_000  # nL/min


def nl(steps, v=V):
    return steps * v // STEPS


class Noting(Drive):
    """flows: nL/min of each word that was pushed since the queue was last emptied."""

    def __init__(self):
        Drive.__init__(self)
        self.flows = []
        self.course = None

    def push(self, count, period_us):
        Drive.push(self, count, period_us)
        self.flows.append(self.course.flow)

    def abort(self):
        Drive.abort(self)
        self.flows = []


class Record:
    """What a delivery asks before it queues, and tells when it has counted. most: nL that it takes."""

    def __init__(self):
        self.most = 1 << 30
        self.asked = 0
        self.told = 0

    def before(self, volume):
        self.asked = volume
        return volume <= self.most

    def counted(self, volume):
        self.told = volume


class Run:
    """A delivery on its drive; whatever is looked at, the count is held against the drive's own."""

    def __init__(self, drive=None, legs=(), motor=LIMITS, **changes):
        self.drive = drive or Noting()
        self.record = Record()
        self.delivery = Delivery(self.drive, self.record, STEPS, motor)
        self.drive.course = self.delivery._course
        self.programme = Programme()
        self.prepare(legs, **changes)

    def prepare(self, legs=(), **changes):
        p = Programme()
        p.load(fields(legs=len(legs), **changes), 0, STEPS, LEAD_NM)
        for leg in legs:
            p.add(leg)
        assert not p.missing()
        self.programme = p
        self.delivery.prepare(p)
        self.first = self.drive.made

    def start(self):
        self.delivery.energise()
        self.delivery.run()

    def made(self):
        return self.drive.made - self.first

    def turn(self, ms=20, feed=True):
        d = self.delivery
        self.drive.pass_time(ms * 1000)
        d.count()
        self.agrees()
        if feed:
            d.feed()
            self.agrees()
            words = DEPTH - self.drive.room()
            if words and self.drive.flows:
                assert d.flow == self.drive.flows[-words], "of the word under way"

    def agrees(self):
        d = self.delivery
        v = self.programme.nl_per_rev
        assert d.delivered.nl == nl(self.made(), v) and not d.astray
        assert d.queued == self.drive.queued()
        assert self.record.told == d.delivered.nl or self.made() == 0
        assert d.left_nl() == max(0, self.programme.vtbi - nl(self.made() + d.queued, v))

    def finish(self, ms=20):
        for _ in range(100_000):
            if self.delivery.done():
                return self.made()
            self.turn(ms)
        raise AssertionError("it did not end")


def test_all_that_was_made_is_counted_and_all_that_is_queued_was_written_down_before():
    for rate, vtbi in ((FAST, 200_000), (20_000_000, 2_000_000), (166_667, 5_000)):
        run = Run(rate=rate, vtbi=vtbi)
        d = run.delivery
        assert (d.delivered.nl, d.queued, d.left_nl(), d.bolus_nl()) == (0, 0, vtbi, 0)
        run.start()
        unread = 0
        while not d.done():
            before = run.made()
            run.turn(7)
            unread += run.made() - before
            assert d.unread == unread
            assert run.record.asked >= nl(run.made() + d.queued)
        assert run.made() == run.programme.steps == vtbi * STEPS // V
        assert run.record.asked == nl(run.made()), "not one step more than asked for"
        assert d.queued == 0 and d.empty() and d.owed_nl() == 0
        run.turn(1000)
        assert run.made() == run.programme.steps


def test_it_is_done_when_the_last_step_was_made_and_not_when_it_was_queued():
    run = Run(rate=FAST, vtbi=20_000)
    run.start()
    queued_all = False
    while not run.delivery.done():
        assert run.made() < run.programme.steps
        queued_all = queued_all or run.made() + run.delivery.queued == run.programme.steps
        run.turn(1)
    assert queued_all and run.made() == run.programme.steps


def test_what_the_queue_still_owes_is_what_it_holds_and_a_step_until_all_is_queued():
    run = Run(rate=FAST, vtbi=200_000)
    d = run.delivery
    step_nl = -(-V // STEPS)
    assert d.owed_nl() == step_nl
    run.start()
    seen = 0
    while not d.done():
        all_queued = run.made() + d.queued == run.programme.steps
        owed = nl(run.made() + d.queued) - nl(run.made()) + step_nl
        assert d.owed_nl() == (0 if all_queued else owed)
        seen += all_queued
        run.turn(5)
    assert seen


def test_what_the_record_does_not_take_is_not_queued_and_comes_once_it_does():
    run = Run(rate=FAST, vtbi=200_000)
    d = run.delivery
    run.record.most = nl(40)
    run.start()
    while not d.withheld:
        run.turn()
    for _ in range(20):
        run.turn()
        assert d.withheld
    assert d.queued == 0 and 0 < run.made() <= 40
    pushed = run.drive.pushed
    run.turn()
    assert run.drive.pushed == pushed and not d.done()
    run.record.most = S30
    run.turn()
    assert not d.withheld and d.queued
    assert run.finish() == run.programme.steps


def test_a_profile_with_a_pause_is_counted_to_the_step():
    legs = ((FAST, FAST, 20_000, 0), (0, 0, 0, 1), (1_000_000, FAST, 0, 2), (FAST, FAST, 0, 0))
    run = Run(legs=legs, mode=codes.PROFILE, rate=FAST, vtbi=150_000)
    run.start()
    stood = 0
    while not run.delivery.done():
        made = run.made()
        run.turn(10)
        stood += run.made() == made and run.delivery.flow == 0
    assert 70 <= stood <= 100 and run.made() == run.programme.steps


def test_what_was_queued_when_it_was_held_comes_after_and_nothing_is_lost_or_doubled():
    for hold_after in (1, 3, 10):
        run = Run(rate=FAST, vtbi=200_000)
        d = run.delivery
        run.start()
        for _ in range(hold_after):
            run.turn(13)
        for _ in range(3):
            run.drive.late_us = 4_000
            assert d.queued > 0
            d.hold()
            run.agrees()
            assert run.drive.queued() == d.queued == 0 and d.flow == 0 and not run.drive.energised
            assert run.drive.room() == DEPTH
            made = run.made()
            run.turn(500, feed=False)
            assert run.made() == made
            run.start()
            run.agrees()
            assert d.queued and d.flow == FAST
            run.turn(13)
        assert run.finish() == run.programme.steps


def test_a_halt_empties_the_queue_and_counts_what_was_made_meanwhile():
    run = Run(rate=FAST, vtbi=200_000)
    d = run.delivery
    run.start()
    for _ in range(10):
        run.turn()
    run.drive.late_us = 9_000
    before = run.made()
    d.halt()
    assert run.made() > before and d.delivered.nl == nl(run.made()) == run.record.told
    assert (d.queued, d.flow, run.drive.queued(), run.drive.energised) == (0, 0, 0, False)
    assert not d.done(), "most of it is left"


def test_slowed_down_the_rest_comes_at_the_kvo_rate_to_the_step():
    kvo = 1_000_000
    run = Run(rate=FAST, vtbi=100_000, kvo=kvo, on_loss=codes.LOSS_KVO)
    d = run.delivery
    run.start()
    for _ in range(10):
        run.turn()
    run.record.most = nl(run.made() + d.queued)
    while not d.withheld:
        run.turn(1)
    run.record.most = S30
    run.drive.late_us = 9_000
    assert d.queued > 3
    d.slow()
    assert not d.withheld, "what was asked for before is void"
    assert run.drive.queued() == 0 and run.drive.room() == DEPTH and run.drive.energised
    run.agrees()
    d.feed()
    assert d.flow == kvo and d.queued
    made = run.made()
    for _ in range(50):
        run.turn()
    assert abs(nl(run.made() - made) - kvo // 60) < 1_000
    assert run.finish() == run.programme.steps


def test_kept_open_so_many_steps_more_come_at_the_kvo_rate_and_no_more():
    run = Run(rate=FAST, vtbi=20_000, kvo=1_000_000, on_end=codes.END_KVO)
    run.start()
    assert run.finish() == run.programme.steps
    run.delivery.stay_open(50)
    assert not run.delivery.done()
    run.delivery.feed()
    assert run.delivery.flow == 1_000_000
    assert run.finish() == run.programme.steps + 50


def test_a_change_of_flow_changes_no_volume():
    run = Run(rate=FAST, vtbi=100_000)
    d = run.delivery
    run.start()
    for flow in (1_000_000, 2_000_000, FAST):
        for _ in range(10):
            run.turn()
        d.change(flow)
        for _ in range(20):
            run.turn()
        assert d.flow == flow
    assert run.finish() == run.programme.steps


def test_a_bolus_counts_from_its_first_step_to_its_last_and_stays_when_the_flow_goes_on():
    for extra in (False, True):
        dose = 30_000
        on_demand = {"mode": codes.DEMAND, "dose": dose, "dose_rate": FAST}
        run = Run(rate=300_000, vtbi=200_000, **({} if extra else on_demand))
        d = run.delivery
        if extra:
            d.set_bolus(FAST, dose)
        run.start()
        for _ in range(20):
            run.turn()
        assert d.bolus_over() and d.bolus_nl() == 0
        began = run.made() + d.queued
        d.bolus(extra)
        assert d.bolus_nl() == 0 and not d.bolus_over()
        d.feed()
        steps = dose * STEPS // V
        ends = None
        while run.made() < began + steps + 60:
            run.turn(1)
            given = min(max(0, run.made() - began), steps)
            assert abs(d.bolus_nl() - nl(given)) <= 1
            over = run.made() >= began + steps
            if d.bolus_over() and ends is None:
                ends = run.made()
            assert not d.bolus_over() or over
        assert ends == began + steps, "told as soon as its last word is done"
        assert abs(d.bolus_nl() - nl(steps)) <= 1
        assert run.finish() == run.programme.steps
        run.prepare(rate=FAST, vtbi=200_000)
        run.start()
        for _ in range(10):
            run.turn()
            assert d.bolus_nl() == 0, "of the programme before"
        assert run.finish() == run.programme.steps and d.bolus_nl() == 0


def test_what_was_held_back_of_a_bolus_is_no_bolus_any_more():
    for how in ("hold", "slow"):
        run = Run(rate=300_000, vtbi=100_000, kvo=200_000, mode=codes.DEMAND, dose=40_000, dose_rate=FAST)
        d = run.delivery
        run.start()
        for _ in range(5):
            run.turn()
        began = run.made() + d.queued
        d.bolus(False)
        for _ in range(15):
            run.turn()
        given = nl(run.made()) - nl(began)
        assert 5_000 < given < 30_000 and abs(d.bolus_nl() - given) <= 1
        assert d.queued and not d.bolus_over()
        if how == "hold":
            d.hold()
            run.start()
        else:
            d.slow()
            d.feed()
        assert d.bolus_over()
        for _ in range(40):
            run.turn()
            assert abs(d.bolus_nl() - given) <= 1
        assert run.finish() == run.programme.steps
        d.forget()
        assert (d.bolus_nl(), d.delivered.nl) == (0, 0)


def test_doses_alone_are_counted_where_there_is_no_other_flow():
    run = Run(rate=0, vtbi=100_000, mode=codes.DEMAND, dose=20_000, dose_rate=FAST)
    d = run.delivery
    run.start()
    for n in range(1, 4):
        for _ in range(30):
            run.turn()
        d.bolus(False)
        for _ in range(60):
            run.turn()
        assert abs(d.bolus_nl() - nl(20_000 * STEPS // V)) <= 1 and d.bolus_over()
        assert abs(nl(run.made()) - n * 20_000) <= n * 175
    assert d.flow == 0


def test_steps_that_nobody_asked_for_are_counted_and_told():
    run = Run(rate=FAST, vtbi=200_000)
    d = run.delivery
    run.drive.made += 30_000
    d.count()
    assert d.astray and d.delivered.nl == nl(30_000) and d.unread == 30_000 and d.queued == 0
    d.forget()
    assert not d.astray and d.delivered.nl == 0
    run.drive.made += 5_000
    d.count()
    assert d.astray and d.unread == 35_000
    assert d.delivered.nl == 0, "without a programme nobody knows what a step displaces"


def test_a_single_step_that_nobody_asked_for_is_told():
    run = Run(rate=FAST, vtbi=200_000)
    run.drive.made += 1
    run.delivery.count()
    assert run.delivery.astray and run.delivery.queued == 0 and run.delivery.unread == 1


def test_more_steps_than_a_drive_can_make_between_two_looks_are_not_believed():
    run = Run(rate=FAST, vtbi=200_000)
    d = run.delivery
    run.drive.made += 30_001
    d.count()
    assert d.astray and d.delivered.nl == 0 and d.unread == 0
    run.drive.made += 1
    d.count()
    assert d.unread == 1, "from there on it is counted again"
    run.drive.made -= 2
    d.count()
    assert d.unread == 1, "a counter that ran back is no such step either"


def test_what_somebody_else_has_moved_and_counted_is_not_counted_again():
    run = Run(rate=FAST, vtbi=20_000)
    d = run.delivery
    run.drive.made += 500
    d.recount()
    run.first = run.drive.made
    d.count()
    assert d.unread == 0 and d.delivered.nl == 0 and not d.astray
    run.start()
    assert run.finish() == run.programme.steps


def test_the_drives_counter_may_wrap_while_it_counts():
    drive = Noting()
    drive.made = S30 - 20
    run = Run(drive=drive, rate=FAST, vtbi=50_000)
    run.start()
    assert run.finish() == 50_000 * STEPS // V


def test_the_next_programme_is_counted_from_nothing():
    run = Run(rate=FAST, vtbi=20_001)
    run.start()
    run.finish()
    run.delivery.halt()
    for rate in (1_000_000, 1_000_000, FAST):
        run.prepare(rate=rate, vtbi=30_000)
        d = run.delivery
        assert (d.delivered.nl, d.queued, d.flow, d.left_nl()) == (0, 0, 0, 30_000)
        assert not d.done()
        run.start()
        assert d.flow == rate
        assert run.finish() == run.programme.steps
        d.halt()


def test_the_flow_that_is_told_is_that_of_the_word_under_way():
    run = Run(rate=FAST, vtbi=200_000)
    d = run.delivery
    run.start()
    for _ in range(10):
        run.turn()
    d.change(1_000_000)
    queued = run.made() + d.queued  # at the flow before
    told = None
    for _ in range(300):
        run.turn(1)
        if d.flow == 1_000_000 and told is None:
            told = run.made()
    assert queued <= told <= queued + 2


def test_a_fast_flow_is_fed_through_its_ramp_and_begins_anew_after_a_dry_queue():
    """13 600 steps/s, faster than the motor starts: each word of the ramp has its own flow, and eight are queued."""
    slow = {"max_start_hz": 500, "max_hz": 32_000, "acceleration": 20_000}
    run = Run(motor=slow, bore=10_000, capacity=10_000_000, rate=20_000_000, vtbi=5_000_000)
    d = run.delivery
    run.start()
    assert len(set(run.drive.flows)) == DEPTH
    flows = 0
    before = 0
    for _ in range(60):
        run.turn(45)  # two words or more
        flows += d.flow != before
        before = d.flow
    assert d.flow == 20_000_000 and flows > 8
    run.turn(3000)
    first = run.drive._periods[run.drive._first]
    assert first >= 1_000_000 // slow["max_start_hz"], "as a motor begins that stands"
    for _ in range(200):
        run.turn(5)
    assert d.flow == 20_000_000, "and it is fast again"
    assert run.finish(5) == run.programme.steps


def test_all_of_what_may_be_queued_is_used_and_not_a_step_more():
    reached = 0
    for rate in (749_000, FAST, 7_000_000, 20_000_000):
        run = Run(rate=rate, vtbi=3_000_000)
        run.start()
        for _ in range(60):
            assert run.delivery.queued <= 20_000 * STEPS // V
            reached = max(reached, run.delivery.queued)
            run.turn(5)
    assert reached == 20_000 * STEPS // V


def test_a_drive_that_takes_no_word_for_a_second_is_stuck_and_late_turns_are_not_its_fault():
    assert IDLE_MS == 1000
    run = Run(rate=FAST, vtbi=200_000)
    d = run.delivery
    run.start()
    for _ in range(20):
        assert not d.stuck(60_000), "50 ms each"
    assert d.stuck(1) and d.stuck(0)
    run.turn(40)
    assert not d.stuck(20), "it has taken a word"
    run.drive.stuck = True
    late = 0
    while not d.stuck(20):
        run.turn()
        late += 20
    assert late == IDLE_MS - 20
    d.hold()
    run.record.most = 0
    run.start()
    for _ in range(20):
        assert not d.stuck(50), "it begins anew, also where there is nothing to take yet"
    assert d.stuck(1)


def test_current_and_direction_come_before_motion_and_go_with_it():
    run = Run(rate=FAST, vtbi=200_000)
    d, drive = run.delivery, run.drive
    assert not drive.energised and not drive.ahead
    d.energise()
    assert drive.energised and drive.ahead and d.empty() and drive.pushed == 0
    d.release()
    assert not drive.energised
    run.start()
    assert not d.empty()
    drive.push(0, 1000)
    stand(drive)
    assert d.empty() and not drive.energised
    drive.enable(True)
    drive.push(0, 1000)
    assert drive.queued() == 0 and not d.empty(), "a word that waits is one"


def test_the_current_is_cut_also_when_the_queue_cannot_be_emptied():
    class Broken(Drive):
        def abort(self):
            raise OSError(5)

    drive = Broken()
    drive.enable(True)
    try:
        stand(drive)
    except OSError:
        assert not drive.energised
        return
    raise AssertionError("nobody was told")


def test_how_long_a_queue_lasts_is_half_of_its_volume_or_an_eighth_of_a_turn_at_the_faster_flow():
    bed = Bed()
    bed.infuse(rate=600_000)
    delivery = bed.pump.delivery
    assert delivery.lasts_ms() == 1000, "10 uL"
    delivery.flow = 1_200_000
    assert delivery.lasts_ms() == 500, "what is queued still comes faster than what is next"
    bed = Bed()
    bed.infuse(bore=4_780, rate=300_000)
    delivery = bed.pump.delivery
    assert delivery.lasts_ms() == 17_945 // 8 * 60_000 // 300_000
    delivery.flow = delivery._course.flow = 0
    assert delivery.lasts_ms() == 17_945 // 8 * 60_000, "in a pause"
