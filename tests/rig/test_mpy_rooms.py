"""Modules of a room as one on a board: every name means what it meant, and a traceback still says where."""

from __future__ import annotations

import ast
import builtins
import dis
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import FunctionType, ModuleType
from typing import Any

import pytest

from assuage_rig.targets import mpybuild
from assuage_rig.targets.boardrooms import Joined, join

ROOT = Path(__file__).resolve().parents[2]


def text(joined: Joined, module: str) -> str:
    """A module's text without empty lines."""
    return "\n".join(line for line in joined.texts[module].splitlines() if line.strip())


def one(first: str, second: str, **others: str) -> str:
    """What becomes of a room of two modules."""
    sources = {"room.first": first, "room.second": second, **{n.replace("__", "."): t for n, t in others.items()}}
    joined = join(sources)
    assert set(joined.texts) == {"room", *others}, joined.texts
    return text(joined, "room")


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        ("a = f()\n", "from room.first import a\nb = a\n", "a = f()\nb = a"),
        ("a = f()\n", "from room.first import a as b\nc = b\n", "a = f()\nc = a"),
        ("from room.second import b\na = b\n", "b = f()\n", "b = f()\na = b"),
        ("a = f()\n", "a = g()\nb = a\n", "a = f()\na2 = g()\nb = a2"),
        ("def f():\n    pass\n", "def f(x):\n    f(x.f)\n", "def f():\n    pass\ndef f2(x):\n    f2(x.f)"),
        ("class A:\n    pass\n", "class A:\n    pass\nb = A()\n", "class A:\n    pass\nclass A2:\n    pass\nb = A2()"),
        ("a = f()\n", "from room import first\nb = first.a\n", "a = f()\nb = a"),
        (
            "def at(x):\n    pass\n",
            "from room import first\nclass A:\n    def at(self):\n        return first.at(1)\n",
            "def at(x):\n    pass\nclass A:\n    def at(self):\n        return at(1)",
        ),
        ("from array import array\na = array\n", "from array import array\nb = array\n",
         "from array import array\na = array\nb = array"),
        ("import gc\na = gc\n", "import gc\nb = gc\n", "import gc\na = gc\nb = gc"),
        ("from array import array as x\na = x\n", "from struct import pack as x\nb = x\n",
         "from array import array as x\na = x\nfrom struct import pack as x2\nb = x2"),
        ("a = f()\n", "def g(a):\n    return a\n", "a = f()\ndef g(a):\n    return a"),
        ("a = f()\n", "from room.first import a\ndef g():\n    a = 1\n", "a = f()\ndef g():\n    a = 1"),
        ("ord = f()\n", "b = ord('x')\n", "ord2 = f()\nb = ord('x')"),
        ("each = f()\n", "b = each\n", "each2 = f()\nb = each"),
        (
            "a = f()\n",
            "from room.first import a as b\ndef g(a):\n    return a, b\n",
            "a2 = f()\ndef g(a):\n    return a, a2",
        ),
        ("a = f()\nb = [a for x in y]\n", "a = g()\n", "a = f()\nb = [a for x in y]\na2 = g()"),
        ("if False:\n    from room.second import B\na = f()\n", "from room.first import a\nB = a\n",
         "if False:\n    from room.second import B\na = f()\nB = a"),
    ],
)  # fmt: skip
def test_a_name_means_what_it_meant(first: str, second: str, expected: str) -> None:
    assert one(first, second) == expected


def test_other_modules_find_what_they_import() -> None:
    joined = join({
        "room.first": "a = f()\nb = g()\n",
        "room.second": "b = h()\nfrom room.first import a\n",
        "other": "from room.first import b\nfrom room.second import a, b as c\nx = b, c, a\n",
        "hall.one": "from room import second\nfrom room import first as too\na = too.a, second.b\n",
        "hall.two": "from hall.one import a\nfrom room.second import a as b\n",
        "late": "b = 1\ntry:\n    from room.first import a\nexcept ImportError:\n    pass\n"
        "from room import second\nx = second.b\n",
    })  # fmt: skip
    assert text(joined, "room") == "a = f()\nb = g()\nb2 = h()"
    assert text(joined, "other") == "from room import b\nfrom room import a; from room import b2 as c\nx = b, c, a"
    assert text(joined, "hall") == "from room import b2 as b\nfrom room import a as a2\na = a2, b"
    assert text(joined, "late").splitlines()[2:] == [
        "    from room import a",
        "except ImportError:",
        "    pass",
        "from room import b2 as b3",
        "x = b3",
    ]


@pytest.mark.parametrize(
    "sources",
    [
        {"room.a": "x = 1\n", "room.b": "y = 1\n", "c": "import room.a, os.path\n"},
        {"room.a": "x = 1\n", "room.b": "y = 1\n", "c": "from room import a\nf(a)\n"},
        {"room.a": "x = 1\n", "room.b": "def f():\n    from room.a import x\n"},
        {"room.a": "x = 1\n", "room.b": "try:\n    from room.a import x\nexcept ImportError:\n    pass\n"},
        {"room.a": "x = __name__\n", "room.b": "y = 1\n"},
        {"room.a": "from x import *\n", "room.b": "y = 1\n"},
        {"room.a": "from room.b import y\nx = 1\n", "room.b": "from room.a import x\ny = 1\n"},
        {"room.a": "x = 1\n", "room.b": "x = 2\ndef f():\n    global x\n    x = 3\n"},
        {"room.a": "x = 1\n", "room.b": "x = 2\ny = f'{x}'\n"},
        {"room.a": "x = 1\n", "room.b": "x = 2\ndef f(x):\n    return x\n"},
        {"room.a": "from hall.b import y\nx = 1\n", "room.b": "z = 1\n", "hall.a": "from room.b import z\n",
         "hall.b": "y = 1\n"},
        {"room.a": "x = 1\n", "b": "y = 1\n"},
    ],
    ids=range(12),
)  # fmt: skip
def test_what_may_be_asked_for_as_a_module_or_cannot_be_told_apart_stays(sources: dict[str, str]) -> None:
    assert join(sources) == (sources, {})


def test_what_a_program_outside_imports_stays_with_what_that_imports() -> None:
    sources = {
        "room.a": "x = f()\n",
        "room.b": "from room.a import x\ny = x\n",
        "room.c": "from room.b import y\nb = y\n",
        "room.d": "from room.c import b\nz = b\n",
    }
    joined = join(sources, ("room.b", "main"))
    assert set(joined.texts) == {"room", "room.a", "room.b"}
    # room.b, the module, will be a name in the room
    assert text(joined, "room") == "from room.b import y\nb2 = y\nz = b2"
    joined = join(sources, ("room.d",))
    assert set(joined.texts) == {"room", "room.d"}, "nobody in the room wants it before the room is there"
    assert text(joined, "room.d") == "from room import b\nz = b"


def test_lines_keep_their_order_and_it_is_told_where_modules_begin() -> None:
    joined = join({"room": "", "room.b": "from room.a import (\n    x,\n)\ny = x\n", "room.a": "\n\nx = 1"})
    assert joined.rows == {"room": [(1, "room"), (1 + 1, "room.a"), (4 + 1, "room.b")]}
    assert joined.texts["room"].splitlines() == ["", "", "", "x = 1", "", "", "", "y = x"]


# -- the shipped firmware ----------------------------------------------------------------------------------------------
FLAVOURS = {
    "image": mpybuild.RP2040,
    "emulated": mpybuild.Flavour("x64", mpybuild._EMULATED_WITHOUT, apart=("app", "boards.emulated")),
}


class _World:
    """Modules of which each has a text, run on CPython when something imports them."""

    def __init__(self, texts: Mapping[str, str]) -> None:
        self.texts = texts
        self.modules: dict[str, ModuleType] = {}

    def module(self, name: str) -> ModuleType:
        if name not in self.modules:
            module = self.modules[name] = ModuleType(name)
            vars(module)["__builtins__"] = {**vars(builtins), "__import__": self._import}
            exec(compile(self.texts.get(name, ""), name, "exec"), vars(module))
        return self.modules[name]

    def _import(self, name: str, globals_: Any = None, locals_: Any = None, items: Any = (), level: int = 0) -> Any:
        if name not in self.texts and not any(other.startswith(name + ".") for other in self.texts):
            return __import__(name, globals_, locals_, items, level)
        module = self.module(name)
        for item in items or ():
            if f"{name}.{item}" in self.texts:
                setattr(module, item, self.module(f"{name}.{item}"))
        return module


def _functions(owner: Any, module: str) -> Iterator[FunctionType]:
    for thing in list(vars(owner).values()):
        if isinstance(thing, FunctionType) and thing.__code__.co_filename == module:
            yield thing
        elif isinstance(thing, type) and thing.__module__ == module:
            yield from _functions(thing, module)


def _meaning(thing: Any, rows: Mapping[str, list[tuple[int, str]]]) -> object:
    """What can be compared between two runs."""
    if isinstance(thing, FunctionType):
        file, line = thing.__code__.co_filename, thing.__code__.co_firstlineno
        row, module = max((at for at in rows.get(file, ()) if at[0] <= line), default=(1, file))
        return re.sub(r"(?<=\D)[2-9]+\b", "", thing.__qualname__), module, line - row
    if isinstance(thing, type):
        functions = [_meaning(f, rows) for f in vars(thing).values() if isinstance(f, FunctionType)]
        return thing.__name__.rstrip("23456789"), functions
    if isinstance(thing, ModuleType):
        return thing.__name__
    if isinstance(thing, (tuple, list)):
        return [_meaning(item, rows) for item in thing]
    if isinstance(thing, dict):
        return [(key, _meaning(item, rows)) for key, item in thing.items()]
    if isinstance(thing, (int, str, bytes, type(None))):
        return thing
    return type(thing).__name__, getattr(thing, "name", "")


def _looked_up(function: FunctionType, modules: Mapping[str, ModuleType]) -> Iterator[Any]:
    """What a function's global names, and those within modules of ours, stand for, in the order of its instructions."""
    thing: Any = None
    known = {**vars(builtins), **function.__globals__}
    for step in dis.get_instructions(function):
        if step.opname == "LOAD_GLOBAL":
            thing = known[step.argval]
            if thing not in modules.values():
                yield thing
        elif step.opname in ("LOAD_ATTR", "LOAD_METHOD") and thing in modules.values():
            thing = getattr(thing, step.argval)
            yield thing
        elif step.opname not in ("CACHE", "PRECALL", "PUSH_NULL"):
            yield step.opname if step.opname.startswith(("BINARY", "COMPARE", "STORE_FAST")) else None
            thing = None


@pytest.mark.parametrize("flavour", FLAVOURS.values(), ids=FLAVOURS)
def test_every_name_in_the_shipped_firmware_stands_for_the_same(flavour: mpybuild.Flavour) -> None:
    """Judged by running the modules on CPython, by themselves and joined."""
    files = [(name, Path(path).read_bytes()) for name, path, _, _ in mpybuild._state(flavour, ROOT)]
    apart = {mpybuild._module(name): content.decode() for name, content in mpybuild._prepared(files)}
    native = {name for name, source in apart.items() if mpybuild._NATIVE.search(source)}
    joined = join(apart, {*flavour.apart, *native})
    assert {"pump", "journal", "vitals", "alarm", "link", "drivers", "assuage_wire"} <= joined.rows.keys()
    assert sum(len(rows) for rows in joined.rows.values()) > 60
    before, after = _World(apart), _World(joined.texts)
    count = 0
    for room, rows in joined.rows.items():
        if room == "boards":
            continue  # hardware, which is not here
        counterparts = {_meaning(f, joined.rows): f for f in _functions(after.module(room), room)}
        for _, name in rows:
            functions = list(_functions(before.module(name), name))
            assert len(functions) == sum(isinstance(n, ast.FunctionDef) for n in ast.walk(ast.parse(apart[name])))
            for function in functions:
                twin = counterparts.pop(_meaning(function, {}))
                found, now = (
                    [_meaning(thing, where) for thing in _looked_up(f, world.modules) if thing is not None]
                    for f, world, where in ((function, before, {}), (twin, after, joined.rows))
                )
                assert found == now, (name, function.__qualname__)
                count += 1
        assert not counterparts
    assert count > 400


def test_a_boards_traceback_is_told_as_the_sources_have_it(tmp_path: Path) -> None:
    (tmp_path / mpybuild.NAMES).write_text("a _first\npump:1 pump.air\npump:75 pump.ramp\n")
    said = 'File "app", line 80, in run\nFile "pump", line 74, in f\nFile "pump", line 75, in g\nE: line 9'
    told = 'File "app", line 80, in run\nFile "pump.air", line 74, in f\nFile "pump.ramp", line 1, in g\nE: line 9'
    assert mpybuild.in_sources(said, tmp_path) == told
    assert mpybuild.in_sources(said, tmp_path / "gone") == said
