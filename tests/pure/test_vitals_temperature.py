"""The skin's temperature: within a tenth of a degree when it is shown, withheld with the reason otherwise."""

import math

import micropython

from assuage_wire.schema import NONE16, SIGNALS
from vitals.temperature import Temperature
from vitals_waves import Noise


class Worn:
    """A probe with its lag: next() is the chip's code a second later. Noise of a code."""

    def __init__(self, at=22.0, lag=20.0, noise=0.7):
        self.at = at
        self.lag = lag
        self.noise = noise
        self._noise = Noise(5)

    def next(self, target):
        self.at += (target - self.at) * (1 - math.exp(-1 / self.lag))
        return math.floor(self.at * 128 + self.noise * self._noise.next() + 0.5)


def _feed(meter, worn, target, seconds):
    """Errors in degrees of every number that was shown, and the names of the signals in the order of their coming."""
    errors, signals = [], []
    for _ in range(seconds):
        meter.sample(worn.next(target))
        name = SIGNALS[meter.signal]
        assert (name == "ok") == (meter.temperature != NONE16)
        if name == "ok":
            errors.append(abs(meter.temperature / 100 - target))
        if not signals or signals[-1] != name:
            signals.append(name)
    return errors, signals


def _shown(target=36.6):
    meter, worn = Temperature(), Worn()
    errors, signals = _feed(meter, worn, target, 300)
    assert signals[-1] == "ok" and max(errors) <= 0.1
    return meter, worn


def test_nothing_is_known_before_the_first_conversion():
    meter = Temperature()
    assert meter.temperature == NONE16 and SIGNALS[meter.signal] == "sensor-lost" and meter.count == 0


def test_whatever_is_shown_while_a_probe_warms_up_is_within_a_tenth():
    for lag in (3, 10, 20, 40, 60):
        for target in (28.5, 30.0, 34.0, 36.6, 40.0, 44.5):
            for room in (16.0, 22.0, 24.0):
                errors, signals = _feed(Temperature(), Worn(room, lag), target, 600)
                assert max(errors) <= 0.1, (lag, target, room)
                assert signals[-1] == "ok" and len(errors) > 100
                assert signals[0] == "settling"


def test_a_probe_in_the_room_is_off_however_warm_the_room_is():
    for room in (15.0, 22.0, 26.0, 31.0):
        errors, signals = _feed(Temperature(), Worn(room), room, 300)
        assert errors == [] and signals == ["settling", "probe-off"]


def test_a_probe_that_comes_off_is_told_and_its_fall_is_not_shown():
    for room in (15.0, 22.0, 26.0, 31.0):
        meter, worn = _shown()
        errors, signals = _feed(meter, worn, room, 300)
        assert len(errors) <= 2 and signals[-1] == "probe-off", room
        errors, signals = _feed(meter, worn, 36.6, 300)
        assert signals[-1] == "ok" and max(errors) <= 0.1, "placed again"


def test_a_slow_fever_is_followed():
    meter, worn = _shown(36.6)
    target = 36.6
    for _ in range(3600):
        target += 2.0 / 3600
        meter.sample(worn.next(target))
        assert SIGNALS[meter.signal] == "ok" and abs(meter.temperature / 100 - target) <= 0.1


def test_beyond_45_degrees_is_implausible():
    meter, worn = _shown(44.0)
    _errors, signals = _feed(meter, worn, 46.0, 300)
    assert signals[-1] == "implausible"
    _errors, signals = _feed(meter, worn, 40.0, 400)
    assert signals[-1] == "ok"


def test_a_wild_conversion_is_left_out():
    meter, worn = _shown()
    for wild in (-30000, 32767, 0, 4685 + 500):
        meter.sample(wild)
        assert meter.temperature == NONE16 and SIGNALS[meter.signal] == "implausible"
        errors, signals = _feed(meter, worn, 36.6, 1)
        assert signals == ["ok"] and errors[0] <= 0.1


def test_a_jump_that_stays_begins_anew():
    meter, worn = _shown()
    worn.at = 39.9
    errors, signals = _feed(meter, worn, 39.9, 120)
    assert signals == ["implausible", "settling", "ok"] and max(errors) <= 0.1 and len(errors) < 100


def test_a_code_that_does_not_move_for_two_minutes_is_stuck():
    meter, worn = _shown()
    stuck = worn.next(36.6)
    shown = 0
    for _ in range(130):
        meter.sample(stuck)
        shown += SIGNALS[meter.signal] == "ok"
    assert 110 <= shown <= 121 and SIGNALS[meter.signal] == "flat"
    _errors, signals = _feed(meter, worn, 36.6, 30)
    assert signals[-1] == "ok", "as soon as it moves again"


def test_a_lost_probe_takes_the_number_away_and_settles_anew():
    meter, worn = _shown()
    meter.lost()
    assert meter.temperature == NONE16 and SIGNALS[meter.signal] == "sensor-lost"
    errors, signals = _feed(meter, worn, 36.6, 60)
    assert signals == ["settling", "ok"] and 30 <= len(errors) <= 36


def test_the_count_tells_fresh_numbers_only():
    meter, worn = _shown()
    before = meter.count
    _feed(meter, worn, 36.6, 10)
    assert meter.count == before + 10
    meter.sample(0)
    meter.lost()
    assert meter.count == before + 10
    meter.count = (1 << 30) - 1
    _feed(meter, worn, 36.6, 29)
    assert meter.count < 10, "it stays a small integer"


def test_a_conversion_allocates_nothing():
    meter, worn = _shown()
    codes = [worn.next(36.6) for _ in range(64)]
    micropython.heap_lock()
    try:
        for n in range(2000):
            if n == 500:
                meter.lost()
            meter.sample(codes[n & 63] - (900 if n in (800, 900, 901, 902, 903, 904) else 0))
            if 1200 < n < 1400:
                meter.sample(codes[0])
    finally:
        micropython.heap_unlock()
    assert SIGNALS[meter.signal] == "ok"
