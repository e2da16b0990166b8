"""What tests show besides figures: their plots, tables and remarks, by what they are about."""

from __future__ import annotations

from collections.abc import Iterable

from assuage_rig.report.markup import Html, NumberHead, anchor, join, number, table, tag
from assuage_rig.report.plots import plot
from assuage_rig.report.summary import first_line, outcome
from assuage_rig.requirements import PREFIXES
from assuage_rig.runrecord import Case, Evidence, Run

FAULTY = ("FLT", "LNK", "PWR")
"""Prefixes whose tables stand with the faults, and only their plots here."""

ROWS = 30
"""A longer table is folded."""


def about(test: Case) -> str:
    """Prefix of the first requirement that a test proves; empty when it proves none."""
    return test.requirements[0][:3] if test.requirements else ""


def curves(run: Run) -> Html:
    """Plots, and the tables and notes beside them, of all that is not about faults."""
    parts = []
    for prefix, title in PREFIXES.items():
        shown = [(t, [e for e in t.evidence if _here(e, prefix)]) for t in run.tests if about(t) == prefix]
        blocks = [_block(test, items) for test, items in shown if items]
        if blocks:
            parts.append(tag("section", tag("h3", title.capitalize()), blocks, id=anchor("curves", prefix)))
    return join(*parts) if parts else tag("p", "No test of this run has drawn anything.", class_="none")


def tables(test: Case) -> Iterable[Html]:
    """A test's tables and notes, without its plots."""
    return (show(item) for item in test.evidence if item.kind in ("table", "note"))


def show(item: Evidence) -> Html:
    """One piece of evidence. Files are listed elsewhere."""
    if item.kind == "plot":
        return plot(item)
    if item.kind == "note":
        return tag("p", item.text, class_="remark")
    rows = [tag("tr", [tag("td", _cell(cell), class_=_kind(cell)) for cell in row]) for row in item.rows]
    numeric = [bool(column) and all(_kind(cell) for cell in column) for column in zip(*item.rows, strict=True)]
    head = [(name, is_number) for name, is_number in zip(item.head, numeric or [False] * len(item.head), strict=True)]
    whole = table((NumberHead(name) if is_number else name for name, is_number in head), rows)
    if len(rows) > ROWS:
        whole = tag("details", tag("summary", f"{item.title}: {len(rows)} rows"), whole)
        return tag("div", whole, class_="evidence-table")
    return tag("div", tag("h5", item.title), whole, class_="evidence-table")


def _here(item: Evidence, prefix: str) -> bool:
    return item.kind == "plot" or (item.kind != "file" and prefix not in FAULTY)


def _block(test: Case, items: list[Evidence]) -> Html:
    name = test.nodeid.rpartition("::")[2]
    head = tag("h4", first_line(test.doc) or name.replace("_", " "), " ", outcome(test))
    where = tag("p", tag("code", test.nodeid), " for ", ", ".join(test.requirements), class_="note")
    plots = [show(item) for item in items if item.kind == "plot"]
    rest = [show(item) for item in items if item.kind != "plot"]
    return tag("article", head, where, tag("div", plots, class_="figures-grid") if plots else None, rest)


def _cell(cell: object) -> str:
    return number(cell) if isinstance(cell, int | float) and not isinstance(cell, bool) else str(cell)


def _kind(cell: object) -> str | None:
    return "num" if isinstance(cell, int | float) and not isinstance(cell, bool) else None
