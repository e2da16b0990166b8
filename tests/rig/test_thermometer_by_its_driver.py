"""Probe, chip, driver and number together: what is shown is the skin's temperature within a tenth of a degree.

Apart from the chip's own tests, so that a wrong chip and a wrong driver cannot agree by accident.
"""

from __future__ import annotations

import pytest

from assuage_rig.bus import Bus
from assuage_rig.chips.tmp117 import ADDRESS, TMP117
from assuage_rig.clock import Clock
from assuage_rig.faults import Value
from assuage_rig.plant.probe import Probe
from assuage_wire.schema import NONE16, SIGNALS
from drivers import tmp117
from vitals.temperature import Temperature

from .port import Port, ticks


class Worn:
    """A probe on a patient, polled every 250 ms."""

    def __init__(self, seed: int = 1, **settings: float | bool) -> None:
        self.clock = Clock()
        self.probe = Probe(**settings)
        self.probe.attach(self.clock)
        self.chip = TMP117(self.clock, self.probe.celsius, seed)
        self.driver = tmp117.TMP117(Port(Bus("bus1", {ADDRESS: self.chip})))
        self.meter = Temperature()

    def run(self, seconds: float) -> tuple[list[float], str]:
        """Errors of all numbers that were shown, as they aged, and the signal at the end."""
        errors = []
        for _ in range(round(seconds * 4)):
            self.clock.now_us += 250_000
            if self.driver.poll(ticks(self.clock)):
                self.meter.sample(self.driver.raw)
            elif not self.driver.ok:
                self.meter.lost()
            if self.meter.temperature != NONE16:
                errors.append(abs(self.meter.temperature / 100 - self.probe.skin(self.clock.now_us)))
        return errors, SIGNALS[self.meter.signal]


@pytest.mark.parametrize("skin", [29.0, 33.3, 36.6, 38.5, 41.0])
@pytest.mark.parametrize("lag_s", [5.0, 20.0, 60.0])
def test_a_placed_probe_is_read_within_a_tenth(skin: float, lag_s: float) -> None:
    worn = Worn(skin=skin, lag_s=lag_s, on=False)
    assert worn.run(60) == ([], "probe-off")
    worn.probe.set(on=True)
    errors, signal = worn.run(600)
    assert signal == "ok" and len(errors) > 400 and max(errors) <= 0.1


def test_a_rising_fever_is_read_within_a_tenth() -> None:
    worn = Worn(skin=36.0, warming=2.0)
    errors, signal = worn.run(3600)
    assert signal == "ok" and max(errors) <= 0.1 and abs(worn.probe.skin(worn.clock.now_us) - 38.0) < 0.001


def test_a_probe_that_falls_off_is_not_read_for_long() -> None:
    worn = Worn(skin=36.0)
    worn.run(60)
    worn.probe.set(on=False)
    errors, signal = worn.run(300)
    assert signal == "probe-off" and len(errors) <= 8, "2 s"


@pytest.mark.parametrize(
    ("kind", "params", "seconds", "signal"),
    [
        ("nack", {}, 1, "sensor-lost"),
        ("no_ready", {}, 5, "sensor-lost"),
        ("brownout", {}, 0.25, "sensor-lost"),
        ("zeros", {}, 2, "sensor-lost"),
        ("frozen", {}, 125, "flat"),
        ("offset", {"by": 20.0}, 30, "implausible"),
        ("offset", {"by": -15.0}, 30, "probe-off"),
        ("noisy", {"rms": 20.0}, 10, "implausible"),
    ],
)
def test_what_is_wrong_is_told(kind: str, params: dict[str, Value], seconds: float, signal: str) -> None:
    worn = Worn()
    assert worn.run(60)[1] == "ok"
    worn.chip.faults.make(kind, **params)
    assert worn.run(seconds)[1] == signal
    worn.chip.faults.mend()
    errors, after = worn.run(200)
    assert after == "ok" and max(errors) <= 0.1


def test_the_truth_of_a_probe_is_first_order_and_does_not_jump() -> None:
    clock = Clock()
    probe = Probe(skin=36.0, room=20.0, lag_s=20.0, on=False)
    probe.attach(clock)
    assert probe.celsius(0) == 20.0
    clock.now_us = 10_000_000
    probe.set(on=True)
    assert abs(probe.celsius(10_000_000) - 20.0) < 1e-9
    assert abs(probe.celsius(30_000_000) - (36 - 16 / 2.718281828)) < 1e-6
    clock.now_us = 30_000_000
    before = probe.celsius(30_000_000)
    probe.set(warming=6.0)
    assert abs(probe.celsius(30_000_000) - before) < 1e-9
    assert abs(probe.skin(630_000_000) - 37.0) < 1e-9
    assert abs(probe.skin(630_000_000) - probe.celsius(630_000_000) - 20.0 * 6 / 3600) < 1e-6, "it lags"
    assert probe.celsius(10_000_000) == 20.0, "the past stays"
    for wrong in ({"skin": 99.0}, {"colour": 1.0}):
        with pytest.raises(ValueError, match=r"skin"):
            probe.set(**wrong)
