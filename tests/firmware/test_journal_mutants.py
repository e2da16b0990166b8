"""The tests of what a delivery leaves behind notice every small mistake in it."""

from __future__ import annotations

import ast
import importlib
import random
from pathlib import Path

import pytest

from assuage_rig.requirements import req
from tests.firmware.mutants import killed, mutants

PURE = Path(__file__).resolve().parents[1] / "pure"

# What survives and may: any number would do as the marks, and a first low of -1 is below every volume as 0 is.
EQUIVALENT = {
    "journal.kept": ("number: 441821667", "number: 749135313", "number: 0 -> -1"),
    "journal.volume": (),
}


@req("REC-001")
@pytest.mark.timeout(3000)
@pytest.mark.parametrize(("module", "sample"), [("journal.kept", 1000), ("journal.volume", 6)])
def test_no_mutant_survives(module: str, sample: int, seed: int, soak: bool) -> None:
    """All of the retained words' in every run; of the volume's, whose tests take longer, some, and all in a soak."""
    path = importlib.import_module(module).__file__
    assert path
    source = Path(path).read_text(encoding="utf-8")
    tests = (PURE / f"test_{module.replace('.', '_')}.py",)
    assert not killed(module, ast.parse(source), tests), "the module itself must pass"
    made = [m for m in mutants(source) if not m.change.startswith(EQUIVALENT[module])]
    assert len(made) > 100
    if not soak and sample < len(made):
        made = random.Random(seed).sample(made, sample)
    alive = [f"{path}:{m.line}: {m.change}" for m in made if not killed(module, m.tree, tests)]
    assert not alive, "\n".join(alive)
