"""A clock with events, as a rig has them, and nothing else."""

from __future__ import annotations

import heapq
import itertools
from collections.abc import Callable

from assuage_rig.clock import Clock


class Rig:
    """Time is moved by hand."""

    def __init__(self) -> None:
        self.clock = Clock()
        self._events: list[tuple[int, int, Callable[[], object]]] = []
        self._order = itertools.count()

    def at(self, seconds: float, action: Callable[[], object]) -> None:
        """As Bench.at."""
        heapq.heappush(self._events, (self.clock.now_us + round(seconds * 1e6), next(self._order), action))

    def run(self, seconds: float) -> None:
        """Lets time pass."""
        end = self.clock.now_us + round(seconds * 1e6)
        while self._events and self._events[0][0] <= end:
            self.clock.now_us, _, action = heapq.heappop(self._events)
            action()
        self.clock.now_us = end
