"""schema.py as a board gets it: the same table without the docs, and with fields that are alike made once."""

from __future__ import annotations

import ast
from typing import Any


class TableError(ValueError):
    """The board's table would not say the same as schema.py; the message says where."""


def board_table(source: str) -> str:
    """Source text of the board's schema module from that of schema.py.

    All public names mean the same, but that the docs of messages and fields are empty.
    Raises TableError when that cannot be had, SyntaxError and what else running `source` raises.
    """
    full = values(source)
    kept = []
    for statement in ast.parse(source).body:
        names = _assigned(statement)
        if "MESSAGES" in names:
            kept.append(_messages(full["MESSAGES"]))
        elif names and not any(name.startswith("_") for name in names):
            kept.append(ast.unparse(statement))
        elif not names and not _is_text(statement):
            raise TableError(f"schema.py line {statement.lineno} is no assignment, which a board's table is made of")
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


def _messages(rows: Any) -> str:
    rows = _without_docs(rows)
    fields = list(dict.fromkeys(field for row in rows for field in row[6]))
    lines = [f"_F = ({''.join(f'{field!r}, ' for field in fields)})", "MESSAGES = ("]
    for *head, own in rows:
        items = "".join(f"_F[{fields.index(field)}], " for field in own)
        lines.append(f"    ({', '.join(map(repr, head))}, ({items})),")
    return "\n".join([*lines, ")"])


def _without_docs(rows: Any) -> list[Any]:
    return [(*row[:5], "", tuple((*field[:5], "") for field in row[6])) for row in rows]


def _compare(full: dict[str, Any], board: dict[str, Any]) -> None:
    def public(names: dict[str, Any]) -> dict[str, Any]:
        return {name: value for name, value in names.items() if not name.startswith("_") and name != "MESSAGES"}

    if public(full) != public(board):
        raise TableError("the board's table has not the same names and values as schema.py")
    if list(board["MESSAGES"]) != _without_docs(full["MESSAGES"]):
        raise TableError("MESSAGES is not the same on a board as in schema.py")
