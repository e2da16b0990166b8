"""The trace matrix: hazard -> requirement -> test, read from the files and from the tests' own marks.

Nothing is imported or run: @req stands in the source. What a run has measured is joined to it in the report.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from assuage_rig.requirements import CLASSES, PREFIXES, Book, Hazard, Measurement, Requirement

ROOT = Path(__file__).resolve().parents[2]
FOLDERS = ("tests", "hil_tests")

Proofs = dict[str, list[str]]
"""Tests by requirement, as path::function."""


@dataclass(frozen=True)
class Line:
    """One line of the matrix. requirement is None for a hazard that is open; tests are none then."""

    hazard: Hazard
    requirement: Requirement | None
    tests: tuple[str, ...] = ()


def matrix(book: Book, proofs: Proofs) -> list[Line]:
    """Every hazard with each requirement that answers it, in the order of the files."""
    lines = []
    for hazard in book.hazards.values():
        answers = book.answering(hazard.id)
        lines += [Line(hazard, r, tuple(proofs.get(r.id, ()))) for r in answers] or [Line(hazard, None)]
    return lines


def find(root: Path = ROOT, book: Book | None = None) -> Proofs:
    """The tests that carry @req, of both folders, and those that a requirement's own `tests` names."""
    proofs: Proofs = {}
    for folder in FOLDERS:
        for path in sorted((root / folder).rglob("test_*.py")):
            for name, ids in _marked(ast.parse(path.read_text(encoding="utf-8"), str(path))):
                for id_ in ids:
                    proofs.setdefault(id_, []).append(f"{path.relative_to(root).as_posix()}::{name}")
    for requirement in book.requirements.values() if book else ():
        if requirement.tests:
            proofs.setdefault(requirement.id, []).extend(requirement.tests)
    return {id_: sorted(set(tests)) for id_, tests in proofs.items()}


def elsewhere(book: Book, root: Path = ROOT) -> Book:
    """The same book, whose requirements name every test of tests/ that proves them: what no run of hil_tests runs."""
    proofs = find(root, book)
    there = {id_: tuple(t for t in proofs.get(id_, ()) if not t.startswith("hil_tests/")) for id_ in book.requirements}
    return Book(book.hazards, {id_: replace(r, tests=there[id_]) for id_, r in book.requirements.items()})


def gaps(book: Book, proofs: Proofs, root: Path = ROOT) -> list[str]:
    """What is wrong with the trace, a sentence each; none when every hazard and requirement is answered."""
    found = []
    for line in matrix(book, proofs):
        if line.requirement is None and not line.hazard.later:
            found.append(f"{line.hazard.id} ({line.hazard.title}) has no requirement: name it in one, or say `later`")
    for id_ in book.requirements:
        if not proofs.get(id_):
            found.append(f"{id_} ({book.requirements[id_].title}) has no test: mark one with @req({id_!r})")
    for id_, tests in proofs.items():
        if id_ not in book.requirements:
            found.append(f"{tests[0]} proves {id_}, which no file declares")
    named = {test for requirement in book.requirements.values() for test in requirement.tests}
    found += [f"{test} is named by a requirement, and is not there" for test in sorted(named) if not _there(root, test)]
    return found


def _there(root: Path, test: str) -> bool:
    path, _, name = test.partition("::")
    file = root / path
    if not file.is_file():
        return False
    tree = ast.parse(file.read_text(encoding="utf-8"))
    return any(isinstance(node, ast.FunctionDef) and node.name == name for node in tree.body)


def _marked(tree: ast.Module) -> Iterator[tuple[str, list[str]]]:
    """(test, ids) of each marked test of a module; a module's own `pytestmark` counts for all of them."""
    of_all = [id_ for node in tree.body if _is_pytestmark(node) for id_ in _ids(node)]
    for node in tree.body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name.startswith("test_"):
            ids = of_all + [id_ for decorator in node.decorator_list for id_ in _ids(decorator)]
            if ids:
                yield node.name, ids


def _is_pytestmark(node: ast.stmt) -> bool:
    return isinstance(node, ast.Assign) and any(isinstance(t, ast.Name) and t.id == "pytestmark" for t in node.targets)


def _ids(node: ast.AST) -> list[str]:
    calls = (n for n in ast.walk(node) if isinstance(n, ast.Call) and ast.unparse(n.func) == "req")
    return [a.value for call in calls for a in call.args if isinstance(a, ast.Constant) and isinstance(a.value, str)]


# -- docs/trace.md -----------------------------------------------------------------------------------------------------
_HEAD = """\
# Hazards, requirements and tests

Made by `make gen` from `hil_tests/requirements/*.toml` and from the tests that carry `@req`; `make gen-check` fails
when a requirement has no test, a test names a requirement that there is not, or a hazard has neither requirement nor a
word on what will answer it. What the last run measured for each stands in its report, `build/hil/report.html`.

Hazards are those of the Generic Infusion Pump's analysis ("GIP n", its class n), of the recalls, and of our own
analysis ("H n"). An **open** hazard is one that nothing here answers yet.
"""


def markdown(book: Book, proofs: Proofs) -> str:
    """docs/trace.md"""
    hazards = list(book.hazards.values())
    is_open = [hazard for hazard in hazards if not book.answering(hazard.id)]
    tests = {test for found in proofs.values() for test in found}
    hazards_said = f"{len(hazards)} hazards, {len(is_open)} of them open"
    out = [
        _HEAD,
        f"{hazards_said}; {len(book.requirements)} requirements, proven by {len(tests)} tests.",
        "",
        "## Hazards",
        "",
    ]
    for kind in CLASSES:
        out += [f"### {kind.capitalize()}", "", "| Hazard | Cause | Source | Answered by |", "|---|---|---|---|"]
        for h in (h for h in hazards if h.kind == kind):
            answers = ", ".join(r.id for r in book.answering(h.id)) or f"**open**: {h.later}"
            out.append(f"| {h.id} {_cell(h.title)} | {_cell(h.cause)} | {_cell(h.source)} | {_cell(answers)} |")
        out.append("")
    out += ["## Requirements", ""]
    for prefix, name in PREFIXES.items():
        some = [r for r in book.requirements.values() if r.id.startswith(prefix)]
        if some:
            out += [f"### {prefix}: {name}", ""]
        for r in some:
            out += [f"**{r.id} {r.title}.** {r.text} ({', '.join(r.hazards)})", ""]
            out += [f"- measured: {_limits(m)}" for m in r.measurements]
            out += [f"- `{test}`" for test in proofs.get(r.id, ())]
            out.append("")
    return "\n".join(out).rstrip() + "\n"


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


def _limits(m: Measurement) -> str:
    lo = "" if m.lo is None else f"at least {m.lo:g}"
    hi = "" if m.hi is None else f"at most {m.hi:g}"
    return f"{m.name}, {' and '.join(filter(None, (lo, hi)))} {m.unit}"
