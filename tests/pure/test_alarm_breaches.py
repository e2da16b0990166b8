"""Which value of the patient raises which condition, what is none, and who may move the limits."""

import micropython

from alarm.breaches import ALL, Breaches
from alarm.conditions import PHYSIOLOGICAL, TABLE
from alarm.patients import ADULT, CHILD, OFF
from assuage_wire.codec import BY_NAME
from assuage_wire.schema import ALARMS, NONE16, PARAMETERS, S30, SIGNALS
from journal.kinds import LIMIT
from vitals.readings import DOUBTFUL, GOOD, Readings

SOURCES = {
    "oximeter": ("spo2", "pulse"),
    "capnograph": ("resp", "etco2", "fico2"),
    "cuff": ("systolic", "diastolic", "map"),
    "temperature": ("temperature",),
    "heart": ("heart",),
}
WELL = {
    "spo2": 970,
    "pulse": 720,
    "resp": 140,
    "etco2": 380,
    "fico2": 10,
    "systolic": 1200,
    "diastolic": 800,
    "map": 930,
    "temperature": 3660,
    "heart": 720,
}
TURN = 50


class Book:
    """Takes what a watch and a journal are told."""

    def __init__(self):
        self.present = {}
        self.notes = []

    def says(self, i, present, _now):
        self.present[ALARMS[i]] = present

    def note(self, *numbers):
        self.notes.append(numbers)
        return True

    def told(self):
        return {name for name, present in self.present.items() if present}


class Ward:
    """Readings that are put each 50 ms as a dictionary of parameters says, all of a signal, and looked at.
    Names with no value are withheld. The clock begins anew soon."""

    def __init__(self, now=S30 - 7000):
        self.now = now
        self.readings = Readings(now)
        self.book = Book()
        self.breaches = Breaches(self.readings, self.book, self.book)
        self.values = {}
        self.signals = {}
        self.quality = GOOD
        self.silent = ()
        self.meant = ()  # numbers that stand although their signal is not "ok"

    def run(self, seconds, **values):
        """What is told at the end of so many seconds of this."""
        self.values.update(values)
        for _ in range(int(seconds * 1000) // TURN):
            self.now = (self.now + TURN) & S30
            for name, value in self.values.items():
                i = PARAMETERS.index(name)
                if name not in self.silent:
                    self.readings.seen(i, self.now)
                    self.readings.put(i, value, SIGNALS.index(self.signals.get(name, "ok")), self.quality)
                    if name in self.meant:
                        self.readings.qualities[i] = GOOD
            self.breaches.poll(self.now)
        return self.book.told()


def row(name):
    return [r for r in ADULT if r[0] == name][0]


def test_each_limit_raises_its_own_condition_after_its_delay_and_not_before():
    for name, low, high, _least, _most, _must, delay, inside, _silence in ADULT:
        for side, limit, beyond in (("low", low, -1), ("high", high, 1)):
            if limit == OFF:
                continue
            ward = Ward()
            assert ward.run(3, **WELL) == set()
            if delay:
                assert ward.run(delay - 0.3, **{name: limit + beyond}) == set(), name
            assert ward.run(0.6, **{name: limit + beyond}) == {name + "-" + side}
            assert ward.run(60, **{name: limit - beyond * (inside - 1)}) == {name + "-" + side}
            assert ward.run(0.3, **{name: limit - beyond * inside}) == set(), name


def test_every_condition_of_the_patient_can_be_raised_by_a_limit_and_no_other_is():
    ours = {ALARMS[i] for i, r in enumerate(TABLE) if r[1] & PHYSIOLOGICAL}
    raised = set()
    for name, low, high, *_ in ADULT:
        for value in (low - 1, high + 1):
            ward = Ward()
            raised |= ward.run(40, **{name: max(0, min(value, NONE16 - 1))})
    assert {name for name in raised if name in ours} == raised
    assert ours - raised <= {"interlock"}


def test_a_sensor_that_falls_silent_is_the_equipments_matter_and_never_the_patients():
    for source, names in SOURCES.items():
        ward = Ward()
        ward.run(3, **WELL)
        ward.silent = names
        longest = max([row(name)[8] for name in names])
        told = ward.run(longest + 5)
        assert told == (set() if source == "cuff" else {source + "-missing"}), source
        ward.silent = ()
        assert ward.run(0.5) == set(), source


def test_a_withheld_or_doubtful_value_is_missing_too_and_raises_nothing_of_the_patients():
    for quality, signal, value in ((GOOD, "probe-off", NONE16), (DOUBTFUL, "ok", 500), (GOOD, "motion", 500)):
        ward = Ward()
        ward.run(3, **WELL)
        ward.quality = quality
        ward.signals = {"spo2": signal, "pulse": signal}
        del ward.values["resp"], ward.values["etco2"], ward.values["temperature"], ward.values["heart"]
        assert "spo2-low" not in ward.run(9, spo2=value, pulse=value)
        assert "oximeter-missing" in ward.run(5)
        assert not ward.book.told() & {"spo2-low", "pulse-low"}


def test_a_board_without_a_sensor_says_nothing_of_it():
    assert Ward().run(600, spo2=NONE16) == set()


def test_a_value_that_is_too_old_is_none_whoever_forgot_to_withdraw_it():
    ward = Ward()
    ward.run(3, **WELL)
    ward.silent = ("spo2",)
    assert ward.run(9) == set()
    assert ward.run(4) == {"oximeter-missing"}


def test_a_sensor_is_missing_while_any_of_its_numbers_is():
    ward = Ward()
    ward.run(3, **WELL)
    assert ward.run(12, spo2=NONE16) == {"oximeter-missing"}
    assert ward.run(12, pulse=NONE16) == {"oximeter-missing"}
    assert ward.run(1, spo2=970) == {"oximeter-missing"}
    assert ward.run(1, pulse=720) == set()


def test_a_heart_or_a_pulse_that_has_ceased_is_below_its_limit_and_not_missing():
    for name in ("heart", "pulse"):
        ward = Ward()
        ward.run(3, **WELL)
        ward.signals = {name: "no-pulse"}
        assert ward.run(9.5, **{name: NONE16}) == set()
        assert ward.run(10) == {name + "-low"}
        ward.silent = (name,)
        assert name + "-low" in ward.run(60), "what is no longer seen is not well"


def test_who_does_not_breathe_has_no_breaths_end_to_miss():
    ward = Ward()
    ward.run(3, **WELL)
    ward.signals = {"resp": "no-breath"}
    ward.meant = ("resp",)
    assert ward.run(60, resp=0, etco2=NONE16) == {"resp-low"}
    ward.signals = {}
    assert ward.run(29, resp=140) == set()
    assert ward.run(2) == {"capnograph-missing"}, "who breathes again has one"
    assert ward.run(1, etco2=380) == set()


def test_fast_breathing_that_leaves_no_fico2_is_no_fault_of_the_capnograph():
    ward = Ward()
    ward.run(3, **WELL)
    assert ward.run(120, fico2=NONE16) == set()


def _back(ward, parameter):
    out = [0] * BY_NAME["LimitBack"].width
    ward.breaches.fill_back(parameter, out, 2)
    return out[2:]


def _told(ward):
    out = [0] * BY_NAME["Limits"].width
    ward.breaches.fill(out, 5, 6)
    n = len(PARAMETERS)
    assert out[:2] == [5, 6]
    return [list(out[2 + n * k : 2 + n * k + n]) for k in range(3)], out[-1]


def test_a_limit_that_is_set_holds_is_told_and_is_noted():
    ward = Ward()
    ward.run(3, **WELL)
    spo2 = PARAMETERS.index("spo2")
    assert ward.breaches.set(spo2, 940, OFF, 3) == (0, 0)
    assert _back(ward, spo2) == [spo2, 940, OFF, 850, 1000, 1, 3]
    assert _told(ward)[0][0][spo2] == 940 and _told(ward)[0][2][spo2] == 3
    assert ward.book.notes == [(LIMIT, spo2, 3, 0, 940, OFF, 0)] and ward.breaches.changes == 1
    assert ward.run(2.5, spo2=930) == set()
    assert ward.run(1) == {"spo2-low"}
    assert ward.breaches.set(spo2, 940, OFF, 3) == (0, 0)
    assert len(ward.book.notes) == ward.breaches.changes == 1, "the same again is no change"


def test_all_limits_are_told_as_the_tables_have_them_and_none_of_what_has_none():
    ward = Ward()
    for kind, rows in ((0, ADULT), (1, CHILD)):
        ward.breaches.choose(kind)
        (lows, highs, delays), patient = _told(ward)
        assert patient == kind
        by = {r[0]: r for r in rows}
        for i, name in enumerate(PARAMETERS):
            expected = (by[name][1], by[name][2], by[name][6]) if name in by else (NONE16, NONE16, 0)
            assert (lows[i], highs[i], delays[i]) == expected, name


def test_another_patient_begins_anew_and_is_noted():
    ward = Ward()
    ward.run(3, **WELL)
    assert ward.run(30, spo2=850, temperature=NONE16) == {"spo2-low"}
    ward.run(60)
    assert ward.book.told() == {"spo2-low", "temperature-missing"}
    assert ward.breaches.choose(1) == (0, 0)
    assert ward.book.notes == [(LIMIT, ALL, 0, 1, 0, 0, 0)]
    well = {"spo2": 970, "pulse": 900, "systolic": 1000, "diastolic": 600, "map": 700, "heart": 900}
    assert ward.run(60, **well) == set(), "nor is what he had expected of the next one"
    assert ward.run(11, pulse=700) == {"pulse-low"}


def test_what_no_person_may_set_is_refused_by_its_field_or_the_bound_and_nothing_changes():
    ward = Ward()
    before = _told(ward)
    field = BY_NAME["SetLimit"].index
    for name, low, high, delay, detail in (
        ("spo2", 840, OFF, 10, 850),
        ("spo2", 1001, OFF, 10, 1000),
        ("spo2", 900, 1001, 10, 1000),
        ("spo2", OFF, OFF, 10, field("low")),
        ("pulse", 500, OFF, 10, field("high")),
        ("pulse", OFF, 1400, 10, field("low")),
        ("pulse", 500, 299, 10, 300),
        ("pulse", 500, 2001, 10, 2000),
        ("pulse", 1400, 500, 10, field("high")),
        ("etco2", 150, OFF, 10, field("high")),
        ("spo2", 900, OFF, 31, field("delay")),
        ("perfusion", 100, 200, 10, field("parameter")),
    ):
        assert ward.breaches.set(PARAMETERS.index(name), low, high, delay) == (10, detail), (name, low, high)
        assert _told(ward) == before
    assert ward.breaches.changes == 0 and ward.book.notes == []


def test_looking_setting_and_choosing_allocate_nothing():
    ward = Ward()
    ward.run(3, **WELL)
    breaches = ward.breaches
    readings = ward.readings

    class Quiet:
        def says(self, _i, _present, _now):
            pass

        def note(self, _kind, _a, _b, _c, _x, _y, _z):
            pass

    breaches._watch = breaches._journal = Quiet()
    out = [0] * BY_NAME["Limits"].width
    spo2 = PARAMETERS.index("spo2")
    micropython.heap_lock()
    try:
        for n in range(500):
            readings.put(n % len(PARAMETERS), n * 7 % 2500, n % 5)
            readings.seen(n % len(PARAMETERS), n * 100)
            breaches.poll(n * 100)
            breaches.set(spo2, 860 + n % 100, NONE16, n % 31)
            breaches.fill_back(spo2, out, 2)
            breaches.fill(out, n, 0)
            if n % 100 == 0:
                breaches.choose(n // 100 & 1)
    finally:
        micropython.heap_unlock()
    assert breaches.changes > 400
