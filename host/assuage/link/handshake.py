"""Who is at the other end, and whether it is still the same start of the same board. Sans I/O."""

from __future__ import annotations

import enum
import secrets
from collections.abc import Callable

from assuage.link.messages import Hello
from assuage_wire import schema
from assuage_wire.codec import SCHEMA_ID


class Verdict(enum.Enum):
    """What a Hello means."""

    MISMATCH = enum.auto()  # it speaks another table
    NOT_OURS = enum.auto()  # said before our Identify arrived; nothing follows from it
    RESTARTED = enum.auto()  # the board has started again, and the session is gone
    AGAIN = enum.auto()  # the first session is open; another must be, before anything is asked
    OPENED = enum.auto()  # our session is open


class Handshake:
    """The session and its board. hello: what the board last said of itself. identified: the session is open.

    The first session is opened only to open another: an earlier daemon may by chance have had the same number, and
    then the board would take our commands for its, answered long ago. One of two different numbers is new to it.
    """

    def __init__(self, random_session: Callable[[], int] | None = None) -> None:
        self.session = 0
        self.identified = False
        self.hello: Hello | None = None
        self._first = True
        self._random = random_session or (lambda: secrets.randbelow(65535) + 1)

    def renew(self) -> None:
        """Another session, to be opened by Identify."""
        before = self.session
        while self.session == before:
            self.session = self._random()
        self.identified = False

    def hear(self, hello: Hello) -> Verdict:
        """Takes a Hello and says what it means. Keeps it, unless it says that the session is gone or never was ours."""
        if hello.schema != SCHEMA_ID or hello.wire != schema.WIRE:
            self.hello = hello
            self.identified = False
            return Verdict.MISMATCH
        if hello.session != self.session:
            restarted = self.identified and self.hello is not None and not same_start(hello, self.hello)
            return Verdict.RESTARTED if restarted else Verdict.NOT_OURS
        if self._first:
            self._first = False
            return Verdict.AGAIN
        self.hello = hello
        self.identified = True
        return Verdict.OPENED


def same_start(a: Hello, b: Hello) -> bool:
    """Whether two Hellos come from the same board and the same start of it."""
    return (a.board, a.boot) == (b.board, b.boot)


def mismatch_sentence(hello: Hello) -> str:
    """What to do about a board with another table."""
    version = f"{hello.fw_major}.{hello.fw_minor}.{hello.fw_patch}"
    return (
        f"The board's firmware {version} speaks another protocol (table {hello.schema:08x}, this host's is "
        f"{SCHEMA_ID:08x}). Update one of them; until then only STOP works."
    )
