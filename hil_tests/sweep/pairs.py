"""Two faults at once: which, in which state, at which rate and how far apart; data, drawn by the seed."""

from __future__ import annotations

import random
from dataclasses import dataclass
from itertools import combinations

from sweep.expected import TABLE, Row, expected
from sweep.states import STATES, State

APART_S = 2.0  # at most
PARTS = ("barrel", "plunger", "flange")
GIVING = tuple(state for state in STATES.values() if state.name in ("infusing", "profile", "bolus", "dose", "kvo"))
_SOME = 40  # pairs outside a soak
_HIDES = (
    ("gauge", "battery low", "nobody else knows the charge"),
    ("barrel_pot_input", "syringe wrong", "nobody else measures the barrel"),
    ("barrel_pot_input", "barrel_pot_input", "one input shows one of two faults"),
    *((f"{part}_contact short", f"syringe {part}", "a contact that is always closed") for part in PARTS),
    *((f"{part}_contact short", f"{part}_contact open", "one contact shows one of two faults") for part in PARTS),
    ("clock stop", "uart stall", "for a board that stands meanwhile, the line has not been silent"),
)
"""A fault, or any of a component's; what it hides, since nothing else on the board senses that; why."""
_STANDS_S = {"clock stop": 2.0}
"""For so long no time passes for the board: nothing moves, and nothing is heard."""


@dataclass(frozen=True)
class Pair:
    """rate: mL/h. phase_s: after the state was reached. apart_s: from the first fault to the second."""

    first: str
    second: str
    state: State
    rate: float
    phase_s: float
    apart_s: float

    @property
    def name(self) -> str:
        """For people and reports."""
        return f"{self.first}, {self.apart_s:.2f} s later {self.second} / {self.state.name} / {self.rate:g} mL/h"

    @property
    def stops_s(self) -> float | None:
        """After the first fault: by when either of them alone must have stopped the pump; None when neither must, nor
        one that the other hides."""
        after = ((self.first, 0.0), (self.second, self.apart_s))
        other = {self.first: self.second, self.second: self.first}
        told = [(fault, at) for fault, at in after if self._must_stop(fault) and not hides(other[fault], fault)]
        due = [at + max(TABLE[fault].within_s, TABLE[fault].stops_s) for fault, at in told]
        return min(due) + sum(_STANDS_S.get(fault, 0.0) for fault, _ in after) if due else None

    @property
    def hidden(self) -> bool:
        """Whether one takes away the only thing that could tell the other."""
        return hides(self.first, self.second) or hides(self.second, self.first)

    @property
    def come_s(self) -> float:
        """After the first fault: by when both have come, and the board can be spoken to."""
        return max(_STANDS_S.get(self.first, 0.0), self.apart_s + _STANDS_S.get(self.second, 0.0))

    def _must_stop(self, fault: str) -> bool:
        row: Row = TABLE[fault]
        must = expected(fault, self.state.name, self.state.told)
        return must.must and must.stops and row.by_nl is None


def hides(one: str, other: str) -> bool:
    """Whether the fault `one` takes away the only thing that could tell the fault `other`."""
    return any(hider in (one, one.split()[0]) and hidden in (other, other.split()[0]) for hider, hidden, _ in _HIDES)


def pairs(seed: int, every: bool) -> list[Pair]:
    """All pairs of different faults, either of which comes first; or some that the seed draws."""
    all_ = list(combinations(sorted(TABLE), 2))
    if not every:
        all_ = sorted(random.Random(f"{seed} pairs").sample(all_, _SOME))
    return [_drawn(seed, *faults) for faults in all_]


def _drawn(seed: int, one: str, other: str) -> Pair:
    chance = random.Random(f"{seed} {one} {other}")
    first, second = chance.sample((one, other), 2)
    state = chance.choice(GIVING)
    rate = chance.choice(state.rates)
    return Pair(first, second, state, rate, chance.random() * 0.3, chance.random() * APART_S)
