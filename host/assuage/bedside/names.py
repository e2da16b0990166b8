"""Names of people, as they give them with an order; who is meant by one is not proven."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from assuage.errors import BadInput

LONGEST: Final = 40  # characters


def person(text: object, field: str = "who") -> str:
    """A name of 1 to 40 characters, with single blanks. Raises BadInput."""
    name = " ".join(text.split()) if isinstance(text, str) else ""
    if not name or len(name) > LONGEST or not name.isprintable():
        raise BadInput(field, f"Give a name of at most {LONGEST} characters, so that the record says who it was.")
    return name


def another(data: Mapping[str, Any]) -> str:
    """The `second` of a request, who has looked at it as well; "" where there is none. Raises BadInput."""
    return person(data["second"], "second") if data.get("second") else ""


def same(one: str, other: str) -> bool:
    """Whether two names are one person's, however they are written."""
    return " ".join(one.split()).casefold() == " ".join(other.split()).casefold()
