"""Which orders two people have to compare: high-alert drugs, and what is most often behind a wrong dose.

After ISMP's list of high-alert medications in acute care settings (opioids among them) and its advice to keep
independent double checks for few, chosen moments.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from typing import Final

from assuage.pharmacy.library import Library
from assuage.pharmacy.prescription import Prescription
from assuage.pharmacy.quantities import Concentration, DoseRate
from assuage.pharmacy.substances import Substance

DOUBLED: Final = 2


@dataclass(frozen=True, slots=True)
class Before:
    """What the patient has had lately. solution, rate: of this substance's last programme, None where there is none;
    others: substances of the same group; converted: whether a dose was converted into this one."""

    solution: Concentration | None = None
    rate: DoseRate | None = None
    others: tuple[Substance, ...] = ()
    converted: bool = False


def highest(p: Prescription) -> DoseRate | None:
    """The highest rate that the order itself holds, beside single doses; None where it has only those."""
    rates = [p.dose_rate(each) for each in (p.rate, *(step.rate for step in p.steps)) if each is not None]
    return max(rates, default=None)


def always(library: Library, drug: str) -> bool:
    """Whether each order of it is compared by two."""
    entry = library.drug(drug)
    return entry.high_alert or entry.group == "opioid"


def alerts(p: Prescription, overridden: Iterable[str], library: Library, before: Before) -> tuple[str, ...]:
    """One sentence for each reason why a second person has to compare it; none for most orders."""
    found = []
    if always(library, p.drug):
        found.append(f"{p.substance} is a high-alert drug.")
    codes = tuple(overridden)
    if codes:
        names = dict.fromkeys(code.partition(":")[0] for code in codes)
        found.append(f"It goes beyond what the library finds usual ({', '.join(names)}).")
    now = highest(p)
    if now is not None and before.rate is not None and now > before.rate * Fraction(DOUBLED):
        found.append(f"The rate is more than twice that of the programme before, which was {before.rate}.")
    if before.solution is not None and before.solution != p.solution.amount:
        found.append(f"The syringe has {p.solution.amount}, the one before had {before.solution}.")
    found += [f"{other} was given within the last day, and this is {p.substance}." for other in before.others]
    if before.converted:
        found.append(f"A dose was converted into {p.substance}.")
    return tuple(found)
