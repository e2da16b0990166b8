"""The safety kernel as data: its rooms, what tests them, and the mutants that survive and may.

limits: what is refused to begin with and what ends a delivery. lease: the host's permission, and its commands' answers.
latch: the alarms'. count: all that adds to, takes from or tells the volume and steps delivered, by the drive (delivery:
the whole file, also what feeds the drive; steps.StepVolume, which turns steps into nL) and by the shaft (encoder).
interlock: what of the patient lets drug flow, the permission of a board that watches elsewhere, and both put together.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final, NamedTuple

ROOT = Path(__file__).resolve().parents[2]
PURE = ROOT / "tests" / "pure"


class Part(NamedTuple):
    """A module of the kernel. tests: of tests/pure, which no mutant may outlive. only: the class that counts, else all.
    sample: mutants tried in a usual run, for one whose tests take long; a soak tries all."""

    room: str
    module: str
    tests: tuple[str, ...]
    only: str = ""
    sample: int = 0

    @property
    def files(self) -> tuple[Path, ...]:
        """The tests."""
        return tuple(PURE / f"test_{name}.py" for name in self.tests)


PARTS: Final = (
    Part("limits", "pump.checks", ("pump_checks",)),
    Part("limits", "pump.demand", ("pump_demand",)),
    Part("limits", "pump.limits", ("pump_limits",)),
    Part("limits", "pump.windows", ("pump_windows",)),
    Part("limits", "pump.states", ("pump_states",)),
    Part("lease", "assuage_wire.session", ("wire_session",)),
    Part("latch", "alarm.states", ("alarm_states",)),
    Part("latch", "alarm.latch", ("alarm_latch", "alarm_pause", "alarm_told"), sample=30),
    Part("count", "pump.delivery", ("pump_count",), sample=6),
    Part("count", "pump.encoder", ("pump_encoder",), sample=60),
    Part("count", "pump.steps", ("pump_steps",), only="StepVolume"),
    Part("interlock", "vitals.readings", ("vitals_readings",)),
    Part("interlock", "interlock.guards", ("interlock_guards",), sample=60),
    Part("interlock", "interlock.interlock", ("interlock_rows", "interlock_table"), sample=40),
    Part("interlock", "interlock.trip", ("interlock_rows",), sample=30),
    Part("interlock", "interlock.gate", ("interlock_rows", "interlock_table")),
    Part("interlock", "interlock.asked", ("interlock_asked",), sample=60),
    Part("interlock", "interlock.answering", ("interlock_answering",), sample=50),
    Part("interlock", "interlock.guarding", ("interlock_guarding",)),
    Part("interlock", "pump.unguarded", ("pump_unguarded",)),
)


class Equivalent(NamedTuple):
    """A mutant that no test can kill, because it does the same."""

    module: str
    change: str
    reason: str


MOST_EQUIVALENTS: Final = 5
EQUIVALENTS: Final = (
    Equivalent("alarm.latch", "compare: ago < least -> ago <= least", "no two changes have the same number"),
    Equivalent(
        "alarm.latch",
        "operator: self.state[i] & states.TIMED -> self.state[i] | states.TIMED",
        "poll() looks only at those that are timed to be quick; _time() looks itself",
    ),
)
