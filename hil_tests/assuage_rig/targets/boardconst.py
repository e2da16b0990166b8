"""Writes numbers where names for numbers stand, across modules, before the firmware is compiled for a board.

mpy-cross does that for `_NAME = const(...)` within one file. A name that is imported, looked up in an enumeration or
assigned beside another costs a board its text, a place in the dictionary of each module that knows it, and a search
at each use. Only what is certain is replaced: a name that is bound once in its file, at the top, to an expression of
numbers, enumerations and other such names. Its definition goes when nothing is left that may ask for it by name.
Lines stay where they are, so that tracebacks fit the sources.
"""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping
from typing import Any

_SMALL = 1 << 30  # a small integer of a 32-bit board lies within +-2**30
_INTERNED = 10  # longest text that mpy-cross makes a name of
_FUNCTIONS: dict[str, Callable[..., Any]] = {"const": lambda value: value, "len": len, "min": min, "max": max}
_Edit = tuple[int, int, str]  # byte offsets in the file, and what stands there instead


def link(
    sources: Mapping[str, str], known: Mapping[str, Mapping[str, Any]], keep: Collection[str] = ()
) -> dict[str, str]:
    """The same modules, by name, with numbers in the place of names.

    known: modules whose names have these values; they are imported from, and not changed. keep: names that somebody
    else will import, wherever they are defined. Raises SyntaxError with the module as its filename.
    """
    modules = {name: _Module(name, text) for name, text in sources.items()}
    values: dict[str, dict[str, Any]] = {name: dict(names) for name, names in known.items()}
    for name in modules:
        _resolve(name, modules, values)
    asked = {*keep, *(asked for name, module in modules.items() for asked in module.asked(values, values[name]))}
    return {name: module.linked(values, values[name], asked) for name, module in modules.items()}


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

    def asked(self, values: Mapping[str, Mapping[str, Any]], own: Mapping[str, Any]) -> Iterator[str]:
        """Names that the module fetches from some other while it runs. own: what is certain of its own."""
        numbers = self._numbers(own)
        replaced = {id(node) for node, _ in self._attributes(values)}
        for node in ast.walk(self._tree):
            if isinstance(node, ast.Attribute) and id(node) not in replaced:
                yield node.attr
            elif isinstance(node, ast.ImportFrom):
                yield from (alias.name for alias in node.names if (alias.asname or alias.name) not in numbers)

    def _numbers(self, own: Mapping[str, Any]) -> dict[str, Any]:
        """What stands for its names in the module."""
        in_texts = {n.id for f in ast.walk(self._tree) if isinstance(f, ast.JoinedStr) for n in _names(f)}
        return {
            name: value
            for name, value in own.items()
            if _small(value) and self._bound[name] == 1 and name not in in_texts  # where in a text: known from 3.12 on
        }

    def _attributes(self, values: Mapping[str, Mapping[str, Any]]) -> Iterator[tuple[ast.Attribute, Any]]:
        """Every `module.NAME` that is a number, for `from package import module` at the top."""
        imported = {
            alias.asname or alias.name: f"{statement.module}.{alias.name}"
            for statement in self._tree.body
            if isinstance(statement, ast.ImportFrom) and not statement.level
            for alias in statement.names
            if self._bound[alias.asname or alias.name] == 1
        }
        in_texts = {id(n) for f in ast.walk(self._tree) if isinstance(f, ast.JoinedStr) for n in ast.walk(f)}
        for node in ast.walk(self._tree):
            if id(node) in in_texts:
                continue
            if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id in imported:
                value = values.get(imported[node.value.id], {}).get(node.attr)
                if _small(value) and isinstance(node.ctx, ast.Load):
                    yield node, value

    def linked(self, values: Mapping[str, Mapping[str, Any]], own: Mapping[str, Any], asked: Collection[str]) -> str:
        """The module's text with numbers. own: what is certain of its names."""
        numbers, attributes = self._numbers(own), list(self._attributes(values))
        text = self._text.encode()
        begins = [0]
        for line in text.splitlines(keepends=True):
            begins.append(begins[-1] + len(line))
        for start, end, instead in sorted(self._edits(numbers, attributes, asked, begins), reverse=True):
            instead += "\n" * (text.count(b"\n", start, end) - instead.count("\n"))
            text = text[:start] + instead.encode() + text[end:]
        return interned(text.decode())

    def _edits(
        self,
        numbers: Mapping[str, Any],
        attributes: list[tuple[ast.Attribute, Any]],
        asked: Collection[str],
        begins: list[int],
    ) -> Iterator[_Edit]:
        left = [statement for statement in self._tree.body if _assign(statement, numbers, asked) is None]
        names = [name for statement in left for name in _names(statement) if isinstance(name.ctx, ast.Load)]
        gone = set(numbers) if any(name.id == "const" for name in names) else {"const", *numbers}
        for statement in self._tree.body:
            if isinstance(statement, ast.ImportFrom):
                instead = _import(statement, gone)
            else:
                instead = _assign(statement, numbers, asked)
            if instead is not None:
                yield (*_place(statement, begins), instead)
        for name in names:
            if name.id in numbers:
                yield (*_place(name, begins), _number(numbers[name.id]))
        within = {id(node) for statement in left for node in ast.walk(statement)}
        for attribute, value in attributes:
            if id(attribute) in within:
                yield (*_place(attribute, begins), _number(value))


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


def _small(value: Any) -> bool:
    return type(value) in (int, bool) and -_SMALL <= value < _SMALL


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


def _assign(statement: ast.stmt, numbers: Mapping[str, Any], asked: Collection[str]) -> str | None:
    names = [name for name, _ in _assignments(statement)]
    if not names or any(name not in numbers for name in names):
        return None
    return "; ".join(f"{name} = {numbers[name]}" for name in names if name in asked) or "pass"


def _import(statement: ast.ImportFrom, gone: set[str]) -> str | None:
    kept = [alias for alias in statement.names if (alias.asname or alias.name) not in gone]
    if len(kept) == len(statement.names):
        return None
    names = ", ".join(f"{alias.name} as {alias.asname}" if alias.asname else alias.name for alias in kept)
    return f"from {'.' * statement.level}{statement.module or ''} import {names}" if kept else ""


def _place(node: ast.stmt | ast.expr, begins: list[int]) -> tuple[int, int]:
    assert node.end_lineno is not None and node.end_col_offset is not None
    return begins[node.lineno - 1] + node.col_offset, begins[node.end_lineno - 1] + node.end_col_offset
