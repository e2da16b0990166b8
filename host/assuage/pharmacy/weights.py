"""Whether a weight can be this patient's: by age, or by height where an adult's is known.

The band is narrower than the step from pounds to kilograms (the library's check sees to that), so of 70 kg, 70 lb and
154 kg at most one passes without a reason.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from assuage.pharmacy.findings import Finding
from assuage.pharmacy.library import Library
from assuage.pharmacy.library_schema import Plausible
from assuage.pharmacy.prescription import Patient
from assuage.pharmacy.quantities import Age, Weight

GROWN = Age.of(18, "years")  # from when body mass index classes hold


@dataclass(frozen=True, slots=True)
class Band:
    """What is expected, and by what."""

    low: Weight
    high: Weight
    why: str
    source: str

    def holds(self, weight: Weight) -> bool:
        """Whether the weight needs no reason."""
        return self.low <= weight <= self.high


def expected(patient: Patient, library: Library) -> Band:
    """The weights that are plausible for this patient."""
    content = library.content
    if patient.height is not None and patient.age >= GROWN:
        square = patient.height.number("m") ** 2
        return _band(content.plausible_bmi, square, f"at {patient.height}", library)
    row = next((row for row in reversed(content.weight) if row.low <= patient.age), content.weight[0])
    return _band(content.plausible_weight, row.weight.number("kg"), f"at {patient.age}", library)


def _band(share: Plausible, kg: Fraction, why: str, library: Library) -> Band:
    return Band(Weight.of(share.low * kg, "kg"), Weight.of(share.high * kg, "kg"), why, library.source(share))


def doubt(patient: Patient, library: Library) -> Finding | None:
    """What is to be asked of a weight that is not expected."""
    band, weight = expected(patient, library), patient.weight
    if band.holds(weight):
        return None
    other = "lb" if weight.unit == "kg" else "kg"
    slip = Weight.of(weight.number(), other)
    return Finding(
        "weight",
        False,
        f"Weight {weight} is not between {_round(band.low)} and {_round(band.high)}, as expected {band.why}; source: "
        f"{band.source}.{f' Were {slip} meant?' if band.holds(slip) else ''}",
        band.source,
        asked=weight,
        also=(weight.to(other),),
    )


def _round(weight: Weight) -> str:
    return f"{float(weight.number('kg')):.3g} kg"
