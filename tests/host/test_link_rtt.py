"""The round trip that is shown: measured however slow the link is, and gone when it is old."""

from __future__ import annotations

import pytest

from assuage.link.conversation import PROBE_SETTLED_S
from tests.host.conversing import Wire


class SlowWire(Wire):
    """What the board says arrives `late` seconds after it said it."""

    late = 0.0

    def open(self) -> None:
        self._way: list[tuple[float, bytes]] = []
        take = self.board.take

        def slowly() -> bytes:
            if data := take():
                self._way.append((self.now + self.late, data))
            arrived = b"".join(data for at, data in self._way if at <= self.now)
            self._way = [(at, data) for at, data in self._way if at > self.now]
            return arrived

        self.board.take = slowly  # type: ignore[method-assign]
        super().open()


@pytest.mark.parametrize("late", [0.01, 0.06, 0.2])
def test_a_slow_link_is_timed_and_its_clock_settles(late: float) -> None:
    wire = SlowWire()
    wire.late = late
    wire.live()
    wire.run(6)
    assert wire.host.rtt(wire.now) == pytest.approx(late, abs=0.02)
    assert wire.host.clock.settled


def test_a_round_trip_that_grows_is_shown_as_it_is() -> None:
    wire = SlowWire()
    wire.live()
    wire.run(6)
    wire.late = 0.3
    wire.run(2 * PROBE_SETTLED_S)
    assert wire.host.rtt(wire.now) == pytest.approx(0.3, abs=0.02)


def test_an_old_round_trip_is_not_shown() -> None:
    wire = SlowWire()
    wire.live()
    wire.run(6)
    wire.board.ignore = {"Probe"}
    wire.run(2 * PROBE_SETTLED_S + 0.1)
    assert wire.host.rtt(wire.now) is None
