"""The whole firmware freezes while it delivers: what the shaft still does, on the bench."""

from __future__ import annotations

import random

import pytest

from assuage_rig.bench import Bench
from assuage_rig.requirements import req
from assuage_rig.wirehost import WireHost

BUDGET_NL = 20_000


@req("PMP-007")
@pytest.mark.parametrize(
    ("rate_ml_h", "syringe", "syringe_um"),
    [(1200, "BD 50", 26_700), (60, "BD 50", 26_700), (1200, "BD 5", 12_060), (790, "BD 3", 8_660)],
)
def test_a_firmware_that_freezes_at_any_instant_delivers_two_hundredths_of_a_ml_at_most(
    seed: int, rate_ml_h: float, syringe: str, syringe_um: int
) -> None:
    """What the drive holds is looked at every few milliseconds, and at the end of each run it is let run dry."""
    chance = random.Random(seed)
    for run in range(2):
        with Bench(seed=run) as bench:
            host = WireHost(bench)
            bench.fit(syringe)
            host.identify()
            host.run(0.5)
            back = host.start(ml_h=rate_ml_h, ml=2.9, bore=syringe_um, level=900)
            most = 0
            for _ in range(60):
                host.run(chance.randint(1_000, 60_000) / 1e6)
                most = max(most, bench.drive.queued)
            assert host.state == "infusing"
            assert 0 < most * back["nl_per_rev"] <= BUDGET_NL * 3200
            begin = bench.shaft.steps
            held = bench.drive.queued
            bench.fault("board", "freeze")
            bench.run(1.5)
            made = bench.shaft.steps - begin
            assert made == held and not bench.drive.moving
            assert made * back["nl_per_rev"] <= BUDGET_NL * 3200
            bench.run(2)
            assert bench.shaft.steps - begin == made and not bench.drive.enabled, "reset, and without current"
