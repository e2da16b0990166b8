"""The page's beginning: what was tested, the verdict, counts, what failed or was left out and why, worst margins."""

from __future__ import annotations

from collections import Counter
from math import isinf
from textwrap import dedent

from assuage_rig.measuring import margin
from assuage_rig.report.bars import bar
from assuage_rig.report.figures import limits, value
from assuage_rig.report.markup import Child, Html, NumberHead, anchor, join, many, nodeid, number, seconds, table, tag
from assuage_rig.requirements import Book
from assuage_rig.runrecord import Case, Row, Run

WORST = 12
"""Rows of the table of worst margins."""

SAID = 14
"""Lines of a failure that are in sight; the rest is folded."""

CAVEATS = (
    "Simulation is not hardware: on an emulated target the shipped firmware runs, but chips, drive, syringe, line and "
    "patient are models, and time is virtual. A figure of this page says nothing of a real pump's motor or silicon.",
    "The physics' parameters (seal, play, screw error, compliance, resistance, sensors' noise) are assumed from papers "
    "and data sheets, and were measured on no device of this project.",
    "Numbers of IEC 60601-2-24 and IEC 60601-1-8 are second hand, from manuals and papers: nobody here has read the "
    "standards, and nothing here is a test by an accredited laboratory.",
)


def verdict(run: Run, book: Book) -> tuple[str, str, str]:
    """(passed, failed or none; the word for it; a sentence)."""
    count = Counter(test.outcome for test in run.tests)
    bad = count["failed"] + count["error"]
    out = sum(not row.passed for row in run.rows)
    begun = set(run.missing)
    if bad or out or begun:
        said = [f"{bad} of {many(len(run.tests), 'test')} failed" if bad else ""]
        said.append(f"{many(out, 'figure')} out of limits" if out else "")
        said.append(f"{many(len(begun), 'test')} begun and never ended" if begun else "")
        return "failed", "Failed", ", ".join(filter(None, said)) + "."
    if not count["passed"]:
        return "none", "Nothing tested", "No test of this run has passed or failed."
    skipped = f", {count['skipped']} skipped" if count["skipped"] else ""
    sentence = f"{many(count['passed'], 'test')} passed{skipped}; {many(len(run.rows), 'figure')}, all within limits."
    touched = {id_ for test in run.tests for id_ in test.requirements} & set(book.requirements)
    if len(touched) < len(book.requirements):
        of = many(len(book.requirements), "requirement")
        sentence += f" It looked at {len(touched)} of {of}: see the trace matrix."
    return "passed", "Passed", sentence


def tested(run: Run) -> Html:
    """The facts of the run."""
    f = run.facts
    virtual, wall = sum(t.virtual_s for t in run.tests), sum(t.wall_s for t in run.tests)
    rows: list[tuple[str, Child]] = [
        ("Firmware", f.firmware or "unknown: no board has told it"),
        ("Wire schema", code(f.schema)),
        ("Board configuration", code(f.config)),
        ("Target", f.target),
        ("Board id", code(f.board)),
        ("Runs on", f.interpreter or "unknown"),
        ("Seed", code(f.seed)),
        ("Size", "soak: bigger numbers" if f.size == "soak" else f.size),
        ("Date", f.date or "not given"),
        ("Virtual time ratio", _ratio(virtual, wall)),
        ("To repeat it", code(f.command) if f.command else "no command was recorded"),
    ]
    return tag("dl", [tag("div", tag("dt", name), tag("dd", what)) for name, what in rows], class_="facts")


def code(text: object) -> Html:
    """Something to be copied; a dash when it is not known."""
    return tag("code", str(text)) if text not in ("", None) else join("\N{EN DASH}")


def caveats() -> Html:
    """What a reader has to know before he believes a figure."""
    return tag("aside", tag("strong", "Read with care"), tag("ul", [tag("li", c) for c in CAVEATS]), class_="caveat")


def summary(run: Run, book: Book) -> Html:
    """Tiles, then tables of what is not simply well."""
    count = Counter(test.outcome for test in run.tests)
    out = sum(not row.passed for row in run.rows)
    bad = count["failed"] + count["error"] + len(run.missing)
    tiles = [
        _tile(count["passed"], "tests passed", "good" if count["passed"] else ""),
        _tile(bad, "failed or never ended", "bad" if bad else ""),
        _tile(count["skipped"], "skipped", "warn" if count["skipped"] else ""),
        _tile(len(run.rows) - out, "figures in limits", "good" if run.rows else ""),
        _tile(out, "figures out of limits", "bad" if out else ""),
        _tile(len(book.requirements), "requirements", ""),
    ]
    return join(
        tag("div", tiles, class_="tiles"),
        _failed(run),
        _skipped(run.tests),
        tag("h3", "Nearest to a limit"),
        _worst(run),
        _all(run.tests),
    )


def _tile(many: int, what: str, kind: str) -> Html:
    return tag("div", tag("b", many), tag("span", what), class_=f"tile {kind}".strip())


def _ratio(virtual: float, wall: float) -> str:
    """How much faster boards have lived than the wall's time went, over the whole run with all its starts."""
    if not virtual or not wall:
        return "no board has lived"
    return f"{number(round(virtual / wall, 1))}: boards lived {seconds(virtual)} in {seconds(wall)}"


def _failed(run: Run) -> Html | None:
    bad = [test for test in run.tests if test.outcome in ("failed", "error")]
    if not bad and not run.missing:
        return None
    rows = [
        tag(
            "tr",
            tag("td", outcome(test)),
            tag("td", nodeid(test.nodeid), tag("div", first_line(test.doc), class_="doc")),
            tag("td", _reason(test.reason), tag("div", "Repeat: ", code(test.repro))),
            id=anchor("failed", test.nodeid),
        )
        for test in bad
    ]
    rows += [
        tag("tr", tag("td", mark("bad", "lost")), tag("td", nodeid(name)), tag("td", "Begun and never ended."))
        for name in run.missing
    ]
    return join(tag("h3", "What failed"), table(("", "Test", "Why, and how to repeat it"), rows, class_="failures"))


def _reason(text: str) -> Html:
    """What pytest says is wrong, and the way there folded."""
    lines = text.strip().splitlines()
    said = dedent("\n".join(line[1:] for line in lines if line.startswith("E "))).splitlines()
    short = "\n".join((said or lines)[:SAID])
    if len(lines) <= SAID and not said:
        return tag("pre", short)
    whole = tag("details", tag("summary", "In full"), tag("pre", text[-10_000:]))
    return join(tag("pre", short), whole)


def _skipped(tests: list[Case]) -> Html | None:
    reasons = Counter(test.reason for test in tests if test.outcome == "skipped")
    if not reasons:
        return None

    def names(reason: str) -> Html:
        those = [test for test in tests if test.outcome == "skipped" and test.reason == reason]
        return join(*(tag("div", nodeid(test.nodeid)) for test in those))

    rows = [
        tag("tr", tag("td", n, class_="num"), tag("td", reason.removeprefix("Skipped: ")), tag("td", names(reason)))
        for reason, n in reasons.most_common()
    ]
    return join(
        tag("h3", "Skipped, which proves nothing"),
        table((NumberHead("Tests"), "Reason", "Which"), rows, class_="skips"),
    )


def _worst(run: Run) -> Html:
    rated: dict[object, tuple[float, Row]] = {}
    for row in run.rows:
        m = margin(row)
        key = (row.requirement, row.measurement) if row.passed else id(row)  # else one of them could fill the table
        if m is not None and (key not in rated or m < rated[key][0]):
            rated[key] = m, row
    if not rated:
        return tag("p", "No figure was measured.", class_="none")
    rows = [
        tag(
            "tr",
            tag("td", tag("a", row.requirement, href="#" + anchor("req", row.requirement))),
            tag("td", row.name),
            tag("td", value(row), class_="num"),
            tag("td", limits(row), class_="num"),
            tag("td", bar(row)),
            tag("td", "none" if isinf(m) else f"{m:.0%}".replace("-", "\N{MINUS SIGN}"), class_="num"),
            class_=None if row.passed else "out",
        )
        for m, row in sorted(rated.values(), key=lambda pair: pair[0])[:WORST]
    ]
    head = ("Of", "Figure", NumberHead("Value"), NumberHead("Limits"), "", NumberHead("Margin"))
    note = (
        "Margin: distance to the nearer limit, as a share of half the span between two limits or of a single limit. "
        "Figures that must equal their limit, and do, have none. Of what was measured in many cases, the worst."
    )
    return join(table(head, rows, class_="figures rated"), tag("p", note, class_="note"))


def _all(tests: list[Case]) -> Html:
    rows = [
        tag(
            "tr",
            tag("td", outcome(test)),
            tag("td", nodeid(test.nodeid), tag("div", first_line(test.doc), class_="doc")),
            tag("td", ", ".join(test.requirements)),
            tag("td", str(len(test.measurements)), class_="num"),
            tag("td", seconds(test.virtual_s) if test.virtual_s else "\N{EN DASH}", class_="num"),
            tag("td", seconds(test.seconds), class_="num"),
        )
        for test in tests
    ]
    head = ("", "Test", "Proves", *map(NumberHead, ("Figures", "Virtual", "Wall")))
    return tag("details", tag("summary", f"All {len(tests)} tests"), table(head, rows, class_="tests"), id="tests")


def first_line(text: str) -> str:
    """The first sentence-like part of a docstring."""
    return " ".join(text.strip().split("\n\n")[0].split())


def mark(kind: str, word: str) -> Html:
    """A word that is also a colour."""
    return tag("span", word, class_=f"mark {kind}")


def outcome(test: Case) -> Html:
    """How a test ended."""
    kinds = {"passed": "good", "skipped": "warn", "failed": "bad", "error": "bad"}
    return mark(kinds.get(test.outcome, "bad"), test.outcome)
