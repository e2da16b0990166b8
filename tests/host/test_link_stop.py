"""STOP goes before all else."""

from __future__ import annotations

import pytest

from assuage.errors import Stopped
from assuage.link import messages
from assuage.link.events import BoardStopped
from assuage.link.wire_fast import Splitter
from assuage_rig.requirements import req
from tests.host.conversing import PROGRAMME, Wire


def test_stop_goes_first_and_drops_what_has_not_left() -> None:
    wire = Wire().live()
    outcome = wire.ask("Arm", programme=1)
    wire.host.stop(wire.now)
    frames = wire.host.take_frames()
    assert [f.first for f in frames] == [True]
    [(message, _)] = Splitter(">").feed(frames[0].data)
    assert isinstance(message, messages.Stop)
    assert [type(o) for o in outcome] == [Stopped]


@req("PMP-004")
def test_stop_is_repeated_every_50_ms_until_it_is_answered_and_nothing_else_is_sent() -> None:
    wire = Wire().live()
    wire.infuse()
    wire.host.permit(77, 2000, wire.now)
    wire.cut = True
    wire.host.stop(wire.now)
    pressed = wire.now
    wire.run(0.9)
    assert 16 <= len(wire.sent_since(pressed, messages.Stop)) <= 19
    assert {type(m) for t, m, _ in wire.sent if t >= pressed} == {messages.Stop}
    with pytest.raises(Stopped):
        wire.ask("Start", programme=77, lease=2000)
    wire.cut = False
    wire.until(lambda: wire.board.state == "stopped", limit=0.06)
    wire.until(lambda: not wire.host.stopping, limit=0.06)
    [stopped] = [e for e in wire.events if isinstance(e, BoardStopped)]
    assert stopped.took == pytest.approx(wire.now - pressed, abs=0.02)
    assert len({m.token for m in wire.sent_since(pressed, messages.Stop)}) == 1


def test_a_start_that_was_not_answered_is_never_sent_after_stop() -> None:
    wire = Wire().live()
    back = wire.done("Programme", **PROGRAMME)
    wire.done("Confirm", programme=77, token=back.token)
    wire.done("Arm", programme=77)
    wire.lose = lambda name: name == "Start"
    outcome = wire.ask("Start", programme=77, lease=2000)
    wire.run(0.12)
    wire.host.stop(wire.now)
    pressed = wire.now
    wire.lose = lambda name: False
    wire.run(5)
    assert [type(o) for o in outcome] == [Stopped]
    assert not wire.sent_since(pressed, messages.Start)
    assert wire.board.state == "stopped"


def test_stop_pressed_without_a_port_is_the_first_word_when_it_is_back() -> None:
    wire = Wire().live()
    wire.infuse()
    wire.host.closed(wire.now, "The port has gone.")
    wire.host.stop(wire.now)
    assert wire.host.take_frames() == []
    wire.open()
    [(first, _)] = Splitter(">").feed(wire.host.take_frames()[0].data)
    assert isinstance(first, messages.Stop)
    wire.run(0.2)
    assert wire.board.state == "stopped"
    assert not wire.host.stopping


def test_the_answer_to_an_earlier_stop_does_not_count() -> None:
    wire = Wire().live()
    wire.host.stop(wire.now)
    wire.until(lambda: not wire.host.stopping)
    wire.board.ignore = {"Stop"}
    wire.host.stop(wire.now)
    wire.board.send("Stopped", [wire.board.received("Stop")[0]["token"], 7, 0])
    wire.run(0.3)
    assert wire.host.stopping
