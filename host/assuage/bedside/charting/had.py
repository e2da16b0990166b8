"""What the patient has had of each substance, by the pump and by hand, from the record: typed, exact, in any window."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from typing import Final

from assuage.bedside.charting.history import Told
from assuage.pharmacy.dosing import WINDOWS
from assuage.pharmacy.dosing import Given as Before
from assuage.pharmacy.quantities import Mass, Time
from assuage.pharmacy.substances import Dose, Substance
from assuage.record import words
from assuage.record.events import Given

BY_PUMP: Final = "iv, pump"


@dataclass(frozen=True, slots=True)
class Piece:
    """So much, evenly from begin to end; both the same for what was given at once. Steady Unix ms."""

    begin: int
    end: int
    mass: Mass
    route: str


@dataclass(frozen=True, slots=True)
class Had:
    """pieces: by the key of the substance. unknown: a sentence for each delivery whose drug nobody has told."""

    pieces: dict[str, list[Piece]]
    unknown: tuple[str, ...]

    def of(self, substance: Substance) -> list[Piece]:
        """Of one."""
        return self.pieces.get(substance.key, [])

    def before(self, substance: Substance, end: int) -> Before:
        """In the hour, the four hours and the day up to then, by every route."""
        hour, four_hours, day = (self.within(substance, window, end) for window in WINDOWS.values())
        return Before(hour, four_hours, day)

    def within(self, substance: Substance, window: Time, end: int) -> Dose:
        """In the window that ends then; what was given at its very beginning is not in it."""
        start = end - _ms(window)
        total = sum((_share(piece, start, end) for piece in self.of(substance)), Fraction(0))
        return Dose(substance, Mass(total, "mg"))

    def most(self, substance: Substance, window: Time, at: int) -> Dose:
        """The most in any window of that length that holds this moment: what is charted late counts with what came
        after it."""
        last = at + _ms(window) - 1
        ends = {at} | {piece.end for piece in self.of(substance) if at < piece.end <= last}
        if any(piece.begin <= last < piece.end for piece in self.of(substance)):
            ends.add(last)
        return max((self.within(substance, window, end) for end in ends), key=lambda dose: dose.amount)


def had(told: Told) -> Had:
    """All that the record tells of this patient. Where the pump was not heard, what it gave counts as given evenly."""
    pieces: dict[str, list[Piece]] = {}
    unknown: dict[int, int] = {}
    seen: dict[int, tuple[int, int]] = {}
    for when, programme, nl in told.pumped:
        before, so_far = seen.get(programme, (when, 0))
        if nl > so_far:
            meant = told.meant.get(programme)
            if meant is None:
                unknown[programme] = nl
            else:
                mass = Mass.of(Fraction((nl - so_far) * meant.ng_per_ml, 1_000_000), "ng")
                piece = Piece(min(before, when), when, mass.to("mg"), BY_PUMP)
                pieces.setdefault(meant.substance, []).append(piece)
        seen[programme] = (when, max(nl, so_far))
    for when, given in told.given:
        pieces.setdefault(given.substance, []).append(Piece(when, when, mass_of(given), given.route))
    return Had(pieces, tuple(_unknown(told.labels.get(n, ""), nl) for n, nl in unknown.items()))


def mass_of(given: Given) -> Mass:
    """Of a dose in the record."""
    return Mass.of(given.mass_ng, "ng").to("mg")


def whole_ng(mass: Mass) -> int:
    """As the record holds it: to the nearest nanogram, half to even."""
    return round(mass.number("ng"))


def total(pieces: Iterable[Piece]) -> Mass:
    """Of all of them."""
    return sum((piece.mass for piece in pieces), Mass.of(0, "mg"))


def _unknown(label: str, nl: int) -> str:
    return (
        f"{words.volume(nl)} of {label or 'a drug that nobody named'} by the pump counts nowhere: it was ordered "
        f"without the library, so its concentration was never stated."
    )


def _ms(time: Time) -> int:
    return round(time.number("s") * 1000)


def _share(piece: Piece, start: int, end: int) -> Fraction:
    """mg between start and end."""
    if piece.begin == piece.end:
        return piece.mass.base if start < piece.end <= end else Fraction(0)
    inside = max(0, min(piece.end, end) - max(piece.begin, start))
    return piece.mass.base * Fraction(inside, piece.end - piece.begin)
