"""The programme that this host has put on a pump, kept in the store so that a daemon which starts again knows it.

It says what the programme's number stands for (only the host knows the drug) and whether this host may go on
permitting it: a daemon that finds its own running programme on its own board renews the permission, and never sends
Start again.
"""

from __future__ import annotations

import dataclasses
import logging
from collections.abc import Mapping
from typing import Any, Final, Protocol, Self

from assuage.bedside.picture import Label
from assuage.link.messages import Hello

log = logging.getLogger(__name__)

OFFERED: Final = "offered"  # read back, waits for a human
CONFIRMED: Final = "confirmed"  # a human has compared; may be started
RUNNING: Final = "running"  # Start was about to be sent; permission may be renewed
ENDED: Final = "ended"  # never to be permitted again
STAGES: Final = (OFFERED, CONFIRMED, RUNNING, ENDED)


class ProgrammeStore(Protocol):
    """What keeps it: assuage.store.Store."""

    @property
    def programme(self) -> dict[str, Any] | None:
        """What was last set."""

    async def set_programme(self, body: Mapping[str, Any] | None) -> bool:
        """Keeps it; True when it survives a kill."""


@dataclasses.dataclass(frozen=True, slots=True)
class Active:
    """One programme. board: unique id, hex; boot: the board's boot count; both must still hold for a permission."""

    programme: int
    board: str
    boot: int
    stage: str
    drug: str
    syringe: str
    lease_ms: int
    terms: dict[str, Any] = dataclasses.field(default_factory=dict)  # what it was ordered with, see readback.terms

    @classmethod
    def from_dict(cls, data: Mapping[str, Any] | None) -> Self | None:
        """From the store; None when there is none or it is not understood (an older version's, say)."""
        if data is None:
            return None
        try:
            named = {field.name: data[field.name] for field in dataclasses.fields(cls) if field.name != "terms"}
            found = cls(**named, terms=data.get("terms", {}))
            numbers = (found.programme, found.boot, found.lease_ms)
            texts = (found.board, found.stage, found.drug, found.syringe)
            if not all(type(n) is int for n in numbers) or not all(isinstance(t, str) for t in texts):
                raise TypeError("a value of another type")
            if not isinstance(found.terms, dict):
                raise TypeError("terms that are none")
            if found.stage not in STAGES:
                raise TypeError(f"no stage {found.stage!r}")
        except (KeyError, TypeError) as error:
            log.warning("the stored programme is not understood and is left alone: %r", error)
            return None
        return found

    @property
    def label(self) -> Label:
        """What its number stands for."""
        return Label(self.programme, self.drug, self.syringe, self.terms)

    def as_dict(self) -> dict[str, Any]:
        """For the store."""
        return dataclasses.asdict(self)

    def at(self, stage: str) -> Self:
        """The same at another stage."""
        return dataclasses.replace(self, stage=stage)

    def is_on(self, hello: Hello | None) -> bool:
        """Whether that board, in that start of it, is the one that has this programme."""
        return hello is not None and (hello.board.hex(), hello.boot) == (self.board, self.boot)
