"""A host that was held up finds old bytes in the port's buffer, and shows nothing of them as present."""

from __future__ import annotations

from assuage.bedside.bed import Bed
from assuage.link.events import Link
from assuage.link.messages import PumpStatus
from tests.host.conversing import Wire

BUFFER = 4096  # bytes that a tty keeps while nobody reads it


def _takes_a_step(wire: Wire) -> None:
    """What the board says arrives a step later: the link's clock settles on a round trip that is not nothing."""
    take, under_way = wire.board.take, b""

    def late() -> bytes:
        nonlocal under_way
        arrived, under_way = under_way, take()
        return arrived

    wire.board.take = late  # type: ignore[method-assign]


def test_after_seconds_without_reading_the_buffered_numbers_are_not_shown_and_fresh_ones_are() -> None:
    wire = Wire()
    _takes_a_step(wire)
    wire.live().run(10)
    bed = Bed("Bed 1", clock=lambda: wire.now)
    for event in wire.events:
        bed.handle(event)
    assert bed.snapshot()["vitals"]["spo2"] == 97.1

    buffer = b""
    for _ in range(4000):  # 20 s
        wire.now += 0.005
        wire.board.tick(wire.now)
        buffer = (buffer + wire.board.take())[:BUFFER]
    assert len(buffer) == BUFFER
    wire.host.received(buffer, wire.now)
    events = wire.host.take_events()
    for event in events:
        bed.handle(event)
    assert any(isinstance(getattr(event, "message", None), PumpStatus) for event in events)
    shown = bed.snapshot()
    assert shown["link"]["state"] == Link.LIVE.value
    assert (shown["pump"]["state"], shown["vitals"]["spo2"], shown["health"]) == ("unknown", None, None)
    assert min(shown["pump"]["age_s"], shown["vitals"]["age_s"]) > 10

    already = len(wire.events)
    wire.run(1.5)
    for event in wire.events[already:]:
        bed.handle(event)
    shown = bed.snapshot()
    assert (shown["pump"]["state"], shown["vitals"]["spo2"]) == ("standby", 97.1)
    assert shown["health"] is not None
