"""Syringes by name: bore and volume. A table is where one starts; measuring the syringe in hand, and calibrating with
it, beats it.

Bores in mm are those of the Harvard Apparatus style tables that syringe-pump makers publish. Makers revise their
syringes, and other tables differ by 0.8 to 3.5 %, most for 1 mL. Delivered volume goes with the bore squared: BD 60
selected with a Terumo 60 fitted gives 24 % too much.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from assuage.errors import BadInput
from assuage.pharmacy.units import Ml

# maker and line: nominal volume in mL and bore in mm, in pairs
_TABLE: Final[dict[str, str]] = {
    "BD": "1 4.78  3 8.66  5 12.06  10 14.50  20 19.13  30 21.70  50 26.70  60 26.70",
    "B. Braun Omnifix": "1 4.69  3 9.65  5 12.50  10 15.90  20 20.00  30 22.50  50 29.20  60 29.20",
    "Terumo": "1 4.70  3 9.00  5 13.00  10 15.80  20 20.10  30 23.10  50 29.70  60 29.70",
    "Monoject": "1 4.67  3 8.86  6 12.65  12 15.72  20 20.12  35 23.67  60 26.64",
}


@dataclass(frozen=True, slots=True)
class Syringe:
    """One syringe: bore is the inner diameter of its barrel in mm, capacity its nominal volume."""

    name: str
    bore_mm: Decimal
    capacity: Ml

    @property
    def bore_um(self) -> int:
        """Bore in whole micrometres."""
        return int(self.bore_mm * 1000)


def _load() -> dict[str, Syringe]:
    found = {}
    for maker, row in _TABLE.items():
        numbers = row.split()
        for volume, bore in zip(numbers[::2], numbers[1::2], strict=True):
            name = f"{maker} {volume} mL"
            found[name] = Syringe(name, Decimal(bore), Ml(Decimal(volume)))
    return found


SYRINGES: Final = _load()


def syringe(name: object) -> Syringe:
    """The syringe of that name, e.g. "BD 50 mL". Raises BadInput when there is none."""
    found = SYRINGES.get(name) if isinstance(name, str) else None
    if found is None:
        raise BadInput("syringe", f"There is no syringe {name!r} in the table; choose one listed, such as BD 50 mL.")
    return found
