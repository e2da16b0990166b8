"""The asyncio shell around a conversation: keeps the port open, moves bytes, calls it when something is due, answers
awaits.

All decisions are in conversation.py; here are only the loop, the port and the futures.
"""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import Callable
from typing import Any, Final

from assuage.errors import AssuageError, LinkDown, NoAnswer, PortLost, PortUnavailable
from assuage.link.conversation import Conversation
from assuage.link.events import BoardStopped, Event
from assuage.link.messages import AnyMessage, Ask, Permit
from assuage.link.port import Port

log = logging.getLogger(__name__)

BACK_OFF_S: Final = 0.2  # before the first new attempt to open the port
BACK_OFF_MAX_S: Final = 5.0
STEADY_S: Final = 5.0  # a port that stayed open for so long starts again from BACK_OFF_S

Listener = Callable[[Event], None]


class BoardClient:
    """The board at one port. `run` keeps the link up; everything else may be called at any time.

    Listeners get every event of the conversation, in order, in the event loop.
    """

    def __init__(self, path: str, baud: int = 115200, conversation: Conversation | None = None) -> None:
        self.path = path
        self.conversation = conversation or Conversation()
        self._baud = baud
        self._port: Port | None = None
        self._lost: asyncio.Future[PortLost] | None = None
        self._listeners: list[Listener] = []
        self._stops: list[asyncio.Future[BoardStopped]] = []
        self._timer: asyncio.TimerHandle | None = None
        self._working = False

    def listen(self, listener: Listener) -> Callable[[], None]:
        """Calls `listener(event)` from now on; the function returned here ends that."""
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)

    @property
    def rtt(self) -> float | None:
        """Newest round trip to the board, s; None when there was none of late."""
        return self.conversation.rtt(asyncio.get_running_loop().time())

    async def run(self) -> None:
        """Opens the port, and again whenever it has gone, until cancelled."""
        loop = asyncio.get_running_loop()
        pause = BACK_OFF_S
        try:
            while True:
                opened_at = loop.time()
                self._lost = loop.create_future()
                try:
                    self._port = Port.open(self.path, self._baud, self._on_bytes, self._on_lost)
                except PortUnavailable as error:
                    self._closed(error)
                else:
                    log.info("opened %s", self.path)
                    self.conversation.opened(loop.time())
                    self._work()
                    self._closed(await self._lost)
                if loop.time() - opened_at >= STEADY_S:
                    pause = BACK_OFF_S
                # Jitter, so that several daemons do not knock in step.
                await asyncio.sleep(pause * random.uniform(0.75, 1.25))
                pause = min(pause * 2, BACK_OFF_MAX_S)
        finally:
            self._close_port()
            self.conversation.closed(loop.time(), "The daemon has closed the port.")
            self._work()

    async def command(self, name: str, **fields: int) -> AnyMessage:
        """Sends one command (fields as in the table, without session and command id) and returns its answer.

        Raises LinkDown, NoAnswer, Stopped, or WireError for a value that the table does not allow.
        """
        loop = asyncio.get_running_loop()
        answer: asyncio.Future[AnyMessage] = loop.create_future()

        def settled(outcome: AnyMessage | AssuageError) -> None:
            if answer.done():
                return
            if isinstance(outcome, AssuageError):
                answer.set_exception(outcome)
            else:
                answer.set_result(outcome)

        self.conversation.command(name, fields, loop.time(), settled)
        self._work()
        return await answer

    def press_stop(self) -> None:
        """Sends STOP at once, and again until the board answers, also over a port that is opened later. Never
        raises."""
        self.conversation.stop(asyncio.get_running_loop().time())
        self._work()

    async def stop(self, timeout: float = 2.0) -> BoardStopped:
        """Presses STOP and waits for the board's answer.

        Raises NoAnswer after `timeout` seconds, or LinkDown when the port is not open; STOP goes on being sent
        nevertheless.
        """
        loop = asyncio.get_running_loop()
        self.press_stop()
        answer: asyncio.Future[BoardStopped] = loop.create_future()
        self._stops.append(answer)
        try:
            async with asyncio.timeout(timeout):
                return await answer
        except TimeoutError:
            if self._port is None:
                raise LinkDown(
                    "The board cannot be reached. Stop the pump at the pump; STOP is sent as soon as the board is back."
                ) from None
            raise NoAnswer(
                "The board has not answered STOP, which is being repeated. Stop the pump at the pump."
            ) from None
        finally:
            self._stops.remove(answer)

    def permit(self, programme: int, lease_ms: int) -> None:
        """Lets the conversation renew the permission to move; see Conversation.permit."""
        self.conversation.permit(programme, lease_ms, asyncio.get_running_loop().time())
        self._work()

    def pass_on(self, message: Ask | Permit) -> None:
        """Sends what another board has said, at once or not at all; see Conversation.pass_on."""
        self.conversation.pass_on(message)
        self._work()

    def withdraw(self) -> None:
        """No more permission is granted."""
        self.conversation.withdraw()

    # -- inside --------------------------------------------------------------------------------------------------------

    def _on_bytes(self, data: bytes) -> None:
        self.conversation.received(data, asyncio.get_running_loop().time())
        self._work()

    def _on_lost(self, error: PortLost) -> None:
        if self._lost is not None and not self._lost.done():
            self._lost.set_result(error)

    def _closed(self, error: AssuageError) -> None:
        if self.conversation.sentence != error.sentence:
            log.warning("%s", error.sentence)
        self._close_port()
        self.conversation.closed(asyncio.get_running_loop().time(), error.sentence)
        self._work()

    def _close_port(self) -> None:
        if self._port is not None:
            self._port.close()
            self._port = None
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _on_timer(self) -> None:
        self._timer = None
        self.conversation.tick(asyncio.get_running_loop().time())
        self._work()

    def _work(self) -> None:
        """Carries out what the conversation has decided. A listener may call back in; what comes of that is done here
        too."""
        if self._working:
            return
        self._working = True
        try:
            while True:
                frames, events = self.conversation.take_frames(), self.conversation.take_events()
                if not frames and not events:
                    break
                for frame in frames:
                    if self._port is not None:
                        self._port.write(frame.data, frame.first)
                for event in events:
                    self._tell(event)
        finally:
            self._working = False
        self._set_timer()

    def _tell(self, event: Event) -> None:
        if isinstance(event, BoardStopped):
            for waiting in self._stops:
                if not waiting.done():
                    waiting.set_result(event)
        for listener in tuple(self._listeners):
            try:
                listener(event)
            except Exception:
                log.exception("a listener failed on %s", type(event).__name__)

    def _set_timer(self) -> None:
        due: Any = self.conversation.next_due()
        if self._timer is not None:
            if due is not None and self._timer.when() <= due:
                return  # it fires early, looks, and is set again
            self._timer.cancel()
            self._timer = None
        if due is not None:
            self._timer = asyncio.get_running_loop().call_at(due, self._on_timer)
