"""The work of the oximeter for a sample, in steps of the interpreter."""

from __future__ import annotations

from functools import partial
from itertools import islice

from tests.firmware.ppg_signal import Finger, Signal
from tests.firmware.steps import steps_of
from vitals.oximeter import Oximeter

MEAN = 320 + 165  # oximetry, respiration: 5 % of an RP2040's time at 100 samples a second, of which all sensors take 20
USUAL = 140  # three of four samples
# Once a second, and what respiration then cannot put off: 4 ms, while the loop's longest turn takes 90 and the
# sensor keeps the samples of 320 (docs/processor.md).
MOST = 3000 + 800


def test_a_sample_stays_within_its_share_of_the_processor() -> None:
    meter = Oximeter((110_000, -25_000, 0))
    pairs = [*islice(Signal(Finger(bpm=180), 1), 3000)]
    for red, ir in pairs[:2000]:
        meter.sample(red, ir)
    assert meter.signal == 0
    costs = sorted(steps_of(partial(meter.sample, red, ir)) for red, ir in pairs[2000:])
    assert sum(costs) / len(costs) <= MEAN
    assert costs[len(costs) // 2] <= USUAL
    assert costs[-1] <= MOST
