"""TCP ports before anything is started: a taken one is told in one sentence, 0 becomes a free one."""

from __future__ import annotations

import contextlib
import errno
import socket
from dataclasses import dataclass

from assuage.errors import AssuageError, Reason


class PortTaken(AssuageError):
    """Something else listens where we want to, or we may not."""


@dataclass(frozen=True)
class Wanted:
    """A port to listen on. `purpose` and `remedy` go into the sentence when it is taken."""

    purpose: str
    host: str
    port: int  # 0: any free one
    remedy: str


def settle(wanted: list[Wanted]) -> list[int]:
    """The ports in order, each 0 replaced by a free port; none of them is given out twice.

    Raises PortTaken for the first that cannot be listened on. The ports are let go again, so that children can have
    them; that somebody else takes one meanwhile shows in the child's log.
    """
    with contextlib.ExitStack() as held:
        return [held.enter_context(_listen(one)).getsockname()[1] for one in wanted]


def _listen(wanted: Wanted) -> socket.socket:
    place = f"{wanted.host}:{wanted.port}"
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            wanted.host, wanted.port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        sock = socket.socket(family, kind, protocol)
    except OSError as error:
        raise PortTaken(
            Reason.BAD_INPUT, f"{wanted.purpose} cannot listen on {place} ({error.strerror}): {wanted.remedy}."
        ) from None
    try:
        # as servers do: a port whose last connections are still fading away is not taken
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        sock.bind(address)
        sock.listen(1)
    except OSError as error:
        sock.close()
        if error.errno == errno.EADDRINUSE:
            raise PortTaken(
                Reason.IN_USE, f"{wanted.purpose} cannot have port {place}, something else uses it: {wanted.remedy}."
            ) from None
        raise PortTaken(
            Reason.NO_PERMISSION, f"{wanted.purpose} cannot listen on {place} ({error.strerror}): {wanted.remedy}."
        ) from None
    return sock
