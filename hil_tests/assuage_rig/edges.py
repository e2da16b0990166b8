"""What lamps and sounder do, edge by edge as the board switches their pins; pulses, bursts and the silences within."""

from __future__ import annotations

from itertools import pairwise

from assuage_rig.bench import Bench
from assuage_rig.chips.pins import BUZZER, LED_RED, LED_YELLOW

Pulse = tuple[float, float]  # s at which it was switched on, s for which it was on

APART_S = 2.0  # a silence longer than any within a burst and shorter than any between two


class Trace:
    """When the board switched each of its lamps and the sounder: (s, on) of every change, by pin."""

    def __init__(self, bench: Bench) -> None:
        self._bench = bench
        self.edges: dict[int, list[tuple[float, bool]]] = {BUZZER: [], LED_RED: [], LED_YELLOW: []}
        self._set = bench.circuit.pins.set
        bench.circuit.pins.set = self._note  # type: ignore[method-assign]

    def _note(self, index: int, level: int) -> None:
        self._set(index, level)
        edges = self.edges.get(index)
        if edges is not None and bool(level) != (bool(edges) and edges[-1][1]):
            edges.append((self._bench.now_us / 1e6, bool(level)))

    def pulses(self, pin: int, since: float = 0.0) -> list[Pulse]:
        """All that have begun since then and are over."""
        edges = [e for e in self.edges[pin] if e[0] >= since]
        return [(a, b - a) for (a, on), (b, _off) in pairwise(edges) if on]

    def ons(self, pin: int, since: float = 0.0) -> list[float]:
        """When it was switched on."""
        return [at for at, on in self.edges[pin] if on and at >= since]

    def on(self, pin: int) -> bool:
        """Whether it is on now."""
        return bool(self.edges[pin]) and self.edges[pin][-1][1]


def bursts(pulses: list[Pulse]) -> list[list[Pulse]]:
    """Pulses gathered into bursts."""
    found: list[list[Pulse]] = []
    for pulse in pulses:
        if not found or pulse[0] - sum(found[-1][-1]) > APART_S:
            found.append([])
        found[-1].append(pulse)
    return found


def gaps(burst: list[Pulse]) -> list[float]:
    """The silences within."""
    return [b[0] - sum(a) for a, b in pairwise(burst)]
