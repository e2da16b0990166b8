"""The work of the capnograph for a sample, in steps of the interpreter."""

from __future__ import annotations

from functools import partial

from tests.firmware.gas_signal import Sampled
from tests.firmware.steps import steps_of
from vitals.capnogram import Capnogram

MEAN = 225  # 1.2 % of an RP2040's time at 50 samples a second, of which all sensors take 18 (docs/processor.md)
MOST = 1250  # once a second, where a breath ends as well


def test_a_sample_stays_within_its_share_of_the_processor() -> None:
    signal = Sampled(rate=29, cardiogenic=6.0)
    meter = Capnogram()
    for _ in range(1500):
        meter.sample(signal.next())
    assert meter.resp != 0xFFFF
    costs = [steps_of(partial(meter.sample, signal.next())) for _ in range(3000)]
    assert sum(costs) / len(costs) <= MEAN
    assert max(costs) <= MOST
