"""An act and its outcome in the record: what is asked of a board is written down first, and what came of it after.

What begins motion is sent only when the disk has its intent. What ends motion or tells somebody something waits for no
disk. An act whose outcome nobody knows (no answer, a lost link, STOP, a killed daemon) stays open, and is resolved by
asking the board (resolving.py).
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from contextvars import ContextVar
from typing import Any, Final

from assuage.errors import BadInput, Reason, Refused
from assuage.record.events import Intent, Outcome
from assuage.record.recorder import Recording, act
from assuage.store.trouble import StoreError

WHO: Final[ContextVar[str]] = ContextVar("WHO", default="")
"""Who gives the order that is under way, for the record; "" where nobody has said."""

NO_RECORD: Final = "This could not be entered in the record, so it was not sent; the host's disk needs attention."
LATE_RECORD: Final = (
    "This could not be entered in the record in time, so it was not sent; the host's disk is slow or stuck. Order it "
    "again."
)
NOT_SENT: Final = "It was given up before anything of it was sent."


class Acting:
    """The acts of one bed. under_way: those that this process is about; the others that are open are to be resolved."""

    def __init__(self, record: Recording) -> None:
        self.record = record
        self.under_way: set[str] = set()
        self.ours: set[str] = set()  # of this process: its session with the board is the one they were sent in

    @asynccontextmanager
    async def act(
        self, what: str, board: tuple[str, int], programme: int = 0, until: float | None = None, /, **details: Any
    ) -> AsyncIterator[None]:
        """Around what is asked of a board. board: unique id and boot. until: loop time, s, by which the intent must be
        on disk before anything is sent; None: it is sent without waiting. Raises Refused when it could not be kept."""
        name = act()
        intent = Intent(
            act=name, what=what, board=board[0], boot=board[1], programme=programme, details=details, by=WHO.get()
        )
        self.under_way.add(name)
        self.ours.add(name)
        try:
            if until is None:
                self.record.note(intent)
            else:
                await self._keep(intent, until)
            try:
                yield
            except (Refused, BadInput) as error:
                self._note(intent, "not-done", error.sentence)
                raise
            self._note(intent, "done")
        finally:
            self.under_way.discard(name)
            if name not in self.record.state.open:
                self.ours.discard(name)

    async def _keep(self, intent: Intent, until: float) -> None:
        try:
            async with asyncio.timeout_at(until):
                await self.record.keep(intent)
        except StoreError:
            raise Refused("bad-state", NO_RECORD, by="host", reason=Reason.PART_FAILED) from None
        except TimeoutError:
            self._note(intent, "not-done", LATE_RECORD)
            raise Refused("bad-state", LATE_RECORD, by="host", reason=Reason.PART_FAILED) from None
        except BaseException:
            self._note(intent, "not-done", NOT_SENT)
            raise

    def _note(self, intent: Intent, result: str, sentence: str = "") -> None:
        self.record.note(
            Outcome(
                act=intent.act, what=intent.what, result=result, sentence=sentence, programme=intent.programme,
                by=intent.by,
            )
        )  # fmt: skip
