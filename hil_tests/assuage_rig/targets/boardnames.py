"""Writes short names where nobody outside reads the long ones, before the firmware is compiled for a board.

A .mpy file holds the text of each name that its code looks up, and of each argument. Three kinds are the firmware's own
business: attributes that begin with an underscore, globals that do, and positional arguments that nobody passes by
keyword. The first two get the same new name in all files; an argument's is its function's. Names of one file each may
become one name, unless an object may have both: every text that a board knows takes room in its table of names, which
grows by doubling. Functions, classes, modules and whatever begins with two underscores keep
theirs, so that a traceback still says where. Lines stay where they are.
"""

from __future__ import annotations

import ast
import io
import keyword
import re
import string
import tokenize
from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from itertools import islice, product

from assuage_rig.targets import boardconst

_AS_WRITTEN = ("asm_", "native", "viper")  # decorators whose functions are another language
_FUNCTION = (ast.FunctionDef, ast.AsyncFunctionDef)
_SCOPE = (*_FUNCTION, ast.Lambda, ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp, ast.ClassDef)
_Edit = tuple[int, int, int, str]  # row, columns in bytes from and to, and what stands there instead


def shorten(
    sources: Mapping[str, str], keep: Collection[str] = (), apart: Mapping[str, str] | None = None
) -> tuple[dict[str, str], dict[str, str]]:
    """The same files, by name, with short names, and what the attributes and globals are now called.

    keep: names that a program outside uses. apart: the same files before some of them were joined.
    """
    trees = {name: ast.parse(text) for name, text in sources.items()}
    attributes, globals_ = _private(trees.values(), {*keep, *_fixed(trees.values())})
    tokens = {name: list(_tokens(text)) for name, text in sources.items()}
    known = {token for found in tokens.values() for *_, token in found}
    new: dict[str, str] = {}
    for names, prefix, files in ((attributes, "", apart or sources), (globals_, "_", sources)):
        new.update(_new(names, files, (n for n in _short(prefix) if n not in known), family=not prefix))
    keywords = {*keep, *(name for tree in trees.values() for name in _keywords(tree))}
    texts = {}
    for file, text in sources.items():
        edits = {edit[:2]: edit for edit in _replaced(tokens[file], new)}
        edits.update((edit[:2], edit) for edit in _arguments(trees[file], keywords))
        texts[file] = _edited(text, edits.values())
    return texts, new


def forget_classes(text: str) -> str:
    """A file whose classes do not keep their own and their module's names beside their methods: two places in each
    class's dictionary. It is said where a class has its docstring, which no board keeps; an error names the class all
    the same."""
    ends = boardconst.line_ends(text)
    first = (node.body[0] for node in ast.walk(ast.parse(text)) if isinstance(node, ast.ClassDef))
    documents = (s for s in first if isinstance(s, ast.Expr) and isinstance(s.value, ast.Constant))
    return boardconst.edited(text, ((*boardconst.place(s, ends), "del __module__, __qualname__") for s in documents))


def _new(names: set[str], files: Mapping[str, str], short: Iterator[str], family: bool) -> Iterator[tuple[str, str]]:
    """(name, short name): what is known in more than one file first, and then what is not, for each file anew. family:
    what is known in one file may be of an object that knows what is known in another one."""
    tokens = {name: {token for *_, token in _tokens(text)} for name, text in files.items()}
    count = Counter(token for found in tokens.values() for token in found)
    by_use = sorted((name for name in names if count[name]), key=lambda name: (-count[name], name))
    kin = _kin({name: ast.parse(text) for name, text in files.items()}) if family else set()
    own = {n: file for file, found in tokens.items() if file not in kin for n in found if count[n] == 1}
    everybodys = [name for name in by_use if name not in own]
    yield from zip(everybodys, short, strict=False)
    rest = list(islice(short, max(Counter(own[n] for n in by_use if n in own).values(), default=0)))
    used: Counter[str] = Counter()
    for name in (name for name in by_use if name in own):
        yield name, rest[used[own[name]]]
        used[own[name]] += 1


def _kin(trees: Mapping[str, ast.Module]) -> set[str]:
    """Files of classes that inherit from one of another file, or that one of another file inherits from."""
    classes = [
        (file, node) for file, tree in trees.items() for node in ast.walk(tree) if isinstance(node, ast.ClassDef)
    ]
    kin = set()
    for file, node in classes:
        bases = {name for base in node.bases for name in _identifiers(base)}
        there = {other for other, parent in classes if parent.name in bases} - {file}
        kin |= {file, *there} if there else set()
    return kin


def _replaced(tokens: Collection[_Edit], new: Mapping[str, str]) -> Iterator[_Edit]:
    return ((row, start, end, new[name]) for row, start, end, name in tokens if name in new)


def _keywords(tree: ast.AST) -> Iterator[str]:
    """Names by which an argument may be passed: keywords, and keys that `**` may make into such."""
    for node in ast.walk(tree):
        if isinstance(node, ast.keyword) and node.arg:
            yield node.arg
        elif isinstance(node, ast.Dict):
            yield from (key.value for key in node.keys if isinstance(key, ast.Constant) and isinstance(key.value, str))


def _private(trees: Collection[ast.Module], fixed: Collection[str]) -> tuple[set[str], set[str]]:
    """(attributes, other names) that begin with an underscore, are bound in these files and are not fixed."""
    nodes = [node for tree in trees for node in ast.walk(tree)]
    attributes = {n.attr for n in nodes if isinstance(n, ast.Attribute) and isinstance(n.ctx, ast.Store)}
    others = {n.id for n in nodes if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)}
    others |= {n.arg for n in nodes if isinstance(n, ast.arg)}
    others |= {alias.asname for n in nodes if isinstance(n, ast.ImportFrom) for alias in n.names if alias.asname}
    long = {n for n in attributes | others if n.startswith("_") and not n.startswith("__") and len(n) > 2} - {*fixed}
    return long & attributes - others, long & others


def _fixed(trees: Collection[ast.Module]) -> Iterator[str]:
    """Names of functions, classes and modules, names that stand in texts, and those in what is another language."""
    for tree in trees:
        documents = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
        for node in ast.walk(tree):
            if isinstance(node, (*_FUNCTION, ast.ClassDef)):
                yield node.name
            elif isinstance(node, ast.Import):
                yield from (word for alias in node.names for word in alias.name.split("."))
            elif isinstance(node, ast.ImportFrom):
                yield from (node.module or "").split(".")
            elif isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in documents:
                yield from re.findall(r"\w+", node.value)
            if isinstance(node, ast.JoinedStr) or _as_written(node):
                yield from _identifiers(node)


def _as_written(node: ast.AST) -> bool:
    return isinstance(node, _FUNCTION) and any(
        word in ast.unparse(decorator) for decorator in node.decorator_list for word in _AS_WRITTEN
    )


def _identifiers(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        yield from (value for _, value in ast.iter_fields(node) if isinstance(value, str))


def _arguments(tree: ast.Module, keywords: Collection[str]) -> Iterator[_Edit]:
    """Short names for what functions are given by position."""
    called: dict[int, str] = {}  # nodes by identity and what they are called now
    for function in ast.walk(tree):  # outer ones first
        if not isinstance(function, _FUNCTION) or _as_written(function):
            continue
        inside = [node for node in ast.walk(function) if isinstance(node, (ast.Name, ast.arg))]
        stays = {*keywords, *_bound_within(function), *_looked_up_elsewhere(function)}
        taken = {called.get(id(node), _name(node)) for node in inside}
        given = [arg.arg for arg in (*function.args.posonlyargs, *function.args.args) if arg.arg not in stays]
        letters = (letter for letter in _short("") if letter not in taken)
        new = {name: name if len(name) == 1 else next(letters) for name in given}
        for node in inside:
            name = _name(node)
            if new.get(name, name) != name and id(node) not in called:
                called[id(node)] = new[name]
                yield node.lineno - 1, node.col_offset, node.col_offset + len(name.encode()), new[name]


def _bound_within(function: ast.AST) -> Iterator[str]:
    """Names that mean something else in a scope inside the function, or that it says are not its own."""
    for scope in ast.walk(function):
        if isinstance(scope, (ast.Global, ast.Nonlocal)):
            yield from scope.names
        if scope is function or not isinstance(scope, _SCOPE):
            continue
        for node in ast.walk(scope):
            if isinstance(node, ast.arg):
                yield node.arg
            elif isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load):
                yield node.id


def _looked_up_elsewhere(function: ast.FunctionDef | ast.AsyncFunctionDef) -> Iterator[str]:
    """Names in its head, which belong to the scope around it, and in formatted texts: before 3.12 nobody knows where
    these stand."""
    parts = [*function.decorator_list, *function.args.defaults, *function.args.kw_defaults, function.returns]
    parts += [node.annotation for node in ast.walk(function.args) if isinstance(node, ast.arg)]
    parts += [node for node in ast.walk(function) if isinstance(node, ast.JoinedStr)]
    yield from (node.id for part in parts if part for node in ast.walk(part) if isinstance(node, ast.Name))


def _name(node: ast.Name | ast.arg) -> str:
    return node.id if isinstance(node, ast.Name) else node.arg


def _tokens(text: str) -> Iterator[_Edit]:
    """Every name in a file with its place."""
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type == tokenize.NAME:
            row, column = token.start[0] - 1, len(token.line[: token.start[1]].encode())
            yield row, column, column + len(token.string.encode()), token.string


def _short(prefix: str) -> Iterator[str]:
    names = (prefix + "".join(letters) for n in (1, 2) for letters in product(string.ascii_letters, repeat=n))
    return (name for name in names if not keyword.iskeyword(name))


def _edited(text: str, edits: Collection[_Edit]) -> str:
    lines = text.encode().splitlines(keepends=True)
    for row, start, end, instead in sorted(edits, reverse=True):
        lines[row] = lines[row][:start] + instead.encode() + lines[row][end:]
    return b"".join(lines).decode()
