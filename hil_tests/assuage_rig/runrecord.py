"""What a run of hil_tests leaves behind: the record that the report is made from, as JSON lines.

Every process of a run appends to a part of its own, parts/<process>.jsonl: a line {"facts": ...} once its target is
ready, and a line {"test": ...} when a test has ended, so that what was measured is kept when a process dies. The
controlling process joins the parts to one Run. All of it is plain data: to_json() and from_json() are each other's
inverse.
"""

from __future__ import annotations

import dataclasses
import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

Outcome = Literal["passed", "failed", "skipped", "error"]
"""error: something went wrong before or after the test itself."""

PARTS = "parts"
RECORD = "run.json"


@dataclass
class Facts:
    """What was tested, and how. date: as given from outside, empty when it was not. seed and size repeat the run."""

    firmware: str = ""
    """Version, as the board told it in Hello."""
    schema: str = ""
    """CRC-32 of the wire's table, eight hex digits."""
    config: str = ""
    """Fingerprint of the board's own data, eight hex digits."""
    board: str = ""
    """The board's unique id, sixteen hex digits."""
    target: str = ""
    """Name in bench.toml."""
    interpreter: str = ""
    """What the board runs on, in words."""
    seed: int = 0
    size: str = "test"
    """"test" or "soak"."""
    date: str = ""
    command: str = ""
    """That repeats the run."""


@dataclass
class Row:
    """A measured figure against its limits. value is None for what is no number, which never passes."""

    requirement: str
    measurement: str
    """As declared."""
    where: str
    """The case, e.g. "BD 50 at 1 mL/h"; may be empty."""
    value: float | None
    unit: str
    lo: float | None
    hi: float | None
    passed: bool
    target: str
    seed: int
    note: str = ""
    """Why the limits are not the declared ones, or what else is to be known."""

    @property
    def name(self) -> str:
        """As in measurements.json: "mean rate error, BD 50 at 1 mL/h"."""
        return f"{self.measurement}, {self.where}" if self.where else self.measurement

    def as_measurement(self) -> dict[str, object]:
        """One row of measurements.json."""
        keys = ("value", "unit", "lo", "hi", "passed", "target", "seed")
        return {"requirement": self.requirement, "name": self.name, **{key: getattr(self, key) for key in keys}}


@dataclass
class Evidence:
    """Something that is shown with a test. What is set depends on `kind`:

    plot: title, x, y, series (name -> (xs, ys)), lines (name -> level), log_x, marks (name -> x), scatter
    table: title, head, rows
    file: title (the file's name), path (relative to the run's folder)
    note: text
    """

    kind: Literal["plot", "table", "file", "note"]
    title: str = ""
    x: str = ""
    y: str = ""
    series: dict[str, list[list[float | None]]] = field(default_factory=dict)
    lines: dict[str, float] = field(default_factory=dict)
    log_x: bool = False
    head: list[str] = field(default_factory=list)
    rows: list[list[Any]] = field(default_factory=list)
    path: str = ""
    text: str = ""
    marks: dict[str, float] = field(default_factory=dict)
    scatter: bool = False
    """Points that no line joins."""


@dataclass
class Fault:
    """A verb that a test made, and when: at_s is the target's time since its board was switched on, in seconds."""

    verb: str
    """e.g. "motor stall", "mend motor", "power cycle"."""
    params: dict[str, float] = field(default_factory=dict)
    at_s: float = 0.0
    target: str = ""


@dataclass
class Case:
    """One test. reason: of a skip or failure. virtual_s, wall_s: what its boards lived through, and what that took."""

    nodeid: str
    doc: str = ""
    requirements: list[str] = field(default_factory=list)
    outcome: Outcome = "passed"
    reason: str = ""
    seconds: float = 0.0
    repro: str = ""
    """The one command that repeats it."""
    measurements: list[Row] = field(default_factory=list)
    evidence: list[Evidence] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    virtual_s: float = 0.0
    wall_s: float = 0.0
    worker: str = ""


@dataclass
class Run:
    """A whole run; tests are sorted by node id."""

    facts: Facts = field(default_factory=Facts)
    tests: list[Case] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)
    """Node ids of tests that were begun and never ended: their process died."""

    @property
    def rows(self) -> list[Row]:
        """Every measured figure."""
        return [row for test in self.tests for row in test.measurements]


def to_json(thing: Run | Facts | Case) -> str:
    """On one line."""
    return json.dumps(dataclasses.asdict(thing), ensure_ascii=False, allow_nan=False)


def facts_of(data: dict[str, Any]) -> Facts:
    """From plain data."""
    return Facts(**data)


def case_of(data: dict[str, Any]) -> Case:
    """From plain data."""
    lists: dict[str, Any] = {
        "measurements": [Row(**item) for item in data["measurements"]],
        "evidence": [Evidence(**item) for item in data["evidence"]],
        "faults": [Fault(**item) for item in data["faults"]],
    }
    return Case(**{**data, **lists})


def run_of(data: dict[str, Any]) -> Run:
    """From plain data."""
    return Run(facts_of(data["facts"]), [case_of(test) for test in data["tests"]], data["missing"])


def load(folder: Path) -> Run:
    """The record of the run in a folder, as the controlling process wrote it. Raises OSError when there is none."""
    return run_of(json.loads((folder / RECORD).read_text(encoding="utf-8")))


class Part:
    """What one process writes."""

    def __init__(self, folder: Path, worker: str) -> None:
        self._path = folder / PARTS / f"{worker}.jsonl"

    def facts(self, facts: Facts) -> None:
        """The target is ready."""
        self._line('{"facts": ' + to_json(facts) + "}")

    def begin(self, nodeid: str) -> None:
        """A test begins."""
        self._line(json.dumps({"begin": nodeid}))

    def test(self, test: Case) -> None:
        """It has ended."""
        self._line('{"test": ' + to_json(test) + "}")

    def _line(self, line: str) -> None:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        with self._path.open("a", encoding="utf-8") as file:
            file.write(line + "\n")


def join(folder: Path, facts: Facts) -> Run:
    """The parts of a run as one. facts: what the controlling process knows; a part's, from a board, come before it."""
    tests: dict[str, Case] = {}
    begun: dict[str, None] = {}
    for path in sorted((folder / PARTS).glob("*.jsonl")):
        for line in path.read_text(encoding="utf-8").splitlines():
            try:
                data = json.loads(line)
            except json.JSONDecodeError:
                continue  # the last words of a process that was killed
            if "facts" in data:
                facts = facts_of(data["facts"])
            elif "begin" in data:
                begun[data["begin"]] = None
            else:
                test = case_of(data["test"])
                tests[test.nodeid] = test
    missing = [nodeid for nodeid in begun if nodeid not in tests]
    return Run(facts, [tests[nodeid] for nodeid in sorted(tests)], missing)
