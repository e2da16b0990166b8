"""Orders to the pump of one bed: programme -> read-back -> confirm -> arm and start; stop; clear. See ordering.py for
what they share, running.py for those to an infusion that runs, filling.py for the filling of a line, limiting.py for
the alarm limits, measuring.py for the cuff.

A Start whose answer does not come is stopped: what is not known to run shall stand.
"""

from __future__ import annotations

import asyncio
import dataclasses
import secrets
import zlib
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, Protocol

from assuage.bedside import guarding
from assuage.bedside.acting import NO_RECORD, WHO
from assuage.bedside.active import CONFIRMED, OFFERED, RUNNING, Active
from assuage.bedside.filling import Filling
from assuage.bedside.guarding import Guard
from assuage.bedside.limiting import Limiting
from assuage.bedside.measuring import Measuring
from assuage.bedside.order import Order
from assuage.bedside.ordering import PROGRAMMES, Commanding, Turn
from assuage.bedside.readback import compare, compare_leg, compare_row, compare_times, shown, terms
from assuage.bedside.releasing import Releasing
from assuage.bedside.running import Running
from assuage.bedside.sentences import code
from assuage.bedside.snapshot import MOVING, ml
from assuage.errors import BadInput, Reason, Refused
from assuage.link.messages import AnyMessage, GuardBack, LegBack, Readback, Reply, WatchBack
from assuage.record.events import Clinical, Confirmed, Event, Ordered, plain
from assuage.store.trouble import StoreError
from assuage_wire import schema

__all__ = ["Commanding", "Meant", "Orders"]

NO_DISK: Final = "The start could not be written down, so it was not sent; the host's disk needs attention."
LATE_DISK: Final = (
    "The start could not be written down in time, so it was not sent; the host's disk is slow or stuck. Programme "
    "again."
)
ANEW: Final = (
    "The link to the board was opened anew after this programme was confirmed, so the board wants it compared again; "
    "programme again."
)
UNRESOLVED: Final = "Whether this programme has been started is being asked of the board; try again in a second."
NOT_CHECKED: Final = "This order was not checked against a drug library."
ALARM_OVER: Final = "That alarm is over, or has come anew; read what is shown now, then acknowledge that."


@dataclasses.dataclass(frozen=True, slots=True)
class Meant:
    """A prescription that has been checked. asked: as it was typed. told: the clinical part of a read-back, reckoned
    from what the board has read back; raises Refused where that is not what was prescribed."""

    asked: Mapping[str, Any]
    told: Callable[[Mapping[str, Any]], dict[str, Any]]


class Commands(Protocol):
    """The command of a client."""

    async def __call__(self, name: str, **fields: int) -> AnyMessage:
        """Sends a command and returns its answer."""


class Orders(Running, Filling, Releasing, Limiting, Measuring):
    """All that a person may ask of a bed's boards."""

    _started: Active | None = None  # whose Start the board has answered with ok
    still: Callable[[Mapping[str, Any]], None] | None = None
    """Raises Refused when a prescription, by its clinical part, has to be checked anew; set by Prescribing."""

    async def programme(
        self, data: Mapping[str, Any] | Order, clinical: Clinical | None = None, meant: Meant | None = None
    ) -> dict[str, Any]:
        """Offers a programme and returns what the board read back (shape: readback.shown), to be compared by a human.

        data: an Order, or its input (Order.from_input). clinical: what is meant by it, for the record. meant: the
        prescription that it comes of. Raises BadInput, Refused, LinkDown, NoAnswer or Stopped.
        """
        async with self._order() as turn:
            self._bed.set_readback(None)
            order = data if isinstance(data, Order) else Order.from_input(data, self._on_loss, self._syringes)
            number = secrets.randbelow(PROGRAMMES) + 1
            board, boot = self._board()
            asked = plain(data) if not isinstance(data, Order) else {}
            if meant is not None:
                asked = plain(meant.asked)
            async with self._act("programme", turn, number, asked=asked):
                return await self._offer_it(order, number, (board, boot), turn, asked, clinical, meant)

    async def _offer_it(
        self,
        order: Order,
        number: int,
        where: tuple[str, int],
        turn: Turn,
        asked: Mapping[str, Any],
        clinical: Clinical | None,
        meant: Meant | None,
    ) -> dict[str, Any]:
        """The part of `programme` that speaks to the board."""
        board, boot = where
        if clinical is not None:
            await self._enter(dataclasses.replace(clinical, programme=number))
        watch, rows = await self._watch(order.guards, number, board, turn)
        bound = self._guardian.bound_ms if watch and self._guardian is not None else 0
        sent = order.programme(number, self._lease_ms, watch, bound)
        answer = await self._client.command("Programme", **sent)
        if not isinstance(answer, Readback):
            raise self._refused(answer, rate=sent["rate"])
        compare(sent, answer)
        legs = await self._legs(order, sent, turn)
        if not watch:
            rows = await self._rows(self._client.command, order.guards, number, turn)
        readback = shown(order, answer, legs, rows, self._guardian_id() if watch else "")
        readback["clinical"] = None if meant is None else meant.told(readback)
        readback["unchecked"] = NOT_CHECKED if meant is None else ""
        turn.check()
        label = (order.drug, order.syringe.name, self._lease_ms, terms(readback))
        await self._supervision.keep(Active(sent["programme"], board, boot, OFFERED, *label))
        await self._enter(Ordered(programme=number, asked=dict(asked), readback=readback, by=WHO.get()))
        self._bed.set_readback(readback)
        return readback

    async def confirm(self, programme: int, token: int, second: str = "") -> None:
        """A human has compared the read-back. second: who has compared it as well, which some prescriptions want.

        Raises BadInput, Refused, LinkDown, NoAnswer or Stopped.
        """
        async with self._order() as turn:
            waiting = self._bed.picture.readback
            if waiting is None or (waiting["programme"], waiting["token"]) != (programme, token):
                raise Refused(
                    "bad-token", "This read-back no longer waits for confirmation; programme again.", by="host"
                )
            active = self._mine(programme, OFFERED)
            self.compared(waiting.get("clinical"), second)
            async with self._act("confirm", turn, programme):
                self._ok(await self._client.command("Confirm", programme=programme, token=token))
                turn.check()
                await self._supervision.keep(active.at(CONFIRMED))
                await self._enter(Confirmed(programme=programme, second=second, by=WHO.get()))
                self._bed.set_readback(None)

    async def start(self, programme: int) -> None:
        """Arms, then starts. Raises Refused, LinkDown, NoAnswer or Stopped."""
        async with self._order() as turn:
            active = self._mine(programme, CONFIRMED, RUNNING)  # running: a daemon that died before it sent Start
            running = active.at(RUNNING)
            self._still(active)
            state = self.acting.record.state
            if programme == state.started or running == self._started:
                raise Refused("bad-state", "This programme has been started already.", by="host")
            if any((intent.what, intent.programme) == ("start", programme) for intent in state.open.values()):
                raise Refused("bad-state", UNRESOLVED, by="host")
            async with self._act("start", turn, programme):
                await self._start(active, running, turn)

    def _still(self, active: Active) -> None:
        """Raises Refused when what a prescription was checked by is not so any more."""
        if self.still is not None and active.stage == CONFIRMED and active.terms.get("clinical"):
            self.still(active.terms["clinical"])

    async def _start(self, active: Active, running: Active, turn: Turn) -> None:
        programme = active.programme
        if self._state() != "armed":
            answer = await self._client.command("Arm", programme=programme)
            if isinstance(answer, Reply) and code(schema.STATES, answer.state) == "programmed":
                raise Refused("bad-state", ANEW)
            self._ok(answer)
        await self._write_down(active, running, turn)
        turn.check()
        answer = await self._set_off("Start", turn, programme=programme, lease=active.lease_ms)
        try:
            self._ok(answer)
        except Refused:
            moving = isinstance(answer, Reply) and code(schema.STATES, answer.state) in MOVING
            if self._supervision.active is running and not moving:
                await self._supervision.keep(active.at(CONFIRMED))
            raise
        self._started = running

    async def _legs(self, order: Order, sent: Mapping[str, int], turn: Turn) -> list[LegBack]:
        """Sends the legs that follow the programme, and returns them as the board has read them back."""
        backs = []
        legs = order.legs(sent["programme"])
        for number, leg in enumerate(legs, 1):
            turn.check()
            answer = await self._client.command("Leg", **leg)
            if not isinstance(answer, LegBack):
                raise self._refused(answer, rate=max(leg["begin"], leg["end"]))
            compare_leg(leg, answer, len(legs) - number, sent["guards"])
            backs.append(answer)
        if backs and order.course.takes is not None:
            compare_times(sent, order.course.takes, backs[-1])
        return backs

    async def _watch(self, guards: Sequence[Guard], number: int, pump: str, turn: Turn) -> tuple[int, list[GuardBack]]:
        """Has the second board, where there is one, watch by these guards for the pump; the number of the watching, and
        the rows as that board has read them back. 0: nobody watches elsewhere."""
        other = self._guardian
        if other is None:
            return 0, []
        if not guards:
            await other.unwatch()
            return 0, []
        whose = zlib.crc32(bytes.fromhex(pump)) & schema.S30
        answer = await other.command("Watch", programme=number, pump=whose, guards=len(guards))
        if not isinstance(answer, WatchBack):
            refused = self._refused(answer)
            raise Refused(refused.status, f"The board that watches the patient refused: {refused.sentence}")
        rows = await self._rows(other.command, guards, number, turn)
        return rows[-1].watch, rows

    async def _rows(self, command: Commands, guards: Sequence[Guard], number: int, turn: Turn) -> list[GuardBack]:
        """Sends a board the rows that follow a programme or a watching, and returns them as it has read them back."""
        backs = []
        for i, guard in enumerate(guards):
            turn.check()
            whose = {"programme": number, "number": i}
            row = dict(zip(guarding.FIELDS, guard.fields(), strict=True))
            answer = await command("Guard", **whose, **row)
            if not isinstance(answer, GuardBack):
                refused = self._refused(answer)
                raise Refused(refused.status, f"{guard.sentence()} {refused.sentence}", limit=refused.limit)
            compare_row(whose, guard, answer, len(guards) - i - 1)
            backs.append(answer)
        return backs

    def _guardian_id(self) -> str:
        signs = self._bed.picture.signs
        return "" if signs is None or signs.hello is None else signs.hello.board.hex()

    async def stop(self, timeout: float = 2.0, why: str = "") -> dict[str, Any]:
        """Stops the pump and returns {"state", "delivered_ml", "took_ms"} as the board answered it. why: for the
        record, where there is more to say than that somebody pressed it.

        Raises NoAnswer or LinkDown when the board does not answer in time; STOP goes on being sent all the same.
        """
        self._stops += 1
        self._supervision.end()
        self._bed.set_readback(None)
        details = {"why": why} if why else {}
        async with self._act("stop", None, self._moves(), **details):
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
            async with self._act("clear", reason=reason):
                self._ok(await self._client.command("Clear", reason=schema.REASONS.index(reason)))

    async def acknowledge(self, occurrence: int, board: str = "pump") -> None:
        """A human has seen this occurrence of an alarm. board: pump, or guardian for the second one's.

        Raises Refused, LinkDown, NoAnswer or Stopped.
        """
        if board == "guardian" and self._guardian is not None:
            async with self._act("acknowledge", occurrence=occurrence, board=board):
                self._seen(await self._guardian.command("Acknowledge", occurrence=occurrence))
            return
        async with self._order(), self._act("acknowledge", occurrence=occurrence):
            self._seen(await self._client.command("Acknowledge", occurrence=occurrence))

    def _seen(self, answer: AnyMessage) -> None:
        if isinstance(answer, Reply) and code(schema.STATUSES, answer.status) == "stale-clear":
            raise Refused("stale-clear", ALARM_OVER)
        self._ok(answer)

    async def silence(self) -> None:
        """Pauses the sound of what sounds, on every board that can be heard. Raises Refused, LinkDown, NoAnswer or
        Stopped."""
        p, other = self._bed.picture, self._guardian
        if other is not None and p.signs is not None and p.signs.alarms.standing(self._bed.now()):
            self._ok(await other.command("Silence"))
            if not p.alarms.standing(self._bed.now()):
                return
        async with self._order(), self._act("silence"):
            self._ok(await self._client.command("Silence"))

    def _moves(self) -> int:
        heard = self._bed.picture.pump
        return 0 if heard is None else heard.message.programme

    async def _enter(self, event: Event) -> None:
        """What must be in the record before an order goes on. Raises Refused when it is not."""
        try:
            await self.acting.record.keep(event)
        except StoreError:
            raise Refused("bad-state", NO_RECORD, by="host", reason=Reason.PART_FAILED) from None

    # -- inside --------------------------------------------------------------------------------------------------------

    async def _write_down(self, active: Active, running: Active, turn: Turn) -> None:
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
