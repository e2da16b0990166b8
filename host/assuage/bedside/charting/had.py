"""What the patient has had of each substance, by the pump and by hand, from the record: typed, exact, in any window."""

from __future__ import annotations

import itertools
from bisect import bisect_right
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
        return Dose(substance, Mass(_Sum(self.of(substance)).within(end - _ms(window), end), "mg"))

    def most(self, substance: Substance, window: Time, at: int) -> Dose:
        """The most in any window of that length that holds this moment: what is charted late counts with what came
        after it."""
        wide, pieces = _ms(window), self.of(substance)
        # What flows is even between two of these, so the most is in a window that ends at one, or begins there, or just
        # before it, with what was given at that very moment.
        turns = {turn for piece in pieces for turn in (piece.begin, piece.end)}
        ends = {at, at + wide - 1} | turns | {turn + wide - early for turn in turns for early in (0, 1)}
        so_far = _Sum(pieces)
        most = max(so_far.within(end - wide, end) for end in ends if at <= end < at + wide)
        return Dose(substance, Mass(most, "mg"))


def had(told: Told) -> Had:
    """All that the record tells of this patient. Where the pump was not heard, what it gave counts as given evenly."""
    account = told.account
    pieces: dict[str, list[Piece]] = {}
    unknown: dict[int, int] = {}
    for begin, end, programme, nl in account.rises():
        check = account.checked.get(programme)
        if check is None:
            unknown[programme] = unknown.get(programme, 0) + nl
        else:
            mass = Mass.of(Fraction(nl * check.ng_per_ml, 1_000_000), "ng")
            pieces.setdefault(check.substance, []).append(Piece(begin, end, mass.to("mg"), BY_PUMP))
    for hand in account.hands:
        given = hand.given
        pieces.setdefault(given.substance, []).append(Piece(hand.at, hand.at, mass_of(given), given.route))
    return Had(pieces, tuple(_unknown(account.labels.get(n, ""), nl) for n, nl in unknown.items()))


def mass_of(given: Given) -> Mass:
    """Of a dose in the record."""
    return Mass.of(given.mass_ng, "ng").to("mg")


def whole_ng(mass: Mass) -> int:
    """As the record holds it: to the nearest nanogram, half to even."""
    return round(mass.number("ng"))


def _unknown(label: str, nl: int) -> str:
    return (
        f"{words.volume(nl)} of {label or 'a drug that nobody named'} by the pump counts nowhere: it was ordered "
        f"without the library, so its concentration was never stated."
    )


def _ms(time: Time) -> int:
    return round(time.number("s") * 1000)


class _Sum:
    """mg that had been given by any time."""

    def __init__(self, pieces: Iterable[Piece]) -> None:
        self._pieces = sorted(pieces, key=lambda piece: piece.end)
        self._ends = [piece.end for piece in self._pieces]
        self._whole = [Fraction(0), *itertools.accumulate(piece.mass.base for piece in self._pieces)]
        begins = (piece.begin for piece in reversed(self._pieces))
        self._first = list(itertools.accumulate(begins, min))[::-1]  # that begins, of this one and all that end later

    def within(self, start: int, end: int) -> Fraction:
        """After start, until end."""
        return self._by(end) - self._by(start)

    def _by(self, time: int) -> Fraction:
        n = bisect_right(self._ends, time)
        made = self._whole[n]
        while n < len(self._pieces) and self._first[n] < time:
            piece = self._pieces[n]
            if piece.begin < time:
                made += piece.mass.base * Fraction(time - piece.begin, piece.end - piece.begin)
            n += 1
        return made
