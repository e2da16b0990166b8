"""bench.toml: which boards there are to test, by name."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from pathlib import Path

INVENTORY = Path(__file__).resolve().parents[2] / "bench.toml"

KINDS = ("linux", "serial", "rp2040")
_BOARD = re.compile(r"[0-9a-f]{16}")


class InventoryError(ValueError):
    """The inventory is wrong or lacks what was asked for; one sentence that says what to do."""


@dataclass(frozen=True)
class Place:
    """One row. port, board: of a serial one, path and the unique id that the board must tell, sixteen hex digits."""

    name: str
    kind: str
    port: str = ""
    board: str = ""


def load(path: Path = INVENTORY) -> dict[str, Place]:
    """Raises InventoryError."""
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise InventoryError(f"{path} cannot be read ({error.strerror or error})") from error
    except tomllib.TOMLDecodeError as error:
        raise InventoryError(f"{path} is no TOML: {error}") from error
    return {name: _place(path.name, name, row) for name, row in data.items()}


def find(name: str, path: Path = INVENTORY) -> Place:
    """The row of that name. Raises InventoryError with the names there are."""
    places = load(path)
    if name not in places:
        raise InventoryError(f"{path.name} has no target {name!r}; it has {', '.join(places) or 'none'}")
    return places[name]


def _place(file: str, name: str, row: object) -> Place:
    where = f"{file}, {name}"
    if not isinstance(row, dict) or not all(isinstance(value, str) for value in row.values()):
        raise InventoryError(f"{where}: must be a table of texts")
    kind = row.get("kind", "")
    if kind not in KINDS:
        raise InventoryError(f"{where}: kind must be one of {', '.join(KINDS)}, not {kind!r}")
    takes = {"kind", "port", "board"} if kind == "serial" else {"kind"}
    if row.keys() != takes:
        raise InventoryError(f"{where}: a {kind} target has {', '.join(sorted(takes))}, not {', '.join(sorted(row))}")
    if kind == "serial" and not _BOARD.fullmatch(row["board"]):
        raise InventoryError(f"{where}: board must be sixteen hex digits in small letters, not {row['board']!r}")
    return Place(name, kind, row.get("port", ""), row.get("board", ""))
