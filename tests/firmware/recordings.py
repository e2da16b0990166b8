"""Reads the excerpts of tests/recordings."""

from __future__ import annotations

import gzip
import sys
import tomllib
from array import array
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

FOLDER = Path(__file__).resolve().parent.parent / "recordings"
_WINDOW_S = 9.0  # what a rate rests on


@dataclass(frozen=True)
class Recording:
    """hz; channels by name, in their units; beats, and pulses of the pleth where it has its own, in s.

    unscored: spans in s in which no rate is judged.
    """

    hz: float
    channels: dict[str, list[float]]
    beats: list[float]
    pulses: list[float]
    unscored: list[tuple[float, float]]

    @property
    def seconds(self) -> float:
        """Length."""
        return len(next(iter(self.channels.values()))) / self.hz

    def at(self, channel: str) -> Callable[[float], float]:
        """The value at a time in s, between two samples on a straight line."""
        samples, hz = self.channels[channel], self.hz

        def value(t: float) -> float:
            x = min(max(t * hz, 0.0), len(samples) - 1.001)
            i = int(x)
            return samples[i] + (samples[i + 1] - samples[i]) * (x - i)

        return value

    def scored(self, now_s: float) -> bool:
        """Whether a rate that is told now can be judged."""
        return not any(start < now_s < end + _WINDOW_S for start, end in self.unscored)


def load(name: str) -> Recording:
    """One of the folder's. Raises FileNotFoundError."""
    about = tomllib.loads((FOLDER / f"{name}.toml").read_text(encoding="utf-8"))
    steps = array("h", gzip.decompress((FOLDER / f"{name}.gz").read_bytes()))
    if sys.byteorder == "big":
        steps.byteswap()
    hz, count = about["hz"], len(about["channels"])
    channels = {}
    for k, channel in enumerate(about["channels"]):
        level, values = 0, []
        for step in steps[k::count]:
            level = (level + step + 0x8000) % 0x10000 - 0x8000
            values.append((level - channel["zero"]) / channel["per_unit"])
        assert len(values) == about["samples"]
        channels[channel["name"]] = values
    spans = [(start, end) for start, end in about.get("unscored", [])]
    spans += [(at / hz, at / hz) for at in about.get("disputed", [])]
    beats, pulses = ([at / hz for at in about.get(kind, [])] for kind in ("beats", "pulses"))
    return Recording(hz, channels, beats, pulses, spans)
