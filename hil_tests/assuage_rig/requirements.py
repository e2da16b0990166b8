"""What the project promises, and against which hazard: hil_tests/requirements/*.toml, loaded and checked.

hazards.toml has a table a hazard; every other file is named after a prefix and has a table a requirement:

    [HAZ-04]                              [ACC-001]
    class = "operational"                 title = "Mean rate"
    title = "Over-infusion"               text = "The board shall ..."
    cause = "..."                         hazards = ["HAZ-04"]
    source = "GIP 1.1"                    source = "..."                  # optional
    later = "..."  # optional             tests = ["tests/pure/..::.."]   # optional, see Requirement
                                          [[ACC-001.measurements]]
                                          name = "mean rate error"
                                          unit = "%"
                                          lo = -1.0                       # either limit may be missing
                                          hi = 1.0
"""

from __future__ import annotations

import math
import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pytest

FOLDER = Path(__file__).resolve().parent.parent / "requirements"
HAZARDS = "hazards.toml"

CLASSES = ("operational", "environmental", "electrical", "hardware", "software", "mechanical", "biological", "use")
"""Of the Generic Infusion Pump's hazard analysis (University of Pennsylvania, TR MS-CIS-08-31, 2009)."""

PREFIXES = {
    "ACC": "accuracy", "OCC": "occlusion", "LNK": "link", "FLT": "faults", "PWR": "power", "ALM": "alarms",
    "VIT": "vitals", "ILK": "interlock", "KIN": "kinetics", "PHA": "pharmacy", "PMP": "pump", "REC": "record",
    "SYS": "system and bench",
}  # fmt: skip

_HAZARD_ID = re.compile(r"HAZ-\d{2}")
_ID = re.compile(r"([A-Z]{3})-\d{3}")


class RequirementError(ValueError):
    """A requirement or hazard file is wrong; the message names file, id and what to do."""


@dataclass(frozen=True)
class Measurement:
    """A figure that a requirement declares: in `unit`, within lo .. hi, either of which may be missing."""

    name: str
    unit: str
    lo: float | None = None
    hi: float | None = None


@dataclass(frozen=True)
class Hazard:
    """`later`: what of the project will answer it and is not built yet; such a hazard is open, never covered."""

    id: str
    kind: str
    title: str
    cause: str
    source: str
    later: str = ""


@dataclass(frozen=True)
class Requirement:
    """`tests`: node ids of tests that prove it and cannot carry @req, being plain functions that a board runs too."""

    id: str
    title: str
    text: str
    hazards: tuple[str, ...]
    source: str = ""
    tests: tuple[str, ...] = ()
    measurements: tuple[Measurement, ...] = ()

    def measurement(self, name: str) -> Measurement:
        """The one of that name. Raises RequirementError with the names there are."""
        for declared in self.measurements:
            if declared.name == name:
                return declared
        known = ", ".join(repr(m.name) for m in self.measurements) or "none"
        raise RequirementError(f"{self.id} declares no measurement {name!r}; it declares {known}")


@dataclass(frozen=True)
class Book:
    """All hazards and requirements by id, in the order of their files."""

    hazards: dict[str, Hazard]
    requirements: dict[str, Requirement]

    def requirement(self, id_: str) -> Requirement:
        """Raises RequirementError when there is none of that id."""
        if id_ not in self.requirements:
            raise RequirementError(f"there is no requirement {id_!r}; declare it in {FOLDER.name}/{id_[:3]}.toml")
        return self.requirements[id_]

    def answering(self, hazard: str) -> list[Requirement]:
        """The requirements that name a hazard."""
        return [r for r in self.requirements.values() if hazard in r.hazards]


def req(*ids: str) -> pytest.MarkDecorator:
    """Marks a test as the proof of requirements: `@req("ACC-001")`."""
    import pytest  # what runs has no pytest

    if not ids or not all(isinstance(i, str) for i in ids):
        raise RequirementError('name requirements in words: @req("ACC-001")')
    return pytest.mark.req(*ids)


def load(folder: Path = FOLDER) -> Book:
    """Raises RequirementError, which lists everything that is wrong."""
    wrong: list[str] = []
    hazards = {h.id: h for h in _hazards(folder / HAZARDS, wrong)}
    requirements: dict[str, Requirement] = {}
    for path in sorted(folder.glob("*.toml")):
        if path.name != HAZARDS:
            requirements.update((r.id, r) for r in _requirements(path, hazards, wrong))
    if wrong:
        raise RequirementError("\n".join(wrong))
    return Book(hazards, requirements)


# -- the files ---------------------------------------------------------------------------------------------------------
class _Table:
    """One table of a file; what is missing, strange or of a wrong type is noted with file and id."""

    def __init__(self, where: str, values: object, wrong: list[str]) -> None:
        self._where = where
        self._wrong = wrong
        if not isinstance(values, dict):
            self.complain("must be a table")
            values = {}
        self._left: dict[str, Any] = dict(values)

    def complain(self, sentence: str) -> None:
        self._wrong.append(f"{self._where}: {sentence}")

    def text(self, key: str, needed: bool = True) -> str:
        value = self._left.pop(key, "")
        if not isinstance(value, str):
            self.complain(f"{key} must be text, not {value!r}")
            return ""
        if needed and not value.strip():
            self.complain(f"{key} is missing")
        return value.strip()

    def texts(self, key: str) -> tuple[str, ...]:
        value = self._left.pop(key, [])
        if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
            self.complain(f"{key} must be a list of texts, not {value!r}")
            return ()
        if len(set(value)) != len(value):
            self.complain(f"{key} names one twice")
        return tuple(value)

    def number(self, key: str) -> float | None:
        value = self._left.pop(key, None)
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
            self.complain(f"{key} must be a finite number, not {value!r}")
            return None
        return value

    def tables(self, key: str) -> list[object]:
        value = self._left.pop(key, [])
        if not isinstance(value, list):
            self.complain(f"{key} must be written [[id.{key}]]")
            return []
        return value

    def done(self) -> None:
        if self._left:
            self.complain(f"has no {', '.join(self._left)}")


def _read(path: Path, wrong: list[str]) -> dict[str, object]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        wrong.append(f"{path.name}: cannot be read ({error.strerror or error})")
    except tomllib.TOMLDecodeError as error:
        wrong.append(f"{path.name}: is no TOML: {error}")  # which also finds an id that stands there twice
    return {}


def _hazards(path: Path, wrong: list[str]) -> Iterator[Hazard]:
    for id_, values in _read(path, wrong).items():
        table = _Table(f"{path.name}, {id_}", values, wrong)
        if not _HAZARD_ID.fullmatch(id_):
            table.complain("a hazard's id is HAZ- and two digits")
        kind = table.text("class")
        if kind and kind not in CLASSES:
            table.complain(f"class must be one of {', '.join(CLASSES)}, not {kind!r}")
        title, cause, source = (table.text(key) for key in ("title", "cause", "source"))
        yield Hazard(id_, kind, title, cause, source, table.text("later", needed=False))
        table.done()


def _requirements(path: Path, hazards: dict[str, Hazard], wrong: list[str]) -> Iterator[Requirement]:
    if path.stem not in PREFIXES:
        wrong.append(f"{path.name}: a file is named after its prefix, one of {', '.join(PREFIXES)}")
        return
    for id_, values in _read(path, wrong).items():
        table = _Table(f"{path.name}, {id_}", values, wrong)
        found = _ID.fullmatch(id_)
        if not found or found[1] != path.stem:
            table.complain(f"an id in this file is {path.stem}- and three digits")
        title, text = table.text("title"), table.text("text")
        against = table.texts("hazards")
        if not against:
            table.complain("hazards is missing: name at least one of hazards.toml")
        for hazard in against:
            if hazard not in hazards:
                table.complain(f"there is no hazard {hazard} in {HAZARDS}")
            elif hazards[hazard].later:
                table.complain(f"{hazard} is kept for later in {HAZARDS}: take its `later` away")
        source, tests = table.text("source", needed=False), table.texts("tests")
        for test in tests:
            if "::" not in test:
                table.complain(f"a test is named path::function, not {test!r}")
        figures = tuple(_measurements(table, f"{path.name}, {id_}", wrong))
        yield Requirement(id_, title, text, against, source, tests, figures)
        table.done()


def _measurements(table: _Table, where: str, wrong: list[str]) -> Iterator[Measurement]:
    seen: set[str] = set()
    for values in table.tables("measurements"):
        figure = _Table(where, values, wrong)
        name, unit = figure.text("name"), figure.text("unit")
        lo, hi = figure.number("lo"), figure.number("hi")
        if name in seen:
            figure.complain(f"the measurement {name!r} is declared twice")
        if lo is None and hi is None:
            figure.complain(f"the measurement {name!r} has neither lo nor hi")
        elif lo is not None and hi is not None and lo > hi:
            figure.complain(f"the measurement {name!r} has lo {lo:g} above hi {hi:g}")
        seen.add(name)
        yield Measurement(name, unit, lo, hi)
        figure.done()
