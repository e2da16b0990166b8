"""Orders to the blood pressure cuff: measure now, let it off, measure every so many minutes."""

from __future__ import annotations

from typing import Any, Final

from assuage.bedside.ordering import Ordering
from assuage.bedside.sentences import code
from assuage.errors import BadInput, Refused
from assuage.link.messages import Reply
from assuage_wire import schema
from assuage_wire.codec import BY_NAME

MINUTES_MOST: Final = next(f[4] for f in BY_NAME["Measure"].fields if f[0] == "minutes")
_WHY: Final = {
    ("start", "bad-state"): "A blood pressure is being measured already.",
    ("stop", "bad-state"): "No blood pressure is being measured.",
}
_ANY: Final = {
    "unsupported": "This board has no blood pressure cuff.",
    "faulted": "The board's part for the cuff has failed; take the cuff off the arm and use another board.",
}


class Measuring(Ordering):
    """The orders of a bed to its cuff. Each raises Refused, LinkDown, NoAnswer or Stopped."""

    async def measure(self) -> None:
        """Begins a determination now, or as soon as the arm has rested."""
        await self._measure("start")

    async def deflate(self) -> None:
        """Ends the one that is under way, and lets the cuff off."""
        await self._measure("stop")

    async def repeat(self, minutes: Any) -> None:
        """One every so many minutes from now on, 0 for never by itself. Raises BadInput, too."""
        await self._measure("every", minutes)

    async def _measure(self, what: str, minutes: Any = 0) -> None:
        async with self._order():
            if isinstance(minutes, bool) or not isinstance(minutes, int) or not 0 <= minutes <= MINUTES_MOST:
                raise BadInput("minutes", f"Choose 1 to {MINUTES_MOST} minutes, or 0 for only when somebody asks.")
            answer = await self._at_the_patient("Measure", what=schema.MEASURES.index(what), minutes=minutes)
            status = code(schema.STATUSES, answer.status) if isinstance(answer, Reply) else ""
            sentence = _WHY.get((what, status)) or _ANY.get(status)
            if sentence:
                raise Refused(status, sentence)
            self._ok(answer)
