"""A drug library as a person reads it: every number with its source, by drug and care area."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterable, Iterator
from typing import Final

from assuage.pharmacy.library import Library
from assuage.pharmacy.library_schema import AREAS, Area, Drug, Limit, Monitoring, Route, Said, Sourced
from assuage.pharmacy.routes import ROUTES

WIDTH: Final = 118
ASKS: Final = {
    "soft-low": "below it a reason",
    "soft-high": "above it a reason",
    "hard-high": "never above",
}
WHATS: Final = {
    "dose": "one dose", "rate": "rate", "demand": "demand dose", "basal": "basal rate", "lockout": "lockout",
    "over": "time of a dose", "hour": "in any hour", "four-hours": "in four hours", "day": "in any day",
}  # fmt: skip


def mark(said: Sourced) -> str:
    """Where a number comes from, as the key of its source; the list of sources stands below."""
    return f"[{said.source}]" if said.verified else f"[{said.source}, unverified]"


def sources(library: Library, lines: Iterable[str]) -> Iterator[str]:
    """The sources that these lines name."""
    named = {found for line in lines for found in re.findall(r"\[([\w-]+)[],]", line)}
    for key, source in library.content.sources.items():
        if key in named:
            where = f", {source.where}" if source.where else ""
            yield from _folded(f"  {key:24} ", f"{source.title}{where}")


def head(library: Library) -> str:
    """One line that says which library it is."""
    content = library.content
    return f"{content.title}, version {content.version}, hash {library.short}"


def drug(library: Library, key: str, areas: Iterable[str] = AREAS) -> Iterator[str]:
    """Lines about a drug, in those areas."""
    entry = library.drug(key)
    yield f"{entry.name}  ({key})"
    if entry.not_to_be_taken_for:
        names = ", ".join(library.drug(other).name for other in entry.not_to_be_taken_for)
        yield f"  not to be taken for {names}"
    yield from _shelf(entry)
    yield from _said("not with", entry.contraindications)
    yield from _said("ask for", entry.side_effects)
    for name, area in entry.areas.items():
        if name in areas:
            yield ""
            yield from _area(name, area)


def _shelf(entry: Drug) -> Iterator[str]:
    for vial in entry.vials:
        note = f" ({vial.note})" if vial.note else ""
        yield f"  vial {vial.concentration}{note} {mark(vial)}"


def _said(title: str, said: Iterable[Said]) -> Iterator[str]:
    by_source: dict[str, list[str]] = {}
    for each in said:
        by_source.setdefault(mark(each), []).append(each.text)
    for source, texts in by_source.items():
        yield from _folded(f"  {title}: ", f"{', '.join(texts)} {source}")


def _area(name: str, area: Area) -> Iterator[str]:
    yield f"  {AREAS[name].upper()}, {area.ages.low} to {area.ages.high} {mark(area.ages)}"
    for route, way in area.routes.items():
        yield from _route(route, way)
    yield from _said("  not with", area.contraindications)
    for each in area.monitoring:
        yield from _folded("    look at: ", f"{monitoring(each)} {mark(each)}")


def _route(route: str, way: Route) -> Iterator[str]:
    strengths = ", ".join(f"{each.concentration} {mark(each)}" for each in way.syringes)
    yield from _folded("    ", f"{ROUTES[route]}: {', '.join(way.modes)}; from {strengths}")
    for each in way.limits:
        yield from _folded(f"      {limit(each):52}", mark(each) + (f" {each.note}" if each.note else ""))


def limit(each: Limit) -> str:
    """One limit, without its source."""
    return f"{WHATS[each.what]:15} {ASKS[each.bound]:18} {each.value}"


def monitoring(each: Monitoring) -> str:
    """What is looked at, how often and when."""
    often = f"every {each.every}" if each.every else "all the time"
    start = f" from {each.after}" if each.after else ""
    end = f" until {each.until}" if each.until else ""
    return f"{', '.join(each.what)} {often}{start}{end}"


def _folded(before: str, text: str) -> Iterator[str]:
    yield from textwrap.wrap(
        text, WIDTH, initial_indent=before, subsequent_indent=" " * min(len(before), 60), break_on_hyphens=False
    )
