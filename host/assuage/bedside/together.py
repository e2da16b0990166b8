"""Two pumps at one patient go by one interlock: the rows that guard the one guard the other."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from assuage.bedside.active import ENDED, Active
from assuage.bedside.guarding import Guard
from assuage.errors import Refused

GUARDED: Final = "The bed's other pump is guarded by vital signs ({}). Guard this one by the same, or stop that one."
UNGUARDED: Final = "The bed's other pump is not guarded. Order this one without guards too, or stop that one."


def agree(rows: Sequence[Guard], others: Iterable[Active | None]) -> None:
    """Before an order with these rows goes to its board. others: the programmes of the bed's other pumps.

    Raises Refused where one that has not ended goes by other rows.
    """
    asked = sorted(row.fields() for row in rows)
    for other in others:
        if other is None or other.stage == ENDED:
            continue
        held = other.terms.get("guards") or []
        if asked != sorted(tuple(row["fields"]) for row in held):
            said = GUARDED.format("; ".join(str(row["sentence"]).rstrip(".") for row in held)) if held else UNGUARDED
            raise Refused("guard", said, by="host")
