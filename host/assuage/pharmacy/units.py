"""Volumes and rates as types of their own, exact, and the only place where mL becomes nL.

A person types mL and mL/h; the wire carries whole nL and nL/min. Everything between is Decimal, never a float: what
was typed is what is kept, and what is rounded (mL/h to whole nL/min, at most 0.00003 mL/h) is rounded here, once, and
shown in the read-back.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Final, Self

from assuage.errors import BadInput

NL_PER_ML: Final = 1_000_000
MINUTES_PER_H: Final = 60

_PLAIN = re.compile(r"(?:0|[1-9][0-9]{0,6})(?:\.[0-9]+)?")


def parse_decimal(text: object, field: str, unit: str, *, lo: Decimal, hi: Decimal, digits: int) -> Decimal:
    """The number that a person typed, exactly.

    text: str, int, Decimal, or a float from JSON (taken by its shortest decimal form, which is what was typed). lo,
    hi: inclusive range. digits: most digits after the point. Raises BadInput with a sentence that names the field.
    """
    name = field.capitalize()
    if isinstance(text, bool) or not isinstance(text, str | int | float | Decimal):
        raise BadInput(field, f"{name} must be a number in {unit}.")
    typed = (
        format(Decimal(repr(text)), "f")
        if isinstance(text, float)
        else format(text, "f")
        if isinstance(text, Decimal)
        else str(text)
    )
    typed = typed.strip()
    if not typed:
        raise BadInput(field, f"{name} is missing; give it in {unit}.")
    if typed.startswith("-"):
        raise BadInput(field, f"{name} cannot be negative.")
    if "," in typed:
        raise BadInput(field, f"{name}: write the decimal point as a point, not a comma.")
    if typed.startswith("."):
        raise BadInput(field, f"{name}: write a zero before the decimal point.")
    if not _PLAIN.fullmatch(typed):
        raise BadInput(field, f"{name} is not a plain number in {unit}, such as 12.5.")
    value = Decimal(typed)
    exponent = value.normalize().as_tuple().exponent
    if isinstance(exponent, int) and -exponent > digits:
        raise BadInput(field, f"{name} has too many digits after the point; at most {digits} can be used.")
    return within(value, field, unit, lo, hi)


def within(value: Decimal, field: str, unit: str, lo: Decimal, hi: Decimal) -> Decimal:
    """The value, when it is in the range. Raises BadInput."""
    if not lo <= value <= hi:
        raise BadInput(field, f"{field.capitalize()} must be between {plain(lo)} and {plain(hi)} {unit}.")
    return value


def plain(value: Decimal) -> str:
    """A decimal without exponent and without trailing zeros, as one writes a dose: 0.5, 10, 1200."""
    text = format(value, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


@dataclass(frozen=True, order=True, slots=True)
class Ml:
    """A volume in millilitres."""

    value: Decimal

    LO = Decimal("0.01")
    HI = Decimal("100")
    DIGITS = 3

    @classmethod
    def parse(cls, text: object, field: str = "volume") -> Self:
        """A typed volume: 0.01 to 100 mL, at most three digits after the point; or one that the pharmacy has
        reckoned, to the nanolitre. Raises BadInput."""
        if isinstance(text, cls):
            return cls(within(text.value, field, "mL", cls.LO, cls.HI))
        return cls(parse_decimal(text, field, "mL", lo=cls.LO, hi=cls.HI, digits=cls.DIGITS))

    @classmethod
    def from_nl(cls, nl: int) -> Self:
        """Exact."""
        return cls(Decimal(nl) / NL_PER_ML)

    @classmethod
    def highest(cls, nl: int) -> Self:
        """The highest volume with `DIGITS` digits that is at most so many nL."""
        return cls(Decimal(nl // 1000) / 1000)

    @property
    def nl(self) -> int:
        """Whole nanolitres. Exact for anything that `parse` accepts."""
        return _whole(self.value * NL_PER_ML)

    def __str__(self) -> str:
        return f"{plain(self.value)} mL"


@dataclass(frozen=True, order=True, slots=True)
class MlPerH:
    """A flow in millilitres per hour."""

    value: Decimal

    LO = Decimal("0.01")
    HI = Decimal("9999")  # above anything a board allows, so that the board itself is seen to refuse
    DIGITS = 2

    @classmethod
    def parse(cls, text: object, field: str = "rate") -> Self:
        """A typed rate: at least 0.01 mL/h, at most two digits after the point; or one that the pharmacy has
        reckoned, to the nL/min. Raises BadInput."""
        if isinstance(text, cls):
            return cls(within(text.value, field, "mL/h", cls.LO, cls.HI))
        return cls(parse_decimal(text, field, "mL/h", lo=cls.LO, hi=cls.HI, digits=cls.DIGITS))

    @classmethod
    def from_nl_per_min(cls, nl_per_min: int) -> Self:
        """Exact: 1 nL/min is 0.00006 mL/h."""
        return cls(Decimal(nl_per_min) * MINUTES_PER_H / NL_PER_ML)

    # c hundredths are 500/3 c nL/min before rounding, and that is never half way between two whole numbers. So they
    # become at most n when 1000 c <= 6 n + 3, and at least n when 1000 c >= 6 n - 3.

    @classmethod
    def highest(cls, nl_per_min: int) -> Self:
        """The highest rate with `DIGITS` digits whose `nl_per_min` is at most this one."""
        return cls(Decimal((6 * nl_per_min + 3) // 1000) / 100)

    @classmethod
    def lowest(cls, nl_per_min: int) -> Self:
        """The lowest rate with `DIGITS` digits whose `nl_per_min` is at least this one."""
        return cls(Decimal(-((3 - 6 * nl_per_min) // 1000)) / 100)

    @property
    def nl_per_min(self) -> int:
        """Whole nL/min, rounded half to even: 10 mL/h is 166 667 nL/min, 2 parts in a million high."""
        return _whole(self.value * NL_PER_ML / MINUTES_PER_H)

    def __str__(self) -> str:
        return f"{plain(self.value)} mL/h"


def _whole(value: Decimal) -> int:
    return int(value.to_integral_value(ROUND_HALF_EVEN))
