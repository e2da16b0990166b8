"""The tests of the safety kernel notice every small mistake in it, so they can be trusted to notice the next one."""

from __future__ import annotations

import ast
import importlib
import random
import signal
from pathlib import Path

import pytest

from assuage_rig.requirements import req
from tests.firmware.kernel import EQUIVALENTS, MOST_EQUIVALENTS, PARTS, Part
from tests.firmware.mutants import Mutant, killed, mutants


def _source(module: str) -> tuple[str, str]:
    path = importlib.import_module(module).__file__
    assert path
    return path, Path(path).read_text(encoding="utf-8")


def made(part: Part) -> list[Mutant]:
    """Its mutants, the equivalents among them."""
    _, source = _source(part.module)
    lines = range(1, source.count("\n") + 2)
    for node in ast.parse(source).body:
        if isinstance(node, ast.ClassDef) and node.name == part.only:
            assert node.end_lineno
            lines = range(node.lineno, node.end_lineno + 1)
    assert not part.only or len(lines) < source.count("\n"), f"there is no class {part.only}"
    return [mutant for mutant in mutants(source) if mutant.line in lines]


@req("PMP-018")
@pytest.mark.timeout(3000)
@pytest.mark.parametrize("part", PARTS, ids=lambda part: part.module)
def test_no_mutant_of_the_kernel_survives_its_tests(part: Part, seed: int, soak: bool) -> None:
    """All of them in a soak; of those whose tests take long, a drawn sample in every run."""
    path, source = _source(part.module)
    limited = signal.getitimer(signal.ITIMER_REAL)[0] > 0
    assert not killed(part.module, ast.parse(source), part.files), "the module itself must pass"
    assert (signal.getitimer(signal.ITIMER_REAL)[0] > 0) == limited, (
        "this test's own time limit must outlive a mutant's"
    )
    excused = {e.change for e in EQUIVALENTS if e.module == part.module}
    tried = [mutant for mutant in made(part) if mutant.change not in excused]
    assert len(tried) > 10, "mutants were made"
    if part.sample and not soak:
        tried = random.Random(seed).sample(tried, part.sample)
    alive = [f"{path}:{m.line}: {m.change}" for m in tried if not killed(part.module, m.tree, part.files)]
    assert not alive, "\n".join(alive)


def test_what_is_excused_is_little_each_with_its_reason_and_still_there() -> None:
    count = 0
    for excused in EQUIVALENTS:
        (part,) = (part for part in PARTS if part.module == excused.module)
        found = [mutant for mutant in made(part) if mutant.change == excused.change]
        assert found, f"{excused.change} is no mutant of {excused.module} any more"
        assert len(excused.reason) > 20
        count += len(found)
    assert count <= MOST_EQUIVALENTS
