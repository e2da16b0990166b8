"""The release of an interlock that has tripped, by a human who has read why. It does not resume what was paused."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Final

from assuage.bedside import guarding, interlock
from assuage.bedside.guarding import Latch, Step
from assuage.bedside.ordering import Ordering, Turn
from assuage.errors import LinkDown, NoAnswer, Refused
from assuage.link.messages import Reply
from assuage_wire import schema

LOOK_S: Final = 0.05
UNHEARD: Final = "Nothing has been heard of the interlock for a moment; try again."
NOT_TRIPPED: Final = "The interlock has not tripped; there is nothing to release."


class Releasing(Ordering):
    """The orders of a bed to its interlock."""

    async def release(self, read: Mapping[str, int]) -> None:
        """A human has read of these trips, their numbers by board: pump, guardian. Both stand released afterwards.

        Raises Refused, LinkDown, NoAnswer or Stopped.
        """
        async with self._order() as turn, self._act("release", read=dict(read)):
            done: dict[str, int] = {}
            pump, guardian = self._latches(done)
            if not pump.tripped and not (guardian is not None and guardian.tripped):
                raise Refused("bad-state", NOT_TRIPPED, by="host")
            while True:
                step = guarding.release(read, *self._latches(done))
                if step.over and step.sentence == guarding.RELEASED:
                    return
                if step.over:
                    raise Refused("guard", " ".join([step.sentence, *self._lacks()]), by="host")
                if step.board:
                    await self._send(step)
                    done[step.board] = step.number
                else:
                    await self._wait(step, turn)

    async def _wait(self, step: Step, turn: Turn) -> None:
        """For the permission of the board that watches, which comes within half a second or not in time."""
        await asyncio.sleep(LOOK_S)
        try:
            turn.check()
        except NoAnswer:
            raise Refused("elsewhere", " ".join([step.sentence, *self._lacks()]), by="host") from None

    async def _send(self, step: Step) -> None:
        other = self._guardian
        if step.board == "guardian" and other is not None:
            answer = await other.command("Release", number=step.number)
        else:
            answer = await self._client.command("Release", number=step.number)
        if isinstance(answer, Reply) and answer.status == schema.STATUSES.index("stale-clear"):
            raise Refused("stale-clear", guarding.OTHER_TRIP)
        self._ok(answer)

    def _latches(self, done: Mapping[str, int]) -> tuple[Latch, Latch | None]:
        """Of pump and guardian. done: the trips that were released just now, whatever older words still say."""
        p, now = self._bed.picture, self._bed.now()
        own = interlock.fresh(p.interlock, p.link, now)
        if own is None:
            raise LinkDown(UNHEARD)
        other = None if p.signs is None else interlock.fresh(p.signs.interlock, p.signs.link, now)
        if own.watch and other is None:
            raise LinkDown(interlock.UNHEARD)
        pump = _without(interlock.latch(own), done.get("pump"))
        guardian = None if other is None else _without(interlock.latch(other), done.get("guardian"))
        return pump, guardian if own.watch or (guardian is not None and guardian.tripped) else None


def _without(latch: Latch, number: int | None) -> Latch:
    return latch._replace(tripped=False) if latch.number == number else latch
