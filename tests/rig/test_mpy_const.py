"""Numbers for names: what is certain is replaced, what is not stays, and no line moves."""

from __future__ import annotations

import ast
import contextlib
import importlib
from collections.abc import Mapping
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from assuage_rig.targets import mpybuild
from assuage_rig.targets.boardconst import interned, link

ROOT = Path(__file__).resolve().parents[2]
SCHEMA = {"assuage_wire.schema": {"S30": (1 << 30) - 1, "BIG": 1 << 30, "STATES": ("standby", "armed", "fault")}}
HEAD = "from assuage_wire.schema import STATES\n"


MADE = {
    "book": {"BY": {"x": ["a", "b", "c"]}},
    "made": {"spread": lambda names, of: bytes(names.index(name) for name in of)},
}


def linked(text: str, keep: tuple[str, ...] = (), **others: str) -> str:
    return link({"a": text, **others}, {**SCHEMA, **MADE}, keep)["a"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("from assuage_wire.schema import S30\ndef f(x):\n    g(x & S30)\n", "\ndef f(x):\n    g(x & (1073741823))\n"),
        ("from assuage_wire.schema import S30 as m, STATES\ny = f(m)\n", "\ny = f((1073741823))\n"),
        (f"{HEAD}_ARMED = STATES.index('armed')\nx = f(_ARMED)\n", "\npass\nx = f((1))\n"),
        ("_A, _B = const(2), const(3)\nx = f(_A + _B)\n", "pass\nx = f((2) + (3))\n"),
        ("A = const(2)\nx = f(A)\n", "pass\nx = f((2))\n"),
        ("A, B, C = range(4, 7)\nx = f(A, C)\n", "pass\nx = f((4), (6))\n"),
        ("_A = -5\n_B = 2 * _A\nx = f(_B)\n", "pass\npass\nx = f((-10))\n"),
        ("T = 4, 5\nT += (6,)\n_N = len(T)\nx = f(_N)\n", "pass\npass\npass\nx = f((3))\n"),
        ("TYPING = False\nif TYPING:\n    pass\n", "pass\nif False:\n    pass\n"),
        ("from micropython import const\n_A = const(1)\nx = f(_A)\n", "\npass\nx = f((1))\n"),
        ("from pack import b\ng(b.N, b.M, b.g)\n", "from pack import b\ng((4), b.M, b.g)\n"),
        ("from b import N, g\nx = g(N, N=1, y=o.N)\n", "from b import g\nx = g((4), N=1, y=o.N)\n"),
    ],
)  # fmt: skip
def test_what_is_certain_is_replaced(text: str, expected: str) -> None:
    new = linked(text, **{"b": "from c import M\nN = M + 1\n", "c": "M = 3\n", "pack.b": "N = 4\n"})
    assert new == interned(expected)


@pytest.mark.parametrize(
    "text",
    [
        "N = 1\nN = 2\nx = f(N)\n",
        "N = 1\ndef g():\n    global N\n    N = 2\nx = f(N)\n",
        "N = 1\ndef g(N):\n    return N\n",
        "N = 1\ndef g():\n    N = f()\n    return N\n",
        "N = 1\nx = [N for N in y]\n",
        "N = 1\nfor N in y:\n    pass\n",
        "N = 1\nclass C:\n    N = 2\n",
        "N = 1\ndel N\n",
        "N = 1\ntry:\n    f()\nexcept OSError as N:\n    pass\n",
        "T = (1,)\nif f():\n    T = ()\n_N = len(T)\nx = g(_N)\n",
        "T = (1,)\nT = f()\n_N = len(T)\nx = g(_N)\n",
        "T = (1,)\nx = f(T)\nT = (2,)\n",
        "N = b'1'\nx = f(N)\nN = b'2'\n",
        "from b import N\nif f():\n    N = 2\nM = N\nx = g(M)\n",
        "if f():\n    N = 1\nelse:\n    M = 2\nx = g(N)\n",
        "N = f()\nM = g(N)\n",
        "N = 1.5\nM = g(N)\n",
        "a.b, N = 1, 2\nx = f(N)\n",
        "N, M = 1, f()\nx = g(M)\n",
        "N, M = range(3)\nx = f(N)\n",
        "N, M = f()\nx = g(M)\n",
        "N = M = 1\nx = f(N)\n",
        "from assuage_wire.schema import BIG\nx = f(BIG)\n",
        "from assuage_wire.schema import STATES\nx = f(STATES)\n",
        "from b import count\nx = f(count)\n",
        "from d import N\nx = f(N)\n",
        "def g():\n    from assuage_wire.schema import S30\n    return S30\n",
        "N = open('x')\n",
        "N = ().__class__.__base__.__subclasses__()\n",
        "from micropython import const\nx = f(const)\n",
        "x = f'{y}'\n",
    ],
)
def test_what_is_not_certain_stays(text: str) -> None:
    assert linked(text, b="N = 1\n") == text


@pytest.mark.parametrize(
    "other",
    [
        "import a\nx = a.N\n",
        "def g():\n    from a import N\n    return N\n",
        "try:\n    from a import N\nexcept ImportError:\n    N = 2\n",
        "from pack import a as b\nx = f(b.N)\n",
    ],
)
def test_a_definition_stays_that_somebody_may_ask_for_by_name(other: str) -> None:
    assert linked("N = 1\n_M = 2\n", other=other) == "N = 1\npass\n"


def test_a_definition_stays_that_a_program_outside_names() -> None:
    assert linked("N, M = 1, 2\n", keep=("M",)) == "M = 2\n"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("T = ('a', 'b')\nN = T.index('b'), 2\nx = f(N)\n", "pass\nN = (1, 2)\nx = f(N)\n"),
        ("T = ('a', 'b')\nN = tuple(T.index(n) for n in ('b', 'a'))\nx = f(N)\n", "pass\nN = (1, 0)\nx = f(N)\n"),
        (
            f"{HEAD}from made import spread\nN = spread(STATES, ('armed', 'fault'))\nx = f(N, N[0])\n",
            "\n\nN = b'\\x01\\x02'\nx = f(N, N[0])\n",
        ),
        (
            "from made import spread\nS = (spread('ab', 'ba'), 0)\nN = S[0]\nx = f(N)\n",
            "\npass\nN = b'\\x01\\x00'\nx = f(N)\n",
        ),
        ("N = 1 << 30\nx = f(N)\n", "N = 1073741824\nx = f(N)\n"),
        (
            "from book import BY\nR = BY['x']\nN = R.index('c')\nx = f(N, R)\n",
            "from book import BY\nR = BY['x']\npass\nx = f((2), R)\n",
        ),
        ("T = []\nN = len(T)\nx = f(N)\n", "T = []\nN = len(T)\nx = f(N)\n"),
        ("T = ('a',)\nx = f(T)\n", "T = ('a',)\nx = f(T)\n"),
        ("from made import spread\nx = f(spread('ab', y))\n", "from made import spread\nx = f(spread('ab', y))\n"),
    ],
)
def test_bytes_and_tuples_of_numbers_stand_where_they_are_defined_without_what_they_were_made_of(
    text: str, expected: str
) -> None:
    assert linked(text) == interned(expected)


def test_a_definition_goes_with_the_last_that_asks_for_it() -> None:
    others = {"b": "from a import T\nN = T.index('y')\nx = f(N)\n", "c": "from b import T\nM = len(T)\nx = f(M)\n"}
    assert linked("T = ('x', 'y')\n", **others) == "pass\n"
    kept = "T = ('x', 'y')\n"
    assert linked(kept, **others, d="from b import T\nx = f(T)\n") == interned(kept)
    assert linked(kept, ("T",)) == interned(kept)


def test_a_definition_goes_though_another_file_has_one_of_that_name() -> None:
    assert (
        linked("N = 1\nT = ('x',)\n", b="from c import N, T\nx = f(N, T)\n", c="N = g()\nT = g()\n") == "pass\npass\n"
    )


def test_a_number_in_a_formatted_text_stays_a_name() -> None:
    assert linked("N = 1\nx = g(f'{N}')\n") == "N = 1\nx = g(f'{N}')\n"


def test_rings_of_imports_come_to_an_end_and_what_they_need_stays() -> None:
    text = "from b import N\nM = 1\nx = f(N)\n"
    assert linked(text, b="from a import M\nN = M\n") == text


def test_a_definition_stays_for_an_import_that_could_not_be_replaced() -> None:
    assert linked("N = 1\n", b="from a import N\nx = g(f'{N}')\n") == "N = 1\n"
    assert linked("N = 1\n", b="from a import N\nif f():\n    N = 2\n") == "N = 1\n"


def test_a_text_in_tuples_is_mentioned_once_by_the_code_when_it_is_short() -> None:
    text = "T = (('abc', 1), ('abc', 'much too long'))"
    assert interned(text) == f"{text}\n['abc']\n"
    assert interned("x = 1\n") == "x = 1\n"


class _Inline(ast.NodeTransformer):
    def __init__(self, names: Mapping[str, Any]) -> None:
        self.names = names

    def visit_Name(self, node: ast.Name) -> ast.expr:
        if isinstance(node.ctx, ast.Load) and type(self.names.get(node.id)) in (int, bool):
            return ast.copy_location(ast.parse(f"({self.names[node.id]})", mode="eval").body, node)
        return node

    def visit_Attribute(self, node: ast.Attribute) -> ast.expr:
        module = self.names.get(node.value.id) if isinstance(node.value, ast.Name) else None
        value = getattr(module, node.attr, None) if isinstance(module, ModuleType) else None
        if type(value) is int:
            return ast.copy_location(ast.parse(f"({value})", mode="eval").body, node)
        self.generic_visit(node)
        return node


def _functions(tree: ast.Module, names: Mapping[str, Any]) -> dict[tuple[str, int], str]:
    """Every function of a module by name and line, as a dump in which numbers stand for the names given."""
    found = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]
    return {(node.name, node.lineno): ast.dump(_Inline(names).visit(node)) for node in found}


def test_the_shipped_firmware_differs_in_nothing_but_numbers_for_names_of_the_same_value() -> None:
    """Judged by running the modules on CPython and looking their names up, where that is possible."""
    files = [(name, Path(path).read_bytes()) for name, path, _, _ in mpybuild._state(mpybuild.RP2040, ROOT)]
    new = dict(mpybuild._prepared(files))
    looked_at = values = 0
    for name, content in files:
        if name.startswith(("boards/", "main", "assuage_wire/schema")) or name.endswith("frame_viper.py"):
            continue
        module = importlib.import_module(mpybuild._module(name))
        names = {n: v for n, v in vars(module).items() if not n.startswith("__")}
        before = _functions(ast.parse(content), names)
        if name in mpybuild._BEFOREHAND:
            assert name not in new
            continue
        after = ast.parse(new[name])
        assert before == _functions(after, names), name
        looked_at += len(before)
        for statement in after.body:
            if isinstance(statement, ast.Assign) and isinstance(statement.targets[0], ast.Name):
                with contextlib.suppress(ValueError):  # is no literal
                    assert names[statement.targets[0].id] == ast.literal_eval(statement.value), name
                    values += 1
    assert looked_at > 200 and values > 10


def test_the_state_tables_are_bytes_on_a_board_and_their_names_are_not_there() -> None:
    files = [(name, Path(path).read_bytes()) for name, path, _, _ in mpybuild._state(mpybuild.RP2040, ROOT)]
    new = dict(mpybuild._prepared(files))
    for name in ("pump/states.py", "alarm/states.py"):
        constants = [node.value for node in ast.walk(ast.parse(new[name])) if isinstance(node, ast.Constant)]
        assert [type(value) for value in constants].count(bytes) == 2
        assert b"TABLE =" not in new[name] and b"EVENTS =" not in new[name]
