"""The watch over a running delivery, at every boundary."""

from assuage_wire.schema import S30
from pump import codes
from pump.limits import SLACK_NL, Watch, since
from pump.programme import Programme
from pump.steps import bottom_flow, top_flow
from pump_fakes import BD50, LEAD_NM, STEPS, fields


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
        p = Programme()
        p.load(fields(bore=bore), 0, STEPS, LEAD_NM)
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


def test_the_same_flow_told_again_is_no_change_of_flow():
    told, untold = Watch(), Watch()
    for watch in (told, untold):
        watch.begin(1_000_000, 3600, 166_667, 175)
    for _ in range(50):
        told.set_flow(166_667)
        assert told.look(20, 55, 0) == untold.look(20, 55, 0)
        assert (told.level_nl, told.lag_nl) == (untold.level_nl, untold.lag_nl)
