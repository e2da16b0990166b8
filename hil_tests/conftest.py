"""The fixtures that a test of the bench is written with, and pytest's hooks, handed on to assuage_rig.hilrun."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from assuage_rig import hilrun, junit
from assuage_rig.evidence import Collector
from assuage_rig.hilrun import HilRun, Options, TestRun
from assuage_rig.measuring import Measure, told, worst
from assuage_rig.progress import WORST, Progress
from assuage_rig.report import page
from assuage_rig.requirements import FOLDER, RequirementError
from assuage_rig.targets.dut import CannotError, Target
from assuage_rig.targets.inventory import INVENTORY, InventoryError, find
from assuage_rig.targets.strategy import BrokenTargetError

RUN = pytest.StashKey[HilRun]()
TEST = pytest.StashKey[TestRun]()


def pytest_addoption(parser: pytest.Parser) -> None:
    """Of a run of hil_tests."""
    group = parser.getgroup("bench")
    group.addoption("--target", default="linux", metavar="NAME", help="row of hil_tests/bench.toml (default: linux)")
    group.addoption("--out", default="build/hil-last", metavar="DIR", help="folder of the report")
    group.addoption("--date", default="", help="date to stand in the report")
    group.addoption("--inventory", default=str(INVENTORY), metavar="FILE", help="instead of bench.toml")
    group.addoption("--requirements", default=str(FOLDER), metavar="DIR", help="instead of hil_tests/requirements")


def _options(config: pytest.Config) -> Options:
    o = config.option
    seed, soak = int(os.environ["ASSUAGE_SEED"]), os.environ.get("ASSUAGE_SOAK") == "1"
    worker = os.environ.get("PYTEST_XDIST_WORKER", "main")
    files = Path(o.inventory), Path(o.requirements)
    return Options(config.rootpath / o.out, o.target, *files, o.date, seed, soak, worker)


def _writes(config: pytest.Config) -> bool:
    """Whether this process controls a run, rather than taking part in one or only looking which tests there are."""
    return not hasattr(config, "workerinput") and not config.option.collectonly


@pytest.hookimpl(tryfirst=True)
def pytest_cmdline_main(config: pytest.Config) -> None:
    """A real board is one: its tests run one after the other, whatever -n says."""
    options = _options(config)
    with contextlib.suppress(InventoryError):  # told by pytest_configure
        if find(options.place, options.inventory).kind == "serial":
            config.option.numprocesses = None
            config.option.dist = "no"
            config.option.tx = []


def pytest_configure(config: pytest.Config) -> None:
    """A new run begins; only the controlling process clears away what the last one has left."""
    options = _options(config)
    try:
        config.stash[RUN] = HilRun(options)
    except (InventoryError, RequirementError) as error:
        raise pytest.UsageError(str(error)) from error
    if _writes(config):
        hilrun.clear(options.out)
        config.pluginmanager.register(Progress(config), "bench-progress")


@pytest.hookimpl(wrapper=True)
def pytest_sessionfinish(session: pytest.Session) -> Iterator[None]:
    """The controlling process joins what all have written; the report comes last, and finds pytest's own XML."""
    if not _writes(session.config):
        return (yield)
    options = session.config.stash[RUN].options
    run = hilrun.finish(options)
    junit.tell(session.config, run.facts)
    try:
        return (yield)
    finally:
        hilrun.report(run, options)


def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:
    """Where the results lie."""
    if not _writes(config):
        return
    out = config.stash[RUN].options.out
    terminalreporter.write_line(f"measurements: {out / hilrun.MEASUREMENTS}")
    terminalreporter.write_line(f"report:       {out / page.NAME}")


# -- a test --------------------------------------------------------------------------------------------------------
@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Iterator[None]:
    """From here on the test's fixtures gather what it finds."""
    ids = [str(id_) for mark in item.iter_markers("req") for id_ in mark.args]
    doc = getattr(getattr(item, "function", None), "__doc__", None) or ""
    run = item.config.stash[RUN]
    test = item.stash[TEST] = run.begin(item.nodeid, doc.strip(), ids)
    item.user_properties += [("requirement", id_) for id_ in ids] + [("repeat", test.case.repro)]
    try:
        return (yield)
    finally:
        run.end(test)


def pytest_runtest_setup(item: pytest.Item) -> None:
    """A test that proves no requirement that there is does not run."""
    if item.stash[TEST].wrong:
        pytest.fail(item.stash[TEST].wrong, pytrace=False)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Iterator[None]:
    """A figure outside its limits fails the test, once it has recorded all of them."""
    measure = item.stash[TEST].measure
    try:
        yield
    except CannotError as error:
        pytest.skip(f"target {item.config.stash[RUN].options.place}: {error}")
    finally:
        row = worst(measure.rows)
        if row is not None:
            item.user_properties.append((WORST, f"{row.requirement} {told(row)}"))
    if measure.misses():
        pytest.fail("\n".join(["outside the limits:", *measure.misses()]), pytrace=False)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Iterator[pytest.TestReport]:
    """What came of it, and how to have it again."""
    report: pytest.TestReport = yield
    case = item.stash[TEST].case
    case.seconds += call.duration
    if report.skipped:
        case.outcome = "skipped"
        case.reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
    elif report.failed:
        case.outcome = "failed" if report.when == "call" else "error"
        case.reason = "\n".join(filter(None, [case.reason, str(report.longrepr)]))
        for said in item.stash[TEST].said():
            report.sections.append(("the board said", said))
        report.sections.append(("to repeat it", case.repro))
    return report


# -- fixtures --------------------------------------------------------------------------------------------------------
@pytest.fixture
def measure(request: pytest.FixtureRequest) -> Measure:
    """Records a figure for a requirement; see assuage_rig.measuring.Measure."""
    return request.node.stash[TEST].measure


@pytest.fixture
def evidence(request: pytest.FixtureRequest) -> Collector:
    """Plots, tables, files and notes for the report; see assuage_rig.evidence.Collector."""
    return request.node.stash[TEST].evidence


class Opener:
    """dut(**bench_options) opens a board on the chosen target, closed when the test ends."""

    def __init__(self, test: TestRun, target: Target) -> None:
        self.target = target
        self._test = test

    def __call__(self, **options: Any) -> Any:
        """Skips the test when the target is broken or cannot do what is asked."""
        try:
            return self._test.open(**options)
        except (BrokenTargetError, CannotError) as error:
            pytest.skip(f"target {self.target.place.name}: {error}")


@pytest.fixture
def dut(request: pytest.FixtureRequest) -> Iterator[Opener]:
    """Opens boards under test."""
    test = request.node.stash[TEST]
    yield Opener(test, request.config.stash[RUN].target)
    test.close()
