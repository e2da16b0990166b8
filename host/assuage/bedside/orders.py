"""Orders to the pump of one bed: programme -> read-back -> confirm -> arm and start; stop; clear.

One order at a time, except STOP, which waits for nothing and drops the others. An order is carried out within
WITHIN_S of being given, or not at all: nothing begins to move after whoever asked for it has gone. What a board or
this host refuses is kept on the bed for the screens and raised as Refused. A Start whose answer does not come is
stopped: what is not known to run shall stand.
"""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from typing import Any, Final, Protocol

from assuage.bedside import sentences
from assuage.bedside.active import CONFIRMED, ENDED, OFFERED, RUNNING, Active
from assuage.bedside.bed import Bed
from assuage.bedside.order import Order, compare, shown
from assuage.bedside.sentences import code
from assuage.bedside.snapshot import MOVING, ml
from assuage.bedside.supervision import Supervision
from assuage.errors import BadInput, LinkDown, NoAnswer, Reason, Refused, Stopped
from assuage.link.events import BoardStopped, Link
from assuage.link.messages import AnyMessage, Readback, Reply
from assuage_wire import schema

log = logging.getLogger(__name__)

PROGRAMMES: Final = schema.S30 - 1  # ids are 1 to this
WITHIN_S: Final = 4.0  # from being given to the last command that an order sends; a page waits for 8
ROOM_TRIES: Final = 20
ROOM_PAUSE_S: Final = 0.1
MAKES_ROOM: Final = (schema.STATUSES.index("journal"), 1)
UNSTARTED: Final = (
    "The board has not confirmed the start, so STOP is being sent. Look at the pump, then programme again."
)


NO_DISK: Final = "The start could not be written down, so it was not sent; the host's disk needs attention."
LATE_DISK: Final = (
    "The start could not be written down in time, so it was not sent; the host's disk is slow or stuck. Programme "
    "again."
)
ANEW: Final = (
    "The link to the board was opened anew after this programme was confirmed, so the board wants it compared again; "
    "programme again."
)
ALARM_OVER: Final = "That alarm is over, or has come anew; read what is shown now, then acknowledge that."
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


class _Turn:
    """One order's time. check() raises when it has run out, or STOP has been given meanwhile."""

    def __init__(self, stops: Callable[[], int]) -> None:
        self._stops, self._before = stops, stops()
        self.until = asyncio.get_running_loop().time() + WITHIN_S

    def check(self) -> None:
        if self._stops() != self._before:
            raise Stopped
        if asyncio.get_running_loop().time() > self.until:
            raise NoAnswer("The order could not be sent in time, so it was not sent at all; give it again.")


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
        self._stops = 0  # how often STOP was given
        self._started: Active | None = None  # whose Start the board has answered with ok

    async def programme(self, data: Mapping[str, Any] | Order) -> dict[str, Any]:
        """Offers a programme and returns what the board read back (shape: order.shown), to be compared by a human.

        data: an Order, or its input (Order.from_input). Raises BadInput, Refused, LinkDown, NoAnswer or Stopped.
        """
        async with self._order() as turn:
            self._bed.set_readback(None)
            order = data if isinstance(data, Order) else Order.from_input(data, self._on_loss)
            sent = order.programme(secrets.randbelow(PROGRAMMES) + 1, self._lease_ms)
            answer = await self._client.command("Programme", **sent)
            if not isinstance(answer, Readback):
                raise self._refused(answer, rate=sent["rate"])
            compare(sent, answer)
            turn.check()
            board, boot = self._board()
            label = (order.drug, order.syringe.name, self._lease_ms)
            await self._supervision.keep(Active(sent["programme"], board, boot, OFFERED, *label))
            readback = shown(order, answer)
            self._bed.set_readback(readback)
            return readback

    async def confirm(self, programme: int, token: int) -> None:
        """A human has compared the read-back. Raises Refused, LinkDown, NoAnswer or Stopped."""
        async with self._order() as turn:
            waiting = self._bed.picture.readback
            if waiting is None or (waiting["programme"], waiting["token"]) != (programme, token):
                raise Refused(
                    "bad-token", "This read-back no longer waits for confirmation; programme again.", by="host"
                )
            active = self._mine(programme, OFFERED)
            self._ok(await self._client.command("Confirm", programme=programme, token=token))
            turn.check()
            await self._supervision.keep(active.at(CONFIRMED))
            self._bed.set_readback(None)

    async def start(self, programme: int) -> None:
        """Arms, then starts. Raises Refused, LinkDown, NoAnswer or Stopped."""
        async with self._order() as turn:
            active = self._mine(programme, CONFIRMED, RUNNING)  # running: a daemon that died before it sent Start
            running = active.at(RUNNING)
            if running == self._started:
                raise Refused("bad-state", "This programme has been started already.", by="host")
            if self._state() != "armed":
                answer = await self._client.command("Arm", programme=programme)
                if isinstance(answer, Reply) and code(schema.STATES, answer.state) == "programmed":
                    raise Refused("bad-state", ANEW)
                self._ok(answer)
            await self._write_down(active, running, turn)
            turn.check()
            try:
                answer = await self._begin(active, turn)
            except NoAnswer:
                self._abandon()
                raise NoAnswer(UNSTARTED) from None
            except BaseException:  # STOP, a lost link, or whoever asked has gone: nobody knows whether it runs
                self._abandon()
                raise
            try:
                self._ok(answer)
            except Refused:
                moving = isinstance(answer, Reply) and code(schema.STATES, answer.state) in MOVING
                if self._supervision.active is running and not moving:
                    await self._supervision.keep(active.at(CONFIRMED))
                raise
            self._started = running

    async def _begin(self, active: Active, turn: _Turn) -> AnyMessage:
        """Sends Start, and again while the board makes room for its record, which takes it a tenth of a second a
        sector."""
        for _ in range(ROOM_TRIES):
            answer = await self._client.command("Start", programme=active.programme, lease=active.lease_ms)
            if not isinstance(answer, Reply) or (answer.status, answer.detail) != MAKES_ROOM:
                break
            await asyncio.sleep(ROOM_PAUSE_S)
            turn.check()
        return answer

    async def stop(self, timeout: float = 2.0) -> dict[str, Any]:
        """Stops the pump and returns {"state", "delivered_ml", "took_ms"} as the board answered it.

        Raises NoAnswer or LinkDown when the board does not answer in time; STOP goes on being sent all the same.
        """
        self._stops += 1
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

    async def acknowledge(self, occurrence: int) -> None:
        """A human has seen this occurrence of an alarm. Raises Refused, LinkDown, NoAnswer or Stopped."""
        async with self._order():
            answer = await self._client.command("Acknowledge", occurrence=occurrence)
            if isinstance(answer, Reply) and code(schema.STATUSES, answer.status) == "stale-clear":
                raise Refused("stale-clear", ALARM_OVER)
            self._ok(answer)

    async def silence(self) -> None:
        """Pauses the sound of what sounds. Raises Refused, LinkDown, NoAnswer or Stopped."""
        async with self._order():
            self._ok(await self._client.command("Silence"))

    # -- inside --------------------------------------------------------------------------------------------------------

    @asynccontextmanager
    async def _order(self) -> AsyncIterator[_Turn]:
        """Holds other orders back; shows and records a refusal, and takes the last one off the screens after a
        success."""
        turn = _Turn(lambda: self._stops)
        async with self._one_at_a_time:
            try:
                turn.check()
                if self._bed.picture.link is not Link.LIVE:
                    raise LinkDown(f"The order was not sent. {self._bed.picture.link_sentence}")
                yield turn
            except (Refused, BadInput) as error:
                log.info("refused: %s", error.sentence)
                self._bed.set_refusal(error)
                self._on_refused(error)
                raise
            self._bed.set_refusal(None)

    async def _write_down(self, active: Active, running: Active, turn: _Turn) -> None:
        """So that a daemon which dies after Start knows its own. A disk that takes too long ends the programme."""
        try:
            async with asyncio.timeout_at(turn.until):
                if await self._supervision.keep(running):
                    return
        except TimeoutError:
            self._supervision.end()
            raise Refused("bad-state", LATE_DISK, by="host", reason=Reason.PART_FAILED) from None
        if self._supervision.active is running:
            await self._supervision.keep(active)
        raise Refused("bad-state", NO_DISK, by="host", reason=Reason.PART_FAILED)

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
            raise Refused("bad-state", NOT_NOW[active.stage], by="host")
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
        sentence, limit = sentences.refusal(status, answer.detail, rate, answer.order)
        return Refused(status, sentence, limit=limit)
