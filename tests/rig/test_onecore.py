"""Rigs of one process share a core, others take another, and whoever ends gives it back."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from assuage_rig.onecore import OneCore

ROOT = Path(__file__).resolve().parents[2]
pytestmark = pytest.mark.skipif(not hasattr(os, "sched_setaffinity"), reason="this system pins nothing to a core")

OTHER = """
import os
from assuage_rig.onecore import OneCore
core = OneCore()
core.claim()
print(*os.sched_getaffinity(0))
core.release()
"""


@pytest.fixture(autouse=True)
def locks_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    monkeypatch.setenv("TMPDIR", str(tmp_path))


def _other() -> set[int]:
    env = {**os.environ, "PYTHONPATH": str(ROOT / "hil_tests")}
    told = subprocess.run(
        [sys.executable, "-c", OTHER], env=env, capture_output=True, text=True, check=True, timeout=30
    )
    return {int(core) for core in told.stdout.split()}


def test_rigs_of_one_process_share_a_core_and_the_last_gives_it_back() -> None:
    usual = os.sched_getaffinity(0)
    first, second = OneCore(), OneCore()
    first.claim()
    mine = os.sched_getaffinity(0)
    assert len(mine) == 1
    second.claim()
    second.claim()
    assert os.sched_getaffinity(0) == mine
    first.release()
    first.release()
    assert os.sched_getaffinity(0) == mine
    second.release()
    assert os.sched_getaffinity(0) == usual


def test_a_rig_of_another_process_takes_another_core_and_where_none_is_left_all() -> None:
    usual = os.sched_getaffinity(0)
    core = OneCore()
    core.claim()
    try:
        mine = os.sched_getaffinity(0)
        os.sched_setaffinity(0, usual)  # which the other inherits
        other = _other()
        assert other != mine
        assert other == usual if len(usual) == 1 else len(other) == 1
        os.sched_setaffinity(0, mine)
        assert _other() == mine, "that has no other core, and so leaves things as they are"
    finally:
        core.release()


def test_where_no_lock_can_be_had_the_scheduler_decides(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", "/nowhere/at/all")
    usual = os.sched_getaffinity(0)
    core = OneCore()
    core.claim()
    assert os.sched_getaffinity(0) == usual
    core.release()
    assert os.sched_getaffinity(0) == usual
