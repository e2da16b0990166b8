"""What is known of the patient: no value outlives its samples, and none is made young by being told again."""

from assuage_wire.codec import BY_NAME
from assuage_wire.schema import NONE16, NONE32, PARAMETERS, QUALITIES, S30, SIGNALS
from vitals.readings import BREATHS, OLD_MS, Readings

SPO2 = PARAMETERS.index("spo2")
ETCO2 = PARAMETERS.index("etco2")
RESP = PARAMETERS.index("resp")
MAP = PARAMETERS.index("map")
OK = SIGNALS.index("ok")


def _told(readings, now=0):
    out = [None] * BY_NAME["Vitals"].width
    readings.fill(out, now, 3)
    assert None not in out and out[0] == now and out[1] == 3
    n = len(PARAMETERS)
    parts = [out[2 + k * n : 2 + (k + 1) * n] for k in range(4)]
    return parts, out[-1]


def _is(readings, i):
    return readings.values[i], QUALITIES[readings.qualities[i]], SIGNALS[readings.signals[i]]


def test_before_anything_was_measured_there_is_no_number_and_it_says_never():
    readings = Readings(5)
    (values, qualities, signals, ages), trust = _told(readings, 5)
    assert values == [NONE16] * len(PARAMETERS) and not any(qualities) and trust == 0
    assert all(SIGNALS[s] == "never" for s in signals)
    assert ages == [65535] * len(PARAMETERS)


def test_a_value_is_told_with_its_quality_reason_and_age():
    readings = Readings(0)
    readings.put(SPO2, 971, OK)
    readings.seen(SPO2, 1000)
    readings.trust = 93
    (values, qualities, signals, ages), trust = _told(readings, 1730)
    assert (values[SPO2], QUALITIES[qualities[SPO2]], SIGNALS[signals[SPO2]], ages[SPO2]) == (971, "good", "ok", 7)
    assert trust == 93


def test_what_is_not_ok_is_never_good_and_what_is_no_number_has_no_quality():
    readings = Readings(0)
    for i, name in enumerate(SIGNALS):
        readings.put(SPO2, 971, i)
        assert _is(readings, SPO2) == (971, "good" if name == "ok" else "doubtful", name)
        readings.put(SPO2, NONE16, i)
        assert _is(readings, SPO2) == (NONE16, "none", name)


def test_telling_a_value_again_does_not_make_it_young():
    readings = Readings(0)
    readings.put(SPO2, 971, OK)
    readings.seen(SPO2, 0)
    for now in range(0, 1500, 100):
        readings.put(SPO2, 971, OK)
        assert readings.age(SPO2, now) == now


def test_a_number_whose_samples_have_stopped_is_withdrawn_after_two_seconds():
    readings = Readings(0)
    readings.put(SPO2, 971, OK)
    readings.seen(SPO2, 1000)
    readings.expire(3000)
    assert _is(readings, SPO2)[0] == 971
    readings.expire(3001)
    assert _is(readings, SPO2) == (NONE16, "none", "sensor-lost")


def test_why_a_number_is_missing_is_not_overwritten_by_its_age():
    readings = Readings(0)
    readings.put(ETCO2, NONE16, SIGNALS.index("blocked"))
    readings.seen(ETCO2, 0)
    readings.expire(60_000)
    assert _is(readings, ETCO2) == (NONE16, "none", "blocked")


def test_a_blood_pressure_stands_for_an_hour_and_a_little_more():
    readings = Readings(0)
    readings.put(MAP, 930, OK)
    readings.seen(MAP, 0)
    readings.expire(3_900_000)
    assert _is(readings, MAP)[0] == 930
    readings.expire(3_900_001)
    assert _is(readings, MAP)[0] == NONE16


def test_ages_count_across_the_clocks_wrap_and_stand_at_the_most_that_can_be_told():
    readings = Readings(0)
    readings.seen(SPO2, S30 - 99)
    assert readings.age(SPO2, 400) == 500
    now = 400
    for _ in range(40):
        now = (now + (1 << 26)) & S30  # in all more than twice the clock's round
        assert readings.age(SPO2, now) == OLD_MS
    readings.seen(SPO2, now)
    assert readings.age(SPO2, now + 3 & S30) == 3


def test_a_breath_that_nobody_tells_of_any_more_grows_old_too():
    readings = Readings(0)
    assert readings.breathless(RESP, 300) == NONE32, "nobody has said anything"
    readings.breath(RESP, 700, 300)
    readings.breath(SPO2, 100, 300)
    assert (readings.breathless(RESP, 300), readings.breathless(RESP, 500)) == (700, 900)
    assert (readings.breathless(SPO2, 500), readings.breathless(MAP, 500)) == (300, NONE32), "each by itself"
    readings.breath(RESP, S30 - 1, 500)
    assert readings.breathless(RESP, 500) == OLD_MS
    readings.breath(RESP, NONE32, 500)
    assert readings.breathless(RESP, 600) == NONE32, "who knew it before may not know it now"


def test_the_last_breath_stays_old_while_the_clock_goes_round():
    assert BREATHS == (RESP,)
    for steps, step in ((40, 1 << 26), (9, S30 // 3)):
        readings = Readings(0)
        readings.breath(RESP, 1_000, S30 - 99)
        now = 400
        assert readings.breathless(RESP, now) == 1_500
        for _ in range(steps):
            now = (now + step) & S30
            readings.expire(now)
        assert readings.breathless(RESP, now) == OLD_MS == 6_553_500
