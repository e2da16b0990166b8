"""Charting at one bed: assessments and doses by hand go into the record, and what stops a pump stops it first.

What is due, what is overdue and what is predicted come from the record alone, once a second, so that a daemon which
starts again goes on where the last one was.
"""

from __future__ import annotations

import asyncio
import dataclasses
import logging
from collections.abc import Callable, Mapping
from typing import Any, Final

from assuage.bedside.acting import WHO
from assuage.bedside.admission import admitted, needed
from assuage.bedside.assessments.scales import Book, own
from assuage.bedside.bed import Bed
from assuage.bedside.charting import assessing, by_hand, overdue, refill, striking
from assuage.bedside.charting.entries import Input
from assuage.bedside.charting.found import Found
from assuage.bedside.charting.had import had
from assuage.bedside.charting.history import History
from assuage.bedside.charting.lately import until_now
from assuage.bedside.charting.outlook import Outlook
from assuage.bedside.charting.overdue import OnChange, Overdue
from assuage.bedside.charting.steady import Steady
from assuage.bedside.names import person
from assuage.bedside.sentences import code
from assuage.bedside.snapshot import MOVING, iso
from assuage.bedside.stopping import stop_all
from assuage.errors import AssuageError, BadInput, Reason, Refused
from assuage.link.events import Link
from assuage.pharmacy import guidance, routes
from assuage.pharmacy.library import Library
from assuage.pharmacy.syringes import SYRINGES, Syringe
from assuage.pharmacy.units import MlPerH
from assuage.record import words
from assuage.record.events import Event
from assuage.record.recorder import Recorder
from assuage.store.trouble import StoreError
from assuage_wire import schema

log = logging.getLogger(__name__)

LOOK_S: Final = 1.0
STOP_LIMIT_S: Final = 1.2
SETTLE_LOOKS: Final = 2  # looks at a pump that is heard, before what the last daemon left is compared with it
SETTLE_S: Final = 15.0  # when it is compared even if no pump is heard

AGAIN_S: Final = 30.0  # between two tries to read the library

NO_LIBRARY: Final = "What is due by the drug library is not known, so only what holds for every drug is told: {}"
NO_ENTRY: Final = "This could not be entered in the record; write it on paper, and the host's disk needs attention."
STOPPED: Final = "The pump has been stopped: {}"
NOT_STOPPED: Final = "The pump has not confirmed the stop; press the stop key on the pump now. {}{}"
MEANWHILE: Final = {
    "stop": " Without this host's permission, which is no longer renewed, it stops by itself within seconds.",
    "kvo": " Without this host's permission, which is no longer renewed, it falls back to the keep-vein-open rate.",
    "continue": " Until then it infuses on, for it was ordered to continue without this host.",
}
AGAIN: Final = "{} {} Then enter the assessment again, for nothing of it has been entered."


class Charting:
    """Of one bed. library: by which doses are checked, loaded when it is first needed. on_alarm: told when something
    becomes overdue, and when it is made good. Made in the event loop that uses it."""

    def __init__(
        self, bed: Bed, record: Recorder, library: Callable[[], Library], on_alarm: OnChange = lambda event: None,
        book: Book | None = None, syringes: Mapping[str, Syringe] = SYRINGES,
    ) -> None:  # fmt: skip
        self._syringes = syringes
        self._bed, self.record, self._load, self._on_alarm = bed, record, library, on_alarm
        self.book = own() if book is None else book
        self.steady = Steady(bed)
        self.history = History(record, self.steady)
        self.outlook = Outlook(bed, record, self.steady)
        self._found = Found(self.book, self.history, self.steady)
        self._library: Library | None = None
        self._again, self._fault = float("-inf"), ""  # when it is tried again, and what was wrong with it
        self._overdue: Overdue | None = None
        self._begun, self._looks = bed.now(), 0
        self._one_at_a_time = asyncio.Lock()

    async def run(self) -> None:
        """Keeps up what is due and predicted until cancelled."""
        try:
            while True:
                await self.look()
                await self.outlook.refresh(self.history)
                await asyncio.sleep(LOOK_S)
        finally:
            self._bed.set_charting(None)

    async def look(self) -> None:
        """Reads what is new in the record, and tells what follows from it."""
        await self.history.look()
        if not self.history.begun:
            self._bed.set_charting({**self._nothing(), "fault": self.history.fault})
            return
        here = admitted(self.record)
        now, told = self.steady.now(), self.history.told
        named = any(told.substance(each) for each in told.infusions.values())
        library = await self._library_or_none() if named else None
        if library is not None:
            self.outlook.groups = {key: drug.group for key, drug in library.content.drug.items()}
        dues = overdue.due_now(self.book, library, told, "" if here is None else here.area, now)
        if self._settled():
            if self._overdue is None:
                self._overdue = Overdue(self.record, self.history.alarms, self._on_alarm)
            self._overdue.look(dues, not told.infusions, self.steady.wall(now))
        self._bed.set_charting(
            {
                **self._nothing(),
                "infusions": self._infusions(),
                "due": [overdue.shown(each, self.steady) for each in dues],
                "alarms": [] if self._overdue is None else self._overdue.shown(),
                "stopped": self._found.stopped(self._stands()),
                "latest": self._found.latest(),
                "had": self.outlook.totals,
                "uncounted": list(self.outlook.uncounted),
                "sparing": self.outlook.sparing,
                "prediction": self.outlook.summary(),
                "fault": self.history.fault or self._fault,
            }
        )

    async def assess(self, data: Input) -> dict[str, Any]:
        """Enters an assessment; returns {"when", "sentence", "advice", "stop"}. What of it stops an infusion stops the
        pump at once, whatever else is wrong with the form, whenever it was found, and whether or not it can be entered.

        Who has found it is WHO. Raises BadInput, or Refused when the record cannot be written.
        """
        stopping = assessing.urgent(self.book, data)
        stop = await self._stop(" ".join(each.sentence for each in stopping)) if stopping else None
        try:
            entry, advice = assessing.read(self.book, data, person(WHO.get()), self._wall(), self._rate())
        except BadInput as error:
            if stop is None:
                raise
            raise BadInput(error.field, AGAIN.format(stop["sentence"], error.sentence)) from None
        await self._enter(entry)
        return {
            "when": iso((entry.when or 0) / 1000),
            "sentence": words.assessment(entry.body()),
            "advice": [assessing.shown(each) for each in advice],
            "stop": stop,
        }

    async def given(self, data: Input) -> dict[str, Any]:
        """Enters a dose that was given by hand; with `check` it is only checked. Returns {"entered", "dose",
        "findings", "together", "prediction", ...}. Raises BadInput, Refused or LibraryError."""
        entered = data.get("check") is not True
        by = person(WHO.get()) if entered else WHO.get()
        async with self._one_at_a_time:
            here, patient = needed(self.record)
            library = await self._loaded()
            await self.history.look()
            told, wall = until_now(self.history.told, self._bed, self.steady), self._wall()
            shift = wall - self.steady.now()

            def checked() -> by_hand.Hand:
                return by_hand.read(data, by, wall, here, patient, library, had(told), shift)

            hand = await asyncio.to_thread(checked)  # the units are slow to import, a long record slow to add up
            if entered:
                await self._enter(hand.entry(by_hand.judge(hand, data)))
                self.outlook.stale()
        return {
            "entered": entered,
            "when": iso(hand.when / 1000),
            "substance": hand.dose.substance.key,
            "dose": str(hand.dose.amount),
            "route": routes.short(hand.route),
            "findings": [guidance.finding(each) for each in hand.findings],
            "before": {what: str(total.amount) for what, total in hand.before.items()},
            "together": {what: str(total.amount) for what, total in hand.together.items()},
            "prediction": await self.outlook.joins(hand.dose.substance, hand.route, patient),
            "library": hand.library,
        }

    async def refilled(self, data: Input) -> dict[str, Any]:
        """Enters that another syringe is in a pump; returns {"when", "sentence"}. Raises BadInput or Refused."""
        by, library = person(WHO.get()), await self._loaded()
        pump = data.get("pump", "")
        beds = dict(zip(("", "second"), (self._bed, *self._bed.beside), strict=False))
        if not isinstance(pump, str) or pump not in beds:
            raise BadInput("pump", "Say which pump: leave it out for the first one, or give second.")
        bed = beds[pump]
        label, heard = bed.picture.label, bed.picture.pump
        mine = label is not None and heard is not None and heard.message.programme == label.programme
        ordered = label.terms.get("clinical") if label is not None and mine else None
        made = await asyncio.to_thread(refill.read, data, ordered, self._syringes, library, by)
        entry = dataclasses.replace(made, pump=pump, when=self._wall())
        await self._enter(entry)
        return {"when": iso((entry.when or 0) / 1000), "sentence": words.syringe(entry.body())}

    async def struck(self, data: Input) -> dict[str, Any]:
        """Enters that a dose by hand or an assessment was charted in error; returns {"when", "sentence"}. Nothing that
        was done because of it is undone. Raises BadInput or Refused."""
        by = person(WHO.get())
        async with self._one_at_a_time:  # an entry is struck once
            entry = await asyncio.to_thread(striking.read, data, by, self._wall(), self.record.path)
            await self._enter(entry)
            self.outlook.stale()
        return {"when": iso((entry.when or 0) / 1000), "sentence": words.struck(entry.body())}

    async def predicted(self, query: Mapping[str, str]) -> dict[str, Any]:
        """What is predicted, and what if. Raises BadInput or Refused."""
        _, patient = needed(self.record)
        await self.history.look()
        return await self.outlook.answer(self.history, patient, query)

    async def form(self) -> dict[str, Any]:
        """What can be entered: scales, side effects, what is only done; drugs and routes of doses by hand."""
        book, library = self.book, await self._loaded()
        return {
            "scales": [each.model_dump(mode="json") for each in book.scale],
            "effects": book.effects.model_dump(mode="json"),
            "tasks": [each.name for each in book.cadence if not each.of],
            "cadences": [each.model_dump(mode="json") for each in book.cadence],
            "rules": [each.model_dump(mode="json") for each in book.rule],
            "routes": routes.offered(),
            "drugs": by_hand.drugs(library),
        }

    # -- inside --------------------------------------------------------------------------------------------------------

    async def _stop(self, why: str) -> dict[str, Any]:
        """Presses STOP. Nobody waits for a disk, nor for a name that is missing."""
        try:
            answer = await stop_all(self._bed, STOP_LIMIT_S, why)
        except AssuageError as error:
            said = NOT_STOPPED.format(error.sentence, self._meanwhile())
            return {"state": "unknown", "why": why, "sentence": said}
        return {"state": answer["state"], "why": why, "sentence": STOPPED.format(why)}

    def _meanwhile(self) -> str:
        """What the pump does while STOP does not reach it; "" where it did not run when it was heard last."""
        heard = self._bed.picture.pump
        if heard is None or code(schema.STATES, heard.message.state) not in MOVING:
            return ""
        return MEANWHILE.get(code(schema.ON_LOSS, heard.message.on_loss), "")

    async def _enter(self, event: Event) -> None:
        try:
            await self.record.keep(event)
        except StoreError:
            raise Refused("bad-state", NO_ENTRY, by="host", reason=Reason.PART_FAILED) from None
        await self.look()

    async def _loaded(self) -> Library:
        if self._library is None:
            self._library = await asyncio.to_thread(self._load)
        return self._library

    async def _library_or_none(self) -> Library | None:
        """For what is due: tried again from time to time where it cannot be read, which `fault` tells."""
        if self._library is None and self._bed.now() >= self._again:
            try:
                await self._loaded()
                self._fault = ""
            except AssuageError as error:
                self._again, self._fault = self._bed.now() + AGAIN_S, NO_LIBRARY.format(error.sentence)
        return self._library

    def _wall(self) -> int:
        return self.steady.wall(self.steady.now())

    def _rate(self) -> MlPerH | None:
        """That flows now; None when nothing does, or nobody knows."""
        p = self._bed.picture
        if p.link is not Link.LIVE or p.pump is None or code(schema.STATES, p.pump.message.state) not in MOVING:
            return None
        return MlPerH.from_nl_per_min(p.pump.message.rate)

    def _settled(self) -> bool:
        """Whether what the pump does now can be in the history already."""
        if self._overdue is None:
            self._looks += self._bed.picture.pump is not None
        return self._looks >= SETTLE_LOOKS or self._bed.now() - self._begun >= SETTLE_S

    @staticmethod
    def _nothing() -> dict[str, Any]:
        return {
            "infusions": [], "due": [], "alarms": [], "stopped": None, "latest": {}, "had": {}, "uncounted": [],
            "sparing": [], "prediction": [], "fault": "",
        }  # fmt: skip

    def _infusions(self) -> list[dict[str, Any]]:
        told = self.history.told
        return [
            {
                "pump": pump,
                "programme": infusion.programme,
                "substance": told.substance(infusion),
                "begun": iso(self.steady.wall(infusion.begun) / 1000),
            }
            for pump, infusion in told.infusions.items()
        ]

    def _stands(self) -> bool:
        """Whether every pump is heard, and none moves."""
        pumps = [each.picture for each in (self._bed, *self._bed.beside)]
        return all(
            p.link is Link.LIVE and p.pump is not None and code(schema.STATES, p.pump.message.state) not in MOVING
            for p in pumps
        )
