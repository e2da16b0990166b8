"""Each driver has an emulated chip of its name, and the chip has tests of its own that know no driver: a wrong driver
and a wrong chip must not agree by accident."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from tests.walls import ROOT, imports

CHIPS = sorted(path.stem for path in (ROOT / "firmware" / "drivers").glob("*.py"))


def _imported(path: Path) -> set[str]:
    return {name for _, name in imports(ast.parse(path.read_text(encoding="utf-8")))}


def test_there_are_drivers() -> None:
    assert len(CHIPS) >= 5


@pytest.mark.parametrize("chip", CHIPS)
def test_a_chip_has_its_twin_and_the_twin_has_tests_that_know_no_driver(chip: str) -> None:
    assert (ROOT / "hil_tests" / "assuage_rig" / "chips" / f"{chip}.py").exists()
    own = ROOT / "tests" / "rig" / f"test_{chip}.py"
    assert "drivers" not in _imported(own)
    assert own.read_text(encoding="utf-8").count("\ndef test_") >= 10


@pytest.mark.parametrize("chip", CHIPS)
def test_a_driver_has_tests_that_know_no_twin(chip: str) -> None:
    own = ROOT / "tests" / "pure" / f"test_drivers_{chip}.py"
    assert "drivers" in _imported(own) and "assuage_rig" not in _imported(own)
