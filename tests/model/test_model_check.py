"""Every state that the pump and the alarms can reach, by their shipped code: no property is broken in any.

`python -m tests.model` prints what was walked.
"""

from __future__ import annotations

from types import ModuleType

import pytest

from tests.model import alarm_model, pump_model
from tests.model.pump_properties import PROPERTIES

FIFTEEN = [f"P{n}" for n in range(1, 16)]


@pytest.mark.timeout(600)
@pytest.mark.parametrize(("model", "least"), [(pump_model, 10_000), (alarm_model, 15_000)])
def test_no_reachable_state_breaks_a_property(model: ModuleType, least: int) -> None:
    """And every row of the table was taken, no happening came where the table has none, and no state is a trap."""
    found, taken = model.search()
    print(f"{model.__name__}: {len(found.keys)} states, {found.transitions} transitions")
    assert model.left_out(taken) == [], "the events that are tried must meet every row"
    assert model.impossible(taken) == []
    assert len(found.keys) >= least, "what tells states apart has become too coarse"
    for goal in model.AGAIN:
        goals = [state for key, state in found.keys.items() if model.is_in(key, goal)]
        stuck = found.cannot_reach(goals)
        assert not stuck, f"no way to {goal} after {found.path(stuck[0])}"


def test_each_of_the_fifteen_properties_is_checked_or_said_to_be_open() -> None:
    checked = {p.number for p in PROPERTIES if p.moments or p.events} | set(alarm_model.PROPERTIES)
    still_open = {p.number for p in PROPERTIES if p.open}
    assert checked | still_open >= set(FIFTEEN)
    assert sorted(still_open) == ["P11", "P12", "P7"], "what is settled is no longer open"


def test_a_property_says_where_it_comes_from() -> None:
    checks = [check for p in PROPERTIES for check in (*p.moments, *p.events)]
    checks += [check for some in alarm_model.PROPERTIES.values() for check in some]  # type: ignore[misc]
    for check in checks:
        assert check.__doc__, check.__name__
        assert check.__name__.split("_")[0].upper() in {*FIFTEEN, "P16"}
