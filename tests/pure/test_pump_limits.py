"""The safety kernel, at every boundary: a limit can only be lowered, and one that is missing lets nothing pass."""

from assuage_wire.codec import BY_NAME
from assuage_wire.schema import S30
from pump import codes
from pump.limits import SLACK_NL, Watch, check, field_out_of_range, refusal_of_field, since
from pump.programme import WIDTH, Programme
from pump.steps import bottom_flow, top_flow
from pump_fakes import BD50, FIELDS, LEAD_NM, LIMITS, STEPS, fields

OFFER = BY_NAME["Programme"]
GOOD = (codes.OK, 0)


def programme(**changes):
    p = Programme()
    p.load(fields(**changes), 0, STEPS, LEAD_NM)
    return p


def checked(limits=None, **changes):
    return check(programme(**changes), LIMITS if limits is None else limits, STEPS)


def board(**changes):
    limits = dict(LIMITS)
    limits.update(changes)
    return limits


def without(name):
    limits = dict(LIMITS)
    del limits[name]
    return limits


def test_the_programme_has_the_tables_fields_in_the_tables_order():
    assert len(FIELDS) == WIDTH
    p = Programme()
    p.load(list(range(100, 100 + WIDTH)), 0, STEPS, LEAD_NM)
    for i in range(WIDTH):
        name = "id" if FIELDS[i] == "programme" else FIELDS[i]
        assert getattr(p, name) == 100 + i, name


def test_a_good_programme_passes():
    assert checked() == GOOD


def test_the_rate_is_held_to_the_least_of_board_programme_and_drive():
    assert checked(board(max_rate=166_667)) == GOOD
    assert checked(board(max_rate=166_666)) == (codes.RATE_LIMIT, 166_666)
    assert checked(limit_rate=166_667) == GOOD
    assert checked(limit_rate=166_666) == (codes.RATE_LIMIT, 166_666)
    # neither can raise the other
    assert checked(board(max_rate=100), limit_rate=20_000_000) == (codes.RATE_LIMIT, 100)
    assert checked(board(max_rate=1 << 40), limit_rate=100) == (codes.RATE_LIMIT, 100)
    top = top_flow(programme(bore=1_000).nl_per_rev, STEPS)
    assert checked(bore=1_000, rate=top) == GOOD
    assert checked(bore=1_000, rate=top + 1) == (codes.RATE_LIMIT, top)


def test_a_flow_too_slow_to_step_is_refused():
    slowest = bottom_flow(programme(bore=60_000).nl_per_rev, STEPS)
    assert checked(bore=60_000, rate=slowest) == GOOD
    assert checked(bore=60_000, rate=slowest - 1) == (codes.RATE_LIMIT, slowest)


def test_a_missing_limit_is_zero():
    assert checked(without("max_rate")) == (codes.RATE_LIMIT, 0)
    assert checked(without("max_volume")) == (codes.VOLUME_LIMIT, 0)
    assert checked(without("max_duration")) == (codes.TIME_LIMIT, 0)
    assert checked(without("max_lease")) == (codes.LEASE_TOO_LONG, 0)
    assert checked({})[0] != codes.OK
    assert checked(without("max_duration"), duration=1) == (codes.TIME_LIMIT, 0)
    assert checked(limit_rate=0) == (codes.RATE_LIMIT, 0)
    assert checked(limit_volume=0) == (codes.VOLUME_LIMIT, 0)


def test_the_volume_is_held_to_the_least_of_board_programme_and_syringe():
    assert checked(board(max_volume=5_000_000)) == GOOD
    assert checked(board(max_volume=4_999_999)) == (codes.VOLUME_LIMIT, 4_999_999)
    assert checked(limit_volume=5_000_000) == GOOD
    assert checked(limit_volume=4_999_999) == (codes.VOLUME_LIMIT, 4_999_999)
    assert checked(capacity=5_000_000) == GOOD
    assert checked(capacity=4_999_999) == (codes.SYRINGE, 4_999_999)
    assert checked(board(max_volume=10), limit_volume=20, capacity=15) == (codes.VOLUME_LIMIT, 10)


def test_a_volume_below_one_step_is_no_programme():
    one = programme(bore=60_000).nl_per_rev // STEPS + 1
    assert checked(bore=60_000, vtbi=one) == GOOD
    assert checked(bore=60_000, vtbi=one - 1) == (codes.BAD_VALUE, OFFER.index("vtbi"))


def test_time_and_lease_are_held_to_the_boards():
    assert checked(board(max_duration=3600)) == GOOD
    assert checked(board(max_duration=3599)) == (codes.TIME_LIMIT, 3599)
    assert checked(board(max_lease=3000)) == GOOD
    assert checked(board(max_lease=2999)) == (codes.LEASE_TOO_LONG, 2999)


def test_kvo_is_never_above_the_rate_and_exists_where_it_is_asked_for():
    for on_loss in (codes.LOSS_STOP, codes.LOSS_CONTINUE, codes.LOSS_KVO):
        assert checked(on_loss=on_loss, kvo=166_667) == GOOD
        assert checked(on_loss=on_loss, kvo=166_668) == (codes.RATE_LIMIT, 166_667)
    assert checked(kvo=0) == GOOD
    slowest = bottom_flow(programme().nl_per_rev, STEPS)
    assert checked(on_loss=codes.LOSS_KVO, kvo=slowest) == GOOD
    assert checked(on_loss=codes.LOSS_KVO, kvo=slowest - 1) == (codes.BAD_VALUE, OFFER.index("kvo"))
    assert checked(on_loss=codes.LOSS_KVO, kvo=0) == (codes.BAD_VALUE, OFFER.index("kvo"))


def test_every_field_is_held_to_the_tables_range_on_both_sides():
    for i in range(WIDTH):
        name, _, _, lo, hi, _ = OFFER.fields[i + 2]
        number = OFFER.index(name)
        for value, found in ((lo, 0), (hi, 0), (lo - 1, number), (hi + 1, number)):
            values = fields()
            values[i] = value
            assert field_out_of_range(values) == found, (name, value)
            assert field_out_of_range([None, None] + values, 2) == found
        assert refusal_of_field(number) == (codes.SYRINGE if name == "bore" else codes.BAD_VALUE)


def test_delivered_volume_may_reach_its_limit_and_not_pass_it():
    watch = Watch()
    watch.begin(1000, 60, 20_000_000, 0)
    assert watch.look(10, 1000, 1000) == codes.WHY_NONE
    assert watch.look(10, 1, 1001) == codes.WHY_VOLUME_LIMIT


def test_time_ends_at_its_limit_exactly():
    for ms in (1, 7, 20, 999, 1000, 1001):
        watch = Watch()
        watch.begin(1000, 3, 166_667, 0)
        passed = 0
        while passed + ms < 3000:
            passed += ms
            assert watch.look(ms, 0, 0) == codes.WHY_NONE
            assert watch.elapsed_s == passed // 1000 and watch.seconds_left() == 3 - passed // 1000
        assert watch.look(ms, 0, 0) == codes.WHY_TIME_LIMIT
        assert watch.seconds_left() == 0
        watch.begin(1000, 3, 166_667, 0)
        assert watch.look(1, 0, 0) == codes.WHY_NONE, "a new delivery has its time afresh"


def test_a_new_delivery_starts_its_watch_afresh():
    watch = Watch()
    watch.begin(1000, 2, 166_667, 0)
    watch.look(1999, 700, 700)
    for flow in (166_667, 0):
        watch.begin(1000, 2, flow, 0)
        assert (watch.elapsed_s, watch.level_nl, watch.seconds_left()) == (0, 0, 2)
        assert watch.look(1999, 0, 0) == codes.WHY_NONE
        assert watch.look(1, 0, 0) == codes.WHY_TIME_LIMIT
    watch.look(9000, 0, 0)
    assert watch.seconds_left() == 0


def test_the_watched_flow_leaks_out_exactly_with_a_sixty_fourth_more():
    # 5 908, 59 076 and 59 077 are 6 000, 59 999 and 60 000 with their sixty-fourth
    for flow in (1, 63, 64, 167, 5_908, 59_076, 59_077, 59_999, 166_667, 3_000_001, 20_000_000):
        watch = Watch()
        watch.begin(1 << 29, 1 << 20, flow, 0)
        ms = 0
        watch.look(0, 1_000_000_000, 0)
        for _ in range(40):
            watch.look(1, 0, 0)
            ms += 1
            assert watch.level_nl == 1_000_000_000 - ms * (flow + flow // 64) // 60_000
        for i in range(40):
            watch.look(i * 7 % 60, 0, 0)
            ms += i * 7 % 60
            assert watch.level_nl == 1_000_000_000 - ms * (flow + flow // 64) // 60_000
        watch.look(15_000, 0, 0)
        ms += 10_000
        assert watch.level_nl == 1_000_000_000 - ms * (flow + flow // 64) // 60_000, "10 s are credited at most"


def test_a_watch_that_was_never_begun_lets_nothing_pass():
    watch = Watch()
    assert (watch.elapsed_s, watch.level_nl, watch.seconds_left()) == (0, 0, 0)
    assert watch.look(0, 0, 0) == codes.WHY_TIME_LIMIT
    assert watch.look(0, 0, 1) == codes.WHY_VOLUME_LIMIT
    watch.look(0, 100, 0)
    for _ in range(10):
        watch.look(10_000, 0, 0)
    assert watch.level_nl == 100


def test_the_watch_is_never_owed_anything():
    watch = Watch()
    watch.begin(1 << 29, 1 << 20, 166_667, 0)
    watch.look(5000, 10, 10)
    assert watch.level_nl == 0
    assert watch.look(0, SLACK_NL, 0) == codes.WHY_NONE
    assert watch.look(0, 1, 0) == codes.WHY_DRIVE_FAULT
    assert SLACK_NL == 20_000


def test_a_flow_set_anew_starts_without_a_remainder():
    watch = Watch()
    watch.begin(1 << 29, 1 << 20, 58_000, 0)
    watch.look(1, 1000, 0)
    watch.set_flow(1_500)
    watch.look(1, 0, 0)
    assert watch.level_nl == 1000
    watch.set_flow(0)
    watch.look(1000, 0, 0)
    assert watch.level_nl == 1000 - 25, "some of the turn in which the flow changes may have had the higher one"
    watch.look(1000, 0, 0)
    assert watch.level_nl == 1000 - 25


def test_the_turn_in_which_the_flow_changes_demands_only_the_lower_one():
    watch = Watch()
    watch.begin(1 << 29, 1 << 20, 0, 0)
    watch.set_flow(20_000_000)
    for lag in (0, 328 * 40, 2 * 328 * 40):
        watch.look(40, 0, 0)
        assert abs(watch.lag_nl - lag) <= 10
    watch.begin(1 << 29, 1 << 20, 20_000_000, 0)
    watch.look(40, 0, 0)
    watch.set_flow(0)
    before = watch.lag_nl
    watch.look(40, 0, 0)
    assert watch.lag_nl == before


def test_a_flow_that_is_kept_is_never_called_a_runaway():
    for flow in (167, 16_667, 166_667, 20_000_000):
        watch = Watch()
        watch.begin(1 << 29, 1 << 20, flow, 0)
        nl = ms = 0
        for i in range(3000):
            step = 1 + i % 60
            ms += step
            due = flow * ms // 60_000 // 883 * 883  # in steps of the largest syringe
            assert watch.look(step, due - nl, due) == codes.WHY_NONE
            nl = due


def test_a_runaway_is_ended_after_a_bounded_volume():
    for flow in (167, 166_667, 13_000_000):
        for percent in (110, 200, 1000):
            watch = Watch()
            watch.begin(1 << 29, 1 << 20, flow, 0)
            fast = flow * percent // 100
            turn = 20 if flow > 1000 else 2000
            nl = ms = 0
            while True:
                ms += turn
                due = fast * ms // 60_000
                why = watch.look(turn, due - nl, due)
                nl = due
                if why:
                    break
            assert why == codes.WHY_DRIVE_FAULT
            excess = nl - flow * ms // 60_000
            assert SLACK_NL * 9 // 10 < excess < SLACK_NL * 13 // 10 + fast // 3000, (flow, percent, excess)


def test_the_watch_follows_a_lower_flow():
    watch = Watch()
    watch.begin(1 << 29, 1 << 20, 20_000_000, 0)
    watch.set_flow(16_667)
    watch.look(20, 0, 0)
    assert watch.look(20, SLACK_NL, SLACK_NL) == codes.WHY_NONE
    assert watch.look(20, 100, SLACK_NL + 100) == codes.WHY_DRIVE_FAULT


def test_a_late_turn_of_the_loop_is_credited_with_ten_seconds_at_most():
    watch = Watch()
    watch.begin(1 << 29, 1 << 20, 6_000_000, 0)
    assert watch.look(60_000, 1_000_000 + SLACK_NL + 17_000, 0) == codes.WHY_DRIVE_FAULT
    watch.begin(1 << 29, 1 << 20, 6_000_000, 0)
    assert watch.look(60_000, 1_000_000 + SLACK_NL, 0) == codes.WHY_NONE
    assert watch.elapsed_s == 60


def test_time_since_a_tick_crosses_the_wrap_and_never_goes_back():
    assert since(5, S30 - 4) == 10
    assert since(100, 100) == 0
    assert since(99, 100) == 0
    assert since(S30 >> 1, 0) == S30 >> 1
    assert since((S30 >> 1) + 1, 0) == 0


def test_bore_of_a_50_ml_syringe_takes_the_fastest_flow():
    assert checked(bore=BD50, rate=20_000_000) == GOOD


def test_a_lag_of_the_slack_and_a_step_is_borne_and_a_nanolitre_more_is_not():
    watch = Watch()
    for step_nl in (0, 176, 884):
        watch.begin(1 << 29, 1 << 20, 0, step_nl)
        lag = SLACK_NL + step_nl
        watch.look(1, 10_000, 0)
        assert watch.lag_nl == 0, "what is ahead of its time does not make up for what is missing later"
        watch.begin(1 << 29, 1 << 20, 0, step_nl)
        watch.lag_nl = lag
        assert watch.look(1, 0, 0) == codes.WHY_NONE
        watch.lag_nl = lag + 1
        assert watch.look(1, 0, 0) == codes.WHY_UNDER_DELIVERY


def test_the_demanded_flow_adds_up_exactly_with_a_sixty_fourth_less():
    for flow in (1, 63, 64, 167, 6_095, 60_951, 60_952, 166_667, 3_000_001, 20_000_000):
        watch = Watch()
        watch.begin(1 << 29, 1 << 20, flow, 0)
        ms = 0
        for i in range(80):
            turn = 1 if i < 40 else i * 7 % 60
            watch.look(turn, 0, 0)
            ms += turn
            assert watch.lag_nl == ms * (flow - flow // 64) // 60_000
        lag = watch.lag_nl
        watch.look(0, min(lag, 5), 0)
        assert watch.lag_nl == lag - min(lag, 5)
        watch.look(0, lag + 1, 0)
        assert watch.lag_nl == 0, "the watch is never owed anything"


def test_a_new_delivery_and_a_new_flow_start_the_demand_without_a_remainder():
    watch = Watch()
    watch.begin(1 << 29, 1 << 20, 59_000, 0)
    watch.look(1, 0, 0)
    watch.set_flow(3_000)
    watch.look(19, 0, 0)
    assert watch.lag_nl == 0
    watch.look(10_000, 0, 0)
    assert watch.lag_nl > 0
    watch.begin(1 << 29, 1 << 20, 3_000, 0)
    assert watch.lag_nl == 0


def test_no_flow_that_is_kept_in_whole_steps_is_called_an_under_delivery_however_slow():
    for bore in (1_000, 4_780, BD50, 60_000):
        p = programme(bore=bore)
        bottom, top = bottom_flow(p.nl_per_rev, STEPS), min(20_000_000, top_flow(p.nl_per_rev, STEPS))
        flow = bottom
        while True:
            turn = 25 if flow > 3000 else 10_000
            watch = Watch()
            watch.begin(1 << 29, 1 << 25, flow, p.step_nl)
            nl = ms = 0
            for i in range(500):
                ms += turn + i % 3
                due = flow * ms // 60_000 * STEPS // p.nl_per_rev * p.nl_per_rev // STEPS
                assert watch.look(turn + i % 3, due - nl, due) == codes.WHY_NONE, (bore, flow)
                assert watch.lag_nl <= p.step_nl + 1
                nl = due
            if flow == top:
                break
            flow = min(top, flow * 3 + 1)
