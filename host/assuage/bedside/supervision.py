"""Decides, again and again, whether this host may go on permitting the pump to move; all doubt means no.

Permission is a lease of seconds that the link renews while `Supervision` lets it. It is let only for a programme that
this host itself has started (it is written down in the store before Start is sent), on the same start of the same
board, while the pump is heard, moving, and the host's own parts are well. A daemon that starts again and finds all
this true takes its infusion up again. One that finds its own programme moving that it had ended presses STOP: the
STOP given to its predecessor has not reached the board.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from typing import Final, Protocol

from assuage.bedside.active import ENDED, RUNNING, Active, ProgrammeStore
from assuage.bedside.bed import Bed
from assuage.bedside.picture import Filling, Picture
from assuage.bedside.sentences import code
from assuage.bedside.snapshot import MOVING, PUMP_STALE_S
from assuage.link.events import Link
from assuage_wire import schema

log = logging.getLogger(__name__)

LOOK_S: Final = 0.25  # how often doubts that nobody announces are looked for
WRITE_AGAIN_S: Final = 1.0
OVER: Final = frozenset({"standby", "complete", "stopped", "fault", "unconfirmed"})

NOT_OURS: Final = "This host did not start it and does not supervise it. Press STOP if it should not run."
GIVEN_UP: Final = "This host has ended its supervision. Press STOP if it should not run."


class Permitting(Protocol):
    """What Supervision steers: assuage.link.client.BoardClient."""

    def permit(self, programme: int, lease_ms: int) -> None:
        """Renew this programme's permission from now on."""

    def withdraw(self) -> None:
        """Renew nothing."""

    def press_stop(self) -> None:
        """Stop, and again until the board has answered."""


def doubt(p: Picture, active: Active | None, unwell: str, now: float) -> str | None:
    """Why the pump may not be permitted to move on: a sentence, "" when there is nothing to permit, or None: permit
    it."""
    if p.pump is None or p.link is not Link.LIVE:
        return ""
    pump = p.pump.message
    if code(schema.STATES, pump.state) not in MOVING:
        return ""
    if active is None or active.programme != pump.programme or not active.is_on(p.hello):
        return NOT_OURS
    if active.stage != RUNNING:
        return GIVEN_UP
    if now - p.pump.at > PUMP_STALE_S:
        return ""
    return unwell or None


class Supervision:
    """Holds the active programme and the permission of one bed. unwell: why this host cannot be trusted now, or ""."""

    def __init__(
        self,
        bed: Bed,
        client: Permitting,
        store: ProgrammeStore,
        clock: Callable[[], float],
        unwell: Callable[[], str] = lambda: "",
    ) -> None:
        self._bed, self._client, self._store = bed, client, store
        self._clock, self._unwell = clock, unwell
        self._unwritten: asyncio.Task[None] | None = None
        self.active = Active.from_dict(store.programme)
        # What another daemon has ended: nobody here knows whether its STOP was answered.
        self._inherited = self.active if self.active is not None and self.active.stage == ENDED else None
        if self.active is not None:
            bed.set_label(self.active.label)
        self._unseen = False  # whether a filling has yet to be seen
        bed.subscribe(self._on_change)

    async def run(self) -> None:
        """Looks for what no event tells: a pump that fell silent, a host that is unwell. Until cancelled."""
        while True:
            self.look()
            await asyncio.sleep(LOOK_S)

    def look(self) -> None:
        """Gives or withdraws the permission as things are now."""
        p = self._bed.picture
        why = doubt(p, self.active, self._unwell(), self._clock())
        if why is None and self.active is not None:
            self._client.permit(self.active.programme, self.active.lease_ms)
        else:
            self._client.withdraw()
        if why == GIVEN_UP and self._inherited is not None and self.active is self._inherited:
            log.warning("the infusion that was ended moves on; STOP is pressed again")
            self._inherited = None
            self._client.press_stop()
        if why and why != p.unsupervised:
            log.warning("the pump moves without this host's permission: %s", why)
        self._bed.set_ours(not why, why or "")

    async def keep(self, active: Active) -> bool:
        """Makes this the active programme; True when it is written down and survives a kill."""
        self.active = active
        self._unseen = False
        self._bed.set_label(active.label)
        return await self._store.set_programme(active.as_dict())

    def fill(self, active: Active, filling: Filling) -> None:
        """Permits a line to be filled that is about to be; nothing is written down, so no other daemon goes on."""
        self.active = active
        self._unseen = True
        self._bed.set_filling(filling)
        self._bed.set_label(active.label)

    def end(self) -> None:
        """The active programme is never permitted again, from this moment; it is written down as soon as possible."""
        self._client.withdraw()
        if self.active is not None and self.active.stage != ENDED:
            self.active = self.active.at(ENDED)
            self._unwritten = asyncio.get_running_loop().create_task(self._write(self.active))

    async def _write(self, active: Active) -> None:
        """Until it is on the disk, or another programme is the active one: a full disk may have room again."""
        while True:
            if self.active is not active or await self._store.set_programme(active.as_dict()):
                return
            await asyncio.sleep(WRITE_AGAIN_S)

    def _on_change(self, topic: str) -> None:
        p, active = self._bed.picture, self.active
        if topic == "pump" and p.pump is not None and active is not None and active.stage == RUNNING:
            pump = p.pump.message
            same = pump.programme == active.programme and active.is_on(p.hello)
            if same or not active.is_on(p.hello):
                self._unseen = False
            over = not same or code(schema.STATES, pump.state) in OVER
            if over and not self._unseen:  # a filling that is yet to be seen has not ended
                self.end()
        if topic in ("pump", "link", "board"):
            self.look()
