"""Writes numbers where names for numbers stand, across modules, before the firmware is compiled for a board.

mpy-cross does that for `_NAME = const(...)` within one file. A name that is imported, looked up in an enumeration or
assigned beside another costs a board its text, a place in the dictionary of each module that knows it, and a search
at each use. Only what is certain is replaced: a name that is bound once in its file, at the top, to an expression of
numbers, enumerations and other such names. What is certain and no number, bytes or a tuple of numbers, is written where
it is defined. A definition goes when nothing is left that may ask for it by name, an enumeration's with it. Lines stay
where they are, so that tracebacks fit the sources.
"""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from typing import Any

_SMALL = 1 << 30  # a small integer of a 32-bit board lies within +-2**30
_INTERNED = 10  # longest text that mpy-cross makes a name of
_FUNCTIONS: dict[str, Callable[..., Any]] = {
    "const": lambda value: value, "len": len, "min": min, "max": max, "range": range, "tuple": tuple,
}  # fmt: skip
Edit = tuple[int, int, str]  # byte offsets in the file, and what stands there instead


def link(
    sources: Mapping[str, str], known: Mapping[str, Mapping[str, Any]], keep: Collection[str] = ()
) -> dict[str, str]:
    """The same modules, by name, with numbers in the place of names.

    known: modules whose names have these values, whether they are among the sources or not. A function among these is
    called here, at the top of a module, and not on the board, and an object in a dictionary is asked for what it knows.
    keep: names that somebody else will import, wherever they are defined. Raises SyntaxError with the module as its
    filename.
    """
    books = [book for names in known.values() for book in names.values() if isinstance(book, dict)]
    objects = {id(known_object) for book in books for known_object in book.values()}
    modules = {name: _Module(name, text, objects) for name, text in sources.items()}
    values: dict[str, dict[str, Any]] = {name: dict(names) for name, names in known.items() if name not in modules}
    for name in modules:
        _resolve(name, modules, values, known)
    unused: dict[str, set[str]] = {name: set() for name in modules}
    while True:  # what one module no longer asks for, another need not define, which may have asked a third
        asked = {ask for name, module in modules.items() for ask in module.asked(values, values[name], unused[name])}
        of = {name: {*keep, *(n for whose, n in asked if whose in (name, None))} for name in modules}
        more = {name: module.unused(values[name], of[name]) for name, module in modules.items()}
        if more == unused:
            return {n: module.linked(values, values[n], of[n], unused[n]) for n, module in modules.items()}
        unused = more


def _resolve(
    name: str, modules: Mapping[str, _Module], values: dict[str, dict[str, Any]], known: Mapping[str, Mapping[str, Any]]
) -> Mapping[str, Any]:
    """What is certain of a module's names; what is known, for a module that is not ours or in a ring of imports."""
    if name not in values:
        values[name] = dict(known.get(name, {}))
        if name in modules:
            values[name].update(modules[name].evaluate(lambda other: _resolve(other, modules, values, known)))
    return values[name]


class _Module:
    def __init__(self, name: str, text: str, objects: Collection[int]) -> None:
        self._text = text
        self._objects = objects
        self._tree = ast.parse(text, name)
        self._nodes = list(ast.walk(self._tree))
        texts = [node for node in self._nodes if isinstance(node, ast.JoinedStr)]
        self._in_texts = {n.id for text in texts for n in _names(text)}
        self._nodes_in_texts = {id(n) for text in texts for n in ast.walk(text)}
        self._read = {  # by statement
            id(s): {n.id for n in _names(s) if isinstance(n.ctx, ast.Load)} for s in self._tree.body
        }
        self._bound = Counter(bindings(self._nodes))
        self._at_top = Counter(name for statement in self._tree.body for name, _ in _assignments(statement))

    def evaluate(self, of: Callable[[str], Mapping[str, Any]]) -> dict[str, Any]:
        """Values of the names that are certain. of: the same of another module."""
        found: dict[str, Any] = {}
        for statement in self._tree.body:
            before = dict(found)
            if isinstance(statement, ast.ImportFrom) and statement.module and not statement.level:
                others = of(statement.module)
                for alias in statement.names:
                    name = alias.asname or alias.name
                    if alias.name in others and self._bound[name] == 1 and name not in _FUNCTIONS:
                        found[name] = others[alias.name]
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
        if name not in _FUNCTIONS and (_fixed(value) or id(value) in self._objects):
            found[name] = value

    def unused(self, own: Mapping[str, Any], asked: Collection[str]) -> set[str]:
        """Names that are certain and that neither this module nor another needs once numbers are written for names."""
        numbers = self._numbers(own)
        once = self._once(own)
        left = {"const", *own} - {*asked}
        while True:
            rest = [
                s for s in self._tree.body if _assign(s, numbers, asked) is None and _written(s, once, left) is None
            ]
            needed = {name for s in rest for name in self._read[id(s)]} - numbers.keys()
            if not needed & left:
                return left
            left -= needed

    def asked(
        self, values: Mapping[str, Mapping[str, Any]], own: Mapping[str, Any], unused: Collection[str]
    ) -> Iterator[tuple[str | None, str]]:
        """(module, name) of what the module fetches while it runs, None for whose it may be. own: what is certain of
        its own."""
        numbers = self._numbers(own)
        replaced = {id(node) for node, _ in self._attributes(values)}
        imported = self._imported()
        for node in self._nodes:
            if isinstance(node, ast.Attribute) and id(node) not in replaced:
                module = imported.get(node.value.id) if isinstance(node.value, ast.Name) else None
                yield module if module in values else None, node.attr
            elif isinstance(node, ast.ImportFrom):
                names = (alias for alias in node.names if (alias.asname or alias.name) not in numbers)
                yield from ((node.module, alias.name) for alias in names if (alias.asname or alias.name) not in unused)

    def _once(self, own: Mapping[str, Any]) -> dict[str, Any]:
        """What its names stand for wherever they stand: those that are bound once."""
        return {name: value for name, value in own.items() if self._bound[name] == 1}

    def _numbers(self, own: Mapping[str, Any]) -> dict[str, Any]:
        """What stands for its names in the module."""
        return {
            name: value
            for name, value in self._once(own).items()
            if _small(value) and name not in self._in_texts  # where in a text: known from 3.12 on
        }

    def _imported(self) -> dict[str, str]:
        """Names that stand for modules, if anything, and for which: `from package import module` at the top."""
        return {
            alias.asname or alias.name: f"{statement.module}.{alias.name}"
            for statement in self._tree.body
            if isinstance(statement, ast.ImportFrom) and not statement.level
            for alias in statement.names
            if self._bound[alias.asname or alias.name] == 1
        }

    def _attributes(self, values: Mapping[str, Mapping[str, Any]]) -> Iterator[tuple[ast.Attribute, Any]]:
        """Every `module.NAME` that is a number, for `from package import module` at the top."""
        imported = self._imported()
        for node in self._nodes:
            if id(node) in self._nodes_in_texts:
                continue
            if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id in imported:
                value = values.get(imported[node.value.id], {}).get(node.attr)
                if _small(value) and isinstance(node.ctx, ast.Load):
                    yield node, value

    def linked(
        self,
        values: Mapping[str, Mapping[str, Any]],
        own: Mapping[str, Any],
        asked: Collection[str],
        unused: Collection[str],
    ) -> str:
        """The module's text with numbers. own: what is certain of its names."""
        attributes = list(self._attributes(values))
        edits = self._edits(own, attributes, asked, unused, line_ends(self._text))
        return interned(edited(self._text, edits))

    def _edits(
        self,
        own: Mapping[str, Any],
        attributes: list[tuple[ast.Attribute, Any]],
        asked: Collection[str],
        unused: Collection[str],
        ends: list[int],
    ) -> Iterator[Edit]:
        numbers = self._numbers(own)
        left = []
        for statement in self._tree.body:
            instead = _assign(statement, numbers, asked)
            if instead is None:
                instead = _written(statement, self._once(own), unused)
            if instead is None:
                left.append(statement)
            if isinstance(statement, ast.ImportFrom):
                instead = _import(statement, {*numbers, *unused})
            if instead is not None:
                yield (*place(statement, ends), instead)
        for name in (name for statement in left for name in _names(statement)):
            if name.id in numbers and isinstance(name.ctx, ast.Load):
                yield (*place(name, ends), _number(numbers[name.id]))
        within = {id(node) for statement in left for node in ast.walk(statement)}
        for attribute, value in attributes:
            if id(attribute) in within:
                yield (*place(attribute, ends), _number(value))


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
    return (
        value is None
        or isinstance(value, (int, str, bytes))
        or (isinstance(value, tuple) and all(_fixed(item) for item in value))
    )


def _small(value: Any) -> bool:
    return type(value) in (int, bool) and -_SMALL <= value < _SMALL


def _names(tree: ast.AST) -> Iterator[ast.Name]:
    return (node for node in ast.walk(tree) if isinstance(node, ast.Name))


def bindings(nodes: Iterable[ast.AST]) -> Iterator[str]:
    """Every name as often as one of the nodes, in whatever scope, binds it."""
    for node in nodes:
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
    """(name, expression) of `a = x`, of `a, b = x, y` or `a, b = range(2)`, and of `a += x`; nothing of any other
    statement."""
    if isinstance(statement, ast.AugAssign) and isinstance(statement.target, ast.Name):
        sum_ = ast.BinOp(ast.Name(statement.target.id, ast.Load()), statement.op, statement.value)
        return [(statement.target.id, ast.fix_missing_locations(ast.copy_location(sum_, statement)))]
    if not isinstance(statement, ast.Assign) or len(statement.targets) != 1:
        return []
    target, value = statement.targets[0], statement.value
    targets, values = [target], [value]
    if isinstance(target, ast.Tuple) and isinstance(value, ast.Tuple) and len(target.elts) == len(value.elts):
        targets, values = target.elts, value.elts
    elif isinstance(target, ast.Tuple) and isinstance(value, ast.Call):
        targets, values = target.elts, _apart(value, len(target.elts))
    names = [name.id for name in targets if isinstance(name, ast.Name)]
    return list(zip(names, values, strict=True)) if len(names) == len(targets) else []


def _apart(value: ast.Call, n: int) -> list[ast.expr]:
    """The items of what is unpacked into n names; none has a value unless they are as many."""
    names = [f"_{i}" for i in range(n)]
    text = f"(lambda {', '.join(names)}: ({', '.join(names)},))(*_)[0]"
    out: list[ast.expr] = []
    for i in range(n):
        item = ast.parse(text, mode="eval").body
        assert isinstance(item, ast.Subscript) and isinstance(item.value, ast.Call)
        item.value.args = [ast.Starred(value, ast.Load())]
        item.slice = ast.Constant(i)
        out.append(ast.fix_missing_locations(item))
    return out


def _number(value: int) -> str:
    return str(value) if isinstance(value, bool) else f"({value})"


def _assign(statement: ast.stmt, numbers: Mapping[str, Any], asked: Collection[str]) -> str | None:
    names = [name for name, _ in _assignments(statement)]
    if not names or any(name not in numbers for name in names):
        return None
    return "; ".join(f"{name} = {numbers[name]}" for name in names if name in asked) or "pass"


def _written(statement: ast.stmt, once: Mapping[str, Any], unused: Collection[str]) -> str | None:
    """What stands for a definition of what is certain and no number: nothing when it is unused, or the value itself."""
    names = [name for name, _ in _assignments(statement)]
    if names and all(name in unused for name in names):
        return "pass"
    if len(names) != 1 or isinstance(statement, ast.AugAssign) or names[0] not in once:
        return None
    value = once[names[0]]
    if type(value) in (bytes, int) or (type(value) is tuple and all(_small(item) for item in value)):
        return f"{names[0]} = {value!r}"
    return None


def _import(statement: ast.ImportFrom, gone: set[str]) -> str | None:
    kept = [alias for alias in statement.names if (alias.asname or alias.name) not in gone]
    if len(kept) == len(statement.names):
        return None
    names = ", ".join(f"{alias.name} as {alias.asname}" if alias.asname else alias.name for alias in kept)
    return f"from {'.' * statement.level}{statement.module or ''} import {names}" if kept else ""


def line_ends(text: str) -> list[int]:
    """Offset in bytes behind each line, 0 before the first."""
    ends = [0]
    for line in text.encode().splitlines(keepends=True):
        ends.append(ends[-1] + len(line))
    return ends


def place(node: ast.stmt | ast.expr, ends: list[int]) -> tuple[int, int]:
    """Where a node is in a text, in bytes from and to."""
    assert node.end_lineno is not None and node.end_col_offset is not None
    return ends[node.lineno - 1] + node.col_offset, ends[node.end_lineno - 1] + node.end_col_offset


def edited(text: str, edits: Iterable[Edit]) -> str:
    """The text with something else in some places; all lines stay where they are."""
    data = text.encode()
    for start, end, instead in sorted(edits, reverse=True):
        instead += "\n" * (data.count(b"\n", start, end) - instead.count("\n"))
        data = data[:start] + instead.encode() + data[end:]
    return data.decode()
