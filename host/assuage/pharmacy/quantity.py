"""What all quantities have in common: exact fractions with units, typed in a way that cannot be misread.

pint knows the units, and which kind comes of a product or quotient. The registry is our own: the drug's mass and the
patient's are two dimensions in it, so that a milligram can never be taken for a part of a kilogram, and it has nothing
that nobody doses in. It is imported at the first use. How a unit is written follows ISMP's list of error-prone
abbreviations: mcg and not µg, mL with a capital, no naked decimal point, no trailing zero, a space before the unit.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING, Any, ClassVar, Final, Self

from assuage.errors import BadInput
from assuage.pharmacy.units import parse_decimal, plain

if TYPE_CHECKING:
    import pint

Number = int | str | Decimal | Fraction

DIGITS: Final = 4  # most digits after the point that a person may type
LARGEST: Final = Decimal(9_999_999)  # what parse_decimal reads at most
SMALLEST: Final = Decimal(1).scaleb(-DIGITS)

# A pound is exact by the international agreement of 1959. A year is 365.25 days.
_UNITS: Final = (
    "ng = [drug]", "mcg = 1000 * ng", "mg = 1000 * mcg", "g = 1000 * mg",
    "kg = [patient]", "lb = 0.45359237 * kg",
    "mL = [volume]", "L = 1000 * mL",
    "min = [time]", "h = 60 * min", "s = min / 60",
    "months = [age]", "years = 12 * months", "days = 16 * months / 487",
    "cm = [height]", "m = 100 * cm", "inch = 2.54 * cm",
)  # fmt: skip

_ALIKE: Final = {
    "µg": "mcg", "μg": "mcg", "ug": "mcg", "microgram": "mcg", "micrograms": "mcg",
    "ml": "mL", "l": "L", "hr": "h", "lbs": "lb",
    "year": "years", "y": "years", "month": "months", "day": "days", "in": "inch",
}  # fmt: skip

_TYPED = re.compile(r"([^\sA-Za-zµμ%/]*)\s*(.*)", re.DOTALL)


@functools.cache
def _registry() -> pint.UnitRegistry[Any]:
    import pint

    made: pint.UnitRegistry[Any] = pint.UnitRegistry(None, non_int_type=Fraction)
    for unit in _UNITS:
        made.define(unit)
    return made


@functools.cache
def _in_base(unit: str, base: str) -> Fraction:
    """How many of `base` one `unit` is."""
    if unit == base:
        return Fraction(1)  # so that constants need no registry
    return Fraction(_registry().Quantity(Fraction(1), unit).to(base).magnitude)


_KINDS: list[type[Quantity]] = []  # every class below this one, in quantities.py
_RESULTS: dict[tuple[type[Quantity], type[Quantity], bool], tuple[type[Quantity] | None, Fraction]] = {}


def _result(left: type[Quantity], right: type[Quantity], divide: bool) -> tuple[type[Quantity] | None, Fraction]:
    """The kind that comes of a product or quotient, and what that of the bases is multiplied by; None for a pure
    number. Raises TypeError where nothing with a name comes of it."""
    found = _RESULTS.get((left, right, divide))
    if found is None:
        found = _RESULTS[left, right, divide] = _reckoned(left, right, divide)
    return found


def _reckoned(left: type[Quantity], right: type[Quantity], divide: bool) -> tuple[type[Quantity] | None, Fraction]:
    make = _registry().Quantity
    one, other = make(Fraction(1), left.UNITS[0]), make(Fraction(1), right.UNITS[0])
    made = (one / other if divide else one * other).to_reduced_units()
    if made.dimensionless:
        return None, Fraction(made.magnitude)
    for kind in _KINDS:
        if made.check(kind.UNITS[0]):
            return kind, Fraction(made.to(kind.UNITS[0]).magnitude)
    raise TypeError(f"{left.__name__} {'/' if divide else '*'} {right.__name__} is no quantity that is used here")


def exact(number: Number) -> Fraction:
    """The number as a fraction. Raises TypeError for a float, which is hardly ever what was meant."""
    if isinstance(number, bool) or not isinstance(number, int | str | Decimal | Fraction):
        raise TypeError(f"{number!r} is not an exact number")
    return Fraction(number)


@dataclass(frozen=True, slots=True, order=True)
class Quantity:
    """Base of all kinds. base: in the kind's first unit; unit: one of UNITS, in which it is shown.

    Two are equal when they are as much, whatever the unit. UNITS are all that may be typed; SAMPLE is in sentences.
    """

    base: Fraction
    unit: str = field(compare=False)

    UNITS: ClassVar[tuple[str, ...]] = ()
    SAMPLE: ClassVar[str] = ""

    def __init_subclass__(cls) -> None:
        _KINDS.append(cls)

    @classmethod
    def of(cls, number: Number, unit: str) -> Self:
        """So many of a unit of this kind, exactly; for code and data. Raises TypeError or ValueError."""
        if unit not in cls.UNITS:
            raise ValueError(f"{cls.__name__} has no unit {unit!r}, only {', '.join(cls.UNITS)}")
        return cls(exact(number) * _in_base(unit, cls.UNITS[0]), unit)

    @classmethod
    def parse(cls, text: object, field: str = "", unit: str | None = None) -> Self:
        """What a person typed: a positive number and its unit, or a number whose unit was chosen beside it.

        Raises BadInput with the units there are.
        """
        name = field or cls.__name__.lower()
        typed = text.strip() if isinstance(text, str) else text
        if unit is None:
            if isinstance(typed, str) and typed:
                found = _TYPED.fullmatch(typed)
                assert found is not None  # it matches anything
                typed, unit = found[1], found[2]
            else:
                unit = ""
        named = _spelt(unit)
        if typed in ("", None):
            raise BadInput(name, f"{name.capitalize()} is missing; write it with its unit, such as {cls.SAMPLE}.")
        if named not in cls.UNITS:
            said = (
                f"the unit is missing; write it as in {cls.SAMPLE}" if not named else f"{named[:20]!r} is not its unit"
            )
            raise BadInput(name, f"{name.capitalize()}: {said}; the units are {_listed(cls.UNITS)}.")
        number = parse_decimal(typed, name, named, lo=SMALLEST, hi=LARGEST, digits=DIGITS)
        return cls.of(number, named)

    @classmethod
    def estimate(cls, number: float, unit: str, digits: int = 6) -> Self:
        """What a model has reckoned in floats, to so many significant digits. Nothing that is dosed comes this way."""
        return cls.of(Decimal(f"{number:.{digits - 1}e}"), unit)

    @classmethod
    def from_json(cls, data: Mapping[str, str]) -> Self:
        """What `as_json` made. Raises KeyError, TypeError or ValueError."""
        return cls.of(Fraction(data["value"]), data["unit"])

    def as_json(self) -> dict[str, str]:
        """Exact: {"value": "0.1", "unit": "mg/kg/h"}; what no decimal can say is a fraction, "1/3"."""
        number = self.number()
        finite = _decimal(number)
        return {"value": str(number) if finite is None else plain(finite), "unit": self.unit}

    def number(self, unit: str | None = None) -> Fraction:
        """How many of that unit, exactly; of its own when none is named."""
        return self.base / _in_base(unit or self.unit, self.UNITS[0])

    def approximate(self, unit: str) -> float:
        """The same for models and plots, where exactness ends."""
        return float(self.number(unit))

    def to(self, unit: str) -> Self:
        """The same quantity, shown in another unit. Raises ValueError."""
        if unit not in self.UNITS:
            raise ValueError(f"{type(self).__name__} has no unit {unit!r}, only {', '.join(self.UNITS)}")
        return type(self)(self.base, unit)

    def __str__(self) -> str:
        return f"{shown(self.number())} {self.unit}"

    def __add__(self, other: Self) -> Self:
        return type(self)(self.base + other.base, self.unit) if type(other) is type(self) else NotImplemented

    def __sub__(self, other: Self) -> Self:
        return type(self)(self.base - other.base, self.unit) if type(other) is type(self) else NotImplemented

    def __mul__(self, other: Any) -> Any:
        if not isinstance(other, Quantity):
            return type(self)(self.base * exact(other), self.unit)
        kind, factor = _result(type(self), type(other), False)
        made = self.base * other.base * factor
        return made if kind is None else kind(made, kind.UNITS[0])

    def __rmul__(self, other: Any) -> Any:
        return self * other

    def __truediv__(self, other: Any) -> Any:
        if not isinstance(other, Quantity):
            return type(self)(self.base / exact(other), self.unit)
        kind, factor = _result(type(self), type(other), True)
        made = self.base / other.base * factor
        return made if kind is None else kind(made, kind.UNITS[0])


def shown(number: Fraction, digits: int = 4) -> str:
    """As one writes a dose: exact where a decimal of at most six places is, else rounded, and it says so."""
    finite = _decimal(number)
    if finite is not None and (finite.is_zero() or -int(finite.normalize().as_tuple().exponent) <= 6):
        return plain(finite)
    return f"about {plain(Decimal(f'{Decimal(number.numerator) / number.denominator:.{digits - 1}e}'))}"


def _decimal(number: Fraction) -> Decimal | None:
    """Exact; None where no decimal of up to 20 places is."""
    scaled = number * 10**20
    return Decimal(scaled.numerator).scaleb(-20) if scaled.denominator == 1 and abs(scaled) < 10**28 else None


def _spelt(unit: str) -> str:
    """The unit by the names that are used here, part by part."""
    return "/".join(_ALIKE.get(part.strip(), part.strip()) for part in unit.split("/"))


def _listed(units: tuple[str, ...]) -> str:
    return units[0] if len(units) == 1 else f"{', '.join(units[:-1])} or {units[-1]}"


def parse_one_of(text: object, kinds: tuple[type[Quantity], ...], field: str) -> Quantity:
    """What a person typed where several kinds are possible, such as a rate per weight or in all: the unit says which.

    Raises BadInput with all units there are.
    """
    typed = text.strip() if isinstance(text, str) else ""
    found = _TYPED.fullmatch(typed)
    unit = _spelt(found[2]) if found else ""
    for kind in kinds:
        if unit in kind.UNITS:
            return kind.parse(typed, field)
    units = tuple(unit for kind in kinds for unit in kind.UNITS)
    said = f"{unit[:20]!r} is not its unit" if unit else f"write it with its unit, such as {kinds[0].SAMPLE}"
    raise BadInput(field, f"{field.capitalize()}: {said}; the units are {_listed(units)}.")
