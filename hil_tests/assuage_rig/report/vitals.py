"""The chapter on the vital signs: how far what the board tells is from what the emulated patient has.

Points of the same title, from whatever test, are one figure here, with one row of the table above.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from itertools import chain
from statistics import fmean, pstdev

from assuage_rig.report.evidences import about, groups
from assuage_rig.report.markup import Html, NumberHead, join, number, table, tag
from assuage_rig.report.plots import plot
from assuage_rig.runrecord import Case, Evidence, Run

PREFIX = "VIT"
HEAD = ("Figure", *map(NumberHead, ("Points", "Mean", "SD", "Least", "Greatest", "In lines")))


def vitals(run: Run) -> Html:
    """A table of all clouds, the clouds, and what else the tests of the vital signs show."""
    tests = [test for test in run.tests if about(test) == PREFIX]
    clouds = merged(item for test in tests for item in test.evidence if item.scatter)
    rest = groups([_without_clouds(test) for test in tests], ("plot", "table", "note"))
    if not clouds and not rest:
        return tag("p", "No test of this run has shown anything of vital signs.", class_="none")
    shown = join(
        table(HEAD, [_row(item) for item in clouds], class_="figures"),
        tag("div", [plot(item) for item in clouds], class_="grid"),
    )
    return join(shown if clouds else None, rest)


def merged(items: Iterable[Evidence]) -> list[Evidence]:
    """One for each title, in the order of the first, with the points of all of them under their series' names."""
    found: dict[str, Evidence] = {}
    for item in items:
        one = found.setdefault(item.title, replace(item, series={}))
        for name, (xs, ys) in item.series.items():
            before = one.series.get(name, [[], []])
            one.series[name] = [[*before[0], *xs], [*before[1], *ys]]
    return list(found.values())


def _without_clouds(test: Case) -> Case:
    return replace(test, evidence=[item for item in test.evidence if not item.scatter])


def _row(item: Evidence) -> Html:
    ys = [y for y in chain.from_iterable(ys for _, ys in item.series.values()) if y is not None]
    if not ys:
        return tag("tr", tag("td", item.title), [tag("td", "none", class_="num")] * (len(HEAD) - 1))
    figures = [number(round(value, 3)) for value in (fmean(ys), pstdev(ys), min(ys), max(ys))]
    lines = item.lines.values()
    within = sum(min(lines) <= y <= max(lines) for y in ys) / len(ys) if lines else None
    cells = [number(len(ys)), *figures, "\N{EN DASH}" if within is None else f"{100 * within:.1f} %"]
    return tag("tr", tag("td", item.title, " (", item.y, ")"), [tag("td", cell, class_="num") for cell in cells])
