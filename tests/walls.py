"""The walls between the rooms, as a table, and the reader that finds what crosses them.

A room is a set of files; its wall says which modules they may import, or which they may never. The tests are in
test_walls.py; the reasons are in CONTRIBUTING.md.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent

PURE_ROOMS = frozenset({"pump", "vitals", "alarm", "journal", "link", "interlock"})
APP = frozenset(path.stem for path in (ROOT / "firmware").glob("*.py")) | {"app", "main"}
FIRMWARE_NAMES = PURE_ROOMS | APP | {"drivers", "boards"}
# What touches hardware, time or the world; u-names are MicroPython's older spelling of the same modules.
OUTSIDE = frozenset(
    name
    for stem in ("machine", "rp2", "socket", "select", "time", "os", "network", "asyncio", "ssl", "uctypes", "vfs")
    for name in (stem, "u" + stem)
)


@dataclass(frozen=True)
class Wall:
    """Files matching `files` import only `only` (None: anything) and nothing of `never`.

    `pure` also forbids to print, to open files, and to import or run code by name.
    """

    room: str
    files: tuple[str, ...]
    only: frozenset[str] | None = None
    never: frozenset[str] = frozenset()
    pure: bool = False


# The first wall whose pattern matches a file is that file's wall, so exceptions stand before their room.
WALLS = (
    Wall("wire table", ("protocol/assuage_wire/schema.py",), only=frozenset(), pure=True),
    Wall(
        "construct twin",
        ("protocol/assuage_wire/as_construct.py",),
        only=frozenset({"__future__", "typing", "collections", "zlib", "construct", "assuage_wire"}),
    ),
    Wall(
        "wire",
        ("protocol/assuage_wire/*.py",),
        only=frozenset({"struct", "binascii", "hashlib", "micropython", "assuage_wire"}),
        pure=True,
    ),
    # generators beside the package; they never travel to a board. gen.py gathers what every room generates.
    Wall("gen", ("protocol/gen.py",), never=FIRMWARE_NAMES),
    Wall("wire tools", ("protocol/*.py",), never=FIRMWARE_NAMES | {"assuage", "assuage_rig"}),
    Wall(
        "pure firmware",
        tuple(f"firmware/{room}/*.py" for room in sorted(PURE_ROOMS)),
        only=frozenset({"array", "struct", "micropython", "assuage_wire"}) | PURE_ROOMS,
        pure=True,
    ),
    # a driver is handed its bus and knows its chip, nobody else's
    Wall("drivers", ("firmware/drivers/*.py",), only=frozenset({"array", "struct", "micropython"}), pure=True),
    Wall("boards", ("firmware/boards/*.py",), never=PURE_ROOMS | APP | {"_thread", "assuage", "assuage_rig"}),
    Wall(
        "main",
        ("firmware/main.py",),
        only=frozenset({"app", "boards", "drivers", "sys", "gc", "micropython", "assuage_wire"}) | PURE_ROOMS,
    ),
    Wall(
        "app",
        ("firmware/*.py",),
        only=frozenset({"array", "struct", "gc", "micropython", "sys", "assuage_wire", "drivers"})
        | PURE_ROOMS
        | (APP - {"main"}),
    ),
    # makes documents from the firmware's own tables, which gen.py may not import; never travels to a board
    Wall("docs", ("docs/*.py",), never=OUTSIDE | APP | {"drivers", "boards", "assuage", "assuage_rig"}),
    Wall("host", ("host/assuage/**/*.py",), never=FIRMWARE_NAMES | {"assuage_rig", "firmware", "hil_tests"}),
    Wall("rig", ("hil_tests/**/*.py",), never=FIRMWARE_NAMES | {"assuage", "firmware", "host"}),
    Wall("plain tests", ("tests/pure/*.py",), never=OUTSIDE | {"pytest", "hypothesis", "assuage", "assuage_rig"}),
)
GUARDED = ("protocol", "firmware", "host", "hil_tests", "docs", "tests/pure")
TYPING = frozenset({"typing", "collections"})
FORBIDDEN_CALLS = frozenset({"print", "input", "open", "exec", "eval", "__import__"})


def wall_of(path: Path) -> Wall | None:
    """The wall around the file at `path`, relative to the root; None when no room claims it."""
    return next((wall for wall in WALLS if any(_matches(path, pattern) for pattern in wall.files)), None)


def _matches(path: Path, pattern: str) -> bool:
    head, deep, name = pattern.partition("**/")
    if deep:
        return path.is_relative_to(head) and path.match(name)
    return path.parent == Path(pattern).parent and path.match(pattern)


def imports(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """(line, top-level module) of every absolute import in the tree, wherever it stands.

    Only names for type checkers under `if TYPE_CHECKING:`, which no interpreter runs, are left out.
    """
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.If) and isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING":
            body = ast.Module(body=node.body, type_ignores=[])
            yield from (found for found in imports(body) if found[1] not in TYPING)
            yield from imports(ast.Module(body=node.orelse, type_ignores=[]))
            continue
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield node.lineno, alias.name.partition(".")[0]
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            yield node.lineno, node.module.partition(".")[0]
        yield from imports(node)


def crossings(path: Path, text: str) -> list[str]:
    """What in the file `path` (relative to the root) with this text crosses its wall, one sentence each."""
    wall = wall_of(path)
    if wall is None:
        return [f"{path}: belongs to no room of tests/walls.py"]
    tree = ast.parse(text, str(path))
    found = []
    for line, name in imports(tree):
        if name in wall.never or (wall.only is not None and name not in wall.only):
            found.append(f"{path}:{line}: {wall.room} may not import {name}")
    for node in ast.walk(tree):
        # the first part of a path is the folder on the import path, the last the file itself
        if isinstance(node, ast.ImportFrom) and node.level > len(path.parts) - 2:
            found.append(f"{path}:{node.lineno}: a relative import leaves its package")
        if (
            wall.pure
            and isinstance(node, ast.Call)
            and isinstance(node.func, ast.Name)
            and node.func.id in FORBIDDEN_CALLS
        ):
            found.append(f"{path}:{node.lineno}: {wall.room} may not call {node.func.id}()")
    return found


def guarded_files() -> list[Path]:
    """Every Python file inside a room, relative to the root."""
    return sorted(
        path.relative_to(ROOT)
        for folder in GUARDED
        for path in (ROOT / folder).rglob("*.py")
        if "__pycache__" not in path.parts
    )
