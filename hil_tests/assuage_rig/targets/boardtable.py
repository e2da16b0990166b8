"""schema.py as a board gets it: the same table without docs, its fields and enumerations as texts that are read when
asked for.

A board asks at boot, when the codec makes its plans of the table, and hardly ever again. As tuples it would take more
of the heap for ever than all that is made of it; a text stays in flash.
"""

from __future__ import annotations

import ast
from typing import Any

_HEAD = """\
class _Lines:
    def __init__(self, text):
        self._text = text

    def _lines(self):
        return self._text.split("\\n") if self._text else []

    def __len__(self):
        return len(self._lines())

    def __iter__(self):
        for line in self._lines():
            yield self._item(line)

    def __getitem__(self, i):
        return self._item(self._lines()[i])

    def _item(self, line):
        return line

    def index(self, item):
        return self._lines().index(item)


class _Fields(_Lines):
    def _item(self, line):
        name, form, unit, lo, hi = line.split("|")
        return name, form, unit, int(lo) if lo else None, int(hi) if hi else None, ""
"""


class TableError(ValueError):
    """The board's table would not say the same as schema.py; the message says where."""


def board_table(source: str) -> str:
    """Source text of the board's schema module from that of schema.py.

    All public names mean the same, but that the docs of messages and fields are empty, and that fields and
    enumerations are no tuples: they have a length, can be indexed, iterated over and, as enumerations, asked for an
    index. Raises TableError when that cannot be had, SyntaxError and what else running `source` raises.
    """
    full = values(source)
    kept = [_HEAD]
    for statement in ast.parse(source).body:
        names = _assigned(statement)
        if not names and not _is_text(statement):
            raise TableError(f"schema.py line {statement.lineno} is no assignment, which a board's table is made of")
        for name in names:
            if not name.startswith("_"):
                kept.append(f"{name} = {_messages(full[name]) if name == 'MESSAGES' else _plain(full[name])}")
    text = "\n".join(kept) + "\n"
    _compare(full, values(text))
    return text


def values(source: str) -> dict[str, Any]:
    """What schema.py's names mean."""
    names: dict[str, Any] = {"__name__": "schema"}
    exec(compile(source, "schema.py", "exec"), names)
    return names


def _assigned(statement: ast.stmt) -> list[str]:
    targets = statement.targets if isinstance(statement, ast.Assign) else []
    return [target.id for target in targets if isinstance(target, ast.Name)]


def _is_text(statement: ast.stmt) -> bool:
    return isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)


def _is_codes(value: Any) -> bool:
    return isinstance(value, tuple) and bool(value) and all(isinstance(item, str) for item in value)


def _plain(value: Any) -> str:
    return "_Lines({!r})".format("\n".join(value)) if _is_codes(value) else repr(value)


def _messages(rows: Any) -> str:
    lines = ["("]
    for *head, fields in _without_docs(rows):
        text = "\n".join("|".join("" if value is None else str(value) for value in field[:5]) for field in fields)
        lines.append(f"    ({', '.join(map(repr, head))}, _Fields({text!r})),")
    return "\n".join([*lines, ")"])


def _without_docs(rows: Any) -> list[Any]:
    return [(*row[:5], "", [(*row[6][i][:5], "") for i in range(len(row[6]))]) for row in rows]


def _compare(full: dict[str, Any], board: dict[str, Any]) -> None:
    names = {name for name in full if not name.startswith("_")}
    if {name for name in board if not name.startswith("_")} != names:
        raise TableError("the board's table has not the same names as schema.py")
    for name in names - {"MESSAGES"}:
        if (tuple(board[name]) if _is_codes(full[name]) else board[name]) != full[name]:
            raise TableError(f"{name} is not the same on a board as in schema.py")
    if _without_docs(board["MESSAGES"]) != _without_docs(full["MESSAGES"]):
        raise TableError("MESSAGES is not the same on a board as in schema.py: a name or unit may hold no | or newline")
