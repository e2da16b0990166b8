"""What the drug library says is to be looked at, as cadences: for its drug in its care area, with its sources.

What a person scores (pain, sedation) is one assessment, due as a whole; what is read off a monitor is one round of
observations, which somebody says was done. What is watched all the time has no interval and is never due. Where rows
overlap, the more frequent one holds; where none says anything, nothing is due.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from assuage.bedside.assessments.scales import Book, Cadence, Phase
from assuage.errors import BadInput
from assuage.pharmacy.library import Library
from assuage.pharmacy.library_schema import Monitoring
from assuage.pharmacy.quantities import Time

SCORED: Final = {"pain": "nrs", "sedation": "poss"}  # by the library's words
ASSESSMENT: Final = "assessment"
OBSERVATIONS: Final = "observations"


def holding(book: Book, library: Library | None, substance: str, area: str) -> tuple[Cadence, ...]:
    """All that hold for an infusion of this substance in this care area. library: None where it cannot be read."""
    applying = [each for each in book.cadence if each.applies(substance, area)]
    found = () if library is None else cadences(library, substance, area, book)
    return (*(each for each in applying if not found or not (each.substances or each.areas)), *found)


def cadences(library: Library, substance: str, area: str, book: Book) -> tuple[Cadence, ...]:
    """By the library alone; none where it says no interval. The book says how long before and after it is due."""
    try:
        rows = library.area(substance, area).monitoring
    except BadInput:
        return ()
    timed = [row for row in rows if row.every is not None]
    scored = [row for row in timed if _scales(row, book)]
    observed = [row for row in timed if not _scales(row, book)]
    found = ((ASSESSMENT, scored), (OBSERVATIONS, observed))
    return tuple(_one(name, own, library, substance, area, book) for name, own in found if own)


def _scales(row: Monitoring, book: Book) -> list[str]:
    known = {scale.name for scale in book.scale}
    return [SCORED[what] for what in row.what if SCORED.get(what) in known]


def _one(name: str, rows: Sequence[Monitoring], library: Library, substance: str, area: str, book: Book) -> Cadence:
    phases = _phases(rows)
    shortest = min(phase.every_min for phase in phases if phase.every_min is not None)
    return Cadence(
        name=name,
        title=", ".join(dict.fromkeys(what for row in rows for what in row.what)),
        substances=(substance,),
        areas=(area,),
        of=tuple(dict.fromkeys(scale for row in rows for scale in _scales(row, book))),
        phases=phases,
        remind_min=min(book.margins.remind_min, shortest // 3),
        grace_min=min(book.margins.grace_min, shortest),
        source="; ".join(dict.fromkeys(library.source(row) for row in rows)),
        verified=all(row.verified for row in rows),
    )


def _phases(rows: Sequence[Monitoring]) -> tuple[Phase, ...]:
    """One after the other; each begins where a row begins or ends."""
    spans = [(_minutes(row.after) or 0, _minutes(row.until), max(1, _minutes(row.every) or 1)) for row in rows]
    turns = sorted({0} | {turn for begin, end, _ in spans for turn in (begin, end) if turn is not None})
    made = []
    for begin, end in zip(turns, [*turns[1:], None], strict=True):
        often = [every for first, last, every in spans if first <= begin and (last is None or begin < last)]
        made.append(Phase(for_min=None if end is None else end - begin, every_min=min(often, default=None)))
    return tuple(made)


def _minutes(time: Time | None) -> int | None:
    """Whole ones."""
    return None if time is None else int(time.number("min"))
