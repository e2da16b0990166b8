"""A commented example of a configuration file, rendered from its models so that it cannot go stale."""

from __future__ import annotations

import json
import textwrap
from pathlib import Path
from typing import Literal, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo

HEAD = """\
# Assuage configuration. Every key has its default here, except link.port, which must be given.
# `assuage config check FILE` says what is wrong with a file, all mistakes at once.
"""


def render(model: type[BaseModel]) -> str:
    """TOML text with every section and key of `model`, one comment line each."""
    parts = [HEAD]
    for name, field in model.model_fields.items():
        section = field.annotation
        if not (isinstance(section, type) and issubclass(section, BaseModel)):
            raise TypeError(f"{name} is not a section")
        doc = textwrap.wrap(" ".join((section.__doc__ or "").split()), 110)
        head = "".join(f"# {line}\n" for line in doc)
        parts.append(f"\n{head}[{name}]\n" + "".join(_key(key, item) for key, item in section.model_fields.items()))
    return "".join(parts)


def _key(name: str, field: FieldInfo) -> str:
    """A comment line and the key with its default; an optional key is commented out."""
    doc = field.description or name
    if get_origin(field.annotation) is Literal:
        doc += ": " + ", ".join(json.dumps(choice) for choice in get_args(field.annotation))
    if field.is_required():
        value = (field.examples or [""])[0]
    else:
        value = field.default
    if value is None:
        return f'# {doc}\n# {name} = ""\n'
    return f"# {doc}\n{name} = {toml_value(value)}\n"


def toml_value(value: object) -> str:
    """A scalar as TOML writes it; a string of JSON is one of TOML too."""
    if isinstance(value, (bool, int, float)):
        return json.dumps(value)
    if isinstance(value, (str, Path)):
        return json.dumps(str(value), ensure_ascii=False).replace("\x7f", "\\u007f")  # the one that only TOML escapes
    raise TypeError(f"no TOML for {value!r}")
