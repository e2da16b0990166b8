"""The capnograph: breaths by moving thresholds, apnoea, and what withholds its numbers."""

import micropython

from assuage_wire.schema import NONE16, SIGNALS
from vitals.capnogram import Capnogram

PPM = 1_000_000 // 7600  # of 0.1 mmHg, nearly: 131.6


class Lungs:
    """Square breaths with slopes, 50 samples a second. next() gives ppm."""

    def __init__(self, rate, etco2, fico2=0):
        self.rate = rate
        self.etco2 = etco2
        self.fico2 = fico2
        self.n = 0
        self.value = 0

    def next(self):
        self.n += 1
        part = self.n * self.rate % 3000
        target = self.etco2 if self.rate and part > 1000 else self.fico2
        self.value += (target - self.value) * 15 // 100
        return self.value * 1_000_000 // 7600


def breathe(meter, lungs, seconds):
    for _ in range(seconds * 50):
        meter.sample(lungs.next())


def name(meter):
    return SIGNALS[meter.signal]


def _breathing(rate=15, etco2=400, seconds=30, **settings):
    meter = Capnogram(**settings)
    lungs = Lungs(rate, etco2)
    breathe(meter, lungs, seconds)
    assert name(meter) == "ok"
    return meter, lungs


def test_it_tells_nothing_before_there_are_three_breaths():
    meter = Capnogram()
    assert (meter.resp, meter.etco2, meter.fico2, name(meter)) == (NONE16, NONE16, NONE16, "settling")
    lungs = Lungs(15, 400)
    breathe(meter, lungs, 7)
    assert meter.resp == NONE16 and meter.count == 0
    breathe(meter, lungs, 7)
    assert meter.resp == 150 and name(meter) == "ok" and meter.count > 0


def test_rate_and_gas_are_those_that_are_breathed():
    for rate, etco2 in ((6, 150), (12, 300), (20, 700), (30, 380)):
        meter, _ = _breathing(rate, etco2, 45)
        assert abs(meter.resp - 10 * rate) <= 2
        assert -12 <= meter.etco2 - etco2 <= 3, meter.etco2
        assert meter.fico2 <= 10 or (rate >= 20 and meter.fico2 == NONE16)


def test_quick_breaths_are_counted_and_their_gas_withheld():
    meter, _ = _breathing(60, 380)
    assert abs(meter.resp - 600) <= 5 and meter.etco2 == NONE16


def test_the_barometer_and_the_vapour_scale_the_gas():
    lungs = Lungs(12, 500)
    for pressure, vapour, told in ((7600, 0, 500), (7600, 470, 469), (6000, 0, 394)):
        meter = Capnogram(pressure, vapour)
        breathe(meter, lungs, 40)
        assert abs(meter.etco2 - told) <= 8, meter.etco2


def test_20_samples_a_second_are_as_good():
    meter = Capnogram(hz=20)
    lungs = Lungs(15, 400)
    for _ in range(40 * 20):
        ppm = lungs.next()
        lungs.n += 1
        if lungs.n & 1:
            lungs.n += 1
        meter.sample(ppm)
    assert name(meter) == "ok"


def test_the_sensors_own_pace_counts():
    meter = Capnogram()
    meter.period_us = 21_000
    breathe(meter, Lungs(30, 380), 30)
    assert abs(meter.resp - 3000 // 10.5) <= 3


def test_no_breath_is_told_after_20_seconds_with_a_rate_of_0():
    meter, lungs = _breathing()
    lungs.rate = 0
    breathe(meter, lungs, 18)
    assert meter.resp == NONE16 and name(meter) == "irregular"
    breathe(meter, lungs, 5)
    assert meter.resp == 0 and name(meter) == "no-breath" and meter.etco2 == NONE16
    assert meter.apnoea_ms >= 20_000
    count = meter.count
    breathe(meter, lungs, 3)
    assert meter.count == count + 3, "it is determined anew each second"
    lungs.rate = 15
    breathe(meter, lungs, 5)
    assert meter.resp == NONE16, "one breath has no rate"
    breathe(meter, lungs, 12)
    assert abs(meter.resp - 150) <= 5


def test_the_apnoea_time_is_a_setting():
    meter, lungs = _breathing(apnoea_ms=10_000)
    lungs.rate = 0
    breathe(meter, lungs, 13)
    assert name(meter) == "no-breath"


def test_who_never_breathed_is_no_breath_too():
    meter = Capnogram()
    breathe(meter, Lungs(0, 0), 21)
    assert name(meter) == "no-breath" and meter.resp == 0


def test_the_time_since_the_last_breath_is_that_of_its_end():
    meter, lungs = _breathing(15)
    seen = []
    for _ in range(8 * 50):
        meter.sample(lungs.next())
        seen.append(meter.apnoea_ms)
    assert 3900 <= max(seen) <= 4100 and min(seen) <= 80


def test_gas_that_stands_still_is_a_blocked_line():
    meter, _ = _breathing()
    for _ in range(18 * 50):
        meter.sample(400 * PPM)
    assert name(meter) == "blocked" and meter.resp == NONE16


class Spoilt(Lungs):
    """From breath `after` on, the last half of `breaths` plateaus is lower by dip, pulsed every `beat` samples."""

    def __init__(self, rate, etco2, after, breaths, dip, beat=0):
        Lungs.__init__(self, rate, etco2)
        self.after = after
        self.breaths = breaths
        self.dip = dip
        self.beat = beat

    def next(self):
        part = (self.n + 1) * self.rate % 3000
        breath = (self.n + 1) * self.rate // 3000
        etco2 = self.etco2
        late = part > 2000 and self.after <= breath < self.after + self.breaths
        if late and (not self.beat or self.n % self.beat * 2 < self.beat):
            self.etco2 -= self.dip
        ppm = Lungs.next(self)
        self.etco2 = etco2
        return ppm


def test_a_plateau_that_is_cut_or_chopped_withholds_etco2_until_three_are_whole_again():
    for rate, dip, beat in ((15, 100, 0), (24, 200, 30), (12, 100, 30), (12, 400, 40)):
        meter = Capnogram()
        lungs = Spoilt(rate, 400, 10, 1, dip, beat)
        breathe(meter, lungs, 600 // rate)
        assert abs(meter.etco2 - 400) < 15
        missing = []
        for n in range(600):
            breathe(meter, lungs, 1)
            if n * rate < 60 * 6 and meter.etco2 == NONE16:
                missing.append(n * rate // 60)
        assert missing[0] <= 1 and missing[-1] in (3, 4), (rate, missing)
        assert abs(meter.etco2 - 400) < 15


def test_cut_plateaus_that_are_alike_have_no_etco2():
    meter = Capnogram()
    breathe(meter, Spoilt(15, 400, 0, 99, 100), 60)
    assert name(meter) == "ok" and abs(meter.resp - 150) <= 2 and meter.etco2 == NONE16


def test_the_hearts_dips_in_a_long_plateau_leave_its_etco2():
    meter = Capnogram()
    breathe(meter, Spoilt(10, 400, 0, 99, 16, 40), 60)
    assert abs(meter.resp - 100) <= 2 and abs(meter.etco2 - 400) < 15


def test_smaller_breaths_are_found_and_rebreathing_too():
    meter, lungs = _breathing(15, 600)
    lungs.etco2 = 150
    breathe(meter, lungs, 25)
    assert name(meter) == "ok" and abs(meter.etco2 - 150) <= 8 and abs(meter.resp - 150) <= 2
    lungs.etco2 = 450
    lungs.fico2 = 250
    breathe(meter, lungs, 30)
    assert name(meter) == "ok" and abs(meter.fico2 - 250) <= 10


def test_a_rebreathed_gas_as_high_as_the_breath_was_is_found_again():
    meter, lungs = _breathing(15, 300)
    lungs.fico2 = 220
    lungs.etco2 = 400
    breathe(meter, lungs, 60)
    assert name(meter) == "ok" and abs(meter.resp - 150) <= 2


def test_one_wrong_sample_is_not_seen():
    meter, lungs = _breathing()
    for n in range(30 * 50):
        lungs_ppm = lungs.next()
        meter.sample(0 if n % 70 == 0 else 240_000 if n % 77 == 0 else lungs_ppm)
        assert meter.level < 480
    assert name(meter) == "ok" and abs(meter.resp - 150) <= 2 and abs(meter.etco2 - 400) < 12


def test_more_gas_than_any_patient_has_is_implausible():
    meter, lungs = _breathing()
    for _ in range(60):
        meter.sample(230_000)
    breathe(meter, lungs, 1)
    assert name(meter) == "implausible" and meter.resp == NONE16
    breathe(meter, lungs, 20)
    assert name(meter) == "ok"


def test_noise_withholds_all():
    meter, lungs = _breathing()
    state = 1
    for _ in range(5 * 50):
        state = state * 1103515245 + 12345 & 0x7FFFFFFF
        meter.sample(max(0, lungs.next() + (state >> 16) % 40_000 - 20_000))
    assert name(meter) == "noise" and meter.resp == meter.etco2 == NONE16


def test_lost_and_flat_withhold_at_once_and_begin_anew():
    for end, told in ((0, "sensor-lost"), (1, "flat")):
        meter, lungs = _breathing()
        if end:
            meter.flat()
        else:
            meter.lost()
        assert name(meter) == told and meter.resp == meter.etco2 == meter.fico2 == NONE16 and meter.apnoea_ms == 0
        breathe(meter, lungs, 3)
        assert meter.resp == NONE16
        breathe(meter, lungs, 15)
        assert meter.resp == 150


def test_short_gaps_are_bridged_and_long_ones_begin_anew():
    meter, lungs = _breathing()
    for n in range(30 * 50):
        ppm = lungs.next()
        if n % 50 >= 4:
            meter.sample(ppm)
        elif n % 50 == 3:
            meter.gap(4)
    assert abs(meter.resp - 150) <= 2
    for _ in range(50):
        lungs.next()
    meter.gap(50)
    breathe(meter, lungs, 6)
    assert meter.resp in (NONE16, 150, 149, 151)
    meter.gap(500)
    assert name(meter) == "settling" and meter.resp == NONE16


def test_the_wave_comes_in_frames_of_ten_with_their_numbers():
    meter = Capnogram()
    lungs = Lungs(15, 400)
    out = [0] * 15
    numbers, wave = [], []
    for _ in range(20 * 50):
        meter.sample(lungs.next())
        while meter.wave_ready():
            meter.fill_wave(out, 7, 8)
            assert out[:2] == [7, 8] and out[3:5] == [25, meter.signal]
            numbers.append(out[2])
            wave += out[5:15]
    assert numbers == list(range(0, 500, 10))
    assert 390 <= max(wave) <= 402 and min(wave) <= 1


def test_frames_nobody_collects_are_lost_and_their_numbers_tell():
    meter = Capnogram()
    out = [0] * 15
    for _ in range(400):
        meter.sample(50_000)
    seen = []
    while meter.wave_ready():
        meter.fill_wave(out, 7, 8)
        seen.append(out[2])
    assert seen == [170, 180, 190]


def test_whatever_happens_nothing_is_allocated():
    meter = Capnogram()
    lungs = Lungs(15, 400)
    record = [lungs.next() for _ in range(400)]
    out = [0] * 15
    micropython.heap_lock()
    try:
        for n in range(12_000):
            ppm = record[n % 200]
            if n == 3000:
                meter.gap(5)
            elif n == 4000:
                meter.gap(60)
            elif n == 5000:
                meter.lost()
            elif n == 6000:
                meter.flat()
            if 7000 <= n < 7100:
                ppm = 240_000
            elif 8000 <= n < 9200:
                ppm = 400
            elif 10_000 <= n < 11_000:
                ppm = 50_000 + 7000 * (n % 5)
            meter.sample(ppm)
            while meter.wave_ready():
                meter.fill_wave(out, 7, 8)
    finally:
        micropython.heap_unlock()
    assert meter.count
