"""Who is in the bed, as the record has it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from assuage.errors import BadInput, Refused
from assuage.pharmacy.library_schema import AREAS
from assuage.pharmacy.prescription import Patient
from assuage.pharmacy.quantities import Age, Weight
from assuage.record.recorder import Recording

NOBODY: Final = "Nobody is admitted to this bed with weight and age; admit the patient first."
_KEYS: Final = {words: key for key, words in AREAS.items()}


@dataclass(frozen=True, slots=True)
class Admitted:
    """patient: what doses go by; None where weight or age was not told. area: as the library names it, or ""."""

    name: str
    area: str
    patient: Patient | None

    def reckoned(self) -> Patient:
        """The patient of whom weight and age are known. Raises Refused."""
        if self.patient is None:
            raise Refused("no-patient", NOBODY, by="host")
        return self.patient


def admitted(record: Recording) -> Admitted | None:
    """The newest admission that nobody was discharged after; None: the bed is empty."""
    body = record.state.patient
    if not body:
        return None
    area = str(body.get("area", ""))
    try:
        patient = Patient(Age.parse(body.get("age", ""), "age"), Weight.parse(body.get("weight", ""), "weight"))
    except BadInput:
        patient = None
    return Admitted(str(body.get("patient", "")), _KEYS.get(area, area), patient)


def needed(record: Recording) -> tuple[Admitted, Patient]:
    """The same where nothing goes without. Raises Refused."""
    found = admitted(record)
    if found is None:
        raise Refused("no-patient", NOBODY, by="host")
    return found, found.reckoned()
