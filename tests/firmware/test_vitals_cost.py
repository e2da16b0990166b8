"""The work of a sample, in steps of the interpreter, of which MicroPython makes about as many: no clock, no flicker."""

from __future__ import annotations

from itertools import islice

from tests.firmware.ppg_signal import Finger, Signal
from tests.firmware.steps import steps_of
from vitals.oximeter import Oximeter

MEAN = 320 + 165  # oximetry, respiration; a step takes an RP2040 about 1 us: 5 % of its time at 100 samples a second
USUAL = 140  # three of four samples
MOST = 3000 + 800  # once a second, and what respiration then cannot put off


def test_a_sample_stays_within_its_share_of_the_processor() -> None:
    meter = Oximeter((110_000, -25_000, 0))
    pairs = [*islice(Signal(Finger(bpm=180), 1), 3000)]
    for red, ir in pairs[:2000]:
        meter.sample(red, ir)
    assert meter.signal == 0
    costs = [steps_of(meter.sample, red, ir) for red, ir in pairs[2000:]]
    costs.sort()
    assert sum(costs) / len(costs) <= MEAN
    assert costs[len(costs) // 2] <= USUAL
    assert costs[-1] <= MOST
