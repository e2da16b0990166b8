"""The pure rooms keep their promises on MicroPython too, and the runner that shows it cannot be fooled."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests import on_micropython

FILES = sorted(on_micropython.PURE.glob("test_*.py"))


@pytest.mark.timeout(on_micropython.SECONDS + 30)
@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_on_micropython(path: Path) -> None:
    outcome = on_micropython.run(path)
    assert outcome.passed, f"{path.name} on MicroPython:\n{outcome.output}"


def test_there_are_pure_tests() -> None:
    assert FILES, "tests/pure holds no tests: the boards' logic would go unchecked on their own interpreter"


def plant(folder: Path, text: str) -> Path:
    path = folder / "test_planted.py"
    path.write_text(text, encoding="utf-8")
    return path


def test_a_failure_shows_micropythons_traceback(tmp_path: Path) -> None:
    outcome = on_micropython.run(
        plant(tmp_path, "def test_a():\n    pass\n\n\ndef test_b():\n    assert 1 == 2, 'told'\n")
    )
    assert not outcome.passed
    assert outcome.ran == 1
    assert "FAILED test_b" in outcome.output
    assert "line 6, in test_b" in outcome.output
    assert "AssertionError: told" in outcome.output


def test_it_really_is_micropython(tmp_path: Path) -> None:
    text = "import sys\n\n\ndef test_a():\n    assert sys.implementation.name == 'micropython'\n"
    assert on_micropython.run(plant(tmp_path, text)).passed


def test_allocation_under_a_locked_heap_fails(tmp_path: Path) -> None:
    text = """import micropython


def test_a():
    micropython.heap_lock()
    try:
        [1, 2, 3]
    finally:
        micropython.heap_unlock()
"""
    outcome = on_micropython.run(plant(tmp_path, text))
    assert not outcome.passed
    assert "MemoryError" in outcome.output


def test_a_file_that_ends_the_interpreter_early_does_not_pass(tmp_path: Path) -> None:
    text = "import sys\n\n\ndef test_a():\n    sys.exit(0)\n\n\ndef test_b():\n    pass\n"
    assert not on_micropython.run(plant(tmp_path, text)).passed


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("import pytest\ndef test_a(): pass\n", "neither pytest nor hypothesis"),
        ("from hypothesis import given\ndef test_a(): pass\n", "neither pytest nor hypothesis"),
        ("class TestX:\n    pass\n", "functions, not classes"),
        ("def test_a(tmp_path): pass\n", "no arguments"),
        ("x = 1\n", "no test functions"),
    ],
)
def test_a_file_that_would_not_run_whole_is_refused(tmp_path: Path, text: str, sentence: str) -> None:
    with pytest.raises(on_micropython.NotPlainError, match=sentence):
        on_micropython.run(plant(tmp_path, text))
