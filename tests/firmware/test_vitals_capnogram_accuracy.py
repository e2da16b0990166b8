"""Sweeps: what is breathed is what the capnograph says, and under artefact it says nothing rather than something wrong.

Required: respiration within 1 over 4 to 60 /min, EtCO2 within 2 mmHg as far as the gas's way through line, cell and
filter lets a plateau form; of numbers that are shown under artefact 99 % within those bounds.
"""

from __future__ import annotations

import bisect
import random
from collections import Counter

import pytest

from tests.firmware.gas_signal import Sampled, really, watch
from vitals.capnogram import Capnogram

RATES = (4, 6, 8, 10, 12, 15, 20, 25, 30, 40, 50, 60)
GASES = (15, 25, 38, 55, 70)
FASTEST = {15: 30, 25: 30, 38: 27, 55: 27, 70: 25}
"""Stated: the highest rate, /min, up to which an EtCO2 is shown, at 1 l/min, filter 4, I:E 1:2."""


@pytest.mark.parametrize("rate", RATES)
def test_every_rate_with_every_gas(rate: int, seed: int) -> None:
    for gas in GASES:
        signal = Sampled(seed + gas, rate=rate, etco2=gas, variability=0.0)
        shown = withheld = 0
        for t, name, resp, etco2, fico2 in watch(signal, Capnogram(), max(30, 6.5 * 60 / rate)):
            if t < max(12, 4.2 * 60 / rate):
                continue
            assert name == "ok" and abs(resp - rate) <= 0.5, (gas, t, resp)
            if etco2 < 0:
                withheld += 1
            else:
                shown += 1
                assert abs(etco2 - gas) <= 2, (gas, t, etco2)
            assert fico2 < 1.5
        assert not (withheld if rate <= FASTEST[gas] else shown and rate > 1.5 * FASTEST[gas]), gas


def test_the_rate_follows_the_measured_pace_of_the_samples(seed: int) -> None:
    """They come 2 % slower than the data sheet says: 60 /min by its pace are 58.8 in truth."""
    signal = Sampled(seed, rate=60, etco2=38)
    meter = Capnogram(hz=50)
    meter.period_us = 20_400
    rates = [resp for t, _, resp, _, _ in watch(signal, meter, 40) if t > 12]
    assert all(abs(rate - 60 / 1.02) <= 0.6 for rate in rates)


ARTEFACTS = (
    "cardiogenic",
    "cough",
    "noise",
    "line off",
    "blocked",
    "rebreathing",
    "rate",
    "gas",
    "apnoea",
    "irregular",
)


def scene(kind: str, seed: int) -> tuple[Counter[str], Sampled, list[tuple[float, str, float, float, float]]]:
    """A while of quiet breathing, the artefact, and a while after it."""
    rng = random.Random(f"{kind} {seed}")
    rate = rng.choice((5, 8, 12, 16, 20, 26))
    gas = rng.choice((20, 30, 38, 50, 60))
    signal = Sampled(
        seed, rate=rate, etco2=gas, variability=rng.choice((0.03, 0.08)), slope=rng.choice((1.0, 2.0, 4.0)), noise=0.5
    )
    meter, airway = Capnogram(), signal.airway
    seen = list(watch(signal, meter, 20 + 200 / rate))

    def go(seconds: float, after: float, **during: float | bool) -> None:
        before = {name: getattr(airway, name) for name in during}
        airway.set(**during)
        seen.extend(watch(signal, meter, seconds))
        airway.set(**before)
        seen.extend(watch(signal, meter, after))

    if kind == "cardiogenic":
        go(60, 10, cardiogenic=rng.uniform(1, 8), heart_bpm=rng.uniform(50, 140))
    elif kind == "cough":
        go(rng.uniform(3, 15), 45, cough=rng.uniform(0.6, 1))
    elif kind == "noise":
        signal.noise = rng.uniform(1, 20)
        seen.extend(watch(signal, meter, 25))
        signal.noise = 0.5
        seen.extend(watch(signal, meter, 40))
    elif kind == "line off":
        go(40, 50, line_on=False)
    elif kind == "blocked":
        go(40, 50, blocked=True)
    elif kind == "rebreathing":
        go(60, 20, fico2=rng.uniform(2, min(15, gas / 2)))
    elif kind == "rate":
        go(60, 40, rate=rng.choice((5, 8, 12, 16, 20, 26)))
    elif kind == "gas":
        go(50, 30, etco2=rng.choice((15, 20, 30, 38, 50, 65)))
    elif kind == "apnoea":
        go(50, 50, rate=0.0)
    else:
        go(60, 30, variability=rng.uniform(0.15, 0.4))
    return judged(kind, signal, seen), signal, seen


def judged(kind: str, signal: Sampled, seen: list[tuple[float, str, float, float, float]]) -> Counter[str]:
    """Counts numbers that are shown and of them those that are wrong.

    A rate is right within 1 /min of that of some of the last breaths, up to eight; an EtCO2 within 2 mmHg of one of the
    last three. No rate is right while no gas of the patient reaches the sensor, or there is none.
    """
    falls, tops = really(signal)
    found: Counter[str] = Counter()
    for t, name, resp, etco2, _ in seen:
        k = bisect.bisect(falls, t - 0.3)
        if resp >= 0:
            rates = [60 * n / (falls[q - 1] - falls[q - 1 - n]) for q in (k, k - 1) for n in range(1, 9) if q > n]
            if name == "no-breath" and kind in ("line off", "blocked", "apnoea"):
                rates = [0]
            found["rates"] += 1
            found["wrong rates"] += not any(abs(resp - rate) <= 1 for rate in rates)
        if etco2 >= 0:
            found["gases"] += 1
            found["wrong gases"] += not any(abs(etco2 - top) <= 2 for top in tops[max(0, k - 3) : k + 1])
    return found


def test_of_what_is_shown_under_artefact_99_percent_is_right(seed: int, soak: bool) -> None:
    total: Counter[str] = Counter()
    for kind in ARTEFACTS:
        found: Counter[str] = Counter()
        for k in range(60 if soak else 6):
            found += scene(kind, seed * 1000 + k)[0]
        assert found["rates"] > 100 and found["gases"] > 100, kind
        assert found["wrong rates"] <= 0.04 * found["rates"], (kind, found)
        assert found["wrong gases"] <= 0.01 * found["gases"], (kind, found)
        total += found
    assert total["wrong rates"] <= 0.01 * total["rates"], total
    assert total["wrong gases"] <= 0.01 * total["gases"], total


def test_a_sudden_change_of_the_rate_is_followed_within_three_breaths(seed: int) -> None:
    for before, after in ((8, 20), (20, 8), (12, 30), (30, 6), (15, 18), (20, 16)):
        signal = Sampled(seed, rate=before, variability=0.0)
        meter = Capnogram()
        list(watch(signal, meter, 40))
        signal.airway.rate = after
        list(watch(signal, meter, 4.6 * 60 / after))
        assert abs(meter.resp / 10 - after) <= 1, (before, after)


def test_apnoea_is_told_after_its_time_and_not_before(seed: int) -> None:
    for rate in (6, 12, 25):
        signal = Sampled(seed, rate=rate)
        meter = Capnogram()
        list(watch(signal, meter, 45))
        signal.airway.rate = 0.0
        began = signal.clock.now_us * 1e-6
        for t, name, resp, etco2, _ in watch(signal, meter, 40):
            if name == "no-breath":
                assert resp == 0 and etco2 < 0 and meter.apnoea_ms >= 20_000
            if t > began + 21.6:
                assert name == "no-breath"
            elif t > began + 2 + 105 / rate:
                assert resp < 0 or name == "no-breath", (rate, t - began, resp)


@pytest.mark.parametrize("phase", range(0, 4000, 500))
def test_a_blocked_line_is_never_breathing(phase: int, seed: int) -> None:
    signal = Sampled(seed, rate=15)
    meter = Capnogram()
    list(watch(signal, meter, 40 + phase / 1000))
    signal.airway.blocked = True
    names = [(t, name) for t, name, resp, _, _ in watch(signal, meter, 40) if resp <= 0]
    assert len(names) > 60
    assert names[-1][1] in ("blocked", "no-breath")
