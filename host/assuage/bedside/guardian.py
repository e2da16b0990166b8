"""The second board of a bed, which measures the patient and watches for the pump: what passes between the two.

Asks and permits are passed at once, see elsewhere.py. Which watching the pump goes by stands in the programme that this
host has put on it, so a daemon that starts again goes on passing; one that has ended is ended on that board too.
"""

from __future__ import annotations

import asyncio
import logging
from typing import Final

from assuage.bedside.active import ENDED, Active
from assuage.bedside.bed import Bed
from assuage.bedside.elsewhere import Elsewhere, Pair
from assuage.bedside.interlock import fresh
from assuage.bedside.supervision import Supervision
from assuage.errors import AssuageError, LinkDown
from assuage.link.client import BoardClient
from assuage.link.events import Event, Link, Passing
from assuage.link.messages import AnyMessage, Ask, Hello, Permit

log = logging.getLogger(__name__)

LOOK_S: Final = 0.25
AGAIN_S: Final = 1.0  # before a watching that goes on is ended once more


class Guardian:
    """`on_pump` and `on_signs` take the events of the two links, before anybody else: an ask waits for nothing. `run`
    looks after what no event tells. bound_ms: so long lasts one permission."""

    def __init__(
        self, bed: Bed, pump: BoardClient, signs: BoardClient, supervision: Supervision, bound_ms: int
    ) -> None:
        self.bound_ms = bound_ms
        self._bed, self._pump, self._signs, self._supervision = bed, pump, signs, supervision
        self._elsewhere: Elsewhere | None = None

    def on_pump(self, event: Event) -> None:
        """Of the link to the pump's board."""
        elsewhere = self._follow()
        if elsewhere is not None and isinstance(event, Passing) and isinstance(event.message, Ask):
            ask = elsewhere.asked(_uid(self._bed.picture.hello), event.message, event.at)
            if ask is not None:
                self._signs.pass_on(ask)

    def on_signs(self, event: Event) -> None:
        """Of the link to the board that watches."""
        elsewhere = self._follow()
        if elsewhere is not None and isinstance(event, Passing) and isinstance(event.message, Permit):
            signs = self._bed.picture.signs
            permit = elsewhere.answered(_uid(None if signs is None else signs.hello), event.message, event.at)
            if permit is not None:
                self._pump.pass_on(permit)

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            elsewhere = self._follow()
            self._bed.set_permission_trouble("" if elsewhere is None else elsewhere.trouble(self._bed.now()))
            if elsewhere is None and await self._end_what_is_over():
                await asyncio.sleep(AGAIN_S)
            await asyncio.sleep(LOOK_S)

    async def command(self, name: str, **fields: int) -> AnyMessage:
        """To the board that watches. Raises LinkDown, NoAnswer or Stopped."""
        signs = self._bed.picture.signs
        if signs is None or signs.link is not Link.LIVE:
            why = "" if signs is None else signs.link_sentence
            raise LinkDown(f"The board that watches the patient cannot be reached, so nothing was sent. {why}".rstrip())
        return await self._signs.command(name, **fields)

    async def unwatch(self) -> None:
        """Ends what that board watches for, if it does."""
        signs = self._bed.picture.signs
        told = None if signs is None else fresh(signs.interlock, signs.link, self._bed.now())
        if told is None or not told.watching:
            return
        try:
            await self._signs.command("Unwatch", watch=told.watching)
        except AssuageError as error:
            log.warning("the watching is not ended yet: %s", error.sentence)

    # -- inside --------------------------------------------------------------------------------------------------------

    def _follow(self) -> Elsewhere | None:
        """Who watches for whom by the programme that is on the pump now, and which links are live."""
        pair = pair_of(self._supervision.active)
        if pair is None:
            self._elsewhere = None
        elif self._elsewhere is None or self._elsewhere.pair != pair:
            self._elsewhere = Elsewhere(pair, self._bed.now())
        p = self._bed.picture
        if self._elsewhere is not None and pair is not None and p.signs is not None:
            self._elsewhere.link(pair.pump, p.link is Link.LIVE and _uid(p.hello) == pair.pump)
            self._elsewhere.link(pair.guardian, p.signs.link is Link.LIVE and _uid(p.signs.hello) == pair.guardian)
        return self._elsewhere

    async def _end_what_is_over(self) -> bool:
        """Ends the watching of a programme that has ended, if that board still has it. Not another: it may be that of
        an order which is just being read back."""
        active, signs = self._supervision.active, self._bed.picture.signs
        told = None if signs is None else fresh(signs.interlock, signs.link, self._bed.now())
        if active is None or told is None or not told.watching or told.watching != active.terms.get("watch"):
            return False
        await self.unwatch()
        return True


def _uid(hello: Hello | None) -> str:
    return "" if hello is None else hello.board.hex()


def pair_of(active: Active | None) -> Pair | None:
    """Who watches for whom by a programme of this host; None where none does, or it has ended."""
    if active is None or active.stage == ENDED or not active.terms.get("watch"):
        return None
    return Pair(active.board, str(active.terms.get("guardian", "")), int(active.terms["watch"]))
