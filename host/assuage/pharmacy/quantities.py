"""Doses, rates, weights and concentrations as types of their own, exact: no bare number, and never a float.

    rate = DoseRatePerWeight.parse("0.1 mg/kg/h") * Weight.parse("70 kg")      # 7 mg/h, a DoseRate
    flow = rate / Concentration.parse("2 mg/mL")                               # 3.5 mL/h, a Flow

Kinds of different meaning neither add nor compare: TypeError, which is a mistake of the program. What a person typed
wrongly is BadInput. What they have in common is quantity.py's. Products and quotients are reckoned there for all; what
stands here of them tells the type checker what comes of which.
"""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, Any, Final, overload

from assuage.pharmacy.quantity import Number, Quantity, exact, parse_one_of, shown

__all__ = [
    "KINDS", "Age", "Concentration", "DosePerWeight", "DoseRate", "DoseRatePerWeight", "Flow", "Height", "Mass",
    "Number", "Quantity", "Time", "Volume", "Weight", "exact", "parse_one_of", "shown",
]  # fmt: skip


class Mass(Quantity):
    """Of a drug. Whose it is, is said by substances.Dose."""

    __slots__ = ()
    UNITS = ("mg", "mcg", "g", "ng")
    SAMPLE = "20 mg"

    if TYPE_CHECKING:
        # fmt: off
        @overload
        def __mul__(self, other: Number) -> Mass: ...
        @overload
        def __mul__(self, other: Quantity) -> Any: ...
        def __mul__(self, other: Any) -> Any: ...
        @overload
        def __truediv__(self, other: Mass) -> Fraction: ...
        @overload
        def __truediv__(self, other: Concentration) -> Volume: ...
        @overload
        def __truediv__(self, other: Volume) -> Concentration: ...
        @overload
        def __truediv__(self, other: Time) -> DoseRate: ...
        @overload
        def __truediv__(self, other: Weight) -> DosePerWeight: ...
        @overload
        def __truediv__(self, other: DoseRate) -> Time: ...
        @overload
        def __truediv__(self, other: Number) -> Mass: ...
        def __truediv__(self, other: Any) -> Any: ...
        # fmt: on


class Weight(Quantity):
    """Of a patient."""

    __slots__ = ()
    UNITS = ("kg", "lb")
    SAMPLE = "70 kg"


class Volume(Quantity):
    """Of a solution."""

    __slots__ = ()
    UNITS = ("mL", "L")
    SAMPLE = "50 mL"

    if TYPE_CHECKING:
        # fmt: off
        @overload
        def __mul__(self, other: Concentration) -> Mass: ...
        @overload
        def __mul__(self, other: Number) -> Volume: ...
        def __mul__(self, other: Any) -> Any: ...
        @overload
        def __truediv__(self, other: Volume) -> Fraction: ...
        @overload
        def __truediv__(self, other: Time) -> Flow: ...
        @overload
        def __truediv__(self, other: Flow) -> Time: ...
        @overload
        def __truediv__(self, other: Number) -> Volume: ...
        def __truediv__(self, other: Any) -> Any: ...
        # fmt: on


class Time(Quantity):
    """A duration, an interval, a lockout."""

    __slots__ = ()
    UNITS = ("min", "h", "s")
    SAMPLE = "4 h"

    if TYPE_CHECKING:
        # fmt: off
        @overload
        def __mul__(self, other: DoseRate) -> Mass: ...
        @overload
        def __mul__(self, other: Flow) -> Volume: ...
        @overload
        def __mul__(self, other: Number) -> Time: ...
        def __mul__(self, other: Any) -> Any: ...
        @overload
        def __truediv__(self, other: Time) -> Fraction: ...
        @overload
        def __truediv__(self, other: Number) -> Time: ...
        def __truediv__(self, other: Any) -> Any: ...
        # fmt: on


class Concentration(Quantity):
    """Of a drug in a syringe, or in plasma. Per cent is not among its units: 1 % is read as 1 mg/mL too often."""

    __slots__ = ()
    UNITS = ("mg/mL", "mcg/mL", "ng/mL")
    SAMPLE = "10 mg/mL"

    if TYPE_CHECKING:
        # fmt: off
        @overload
        def __mul__(self, other: Volume) -> Mass: ...
        @overload
        def __mul__(self, other: Flow) -> DoseRate: ...
        @overload
        def __mul__(self, other: Number) -> Concentration: ...
        def __mul__(self, other: Any) -> Any: ...
        @overload
        def __truediv__(self, other: Concentration) -> Fraction: ...
        @overload
        def __truediv__(self, other: Number) -> Concentration: ...
        def __truediv__(self, other: Any) -> Any: ...
        # fmt: on


class DoseRate(Quantity):
    """Of a drug, for the whole patient."""

    __slots__ = ()
    UNITS = ("mg/h", "mcg/h", "mg/min", "mcg/min")
    SAMPLE = "7 mg/h"

    if TYPE_CHECKING:
        # fmt: off
        @overload
        def __mul__(self, other: Time) -> Mass: ...
        @overload
        def __mul__(self, other: Number) -> DoseRate: ...
        def __mul__(self, other: Any) -> Any: ...
        @overload
        def __truediv__(self, other: DoseRate) -> Fraction: ...
        @overload
        def __truediv__(self, other: Weight) -> DoseRatePerWeight: ...
        @overload
        def __truediv__(self, other: Concentration) -> Flow: ...
        @overload
        def __truediv__(self, other: Flow) -> Concentration: ...
        @overload
        def __truediv__(self, other: Number) -> DoseRate: ...
        def __truediv__(self, other: Any) -> Any: ...
        # fmt: on


class DosePerWeight(Quantity):
    """Of a drug, for each kilogram of the patient."""

    __slots__ = ()
    UNITS = ("mg/kg", "mcg/kg")
    SAMPLE = "0.3 mg/kg"

    if TYPE_CHECKING:
        # fmt: off
        @overload
        def __mul__(self, other: Weight) -> Mass: ...
        @overload
        def __mul__(self, other: Number) -> DosePerWeight: ...
        def __mul__(self, other: Any) -> Any: ...
        @overload
        def __truediv__(self, other: DosePerWeight) -> Fraction: ...
        @overload
        def __truediv__(self, other: Time) -> DoseRatePerWeight: ...
        @overload
        def __truediv__(self, other: Number) -> DosePerWeight: ...
        def __truediv__(self, other: Any) -> Any: ...
        # fmt: on


class DoseRatePerWeight(Quantity):
    """Of a drug, for each kilogram of the patient."""

    __slots__ = ()
    UNITS = ("mg/kg/h", "mcg/kg/h", "mg/kg/min", "mcg/kg/min")
    SAMPLE = "0.1 mg/kg/h"

    if TYPE_CHECKING:
        # fmt: off
        @overload
        def __mul__(self, other: Weight) -> DoseRate: ...
        @overload
        def __mul__(self, other: Time) -> DosePerWeight: ...
        @overload
        def __mul__(self, other: Number) -> DoseRatePerWeight: ...
        def __mul__(self, other: Any) -> Any: ...
        @overload
        def __truediv__(self, other: DoseRatePerWeight) -> Fraction: ...
        @overload
        def __truediv__(self, other: Number) -> DoseRatePerWeight: ...
        def __truediv__(self, other: Any) -> Any: ...
        # fmt: on


class Flow(Quantity):
    """Of a solution."""

    __slots__ = ()
    UNITS = ("mL/h", "mL/min")
    SAMPLE = "3.5 mL/h"

    if TYPE_CHECKING:
        # fmt: off
        @overload
        def __mul__(self, other: Time) -> Volume: ...
        @overload
        def __mul__(self, other: Concentration) -> DoseRate: ...
        @overload
        def __mul__(self, other: Number) -> Flow: ...
        def __mul__(self, other: Any) -> Any: ...
        @overload
        def __truediv__(self, other: Flow) -> Fraction: ...
        @overload
        def __truediv__(self, other: Number) -> Flow: ...
        def __truediv__(self, other: Any) -> Any: ...
        # fmt: on


class Age(Quantity):
    """Of a patient."""

    __slots__ = ()
    UNITS = ("years", "months", "days")
    SAMPLE = "54 years"


class Height(Quantity):
    """Of a patient."""

    __slots__ = ()
    UNITS = ("cm", "m", "inch")
    SAMPLE = "172 cm"


KINDS: Final[tuple[type[Quantity], ...]] = (
    Mass, Weight, Volume, Time, Concentration, DoseRate, DosePerWeight, DoseRatePerWeight, Flow, Age, Height,
)  # fmt: skip
