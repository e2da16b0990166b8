"""What a host promises a board: one session, commands once, permission that nothing can lengthen, STOP before all
else."""

from __future__ import annotations

import contextlib
import random
from collections.abc import Callable
from typing import Any

import pytest

from assuage.errors import AssuageError, LinkDown, NoAnswer, Stopped
from assuage.link import messages
from assuage.link.conversation import Conversation
from assuage.link.events import BoardStopped, Event, Identified, Link, LinkChanged, Telemetry
from assuage.link.wire_fast import Splitter
from assuage_wire import schema, session
from assuage_wire.codec import WireError
from assuage_wire.schema import S30
from tests.host.fake_board import FakeBoard

PROGRAMME: dict[str, int] = {
    "programme": 77, "mode": 1, "rate": 166_667, "vtbi": 50_000_000, "duration": 20_000, "bore": 26_700,
    "capacity": 50_000_000, "limit_rate": 166_667, "limit_volume": 50_000_000, "on_loss": 0, "kvo": 0, "lease": 2000,
}  # fmt: skip


class Wire:
    """A conversation and a board joined in memory, in made-up time. `lose` says which host frames (by name) never
    arrive."""

    def __init__(self, board: FakeBoard | None = None, start: float = 100.0) -> None:
        self.now = start
        self.board = board or FakeBoard(start)
        self.host = Conversation(iter(range(500, 600)).__next__)
        self.events: list[Event] = []
        self.sent: list[tuple[float, messages.AnyMessage, bool]] = []
        self.lose: Callable[[str], bool] = lambda name: False
        self.cut = False  # host to board
        self._spy = Splitter(">")

    def open(self) -> None:
        self.host.opened(self.now)

    def step(self) -> None:
        for frame in self.host.take_frames():
            [(message, _)] = self._spy.feed(frame.data)
            self.sent.append((self.now, message, frame.first))
            if not self.cut and not self.lose(type(message).__name__):
                self.board.feed(frame.data, self.now)
        self.board.tick(self.now)
        if data := self.board.take():
            self.host.received(data, self.now)
        due = self.host.next_due()
        if due is not None and self.now >= due:
            self.host.tick(self.now)
        self.events += self.host.take_events()

    def run(self, seconds: float) -> None:
        end = self.now + seconds
        while self.now < end:
            self.step()
            self.now += 0.005
        self.step()

    def until(self, condition: Callable[[], bool], limit: float = 20.0) -> None:
        end = self.now + limit
        while not condition():
            assert self.now < end, "it did not come about"
            self.run(0.005)

    def live(self) -> Wire:
        self.open()
        self.until(lambda: self.host.state is Link.LIVE)
        return self

    def ask(self, name: str, **fields: int) -> list[Any]:
        """Sends a command; its outcome appears in the list."""
        outcome: list[Any] = []
        self.host.command(name, fields, self.now, outcome.append)
        return outcome

    def done(self, name: str, **fields: int) -> Any:
        outcome = self.ask(name, **fields)
        self.until(lambda: bool(outcome))
        assert len(outcome) == 1
        return outcome[0]

    def infuse(self) -> None:
        back = self.done("Programme", **PROGRAMME)
        assert self.done("Confirm", programme=77, token=back.token).status == 0
        assert self.done("Arm", programme=77).status == 0
        assert self.done("Start", programme=77, lease=2000).status == 0
        assert self.board.state == "infusing"

    def sent_since(self, at: float, kind: type) -> list[Any]:
        return [m for t, m, _ in self.sent if t >= at and isinstance(m, kind)]

    def links(self) -> list[Link]:
        return [e.state for e in self.events if isinstance(e, LinkChanged)]


# -- who is there ------------------------------------------------------------------------------------------------------


def test_a_board_is_identified_and_its_telemetry_follows() -> None:
    wire = Wire().live()
    wire.run(2)
    assert wire.links() == [Link.CONNECTING, Link.LIVE]
    [identified] = [e for e in wire.events if isinstance(e, Identified)]
    assert (identified.hello.boot, identified.new_boot) == (1, False)
    kinds = {type(e.message).__name__ for e in wire.events if isinstance(e, Telemetry)}
    assert kinds == {"PumpStatus", "Vitals", "Pleth", "Health"}


def test_telemetry_before_identification_is_not_shown() -> None:
    wire = Wire()
    wire.board.ignore = {"Identify"}
    wire.open()
    wire.run(3)
    assert wire.host.state is Link.CONNECTING
    assert not [e for e in wire.events if isinstance(e, Telemetry)]
    assert len(wire.board.received("Identify")) >= 10


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
    assert wire.events and wire.board.session == 501
    assert wire.done("Probe").status == 0


def test_a_restart_whose_hello_is_lost_is_noticed_by_the_clock() -> None:
    wire = Wire(FakeBoard(100.0, first_ms=600_000)).live()
    wire.run(1)
    wire.board.restart(wire.now)
    wire.board.session = 500  # so that it says Hello no more by itself
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
    assert wire.board.session == 501


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


# -- commands ----------------------------------------------------------------------------------------------------------


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
        wire.ask("Programme", **{**PROGRAMME, "rate": 0})
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
    assert wire.board.session == 500
    wire.host.stop(wire.now)
    wire.run(10)
    assert wire.board.session == 501
    assert wire.host.state is Link.LIVE
    assert wire.done("Probe").command < 100


# -- permission --------------------------------------------------------------------------------------------------------


def test_an_infusion_goes_on_while_permission_is_renewed_four_times_a_lease() -> None:
    wire = Wire().live()
    wire.infuse()
    wire.host.permit(77, 2000, wire.now)
    start = wire.now
    wire.run(10)
    assert wire.board.state == "infusing"
    grants = wire.sent_since(start, messages.Lease)
    assert 19 <= len(grants) <= 22
    assert [g.grant for g in grants] == sorted({g.grant for g in grants})


def test_without_permission_the_infusion_ends_with_its_first_grant() -> None:
    wire = Wire().live()
    wire.infuse()
    started = wire.now
    wire.until(lambda: wire.board.state == "stopped")
    assert wire.board.reason == "lease-lapsed"
    assert wire.now - started <= 2.01


def test_a_grant_never_reaches_further_than_a_lease_from_what_the_board_itself_has_told(seed: int) -> None:
    """Whatever is lost or late, in either direction and over the clock's wrap."""
    rng = random.Random(seed)
    wire = Wire(FakeBoard(100.0, first_ms=S30 - 4000)).live()
    wire.infuse()
    wire.host.permit(77, 2000, wire.now)
    wire.lose = lambda name: rng.random() < 0.2
    wire.board.lose_sent = lambda name: rng.random() < 0.5
    seen = 0
    for _ in range(2000):
        wire.run(0.005)
        ticks, wraps = wire.board.time()
        for _, message, _ in wire.sent[seen:]:
            if isinstance(message, messages.Lease):
                assert session.elapsed(message.until_ticks, message.until_wraps, ticks, wraps) <= 2000
        seen = len(wire.sent)
    assert wire.board.time()[1] == 1, "the clock has wrapped"


def test_a_board_that_cannot_be_heard_is_granted_nothing_new() -> None:
    wire = Wire().live()
    wire.infuse()
    wire.host.permit(77, 2000, wire.now)
    wire.run(1)
    wire.board.mute = True
    deaf_from = wire.now
    wire.until(lambda: wire.board.state == "stopped")
    assert wire.now - deaf_from <= 2.01


def test_permission_survives_a_short_silence_and_not_a_lost_port() -> None:
    wire = Wire().live()
    wire.infuse()
    wire.host.permit(77, 2000, wire.now)
    wire.board.mute = True
    wire.run(1.3)
    assert wire.host.state is Link.LOST
    wire.board.mute = False
    wire.run(10)
    assert wire.board.state == "infusing"
    wire.host.closed(wire.now, "The port has gone.")
    wire.open()
    wire.until(lambda: wire.host.state is Link.LIVE)
    back = wire.now
    wire.run(3)
    assert not wire.sent_since(back, messages.Lease)


def test_a_restarted_board_is_granted_nothing() -> None:
    wire = Wire().live()
    wire.infuse()
    wire.host.permit(77, 2000, wire.now)
    wire.run(1)
    wire.board.restart(wire.now)
    wire.run(0.1)
    back = wire.now
    wire.run(3)
    assert wire.host.state is Link.LIVE
    assert not wire.sent_since(back, messages.Lease)
    assert wire.board.state == "unconfirmed"


def test_withdrawn_permission_is_not_renewed() -> None:
    wire = Wire().live()
    wire.infuse()
    wire.host.permit(77, 2000, wire.now)
    wire.run(1)
    wire.host.withdraw()
    wire.until(lambda: wire.board.state == "stopped", limit=2.5)


# -- STOP --------------------------------------------------------------------------------------------------------------


def test_stop_goes_first_and_drops_what_has_not_left() -> None:
    wire = Wire().live()
    outcome = wire.ask("Arm", programme=1)
    wire.host.stop(wire.now)
    frames = wire.host.take_frames()
    assert [f.first for f in frames] == [True]
    [(message, _)] = Splitter(">").feed(frames[0].data)
    assert isinstance(message, messages.Stop)
    assert [type(o) for o in outcome] == [Stopped]


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


# -- small print -------------------------------------------------------------------------------------------------------


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


def test_unknown_status_codes_do_not_break_the_conversation() -> None:
    wire = Wire().live()
    wire.board.send("Reply", [wire.board.session, 1, 200, 0, 200, *wire.board.time()])
    wire.board.send("PumpStatus", [*wire.board.time(), 200, 201, *[0] * 12])
    wire.run(0.1)
    assert wire.host.state is Link.LIVE
    assert len(schema.STATUSES) < 200
