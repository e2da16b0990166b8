"""Alarm limits: a breach after its delay, its end well inside, and what a missing value may not do to it."""

import micropython

from alarm.bounds import BEYOND, CROSSED, LONGEST_S, MISSING, NEEDED, SET, UNKNOWN, Bounds
from alarm.patients import ADULT, ADULT_ROWS, CHILD, CHILD_ROWS, HIGH, LOW, OFF
from assuage_wire.schema import NONE16, PARAMETERS, S30

SPO2 = PARAMETERS.index("spo2")
PULSE = PARAMETERS.index("pulse")
SYSTOLIC = PARAMETERS.index("systolic")
FICO2 = PARAMETERS.index("fico2")
PERFUSION = PARAMETERS.index("perfusion")


class Ward:
    """Bounds looked at once a second, from a time at which the clock soon begins anew."""

    def __init__(self, rows=ADULT_ROWS, now=S30 - 7000):
        self.bounds = Bounds(rows)
        self.now = now

    def look(self, value, seconds=1, good=True, parameter=SPO2):
        """What is told at the end of so many seconds of this value."""
        told = 0
        for _ in range(seconds):
            self.now = (self.now + 1000) & S30
            told = self.bounds.look(parameter, value, good, self.now)
        return told

    def away(self, seconds=1, parameter=SPO2):
        return self.look(NONE16, seconds, False, parameter)


def _breached():
    ward = Ward()
    assert ward.look(880, 11) == LOW
    return ward


def test_a_breach_is_told_after_its_delay_and_not_before():
    ward = Ward()
    assert ward.look(960, 5) == 0
    assert ward.look(899, 10) == 0
    assert ward.look(899) == LOW
    ward = Ward()
    for low in (True, False) * 20:
        assert ward.look(899 if low else 900, 9) == 0, "a good value in between begins the delay anew"


def test_the_limit_itself_is_within():
    ward = Ward()
    assert ward.look(900, 60) == 0
    assert ward.look(500, 60, parameter=PULSE) == 0 and ward.look(1400, 60, parameter=PULSE) == 0


def test_it_ends_only_well_within_the_limit():
    ward = _breached()
    assert ward.look(900, 60) == LOW and ward.look(909, 60) == LOW
    assert ward.look(910) == 0
    assert ward.look(905, 60) == 0, "what has ended begins only beyond the limit"


def test_a_single_reading_beyond_its_limit_is_told_at_once():
    ward = Ward()
    assert ward.look(880, parameter=SYSTOLIC) == LOW
    assert ward.look(1700, parameter=SYSTOLIC) == HIGH
    assert ward.look(1590, parameter=SYSTOLIC) == HIGH
    assert ward.look(1200, parameter=SYSTOLIC) == 0


def test_from_one_side_to_the_other_the_delay_begins_anew():
    ward = Ward()
    assert ward.look(400, 11, parameter=PULSE) == LOW
    assert ward.look(1600, 10, parameter=PULSE) == 0
    assert ward.look(1600, parameter=PULSE) == HIGH


def test_a_value_that_is_missing_ends_no_breach():
    ward = _breached()
    assert ward.away(9) == LOW
    assert ward.away(1) == LOW | MISSING, "told beside it"
    assert ward.away(3600) == LOW | MISSING
    assert ward.look(880) == LOW
    ward.away(3600)
    assert ward.look(905) == LOW, "nor does it count as well within"
    assert ward.look(960) == 0


def test_a_value_that_is_missing_stops_no_delay():
    ward = Ward()
    ward.look(880, 2)
    assert ward.away(8) == 0
    assert ward.away(1) & LOW
    ward = Ward()
    ward.look(880, 2)
    ward.away(5)
    assert ward.look(930, 20) == 0, "a good value within the limit does"


def test_what_a_withheld_value_says_is_not_looked_at():
    ward = Ward()
    assert ward.look(100, 5, good=False) == 0
    assert ward.look(960) == 0
    assert ward.look(100, 9, good=False) == 0
    assert ward.look(100, 5, good=False) == MISSING


def test_silence_is_told_only_where_a_value_was_or_is_expected():
    ward = Ward()
    assert ward.away(600) == 0
    ward.bounds.expect(SPO2, ward.now)
    assert ward.away(9) == 0
    assert ward.away(1) == MISSING
    assert ward.look(960) == 0
    assert ward.away(10) == MISSING
    ward.bounds.dismiss(SPO2)
    assert ward.away(600) == 0


def test_a_sensor_that_is_taken_away_takes_no_breach_with_it():
    ward = _breached()
    ward.away(20)
    ward.bounds.dismiss(SPO2)
    assert ward.away(600) == LOW
    assert ward.look(960) == 0


def test_readings_that_come_one_by_one_are_never_missing():
    ward = Ward()
    ward.look(1200, parameter=SYSTOLIC)
    assert ward.away(3600, SYSTOLIC) == 0
    ward.look(800, parameter=SYSTOLIC)
    assert ward.away(3600, SYSTOLIC) == LOW


def test_new_limits_hold_from_the_next_good_value_on():
    ward = _breached()
    assert ward.bounds.set(SPO2, 860, OFF) == SET
    assert ward.away(1) == LOW
    assert ward.look(880) == 0
    assert ward.bounds.set(SPO2, 940, OFF) == SET
    assert ward.look(930, 11) == LOW


def test_a_side_that_is_switched_off_ends_its_breach():
    ward = Ward()
    diastolic = PARAMETERS.index("diastolic")
    assert ward.look(300, parameter=diastolic) == LOW
    assert ward.bounds.set(diastolic, OFF, 900) == SET
    assert ward.away(1, diastolic) == 0 and ward.look(200, 5, parameter=diastolic) == 0
    assert ward.look(950, parameter=diastolic) == HIGH


def test_bad_limits_are_refused_and_the_old_ones_hold():
    bounds = Ward().bounds
    before = list(bounds.limits)
    for parameter, low, high, why in (
        (SPO2, 849, OFF, BEYOND),
        (SPO2, 1001, OFF, BEYOND),
        (SPO2, OFF, OFF, NEEDED),
        (PULSE, 500, OFF, NEEDED),
        (PULSE, OFF, 1200, NEEDED),
        (PULSE, 299, 1200, BEYOND),
        (PULSE, 500, 2001, BEYOND),
        (PULSE, 1200, 500, CROSSED),
        (PULSE, 900, 960, CROSSED),  # nothing is 3 /min within both
        (PULSE, -1, 1200, BEYOND),
        (FICO2, OFF, 151, BEYOND),
        (PERFUSION, 10, 100, UNKNOWN),
        (len(PARAMETERS), 1, 2, UNKNOWN),
        (-1, 1, 2, UNKNOWN),
    ):
        assert bounds.set(parameter, low, high) == why, (parameter, low, high)
        assert list(bounds.limits) == before
    assert bounds.set(PULSE, 900, 961) == SET


def test_a_delay_is_settable_within_its_range():
    ward = Ward()
    for seconds in (-1, LONGEST_S + 1, 1 << 20):
        assert ward.bounds.set_delay(SPO2, seconds) == BEYOND
    assert ward.bounds.set_delay(PERFUSION, 5) == UNKNOWN
    assert ward.bounds.set_delay(SPO2, 0) == SET
    assert ward.look(880) == LOW
    ward = Ward()
    assert ward.bounds.set_delay(SPO2, LONGEST_S) == SET
    assert ward.look(880, LONGEST_S) == 0 and ward.look(880) == LOW


def test_parameters_are_judged_apart():
    ward = _breached()
    for parameter in range(len(PARAMETERS)):
        assert ward.bounds.look(parameter, NONE16, False, ward.now) == (LOW if parameter == SPO2 else 0)


def test_another_patient_begins_with_nothing_of_the_last_one():
    ward = _breached()
    ward.bounds.set(PULSE, 600, 900)
    ward.bounds.begin(CHILD_ROWS)
    assert ward.away(600) == 0
    assert ward.look(700, 11, parameter=PULSE) == LOW
    assert ward.look(1500, 30, parameter=PULSE) == 0


def test_every_default_could_be_set_by_a_person():
    for rows, packed in ((ADULT, ADULT_ROWS), (CHILD, CHILD_ROWS)):
        assert [row[0] for row in rows] == [row[0] for row in ADULT]
        bounds = Bounds(packed)
        for row in rows:
            assert bounds.set(PARAMETERS.index(row[0]), row[1], row[2]) == SET, row
            assert bounds.set_delay(PARAMETERS.index(row[0]), row[6]) == SET


def test_looking_and_setting_allocates_nothing():
    bounds = Bounds(ADULT_ROWS)
    told = 0
    micropython.heap_lock()
    try:
        for n in range(300):
            for parameter in range(len(PARAMETERS)):
                told |= bounds.look(parameter, 300 + 7 * n, n % 50 < 30, n * 1000)
            bounds.set(SPO2, 880 + n % 10, OFF)
            bounds.set_delay(PULSE, n % 10)
            bounds.expect(PULSE, n)
            bounds.dismiss(FICO2)
        bounds.begin(CHILD_ROWS)
    finally:
        micropython.heap_unlock()
    assert told == LOW | HIGH | MISSING
