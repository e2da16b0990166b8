"""Paired timing: candidates take turns in short rounds, so that a machine whose speed drifts is the same machine for
each of them."""

from __future__ import annotations

import gc
import statistics
import time
from collections.abc import Callable

Row = dict[str, object]


def calls_per_second(
    candidates: dict[str, Callable[[], object]], rounds: int = 21, round_s: float = 0.04
) -> dict[str, list[float]]:
    """Calls per second of each candidate, one figure per round."""
    loops = {}
    for name, call in candidates.items():
        n = 1
        while (took := _timed(call, n)) < round_s / 4:
            n *= 2
        loops[name] = max(1, int(n * round_s / took))
    rates: dict[str, list[float]] = {name: [] for name in candidates}
    for _ in range(rounds):
        for name, call in candidates.items():
            rates[name].append(loops[name] / _timed(call, loops[name]))
    return rates


def _timed(call: Callable[[], object], n: int) -> float:
    gc.disable()
    try:
        start = time.perf_counter()
        for _ in range(n):
            call()
        return time.perf_counter() - start
    finally:
        gc.enable()


def rows(name: str, unit: str, ours: list[float], peers: dict[str, list[float]]) -> list[Row]:
    """One row per peer: medians, and the median of the round-by-round ratios ours/peer."""
    value = statistics.median(ours)
    return [
        {
            "name": name,
            "value": round(value, 3),
            "unit": unit,
            "peer": peer,
            "peer_value": round(statistics.median(theirs), 3),
            "ratio": round(statistics.median(a / b for a, b in zip(ours, theirs, strict=True)), 3),
        }
        for peer, theirs in peers.items()
    ]


def percentile(values: list[float], p: float) -> float:
    """The p-th percentile (0 to 100) by nearest rank."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * p / 100))]
