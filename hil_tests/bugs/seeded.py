"""Firmware, wire and host with one mistake put in: each a patch, and what is known of it in bugs.toml.

A bug is tried on a copy of everything that git would commit. In it a pytest of its own runs with the same interpreter:
the rooms that it imports, the processes that it starts and the board's .mpy are the copy's.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tomllib
import xml.etree.ElementTree as ET
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

FOLDER: Final = Path(__file__).resolve().parent
ROOT: Final = FOLDER.parents[1]
TABLE: Final = FOLDER / "bugs.toml"
RUN_S: Final = 300.0  # only against a hang

_OUTSIDE = "Failed: outside the limits:"
_ASSERTED = ("AssertionError", "assert ", "Failed: DID NOT RAISE", _OUTSIDE)
_ENVIRONMENT = ("ASSUAGE_", "GIT_", "PYTEST_", "PYTHON", "MICROPYPATH", "COV_")


class SeedingError(RuntimeError):
    """A bug cannot be tried; the message is a sentence that says what to do."""


@dataclass(frozen=True)
class Bug:
    """name: the patch's, without suffix. harm: what would become of the patient. source: where it, or its like, was
    seen. breaks: ids of requirements. caught_by: node ids of the tests that must fail with it."""

    name: str
    title: str
    harm: str
    source: str
    breaks: tuple[str, ...]
    caught_by: tuple[str, ...]

    @property
    def patch(self) -> Path:
        """The unified diff, for -p1."""
        return FOLDER / f"{self.name}.patch"


@dataclass(frozen=True)
class Outcome:
    """Of one test. asserted: it failed because of what it checks, not because something could not be run. message: the
    first line of why it did not pass, "" when it did."""

    node: str
    passed: bool
    asserted: bool
    message: str
    seconds: float


def bugs() -> list[Bug]:
    """All of them by number. Raises SeedingError when table and patches do not go together."""
    table = tomllib.loads(TABLE.read_text(encoding="utf-8"))
    patches = {path.stem for path in FOLDER.glob("*.patch")}
    if table.keys() != patches:
        odd = ", ".join(sorted(table.keys() ^ patches))
        raise SeedingError(f"{odd}: each bug needs a patch and a row in {TABLE.name}; add what is missing.")
    return [
        Bug(name, row["title"], row["harm"], row["source"], tuple(row.get("breaks", ())), tuple(row["caught_by"]))
        for name, row in sorted(table.items())
    ]


def copy_tree(into: Path) -> None:
    """Everything that git has, or would add, as it is now in the working tree. `into` is made. Builds of .mpy are
    shared: they are named by what they were made from."""
    listed = _git(["ls-files", "-z", "--cached", "--others", "--exclude-standard"], ROOT).split("\0")
    for name in filter(None, listed):
        if (ROOT / name).is_file():
            (into / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(ROOT / name, into / name)
    builds = ROOT / "build" / "mpy"
    builds.mkdir(parents=True, exist_ok=True)
    (into / "build").mkdir()
    (into / "build" / "mpy").symlink_to(builds, target_is_directory=True)


def apply(bug: Bug, tree: Path) -> None:
    """Puts the bug into a copy. Raises SeedingError when the patch does not fit what it was made for any more."""
    _patch(bug, tree)


def fits(bug: Bug, tree: Path) -> None:
    """Raises SeedingError when `apply` would; changes nothing."""
    _patch(bug, tree, "--check")


def _patch(bug: Bug, tree: Path, *options: str) -> None:
    try:
        _git(["apply", *options, "-p1", "--whitespace=nowarn", str(bug.patch)], tree)
    except SeedingError as error:
        raise SeedingError(
            f"{bug.patch.name} does not apply any more ({error}). Make the same mistake in the file it names, put"
            f" `git diff` of that below the patch's head, and take the mistake out again."
        ) from None


def run(tree: Path, nodes: Sequence[str], log: Path) -> list[Outcome]:
    """Runs these tests in a copy, in one process of their own; what it printed goes to `log`.

    Raises SeedingError when there is no outcome of one of them.
    """
    junit = log.with_suffix(".xml")
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "no:xdist", "--tb=short"]
    command += ["-o", "junit_family=xunit2", "-o", "junit_duration_report=call", f"--junitxml={junit}", *nodes]
    with log.open("wb") as sink:
        try:
            subprocess.run(
                command, cwd=tree, env=_environment(tree), stdout=sink, stderr=sink, timeout=RUN_S, check=False
            )
        except subprocess.TimeoutExpired:
            raise SeedingError(f"{nodes[0]} has not ended within {RUN_S:g} s; look at {log}.") from None
    if not junit.exists():
        raise SeedingError(f"pytest said nothing of {', '.join(nodes)}: {_end_of(log)}")
    found = {outcome.node: outcome for outcome in map(_outcome, ET.parse(junit).iter("testcase"))}
    missing = [node for node in nodes if node not in found]
    if missing:
        raise SeedingError(f"{', '.join(missing)} did not run: {_end_of(log)}")
    return [found[node] for node in nodes]


def _outcome(case: ET.Element) -> Outcome:
    name, place = case.get("name", ""), case.get("classname", "").replace(".", "/")
    wrong = next((part for part in case if part.tag in ("failure", "error", "skipped")), None)
    said = "" if wrong is None else wrong.get("message") or wrong.text or wrong.tag
    asserted = wrong is not None and wrong.tag == "failure" and said.startswith(_ASSERTED)
    lines = said.strip().splitlines() or [""]
    first = " ".join(lines[:2]) if lines[0] == _OUTSIDE else lines[0]
    return Outcome(f"{place}.py::{name}", wrong is None, asserted, first, float(case.get("time", 0)))


def _environment(tree: Path) -> dict[str, str]:
    """The copy's rooms come before those that the venv's own install points at, for children too."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(_ENVIRONMENT)}
    rooms = (tree / room for room in ("host", "protocol", "hil_tests"))
    return {**kept, "PYTHONPATH": os.pathsep.join(map(str, rooms)), "ASSUAGE_SEED": "1"}


def _git(arguments: list[str], folder: Path) -> str:
    """Runs git without the settings of whoever runs us in a hook, nor taking a copy for a part of a repository around
    it."""
    plain = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    plain["GIT_CEILING_DIRECTORIES"] = str(folder.parent)
    try:
        done = subprocess.run(["git", *arguments], cwd=folder, env=plain, capture_output=True, text=True, check=False)
    except OSError as error:
        raise SeedingError(f"git cannot be run here ({error}); install it.") from None
    if done.returncode:
        raise SeedingError(" ".join(done.stderr.split()) or f"git {arguments[0]} failed")
    return done.stdout


def _end_of(log: Path) -> str:
    return " ".join(log.read_text("utf-8", "replace").split())[-400:]
