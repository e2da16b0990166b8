"""Mistakes that somebody could have made, put into a copy: each must be caught, by tests that are named beforehand.

Among them are the recalls of other pumps, what other open pumps had reported to them, and the traps of MicroPython. A
reader of the report sees of each what it would have done to a patient, which test has caught it, and what that said.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from assuage_rig.evidence import Collector
from assuage_rig.measuring import Measure
from assuage_rig.requirements import load, req
from hil_tests.bugs import seeded

BUGS = seeded.bugs()
CAUGHT = "tests that caught it"


@req("SYS-020")
@pytest.mark.timeout(600)
@pytest.mark.parametrize("bug", BUGS, ids=lambda bug: bug.name)
def test_a_seeded_bug_is_caught(bug: seeded.Bug, tmp_path: Path, measure: Measure, evidence: Collector) -> None:
    tree = tmp_path / "copy"
    seeded.copy_tree(tree)
    seeded.apply(bug, tree)
    outcomes = seeded.run(tree, bug.caught_by, tmp_path / "log")
    evidence.note(f"{bug.title}. What it would do: {bug.harm} Seen in: {bug.source}.")
    evidence.table(
        bug.title, ("bug", "test", "what it said"), [(bug.name, o.node, o.message or "passed") for o in outcomes]
    )
    evidence.file(bug.patch.name, bug.patch.read_text(encoding="utf-8"))
    unconvincing = [f"{o.node}: {o.message}" for o in outcomes if not o.passed and not o.asserted]
    assert not unconvincing, "a test failed, but not by what it checks:\n" + "\n".join(unconvincing)
    blind = [o.node for o in outcomes if o.passed]
    named = len(outcomes)
    measure("SYS-020", CAUGHT, named - len(blind), where=bug.name, lo=named, note="all that are named")
    assert not blind, f"{bug.name} outlives\n" + "\n".join(blind)


@req("SYS-020")
@pytest.mark.timeout(600)
def test_without_a_bug_the_same_tests_pass(tmp_path: Path, measure: Measure) -> None:
    """In the same kind of copy, or they would prove nothing."""
    tree = tmp_path / "copy"
    seeded.copy_tree(tree)
    nodes = sorted({node for bug in BUGS for node in bug.caught_by})
    failed = [f"{o.node}: {o.message}" for o in seeded.run(tree, nodes, tmp_path / "log") if not o.passed]
    assert not failed, "\n".join(failed)
    measure("SYS-020", "bugs seeded", len(BUGS))


@req("SYS-020")
def test_every_bug_says_which_requirements_it_breaks() -> None:
    book = load()
    for bug in BUGS:
        assert bug.caught_by, bug.name
        for id_ in bug.breaks:
            book.requirement(id_)
        head = bug.patch.read_text(encoding="utf-8").partition("\n--- ")[0]
        assert " ".join(bug.source.split()) in " ".join(head.split()), f"{bug.patch.name} does not say where it is from"
