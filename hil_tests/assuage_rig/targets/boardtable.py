"""schema.py as a board gets it: the same table without docs, units and the names of fields.

A board asks at boot, when the codec makes its plans of the table. What it would look up by a field's name is looked up
when its code is built (see boardconst.py and mpybuild.py), and so is the table's id. What is left of a field is its
form and range, of which there are few: they stand in one text, which stays in flash, and a message's fields are a text
of one character each. Rows and fields are made anew each time that they are iterated over, and nothing is kept.
"""

from __future__ import annotations

import ast
import builtins
from collections.abc import Mapping
from types import SimpleNamespace
from typing import Any

_HEAD = """\
class _Messages:
    def __iter__(self):
        return _rows()


def _fields(text):
    forms = _FORMS.split(" ")
    for letter in text:
        form, lo, hi = forms[ord(letter) - 48].split("|")
        yield "", form, "", int(lo) if lo else None, int(hi) if hi else None, ""
"""


class TableError(ValueError):
    """The board's table would not say the same as schema.py; the message says where."""


def board_table(source: str) -> str:
    """Source text of the board's schema module from that of schema.py.

    All public names mean the same, but that the docs of messages and the docs, units and names of fields are empty, and
    that MESSAGES and fields are no tuples: they can be iterated over, fields once. Raises TableError when that cannot
    be had, SyntaxError and what else running `source` raises.
    """
    full = values(source)
    kept = [_HEAD]
    for statement in ast.parse(source).body:
        names = _assigned(statement)
        if not names and not _is_text(statement):
            raise TableError(f"schema.py line {statement.lineno} is no assignment, which a board's table is made of")
        for name in names:
            if not name.startswith("_"):
                kept.append(f"{name} = {_messages(full[name]) if name == 'MESSAGES' else repr(full[name])}")
    text = "\n".join(kept) + "\n"
    _compare(full, values(text))
    return text


def values(source: str, modules: Mapping[str, Mapping[str, Any]] | None = None) -> dict[str, Any]:
    """What a module's names mean. modules: what it imports from these, instead of from what is installed here."""
    names: dict[str, Any] = {"__name__": "board"}
    if modules:
        ours = {name: SimpleNamespace(**meant) for name, meant in modules.items()}

        def imported(name: str, *how: Any) -> Any:
            return ours[name] if name in ours else __import__(name, *how)

        names["__builtins__"] = {**vars(builtins), "__import__": imported}
    exec(compile(source, "board", "exec"), names)
    return names


def _assigned(statement: ast.stmt) -> list[str]:
    targets = statement.targets if isinstance(statement, ast.Assign) else []
    return [target.id for target in targets if isinstance(target, ast.Name)]


def _is_text(statement: ast.stmt) -> bool:
    return isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)


def _messages(rows: Any) -> str:
    forms: dict[str, str] = {}
    lines = ["_Messages()", "def _rows():"]
    for *head, fields in _stripped(rows):
        texts = ["|".join("" if value is None else str(value) for value in (field[1], *field[3:5])) for field in fields]
        letters = "".join(forms.setdefault(text, chr(48 + len(forms))) for text in texts)
        lines.append(f"    yield {', '.join(map(repr, head))}, _fields({letters!r})")
    return "\n".join([*lines, f"_FORMS = {' '.join(forms)!r}"])


def _stripped(rows: Any) -> list[Any]:
    """Rows without docs, and fields without names and units too."""
    return [(*row[:5], "", [("", field[1], "", *field[3:5], "") for field in row[6]]) for row in rows]


def _compare(full: dict[str, Any], board: dict[str, Any]) -> None:
    names = {name for name in full if not name.startswith("_")}
    if {name for name in board if not name.startswith("_")} != names:
        raise TableError("the board's table has not the same names as schema.py")
    for name in names - {"MESSAGES"}:
        if board[name] != full[name]:
            raise TableError(f"{name} is not the same on a board as in schema.py")
    if _stripped(board["MESSAGES"]) != _stripped(full["MESSAGES"]):
        raise TableError("MESSAGES is not the same on a board as in schema.py: a form may hold no | and no blank")
