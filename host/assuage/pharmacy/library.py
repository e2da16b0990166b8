"""The drug library: read, checked, hashed. A folder of TOML files, or one file; what each may hold is library_schema's.

The hash is that of the content: neither comments nor the order of keys nor the split into files change it, any number
does. It travels with each programme, so that a record says by which numbers an order was judged.
"""

from __future__ import annotations

import functools
import hashlib
import json
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any, Final

from pydantic import ValidationError

from assuage.errors import AssuageError, BadInput, Reason
from assuage.pharmacy.library_rules import mistakes
from assuage.pharmacy.library_schema import AREAS, Area, Content, Drug, Limit, Route, Sourced
from assuage.pharmacy.routes import ABBREVIATED, short
from assuage.pharmacy.substances import Equivalence, Substance

OWN: Final = Path(__file__).with_name("library")  # what comes with the program
SHORT: Final = 12  # digits of the hash that people compare


class LibraryError(AssuageError):
    """A library cannot be used. `sentences` holds every mistake, each with its file, table and key."""

    def __init__(self, sentences: list[str]) -> None:
        self.sentences = sentences
        super().__init__(Reason.BAD_INPUT, "\n".join(sentences))


@dataclass(frozen=True)
class Library:
    """A library that has been checked. digest: sha256 of its content, hex."""

    content: Content
    digest: str
    path: Path

    @property
    def short(self) -> str:
        """What people compare: the first digits of the hash."""
        return self.digest[:SHORT]

    def drug(self, key: object) -> Drug:
        """The drug. Raises BadInput with those there are."""
        found = self.content.drug.get(key) if isinstance(key, str) else None
        if found is None:
            raise BadInput("drug", f"There is no drug {key!r} in the library; it has {_listed(self.content.drug)}.")
        return found

    def substance(self, key: str) -> Substance:
        """The drug as a substance. Raises BadInput."""
        return Substance(key, self.drug(key).name)

    def area(self, drug: str, key: object) -> Area:
        """The drug in that care area. Raises BadInput with those that have numbers."""
        areas: dict[str, Area] = {str(name): area for name, area in self.drug(drug).areas.items()}
        found = areas.get(key) if isinstance(key, str) else None
        if found is None:
            where = _listed({name: AREAS[name] for name in areas})
            raise BadInput("area", f"The library has no numbers for {drug} in {key!r}; it has {where}.")
        return found

    def route(self, drug: str, area: str, key: object) -> Route:
        """The drug by that route there. Raises BadInput with those that have numbers."""
        routes: dict[str, Route] = {str(name): way for name, way in self.area(drug, area).routes.items()}
        found = routes.get(key) if isinstance(key, str) else None
        if found is None:
            by = ABBREVIATED.get(str(key), repr(key))
            has = ", ".join(short(name) for name in routes)
            raise BadInput("route", f"The library has no numbers for {drug}, {AREAS[area]}, by {by}; it has {has}.")
        return found

    def equivalence(self, of: str, to: str) -> Equivalence:
        """What the library says of two substances, in either direction. Raises BadInput when it says nothing."""
        for each in self.content.conversion:
            if {each.of, each.to} == {of, to}:
                made = Equivalence(
                    self.substance(each.of), self.substance(each.to), each.factor, self.source(each), each.verified
                )
                return made if each.of == of else made.inverse()
        raise BadInput("drug", f"The library does not say how much {to} does what {of} does.")

    def source(self, said: Sourced) -> str:
        """Where a number comes from, in words; what was not read at the source itself says so."""
        found = self.content.sources[said.source]
        return found.title if said.verified else f"{found.title}; unverified"

    def limits(self) -> Iterator[tuple[str, str, str, Limit]]:
        """Every limit with its drug, area and route."""
        for drug, entry in self.content.drug.items():
            for area, place in entry.areas.items():
                for route, way in place.routes.items():
                    for limit in way.limits:
                        yield drug, area, route, limit


def load(path: Path = OWN) -> Library:
    """Reads and checks a folder or a file. Raises LibraryError with every mistake."""
    raw, origin = _gather(path)
    try:
        content = Content.model_validate(raw)
    except ValidationError as error:
        raise LibraryError(sorted({_sentence(detail, origin, path) for detail in error.errors()})) from None
    wrong = [f"{_place(place, origin, path)}: {sentence}" for place, sentence in mistakes(content)]
    if wrong:
        raise LibraryError(wrong)
    plain = json.dumps(raw, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return Library(content, hashlib.sha256(plain.encode()).hexdigest(), path)


@functools.cache
def own() -> Library:
    """The library that comes with the program."""
    return load()


def named(path: Path | None) -> Library:
    """The hospital's own where one is configured, else the program's. Raises LibraryError."""
    return own() if path is None else load(path)


# -- reading -----------------------------------------------------------------------------------------------------------

Origin = dict[tuple[str, ...], Path]


def _gather(path: Path) -> tuple[dict[str, Any], Origin]:
    """All files in one table, and which file each table comes from."""
    files = sorted(path.glob("*.toml")) if path.is_dir() else [path]
    if not files:
        raise LibraryError([f"{path}: there is no .toml file in this folder."])
    made: dict[str, Any] = {}
    origin: Origin = {}
    for file in files:
        for key, value in _read(file).items():
            if key in ("drug", "sources") and isinstance(value, dict):
                table = made.setdefault(key, {})
                for name, entry in value.items():
                    _once(table, (key, name), entry, origin, file)
            else:
                _once(made, (key,), value, origin, file)
    return made, origin


def _once(table: dict[str, Any], keys: tuple[str, ...], value: Any, origin: Origin, file: Path) -> None:
    if keys in origin:
        raise LibraryError([f"{file}: {'.'.join(keys)} stands in {origin[keys].name} already."])
    table[keys[-1]], origin[keys] = value, file


def _read(file: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(file.read_text("utf-8-sig"))
    except OSError as error:
        raise LibraryError([f"{file}: the file cannot be read: {error.strerror}."]) from None
    except UnicodeDecodeError:
        raise LibraryError([f"{file}: this is not a text file."]) from None
    except (tomllib.TOMLDecodeError, RecursionError, ValueError) as error:
        raise LibraryError([f"{file}: this is not TOML: {error}."]) from None


def _place(keys: tuple[str | int, ...], origin: Origin, path: Path) -> str:
    """File and table of a mistake; entries of lists are counted from one."""
    texts = tuple(str(key) for key in keys)
    file = origin.get(texts[:2]) or origin.get(texts[:1]) or path
    words = "".join(f" {key + 1}" if isinstance(key, int) else f".{key}" for key in keys).lstrip(".")
    return f"{file}, {words}" if words else str(file)


def _sentence(detail: Any, origin: Origin, path: Path) -> str:
    """One mistake that the schema found."""
    place, kind = _place(detail["loc"], origin, path), detail["type"]
    match kind:
        case "missing":
            return f"{place}: this key is missing."
        case "extra_forbidden":
            return f"{place}: there is no such key."
        case "value_error":
            return f"{place}: {detail['ctx']['error']}."
        case "literal_error":
            return f"{place}: {_given(detail)} is not allowed; allowed is {detail['ctx']['expected']}."
    return f"{place}: {_given(detail)}: {detail['msg'][:1].lower()}{detail['msg'][1:]}."


def _given(detail: Any) -> str:
    return repr(detail["input"])[:40]


def _listed(names: Mapping[str, object]) -> str:
    return ", ".join(f"{key} ({value})" if isinstance(value, str) else key for key, value in names.items())


def share(part: Fraction) -> str:
    """A ratio as people say it: +25 %."""
    return f"{float(part - 1):+.0%}".replace("%", " %")
