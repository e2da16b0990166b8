"""The trace matrix with what a run has found: hazard, the requirements that answer it, their tests, and the figures."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from assuage_rig.measuring import margin
from assuage_rig.report.figures import limits, value
from assuage_rig.report.markup import Html, anchor, join, many, nodeid, table, tag
from assuage_rig.report.summary import mark, outcome
from assuage_rig.requirements import Book, Hazard, Requirement
from assuage_rig.runrecord import Case, Row, Run
from assuage_rig.trace import Proofs

State = Literal["proven", "failed", "skipped", "elsewhere", "not run", "untested"]
KIND = {
    "proven": "good",
    "failed": "bad",
    "skipped": "warn",
    "elsewhere": "plain",
    "not run": "warn",
    "untested": "bad",
}
WORD = {
    "proven": "proven", "failed": "failed", "skipped": "skipped", "elsewhere": "by make test", "not run": "not run",
    "untested": "no test",
}  # fmt: skip


OURS = "hil_tests/"
"""Tests of the bench; those of other folders are run by make test."""

FOLDED = 2
"""More tests of one requirement are folded."""


def state(requirement: Requirement, run: Run, proofs: Proofs) -> State:
    """What this run says of a requirement. A skipped test proves nothing; elsewhere: by tests that are none of the
    bench's; not run: by tests of the bench that are none of this run."""
    ran = [test for test in run.tests if requirement.id in test.requirements]
    figures = [row for row in run.rows if row.requirement == requirement.id]
    if any(test.outcome in ("failed", "error") for test in ran) or not all(row.passed for row in figures):
        return "failed"
    if any(test.outcome == "passed" for test in ran):
        return "proven"
    if ran:
        return "skipped"
    known = proofs.get(requirement.id, ())
    if any(test.startswith(OURS) for test in known):
        return "not run"
    return "elsewhere" if known else "untested"


def matrix(run: Run, book: Book, proofs: Proofs) -> Html:
    """A legend with counts, the open ones first, then the whole."""
    states = {r.id: state(r, run, proofs) for r in book.requirements.values()}
    unanswered = [h for h in book.hazards.values() if not book.answering(h.id)]
    orphans = sorted({id_ for test in run.tests for id_ in test.requirements} - set(book.requirements))
    count = [
        tag("li", mark(KIND[s], WORD[s]), " " + many(sum(found == s for found in states.values()), "requirement"))
        for s in KIND
        if s in states.values()
    ]
    if unanswered:
        count.append(tag("li", mark("bad", "open"), f" {many(len(unanswered), 'hazard')} that no requirement answers"))
    head = ("Hazard", "Requirement", "", "Tests", "Figure nearest to its limit")
    rows = [row for hazard in book.hazards.values() for row in _of(hazard, book, run, states, proofs)]
    return join(
        tag("ul", count, class_="counts"),
        tag("p", "Tests name requirements that no file declares: ", ", ".join(orphans), class_="remark")
        if orphans
        else None,
        _open(unanswered),
        table(head, rows, class_="matrix"),
    )


def _open(hazards: list[Hazard]) -> Html | None:
    if not hazards:
        return None
    rows = [
        tag(
            "tr",
            tag("td", tag("a", hazard.id, href="#" + anchor(hazard.id))),
            tag("td", hazard.title),
            tag("td", hazard.later or "No requirement answers it, and nothing is said to be planned."),
            class_="out" if not hazard.later else None,
        )
        for hazard in hazards
    ]
    return join(tag("h3", "Open"), table(("Hazard", "", "What will answer it, and is not built"), rows))


def _of(hazard: Hazard, book: Book, run: Run, states: dict[str, State], proofs: Proofs) -> list[Html]:
    answers = book.answering(hazard.id)
    cell = tag(
        "td",
        tag("strong", hazard.id),
        " ",
        hazard.title,
        tag("div", f"{hazard.kind}; {hazard.source}", class_="doc"),
        rowspan=max(1, len(answers)),
        id=anchor(hazard.id),
    )
    if not answers:
        why = join(mark("bad" if not hazard.later else "warn", "open"), " ", hazard.later)
        return [tag("tr", cell, tag("td", why, colspan=4))]
    return [
        tag("tr", cell if i == 0 else None, _requirement(requirement, run, states[requirement.id], proofs))
        for i, requirement in enumerate(answers)
    ]


def _requirement(requirement: Requirement, run: Run, found: State, proofs: Proofs) -> Html:
    ran = [test for test in run.tests if requirement.id in test.requirements]
    rows = [row for row in run.rows if row.requirement == requirement.id]
    name = tag("a", requirement.id, href="#" + anchor("req", requirement.id)) if rows else tag("strong", requirement.id)
    return join(
        tag("td", name, " ", requirement.title),
        tag("td", mark(KIND[found], WORD[found])),
        tag("td", _tests(ran, proofs.get(requirement.id, ()))),
        tag("td", _figure(rows, requirement)),
    )


def _tests(ran: list[Case], known: Sequence[str]) -> Html:
    here = [tag("div", outcome(test), " ", nodeid(test.nodeid.removeprefix(OURS))) for test in ran]
    there = [
        tag("div", mark("plain", "not run" if test.startswith(OURS) else "make test"), " ", nodeid(test))
        for test in known
        if test not in {case.nodeid.partition("[")[0] for case in ran}
    ]
    return join(_folded(here), _folded(there))


def _folded(tests: list[Html]) -> Html:
    return tag("details", tag("summary", f"{len(tests)} tests"), tests) if len(tests) > FOLDED else join(*tests)


def _figure(rows: list[Row], requirement: Requirement) -> Html | str:
    rated = [(near, row) for row in rows if (near := margin(row)) is not None]
    if not rated:
        if rows:
            return f"{len(rows)} figures, each exactly as it must be"
        return "declares none" if not requirement.measurements else mark("warn", "not measured")
    row = min(rated, key=lambda pair: pair[0])[1]
    return join(row.name, ": ", value(row), tag("span", f" ({limits(row)}; of {len(rows)})", class_="doc"))
