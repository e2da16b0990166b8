"""From a prescription to a programme: checked by the library and by all that the patient has had, then offered to the
board like any order. `check` only says what would be found.

A prescription is a table of typed texts (pharmacy.prescription); what is left out of patient and care area is taken
from the admission. What concerns pump and syringe stands beside it.
"""

from __future__ import annotations

import asyncio
import importlib
import time
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Final

from assuage.bedside.acting import NO_RECORD, WHO
from assuage.bedside.admission import Admissions
from assuage.bedside.bed import Bed
from assuage.bedside.names import person
from assuage.bedside.orders import Meant, Orders
from assuage.errors import AssuageError, BadInput, Reason, Refused
from assuage.record.recorder import Recording
from assuage.store.trouble import StoreError
from assuage_wire import schema

if TYPE_CHECKING:
    from assuage.bedside.judging import Approved, Judged
    from assuage.bedside.running import Found
    from assuage.pharmacy.findings import Finding
    from assuage.pharmacy.library import Library

Body = Mapping[str, Any]

PUMP: Final = frozenset({
    "syringe", "on_loss", "occlusion_mmhg", "contents_ml", "near_empty_min", "kvo_ml_h", "guards",
})  # fmt: skip
NO_LIBRARY: Final = "The drug library is not there yet; try again in a second, or look at the host's services."
NOT_CLINICAL: Final = "What runs was checked against no library; change it in mL/h."
SINCE: Final = "{} since this was checked; prescribe it again, so that it counts."


class Prescribing:
    """Of one bed. load: reads the drug library; wall: Unix time, s."""

    def __init__(
        self,
        bed: Bed,
        orders: Orders,
        admissions: Admissions,
        record: Recording,
        load: Callable[[], Library],
        wall: Callable[[], float] = time.time,
    ) -> None:
        self._bed, self._orders, self._record, self._load, self._wall = bed, orders, record, load, wall
        self.admissions = admissions
        self._library: Library | None = None
        orders.still, orders.judge_change = self._still, self._judge_change
        bed.subscribe(self._on_change)
        label = bed.picture.label
        if label is not None and label.terms.get("clinical"):  # it may run for longer than the record is looked back
            told = label.terms["clinical"]
            record.state.intake.know(label.programme, told["drug"], told["ng_per_ml"])

    async def run(self) -> None:
        """Reads the library and tells of it; until cancelled. Raises AssuageError where it cannot be used."""
        self._library = await asyncio.to_thread(self._load)  # it takes a while, and STOP must not wait
        said = f"Prescriptions are checked by {self._library.content.title}, version {self._library.content.version}."
        self._bed.set_service("library", {"state": "up", "sentence": said, "hash": self._library.digest})
        await asyncio.to_thread(importlib.import_module, "assuage.bedside.target")  # before somebody types
        await asyncio.Event().wait()

    @property
    def library(self) -> Library:
        """By what is checked. Raises Refused while it is not there."""
        if self._library is None:
            raise Refused("no-library", NO_LIBRARY, by="host")
        return self._library

    def check(self, body: Body) -> dict[str, Any]:
        """What would be found, as far as it can be told of what has been typed (shape: judging.told). Of mode tci it is
        what a target is ordered with, and Targeting.would is told besides. body: prescription and, once it is chosen,
        the syringe; or the change of what runs as change() takes it. Never raises for what somebody typed."""
        from assuage.bedside import judging

        if "change" in body:
            return self._check_change(body["change"])
        try:
            library = self.library
            typed = self._with_patient(body.get("prescription"), required=False)
            aimed = typed.pop("mode") if typed.get("mode") == judging.TARGET else ""
        except (BadInput, Refused) as error:
            return judging.nothing(error)
        shown = judging.limits(typed, library) | {
            "given": judging.totals(self._record.state.intake, library, self._now()),
            "gauges": judging.pictured(typed, library, self._record.state.intake, self._now()),
        }
        try:
            if not aimed:
                judged = self._judge(typed)
                return judging.told(judged, library) | shown | judging.syringe(judged, body.get("syringe"))
            from assuage.bedside import target  # loaded before, see run

            judged = self._judge(target.prescription(typed))
            told = judging.told(judged, library) | shown | judging.syringe(judged, body.get("syringe"))
            told, aims = told | {"mode": aimed}, self._bed.targeting
            supposed = judging.supposed(judged, library, self._now())
            return told if aims is None else told | aims.would(typed, supposed)
        except AssuageError as error:
            return judging.nothing(error) | shown

    async def prescribe(self, body: Body) -> dict[str, Any]:
        """Checks and offers a prescription, and returns {"readback", "asked"}: the read-back has a clinical part
        (bedside.prescribed.part). body: prescription, pump (PUMP), overrides: [{"finding", "reason"}].

        Raises BadInput, Refused, LinkDown, NoAnswer or Stopped.
        """
        try:
            clinical, order, meant = self._order(body)
        except (BadInput, Refused) as error:
            self._orders.tell(error)
            raise
        readback = await self._orders.programme(order, clinical, meant)
        return {"readback": readback, "asked": dict(meant.asked)}

    def formulary(self) -> dict[str, Any]:
        """What there is to choose from (shape: formulary.formulary). Raises Refused while there is no library."""
        from assuage.pharmacy import formulary

        return formulary.formulary(self.library)

    async def change(self, body: Body) -> dict[str, Any]:
        """Offers another rate, or a bolus over a time, in the units in which a running prescription was made, and
        returns what the board has read back, with that as doses. body: programme, and rate, or dose and over; where
        the number, or all that is given, would be beyond what is usual, overrides as in prescribe, or one reason for
        all of it.

        Raises BadInput, Refused, LinkDown, NoAnswer or Stopped.
        """
        from assuage.bedside import changing, prescribed
        from assuage.pharmacy.findings import refuse_hard

        try:
            told, typed = self._runs(body), {key: value for key, value in body.items() if key != "overrides"}
            order, asked = prescribed.reckoned(told, typed)
            reasons = changing.reasons(body.get("overrides") or [])
            own = changing.own(told, typed, self.library)
            refuse_hard(own)
        except (BadInput, Refused) as error:
            self._orders.tell(error)
            raise
        why = {"reason": body["reason"]} if body.get("reason") else {}
        sent = {"programme": body["programme"], **order, **why}
        readback = await self._orders.change(sent, changing.named(own), reasons)
        prescribed.agree(readback, asked)
        return readback

    async def convert(self, body: Body) -> dict[str, Any]:
        """The dose of another substance that does about the same, because somebody asks for it; entered in the record,
        and counted in nothing. body: drug, to, dose, reason. Raises BadInput or Refused."""
        from assuage.bedside import judging

        by = person(WHO.get())
        event, told = judging.convert(body, self.library, by)
        try:
            await self._record.keep(event)
        except StoreError:
            raise Refused("bad-state", NO_RECORD, by="host", reason=Reason.PART_FAILED) from None
        return told

    def approve(self, prescription: object, overrides: object) -> tuple[dict[str, Any], Approved]:
        """A prescription with what the admission says of the patient, and that it may be ordered. overrides: as in
        prescribe. Raises BadInput or Refused."""
        from assuage.bedside import judging

        by, patient = person(WHO.get()), self.admissions.patient
        typed = self._with_patient(prescription, required=True)
        intake = self._record.state.intake
        return typed, judging.approve(typed, overrides, self.library, intake, patient, by, self._now())

    # -- inside --------------------------------------------------------------------------------------------------------

    def _runs(self, body: Body) -> Body:
        """The clinical part of the programme that is named, which runs. Raises Refused."""
        label, programme = self._bed.picture.label, body.get("programme")
        told: Body | None = label.terms.get("clinical") if label is not None and label.programme == programme else None
        if not told:
            raise Refused("unsupported", NOT_CLINICAL, by="host")
        return told

    def _check_change(self, typed: object) -> dict[str, Any]:
        """Of a change as far as it has been typed."""
        from assuage.bedside import changing, judging

        body = typed if isinstance(typed, Mapping) else {}
        shown: dict[str, Any] = {}
        try:
            told, library, intake, now = self._runs(body), self.library, self._record.state.intake, self._now()
            mode = {"mode": "bolus" if "dose" in body else "continuous"}
            there = {key: told[key] for key in ("drug", "area", "weight", "concentration")}
            shown = {"gauges": judging.pictured({**body, **there, **mode}, library, intake, now)}
            rate, volume = changing.volumes(told, body)
            own = changing.own(told, body, library)
            if self._bed.picture.label is not None and rate:
                own += changing.agreed(rate, self._bed.picture.label.terms.get("most_nl_min", 0))
            return changing.shown([*own, *self._together(told, rate, volume)]) | shown
        except AssuageError as error:
            return judging.nothing(error) | shown

    def _together(self, told: Body, rate: int, volume: int) -> list[Finding]:
        """What all that is given would come to with another rate, nL/min, or a bolus, nL."""
        from assuage.bedside import judging

        heard, intake = self._bed.picture.pump, self._record.state.intake
        if heard is None:
            return []
        m = heard.message
        left = max(0, m.vtbi - m.delivered)
        return judging.change(told, self.library, intake, self._now(), m.set_rate if volume else rate, volume, left)

    def _order(self, body: Body) -> tuple[Any, dict[str, Any], Meant]:
        for key in body:
            if key not in ("prescription", "pump", "overrides"):
                raise BadInput(str(key), f"There is no {str(key)[:40]!r} in what is prescribed.")
        pump = body.get("pump") or {}
        if not isinstance(pump, Mapping):
            raise BadInput("pump", "What concerns the pump must be a table of keys.")
        for key in pump:
            if key not in PUMP:
                raise BadInput(str(key), f"A prescription takes no {str(key)[:40]!r} for the pump.")
        typed, approved = self.approve(body.get("prescription"), body.get("overrides"))
        asked = {"prescription": typed, "pump": dict(pump)}
        return approved.clinical, {**approved.checked.input, **pump}, Meant(asked, approved.told)

    def _judge(self, typed: Body) -> Judged:
        from assuage.bedside import judging

        charted = self._record.state.patient.get("weight", "")
        return judging.judge(typed, self.library, self._record.state.intake, charted, self._now())

    def _with_patient(self, typed: object, required: bool) -> dict[str, Any]:
        """What was typed, and where nothing was, what the admission says."""
        if not isinstance(typed, Mapping):
            raise BadInput("prescription", "A prescription is missing.")
        patient = self.admissions.patient if required else self._record.state.patient
        known = {name: patient.get(name, "") for name in ("weight", "age", "area", "height")}
        made = {name: value for name, value in known.items() if value}
        return {**made, **{str(name): value for name, value in typed.items() if value not in (None, "")}}

    def _still(self, told: Body) -> None:
        """Before a start: whether it is still what was checked. Raises Refused."""
        from assuage.bedside import judging

        patient, intake, at = self.admissions.patient, self._record.state.intake, int(told["at"])
        if patient["patient"] != told["patient"]:
            raise Refused("bad-state", f"This was prescribed for {told['patient']}, who is not in this bed.", by="host")
        if patient["weight"] != told["charted"]:
            raise Refused("bad-state", SINCE.format(f"The weight is {patient['weight']}"), by="host")
        if self.library.digest != told["library"]:
            raise Refused("bad-state", SINCE.format("Another drug library holds"), by="host")
        if judging.counts(intake, self.library, str(told["drug"]), at + 1):
            raise Refused("bad-state", SINCE.format("Something was given"), by="host")

    def _judge_change(self, told: Body, rate: int, volume: int, left: int) -> list[Found]:
        """Of a change to what runs: the soft limits of an hour, four hours or a day that it would pass. Raises Refused
        for a hard one."""
        from assuage.bedside import changing, judging
        from assuage.pharmacy.findings import refuse_hard

        found = judging.change(told, self.library, self._record.state.intake, self._now(), rate, volume, left)
        refuse_hard(found)
        return changing.named(found)

    def _on_change(self, topic: str) -> None:
        """What the pump says counts at once, before the record has it."""
        heard = self._bed.picture.pump
        if topic != "pump" or heard is None:
            return
        at, intake = round(self._bed.unix(heard.at) * 1000), self._record.state.intake
        m = heard.message
        if m.programme:
            intake.heard(m.programme, m.delivered, at)
        if m.was_programme and m.was_high != schema.NONE32:  # what a reset has cut short gave at most so much
            intake.heard(m.was_programme, m.was_high, at)

    def _now(self) -> int:
        return round(self._wall() * 1000)
