"""Every measured figure against its limits, by requirement."""

from __future__ import annotations

from itertools import groupby

from assuage_rig.measuring import margin
from assuage_rig.report.bars import bar
from assuage_rig.report.markup import Html, NumberHead, anchor, join, natural, number, table, tag
from assuage_rig.requirements import PREFIXES, Book, Requirement
from assuage_rig.runrecord import Row, Run

SHOWN = 40
"""A requirement's rows beyond so many are folded away, the ones nearest to their limits excepted."""

FIRST = 10
"""How many of those stay in sight."""

HEAD = ("Figure", NumberHead("Value"), NumberHead("Limits"), "", "Note")


def measurements(run: Run, book: Book) -> Html:
    """All rows, in the order of the requirements' files; what no file knows comes last."""
    rows: dict[str, list[Row]] = {}
    for row in run.rows:
        rows.setdefault(row.requirement, []).append(row)
    order = [id_ for id_ in sorted(book.requirements, key=place) if id_ in rows]
    order += sorted(set(rows) - set(book.requirements))
    if not order:
        return tag("p", "No figure was measured.", class_="none")
    return join(*(_of(id_, rows[id_], book.requirements.get(id_)) for id_ in order))


def place(id_: str) -> tuple[int, str]:
    """Where a requirement stands: by its prefix, as PREFIXES has them, then by its number."""
    prefixes = list(PREFIXES)
    return prefixes.index(id_[:3]) if id_[:3] in PREFIXES else len(prefixes), id_


def value(row: Row) -> Html:
    """The figure and its unit."""
    said = join(row.value if row.value is not None else "no number", "\N{NO-BREAK SPACE}", row.unit)
    return said if row.passed else tag("strong", said, " \N{HEAVY BALLOT X}")


def limits(row: Row) -> str:
    """In words, without the unit."""
    if row.lo is None and row.hi is None:
        return "none"
    if row.lo is None:
        return f"\N{LESS-THAN OR EQUAL TO} {number(row.hi)}"
    if row.hi is None:
        return f"\N{GREATER-THAN OR EQUAL TO} {number(row.lo)}"
    if row.lo == row.hi:
        return f"= {number(row.lo)}"
    return f"{number(row.lo)} \N{HORIZONTAL ELLIPSIS} {number(row.hi)}"


def _of(id_: str, rows: list[Row], requirement: Requirement | None) -> Html:
    out = sum(not row.passed for row in rows)
    title = requirement.title if requirement else "in no requirement's file"
    state = f"{out} of {len(rows)} out of limits" if out else f"{len(rows)} in limits"
    head = tag("h3", tag("code", id_), " ", title, " ", tag("span", state, class_=f"mark {'bad' if out else 'good'}"))
    text = tag("p", requirement.text, class_="doc") if requirement else None
    after = requirement.source if requirement else ""
    source = tag("p", "Source: ", after, class_="note") if after else None
    return tag("section", head, text, source, _rows(rows), id=anchor("req", id_), class_="requirement")


def _rows(rows: list[Row]) -> Html:
    if len(rows) <= SHOWN:
        return table(HEAD, [_row(row) for row in sorted(rows, key=lambda row: natural(row.name))], class_="figures")
    worst = sorted(rows, key=_nearness)
    bad = sum(not row.passed for row in rows)
    first = max(FIRST, bad)
    more = f"The other {len(rows) - first}, all within their limits, farther from them than these"
    rest = table(HEAD, [_row(row) for row in worst[first:]], class_="figures")
    return join(
        tag("p", f"{len(rows)} figures; the {first} nearest to their limits:", class_="note"),
        _spans(rows),
        table(HEAD, [_row(row) for row in worst[:first]], class_="figures"),
        tag("details", tag("summary", more), rest),
    )


def _spans(rows: list[Row]) -> Html:
    """Least and greatest of each figure, where there are too many to see it."""
    by_name = sorted(rows, key=lambda row: row.measurement)
    said = []
    for name, group in groupby(by_name, key=lambda row: row.measurement):
        some = list(group)
        values = [row.value for row in some if row.value is not None]
        if values:
            ends = f"{number(min(values))} \N{HORIZONTAL ELLIPSIS} {number(max(values))} {some[0].unit}"
            said.append(tag("li", f"{name}: {len(some)} times, {ends}"))
    return tag("ul", said, class_="note")


def _row(row: Row) -> Html:
    return tag(
        "tr",
        tag("td", row.name),
        tag("td", value(row), class_="num"),
        tag("td", limits(row), class_="num"),
        tag("td", bar(row)),
        tag("td", row.note, class_="doc"),
        class_=None if row.passed else "out",
    )


def _nearness(row: Row) -> tuple[bool, float]:
    near = margin(row)
    return row.passed, 2.0 if near is None else near
