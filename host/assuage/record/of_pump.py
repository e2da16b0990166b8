"""The record as a second pump of a bed enters in it: every entry says of which pump it tells."""

from __future__ import annotations

import dataclasses
from typing import TypeVar

from assuage.record.events import Event
from assuage.record.recorder import Recording
from assuage.record.tail import State

E = TypeVar("E", bound=Event)


class OfPump:
    """record: the bed's. pump: as in events.Event."""

    def __init__(self, record: Recording, pump: str) -> None:
        self._record, self._pump = record, pump

    @property
    def state(self) -> State:
        """Of the bed's record."""
        return self._record.state

    @state.setter
    def state(self, state: State) -> None:
        self._record.state = state

    def note(self, event: Event) -> None:
        """Enters it as soon as possible. Never waits, never fails."""
        self._record.note(self._named(event))

    async def keep(self, event: Event) -> None:
        """Enters it; returns when it is on disk. Raises StoreError when it is not, and never will be."""
        await self._record.keep(self._named(event))

    def _named(self, event: E) -> E:
        return dataclasses.replace(event, pump=self._pump)
