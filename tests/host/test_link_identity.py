"""Who the board is, and whether it is still the same: the host's side of the link."""

from __future__ import annotations

import pytest

from assuage.errors import LinkDown, NoAnswer
from assuage.link.conversation import Conversation
from assuage.link.events import BoardStopped, Identified, Link, Telemetry
from assuage_rig.requirements import req
from tests.host.conversing import Wire
from tests.host.fake_board import FakeBoard


def test_a_board_is_identified_and_its_telemetry_follows() -> None:
    wire = Wire().live()
    wire.run(2)
    assert wire.links() == [Link.CONNECTING, Link.LIVE]
    [identified] = [e for e in wire.events if isinstance(e, Identified)]
    assert (identified.hello.boot, identified.new_boot) == (1, False)
    kinds = {type(e.message).__name__ for e in wire.events if isinstance(e, Telemetry)}
    assert kinds == {"PumpStatus", "Vitals", "Pleth", "Health", "Interlock"}


def test_telemetry_before_identification_is_not_shown() -> None:
    wire = Wire()
    wire.board.ignore = {"Identify"}
    wire.open()
    wire.run(3)
    assert wire.host.state is Link.CONNECTING
    assert not [e for e in wire.events if isinstance(e, Telemetry)]
    assert len(wire.board.received("Identify")) >= 10


@req("SYS-004")
def test_another_table_means_no_telemetry_and_no_orders_but_stop_works() -> None:
    wire = Wire()
    wire.board.schema ^= 1
    wire.open()
    wire.run(3)
    assert wire.host.state is Link.MISMATCH
    assert not [e for e in wire.events if isinstance(e, Telemetry)]
    with pytest.raises(LinkDown):
        wire.ask("Arm", programme=1)
    wire.host.stop(wire.now)
    wire.until(lambda: not wire.host.stopping)
    assert [e for e in wire.events if isinstance(e, BoardStopped)]
    assert wire.links() == [Link.CONNECTING, Link.MISMATCH]
    wire.board.mute = True
    wire.run(1.5)
    assert wire.host.state is Link.LOST


def test_a_second_of_silence_is_a_lost_link_and_a_word_makes_it_live_again() -> None:
    wire = Wire().live()
    wire.run(1)
    wire.board.mute = True
    silent_from = wire.now
    wire.until(lambda: wire.host.state is Link.LOST)
    assert 0.8 <= wire.now - silent_from <= 1.11
    session_before = wire.board.session
    wire.run(2)
    wire.board.mute = False
    wire.until(lambda: wire.host.state is Link.LIVE)
    assert wire.board.session == session_before
    assert not [e for e in wire.events if isinstance(e, Identified)][1:], (
        "the session went on, so nobody was identified anew"
    )


def test_a_restart_of_the_board_is_noticed_and_gets_a_new_session() -> None:
    wire = Wire().live()
    wire.run(5)
    wire.board.restart(wire.now)
    wire.until(lambda: [e.new_boot for e in wire.events if isinstance(e, Identified)] == [False, True])
    wire.until(lambda: wire.host.state is Link.LIVE)
    assert wire.events and wire.board.session == 502
    assert wire.done("Probe").status == 0


def test_a_restart_whose_hello_is_lost_is_noticed_by_the_clock() -> None:
    wire = Wire(FakeBoard(100.0, first_ms=600_000)).live()
    wire.run(1)
    wire.board.restart(wire.now)
    wire.board.session = 501  # so that it says Hello no more by itself
    wire.run(1)
    assert [e.hello.boot for e in wire.events if isinstance(e, Identified)] == [1, 2]


def test_a_board_that_restarts_while_the_port_is_gone_is_noticed() -> None:
    wire = Wire().live()
    wire.host.closed(wire.now, "The port has gone.")
    wire.board.restart(wire.now)
    wire.run(1)
    wire.open()
    wire.until(lambda: wire.host.state is Link.LIVE)
    assert [e.new_boot for e in wire.events if isinstance(e, Identified)] == [False, True]


def test_a_board_that_lost_the_session_gets_a_new_one() -> None:
    wire = Wire().live()
    wire.board.session = 9999
    outcome = wire.ask("Arm", programme=1)
    wire.until(lambda: bool(outcome))
    assert isinstance(outcome[0], NoAnswer)
    wire.until(lambda: wire.host.state is Link.LIVE)
    assert wire.board.session == 502


def test_an_endless_echo_of_our_own_bytes_is_no_board() -> None:
    host = Conversation()
    now = 0.0
    host.opened(now)
    for _ in range(400):
        for frame in host.take_frames():
            host.received(frame.data, now)
        host.tick(now)
        now += 0.01
    assert host.state is Link.CONNECTING
    assert host.splitter.type > 0


def test_a_board_whose_count_of_boots_stands_still_is_known_to_have_restarted_by_its_time() -> None:
    wire = Wire(FakeBoard(100.0, first_ms=600_000)).live()
    wire.run(1)
    for starts in (2, 3):
        wire.board.restart(wire.now)
        wire.board.boot = 1
        wire.until(lambda starts=starts: len([e for e in wire.events if isinstance(e, Identified)]) == starts)  # type: ignore[misc]
        wire.until(lambda: wire.host.state is Link.LIVE)
        changes = len(wire.links())
        wire.run(30)
        assert len(wire.links()) == changes, "the link stays"
        assert wire.done("Probe").status == 0
    assert [e.new_boot for e in wire.events if isinstance(e, Identified)] == [False, True, True]


def test_a_host_whose_first_session_was_its_predecessors_is_not_answered_with_that_ones_answers() -> None:
    board = FakeBoard(100.0)
    first = Wire(board).live()
    first.infuse()
    first.done("Clear", reason=0)
    later = Wire(board, first.now)
    later.host = Conversation(iter([board.session, *range(900, 999)]).__next__)
    later.live()
    before = len(board.carried_out)
    later.done("Clear", reason=0)
    assert board.carried_out[before:] == ["Clear"]
