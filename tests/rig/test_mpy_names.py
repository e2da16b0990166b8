"""Short names for the board: nothing but names differs, and whoever reads a name from outside still finds it."""

from __future__ import annotations

import ast
from pathlib import Path
from types import CodeType

import pytest

from assuage_rig.targets import boardnames, boardrooms, mpybuild

ROOT = Path(__file__).resolve().parents[2]


def short(text: str, *keep: str, **others: str) -> str:
    return boardnames.shorten({"a": text, **others}, keep)[0]["a"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("class C:\n    def go(self):\n        self._count = 1\n", "class C:\n    def go(a):\n        a.a = 1\n"),
        ("_total = f()\nx = _total\n", "_a = f()\nx = _a\n"),
        ("from b import make as _make\n_make()\n", "from b import make as _a\n_a()\n"),
        ("def f(first, second):\n    return second - first\n", "def f(a, b):\n    return b - a\n"),
        ("def f(x, second):\n    x(second)\n", "def f(x, a):\n    x(a)\n"),
        ("def f(first):\n    a = first\n    return a\n", "def f(b):\n    a = b\n    return a\n"),
        ("def f(first=1, *rest, only=2):\n    pass\n", "def f(a=1, *rest, only=2):\n    pass\n"),
        (
            "def f(outer):\n    def g(inner):\n        return inner - outer\n    return g\n",
            "def f(a):\n    def g(b):\n        return b - a\n    return g\n",
        ),
        ("def f(first):\n    first = first + 1\n    del first\n", "def f(a):\n    a = a + 1\n    del a\n"),
        ("def f(items):\n    return [item for item in items]\n", "def f(a):\n    return [item for item in a]\n"),
        ("def f(first):\n    return 'é', first\n", "def f(a):\n    return 'é', a\n"),
    ],
)
def test_what_nobody_else_reads_is_short(text: str, expected: str) -> None:
    assert short(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "class C:\n    def _go(x):\n        x._go()\n",
        "class _C:\n    pass\nx = _C()\n",
        "import _thread\nx = _thread\n",
        "x = sys._mpy\n",
        "from b import _far\nx = _far\n",
        "_total = f()\nx = f'{_total}'\n",
        "x._total = 1\ngetattr(x, '_total')\n",
        "x.__total = 1\n",
        "def f(first):\n    return first\nf(first=1)\n",
        "def f(first):\n    return first\nf(**{'first': 1})\n",
        "def f(first):\n    return f'{first}'\n",
        "def f(first):\n    return lambda first: first\n",
        "def f(first):\n    return [first for first in x]\n",
        "def f(first):\n    def g():\n        nonlocal first\n        first = 2\n",
        "def f(first, x=first):\n    return x\n",
        "_wide = f()\n\n\n@micropython.viper\ndef go(first: int) -> int:\n    return first + _wide\n",
        "_wide = f()\n\n\n@asm_pio(sideset_init=0)\ndef go():\n    jmp(_wide, 'up')\n",
    ],
)
def test_what_somebody_else_reads_stays(text: str) -> None:
    assert short(text) == text


def test_a_name_is_the_same_in_all_files_and_none_gets_one_that_is_there() -> None:
    texts, new = boardnames.shorten({
        "one": "x._left = x.a\nx._right = x.b\nx._left = 3\n",
        "two": "y = z._left\n",
    })  # fmt: skip
    assert texts == {"one": "x.c = x.a\nx.d = x.b\nx.c = 3\n", "two": "y = z.c\n"}
    assert new == {"_left": "c", "_right": "d"}


def test_names_of_one_file_each_may_become_one_and_what_two_files_or_a_family_know_does_not() -> None:
    new = boardnames.shorten({
        "one": "_wide = f()\nx._left = x._both = _wide\n",
        "two": "_high = f()\ny._right = y._both = _high\n",
        "three": "class A:\n    def f(self):\n        self._mother = 1\n",
        "four": "class B(A):\n    def f(self):\n        self._child = 1\n",
    })[1]  # fmt: skip
    assert new["_left"] == new["_right"] and new["_wide"] == new["_high"]
    assert len({new[name] for name in ("_left", "_both", "_mother", "_child")}) == 4


def test_a_word_of_the_language_is_no_short_name() -> None:
    many = "".join(f"x._name{i:04} = 1\n" for i in range(2700))
    with pytest.raises(SyntaxError):
        ast.parse("x.as = 1")
    ast.parse(short(many))


def test_a_program_outside_keeps_what_it_names() -> None:
    text = "def f(first, second):\n    return first, second\nx._total = x._rest = 1\n"
    assert short(text, "first", "_total") == "def f(first, a):\n    return first, a\nx._total = x.a = 1\n"


class _AsOnABoard(ast.NodeTransformer):
    """Without annotations, which CPython keeps by name."""

    def visit_AnnAssign(self, node: ast.AnnAssign) -> ast.stmt:
        value = ast.Assign([node.target], node.value) if node.value else ast.Pass()
        return ast.fix_missing_locations(ast.copy_location(value, node))

    def visit_arg(self, node: ast.arg) -> ast.arg:
        return ast.copy_location(ast.arg(node.arg), node)


def _code(name: str, text: str) -> CodeType:
    return compile(_AsOnABoard().visit(ast.parse(text)), name, "exec")


def _same(before: CodeType, after: CodeType, new: dict[str, str]) -> int:
    """Counts functions that CPython compiles to the same code under other names, and fails at the first that is not."""
    assert after.co_code == before.co_code, (before.co_filename, before.co_qualname)
    assert after.co_names == tuple(new.get(name, name) for name in before.co_names), before.co_qualname
    assert (after.co_name, after.co_firstlineno) == (before.co_name, before.co_firstlineno)
    assert [a for *_, a in after.co_lines()] == [a for *_, a in before.co_lines()]
    count = 1
    for old, made in zip(before.co_consts, after.co_consts, strict=True):
        if isinstance(old, CodeType):
            count += _same(old, made, new)
        else:
            assert made == old
    return count


def test_the_shipped_firmware_does_the_same_under_other_names() -> None:
    files = [(name, Path(path).read_bytes()) for name, path, _, _ in mpybuild._state(mpybuild.RP2040, ROOT)]
    apart = {mpybuild._module(name): content.decode() for name, content in mpybuild._prepared(files)}
    before = boardrooms.join(apart, {name for name, text in apart.items() if mpybuild._NATIVE.search(text)}).texts
    after, new = boardnames.shorten(before, (), apart)
    assert len(new) > 300
    tokens = {token for text in before.values() for *_, token in boardnames._tokens(text)}
    assert not tokens & set(new.values())
    kin = boardnames._kin({name: ast.parse(text) for name, text in apart.items()})
    assert {"pump.engine", "pump.control"} <= kin
    known = {name: {token for *_, token in boardnames._tokens(text)} & new.keys() for name, text in apart.items()}
    family = {name for file in kin for name in known[file] if not new[name].startswith("_")}
    globals_ = (
        {token for *_, token in boardnames._tokens(text) if new.get(token, "").startswith("_")}
        for text in before.values()
    )
    for there in (*known.values(), family, *globals_):  # in one module, of one object, in one file
        assert len({new[name] for name in there}) == len(there)
    count = sum(_same(_code(n, before[n]), _code(n, after[n]), new) for n in before)
    assert count > 500


def test_the_firmware_asserts_nothing_since_its_image_would_not() -> None:
    for name, path, _, _ in mpybuild._state(mpybuild.RP2040, ROOT):
        nodes = list(ast.walk(ast.parse(Path(path).read_bytes())))
        assert not [node.lineno for node in nodes if isinstance(node, ast.Assert)], name
        assert not [node.lineno for node in nodes if isinstance(node, ast.Name) and node.id == "__debug__"], name
