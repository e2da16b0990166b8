"""What a single fault has come to, held against what it must come to: names and states; figures are measured."""

from __future__ import annotations

from sweep.expected import ON, expected
from sweep.faultrun import Outcome
from sweep.plan import Planned

STATE_OWN = {"kvo": {"kvo-running"}}
"""Conditions that belong to the state and may be raised while it is watched."""


def judge(run: Planned, outcome: Outcome) -> list[str]:
    """What is not as it should be."""
    must = expected(run.fault, run.state.name, run.state.told)
    raised = [r.condition for r in outcome.raised if r.condition not in STATE_OWN.get(run.state.told, ())]
    wrong = [f"{name} was raised" for name in raised[:1] if name not in must.conditions]
    if must.must and outcome.due and not raised:
        wrong.append(f"nothing was raised, instead of {' or '.join(must.conditions)}")
    there = must.then if outcome.due or raised else (*must.then, run.state.told, *ON.get(run.state.told, ()))
    if outcome.state not in there:
        wrong.append(f"the pump is {outcome.state} ({outcome.reason}), not {' or '.join(there)}")
    elif must.stops and outcome.energised and (outcome.due or raised):
        wrong.append(f"the pump is {outcome.state} ({outcome.reason}), and its motor has current")
    return [f"{run.name}: {what}" for what in wrong]
