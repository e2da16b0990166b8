"""What was broken in a run, and what came of it."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, field

from assuage_rig.report.bars import bar, margin
from assuage_rig.report.evidences import FAULTY, about, tables
from assuage_rig.report.figures import limits, value
from assuage_rig.report.markup import Html, NumberHead, anchor, join, table, tag
from assuage_rig.report.summary import first_line, mark, outcome
from assuage_rig.runrecord import Row, Run


@dataclass
class Made:
    """A verb over a run: how often it was made, and the tests that did."""

    times: int = 0
    tests: dict[str, str] = field(default_factory=dict)
    """Outcome by node id."""
    worst: Row | None = None
    """Of the figures that belong to it the one nearest to its limit."""


def verbs(run: Run) -> dict[str, Made]:
    """By verb; putting something right again is none.

    A figure belongs to a verb when its name says so, or when its test made no other fault.
    """
    made: dict[str, Made] = defaultdict(Made)
    for test in run.tests:
        broken = Counter(fault.verb for fault in test.faults if not fault.verb.startswith("mend"))
        rated = [(near, row) for row in test.measurements if (near := margin(row)) is not None]
        for verb, times in broken.items():
            entry = made[verb]
            entry.times += times
            entry.tests[test.nodeid] = test.outcome
            own = [pair for pair in rated if verb in pair[1].name or len(broken) == 1]
            if entry.worst is not None:
                own.append((margin(entry.worst) or 0.0, entry.worst))
            entry.worst = min(own, key=lambda pair: pair[0])[1] if own else None
    return dict(sorted(made.items()))


def faults(run: Run) -> Html:
    """Tables of the tests about faults (the worst case of each fault is theirs to say), then every verb made."""
    parts = []
    for test in run.tests:
        shown = list(tables(test)) if about(test) in FAULTY else []
        if shown:
            head = tag("h4", first_line(test.doc) or test.nodeid, " ", outcome(test))
            where = tag("p", tag("code", test.nodeid), " for ", ", ".join(test.requirements), class_="note")
            parts.append(tag("article", head, where, shown))
    return join(*parts, tag("h3", "Every fault that was made"), _made(run))


def _made(run: Run) -> Html:
    found = verbs(run)
    if not found:
        return tag("p", "Nothing was broken in this run.", class_="none")
    rows = []
    for verb, made in found.items():
        bad = sum(outcome in ("failed", "error") for outcome in made.tests.values())
        state = mark("bad", f"{bad} of {len(made.tests)} failed") if bad else mark("good", f"{len(made.tests)} passed")
        if not bad and (skipped := sum(outcome == "skipped" for outcome in made.tests.values())):
            state = mark("warn", f"{len(made.tests) - skipped} passed, {skipped} skipped")
        worst = made.worst
        shown = (
            [tag("td", worst.requirement, ": ", worst.name), tag("td", value(worst), class_="num")]
            + [tag("td", limits(worst), class_="num"), tag("td", bar(worst))]
            if worst
            else [tag("td", "no figure", colspan=4, class_="none")]
        )
        rows.append(
            tag("tr", tag("td", tag("code", verb)), tag("td", made.times, class_="num"), tag("td", state), shown)
        )
    note = (
        "A figure stands with a fault when its name says so, or when its test made no other fault; "
        "the tables above tell what followed from which."
    )
    head = (
        "Fault",
        NumberHead("Times"),
        "Tests",
        "Figure nearest to its limit",
        *map(NumberHead, ("Value", "Limits")),
        "",
    )
    return join(table(head, rows, id=anchor("verbs")), tag("p", note, class_="note"))
