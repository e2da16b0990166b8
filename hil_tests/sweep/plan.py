"""Which fault is tried in which state at which rate: data, drawn by the seed."""

from __future__ import annotations

import random
from dataclasses import dataclass

from sweep.expected import TABLE, Row, cell_of
from sweep.states import STATES, State

PATIENCE_S = 20.0  # of an ordinary run, for what only a volume tells
AFTER_S = 2.6


@dataclass(frozen=True)
class Planned:
    """rate: mL/h. phase_s: after the state was reached, so that the fault comes anywhere in the loop's turns."""

    fault: str
    state: State
    rate: float
    phase_s: float

    @property
    def name(self) -> str:
        """For people and reports."""
        return f"{self.fault} / {self.state.name} / {self.rate:g} mL/h"

    @property
    def row(self) -> Row:
        return TABLE[self.fault]

    def watched_s(self, patient: bool) -> float:
        """How long it is watched; `patient`: however long it takes until it can be known."""
        row = self.row
        seconds = max(AFTER_S, row.within_s + 0.5, row.stops_s + 0.5)
        if not cell_of(self.fault, self.state.name):
            return AFTER_S
        if row.by_nl and self.state.moves and self.rate:
            due = row.by_nl / (self.rate * 1e6 / 3600)
            seconds = due * 1.05 + seconds if patient else min(due * 1.05, PATIENCE_S) + seconds
        return seconds


def plan(fault: str, seed: int, every_rate: bool) -> list[Planned]:
    """The runs of one fault: in every state, at a rate that the seed draws, or at every rate of that state."""
    runs = []
    for state in STATES.values():
        chance = random.Random(f"{seed} {fault} {state.name}")
        rates = list(state.rates)
        if not every_rate:
            by_nl = TABLE[fault].by_nl
            soon = [r for r in rates if not by_nl or not r or by_nl / (r * 1e6 / 3600) < PATIENCE_S]
            rates = [chance.choice(soon or rates)]
        runs += [Planned(fault, state, rate, chance.random() * 0.3) for rate in rates]
    return runs
