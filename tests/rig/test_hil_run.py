"""A run of hil_tests with planted tests: what is recorded, what fails, and how it is said. No board is started."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from assuage_rig.hilrun import MEASUREMENTS
from assuage_rig.runrecord import Run, load, run_of, to_json

from .serving import ENVIRONMENT, ROOT
from .test_requirements import written

TESTS = '''
import math

import pytest

from assuage_rig.requirements import req
from assuage_rig.targets.dut import CannotError


@req("ACC-001")
@pytest.mark.parametrize("n", range(4))
def test_good(measure, evidence, n):
    """A doc."""
    measure("ACC-001", "mean rate error", n / 4, where=f"case {n}")
    evidence.note("said")


@req("ACC-001")
def test_outside(measure):
    measure("ACC-001", "mean rate error", 2.5, where="first")
    measure("ACC-001", "mean rate error", 0.0, where="second")


@req("ACC-001")
def test_nan(measure):
    measure("ACC-001", "mean rate error", math.nan)


@req("ACC-001")
def test_raises(measure):
    measure("ACC-001", "mean rate error", 0.5)
    raise RuntimeError("of its own")


@req("ACC-001")
def test_cannot(measure):
    raise CannotError("nobody is there to do it")


def test_proves_nothing():
    raise AssertionError("it must not even run")


@req("ACC-009")
def test_proves_what_is_not():
    raise AssertionError("it must not even run")


@req("ACC-001")
def test_undeclared(measure):
    measure("ACC-001", "beauty", 1.0)
'''

PASSED = [f"hil_tests/test_x.py::test_good[{n}]" for n in range(4)]


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, subprocess.CompletedProcess[str]]:
    """A project of its own, with our conftest files, and its run in two processes."""
    folder = tmp_path_factory.mktemp("project")
    (folder / "hil_tests" / "requirements").mkdir(parents=True)
    written(folder / "hil_tests" / "requirements")
    for name in ("conftest.py", "hil_tests/conftest.py", "pyproject.toml"):
        (folder / name).symlink_to(ROOT / name)
    (folder / "hil_tests" / "test_x.py").write_text(TESTS)
    command = [sys.executable, "-m", "pytest", "hil_tests", "--rootdir", str(folder), "-c", "pyproject.toml", "-n", "2"]
    command += ["--requirements", str(folder / "hil_tests" / "requirements"), "--date", "2026-01-02T03:04Z"]
    command += ["--out", "out", "--junit-xml", "out/junit.xml"]
    environment = {**ENVIRONMENT, "ASSUAGE_SEED": "7", "ASSUAGE_SOAK": "0", "COLUMNS": "200"}
    environment["PYTHONPATH"] += f":{folder}"
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True)
    return folder / "out", done


def test_whatever_is_wrong_fails_the_run_and_nothing_that_is_skipped_counts_as_passed(
    ran: tuple[Path, subprocess.CompletedProcess[str]],
) -> None:
    out, done = ran
    assert done.returncode == 1, done.stdout + done.stderr
    outcomes = {case.nodeid.split("::")[1]: (case.outcome, case.reason) for case in load(out).tests}
    assert {name for name, (outcome, _) in outcomes.items() if outcome == "passed"} == {
        name.split("::")[1] for name in PASSED
    }
    for name, outcome, reason in (
        ("test_outside", "failed", "ACC-001 mean rate error, first: 2.5 %, -1 .. 1"),
        ("test_nan", "failed", "ACC-001 mean rate error: no number %, -1 .. 1"),
        ("test_raises", "failed", "of its own"),
        ("test_cannot", "skipped", "target linux: nobody is there to do it"),
        ("test_proves_nothing", "error", "the test proves no requirement: mark it with @req(...)"),
        ("test_proves_what_is_not", "error", "there is no requirement 'ACC-009'"),
        ("test_undeclared", "failed", "ACC-001 declares no measurement 'beauty'"),
    ):
        assert outcomes[name][0] == outcome, name
        assert reason in outcomes[name][1], name


def test_the_figures_of_all_processes_are_in_one_list_with_the_promised_keys(
    ran: tuple[Path, subprocess.CompletedProcess[str]],
) -> None:
    out, _ = ran
    rows = json.loads((out / MEASUREMENTS).read_text())
    assert all(
        list(row) == ["requirement", "name", "value", "unit", "lo", "hi", "passed", "target", "seed"] for row in rows
    )
    assert {(row["name"], row["value"], row["passed"]) for row in rows} == {
        *((f"mean rate error, case {n}", n / 4, True) for n in range(4)),
        ("mean rate error, first", 2.5, False),
        ("mean rate error, second", 0.0, True),
        ("mean rate error", None, False),
        ("mean rate error", 0.5, True),
    }
    assert {(row["unit"], row["lo"], row["hi"], row["target"], row["seed"]) for row in rows} == {
        ("%", -1.0, 1.0, "linux", 7)
    }
    assert len(list((out / "parts").glob("gw*.jsonl"))) == 2, "each process wrote its own"


def test_the_record_keeps_what_the_report_is_made_of(ran: tuple[Path, subprocess.CompletedProcess[str]]) -> None:
    out, _ = ran
    run = load(out)
    assert run_of(json.loads(to_json(run))) == run
    assert (run.facts.target, run.facts.seed, run.facts.size, run.facts.date) == (
        "linux",
        7,
        "test",
        "2026-01-02T03:04Z",
    )
    case = next(case for case in run.tests if case.nodeid == PASSED[0])
    assert (case.doc, case.requirements, case.evidence[0].text) == ("A doc.", ["ACC-001"], "said")
    assert (out / "junit.xml").exists() and run.missing == []


def test_each_finished_test_is_a_line_with_its_worst_figure_and_a_failure_says_how_to_have_it_again(
    ran: tuple[Path, subprocess.CompletedProcess[str]],
) -> None:
    out, done = ran
    lines = done.stdout.splitlines()
    assert sum("  passed  " in line or "  failed  " in line or "  error  " in line or "  skipped " in line
               for line in lines) == 11  # fmt: skip
    assert any("/11  " in line and "test_x.py::test_outside  | ACC-001 mean rate error, first: 2.5 %" in line
               for line in lines)  # fmt: skip
    assert "ASSUAGE_SEED=7 .venv/bin/python -m pytest hil_tests/test_x.py::test_outside" in lines
    assert f"measurements: {out / MEASUREMENTS}" in lines


def test_a_process_that_dies_leaves_what_it_had_measured(tmp_path: Path) -> None:
    from assuage_rig.runrecord import Case, Facts, Part, join

    part = Part(tmp_path, "gw0")
    part.facts(Facts(board="ab"))
    part.begin("a")
    part.test(Case("a"))
    part.begin("b")
    with (tmp_path / "parts" / "gw0.jsonl").open("a") as file:
        file.write('{"test": {"nodeid": "b", "do')
    assert join(tmp_path, Facts()) == Run(Facts(board="ab"), [Case("a")], ["b"])
