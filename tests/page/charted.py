"""A real record and real charting for the make-believe bed: a patient, an infusion and a past."""

from __future__ import annotations

import asyncio
import contextlib
import sqlite3
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from assuage.bedside.bed import Bed
from assuage.bedside.charting.chart import Charting
from assuage.bedside.recording import Chronicle
from assuage.pharmacy import library
from assuage.record.events import Admission, Assessment, Chart, Clinical, Event, Given, Pump
from assuage.record.recorder import Recorder

PROGRAMME = 17
STRENGTH = 10_000_000  # ng/mL
RATE = 1.4  # mL/h
MINUTE_MS = 60_000
WELL = {"nrs": "4", "poss": "2"}
CHECKED = {"line": "good", "rate": "as ordered", "volume": "agrees"}


class Charted:
    """Of one bed, from `begin` until `end`; nothing is charted before and after."""

    def __init__(self, bed: Bed) -> None:
        self._bed = bed
        self._running: asyncio.Task[None] | None = None
        self.chronicle: Chronicle | None = None
        self.path: Path | None = None

    def begin(self, events: Sequence[Event]) -> None:
        """events: the past, each with its own time."""
        self.end()
        self._running = asyncio.create_task(self._run(events))

    def end(self) -> None:
        """At once for the page; the file is closed later."""
        if self._running is not None:
            self._running.cancel()
        self._running = self.chronicle = self.path = None
        self._bed.charting = None
        self._bed.set_charting(None)

    async def _run(self, events: Sequence[Event]) -> None:
        with tempfile.TemporaryDirectory() as folder, contextlib.suppress(asyncio.CancelledError):
            async with await Recorder.open(Path(folder) / "bed.record.sqlite", self._bed.name) as record:
                for event in events:
                    await record.keep(event)
                self.path = record.path
                self.chronicle = Chronicle(self._bed, record)
                self._bed.charting = Charting(self._bed, record, library.own)
                await self._bed.charting.run()

    def doubt(self, why: str) -> None:
        """Charting tells this fault from now on."""
        charting = self._bed.charting
        assert charting is not None

        async def look() -> None:
            charting.history.fault = why

        charting.history.look = look  # type: ignore[method-assign]

    def damage(self) -> None:
        """Somebody changes what stands in the record."""
        assert self.path is not None
        with contextlib.closing(sqlite3.connect(self.path)) as db, db:
            for (name,) in db.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
                db.execute(f"DROP TRIGGER {name}")
            db.execute("UPDATE entry SET text = replace(text, '70 kg', '71 kg')")


def given_so_far(minutes: float) -> float:
    """mL of an infusion that began so long ago."""
    return RATE * minutes / 60


def past(
    minutes: float, assessed: Sequence[tuple[float, dict[str, str]]], given: Sequence[tuple[float, dict[str, Any]]],
    substance: str = "ketamine", weight: str = "70 kg",
) -> list[Event]:  # fmt: skip
    """A patient whose infusion began so many minutes ago (0: none runs), who was assessed and given doses by hand so
    many minutes ago."""
    now = time.time_ns() // 1_000_000

    def ago(least: float) -> int:
        return round(now - least * MINUTE_MS)

    told: list[Event] = [
        Admission(
            patient="M. Curie", weight=weight, age="54 years", area="acute", by="Dr B", when=ago(minutes + 30)
        )
    ]  # fmt: skip
    if minutes:
        flow = round(RATE * 1e6 / 60)
        told.append(
            Clinical(
                substance=substance, ng_per_ml=STRENGTH, dose="0.2 mg/kg/h", programme=PROGRAMME, by="Dr B",
                when=ago(minutes + 2),
            )
        )  # fmt: skip
        told.append(Pump(state="infusing", reason="none", programme=PROGRAMME, rate_nl_min=flow, when=ago(minutes)))
        for least in range(int(minutes) - 5, 0, -5):
            nl = round(given_so_far(minutes - least) * 1e6)
            told.append(
                Chart(
                    values={"spo2": 97, "pulse": 72}, state="infusing", programme=PROGRAMME, rate_nl_min=flow,
                    delivered_nl=nl, when=ago(least),
                )
            )  # fmt: skip
    told += [Assessment(by="Nurse A", values=values, when=ago(least)) for least, values in assessed]
    for least, fields in given:
        usual = {"substance": substance, "mass_ng": 25_000_000, "route": "iv", "site": "left forearm"}
        told.append(Given(by="Nurse A", when=ago(least), **{**usual, **fields}))
    return told
