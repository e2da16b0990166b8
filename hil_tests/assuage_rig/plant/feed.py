"""From a syringe to a body: the volume that truly went into the vein, second by second, as an amount of drug."""

from collections.abc import Callable
from typing import Protocol

SECOND_US = 1_000_000


class Source(Protocol):
    """What a syringe pumps into a vein; see Infusion."""

    @property
    def patient_nl(self) -> float:
        """Volume given so far, nL; whoever asks has all told that is due by now."""

    def sample(self, every_us: int, mark: Callable[[float], None]) -> None:
        """Has somebody told that volume after every so many us."""


Receive = Callable[[str, float, int], None]
"""Takes a drug, so much of it in ug, and the time in us by which it has arrived; see Body.receive."""


def _nowhere(_drug: str, _ug: float, _by_us: int) -> None:
    pass


class Feed:
    """One syringe at one vein. drug, mg_per_ml: what is in it; both may be changed, 0 mg/mL is saline.

    What comes back into the line is blood, and goes in again before more of the drug does.
    """

    def __init__(self, receive: Receive, source: Source, drug: str, mg_per_ml: float, now_us: int) -> None:
        self.drug = drug
        self.mg_per_ml = mg_per_ml
        self.source = source
        self._receive = receive
        self._told_us = now_us
        self._most_nl = source.patient_nl
        source.sample(SECOND_US, self._mark)

    def end(self) -> None:
        """Nothing of it arrives any more: another one lies there."""
        self._receive = _nowhere

    def _mark(self, volume_nl: float) -> None:
        self._told_us += SECOND_US
        new = volume_nl - self._most_nl
        if new > 0:
            self._most_nl = volume_nl
            self._receive(self.drug, new * self.mg_per_ml / 1000, self._told_us)  # nL times mg/mL is ng
