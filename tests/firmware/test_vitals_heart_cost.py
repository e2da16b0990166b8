"""The work of the heart rate and the temperature, in steps of the interpreter."""

from __future__ import annotations

from array import array

from assuage_rig.chips.ad8232 import AD8232
from assuage_rig.clock import Clock
from assuage_rig.plant.heart import Heart as Plant
from tests.firmware.steps import steps_of
from vitals.heart import Heart
from vitals.temperature import Temperature

MEAN = 2500  # of 100 ms, 25 samples: 2.5 % of an RP2040's time
MOST = 6500  # of such a block once a second


def test_a_block_of_the_heart_stays_within_its_share_of_the_processor() -> None:
    clock = Clock()
    plant = Plant(rate=180, muscle=0.05)
    plant.attach(clock, 1)
    chip = AD8232(clock, plant.mv, 1)
    meter, costs = Heart(), []
    for n in range(200):
        block = array("H", [0] * 25)
        for i in range(25):
            clock.now_us += 4000
            block[i] = chip.code(clock.now_us)
        if n < 100:
            meter.take(block, 25)
        else:
            costs.append(steps_of(lambda block=block: meter.take(block, 25)))  # type: ignore[misc]
    assert meter.signal == 0
    assert sum(costs) / len(costs) <= MEAN
    assert max(costs) <= MOST
    print(f"mean {sum(costs) / len(costs):.0f}, most {max(costs)} steps a block of 25")


def test_a_temperature_costs_next_to_nothing() -> None:
    meter = Temperature()
    for n in range(60):
        meter.sample(4685 + n % 2)
    assert meter.signal == 0
    assert steps_of(lambda: meter.sample(4685)) <= 300
