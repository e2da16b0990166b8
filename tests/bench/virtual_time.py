"""How much faster than the wall a board on the bench lives: virtual seconds for each second of the wall.

virtual_time_ratio: the usual board infuses 10 mL/h and samples its patient's light at 100 Hz; the whole firmware runs
on the real interpreter with all its chips. virtual_time_ratio_quiet: a quiet board (firmware/boards/rigquiet.py) does,
with its lease granted every 4 s; it sleeps until something is due. Medians of several stretches of one run each, from
the moment it infuses; so starting a board is not in them, and what else the machine does meanwhile is.
"""

from __future__ import annotations

import statistics
import time

from assuage_rig.bench import Bench
from assuage_rig.wirehost import WireHost
from tests.bench.measure import Row

ROUNDS = 9
USUAL_S, QUIET_S = 20.0, 200.0


class Patient(WireHost):
    """Grants seldom, and for as long as a board allows."""

    GRANT_MS = 9_000
    GRANT_EVERY_S = 4.0


def stretches(quiet: bool, seconds: float, rounds: int = ROUNDS) -> list[float]:
    """Ratios of so many stretches of an infusion. Raises AssertionError when it does not infuse throughout."""
    with Bench(quiet=quiet) as bench:
        host = Patient(bench, keep=False) if quiet else WireHost(bench, keep=False)
        host.infuse(ml_h=10.0, ml=40.0, lease=10_000)
        host.run(5)  # a second for what the rig foresees, and more
        ratios = []
        for _ in range(rounds):
            began = time.perf_counter()
            host.run(seconds)
            ratios.append(seconds / (time.perf_counter() - began))
            assert host.state == "infusing", host.reason
        assert quiet or host.vital("spo2").quality == "good", "a patient is measured"
        return ratios


def measure() -> list[Row]:
    """Rows virtual_time_ratio and virtual_time_ratio_quiet, each against the wall clock."""
    usual, quiet = stretches(False, USUAL_S), stretches(True, QUIET_S)
    return [_row("virtual_time_ratio", usual), _row("virtual_time_ratio_quiet", quiet)]


def _row(name: str, ratios: list[float]) -> Row:
    value = round(statistics.median(ratios), 1)
    return {"name": name, "value": value, "unit": "s/s", "peer": "wall clock", "peer_value": 1.0, "ratio": value}
