"""Who runs beside whom: the chain in one worker and from the start, costly files whole, all else wherever there is
room."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections import defaultdict
from pathlib import Path

import pytest

from tests.scheduling import CHAIN, scope_of

ROOT = Path(__file__).resolve().parent.parent
TREE = {
    "tests/a/test_small.py": 12,
    "tests/chain/test_one.py": 4,
    "tests/chain/test_two.py": 4,
    "tests/host/test_monitor_x.py": 4,
    "tests/page/test_page_x.py": 4,
    "tests/page/test_page_y.py": 4,
}


@pytest.mark.parametrize(
    ("nodeid", "scope"),
    [
        ("tests/chain/test_kills.py::test_x", CHAIN),
        ("tests/chain/test_numbers_agree.py::test_x[a::b]", CHAIN),
        ("tests/page/test_page_stop.py::test_x[tests/chain/]", "tests/page/test_page_stop.py"),
        ("tests/host/test_monitor_live.py::test_x", "tests/host/test_monitor_live.py"),
        ("tests/host/test_bed_stop.py::test_x", "tests/host/test_bed_stop.py::test_x"),
        ("hil_tests/test_rates.py::test_x[1]", "hil_tests/test_rates.py::test_x[1]"),
    ],
)
def test_the_scope_of_a_test(nodeid: str, scope: str) -> None:
    assert scope_of(nodeid) == scope


@pytest.mark.parametrize("killed", [False, True])
def test_a_run_in_two_processes_keeps_to_the_scopes(tmp_path: Path, killed: bool) -> None:
    """With the suite's own conftest.py, on a small tree; and a worker that dies leaves nothing undone."""
    for name, count in TREE.items():
        file = tmp_path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(f"import pytest\n@pytest.mark.parametrize('i', range({count}))\ndef test_x(i): pass\n")
    if killed:
        (tmp_path / "tests/a/test_small.py").write_text(
            "import os, pytest\n@pytest.mark.parametrize('i', range(12))\ndef test_x(i): i != 5 or os._exit(1)\n"
        )
    (tmp_path / "pytest.ini").write_text("[pytest]\naddopts = --import-mode=importlib\n")
    where = os.pathsep.join(str(ROOT / folder) for folder in (".", "host", "protocol"))
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-v", "-n", "2", "-p", "xdist", "-p", "tests.conftest", "tests"],
        env={**os.environ, "PYTHONPATH": where, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", "PYTEST_ADDOPTS": ""},
        cwd=tmp_path, capture_output=True, text=True, timeout=100, check=False,
    )  # fmt: skip
    ran = re.findall(r"^\[(gw\d+)\].* PASSED (\S+?)(::\S+)", done.stdout, re.MULTILINE)
    assert len(ran) == sum(TREE.values()) - killed, done.stdout + done.stderr
    workers = defaultdict(set)
    for worker, file, test in ran:
        workers[scope_of(file + test)].add(worker)
    assert all(len(some) == 1 for some in workers.values()), workers
    assert len(set.union(*workers.values())) >= 2
    if not killed:
        first = next(file for worker, file, _ in ran if {worker} == workers[CHAIN])
        assert first.startswith(CHAIN + "/"), ran
