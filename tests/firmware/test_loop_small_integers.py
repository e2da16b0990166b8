"""On the board an integer beyond 30 bits is an allocation: clock and supervisor reckon with numbers that refuse to be
one, right across the wrap of the clock."""

from __future__ import annotations

import pytest

from assuage_rig.requirements import req
from link import clock as clocks
from supervisor import FROZEN_MS, Supervisor
from tests.firmware.small_integers import HI, Small


@req("SYS-005")
@pytest.mark.parametrize("mask", [(1 << 12) - 1, (1 << 16) - 1, HI])
@pytest.mark.parametrize("raw_left", [0, 900])
@pytest.mark.parametrize("ticks_left", [0, 700, 5000])
@pytest.mark.parametrize("late", [0, 60, FROZEN_MS + 100])
def test_a_loops_time_stays_small(mask: int, raw_left: int, ticks_left: int, late: int) -> None:
    raw = mask - raw_left
    clock = clocks.Clock(Small(raw), Small(mask), Small(HI - ticks_left), Small(65535))
    supervisor = Supervisor(lambda: Small(5), lambda *_: pytest.fail("nobody dies"), lambda _task: None)
    ran: list[int] = []
    for period in (25, 50, 1000):
        supervisor.add(str(period), ran.append, Small(period))
    supervisor.begin(clock.ticks)
    for _ in range(400):
        now = clock.ticks
        supervisor.turn(now)
        assert supervisor.well(now)
        ahead = (int(clock.raw(supervisor.next_due(now))) - raw) & mask
        raw = (raw + ahead + late) & mask
        clock.advance(Small(raw))
    assert all(isinstance(now, Small) for now in ran)
    assert min(ran) < 5000 and clock.wraps == 0
