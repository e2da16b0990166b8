"""What tests show besides figures: their plots, tables and remarks, by what they are about.

The cases of one parametrised test stand together: their plots side by side, the rest folded under each case's name.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from itertools import groupby

from assuage_rig.report.markup import Html, NumberHead, anchor, join, many, natural, number, table, tag
from assuage_rig.report.plots import FULL, SMALL, plot
from assuage_rig.report.summary import first_line, mark, outcome
from assuage_rig.requirements import PREFIXES
from assuage_rig.runrecord import Case, Evidence, Run

FAULTY = ("FLT", "LNK", "PWR")
"""Prefixes whose tables stand with the faults, and only their plots here."""

ELSEWHERE = ("VIT",)
"""Prefixes that have a chapter of their own."""

ROWS = 30
"""A longer table is folded."""

FEW = 3
"""More cases than this have their tables and remarks folded, each under its name."""


def about(test: Case) -> str:
    """Prefix of the first requirement that a test proves; empty when it proves none."""
    return test.requirements[0][:3] if test.requirements else ""


def curves(run: Run) -> Html:
    """Plots, and the tables and notes beside them, of all that is not about faults."""
    parts = []
    for prefix, title in PREFIXES.items():
        if prefix in ELSEWHERE:
            continue
        kinds = ("plot",) if prefix in FAULTY else ("plot", "table", "note")
        blocks = groups([test for test in run.tests if about(test) == prefix], kinds)
        if blocks:
            parts.append(tag("section", tag("h3", title.capitalize()), blocks, id=anchor("curves", prefix)))
    return join(*parts) if parts else tag("p", "No test of this run has drawn anything.", class_="none")


def groups(tests: Sequence[Case], kinds: Sequence[str]) -> list[Html]:
    """A block for each test function that shows something of these kinds."""
    some = (test for test in tests if any(item.kind in kinds for item in test.evidence))
    shown = sorted(some, key=lambda test: natural(test.nodeid))
    return [_group(list(cases), kinds) for _, cases in groupby(shown, key=lambda t: t.nodeid.partition("[")[0])]


def show(item: Evidence) -> Html:
    """One piece of evidence. Files are listed elsewhere."""
    if item.kind == "plot":
        return plot(item)
    if item.kind == "note":
        return tag("p", item.text, class_="remark")
    rows = [
        tag("tr", [tag("td", _cell(cell), class_="num" if _is_number(cell) else None) for cell in r]) for r in item.rows
    ]
    numeric = [all(_is_number(cell) for cell in column) for column in zip(*item.rows, strict=True)]
    heads = zip(item.head, numeric or [False] * len(item.head), strict=True)
    whole = table((NumberHead(name) if right else name for name, right in heads), rows)
    if len(rows) > ROWS:
        whole = tag("details", tag("summary", f"{item.title}: {len(rows)} rows"), whole)
        return tag("div", whole, class_="evidence-table")
    return tag("div", tag("h5", item.title), whole, class_="evidence-table")


def _group(cases: list[Case], kinds: Sequence[str]) -> Html:
    base = cases[0].nodeid.partition("[")[0]
    name = base.rpartition("::")[2].removeprefix("test_").replace("_", " ")
    doc = first_line(cases[0].doc)
    head = tag("h4", name[:1].upper() + name[1:], " ", outcome(cases[0]) if len(cases) == 1 else _outcomes(cases))
    where = tag("p", tag("code", base), " for ", ", ".join(cases[0].requirements), class_="note")
    drawn = [(case, item) for case in cases for item in case.evidence if item.kind == "plot" and "plot" in kinds]
    small = len(drawn) > 4
    titles = Counter(item.title for _, item in drawn)
    sheet = SMALL if small else FULL
    plots = [plot(item, sheet, _which(case) if titles[item.title] > 1 else "") for case, item in drawn]
    grid = tag("div", plots, class_="grid small" if small else "grid") if plots else None
    rest = [_rest(case, kinds, folded=len(cases) > FEW) for case in cases]
    return tag("article", head, where, tag("p", doc, class_="doc") if doc else None, grid, rest)


def _rest(case: Case, kinds: Sequence[str], folded: bool) -> Html | None:
    """Tables and remarks of one case. Those of a case that failed are never folded."""
    given = [item for item in case.evidence if item.kind != "plot" and item.kind in kinds]
    if not given or not folded:
        return join(*(show(item) for item in given))
    if all(item.kind == "note" for item in given):
        return tag("p", tag("strong", _which(case)), " ", " ".join(item.text for item in given), class_="remark")
    opened = case.outcome in ("failed", "error")
    return tag("details", tag("summary", _which(case), " ", outcome(case)), map(show, given), open=opened)


def _which(case: Case) -> str:
    """The case of a parametrised test."""
    return case.nodeid.partition("[")[2].removesuffix("]") or case.nodeid


def _outcomes(cases: list[Case]) -> Html:
    kinds = {"failed": "bad", "error": "bad", "skipped": "warn", "passed": "good"}
    count = Counter(case.outcome for case in cases)
    return join(*(mark(kind, f"{many(count[o], 'case')} {o}") for o, kind in kinds.items() if count[o]))  # type: ignore[index]


def _cell(cell: object) -> str:
    return number(cell) if isinstance(cell, int | float) and not isinstance(cell, bool) else str(cell)


def _is_number(cell: object) -> bool:
    return isinstance(cell, int | float) and not isinstance(cell, bool)
