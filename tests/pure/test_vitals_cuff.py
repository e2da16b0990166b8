"""The cuff's cycle on a toy of a cuff: numbers that are known, limits, rests, and what becomes of a result."""

from assuage_wire.schema import NONE16, SIGNALS
from cuff_toy import DIASTOLIC, MEAN, PULSE, SAMPLE_MS, SYSTOLIC, Toy, run
from vitals import cuff_cycle
from vitals.cuff import Cuff
from vitals.cuff_cycle import BLEEDING, IDLE, INFLATING, RESTING, STUCK, VENTING, ZEROING
from vitals.cuff_kinds import KINDS, LIMIT, NAMES, SECONDS

S30 = (1 << 30) - 1


def _signal(cuff):
    return SIGNALS[cuff.signal]


def _age_s(cuff, toy):
    return ((toy.ticks - cuff.at) & S30) // 1000


def _measured():
    cuff, toy = Cuff(), Toy()
    assert cuff.start()
    run(cuff, toy, 200, IDLE)
    return cuff, toy


def test_a_determination_finds_what_is_known():
    cuff, _ = _measured()
    assert _signal(cuff) == "ok" and cuff.count == 1
    assert abs(cuff.systolic - SYSTOLIC) <= 30 and abs(cuff.map - MEAN) <= 30 and abs(cuff.diastolic - DIASTOLIC) <= 30
    assert abs(cuff.pulse - PULSE) <= 5
    assert (cuff.pump, cuff.bleed, cuff.closed) == (0, 0, 0) and not cuff.busy


def test_before_any_there_are_no_numbers_and_nothing_moves():
    cuff, toy = Cuff(), Toy()
    run(cuff, toy, 5)
    assert (cuff.systolic, cuff.map, cuff.diastolic, cuff.pulse) == (NONE16,) * 4
    assert _signal(cuff) == "never" and cuff.count == 0 and cuff.state == IDLE
    assert (cuff.pump, cuff.bleed, cuff.closed, cuff.feed) == (0, 0, 0, 0)


def test_the_pin_that_holds_the_valve_changes_with_each_sample_that_is_looked_at_and_with_nothing_else():
    cuff, toy = Cuff(), Toy()
    cuff.start()
    for _ in range(6000):
        before = cuff.feed
        was = cuff.closed
        toy.step(cuff)
        if toy.ticks % 100 == 0:
            cuff.nothing(toy.ticks)
            assert cuff.feed == before
        else:
            cuff.sample(toy.ticks, toy.pressure)
            assert was or cuff.feed == before
            assert not (was and cuff.closed) or cuff.feed != before


def test_a_result_ages_and_stands_until_another_determination_has_ended():
    cuff, toy = _measured()
    at, systolic = cuff.at, cuff.systolic
    first = _age_s(cuff, toy)
    assert 30 <= first <= 40, "it rests, and its age counts from the end of its bleed"
    run(cuff, toy, 50)
    assert first + 49 <= _age_s(cuff, toy) <= first + 51
    assert (cuff.at, cuff.systolic, cuff.count) == (at, systolic, 1)
    cuff.start()
    run(cuff, toy, 200, VENTING)
    assert (cuff.at, cuff.systolic, cuff.count) == (at, systolic, 1) and _signal(cuff) == "ok"
    run(cuff, toy, 200, IDLE)
    assert cuff.count == 2 and cuff.at != at and _age_s(cuff, toy) < 45


def test_a_determination_that_fails_takes_the_last_numbers_away():
    cuff, toy = _measured()
    toy.pulse = False
    cuff.start()
    run(cuff, toy, 400, IDLE)
    assert (cuff.systolic, cuff.map, cuff.diastolic, cuff.pulse) == (NONE16,) * 4
    assert _signal(cuff) in ("no-pulse", "implausible") and cuff.count == 1


def test_what_may_do_better_is_tried_once_more_after_a_rest():
    cuff, toy = Cuff(), Toy()
    toy.pulse = False
    cuff.start()
    run(cuff, toy, 200, RESTING)
    rest = run(cuff, toy, 60, ZEROING)
    assert rest >= 29
    toy.pulse = True
    run(cuff, toy, 200, IDLE)
    assert _signal(cuff) == "ok"
    toy.pulse = False
    cuff.start()
    cycles = 0
    was = cuff.state
    for _ in range(400 * 50):
        toy.step(cuff)
        cuff.sample(toy.ticks, toy.pressure)
        cycles += cuff.state == INFLATING and was == ZEROING
        was = cuff.state
    assert cycles == 2 and cuff.state == IDLE


def test_stop_lets_off_at_once_and_an_earlier_result_still_ages():
    cuff, toy = _measured()
    for state in (ZEROING, INFLATING, BLEEDING, VENTING):
        cuff.start()
        run(cuff, toy, 200, state)
        cuff.stop()
        assert (cuff.pump, cuff.closed, cuff.bleed) == (0, 0, 100)
        run(cuff, toy, 100, IDLE)
        assert SIGNALS[cuff.fault] == "ended" and _signal(cuff) == "ok" and cuff.count == 1
        assert _age_s(cuff, toy) > 30


def test_a_result_that_is_still_worked_on_comes_to_an_end_whatever_happens_meanwhile():
    for happens in ("ended", "sensor-lost", "never"):
        cuff, toy = Cuff(), Toy()
        cuff.start()
        run(cuff, toy, 200, RESTING)
        if happens == "ended":
            cuff.stop()
        elif happens == "never":
            assert cuff.choose(NAMES.index("paediatric"))
        else:
            for n in range(20):
                cuff.nothing(toy.ticks + 20 * n)
        assert _signal(cuff) == happens and SIGNALS[cuff.fault] == happens
        run(cuff, toy, 100, IDLE)
        assert _signal(cuff) == happens and cuff.count == 0


def test_automatic_cycles_begin_every_so_many_minutes_and_a_demand_between_moves_them():
    cuff, toy = Cuff(0, 3), Toy()
    begins = []
    was = IDLE
    for n in range(1000 * 50):
        toy.step(cuff)
        cuff.sample(toy.ticks, toy.pressure)
        if cuff.state == ZEROING and was != ZEROING:
            begins.append(n * SAMPLE_MS // 1000)
        was = cuff.state
    assert begins == [180, 360, 540, 720, 900] and cuff.count == 5
    cuff.times.repeat(0)
    run(cuff, toy, 400)
    assert cuff.count == 5 and _age_s(cuff, toy) > 300


def test_an_arm_rests_for_30_s_whoever_asks():
    cuff, toy = Cuff(), Toy()
    cuff.start()
    run(cuff, toy, 200, RESTING)
    run(cuff, toy, 5)
    assert cuff.start(), "is begun after the rest"
    assert run(cuff, toy, 60, ZEROING) >= 23
    assert not cuff.start(), "one is under way"


def test_another_kind_of_patient_is_another_patient():
    cuff, toy = _measured()
    assert cuff.choose(NAMES.index("neonatal"))
    assert cuff.systolic == NONE16 and _signal(cuff) == "never"
    cuff.start()
    run(cuff, toy, 20, INFLATING)
    assert not cuff.choose(0) and cuff.kind == NAMES.index("neonatal")


def test_no_kind_goes_above_its_limit_or_beyond_its_time_at_any_state():
    for kind in range(len(KINDS)):
        cuff, toy = Cuff(kind), Toy()
        toy.pulse = toy.bleeds = False
        cuff.start()
        run(cuff, toy, 100, BLEEDING)
        toy.p = KINDS[kind][LIMIT] * 1000 + 500
        run(cuff, toy, 1, VENTING)
        assert _signal(cuff) == "over-pressure"
        run(cuff, toy, 100, IDLE)
        cuff.start()
        run(cuff, toy, 200, BLEEDING)
        p = toy.p
        held = 0
        while cuff.closed:
            toy.step(cuff)
            # so slowly that nothing else is wrong
            toy.p = p - (p - 21_000) // 100 * (held // 100) // (KINDS[kind][SECONDS] + 10) * 10
            cuff.sample(toy.ticks, toy.pressure)
            held += SAMPLE_MS
            assert held <= KINDS[kind][SECONDS] * 1000
        assert _signal(cuff) == "over-time"


def test_without_samples_the_cuff_is_let_off_within_a_quarter_of_a_second():
    for state in (ZEROING, INFLATING, BLEEDING):
        cuff, toy = Cuff(), Toy()
        cuff.start()
        run(cuff, toy, 100, state)
        for _ in range(12):
            toy.step(cuff)
            cuff.nothing(toy.ticks)
        assert cuff.closed == 0 and _signal(cuff) == "sensor-lost"
        for _ in range(60 * 50):
            toy.step(cuff)
            cuff.nothing(toy.ticks)
        assert cuff.state == IDLE


def test_a_cuff_that_does_not_empty_is_told_and_not_inflated_again():
    cuff, toy = Cuff(), Toy()
    cuff.start()
    run(cuff, toy, 100, BLEEDING)
    toy.bleeds = toy.dumps = False
    cuff.stop()
    run(cuff, toy, 20, STUCK)
    assert _signal(cuff) == "blocked" and not cuff.start()
    toy.dumps = True
    run(cuff, toy, 100, IDLE)
    assert cuff.start()


def test_a_zero_far_off_or_a_cuff_that_is_not_empty_is_not_inflated():
    for zero, signal in ((-1100, "implausible"), (1100, "implausible"), (3000, "blocked")):
        cuff, toy = Cuff(), Toy()
        toy.zero = zero
        cuff.start()
        run(cuff, toy, 25)
        assert _signal(cuff) == signal and toy.most == 0


def test_ticks_may_wrap_anywhere():
    for early in (1_000, 15_000, 30_000, 60_000):
        cuff, toy = Cuff(), Toy()
        toy.ticks = S30 - early
        cuff.start()
        run(cuff, toy, 200, IDLE)
        assert _signal(cuff) == "ok" and abs(cuff.systolic - SYSTOLIC) <= 30


def test_the_names_of_states_are_the_cycles():
    assert len(cuff_cycle.STATES) == 7 and cuff_cycle.STATES[BLEEDING] == "bleeding"
