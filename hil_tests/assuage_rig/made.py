"""Every fault that was made in a run, for its report: what, when, and when it ended."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import partial

from assuage_rig.faults import Faults, Value


@dataclass
class Made:
    """One fault. Times are the rig's, us. ended_us: None while it lasts; what is over at once ends as it begins.

    verb: how it was asked for, when it was by a verb of verbs.py.
    """

    component: str
    kind: str
    params: dict[str, Value] = field(default_factory=dict)
    at_us: int = 0
    ended_us: int | None = None
    verb: str = ""

    @property
    def name(self) -> str:
        """Its verb, else component and kind."""
        return self.verb or f"{self.component} {self.kind}"


def record(carriers: Iterable[Faults], now: Callable[[], int]) -> list[Made]:
    """A list that grows with each fault that these components are made to carry, from now on."""
    made: list[Made] = []

    def changed(faults: Faults, kind: str, params: dict[str, Value] | None) -> None:
        at_us = now()
        for one in made:
            if (one.component, one.kind, one.ended_us) == (faults.component, kind, None):
                one.ended_us = at_us
        if params is not None:
            over = at_us if faults.kinds[kind].act is not None else None
            made.append(Made(faults.component, kind, params, at_us, over))

    for faults in carriers:
        faults.watchers.append(partial(changed, faults))
    return made
