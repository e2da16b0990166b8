"""Permission that nothing can lengthen, as the host grants it."""

from __future__ import annotations

import random
from itertools import pairwise

from assuage.link import messages
from assuage.link.events import Link
from assuage_rig.requirements import req
from assuage_wire import session
from assuage_wire.schema import S30
from tests.host.conversing import Wire
from tests.host.fake_board import FakeBoard


@req("SYS-015")
def test_an_infusion_goes_on_while_permission_is_renewed_four_times_a_lease() -> None:
    wire = Wire().live()
    wire.infuse()
    wire.host.permit(77, 1000, wire.now)
    start = wire.now
    wire.run(5)
    assert wire.board.state == "infusing"
    grants = wire.sent_since(start, messages.Lease)
    assert 19 <= len(grants) <= 22
    assert [g.grant for g in grants] == sorted({g.grant for g in grants})


def test_permission_is_renewed_so_often_that_a_board_never_takes_its_host_for_silent() -> None:
    """It tells of 1.5 s without one; three grants in a row may be lost, whatever the lease."""
    for lease_ms in (2000, 3000, 10_000):
        wire = Wire().live()
        wire.infuse()
        wire.host.permit(77, lease_ms, wire.now)
        start = wire.now
        wire.run(20)
        at = [at for at, message, _ in wire.sent if isinstance(message, messages.Lease) and at >= start]
        assert max(b - a for a, b in pairwise(at)) <= 0.42


def test_without_permission_the_infusion_ends_with_its_first_grant() -> None:
    wire = Wire().live()
    wire.infuse()
    started = wire.now
    wire.until(lambda: wire.board.state == "stopped")
    assert wire.board.reason == "lease-lapsed"
    assert wire.now - started <= 2.01


@req("PMP-005")
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


@req("SYS-015")
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
