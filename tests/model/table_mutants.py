"""Wrong versions of a state table, to see whether the search notices: a test of the properties.

A mutant sends one row of the table to another state, does another action on the way, or lacks the row. It is found when
a property breaks, when a row or a state is no longer met, or when something comes that the table does not list.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from types import ModuleType

from tests.model.search import Violation


@dataclass(frozen=True)
class Mutant:
    """A row (state, event, next, action) and what became of it; None for one that is missing."""

    row: tuple[str, str, str, str]
    wrong: tuple[str, str] | None

    def __str__(self) -> str:
        state, event, into, action = self.row
        return f"{state}, {event}: {into} / {action} -> {' / '.join(self.wrong) if self.wrong else 'not listed'}"


def mutants(table: ModuleType, names: tuple[str, ...]) -> Iterator[Mutant]:
    """Every one of a table of states of these names."""
    for row in table.TABLE:
        _, _, into, action = row
        yield Mutant(row, None)
        for other in names:
            if other != into:
                yield Mutant(row, (other, action))
        for other in table.ACTIONS:
            if other != action:
                yield Mutant(row, (into, other))


def found(model: ModuleType, table: ModuleType, names: tuple[str, ...], mutant: Mutant) -> str:
    """Why the search would not pass with this one, '' when it would."""
    after, action = table.after, table.action
    at = (names.index(mutant.row[0]), table.EVENTS.index(mutant.row[1]))
    told = getattr(table, "TOLD", ())
    if mutant.wrong:
        into, does = names.index(mutant.wrong[0]), table.ACTIONS.index(mutant.wrong[1])
    elif mutant.row[1] in table.COMMANDS:
        into, does = at[0], table.ACTIONS.index("refuse")
    elif mutant.row[1] in told:
        into, does = at[0], table.ACTIONS.index("keep")
    else:
        into, does = names.index("fault"), len(table.ACTIONS) - 1 if told else table.ACTIONS.index("halt")
    table.after = lambda s, e: into if (s, e) == at else after(s, e)  # type: ignore[attr-defined]
    table.action = lambda s, e: does if (s, e) == at else action(s, e)  # type: ignore[attr-defined]
    try:
        searched, taken = model.search(model.FEW)
        missing = model.left_out(taken) + model.impossible(taken)
        if mutant.wrong is None and at in taken.gone:
            missing.append("what is not listed came")
        return missing[0] if missing else model.trap(searched)  # type: ignore[no-any-return]
    except (Violation, RuntimeError) as error:
        return str(error).splitlines()[0] or type(error).__name__
    finally:
        table.after, table.action = after, action  # type: ignore[attr-defined]
