"""Respiration from the pulse wave: its parts, and that they allocate nothing."""

import math

import micropython

from assuage_wire.schema import NONE16, SIGNALS
from vitals.beats import Beats
from vitals.breathing import Breathing
from vitals.swings import Swings


def _swung(period, steps=400, size=1000, wander=0):
    swings = Swings()
    for n in range(steps):
        wave = math.sin(2 * math.pi * n / period)
        swings.step(int(16 * size * wave + wander * n))
    return swings


def test_a_swing_within_the_band_is_measured():
    for period in (7, 9, 11, 14, 17):
        swings = _swung(period)
        swings.estimate(4)
        assert abs(swings.interval - 256 * period) < 0.02 * 256 * period, period
        assert swings.size > 16_000


def test_a_trend_and_a_constant_are_no_swing():
    for wander in (0, 5, -50):
        swings = _swung(11, size=0, wander=wander)
        swings.estimate(2)
        assert swings.interval == 0


def test_an_octave_off_a_third_comes_through_and_two_octaves_off_next_to_nothing():
    sizes = []
    for period in (11, 22, 44):
        swings = _swung(period, 800)
        swings.estimate(2)
        sizes.append(swings.loud)
    assert sizes[1] < sizes[0] * 0.45 and sizes[2] < sizes[0] * 0.09


def test_a_swing_that_stops_is_over_three_cycles_later():
    swings = _swung(11)
    for _ in range(33):
        swings.step(0)
    swings.estimate(4)
    assert swings.interval == 0


def test_a_swing_that_changes_is_not_measured_until_it_is_alike_again():
    swings = _swung(8)
    for n in range(34):
        swings.step(int(16_000 * math.sin(2 * math.pi * n / 16)))
    swings.estimate(4)
    assert swings.interval == 0


class Wave:
    """Levels of a pulse at 25 a second, moved by breathing."""

    def __init__(self, pulse, resp):
        self.pulse = pulse
        self.resp = resp
        self.n = 0

    def next(self):
        t = self.n / 25
        self.n += 1
        breath = math.sin(2 * math.pi * self.resp / 60 * t)
        phase = self.pulse / 60 * t + 0.02 * breath
        beat = math.sin(2 * math.pi * phase) + 0.3 * math.sin(4 * math.pi * phase)
        return int(4000 * beat * (1 + 0.05 * breath) + 300 * breath) - 400_000


def _followed(pulse, resp, seconds):
    beats = Beats()
    beats.floor = 200
    breathing = Breathing(beats)
    wave = Wave(pulse, resp)
    for n in range(seconds * 25):
        level = wave.next()
        beats.step(level)
        breathing.step(level)
        if n % 25 == 24:
            beats.estimate()
            breathing.judge(0)
    return breathing


def test_a_rate_on_which_level_size_and_interval_agree_is_shown():
    for pulse, resp in ((70, 12), (90, 20), (150, 40)):
        breathing = _followed(pulse, resp, 60)
        assert abs(breathing.resp - 10 * resp) <= 10 and SIGNALS[breathing.signal] == "ok" and breathing.count


def test_without_breathing_there_is_none():
    breathing = _followed(70, 0, 60)
    assert breathing.resp == NONE16 and SIGNALS[breathing.signal] == "irregular" and not breathing.count


def test_what_ails_the_oximeter_is_the_reason_and_the_rate_begins_anew():
    breathing = _followed(70, 12, 60)
    breathing.judge(SIGNALS.index("motion"))
    assert breathing.resp == NONE16 and SIGNALS[breathing.signal] == "motion"
    breathing.judge(0)
    assert breathing.resp == NONE16 and SIGNALS[breathing.signal] == "settling"


def test_following_allocates_nothing():
    beats = Beats()
    beats.floor = 200
    breathing = Breathing(beats)
    wave = Wave(75, 15)
    record = [wave.next() for _ in range(500)]  # 20 s: 25 beats, 5 breaths
    micropython.heap_lock()
    try:
        for n in range(3000):
            level = record[n % 500] if n < 2800 else 0
            beats.step(level)
            breathing.step(level)
            if n % 25 == 24:
                beats.estimate()
                breathing.judge(5 if n == 1499 else 0)
            if n == 1000:
                beats.gap()
                breathing.start()
    finally:
        micropython.heap_unlock()
    assert breathing.count
