"""The readings grow old by themselves: only a number that was determined anew makes one young."""

from assuage_wire.schema import NONE16, NONE32, PARAMETERS, S30
from interlock.readings import OLD_MS, Readings
from interlock_ward import DOUBTFUL, GOOD, RESP, SPO2


def test_before_anything_was_seen_there_is_no_number_and_it_is_old():
    readings = Readings(7)
    for p in range(len(PARAMETERS)):
        assert (readings.value[p], readings.quality[p], readings.age[p]) == (NONE16, 0, OLD_MS)
        assert readings.breathless[p] == NONE32
    readings.saw(SPO2, 970, GOOD, 0)
    assert readings.age[SPO2] == OLD_MS, "nothing was determined yet"


def test_the_same_number_told_again_grows_old():
    readings = Readings(1000)
    readings.saw(SPO2, 970, GOOD, 5)
    assert (readings.value[SPO2], readings.quality[SPO2], readings.age[SPO2]) == (970, GOOD, 0)
    for n in range(1, 5):
        readings.pass_time(1000 + 250 * n)
        readings.saw(SPO2, 970, GOOD, 5)
        assert readings.age[SPO2] == 250 * n
    readings.saw(SPO2, NONE16, DOUBTFUL, 5)
    assert (readings.value[SPO2], readings.quality[SPO2], readings.age[SPO2]) == (NONE16, DOUBTFUL, 1000)
    readings.saw(SPO2, 960, GOOD, 4)
    assert readings.age[SPO2] == 0, "counts wrap: any other one is new"
    assert readings.age[SPO2 + 1] == OLD_MS, "each by itself"


def test_ages_stand_when_they_are_old_and_the_clock_may_begin_anew():
    readings = Readings(S30 - 99)
    readings.saw(SPO2, 970, GOOD, 1)
    readings.pass_time(100)
    assert readings.age[SPO2] == 200
    now = 100
    for _ in range(9):
        now = now + S30 // 3 & S30
        readings.pass_time(now)
        assert readings.age[SPO2] == OLD_MS == 1 << 28


def test_a_breath_that_nobody_tells_of_any_more_grows_old_too():
    readings = Readings(0)
    readings.pass_time(300)
    assert readings.breathless[RESP] == NONE32
    readings.breath(RESP, 700)
    readings.breath(RESP + 1, 100)
    readings.pass_time(500)
    assert (readings.breathless[RESP + 1], readings.breathless[SPO2]) == (300, NONE32)
    assert readings.breathless[RESP] == 900
    readings.pass_time(S30)
    assert readings.breathless[RESP] == OLD_MS
    readings.breath(RESP, S30 - 1)
    assert readings.breathless[RESP] == OLD_MS
    readings.breath(RESP, NONE32)
    readings.pass_time(600)
    assert readings.breathless[RESP] == NONE32
