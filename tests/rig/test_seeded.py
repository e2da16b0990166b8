"""Trying a seeded bug: what runs in a copy is the copy's own, and only what a test itself asserts counts as caught."""

from __future__ import annotations

from pathlib import Path

import pytest

from hil_tests.bugs import seeded
from hil_tests.bugs.seeded import Bug, SeedingError

WHOSE = """
import subprocess, sys
from pathlib import Path
import assuage, assuage_rig, assuage_wire, pump
from assuage_rig.bench import Bench
from assuage_rig.wirehost import WireHost

HERE = Path(__file__).resolve().parents[1]

def test_modules():
    for module in (assuage, assuage_rig, assuage_wire, pump):
        assert Path(module.__file__).is_relative_to(HERE), module.__file__

def test_children():
    say = "import assuage, assuage_rig, assuage_wire as w; print(assuage.__file__, assuage_rig.__file__, w.__file__)"
    said = subprocess.run([sys.executable, "-c", say], capture_output=True, text=True, check=True, cwd="/").stdout
    assert all(Path(file).is_relative_to(HERE) for file in said.split()), said

def test_board():
    with Bench() as bench:
        host = WireHost(bench)
        host.run(0.5)
        assert host.last("Hello")["fw_patch"] == 77, "the copy's firmware"

def test_wrong():
    assert 1 == 2, "as it should"

def test_broken():
    raise ImportError("no such room")

def test_outside():
    import pytest
    pytest.fail("outside the limits:\\nACC-001 mean rate error: 3 %, -1 .. 1", pytrace=False)

def test_must_raise():
    import pytest
    with pytest.raises(ValueError):
        pass
"""


def nodes(*names: str) -> list[str]:
    return [f"tests/test_whose.py::test_{name}" for name in names]


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    tree = tmp_path_factory.mktemp("seeded") / "copy"
    seeded.copy_tree(tree)
    (tree / "tests" / "test_whose.py").write_text(WHOSE, encoding="utf-8")
    app = tree / "firmware" / "app.py"
    text = app.read_text(encoding="utf-8")
    assert "VERSION = (0, 1, 0)" in text
    app.write_text(text.replace("VERSION = (0, 1, 0)", "VERSION = (0, 1, 77)"), encoding="utf-8")
    return tree


def test_modules_children_and_the_board_in_a_copy_are_the_copys(tree: Path, tmp_path: Path) -> None:
    for outcome in seeded.run(tree, nodes("modules", "children", "board"), tmp_path / "log"):
        assert outcome.passed, f"{outcome.node}: {outcome.message}"


def test_only_a_tests_own_assertion_counts(tree: Path, tmp_path: Path) -> None:
    wrong, broken, outside, unraised = seeded.run(
        tree, nodes("wrong", "broken", "outside", "must_raise"), tmp_path / "log"
    )
    assert (wrong.passed, wrong.asserted) == (False, True) and "as it should" in wrong.message
    assert (broken.passed, broken.asserted) == (False, False) and "no such room" in broken.message
    assert (outside.passed, outside.asserted) == (False, True) and "mean rate error" in outside.message
    assert (unraised.passed, unraised.asserted) == (False, True)


def test_a_test_that_there_is_not_is_told(tree: Path, tmp_path: Path) -> None:
    with pytest.raises(SeedingError, match="test_gone"):
        seeded.run(tree, nodes("wrong", "gone"), tmp_path / "log")


def test_a_patch_that_does_not_fit_any_more_says_how_to_refresh_it(
    tree: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(seeded, "FOLDER", tmp_path)
    bug = Bug("01-old", "old", "none", "nowhere", (), ("x",))
    diff = "--- a/firmware/app.py\n+++ b/firmware/app.py\n@@ -1,2 +1,2 @@\n no such line\n-nor this\n+but this\n"
    bug.patch.write_text(f"Head.\n\n{diff}", encoding="utf-8")
    before = (tree / "firmware" / "app.py").read_bytes()
    with pytest.raises(SeedingError, match=r"01-old\.patch does not apply any more .* `git diff`"):
        seeded.apply(bug, tree)
    assert (tree / "firmware" / "app.py").read_bytes() == before


def test_a_patch_changes_the_copy_and_nothing_else(tree: Path) -> None:
    bug = next(bug for bug in seeded.bugs() if bug.name.endswith("a-watchdog-fed-by-the-clock"))
    ours = seeded.ROOT / "firmware" / "app.py"
    before = ours.read_bytes()
    seeded.apply(bug, tree)
    assert b"self.supervisor.well(now):" not in (tree / "firmware" / "app.py").read_bytes()
    assert ours.read_bytes() == before


def test_every_patch_still_fits_what_it_was_made_for(tmp_path: Path) -> None:
    """Told here in seconds, and not at the end of the bench's run."""
    tree = tmp_path / "copy"
    seeded.copy_tree(tree)
    for bug in seeded.bugs():
        seeded.fits(bug, tree)


def test_every_patch_has_its_row_and_every_row_its_patch(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(seeded, "FOLDER", tmp_path)
    with pytest.raises(SeedingError, match="each bug needs a patch and a row"):
        seeded.bugs()
