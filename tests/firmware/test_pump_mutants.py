"""The tests of the safety kernel notice every small mistake in it, so they can be trusted to notice the next one."""

from __future__ import annotations

import ast
import importlib
import signal
from pathlib import Path

import pytest

from tests.firmware.mutants import killed, mutants

PURE = Path(__file__).resolve().parents[1] / "pure"


@pytest.mark.timeout(600)
@pytest.mark.parametrize("module", ["pump.checks", "pump.demand", "pump.limits", "pump.states", "pump.windows"])
def test_no_mutant_of_the_kernel_survives_its_tests(module: str) -> None:
    path = importlib.import_module(module).__file__
    assert path
    source = Path(path).read_text(encoding="utf-8")
    tests = (PURE / f"test_{module.replace('.', '_')}.py",)
    limited = signal.getitimer(signal.ITIMER_REAL)[0] > 0
    assert not killed(module, ast.parse(source), tests), "the module itself must pass"
    assert (signal.getitimer(signal.ITIMER_REAL)[0] > 0) == limited, (
        "this test's own time limit must outlive a mutant's"
    )
    alive, count = [], 0
    for mutant in mutants(source):
        count += 1
        if not killed(module, mutant.tree, tests):
            alive.append(f"{path}:{mutant.line}: {mutant.change}")
    assert count > 40, "mutants were made"
    assert not alive, "\n".join(alive)
