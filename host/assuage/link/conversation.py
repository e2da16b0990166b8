"""The conversation with one board: who it is, what it says, what is asked of it, and the permission to move. Sans I/O.

Bytes and the time go in; events and frames come out. `next_due` says when `tick` must be called again. Times are
monotonic seconds.

    opened -> Identify -> Hello (same table?) -> live: probes, commands, grants      silence of a second -> lost
                                              -> mismatch: nothing but STOP

A STOP goes ahead of everything: it drops the commands and the permission that are under way, and is repeated,
whatever state the link is in, until the board answers it. A grant says until which *board* time the pump may move,
counted from the newest board time that has been heard; so a delayed or repeated grant cannot move that end, and a
silent board is not granted anything new.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from assuage.errors import AssuageError, LinkDown, NoAnswer, Stopped
from assuage.link import messages
from assuage.link.clock import BoardTime, Clock, unwrapped
from assuage.link.commands import Answer, Commands, Grants, Settled
from assuage.link.events import (
    BoardStopped,
    Event,
    Identified,
    JournalTold,
    Link,
    LinkChanged,
    Passing,
    Periodic,
    Telemetry,
)
from assuage.link.handshake import Handshake, Verdict, mismatch_sentence, same_start
from assuage.link.messages import (
    AnyMessage,
    Ask,
    Hello,
    Journal,
    PassAsk,
    PassPermit,
    Permit,
    Probe,
    PumpStatus,
    Reply,
)
from assuage.link.outbox import Frame, Outbox
from assuage.link.wire_fast import Splitter
from assuage_wire import schema

SILENCE_S: Final = 1.0  # without a good frame the link is lost
CALL_S: Final = 0.25  # between two attempts to be heard
FORGOTTEN_S: Final = 15.0  # silence after which a board is asked anew who it is; longer than any lease
PROBE_S: Final = 0.9839  # odd, so that probes do not keep step with telemetry
PROBE_SETTLED_S: Final = 3.9839  # once the clock is known; also makes a session's 65 535 ids last for days
THRIFTY: Final = 30_000  # ids that are left to probes and orders while the pump moves: more than a day's

GRANTING: Final = frozenset({"Start", "Resume", "Purge"})  # commands that carry a first grant

_WRONG_SESSION: Final = schema.STATUSES.index("wrong-session")
_MOVING: Final = tuple(schema.STATES.index(name) for name in ("infusing", "bolus", "kvo", "taking-up", "priming"))


class Conversation:
    """Made once for a port, and kept when it is opened anew. frames_lost: gaps in the board's sequence numbers."""

    def __init__(self, random_session: Callable[[], int] | None = None) -> None:
        self.state = Link.CONNECTING
        self.sentence = ""  # why the link has this state
        self.clock = Clock()
        self.splitter = Splitter("<")
        self.frames_lost = 0
        self._board = Handshake(random_session)
        self._restarted = False  # its time has run back: whatever its boot count says, it has started again
        self._board_time = BoardTime()
        self._events: list[Event] = []
        self._out = Outbox()
        self._commands = Commands()
        self._grants = Grants()
        self._moving = False
        self._heard_at = 0.0
        self._heard_seq: int | None = None
        self._call_due = 0.0
        self._probe_due = 0.0

    # -- out -----------------------------------------------------------------------------------------------------------

    def take_events(self) -> list[Event]:
        """What happened since the last call, in order."""
        events, self._events = self._events, []
        return events

    def take_frames(self) -> list[Frame]:
        """What is to be written since the last call, in order."""
        return self._out.take()

    def next_due(self) -> float | None:
        """When `tick` has something to do, if nothing else happens before. None: never."""
        if not self._out.open:
            return None
        live = self.state is Link.LIVE
        speaking = live and not self.stopping
        due = [
            self._out.stop_due,
            self._commands.next_due(),
            None if live else self._call_due,
            self._heard_at + SILENCE_S if live or self.state is Link.MISMATCH else None,
            self._probe_due if speaking else None,
            self._grants.due if speaking and self._grants.wanted else None,
        ]
        return min(at for at in due if at is not None)

    # -- in ------------------------------------------------------------------------------------------------------------

    def opened(self, now: float) -> None:
        """The port is open. The session goes on if the board still knows it."""
        self._out.opened(now)
        self._board.identified = False
        self._heard_seq = None
        self._heard_at = now
        self.splitter.reset()
        if self._board.session == 0:
            self._new_session(now, "The port has been opened anew.")
        self._call_due = now
        self._become(Link.CONNECTING, "The port is open; waiting for the board to say who it is.", now)
        self.tick(now)

    def closed(self, now: float, sentence: str) -> None:
        """The port is gone, or could not be opened. An unanswered STOP is kept for when it is back."""
        self._out.shut()
        self._drop(LinkDown(sentence))
        self._become(Link.LOST, sentence, now)

    def received(self, data: bytes, now: float) -> None:
        """Bytes have come from the port."""
        for message, seq in self.splitter.feed(data):
            if self._heard_seq is not None:
                self.frames_lost += (seq - self._heard_seq - 1) & 0xFF
            self._heard_seq = seq
            self._heard_at = now
            self._on_message(message, now)

    def tick(self, now: float) -> None:
        """Does what is due."""
        if not self._out.open:
            return
        if self.state in (Link.LIVE, Link.MISMATCH) and now - self._heard_at >= SILENCE_S:
            self._call_due = now
            self._become(
                Link.LOST, "Nothing has been heard from the board for a second; check its cable and supply.", now
            )
        self._out.repeat_stop(now)
        if self.state is not Link.LIVE and now >= self._call_due:
            self._call(now)
        for message in self._commands.due(now):
            self._out.send(message)
        if self.state is Link.LIVE and not self.stopping:
            if now >= self._probe_due:
                self._probe(now)
            if self._grants.wanted and now >= self._grants.due:
                self._out.send(self._grants.next(self._board.session, self._until(self._grants.lease_ms), now))

    def rtt(self, now: float) -> float | None:
        """Newest round trip to the board, s; None when it is older than two probes."""
        return self.clock.rtt if now - self.clock.rtt_at <= 2 * PROBE_SETTLED_S else None

    # -- what the host wants -------------------------------------------------------------------------------------------

    def command(self, name: str, fields: Mapping[str, int], now: float, settled: Settled) -> None:
        """Sends a command, all of whose fields but session and command id are given, and repeats it until it is
        answered.

        For what begins motion (GRANTING), give `lease` in ms in place of the two `until` fields. `settled` is called
        once. Raises LinkDown, Stopped, NoAnswer (too many at once) or WireError (a value that the table does not
        allow).
        """
        if self.stopping:
            raise Stopped("STOP has been given and the board has not answered it yet; nothing else is sent until then.")
        if self.state is not Link.LIVE:
            raise LinkDown("There is no live link to the board, so the order was not sent.")
        if self._commands.full:
            raise NoAnswer("Too many orders are under way at once; try again in a second.")
        if self._commands.spent:
            self._lose_session(now, "The session with the board is being renewed.")
            raise NoAnswer("The session with the board is being renewed; try again.")
        values: dict[str, Any] = dict(fields)
        if name in GRANTING:
            values["until_ticks"], values["until_wraps"] = self._until(values.pop("lease"))
        self._out.send(self._commands.begin(name, values, self._board.session, now, settled))

    def stop(self, now: float) -> None:
        """Stops the pump, now and until the board has answered. Works in every state of the link."""
        self._drop(Stopped())
        self._out.press_stop(now)

    def pass_on(self, message: Ask | Permit) -> None:
        """What another board has said, to this one: now, or never."""
        if self.state is Link.LIVE and not self.stopping:
            kind: Any = PassAsk if isinstance(message, Ask) else PassPermit
            self._out.send(kind(self._board.session, *message))

    @property
    def stopping(self) -> bool:
        """Whether a STOP waits for its answer."""
        return self._out.stop_due is not None

    @property
    def unhurried(self) -> bool:
        """Whether there is room for what can wait: ids of this session, whose renewal would end a delivery."""
        return self._commands.ready and (not self._moving or self._commands.left > THRIFTY)

    def permit(self, programme: int, lease_ms: int, now: float) -> None:
        """From now on, grant this programme leave to move, again and again (see Grants), while the link is live."""
        if not self.stopping:
            self._grants.permit(programme, lease_ms, now)
            self.tick(now)

    def withdraw(self) -> None:
        """Grant nothing more. What was granted lapses by itself."""
        self._grants.withdraw()

    # -- messages ------------------------------------------------------------------------------------------------------

    def _on_message(self, message: AnyMessage, now: float) -> None:
        if isinstance(message, Hello):
            self._on_hello(message, now)
        elif isinstance(message, messages.Stopped):
            self._on_stopped(message, now)
        elif self._board.identified:
            if isinstance(message, Answer):
                self._on_answer(message, now)
            elif isinstance(message, Periodic):
                self._on_telemetry(message, now)
            elif isinstance(message, Journal) and not self._board_time.ran_back(message.ticks, message.wraps):
                self._events.append(JournalTold(message, now))
            elif isinstance(message, Ask | Permit):
                self._events.append(Passing(message, now))

    def _on_hello(self, hello: Hello, now: float) -> None:
        before, was_open = self._board.hello, self._board.identified
        ran_back = self._board_time.ran_back(hello.ticks, hello.wraps)
        verdict = self._board.hear(hello)
        if verdict is Verdict.AGAIN:
            self._board.renew()
            self._call(now)
            return
        if verdict is Verdict.RESTARTED or (verdict is Verdict.NOT_OURS and was_open and ran_back):
            self._started_again(now)
            return
        if verdict is Verdict.NOT_OURS:
            return
        known = before is not None and same_start(before, hello) and not ran_back and not self._restarted
        self._restarted = False
        if not known:
            self.clock.reset()
            self._board_time.forget()
            self._moving = False
            self.withdraw()
        if not known or (self._board.identified and not was_open):
            self._events.append(Identified(hello, before is not None and not known, now))
        if verdict is Verdict.MISMATCH:
            self._drop(LinkDown("The board speaks another protocol than this host."))
            self._become(Link.MISMATCH, mismatch_sentence(hello), now)
        else:
            self._board_time.hear(hello.ticks, hello.wraps)
            self._live(now)

    def _on_stopped(self, message: messages.Stopped, now: float) -> None:
        took = self._out.stopped(message, now)
        if took is not None:
            self._events.append(BoardStopped(message, took, now))
        if self._board.identified:
            self._live(now)

    def _on_answer(self, message: Answer, now: float) -> None:
        if message.session != self._board.session:
            return
        if isinstance(message, Reply) and message.status == _WRONG_SESSION:
            self._lose_session(now, "The board has lost the session; a new one is being opened.")
            return
        ticket = self._commands.answered(message)
        if isinstance(message, Reply):
            self._board_time.hear(message.ticks, message.wraps)
            if ticket and isinstance(ticket.message, Probe):
                self.clock.sample(ticket.sent_at, now, unwrapped(message.ticks, message.wraps))
        self._live(now)
        if ticket:
            ticket.settle(message)

    def _on_telemetry(self, message: Periodic, now: float) -> None:
        if self._board_time.ran_back(message.ticks, message.wraps):  # its Hello was lost
            self._started_again(now)
            return
        self._board_time.hear(message.ticks, message.wraps)
        if isinstance(message, PumpStatus):
            self._moving = message.state in _MOVING
        self._live(now)
        at = self.clock.to_host(unwrapped(message.ticks, message.wraps)) if self.clock.settled else None
        self._events.append(Telemetry(message, now, now if at is None else min(at, now)))

    # -- parts ---------------------------------------------------------------------------------------------------------

    def _become(self, state: Link, sentence: str, now: float) -> None:
        if (state, sentence) != (self.state, self.sentence):
            self.state, self.sentence = state, sentence
            self._events.append(LinkChanged(state, sentence, now))

    def _live(self, now: float) -> None:
        if self.state is not Link.LIVE:
            self._probe_due = now
            self._become(Link.LIVE, "The board is connected.", now)
            self.tick(now)

    def _until(self, lease_ms: int) -> tuple[int, int]:
        until = self._board_time.ahead(lease_ms)
        if until is None:
            raise LinkDown("The board's time is not known yet; try again in a second.")
        return until

    def _call(self, now: float) -> None:
        """Something that the board answers. A board that only fell silent keeps its session, and so its permission."""
        self._call_due = now + CALL_S
        if self._board.identified and now - self._heard_at < FORGOTTEN_S and self._commands.ready:
            self._send_probe(now)
        else:
            self._out.send(messages.Identify(self._board.session))

    def _probe(self, now: float) -> None:
        self._probe_due = now + (PROBE_SETTLED_S if self.clock.settled else PROBE_S)
        if self._commands.ready:
            self._send_probe(now)
        elif self._commands.spent and not self._moving:  # however long that takes: a new session ends permissions
            self._lose_session(now, "The session with the board is being renewed.")

    def _send_probe(self, now: float) -> None:
        self._out.send(self._commands.begin("Probe", {}, self._board.session, now, lambda outcome: None))

    def _started_again(self, now: float) -> None:
        """Its boot count may say otherwise: one whose file system cannot be written stands still."""
        self._restarted = True
        self._board_time.forget()
        self._lose_session(now, "The board has restarted; a new session is being opened.")

    def _lose_session(self, now: float, sentence: str) -> None:
        self._new_session(now, f"{sentence} Whether the order was carried out is not known.")
        self._become(Link.CONNECTING, sentence, now)
        self.tick(now)

    def _new_session(self, now: float, why: str) -> None:
        self._board.renew()
        self._call_due = now
        self._grants.forget()
        self._commands.reset(NoAnswer(why))

    def _drop(self, error: AssuageError) -> None:
        self.withdraw()
        self._commands.drop(error)
