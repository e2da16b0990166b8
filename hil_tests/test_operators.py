"""Random operators and faults from seeds: whatever somebody orders and whatever breaks, the patient gets no more than
the orders permitted, nothing moves after a stop or a pause, and a pump that stands in fault says so."""

from __future__ import annotations

import random
from typing import Any

import pytest

from assuage_rig.evidence import Collector
from assuage_rig.measuring import Measure
from assuage_rig.requirements import req
from sweep.operator import Operator

STORIES = 40
PARTS = 20
STORIES_IN_SOAK = 400


def _seeds(seed: int, soak: bool) -> list[int]:
    return [seed * 10_000 + i for i in range(STORIES_IN_SOAK if soak else STORIES)]


@req("FLT-005")
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("part", range(PARTS))
def test_whatever_is_ordered_and_whatever_breaks_the_patient_gets_what_the_orders_permitted(
    dut: Any, measure: Measure, evidence: Collector, seed: int, soak: bool, part: int
) -> None:
    """Some of the stories, each of one to two virtual minutes on a board of its own; the command repeats them."""
    told = []
    for number in _seeds(seed, soak)[part::PARTS]:
        chance = random.Random(number)
        bench = dut(crash_is_failure=False, seed=number)
        operator = Operator(bench, number, 3)
        story = operator.live(chance.uniform(60, 120))
        name = f"story {number}"
        if story.wrong:
            evidence.file(f"{number}.txt", "\n".join(story.lines))
        measure("FLT-005", "beyond what the orders permitted", story.over_nl / 1000, where=name)
        measure("FLT-005", "moved after a stop", story.after_stop_nl / 1000, where=name)
        told.append((number, story.accepted, story.refused, ", ".join(story.faults), round(story.over_nl / 1000, 1)))
        lines = "\n".join(story.lines[-25:])
        assert not story.wrong, f"{name}: {story.wrong[0]}\n{lines}"
        bench.close()
    evidence.table("Stories", ("seed", "orders taken", "refused", "faults", "patient beyond (µL)"), told)
