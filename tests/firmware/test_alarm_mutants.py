"""The tests of the alarms' latch notice every small mistake in it."""

from __future__ import annotations

import ast
import importlib
import signal
from pathlib import Path

import pytest

from tests.firmware.mutants import killed, mutants

PURE = Path(__file__).resolve().parents[1] / "pure"
TESTS = {
    "alarm.states": ("states",),
    "alarm.latch": ("latch", "pause", "told"),
}

# What survives and may. No two changes have the same number, so that none is told before an equally new one; and poll()
# looks at those that are timed only to be quick, for _time() looks itself.
EQUIVALENT = {
    "alarm.latch": {
        "compare: ago < least -> ago <= least",
        "operator: self.state[i] & states.TIMED -> self.state[i] | states.TIMED",
    }
}


@pytest.mark.timeout(900)
@pytest.mark.parametrize("module", TESTS)
def test_no_mutant_of_the_latch_survives_its_tests(module: str) -> None:
    path = importlib.import_module(module).__file__
    assert path
    source = Path(path).read_text(encoding="utf-8")
    tests = tuple(PURE / f"test_alarm_{name}.py" for name in TESTS[module])
    limited = signal.getitimer(signal.ITIMER_REAL)[0] > 0
    assert not killed(module, ast.parse(source), tests), "the module itself must pass"
    assert (signal.getitimer(signal.ITIMER_REAL)[0] > 0) == limited, (
        "this test's own time limit must outlive a mutant's"
    )
    alive, count = [], 0
    for mutant in mutants(source):
        count += 1
        if mutant.change not in EQUIVALENT.get(module, ()) and not killed(module, mutant.tree, tests):
            alive.append(f"{path}:{mutant.line}: {mutant.change}")
    assert count > 20, "mutants were made"
    assert not alive, "\n".join(alive)
