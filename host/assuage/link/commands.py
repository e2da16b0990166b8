"""Commands under way to one board, and the permission that is granted to it: what a conversation has promised and
must follow up."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from assuage.errors import AssuageError, NoAnswer
from assuage.link import messages
from assuage.link.messages import (
    AnyMessage,
    ChangeBack,
    GuardBack,
    LegBack,
    LimitBack,
    PrimeBack,
    Probe,
    Readback,
    Record,
    Reply,
    WatchBack,
)
from assuage.link.requests import Requests
from assuage.link.wire_fast import pack

REPEAT_S: Final = 0.05  # before an unanswered command is sent again
GIVE_UP_S: Final = 2.0  # after which a command has not been answered

# What the board may say to a command.
Answer = Reply | Readback | LegBack | ChangeBack | Record | PrimeBack | LimitBack | GuardBack | WatchBack
Settled = Callable[[AnyMessage | AssuageError], None]


class Ticket:
    """One command under way. It is settled once, with the board's answer or with an error."""

    def __init__(self, now: float, settled: Settled) -> None:
        self.sent_at = now
        self.open = True
        self.message: AnyMessage = Probe(1, 1)  # replaced as soon as the id is known
        self._settled = settled

    def settle(self, outcome: AnyMessage | AssuageError) -> None:
        """Ends it; later outcomes are ignored."""
        if self.open:
            self.open = False
            self._settled(outcome)


class Commands:
    """Gives commands their ids, repeats them with the same id, and matches answers. See requests.Requests.

    A dropped command keeps its id in use, so that a late answer to it is not taken for another's.
    """

    def __init__(self) -> None:
        self._requests = Requests(repeat_s=REPEAT_S, give_up_s=GIVE_UP_S)
        self._open: set[Ticket] = set()

    @property
    def full(self) -> bool:
        """As many are under way as a board remembers answers."""
        return self._requests.full

    @property
    def spent(self) -> bool:
        """The ids of this session are used up."""
        return self._requests.spent

    @property
    def left(self) -> int:
        """How many ids this session still has."""
        return self._requests.left

    @property
    def ready(self) -> bool:
        """Another command can be begun."""
        return not (self.full or self.spent)

    def begin(self, name: str, fields: Mapping[str, int], session: int, now: float, settled: Settled) -> AnyMessage:
        """Opens a command; returns the message to send. Raises WireError, and takes no id, when it does not fit the
        table."""
        kind: Any = getattr(messages, name)
        pack(kind(session=session, command=1, **fields), 0)
        ticket = Ticket(now, settled)
        command = self._requests.begin(ticket, now, repeats=kind is not Probe)  # a repeated one would time nothing
        message: AnyMessage = kind(session=session, command=command, **fields)
        ticket.message = message
        self._open.add(ticket)
        return message

    def answered(self, message: Answer) -> Ticket | None:
        """The ticket that this answers, for the caller to settle; None for one that is no longer open."""
        ticket: Ticket | None = self._requests.answered(message.command)
        if ticket is not None:
            self._open.discard(ticket)
        return ticket

    def due(self, now: float) -> list[AnyMessage]:
        """What is to be sent again; what has waited too long is settled with NoAnswer."""
        again, lost = self._requests.due(now)
        for _, ticket in lost:
            self._open.discard(ticket)
            ticket.settle(NoAnswer("The board has not answered in time; look at the pump to see what it does."))
        return [ticket.message for _, ticket in again if ticket.open]

    def next_due(self) -> float | None:
        """When `due` has something to say."""
        return self._requests.next_due()

    def drop(self, error: AssuageError) -> None:
        """Settles every open command with an error and never sends it again."""
        dropped, self._open = self._open, set()
        for ticket in dropped:
            ticket.settle(error)

    def reset(self, error: AssuageError) -> None:
        """For a new session: drops all, and ids begin again."""
        self._requests.reset()
        self.drop(error)


GRANT_S: Final = 0.4  # at most, whatever the lease: the board tells of a host that is silent for 1.5 s


class Grants:
    """Which programme may be granted leave to move, when the next grant is due, and the grants' counter."""

    def __init__(self) -> None:
        self.due = 0.0
        self.programme = 0
        self.lease_ms = 0
        self._count = 0

    @property
    def wanted(self) -> bool:
        """Whether there is a programme to grant leave to."""
        return self.programme != 0

    def permit(self, programme: int, lease_ms: int, now: float) -> None:
        """Grants this programme leave from now on; repeating the same changes nothing."""
        if (programme, lease_ms) != (self.programme, self.lease_ms):
            self.programme, self.lease_ms, self.due = programme, lease_ms, now

    def withdraw(self) -> None:
        """Grants nothing more; what was granted lapses by itself."""
        self.programme = self.lease_ms = 0

    def forget(self) -> None:
        """For a new session: the counter begins again."""
        self.withdraw()
        self._count = 0

    def next(self, session: int, until: tuple[int, int], now: float) -> messages.Lease:
        """The next grant; the one after it is due in a quarter of the lease, or in GRANT_S."""
        self._count += 1
        self.due = now + min(self.lease_ms / 4000, GRANT_S)
        return messages.Lease(session, self._count, self.programme, *until)
