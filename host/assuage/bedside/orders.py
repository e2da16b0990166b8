"""Orders to the pump of one bed: programme -> read-back -> confirm -> arm and start; stop; clear.

One order at a time, except STOP, which waits for nothing. What a board or this host refuses is kept on the bed for
the screens and raised as Refused. A Start whose answer does not come is stopped: what is not known to run shall
stand.
"""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from typing import Any, Final, Protocol

from assuage.bedside import sentences
from assuage.bedside.active import CONFIRMED, OFFERED, RUNNING, Active
from assuage.bedside.bed import Bed
from assuage.bedside.order import Order, compare, shown
from assuage.bedside.sentences import code
from assuage.bedside.snapshot import ml
from assuage.bedside.supervision import Supervision
from assuage.errors import BadInput, LinkDown, NoAnswer, Reason, Refused
from assuage.link.events import BoardStopped, Link
from assuage.link.messages import AnyMessage, Readback, Reply
from assuage_wire import schema

log = logging.getLogger(__name__)

PROGRAMMES: Final = schema.S30 - 1  # ids are 1 to this
UNSTARTED: Final = (
    "The board has not confirmed the start, so STOP is being sent. Look at the pump, then programme again."
)


class Commanding(Protocol):
    """What Orders speaks through: assuage.link.client.BoardClient."""

    async def command(self, name: str, **fields: int) -> AnyMessage:
        """Sends a command and returns its answer."""

    async def stop(self, timeout: float = 2.0) -> BoardStopped:
        """Presses STOP and waits for the answer."""

    def press_stop(self) -> None:
        """Presses STOP."""


class Orders:
    """All that a person may ask of the pump. on_refused: told of every refusal, for the record."""

    def __init__(
        self,
        bed: Bed,
        client: Commanding,
        supervision: Supervision,
        *,
        lease_ms: int = 3000,
        on_loss: str = "stop",
        on_refused: Callable[[Refused | BadInput], None] = lambda error: None,
    ) -> None:
        self._bed, self._client, self._supervision = bed, client, supervision
        self._lease_ms, self._on_loss = lease_ms, on_loss
        self._on_refused = on_refused
        self._one_at_a_time = asyncio.Lock()

    async def programme(self, data: Mapping[str, Any] | Order) -> dict[str, Any]:
        """Offers a programme and returns what the board read back (shape: order.shown), to be compared by a human.

        data: an Order, or its input (Order.from_input). Raises BadInput, Refused, LinkDown, NoAnswer or Stopped.
        """
        async with self._order():
            self._bed.set_readback(None)
            order = data if isinstance(data, Order) else Order.from_input(data, self._on_loss)
            sent = order.programme(secrets.randbelow(PROGRAMMES) + 1, self._lease_ms)
            answer = await self._client.command("Programme", **sent)
            if not isinstance(answer, Readback):
                raise self._refused(answer, rate=sent["rate"])
            compare(sent, answer)
            board, boot = self._board()
            label = (order.drug, order.syringe.name, self._lease_ms)
            await self._supervision.keep(Active(sent["programme"], board, boot, OFFERED, *label))
            readback = shown(order, answer)
            self._bed.set_readback(readback)
            return readback

    async def confirm(self, programme: int, token: int) -> None:
        """A human has compared the read-back. Raises Refused, LinkDown, NoAnswer or Stopped."""
        async with self._order():
            waiting = self._bed.picture.readback
            if waiting is None or (waiting["programme"], waiting["token"]) != (programme, token):
                raise Refused(
                    "bad-token", "This read-back no longer waits for confirmation; programme again.", by="host"
                )
            active = self._mine(programme, OFFERED)
            self._ok(await self._client.command("Confirm", programme=programme, token=token))
            await self._supervision.keep(active.at(CONFIRMED))
            self._bed.set_readback(None)

    async def start(self, programme: int) -> None:
        """Arms, then starts. Raises Refused, LinkDown, NoAnswer or Stopped."""
        async with self._order():
            active = self._mine(programme, CONFIRMED, RUNNING)
            if self._state() != "armed":
                self._ok(await self._client.command("Arm", programme=programme))
            if not await self._supervision.keep(active.at(RUNNING)):
                await self._supervision.keep(active)
                raise Refused(
                    "bad-state",
                    "The start could not be written down, so it was not sent; the host's disk needs attention.",
                    by="host",
                    reason=Reason.PART_FAILED,
                )
            try:
                answer = await self._client.command("Start", programme=programme, lease=active.lease_ms)
            except NoAnswer:
                self._abandon()
                raise NoAnswer(UNSTARTED) from None
            except BaseException:  # STOP, a lost link, or whoever asked has gone: nobody knows whether it runs
                self._abandon()
                raise
            try:
                self._ok(answer)
            except Refused:
                await self._supervision.keep(active.at(CONFIRMED))
                raise

    async def stop(self, timeout: float = 2.0) -> dict[str, Any]:
        """Stops the pump and returns {"state", "delivered_ml", "took_ms"} as the board answered it.

        Raises NoAnswer or LinkDown when the board does not answer in time; STOP goes on being sent all the same.
        """
        self._supervision.end()
        self._bed.set_readback(None)
        answer = await self._client.stop(timeout)
        return {
            "state": code(schema.STATES, answer.message.state),
            "delivered_ml": ml(answer.message.delivered),
            "took_ms": round(answer.took * 1000, 1),
        }

    async def clear(self, reason: str) -> None:
        """Acknowledges a fault or an interrupted programme. reason: the one that the human saw.

        Raises BadInput, Refused, LinkDown, NoAnswer or Stopped.
        """
        async with self._order():
            if reason not in schema.REASONS:
                raise BadInput("reason", f"There is no reason {reason[:40]!r} to clear.")
            self._ok(await self._client.command("Clear", reason=schema.REASONS.index(reason)))

    # -- inside --------------------------------------------------------------------------------------------------------

    @asynccontextmanager
    async def _order(self) -> AsyncIterator[None]:
        """Holds other orders back; shows and records a refusal, and takes the last one off the screens after a
        success."""
        async with self._one_at_a_time:
            try:
                if self._bed.picture.link is not Link.LIVE:
                    raise LinkDown(f"The order was not sent. {self._bed.picture.link_sentence}")
                yield
            except (Refused, BadInput) as error:
                log.info("refused: %s", error.sentence)
                self._bed.set_refusal(error)
                self._on_refused(error)
                raise
            self._bed.set_refusal(None)

    def _abandon(self) -> None:
        self._supervision.end()
        self._client.press_stop()

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
            raise Refused("bad-state", f"This programme is already {active.stage}; programme again.", by="host")
        return active

    def _ok(self, answer: AnyMessage) -> None:
        if not isinstance(answer, Reply) or answer.status != schema.STATUSES.index("ok"):
            raise self._refused(answer)

    @staticmethod
    def _refused(answer: AnyMessage, rate: int | None = None) -> Refused:
        if not isinstance(answer, Reply):
            kind = type(answer).__name__
            return Refused("unsupported", f"The board answered with {kind}, which fits no order.", by="host")
        status = code(schema.STATUSES, answer.status)
        sentence, limit = sentences.refusal(status, answer.detail, rate)
        return Refused(status, sentence, limit=limit)
