"""What can go wrong on the host. Each error has a class, a reason and one sentence that a person can act on.

The sentence is meant to be shown as it is: it says what happened and what to do, without jargon and without a
traceback.
"""

from __future__ import annotations

import enum


class Reason(enum.Enum):
    """Why something failed, for programs; the sentence is for people."""

    BAD_INPUT = "bad-input"
    NO_DEVICE = "no-device"
    NO_PERMISSION = "no-permission"
    IN_USE = "in-use"
    NOT_A_PORT = "not-a-port"
    PORT_LOST = "port-lost"
    LINK_DOWN = "link-down"
    NO_ANSWER = "no-answer"
    STOPPED = "stopped"
    REFUSED = "refused"
    READBACK_DIFFERS = "readback-differs"
    PART_FAILED = "part-failed"


class AssuageError(Exception):
    """Base of all errors that are meant for a person."""

    def __init__(self, reason: Reason, sentence: str) -> None:
        super().__init__(sentence)
        self.reason = reason
        self.sentence = sentence


class BadInput(AssuageError):
    """Something a person typed cannot be used. `field` names the input."""

    def __init__(self, field: str, sentence: str) -> None:
        super().__init__(Reason.BAD_INPUT, sentence)
        self.field = field


class PortUnavailable(AssuageError):
    """The serial port cannot be opened; trying again later may help."""


class PortLost(AssuageError):
    """The serial port was open and has gone: unplugged, or its other end has closed."""

    def __init__(self, sentence: str) -> None:
        super().__init__(Reason.PORT_LOST, sentence)


class LinkDown(AssuageError):
    """There is no live link to the board, so nothing can be asked of it (STOP is still tried)."""

    def __init__(self, sentence: str) -> None:
        super().__init__(Reason.LINK_DOWN, sentence)


class NoAnswer(AssuageError):
    """The board did not answer in time; whether it carried the command out is unknown."""

    def __init__(self, sentence: str) -> None:
        super().__init__(Reason.NO_ANSWER, sentence)


class Stopped(AssuageError):
    """STOP came while this order was under way, and the order was dropped."""

    def __init__(self, sentence: str = "STOP was given while this order was under way; it has been dropped.") -> None:
        super().__init__(Reason.STOPPED, sentence)


class Refused(AssuageError):
    """An order was refused. `status` is one of schema.STATUSES, or "readback-differs" when this host refused.

    `limit` is the limit that was exceeded, with its unit, e.g. "1200.00 mL/h", or None. `by` is "board" or "host".
    """

    def __init__(
        self,
        status: str,
        sentence: str,
        *,
        limit: str | None = None,
        by: str = "board",
        reason: Reason = Reason.REFUSED,
    ) -> None:
        super().__init__(reason, sentence)
        self.status = status
        self.limit = limit
        self.by = by


class PartFailed(AssuageError):
    """A part of the daemon has failed and cannot go on. `part` is its name."""

    def __init__(self, part: str, sentence: str) -> None:
        super().__init__(Reason.PART_FAILED, sentence)
        self.part = part
