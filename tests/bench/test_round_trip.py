"""What the round trip counts is the answer to the very command it sent, and nothing else."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from assuage.link import messages
from assuage.link.wire_fast import pack
from assuage_wire.schema import STATUSES
from tests.bench.round_trip import Line

SHORT_S = 0.05


@pytest.fixture
def ends() -> Iterator[tuple[int, Line]]:
    """The board's end of a pty, where what it says can be laid out beforehand, and the line under test."""
    master, slave = os.openpty()
    line = Line(os.ttyname(slave))
    yield master, line
    for fd in (master, slave, line.fd):
        os.close(fd)


def hello(session: int) -> bytes:
    zeros = messages.Hello._make(0 for _ in messages.Hello._fields)
    return pack(zeros._replace(board=bytes(8), session=session), 0)


def reply(session: int, command: int, status: str = "ok") -> bytes:
    return pack(messages.Reply(session, command, STATUSES.index(status), *(0,) * 5), 0)


def test_only_the_hello_that_echoes_the_session_opens_it(ends: tuple[int, Line]) -> None:
    board, line = ends
    os.write(board, hello(0) + hello(7))
    line.open(7)
    os.write(board, hello(0))
    with pytest.raises(SystemExit, match="did not open a session in 2 tries"):
        line.open(8, 2, SHORT_S)
    asked = pack(messages.Identify(7), 0) + 2 * pack(messages.Identify(8), 0)
    assert os.read(board, 4096) == asked, "a board that still boots is asked again"


@pytest.mark.parametrize("strange", [reply(7, 1), reply(8, 2)], ids=["another command", "another session"])
def test_an_answer_to_something_else_is_not_counted(ends: tuple[int, Line], strange: bytes) -> None:
    board, line = ends
    os.write(board, strange)
    with pytest.raises(SystemExit, match="did not answer Probe 2"):
        line.probe(7, 2, SHORT_S)
    os.write(board, strange + reply(7, 2))
    line.probe(7, 2)


def test_a_refusal_ends_the_measurement_and_says_why(ends: tuple[int, Line]) -> None:
    board, line = ends
    os.write(board, reply(7, 2, "wrong-session"))
    with pytest.raises(SystemExit, match="wrong-session"):
        line.probe(7, 2)
