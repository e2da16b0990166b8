"""Runs as the bench records them, made up: for the tests of the report."""

from __future__ import annotations

from html.parser import HTMLParser
from typing import Any

from assuage_rig.requirements import Book, Hazard, Measurement, Requirement
from assuage_rig.runrecord import Case, Evidence, Facts, Fault, Row, Run

HOSTILE = "<script>alert('x')</script><img src=http://evil.example/x onerror=alert(1)> \"'&; \x00\x07"
"""A name that somebody chose."""


def book(**extra: Requirement) -> Book:
    """Three hazards, one answered, one for later, one forgotten; two requirements."""
    hazards = (
        Hazard("HAZ-01", "software", "Too much", "a step too many", "GIP 1"),
        Hazard("HAZ-02", "use", "Too late", "a key bounces", "our own", later="ILK: the interlock"),
        Hazard("HAZ-03", "use", "Forgotten", "nobody thought of it", "our own"),
    )
    requirements = {
        "ACC-001": Requirement(
            "ACC-001", "Mean rate", "Shall be right.", ("HAZ-01",), "IEC, second hand", (),
            (Measurement("mean rate error", "%", -1.0, 1.0),),
        ),
        "FLT-001": Requirement(
            "FLT-001", "Volume", "Shall be little.", ("HAZ-01",),
            measurements=(Measurement("unintended volume", "mL", hi=0.1),),
        ),
        **extra,
    }  # fmt: skip
    return Book({hazard.id: hazard for hazard in hazards}, requirements)


def row(requirement: str = "ACC-001", value: float | None = 0.5, where: str = "BD 50 at 1 mL/h", **changes: Any) -> Row:
    """One figure, judged by its own limits."""
    name, unit, lo, hi = (
        ("mean rate error", "%", -1.0, 1.0) if requirement == "ACC-001" else ("unintended volume", "mL", None, 0.1)
    )
    lo, hi = changes.pop("lo", lo), changes.pop("hi", hi)
    passed = value is not None and (lo is None or value >= lo) and (hi is None or value <= hi)
    return Row(requirement, name, where, value, unit, lo, hi, passed, "linux", 1, **changes)


def case(name: str = "test_rate", **fields: Any) -> Case:
    """One test that has passed."""
    return Case(f"hil_tests/test_x.py::{name}", **{"requirements": ["ACC-001"], "doc": f"{name} in words.", **fields})


def run(*tests: Case, **fields: Any) -> Run:
    """A run of some tests."""
    facts = Facts("0.1.0", "8e4ebc84", "cec4ad84", "6f7cd761b7cb9734", "linux", "MicroPython", 42, "test", "2026-01-02")
    return Run(facts, list(tests), **fields)


def curve(**fields: Any) -> Evidence:
    """A plot of one curve."""
    series = {"patient": [[1.0, 2.0, 5.0], [0.1, 0.4, 0.2]]}
    return Evidence(
        **{"kind": "plot", "title": "Start-up", "x": "time (min)", "y": "flow (mL/h)", "series": series, **fields}
    )


def fault(verb: str, **params: float) -> Fault:
    """Something that a test broke."""
    return Fault(verb, params, 1.0, "linux")


class Page(HTMLParser):
    """What is in a page: elements as (name, attributes), text, and cells of table rows with their row's class.

    Complains about an end tag that closes nothing, and about what is left open.
    """

    VOID = frozenset({"meta", "br", "hr", "link", "img", "input", "wbr"})

    def __init__(self, html: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str]]] = []
        self.rows: list[tuple[str, list[str]]] = []
        self.text = ""
        self._open: list[str] = []
        self._row: tuple[str, list[str]] | None = None
        self.feed(html)
        self.close()
        assert self._open == [], f"never closed: {self._open}"

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """One element begins."""
        attributes = {name: value or "" for name, value in attrs}
        assert len(attributes) == len(attrs), f"an attribute twice: {attrs}"
        self.elements.append((tag, attributes))
        if tag not in self.VOID:
            self._open.append(tag)
        if tag == "tr":
            self._row = (attributes.get("class", ""), [])
            self.rows.append(self._row)
        elif tag in ("td", "th") and self._row:
            self._row[1].append("")

    def handle_endtag(self, tag: str) -> None:
        """It ends."""
        assert self._open and self._open[-1] == tag, f"</{tag}> inside {self._open[-3:]}"
        self._open.pop()

    def handle_data(self, data: str) -> None:
        """Text, but for style and script."""
        if self._open and self._open[-1] in ("style", "script"):
            return
        self.text += data
        if self._row and self._row[1] and "tr" in self._open:
            self._row[1][-1] += data

    def having(self, attribute: str) -> list[str]:
        """All values of an attribute."""
        return [attributes[attribute] for _, attributes in self.elements if attribute in attributes]
