"""Runs a file of plain tests on the real MicroPython.

Such a file holds functions `test_x()` without arguments, plain asserts, and no pytest: CPython's pytest collects it as
it stands, and this runs it on the interpreter that the board has, with a heap of the board's order of size.

    .venv/bin/python -m tests.on_micropython [tests/pure/test_x.py ...]        all of tests/pure without a name
"""

from __future__ import annotations

import ast
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "hil_tests"))

from assuage_rig.targets.interpreter import find_micropython  # noqa: E402

PURE = ROOT / "tests" / "pure"
DRIVER = ROOT / "tests" / "mpy_driver.py"
# The board has about 190 kB; its pointers are half as wide, and the tests' own data lives here as well.
HEAP = "1m"
SECONDS = 300  # only against a hang


class NotPlainError(ValueError):
    """The file holds something that MicroPython cannot run as a test; the message names it."""


@dataclass(frozen=True)
class Outcome:
    """Of one file: whether all passed, how many functions ran, and what MicroPython printed."""

    passed: bool
    ran: int
    output: str


def test_names(path: Path) -> list[str]:
    """Names of the test functions in `path`, in order.

    Raises NotPlainError for classes, arguments, pytest, or no function at all.
    """
    tree = ast.parse(path.read_text(encoding="utf-8"), str(path))
    names = []
    for node in ast.walk(tree):
        imported = {alias.name for alias in node.names} if isinstance(node, ast.Import) else set()
        if isinstance(node, ast.ImportFrom) and node.module:
            imported = {node.module}
        if any(name.split(".")[0] in ("pytest", "hypothesis") for name in imported):
            raise NotPlainError(f"{path}:{node.lineno}: a plain test imports neither pytest nor hypothesis")  # type: ignore[attr-defined]
    for node in tree.body:
        if isinstance(node, ast.ClassDef) and node.name.startswith("Test"):
            raise NotPlainError(f"{path}:{node.lineno}: plain tests are functions, not classes")
        if isinstance(node, ast.AsyncFunctionDef) and node.name.startswith("test_"):
            raise NotPlainError(f"{path}:{node.lineno}: plain tests are not async")
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
            if node.args.args or node.args.kwonlyargs or node.decorator_list:
                raise NotPlainError(f"{path}:{node.lineno}: plain tests take no arguments and no decorators")
            names.append(node.name)
    if not names:
        raise NotPlainError(f"{path}: no test functions")
    return names


def run(path: Path) -> Outcome:
    """Runs every test function of `path` in one MicroPython process."""
    names = test_names(path)
    command = [*find_micropython(), "-X", f"heapsize={HEAP}", str(DRIVER), path.stem, *names]
    search = [ROOT / "protocol", ROOT / "firmware", path.parent]
    environment = {**os.environ, "MICROPYPATH": ":".join(str(folder) for folder in search)}
    done = subprocess.run(
        command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=SECONDS, check=False
    )
    output = done.stdout + done.stderr
    # the count guards against an interpreter that ends early with a friendly exit code
    complete = f"ran {len(names)} failed 0" in done.stdout
    return Outcome(passed=done.returncode == 0 and complete, ran=output.count("passed test_"), output=output)


def main(arguments: list[str]) -> int:
    """Runs the named files, or all, and prints one line each. Returns the exit code."""
    failed = False
    for path in [Path(name).resolve() for name in arguments] or sorted(PURE.glob("test_*.py")):
        outcome = run(path)
        failed |= not outcome.passed
        print(f"{'passed' if outcome.passed else 'FAILED'} {path.name}: {outcome.ran} tests")
        if not outcome.passed:
            print(outcome.output)
    return int(failed)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
