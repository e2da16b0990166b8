"""A command is carried out once, whatever the line does."""

from __future__ import annotations

import contextlib
import random
from typing import Any

import pytest

from assuage.errors import AssuageError, LinkDown, NoAnswer
from assuage.link import messages
from assuage.link.events import Link
from assuage_rig.requirements import req
from assuage_wire import session
from assuage_wire.codec import WireError
from tests.host.conversing import PROGRAMME, Wire


@req("REC-003")
@pytest.mark.parametrize("lost", ["asked", "answered"])
def test_a_command_or_answer_that_is_lost_is_repeated_with_its_id_and_carried_out_once(lost: str) -> None:
    wire = Wire().live()
    gone = iter([True, True, False])
    if lost == "asked":
        wire.lose = lambda name: name == "Programme" and next(gone, False)
    else:
        wire.board.lose_sent = lambda name: name == "Readback" and next(gone, False)
    answer = wire.done("Programme", **PROGRAMME)
    assert isinstance(answer, messages.Readback)
    ids = {m.command for m in wire.sent_since(0, messages.Programme)}
    assert len(ids) == 1
    assert len(wire.sent_since(0, messages.Programme)) == 3
    assert wire.board.carried_out == ["Programme"]


def test_a_command_that_is_never_answered_fails_in_two_seconds() -> None:
    wire = Wire().live()
    wire.board.ignore = {"Arm"}
    asked_at = wire.now
    outcome = wire.ask("Arm", programme=1)
    wire.until(lambda: bool(outcome))
    assert isinstance(outcome[0], NoAnswer)
    assert wire.now - asked_at < 2.2
    before = len(wire.sent_since(0, messages.Arm))
    wire.run(3)
    assert len(wire.sent_since(0, messages.Arm)) == before


def test_every_answer_settles_its_command_once_under_loss_and_delay(seed: int) -> None:
    wire, rng = Wire().live(), random.Random(seed)
    wire.lose = lambda name: rng.random() < 0.3
    wire.board.lose_sent = lambda name: rng.random() < 0.3
    outcomes: list[list[Any]] = []
    for _ in range(100):
        wire.until(lambda: wire.host.state is Link.LIVE)
        with contextlib.suppress(NoAnswer):  # too many under way
            outcomes.append(wire.ask("Arm", programme=1))
        wire.run(rng.uniform(0, 0.3))
    wire.run(3)
    assert len(outcomes) > 50
    assert all(len(o) == 1 for o in outcomes)
    answered = sum(not isinstance(o[0], AssuageError) for o in outcomes)
    assert answered <= wire.board.carried_out.count("Arm") <= len(outcomes)


def test_an_order_that_the_table_does_not_allow_is_never_sent_and_takes_no_id() -> None:
    wire = Wire().live()
    with pytest.raises(WireError):
        wire.ask("Programme", **{**PROGRAMME, "vtbi": 0})
    wire.run(0.1)
    assert not wire.board.received("Programme")
    assert not wire.sent_since(0, messages.Programme)


def test_without_a_live_link_an_order_is_refused_at_once() -> None:
    wire = Wire()
    with pytest.raises(LinkDown):
        wire.ask("Arm", programme=1)
    wire.live()
    outcome = wire.ask("Arm", programme=1)
    wire.host.closed(wire.now, "The port has gone.")
    assert [type(o) for o in outcome] == [LinkDown]
    with pytest.raises(LinkDown):
        wire.ask("Arm", programme=1)


def test_no_more_commands_are_under_way_than_a_board_remembers() -> None:
    wire = Wire().live()
    wire.board.deaf = True
    with pytest.raises(NoAnswer):
        for _ in range(session.KEPT + 1):
            wire.ask("Arm", programme=1)


def test_when_the_ids_are_used_up_a_new_session_is_opened_but_not_while_infusing() -> None:
    wire = Wire().live()
    wire.infuse()
    wire.host.permit(77, 2000, wire.now)
    wire.host._commands._requests._last = 65535
    wire.run(10)
    assert wire.board.session == 501
    wire.host.stop(wire.now)
    wire.run(10)
    assert wire.board.session == 502
    assert wire.host.state is Link.LIVE
    assert wire.done("Probe").command < 100
