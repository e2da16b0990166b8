"""A board that is never switched off: syringe after syringe, across the wraps of its clock, on a quiet bench.

Its ticks wrap twice in 30 days. In the usual run two hours begin 3 s before that wrap, on hardware ticks of 12 bits.
"""

from __future__ import annotations

import itertools
import os
from collections.abc import Iterator
from typing import Any

import pytest

from assuage_rig.evidence import Collector
from assuage_rig.measuring import Measure
from assuage_rig.requirements import req
from assuage_rig.wirehost import WireHost
from assuage_wire.schema import NONE32
from tests import wraps

DAY_S = 86_400.0
DAYS = 30
STEPS, NL_PER_REV = 3200, 559_902  # a turn of 1 mm in a bore of 26.7 mm: pi/4 of its square
LONG = ((10.0, 40.0), (2.5, 30.0), (50.0, 45.0), (1.0, 20.0))  # mL/h, mL: 37 h together
SHORT = ((10.0, 5.0), (50.0, 20.0), (5.0, 4.0))  # 1.7 h
BRIEF = ((10.0, 0.2), (50.0, 0.5), (400.0, 1.0))  # 4 min: mistakes that show in any syringe
SOAK = os.environ.get("ASSUAGE_SOAK") == "1"


class Nurse(WireHost):
    """Grants seldom and for long, puts in a new syringe, and stores the journal."""

    GRANT_MS = 9_000
    GRANT_EVERY_S = 4.0

    def store(self) -> None:
        """Acknowledges all that the board has written down."""
        newest = self.last("Journal")["newest"]
        if newest != NONE32:
            record = self.order("Fetch", newest)
            self.order("Stored", record["number"], record["check"])

    def give(self, ml_h: float, ml: float) -> None:
        """One syringe to its end, and cleared."""
        self.bench.take_out(None)
        self.run(2.0)
        self.bench.fit("BD 50")
        self.run(5.0)
        self.start(ml_h=ml_h, ml=ml, lease=10_000, duration=200_000)
        self.run(ml / ml_h * 3600 + 10)
        assert (self.state, self.reason) == ("complete", "complete")
        self.hush()
        self.order("Clear", self.last("PumpStatus")["reason"])
        self.run(6.0)
        self.store()


@pytest.fixture(autouse=True)
def near_the_wrap(lasts: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Where there is no time to wait for the wraps, the board begins before them."""
    if lasts != "a month":
        wraps.begin(wraps.BITS[0], monkeypatch)
    yield


@req("SYS-021")
@pytest.mark.timeout(6 * 3600)
@pytest.mark.parametrize("lasts", ["minutes", "a month" if SOAK else "hours"])
def test_syringe_after_syringe_costs_no_memory_no_deadline_and_no_step(
    dut: Any, measure: Measure, evidence: Collector, lasts: str
) -> None:
    month = lasts == "a month"
    board = dut(quiet=True)
    host = Nurse(board, keep=False)
    host.run(6.0)
    host.identify()
    drive = board.circuit.drive
    rows = []
    free, wrapped = [], host.last("PumpStatus")["wraps"]
    for ml_h, ml in itertools.cycle(LONG) if month else SHORT if lasts == "hours" else BRIEF:
        before = drive.consumed
        host.give(ml_h, ml)
        due = round(ml * 1e6) * STEPS // NL_PER_REV
        health = host.last("Health")
        free.append(health["heap_free"])
        rows.append((board.now_us / 1e6 / DAY_S, ml_h, ml, drive.consumed - before - due, free[-1], health["overruns"]))
        if month and board.now_us >= DAYS * DAY_S * 1e6:
            break
    evidence.table("syringes", ("day", "mL/h", "mL", "steps off", "heap free", "missed"), rows)
    measure("SYS-021", "steps off", max(abs(row[3]) for row in rows), where=lasts)
    measure("SYS-021", "heap lost", free[0] - min(free), where=lasts)
    measure("SYS-021", "deadlines missed", host.last("Health")["overruns"], where=lasts)
    measure("SYS-021", "wraps of the clock", host.last("PumpStatus")["wraps"] - wrapped & 0xFFFF, where=lasts,
            lo=2 if month else 1, note="two in 30 days, one where it begins before it")  # fmt: skip
