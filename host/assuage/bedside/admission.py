"""Who is in the bed: admitted, weighed, discharged. What is known of the patient stands in the record alone.

A new weight is an entry of its own. Nothing that runs is changed by it: a programme goes on by the weight that it was
prescribed for, and screens say so.
"""

from __future__ import annotations

import asyncio
import dataclasses
import time
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from assuage.bedside.acting import WHO
from assuage.bedside.active import CONFIRMED, OFFERED
from assuage.bedside.bed import Bed
from assuage.bedside.names import person
from assuage.bedside.snapshot import MOVING
from assuage.bedside.supervision import Supervision
from assuage.errors import BadInput, Reason, Refused
from assuage.record.events import Admission, Discharge, Event, Weighed
from assuage.record.recorder import Recording
from assuage.store.trouble import StoreError

if TYPE_CHECKING:  # the units are slow to import
    from assuage.pharmacy.library import Library
    from assuage.pharmacy.prescription import Patient

SEXES: Final = ("female", "male", "other")
NOTE_MOST: Final = 200  # characters
LABEL_MOST: Final = 64

KEYS: Final = {
    "admit": frozenset({"patient", "weight", "age", "area", "sex", "height", "note", "reason"}),
    "weigh": frozenset({"weight", "note", "reason"}),
    "discharge": frozenset({"note"}),
}
NO_PATIENT: Final = "Nobody is admitted to this bed; admit the patient first, with weight and age."
IN_USE: Final = "{} is in this bed; discharge that patient first."
RUNS: Final = "The pump is not at rest; stop the infusion before the patient is discharged."
UNHEARD: Final = "The pump has not been heard; nobody is discharged while it may run. Look at the pump and its cable."
DOUBTED: Final = "{} Correct it, or say in a few words why it holds."
NOT_KEPT: Final = "This could not be entered in the record, so it does not hold; the host's disk needs attention."


@dataclasses.dataclass(frozen=True, slots=True)
class Admitted:
    """Who is in the bed, as doses go by it. area: the library's key. patient: None where the record tells no weight or
    no age, as one that another program has written may."""

    name: str
    area: str
    patient: Patient | None


def admitted(record: Recording) -> Admitted | None:
    """The newest admission that nobody was discharged after, with the newest weight; None: the bed is empty."""
    from assuage.pharmacy.prescription import Patient
    from assuage.pharmacy.quantities import Age, Height, Weight

    body = record.state.patient
    if not body:
        return None
    try:
        height = Height.parse(body["height"], "height") if body.get("height") else None
        patient = Patient(Age.parse(body.get("age", ""), "age"), Weight.parse(body.get("weight", ""), "weight"), height)
    except BadInput:
        patient = None
    return Admitted(str(body.get("patient", "")), str(body.get("area", "")), patient)


def needed(record: Recording) -> tuple[Admitted, Patient]:
    """The same where nothing goes without. Raises Refused."""
    found = admitted(record)
    if found is None or found.patient is None:
        raise Refused("no-patient", NO_PATIENT, by="host")
    return found, found.patient


class Admissions:
    """Of one bed. pumps: of all its pumps, the first one first. library: reads the drug library, by which a weight is
    doubted. wall: Unix time, s."""

    def __init__(
        self,
        pumps: Sequence[tuple[Bed, Supervision]],
        record: Recording,
        library: Callable[[], Library],
        wall: Callable[[], float] = time.time,
    ) -> None:
        self._pumps, self._record, self._library, self._wall = pumps, record, library, wall
        self._bed = pumps[0][0]
        self._show()

    @property
    def patient(self) -> Mapping[str, Any]:
        """Body of the Admission, with the newest weight. Raises Refused where nobody is in the bed."""
        found = self._record.state.patient
        if not found:
            raise Refused("no-patient", NO_PATIENT, by="host")
        return found

    async def admit(self, body: Mapping[str, Any]) -> dict[str, Any]:
        """A patient comes. body: patient, weight, age and area; sex, height and note where they are known; a reason
        where the weight is not expected. Raises BadInput or Refused."""
        from assuage.pharmacy.library_schema import AREAS
        from assuage.pharmacy.prescription import Patient
        from assuage.pharmacy.quantities import Age, Height, Weight

        _known("admit", body)
        by, library = person(WHO.get()), await asyncio.to_thread(self._library)
        if self._record.state.patient:
            raise Refused("in-use", IN_USE.format(self._record.state.patient["patient"]), by="host")
        area, sex = body.get("area"), body.get("sex") or ""
        if area not in AREAS:
            raise BadInput("area", f"Choose the care area; there are {', '.join(AREAS)}.")
        if sex not in ("", *SEXES):
            raise BadInput("sex", f"Sex can be {', '.join(SEXES[:-1])} or {SEXES[-1]}, or be left out.")
        name = _text(body.get("patient"), "patient", LABEL_MOST, "Say who the patient is.")
        weight, age = Weight.parse(body.get("weight", ""), "weight"), Age.parse(body.get("age", ""), "age")
        height = Height.parse(body["height"], "height") if body.get("height") else None
        event = Admission(
            patient=name, weight=str(weight), age=str(age), height=str(height or ""), area=str(area), sex=str(sex),
            note=_note(body), reason=_reason(Patient(age, weight, height), library, body), by=by, when=self._now(),
        )  # fmt: skip
        self._forget_programme()
        await self._keep(event)
        return {"patient": self._bed.snapshot()["patient"]}

    async def weigh(self, body: Mapping[str, Any]) -> dict[str, Any]:
        """The patient has another weight. body: weight, note, and a reason where it is not expected. Raises BadInput or
        Refused."""
        from assuage.pharmacy.quantities import Weight

        _known("weigh", body)
        by, library = person(WHO.get()), await asyncio.to_thread(self._library)
        was, weight = self.patient["weight"], Weight.parse(body.get("weight", ""), "weight")
        known, reason = admitted(self._record), ""
        if known is not None and known.patient is not None:
            reason = _reason(dataclasses.replace(known.patient, weight=weight), library, body)
        event = Weighed(weight=str(weight), was=was, note=_note(body), reason=reason, by=by, when=self._now())
        await self._keep(event)
        return {"patient": self._bed.snapshot()["patient"]}

    async def discharge(self, body: Mapping[str, Any]) -> dict[str, Any]:
        """The patient leaves; what was programmed and not begun cannot be started. Raises BadInput or Refused."""
        _known("discharge", body)
        by, name = person(WHO.get()), self.patient["patient"]
        for bed, _ in self._pumps:
            heard = bed.snapshot()["pump"]["state"]
            if heard == "unknown":
                raise Refused("bad-state", UNHEARD, by="host")
            if heard in MOVING or heard == "paused":
                raise Refused("bad-state", RUNS, by="host")
        self._forget_programme()
        await self._keep(Discharge(patient=name, note=_note(body), by=by, when=self._now()))
        return {}

    def _forget_programme(self) -> None:
        """What was programmed for somebody else and has not been begun cannot be started any more."""
        for bed, supervision in self._pumps:
            active = supervision.active
            if active is not None and active.stage in (OFFERED, CONFIRMED):
                supervision.end()
                bed.set_readback(None)

    async def _keep(self, event: Event) -> None:
        try:
            await self._record.keep(event)
        except StoreError:
            raise Refused("bad-state", NOT_KEPT, by="host", reason=Reason.PART_FAILED) from None
        finally:
            self._show()

    def _show(self) -> None:
        for bed, _ in self._pumps:
            bed.set_patient(self._record.state.patient)

    def _now(self) -> int:
        return round(self._wall() * 1000)


def _known(what: str, body: Mapping[str, Any]) -> None:
    for key in body:
        if key not in KEYS[what]:
            raise BadInput(str(key), f"There is no {str(key)[:40]!r} in this; it has {', '.join(sorted(KEYS[what]))}.")


def _reason(patient: Patient, library: Library, body: Mapping[str, Any]) -> str:
    """Why an unexpected weight holds all the same; "" for one that is expected."""
    from assuage.pharmacy.findings import REASON_LEAST
    from assuage.pharmacy.weights import doubt

    found = doubt(patient, library)
    if found is None:
        return ""
    reason = _text(body.get("reason"), "reason", NOTE_MOST, DOUBTED.format(found.sentence))
    if len(reason) < REASON_LEAST:
        raise BadInput("reason", DOUBTED.format(found.sentence))
    return reason


def _note(body: Mapping[str, Any]) -> str:
    return _text(body["note"], "note", NOTE_MOST, "") if body.get("note") else ""


def _text(value: object, field: str, most: int, missing: str) -> str:
    text = " ".join(value.split()) if isinstance(value, str) else ""
    if not text or len(text) > most or not text.isprintable():
        raise BadInput(field, missing or f"The {field} must be plain text of at most {most} characters.")
    return text
