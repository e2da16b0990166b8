"""What came of acts that nobody has an answer to: the board is asked, by its status and by its journal.

An act stays open when its answer did not come, or its daemon was killed. Its outcome is entered once, as soon as what
the board says proves it; what nothing can prove is entered as unknown, with what the board does now.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from typing import Final, NamedTuple, Protocol

from assuage.bedside.acting import Acting
from assuage.bedside.bed import Bed
from assuage.bedside.picture import Picture
from assuage.bedside.sentences import code
from assuage.bedside.snapshot import MOVING
from assuage.errors import AssuageError
from assuage.link.events import Link
from assuage.link.messages import PumpStatus
from assuage.record.events import Intent, Outcome
from assuage_wire import schema

log = logging.getLogger(__name__)

LOOK_S: Final = 0.25

BEFORE: Final = frozenset({"programmed", "confirmed", "armed"})  # a programme that has not been started
UNCLEAR: Final = frozenset({"standby", "stopped", "fault", "unconfirmed", "priming"})  # it may have been, or not

OTHER_BOARD: Final = "Another board is connected now; `assuage journal` tells what that one did, when it is back."
RESTARTED: Final = "The board has started anew since, and nothing that it kept tells of this."
NO_ANSWER: Final = "The board's answer did not come; its state is {} now."
NO_JOURNAL: Final = "The board keeps no journal that could tell; its state is {} now."


class Verdict(NamedTuple):
    """done, not-done or unknown, and why."""

    result: str
    sentence: str


class Journals(Protocol):
    """What is known of the journal of the pump's board: assuage.bedside.archive.Archive."""

    def complete(self, since: float) -> bool | None:
        """Whether all that the board had written then (monotonic, s) is here; None: it has written nothing."""

    async def has_begun(self, programme: int) -> bool:
        """Whether it says that this programme began to be delivered."""


JOURNAL: Final = Verdict("journal", "Only the board's journal can tell.")


def told(intent: Intent, m: PumpStatus, boot: int, ours: bool) -> Verdict | None:
    """What the pump's status alone proves; JOURNAL, or None: nothing yet. ours: the session is still the one that it
    was sent in, so it may yet arrive."""
    state = code(schema.STATES, m.state)
    here = m.programme == intent.programme and boot == intent.boot
    match intent.what:
        case "start" if here and state not in UNCLEAR | BEFORE:
            return Verdict("done", f"The board has it under way, or has ended it: {state}.")
        case "start" if here and state in BEFORE and not ours:
            return Verdict("not-done", f"The board has not begun it: {state}.")
        case "start" if m.was_programme == intent.programme:
            return Verdict("done", "The board had begun it when it was interrupted.")
        case "start":
            return JOURNAL
        case "resume" if here and state in MOVING:
            return Verdict("done", f"The board infuses: {state}.")
        case "pause" | "resume" if here and state == "paused" and (intent.what == "pause" or not ours):
            return Verdict("done" if intent.what == "pause" else "not-done", "The board is paused.")
        case "rate" if here and state in MOVING and m.set_rate == intent.details.get("rate_nl_min"):
            return Verdict("done", "The board infuses at that rate.")
        case "rate" if here and state in MOVING and not ours:
            return Verdict("not-done", "The board infuses at another rate.")
        case "bolus" if here and state == "bolus":
            return Verdict("done", "The board gives a bolus.")
        case "programme" if not here:
            return Verdict("not-done", "The board has another programme, or none.")
        case "programme" | "confirm" if here and state in BEFORE:
            at_least = BEFORE if intent.what == "programme" else BEFORE - {"programmed"}
            return Verdict("done" if state in at_least else "not-done", f"The board's state is {state}.")
        case "stop" if state not in MOVING:
            return Verdict("done", f"The pump stands: {state}.")
        case "stop" if ours:
            return None
    return Verdict("unknown", NO_ANSWER.format(state))


class Resolving:
    """Looks, while `run` is running, for acts of one pump that are open and not under way. pump: as in Event.

    What the pump says and that proves an act done counts at once: the next order may be a STOP, after which only a
    journal could tell.
    """

    def __init__(
        self, bed: Bed, acting: Acting, journals: Journals, clock: Callable[[], float], pump: str = ""
    ) -> None:
        self._pump = pump
        self._bed, self._acting, self._journals, self._clock = bed, acting, journals, clock
        self._since: dict[str, float] = {}  # when an act was first seen open: what was heard before proves nothing
        bed.subscribe(self._on_change)

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            try:
                await self.look()
            except AssuageError as error:  # the store; it is looked at again
                log.warning("an open act of the record cannot be resolved: %s", error.sentence)
            await asyncio.sleep(LOOK_S)

    async def look(self) -> None:
        """Enters the outcome of every open act that can be told now."""
        for intent in self._open():
            since = self._since.setdefault(intent.act, self._clock())
            verdict = await self._verdict(intent, self._bed.picture, since)
            if verdict is not None:
                self._enter(intent, verdict)

    def _open(self) -> list[Intent]:
        found = self._acting.record.state.open.values()
        return [each for each in found if each.pump == self._pump and each.act not in self._acting.under_way]

    def _enter(self, intent: Intent, verdict: Verdict) -> None:
        self._since.pop(intent.act, None)
        self._acting.ours.discard(intent.act)
        outcome = Outcome(
            act=intent.act, what=intent.what, result=verdict.result, how="asked", sentence=verdict.sentence,
            programme=intent.programme,
        )  # fmt: skip
        self._acting.record.note(outcome)

    def _on_change(self, topic: str) -> None:
        p = self._bed.picture
        if topic != "pump" or p.link is not Link.LIVE or p.hello is None or p.pump is None:
            return
        for intent in self._open():
            if intent.act in self._acting.ours or p.hello.board.hex() != intent.board:
                continue
            verdict = told(intent, p.pump.message, p.hello.boot, ours=False)
            if verdict is not None and verdict.result == "done":
                self._enter(intent, verdict)

    async def _verdict(self, intent: Intent, p: Picture, since: float) -> Verdict | None:
        hello, heard = p.hello, p.pump
        if p.link is not Link.LIVE or hello is None or heard is None or heard.at <= since:
            return None
        if hello.board.hex() != intent.board:
            return Verdict("unknown", OTHER_BOARD)
        verdict = told(intent, heard.message, hello.boot, intent.act in self._acting.ours)
        if verdict is not JOURNAL:
            return verdict
        complete = self._journals.complete(since)  # first: what is fetched meanwhile is looked at as well
        if await self._journals.has_begun(intent.programme):
            return Verdict("done", "The board's journal tells that it began.")
        state = code(schema.STATES, heard.message.state)
        if complete is None:
            return Verdict("unknown", RESTARTED if hello.boot != intent.boot else NO_JOURNAL.format(state))
        if complete and (state not in BEFORE or intent.act not in self._acting.ours):
            return Verdict("not-done", "The board's journal does not tell that it began.")
        return None
