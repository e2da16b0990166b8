"""What every order to a pump has in common: one at a time, within its time or not at all, and its refusal told.

One order at a time, except STOP, which waits for nothing and drops the others. An order is carried out within
WITHIN_S of being given, or not at all: nothing begins to move after whoever asked for it has gone. What a board or
this host refuses is kept on the bed for the screens and raised as Refused.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any, Final, Protocol

from assuage.bedside import sentences
from assuage.bedside.acting import WHO, Acting
from assuage.bedside.active import CONFIRMED, ENDED, OFFERED, RUNNING, Active
from assuage.bedside.bed import Bed
from assuage.bedside.names import same
from assuage.bedside.sentences import code
from assuage.bedside.supervision import Supervision
from assuage.errors import BadInput, LinkDown, NoAnswer, Refused, Stopped
from assuage.link.events import BoardStopped, Link
from assuage.link.messages import AnyMessage, Reply
from assuage.pharmacy.syringes import SYRINGES, Syringe
from assuage.pharmacy.units import MlPerH
from assuage.record.recorder import Recording, Unrecorded
from assuage_wire import schema
from assuage_wire.codec import BY_NAME

log = logging.getLogger(__name__)

RATE_MOST: Final = next(f[4] for f in BY_NAME["Programme"].fields if f[0] == "rate")  # nL/min
PROGRAMMES: Final = schema.S30 - 1  # ids are 1 to this
WITHIN_S: Final = 4.0  # from being given to the last command that an order sends; a page waits for 8
ROOM_TRIES: Final = 20
ROOM_PAUSE_S: Final = 0.1
MAKES_ROOM: Final = (schema.STATUSES.index("journal"), 1)
UNSTARTED: Final = (
    "The board has not confirmed the start, so STOP is being sent. Look at the pump, then programme again."
)
NO_NAME: Final = "Say who compares and confirms this; give your name."
SECOND: Final = "A second person has to compare the read-back too; let that one give a name."
NOT_NOW: Final = {
    OFFERED: "This programme has not been confirmed yet; compare its read-back and confirm it first.",
    CONFIRMED: "This programme has been confirmed already.",
    RUNNING: "This programme has been started already.",
    ENDED: "This programme has ended; programme again.",
}


class Commanding(Protocol):
    """What Orders speaks through: assuage.link.client.BoardClient."""

    async def command(self, name: str, **fields: int) -> AnyMessage:
        """Sends a command and returns its answer."""

    async def stop(self, timeout: float = 2.0) -> BoardStopped:
        """Presses STOP and waits for the answer."""

    def press_stop(self) -> None:
        """Presses STOP."""


class Watching(Protocol):
    """The second board of a bed, which watches for the pump: assuage.bedside.guardian.Guardian."""

    bound_ms: int

    async def command(self, name: str, **fields: int) -> AnyMessage:
        """Sends it a command and returns its answer."""

    async def unwatch(self) -> None:
        """It watches for nobody from now on; what fails is tried again by itself."""


class Turn:
    """One order's time. check() raises when it has run out, or STOP has been given meanwhile."""

    def __init__(self, stops: Callable[[], int]) -> None:
        self._stops, self._before = stops, stops()
        self.until = asyncio.get_running_loop().time() + WITHIN_S

    def check(self) -> None:
        if self._stops() != self._before:
            raise Stopped
        if asyncio.get_running_loop().time() > self.until:
            raise NoAnswer("The order could not be sent in time, so it was not sent at all; give it again.")


class Ordering:
    """What the orders of one bed share. on_refused: told of every refusal. syringes: those that may be chosen.
    guardian: a second board, which measures the patient; None where the pump's own does. record: where every act is
    entered."""

    def __init__(
        self,
        bed: Bed,
        client: Commanding,
        supervision: Supervision,
        *,
        lease_ms: int = 3000,
        on_loss: str = "stop",
        syringes: Mapping[str, Syringe] = SYRINGES,
        on_refused: Callable[[Refused | BadInput], None] = lambda error: None,
        guardian: Watching | None = None,
        record: Recording | None = None,
    ) -> None:
        self._bed, self._client, self._supervision = bed, client, supervision
        self._guardian = guardian
        self._lease_ms, self._on_loss = lease_ms, on_loss
        self._syringes = syringes
        self._on_refused = on_refused
        self.acting = Acting(record or Unrecorded())
        self._one_at_a_time = asyncio.Lock()
        self._stops = 0  # how often STOP was given

    @asynccontextmanager
    async def _order(self) -> AsyncIterator[Turn]:
        """Holds other orders back; shows and records a refusal, and takes the last one off the screens after a
        success."""
        turn = Turn(lambda: self._stops)
        async with self._one_at_a_time:
            try:
                turn.check()
                if self._bed.picture.link is not Link.LIVE:
                    raise LinkDown(f"The order was not sent. {self._bed.picture.link_sentence}")
                yield turn
            except (Refused, BadInput) as error:
                self.tell(error)
                raise
            self._bed.set_refusal(None)

    def tell(self, error: Refused | BadInput) -> None:
        """Shows and records that an order was refused."""
        log.info("refused: %s", error.sentence)
        self._bed.set_refusal(error)
        self._on_refused(error)

    @staticmethod
    def compared(told: Mapping[str, Any] | None, second: str) -> None:
        """Raises Refused or BadInput where whoever has compared a read-back does not suffice. told: its clinical part,
        None for an order that was checked against no library."""
        if told is None:
            return
        if not WHO.get():
            raise BadInput("who", NO_NAME)
        alerts = " ".join(told["alerts"])
        if alerts and not second.strip():
            raise Refused("second-person", f"{alerts} {SECOND}", by="host")
        if alerts and same(second, WHO.get()):
            raise Refused("second-person", f"{WHO.get()} cannot be the second person as well. {SECOND}", by="host")

    def _act(
        self, what: str, turn: Turn | None = None, programme: int = 0, **details: Any
    ) -> AbstractAsyncContextManager[None]:
        """Around what is asked of a board, for the record. turn: of what is sent only when that has its intent."""
        hello = self._bed.picture.hello
        board = ("", 0) if hello is None else (hello.board.hex(), hello.boot)
        return self.acting.act(what, board, programme, None if turn is None else turn.until, **details)

    async def _set_off(self, command: str, turn: Turn, **fields: int) -> AnyMessage:
        """Sends what begins motion, and again while the board makes room for its record, which takes it a tenth of a
        second a sector. One whose answer does not come is stopped: what is not known to run shall stand."""
        try:
            for _ in range(ROOM_TRIES):
                answer = await self._client.command(command, **fields)
                if not isinstance(answer, Reply) or (answer.status, answer.detail) != MAKES_ROOM:
                    break
                await asyncio.sleep(ROOM_PAUSE_S)
                turn.check()
            return answer
        except NoAnswer:
            self._abandon()
            raise NoAnswer(UNSTARTED) from None
        except BaseException:  # STOP, a lost link, or whoever asked has gone: nobody knows whether it runs
            self._abandon()
            raise

    def _abandon(self) -> None:
        self._supervision.end()
        self._client.press_stop()

    async def _at_the_patient(self, name: str, **fields: int) -> AnyMessage:
        """A command to the board that measures the patient. Raises LinkDown, NoAnswer or Stopped."""
        board = self._client if self._guardian is None else self._guardian
        return await board.command(name, **fields)

    def _state(self) -> str:
        heard = self._bed.picture.pump
        return "" if heard is None else code(schema.STATES, heard.message.state)

    def _board(self) -> tuple[str, int]:
        hello = self._bed.picture.hello
        if hello is None:
            raise LinkDown("The board has not said who it is yet; try again in a second.")
        return hello.board.hex(), hello.boot

    def _mine(self, programme: int, *stages: str) -> Active:
        """The active programme, if it is this one, at one of these stages and on this board."""
        active = self._supervision.active
        if active is None or active.programme != programme or not active.is_on(self._bed.picture.hello):
            raise Refused("wrong-programme", sentences.STATUSES["wrong-programme"], by="host")
        if active.stage not in stages:
            raise Refused("bad-state", NOT_NOW[active.stage], by="host")
        return active

    def _lacks(self) -> list[str]:
        """Which vital signs are not normal, as far as this host can tell."""
        told = self._bed.snapshot()["interlock"]
        return [] if told is None else list(told["lacks"])

    def _ok(self, answer: AnyMessage) -> None:
        if not isinstance(answer, Reply) or answer.status != schema.STATUSES.index("ok"):
            raise self._refused(answer)

    @staticmethod
    def _within_wire(rate: MlPerH) -> None:
        """Raises Refused for a rate that the wire cannot even carry."""
        if rate.nl_per_min > RATE_MOST:
            limit = f"{MlPerH.highest(RATE_MOST).value:.2f} mL/h"
            sentence = f"The rate is above anything a pump is asked for, which is {limit}."
            raise Refused("rate-limit", sentence, limit=limit, by="host")

    def _refused(self, answer: AnyMessage, rate: int | None = None) -> Refused:
        if not isinstance(answer, Reply):
            kind = type(answer).__name__
            return Refused("unsupported", f"The board answered with {kind}, which fits no order.", by="host")
        status = code(schema.STATUSES, answer.status)
        sentence, limit = sentences.refusal(status, answer.detail, rate, answer.order)
        if status in ("guard", "elsewhere"):
            sentence = " ".join([sentence, *self._lacks()])
        return Refused(status, sentence, limit=limit)
