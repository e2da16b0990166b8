"""Makes host/assuage/link/messages.py: one NamedTuple per message, so that the host's code is typed by the table."""

from __future__ import annotations

import textwrap

from assuage_wire import schema
from assuage_wire.codec import MESSAGES, Message

HEAD = '''"""One NamedTuple per message of the wire. Generated from protocol/assuage_wire/schema.py by `make gen`: do
not edit."""

from __future__ import annotations

from typing import NamedTuple
'''


def _type(fmt: str) -> str:
    if fmt[-1] == "s":
        return "bytes"
    return "tuple[int, ...]" if len(fmt) > 1 else "int"


def _wrap(text: str, indent: str) -> str:
    return textwrap.fill(text, width=118, initial_indent=indent, subsequent_indent=indent)


def _one(m: Message) -> str:
    said = next(row[5] for row in schema.MESSAGES if row[1] == m.name)
    lines = [f"class {m.name}(NamedTuple):", _wrap('"""' + said, "    ").rstrip() + '"""' if len(said) < 108 else ""]
    if not lines[1]:
        lines[1] = _wrap('"""' + said, "    ") + '\n    """'
    lines.append("")
    for name, fmt, unit, _lo, _hi, doc in m.fields:
        lines.append(_wrap(f"# {doc}{f' [{unit}]' if unit else ''}", "    ").replace("\n    ", "\n    # "))
        hides = "  # type: ignore[assignment]  # hides tuple.index" if name in ("index", "count") else ""
        lines.append(f"    {name}: {_type(fmt)}{hides}")
    return "\n".join(lines)


def source() -> str:
    """The file's text."""
    classes = "\n\n\n".join(_one(m) for m in MESSAGES)
    names = textwrap.fill(
        " | ".join(m.name for m in MESSAGES), width=112, initial_indent="    ", subsequent_indent="    "
    )
    table = ",\n".join(f"    0x{m.id:02X}: {m.name}" for m in MESSAGES)
    types = f"AnyMessage = (\n{names}\n)\n\nBY_ID: dict[int, type[AnyMessage]] = {{\n{table},\n}}"
    return f"{HEAD}\n\n{classes}\n\n\n{types}\n"
