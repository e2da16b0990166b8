"""Rows run out after their time, not before; only what is good and normal takes a breach back."""

from assuage_wire.schema import NONE16, NONE32, S30
from interlock.gate import ELSEWHERE, LATCHED, NOT_NORMAL, NOT_TRIPPED, NOTHING, RELEASED, ROW, STALE
from interlock.guards import BELOW, MISSING, Guards
from interlock.trip import NOBODY, Trip
from interlock_ward import (
    DOUBTFUL,
    ETCO2,
    GOOD,
    HIGH_ETCO2,
    LOW_SPO2,
    MAP,
    NO_BREATH,
    NO_PULSE,
    PULSE,
    RESP,
    SPO2,
    Ward,
)

STARTS = (0, 12_345, S30 - 3_000)  # the ticks wrap in the midst of it


def _well(rows, now=0):
    ward = Ward(rows, now)
    ward.well()
    assert ward.turn() and ward.gate.lacks(ward.now) == NOTHING
    return ward


def _ms_until_trip(ward, see, step=250, limit=40_000):
    """Shows what see(ms) says in each turn; ms until the drug may not flow."""
    ms = 0
    while ms <= limit:
        see(ms)
        if not ward.turn():
            return ms
        ward.later(step)
        ms += step
    return None


def test_a_breach_trips_when_it_has_lasted_its_persistence():
    for now in STARTS:
        for step in (50, 250, 1_000):
            ward = _well((LOW_SPO2,), now)
            assert _ms_until_trip(ward, lambda ms, w=ward: w.show(SPO2, 880), step) == 10_000
            trip = ward.trip
            assert (trip.parameter, trip.kind, trip.value, trip.quality, trip.age) == (SPO2, BELOW, 880, GOOD, 0)


def test_without_persistence_the_first_look_trips():
    ward = _well(((SPO2, BELOW, 900, 0, 10, 5_000, 0),))
    ward.show(SPO2, 900)
    assert ward.turn(1)
    ward.show(SPO2, 899)
    assert not ward.turn(1)
    ward = _well(((SPO2, BELOW, 900, 0, 10, 5_000, 0),))
    ward.show(SPO2, 970, DOUBTFUL)
    assert not ward.turn(1)
    assert ward.trip.kind == MISSING


def test_one_normal_reading_takes_a_breach_back_and_one_within_the_hysteresis_does_not():
    for value, ms in ((910, 15_000), (909, 10_000), (900, 10_000)):
        ward = _well((LOW_SPO2,))
        found = _ms_until_trip(ward, lambda at, w=ward, v=value: w.show(SPO2, v if at == 4_750 else 880))
        assert found == ms


def test_a_reading_within_the_hysteresis_is_normal_where_there_was_no_breach():
    ward = _well((LOW_SPO2,))
    assert _ms_until_trip(ward, lambda ms: ward.show(SPO2, 905)) is None
    assert ward.gate.lacks(ward.now) == NOTHING


def test_a_doubt_does_not_take_a_breach_back():
    ward = _well((LOW_SPO2,))
    seen = ((880, GOOD), (NONE16, DOUBTFUL))
    assert _ms_until_trip(ward, lambda ms: ward.show(SPO2, *seen[ms >= 500])) == 10_000
    assert (ward.trip.kind, ward.trip.value, ward.trip.quality) == (BELOW, NONE16, DOUBTFUL)


def test_what_is_missing_trips_after_its_own_time_and_says_so():
    for quality in (0, DOUBTFUL):
        for row, p, ms in ((LOW_SPO2, SPO2, 15_000), (HIGH_ETCO2, ETCO2, 20_000), (NO_PULSE, PULSE, 12_000)):
            ward = _well((row,))
            assert _ms_until_trip(ward, lambda at, w=ward, p=p, q=quality: w.show(p, NONE16, q)) == ms
            assert (ward.trip.parameter, ward.trip.kind, ward.trip.quality) == (p, MISSING, quality)


def test_a_value_that_is_never_determined_anew_is_old_then_missing():
    ward = _well((LOW_SPO2,))
    assert _ms_until_trip(ward, lambda ms: ward.tell(SPO2, 970, GOOD), 250, 60_000) == 20_250
    assert (ward.trip.kind, ward.trip.value, ward.trip.age) == (MISSING, 970, 20_250)


def test_a_board_whose_sources_have_all_fallen_silent_looks_at_old_values():
    ward = _well((LOW_SPO2,))
    for ms in range(0, 20_000, 1_000):
        assert ward.gate.turn(ms, True), "and nobody tells the readings what time it is"
        assert ward.readings.age(SPO2, ms) == ms
    assert ward.gate.turn(20_999, True)
    assert not ward.gate.turn(21_000, True)


def test_looks_are_counted_and_begin_anew():
    ward = Ward(())
    for n in range(3):
        assert ward.interlock.looks == n
        ward.turn()
    ward.interlock.looks = S30
    ward.turn()
    assert ward.interlock.looks == 1


def test_any_good_reading_ends_a_doubt_and_a_new_one_has_its_whole_time():
    for value in (970, 905):
        ward = _well((LOW_SPO2,))
        found = _ms_until_trip(
            ward, lambda ms, w=ward, v=value: w.show(SPO2, *((v, GOOD) if ms == 10_000 else (970, DOUBTFUL)))
        )
        assert found == 25_250


def test_breach_and_doubt_in_turn_run_out_by_the_breach():
    ward = _well((LOW_SPO2,))
    found = _ms_until_trip(ward, lambda ms: ward.show(SPO2, 880, GOOD if ms // 1000 % 2 else DOUBTFUL))
    assert found == 11_000, "it was first seen after 1 s"
    assert ward.trip.kind == BELOW


def test_a_breath_that_does_not_come_trips_though_the_rate_says_nothing():
    ward = _well((NO_BREATH,))

    def see(ms):
        ward.tell(RESP, 140, GOOD)
        ward.breath(ms)

    assert _ms_until_trip(ward, see) == 15_750
    assert (ward.trip.parameter, ward.trip.value, ward.trip.age) == (RESP, 15_750, 15_750)
    ward = _well((NO_BREATH,))
    assert _ms_until_trip(ward, lambda ms: ward.breath(NONE32)) == 20_000
    assert ward.trip.kind == MISSING


def test_the_time_without_a_breath_is_told_as_far_as_sixteen_bits_go():
    ward = Ward((NO_BREATH,))
    ward.breath(100_000)
    ward.turn()
    ward.turn(500)
    assert (ward.trip.value, ward.trip.tripped) == (NONE16 - 1, True)


def test_the_first_row_that_runs_out_is_named_and_of_two_at_once_the_first():
    ward = _well((HIGH_ETCO2, LOW_SPO2))

    def see(ms):
        ward.show(ETCO2, 600 if ms >= 3_000 else 380)
        ward.show(SPO2, 880)

    assert _ms_until_trip(ward, see) == 10_000
    assert ward.trip.parameter == SPO2
    for _ in range(40):
        see(9_000)
        assert not ward.turn(250)
    assert (ward.trip.parameter, ward.trip.number) == (SPO2, 1), "the first cause stays"
    assert (ward.interlock.due, ward.interlock.row, ward.interlock.parameter) == (0, 0, ETCO2)
    ward = _well((HIGH_ETCO2, LOW_SPO2))
    ward.show(SPO2, 880)
    ward.turn()
    ward.show(ETCO2, 600)
    assert not ward.turn(15_000)
    assert ward.trip.parameter == SPO2
    assert (ward.interlock.row, ward.interlock.due, ward.gate.detail()) == (0, 1, 1)


def test_what_runs_out_while_nothing_flows_does_not_trip_but_nothing_begins():
    ward = Ward()
    for _ in range(200):
        assert ward.turn(250, False)
    assert not ward.trip.tripped
    assert ward.interlock.due == 0
    assert ward.gate.lacks(ward.now) == ROW
    ward.well()
    ward.turn(1, False)
    assert (ward.interlock.row, ward.interlock.due, ward.gate.detail()) == (-1, -1, 0)
    assert ward.gate.lacks(ward.now) == NOTHING
    ward.show(MAP, NONE16, 0)
    ward.show(PULSE, 720, DOUBTFUL)
    ward.turn(1, False)
    assert ward.interlock.normal() is False
    assert (ward.gate.lacks(ward.now), ward.gate.detail()) == (ROW, 4), "no grace, and it is named"
    ward.turn(12_000, False)
    assert ward.turn(0, False) and not ward.turn(0, True), "what has run out trips as soon as drug flows"


def test_rows_that_were_not_yet_looked_at_let_nothing_begin():
    ward = Ward(())
    assert ward.gate.lacks(0) == ROW
    ward.turn()
    assert ward.gate.lacks(0) == NOTHING, "a board that watches nothing has no rows"
    for change in (lambda w: w.guards.add(LOW_SPO2), lambda w: w.guards.lift()):
        ward = _well((NO_PULSE,))
        change(ward)
        assert ward.gate.lacks(ward.now) == ROW
        ward.well()
        ward.turn(1, False)
        assert ward.gate.lacks(ward.now) == NOTHING


def test_a_row_that_has_changed_begins_its_time_anew_and_keeps_nothing_of_another():
    ward = _well((NO_PULSE,))
    ward.guards.add(LOW_SPO2)
    ward.show(SPO2, 880)
    assert ward.turn(0) and ward.interlock.row == 1
    ward.guards.lift()
    ward.well()
    ward.turn(0)
    ward.guards.add(HIGH_ETCO2)
    ward.well()
    ward.show(ETCO2, 490)
    assert ward.turn(0) and ward.gate.lacks(ward.now) == NOTHING, "nothing of the breach of the row that stood there"
    ward.tell(ETCO2, 380, 0)
    assert ward.turn(0) and ward.interlock.row == 1
    ward.guards.lift()
    ward.turn(15_000)
    ward.guards.add(HIGH_ETCO2)
    ward.well()
    ward.tell(ETCO2, 380, 0)
    assert ward.turn(5_000), "nor of its doubt"
    ward.guards.add((RESP, BELOW, 80, 0, 10, 10_000, 0))
    ward.tell(RESP, 140, 0)
    assert not ward.turn(0), "what has no time to be missing trips at once"


def test_times_stand_when_they_are_long_and_the_clock_may_begin_anew():
    for row in (LOW_SPO2, NO_PULSE):
        ward = Ward((row,))
        ward.show(SPO2, 880)
        ward.turn(0, False)
        for _ in range(9):
            ward.show(SPO2, 880)
            assert ward.turn(S30 // 3, False)
            assert ward.interlock.due == 0
        ward = Ward((row,))
        ward.show(SPO2, 880)
        ward.turn(0, False)
        for _ in range(9):
            ward.show(SPO2, 880)
            assert ward.turn(S30, False)
            assert ward.interlock.due == 0, "a leap of any size"


def test_a_trip_is_released_by_a_human_who_names_it_and_only_when_all_is_normal():
    ward = _well((LOW_SPO2, NO_PULSE))
    gate = ward.gate
    assert gate.release(0, ward.now) == NOT_TRIPPED
    for number in (1, 2):
        ward.show(SPO2, 850)
        ward.turn()
        assert not ward.turn(10_000)
        assert (ward.trip.number, gate.lacks(ward.now)) == (number, LATCHED)
        assert gate.release(number, ward.now) == NOT_NORMAL
        for value in (905, 909):
            ward.show(SPO2, value)
            assert not ward.turn(250)
            assert gate.release(number, ward.now) == NOT_NORMAL, "within the hysteresis"
        ward.well()
        for _ in range(9):
            ward.well()
            assert not ward.turn(4_000), "it never goes on by itself"
        assert (gate.lacks(ward.now), ward.interlock.normal()) == (LATCHED, True)
        for other in (number - 1, number + 1, 0):
            assert gate.release(other, ward.now) == STALE
        ward.show(PULSE, 720, DOUBTFUL)
        ward.turn(1)
        assert gate.release(number, ward.now) == NOT_NORMAL, "another row"
        ward.well()
        ward.turn(1)
        assert ward.trip.tripped
        assert gate.release(number, ward.now) == RELEASED
        assert (gate.release(number, ward.now), gate.lacks(ward.now)) == (NOT_TRIPPED, NOTHING)
        assert ward.turn(1)


def test_a_trip_outlives_a_reset_with_all_that_it_says():
    ward = _well((LOW_SPO2,))
    ward.show(SPO2, 851)
    ward.turn()
    ward.turn(10_000)
    kept = [7] * 8
    ward.trip.snapshot(kept, 1)
    assert kept == [7, SPO2, BELOW, GOOD, 1, 851, 10_000, 7]
    after = Ward((LOW_SPO2,))
    after.trip.recall(True, kept, 1)
    after.well()
    assert not after.turn(1)
    again = [7] * 8
    after.trip.snapshot(again, 1)
    assert again == kept
    assert after.gate.release(1, after.now) == RELEASED
    said = [0, 1, 2, 3, 4, 5, 6, 7, 8]
    after.trip.recall(False, said, 2)
    again = [9] * 10
    after.trip.snapshot(again, 3)
    assert again == [9, 9, 9, 2, 3, 4, 5, 6, 7, 9]
    late = Trip()
    late.recall(False, kept, 1)
    late.trip(MAP, 1, GOOD, 200, 3)
    assert (late.tripped, late.number, late.parameter, late.kind) == (True, 2, MAP, 1), "no number is given again"


def test_the_numbers_of_trips_begin_anew_after_the_largest():
    trip = Trip()
    assert (trip.tripped, trip.number, trip.parameter) == (False, 0, NOBODY)
    assert NOBODY == 255
    trip.recall(False, [0, 0, 0, S30, 0, 0], 0)
    trip.trip(1, 2, 1, 4, 5)
    assert (trip.number, trip.parameter, trip.kind, trip.quality, trip.value, trip.age) == (1, 1, 2, 1, 4, 5)


def test_the_gate_says_what_is_lacking_elsewhere_only_when_nothing_lacks_here():
    ward = _well((LOW_SPO2,))
    ward.asked.begin(4, 2_000, ward.now)
    assert ward.gate.lacks(ward.now) == ELSEWHERE
    assert not ward.turn(0, True), "drug that flows without"
    assert (ward.trip.parameter, ward.gate.detail()) == (NOBODY, 0)
    assert ward.gate.release(1, ward.now) == NOT_NORMAL
    ward.trip.release()
    ward.show(SPO2, 800)
    ward.turn(0, False)
    assert ward.gate.lacks(ward.now) == ROW
    assert len({NOTHING, LATCHED, ROW, ELSEWHERE}) == len({RELEASED, NOT_TRIPPED, STALE, NOT_NORMAL}) == 4


def test_other_rows_are_not_normal_before_they_were_looked_at_not_even_none():
    ward = _well((LOW_SPO2,))
    none = Guards()
    assert none.changes == 0
    ward.interlock.use(none)
    assert ward.gate.lacks(ward.now) == ROW
    ward.turn(1, False)
    assert ward.gate.lacks(ward.now) == NOTHING
