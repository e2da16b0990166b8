"""The trace: every hazard is answered or said to be open, every requirement has a test, and gaps are found."""

from __future__ import annotations

from pathlib import Path

import pytest

from assuage_rig import requirements, trace

from .test_requirements import HAZARD, REQUIREMENT, written

PROOF = """
from assuage_rig.requirements import req

@req("ACC-001")
@pytest.mark.parametrize("x", [1])
def test_rate(x): ...

@req("ACC-001", "ACC-002")
async def test_more(): ...

def test_none(): ...

def helper(): ...
"""


def planted(
    root: Path, tests: dict[str, str], requirement: str = REQUIREMENT
) -> tuple[requirements.Book, trace.Proofs]:
    """A project with these tests."""
    for path, text in tests.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text)
    (root / "requirements").mkdir(exist_ok=True)
    book = requirements.load(written(root / "requirements", requirement))
    return book, trace.find(root, book)


def test_the_shipped_trace_has_no_gap() -> None:
    book = requirements.load()
    assert trace.gaps(book, trace.find(book=book)) == []


def test_marks_are_found_in_both_folders_and_a_modules_own_counts_for_all_its_tests(tmp_path: Path) -> None:
    whole = 'pytestmark = [req("ACC-003"), pytest.mark.slow]\ndef test_a(): ...\ndef test_b(): ...\n'
    _, proofs = planted(tmp_path, {"tests/rig/test_x.py": PROOF, "hil_tests/test_y.py": whole})
    assert proofs == {
        "ACC-001": ["tests/rig/test_x.py::test_more", "tests/rig/test_x.py::test_rate"],
        "ACC-002": ["tests/rig/test_x.py::test_more"],
        "ACC-003": ["hil_tests/test_y.py::test_a", "hil_tests/test_y.py::test_b"],
    }


def test_what_a_run_of_the_bench_does_not_run_is_told_apart(tmp_path: Path) -> None:
    proof = PROOF.replace(', "ACC-002"', "")
    book, _ = planted(tmp_path, {"tests/test_x.py": proof, "hil_tests/test_y.py": proof})
    told = trace.elsewhere(book, tmp_path).requirement("ACC-001")
    assert told.tests == ("tests/test_x.py::test_more", "tests/test_x.py::test_rate")


def test_a_requirement_may_name_tests_that_carry_no_mark_if_they_are_there(tmp_path: Path) -> None:
    named = REQUIREMENT.replace(
        "title", 'tests = ["tests/pure/test_p.py::test_p", "tests/pure/test_p.py::test_q"]\ntitle', 1
    )
    book, proofs = planted(tmp_path, {"tests/pure/test_p.py": "def test_p(): ...\n"}, named)
    assert "tests/pure/test_p.py::test_p" in proofs["ACC-001"]
    assert trace.gaps(book, proofs, tmp_path)[-1] == (
        "tests/pure/test_p.py::test_q is named by a requirement, and is not there"
    )


@pytest.mark.parametrize(
    ("tests", "requirement", "sentence"),
    [
        ("", REQUIREMENT, "ACC-001 (Mean rate) has no test"),
        (PROOF, REQUIREMENT, "tests/test_x.py::test_more proves ACC-002, which no file declares"),
        ("", "", "HAZ-01 (Over-infusion) has no requirement: name it in one, or say `later`"),
    ],
)
def test_gaps_are_found(tmp_path: Path, tests: str, requirement: str, sentence: str) -> None:
    book, proofs = planted(tmp_path, {"tests/test_x.py": tests}, requirement)
    assert any(sentence in gap for gap in trace.gaps(book, proofs, tmp_path))


def test_a_hazard_that_is_kept_for_later_is_shown_open_and_never_as_covered(tmp_path: Path) -> None:
    assert "HAZ-02" in HAZARD
    proof = PROOF.replace(', "ACC-002"', "")
    book, proofs = planted(tmp_path, {"tests/test_x.py": proof})
    assert trace.gaps(book, proofs, tmp_path) == []
    open_ones = [line for line in trace.matrix(book, proofs) if line.requirement is None]
    assert [(line.hazard.id, line.tests) for line in open_ones] == [("HAZ-02", ())]
    text = trace.markdown(book, proofs)
    assert "| HAZ-02 Two pumps | Plugs swapped. | H40 | **open**: another issue |" in text
    assert "2 hazards, 1 of them open; 1 requirements, proven by 2 tests." in text
    assert "- measured: mean rate error, at least -1 and at most 1 %" in text
