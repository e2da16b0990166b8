"""Every line and every branch of the safety kernel is gone by its own tests: a number that is checked, not told."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from assuage_rig.requirements import req
from tests.firmware.kernel import PARTS

# The dispatch of grants and commands is the lease's other half: its mutants are not tried, its branches are.
MODULES = [part.module for part in PARTS] + ["link.dispatch", "link.states"]
TESTS = list(dict.fromkeys(test for part in PARTS for test in part.tests)) + [
    "link_dispatch",
    "link_records",
    "link_states",
    "bad_orders",
    "orders_without_a_pump",
    "link_guarding",
]


@req("PMP-018")
@pytest.mark.timeout(600)
def test_every_branch_of_the_kernel_is_gone(tmp_path: Path) -> None:
    report = tmp_path / "coverage.json"
    command = [sys.executable, str(Path(__file__).with_name("coverage_of.py")), str(report), *MODULES, "--", *TESTS]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=500, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    files = json.loads(report.read_text(encoding="utf-8"))["files"]
    assert len(files) == len(MODULES)
    missing = {name: (f["missing_lines"], f["missing_branches"]) for name, f in files.items()}
    assert not {name: lacks for name, lacks in missing.items() if lacks != ([], [])}
    assert sum(found["summary"]["num_branches"] for found in files.values()) > 200, "branches were measured"
