"""What was broken in a run, and what came of it: the worst case of each fault, then what the tests say in full."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, field

from assuage_rig.measuring import margin
from assuage_rig.report.bars import bar
from assuage_rig.report.evidences import FAULTY, about, groups
from assuage_rig.report.figures import limits, value
from assuage_rig.report.markup import Html, NumberHead, join, table, tag
from assuage_rig.report.summary import mark
from assuage_rig.runrecord import Case, Row, Run

REASON = "reason"
"""Column of a test's own table that says what the pump gave as its reason."""


BENCH = "SYS"
"""Prefix of what is measured of the bench, and is no outcome of a fault."""


@dataclass
class Made:
    """A verb over a run: how often it was made, and the tests that did."""

    times: int = 0
    tests: dict[str, str] = field(default_factory=dict)
    """Outcome by node id."""
    worst: dict[str, Row] = field(default_factory=dict)
    """Of the figures that belong to it, by what was measured, the one nearest to its limit."""
    reasons: Counter[str] = field(default_factory=Counter)
    """What the pump said, in tables that name the fault, or of tests that made no other."""


def verbs(run: Run) -> dict[str, Made]:
    """By verb; putting something right again is none.

    A figure belongs to a verb when its name says so, or when its test made no other fault.
    """
    made: dict[str, Made] = defaultdict(Made)
    for test in run.tests:
        broken = Counter(fault.verb for fault in test.faults if not fault.verb.startswith("mend"))
        for verb, times in broken.items():
            entry = made[verb]
            entry.times += times
            entry.tests[test.nodeid] = test.outcome
            for row in test.measurements:
                if row.requirement[:3] != BENCH and (verb in row.name or len(broken) == 1):
                    _keep(entry.worst, row)
            entry.reasons.update(_reasons(test, "" if len(broken) == 1 else verb))
    return dict(sorted(made.items()))


def faults(run: Run) -> Html:
    """The worst case of each fault, then tables and remarks of the tests about faults."""
    own = groups([test for test in run.tests if about(test) in FAULTY], ("table", "note"))
    more = join(tag("h3", "As the tests tell it"), own) if own else None
    return join(tag("h3", "Worst case of each fault"), _made(run), more)


def _keep(worst: dict[str, Row], row: Row) -> None:
    near = margin(row)
    if near is None:
        worst.setdefault(row.measurement, row)
        return
    before = worst.get(row.measurement)
    if before is None or (known := margin(before)) is None or near < known:
        worst[row.measurement] = row


def _reasons(test: Case, titled: str) -> Counter[str]:
    """Of a test's tables whose title has that word in it."""
    found: Counter[str] = Counter()
    for item in test.evidence:
        if item.kind == "table" and REASON in item.head and titled in item.title:
            at = item.head.index(REASON)
            found.update(str(row[at]) for row in item.rows)
    return found


def _made(run: Run) -> Html:
    found = verbs(run)
    if not found:
        return tag("p", "Nothing was broken in this run.", class_="none")
    rows = [row for verb, made in found.items() for row in _rows(verb, made)]
    note = (
        "A figure stands with a fault when its name says so, or when its test made no other fault. "
        "Reason: what the pump gave at the end, with how often, in all the states that were tried."
    )
    head = ("Fault", NumberHead("Made"), "Tests", "Reason", "Worst", *map(NumberHead, ("Value", "Limits")), "")
    return join(table(head, rows, class_="worst"), tag("p", note, class_="note"))


def _rows(verb: str, made: Made) -> list[Html]:
    """One row a figure; what is common to them stands once."""
    figures = sorted(made.worst.values(), key=lambda row: row.requirement)
    over = max(1, len(figures))
    reasons = ", ".join(f"{reason} ({n})" if n > 1 else reason for reason, n in made.reasons.most_common(4))
    common = [
        tag("td", tag("code", verb), rowspan=over),
        tag("td", made.times, class_="num", rowspan=over),
        tag("td", _state(made), rowspan=over),
        tag("td", reasons or "\N{EN DASH}", rowspan=over, class_="doc"),
    ]
    if not figures:
        return [tag("tr", common, tag("td", "no figure of its own", colspan=4, class_="none"), class_="first")]
    return [
        tag(
            "tr",
            common if i == 0 else None,
            tag("td", row.measurement, tag("div", row.where, class_="doc")),
            tag("td", value(row), class_="num"),
            tag("td", limits(row), class_="num"),
            tag("td", bar(row)),
            class_=" ".join(filter(None, ("first" if i == 0 else "", "" if row.passed else "out"))) or None,
        )
        for i, row in enumerate(figures)
    ]


def _state(made: Made) -> Html:
    count = Counter(made.tests.values())
    bad = count["failed"] + count["error"]
    if bad:
        return mark("bad", f"{bad} of {len(made.tests)} failed")
    if count["skipped"]:
        return mark("warn", f"{count['passed']} passed, {count['skipped']} skipped")
    return mark("good", f"{len(made.tests)} passed")
