"""Respiration out of the pulse wave, through the whole oximeter: right within 1 /min where it is shown, or withheld.

The emulated patient's light, with noise; of rates that are shown under artefact and change 99 % are right.
"""

from __future__ import annotations

import random
from collections.abc import Iterator

import pytest

from assuage_rig.clock import Clock
from assuage_rig.plant.patient import Patient
from assuage_wire.schema import NONE16, SIGNALS
from tests.firmware.ppg_signal import Finger, Signal
from vitals.oximeter import Oximeter

CURVE = (110_000, -25_000, 0)
RATES = (4, 6, 8, 10, 12, 15, 18, 20, 24, 30, 36, 40, 50, 60)
NONE = -1.0
Seen = tuple[float, str, float]


class Watched:
    """A patient on an oximeter, 100 samples a second."""

    def __init__(self, seed: int, noise: float = 10, **settings: float) -> None:
        self.patient = Patient(**settings)  # type: ignore[arg-type]
        self._clock = Clock()
        self.patient.attach(self._clock, seed)
        self.meter = Oximeter(CURVE)
        self._rng = random.Random(seed)
        self._noise = noise

    def run(self, seconds: float) -> Iterator[Seen]:
        """(time, signal, rate) once a second."""
        for _ in range(round(seconds)):
            for _ in range(100):
                self._clock.now_us += 10_000
                red, ir = self.patient.light(self._clock.now_us)
                counts = (460 * light + self._rng.gauss(0, self._noise) for light in (red, ir))
                self.meter.sample(*(min(max(round(c), 0), 0x3FFFF) for c in counts))
            yield self._clock.now_us * 1e-6, *told(self.meter)


def told(meter: Oximeter) -> tuple[str, float]:
    breathing = meter.breathing
    return SIGNALS[breathing.signal], NONE if breathing.resp == NONE16 else breathing.resp / 10


@pytest.mark.parametrize("pulse", [50, 72, 110, 160])
def test_every_rate_is_shown_right_or_withheld_and_up_to_a_third_of_the_pulse_it_is_shown(
    pulse: int, seed: int, soak: bool
) -> None:
    for rate in RATES if soak else RATES[:: 1 + (pulse != 72)]:
        seen = list(Watched(seed, pulse_bpm=pulse, resp_rate=rate).run(75))
        shown = [resp for _, _, resp in seen if resp >= 0]
        wrong = [resp for resp in shown if abs(resp - rate) > 1]
        assert len(wrong) <= 0.02 * len(shown), (rate, wrong)
        if 6 <= rate <= pulse / 3.5:
            assert sum(t > 45 and resp >= 0 for t, _, resp in seen) >= 15, rate
        if rate > 0.52 * pulse:
            assert not shown, rate


def test_low_perfusion_and_noise_withhold_rather_than_mislead(seed: int) -> None:
    for perfusion, noise in ((0.5, 10), (1, 40), (2, 150), (0.5, 100)):
        for rate in (8, 16, 26):
            watched = Watched(seed, noise, pulse_bpm=85, resp_rate=rate, perfusion=perfusion)
            shown = [resp for _, _, resp in watched.run(60) if resp >= 0]
            assert sum(abs(resp - rate) > 1 for resp in shown) <= 0.02 * len(shown), (perfusion, noise, rate)


def test_wander_of_the_finger_is_not_breathing(seed: int) -> None:
    """Slow waves of the tone of vessels, 6 /min and as large as what breathing does, in the level only."""
    total = wrong = 0
    for rate in (12, 18, 25):
        for wander in (0.1, 0.3):
            meter = Oximeter(CURVE)
            finger = Finger(bpm=80, breaths=rate, sinus=3, wander=wander, wander_hz=0.1, snr=40)
            for n, (red, ir) in enumerate(Signal(finger, seed)):
                if n == 6000:
                    break
                meter.sample(red, ir)
                if n % 100 == 99 and told(meter)[1] >= 0:
                    total += 1
                    wrong += abs(told(meter)[1] - rate) > 1
    assert total >= 60 and wrong <= 0.01 * total


@pytest.mark.parametrize(("before", "after"), [(20, 8), (8, 20), (24, 12), (15, 30), (8, 0), (12, 0), (16, 0), (25, 0)])
def test_after_a_change_the_old_rate_is_not_shown_for_long(before: int, after: int, seed: int) -> None:
    """For two and a half breaths at most, old or new, and what is shown then is the new one; for two when it stops.

    One and a half is when the swing is seen to be absent; the rest is the way of the band-pass and of the beats.
    """
    watched = Watched(seed, pulse_bpm=100, resp_rate=before)
    assert any(resp >= 0 for _, _, resp in watched.run(50))
    watched.patient.resp_rate = after
    late = 5 + 2.5 * 60 / before if after else 3 + 2 * 60 / before
    for t, _, resp in watched.run(60):
        if t > 50 + late and resp >= 0:
            assert abs(resp - after) <= 1, (t, resp)
            assert after, "without breathing there is no rate"


def test_motion_withholds_at_once_and_it_comes_back(seed: int) -> None:
    watched = Watched(seed, pulse_bpm=80, resp_rate=16)
    list(watched.run(40))
    watched.patient.motion = 5.0
    for t, _, resp in watched.run(15):
        assert t < 43 or resp < 0
    watched.patient.motion = 0.0
    seen = list(watched.run(60))
    assert seen[-1][2] == pytest.approx(16, abs=1)
    assert all(abs(resp - 16) <= 1 for _, _, resp in seen if resp >= 0)


def test_without_a_probe_there_is_no_rate_and_the_reason_is_the_probe(seed: int) -> None:
    watched = Watched(seed, pulse_bpm=80, resp_rate=16)
    list(watched.run(40))
    watched.patient.probe_on = False
    seen = list(watched.run(3))
    assert seen[-1][1:] == ("probe-off", NONE)


def test_an_irregular_heart_gives_no_wrong_rate(seed: int) -> None:
    total = wrong = 0
    for k in range(4):
        meter = Oximeter(CURVE)
        for n, (red, ir) in enumerate(Signal(Finger(bpm=90, spread=0.15, breaths=15), seed + k)):
            if n == 6000:
                break
            meter.sample(red, ir)
            if n % 100 == 99:
                total += 1
                resp = told(meter)[1]
                wrong += resp >= 0 and abs(resp - 15) > 1
    assert wrong <= 0.01 * total


def test_count_tells_each_rate_that_was_determined_anew(seed: int) -> None:
    watched = Watched(seed, pulse_bpm=80, resp_rate=16)
    count = 0
    for _, _, resp in watched.run(45):
        count += resp >= 0
        assert watched.meter.breathing.count == count
    assert count > 10
