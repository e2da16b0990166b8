"""What else a conversation keeps count of."""

from __future__ import annotations

import pytest

from assuage.link.events import Link, Passing, Telemetry
from assuage.link.messages import Ask, Permit
from assuage_wire import schema
from tests.host.conversing import Wire
from tests.host.fake_board import FakeBoard


def test_lost_frames_are_counted_by_their_numbers() -> None:
    wire = Wire().live()
    wire.run(1)
    assert wire.host.frames_lost == 0
    lost = 0

    def lose(name: str) -> bool:
        nonlocal lost
        lost += name == "Pleth"
        return name == "Pleth"

    wire.board.lose_sent = lose
    wire.run(1)
    wire.board.lose_sent = lambda name: False
    wire.run(0.5)
    assert wire.host.frames_lost == lost > 5


def test_telemetry_carries_the_time_it_was_measured_on_this_hosts_clock() -> None:
    wire = Wire(FakeBoard(100.0, first_ms=123_456)).live()
    wire.run(10)
    newest = [e for e in wire.events if isinstance(e, Telemetry)][-1]
    assert newest.measured_at == pytest.approx(newest.at, abs=0.01)
    assert newest.measured_at <= newest.at


def test_nothing_is_due_without_a_port_and_something_always_with_one() -> None:
    wire = Wire()
    assert wire.host.next_due() is None
    wire.open()
    for _ in range(500):
        wire.step()
        due = wire.host.next_due()
        assert due is not None
        wire.now += 0.005
    wire.host.closed(wire.now, "The port has gone.")
    assert wire.host.next_due() is None
    wire.host.tick(wire.now)
    assert wire.host.take_frames() == []


def test_an_ask_and_a_permit_are_told_and_what_another_board_said_is_passed_at_once_and_once() -> None:
    wire = Wire().live()
    wire.board.send("Ask", [9, 1, 1])
    wire.run(0.02)
    assert [e.message for e in wire.events if isinstance(e, Passing)] == [Ask(9, 1, 1)]
    permit = Permit(9, 1, 2, 255, 2, 0, schema.NONE16, 0)
    wire.host.pass_on(permit)
    wire.host.pass_on(Ask(8, 3, 0))
    wire.run(0.5)
    assert len(wire.board.received("PassPermit")) == len(wire.board.received("PassAsk")) == 1
    session = wire.board.session
    assert wire.board.received("PassPermit") == [{"session": session, **permit._asdict()}]


def test_nothing_is_kept_to_be_passed_later() -> None:
    wire = Wire().live()
    wire.board.mute = True
    wire.until(lambda: wire.host.state is Link.LOST)
    wire.host.pass_on(Permit(9, 1, 2, 255, 2, 0, schema.NONE16, 0))
    wire.board.mute = False
    wire.until(lambda: wire.host.state is Link.LIVE)
    wire.board.ignore = {"Stop"}
    wire.host.stop(wire.now)
    wire.host.pass_on(Permit(9, 2, 2, 255, 2, 0, schema.NONE16, 0))
    wire.board.ignore = set()
    wire.run(0.5)
    assert wire.board.received("PassPermit") == []


def test_unknown_status_codes_do_not_break_the_conversation() -> None:
    wire = Wire().live()
    wire.board.send("Reply", [wire.board.session, 1, 200, 0, 200, *wire.board.time(), 200])
    wire.board.send("PumpStatus", [*wire.board.time(), 200, 201, *[0] * 17])
    wire.run(0.1)
    assert wire.host.state is Link.LIVE
    assert len(schema.STATUSES) < 200
