"""The cuff's work for a sample, in steps of the interpreter."""

from __future__ import annotations

from functools import partial

import pytest

from tests.firmware.steps import steps_of
from vitals.cuff_cycle import STATES

from .cuff_on_arm import Case, OnArm

USUAL = {"inflating": 260, "bleeding": 450, "venting": 500, "resting": 500}  # median: 50 times a second
MOST = 5_500  # any sample; the verdict is the longest


@pytest.mark.parametrize("state", USUAL)
def test_a_sample_stays_within_its_share_of_the_processor(state: str) -> None:
    on = OnArm(Case(120, 80, 150))
    assert on.cuff.start()
    on.reach(state)
    sample = on.cuff.sample
    costs: list[int] = []

    def counted(ticks: int, pressure: int) -> None:
        costs.append(steps_of(partial(sample, ticks, pressure)))

    on.cuff.sample = counted  # type: ignore[method-assign]
    on.run(12, lambda: STATES[on.cuff.state] != state)
    costs.sort()
    assert costs[len(costs) // 2] <= USUAL[state], costs[len(costs) // 2]
    assert costs[-1] <= MOST, costs[-1]
