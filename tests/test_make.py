"""What make removes, in a folder of its own."""

from __future__ import annotations

import fcntl
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent


def make(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["make", *arguments], cwd=folder, capture_output=True, text=True, timeout=60, stdin=subprocess.DEVNULL
    )


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A worked-in copy of the project: state, test output, caches, an environment."""
    shutil.copy(ROOT / "Makefile", tmp_path)
    for name in ("build/run/lock", "build/run/store.sqlite", "build/page/x.png", "x/__pycache__/y.pyc", ".venv/.dev"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    return tmp_path


def test_clean_keeps_the_state_of_make_run(folder: Path) -> None:
    done = make(folder, "clean")
    assert done.returncode == 0, done.stderr
    assert (folder / "build/run/store.sqlite").exists() and (folder / ".venv").exists()
    assert not (folder / "build/page").exists() and not (folder / "x/__pycache__").exists()


def test_distclean_removes_all_of_it_but_nothing_while_a_demo_runs(folder: Path) -> None:
    with (folder / "build/run/lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        done = make(folder, "distclean")
        assert done.returncode != 0 and "Assuage runs in build/run: end it with Ctrl-C first." in done.stderr
        assert (folder / "build/page").exists() and (folder / ".venv").exists()
    done = make(folder, "distclean")
    assert done.returncode == 0, done.stderr
    assert not (folder / "build").exists() and not (folder / ".venv").exists()
