"""Heart, front end, driver and rate together, and the emulated heart by itself.

Apart from the chip's own tests, so that a wrong chip and a wrong driver cannot agree by accident.
"""

from __future__ import annotations

from array import array
from itertools import pairwise

import pytest

from assuage_rig.chips.ad8232 import AD8232
from assuage_rig.clock import Clock
from assuage_rig.faults import Value
from assuage_rig.plant.heart import Heart as Plant
from assuage_wire.schema import NONE16, SIGNALS
from drivers import ad8232
from vitals.heart import Heart

from .port import ticks


class _Comparator:
    def __init__(self, chip: AD8232, name: str) -> None:
        self._chip, self._name = chip, name

    def value(self) -> int:
        return int(getattr(self._chip, self._name))


class _Output:
    def __init__(self, chip: AD8232, name: str) -> None:
        self._set = getattr(chip, name)

    def value(self, level: int) -> None:
        self._set(bool(level))


class Worn:
    """Electrodes on a patient, taken in blocks of 100 ms."""

    def __init__(self, seed: int = 1, **settings: float) -> None:
        self.clock = Clock()
        self.plant = Plant()
        self.plant.attach(self.clock, seed)
        self.plant.set(**settings)
        self.chip = AD8232(self.clock, self.plant.mv, seed)
        self.driver = ad8232.AD8232(
            _Comparator(self.chip, "lod_plus"),
            _Comparator(self.chip, "lod_minus"),
            _Output(self.chip, "shutdown"),
            _Output(self.chip, "restore"),
        )
        self.meter = Heart()
        self._buffer = array("H", [0] * 25)

    def run(self, seconds: float) -> list[tuple[str, float]]:
        """(signal, rate or -1) after each second."""
        seen = []
        for n in range(round(seconds * 10)):
            for i in range(25):
                self.clock.now_us += 4000
                self._buffer[i] = self.chip.code(self.clock.now_us)
            self.driver.take(self._buffer, 25, ticks(self.clock))
            self.meter.leads(self.driver.off)
            self.meter.take(self._buffer, 25)
            if n % 10 == 9:
                rate = self.meter.heart
                seen.append((SIGNALS[self.meter.signal], -1.0 if rate == NONE16 else rate / 10))
        return seen


@pytest.mark.parametrize("rate", [30, 60, 110, 220])
def test_a_rate_is_read_within_one_after_ten_seconds(rate: int) -> None:
    seen = Worn(rate=rate).run(20)
    assert all(signal == "ok" and abs(found - rate) <= 1 for signal, found in seen[10:])


@pytest.mark.parametrize(
    ("kind", "params", "seconds", "signal"),
    [
        ("lead_off", {"which": 1}, 0.1, "lead-off"),
        ("lead_off", {"which": 2}, 0.1, "lead-off"),
        ("silent_lead", {}, 1, "saturated"),
        ("rail", {"high": 0}, 1, "saturated"),
        ("frozen", {}, 4, "flat"),
        ("stuck", {}, 6, "no-pulse"),
        ("noisy", {"rms": 2.0}, 15, "noise"),
    ],
)
def test_what_is_wrong_is_told(kind: str, params: dict[str, Value], seconds: float, signal: str) -> None:
    worn = Worn()
    assert worn.run(12)[-1][0] == "ok"
    worn.chip.faults.make(kind, **params)
    worn.run(seconds)
    assert SIGNALS[worn.meter.signal] == signal and worn.meter.heart == NONE16
    worn.chip.faults.mend()
    seen = worn.run(20)
    assert seen[-1][0] == "ok" and abs(seen[-1][1] - 72) <= 1


def test_asystole_is_no_pulse_within_five_seconds() -> None:
    worn = Worn()
    worn.run(12)
    worn.plant.set(rate=0)
    assert ("no-pulse", -1.0) in worn.run(6)


# -- the heart itself --------------------------------------------------------------------------------------------------
def test_a_heart_beats_at_its_rate_and_goes_on_from_where_it_is() -> None:
    clock = Clock()
    plant = Plant(rate=60)
    plant.attach(clock, 1)
    clock.now_us = 20_000_000
    before = len(plant.beats(clock.now_us))
    assert before in (20, 21)
    plant.set(rate=120)
    clock.now_us = 40_000_000
    assert abs(len(plant.beats(clock.now_us)) - before - 40) <= 1


def test_its_r_waves_are_where_it_says() -> None:
    clock = Clock()
    plant = Plant(rate=75, wander=0.0, amplitude=1.5)
    plant.attach(clock, 3)
    clock.now_us = 10_000_000
    for at in plant.beats(clock.now_us)[1:-1]:
        tops = [plant.mv(round(at * 1e6) + 1000 * ms) for ms in range(-50, 51)]
        assert abs(tops.index(max(tops)) - 50) <= 1 and abs(max(tops) - 1.5) < 0.15


def test_fibrillation_and_ectopic_beats_scatter_and_breathing_sways() -> None:
    clock = Clock()
    clock.now_us = 0
    spread = {}
    for name in ("variability", "fibrillation", "ectopic"):
        plant = Plant(rate=70)
        plant.attach(clock, 2)
        plant.set(**{name: 0.2})
        beats = plant.beats(200_000_000)
        steps = [b - a for a, b in pairwise(beats)]
        mean = sum(steps) / len(steps)
        spread[name] = (sum((s - mean) ** 2 for s in steps) / len(steps)) ** 0.5 / mean
        assert abs(60 / mean - 70) < 5
    assert 0.15 < spread["fibrillation"] < 0.25 and 0.15 < spread["variability"] < 0.25 and spread["ectopic"] > 0.1


def test_asystole_leaves_the_noise_and_a_heart_may_begin_again() -> None:
    clock = Clock()
    plant = Plant(rate=0, wander=0.0, hum=0.1)
    plant.attach(clock, 1)
    assert plant.beats(10_000_000) == []
    assert 0.09 < max(plant.mv(t * 1000) for t in range(100)) <= 0.1
    clock.now_us = 10_000_000
    plant.set(rate=60)
    assert 9 <= len(plant.beats(20_000_000)) <= 10


def test_the_voltage_is_a_pure_function_of_seed_settings_and_time() -> None:
    waves = []
    for step in (1, -1):
        plant = Plant(muscle=0.1, motion=0.5, ectopic=0.2, fibrillation=0.1)
        plant.attach(Clock(), 7)
        waves.append([plant.mv(t * 4000) for t in range(1000)[::step]][::step])
    assert waves[0] == waves[1]


@pytest.mark.parametrize("wrong", [{"rate": 400.0}, {"colour": 1.0}])
def test_a_setting_that_it_does_not_have_is_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(ValueError, match="rate"):
        Plant(**wrong)
