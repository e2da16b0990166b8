"""The last of a wave, in batches as the board sent them, for whoever draws or publishes it."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class WaveBatch:
    """Ten samples or so that belong together.

    position: rises by one with each batch; hand the last one seen to `WaveRing.since`. index: number of the first
    sample since the board started, a gap is a loss. hz: sample rate. signal: how its sensor is. time: Unix time of
    the first sample, s. samples: of a pleth infrared AC over DC in 1e-5, a pulse points up; of CO2 0.1 mmHg.
    """

    position: int
    index: int
    hz: int
    signal: str
    time: float
    samples: tuple[int, ...]


class WaveRing:
    """Keeps the newest batches; a reader that falls behind misses the oldest."""

    def __init__(self, batches: int = 300) -> None:
        self._batches: deque[WaveBatch] = deque(maxlen=batches)
        self.position = 0  # of the newest batch; 0 when there is none yet

    def append(self, index: int, hz: int, signal: str, time: float, samples: tuple[int, ...]) -> WaveBatch:
        """Takes a batch and numbers it."""
        self.position += 1
        batch = WaveBatch(self.position, index, hz, signal, time, samples)
        self._batches.append(batch)
        return batch

    def since(self, position: int) -> list[WaveBatch]:
        """The batches after `position` that are still kept, oldest first."""
        newer = self.position - position
        if newer <= 0:
            return []
        kept = list(self._batches)
        return kept[-newer:] if newer < len(kept) else kept
