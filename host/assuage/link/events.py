"""What a conversation with a board tells its listeners. Times are the host's monotonic clock, in seconds."""

from __future__ import annotations

import enum
from typing import NamedTuple

from assuage.link.messages import (
    Alarm,
    Ask,
    Capnogram,
    Cuff,
    Drive,
    Health,
    Hello,
    Interlock,
    Journal,
    Limits,
    Permit,
    Pleth,
    PumpStatus,
    Stopped,
    Vitals,
)


class Link(enum.Enum):
    """State of the link to a board."""

    CONNECTING = "connecting"  # the port is open, or being opened, and the board has not answered yet
    LIVE = "live"  # the board has identified itself, speaks our table and was heard within the last second
    LOST = "lost"  # no port, or silence
    MISMATCH = "mismatch"  # the board speaks another table: it can be stopped and nothing else


Periodic = PumpStatus | Drive | Vitals | Pleth | Capnogram | Cuff | Health | Alarm | Limits | Interlock
"""What a board says by itself, again and again."""


class LinkChanged(NamedTuple):
    """The link has a new state; the sentence says why."""

    state: Link
    sentence: str
    at: float


class Identified(NamedTuple):
    """A session has been opened with a board. new_boot: it has restarted (or is another board) since this host last
    spoke to it."""

    hello: Hello
    new_boot: bool
    at: float


class Telemetry(NamedTuple):
    """A periodic message. at: when it was received. measured_at: its board time, mapped to this host's clock."""

    message: Periodic
    at: float
    measured_at: float


class JournalTold(NamedTuple):
    """The board has said how far its journal goes."""

    message: Journal
    at: float


class Passing(NamedTuple):
    """What is to be passed to another board at once, or not at all."""

    message: Ask | Permit
    at: float


class BoardStopped(NamedTuple):
    """The board has answered a STOP. took: from the first STOP to this answer, s."""

    message: Stopped
    took: float
    at: float


Event = LinkChanged | Identified | Telemetry | JournalTold | Passing | BoardStopped
