"""A run of hil_tests: its options, its target, and what is kept of each test. conftest.py hands pytest's hooks on."""

from __future__ import annotations

import contextlib
import json
import re
import shlex
import shutil
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from assuage_rig import runrecord
from assuage_rig.evidence import FILES, Collector
from assuage_rig.measuring import Measure
from assuage_rig.report import page
from assuage_rig.requirements import Book, RequirementError, load
from assuage_rig.runrecord import Case, Facts, Part, Run
from assuage_rig.targets.choice import target_for
from assuage_rig.targets.dut import Dut
from assuage_rig.targets.inventory import find
from assuage_rig.targets.strategy import READY, Strategy
from assuage_rig.trace import elsewhere

MEASUREMENTS = "measurements.json"
JUNIT = "junit.xml"


@dataclass(frozen=True)
class Options:
    """out: the run's folder. place: of the inventory. date: as it shall stand in the report. worker: this process."""

    out: Path
    place: str
    inventory: Path
    requirements: Path
    date: str
    seed: int
    soak: bool
    worker: str

    @property
    def size(self) -> str:
        return "soak" if self.soak else "test"

    def repeat(self, what: str) -> str:
        """The command that repeats a test, or several."""
        size = "ASSUAGE_SOAK=1 " if self.soak else ""
        limit = " -o timeout=3600" if self.soak else ""
        target = "" if self.place == "linux" else f" --target {shlex.quote(self.place)}"
        return f"{size}ASSUAGE_SEED={self.seed} .venv/bin/python -m pytest{limit} {shlex.quote(what)}{target}"


class HilRun:
    """One process's share of a run."""

    def __init__(self, options: Options) -> None:
        self.options = options
        self.book: Book = load(options.requirements)
        self.target = target_for(find(options.place, options.inventory), options.seed)
        self._strategy = Strategy(self.target)
        self._part = Part(options.out, options.worker)

    def ready(self) -> None:
        """The target is ready. Raises BrokenTargetError."""
        if self._strategy.state != READY:
            self._strategy.to(READY)
            facts = self.target.facts
            facts.size, facts.date = self.options.size, self.options.date
            facts.command = self.options.repeat("hil_tests")
            self._part.facts(facts)

    def begin(self, nodeid: str, doc: str, ids: list[str]) -> TestRun:
        """A test begins."""
        self._part.begin(nodeid)
        return TestRun(self, nodeid, doc, ids)

    def end(self, test: TestRun) -> None:
        """It has ended."""
        test.evidence.finish()
        self._part.test(test.case)


class TestRun:
    """What the fixtures of one test gather."""

    __test__ = False

    def __init__(self, run: HilRun, nodeid: str, doc: str, ids: list[str]) -> None:
        options = run.options
        self.case = Case(nodeid, doc, ids, repro=options.repeat(nodeid), worker=options.worker)
        self.measure = Measure(run.book, ids, options.place, options.seed)
        self.evidence = Collector(options.out, slug(nodeid))
        self.case.measurements = self.measure.rows
        self.case.evidence = self.evidence.items
        self.wrong = unknown(run.book, ids)
        self._run = run
        self._open: list[Dut] = []
        self._began = 0.0

    def open(self, **options: Any) -> Dut:
        """A board on the run's target. Raises BrokenTargetError and CannotError."""
        self._run.ready()
        if not self._open:
            self._began = time.monotonic()
        dut = self._run.target.open(self.case.faults, **options)
        self._open.append(dut)
        return dut

    def said(self) -> list[str]:
        """What its boards have printed."""
        return [said for dut in self._open if (said := str(getattr(dut, "output", "")))]

    def close(self) -> None:
        """Ends the test's boards, the last first."""
        with contextlib.ExitStack() as stack:
            for dut in self._open:
                self.case.virtual_s += dut.now_us / 1e6
                stack.callback(dut.close)
        if self._open:
            self.case.wall_s += time.monotonic() - self._began
        self._open.clear()


def unknown(book: Book, ids: list[str]) -> str:
    """What is wrong with the requirements that a test names; empty when nothing is."""
    if not ids:
        return "the test proves no requirement: mark it with @req(...)"
    try:
        for id_ in ids:
            book.requirement(id_)
    except RequirementError as error:
        return str(error)
    return ""


def slug(nodeid: str) -> str:
    """A folder's name for a test."""
    return re.sub(r"[^A-Za-z0-9_.-]+", "_", nodeid.removeprefix("hil_tests/"))[:120].strip("_")


def clear(out: Path) -> None:
    """What an earlier run has left."""
    for folder in (runrecord.PARTS, FILES):
        shutil.rmtree(out / folder, ignore_errors=True)
    for name in (runrecord.RECORD, MEASUREMENTS, JUNIT, page.NAME):
        (out / name).unlink(missing_ok=True)


def finish(options: Options) -> Run:
    """Joins what the processes have written, and writes what machines read."""
    facts = Facts(target=options.place, seed=options.seed, size=options.size, date=options.date)
    run = runrecord.join(options.out, facts)
    options.out.mkdir(parents=True, exist_ok=True)
    (options.out / runrecord.RECORD).write_text(runrecord.to_json(run) + "\n", encoding="utf-8")
    rows = [row.as_measurement() for row in run.rows]
    text = "[\n" + ",\n".join(json.dumps(row, ensure_ascii=False, allow_nan=False) for row in rows) + "\n]\n"
    (options.out / MEASUREMENTS).write_text(text, encoding="utf-8")
    return run


def report(run: Run, options: Options) -> Path:
    """Writes the page; what else the run has left is there by now."""
    return page.write(run, elsewhere(load(options.requirements)), options.out)
