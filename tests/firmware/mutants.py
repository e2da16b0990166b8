"""Small wrong versions of a module, to see whether its tests notice: a test of the tests.

A mutant differs from the module in one place: a comparison, an operator, a number, true for false, a condition, min for
max, or a statement left out. It is killed when a test fails, or does not come to an end.
"""

from __future__ import annotations

import ast
import copy
import importlib
import importlib.util
import signal
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from types import FrameType, ModuleType

ROOT = Path(__file__).resolve().parents[2]
ENDLESS_S = 30  # a test file that takes a second as a rule; a slow machine can only make a mutant look killed

_COMPARE: dict[type, tuple[type, ...]] = {
    ast.Lt: (ast.LtE, ast.GtE),
    ast.LtE: (ast.Lt, ast.Gt),
    ast.Gt: (ast.GtE, ast.LtE),
    ast.GtE: (ast.Gt, ast.Lt),
    ast.Eq: (ast.NotEq,),
    ast.NotEq: (ast.Eq,),
    ast.In: (ast.NotIn,),
    ast.NotIn: (ast.In,),
}
_OPERATE: dict[type, tuple[type, ...]] = {
    ast.Add: (ast.Sub,),
    ast.Sub: (ast.Add,),
    ast.Mult: (ast.FloorDiv,),
    ast.FloorDiv: (ast.Mult, ast.Mod),
    ast.Mod: (ast.FloorDiv,),
    ast.BitAnd: (ast.BitOr,),
}


@dataclass(frozen=True)
class Mutant:
    """What was changed, where, and the changed module's tree."""

    line: int
    change: str
    tree: ast.Module


def mutants(source: str) -> Iterator[Mutant]:
    """Every mutant of a module's source. Constructors are left alone: what they set, begin() sets again. So is what
    only type checkers read."""
    tree = ast.parse(source)
    left_alone = [n for n in ast.walk(tree) if isinstance(n, ast.FunctionDef) and n.name == "__init__"]
    left_alone += [n for n in tree.body if isinstance(n, ast.If) and ast.unparse(n.test) == "TYPE_CHECKING"]
    left_alone += [n for n in tree.body if isinstance(n, ast.Assign) and ast.unparse(n.targets[0]) == "TYPE_CHECKING"]
    spared = {id(n) for part in left_alone for n in ast.walk(part)}
    for at, node in enumerate(ast.walk(tree)):
        if id(node) in spared:
            continue
        for change, apply in _changes(node):
            changed = copy.deepcopy(tree)
            place = next(n for i, n in enumerate(ast.walk(changed)) if i == at)
            before = ast.unparse(place)
            apply(place)
            ast.fix_missing_locations(changed)
            yield Mutant(getattr(node, "lineno", 0), f"{change}: {before} -> {ast.unparse(place)}", changed)


def _changes(node: ast.AST) -> Iterator[tuple[str, Callable[[ast.AST], None]]]:
    if isinstance(node, ast.Compare):
        for i, op in enumerate(node.ops):
            for other in _COMPARE.get(type(op), ()):
                yield "compare", lambda n, i=i, other=other: n.ops.__setitem__(i, other())  # type: ignore[misc]
    elif isinstance(node, (ast.BinOp, ast.AugAssign)):
        for other in _OPERATE.get(type(node.op), ()):
            yield "operator", lambda n, other=other: setattr(n, "op", other())  # type: ignore[misc]
    elif isinstance(node, ast.Constant) and type(node.value) is int:
        yield "number", lambda n: setattr(n, "value", n.value + 1)  # type: ignore[attr-defined]
        yield "number", lambda n: setattr(n, "value", n.value - 1)  # type: ignore[attr-defined]
    elif isinstance(node, ast.Constant) and type(node.value) is bool:
        yield "truth", lambda n: setattr(n, "value", not n.value)  # type: ignore[attr-defined]
    elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in ("min", "max"):
        swapped = "max" if node.func.id == "min" else "min"
        yield "least or most", lambda n: setattr(n.func, "id", swapped)  # type: ignore[attr-defined]
    elif isinstance(node, ast.BoolOp):
        other_op = ast.Or if isinstance(node.op, ast.And) else ast.And
        yield "and or or", lambda n: setattr(n, "op", other_op())
    if isinstance(node, (ast.If, ast.While, ast.IfExp)):
        yield "condition", lambda n: setattr(n, "test", ast.UnaryOp(ast.Not(), n.test))  # type: ignore[attr-defined]
    if isinstance(node, (ast.Assign, ast.AugAssign)) or (
        isinstance(node, ast.Expr) and isinstance(node.value, ast.Call)
    ):
        yield "left out", _leave_out


def _leave_out(node: ast.AST) -> None:
    """Turns a statement into `0`, which does nothing."""
    node.__class__ = ast.Expr
    node.__dict__["value"] = ast.Constant(0)


class EndlessError(Exception):
    """A test did not come to an end."""


def killed(module: str, tree: ast.Module, tests: tuple[Path, ...]) -> bool:
    """Whether a test function of the files `tests` fails when `module` is the mutant, for all that imports it."""
    package = module.partition(".")[0]
    helpers = {file.stem for test in tests for file in test.parent.glob("*.py")}
    real = {name: sys.modules.pop(name) for name in list(sys.modules) if name.partition(".")[0] in {package} | helpers}
    path = list(sys.path)
    sys.path[:0] = [str(test.parent) for test in tests]
    before = signal.signal(signal.SIGALRM, _endless)
    began = time.monotonic()
    left_s, every_s = signal.setitimer(signal.ITIMER_REAL, ENDLESS_S)
    try:
        mutant = ModuleType(module)
        importlib.import_module(package)
        sys.modules[module] = mutant
        setattr(sys.modules[package], module.rpartition(".")[2], mutant)
        exec(compile(tree, f"<mutant of {module}>", "exec"), mutant.__dict__)
        for file in tests:
            for test in _functions(file):
                test()
    except (Exception, EndlessError):
        return True
    finally:
        # There is one such timer, and the test that called may have its own time limit in it: it goes on with the rest.
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
        if left_s:
            signal.setitimer(signal.ITIMER_REAL, max(0.001, left_s - (time.monotonic() - began)), every_s)
        sys.path[:] = path
        for name in list(sys.modules):
            if name.partition(".")[0] in {package} | helpers:
                del sys.modules[name]
        sys.modules.update(real)
    return False


def _endless(_signal: int, _frame: FrameType | None) -> None:
    raise EndlessError


def _functions(path: Path) -> list[Callable[[], None]]:
    spec = importlib.util.spec_from_file_location("tests_of_a_mutant", path)
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return [value for name, value in vars(module).items() if name.startswith("test_")]
