"""Blood pressure over many arms: the board's algorithm on the raw counts of the emulated sensor, on CPython.

The whole board takes five minutes of its time for each; a dozen arms it measures in test_vital_signs.py, and in a soak
two hundred.
"""

from __future__ import annotations

import random
from statistics import fmean, pstdev

import pytest

from assuage_rig.evidence import Collector
from assuage_rig.measuring import Measure
from assuage_rig.requirements import req
from tests.firmware.cuff_on_arm import WithSensor, drawn

pytestmark = pytest.mark.timeout(3600)
ARMS = 220
NAMES = ("systolic", "map", "diastolic")
TITLES = {"systolic": "Systolic pressure", "map": "Mean arterial pressure", "diastolic": "Diastolic pressure"}
WITHIN = 15.0


@req("VIT-007")
def test_the_cuff_over_more_than_200_arms(measure: Measure, evidence: Collector, seed: int, soak: bool) -> None:
    """70/40 to 200/120 mmHg, 40 to 160 /min, arms whose stiffness has nothing to do with the firmware's ratios."""
    rng = random.Random(seed)
    pairs: dict[str, list[tuple[float, float]]] = {name: [] for name in NAMES}
    withheld: dict[str, int] = {}
    arms = 10 * ARMS if soak else ARMS
    for _ in range(arms):
        on = WithSensor(drawn(rng)).measure()
        if on.signal != "ok":
            withheld[on.signal] = withheld.get(on.signal, 0) + 1
            continue
        cuff = on.cuff
        truth = on.case.systolic, on.arm.mean(0), on.case.diastolic
        for name, true, value in zip(NAMES, truth, (cuff.systolic, cuff.map, cuff.diastolic), strict=True):
            pairs[name].append((true, value / 10))
    shown = len(pairs["map"])
    measure("VIT-007", "arms with numbers", shown)
    rows = []
    for name, of in pairs.items():
        errors = [value - true for true, value in of]
        mean, spread = fmean(errors), pstdev(errors)
        within = {limit: 100 * sum(abs(error) <= limit for error in errors) / shown for limit in (5, 10, 15)}
        measure("VIT-007", "mean error", mean, where=name)
        measure("VIT-007", "standard deviation", spread, where=name)
        measure("VIT-007", "within 15 mmHg", within[15], where=name)
        rows.append([TITLES[name], mean, spread, *within.values(), max(errors, key=abs)])
        bland_altman(evidence, TITLES[name], of, mean, spread)
    evidence.table(
        f"{shown} arms, measured less true",
        ["", "mean (mmHg)", "SD (mmHg)", "within 5 (%)", "within 10 (%)", "within 15 (%)", "worst (mmHg)"],
        rows,
    )  # fmt: skip
    reasons = ", ".join(f"{many} {signal}" for signal, many in sorted(withheld.items())) or "none"
    evidence.note(
        f"Of {arms} arms at rest, one attempt each, withheld: {reasons}. True is what the simulated artery has: no "
        "reference device, and no person, stands behind it."
    )


def bland_altman(evidence: Collector, title: str, pairs: list[tuple[float, float]], mean: float, spread: float) -> None:
    """Difference over mean of the two, with the mean difference and the limits between which 95 % are expected."""
    lines = {f"mean {mean:+.1f}": mean}
    lines |= {f"{sign}1.96 SD {mean + k * spread:+.1f}": mean + k * spread for sign, k in (("+", 1.96), ("-", -1.96))}
    evidence.plot(
        f"Bland-Altman: {title.lower()}", x="mean of true and measured (mmHg)", y="measured less true (mmHg)",
        series={title: ([(a + b) / 2 for a, b in pairs], [b - a for a, b in pairs])}, lines=lines, scatter=True,
    )  # fmt: skip
